"""Stars against a plain account of them: every object a dictionary, every law a convolution without an end."""

from collections import defaultdict

import numpy as np
import pytest

from kayfabe.instruments.coordination_worlds import Platform, Ring, simulate
from kayfabe.stats import coshare_scan
from kayfabe.stats.compiled import told
from kayfabe.stats.coshare_analysis import analyse
from kayfabe.stats.coshare_groups import UNCERTAIN
from kayfabe.stats.coshare_tests import point_tails


def law_of(met, trials):
    """(P of each sum of surprises, the sum seen) of these meetings on one object."""
    tails = point_tails(met.chance[trials], met.tight[trials], np.array([0]), np.array([len(trials)]), UNCERTAIN, 7).values
    score = np.floor(-6 * np.log(tails)).astype(int)
    score[:4] = 0
    law = np.zeros(score.max() + 1)
    np.add.at(law, score, tails - np.append(tails[1:], 0))
    return law, score[met.points[trials].sum()]


def test_stars_are_those_of_a_loop():
    platform = Platform(accounts=400, rows=6000, communities=3, days=4, clubs=2, fans=20)
    made = simulate(np.random.default_rng(3), platform, (Ring(m=6),))
    done = analyse(made.obj, made.account, np.round(made.at).astype(np.int64), len(made.ring), 60, lambda *_: None)
    met, seeds, meetings = done.met, defaultdict(set), defaultdict(dict)
    for e, (a, b, o, close) in enumerate(zip(met.a[met.pair].tolist(), met.b[met.pair].tolist(), met.obj.tolist(), met.close.tolist(), strict=True)):
        for anchor, other in ((a, b), (b, a)):
            meetings[anchor, other][o] = e
            if close:
                seeds[anchor, o].add(other)
    expected = {}
    for (anchor, seed), others in seeds.items():
        objects = defaultdict(list)
        for other in others:
            for o, e in meetings[anchor, other].items():
                if o != seed:
                    objects[o].append(e)
        wide = [np.array(trials) for trials in objects.values() if len(trials) >= 2]
        if len(others) < 2 or len(wide) < 2:
            continue
        total, seen = np.ones(1), 0
        for trials in wide:
            law, score = law_of(met, trials)
            total, seen = np.convolve(total, law), seen + score
        expected[anchor, seed] = min(1.0, max(1e-13, total[min(seen, 223) :].sum()))
    found = dict(zip(zip(done.stars.anchor.tolist(), done.stars.seed.tolist(), strict=True), done.stars.p.tolist(), strict=True))
    assert found.keys() == expected.keys()
    assert len(found) > 100
    assert min(found.values()) < 1e-6
    assert [found[k] for k in found] == pytest.approx([expected[k] for k in found], rel=1e-2)


def test_compiling_is_a_stage_of_its_own():
    seen = []
    fresh = coshare_scan.within.__class__(coshare_scan.within.py_func)
    with told(lambda *step: seen.append(step)):
        fresh(np.array([0, 4, 9]), 5)
    assert seen == [("compiling, once", 0, None)]

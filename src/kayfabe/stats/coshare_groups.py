"""Groups that move together on few objects: stars around one share, tested on all other objects.

A star is one account's share of a seed object with the accounts that shared it within the window: two or more of them. Whether they
meet again is asked on every other object, where their chances are known. Each of them scores there: within the window of the same
account, more within its inner third (where level rates put a third of chance). An object counts by its surprise (minus log of the
chance of as high a sum), and only where two or more are within the window: a few objects on which nearly all come together weigh much,
scattered coincidences nothing. The seed chose the group and takes no part in its test.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from kayfabe.stats.compiled import compiled
from kayfabe.stats.coshare_tests import HIT, TIGHT, errors, tails_of

Array = np.ndarray[Any, Any]

UNCERTAIN = 0.75
"""Standard deviation of the log odds of a local rate: the members' chances on one object err together."""
_NODES = 7
_GRAIN = 6.0
_CELLS = 224
_TRIALS_AT_ONCE = 1_000_000
_LEAST_OTHERS, _LEAST_OBJECTS = 2, 2
_RAREST = 1e-20
"""Laws are cut where rarer than this; the smallest p told is 1e-13."""
_LEVELS = np.logspace(-13, 0, 521)


@dataclass(frozen=True)
class Met:
    """What is known of every meeting. Of pairs, sorted, shapes (pairs,): accounts `a` < `b`; `first` (pairs + 1,) where their meetings begin. Of meetings,
    sorted by pair and object, shapes (e,): number of the `pair`, object, `close` (within the window), chance of that, `points` (HIT where close,
    TIGHT within a third of the window, else 0) and the share of hits that chance puts within that third."""

    a: Array
    b: Array
    first: Array
    pair: Array
    obj: Array
    close: Array
    chance: Array
    points: Array
    tight: Array

    def among(self, members: Array) -> Array:
        """Meetings of these accounts with each other. `members` in order."""
        begin, end = (np.searchsorted(self.a, members, side=side) for side in ("left", "right"))
        pairs = _ranges(begin, end - begin)[1]
        pairs = pairs[np.isin(self.b[pairs], members)]
        return _ranges(self.first[pairs], np.diff(self.first)[pairs])[1]


NOTHING_MET = Met(*(np.zeros(n, dtype=np.int32) for n in (0, 0, 1, 0, 0)), *(np.zeros(0, dtype=t) for t in (bool, float, np.int8, np.float32)))


@dataclass(frozen=True)
class Stars:
    """Tested stars, shapes (s,): `anchor` account, `seed` object, `p`, `q`; `ray` is each one's place in `rays`. `expected` (levels,):
    stars without any effect that reach each level of p."""

    anchor: Array
    seed: Array
    p: Array
    q: Array
    ray: Array
    rays: Rays
    expected: Array


@dataclass(frozen=True)
class Rays:
    """Meetings at the seed, sorted by star: star k has source[first[k] : first[k + 1]]."""

    source: Array
    first: Array
    anchor: Array
    seed: Array


@dataclass(frozen=True)
class Group:
    """Accounts found together; `stars` are the stars merged in it, `p` the smallest of theirs, `q` the group's own."""

    members: Array
    stars: Array
    p: float
    q: float


def stars(met: Met, step: Callable[[int, int], None]) -> Stars:
    """Every star that can be tested: two or more others at the seed, and two or more other objects where two or more of them came
    within J of the anchor."""
    rays = _rays(met)
    load = np.add.reduceat(_meets(met, rays.source), rays.first[:-1]) if len(rays.anchor) else np.zeros(0)
    ends = np.unique(np.searchsorted(np.cumsum(load), np.arange(1, load.sum() // _TRIALS_AT_ONCE + 2) * _TRIALS_AT_ONCE, side="right"))
    p, reach, begin = np.full(len(load), -1.0), np.zeros(len(_LEVELS) + 1), 0
    widest, objects = int(np.diff(rays.first).max(initial=0)), int(met.obj.max(initial=-1)) + 1
    factor, weight = errors(UNCERTAIN, _NODES)
    times, touched = np.zeros((objects, 2), dtype=np.int32), np.zeros(objects, dtype=np.int32)
    trial = np.zeros(int(load.max(initial=0)), dtype=np.int32)
    for end in ends.tolist():
        _star_tests(
            begin, end, rays.source, rays.first, met.first, met.pair, met.obj, met.chance, met.tight, met.points,
            factor, weight, widest, times, touched, trial, _LEVELS, reach, p,
        )  # fmt: skip
        begin = end
        step(end, len(load))
    ray = np.flatnonzero(p >= 0)
    p = p[ray]
    expected = np.cumsum(reach[:-1])
    return Stars(rays.anchor[ray], rays.seed[ray], p, _discrete(p, expected), ray, rays, expected)


def merged_groups(found: Stars, met: Met, accounts: int, level: float = 0.05) -> list[Group]:
    """Standing stars (q < level) merged where they share half of the smaller one's members, best first; those that stand as groups.

    One ring makes many stars, so groups have q-values of their own: stars expected at a group's p / groups found at it.
    A star's members are its anchor and those who met it again on an object that counted; a group's members are those of at
    least a fifth of its stars.
    """
    standing = np.flatnonzero(found.q < level)
    if not len(standing):
        return []
    star, trial = _trials(met, found.rays, found.ray[standing])
    star, trial = star[met.close[trial]], trial[met.close[trial]]
    objects = int(met.obj.max()) + 1
    _, block, times = np.unique(star * objects + met.obj[trial], return_inverse=True, return_counts=True)
    star, trial = star[times[block] >= _LEAST_OTHERS], trial[times[block] >= _LEAST_OTHERS]
    row = np.concatenate([star, star, np.arange(len(standing))])
    column = np.concatenate([met.a[met.pair[trial]], met.b[met.pair[trial]], found.anchor[standing]])
    inside = sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=(len(standing), accounts))
    inside.data[:] = 1
    shared = (inside @ inside.T).tocoo()
    size = np.asarray(inside.sum(axis=1)).ravel()
    near = shared.data >= np.minimum(size[shared.row], size[shared.col]) / 2
    links = sparse.coo_matrix((near[near], (shared.row[near], shared.col[near])), shape=shared.shape)
    _, label = csgraph.connected_components(links, directed=False)
    made = []
    for name in np.unique(label):
        mine = np.flatnonzero(label == name)
        times = np.asarray(inside[mine].sum(axis=0)).ravel()
        members = np.flatnonzero(times >= max(1.0, 0.2 * len(mine)))
        chosen = standing[mine]
        made.append((members, chosen, float(found.p[chosen].min())))
    q = _discrete(np.array([p for _, _, p in made]), found.expected)
    sure = [Group(*g, float(own)) for g, own in zip(made, q, strict=True) if own < level]
    return sorted(sure, key=lambda g: (g.p, -len(g.members), g.members.tolist()))


def _rays(met: Met) -> Rays:
    hit = np.flatnonzero(met.close)
    source = np.concatenate([hit, hit])
    centre = np.concatenate([met.a[met.pair[hit]], met.b[met.pair[hit]]]).astype(np.int64)
    objects = int(met.obj.max()) + 1 if len(met.obj) else 1
    key = centre * objects + met.obj[source]
    order = np.argsort(key, kind="stable")
    source, key = source[order], key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    others = np.diff(np.append(first, len(key)))
    enough = others >= _LEAST_OTHERS
    source, name = source[np.repeat(enough, others)], key[first[enough]]
    return Rays(source, np.concatenate([[0], np.cumsum(others[enough])]), name // objects, name % objects)


def _meets(met: Met, source: Array) -> Array:
    """How often the pairs of these meetings met."""
    pair = met.pair[source]
    return np.asarray(met.first[pair + 1] - met.first[pair])


def _trials(met: Met, rays: Rays, some: Array) -> tuple[Array, Array]:
    """(place in `some`, meeting) for every meeting of an anchor with its star's members away from the seed."""
    star, place = _ranges(rays.first[some], rays.first[some + 1] - rays.first[some])
    source = rays.source[place]
    which, trial = _ranges(met.first[met.pair[source]], _meets(met, source))
    away = trial != source[which]
    return star[which[away]], trial[away]


def _ranges(begin: Array, size: Array) -> tuple[Array, Array]:
    """(number of the range, value) of the ranges begin .. begin + size, one after the other."""
    which = np.repeat(np.arange(len(size)), size)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(size) - size, size) + begin[which]


@compiled
def _spread(law: Array, chance: float, score: int, after: Array) -> int:
    """Adds `law` moved by `score`, times `chance`, to `after`; its last cell takes all beyond. Returns the last cell reached."""
    inside = after[score : score + len(law)]
    for x in range(len(inside)):
        inside[x] += chance * law[x]
    for x in range(len(inside), len(law)):
        after[-1] += chance * law[x]
    return score + len(inside) - 1


@compiled
def _star_tests(
    start: int, stop: int, source: Array, first: Array, begin: Array, pair: Array, obj: Array, chance: Array, tight: Array,
    points: Array, factor: Array, weight: Array, widest: int, times: Array, touched: Array, trial: Array, levels: Array, reach: Array, p: Array,
) -> None:  # fmt: skip
    """Writes P(sum of surprises >= the one seen) into `p` for the stars from `start` to `stop` that can be tested, and adds to `reach` what they
    can attain between the levels.

    Surprises lie on a grid of 1 / _GRAIN, the last cell holding all beyond it; an object on which fewer than _LEAST_OTHERS are
    within the window has none. `times` (objects, 2), zero before and after, `touched` (objects,) and `trial` (the most meetings of a star,) are scratch.
    """
    mass, tails = np.empty(TIGHT * (widest + 1) + 1), np.empty(TIGHT * widest + 1)
    own_chance, own_tight = np.empty(widest), np.empty(widest, np.float32)
    law, after = np.empty(_CELLS), np.empty(_CELLS)
    for star in range(start, stop):
        found = 0
        for ray in range(first[star], first[star + 1]):
            q = pair[source[ray]]
            for e in range(begin[q], begin[q + 1]):
                if e != source[ray]:
                    if times[obj[e], 0] == 0:
                        touched[found] = obj[e]
                        found += 1
                    times[obj[e], 0] += 1
        wide = room = 0
        for i in range(found):
            o = touched[i]
            if times[o, 0] >= _LEAST_OTHERS:
                touched[wide], times[o, 1] = o, room
                wide, room = wide + 1, room + times[o, 0]
            else:
                times[o, 0] = 0
        if wide >= _LEAST_OBJECTS:
            for ray in range(first[star], first[star + 1]):
                q = pair[source[ray]]
                for e in range(begin[q], begin[q + 1]):
                    if e != source[ray] and times[obj[e], 0] > 0:
                        trial[times[obj[e], 1]] = e
                        times[obj[e], 1] += 1
            law[:] = 0
            law[0], top, seen = 1, 0, 0
            for i in range(wide):
                width, hits = times[touched[i], 0], 0
                for t in range(width):
                    e = trial[times[touched[i], 1] - width + t]
                    own_chance[t], own_tight[t] = chance[e], tight[e]
                    hits += points[e]
                cells = TIGHT * width + 1
                tails_of(own_chance[:width], own_tight[:width], HIT, TIGHT, factor, weight, _RAREST, mass, tails[:cells])
                after[:] = 0
                reached, waiting, last = top, 1.0 - tails[min(_LEAST_OTHERS * HIT, cells - 1)], 0
                for c in range(_LEAST_OTHERS * HIT, cells):
                    score = min(math.floor(-_GRAIN * math.log(max(tails[c], 1e-300))), _CELLS - 1)
                    if c == hits or (score == _CELLS - 1 and c < hits):
                        seen += score
                    if score > last:
                        reached = max(reached, _spread(law[: top + 1], waiting, last, after))
                        waiting, last = 0.0, score
                    if score == _CELLS - 1:
                        waiting = tails[c]
                        break
                    waiting += tails[c] - (tails[c + 1] if c + 1 < cells else 0.0)
                reached = max(reached, _spread(law[: top + 1], waiting, last, after))
                law, after, top = after, law, reached
            total, level = 0.0, 0
            for x in range(top, -1, -1):
                total = min(1.0, total + law[x])
                if x == min(seen, _CELLS - 1):
                    p[star] = max(total, levels[0])
                if law[x] > 0:
                    while level < len(levels) and levels[level] < total:
                        level += 1
                    reach[level] += law[x]
        for i in range(wide):
            times[touched[i], 0] = 0


def _discrete(p: Array, expected: Array) -> Array:
    """q = min over levels t >= p of sum_i F_i(t) / #{p <= t}; `expected` (levels,) has the sums, F_i(t) being the largest p not above t
    that star i can attain.

    References: Heller & Gur (2011), arXiv:1112.4627, on a fixed grid of levels.
    """
    if not len(p):
        return np.zeros(0)
    passing = np.searchsorted(np.sort(p), _LEVELS, side="right")
    ratio = np.where(passing > 0, expected / np.maximum(passing, 1), np.inf)
    best = np.minimum(1, np.minimum.accumulate(ratio[::-1])[::-1])
    return np.asarray(np.append(best, 1)[np.searchsorted(_LEVELS, p)])

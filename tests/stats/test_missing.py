"""The missing disagreement: two implementations of the promise, positions by hand, intervals that own up to few titles."""

import numpy as np
import pytest
from scipy import stats

from kayfabe.stats import agreement, missing


def chamber(rng, motions=40, actors=12):
    return agreement.one_hot(rng.integers(-1, 3, (motions, actors)).astype(np.int8))


def test_all_pairs_at_once_equal_the_promise_of_each_pair():
    rng = np.random.default_rng(1)
    hot, x = chamber(rng), rng.normal(0, 1, 12)
    s, expected, error = missing.all_pairs(hot, x)
    for i, j in [(0, 1), (3, 9), (11, 4)]:
        left = np.ones(12)
        left[[i, j]] = 0
        promise = missing.promised(hot, missing.kernel(x[[i]], x) * left, missing.kernel(x[[j]], x) * left)
        differ = agreement.apart(hot[:, [i]], hot[:, [j]])
        keep = ~np.isnan(promise) & ~np.isnan(differ)
        total = promise[keep].sum()
        share = 1 - differ[keep].sum() / total
        assert (s[i, j], expected[i, j]) == pytest.approx((share, total))
        assert error[i, j] == pytest.approx(np.sqrt(((differ - (1 - share) * promise)[keep] ** 2).sum()) / total)


def test_pairs_have_no_order():
    rng = np.random.default_rng(2)
    for matrix in missing.all_pairs(chamber(rng), rng.normal(0, 1, 12)):
        assert np.array_equal(matrix, matrix.T, equal_nan=True)


def test_promise_by_hand():
    hot = agreement.one_hot(np.array([[0, 0, 1, 1]], dtype=np.int8))
    weights = np.array([[0.0, 3.0, 1.0, 0.0]]), np.array([[0.0, 0.0, 1.0, 1.0]])
    assert missing.promised(hot, *weights) == pytest.approx([1 - 0.25])  # shares .75 / .25 against 0 / 1


def test_a_side_without_neighbours_promises_nothing():
    hot = agreement.one_hot(np.array([[0, 0, 1, -1]], dtype=np.int8))
    assert np.isnan(missing.promised(hot, np.array([[0, 0, 0, 1.0]]), np.array([[1.0, 0, 0, 0]]))).all()


def test_positions_by_hand():
    means, counts = np.array([-1.0, 0.0, 1.0, 5.0, 0.0]), np.array([4, 4, 4, 1, 0])
    where = missing.positions(means, counts, within=0.4)
    between = 1.0 - 0.1  # variance of the three with 3 statements, less their mean noise
    assert where.x[:3] == pytest.approx(np.array([-1, 0, 1]) * between / (between + 0.1) / np.sqrt(between))
    assert where.x[3] == pytest.approx(5 * between / (between + 0.4) / np.sqrt(between))
    assert where.v[:4] == pytest.approx([0.1 / 1.0] * 3 + [0.4 / 1.3])
    assert np.isnan(where.x[4])


def test_typical_distance_of_known_laws():
    assert missing.typical_distance(np.zeros(5), np.ones(5)) == pytest.approx(stats.norm.ppf(0.75))
    exact = missing.typical_distance(np.array([0.5, 1.0, 2.0]), np.full(3, 1e-9))
    assert exact == pytest.approx(1.0, abs=1e-6)


def test_typical_distance_of_draws():
    rng = np.random.default_rng(3)
    difference, spread = rng.normal(0, 1, 50), rng.uniform(0.2, 2, 50)
    drawn = np.abs(rng.normal(difference, spread, (20000, 50)))
    assert missing.typical_distance(difference, spread) == pytest.approx(np.median(drawn), rel=0.01)


def judged(titles, differ=None, promise=None, reference=None):
    rng = np.random.default_rng(4)
    promise = np.full(60, 0.5) if promise is None else promise
    differ = (rng.random(60) < 0.25).astype(float) if differ is None else differ
    reference = rng.normal(0, 0.1, 200) if reference is None else reference
    draws = rng.normal(0.5, 0.02, 300)
    return missing.judge(differ, promise, draws, reference, np.full(200, 0.05), titles, 0.2)


def test_the_bias_of_the_reference_is_removed():
    found = judged(np.arange(60), reference=np.full(200, 0.1) + np.random.default_rng(5).normal(0, 0.02, 200))
    assert found.s == pytest.approx(1 - found.apart / 30)
    assert found.estimate == pytest.approx(1 - (1 - found.s) / (1 - found.usual))


def test_one_title_decides_nothing():
    alone, together = judged(np.arange(60)), judged(np.zeros(60))
    assert together.estimate == alone.estimate
    width = [f.estimate - f.interval[0] for f in (alone, together)]
    assert width[1] / width[0] == pytest.approx(stats.t.ppf(0.975, 1) / stats.t.ppf(0.975, 59), rel=0.2)


def test_fewer_titles_never_narrow_the_interval_much():
    titles = {g: judged(np.arange(60) % g) for g in (60, 20, 9, 4, 2)}
    assert all(f.interval[0] <= titles[60].interval[0] + 0.05 for f in titles.values())


def test_nothing_promised_is_nothing_known():
    assert judged(np.arange(60), promise=np.zeros(60)) is None
    assert judged(np.arange(60), differ=np.full(60, np.nan)) is None

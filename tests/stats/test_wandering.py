"""Noise of AR(1) and white noise: innovations against the dense covariance, and the second lock of a turn."""

import numpy as np
import pytest

from kayfabe.instruments.trend_worlds import ar, drifting
from kayfabe.stats import turning, wandering


@pytest.mark.parametrize(("phi", "share"), [(0.0, 0.0), (0.7, 0.0), (0.9, 0.5), (0.98, 0.7)])
def test_innovations_are_those_of_the_dense_covariance(phi, share):
    gaps = np.array([1, 1, 3, 1, 2, 1.0])
    time = np.concatenate([[0], np.cumsum(gaps)])
    covariance = (1 - share) * phi ** np.abs(time[:, None] - time) + share * np.eye(len(time))
    columns = np.random.default_rng(1).standard_normal((len(time), 4))
    lower = np.linalg.cholesky(covariance)
    white, half = wandering.whitened(columns, gaps, phi, share)
    assert white == pytest.approx(np.linalg.solve(lower, columns))
    assert half == pytest.approx(np.log(np.diag(lower)).sum())


def test_simulated_noise_has_the_covariance_it_should():
    made = wandering.draws(np.ones(5), 0.9, 0.5, 200_000, np.random.default_rng(2))
    expected = 0.5 * 0.9 ** np.abs(np.arange(6)[:, None] - np.arange(6)) + 0.5 * np.eye(6)
    assert np.cov(made) == pytest.approx(expected, abs=0.01)


def found(noise, step):
    n = len(noise)
    values = noise + step * (np.arange(n) >= n // 2)
    return turning.turn(turning.Course.of(values, 7.0 * np.arange(n)), None, np.random.default_rng(0), count=199)


def test_a_wandering_level_opens_the_first_lock_and_not_the_second():
    first, second = 0, 0
    for k in range(12):
        t = found(drifting(np.random.default_rng([7, k]), 160, "level"), 0.0)
        first += t.lock is not None
        second += t.p_margin < 0.05
    assert first >= 6
    assert second <= 2


def test_a_step_opens_both():
    turns = [found(ar(np.random.default_rng([8, k]), 160, 0.45), 3.2) for k in range(8)]
    assert sum(t.lock is not None and t.p_margin < 0.05 for t in turns) >= 6
    assert all(t.half >= t.crit * t.se for t in turns)

"""The missing disagreement: how much of the disagreement that words promise does not show in deeds.

s = 1 - (motions on which two sides chose differently) / (motions on which sides that talk like them differ, on the same
motions). Every motion is its own control, so consensus, new kinds of motion and composition drop out. Found by comparing
five families of estimators on simulated and real votes; kernel reweighting as in Nadaraya (1964) and Watson (1964).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

Array = np.ndarray[Any, Any]
BANDWIDTH = 0.4
LEAST_EXPECTED = 4.0
DRAWS = 300
FEW_CLUSTERS = 10
_EPS = 1e-12


@dataclass(frozen=True)
class Positions:
    """Where actors stand by their words, in between-actor standard deviations: `x` and its posterior variance `v`.

    Shape (actors,); NaN for actors with no statement. `n` counts statements.
    """

    x: Array
    v: Array
    n: Array


def positions(means: Array, counts: Array, within: float) -> Positions:
    """Shrunk positions from each actor's mean stance, number of statements and the pooled within-actor variance.

    The between-actor variance is the method-of-moments estimate over actors with at least 3 statements.
    """
    known = counts >= 3
    noise = within / np.maximum(counts, 1)
    spread = float(np.var(means[known], ddof=1)) if known.sum() > 1 else 0.0
    between = max(spread - float(noise[known].mean()) if known.any() else 0.0, 1e-6)
    centre = float(means[known].mean()) if known.any() else 0.0
    shrink = between / (between + noise)
    x = shrink * (means - centre) / np.sqrt(between)
    v = noise / (between + noise)
    missing = counts < 1
    return Positions(np.where(missing, np.nan, x), np.where(missing, np.nan, v), counts)


def kernel(x: Array, y: Array) -> Array:
    """Gaussian weights between positions, bandwidth .4 standard deviations; shape (len(x), len(y))."""
    return np.asarray(np.exp(-((x[:, None] - y[None, :]) ** 2) / (2 * BANDWIDTH**2)))


def promised(hot: Array, weights_a: Array, weights_b: Array) -> Array:
    """(motions,) disagreement expected of two sides whose neighbours are weighted so.

    `weights_a` has shape (members of A, actors) with zeros for actors left out; the expectation is averaged over members.
    NaN where a side has no neighbour present.
    """
    shares = []
    for weights in (weights_a, weights_b):
        mass = np.einsum("ik,mkc->imc", weights, hot, optimize=True)
        total = mass.sum(axis=2, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares.append(np.where(total > _EPS, mass / total, np.nan))
    return np.asarray(1 - (_known_mean(shares[0]) * _known_mean(shares[1])).sum(axis=1))


def _known_mean(values: Array) -> Array:
    """Mean over the first axis without NaN; NaN where there is nothing."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0))


def typical_distance(difference: Array, spread: Array) -> float:
    """Median distance between true positions over pairs whose posterior differences are Normal(difference, spread^2).

    The median of the shrunken differences alone is too small where words are thin, and would call every pair apart.
    """
    low, high = 0.0, float(np.max(np.abs(difference) + 6 * spread))
    for _ in range(50):
        middle = (low + high) / 2
        inside = special.ndtr((middle - difference) / spread) - special.ndtr((-middle - difference) / spread)
        low, high = (middle, high) if inside.mean() < 0.5 else (low, middle)
    return (low + high) / 2


def all_pairs(hot: Array, x: Array) -> tuple[Array, Array, Array]:
    """For all pairs of actors with positions `x`: s, the sum of promised disagreement, and its standard error.

    Each pair leaves itself out of its own reference. Shapes (actors, actors), NaN on the diagonal and where nothing is
    promised. The standard error treats motions as independent.
    """
    n = len(x)
    weights = kernel(x, x)
    mass = np.einsum("ik,mkc->imc", weights, hot, optimize=True)
    choices = np.moveaxis(hot, 1, 0).astype(np.float64)
    total = mass.sum(axis=2)
    present = choices.sum(axis=2)
    s, expected, error = (np.full((n, n), np.nan) for _ in range(3))
    for i in range(n - 1):
        j = np.arange(i + 1, n)
        w = weights[i, j][:, None, None]
        of_i = mass[i][None] - choices[i][None] - w * choices[j]
        of_j = mass[j] - choices[j] - w * choices[i][None]
        n_i = total[i][None] - present[i][None] - w[:, :, 0] * present[j]
        n_j = total[j] - present[j] - w[:, :, 0] * present[i][None]
        both = (present[i][None] * present[j] > 0) & (n_i > 1e-9) & (n_j > 1e-9)
        with np.errstate(invalid="ignore", divide="ignore"):
            e = np.where(both, 1 - (of_i * of_j).sum(axis=2) / (n_i * n_j), 0.0)
        d = np.where(both, 1 - (choices[i][None] * choices[j]).sum(axis=2), 0.0)
        sum_e, sum_d = e.sum(axis=1), d.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(sum_e > 0, 1 - sum_d / sum_e, np.nan)
            residual = np.where(both, d - (1 - value[:, None]) * e, 0.0)
            se = np.sqrt((residual**2).sum(axis=1)) / sum_e
        for matrix, row in ((s, value), (expected, sum_e), (error, se)):
            matrix[i, j] = row
            matrix[j, i] = row
    return s, expected, error


@dataclass(frozen=True)
class Missing:
    """The estimate and everything that judges it; see `judge`."""

    s: float
    expected: float
    apart: float
    estimate: float
    se: float
    interval: tuple[float, float]
    p_value: float
    p_contradicted: float
    usual: float
    spread: float
    references: int
    motions: int


def judge(
    differ: Array,
    promise: Array,
    draws: Array,
    reference_s: Array,
    reference_se: Array,
    clusters: Array,
    margin: float,
) -> Missing | None:
    """Place the missing disagreement of two sides among sides that talk like them.

    `differ` and `promise` (motions,) with NaN where a motion does not count; `draws` values of s with redrawn words and
    reweighted references; `reference_s` and `reference_se` (pairs,) of the reference; `clusters` (motions,) labels of
    recurring titles. None where nothing is promised. The interval has as many degrees of freedom as the fewer of reference
    pairs and clusters less one; with fewer than ten clusters, whose residuals cancel, motions are also taken one by one.
    """
    keep = ~np.isnan(differ) & ~np.isnan(promise)
    d, e = differ[keep], promise[keep]
    total = float(e.sum())
    if total <= 0 or len(reference_s) < 3:
        return None
    s = 1 - float(d.sum()) / total
    usual = float(np.median(reference_s))
    spread = 1.4826 * float(np.median(np.abs(reference_s - usual)))
    tau2 = max(0.0, spread**2 - float(np.nanmedian(reference_se)) ** 2)
    estimate = 1 - (1 - s) / (1 - usual)
    _, groups = np.unique(clusters[keep], return_inverse=True)
    residual = d - (1 - s) * e
    scores = np.bincount(groups, weights=residual)
    g = len(scores)
    robust = np.sqrt((scores**2).sum() * g / max(1, g - 1)) / total
    if g < FEW_CLUSTERS:
        robust = max(robust, np.sqrt((residual**2).sum()) / total)
    chance = np.clip((float(d.sum()) + 0.5) / total * e, 0, 1)
    floor = np.sqrt((chance * (1 - chance)).sum()) / total
    sampling = max(float(robust), float(floor))
    words = 1.4826 * float(np.nanmedian(np.abs(draws - np.nanmedian(draws)))) if len(draws) else 0.0
    n = len(reference_s)
    about_usual = 1.25 * spread / np.sqrt(n / 2) * (1 - estimate) / (1 - usual)
    se_s = float(np.hypot(sampling, words))
    se = float(np.sqrt(se_s**2 + about_usual**2)) / (1 - usual)
    t = stats.t(max(1, min(n, g) - 1))
    half = float(t.ppf(0.975)) * se
    scale = max(spread, float(np.sqrt(tau2 + se_s**2)), 1e-9)
    return Missing(
        s=s,
        expected=total,
        apart=float(d.sum()),
        estimate=estimate,
        se=se,
        interval=(estimate - half, min(1.0, estimate + half)),
        p_value=float(stats.t.sf((s - usual) / scale, max(1, n - 1))),
        p_contradicted=float(t.cdf((estimate - margin) / max(se, 1e-9))),
        usual=usual,
        spread=spread,
        references=n,
        motions=int(keep.sum()),
    )

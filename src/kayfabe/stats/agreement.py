"""Agreement on choices: raw, chance-corrected, and against what is usual among all pairs on the same motions.

A choice matrix has shape (motions, actors), int8: 0 yes, 1 no, 2 abstain, -1 missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kayfabe.stats.intervals import poisson_ratio

Array = np.ndarray[Any, Any]
CHOICES = 3


def one_hot(choices: Array) -> Array:
    """(motions, actors, 3) float32; all zero where missing."""
    return np.asarray((choices[:, :, None] == np.arange(CHOICES, dtype=np.int8)).astype(np.float32))


def kappa(a: Array, b: Array) -> float | None:
    """Cohen's kappa of two choice vectors without missing values; None where chance agreement is total.

    References: Cohen (1960), Educ. Psychol. Meas. 20:37-46.
    """
    if not len(a):
        return None
    expected = sum(float((a == c).mean() * (b == c).mean()) for c in range(CHOICES))
    return None if expected >= 1 - 1e-12 else (float((a == b).mean()) - expected) / (1 - expected)


def krippendorff_alpha(a: Array, b: Array) -> float | None:
    """Nominal Krippendorff's alpha of two choice vectors without missing values; None where no disagreement is possible.

    References: Krippendorff (2004), Content Analysis, ch. 11.
    """
    if len(a) < 2:
        return None
    values = np.concatenate([a, b])
    n = len(values)
    counts = np.array([(values == c).sum() for c in range(CHOICES)], dtype=float)
    expected = 1 - float((counts * (counts - 1)).sum()) / (n * (n - 1))
    return None if expected <= 0 else 1 - float((a != b).mean()) / expected


def usual_disagreement(hot: Array) -> Array:
    """(motions,) share of all pairs of actors present that chose differently; NaN with fewer than two actors."""
    counts = hot.sum(axis=1, dtype=np.float64)
    n = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share: Array = 1 - (counts * (counts - 1)).sum(axis=1) / (n * (n - 1))
    return np.where(n >= 2, share, np.nan)


def apart(hot_a: Array, hot_b: Array) -> Array:
    """(motions,) mean disagreement over the cross-pairs of two sides; NaN where a side is missing.

    `hot_a` has shape (motions, members of A, 3), all zero where a member did not vote or did not belong.
    """
    a, b = hot_a.sum(axis=1, dtype=np.float64), hot_b.sum(axis=1, dtype=np.float64)
    n_a, n_b = a.sum(axis=1), b.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        differ = 1 - (a * b).sum(axis=1) / (n_a * n_b)
    return np.where((n_a > 0) & (n_b > 0), differ, np.nan)


def pair_coefficients(hot: Array, usual: Array) -> tuple[Array, Array, Array]:
    """For all pairs of actors: A = 1 - apart / usual, the number of common motions, and the sum of usual disagreement.

    Each of shape (actors, actors); A is NaN where usual is 0. All pairs are measured on their own common motions.
    """
    flat = hot.astype(np.float64)
    present = flat.sum(axis=2)
    common = present.T @ present
    same = sum(flat[:, :, c].T @ flat[:, :, c] for c in range(CHOICES))
    expected = present.T @ (np.nan_to_num(usual)[:, None] * present)
    with np.errstate(invalid="ignore", divide="ignore"):
        coefficient = np.where(expected > 0, 1 - (common - same) / expected, np.nan)
    return coefficient, common, expected


def deeds_coefficient(differ: Array, usual: Array) -> tuple[float | None, tuple[float, float] | None, float, float]:
    """(A, its interval from the exact Poisson interval of apart/usual, apart, usual) over motions both sides voted on."""
    keep = ~np.isnan(differ) & ~np.isnan(usual)
    count, expected = float(differ[keep].sum()), float(usual[keep].sum())
    if expected <= 0:
        return None, None, count, expected
    low, high = poisson_ratio(round(count), expected)
    return 1 - count / expected, (1 - high, 1 - low), count, expected

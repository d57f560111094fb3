"""Event scores: are deeds warmer than words promise? Dyad means, and the residual against the warmer of two fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import isotonic_regression

Array = np.ndarray[Any, Any]
PSEUDO_EVENTS = 20
LEAST_VARIANCE = 1e-4


def without_month_effects(scores: Array, dyads: Array, months: Array) -> Array:
    """Scores less the shrunken effect of their month, taken from deviations within dyads; shape (events,).

    A month's effect is its mean deviation times n / (n + 20).
    """
    count = np.bincount(dyads)
    mean = np.bincount(dyads, scores) / np.maximum(count, 1)
    deviation = scores - mean[dyads]
    n = np.bincount(months)
    effect = np.bincount(months, deviation) / (n + PSEUDO_EVENTS)
    return np.asarray(scores - effect[months])


def dyad_means(scores: Array, dyads: Array, days: Array, size: int) -> tuple[Array, Array, Array]:
    """(mean, variance of the mean, events) per dyad, each of shape (size,).

    The variance is clustered by day (g / (g - 1) for g days, and not below that of independent events, which it would be
    where all stand on one day) and stabilised by 20 pseudo-events of the pooled variance, at least a hundredth of a point.
    """
    n = np.bincount(dyads, minlength=size).astype(float)
    mean = np.bincount(dyads, scores, minlength=size) / np.maximum(n, 1)
    residual = scores - mean[dyads]
    cluster, index = np.unique(np.stack([dyads, days]), axis=1, return_inverse=True)
    total = np.bincount(index.ravel(), residual)
    clusters = np.bincount(cluster[0], minlength=size)
    squares = np.bincount(cluster[0], total**2, minlength=size) * clusters / np.maximum(clusters - 1, 1)
    squares = np.maximum(squares, np.bincount(dyads, residual**2, minlength=size))
    pooled = max(float(squares.sum() / max(1.0, n.sum())), LEAST_VARIANCE)
    variance = (squares + PSEUDO_EVENTS * pooled) / (n + PSEUDO_EVENTS) / np.maximum(n, 1)
    return mean, variance, n


@dataclass(frozen=True)
class Residual:
    """Deeds of one side less the prediction from its words; `tau` is the spread of such residuals among other dyads."""

    prediction: float
    estimate: float
    se: float
    interval: tuple[float, float]
    p_value: float
    p_contradicted: float
    tau: float
    between: float
    references: int
    residuals: Array


def warmer_fit(words: Array, deeds: Array, weights: Array, at: float) -> tuple[float, float, Array, float]:
    """(prediction at `at`, slope, residuals of the references, variance of the fit).

    The prediction is the warmer of a weighted line and an isotonic fit: alone, either fails at the cold end.
    """
    centre = float(np.average(words, weights=weights))
    middle = float(np.average(deeds, weights=weights))
    spread = float(np.average((words - centre) ** 2, weights=weights))
    slope = float(np.average((words - centre) * (deeds - middle), weights=weights)) / spread if spread > 0 else 0.0
    line = middle + slope * (words - centre)
    order = np.argsort(words, kind="stable")
    steps = isotonic_regression(deeds[order], weights=weights[order]).x
    step_at = float(np.interp(at, words[order], steps))
    fitted = np.empty_like(line)
    fitted[order] = steps
    residual = deeds - np.maximum(line, fitted)
    freedom = max(1, len(words) - 2)
    noise = float(np.average((deeds - line) ** 2, weights=weights)) * len(words) / freedom
    variance = noise * (1 / len(words) + ((at - centre) ** 2 / (spread * len(words)) if spread > 0 else 0.0))
    return max(middle + slope * (at - centre), step_at), slope, residual, variance


def judge(
    side: tuple[float, float, float, float],
    words: Array,
    words_var: Array,
    deeds: Array,
    deeds_var: Array,
    margin_sd: float,
    sides: int = 1,
) -> Residual:
    """Judge one side against reference dyads, all without it.

    `side` is (words mean, its variance, deeds mean, its variance); `sides` the number of dyads averaged in it. The margin is
    `margin_sd` standard deviations between the dyads' deeds; p is for a side that lies by the margin above the prediction.
    """
    weights = 1 / (deeds_var + np.median(deeds_var))
    prediction, slope, residuals, fit = warmer_fit(words, deeds, weights, side[0])
    estimate = side[2] - prediction
    se = float(np.sqrt(side[3] + slope**2 * side[1] + fit))
    noise = float(np.median(deeds_var + slope**2 * words_var))
    total = 1.4826 * float(np.median(np.abs(residuals - np.median(residuals))))
    tau2 = max(0.0, max(total, float(np.std(residuals))) ** 2 - noise) / sides
    n = len(words)
    between = float(np.sqrt(max(np.var(deeds, ddof=1) - np.median(deeds_var), 1e-6)))
    t = stats.t(max(1, n - 2))
    half = float(t.ppf(0.975)) * se
    return Residual(
        prediction=prediction,
        estimate=estimate,
        se=se,
        interval=(estimate - half, estimate + half),
        p_value=float(t.sf((estimate - margin_sd * between) / np.sqrt(tau2 + se**2))),
        p_contradicted=float(t.cdf((estimate - margin_sd * between) / se)),
        tau=float(np.sqrt(tau2)),
        between=between,
        references=n,
        residuals=residuals,
    )

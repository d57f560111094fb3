"""Would a wandering level under white noise explain a change as well? The second lock of a turn.

AR(1) noise with white noise on top (an ARMA(1, 1)) decays slowly after a fast start: fitted by AR(1) alone, its level seems to hold
still between changes. Here the change is fitted again with the share of white noise free, by REML over a grid, every candidate and
every simulated series at once.
References: Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter, ch. 3; Granger & Morris (1976), J. R. Stat.
Soc. A 139:246-257 (AR(1) and noise are ARMA(1, 1)); Harville (1977), J. Am. Stat. Assoc. 72:320-338.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
GRID = tuple(
    (phi, share)
    for share in (0.0, 0.3, 0.5, 0.7)
    for phi in (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
    if share == 0 or phi >= 0.5
)
"""Noise looked at: AR(1) of this phi, and the share of white noise in the variance."""
DROP = 1.92
"""Noise whose log-likelihood lies at most this far below the best is compatible (95 %, one parameter)."""
WANDERS = 0.95
TELLS_FROM = 100
"""Values from which "its level does not wander" can be told; with fewer, most series allow for it."""


@dataclass(frozen=True)
class Lock:
    """The change with noise of both sorts: `phi` and `share` of white noise of the most persistent noise that is compatible, beside
    the change, with the series; `p_margin` of the largest change against series simulated with it, `half` the half width of the
    95 % interval in standard deviations of the noise."""

    phi: float
    share: float
    p_margin: float
    half: float


def whitened(columns: Array, gaps: Array, phi: float, share: float) -> tuple[Array, float]:
    """Innovations of each column (n, m) of variance one, and half the log-determinant: AR(1) of variance 1 - share and white noise."""
    out = np.empty_like(columns)
    ahead, variance, half = np.zeros(columns.shape[1]), 1 - share, 0.0
    carry = np.append(phi**gaps, 0.0)
    for i, row in enumerate(columns):
        total = variance + share
        off = row - ahead
        out[i] = off / np.sqrt(total)
        half += 0.5 * np.log(total)
        gain = variance / total
        ahead = carry[i] * (ahead + gain * off)
        variance = carry[i] ** 2 * variance * (1 - gain) + (1 - carry[i] ** 2) * (1 - share)
    return out, half


def fits(series: Array, design: Array, candidates: Array, gaps: Array) -> tuple[Array, Array, Array]:
    """(t, place in GRID, sd), each (candidates, series): every candidate added to `design` (n, q), fitted to every series (n, B)."""
    n, q = design.shape
    m, free = candidates.shape[1], n - q - 1
    best = np.full((m, series.shape[1]), -np.inf)
    t, at, sd = np.zeros_like(best), np.zeros(best.shape, dtype=int), np.ones_like(best)
    every = np.concatenate([design, candidates, series], axis=1)
    for i, (phi, share) in enumerate(GRID):
        white, half = whitened(every, gaps, phi, share)
        basis, r = np.linalg.qr(white[:, :q])
        rest = white[:, q:] - basis @ (basis.T @ white[:, q:])
        c, y = rest[:, :m], rest[:, m:]
        norm = np.einsum("nm,nm->m", c, c)[:, None]
        project = c.T @ y
        rss = np.maximum(np.einsum("nb,nb->b", y, y)[None, :] - project**2 / norm, 1e-300)
        likelihood = -half - float(np.log(np.abs(np.diag(r))).sum()) - 0.5 * np.log(norm) - 0.5 * free * np.log(rss)
        better = likelihood > best
        best = np.where(better, likelihood, best)
        t = np.where(better, project / np.sqrt(norm * rss / free), t)
        sd = np.where(better, np.sqrt(rss / free), sd)
        at = np.where(better, i, at)
    return t, at, sd


def draws(gaps: Array, phi: float, share: float, count: int, rng: np.random.Generator) -> Array:
    """Gaussian series of variance one, (n, count)."""
    shocks = rng.standard_normal((len(gaps) + 1, count))
    for i, gap in enumerate(gaps):
        carry = phi**gap
        shocks[i + 1] = carry * shocks[i] + np.sqrt(1 - carry**2) * shocks[i + 1]
    return np.asarray(np.sqrt(1 - share) * shocks + np.sqrt(share) * rng.standard_normal(shocks.shape))


def lock(y: Array, design: Array, candidates: Array, gaps: Array, margin: float, count: int, rng: np.random.Generator) -> Lock:
    """Second look at the largest change of `y` (n,) among `candidates` (n, m), against the least favourable compatible noise.

    `p_margin` is 1 where that noise is a level that wanders and the series is long enough to tell.
    """
    t, at, sd = fits(y[:, None], design, candidates, gaps)
    k = int(np.abs(t[:, 0]).argmax())
    phi, share = least_favourable(y, np.concatenate([design, candidates[:, [k]]], axis=1), gaps)
    largest = np.abs(fits(draws(gaps, phi, share, count, rng), design, candidates, gaps)[0]).max(axis=0)
    best = GRID[at[k, 0]]
    white, _ = whitened(np.concatenate([design, candidates[:, [k]], y[:, None]], axis=1), gaps, *best)
    covariance = np.linalg.inv(white[:, :-1].T @ white[:, :-1])
    se = float(np.sqrt(covariance[-1, -1]))
    size = abs(float(covariance[-1] @ white[:, :-1].T @ white[:, -1])) / float(sd[k, 0])
    p = (1 + int((largest >= (size - margin) / se).sum())) / (count + 1)
    wanders = phi >= WANDERS and len(y) >= TELLS_FROM
    return Lock(phi, share, 1.0 if wanders else p, float(np.quantile(largest, 0.95, method="higher")) * se)


def least_favourable(y: Array, design: Array, gaps: Array) -> tuple[float, float]:
    """The most persistent noise of GRID (by long-run variance) among those compatible with `y` (n,) around `design`."""
    likelihood = np.empty(len(GRID))
    for i, noise in enumerate(GRID):
        white, half = whitened(np.concatenate([design, y[:, None]], axis=1), gaps, *noise)
        basis, r = np.linalg.qr(white[:, :-1])
        left = white[:, -1] - basis @ (basis.T @ white[:, -1])
        free = len(y) - design.shape[1]
        likelihood[i] = -half - float(np.log(np.abs(np.diag(r))).sum()) - 0.5 * free * np.log(max(float(left @ left), 1e-300))
    long_run = np.array([(1 - share) * (1 + phi) / (1 - phi) + share for phi, share in GRID])
    compatible = np.flatnonzero(likelihood >= likelihood.max() - DROP)
    return GRID[int(compatible[long_run[compatible].argmax()])]

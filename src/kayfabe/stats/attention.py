"""Attention by article: does one outlet mention a point more or less often than the others do, at the same time and breadth?

A cell is one outlet and one point. In stratum s there are N_s units, K_s of them with the point, n_s of them by the outlet;
given these, the outlet's mentions are a sum of independent hypergeometric counts, whatever the news value of the point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln, ndtr, ndtri

Array = np.ndarray[Any, Any]
LEVEL_TAIL = 0.025
_WIDEST = 12.0  # log odds ratios are looked for within +-12
_FLOOR = 1e-300


@dataclass(frozen=True)
class Law:
    """Null law of a cell's count: exp(logs[k]) is the probability of `low` + k mentions when the odds ratio is 1."""

    low: int
    logs: Array

    @property
    def high(self) -> int:
        return self.low + len(self.logs) - 1

    def tilted(self, t: float) -> Array:
        """Probabilities of the counts from `low` on under the log odds ratio `t`."""
        logs = self.logs + t * np.arange(len(self.logs))
        p = np.exp(logs - logs.max())
        return np.asarray(p / p.sum())

    def tails(self, count: int, t: float) -> tuple[float, float]:
        """Mid-p tails (at most, at least) of `count` under the log odds ratio `t`."""
        p, at = self.tilted(t), count - self.low
        half = 0.5 * float(p[at])
        return float(p[:at].sum()) + half, float(p[at + 1 :].sum()) + half


@dataclass(frozen=True)
class Cell:
    """What one cell says. `log_odds` and `interval` are logarithms of odds ratios (infinite where the count is extreme);
    `p_value` tests "within the margin", `p_near` "beyond the excludable ratio"; `best_p` is the least p that any count could reach."""

    count: int
    expected: float
    log_odds: float
    interval: tuple[float, float]
    p_value: float
    p_near: float
    best_p: float


def law(units: Array, mentions: Array, own: Array) -> Law:
    """The convolution over strata of hypergeometric laws.

    `units`, `mentions`, `own` have shape (strata,): N_s, K_s and n_s. Strata where nothing can vary only shift the law.
    References: Gart (1970), Biometrika 57:471-475; Mantel & Haenszel (1959), J. Natl. Cancer Inst. 22:719-748.
    """
    low, f = 0, np.ones(1)
    for n, k, m in zip(units.tolist(), mentions.tolist(), own.tolist(), strict=True):
        first, last = max(0, m - (n - k)), min(m, k)
        low += first
        if last == first:
            continue
        x = np.arange(first, last + 1)
        logs = _choose(k, x) + _choose(n - k, m - x)
        p = np.exp(logs - logs.max())
        f = np.convolve(f, p / p.sum())
    return Law(low, np.log(np.maximum(f / f.sum(), _FLOOR)))


def _choose(n: int, k: Array) -> Array:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def widened(tail: float, phi: float) -> float:
    """A tail probability when the count varies `phi` times as much as its law says: Phi(Phi^-1(tail) / sqrt(phi))."""
    return float(ndtr(ndtri(tail) / math.sqrt(phi)))


def overdispersion(y: Array, stratum: Array, cluster: Array) -> float:
    """How much more the sums over clusters vary than independent articles would: sum of squared sums / sum of squares, at least 1.

    `y` (units,) is 0 or 1; residuals are taken from the mean of the unit's stratum.
    References: Williams (1982), Appl. Stat. 31:144-148, for the idea of one factor.
    """
    size = np.bincount(stratum)
    r = y - (np.bincount(stratum, weights=y) / np.maximum(size, 1))[stratum]
    square = float((r**2).sum())
    if square < 1e-9:
        return 1.0
    return max(1.0, float((np.bincount(cluster, weights=r) ** 2).sum()) / square)


def two_sided(known: Law, count: int, phi: float, margin: float) -> float:
    """p of "the odds ratio lies within [1/margin, margin]": twice the smaller mid-p tail at the nearer edge."""
    m = math.log(margin)
    up = widened(known.tails(count, m)[1], phi)
    down = widened(known.tails(count, -m)[0], phi)
    return min(1.0, 2 * min(up, down))


def cell(known: Law, count: int, expected: float, phi: float, margin: float, excludable: float) -> Cell:
    """Estimate, interval and p of one cell.

    The estimate is median-unbiased (mid-p); at an extreme count, where that is infinite, the log odds ratio that makes the
    count as likely as not. References: Hirji, Tsiatis & Mehta (1989), Am. Stat. 43:7-11; Lancaster (1961), J. Am. Stat. Assoc. 56:223-234.
    """
    x = math.log(excludable)
    near = max(widened(known.tails(count, x)[0], phi), widened(known.tails(count, -x)[1], phi))
    tail = widened_tail(phi)
    low = -math.inf if count == known.low else _solve(lambda t: known.tails(count, t)[1] - tail)
    high = math.inf if count == known.high else _solve(lambda t: known.tails(count, t)[0] - tail)
    return Cell(
        count=count,
        expected=expected,
        log_odds=_median(known, count),
        interval=(low, high),
        p_value=two_sided(known, count, phi, margin),
        p_near=near,
        best_p=min(two_sided(known, c, phi, margin) for c in (known.low, known.high)),
    )


def widened_tail(phi: float) -> float:
    """The tail at which a 95 % interval ends when counts vary `phi` times as much."""
    return float(ndtr(ndtri(LEVEL_TAIL) * math.sqrt(phi)))


def _median(known: Law, count: int) -> float:
    if known.low == known.high:
        return 0.0
    if count in (known.low, known.high):
        return _solve(lambda t: float(known.tilted(t)[count - known.low]) - 0.5)
    return _solve(lambda t: known.tails(count, t)[1] - 0.5)


def _solve(g: Any) -> float:
    low, high = g(-_WIDEST), g(_WIDEST)
    if low * high > 0:
        return -_WIDEST if abs(low) < abs(high) else _WIDEST
    return float(brentq(g, -_WIDEST, _WIDEST, xtol=1e-6))


def could_pass(best_p: Array, level: float) -> Array:
    """Which cells could ever pass, had they the most extreme count, at `level` / (number of such cells).

    `best_p` (cells,) is the least p each could reach; returns bool (cells,). References: Tarone (1990), Biometrics 46:515-522.
    """
    for k in range(1, len(best_p) + 1):
        passing = best_p <= level / k
        if passing.sum() <= k:
            return np.asarray(passing)
    return np.zeros(len(best_p), dtype=bool)


def articles_needed(share: float, cells: int, phi: float, margin: float, level: float = 0.05) -> int | None:
    """Articles without a mention that would make an omission pass, where the pool has the point in `share` of its articles."""
    if not 0 < share < 1:
        return None
    odds = share / (1 - share) / margin
    # twice the smaller of two mid-p tails, each half a point probability: 2 * (1 - p)^n / 2
    return math.ceil(phi * math.log(level / max(1, cells)) / math.log(1 - odds / (1 + odds)))

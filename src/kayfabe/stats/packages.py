"""Acceptance by counts that fade with age, and the packages of provisions that everybody accepts.

A share of favourable occasions is judged against miscoding in the worse direction: with coding error e, an actor whose true
share is a may show up to a + e (1 - a), and at least a (1 - e).
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import bdtr, betainc, betaincinv

Array = np.ndarray[Any, Any]


def aged(days: Array, half_life: float) -> Array:
    """Weight of an occasion that lies `days` back: 1 today, 1/2 after one half-life."""
    return np.asarray(0.5 ** (np.maximum(days, 0) / half_life))


def runs(residual: Array, cluster: Array) -> float:
    """How much more sums over `cluster` vary than independent occasions would, at least 1 (see attention.overdispersion)."""
    square = float((residual**2).sum())
    return 1.0 if square < 1e-9 else max(1.0, float((np.bincount(cluster, weights=residual) ** 2).sum()) / square)


LATEST = (2, 3, 4, 5, 6, 8, 12, 20)
TURNED = 0.02


def turned(good: Array, cell: Array) -> Array:
    """(occasions,): how many of the latest occasions of its cell run against the earlier ones (0: they do not, or there are too few).

    `good` (occasions,) bool, in order of `cell` and time. The latest 2, 3, 4, 5, 6, 8, 12 and 20 are looked at, where at least as many lie before
    them; they run against the earlier ones where so few good ones have a binomial probability below .02 at the earlier share (at most .9).
    """
    size = np.bincount(cell)
    first = np.cumsum(size) - size
    total = np.concatenate([[0], np.cumsum(good)])
    ends = first + size
    least, found = np.full(len(size), TURNED), np.zeros(len(size), dtype=int)
    for m in LATEST:
        at = np.maximum(ends - m, first)
        late, early = total[ends] - total[at], total[at] - total[first]
        share = np.minimum(0.9, (early + 0.5) / (at - first + 1))
        p = np.where(at - first >= m, bdtr(late, m, share), 1.0)
        found, least = np.where(p < least, m, found), np.minimum(p, least)
    return np.asarray(found[cell])


def above(k: Array, n: Array, share: float, error: float) -> Array:
    """p of "the share is at most `share`" from `k` favourable of `n` occasions, counts that may be fractions.

    The binomial tail P(X >= k) = I_q(k, n - k + 1) at q = share + error (1 - share). With ages as weights (at most 1) the sum
    varies less than a binomial count of the same size, so that the p is conservative.
    References: Clopper & Pearson (1934), Biometrika 26:404-413.
    """
    q = share + error * (1 - share)
    return np.where(k > 0, betainc(np.maximum(k, 1e-12), n - k + 1, q), 1.0)


def below(k: Array, n: Array, share: float, error: float) -> Array:
    """p of "the share is at least `share`": P(X <= k) at q = share (1 - error)."""
    q = share * (1 - error)
    return np.where(k < n, 1 - betainc(k + 1, np.maximum(n - k, 1e-12), q), 1.0)


def bounds(k: Array, n: Array, tail: float | Array, error: float) -> tuple[Array, Array]:
    """Lower and upper bound of the true share, each missed with probability at most `tail`; 0 and 1 without occasions."""
    low = np.where(k > 0, betaincinv(np.maximum(k, 1e-12), n - k + 1, tail), 0.0)
    high = np.where(k < n, betaincinv(k + 1, np.maximum(n - k, 1e-12), 1 - np.asarray(tail)), 1.0)
    return np.clip((low - error) / (1 - error), 0, 1), np.clip(high / (1 - error), 0, 1)


def largest_share(k: Array, n: Array, tail: float, error: float) -> float:
    """Lower bound of the largest share among provisions, of the least willing actor on each: the largest share that Simes's test still
    excludes at `tail`. `k`, `n` have shape (actors, provisions).

    Where several provisions stand, no correction for all of them is needed. References: Simes (1986), Biometrika 73:751-754; Berger
    (1982), Technometrics 24:295-300, for the largest p over actors.
    """
    rank = np.arange(1, k.shape[1] + 1) / k.shape[1]

    def excluded(share: float) -> bool:
        return bool((np.sort(above(k, n, share, error).max(axis=0)) / rank).min() <= tail)

    low, high = 0.0, 1.0
    if not excluded(low):
        return 0.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if excluded(middle) else (low, middle)
    return low


def probability(k: Array, n: Array, share: float, error: float) -> Array:
    """Probability that the true share exceeds `share`, from a uniform prior: description, not a test."""
    return np.asarray(1 - betainc(k + 1, n - k + 1, share + error * (1 - share)))


def unanimous(share: float, error: float, p: float) -> int:
    """Occasions, all favourable, that bring `above` to at most `p`."""
    return math.ceil(math.log(p) / math.log(share + error * (1 - share)))


@dataclass(frozen=True, order=True)
class Package:
    """`members` are provision numbers, `probability` that all named actors accept all of them."""

    probability: float
    members: tuple[int, ...]


def best_packages(accepted: Array, least: float = 0.5, most: int = 5) -> list[Package]:
    """The largest packages that stay at or above `least`, the likeliest first: exact, by branch and bound.

    `accepted` (provisions,) is the probability that every actor accepts the provision; a package's is their product, which
    never grows when a provision is added: a branch ends as soon as it falls below `least`, or cannot reach the largest size.
    References: Agrawal & Srikant (1994), Proc. 20th VLDB, 487-499, for pruning by an antitone measure.
    """
    order = np.lexsort((np.arange(len(accepted)), -accepted))
    logs = np.log(np.maximum(accepted[order], 1e-300))
    total = np.concatenate([[0.0], np.cumsum(logs)])
    floor = math.log(least) - 1e-12
    size = int(np.searchsorted(-total, -floor, side="right")) - 1
    if size <= 0:
        return []
    kept: list[tuple[float, tuple[int, ...]]] = []

    def grow(start: int, chosen: tuple[int, ...], value: float) -> None:
        lacking = size - len(chosen)
        if not lacking:
            entry = (value, tuple(-i for i in chosen))
            if len(kept) < most:
                heapq.heappush(kept, entry)
            elif entry > kept[0]:
                heapq.heapreplace(kept, entry)
            return
        for i in range(start, len(logs) - lacking + 1):
            reach = value + total[i + lacking] - total[i]  # the best that can still follow, since logs fall
            if reach < floor or (len(kept) == most and reach <= kept[0][0] + 1e-12):  # a tie comes too late
                return
            grow(i + 1, (*chosen, i), value + float(logs[i]))

    grow(0, (), 0.0)
    ranked = sorted(kept, reverse=True)
    return [Package(math.exp(v), tuple(sorted(int(order[-i]) for i in chosen))) for v, chosen in ranked]

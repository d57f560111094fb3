"""Exact tests of counts of co-shares, and false discovery rates that know how coarse such p-values are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from kayfabe.stats.compiled import compiled

Array = np.ndarray[Any, Any]
_HIGHEST = 0.1
_DIGITS_LEFT = 42
_SMALLEST = int(np.array([2.0**-64]).view(np.int64)[0]) >> _DIGITS_LEFT


@dataclass(frozen=True)
class Tails:
    """Upper tails P(S >= s), s = 0..n, of several Poisson-binomial counts, one after the other.

    `values` (sum of n + 1,), `start` (tests,) the place of s = 0, `n` (tests,).
    """

    values: Array
    start: Array
    n: Array

    def at(self, counts: Array) -> Array:
        """P(S >= counts), shape (tests,)."""
        return np.asarray(self.values[self.start + counts])


def poisson_binomial(chances: Array, first: Array, n: Array) -> Tails:
    """Exact tails of sums of independent trials. Test t has the trials chances[first[t] : first[t] + n[t]].

    References: Hong (2013), Comput. Stat. Data Anal. 59:41-51.
    """
    start = np.concatenate([[0], np.cumsum(n + 1, dtype=np.int64)])
    values = np.empty(int(start[-1]))
    tight = np.zeros(len(chances), dtype=np.float32)
    _laws(chances, tight, first.astype(np.int64), n.astype(np.int64), 1, 1, np.ones(1), np.ones(1), values)
    return Tails(values, start[:-1], n)


HIT, TIGHT = 2, 3
"""Points of a trial: within the window, and within its inner third."""


def point_tails(
    chances: Array, tight: Array, first: Array, n: Array, spread: float = 0.0, nodes: int = 1
) -> Tails:
    """Exact tails of sums of points: a trial gives TIGHT with probability chance * tight, HIT with chance * (1 - tight), else nothing.

    Test t has the trials first[t] : first[t] + n[t] of `chances` and `tight`. With a `spread`, averaged over an error of the log odds of
    the chances, normal with that standard deviation, which the trials of a test share: chances are estimates, and many trials must
    not make them look exact. Gauss-Hermite with `nodes` points. `n` of the result counts points: TIGHT * trials.
    """
    factor, weight = errors(spread, nodes)
    start = np.concatenate([[0], np.cumsum(TIGHT * n + 1, dtype=np.int64)])
    values = np.empty(int(start[-1]))
    tight = tight.astype(np.float32, copy=False)
    _laws(chances, tight, first.astype(np.int64), n.astype(np.int64), HIT, TIGHT, factor, weight, values)
    return Tails(values, start[:-1], TIGHT * n.astype(np.int64))


def errors(spread: float, nodes: int) -> tuple[Array, Array]:
    """(factors of the odds, their weights): Gauss-Hermite nodes of a normal error of the log odds with standard deviation `spread`."""
    points, weights = hermegauss(nodes)
    return np.exp(spread * points), weights / weights.sum()


@compiled
def _laws(
    chances: Array, tight: Array, first: Array, n: Array, hit: int, top: int, factor: Array, weight: Array, values: Array
) -> None:
    """Writes the tails of all tests one after the other into `values`."""
    mass = np.empty(top * (n.max() + 1) + 1 if len(n) else 1)
    start = 0
    for t in range(len(n)):
        end = start + top * n[t] + 1
        tails_of(chances[first[t] : first[t] + n[t]], tight[first[t] : first[t] + n[t]], hit, top, factor, weight, 0.0, mass, values[start:end])
        start = end


@compiled
def tails_of(
    chances: Array, tight: Array, hit: int, top: int, factor: Array, weight: Array, least: float, mass: Array, tails: Array
) -> None:
    """Writes P(points >= s) into `tails` (top * trials + 1,): a trial gives `top` points with probability chance * tight, `hit` with
    chance * (1 - tight); averaged with `weight` over odds of the chances times `factor`. The highest sums are dropped where rarer than
    `least`. `mass` is scratch, top cells longer."""
    size = len(tails)
    tails[:] = 0
    for node in range(len(factor)):
        end = top
        mass[: end + 1] = 0
        mass[end] = 1
        for t in range(len(chances)):
            odds = chances[t] / max(1 - chances[t], 1e-12) * factor[node]
            p = odds / (1 + odds)
            inner = p * tight[t]
            mass[end + 1 : end + top + 1] = 0
            end += top
            for c in range(end, top - 1, -1):
                mass[c] = (1 - p) * mass[c] + (p - inner) * mass[c - hit] + inner * mass[c - top]
            while mass[end] < least:
                end -= 1
        for c in range(end - top + 1):
            tails[c] += weight[node] * mass[top + c]
    for c in range(size - 2, -1, -1):
        tails[c] += tails[c + 1]
    for c in range(size):
        tails[c] = min(1.0, tails[c])
    tails[0] = 1


def step_up(p: Array) -> Array:
    """Benjamini-Hochberg q-values, shape (tests,)."""
    q = np.ones(len(p))
    below = np.flatnonzero(p < 1)
    order = below[np.argsort(p[below], kind="stable")]
    ratio = p[order] * len(p) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(np.minimum.accumulate(ratio[::-1])[::-1], 1)
    return q


def attainable_step_up(least: Array, p: Array, level: float = 0.05) -> Array:
    """Benjamini-Hochberg q-values over the tests that could stand at `level`; the others have q = 1. Shape (tests,).

    `least` is the smallest p that each test can attain; it follows from its trials, not from its outcome. With K the smallest number such
    that at most K tests can attain p <= level / K, only those K are corrected for. References: Gilbert (2005), J. R. Stat. Soc. C 54:143-158.
    """
    q = np.ones(len(p))
    k = np.arange(1, len(p) + 1)
    able = np.searchsorted(np.sort(least), level / k, side="right")
    enough = np.flatnonzero(able <= k)
    if len(enough):
        some = least <= level / k[enough[0]]
        q[some] = step_up(p[some])
    return q


def discrete_step_up(parts: Iterable[Tails], p: Array) -> Array:
    """q-values for p-values that can take few values: q(t) = min over t' >= t of sum_i F_i(t') / #{p <= t'}.

    `parts` hold the tails of all tests. F_i(t) is the largest attainable p of test i that is not above t: a test that can never be small
    costs nothing. Levels t' go up to .1; beyond it q is 1.
    References: Heller & Gur (2011), arXiv:1112.4627; Döhler, Durand & Roquain (2018), Electron. J. Stat. 12:1867-1900.
    """
    ranked, times = np.unique(p[p <= _HIGHEST], return_counts=True)
    gained = np.zeros(len(ranked) + 1)
    highest = _cells(np.array([_HIGHEST]))[0]
    table = np.searchsorted(_cells(ranked), np.arange(highest + 2)).astype(np.int32)
    for tails in parts:
        _gain(tails.values, tails.start, tails.n.astype(np.int64, copy=False), ranked, table, gained)
    ratio = np.cumsum(gained[:-1]) / np.cumsum(times)
    q = np.append(np.minimum(1, np.minimum.accumulate(ratio[::-1])[::-1]), 1)
    return np.asarray(q[np.searchsorted(ranked, p)])


def _cells(values: Array) -> Array:
    """The first 10 binary digits and the exponent of each, from 2^-64 on: cells in order of size, each 1/1024 of an octave."""
    return np.asarray(np.maximum((values.view(np.int64) >> _DIGITS_LEFT) - _SMALLEST, 0))


@compiled
def _gain(values: Array, start: Array, n: Array, ranked: Array, table: Array, gained: Array) -> None:
    """Adds to gained[i] what every tail with ranked[i - 1] < tail <= ranked[i] has beyond the next smaller one of its test.

    `table` says where each cell of `_cells` begins in `ranked`.
    """
    bits = values.view(np.int64)
    for t in range(len(n)):
        for c in range(start[t], start[t] + n[t] + 1):
            if values[c] > _HIGHEST:
                continue
            below = values[c + 1] if c < start[t] + n[t] else 0.0
            cell = max((bits[c] >> _DIGITS_LEFT) - _SMALLEST, 0)
            low, high = table[cell], table[cell + 1]
            while low < high:
                middle = (low + high) >> 1
                if ranked[middle] < values[c]:
                    low = middle + 1
                else:
                    high = middle
            gained[low] += values[c] - below

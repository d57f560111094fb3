"""Exact tests of counts of co-shares, and false discovery rates that know how coarse such p-values are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

Array = np.ndarray[Any, Any]
_CELLS_AT_ONCE = 1_000_000
_HIGHEST = 0.1


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

    Tests of similar length are convolved together, trial by trial. References: Hong (2013), Comput. Stat. Data Anal. 59:41-51.
    """
    start = np.concatenate([[0], np.cumsum(n + 1)])
    values = np.empty(int(start[-1]))
    for tests, longest in _alike(n, _CELLS_AT_ONCE):
        begin, size = first[tests], n[tests]
        mass = np.zeros((longest + 1, len(tests)))
        mass[0] = 1
        for trial in range(longest):
            p = np.where(trial < size, chances[np.minimum(begin + trial, len(chances) - 1)], 0.0)
            moved = p * mass[: trial + 1]
            mass[: trial + 1] -= moved
            mass[1 : trial + 2] += moved
        _write_tails(values, start[tests], size + 1, mass)
    return Tails(values, start[:-1], n)


def _alike(n: Array, cells: int) -> Iterator[tuple[Array, int]]:
    """(tests, their largest n) of similar n, at most `cells` cells of tests * (n + 1) at once."""
    order = np.argsort(n, kind="stable")
    size = n[order]
    begin = 0
    while begin < len(order):
        end = int(np.searchsorted(size, max(int(size[begin]), int(size[begin] * 1.15)), side="right"))
        longest = int(size[end - 1])
        end = min(end, begin + max(1, cells // (longest + 1)))
        yield order[begin:end], int(size[end - 1])
        begin = end


def _write_tails(values: Array, start: Array, cells: Array, mass: Array) -> None:
    """Sum `mass` (cell, test) from above into `values`, of each test its own cells from `start` on."""
    tail = np.minimum(1, np.cumsum(mass[::-1], axis=0)[::-1])
    tail[0] = 1
    for cell in range(len(tail)):
        inside = np.flatnonzero(cell < cells) if cell >= cells.min() else slice(None)
        values[start[inside] + cell] = tail[cell, inside]


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
    points, weights = hermegauss(nodes)
    weights = weights / weights.sum()
    factor = np.exp(spread * points)
    odds = chances / np.maximum(1 - chances, 1e-12)
    cells = TIGHT * n + 1
    start = np.concatenate([[0], np.cumsum(cells)])
    values = np.empty(int(start[-1]))
    for tests, longest in _alike(n, _CELLS_AT_ONCE // (TIGHT * nodes)):
        mass = np.zeros((TIGHT * longest + 1, nodes, len(tests)))
        mass[0] = 1
        for trial in range(longest):
            place = np.minimum(first[tests] + trial, len(chances) - 1)
            moved = np.where(trial < n[tests], odds[place], 0.0) * factor[:, None]
            p = moved / (1 + moved)
            inner = p * tight[place]
            top = TIGHT * trial + 1
            old = mass[:top].copy()
            mass[:top] *= 1 - p
            mass[HIT : top + HIT] += (p - inner) * old
            mass[TIGHT : top + TIGHT] += inner * old
        _write_tails(values, start[tests], cells[tests], np.einsum("cnt,n->ct", mass, weights))
    return Tails(values, start[:-1], TIGHT * n)


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
    for tails in parts:
        below = np.append(tails.values[1:], 0)
        below[tails.start + tails.n] = 0
        small = tails.values <= _HIGHEST
        values = tails.values[small]
        gained += np.bincount(np.searchsorted(ranked, values), values - below[small], len(gained))
    ratio = np.cumsum(gained[:-1]) / np.cumsum(times)
    q = np.append(np.minimum(1, np.minimum.accumulate(ratio[::-1])[::-1]), 1)
    return np.asarray(q[np.searchsorted(ranked, p)])

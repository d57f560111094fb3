"""Exact tests of counts of co-shares, and false discovery rates that know how coarse such p-values are."""

from __future__ import annotations

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
    start = start[:-1]
    order = np.argsort(n, kind="stable")
    begin = 0
    while begin < len(order):
        shortest = int(n[order[begin]])
        longest = max(shortest, int(shortest * 1.15))
        end = int(np.searchsorted(n[order], longest, side="right"))
        end = min(end, begin + max(1, _CELLS_AT_ONCE // (longest + 1)))
        tests = order[begin:end]
        longest = int(n[tests].max())
        lanes = np.arange(longest)
        p = np.where(
            lanes < n[tests][:, None], chances[np.minimum(first[tests][:, None] + lanes, len(chances) - 1)], 0.0
        )
        mass = np.zeros((len(tests), longest + 1))
        mass[:, 0] = 1
        for trial in range(longest):
            q = p[:, trial, None]
            mass[:, 1 : trial + 2] += q * (mass[:, : trial + 1] - mass[:, 1 : trial + 2])
            mass[:, 0] *= 1 - q[:, 0]
        tail = np.minimum(1, np.cumsum(mass[:, ::-1], axis=1)[:, ::-1])
        tail[:, 0] = 1
        cells = np.arange(longest + 1)
        inside = cells <= n[tests][:, None]
        values[(start[tests][:, None] + cells)[inside]] = tail[inside]
        begin = end
    return Tails(values, start, n)


HIT, TIGHT = 2, 3
"""Points of a trial: within the window, and within its inner third."""


def uncertain_points(chances: Array, tight: Array, first: Array, n: Array, spread: float, nodes: int) -> Tails:
    """Exact tails of sums of points: a trial gives TIGHT with probability chance * tight, HIT with chance * (1 - tight), else nothing.

    Averaged over an error of the log odds of the chances, normal with standard deviation `spread`, that the trials of a test share:
    chances are estimates, and many trials must not make them look exact. Gauss-Hermite with `nodes` points; `chances`, `tight` by trial.
    `n` of the result counts points: TIGHT * trials.
    """
    points, weights = hermegauss(nodes)
    weights = weights / weights.sum()
    factor = np.exp(spread * points)
    odds = chances / (1 - chances)
    cells = TIGHT * n + 1
    start = np.concatenate([[0], np.cumsum(cells)])
    values = np.empty(int(start[-1]))
    order = np.argsort(n, kind="stable")
    begin = 0
    while begin < len(order):
        longest = max(int(n[order[begin]]), int(n[order[begin]] * 1.15))
        end = int(np.searchsorted(n[order], longest, side="right"))
        end = min(end, begin + max(1, _CELLS_AT_ONCE // (nodes * (TIGHT * longest + 1))))
        tests = order[begin:end]
        longest = int(n[tests].max())
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
        law = np.einsum("cnt,n->tc", mass, weights)
        tail = np.minimum(1, np.cumsum(law[:, ::-1], axis=1)[:, ::-1])
        tail[:, 0] = 1
        lanes = np.arange(TIGHT * longest + 1)
        inside = lanes < cells[tests][:, None]
        values[(start[tests][:, None] + lanes)[inside]] = tail[inside]
        begin = end
    return Tails(values, start[:-1], TIGHT * n)


def step_up(p: Array) -> Array:
    """Benjamini-Hochberg q-values, shape (tests,)."""
    if not len(p):
        return np.zeros(0)
    order = np.argsort(p, kind="stable")
    q = np.minimum.accumulate((p[order] * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
    out = np.empty(len(p))
    out[order] = np.minimum(q, 1)
    return out


def attainable_step_up(tails: Tails, p: Array, level: float = 0.05) -> Array:
    """Benjamini-Hochberg q-values over the tests that could stand at `level`; the others have q = 1. Shape (tests,).

    The smallest p that a test can attain follows from its trials, not from its outcome. With K the smallest number such that at
    most K tests can attain p <= level / K, only those K are corrected for. References: Gilbert (2005), J. R. Stat. Soc. C 54:143-158.
    """
    q = np.ones(len(p))
    least = tails.values[tails.start + tails.n]
    k = np.arange(1, len(p) + 1)
    able = np.searchsorted(np.sort(least), level / k, side="right")
    enough = np.flatnonzero(able <= k)
    if len(enough):
        some = least <= level / k[enough[0]]
        q[some] = step_up(p[some])
    return q


def discrete_step_up(tails: Tails, p: Array) -> Array:
    """q-values for p-values that can take few values: q(t) = min over t' >= t of sum_i F_i(t') / #{p <= t'}.

    F_i(t) is the largest attainable p of test i that is not above t: a test that can never be small costs nothing. Levels t' go up to .1; beyond it q is 1.
    References: Heller & Gur (2011), arXiv:1112.4627; Döhler, Durand & Roquain (2018), Electron. J. Stat. 12:1867-1900.
    """
    if not len(p):
        return np.zeros(0)
    below = np.append(tails.values[1:], 0)
    below[tails.start + tails.n] = 0
    small = tails.values <= _HIGHEST
    values = tails.values[small]
    order = np.argsort(values)
    reach = np.append(0, np.cumsum((values - below[small])[order]))
    ranked = np.sort(p[p <= _HIGHEST])
    expected = reach[np.searchsorted(values[order], ranked, side="right")]
    ratio = expected / np.searchsorted(ranked, ranked, side="right")
    q = np.append(np.minimum(1, np.minimum.accumulate(ratio[::-1])[::-1]), 1)
    return np.asarray(q[np.searchsorted(ranked, p, side="left")])

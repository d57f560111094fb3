"""Does a series of signs turn more often than coding errors and one lasting change allow?

A series is a stance's sign at each occasion, in time order, seen with error. Three paths are compared: constant, one lasting
change, and a two-state chain that may turn at any step. A permutation of the residuals tests the order of the signs; a simulation
with a known error tests their rate. Sources: Rabiner (1989), Proc. IEEE 77:257-286 (filter); Chib (1996), J. Econometrics
75:79-97 (backward sampling); Phipson & Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9:39 (permutation p).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

Array = np.ndarray[Any, Any]
SWITCH = np.array([0.01, 0.02, 0.04, 0.08, 0.16, 0.35])
SLACK = np.array([0.0, 0.5, 1.0, 1.6])
SLACK_WEIGHT = np.array([0.65, 0.22, 0.09, 0.04])
LOWEST_ERROR, HIGHEST_ERROR, HIGHEST_SLACK = 0.01, 0.45, 0.48
SPREAD = 0.25
_CELLS = 2_000_000


@dataclass(frozen=True)
class Series:
    """Signs (+1 or -1), the error of each and the size class of each: all of shape (T,), in time order."""

    signs: Array
    errors: Array
    classes: Array


@dataclass(frozen=True)
class Arm:
    """A statistic, its permutation p and, per series, both."""

    statistic: float
    p: float
    by_series: tuple[float, ...]
    p_by_series: tuple[float, ...]


def worse(errors: Array, by: float | Array) -> Array:
    """`errors` of a coding that is worse by `by` on the logit scale, at most .48."""
    return np.asarray(np.minimum(special.expit(special.logit(errors) + by), HIGHEST_SLACK))


def path_likelihoods(signs: Array, errors: Array) -> tuple[Array, Array]:
    """Log-likelihoods of the constant path and of one change, for signs (B, T) and errors (T,): each (B,).

    The start sign has probability 1/2, the place of the change is uniform; both are averaged over errors that are worse than
    given by SLACK, with weights SLACK_WEIGHT.
    """
    constant, once = zip(*(_paths(part, errors) for part in _parts(signs)), strict=True)
    return np.concatenate(constant), np.concatenate(once)


def _paths(signs: Array, errors: Array) -> tuple[Array, Array]:
    e = worse(errors[None, :], SLACK[:, None])
    base = 0.5 * (np.log(e) + np.log1p(-e)).sum(axis=1)
    walk = np.cumsum(signs[:, None, :] * (-0.5 * special.logit(e))[None], axis=2)
    whole = walk[:, :, -1]
    constant = base + np.logaddexp(whole, -whole) - math.log(2)
    turned = np.abs(2 * walk[:, :, :-1] - whole[:, :, None])
    if not turned.shape[2]:
        return _mixed(constant), _mixed(constant)
    top = turned.max(axis=2)
    both = np.exp(turned - top[:, :, None]) + np.exp(-turned - top[:, :, None])
    once = base + top + np.log(both.sum(axis=2)) - math.log(2 * turned.shape[2])
    return _mixed(constant), _mixed(once)


def chain_likelihood(signs: Array, errors: Array) -> Array:
    """Log-likelihood (B,) of the chain for signs (B, T): the start sign has probability 1/2, the switch rate is uniform over
    SWITCH; averaged over errors as in `path_likelihoods`."""
    e = worse(errors[None, :], SLACK[:, None])
    by_rate = np.concatenate([_filter(part, e)[0] for part in _parts(signs)])
    return _mixed(special.logsumexp(by_rate, axis=2) - math.log(len(SWITCH)))


def _parts(signs: Array) -> list[Array]:
    return np.array_split(signs, max(1, math.ceil(signs.size * len(SLACK) / _CELLS)))


def _mixed(by_slack: Array) -> Array:
    return np.asarray(special.logsumexp(by_slack, b=SLACK_WEIGHT, axis=1))


def _filter(signs: Array, e: Array, keep: bool = False) -> tuple[Array, Array]:
    """Log-likelihood (B, slack, switch) of the chain and, if kept, P(plus | signs so far) (T, B, slack, switch)."""
    size, steps = signs.shape
    p = np.full((size, len(e), len(SWITCH)), 0.5)
    product, total = np.ones_like(p), np.zeros_like(p)
    kept = np.empty((steps, *p.shape)) if keep else np.empty(0)
    stay = 1 - 2 * SWITCH
    for t in range(steps):
        if t:
            p = SWITCH + stay * p
        plus = np.where(signs[:, t, None] > 0, 1 - e[:, t], e[:, t])[:, :, None]
        joint = p * plus
        seen = joint + (1 - p) * (1 - plus)
        p = joint / seen
        product *= seen
        if t % 60 == 59:
            total += np.log(product)
            product[:] = 1.0
        if keep:
            kept[t] = p
    return total + np.log(product), kept


def one_change_path(series: Series) -> Array:
    """The best path with at most one change, as signs (T,); the constant one where they are equally good."""
    walk = np.concatenate([[0.0], np.cumsum(series.signs * -special.logit(series.errors))])
    score = 2 * walk - walk[-1]
    best = len(walk) - 1 if abs(score[-1]) >= np.abs(score).max() - 1e-9 else int(np.argmax(np.abs(score)))
    first = 1 if score[best] >= 0 else -1
    return np.where(np.arange(len(series.signs)) < best, first, -first)


def constant_path(series: Series) -> Array:
    """The best constant path, as signs (T,)."""
    weight = float((series.signs * -special.logit(series.errors)).sum())
    return np.full(len(series.signs), 1 if weight >= 0 else -1)


def order_arm(series: Sequence[Series], *, turn: bool, draws: int, rng: np.random.Generator) -> Arm:
    """Does the order of the signs speak for more than the path under test?

    `turn` False: the chain against at most one change; True: one change against none. The residuals of the best path of the
    null are permuted within size class, so that errors of any rate are kept and only their order is tested.
    """
    observed, null = [], []
    for s in series:
        path = constant_path(s) if turn else one_change_path(s)
        shuffled = _permuted(s.signs * path, s.classes, draws, rng) * path
        signs = np.concatenate([s.signs[None], shuffled])
        constant, once = path_likelihoods(signs, s.errors)
        t = once - constant if turn else chain_likelihood(signs, s.errors) - np.maximum(constant, once)
        observed.append(float(t[0]))
        null.append(t[1:])
    total = np.sum(null, axis=0)
    return Arm(
        sum(observed),
        _p(total, sum(observed)),
        tuple(observed),
        tuple(_p(n, o) for n, o in zip(null, observed, strict=True)),
    )


def _permuted(residuals: Array, classes: Array, draws: int, rng: np.random.Generator) -> Array:
    out = np.empty((draws, len(residuals)))
    for c in np.unique(classes):
        place = np.flatnonzero(classes == c)
        out[:, place] = residuals[place][np.argsort(rng.random((draws, len(place))), axis=1)]
    return out


def _p(null: Array, observed: float) -> float:
    return (1 + int((null >= observed - 1e-9).sum())) / (len(null) + 1)


def reversals(signs: Array) -> int:
    """Neighbours of opposite sign."""
    return int((signs[1:] != signs[:-1]).sum())


def rate_null(paths: Sequence[Array], errors: Sequence[Array], draws: int, rng: np.random.Generator) -> Array:
    """Reversals that errors around fixed paths give, (draws,); in each draw all errors are off by one factor exp(N(0, .25))."""
    factor = np.exp(rng.normal(0, SPREAD, (draws, 1)))
    count = np.zeros(draws, dtype=int)
    for path, e in zip(paths, errors, strict=True):
        seen = np.where(rng.random((draws, len(path))) < np.minimum(e * factor, 0.5), -path, path)
        count += (seen[:, 1:] != seen[:, :-1]).sum(axis=1)
    return count


def rate_p(null: Array, observed: int) -> float:
    """P(as many reversals by errors alone)."""
    return _p(null, observed)


def reversal_tail(observed: int, opportunities: int, error: float) -> float:
    """P(at least `observed` reversals in one series of `opportunities` + 1 signs of a constant stance), the error known up to
    a factor exp(N(0, .25)): exact by dynamic programming, the factor by Gauss-Hermite quadrature."""
    node, weight = np.polynomial.hermite_e.hermegauss(9)
    e = np.minimum(error * np.exp(SPREAD * node), 0.5)[:, None]
    right, wrong = np.zeros((9, opportunities + 1)), np.zeros((9, opportunities + 1))
    right[:, 0], wrong[:, 0] = 1 - e[:, 0], e[:, 0]
    for _ in range(opportunities):
        right, wrong = (1 - e) * (right + _one_more(wrong)), e * (wrong + _one_more(right))
    return float(weight @ (right + wrong)[:, observed:].sum(axis=1) / weight.sum())


def _one_more(counts: Array) -> Array:
    return np.concatenate([np.zeros((len(counts), 1)), counts[:, :-1]], axis=1)


def opportunities_needed(rate: float, error: float, alpha: float, least: int, most: int = 400) -> int | None:
    """The smallest number of opportunities at which reversals at this `rate` would be more than errors give; None: none."""
    if rate <= 2 * error * (1 - error):
        return None
    sizes: list[int] = [*range(least, 60), *range(60, most + 1, 20)]
    for n in sizes:
        if reversal_tail(round(rate * n), n, error) < alpha:
            return n
    return None


def posterior(series: Series, draws: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Number of true changes (draws,) and P(plus) at each occasion (T,), by forward filtering and backward sampling."""
    e = worse(series.errors[None, :], SLACK[:, None])
    likelihood, kept = _filter(series.signs[None], e, keep=True)
    weight = np.exp(likelihood[0] - likelihood.max()) * SLACK_WEIGHT[:, None]
    pick = rng.choice(weight.size, draws, p=(weight / weight.sum()).ravel())
    kept = kept[:, 0].reshape(len(series.signs), -1)[:, pick]
    switch = SWITCH[pick % len(SWITCH)]
    plus = rng.random(draws) < kept[-1]
    changes, share = np.zeros(draws, dtype=int), np.empty(len(series.signs))
    share[-1] = plus.mean()
    for t in range(len(series.signs) - 2, -1, -1):
        to_plus = np.where(plus, 1 - switch, switch) * kept[t]
        before = rng.random(draws) < to_plus / (to_plus + np.where(plus, switch, 1 - switch) * (1 - kept[t]))
        changes += before != plus
        plus = before
        share[t] = plus.mean()
    return changes, share


def turned(series: Series, side: int) -> float:
    """P(one lasting change with at least `side` occasions on either side), against none, both equally likely before."""
    if len(series.signs) < 2 * side:
        return 0.0
    e = worse(series.errors[None, :], SLACK[:, None])
    walk = np.cumsum(series.signs * -0.5 * special.logit(e), axis=1)
    score = 2 * walk[:, side - 1 : len(series.signs) - side] - walk[:, -1:]
    base = 0.5 * (np.log(e) + np.log1p(-e)).sum(axis=1) + np.log(SLACK_WEIGHT)
    once = special.logsumexp(np.logaddexp(score, -score) + base[:, None]) - math.log(score.shape[1])
    none = special.logsumexp(np.logaddexp(walk[:, -1], -walk[:, -1]) + base)
    return float(special.expit(once - none))


def reference_error(signs: Array, classes: Array, series: Array) -> tuple[Array, int]:
    """Error of each size class (3,) and the units it rests on, from series that hold one sign or one clear change.

    `series` (n,) numbers the series of each unit, units in time order within it. A change counts only where it turns at least
    3 net units, since a freer fit makes the error too small. Shrunk to the total rate with the weight of 8 units.
    """
    n = len(signs)
    if not n:
        return np.full(3, np.nan), 0
    order = np.argsort(series, kind="stable")
    s, c = signs[order].astype(float), classes[order]
    _, start, index, size = np.unique(series[order], return_index=True, return_inverse=True, return_counts=True)
    walk = np.cumsum(s)
    walk = walk - (walk - s)[start][index]
    whole = walk[start + size - 1]
    score = 2 * walk - whole[index]
    best = np.maximum.reduceat(np.abs(score), start)
    change = (best - np.abs(whole)) / 2 >= 3
    at_best = np.abs(score) >= best[index] - 1e-9
    place = np.minimum.reduceat(np.where(at_best, np.arange(n), n), start)
    first = np.where(change, np.sign(score[place]), np.where(whole >= 0, 1, -1))
    path = np.where(change[index] & (np.arange(n) > place[index]), -first[index], first[index])
    wrong = s != path
    total = (wrong.sum() + 1) / (n + 10)
    k, m = np.bincount(c, wrong, 3), np.bincount(c, minlength=3)
    return np.clip((k + 8 * total) / (m + 8), LOWEST_ERROR, HIGHEST_ERROR), n


def double_coding_error(disagreed: int, pairs: int) -> float:
    """Error of one coder from two who disagree with probability 2e(1 - e)."""
    d = min((disagreed + 0.5) / (pairs + 1), 0.495)
    return float(np.clip((1 - math.sqrt(1 - 2 * d)) / 2, LOWEST_ERROR, HIGHEST_ERROR))


def runs_test(signs: Array) -> tuple[int, float, float | None]:
    """Runs, expected runs and two-sided p. References: Wald & Wolfowitz (1940), Ann. Math. Stat. 11:147-162."""
    plus, minus = int((signs > 0).sum()), int((signs < 0).sum())
    n, runs = plus + minus, reversals(signs) + 1
    if not plus or not minus:
        return runs, 1.0, None
    expected = 1 + 2 * plus * minus / n
    variance = (expected - 1) * (expected - 2) / (n - 1)
    return (
        runs,
        expected,
        float(2 * stats.norm.sf(abs(runs - expected) / math.sqrt(variance))) if variance > 0 else None,
    )


def log_odds_shift(signs: Array, change: int) -> tuple[float, float]:
    """Log-odds of plus from `change` on less before it, and its standard error; half a unit is added to each cell.

    References: Haldane (1956), Ann. Hum. Genet. 20:309-311.
    """
    cells = [float((part == sign).sum()) + 0.5 for part in (signs[change:], signs[:change]) for sign in (1, -1)]
    return math.log(cells[0] * cells[3] / (cells[1] * cells[2])), math.sqrt(sum(1 / c for c in cells))


def mcnemar(b: int, c: int) -> float | None:
    """Exact two-sided p of equal discordant counts. References: McNemar (1947), Psychometrika 12:153-157."""
    return float(stats.binomtest(b, b + c, 0.5).pvalue) if b + c else None

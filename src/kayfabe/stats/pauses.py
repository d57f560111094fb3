"""Did a series rise after given dates? Forecasts from each date under AR(1) noise, with no credit for recovery from a low.

All kernels work on many sets of dates at once (leading axis `sets`), so that the whole fit is repeated for every placebo set.
References: Harville (1977), J. Am. Stat. Assoc. 72:320-338 (REML); Box & Tiao (1975), J. Am. Stat. Assoc. 70:70-79
(interventions in autocorrelated series); Bland & Altman (1994), BMJ 308:1499 (regression towards the mean).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

Array = np.ndarray[Any, Any]
PHI = np.round(np.arange(0, 1, 0.05), 2)
PRIOR_DF = 8
ITEM_DF = 20
LOCK = 0.05


@dataclass(frozen=True)
class Grid:
    """A series on a regular grid: `values` (n,) with NaN where nothing was observed; lengths in grid steps.

    `horizon`: steps looked at after a date; `fade`: further steps left out of the reference; `reach`: how far back the start
    may be taken; `lead`: steps at the beginning where no placebo may lie; `year`: steps in a year.
    """

    values: Array
    horizon: int
    fade: int
    reach: int
    lead: int
    year: float

    @property
    def observed(self) -> Array:
        return np.isfinite(self.values)

    def design(self) -> Array:
        """(n, 6): constant, line, sine and cosine of one and two cycles a year."""
        t = np.arange(len(self.values))
        turn = 2 * np.pi * t / self.year
        return np.stack(
            [np.ones(len(t)), t / len(t), np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn)], axis=1
        )


@dataclass(frozen=True)
class Rises:
    """What followed each date. `rise`, `noise` (variance of the forecast), `fit` (variance from the coefficients) and `start`
    (residual at the date) have shape (sets, k); `joint` (variance of the mean rise from the coefficients), `sd`, `phi`,
    `reference` (steps) and `in_season` (reference steps in the seasonal column, -1 without one) have shape (sets,);
    `residuals` (sets, n)."""

    rise: Array
    noise: Array
    fit: Array
    joint: Array
    start: Array
    sd: Array
    phi: Array
    reference: Array
    in_season: Array
    residuals: Array

    def against(self, other: Rises) -> Rises:
        """These rises less those of a comparison series in the same units; errors are taken as independent."""
        return Rises(
            self.rise - other.rise, self.noise + other.noise, self.fit + other.fit, self.joint + other.joint,
            self.start, self.sd, self.phi, self.reference, self.in_season, self.residuals,
        )  # fmt: skip


@dataclass(frozen=True)
class Mean:
    """Mean rise with its standard error, both (sets,), and the degrees of freedom."""

    estimate: Array
    se: Array
    df: int

    @property
    def t(self) -> Array:
        return np.asarray(self.estimate / self.se)


def usable(grid: Grid, dates: Array) -> Array:
    """Which grid positions (any shape) have a start at most `reach` steps back and half the horizon observed after them."""
    n = len(grid.values)
    seen = np.concatenate([[0], np.cumsum(grid.observed)])
    after = seen[np.clip(dates + grid.horizon + 1, 0, n)] - seen[np.clip(dates + 1, 0, n)]
    last = _last_observed(grid.observed)[np.clip(dates, 0, n - 1)]
    return np.asarray(
        (dates >= 0) & (dates < n) & (2 * after >= grid.horizon) & (last >= 0) & (dates - last <= grid.reach)
    )


def seasonal(grid: Grid, dates: Array) -> Array:
    """Which sets of dates (sets, k) lie in one season: three or more with exp(-k R^2) < .05 (Rayleigh)."""
    k = dates.shape[1]
    if k < 3:
        return np.zeros(len(dates), dtype=bool)
    length = np.abs(np.exp(2j * np.pi * dates / grid.year).mean(axis=1))
    return np.asarray(np.exp(-k * length**2) < LOCK)


def rises(grid: Grid, dates: Array) -> Rises:
    """The rise after each date, for `dates` (sets, k) of usable grid positions; sets in one season get a column for it."""
    locked = seasonal(grid, dates)
    parts = [(np.flatnonzero(locked == flag), flag) for flag in (False, True)]
    found = [(rows, _rises(grid, dates[rows], flag)) for rows, flag in parts if len(rows)]
    order = np.argsort(np.concatenate([rows for rows, _ in found]))
    names = Rises.__dataclass_fields__
    return Rises(**{name: np.concatenate([getattr(r, name) for _, r in found])[order] for name in names})


def _rises(grid: Grid, dates: Array, locked: bool) -> Rises:
    n, (sets, _) = len(grid.values), dates.shape
    t = np.arange(n)
    since = t[None, None, :] - dates[:, :, None]
    reference = grid.observed & ~((since >= 1) & (since <= grid.horizon + grid.fade)).any(axis=1)
    design = np.broadcast_to(grid.design(), (sets, n, 6))
    in_season = np.full(sets, -1)
    if locked:
        phase = np.mod(since, grid.year)
        column = np.asarray(((phase >= 0.5) & (phase < grid.horizon + 0.5)).any(axis=1))
        design = np.concatenate([design, column[:, :, None]], axis=2)
        in_season = (column & reference).sum(axis=1)
    values = np.nan_to_num(grid.values)
    phi, variance, b, covariance = _fit(values, design, reference)
    residuals = values - np.einsum("snq,sq->sn", design, b)

    row = np.arange(sets)[:, None, None]
    start = _last_observed(grid.observed)[dates]
    after = dates[:, :, None] + np.arange(1, grid.horizon + 1)
    seen = np.asarray((after < n) & grid.observed[np.minimum(after, n - 1)])
    after = np.minimum(after, n - 1)
    weight = seen / np.maximum(seen.sum(axis=2, keepdims=True), 1)
    lag = after - start[:, :, None]
    carry = phi[:, None, None] ** lag
    at_start = np.take_along_axis(residuals, start, axis=1)
    rise = (weight * (residuals[row, after] - carry * np.maximum(at_start, 0)[:, :, None])).sum(axis=2)
    between = (
        phi[:, None, None, None] ** np.abs(lag[..., :, None] - lag[..., None, :])
        - carry[..., :, None] * carry[..., None, :]
    )
    noise = variance[:, None] * np.einsum("ski,skij,skj->sk", weight, between, weight)
    lever = np.einsum(
        "skh,skhq->skq", weight, design[row, after] - carry[..., None] * design[row[:, :, 0], start][:, :, None, :]
    )
    fit = np.einsum("skq,sqr,skr->sk", lever, covariance, lever)
    mean = lever.mean(axis=1)
    joint = np.einsum("sq,sqr,sr->s", mean, covariance, mean)
    return Rises(rise, noise, fit, joint, at_start, np.sqrt(variance), phi, reference.sum(axis=1), in_season, residuals)


def _fit(values: Array, design: Array, reference: Array) -> tuple[Array, Array, Array, Array]:
    """AR(1) regression on the reference steps, gaps allowed, by REML over a grid of phi.

    `values` (n,), `design` (sets, n, q), `reference` (sets, n). Returns phi (sets,), marginal variance (sets,),
    coefficients (sets, q) and their covariance (sets, q, q).
    """
    sets, n, q = design.shape
    t = np.arange(n)
    last = np.maximum.accumulate(np.where(reference, t, -1), axis=1)
    before = np.concatenate([np.full((sets, 1), -1), last[:, :-1]], axis=1)
    gap = np.where(before >= 0, t - before, np.inf)
    both = (
        np.concatenate([design, np.broadcast_to(values[None, :, None], (sets, n, 1))], axis=2) * reference[:, :, None]
    )
    previous = np.take_along_axis(both, np.maximum(before, 0)[:, :, None], axis=1)
    # steps that follow on one another enter through three moments for every phi; only those after a gap are whitened one by one
    next_to = reference & (gap == 1)
    here, there = both * next_to[:, :, None], previous * next_to[:, :, None]
    squares, lagged = here.transpose(0, 2, 1) @ here, there.transpose(0, 2, 1) @ there
    product = here.transpose(0, 2, 1) @ there
    product = product + product.transpose(0, 2, 1)
    apart = reference & ~next_to
    rows = np.argsort(~apart, axis=1, kind="stable")[:, : int(apart.sum(axis=1).max())]
    counted, far = np.take_along_axis(apart, rows, axis=1), np.take_along_axis(gap, rows, axis=1)
    both, previous = (np.take_along_axis(x, rows[:, :, None], axis=1) for x in (both, previous))
    cross, scale = np.empty((len(PHI), sets, q + 1, q + 1)), np.empty((len(PHI), sets))
    for i, phi in enumerate(PHI):
        carry = phi**far
        left = 1 - carry**2
        white = (both - carry[:, :, None] * previous) * (counted / np.sqrt(left))[:, :, None]
        cross[i] = (squares - phi * product + phi**2 * lagged) / (1 - phi**2) + white.transpose(0, 2, 1) @ white
        scale[i] = next_to.sum(axis=1) * np.log(1 - phi**2) + (np.log(left) * counted).sum(axis=1)
    normal, moment = cross[..., :q, :q], cross[..., :q, q]
    b = np.linalg.solve(normal, moment[..., None])[..., 0]
    rss = np.maximum(cross[..., q, q] - (moment * b).sum(axis=-1), 1e-300)
    free = reference.sum(axis=1) - q
    likelihood = -0.5 * (scale + np.linalg.slogdet(normal)[1] + free * np.log(rss))
    best, row = likelihood.argmax(axis=0), np.arange(sets)
    variance = rss[best, row] / free
    return PHI[best], variance, b[best, row], variance[:, None, None] * np.linalg.inv(normal[best, row])


def mean_rise(found: Rises) -> Mean:
    """Mean over the dates; its error pools what the noise implies with the spread between the dates, never below the former."""
    k = found.rise.shape[1]
    implied = found.noise.sum(axis=1) / k**2 + found.joint
    between = found.rise.var(axis=1, ddof=1) / k if k > 1 else np.zeros(len(found.rise))
    pooled = (PRIOR_DF * implied + (k - 1) * between) / (PRIOR_DF - 1 + k)
    return Mean(found.rise.mean(axis=1), np.sqrt(np.maximum(implied, pooled)), PRIOR_DF - 1 + k)


def item_intervals(found: Rises, level: float = 0.95) -> tuple[Array, Array]:
    """(standard error, half width) of each rise, (sets, k)."""
    se = np.sqrt(found.noise + found.fit)
    return se, float(stats.t.ppf(0.5 + level / 2, ITEM_DF)) * se


def needed(found: Rises, margin: float, most: int = 500) -> int | None:
    """The smallest number of dates whose interval would clear `margin` if they went on like these (first set); None: none."""
    gain = float(found.rise[0].mean()) - margin
    if gain <= 0:
        return None
    k = np.arange(1, most + 1)
    implied = found.noise[0].mean() / k + found.joint[0]
    between = (found.rise[0].var(ddof=1) if found.rise.shape[1] > 1 else 0.0) / k
    pooled = (PRIOR_DF * implied + (k - 1) * between) / (PRIOR_DF - 1 + k)
    enough = stats.t.ppf(0.975, PRIOR_DF - 1 + k) * np.sqrt(np.maximum(implied, pooled)) < gain
    return int(k[enough.argmax()]) if enough.any() else None


def placebo_sets(grid: Grid, dates: Array, rng: np.random.Generator, sets: int = 199) -> Array:
    """Sets (at most `sets`, k) of usable positions away from `dates` (k,) and at least a horizon apart.

    Sets are drawn uniformly; all are listed where there are no more than `sets`. `grid` holds the series with the steps after
    `dates` masked. Shape (0, k) where there is none.
    """
    t = np.arange(len(grid.values))
    off = t[:, None] - dates[None, :]
    near = ((off > -grid.horizon) & (off < grid.horizon + grid.fade)).any(axis=1)
    places = t[usable(grid, t) & ~near & (t >= grid.lead)]
    k = len(dates)
    after = np.searchsorted(places, places + grid.horizon)
    ways = [np.ones(len(places) + 1)]
    for _ in range(k):
        here = ways[-1][after]
        ways.append(np.append(np.cumsum(here[::-1])[::-1], 0.0))
    total = ways[k][0] if len(places) else 0.0
    if total < 1:
        return np.empty((0, k), dtype=int)
    rank = np.arange(total) if total <= sets else rng.random(sets) * total
    first = np.zeros(len(rank), dtype=int)
    chosen = np.empty((len(rank), k), dtype=int)
    for j in range(k):
        tail = ways[k - j]
        # sets that begin at or before place i, counted from the first place still free
        up_to = tail[0] - tail[1:]
        target = rank + tail[0] - tail[first]
        pick = np.minimum(np.searchsorted(up_to, target, side="right"), len(places) - 1)
        chosen[:, j] = places[pick]
        rank = target - (tail[0] - tail[pick])
        first = after[pick]
    return chosen


def masked(grid: Grid, dates: Array) -> Grid:
    """`grid` without the steps that follow `dates` (k,) up to horizon and fade."""
    since = np.arange(len(grid.values))[:, None] - dates[None, :]
    hidden = ((since >= 1) & (since <= grid.horizon + grid.fade)).any(axis=1)
    return Grid(np.where(hidden, np.nan, grid.values), grid.horizon, grid.fade, grid.reach, grid.lead, grid.year)


def _last_observed(observed: Array) -> Array:
    return np.asarray(np.maximum.accumulate(np.where(observed, np.arange(len(observed)), -1)))

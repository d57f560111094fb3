"""Did the course of a series change near a date? Largest step or change of slope against AR(1) noise, line and season fitted.

Every candidate and every bootstrap series is fitted by REML over a grid of phi in one matrix product per phi.
References: Andrews (1993), Econometrica 61:821-856 (a break at an unknown date); Harville (1977), J. Am. Stat. Assoc.
72:320-338 (REML); Perron & Yabu (2009), J. Bus. Econ. Stat. 27:369-396 (breaks in trend with autocorrelated noise).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kayfabe.stats import wandering

Array = np.ndarray[Any, Any]
PHI = np.append(np.round(np.arange(0, 1, 0.1), 1), 0.95)
MARGIN, ALPHA = 0.25, 0.05
LEVEL_ONLY_BELOW = 100
CAREFUL_BELOW = 130
SPIKE = 4.5
TAMED = 3.0
NEAR, FAR = 0.10, 0.13
FAR_ALONE, FAR_GIVEN = 3.0, 3.5
FAR_DRAWS = 199
SEASON_DAYS, SEASON_STEP = 300, 31.5
YEAR = 365.2425
MOST_CANDIDATES = 160


@dataclass(frozen=True)
class Course:
    """A series in order: `values` (n,), `days` (n,) since the first value, `gaps` (n - 1,) in steps."""

    values: Array
    days: Array
    gaps: Array

    @classmethod
    def of(cls, values: Array, days: Array) -> Course:
        """From strictly increasing `days`; a step is the median gap."""
        days = np.asarray(days, dtype=float) - float(days[0])
        between = np.diff(days)
        gaps = np.maximum(1, np.round(between / np.median(between)))
        return cls(np.asarray(values, dtype=float), days, gaps)

    @property
    def time(self) -> Array:
        """Steps since the first value, (n,)."""
        return np.concatenate([[0.0], np.cumsum(self.gaps)])

    def without(self, drop: Array) -> Course:
        """The course without the values where `drop` (n,) is true."""
        time = self.time[~drop]
        return Course(self.values[~drop], self.days[~drop], np.diff(time))

    def design(self) -> Array:
        """(n, 2 or 6): constant, line from -.5 to .5, sine and cosine of one and two cycles a year where they can be told."""
        time = self.time
        columns = [np.ones(len(time)), time / time[-1] - 0.5]
        if self.days[-1] >= SEASON_DAYS and float(np.median(np.diff(self.days))) <= SEASON_STEP:
            turn = 2 * np.pi * self.days / YEAR
            columns += [np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn)]
        return np.stack(columns, axis=1)


@dataclass(frozen=True)
class Fits:
    """REML fits of m candidates to B series: `t`, `phi` and marginal standard deviation `sd`, each (m, B)."""

    t: Array
    phi: Array
    sd: Array


@dataclass(frozen=True)
class Turn:
    """The largest change. `at`: first value after it; `estimate` and `se` in standard deviations of the noise (`sd`, in
    units of the series); a slope's size is the change it makes over a quarter of the span. `crit`: 95 % point of the
    largest |t| without a change; `p` tests "no change", `p_margin` "no more than the margin" against the same draws.
    `before` and `before_se`: the slope before it, in standard deviations over the whole span. `far`: first value after a
    break away from the claimed date that was taken out, with its t. `spikes`: values left out. `fitted` and `without`
    (n,): the fit with the change and with the change taken away, at the kept values. `likely`: first and last candidate
    of the same kind whose fit is nearly as good. `lock`: the second look, with noise that may wander; where there was one, `p_margin` is
    the larger p and the interval the wider one."""

    at: int
    slope: bool
    estimate: float
    se: float
    sd: float
    crit: float
    p: float
    p_margin: float
    phi: float
    phi_without: float
    before: float
    before_se: float
    far: tuple[int, float] | None
    spikes: Array
    kept: Array
    fitted: Array
    without: Array
    spread: float
    candidates: int
    likely: tuple[int, int]
    lock: wandering.Lock | None = None

    @property
    def half(self) -> float:
        """Half width of the interval."""
        return max(self.crit * self.se, 0.0 if self.lock is None else self.lock.half)

    @property
    def interval(self) -> tuple[float, float]:
        return self.estimate - self.half, self.estimate + self.half

    @property
    def opposes(self) -> bool:
        """Does the course after the change run against the course before it?"""
        if not self.slope:
            return self.estimate * self.before < 0
        return self.before * (self.before + 4 * self.estimate) < 0


def _whitened(parts: list[Array], gaps: Array, phi: float) -> tuple[list[Array], float]:
    """AR(1) innovations of each array (n, ...) scaled to the marginal variance, and half the log-determinant removed."""
    carry = phi**gaps
    left = 1 - carry**2
    scale = np.sqrt(left)[:, None]
    return [np.concatenate([x[:1], (x[1:] - carry[:, None] * x[:-1]) / scale]) for x in parts], 0.5 * float(
        np.log(left).sum()
    )


def fits(series: Array, design: Array, candidates: Array, gaps: Array) -> Fits:
    """Every candidate column (n, m) added to `design` (n, q) and fitted to every series (n, B) by REML over PHI."""
    n, q = design.shape
    free = n - q - 1
    shape = (candidates.shape[1], series.shape[1])
    best, t, at = np.full(shape, -np.inf), np.zeros(shape), np.zeros(shape, dtype=int)
    rss_best = np.ones(shape)
    for i, phi in enumerate(PHI):
        (x, c, y), half = _whitened([design, candidates, series], gaps, float(phi))
        basis, r = np.linalg.qr(x)
        c = c - basis @ (basis.T @ c)
        y = y - basis @ (basis.T @ y)
        norm = np.einsum("nm,nm->m", c, c)[:, None]
        project = c.T @ y
        explained = project**2 / norm
        rss = np.maximum(np.einsum("nb,nb->b", y, y)[None, :] - explained, 1e-300)
        constant = -half - float(np.log(np.abs(np.diag(r))).sum()) - 0.5 * np.log(norm)
        likelihood = constant - 0.5 * free * np.log(rss)
        better = likelihood > best
        best = np.where(better, likelihood, best)
        t = np.where(better, project / np.sqrt(norm * rss / free), t)
        rss_best = np.where(better, rss, rss_best)
        at = np.where(better, i, at)
    return Fits(t, PHI[at], np.sqrt(rss_best / free))


def phi_without(values: Array, design: Array, gaps: Array) -> float:
    """REML phi with no change in the model; `values` (n,)."""
    best, found = -np.inf, 0.0
    free = len(values) - design.shape[1]
    for phi in PHI:
        (x, y), half = _whitened([design, values[:, None]], gaps, float(phi))
        basis, r = np.linalg.qr(x)
        rss = float(((y - basis @ (basis.T @ y)) ** 2).sum())
        likelihood = -half - float(np.log(np.abs(np.diag(r))).sum()) - 0.5 * free * np.log(max(rss, 1e-300))
        if likelihood > best:
            best, found = likelihood, float(phi)
    return found


def innovations(values: Array, design: Array, gaps: Array, phi: float) -> Array:
    """(n,) AR(1) innovations left by the fit of `design` to `values` at `phi`, of mean 0 and variance 1."""
    (x, y), _ = _whitened([design, values[:, None]], gaps, phi)
    basis, _ = np.linalg.qr(x)
    left = (y - basis @ (basis.T @ y))[:, 0]
    left = left - left.mean()
    spread = float(left.std())
    return np.asarray(left / spread if spread > 0 else left)


def draws(gaps: Array, phi: float, count: int, rng: np.random.Generator, shocks_of: Array | None = None) -> Array:
    """Stationary AR(1) series of variance one on the same dates, (n, count): Gaussian, or with shocks drawn from `shocks_of`.

    References: Bose (1988), Ann. Stat. 16:1709-1722 (resampled innovations).
    """
    size = (len(gaps) + 1, count)
    shocks = rng.standard_normal(size) if shocks_of is None else rng.choice(shocks_of, size)
    for i, gap in enumerate(gaps):
        carry = phi**gap
        shocks[i + 1] = carry * shocks[i] + np.sqrt(1 - carry**2) * shocks[i + 1]
    return shocks


def spikes(course: Course) -> Array:
    """(n,) values more than 4.5 MAD from the median of their neighbours at distance 2 to 6, line and season removed."""
    x = course.design()
    residual = course.values - x @ np.linalg.lstsq(x, course.values, rcond=None)[0]
    n = len(residual)
    offsets = np.concatenate([np.arange(-6, -1), np.arange(2, 7)])
    place = np.arange(n)[:, None] + offsets
    around = np.where((place >= 0) & (place < n), residual[np.clip(place, 0, n - 1)], np.nan)
    off = residual - np.nanmedian(around, axis=1)
    mad = 1.4826 * float(np.median(np.abs(off - np.median(off))))
    return np.asarray(np.abs(off) > SPIKE * mad) if mad > 0 else np.zeros(n, dtype=bool)


def tamed(course: Course) -> Course:
    """`course` with AR(1) innovations beyond 3 MAD drawn in to 3, so that one wild shock and its echo do not pass for a change.

    Innovations are those around line, season and the best single step. References: Maronna, Martin & Yohai (2006), Robust Statistics,
    ch. 8 (robust filtering).
    """
    n, y = len(course.values), course.values
    x = course.design()
    steps = _steps(n, np.arange(edge(n), n - edge(n) + 1))
    basis, _ = np.linalg.qr(x)
    c, r = steps - basis @ (basis.T @ steps), y - basis @ (basis.T @ y)
    best = int(((c.T @ r) ** 2 / np.einsum("nm,nm->m", c, c)).argmax())
    full = np.concatenate([x, steps[:, [best]]], axis=1)
    fit = full @ np.linalg.lstsq(full, y, rcond=None)[0]
    carry = phi_without(y, full, course.gaps) ** course.gaps
    scale, left = np.sqrt(1 - carry**2), y - fit
    shock = np.concatenate([left[:1], (left[1:] - carry * left[:-1]) / scale])
    reach = TAMED * 1.4826 * float(np.median(np.abs(shock)))
    if reach == 0:
        return course
    calm = np.clip(shock, -reach, reach)
    for i in range(1, n):
        calm[i] = carry[i - 1] * calm[i - 1] + scale[i - 1] * calm[i]
    return Course(fit + calm, course.days, course.gaps)


def spread(course: Course, steps: Array) -> tuple[Array, float]:
    """sigma_t (n,) of mean square one, and the slope of log spread over the span, after the best single step (n, m)."""
    x, y = course.design(), course.values
    basis, _ = np.linalg.qr(x)
    c = steps - basis @ (basis.T @ steps)
    r = y - basis @ (basis.T @ y)
    gain = (c.T @ r) ** 2 / np.einsum("nm,nm->m", c, c)
    k = int(gain.argmax())
    r = r - c[:, k] * (c[:, k] @ r) / (c[:, k] @ c[:, k])
    size = np.abs(r)
    u = course.time / course.time[-1] - 0.5
    u = u - u.mean()
    log = np.log(size + 0.05 * np.median(size))
    slope = float(u @ log / (u @ u))
    error = 1.1 * np.sqrt(1.8 / (len(u) * u.var()))
    slope *= slope**2 / (slope**2 + error**2)
    sigma = np.exp(slope * u)
    return sigma / np.sqrt((sigma**2).mean()), slope


def edge(n: int) -> int:
    """Values that must lie on either side of a change."""
    return max(8, int(np.ceil(0.12 * n)))


def near_candidates(course: Course, around: float | None) -> Array:
    """First values after each admissible change: away from both ends, within 10 % of the span of `around` (days) if given."""
    n = len(course.values)
    inside = np.arange(edge(n), n - edge(n) + 1)
    if around is not None:
        inside = inside[np.abs(course.days[inside] - around) <= NEAR * course.days[-1]]
    if len(inside) > MOST_CANDIDATES:
        inside = inside[np.unique(np.round(np.linspace(0, len(inside) - 1, MOST_CANDIDATES)).astype(int))]
    return inside


def turn(course: Course, around: float | None, rng: np.random.Generator, count: int = 999) -> Turn | None:
    """The largest change of `course`, near `around` (days since the first value) if given; None without a candidate.

    `count` bootstrap series. Below 100 values only steps are looked for. Needs a series that moves.
    """
    drop = spikes(course)
    kept = np.flatnonzero(~drop)
    course = tamed(course.without(drop))
    n = len(course.values)
    time = course.time
    places = near_candidates(course, around)
    if not len(places):
        return None
    every = np.arange(edge(n), n - edge(n) + 1)
    sigma, slope_of_spread = spread(course, _steps(n, every))
    design = course.design() / sigma[:, None]
    y = course.values / sigma
    columns = _steps(n, places)
    if n >= LEVEL_ONLY_BELOW:
        columns = np.concatenate([columns, np.maximum(0, time[:, None] - time[places]) / (time[-1] / 4)], axis=1)
    columns = columns / sigma[:, None]
    far = _far(course, y, design, columns, sigma, around, rng)
    if far is not None:
        design = np.concatenate([design, _steps(n, np.array([far[0]])) / sigma[:, None]], axis=1)
    found = fits(y[:, None], design, columns, course.gaps)
    k = int(np.abs(found.t[:, 0]).argmax())
    quiet = phi_without(y, design, course.gaps)
    phi = quiet if n < CAREFUL_BELOW else (quiet + float(found.phi[k, 0])) / 2
    left = innovations(y, np.concatenate([design, columns[:, [k]]], axis=1), course.gaps, float(found.phi[k, 0]))
    largest = np.abs(fits(draws(course.gaps, phi, count, rng, left), design, columns, course.gaps).t).max(axis=0)
    best = _turn(course, y, design, columns, sigma, places, found, k, largest, quiet, far, kept, drop, slope_of_spread)
    if best.p_margin >= ALPHA or abs(best.estimate) - best.half <= MARGIN:
        return best
    lock = wandering.lock(y, design, columns, course.gaps, MARGIN, count, rng)
    return replace(best, lock=lock, p_margin=max(best.p_margin, lock.p_margin))


def _turn(
    course: Course, y: Array, design: Array, columns: Array, sigma: Array, places: Array, found: Fits, k: int, largest: Array,
    quiet: float, far: tuple[int, float] | None, kept: Array, drop: Array, slope_of_spread: float,
) -> Turn:  # fmt: skip
    phi, sd, t = float(found.phi[k, 0]), float(found.sd[k, 0]), float(found.t[k, 0])
    full = np.concatenate([design, columns[:, [k]]], axis=1)
    (x, v), _ = _whitened([full, y[:, None]], course.gaps, phi)
    covariance = np.linalg.inv(x.T @ x)
    b = (covariance @ (x.T @ v))[:, 0]
    estimate, se = b[-1] / sd, float(np.sqrt(covariance[-1, -1]))
    slope = k >= len(places)
    same = np.arange(len(places)) + (len(places) if slope else 0)
    close = places[found.t[same, 0] ** 2 >= t**2 - 3.84]
    count = len(largest)
    return Turn(
        at=int(kept[places[k % len(places)]]), slope=slope, estimate=float(estimate), se=se, sd=sd,
        crit=float(np.quantile(largest, 0.95, method="higher")),
        p=(1 + int((largest >= abs(t)).sum())) / (count + 1),
        p_margin=(1 + int((largest >= (abs(estimate) - MARGIN) / se).sum())) / (count + 1),
        phi=phi, phi_without=quiet, before=float(b[1] / sd), before_se=float(np.sqrt(covariance[1, 1])),
        far=None if far is None else (int(kept[far[0]]), far[1]), spikes=np.flatnonzero(drop), kept=kept,
        fitted=(full @ b) * sigma, without=(full[:, :-1] @ b[:-1]) * sigma, spread=slope_of_spread,
        candidates=columns.shape[1], likely=(int(kept[close[0]]), int(kept[close[-1]])),
    )  # fmt: skip


def _steps(n: int, places: Array) -> Array:
    return np.asarray(np.arange(n)[:, None] >= places[None, :], dtype=float)


def _far(
    course: Course,
    y: Array,
    design: Array,
    columns: Array,
    sigma: Array,
    around: float | None,
    rng: np.random.Generator,
) -> tuple[int, float] | None:
    """A break away from the claimed date that must be taken out first: its first value (among those kept) and its t."""
    if around is None:
        return None
    n = len(y)
    places = np.arange(5, n - 4)
    places = places[np.abs(course.days[places] - around) > FAR * course.days[-1]]
    if len(places) > MOST_CANDIDATES:
        places = places[np.unique(np.round(np.linspace(0, len(places) - 1, MOST_CANDIDATES)).astype(int))]
    if not len(places):
        return None
    steps = _steps(n, places) / sigma[:, None]
    alone_at, given_at = FAR_ALONE, FAR_GIVEN
    if n < CAREFUL_BELOW:
        null = draws(course.gaps, phi_without(y, design, course.gaps), FAR_DRAWS, rng)
        usual = float(np.quantile(np.abs(fits(null, design, steps, course.gaps).t).max(axis=0), 0.9))
        alone_at, given_at = max(alone_at, usual), max(given_at, usual)
    near = np.abs(fits(y[:, None], design, columns, course.gaps).t[:, 0])
    alone = np.abs(fits(y[:, None], design, steps, course.gaps).t[:, 0])
    with_near = np.concatenate([design, columns[:, [int(near.argmax())]]], axis=1)
    given = np.abs(fits(y[:, None], with_near, steps, course.gaps).t[:, 0])
    if alone.max() > max(alone_at, float(near.max())):
        return int(places[alone.argmax()]), float(alone.max())
    if given.max() > given_at:
        return int(places[given.argmax()]), float(given.max())
    return None

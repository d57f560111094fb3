"""Who leads whom in time: the covariance of one actor's activity (or change of position) with another's afterwards, against the
usual pair. A shock that moves everybody raises every pair's coincidence, so the null is not zero but the median pair.

Sources: Box, Jenkins & Reinsel (2008), Time Series Analysis, ch. 12 (cross-covariance); Hawkes (1971), Biometrika 58:83-90; Veen &
Schoenberg (2008), J. Am. Stat. Assoc. 103:614-624 (EM); Rabiner (1989), Proc. IEEE 77:257-286 (two-state chain).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import fft, ndimage, special, stats

Array = np.ndarray[Any, Any]
SMOOTH_DAYS = 45.0
SHORTEST_SHIFT = 21
ERRORS = np.array([0.05, 0.10, 0.15, 0.22])
RATES = np.array([0.005, 0.02, 0.05])


@dataclass(frozen=True)
class Windows:
    """Products of leader (rows) and follower (columns) summed over the window after and before, with their null spreads: all of
    shape (actors, actors). `size` (actors,): acts, or expected changes of position. `by_issue`: the jackknife spread over
    `issues` of the sum after, where there are enough of them; else each further act adds its own Poisson variance."""

    after: Array
    before: Array
    sd: Array
    sd_net: Array
    size: Array
    by_issue: Array | None = None
    issues: int = 0


@dataclass(frozen=True)
class Leads:
    """Each ordered pair against the usual one, (actors, actors): further acts of the follower per act of the leader, its 95 %
    interval, p against the usual pair, against the margin, of after over before, and of the excludable effect."""

    estimate: Array
    low: Array
    high: Array
    p_usual: Array
    p_margin: Array
    p_gate: Array
    p_contradicted: Array
    usual: float
    spread: float
    pairs: int


def usual_activity(counts: Array, weekday: Array, seen: Array) -> Array:
    """Expected counts (actors, days): a Gaussian smoother of 45 days over seen days, times the actor's weekday factors."""
    weight = ndimage.gaussian_filter1d(seen.astype(float), SMOOTH_DAYS, mode="constant", truncate=4)
    smooth = ndimage.gaussian_filter1d(counts * seen, SMOOTH_DAYS, axis=1, mode="constant", truncate=4)
    smooth = smooth / np.maximum(weight, 1e-9) * seen
    of_day = (weekday[None, :] == np.arange(7)[:, None]) & seen
    factor = (counts @ of_day.T + 1) / (smooth @ of_day.T + 1)
    return np.asarray(smooth * factor[:, weekday])


def common_days(counts: Array, usual: Array, seen: Array) -> Array:
    """Days (days,) in a stretch of four on which the median actor is more than one standard deviation above its usual activity."""
    excess = ndimage.uniform_filter1d((counts - usual) * seen, 4, axis=1, mode="constant") * 4
    spread = np.sqrt(np.maximum(ndimage.uniform_filter1d(usual, 4, axis=1, mode="constant") * 4, 1e-9))
    moved = np.median(excess / spread, axis=0) > 1
    return np.asarray(ndimage.binary_dilation(moved, np.ones(5, dtype=bool)) & seen)


def act_windows(counts: Array, weekday: Array, seen: Array, window: int) -> Windows:
    """Windows of daily counts (actors, days); `seen` days have data, the others are missing and not quiet.

    The spread is the root mean square of the same sum at shifts of three windows to half the period, in both directions.
    """
    return _lagged((counts - usual_activity(counts, weekday, seen)) * seen, window, counts.sum(axis=1))


def _lagged(residual: Array, window: int, size: Array) -> Windows:
    actors, days = residual.shape
    least, most = max(SHORTEST_SHIFT, 3 * window), days // 2
    padded = fft.next_fast_len(2 * days + window, real=True)
    spectrum = fft.rfft(residual, padded, axis=1)
    shift = np.arange(least, most + 1)
    scale = days / (days - shift)
    found = [np.empty((actors, actors)) for _ in range(4)]
    for leader in range(actors):
        cross = fft.irfft(np.conj(spectrum[leader]) * spectrum, padded, axis=1)
        ahead = _window_sums(cross[:, 1 : most + window + 1], window)
        behind = _window_sums(cross[:, : -most - window - 1 : -1], window)
        found[0][leader], found[1][leader] = ahead[:, 0], behind[:, 0]
        far, back = ahead[:, shift], behind[:, shift]
        found[2][leader] = np.sqrt(((far**2 + back**2) / 2 * scale).mean(axis=1))
        found[3][leader] = np.sqrt(((far - back) ** 2 * scale).mean(axis=1))
    return Windows(found[0], found[1], found[2], found[3], size)


def _window_sums(values: Array, window: int) -> Array:
    total = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    return np.asarray(total[:, window:] - total[:, :-window])


def against_the_usual(w: Windows, use: Array, margin: float, excludable: float) -> Leads:
    """Every pair against the median of the pairs among the actors `use` (bool)."""
    off = use[:, None] & use[None, :] & ~np.eye(len(use), dtype=bool)
    usual = float(np.median(w.after[off]))
    spread = float(1.4826 * np.median(np.abs(w.after[off] - usual)))
    freedom = int(off.sum()) - 1
    n = np.maximum(w.size, 1e-9)[:, None]
    s = np.maximum(np.maximum(w.sd, spread), 1e-9)
    a = (w.after - usual) / n
    if w.by_issue is None:
        se, t = np.sqrt(s**2 + np.maximum(a, 0) * n) / n, stats.t(np.full_like(s, freedom))
    else:
        se, t = np.maximum(s, w.by_issue) / n, stats.t(np.where(w.by_issue > s, min(freedom, w.issues - 1), freedom))
    half = t.ppf(0.975) * se
    gate = stats.norm.sf((w.after - w.before) / np.maximum(w.sd_net, 1e-9))
    return Leads(
        a, a - half, a + half, stats.t(freedom).sf((w.after - usual) / s), t.sf((a - margin) / se), gate,
        t.cdf((a - excludable) / se), usual, spread, int(off.sum()),
    )  # fmt: skip


@dataclass(frozen=True)
class Chain:
    """Smoothed positions (series, steps) in [-1, 1], the coding error and switch rate chosen, and how many log units better a
    lasting position explains the signs than a coin thrown anew at each occasion."""

    position: Array
    error: float
    rate: float
    gain: float


def smoothed_positions(net: Array) -> Chain:
    """Two-state chains through net signs (series, steps); one error and one switch rate for all series, by likelihood.

    Two-sided smoothing: a filter would make those who speak often the leaders.
    """
    e, rate = (g.ravel() for g in np.meshgrid(ERRORS, RATES, indexing="ij"))
    likelihood = np.array([_filtered(net, float(x), float(r))[0] for x, r in zip(e, rate, strict=True)])
    best = int(np.argmax(likelihood))
    coin = max(_filtered(net, float(x), 0.5)[0] for x in ERRORS)
    _, ahead = _filtered(net, float(e[best]), float(rate[best]))
    _, behind = _filtered(net[:, ::-1], float(e[best]), float(rate[best]))
    own = net * special.logit(1 - e[best])
    plus = special.expit(special.logit(ahead) + special.logit(behind[:, ::-1]) - own)
    return Chain(2 * plus - 1, float(e[best]), float(rate[best]), float(likelihood[best] - coin))


def _filtered(net: Array, error: float, rate: float) -> tuple[float, Array]:
    """Log-likelihood (up to a constant of the error's own) and P(plus | signs up to each step)."""
    weight = net * special.logit(1 - error)
    up, down = np.exp(np.minimum(weight, 0)), np.exp(np.minimum(-weight, 0))
    likelihood = np.empty_like(weight)
    kept = np.empty_like(weight)
    p = np.full(len(net), 0.5)
    for t in range(net.shape[1]):
        p = rate + (1 - 2 * rate) * p if t else p
        joint = p * up[:, t]
        other = (1 - p) * down[:, t]
        p = np.clip(joint / (joint + other), 1e-12, 1 - 1e-12)
        likelihood[:, t] = joint + other
        kept[:, t] = p
    return float((np.log(likelihood) + np.abs(net) * np.log1p(-error)).sum()), kept


def position_windows(position: Array, first: int, last: int) -> Windows:
    """Windows of changes of position: `position` (actors, issues, steps), window of `first` to `last` steps.

    With six issues or more the spread comes from the leader's issue against the follower's other issues, which keeps timing and
    volume; with fewer from the same issues at far shifts.
    """
    change = np.diff(position, axis=2)
    actors, issues, steps = change.shape
    ahead, behind = (shifted_sums(change, first, last, sign) for sign in (1, -1))
    size = np.abs(change).sum(axis=(1, 2)) / 2
    flat = change.reshape(actors, issues * steps)
    after, before = (flat @ x.reshape(actors, -1).T / 4 for x in (ahead, behind))
    if issues >= 6:
        rows = change.reshape(actors * issues, steps)
        one = (rows @ ahead.reshape(actors * issues, steps).T / 4).reshape(actors, issues, actors, issues)
        two = (rows @ behind.reshape(actors * issues, steps).T / 4).reshape(actors, issues, actors, issues)
        own = np.matmul(change.transpose(1, 0, 2), ahead.transpose(1, 2, 0)) / 4
        jackknife = np.sqrt(issues * own.var(axis=0, ddof=1))
        return Windows(after, before, _mismatched(one), _mismatched(one - two), size, jackknife, issues)
    squares = np.zeros((2, actors, actors))
    shifts = range(3 * last, steps // 2)
    for shift in shifts:
        far, back = (
            flat @ shifted_sums(change, first + shift, last + shift, sign).reshape(actors, -1).T / 4 for sign in (1, -1)
        )
        squares += np.stack([(far**2 + back**2) / 2, (far - back) ** 2]) * steps / (steps - shift)
    sd = np.sqrt(squares / max(1, len(shifts)))
    return Windows(after, before, sd[0], sd[1], size)


def shifted_sums(change: Array, first: int, last: int, sign: int) -> Array:
    """Sum of `change` over `first` to `last` steps ahead (sign 1) or back (-1), at each step."""
    steps = change.shape[2]
    padded = np.pad(change, ((0, 0), (0, 0), (last, last)))
    return np.asarray(sum(padded[:, :, last + sign * k : last + sign * k + steps] for k in range(first, last + 1)))


def _mismatched(products: Array) -> Array:
    """sqrt(issues times the mean square over pairs of different issues), (actors, actors)."""
    issues = products.shape[1]
    square = products**2
    same = np.einsum("akbk->ab", square)
    return np.asarray(np.sqrt((square.sum(axis=(1, 3)) - same) / (issues - 1)))


def hawkes_p(counts: Array, usual: Array, seen: Array, leader: int, follower: int, window: int) -> tuple[float, float]:
    """(acts of the follower triggered per act of the leader, p): multivariate Hawkes process in days with a flat kernel of
    `window` days, every actor in the model, fitted by EM until it stands still; likelihood ratio against no such trigger.
    """
    past = np.cumsum(np.pad(counts, ((0, 0), (window, 0))), axis=1)
    recent = np.zeros_like(counts, dtype=float)
    recent[:, 1:] = (past[:, window:-1] - past[:, : -window - 1]) / window
    design = np.concatenate([usual[[follower]], recent])[:, seen].T
    y = counts[follower, seen].astype(float)
    full, weight = _poisson_em(design, y)
    without, _ = _poisson_em(np.delete(design, 1 + leader, axis=1), y)
    return float(weight[1 + leader]), float(
        0.5 * stats.chi2.sf(max(0.0, 2 * (full - without)), 1)
    ) if full > without else 1.0


def _poisson_em(design: Array, y: Array, most: int = 2000) -> tuple[float, Array]:
    """Log-likelihood and non-negative weights of a Poisson with mean design @ weights, by EM."""
    total = design.sum(axis=0)
    weight = np.where(total > 0, y.sum() / np.maximum(total, 1e-9) / design.shape[1], 0.0)
    mean = np.maximum(design @ weight, 1e-9)
    before = -np.inf
    for step in range(most):
        weight = weight * (design.T @ (y / mean)) / np.maximum(total, 1e-9)
        mean = np.maximum(design @ weight, 1e-9)
        if step % 25 == 24:
            now = float((y * np.log(mean) - mean).sum())
            if now - before < 1e-4:
                break
            before = now
    return float((y * np.log(mean) - mean).sum()), weight

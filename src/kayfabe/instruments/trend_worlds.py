"""Simulated series with a known truth, as nasty as real ones: autocorrelation, season, lines, bursts, growing spread, missing
values and stretches, values that rest on uneven numbers of reports, real breaks far from the claimed date, shocks shared by several
series, noise that is not AR(1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import lfilter

from kayfabe.instruments.declaration import World, WorldKind

Array = np.ndarray[Any, Any]
SIZES = {"null": 0.0, "margin": 0.25, "planted": 3.2}
NASTY = ("noise", "season", "line", "burst", "spread", "far break", "missing")
START = np.datetime64("2014-01-06")


def world(kind: WorldKind, rng: np.random.Generator) -> World:
    """One series of every nasty kind in turn, with or without a claimed date; margin: a step of .25 sd, planted: 3.2 sd."""
    nasty = NASTY[int(rng.integers(len(NASTY)))]
    high = 0.6 if kind == "planted" else 0.9
    return series(rng, size=SIZES[kind], nasty=nasty, phi=float(rng.uniform(0.3, high)), dated=bool(rng.random() < 0.6))


def ar(rng: np.random.Generator, n: int, phi: float, heavy: bool = False) -> Array:
    """A stationary AR(1) series (n,) of variance one; `heavy`: shocks from Student's t with 3 degrees of freedom."""
    shocks = rng.standard_t(3, n) / np.sqrt(3) if heavy else rng.standard_normal(n)
    shocks[1:] *= np.sqrt(1 - phi**2)
    return np.asarray(lfilter([1.0], [1.0, -phi], shocks))


def heard(rng: np.random.Generator, n: int, share: float) -> Array:
    """(n,): false in about the `share` of steps, whole stretches of four to ten at a time."""
    silent = np.zeros(n, dtype=bool)
    while silent.mean() < share:
        begin = int(rng.integers(0, n))
        silent[begin : begin + int(rng.integers(4, 11))] = True
    return ~silent


def drifting(rng: np.random.Generator, n: int, how: str) -> Array:
    """Noise (n,) of variance about one that AR(1) describes badly. "level": a wandering level under white noise, half of the
    variance each within the span; "memory": fractional noise, d = .4; "cycle": AR(2) with a damped cycle of 40 steps under white
    noise, three to one."""
    if how == "level":
        level = np.cumsum(rng.standard_normal(n))
        return np.asarray(np.sqrt(0.5) * ((level - level.mean()) / level.std() + rng.standard_normal(n)))
    if how == "memory":
        k = np.arange(1, n + 1000)
        weights = np.concatenate([[1.0], np.cumprod((k - 1 + 0.4) / k)])
        made = np.convolve(rng.standard_normal(n + 1000), weights[: n + 1000])[1000 : n + 1000]
        return np.asarray(made / np.sqrt(2.0))  # the variance is gamma(1 - 2d) / gamma(1 - d)^2, about 2.07
    made = lfilter([1.0], [1.0, -2 * 0.94 * np.cos(2 * np.pi / 40), 0.94**2], rng.standard_normal(n + 400))[400:]
    return np.asarray(np.sqrt(0.75) * made / made.std() + np.sqrt(0.25) * rng.standard_normal(n))


def series(
    rng: np.random.Generator,
    *,
    size: float,
    nasty: str = "noise",
    phi: float = 0.45,
    dated: bool = True,
    slope: bool = False,
    n: int | None = None,
    copies: int = 1,
    heavy: bool = False,
    drift: str = "",
    monthly: bool | None = None,
) -> World:
    """Weekly or monthly values with a change of `size` sd (in a slope: over a quarter of the span) in the middle half.

    `copies` series share half of their noise, and only the first has the change; `drift`: noise that is not AR(1).
    """
    n = int(rng.integers(130, 201)) if n is None else n
    drawn = bool(rng.random() < 0.4)
    monthly = drawn if monthly is None else monthly
    t = np.arange(n)
    days = START + (np.round(t * 30.4369).astype(int) if monthly else 7 * t)
    year = 12 if monthly else 52.1775
    at = int(n * rng.uniform(0.3, 0.7))
    shared = ar(rng, n, phi, heavy)
    noise = [
        ar(rng, n, phi, heavy) if copies == 1 else np.sqrt(0.5) * (shared + ar(rng, n, phi, heavy))
        for _ in range(copies)
    ]
    if drift:
        noise = [drifting(rng, n, drift) for _ in range(copies)]
    change = np.maximum(0, t - at) / (n / 4) if slope else (t >= at).astype(float)
    values = noise[0] + size * float(rng.choice([-1, 1])) * change
    values = values + _nasty(rng, nasty, t, at, year, dated)
    if nasty == "spread":
        values = values + noise[0] * (np.exp(np.log(3) * (t / n - 0.5)) - 1)
    if nasty == "uneven":
        values = values + rng.standard_normal(n) / np.sqrt(rng.lognormal(1.0 + 1.5 * t / n, 1.0))
    keep = rng.random(n) > (0.15 if nasty == "missing" else 0.07)
    if nasty == "gaps":
        keep &= heard(rng, n, 0.2)
    columns: dict[str, Any] = {"series": [], "at": [], "value": [], "unit": []}
    for i, extra in enumerate([values, *noise[1:]]):
        columns["series"] += [f"series {i}"] * int(keep.sum())
        columns["at"] += list(days[keep].astype("datetime64[us]"))
        columns["value"] += list(100 + 10 * extra[keep])
        columns["unit"] += ["points"] * int(keep.sum())
    options: dict[str, Any] = {"series": ";".join(f"series {i}" for i in range(copies))}
    if dated:
        claimed = at + int(rng.integers(-n // 40, n // 40 + 1))
        options["around"] = days[claimed].astype(object)
    return World({"indicators": columns}, options)


def _nasty(rng: np.random.Generator, nasty: str, t: Array, at: int, year: float, dated: bool) -> Array:
    n = len(t)
    if nasty == "season":
        return 1.2 * np.sin(2 * np.pi * (t / year + rng.random())) + 0.5 * np.sin(4 * np.pi * (t / year + rng.random()))
    if nasty == "line":
        return float(rng.choice([-1, 1])) * rng.uniform(2, 5) * t / n
    if nasty == "burst":
        place = int(rng.integers(10, n - 10))
        return np.where((t == place) | (t == place + 1), rng.uniform(5, 9), 0.0)
    if nasty == "far break" and dated:
        far = int(n * (0.12 if at > n / 2 else 0.88))
        return np.where(t >= far, rng.uniform(2, 4) * rng.choice([-1, 1]), 0.0)
    if nasty == "far turn" and dated:
        far = int(n * (0.15 if at > n / 2 else 0.85))
        return np.asarray(rng.uniform(2, 4) * rng.choice([-1, 1]) * np.maximum(0, t - far) / (n / 4))
    return np.zeros(n)

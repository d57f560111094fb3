"""Simulated series and dyads with pauses and a known truth, as nasty as real ones: autocorrelation, season, lines, unrelated
jumps, missing weeks and stretches, values that rest on uneven numbers of reports, pauses just before the seasonal rise or at low points,
growing volumes, shocks shared by everyone, noise that is not AR(1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kayfabe.instruments.declaration import World, WorldKind
from kayfabe.instruments.trend_worlds import ar, drifting, heard

Array = np.ndarray[Any, Any]
SIZES = {"null": 0.0, "margin": 0.25, "planted": 2.2}
NASTY = ("noise", "season", "line", "jumps", "missing", "low")
START = np.datetime64("2013-01-07")
YEAR = 52.1775
HORIZON = 12


def world(kind: WorldKind, rng: np.random.Generator) -> World:
    """A weekly series of every nasty kind in turn; after the pauses it rises by .25 (margin) or 2.2 sd (planted)."""
    nasty = NASTY[int(rng.integers(len(NASTY) if kind == "null" else len(NASTY) - 1))]
    high = 0.65 if kind == "planted" else 0.9
    return series(rng, size=SIZES[kind], nasty=nasty, phi=float(rng.uniform(0.3, high)))


def series(
    rng: np.random.Generator,
    *,
    size: float,
    nasty: str = "noise",
    phi: float = 0.45,
    pauses: int | None = None,
    weeks: int = 364,
    shock: float = 0.0,
    compare: int = 0,
    heavy: bool = False,
    once: bool = False,
    monthly: bool = False,
    drift: str = "",
) -> World:
    """Weekly (or monthly) values; after each pause the series stands `size` sd higher for its horizon (`once`: only after
    one pause, by six times as much). `shock` sd hit it and `compare` other series alike after every pause; with "everyone" they
    share raised stretches that have nothing to do with the pauses. `drift`: noise that is not AR(1)."""
    t = np.arange(weeks)
    year, horizon = (12.0, 3) if monthly else (YEAR, HORIZON)
    k = int(rng.integers(5, 8)) if pauses is None else pauses
    noise = drifting(rng, weeks, drift) if drift else ar(rng, weeks, phi, heavy)
    season = 0.8 * np.sin(2 * np.pi * t / year) + 0.3 * np.sin(4 * np.pi * t / year + 1)
    if nasty in ("season", "pulse"):
        season = 2 * season
    dates = _dates(rng, nasty, noise, k, weeks, year, horizon)
    after = ((t[:, None] > dates) & (t[:, None] <= dates + horizon)).astype(float)
    if once:
        after[:, np.arange(len(dates)) != int(rng.integers(len(dates)))] = 0
        after *= 6
    values = noise + season + size * after.sum(axis=1)
    if nasty == "line":
        values = values + rng.uniform(2, 5) * t / weeks
    if nasty == "jumps":
        values = values + _jumps(rng, weeks)
    if nasty == "uneven":
        values = values + rng.standard_normal(weeks) / np.sqrt(rng.lognormal(1.0 + 1.5 * t / weeks, 1.0))
    everyone = _jumps(rng, weeks) if nasty == "everyone" else 0.0
    hit = everyone + shock * ((t[:, None] > dates) & (t[:, None] <= dates + horizon)).any(axis=1)
    others = [ar(rng, weeks, phi) + season + hit for _ in range(compare)]
    keep = rng.random(weeks) > (0.15 if nasty == "missing" else 0.04)
    if nasty == "gaps":
        keep &= heard(rng, weeks, 0.2)
    stamp = (START.astype("datetime64[M]") + t).astype("datetime64[D]") if monthly else START + 7 * t
    columns: dict[str, Any] = {"series": [], "at": [], "value": [], "unit": []}
    for i, one in enumerate([values + hit, *others]):
        columns["series"] += [f"series {i}"] * int(keep.sum())
        columns["at"] += list(stamp[keep].astype("datetime64[us]"))
        columns["value"] += list(50 + 5 * one[keep])
        columns["unit"] += ["points"] * int(keep.sum())
    options: dict[str, Any] = {"series": "series 0", "pauses": [(stamp[d]).astype(object) for d in dates]}
    if compare:
        options["compare"] = ";".join(f"series {i + 1}" for i in range(compare))
    return World({"indicators": columns}, options)


def _dates(rng: np.random.Generator, nasty: str, noise: Array, k: int, weeks: int, year: float, horizon: int) -> Array:
    """Positions of k pauses at least twice the horizon apart; "season": in different years just before the seasonal rise,
    "low": at low points of the noise, "late low": half a horizon after them."""
    first, last, apart = 2 * horizon, weeks - horizon - 1, 2 * horizon
    if nasty in ("season", "pulse"):
        years = np.sort(rng.choice(np.arange(1, int(weeks / year)), min(k, int(weeks / year) - 2), replace=False))
        return np.asarray(np.round(years * year - 2 + rng.integers(-2, 3, len(years))).astype(int))
    order = np.argsort(noise[first:last]) + first if nasty in ("low", "late low") else rng.permutation(np.arange(first, last))
    kept: list[int] = []
    for d in order:
        if len(kept) < k and all(abs(d - other) >= apart for other in kept):
            kept.append(int(d))
    late = horizon // 2 if nasty == "late low" else 0  # half a horizon after the low point: the recovery is under way
    return np.sort(np.array(kept)) + late


def _jumps(rng: np.random.Generator, weeks: int) -> Array:
    """Four raised stretches of ten to thirty weeks, unrelated to the pauses."""
    t = np.arange(weeks)
    begin = rng.integers(0, weeks - 30, 4)
    length = rng.integers(10, 31, 4)
    return np.asarray((((t[:, None] >= begin) & (t[:, None] < begin + length)) * rng.uniform(1, 2.5, 4)).sum(axis=1))


def events(
    rng: np.random.Generator,
    *,
    size: float,
    shock: float = 0.0,
    others: int = 4,
    phi: float = 0.45,
    holes: float = 0.03,
) -> World:
    """Events of a dyad and of other dyads with uneven, growing volumes; after the pauses the dyad's hostile rate rises by
    `size` sd of its own slow fluctuation, everyone's by `shock`. In a share `holes` of weeks nothing was recorded."""
    weeks, k = 364, int(rng.integers(5, 8))
    t = np.arange(weeks)
    dates = _dates(rng, "noise", t, k, weeks, YEAR, HORIZON)
    after = ((t[:, None] > dates) & (t[:, None] <= dates + HORIZON)).any(axis=1)
    volume = np.exp(0.8 * t / weeks) * np.where(rng.random(weeks) < holes, 0.0, 1.0)
    parts: dict[str, list[Any]] = {"at": [], "source": [], "target": [], "score": []}
    for pair in range(1 + others):
        level = (
            ar(rng, weeks, phi)
            + 0.5 * np.sin(2 * np.pi * t / YEAR)
            + (size * after if pair == 0 else 0)
            + shock * after
        )
        rate = float(rng.uniform(5, 9)) * np.exp(0.35 * level) * volume
        hostile, mild = rng.poisson(rate), rng.poisson(4 * volume)
        week = np.concatenate([np.repeat(t, hostile), np.repeat(t, mild)])
        score = np.concatenate([np.full(int(hostile.sum()), -5.0), np.full(int(mild.sum()), 3.0)])
        back = rng.random(len(week)) < 0.5
        a, b = f"a{pair}", f"b{pair}"
        parts["at"] += list((START + 7 * week + rng.integers(0, 7, len(week))).astype("datetime64[us]"))
        parts["source"] += list(np.where(back, b, a))
        parts["target"] += list(np.where(back, a, b))
        parts["score"] += list(score)
    n = len(parts["score"])
    table: dict[str, Any] = {"event": [f"e{i}" for i in range(n)], "channel": ["deed"] * n, **parts}
    return World(
        {"events": table}, {"actors": ["a0", "b0"], "pauses": [(START + 7 * int(d)).astype(object) for d in dates]}
    )

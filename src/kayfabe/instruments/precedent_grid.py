"""What precedent looks at: a series, or the events between two actors counted by week, on a regular grid; and what to compare
it with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kayfabe.instruments.declaration import Run
from kayfabe.instruments.trend_series import Series, read_series, series_names
from kayfabe.instruments.window import belonged, members, where
from kayfabe.stats.pauses import Grid, masked

Array = np.ndarray[Any, Any]
WEEKLY, MONTHLY = 10.0, 45.0
"""Median gaps in days up to which a series is weekly, and monthly."""
MONTH = 30.436875
YEAR = 365.2425
LEAST_ORDINARY = 52
LEAST_SHARE = 0.5
"""Other pairs serve as comparison from so many events a week on."""


@dataclass(frozen=True)
class Record:
    """A grid with its calendar. `rows` (r,) are row ids, `row_steps` (r,) the grid step of each; `other` is the mean of the
    comparison series on the same grid, in their standard deviations, None without any. `sign` is -1 where the series is turned
    upside down, so that a fall counts as a rise does."""

    name: str
    unit: str
    grid: Grid
    first: Any
    monthly: bool
    rows: Array
    row_steps: Array
    other: Grid | None = None
    compared: int = 0
    sign: int = 1

    def turned(self) -> Record:
        """The same upside down."""
        other = self.other and replace(self.other, values=-self.other.values)
        return replace(self, grid=replace(self.grid, values=-self.grid.values), other=other, sign=-self.sign)

    @property
    def move(self) -> str:
        return "rise" if self.sign > 0 else "fall"

    def day(self, step: int) -> dt.date:
        """First day of a grid step."""
        if self.monthly:
            return dt.date.fromisoformat(str((self.first.astype("datetime64[M]") + step).astype("datetime64[D]")))
        return dt.date.fromisoformat(str(self.first + 7 * step))

    def step(self, day: dt.date) -> int:
        """The grid step that holds `day`."""
        return int(_steps(np.array([day], dtype="datetime64[D]"), self.first, self.monthly)[0])

    @property
    def word(self) -> str:
        return "month" if self.monthly else "week"


def read_record(run: Run) -> Record | str:
    """The grid that the options name, or why there is none."""
    return _events(run) if run.options["actors"] else _series(run)


def _steps(days: Array, first: Any, monthly: bool, exact: bool = False) -> Array:
    """Grid step of each day; `exact`: to the nearest step, for values that come one a week."""
    if monthly:
        return np.asarray((days.astype("datetime64[M]") - first.astype("datetime64[M]")).astype(int))
    week = (days - first).astype(int) / 7
    return np.asarray(np.round(week) if exact else np.floor(week)).astype(int)


def _grid(run: Run, values: Array, monthly: bool) -> Grid:
    def steps(weeks: float) -> int:
        return max(1, round(weeks * 7 / MONTH)) if monthly else round(weeks)

    fade = float(run.options["fade"])
    return Grid(
        values,
        steps(float(run.options["horizon"])),
        steps(fade) if fade else 0,
        steps(4),
        steps(26),
        12.0 if monthly else YEAR / 7,
    )


def _series(run: Run) -> Record | str:
    if not run.evidence.count("indicators"):
        return "The evidence holds no indicators. Add some with: kayfabe evidence add STORE FILE --as indicators"
    names = series_names(run, "series")
    s = read_series(run, names[0])
    if len(s.values) < 2:
        return f"The series '{s.name}' has {len(s.values)} values in this window. Add some with: kayfabe evidence add STORE FILE --as indicators"
    if s.gap > MONTHLY:
        return f"The values of '{s.name}' lie {s.gap:.0f} days apart; weekly or monthly ones are needed. Add some with: kayfabe evidence add STORE FILE --as indicators"
    monthly = s.gap > WEEKLY
    first = s.days[0].astype("datetime64[M]").astype("datetime64[D]") if monthly else s.days[0]
    steps = _steps(s.days, first, monthly, exact=True)
    values = _averaged(steps, s.values, int(steps[-1]) + 1)
    row_steps = _steps(s.row_days, first, monthly, exact=not s.weekly)
    grid = _grid(run, values, monthly)
    others = [read_series(run, name) for name in series_names(run, "compare")] if run.options["compare"] else []
    placed = [_placed(o, first, monthly, len(values)) for o in others if len(o.values) > 1]
    rows = np.concatenate([s.rows, *(o.rows for o in others)])
    late = np.full(sum(len(o.rows) for o in others), len(values))
    other, used = _composite(run, placed, first, monthly)
    return Record(s.name, s.unit, grid, first, monthly, rows, np.concatenate([row_steps, late]), other, used)


def _placed(series: Series, first: Any, monthly: bool, n: int) -> Array:
    steps = _steps(series.days, first, monthly, exact=True)
    inside = (steps >= 0) & (steps < n)
    return _averaged(steps[inside], series.values[inside], n)


def _averaged(steps: Array, values: Array, n: int) -> Array:
    count = np.bincount(steps, minlength=n)
    total = np.bincount(steps, weights=values, minlength=n)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _composite(run: Run, placed: list[Array], first: Any, monthly: bool) -> tuple[Grid | None, int]:
    """The mean of the comparison series, each less its line and season and in its standard deviations outside the pauses
    (a shock after them must not widen its own yardstick); where at least half of them are observed. And how many they are."""
    dates = _steps(np.array(run.options["pauses"], dtype="datetime64[D]"), first, monthly)
    kept = []
    for values in placed:
        grid = _grid(run, values, monthly)
        ordinary, x = masked(grid, dates).observed, grid.design()
        if ordinary.sum() < LEAST_ORDINARY:
            continue
        residual = values - x @ np.linalg.lstsq(x[ordinary], values[ordinary], rcond=None)[0]
        spread = float(residual[ordinary].std())
        if spread > 1e-9 * (1 + float(np.nanmax(np.abs(values)))):
            kept.append(residual / spread)
    if not kept:
        return None, 0
    stacked = np.sort(np.stack(kept), axis=0)  # the order of the series must not change the last digit
    count = np.isfinite(stacked).sum(axis=0)
    mean = np.where(2 * count >= len(kept), np.nansum(stacked, axis=0) / np.maximum(count, 1), np.nan)
    return _grid(run, mean, monthly), len(kept)


def _events(run: Run) -> Record | str:
    one, two = run.options["actors"]
    known = run.evidence.actor_names()
    sides = [members(one, run.actors, known), members(two, run.actors, known)]
    clause, parameters = where(run.options)
    clause += {"hostile": " and score < 0", "cooperative": " and score > 0", "all": ""}[run.options["what"]]
    if run.options["channel"]:
        clause, parameters = f"{clause} and channel = $channel", {**parameters, "channel": run.options["channel"]}
    between = (
        "((list_contains($one, source) and list_contains($two, target)) or "
        f"(list_contains($two, source) and list_contains($one, target))) and {clause}"
    )
    sided: dict[str, Any] = {"one": sides[0], "two": sides[1], **parameters}
    run.evidence.scope("events", between, **sided)
    got = run.evidence.columns(
        f'select row_id, source, target, cast("at" as date) as day from events where {between}', **sided
    )
    days = got["day"].astype("datetime64[D]")
    keep = (belonged(one, got["source"], days, run.actors) & belonged(two, got["target"], days, run.actors)) | (
        belonged(two, got["source"], days, run.actors) & belonged(one, got["target"], days, run.actors)
    )
    order = np.lexsort((got["row_id"], days))
    order = order[keep[order]]
    if not len(order):
        return (
            f"No {run.options['what']} events between {run.actors.label(one)} and {run.actors.label(two)} in this window. "
            "Add some with: kayfabe evidence add STORE FILE --as events"
        )
    reach, _ = where(run.options)
    counted = {k: v for k, v in parameters.items() if k in ("since", "until", "issue")}
    span = run.evidence.columns(
        f'select min(cast("at" as date)) as low, max(cast("at" as date)) as high from events where {reach}', **counted
    )
    first = span["low"].astype("datetime64[D]")[0]
    n = int((span["high"].astype("datetime64[D]")[0] - first).astype(int)) // 7 + 1
    steps = _steps(days[order], first, False)
    values = np.sqrt(np.bincount(steps, minlength=n).astype(float))
    silent, others = _other_pairs(run, sides, clause, parameters, first, n)
    values = np.where(silent & (values == 0), np.nan, values)
    other, used = _composite(run, [np.where(silent, np.nan, v) for v in others], first, False)
    name = f"{run.options['what']} events between {run.actors.label(one)} and {run.actors.label(two)}"
    if run.options["what"] == "all":
        name = name.removeprefix("all ")
    unit = "square root of the weekly count"
    return Record(name, unit, _grid(run, values, False), first, False, got["row_id"][order], steps, other, used)


def _other_pairs(
    run: Run, sides: list[list[str]], clause: str, parameters: dict[str, Any], first: Any, n: int
) -> tuple[Array, list[Array]]:
    """Weeks in which nothing at all was recorded although other pairs usually are, and the weekly counts (square roots) of
    the pairs that share no actor with the two and have an event every other week."""
    elsewhere = f"not list_contains($ours, source) and not list_contains($ours, target) and {clause}"
    parameters = {"ours": [*sides[0], *sides[1]], **parameters}
    run.evidence.scope("events", elsewhere, **parameters)
    got = run.evidence.columns(
        'select least(source, target) as a, greatest(source, target) as b, cast("at" as date) as day, count(*) as events '
        f'from events where {elsewhere} group by least(source, target), greatest(source, target), cast("at" as date)',
        **parameters,
    )
    if not len(got["day"]):
        return np.zeros(n, dtype=bool), []
    week = _steps(got["day"].astype("datetime64[D]"), first, False)
    pairs = np.array([f"{a}\t{b}" for a, b in zip(got["a"], got["b"], strict=True)], dtype=object)
    _, index = np.unique(pairs, return_inverse=True)
    counts = np.zeros((index.max() + 1, n))
    np.add.at(counts, (index, week), got["events"].astype(float))
    recorded = counts.sum(axis=0) > 0
    silent = ~recorded if recorded.mean() >= 0.8 else np.zeros(n, dtype=bool)
    return silent, list(np.sqrt(counts[counts.sum(axis=1) >= LEAST_SHARE * n]))

"""Series out of the indicators: which are meant, and their values in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.errors import BadOption, UnknownName
from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import where

Array = np.ndarray[Any, Any]
DAILY = 5.0
"""Median gaps below this many days are averaged over weeks."""


@dataclass(frozen=True)
class Series:
    """One series in order of time: `days` (n,) datetime64[D], `values` (n,), `unit`; `rows` (r,) are the ids of its rows and
    `row_days` (r,) their days (several rows make one value where a series was averaged over weeks)."""

    name: str
    days: Array
    values: Array
    rows: Array
    row_days: Array
    unit: str
    weekly: bool = False

    @property
    def gap(self) -> float:
        """Median days between values; 0 with fewer than two."""
        return float(np.median(np.diff(self.days).astype(float))) if len(self.days) > 1 else 0.0

    @property
    def numbers(self) -> Array:
        """Days since the first value, (n,)."""
        return np.asarray((self.days - self.days[0]).astype(int))


def series_names(run: Run, option: str) -> list[str]:
    """The series that an option names: one, or several separated by semicolons. Raises UnknownName and BadOption."""
    known = run.evidence.names("indicators", "series")
    given = str(run.options[option])
    names = [given] if given in known else [part.strip() for part in given.split(";") if part.strip()]
    found = [_known(name, known, option) for name in names]
    if len(set(found)) < len(found) or not found:
        raise BadOption(option, given, "wants the names of different series, separated by ';'")
    return found


def _known(name: str, known: Sequence[str], option: str) -> str:
    alike = [k for k in known if k == name] or [k for k in known if k.lower() == name.lower()]
    if len(alike) != 1:
        raise UnknownName(option, name, known, "Series come from the `series` column of the indicators.")
    return alike[0]


def read_series(run: Run, name: str) -> Series:
    """The values of `name` inside --since and --until, averaged over weeks where they are finer."""
    clause, parameters = where(run.options, issue=False)
    clause, parameters = f"series = $series and {clause}", {**parameters, "series": name}
    run.evidence.scope("indicators", clause, **parameters)
    got = run.evidence.columns(
        f"select row_id, \"at\", value, coalesce(unit, '') as unit from indicators where {clause}", **parameters
    )
    order = np.lexsort((got["row_id"], got["at"]))
    days, values = got["at"][order].astype("datetime64[D]"), got["value"][order].astype(float)
    rows = got["row_id"][order]
    units = sorted({str(u) for u in got["unit"] if u})
    unit = units[0] if len(units) == 1 else ""
    days, values, rows = days[np.isfinite(values)], values[np.isfinite(values)], rows[np.isfinite(values)]
    gaps = np.diff(days).astype(float)
    if len(gaps) and (np.median(gaps) < DAILY or (gaps == 0).any()):
        week = (days - days[0]).astype(int) // 7
        places, index = np.unique(week, return_inverse=True)
        means = np.bincount(index, weights=values) / np.bincount(index)
        return Series(name, days[0] + 7 * places, means, rows, days, unit, weekly=True)
    return Series(name, days, values, rows, days, unit)

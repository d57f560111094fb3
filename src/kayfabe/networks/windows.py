"""Moving windows over time, and the weights that a kernel gives to statements around a window's middle.

A window of `width` units holds the statements of `width` whole calendar days, weeks (from Monday), months or years; the next
one begins a unit later; only windows that lie between the first and the last unit with statements are made. A window of events
holds `width` statements in order of time, and all of its last instant, so that nothing depends on how ties are broken; the next
one begins at the next instant. A kernel is a function of u = (time - middle) / half the window: uniform 1/2, triangular 1 - |u|,
Epanechnikov 3/4 (1 - u^2), each 0 outside the window; Gaussian exp(-u^2 / 2) / sqrt(2 pi), which reaches over three half windows
to either side.

References: Silverman (1986), Density Estimation, table 3.1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kayfabe.errors import BadOption
from kayfabe.networks import dna
from kayfabe.networks.definitions import Definition
from kayfabe.networks.duplicates import monday
from kayfabe.networks.statements import Array

MOST = 100_000
_CODES = {"days": "D", "months": "M", "years": "Y"}
_GAUSSIAN_REACH = 3.0


@dataclass(frozen=True)
class Window:
    """Statements `index` (a slice of those in order of time) from `start` to `stop`; `weight` is None without a kernel."""

    start: np.datetime64
    middle: np.datetime64
    stop: np.datetime64
    index: slice
    weight: Array | None = None


def moving(at: Array, wanted: Definition, *, indent: bool | None = None) -> list[Window]:
    """The windows over sorted times `at` (n,). `indent` False lets DNA's kernel windows reach over the ends.

    Raises BadOption where there would be too many.
    """
    if not len(at) or wanted.window is None:
        return []
    if wanted.window == "events":
        return list(_event_windows(at, wanted.width))
    return list(_dna_windows(at, wanted, indent) if wanted.dna else _calendar_windows(at, wanted))


def _calendar_windows(at: Array, wanted: Definition) -> Iterator[Window]:
    unit, width = str(wanted.window), wanted.width
    numbers = _unit_numbers(at[[0, -1]], unit)
    starts = np.arange(numbers[0], numbers[1] - width + 2)
    if len(starts) > MOST:
        raise BadOption("window", unit, f"gives {len(starts)} windows, more than {MOST}; wants a longer unit")
    begins, ends = _unit_times(starts, unit), _unit_times(starts + width, unit)
    middles = begins + (ends - begins) // 2
    reach = (ends - begins) // 2
    if wanted.kernel == "gaussian":
        reach = reach * _GAUSSIAN_REACH
    low, high = (begins, ends) if wanted.kernel != "gaussian" else (middles - reach, middles + reach)
    first, last = np.searchsorted(at, low), np.searchsorted(at, high)
    for k in range(len(starts)):
        index = slice(int(first[k]), int(last[k]))
        weight = None
        if wanted.kernel != "none":
            half = (ends[k] - begins[k]).astype(float) / 2
            weight = kernel_weights((at[index] - middles[k]).astype(float) / half, wanted.kernel)
        yield Window(begins[k], middles[k], ends[k], index, weight)


def _event_windows(at: Array, width: int) -> Iterator[Window]:
    instants, first = np.unique(at, return_index=True)
    end = np.append(first[1:], len(at))
    whole = first + width <= len(at)
    if whole.sum() > MOST:
        raise BadOption(
            "window", "events", f"gives {whole.sum()} windows, more than {MOST}; wants days, weeks, months or years"
        )
    for k in np.flatnonzero(whole).tolist():
        last = int(np.searchsorted(end, first[k] + width))
        yield Window(
            instants[k],
            instants[k] + (instants[last] - instants[k]) // 2,
            instants[last],
            slice(int(first[k]), int(end[last])),
        )


def kernel_weights(u: Array, kernel: str) -> Array:
    """K(u) of shape (n,) for u of shape (n,)."""
    if kernel == "gaussian":
        return np.asarray(np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi))
    inside = np.abs(u) <= 1
    if kernel == "uniform":
        return np.where(inside, 0.5, 0.0)
    if kernel == "triangular":
        return np.where(inside, 1 - np.abs(u), 0.0)
    return np.where(inside, 0.75 * (1 - u**2), 0.0)


def _unit_numbers(at: Array, unit: str) -> Array:
    if unit == "weeks":
        return monday(at.astype("datetime64[D]").astype(np.int64))
    return np.asarray(at.astype(f"datetime64[{_CODES[unit]}]").astype(np.int64))


def _unit_times(numbers: Array, unit: str) -> Array:
    """The first instant of each unit, datetime64[us]."""
    if unit == "weeks":
        return np.asarray((numbers * 7 - 3).astype("datetime64[D]").astype("datetime64[us]"))
    return np.asarray(numbers.astype(f"datetime64[{_CODES[unit]}]").astype("datetime64[us]"))


def _dna_windows(at: Array, wanted: Definition, indent: bool | None) -> Iterator[Window]:
    unit = str(wanted.window)
    kernel = wanted.kernel != "none"
    first, last = (time.astype("datetime64[us]").astype(dt.datetime) for time in at[[0, -1]])
    inside = indent if kernel and indent is not None else True
    for start, middle, stop in dna.windows(first, last, unit, wanted.width, indent=inside):
        if wanted.kernel == "gaussian":
            start, stop = first, last
        begin, end = np.datetime64(start, "us"), np.datetime64(stop, "us")
        index = slice(int(np.searchsorted(at, begin)), int(np.searchsorted(at, end, side="right")))
        weight = dna.kernel_weights(at[index], middle, unit, wanted.width, wanted.kernel) if kernel else None
        yield Window(begin, np.datetime64(middle, "us"), end, index, weight)

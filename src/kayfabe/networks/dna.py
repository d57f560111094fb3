"""What Discourse Network Analyzer 3.1.2 does differently; reached only through `compat="dna"`.

Each is the definition that its results show, not one to recommend: the corrected one stands in the module named with it.
References: Leifeld, DNA 3.1.2 (software); its results on synthetic statements are in tests/conformance/data.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import sparse

Array = np.ndarray[Any, Any]
_MICROSECONDS = {"days": 86_400_000_000, "weeks": 7 * 86_400_000_000}


def silent_conflict(cells: sparse.csr_array) -> Callable[[slice, slice], Array]:
    """onemode: text conflict as statements at levels that the other node did not use, so that silence is conflict.

    `cells` has shape (nodes, throughs * levels).
    """
    held = (cells > 0).astype(float)
    total = np.asarray(cells.sum(axis=1)).ravel()

    def block(i: slice, j: slice) -> Array:
        mine, theirs = (cells[i] @ held[j].T).toarray(), (held[i] @ cells[j].T).toarray()
        return np.asarray(total[i, None] - mine + total[None, j] - theirs)

    return block


def cosine_divisor(total: Array) -> Callable[[slice, slice], Array]:
    """onemode: "cosine" divides by the product of the numbers of statements, not of the norms."""
    return lambda i, j: total[i, None] * total[None, j]


def kernel_average(cells: sparse.csr_array) -> Array:
    """discourse: (nodes, nodes) factors of "average" in kernel windows: the sum of 2 / (x + x') over the (through, level) cells
    that either node used at any time, in a window or not, so that the more they said on the more issues the larger the tie.

    `cells` has shape (nodes, throughs * levels) and counts all statements.
    """
    columns = sparse.csc_array(cells)
    inverse = sparse.csr_array(cells, dtype=float, copy=True)
    inverse.data = 2.0 / inverse.data
    own = np.asarray(inverse.sum(axis=1)).ravel()
    factor = own[:, None] + own[None, :]
    for c in range(columns.shape[1]):
        part = slice(columns.indptr[c], columns.indptr[c + 1])
        row, x = columns.indices[part], columns.data[part].astype(float)
        factor[np.ix_(row, row)] += 2 / (x[:, None] + x[None, :]) - 2 / x[:, None] - 2 / x[None, :]
    return np.asarray(factor)


def moved(time: dt.datetime, units: int, unit: str) -> dt.datetime:
    """`time` moved by days, weeks, months or years; a day that the month lacks becomes its last."""
    if unit in ("days", "weeks"):
        return time + dt.timedelta(days=units * (7 if unit == "weeks" else 1))
    months = time.year * 12 + time.month - 1 + units * (12 if unit == "years" else 1)
    year, month = divmod(months, 12)
    return time.replace(year=year, month=month + 1, day=min(time.day, calendar.monthrange(year, month + 1)[1]))


def windows(
    first: dt.datetime, last: dt.datetime, unit: str, width: int, *, indent: bool = True
) -> Iterator[tuple[dt.datetime, dt.datetime, dt.datetime]]:
    """windows: (start, middle, stop), both ends inside; half a window is round((width - 1) / 2) units, halves up.

    A window of one year so holds a single instant. With `indent` only windows between `first` and `last`.
    """
    half = width // 2
    middle = first
    while middle <= last:
        start, stop = moved(middle, -half, unit), moved(middle, half, unit)
        if not indent or (start >= first and stop <= last):
            yield start, middle, stop
        middle = moved(middle, 1, unit)


def kernel_weights(at: Array, middle: dt.datetime, unit: str, width: int, kernel: str) -> Array:
    """windows: K(u) with u = 2 * (whole units from statement to middle) / width; its triangular one is |1 - u|."""
    u = 2.0 * _whole_units(at, np.asarray(middle, dtype="datetime64[us]"), unit) / width
    if kernel == "uniform":
        return np.full(len(u), 0.5)
    if kernel == "epanechnikov":
        return np.asarray(0.75 * (1 - u**2))
    if kernel == "triangular":
        return np.asarray(np.abs(1 - u))
    return np.asarray(np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi))


def _whole_units(at: Array, middle: Array, unit: str) -> Array:
    """Whole units from each time to `middle`, cut towards zero."""
    if unit in _MICROSECONDS:
        return np.trunc((middle - at).astype("timedelta64[us]").astype(float) / _MICROSECONDS[unit])
    there, here = middle.astype("datetime64[M]"), at.astype("datetime64[M]")
    months = (there - here).astype(np.int64)
    rest = (middle - there.astype("datetime64[us]")) - (at - here.astype("datetime64[us]"))
    left = rest.astype(np.int64)
    months = np.where((months > 0) & (left < 0), months - 1, np.where((months < 0) & (left > 0), months + 1, months))
    return np.asarray(np.trunc(months / 12) if unit == "years" else months.astype(float))


def level_bits(levels: int) -> Array:
    """twomode: "combine" sums a power of two for each level used; the last level (highest, or last in the alphabet) is 1."""
    return np.asarray(2.0 ** np.arange(levels)[::-1])

"""Repeated statements: the same node on the same thing at the same level, counted once within a document or a period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kayfabe.networks.statements import Array, Statements


def first_of_repeats(
    statements: Statements, within: str, *, by: Sequence[str] = ("node", "through", "level"), dna: bool = False
) -> Array:
    """Positions of the statements that are no repeats within "document", "week", "month", "year" or "range".

    A repeat has the same codes in all columns `by`. "include" keeps all. Weeks run from Monday to Sunday. Statements without a document are never repeats of one another
    within "document". With `dna`, week and month are numbers that recur every year, as in Discourse Network Analyzer.
    """
    if within == "include" or not len(statements):
        return np.arange(len(statements))
    place = _place(statements, within, dna)
    keys = [place, *(getattr(statements, name) for name in by)]
    order = np.lexsort((np.arange(len(place)), *keys))
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
    return np.sort(order[new])


def _place(statements: Statements, within: str, dna: bool) -> Array:
    at = statements.at
    if within == "range":
        return np.zeros(len(at), dtype=np.int64)
    if within == "document":
        return np.where(statements.document >= 0, statements.document, -1 - np.arange(len(at)))
    if within == "year":
        return at.astype("datetime64[Y]").astype(np.int64)
    if within == "month":
        month = at.astype("datetime64[M]").astype(np.int64)
        return month % 12 if dna else month
    days = at.astype("datetime64[D]").astype(np.int64)
    return iso_week(days) if dna else monday(days)


def monday(days: Array) -> Array:
    """The number of the week that a day since 1970-01-01 (a Thursday) lies in; weeks begin on Monday."""
    return np.asarray((days + 3) // 7)


def iso_week(days: Array) -> Array:
    """The ISO 8601 number of the week in its year: 1 to 53."""
    thursday: np.ndarray[Any, Any] = (monday(days) * 7).astype("datetime64[D]")
    start = thursday.astype("datetime64[Y]").astype("datetime64[D]")
    return np.asarray((thursday - start).astype(np.int64) // 7 + 1)

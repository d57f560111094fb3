"""Documents in: order of time, outlets, clocks, words; and the texts that are asked about but are no document of the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.errors import BadOption, UnknownName
from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import where
from kayfabe.stats.passages import without
from kayfabe.stats.words import Reader, Words

Array = np.ndarray[Any, Any]

CLOCKS = (86_400, 3_600, 60, 1)
CLOCK_NAMES = {86_400: "day", 3_600: "hour", 60: "minute", 1: "second"}
_AT_ONCE = 5_000
_TIME = "date_diff('microsecond', timestamp '1970-01-01', \"at\")"


@dataclass(frozen=True)
class Documents:
    """Documents in order of time, then id; shapes (n,). `at` in microseconds; `clock` in seconds: the unit that the times are known to;
    `asked` (n,) bool: what the question is about (all, without --document, --passage and --agreement); `rows`: whether it is a document of
    the store; `dated`: whether its time is known. `words` holds their words, `extra_texts` the texts that are no documents, by id."""

    row: Array
    at: Array
    outlet: Array
    title: Array
    clock: Array
    asked: Array
    rows: Array
    dated: Array
    words: Words
    extra_texts: dict[str, str]

    def __len__(self) -> int:
        return len(self.row)

    @property
    def pairs(self) -> int:
        """Pairs of documents."""
        return len(self) * (len(self) - 1) // 2

    def known_order(self, one: Array, two: Array) -> Array:
        """Whether the times of `one` and `two` differ by at least the coarser clock, shape (p,)."""
        apart = np.abs(self.at[two] - self.at[one])
        coarser = np.maximum(self.clock[one], self.clock[two]) * 1_000_000
        return np.asarray((apart >= coarser) & self.dated[one] & self.dated[two])


@dataclass(frozen=True)
class Extra:
    """A text that is asked about and is no document: a passage, or a provision with the day of its release."""

    row: str
    text: str
    outlet: str
    at: dt.date | None


def read(run: Run) -> Documents:
    """Every document in the window of days, and the extra texts that the options name.

    Raises BadOption or UnknownName for options that name nothing.
    """
    clause, parameters = where(run.options, issue=False)
    run.evidence.scope("documents", clause, **parameters)
    got = run.evidence.columns(
        f"select row_id, {_TIME} as t, outlet, coalesce(title, '') as title from documents where {clause} order by t, row_id",
        **parameters,
    )
    reader = Reader()
    rows, n = [str(r) for r in got["row_id"]], len(got["row_id"])
    for begin in range(0, n, _AT_ONCE):
        run.progress.step("reading documents", begin, n)
        part = rows[begin : begin + _AT_ONCE]
        known = texts(run, part)
        reader.read(known[r] for r in part)
    extra = _extra(run)
    reader.read(e.text for e in extra)
    return _ordered(run, got, extra, reader.words())


def texts(run: Run, rows: Sequence[str]) -> dict[str, str]:
    """Texts of these documents by row id; empty where there is none."""
    got = run.evidence.columns(
        "select row_id, coalesce(text, '') as text from documents where row_id in (select unnest($rows))",
        rows=list(rows),
    )
    return {str(r): str(t) for r, t in zip(got["row_id"], got["text"], strict=True)}


def _ordered(run: Run, got: dict[str, Array], extra: list[Extra], words: Words) -> Documents:
    """Documents and extra texts in one order of time; undated extras last."""
    row = np.array([*got["row_id"].tolist(), *(e.row for e in extra)], dtype=object)
    n, more = len(got["row_id"]), len(extra)
    late = int(got["t"].max(initial=0)) + 1
    at = np.array([*got["t"].tolist(), *(late if e.at is None else _microseconds(e.at) for e in extra)], dtype=np.int64)
    outlet = np.array([*got["outlet"].tolist(), *(e.outlet for e in extra)], dtype=object)
    title = np.array([*got["title"].tolist(), *("" for _ in extra)], dtype=object)
    asked = np.repeat([not extra, True], [n, more])
    document = run.options.get("document")
    if document is not None:
        if document not in set(row[:n].tolist()):
            raise UnknownName("document", document, row[:n].tolist()[:2000], "Documents are named by their `document` column.")
        asked = row == document
    dated = np.array([True] * n + [e.at is not None for e in extra], dtype=bool)
    stored = np.repeat([True, False], [n, more])
    clock = np.concatenate([clocks(at[:n], outlet[:n]), np.full(more, CLOCKS[0])])
    public = outlet == run.options["public"] if run.options.get("public") else np.zeros(len(row), dtype=bool)
    if run.options.get("public") and not public.any():
        raise UnknownName("outlet", str(run.options["public"]), sorted(set(outlet[:n].tolist()))[:2000], "Outlets are named by their `outlet` column.")
    words = without(words, public)
    order = np.lexsort((row.astype(str), at)) if more else np.arange(n)
    if more:
        words = _rearranged(words, order)
    return Documents(
        row[order], at[order], outlet[order], title[order], clock[order], asked[order], stored[order], dated[order], words,
        {e.row: e.text for e in extra},
    )  # fmt: skip


def _rearranged(words: Words, order: Array) -> Words:
    size = np.diff(words.start)[order]
    start = np.concatenate([[0], np.cumsum(size)])
    place = np.repeat(words.start[:-1][order] - start[:-1], size) + np.arange(start[-1])
    return Words(words.code[place], start, words.held)


def _microseconds(day: dt.date) -> int:
    return int(np.datetime64(day, "us").astype(np.int64))


def _extra(run: Run) -> list[Extra]:
    options = run.options
    chosen = [name for name in ("document", "passage", "agreement") if options.get(name)]
    if len(chosen) > 1:
        raise BadOption(chosen[1], options[chosen[1]], f"wants to stand alone, not beside --{chosen[0]}")
    if options.get("released") and not options.get("agreement"):
        raise BadOption("released", options["released"], "wants --agreement beside it")
    if options.get("passage"):
        return [Extra("passage", str(options["passage"]), "(the passage asked about)", None)]
    if not options.get("agreement"):
        return []
    got = run.evidence.columns(
        "select row_id, text from provisions where agreement = $agreement order by row_id", agreement=options["agreement"]
    )
    if not len(got["row_id"]):
        raise UnknownName("agreement", options["agreement"], run.evidence.names("provisions", "agreement"))
    released, outlet = options.get("released"), f"(agreement {options['agreement']})"
    return [Extra(f"provisions:{r}", str(t), outlet, released) for r, t in zip(got["row_id"], got["text"], strict=True)]


def clocks(at: Array, outlet: Array) -> Array:
    """The unit in seconds that each time is known to: the coarsest that at least 95 % of its outlet's times are whole in; a day where
    it is midnight. Shape (n,)."""
    names, code = np.unique(outlet.astype(str), return_inverse=True)
    size = np.bincount(code, minlength=len(names))
    unit = np.ones(len(names), dtype=np.int64)
    for clock in reversed(CLOCKS):
        whole = np.bincount(code, at % (clock * 1_000_000) == 0, minlength=len(names))
        unit = np.where(whole >= 0.95 * size, clock, unit)
    return np.where(at % (86_400 * 1_000_000) == 0, 86_400, unit[code]) if len(at) else np.zeros(0, dtype=np.int64)

"""The units of reversal: one actor, one issue, one day (and the documents of that day), with the error of their coding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import belonged, members, where
from kayfabe.networks.coding import confidence_sql, one_value
from kayfabe.stats import reversals

Array = np.ndarray[Any, Any]
DEAD_ZONE = 0.25
LEAST_UNITS, LEAST_REFERENCE, LEAST_DOUBLE = 3, 100, 30
DEFAULT_ERROR = 0.10
_LABELS = (
    'with parts as (select row_id, statement, actor, document, stance, coder, text, {confidence} as confidence, cast("at" as date) as day, '
    "unnest(string_split(issue, ';')) as part from statements where {clause}), "
    "labelled as (select *, trim(part) as label from parts where trim(part) <> ''), "
    "placed as (select *, min(day) over (partition by actor, label, case when document is null then concat('s', statement) "
    "else concat('d', document) end) as unit from labelled) "
)


@dataclass(frozen=True)
class Units:
    """Units (n,) in order of actor, label and day: who, on what, when, mean stance, statements."""

    actor: Array
    label: Array
    day: Array
    stance: Array
    count: Array

    @property
    def clear(self) -> Array:
        """Outside the dead zone: a weaker position has no sign."""
        return np.asarray(np.abs(self.stance) >= DEAD_ZONE)

    def take(self, keep: Array) -> Units:
        return Units(self.actor[keep], self.label[keep], self.day[keep], self.stance[keep], self.count[keep])


@dataclass(frozen=True)
class Coding:
    """How often a sign is wrong, by size class (1, 2, 3+ statements); `known` from double coding or the analyst."""

    errors: Array
    source: str
    known: bool
    rests_on: int


def read_units(run: Run, clause: str, parameters: dict[str, Any]) -> Units:
    """Units of every actor under `clause`; a document of several days counts on its first."""
    got = run.evidence.columns(
        _LABELS.format(clause=clause, confidence=confidence_sql(run.evidence))
        + f", said as ({one_value('placed', 'actor, label, unit, statement')}) "
        "select actor, label, unit as day, avg(stance) as stance, count(*) as n from said group by actor, label, unit order by actor, label, unit",
        **parameters,
    )
    day = got["day"].astype("datetime64[D]")
    return Units(got["actor"], got["label"], day, got["stance"].astype(float), got["n"].astype(int))


def read_rows(run: Run, ids: Sequence[str], clause: str, parameters: dict[str, Any]) -> dict[str, Array]:
    """Rows of the named actors: row_id, actor, label, day of the unit, stance, text; in that order."""
    run.evidence.scope("statements", f"{clause} and list_contains($ids, actor)", ids=list(ids), **parameters)
    return run.evidence.columns(
        _LABELS.format(clause=f"{clause} and list_contains($ids, actor)", confidence="1.0")
        + "select row_id, actor, label, unit as day, day as at, stance, text from placed order by actor, label, unit, row_id",
        ids=list(ids),
        **parameters,
    )


def named(run: Run, units: Units, ids: Sequence[str]) -> Array:
    """Which units are the actor's, on the issue that is asked about; a bloc's members only while they belong to it."""
    keep = np.isin(units.actor, list(ids))
    if run.options["issue"]:
        keep &= np.char.lower(units.label.astype(str)) == run.options["issue"].lower()
    keep[keep] = belonged(run.options["actor"], units.actor[keep], units.day[keep], run.actors)
    return keep


def who(run: Run) -> list[str]:
    """The ids that the actor stands for."""
    return members(run.options["actor"], run.actors, run.evidence.actor_names())


def window(run: Run) -> tuple[str, dict[str, Any]]:
    """The window without the issue: the coding error is learnt from all issues."""
    return where(run.options, issue=False)


def coding(run: Run, units: Units, ids: Sequence[str]) -> Coding:
    """The coding error: the analyst's; else from double coding; else from the other actors; else the default."""
    if run.options["error"] is not None:
        e = float(np.clip(run.options["error"], reversals.LOWEST_ERROR, reversals.HIGHEST_ERROR))
        return Coding(np.full(3, e), f"given by the analyst ({e:.2g})", True, 0)
    pairs, disagreed = _double_coded(run)
    if pairs >= LEAST_DOUBLE:
        e = reversals.double_coding_error(disagreed, pairs)
        return Coding(
            np.full(3, e), f"from {pairs} pairs of codings of one statement, {disagreed} of opposite sign", True, pairs
        )
    others = units.take(units.clear & ~np.isin(units.actor, list(ids)))
    series = series_of(others)
    size = np.bincount(series) if len(series) else np.zeros(0, dtype=int)
    long = size[series] >= 6 if len(series) else np.zeros(0, dtype=bool)
    errors, n = reversals.reference_error(np.sign(others.stance[long]), size_class(others.count[long]), series[long])
    if n >= LEAST_REFERENCE:
        return Coding(errors, f"from {n} units of other actors", False, n)
    return Coding(
        np.full(3, DEFAULT_ERROR),
        f"taken as {DEFAULT_ERROR:g}: only {n} units of other actors to learn it from",
        False,
        n,
    )


def _double_coded(run: Run) -> tuple[int, int]:
    clause, parameters = where(run.options, alias="a", issue=False)
    ((pairs, disagreed),) = run.evidence.query(
        "select count(*), coalesce(sum(case when a.stance * b.stance < 0 then 1 else 0 end), 0) from statements a "
        "join statements b on a.statement = b.statement and a.actor = b.actor and a.issue = b.issue and a.coder < b.coder "
        f"where a.stance <> 0 and b.stance <> 0 and {clause}",
        **parameters,
    )
    return int(pairs), int(disagreed)


def coders(run: Run, ids: Sequence[str], clause: str, parameters: dict[str, Any]) -> list[str]:
    """Coders of the actor's statements, where there are several."""
    got = run.evidence.query(
        f"select distinct coder from statements where coder is not null and list_contains($ids, actor) and {clause} order by coder",
        ids=list(ids),
        **parameters,
    )
    return [c for (c,) in got] if len(got) > 1 else []


def series_of(units: Units) -> Array:
    """The number of each unit's series (actor and label), units sorted by both."""
    if not len(units.actor):
        return np.zeros(0, dtype=int)
    new = (units.actor[1:] != units.actor[:-1]) | (units.label[1:] != units.label[:-1])
    return np.concatenate([[0], np.cumsum(new)])


def size_class(counts: Array) -> Array:
    """0, 1, 2 for 1, 2, 3 or more statements."""
    return np.minimum(counts, 3) - 1


def split(units: Units) -> list[Units]:
    """Series of at least three clear units, ordered by what they hold and not by their names."""
    clear = units.take(units.clear)
    series = series_of(clear)
    parts = [clear.take(series == k) for k in range(series[-1] + 1)] if len(series) else []
    long = [p for p in parts if len(p.day) >= LEAST_UNITS]
    return sorted(long, key=lambda p: (p.day.astype("datetime64[D]").tolist(), p.stance.tolist(), p.count.tolist()))

"""Where each actor stands on each provision: its statements and votes on the matching issue, one occasion per day, aged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.errors import UnknownName
from kayfabe.evidence.provisions import PREAMBLE
from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import belonged, members, where
from kayfabe.networks.coding import confidence_sql, one_value
from kayfabe.stats import packages

Array = np.ndarray[Any, Any]
BLOCK = 28
"""Days within which one actor's occasions on one provision may be one mood."""


@dataclass(frozen=True)
class Positions:
    """Aged counts of shape (actors, provisions): `n` occasions, `k` favourable, `against` unfavourable; `raw` occasions before
    ageing. `spread`: how much they go in runs (the counts are divided by it). `turned`: the day since which an actor says
    otherwise than before, "" where it does not; older occasions then weigh nothing. `rows` lists, per actor and provision, row ids
    with their sign, latest first."""

    actors: list[str]
    provisions: list[str]
    headings: list[str]
    provision_rows: list[str]
    n: Array
    k: Array
    against: Array
    raw: Array
    last: Array
    last_sign: Array
    spread: float
    turned: Array
    rows: dict[tuple[int, int], list[tuple[str, int]]]
    reference: str
    varied: bool
    blocs: list[str]
    ambiguous: list[str]


def read(run: Run) -> Positions | None:
    """Positions of the named actors on the provisions of --agreement; None where the evidence has no provisions at all."""
    agreement = str(run.options["agreement"])
    given = run.evidence.columns(
        f"select agreement, provision, heading, row_id from provisions where provision <> '{PREAMBLE}' order by agreement, provision"
    )
    own = given["agreement"] == agreement
    if not len(own):
        return None
    if not own.any():
        raise UnknownName(
            "agreement",
            agreement,
            sorted(set(given["agreement"].tolist())),
            "Agreements come from the provisions table.",
        )
    run.evidence.scope("provisions", "agreement = $agreement", agreement=agreement)
    labels, ambiguous = _labels(given, own, agreement)
    names = list(run.options["actors"])
    actor, provision, day, sign, row, varied = _occasions_of(run, names, labels)
    return _counted(run, names, given, own, (actor, provision, day, sign, row), varied, ambiguous)


def _labels(given: dict[str, Array], own: Array, agreement: str) -> tuple[dict[str, int], list[str]]:
    """Issue label (lower case) to provision number: "agreement:provision" always; the bare number or heading only where no
    other provision in the store has it. Second: the own provisions whose bare number is ambiguous."""
    ids = [str(p).lower() for p in given["provision"]]
    heads = [str(h).strip().lower() if h else "" for h in given["heading"]]
    uses = Counter([*ids, *(h for h, i in zip(heads, ids, strict=True) if h and h != i)])
    labels: dict[str, int] = {}
    ambiguous = []
    for number, k in enumerate(np.flatnonzero(own).tolist()):
        labels[f"{agreement}:{ids[k]}".lower()] = number
        for name in (ids[k], heads[k]):
            if name and uses[name] == 1:
                labels[name] = number
        if uses[ids[k]] > 1:
            ambiguous.append(str(given["provision"][k]))
    return labels, ambiguous


def _matching(run: Run, table: str, labels: dict[str, int]) -> dict[str, list[int]]:
    """Each distinct `issue` text of `table` to the provisions that its labels name."""
    texts = [
        r[0] for r in run.evidence.query(f"select distinct issue from {table} where issue is not null order by issue")
    ]
    found = {t: sorted({labels[p.strip().lower()] for p in t.split(";") if p.strip().lower() in labels}) for t in texts}
    return {t: numbers for t, numbers in found.items() if numbers}


def _occasions_of(
    run: Run, names: Sequence[str], labels: dict[str, int]
) -> tuple[Array, Array, Array, Array, Array, bool]:
    """Per row and provision: actor number, provision number, day, stance, row id; and whether the signs of any table vary."""
    known = run.evidence.actor_names()
    clause, parameters = where(run.options, issue=False)
    parts: list[tuple[Array, ...]] = []
    varied = False
    for table, value in (
        ("statements", "stance"),
        ("votes", "case choice when 'yes' then 1.0 when 'no' then -1.0 else 0.0 end"),
    ):
        present = "true" if table == "statements" else "choice <> 'absent'"
        every = run.evidence.query(
            f"select distinct sign({value}) from {table} where {present} and {clause}", **parameters
        )
        varied |= len({v for (v,) in every if v is not None}) > 1
        issues = _matching(run, table, labels)
        for number, name in enumerate(names):
            mine = members(name, run.actors, known)
            scope = f"list_contains($mine, actor) and list_contains($issues, issue) and {present} and {clause}"
            run.evidence.scope(table, scope, mine=mine, issues=list(issues), **parameters)
            got = run.evidence.columns(
                _occasions_sql(run, table, scope), mine=mine, issues=list(issues), **parameters
            )
            keep = belonged(name, got["actor"], got["day"], run.actors)
            times = np.array([len(issues[i]) for i in got["issue"]], dtype=int) * keep
            parts.append(
                (
                    np.full(int(times.sum()), number),
                    np.array([p for i, ok in zip(got["issue"], keep, strict=True) if ok for p in issues[i]], dtype=int),
                    np.repeat(got["day"].astype("datetime64[D]"), times),
                    np.repeat(got["stance"].astype(float), times),
                    np.repeat(np.array([f"{table}:{r}" for r in got["row_id"]], dtype=object), times),
                )
            )
    actor, provision, day, stance, row = (np.concatenate(column) for column in zip(*parts, strict=True))
    return actor, provision, day, stance, row, varied


def _occasions_sql(run: Run, table: str, scope: str) -> str:
    """row_id, actor, issue, day and stance: one row per motion, or per statement however many coded it."""
    day = 'cast("at" as date)'
    if table == "votes":
        choice = "case choice when 'yes' then 1.0 when 'no' then -1.0 else 0.0 end"
        return (
            f"select min(row_id) as row_id, actor, issue, {day} as day, avg({choice}) as stance from votes where {scope} "
            f"group by motion, actor, issue, {day} order by min(row_id)"
        )
    key = "statement, actor, issue, day"
    return (
        f"with coded as (select row_id, statement, actor, issue, {day} as day, stance, {confidence_sql(run.evidence)} as confidence "
        f"from statements where {scope}), valued as ({one_value('coded', key)}), "
        f"told as (select {key}, min(row_id) as row_id from coded group by {key}) "
        "select told.row_id as row_id, told.actor as actor, told.issue as issue, told.day as day, valued.stance as stance from told "
        "join valued on told.statement = valued.statement and told.actor = valued.actor and told.issue = valued.issue and told.day = valued.day "
        "order by told.row_id"
    )


def _counted(
    run: Run,
    names: list[str],
    given: dict[str, Array],
    own: Array,
    found: tuple[Array, ...],
    varied: bool,
    ambiguous: list[str],
) -> Positions:
    actor, provision, day, stance, row = found
    shape = (len(names), int(own.sum()))
    until = run.options.get("until")
    end: Any = np.datetime64(until, "D") if until else day.max() if len(day) else np.datetime64("1970-01-01")
    order = np.lexsort((row, -day.astype(int), provision, actor))
    actor, provision, day, stance, row = (x[order] for x in (actor, provision, day, stance, row))
    cell = actor * shape[1] + provision
    _, occasion = np.unique(np.stack([cell, day.astype(int)]), axis=1, return_inverse=True)
    occasion = np.asarray(occasion).ravel()
    size = np.bincount(occasion)
    mean = np.round(np.bincount(occasion, weights=stance) / np.maximum(size, 1), 9)
    first = np.zeros(len(size), dtype=int)
    first[occasion[::-1]] = np.arange(len(occasion))[::-1]
    at, when, sign = cell[first], day[first], np.sign(mean)
    weight = packages.aged((end - when).astype(int), float(run.options["halflife"]))
    wanted = sign < 0 if run.options["claim"] == "unacceptable" else sign > 0
    _, compact = np.unique(at, return_inverse=True)
    latest = packages.turned(wanted, np.asarray(compact).ravel()) if len(at) else np.zeros(0, dtype=int)
    left = np.bincount(at, minlength=shape[0] * shape[1])[at] - _places(at)  # this occasion and those after it
    weight = np.where((latest > 0) & (left > latest), 0.0, weight)
    since = np.full(shape[0] * shape[1], "", dtype=object)
    fresh = (latest > 0) & (left == latest)
    since[at[fresh]] = when[fresh].astype(str)

    def table(values: Array) -> Array:
        return np.bincount(at, weights=values, minlength=shape[0] * shape[1]).reshape(shape)

    n = table(weight)
    share = (table(weight * sign) / np.maximum(n, 1e-12)).ravel()[at] if len(at) else sign
    block = (end - when).astype(int) // BLOCK
    _, cluster = np.unique(np.stack([at, block]), axis=1, return_inverse=True)
    spread = packages.runs((sign - share) * weight, np.asarray(cluster).ravel()) if len(at) else 1.0
    last = np.full(shape[0] * shape[1], "", dtype=object)
    last[at] = when.astype(str)  # in order of day: the latest stays
    last_sign = np.zeros(shape[0] * shape[1], dtype=int)
    last_sign[at] = sign
    rows: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for a, p, r, s in zip(
        actor.tolist(), provision.tolist(), row.tolist(), np.sign(stance).astype(int).tolist(), strict=True
    ):
        rows.setdefault((a, p), []).append((r, s))
    return Positions(
        actors=names, provisions=given["provision"][own].astype(str).tolist(), headings=[str(h or "") for h in given["heading"][own]],
        provision_rows=given["row_id"][own].tolist(), n=n / spread, k=table(weight * (sign > 0)) / spread,
        against=table(weight * (sign < 0)) / spread, raw=table(np.ones(len(at))).astype(int), last=last.reshape(shape), last_sign=last_sign.reshape(shape), spread=spread,
        turned=since.reshape(shape), rows=rows, reference=str(end), varied=varied, ambiguous=ambiguous,
        blocs=[x for x in names if members(x, run.actors, run.evidence.actor_names()) != [x]],
    )  # fmt: skip


def _places(at: Array) -> Array:
    """(occasions,): the place of each among those of its cell, which lie together, from 0."""
    return np.arange(len(at)) - np.searchsorted(at, at)

"""What influence looks at: daily acts or positions of the named actors and of others, and the windows after and before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import belonged, members, where
from kayfabe.networks.coding import confidence_sql, one_value
from kayfabe.stats import leading

Array = np.ndarray[Any, Any]
Way = Literal["acts", "positions"]
LEAST_OTHER_ACTS, MOST_ACTORS, MOST_ISSUES, LEAST_ISSUES = 30, 40, 40, 6
STEP, FIRST_STEP = 5, 2
WINDOW: dict[Way, int] = {"acts": 7, "positions": 45}
LEAST_CHANGES, LEAST_GAIN = 4.0, 10.0
_TABLES = {"events": ("source", "count(*)"), "statements": ("actor", "count(distinct statement)")}


@dataclass(frozen=True)
class Rows:
    """Rows of the named actors, (n,) each, in order of day and id: index of the actor, day, row id, issue and sign if spoken."""

    actor: Array
    day: Array
    ids: Array
    issue: Array
    sign: Array

    @cached_property
    def labels(self) -> tuple[list[set[str]], Array]:
        """The labels of each distinct cell of `issue`, and the place of each row's cell among them."""
        cells, place = np.unique(self.issue.astype(str), return_inverse=True)
        return [{part.strip() for part in cell.split(";")} for cell in cells], place

    def on(self, label: str) -> Array:
        """(n,) whether a row carries `label`."""
        cells, place = self.labels
        return np.asarray(np.array([label in cell for cell in cells], dtype=bool)[place])


@dataclass(frozen=True)
class Record:
    """Everything measured over `names`: the named actors first, then others by activity.

    `expected` (actors, actors): coincidences expected by chance (acts) or, for positions, the smaller number of changes.
    `apart`: windows without the days on which everybody moved. `moves` (actors, ...): what is correlated.
    """

    way: Way
    table: str
    names: list[str]
    named: int
    days: int
    missing_weeks: int
    window: int
    windows: leading.Windows
    apart: leading.Windows | None
    common_days: int
    expected: Array
    counts: Array
    usual: Array
    seen: Array
    first: np.datetime64
    rows: Rows
    notes: list[str] = field(default_factory=list)
    issues: list[str] = field(default_factory=list)
    position: Array | None = None
    chain: leading.Chain | None = None


def named_index(run: Run, ids: Array, days: Array) -> Array:
    """For each (id, day) the place of the named actor or bloc that it acts for, -1 for others."""
    known = run.evidence.actor_names()
    place = np.full(len(ids), -1)
    for k, actor in reversed(list(enumerate(run.options["actors"]))):
        mine = np.isin(ids, members(actor, run.actors, known))
        if mine.any():
            mine[mine] = belonged(actor, ids[mine], days[mine], run.actors)
        place[mine] = k
    return place


def everyone(run: Run) -> list[str]:
    """Every id that a named actor may stand for."""
    known = run.evidence.actor_names()
    return sorted({m for actor in run.options["actors"] for m in members(actor, run.actors, known)})


def most_active_others(names: Array, place: Array, weight: Array, days: Array) -> list[str]:
    """Other actors with at least 30 rows, the most active first; ties by when they act and not by name."""
    other = place < 0
    who, index = np.unique(names[other], return_inverse=True)
    total = np.bincount(index, weight[other], len(who))
    when = np.bincount(index, weight[other] * days[other].astype(float), len(who))
    order = np.lexsort((when, -total))
    return [str(who[i]) for i in order if total[i] >= LEAST_OTHER_ACTS][:MOST_ACTORS]


def read_acts(run: Run, table: str, window: int) -> Record | None:
    """Daily acts: events by source, or statements whatever their stance; None without any."""
    clause, parameters = where(run.options)
    actor, number = _TABLES[table]
    got = run.evidence.columns(
        f'select {actor} as actor, cast("at" as date) as day, {number} as n from {table} where {clause} group by {actor}, cast("at" as date) '
        "order by actor, day",
        **parameters,
    )
    if not len(got["day"]):
        return None
    day = got["day"].astype("datetime64[D]")
    ids, weight = got["actor"], got["n"].astype(float)
    place = named_index(run, ids, day)
    others = most_active_others(ids, place, weight, (day - day.min()).astype(int))
    names = [*run.options["actors"], *others]
    first, span = day.min(), int((day.max() - day.min()).astype(int)) + 1
    week = (first.astype(int) + 3 + np.arange(span)) // 7
    week -= week[0]
    seen = (np.bincount(week, np.bincount((day - first).astype(int), weight, span)) > 0)[week]
    at = {name: k for k, name in enumerate(others, start=len(run.options["actors"]))}
    known, inverse = np.unique(ids, return_inverse=True)
    row = np.where(place >= 0, place, np.array([at.get(str(k), -1) for k in known])[inverse])
    counts = np.zeros((len(names), span))
    np.add.at(counts, (row[row >= 0], (day[row >= 0] - first).astype(int)), weight[row >= 0])
    weekday = (first.astype(int) + 3 + np.arange(span)) % 7
    usual = leading.usual_activity(counts, weekday, seen)
    common = leading.common_days(counts, usual, seen)
    size = counts.sum(axis=1)
    alone = leading.act_windows(counts, weekday, seen & ~common, window) if common.any() else None
    return Record(
        "acts", table, names, len(run.options["actors"]), span, len(np.unique(week[~seen])), window,
        leading.act_windows(counts, weekday, seen, window), alone, int(common.sum()), window * np.outer(size, size) / max(1, seen.sum()),
        counts, usual, seen, first, _rows(run, table, clause, parameters),
    )  # fmt: skip


def read_positions(run: Run, window: int) -> Record | None:
    """Positions on a grid of five days, smoothed from both sides; None without statements of the named actors."""
    clause, parameters = where(run.options)
    rows = _rows(run, "statements", clause, parameters)
    if not len(rows.day):
        return None
    got = run.evidence.columns(
        f"with parts as (select actor, statement, stance, {confidence_sql(run.evidence)} as confidence, cast(\"at\" as date) as day, "
        f"unnest(string_split(issue, ';')) as part from statements where {clause}), labelled as (select actor, day, trim(part) as issue, "
        "statement, stance, confidence from parts where trim(part) <> ''), "
        f"said as ({one_value('labelled', 'actor, day, issue, statement')}) "
        "select actor, day, issue, sum(sign(stance)) as net, count(*) as n from said group by actor, day, issue order by actor, day, issue",
        **parameters,
    )
    day = got["day"].astype("datetime64[D]")
    place = named_index(run, got["actor"], day)
    others = most_active_others(got["actor"], place, got["n"].astype(float), (day - day.min()).astype(int))
    names = [*run.options["actors"], *others]
    issues = _spoken(got["issue"], place)
    first, span = day.min(), int((day.max() - day.min()).astype(int)) + 1
    row = np.where(place >= 0, place, _index(got["actor"], others, len(run.options["actors"])))
    column = _index(got["issue"], issues, 0)
    keep = (row >= 0) & (column >= 0)
    net = np.zeros((len(names), len(issues), span // STEP + 1))
    np.add.at(
        net, (row[keep], column[keep], (day[keep] - first).astype(int) // STEP), np.sign(got["net"][keep].astype(float))
    )
    chain = leading.smoothed_positions(net.reshape(-1, net.shape[2]))
    position = chain.position.reshape(net.shape)
    windows = leading.position_windows(position, FIRST_STEP, max(FIRST_STEP + 1, window // STEP))
    counts = np.zeros((len(names), span))
    np.add.at(counts, (row[keep], (day[keep] - first).astype(int)), got["n"][keep].astype(float))
    return Record(
        "positions", "statements", names, len(run.options["actors"]), span, 0, window, windows, None, 0,
        np.minimum.outer(windows.size, windows.size), counts, np.zeros_like(counts), np.ones(span, dtype=bool), first, rows,
        issues=issues, position=position, chain=chain,
    )  # fmt: skip


def _spoken(issue: Array, place: Array) -> list[str]:
    """Issues that at least two named actors speak on, the most spoken first; all of a single one's where there are none."""
    mine = place >= 0
    label, index = np.unique(issue[mine], return_inverse=True)
    table = np.zeros((len(label), int(place.max(initial=0)) + 1))
    np.add.at(table, (index, place[mine]), 1)
    shared = (table > 0).sum(axis=1) >= 2
    order = np.lexsort((label.astype(str), -table.sum(axis=1)))
    return [str(label[i]) for i in order if shared[i]][:MOST_ISSUES]


def _index(values: Array, names: Sequence[str], start: int) -> Array:
    known, inverse = np.unique(values, return_inverse=True)
    at = {name: k for k, name in enumerate(names, start=start)}
    return np.array([at.get(str(k), -1) for k in known], dtype=int)[inverse] if len(known) else np.zeros(0, dtype=int)


def _rows(run: Run, table: str, clause: str, parameters: dict[str, Any]) -> Rows:
    actor = _TABLES[table][0]
    ids = everyone(run)
    mine = f"{clause} and list_contains($ids, {actor})"
    run.evidence.scope(table, mine, ids=ids, **parameters)
    issue, sign = ("issue", "sign(stance)") if table == "statements" else ("''", "0")
    got = run.evidence.columns(
        f'select row_id, {actor} as actor, cast("at" as date) as day, {issue} as issue, {sign} as sign from {table} where {mine} order by day, row_id',
        ids=ids,
        **parameters,
    )
    day = got["day"].astype("datetime64[D]")
    place = named_index(run, got["actor"], day)
    keep = place >= 0
    ids_ = np.array([f"{table}:{r}" for r in got["row_id"][keep]], dtype=object)
    return Rows(place[keep], day[keep], ids_, got["issue"][keep], got["sign"][keep].astype(float))


def examples(record: Record, leader: int, follower: int, most: int = 10) -> list[dict[str, Any]]:
    """The places that speak most for leader before follower: row and day of both, the strongest first."""
    found = _changes(record, leader, follower) if record.way == "positions" else _surges(record, leader, follower)
    return found[:most]


def _surges(record: Record, leader: int, follower: int) -> list[dict[str, Any]]:
    residual = (record.counts[[leader, follower]] - record.usual[[leader, follower]]) * record.seen
    ahead = np.convolve(np.pad(residual[1], (0, record.window)), np.ones(record.window))[record.window :][
        : record.counts.shape[1]
    ]
    weight = residual[0] * ahead
    found = []
    for t in np.argsort(-weight, kind="stable")[:20]:
        if weight[t] <= 0:
            break
        day = record.first + int(t)
        one = _first_row(record.rows, leader, day, day)
        two = _first_row(record.rows, follower, day + 1, day + record.window)
        if one is not None and two is not None:
            found.append(_example(record.rows, one, two))
    return found


def _changes(record: Record, leader: int, follower: int) -> list[dict[str, Any]]:
    assert record.position is not None
    change = np.diff(record.position, axis=2)
    ahead = leading.shifted_sums(change, FIRST_STEP, max(FIRST_STEP + 1, record.window // STEP), 1)
    weight = change[leader] * ahead[follower]
    found: list[dict[str, Any]] = []
    for flat in np.argsort(-weight, axis=None, kind="stable")[:60]:
        k, t = np.unravel_index(flat, weight.shape)
        if weight[k, t] < 0.05:
            break
        day, side = record.first + int(t) * STEP, float(np.sign(change[leader, k, t]))
        one = _first_row(record.rows, leader, day, day + 30, record.issues[int(k)], side)
        if one is None:
            continue
        start = record.rows.day[one] + 1
        two = _first_row(record.rows, follower, start, start + record.window, record.issues[int(k)], side)
        known = any(e["leader_row"] == record.rows.ids[one] for e in found)
        if two is not None and not known:
            found.append({**_example(record.rows, one, two), "issue": record.issues[int(k)], "to": side})
    return found


def _first_row(rows: Rows, actor: int, first: Any, last: Any, issue: str = "", side: float = 0.0) -> int | None:
    here = (rows.actor == actor) & (rows.day >= first) & (rows.day <= last)
    if issue:
        here &= rows.on(issue) & (rows.sign == side)
    at = np.flatnonzero(here)
    return int(at[0]) if len(at) else None


def _example(rows: Rows, one: int, two: int) -> dict[str, Any]:
    return {
        "leader_row": str(rows.ids[one]), "leader_at": str(rows.day[one]), "follower_row": str(rows.ids[two]), "follower_at": str(rows.day[two])
    }  # fmt: skip

"""Statements out of evidence: one value for each statement, however many coded it, and how well the coders agree.

Several coders of one statement: all rows are kept in the store. "agreed" (the default) takes the stance that more than half of
a statement's coders gave, and where there is none the mean weighted by `confidence` (1 where it is not given); "weighted"
takes that mean always; "each" counts every coder's row as a statement of its own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kayfabe.errors import BadOption, UnknownName
from kayfabe.evidence import Evidence
from kayfabe.evidence.schema import quoted
from kayfabe.networks.statements import Statements
from kayfabe.stats.reliability import krippendorff_alpha

CODERS = ("agreed", "weighted", "each")
RULE = "the stance that more than half of a statement's coders gave, else their mean weighted by confidence"


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha of all coders, on the statements that more than one of them coded; None where unknown."""

    coders: int
    statements: int
    interval: float | None
    nominal: float | None


def read_statements(
    evidence: Evidence,
    *,
    nodes: str = "actor",
    through: str = "issue",
    since: dt.date | None = None,
    until: dt.date | None = None,
    issue: str | None = None,
    coders: str = "agreed",
) -> Statements:
    """The statements of the days `since` to `until` (inclusive), on `issue` where given, in order of time and id.

    `nodes` and `through` name text columns of the table, extra ones too; a cell with several labels (`a;b`) stands for each.
    Raises BadOption, UnknownName.
    """
    if coders not in CODERS:
        raise BadOption("coders", coders, "wants " + ", ".join(CODERS))
    for name in (nodes, through):
        if not evidence.has_column("statements", name):
            known = list(evidence.columns("select * from statements limit 0"))
            raise UnknownName("column of statements", name, [k for k in known if k not in ("row_id", "_file")])
    where, parameters = _where(since, until, issue)
    evidence.scope("statements", where, **parameters)
    chosen = (
        f'select row_id, statement, "at", document, stance, {quoted(nodes)} as node, {quoted(through)} as through, '
        f"{confidence_sql(evidence)} as confidence from statements where {where} "
        f"and {quoted(nodes)} <> '' and {quoted(through)} <> ''"
    )
    sql = f"with chosen as ({chosen})" + (_COUNTED if coders == "each" else _JOINED.format(stance=_STANCE[coders]))
    if coders != "each" and not evidence.query(f"with chosen as ({chosen}) {_REPEATED}", **parameters):
        sql = f"with chosen as ({chosen}) {_COUNTED}"
    got = evidence.columns(sql + _CODED, **parameters)
    levels, level = np.unique(got["stance"].astype(float), return_inverse=True)
    names = [
        r[0]
        for r in evidence.query(
            f"with chosen as ({chosen}) select distinct node from chosen order by node", **parameters
        )
    ]
    others = [
        r[0]
        for r in evidence.query(
            f"with chosen as ({chosen}) select distinct through from chosen order by through", **parameters
        )
    ]
    found = Statements(
        at=got["at"].astype("datetime64[us]"),
        node=got["node"].astype(np.int64),
        through=got["through"].astype(np.int64),
        level=level.astype(np.int64),
        document=got["document"].astype(np.int64),
        rows=got["row_id"],
        nodes=tuple(names),
        throughs=tuple(others),
        levels=levels,
    )
    return _split(_split(found).turned()).turned()


_REPEATED = "select statement from chosen group by statement, node, through having count(*) > 1 limit 1"
_COUNTED = ', unit as (select row_id, "at", document, stance, node, through from chosen)'
_STANCE = {"agreed": "coalesce(majority.stance, total.mean)", "weighted": "total.mean"}
_JOINED = """,
    total as (
        select statement, node, through, min("at") as "at", min(document) as document, count(*) as n,
            sum(stance * confidence) / sum(confidence) as mean, string_agg(row_id, ';' order by row_id) as row_id
        from chosen group by statement, node, through),
    value as (select statement, node, through, stance, count(*) as n from chosen group by statement, node, through, stance),
    majority as (
        select value.statement, value.node, value.through, value.stance from value join total
            on value.statement = total.statement and value.node = total.node and value.through = total.through
        where 2 * value.n > total.n),
    unit as (
        select total.row_id, total."at", total.document, {stance} as stance, total.node, total.through
        from total left join majority on total.statement = majority.statement and total.node = majority.node
            and total.through = majority.through)"""
_CODED = """,
    nodes as (select node, row_number() over (order by node) - 1 as code from (select distinct node from chosen) as a),
    throughs as (
        select through, row_number() over (order by through) - 1 as code from (select distinct through from chosen) as b),
    documents as (
        select document, row_number() over (order by document) - 1 as code
        from (select distinct document from chosen where document is not null) as c)
    select unit.row_id, unit."at", unit.stance, nodes.code as node, throughs.code as through,
        coalesce(documents.code, -1) as document
    from unit join nodes on unit.node = nodes.node join throughs on unit.through = throughs.through
    left join documents on unit.document = documents.document
    order by unit."at", unit.row_id"""


def confidence_sql(evidence: Evidence) -> str:
    """A coder's confidence as a weight: the column `confidence` where it is above 0, else 1."""
    if not evidence.has_column("statements", "confidence"):
        return "1.0"
    number = "try_cast(confidence as double)"
    return f"case when {number} > 0 then {number} else 1.0 end"


def one_value(source: str, key: str) -> str:
    """SQL for one row for each `key` (columns, the statement among them) of `source`, which has `stance` and `confidence`: the
    stance by the rule "agreed", however many coders there are."""
    return (
        f"select {key}, coalesce(max(case when 2 * same > every then stance end), sum(stance * confidence) / sum(confidence)) as stance "
        f"from (select *, count(*) over (partition by {key}, stance) as same, count(*) over (partition by {key}) as every from {source}) "
        f"as codes group by {key}"
    )


def coders_details(
    evidence: Evidence, *, since: dt.date | None = None, until: dt.date | None = None
) -> dict[str, Any] | None:
    """How well several coders agree and which value is used, for a finding's details; None where each statement has one."""
    if len(evidence.names("statements", "coder")) < 2:
        return None
    found = agreement(evidence, since=since, until=until)
    if not found.statements:
        return None
    return {
        "coders": found.coders, "statements_coded_twice": found.statements, "alpha_interval": found.interval,
        "alpha_nominal": found.nominal, "rule": RULE,
    }  # fmt: skip


def coders_caveat(found: dict[str, Any] | None) -> list[str]:
    """The same in a sentence, as a list of one or none."""
    if found is None:
        return []
    alpha = "unknown" if found["alpha_interval"] is None else f"{found['alpha_interval']:.2f}"
    return [
        f"{found['coders']} coders coded {found['statements_coded_twice']} statements more than once; Krippendorff's alpha (interval) is "
        f"{alpha}. Used: {found['rule']}."
    ]


def _where(since: dt.date | None, until: dt.date | None, issue: str | None) -> tuple[str, dict[str, Any]]:
    parts, parameters = ["true"], {}
    if since:
        parts.append('"at" >= cast($since as timestamp)')
        parameters["since"] = since.isoformat()
    if until:
        parts.append('"at" < cast($until as timestamp)')
        parameters["until"] = (until + dt.timedelta(days=1)).isoformat()
    if issue:
        parts.append("concat(';', replace(lower(issue), '; ', ';'), ';') like concat('%;', $issue, ';%')")
        parameters["issue"] = issue.lower()
    return " and ".join(parts), parameters


def _split(statements: Statements) -> Statements:
    """With cells of several labels, such as "tax;trade", standing for each of them."""
    parts = [[p.strip() for p in name.split(";") if p.strip()] for name in statements.throughs]
    if all(len(p) == 1 and p[0] == name for p, name in zip(parts, statements.throughs, strict=True)):
        return statements
    names = sorted({p for labels in parts for p in labels})
    place = {name: k for k, name in enumerate(names)}
    sizes = np.array([len(set(p)) for p in parts])
    flat = np.array([place[p] for labels in parts for p in sorted(set(labels))], dtype=np.int64)
    begin = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    times = sizes[statements.through]
    index = np.repeat(np.arange(len(statements)), times)
    offset = np.arange(len(index)) - np.repeat(np.cumsum(times) - times, times)
    through = flat[begin[statements.through[index]] + offset]
    return replace(statements.take(index), through=through, throughs=tuple(names))


def agreement(evidence: Evidence, *, since: dt.date | None = None, until: dt.date | None = None) -> Agreement:
    """How well the coders agree on the stance of the same statement, actor and issue."""
    where, parameters = _where(since, until, None)
    got = evidence.columns(
        "select dense_rank() over (order by statement, actor, issue) as unit, coder, stance from ("
        "select *, count(*) over (partition by statement, actor, issue) as codes from statements "
        f"where {where} and stance is not null) as coded where codes > 1",
        **parameters,
    )
    unit, stance = got["unit"].astype(np.int64), got["stance"].astype(float)
    return Agreement(
        coders=len(set(got["coder"].tolist())),
        statements=len(np.unique(unit)),
        interval=krippendorff_alpha(unit, stance, "interval"),
        nominal=krippendorff_alpha(unit, stance, "nominal"),
    )

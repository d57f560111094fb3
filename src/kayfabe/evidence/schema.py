"""The seven evidence tables: their columns, keys and ranges. This is the contract that every file is checked against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "time", "number", "choice", "labels"]


@dataclass(frozen=True)
class Column:
    """One column. `low` and `high` bound numbers (inclusive); `choices` are the words a choice may take.

    `labels` holds several labels separated by `;`. A column that is not `required` may be missing from a file;
    one that is not `filled` may hold empty cells.
    """

    name: str
    type: ColumnType = "text"
    required: bool = True
    filled: bool = True
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def sql_type(self) -> str:
        return {"time": "timestamp", "number": "double"}.get(self.type, "varchar")


@dataclass(frozen=True)
class Table:
    """One evidence table. A row's id is its key parts joined by `:`, empty parts left out."""

    name: str
    what: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)


def _optional(name: str, type: ColumnType = "text", low: float | None = None, high: float | None = None) -> Column:
    return Column(name, type, required=False, filled=False, low=low, high=high)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "votes",
            "how each actor voted on each motion",
            ("motion", "actor"),
            (
                Column("motion"),
                Column("at", "time"),
                _optional("body"),
                _optional("title"),
                _optional("issue", "labels"),
                Column("actor"),
                Column("choice", "choice", choices=("yes", "no", "abstain", "absent")),
            ),
        ),
        Table(
            "events",
            "what one actor said or did to another, scored from -10 (conflict) to 10 (cooperation)",
            ("event",),
            (
                Column("event"),
                Column("at", "time"),
                Column("source"),
                Column("target"),
                _optional("code"),
                Column("channel", "choice", choices=("word", "deed")),
                Column("score", "number", low=-10, high=10),
                _optional("issue", "labels"),
                _optional("url"),
            ),
        ),
        Table(
            "statements",
            "what an actor said on an issue, as a stance from -1 (against) to 1 (for)",
            ("statement", "coder"),
            (
                Column("statement"),
                Column("at", "time"),
                Column("actor"),
                Column("issue", "labels"),
                Column("stance", "number", low=-1, high=1),
                _optional("coder"),
                _optional("document"),
                _optional("text"),
            ),
        ),
        Table(
            "posts",
            "which account shared which object when",
            ("post", "object"),
            (
                Column("post"),
                Column("at", "time"),
                Column("account"),
                Column("object", filled=False),
                _optional("object_type"),
                _optional("text"),
                _optional("url"),
            ),
        ),
        Table(
            "documents",
            "what an outlet published",
            ("document",),
            (
                Column("document"),
                Column("at", "time"),
                Column("outlet"),
                _optional("title"),
                Column("text", filled=False),
                _optional("language"),
                _optional("url"),
            ),
        ),
        Table(
            "provisions",
            "the numbered terms of an agreement",
            ("agreement", "provision"),
            (Column("agreement"), Column("provision"), _optional("heading"), Column("text")),
        ),
        Table(
            "indicators",
            "one value of a series at a time",
            ("series", "at"),
            (Column("series"), Column("at", "time"), Column("value", "number"), _optional("unit")),
        ),
    )
}

RESERVED = ("row_id", "_file")
NOTE = "kayfabe "
"""Columns that begin so are kayfabe's own notes, as in a file of rejected rows; they are never loaded."""


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def row_id_sql(table: Table) -> str:
    """SQL for a row's id: times as ISO-8601 dates, with the time of day only where there is one."""
    parts = []
    for name in table.key:
        if table.column(name).type == "time":
            parts.append(
                f"regexp_replace(strftime({quoted(name)}, '%Y-%m-%dT%H:%M:%S.%f'), '(T00:00:00)?[.]000000$', '')"
            )
        else:
            parts.append(quoted(name))
    return parts[0] if len(parts) == 1 else f"concat_ws(':', {', '.join(parts)})"

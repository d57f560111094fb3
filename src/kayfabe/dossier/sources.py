"""The rows behind a finding, ready to show, with links to where they came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from kayfabe.dossier.wording import cell, short
from kayfabe.evidence import Evidence
from kayfabe.evidence.schema import TABLES
from kayfabe.instruments.declaration import Instrument
from kayfabe.models import Finding

MOST_SHOWN = 25
MOST_CHARACTERS = 220
ACTOR_COLUMNS = frozenset({"actor", "account", "source", "target", "a", "b", "leader", "follower", "members", "actors"})
_SYMBOL_COLUMNS = frozenset({"motion", "document", "symbol", "agreement"})
_SYMBOL = re.compile(r"[ASE]/(?=[^\n]*\d)[A-Za-z0-9/().\-]{2,60}")
_WORDY = ("body", "issue", "title", "heading", "text", "url")
_ACCOUNT_TEXT = frozenset({"text", "url"})

Label = Callable[[str], str]


@dataclass(frozen=True)
class Cell:
    """One cell: its text, how many characters were cut, and where it leads, if anywhere."""

    text: str
    cut: int = 0
    href: str = ""
    kind: str = ""


@dataclass(frozen=True)
class RowTable:
    """Rows of one evidence table."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Rows:
    """What stands behind one finding: tables, how many rows were asked for, are listed, and no longer exist."""

    tables: tuple[RowTable, ...] = ()
    shown: int = 0
    listed: int = 0
    total: int = 0
    lost: int = 0


def web_link(value: Any) -> str:
    """`value` if it is an http(s) address with a host and no white space, else an empty string."""
    text = str(value or "").strip()
    if any(c.isspace() or not c.isprintable() or c in "\"'<>\\`" for c in text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""


def un_link(value: Any) -> str:
    """The address of a United Nations document by its symbol, such as A/RES/68/262 or S/RES/2166(2014); else empty."""
    text = re.sub(r"\[[A-Z]\]$", "", str(value or "").strip())
    return "https://docs.un.org/en/" + quote(text, safe="/().-") if _SYMBOL.fullmatch(text) else ""


def host_of(link: str) -> str:
    return (urlsplit(link).hostname or link).removeprefix("www.")


@dataclass
class RowReader:
    """Reads the rows of many findings with one query per table."""

    evidence: Evidence | None
    label: Label
    pseudonymise: bool = False
    _known: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def fetch(self, findings: Iterable[tuple[Finding, Instrument | None]]) -> None:
        """Read every row that the findings will show."""
        if self.evidence is None:
            return
        pending = [(row, tables_of(f, i)) for f, i in findings for row in _first(f.evidence)]
        for rank in range(len(TABLES) + 1):
            wanted: dict[str, list[str]] = {}
            for row, tables in pending:
                if self._find(row, tables[:rank]) is None:
                    for table, key in _places(row, tables)[rank : rank + 1]:
                        wanted.setdefault(table, []).append(key)
            for table in sorted(wanted):
                found = self.evidence.rows(table, wanted[table])
                self._known.setdefault(table, {}).update({r["row_id"]: r for r in found})
            if not wanted:
                break

    def rows(self, finding: Finding, instrument: Instrument | None) -> Rows:
        """The first rows of `finding`, in its order, table by table."""
        tables = tables_of(finding, instrument)
        ids = _first(finding.evidence)
        by_table: dict[str, list[dict[str, Any]]] = {}
        for row in ids:
            hit = self._find(row, tables)
            if hit:
                by_table.setdefault(hit[0], []).append(hit[1])
        shown = sum(map(len, by_table.values()))
        return Rows(
            tuple(self._table(name, rows) for name, rows in by_table.items()),
            shown=shown,
            listed=len(finding.evidence),
            total=max(finding.evidence_total, len(finding.evidence)),
            lost=len(ids) - shown if self.evidence is not None else 0,
        )

    def _find(self, row: str, tables: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
        for table, key in _places(row, tables):
            record = self._known.get(table, {}).get(key)
            if record is not None:
                return table, record
        return None

    def _table(self, name: str, records: Sequence[Mapping[str, Any]]) -> RowTable:
        own = TABLES[name].names
        extra = [c for record in records for c in record if c not in own and c != "row_id"]
        order = sorted((*own, *extra), key=lambda c: _WORDY.index(c) + 1 if c in _WORDY else 0)
        hide = _ACCOUNT_TEXT if self.pseudonymise and name == "posts" else frozenset()
        columns = [c for c in dict.fromkeys(order) if c not in hide and any(cell(r.get(c)) for r in records)]
        rows = tuple(
            (*(self._cell(c, r.get(c)) for c in columns), Cell(f"{name}:{r['row_id']}", kind="id")) for r in records
        )
        return RowTable(name, (*columns, "row"), rows)

    def _cell(self, column: str, value: Any) -> Cell:
        text = cell(value)
        if column == "url":
            link = web_link(value)
            return Cell(host_of(link), href=link, kind="url") if link else _cut(text, "text")
        if column in _SYMBOL_COLUMNS and (link := un_link(value)):
            return Cell(text, href=link, kind="symbol")
        if column in ACTOR_COLUMNS and text:
            return Cell(named(text, self.label, self.pseudonymise))
        if isinstance(value, (int, float)):
            return Cell(text, kind="number")
        return _cut(text, "text" if column in ("text", "title", "heading") else "at" if column == "at" else "")


def named(actor: str, label: Label, pseudonymise: bool = False) -> str:
    """ "United States (USA)"; the label alone where it is the id, or where ids must not show."""
    name = label(actor)
    return name if pseudonymise or name == actor else f"{name} ({actor})"


def tables_of(finding: Finding, instrument: Instrument | None) -> list[str]:
    """Where a row id without a table may be: the table that the finding names, then the instrument's needs in order."""
    stated = finding.details.get("table")
    needs = [need.table for need in instrument.needs] if instrument else list(TABLES)
    return [t for t in dict.fromkeys([str(stated), *needs]) if t in TABLES]


def _places(row: str, tables: Sequence[str]) -> list[tuple[str, str]]:
    table, colon, key = row.partition(":")
    named_ = [(table, key)] if colon and key and table in TABLES else []
    return named_ + [(t, row) for t in tables]


def _first(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ids))[:MOST_SHOWN]


def _cut(text: str, kind: str) -> Cell:
    head, cut = short(text, MOST_CHARACTERS)
    return Cell(head, cut, kind=kind)

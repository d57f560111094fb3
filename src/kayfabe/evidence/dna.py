"""Databases of Discourse Network Analyzer (SQLite files, versions 2 and 3) as statements.

Version 2 stores times as milliseconds and text values in place; version 3 stores seconds and keeps text values in ENTITIES. An
empty string is a missing value in both. Statements that lack actor, issue or stance cannot be evidence: they are left out and
counted. References: Leifeld, Discourse Network Analyzer; the two schemas as found in its sample databases.
"""

from __future__ import annotations

import csv
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kayfabe.errors import UnknownName, UnreadableFile
from kayfabe.evidence.reading import guard

_MAGIC = b"SQLite format 3\x00"
_NEEDED = {"STATEMENTS", "DOCUMENTS", "VARIABLES", "STATEMENTTYPES", "DATABOOLEAN", "DATASHORTTEXT"}
_ACTORS, _ISSUES, _STANCES = ("organization", "actor", "person"), ("concept", "issue"), ("agreement", "stance")
_TODO = "Open it in Discourse Network Analyzer and export the statements as CSV, or check the file."


@dataclass(frozen=True)
class DnaTable:
    """What a database holds: column names, rows of text cells, and how many statements were left out as incomplete."""

    version: int
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    incomplete: int


def is_dna(path: Path) -> bool:
    """Whether `path` is an SQLite file."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def read_table(path: Path, statement_type: str | None = None) -> DnaTable:
    """The statements of one type (the first that has an actor, an issue and a stance) as a table of text.

    Columns: statement, at, actor, issue, stance, coder, document, text, document_title, section, and every other variable
    under its own name. The actor is `organization` or else `person`; whole-number stances are divided by their greatest
    absolute value. Raises UnreadableFile, UnknownName.
    """
    if not is_dna(path):
        seen = "it is not an SQLite database" if path.is_file() else "there is no such file"
        raise UnreadableFile(path, seen, _TODO)
    try:
        with _opened(path) as con:
            return _read(con, path, statement_type)
    except sqlite3.Error as error:
        raise UnreadableFile(path, f"{error}", _TODO) from error


def read_dna(path: Path, folder: Path | None = None, statement_type: str | None = None) -> Path:
    """Write the statements of a database as CSV that `kayfabe evidence add --as statements` takes; returns its path.

    `folder` defaults to a new temporary one, which the caller removes.
    """
    folder = Path(tempfile.mkdtemp(prefix="kayfabe-")) if folder is None else folder
    return _written(read_table(path, statement_type), path, folder)


def _written(table: DnaTable, path: Path, folder: Path) -> Path:
    target = folder / f"{path.stem}.statements.csv"
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(table.names)
        writer.writerows([[guard(cell) for cell in row] for row in table.rows])
    return target


@contextmanager
def readable(path: Path) -> Iterator[tuple[Path, int]]:
    """(`path`, 0), or for a database a CSV file of its statements that is gone afterwards, and how many statements were left
    out as incomplete. Raises as `read_table`."""
    if not is_dna(path):
        yield path, 0
        return
    table = read_table(path)
    with tempfile.TemporaryDirectory(prefix="kayfabe-") as folder:
        yield _written(table, path, Path(folder)), table.incomplete


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Read only, without locks or journals: the file stays as it is, wherever it lies."""
    con = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        yield con
    finally:
        con.close()


def _read(con: sqlite3.Connection, path: Path, statement_type: str | None) -> DnaTable:
    tables = {name.upper() for (name,) in con.execute("select name from sqlite_master where type = 'table'")}
    if not tables >= _NEEDED:
        raise UnreadableFile(path, f"it has no table {min(_NEEDED - tables)}", _TODO)
    version = 3 if "ENTITIES" in tables else 2
    kind, variables = _statement_type(con, path, statement_type)
    actor, issue, stance = (
        next(name for name in variables if name.lower() in known) for known in (_ACTORS, _ISSUES, _STANCES)
    )
    actor = min((v for v in variables if v.lower() in _ACTORS), key=lambda v: _ACTORS.index(v.lower()))
    others = [v for v in variables if v not in (actor, issue, stance)]
    cells = {name: _values(version, number, variables[name][1]) for name, (number, _) in variables.items()}
    seconds = "d.Date / 1000.0" if version == 2 else "d.Date"
    shown = ", ".join([cells[actor], cells[issue], cells[stance], *(cells[v] for v in others)])
    rows = con.execute(
        f"select s.ID, strftime('%Y-%m-%dT%H:%M:%SZ', {seconds}, 'unixepoch'), c.Name, s.DocumentId, "
        "substr(d.Text, s.Start + 1, s.Stop - s.Start), d.Title, d.Section, "
        f"{shown} from STATEMENTS s join DOCUMENTS d on d.ID = s.DocumentId left join CODERS c on c.ID = s.Coder "
        "where s.StatementTypeId = ? order by s.ID",
        (kind,),
    ).fetchall()
    complete = [
        r for r in rows if r[1] is not None and r[7] not in (None, "") and r[8] not in (None, "") and r[9] is not None
    ]
    boolean = variables[stance][1] == "boolean"
    top = 1.0 if boolean else max((abs(float(r[9])) for r in complete), default=1.0) or 1.0
    kept = []
    for number, at, coder, document, text, title, section, who, what, value, *rest in complete:
        level = (1.0 if value else -1.0) if boolean else float(value) / top
        row = [number, at, who, what, f"{level:g}", coder, document, text, title, section, *rest]
        kept.append(tuple("" if cell is None else " ".join(str(cell).split()) for cell in row))
    names = ("statement", "at", "actor", "issue", "stance", "coder", "document", "text", "document_title", "section")
    return DnaTable(version, (*names, *_own_names(others, names)), tuple(kept), len(rows) - len(complete))


def _own_names(others: list[str], taken: tuple[str, ...]) -> list[str]:
    """Names of the other variables, marked where a column of ours has that name."""
    return [f"dna_{v}" if v.lower() in taken or v.lower() in ("row_id", "_file") else v for v in others]


def _statement_type(con: sqlite3.Connection, path: Path, wanted: str | None) -> tuple[int, dict[str, tuple[int, str]]]:
    """(id, {variable: (id, data type)}) of the statement type `wanted`, or of the first that can be read as statements."""
    found = con.execute("select ID, Label from STATEMENTTYPES order by ID").fetchall()
    if wanted is not None and wanted not in [label for _, label in found]:
        raise UnknownName("statement type", wanted, [label for _, label in found], f"({path.name})")
    for number, label in found:
        variables = {
            str(name): (int(key), str(kind))
            for key, name, kind in con.execute(
                "select ID, Variable, DataType from VARIABLES where StatementTypeId = ? order by ID", (number,)
            )
        }
        lower = {v.lower(): kind for v, (_, kind) in variables.items()}
        coded = any(lower.get(s) in ("boolean", "integer") for s in _STANCES)
        fits = coded and any(a in lower for a in _ACTORS) and any(i in lower for i in _ISSUES)
        if fits and wanted in (None, label):
            return int(number), variables
    seen = (
        f"no statement type has an actor ({', '.join(_ACTORS)}), an issue ({', '.join(_ISSUES)}) and a numeric stance"
    )
    raise UnreadableFile(path, seen, "Export the statements from it as CSV and give --map FILE.")


def _values(version: int, variable: int, kind: str) -> str:
    """SQL for a statement's value of one variable."""
    where = f"where v.StatementId = s.ID and v.VariableId = {variable}"
    if kind == "short text" and version == 3:
        return f"(select e.Value from DATASHORTTEXT v join ENTITIES e on e.ID = v.Entity {where})"
    table = {"boolean": "DATABOOLEAN", "integer": "DATAINTEGER", "long text": "DATALONGTEXT"}.get(kind, "DATASHORTTEXT")
    return f"(select v.Value from {table} v {where})"

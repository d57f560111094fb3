"""A store is one DuckDB file: add (one transaction, all or nothing), list, strike."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from kayfabe import __version__
from kayfabe.errors import BadOption, BadStore, UnknownName
from kayfabe.evidence import bundled
from kayfabe.evidence.documents import Archives, fingerprint
from kayfabe.evidence.engine import add_columns, connect, create_tables, interruptible, open_store
from kayfabe.evidence.ingest import Agreements, bad_rows, check_file, first_bad
from kayfabe.evidence.mapping import Mapping
from kayfabe.evidence.reading import guard, sha256_of
from kayfabe.evidence.schema import TABLES, Table, quoted
from kayfabe.progress import SILENT, Progress

SHOWN_SERIES = 5


@dataclass(frozen=True)
class Added:
    """What one file brought: rows kept, identical rows counted once more, rows rejected, whether it was there already;
    `incomplete`: statements of a database without actor, issue or stance, left out; `missing`: cells that hold no value.
    `series`: how many series indicators brought, and the first names; `encoding`: its name unless UTF-8."""

    path: str
    table: str
    rows: int
    repeated: int = 0
    rejected: int = 0
    already: bool = False
    format: str = "as it is"
    incomplete: int = 0
    missing: int = 0
    series: tuple[int, tuple[str, ...]] = (0, ())
    encoding: str = ""


def add(
    store: Path,
    files: Sequence[Path],
    table: str | None,
    *,
    mapping: Mapping | None = None,
    reject: Path | None = None,
    with_bundled: bool = False,
    agreements: Agreements | None = None,
    archives: Archives | None = None,
    progress: Progress = SILENT,
) -> list[Added]:
    """Load `files` as `table`, all in one transaction; a store that does not exist is made.

    Raises BadRow, WrongColumns or UnreadableFile for the first file that breaks the contract, and leaves the store as it
    was. With `reject`, good rows are loaded and bad ones written there with their reasons. `agreements` reads agreement
    texts that are loaded as provisions, `archives` folders and feeds that are loaded as documents.
    """
    if table is not None and table not in TABLES:
        raise UnknownName("table", table, TABLES)
    if reject is not None and (os.path.isdir(reject) or any(_same(reject, path) for path in (store, *files))):
        raise BadOption("reject", reject, "wants a file of its own")
    added: list[Added] = []
    rejected: list[dict[str, Any]] = []
    part = reject and reject.with_name(reject.name + ".part")

    def work(con: duckdb.DuckDBPyConnection) -> None:
        if with_bundled:
            progress.step("loading the bundled facts", 0, 1)
            added.extend(_add_bundled(con))
        for path in progress.over(files, "checking and loading files", len(files)):
            assert table is not None
            added.append(_add_file(con, path, TABLES[table], mapping, None if reject is None else rejected, agreements, archives))
        if part and rejected:
            _write_csv(part, rejected)

    try:
        _in_transaction(store, work, create=True)
        if reject and part and rejected:
            os.replace(part, reject)
    finally:
        if part:
            with suppress(OSError):
                part.unlink()
    return added


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _in_transaction(store: Path, work: Callable[[duckdb.DuckDBPyConnection], None], *, create: bool = False) -> None:
    """Run `work` in one transaction. A new store is built beside its place and moved there when all went well."""
    if os.path.exists(store) or not create:
        open_store(store).close()  # read-only first: a file that is no store stays untouched
        con = connect(store)
        try:
            with _transaction(con, store):
                work(con)
        finally:
            con.close()
        return
    if not os.path.isdir(store.parent):
        raise BadStore(store, "its folder does not exist", "Make the folder first.")
    part = store.with_name(f".{store.name}.part")  # always this name: DuckDB's lock lets only one program make a store
    con = connect(part, shown=store)
    try:
        if con.execute("select 1 from duckdb_tables() limit 1").fetchall():  # left by a program that was killed
            con.close()
            part.unlink()
            con = connect(part, shown=store)
        with _transaction(con, store):
            create_tables(con)
            work(con)
        con.close()
        os.replace(part, store)
    except OSError as error:
        raise BadStore(store, f"it cannot be written ({error.strerror})", "Check the folder.") from error
    finally:
        con.close()
        for leftover in (part, part.with_name(part.name + ".wal")):
            leftover.unlink(missing_ok=True)


@contextmanager
def _transaction(con: duckdb.DuckDBPyConnection, store: Path) -> Iterator[None]:
    """All or nothing; a full disk or memory is a BadStore."""
    con.execute("begin transaction")
    try:
        with interruptible():
            yield
            con.execute("commit")
    except BaseException as error:
        with suppress(duckdb.Error):
            con.execute("rollback")
        if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
            seen = str(error).partition("\n")[0]
            raise BadStore(store, seen, "Make room and try again; the store is as it was.") from error
        raise


def _add_file(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    table: Table,
    mapping: Mapping | None,
    rejected: list[dict[str, Any]] | None,
    agreements: Agreements | None,
    archives: Archives | None = None,
) -> Added:
    """Load one file. Bad rows go to `rejected`; without it the first one raises BadRow."""
    sha256 = fingerprint(path) if archives and table.name == "documents" else sha256_of(path)
    if _loaded(con, sha256, table):
        return Added(str(path), table.name, 0, already=True)
    checked = check_file(con, path, table, mapping, agreements, archives)
    if checked.bad:
        if rejected is None:
            raise first_bad(con, path, checked)
        rejected.extend(bad_rows(con, path, checked))
    _insert(con, table, "good", checked.extras)
    _remember(con, str(path), sha256, table.name, checked.rows, checked.repeated, checked.bad, None)
    return Added(
        str(path), table.name, checked.rows, checked.repeated, checked.bad, format=checked.mapping.name,
        incomplete=checked.incomplete, missing=checked.shape.missing if checked.shape else 0,
        series=_series(con) if table.name == "indicators" else (0, ()), encoding=checked.encoding,
    )  # fmt: skip


def _series(con: duckdb.DuckDBPyConnection) -> tuple[int, tuple[str, ...]]:
    """How many series the rows just added have, and the first names."""
    names = [r[0] for r in con.execute("select distinct series from good order by series").fetchall()]
    return len(names), tuple(names[:SHOWN_SERIES])


def _loaded(con: duckdb.DuckDBPyConnection, sha256: str, table: Table) -> bool:
    sql = "select 1 from _files where sha256 = ? and tbl = ?"
    return bool(con.execute(sql, [sha256, table.name]).fetchall())


def _next_file(con: duckdb.DuckDBPyConnection) -> int:
    (number,) = con.execute("select coalesce(max(file), 0) + 1 from _files").fetchall()[0]
    return int(number)


def _insert(con: duckdb.DuckDBPyConnection, table: Table, source: str, extras: Sequence[str]) -> None:
    add_columns(con, table, extras)
    columns = ", ".join(quoted(n) for n in [*table.names, *extras])
    con.execute(f"insert into {table.name}_all ({columns}, _file) select {columns}, {_next_file(con)} from {source}")


def _remember(
    con: duckdb.DuckDBPyConnection,
    path: str,
    sha256: str,
    table: str,
    rows: int,
    repeated: int,
    rejected: int,
    credit: str | None,
) -> None:
    con.execute(
        "insert into _files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_next_file(con), path, sha256, table, rows, repeated, rejected, credit, _now(), __version__],
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def _add_bundled(con: duckdb.DuckDBPyConnection) -> list[Added]:
    added = []
    for fact in bundled.facts():
        table = TABLES[fact.table]
        if _loaded(con, fact.sha256, table):
            added.append(Added(fact.name, fact.table, 0, already=True))
            continue
        con.execute(f"create or replace temp table bundled_rows as {fact.sql}")
        key = ", ".join(map(quoted, table.key))
        clash, rows = con.execute(
            f"select (select count(*) from bundled_rows semi join {table.name}_all using ({key})), "
            "(select count(*) from bundled_rows)"
        ).fetchall()[0]
        if clash:
            seen = f"{clash} of its rows are in the store already, from another file"
            raise BadStore(fact.name, seen, "Use a new store.")
        extras = [r[0] for r in con.execute("describe bundled_rows").fetchall() if r[0] not in table.names]
        _insert(con, table, "bundled_rows", extras)
        _remember(con, fact.name, fact.sha256, fact.table, rows, 0, 0, fact.credit)
        added.append(Added(fact.name, fact.table, rows))
    return added


def listing(store: Path) -> dict[str, Any]:
    """{"tables": rows, struck rows, first and last time; "files": every file loaded; "strikes": every row struck}."""
    con = open_store(store)
    try:
        tables = []
        for table in TABLES.values():
            times = 'min("at"), max("at")' if "at" in table.names else "null, null"
            rows, first, last = con.execute(f"select count(*), {times} from {table.name}").fetchall()[0]
            (struck,) = con.execute(f"select count(*) from {table.name}_struck").fetchall()[0]
            tables.append({"table": table.name, "rows": rows, "struck": struck, "first": first, "last": last})
        return {"tables": tables, "files": _records(con, "_files"), "strikes": _records(con, "_strikes")}
    finally:
        con.close()


def _records(con: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    cursor = con.execute(f"select * from {table} order by 1, 2")
    names = [d[0] for d in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def strike(store: Path, row: str, why: str, *, undo: bool = False) -> tuple[str, str]:
    """Exclude a row, or take it back with `undo`; returns (table, row id). `row` may carry `table:` in front.

    Raises UnknownName where no row, or more than one table, has that id.
    """
    found: list[tuple[str, str]] = []

    def work(con: duckdb.DuckDBPyConnection) -> None:
        table, row_id = _find(con, row, "_struck" if undo else "")
        if undo:
            con.execute("delete from _strikes where tbl = ? and row_id = ?", [table, row_id])
        else:
            con.execute("insert into _strikes values (?, ?, ?, ?)", [table, row_id, why, _now()])
        found.append((table, row_id))

    _in_transaction(store, work)
    return found[0]


def _find(con: duckdb.DuckDBPyConnection, row: str, view: str) -> tuple[str, str]:
    """(table, row id) of the one row that `row` names in the views TABLE + `view`."""
    found = _places(con, row, view)
    if len(found) == 1:
        return found[0]
    if found:
        several = " or ".join(f"{table}:{row_id}" for table, row_id in found)
        raise UnknownName("row", row, [], f"Several tables have it; put the table in front: {several}")
    if view:
        raise UnknownName("struck row", row, [], "See: kayfabe evidence list STORE")
    if _places(con, row, "_struck"):
        raise UnknownName("row", row, [], "It is struck already; take it back with --undo.")
    raise UnknownName("row", row, [], "Findings show row ids, as in votes:A/RES/68/262:USA.")


def _places(con: duckdb.DuckDBPyConnection, row: str, view: str) -> list[tuple[str, str]]:
    def has(table: str, row_id: str) -> bool:
        return bool(con.execute(f"select 1 from {table}{view} where row_id = ? limit 1", [row_id]).fetchall())

    head, _, rest = row.partition(":")
    if head in TABLES and rest and has(head, rest):
        return [(head, rest)]
    return [(name, row) for name in TABLES if has(name, row)]


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(map(guard, names))
            writer.writerows([guard(str(row.get(n) or "")) for n in names] for row in rows)
    except OSError as error:
        raise BadOption("reject", path, f"wants a file that can be written ({error.strerror})") from error

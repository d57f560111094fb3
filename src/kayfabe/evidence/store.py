"""A store is one DuckDB file: add (one transaction, all or nothing), list, strike, export."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from kayfabe import __version__
from kayfabe.errors import BadStore, UnknownName, UnreadableFile
from kayfabe.evidence import bundled
from kayfabe.evidence.engine import check_format, connect, create_tables, create_views
from kayfabe.evidence.ingest import check_file, first_bad, sha256_of
from kayfabe.evidence.mapping import Mapping
from kayfabe.evidence.schema import TABLES, Table, quoted
from kayfabe.progress import SILENT, Progress


@dataclass(frozen=True)
class Added:
    """What one file brought: rows kept, identical rows counted once more, rows rejected, whether it was there already."""

    path: str
    table: str
    rows: int
    repeated: int = 0
    rejected: int = 0
    already: bool = False
    format: str = "as it is"


def add(
    store: Path,
    files: Sequence[Path],
    table: str | None,
    *,
    mapping: Mapping | None = None,
    reject: Path | None = None,
    with_bundled: bool = False,
    progress: Progress = SILENT,
) -> list[Added]:
    """Load `files` as `table`, all in one transaction; a store that does not exist is made.

    Raises BadRow, WrongColumns or UnreadableFile for the first file that breaks the contract, and leaves the store as it
    was. With `reject`, good rows are loaded and bad ones written there with their reasons.
    """
    if table is not None and table not in TABLES:
        raise UnknownName("table", table, TABLES)
    added: list[Added] = []
    rejected: list[dict[str, Any]] = []

    def work(con: duckdb.DuckDBPyConnection) -> None:
        if with_bundled:
            progress.step("loading the bundled facts", 0, 1)
            added.extend(_add_bundled(con))
        for path in progress.over(files, "checking and loading files", len(files)):
            assert table is not None
            added.append(_add_file(con, path, TABLES[table], mapping, reject is not None, rejected))

    _in_transaction(store, work, create=True)
    if reject is not None and rejected:
        _write_csv(reject, rejected)
    return added


def _in_transaction(store: Path, work: Callable[[duckdb.DuckDBPyConnection], None], *, create: bool = False) -> None:
    """Run `work` in one transaction. A new store is built beside its place and moved there when all went well."""
    if store.is_dir():
        raise BadStore(store, "it is a folder", "Give a file name such as evidence.duckdb.")
    new = not store.exists()
    if new and not create:
        raise BadStore(store, "there is no such file", "Make one with: kayfabe evidence add STORE FILE --as TABLE")
    if new and not store.parent.is_dir():
        raise BadStore(store, "its folder does not exist", "Make the folder first.")
    target = store.with_name(f".{store.name}.{os.getpid()}.new") if new else store
    try:
        con = connect(target)
        try:
            if new:
                create_tables(con)
            else:
                check_format(con, store)
            con.execute("begin transaction")
            try:
                work(con)
            except BaseException:
                con.execute("rollback")
                raise
            con.execute("commit")
        finally:
            con.close()
        if new:
            os.replace(target, store)
    finally:
        if new:
            for leftover in (target, target.with_name(target.name + ".wal")):
                leftover.unlink(missing_ok=True)


def _add_file(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    table: Table,
    mapping: Mapping | None,
    rejecting: bool,
    rejected: list[dict[str, Any]],
) -> Added:
    sha256 = sha256_of(path)
    if con.execute("select 1 from _files where sha256 = ? and tbl = ?", [sha256, table.name]).fetchall():
        return Added(str(path), table.name, 0, already=True)
    checked = check_file(con, path, table, mapping)
    if checked.bad and not rejecting:
        raise first_bad(con, path, checked.bad)
    if checked.bad:
        cursor = con.execute(
            "select r.*, (select string_agg(b.col || ': ' || b.want || ', not ' || coalesce(b.seen, 'empty'), '; ' order by b.ord) "
            "from bad b where b._row = r._row) as reason from raw r where r._row in (select _row from bad) order by r._row"
        )
        names = [d[0] for d in cursor.description or []]
        for row in cursor.fetchall():
            record = dict(zip(names, row, strict=True))
            rejected.append({"file": str(path), "row": record.pop("_row"), "reason": record.pop("reason"), **record})
    _insert(con, table, "good", checked.extras)
    _remember(con, str(path), sha256, table.name, checked.rows, checked.repeated, checked.bad, None)
    return Added(str(path), table.name, checked.rows, checked.repeated, checked.bad, format=checked.mapping.name)


def _insert(con: duckdb.DuckDBPyConnection, table: Table, source: str, extras: Sequence[str]) -> None:
    have = {r[0].lower() for r in con.execute(f"describe {table.name}_all").fetchall()}
    new = [n for n in extras if n.lower() not in have]
    for name in new:
        con.execute(f"alter table {table.name}_all add column {quoted(name)} varchar")
    if new:
        create_views(con, table)
    (number,) = con.execute("select coalesce(max(file), 0) + 1 from _files").fetchall()[0]
    columns = ", ".join(quoted(n) for n in [*table.names, *extras])
    con.execute(f"insert into {table.name}_all ({columns}, _file) select {columns}, {number} from {source}")


def _remember(
    con: duckdb.DuckDBPyConnection, path: str, sha256: str, table: str, rows: int, repeated: int, rejected: int, credit: str | None
) -> None:
    (number,) = con.execute("select coalesce(max(file), 0) + 1 from _files").fetchall()[0]
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    con.execute(
        "insert into _files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [number, path, sha256, table, rows, repeated, rejected, credit, now, __version__],
    )


def _add_bundled(con: duckdb.DuckDBPyConnection) -> list[Added]:
    added = []
    for fact in bundled.facts():
        if con.execute("select 1 from _files where sha256 = ? and tbl = ?", [fact.sha256, fact.table]).fetchall():
            added.append(Added(fact.name, fact.table, 0, already=True))
            continue
        table = TABLES[fact.table]
        con.execute(f"create or replace temp view bundled_rows as {fact.sql}")
        key = ", ".join(map(quoted, table.key))
        clash = con.execute(
            f"select count(*) from bundled_rows b semi join {table.name}_all s using ({key})"
        ).fetchall()[0][0]
        if clash:
            raise BadStore(fact.name, f"{clash} of its rows are in the store already, from another file", "Use a new store.")
        extras = [r[0] for r in con.execute("describe bundled_rows").fetchall() if r[0] not in table.names]
        _insert(con, table, "bundled_rows", extras)
        (rows,) = con.execute("select count(*) from bundled_rows").fetchall()[0]
        _remember(con, fact.name, fact.sha256, fact.table, rows, 0, 0, fact.credit)
        added.append(Added(fact.name, fact.table, rows))
    return added


def listing(store: Path) -> dict[str, Any]:
    """{"tables": rows, first and last time, actors; "files": every file loaded; "strikes": every row struck}."""
    if not store.is_file():
        raise BadStore(store, "there is no such file", "Make one with: kayfabe evidence add STORE FILE --as TABLE")
    con = connect(store, read_only=True)
    try:
        check_format(con, store)
        tables = []
        for table in TABLES.values():
            timed = "at" in table.names
            times = "min(\"at\"), max(\"at\")" if timed else "null, null"
            rows, first, last = con.execute(f"select count(*), {times} from {table.name}").fetchall()[0]
            struck = con.execute(f"select count(*) from {table.name}_struck").fetchall()[0][0]
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
        head, _, rest = row.partition(":")
        candidates = [(head, rest)] if head in TABLES and rest else []
        candidates += [(name, row) for name in TABLES]
        for name, row_id in candidates:
            view = f"{name}_struck" if undo else name
            if con.execute(f"select 1 from {view} where row_id = ? limit 1", [row_id]).fetchall():
                found.append((name, row_id))
                if name == head:
                    break
        if not found:
            state = "struck row" if undo else "row"
            raise UnknownName(state, row, [], "Findings and `kayfabe evidence export` show row ids, as in votes:A/RES/68/262:USA.")
        if len(found) > 1:
            raise UnknownName("row", row, [], "Several tables have it; put the table in front: " + " or ".join(f"{t}:{r}" for t, r in found))
        table, row_id = found[0]
        if undo:
            con.execute("delete from _strikes where tbl = ? and row_id = ?", [table, row_id])
        else:
            now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
            con.execute("insert into _strikes values (?, ?, ?, ?)", [table, row_id, why, now])

    _in_transaction(store, work)
    return found[0]


def export(
    store: Path, folder: Path, *, tables: Sequence[str] = (), form: str = "csv", pseudonymise: bool = False
) -> list[Path]:
    """Write every table that has rows (or those named) to `folder`/TABLE.csv or .parquet, struck rows left out.

    `pseudonymise` replaces account names by account-XXXXXXXXXX, the same name always by the same pseudonym.
    """
    for name in tables:
        if name not in TABLES:
            raise UnknownName("table", name, TABLES)
    if not store.is_file():
        raise BadStore(store, "there is no such file", "Check the path.")
    con = connect(store, read_only=True)
    written = []
    try:
        check_format(con, store)
        folder.mkdir(parents=True, exist_ok=True)
        for name in tables or TABLES:
            (rows,) = con.execute(f"select count(*) from {name}").fetchall()[0]
            if not rows:
                continue
            target = folder / f"{name}.{form}"
            part = target.with_name(target.name + ".part")
            columns = [r[0] for r in con.execute(f"describe {name}").fetchall() if r[0] != "_file"]
            cells = ", ".join(_cell(c, name, form, pseudonymise) for c in columns if c != "row_id")
            options = "(format csv, header)" if form == "csv" else "(format parquet, compression zstd)"
            path = str(part).replace("'", "''")
            con.execute(f"copy (select {cells} from {name} order by row_id) to '{path}' {options}")
            os.replace(part, target)
            written.append(target)
    except OSError as error:
        raise UnreadableFile(folder, error.strerror or str(error), "Choose another folder.") from error
    finally:
        con.close()
    return written


def _cell(column: str, table: str, form: str, pseudonymise: bool) -> str:
    if pseudonymise and (table, column) == ("posts", "account"):
        return "'account-' || substr(md5(account), 1, 10) as account"
    return _guarded(column, table) if form == "csv" else quoted(column)


def _guarded(column: str, table: str) -> str:
    """A text cell with a quote mark before formula signs, so that a spreadsheet shows it and does not run it."""
    name = quoted(column)
    if column in TABLES[table].names and TABLES[table].column(column).sql_type != "varchar":
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ') as {name}" if column == "at" else name
    return f"regexp_replace({name}, '^([=+@\\t\\r-])', '''\\1') as {name}"


def guard(value: Any) -> Any:
    """A cell for a CSV file: text that a spreadsheet would run as a formula gets a quote mark in front."""
    return "'" + value if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows({k: guard(v) for k, v in row.items()} for row in rows)
    os.replace(part, path)

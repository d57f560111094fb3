"""Evidence as instruments see it: seven views without the struck rows, queries that are checked, logged and repeatable."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from kayfabe.errors import BadStore
from kayfabe.evidence.dialect import check
from kayfabe.evidence.pseudonyms import Pseudonyms
from kayfabe.evidence.schema import TABLES, Table, quoted, row_id_sql

FORMAT = "1"
MAKE = "Make one with: kayfabe evidence add STORE FILE --as TABLE"
_SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "memory_limit": "2GB"}
"""What a query holds beyond the limit goes to a folder of temporary files, which goes with the connection."""


def connect(
    path: Path | None = None, *, read_only: bool = False, shown: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that never reaches for the network and reads times as UTC. `path` None: in memory.

    Raises BadStore, which names `shown` where that is given.
    """
    # DuckDB gives meaning to names such as ":memory:" and "md:x"; an absolute path has none.
    name = ":memory:" if path is None else os.path.abspath(path)
    try:
        con = duckdb.connect(name, read_only=read_only, config={**_SETTINGS, "temp_directory": _spill(name)})
    except duckdb.Error as error:
        raise _cannot_open(shown or path or ":memory:", error) from error
    con.execute("set TimeZone = 'UTC'")
    con.execute("set enable_progress_bar = false")
    return con


def _spill(name: str) -> str:
    """A folder that no other database uses, the same for every connection to a file; DuckDB makes it when it needs it."""
    of = secrets.token_hex(8) if name == ":memory:" else hashlib.sha256(name.encode()).hexdigest()[:16]
    return os.path.join(tempfile.gettempdir(), f"kayfabe-{os.getpid()}-{of}")


def _cannot_open(path: Path | str, error: duckdb.Error) -> BadStore:
    text = str(error).partition("\n")[0]
    if "Could not set lock" in text or "different configuration" in text:
        return BadStore(path, "another program has it open", "Close that program and try again.")
    system = re.search('" ?: (.+)$', text)
    if system and "valid DuckDB" not in text:
        return BadStore(path, f"it cannot be opened ({system[1]})", "Check the path.")
    return BadStore(path, "it is not a kayfabe store (no DuckDB file)", MAKE)


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C during a query as KeyboardInterrupt, where DuckDB raises RuntimeError."""
    try:
        yield
    except RuntimeError as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
        raise


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """The empty store: bookkeeping, the seven tables, their views."""
    con.execute("create table _meta (name varchar primary key, value varchar)")
    con.execute("insert into _meta values ('format', ?)", [FORMAT])
    con.execute(
        "create table _files (file integer, path varchar, sha256 varchar, tbl varchar, row_count bigint, repeated bigint, "
        "rejected bigint, credit varchar, loaded timestamp, version varchar)"
    )
    con.execute(
        "create table _strikes (tbl varchar, row_id varchar, why varchar, struck timestamp, primary key (tbl, row_id))"
    )
    for table in TABLES.values():
        columns = ", ".join(f"{quoted(c.name)} {c.sql_type}" for c in table.columns)
        con.execute(f"create table {table.name}_all ({columns}, _file integer)")
        create_views(con, table)


def create_views(con: duckdb.DuckDBPyConnection, table: Table, base: str | None = None) -> None:
    """`table` (rows that count) and `table_struck` (rows that an analyst struck), both with `row_id`."""
    base = base or f"{table.name}_all"
    rows = f"select *, {row_id_sql(table)} as row_id from {base}"
    strikes = f"(select row_id from _strikes where tbl = '{table.name}')"
    con.execute(f"create or replace view {table.name} as select * from ({rows}) where row_id not in {strikes}")
    con.execute(f"create or replace view {table.name}_struck as select * from ({rows}) where row_id in {strikes}")


@dataclass(frozen=True)
class Struck:
    """One struck row that a query would have seen."""

    table: str
    row_id: str
    why: str


class Evidence:
    """What is known, in tables. Every query is checked for portability and remembered, so that a finding can show it."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, source: str, credit: Sequence[str] = (), path: Path | None = None
    ) -> None:
        self._con = con
        self._path = path
        self.source = source
        self.credit = list(credit)
        self.log: list[str] = []
        self._hidden = False
        self._pseudonyms: Pseudonyms | None = None
        self.scopes: list[tuple[str, str, dict[str, Any]]] = []

    @classmethod
    def open(cls, path: Path) -> Evidence:
        """The store at `path`, read-only. Raises BadStore where there is none, or none that kayfabe made."""
        con = open_store(path)
        credits = con.execute("select distinct credit from _files where credit is not null order by credit").fetchall()
        return cls(con, str(path), [r[0] for r in credits], path)

    @classmethod
    def from_tables(cls, tables: Mapping[str, Mapping[str, Any]], source: str = "memory") -> Evidence:
        """Evidence in memory from columns {table: {column: values}}; values are trusted, missing columns are null."""
        con = connect()
        create_tables(con)
        for name, columns in tables.items():
            table = TABLES[name]
            given = {c: np.asarray(v, dtype=_dtype(table, c)) for c, v in columns.items()}
            add_columns(con, table, [c for c in given if c not in table.names])
            con.register("given", given)
            names = ", ".join(quoted(c) for c in given)
            con.execute(f"insert into {name}_all ({names}) select {names} from given")
            con.unregister("given")
        return cls(con, source)

    def query(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a portable query; `$name` in the text is a parameter."""
        with interruptible():
            return self._run(sql, parameters).fetchall()

    def columns(self, sql: str, **parameters: Any) -> dict[str, np.ndarray[Any, Any]]:
        """Columns of a portable query as numpy arrays; nulls in number columns are NaN, in text columns None."""
        with interruptible():
            raw = self._run(sql, parameters).fetchnumpy()
        return {name: _filled(values) for name, values in raw.items()}

    def _run(self, sql: str, parameters: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        shown = _shown(sql, parameters)
        if shown not in self.log:
            self.log.append(shown)
        return self._con.execute(check(sql), dict(parameters))

    def scope(self, table: str, where: str, **parameters: Any) -> str:
        """Declare which rows of `table` a test looks at; returns `where`. Struck rows in it are named in the finding."""
        self.scopes.append((table, where, parameters))
        return where

    def struck(self) -> list[Struck]:
        """Struck rows inside the scopes declared since `forget`."""
        found: dict[Struck, None] = {}
        for table, where, parameters in self.scopes:
            ids = "struck_id" if self._hidden and table == "posts" else "row_id"
            sql = (
                f"select r.row_id, s.why from (select row_id, {ids} as id from {table}_struck where {where}) r "
                f"join _strikes s on s.tbl = '{table}' and s.row_id = r.id order by r.row_id"
            )
            found |= {Struck(table, *row): None for row in self._con.execute(sql, dict(parameters)).fetchall()}
        return list(found)

    def pseudonymise(self) -> Pseudonyms:
        """From now on posts show pseudonyms for accounts, wherever they are read. Returns those pseudonyms."""
        (catalog,) = self._con.execute("select current_database()").fetchall()[0]
        names = Pseudonyms.of_store(self._path)
        for view in ("posts", "posts_struck"):
            source = f"{quoted(catalog)}.main.{view}"
            self._con.execute(
                f"create or replace temp view {view} as {names.posts_sql(source, struck=view != 'posts')}"
            )
        self._hidden, self._pseudonyms = True, names
        return names

    def without_accounts(self, text: str) -> str:
        """`text` with pseudonyms for the accounts of posts that it names; as it is without `pseudonymise`."""
        if self._pseudonyms is None:
            return text
        (catalog,) = self._con.execute("select current_database()").fetchall()[0]
        rows = self._con.execute(f"select distinct account from {quoted(catalog)}.main.posts_all order by 1").fetchall()
        return self._pseudonyms.in_text(text, (str(r[0]) for r in rows if r[0]))

    def forget(self) -> None:
        """Start a new log: one test, one log."""
        self.log, self.scopes = [], []

    def count(self, table: str) -> int:
        """Rows of `table` that are not struck."""
        (n,) = self._con.execute(f"select count(*) from {TABLES[table].name}").fetchall()[0]
        return int(n)

    def has_column(self, table: str, column: str) -> bool:
        """Whether `table` has `column` in this store, extra columns too."""
        return column in {d[0] for d in self._con.execute(f"select * from {TABLES[table].name} limit 0").description}

    def names(self, table: str, column: str) -> list[str]:
        """The distinct values of a text column, sorted."""
        sql = f"select distinct {quoted(column)} v from {table} where {quoted(column)} is not null order by v"
        return [r[0] for r in self._con.execute(sql).fetchall()]

    def labels(self, table: str, column: str = "issue") -> list[str]:
        """The distinct labels of a `;`-separated column, sorted."""
        found = {part.strip() for value in self.names(table, column) for part in value.split(";")}
        return sorted(found - {""})

    def actor_names(self) -> set[str]:
        """Every actor of votes and statements, source and target of events."""
        sql = (
            "select actor from votes union select source from events union select target from events "
            "union select actor from statements"
        )
        return {r[0] for r in self._con.execute(sql).fetchall() if r[0] is not None}

    def last_day(self) -> dt.date | None:
        """The last day that any timed table reaches."""
        sql = " union all ".join(f'select max("at") as t from {t.name}' for t in TABLES.values() if "at" in t.names)
        (last,) = self._con.execute(f"select max(t) from ({sql})").fetchall()[0]
        return last.date() if last else None

    def rows(self, table: str, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Whole rows of `table` by id, in the order of `ids`; extra columns too."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return []
        cursor = self._con.execute(f"select * from {table} where row_id in (select unnest($ids))", {"ids": wanted})
        names = [d[0] for d in cursor.description or []]
        by_id = {}
        for row in cursor.fetchall():
            record = {n: v for n, v in zip(names, row, strict=True) if n != "_file"}
            by_id[record["row_id"]] = record
        return [by_id[i] for i in wanted if i in by_id]

    def fingerprint(self) -> str:
        """sha256 over the files loaded and the rows struck: equal for stores with the same content."""
        parts = self._con.execute("select tbl, sha256, rejected from _files order by tbl, sha256").fetchall()
        parts += self._con.execute("select tbl, row_id from _strikes order by tbl, row_id").fetchall()
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def close(self) -> None:
        self._con.close()


def open_store(path: Path) -> duckdb.DuckDBPyConnection:
    """The store at `path`, read-only. Raises BadStore where there is none, or none that kayfabe made."""
    if not os.path.exists(path):
        raise BadStore(path, "there is no such file", MAKE)
    if os.path.isdir(path):
        raise BadStore(path, "it is a folder", "Give a file name such as evidence.duckdb.")
    con = connect(path, read_only=True)
    try:
        rows = con.execute("select value from _meta where name = 'format'").fetchall()
        if rows != [(FORMAT,)]:
            seen = f"its format is {rows[0][0] if rows else 'unknown'}, this version reads {FORMAT}"
            raise BadStore(path, seen, "Load the files again.")
    except duckdb.Error as error:
        con.close()
        damaged = not isinstance(error, duckdb.CatalogException | duckdb.BinderException)
        seen = "it is damaged" if damaged else "it is a DuckDB file that kayfabe did not make"
        raise BadStore(path, seen, "Give another path.") from error
    except BaseException:
        con.close()
        raise
    return con


def add_columns(con: duckdb.DuckDBPyConnection, table: Table, names: Sequence[str]) -> None:
    """Make room for extra columns, all text; those that are there already stay."""
    have = {r[0].lower() for r in con.execute(f"describe {table.name}_all").fetchall()}
    new = [n for n in names if n.lower() not in have]
    for name in new:
        con.execute(f"alter table {table.name}_all add column {quoted(name)} varchar")
    if new:
        create_views(con, table)


def _dtype(table: Table, name: str) -> Any:
    if name not in table.names:
        return object
    return {"timestamp": "datetime64[us]", "double": float}.get(table.column(name).sql_type, object)


def _filled(values: Any) -> np.ndarray[Any, Any]:
    if isinstance(values, np.ma.MaskedArray):
        if values.dtype.kind in "fiu":
            return np.asarray(np.ma.filled(values.astype(float), np.nan))
        if values.dtype.kind != "O":
            return np.asarray(values.filled())
        plain = np.array(values.data, dtype=object)  # filled(None) would write the array's own fill value, "?"
        plain[np.ma.getmaskarray(values)] = None
        return plain
    return np.asarray(values)


def _shown(sql: str, parameters: Mapping[str, Any]) -> str:
    """The query as a person would type it: white space folded, parameters in a closing comment."""
    text = " ".join(sql.split())
    if not parameters:
        return text
    values = ", ".join(f"{k} = {_brief(v)}" for k, v in sorted(parameters.items()))
    return f"{text} -- {values}"


def _brief(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        head = ", ".join(str(v) for v in value[:6])
        return f"[{head}{', …' if len(value) > 6 else ''}]"
    return " ".join(str(value).split())

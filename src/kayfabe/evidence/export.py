"""Tables out of a store, as files that `add` takes back and that a spreadsheet may open."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from kayfabe.errors import BadOption, UnknownName
from kayfabe.evidence.engine import interruptible, open_store
from kayfabe.evidence.pseudonyms import Pseudonyms
from kayfabe.evidence.reading import guard, guard_sql
from kayfabe.evidence.schema import TABLES, Table, literal, quoted

FORMS = ("csv", "parquet")
_OPTIONS = {"csv": "(format csv, header)", "parquet": "(format parquet, compression zstd)"}
_KEPT = frozenset({"post", "at", "account", "object", "object_type"})
"""Columns of posts that a pseudonymised export keeps; the others, extra ones too, may name accounts."""


def export(
    store: Path, folder: Path, *, tables: Sequence[str] = (), form: str = "csv", pseudonymise: bool = False
) -> list[Path]:
    """Write every table that has rows (or those named) to `folder`/TABLE.csv or .parquet, struck rows left out.

    `pseudonymise` replaces account names by account-XXXXXXXXXXXXXXXX, the same name always by the same pseudonym (of the key beside the store), and
    hides ids and addresses, and leaves out the columns of posts that may hold names: text, url and extra ones.
    """
    for name in tables:
        if name not in TABLES:
            raise UnknownName("table", name, TABLES)
    if form not in FORMS:
        raise BadOption("format", form, "wants csv or parquet")
    con = open_store(store)
    try:
        names = Pseudonyms.of_store(store) if pseudonymise else None
        folder.mkdir(parents=True, exist_ok=True)
        written = [_write(con, TABLES[n], folder / f"{n}.{form}", form, names) for n in tables or TABLES]
    except (OSError, duckdb.IOException) as error:
        why = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
        raise BadOption("out", folder, f"wants a folder that can be written ({why})") from error
    finally:
        con.close()
    return [path for path in written if path]


def _write(con: duckdb.DuckDBPyConnection, table: Table, target: Path, form: str, names: Pseudonyms | None) -> Path | None:
    """Write one table, all or nothing; None where it has no rows."""
    if not con.execute(f"select 1 from {table.name} limit 1").fetchall():
        return None
    columns = [r[0] for r in con.execute(f"describe {table.name}").fetchall() if r[0] not in ("_file", "row_id")]
    if names and table.name == "posts":
        columns = [c for c in columns if c in _KEPT]
    cells = ", ".join(_cell(c, table, form, names) for c in columns)
    part = target.with_name(target.name + ".part")
    try:
        with interruptible():
            con.execute(
                f"copy (select {cells} from {table.name} order by row_id) to {literal(os.path.abspath(part))} {_OPTIONS[form]}"
            )
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _cell(column: str, table: Table, form: str, names: Pseudonyms | None) -> str:
    name = quoted(column)
    if names and (table.name, column) == ("posts", "account"):
        return f"{names.account_sql('account')} as account"
    if names and table.name == "posts" and column in ("post", "object"):
        hidden = names.id_sql(column)
        return f"{guard_sql(hidden) if form == 'csv' else hidden} as {column}"
    if form != "csv":
        return name
    type = table.column(column).type if column in table.names else "text"
    if type == "time":
        return f"regexp_replace(strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ'), '[.]000000Z$', 'Z') as {name}"
    return name if type == "number" else f"{guard_sql(name)} as {quoted(guard(column))}"

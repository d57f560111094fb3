"""A file becomes checked rows in a temporary table: read, mapped, typed, every bad row known with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from kayfabe.errors import BadRow, WrongColumns, one_line
from kayfabe.evidence.mapping import Mapping, known_format
from kayfabe.evidence.reading import ROW, read_file
from kayfabe.evidence.schema import NOTE, Column, Table, literal, quoted, row_id_sql

_ISO = (
    r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?( ?(Z|UTC|[+-](0\d|1[0-4])(:?[0-5]\d)?))?)?$"
)
_FIRST, _LAST = "timestamp '0001-01-01'", "timestamp '9999-12-31 23:59:59.999999'"
_ROW = quoted(ROW)
_TIMES = quoted(NOTE + "times")


@dataclass(frozen=True)
class Checked:
    """Temporary tables `typed` (contract columns, extras, row_id, _row), `good` (rows to insert) and `bad` (_row, reason)."""

    mapping: Mapping
    extras: list[str]
    rows: int
    repeated: int
    bad: int


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes. Raises UnreadableFile."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise UnreadableFile(path, error.strerror or str(error), "Check the path.") from error
    return digest.hexdigest()


def check_file(con: duckdb.DuckDBPyConnection, path: Path, table: Table, mapping: Mapping | None) -> Checked:
    """Read `path` into temporary tables and find every row that breaks the contract of `table`.

    Raises UnreadableFile where the file cannot be read at all and WrongColumns where needed columns are missing.
    """
    names = _read(con, path)
    found = {n.lower(): n for n in names}
    mapping = mapping or known_format(table.name, names) or Mapping(table.name)
    missing = [c.name for c in table.columns if c.required and mapping.sql(c.name, found) is None]
    if missing:
        raise WrongColumns(path, table.name, [mapping.source(m) for m in missing], names)
    used = mapping.used(found)
    extras = [n for n in names if n.lower() not in used and n.lower() not in table.names]
    clash = [n for n in extras if n.lower() in RESERVED]
    if clash:
        raise UnreadableFile(path, f"a column is named {clash[0]}, which kayfabe keeps for itself", "Rename it.")
    _type(con, table, mapping, found, extras)
    return _judge(con, table, mapping, extras)


def first_bad(con: duckdb.DuckDBPyConnection, path: Path, bad: int) -> BadRow:
    """The error for the first bad row."""
    row, column, seen, want = con.execute("select _row, col, seen, want from bad order by _row, ord limit 1").fetchall()[0]
    return BadRow(path, row, column, "" if seen is None else seen, want, bad - 1)


def _read(con: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """The file as temporary table `raw`, every column text, with `_row` counted from 1 after the header."""
    if not path.exists():
        raise UnreadableFile(path, "there is no such file", "Check the path.")
    if not path.is_file():
        raise UnreadableFile(path, "it is not a file", "Give the files in it.")
    if any(c in str(path) for c in "*?[]{}"):
        raise UnreadableFile(path, "its name holds one of * ? [ ] { }", "Rename the file.")
    suffixes = [s.lower() for s in path.suffixes]
    kind = _READERS.get(suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else (suffixes or [""])[-1])
    if kind is None:
        raise UnreadableFile(path, f"unknown kind of file '{path.suffix}'", "Give .csv, .tsv, .parquet, .json or .jsonl (CSV and JSON may be .gz).")
    where = literal(str(path))
    if kind == "csv":
        names, delimiter = _csv_header(path)
        columns = "{" + ", ".join(f"{literal(n)}: 'varchar'" for n in names) + "}"
        source = (
            f"read_csv({where}, auto_detect = false, header = true, delim = {literal(delimiter)}, quote = '\"', "
            f"escape = '\"', columns = {columns}, strict_mode = true, null_padding = false, max_line_size = 20000000)"
        )
    else:
        source = f"read_parquet({where})" if kind == "parquet" else f"read_json({where}, maximum_object_size = 50000000)"
    try:
        names = [r[0] for r in con.execute(f"describe select * from {source}").fetchall()]
        guard = kind == "csv"
        cells = ", ".join(f"{_cell(n, guard)} as {quoted(n)}" for n in names)
        con.execute(f"create or replace temp table raw as select {cells}, row_number() over () as _row from {source}")
    except (duckdb.Error, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        line = next((part for part in str(error).splitlines() if part.startswith("Original Line")), "")
        raise UnreadableFile(path, f"{first} {line}".strip(), "Save it as UTF-8 with one header row and as many cells in every row.") from error
    return names


def _cell(name: str, guard: bool) -> str:
    """A cell as text; in CSV the quote mark that `export` sets before formula signs is taken off again."""
    text = f"cast({quoted(name)} as varchar)"
    return f"regexp_replace({text}, '^''([=+@\\t\\r-])', '\\1')" if guard else text


def _csv_header(path: Path) -> tuple[list[str], str]:
    try:
        opener: Any = gzip.open if path.suffix.lower() == ".gz" else open
        with opener(path, "rb") as stream:
            head: bytes = stream.read(1 << 16)
        text = head.decode("utf-8-sig", errors="strict" if len(head) < 1 << 16 else "ignore")
    except UnicodeDecodeError as error:
        raise UnreadableFile(path, "it is not UTF-8 text", "Save it as UTF-8.") from error
    except (OSError, EOFError) as error:
        raise UnreadableFile(path, str(error), "Check the file.") from error
    if "\0" in text:
        raise UnreadableFile(path, "it is not text", "Give CSV saved as UTF-8.")
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    header = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
    names = [n.strip() for n in header]
    if not any(names):
        raise UnreadableFile(path, "it is empty", "Give a file with one header row.")
    empty = [i for i, n in enumerate(names, 1) if not n]
    twice = sorted({n for n in names if [m.lower() for m in names].count(n.lower()) > 1})
    if empty or twice:
        seen = f"column {empty[0]} of the header has no name" if empty else f"the header names '{twice[0]}' twice"
        raise UnreadableFile(path, seen, "Correct the header.")
    return names, delimiter


def _typed_sql(column: Column, text: str, mapping: Mapping) -> str:
    if column.type == "number":
        return f"try_cast({text} as double)"
    if column.type == "choice":
        return f"lower({text})"
    if column.type != "time":
        return text
    form = mapping.times.get(column.name, "iso")
    if form in ("epoch", "epoch_ms"):
        seconds = f"try_cast({text} as double)" + (" / 1000" if form == "epoch_ms" else "")
        return f"case when abs({seconds}) < 2e11 then to_timestamp({seconds}) at time zone 'UTC' end"
    if form != "iso":
        return f"try_strptime({text}, {literal(form)})"
    return f"case when regexp_matches({text}, '{_ISO}') then try_cast({text} as timestamptz) at time zone 'UTC' end"


def _type(con: duckdb.DuckDBPyConnection, table: Table, mapping: Mapping, found: dict[str, str], extras: list[str]) -> None:
    cells, kept = [], []
    for column in table.columns:
        text = mapping.sql(column.name, found)
        cells.append(f"{text or 'null'} as {quoted('text ' + column.name)}")
        kept.append(f"cast({_typed_sql(column, quoted('text ' + column.name), mapping)} as {column.sql_type}) as {quoted(column.name)}")
    for name in extras:
        cells.append(f"nullif({quoted(name)}, '') as {quoted(name)}")
        kept.append(quoted(name))
    texts = ", ".join(quoted("text " + c.name) for c in table.columns)
    con.execute(
        f"create or replace temp table typed as select {', '.join(kept)}, {texts}, _row from "
        f"(select {', '.join(cells)}, _row from raw)"
    )


def _problems(table: Table) -> list[tuple[str, str, str]]:
    """(column, condition that is true for a bad row, what was wanted)."""
    found = []
    for c in table.columns:
        text, value = quoted("text " + c.name), quoted(c.name)
        if c.filled:
            found.append((c.name, f"{text} is null", "wants a value"))
        if c.type == "time":
            found.append((c.name, f"{text} is not null and {value} is null", "wants a time such as 2024-03-27 or 2024-03-27T10:00:00Z"))
        elif c.type == "number":
            low, high = c.low, c.high
            bounds = f" from {low:g} to {high:g}" if low is not None and high is not None else ""
            outside = f" or {value} < {low} or {value} > {high}" if bounds else ""
            condition = f"{text} is not null and ({value} is null or not isfinite({value}){outside})"
            found.append((c.name, condition, f"wants a number{bounds}"))
        elif c.type == "choice":
            words = ", ".join(literal(w) for w in c.choices)
            found.append((c.name, f"{value} not in ({words})", "wants " + ", ".join(c.choices[:-1]) + f" or {c.choices[-1]}"))
    return found


def _judge(con: duckdb.DuckDBPyConnection, table: Table, mapping: Mapping, extras: list[str]) -> Checked:
    con.execute("create or replace temp table bad (_row bigint, col varchar, seen varchar, want varchar, ord integer)")
    for order, (column, condition, want) in enumerate(_problems(table)):
        con.execute(
            f"insert into bad select _row, {literal(mapping.source(column))}, {quoted('text ' + column)}, {literal(want)}, {order} "
            f"from typed where {condition}"
        )
    columns = ", ".join(quoted(n) for n in [*table.names, *extras])
    con.execute(
        f"create or replace temp table once as select {columns}, min(_row) as _row, count(*) as times, {row_id_sql(table)} as row_id "
        f"from typed where _row not in (select _row from bad) group by {columns}"
    )
    key = ", ".join(table.key)
    for where, other in (
        ("this file", "(select row_id from once group by row_id having count(*) > 1)"),
        ("the store", f"({_other_in_store(con, table, extras)})"),
    ):
        con.execute(
            f"insert into bad select _row, {literal(key)}, row_id, {literal(f'wants one row, but {where} has another with other values for')}, 99 "
            f"from once where row_id in {other} and _row not in (select _row from bad)"
        )
    con.execute(
        f"create or replace temp table good as select {columns} from once "
        f"where _row not in (select _row from bad) and row_id not in (select row_id from ({_rows_in_store(table)})) order by _row"
    )
    rows, bad, once = con.execute(
        "select (select count(*) from typed), (select count(distinct _row) from bad), (select count(*) from good)"
    ).fetchall()[0]
    spread = con.execute(
        "select coalesce(sum(times), 0) from once where _row in (select _row from bad)"
    ).fetchall()[0][0]
    typed_bad = con.execute("select count(distinct _row) from bad where _row not in (select _row from once)").fetchall()[0][0]
    return Checked(mapping, extras, int(once), int(rows - typed_bad - spread - once), int(bad))


def _rows_in_store(table: Table) -> str:
    return f"select *, {row_id_sql(table)} as row_id from {table.name}_all"


def _other_in_store(con: duckdb.DuckDBPyConnection, table: Table, extras: list[str]) -> str:
    """Ids of new rows whose key the store has with other values in the columns that both have."""
    have = {r[0].lower() for r in con.execute(f"describe {table.name}_all").fetchall()}
    shared = [n for n in [*table.names, *extras] if n.lower() in have]
    differs = " or ".join(f"n.{quoted(c)} is distinct from s.{quoted(c)}" for c in shared)
    return f"select n.row_id from once n join ({_rows_in_store(table)}) s on n.row_id = s.row_id where {differs}"

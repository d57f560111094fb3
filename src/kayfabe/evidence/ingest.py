"""A file becomes checked rows in a temporary table: read, mapped, typed, every bad row known with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from kayfabe.errors import BadRow, WrongColumns, one_line
from kayfabe.evidence import dna, documents, platforms, provisions
from kayfabe.evidence.documents import Archives
from kayfabe.evidence.indicators import Shape, reshape
from kayfabe.evidence.mapping import Mapping, known_format
from kayfabe.evidence.objects import spread
from kayfabe.evidence.periods import number_sql, period_sql
from kayfabe.evidence.reading import ROW, read_file
from kayfabe.evidence.schema import NOTE, Column, Table, literal, quoted, row_id_sql

_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?( ?(Z|UTC|[+-](0\d|1[0-4])(:?[0-5]\d)?))?)?$"
_FIRST, _LAST = "timestamp '0001-01-01'", "timestamp '9999-12-31 23:59:59.999999'"
_ROW = quoted(ROW)
_TIMES = quoted(NOTE + "times")
_HEAD, _TAIL = quoted(NOTE + "head"), quoted(NOTE + "tail")
_LINE, _COLUMN = quoted(NOTE + "line"), quoted(NOTE + "column")
_MINE, _WHOSE = quoted(NOTE + "mine"), quoted(NOTE + "whose")


@dataclass(frozen=True)
class Checked:
    """What the temporary tables hold: `good` rows to insert, `bad` ones with their reasons; identical rows counted, and
    statements of a database that lack actor, issue or stance."""

    mapping: Mapping
    extras: list[str]
    rows: int
    repeated: int
    bad: int
    incomplete: int = 0
    shape: Shape | None = None
    encoding: str = ""


@dataclass(frozen=True)
class Agreements:
    """How agreement texts become provisions: `text` reads a file, `name` is the agreement's (None: the file's stem)."""

    text: Callable[[Path], str]
    name: str | None = None


def check_file(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    table: Table,
    mapping: Mapping | None,
    agreements: Agreements | None = None,
    archives: Archives | None = None,
) -> Checked:
    """Read `path` into temporary tables and find every row that breaks the contract of `table`.

    Raises UnreadableFile where the file cannot be read at all and WrongColumns where needed columns are missing.
    """
    series = table.name == "indicators"
    with _readable(path, table, agreements, archives) as (bare, incomplete), platforms.readable(bare, table.name) as file:
        names, encoding = read_file(con, file, preface=series)
    shape = reshape(con, path, names) if series and mapping is None else None
    if shape is not None:
        names = [r[0] for r in con.execute("describe raw").fetchall() if not r[0].startswith(NOTE)]
        mapping = Mapping(table.name, name=shape.name)
    found = {n.lower(): n for n in names}
    mapping = mapping or known_format(table.name, names) or Mapping(table.name)
    missing = mapping.missing(found)
    if missing:
        raise WrongColumns(path, table.name, missing, names)
    used = mapping.used(found)
    extras = [n for n in names if n.lower() not in used and n.lower() not in table.names]
    given = [c.name for c in table.columns if mapping.sql(c.name, found) is not None] + extras
    if mapping.objects:
        spread(con, {kind: found[name.lower()] for kind, name in mapping.objects.items()})
    _type(con, table, mapping, found, extras)
    _find_bad_cells(con, table, mapping)
    _keep_once(con, table, extras)
    _find_conflicts(con, table, mapping, extras, given, "'another cell'" if shape else f"'row ' || o.{_ROW}")
    return replace(_count(con, table, mapping, extras), incomplete=incomplete, shape=shape, encoding=encoding)


@contextmanager
def _readable(
    path: Path, table: Table, agreements: Agreements | None, archives: Archives | None
) -> Iterator[tuple[Path, int]]:
    """A file that `read_file` takes, and how many statements of a database were left out."""
    if table.name == "provisions" and agreements is not None and provisions.is_text(path):
        with provisions.readable(path, agreements.text(path), agreements.name or path.stem) as file:
            yield file, 0
        return
    if table.name == "documents" and archives is not None and archives.holds(path):
        with documents.readable(path, archives.read(path)) as file:
            yield file, 0
        return
    with dna.readable(path) as found:
        yield found


def first_bad(con: duckdb.DuckDBPyConnection, path: Path, checked: Checked) -> BadRow:
    """The error for the first bad row."""
    _place_bad(con, checked)
    sql = f"select {_ROW}, col, seen, want from bad order by {_ROW}, ord limit 1"
    row, column, seen, want = con.execute(sql).fetchall()[0]
    return BadRow(path, row, column, "" if seen is None else seen, one_line(want, 240), checked.bad - 1)


def _place_bad(con: duckdb.DuckDBPyConnection, checked: Checked) -> None:
    """Name bad cells of a reshaped file by the rows and columns of the file itself."""
    if checked.shape is not None:
        con.execute(
            f"create or replace temp table bad as select p.{_LINE} as {_ROW}, "
            f"case when b.col = 'value' then p.{_COLUMN} else b.col end as col, b.seen, b.want, b.ord "
            f"from bad b join place p using ({_ROW})"
        )
        con.execute("create or replace temp table raw as select * from original")


def bad_rows(con: duckdb.DuckDBPyConnection, path: Path, checked: Checked) -> list[dict[str, Any]]:
    """The bad rows as the file has them, behind three columns that say where they stood and why they are bad."""
    _place_bad(con, checked)
    why = f"col || ': ' || want || ', not ' || coalesce({_in_marks('seen', 200)}, 'empty')"
    cursor = con.execute(
        f"select b.{_ROW}, b.reason, r.* exclude ({_ROW}) from raw r join "
        f"(select {_ROW}, string_agg({why}, '; ' order by ord) as reason from bad group by {_ROW}) b using ({_ROW}) "
        f"order by {_ROW}"
    )
    names = [d[0] for d in cursor.description or []][2:]
    return [
        {NOTE + "file": str(path), ROW: row, NOTE + "reason": reason, **dict(zip(names, cells, strict=True))}
        for row, reason, *cells in cursor.fetchall()
    ]


def _in_marks(text: str, most: int) -> str:
    """SQL for the first `most` characters of `text` in quote marks."""
    return f"chr(39) || left({text}, {most}) || chr(39)"


def _typed_sql(column: Column, text: str, mapping: Mapping) -> str:
    if column.type == "number":
        mark = mapping.numbers.get(column.name)
        return f"try_cast({number_sql(text, mark) if mark else text} as double)"
    if column.type == "choice":
        return f"lower({text})"
    if column.type != "time":
        return text
    form = mapping.times.get(column.name, "iso")
    if form == "period":
        form, text = "iso", period_sql(text)
    if form in ("epoch", "epoch_ms"):
        seconds = f"try_cast({text} as double)" + (" / 1000" if form == "epoch_ms" else "")
        time = f"case when abs({seconds}) < 2e11 then to_timestamp({seconds}) at time zone 'UTC' end"
    elif form == "iso":
        time = f"case when regexp_matches({text}, '{_ISO}') then try_cast({text} as timestamptz) at time zone 'UTC' end"
    else:
        time = f"try_strptime({text}, {literal(form)})"
    return f"case when {time} between {_FIRST} and {_LAST} then {time} end"


def _typed_as(column: Column, mapping: Mapping) -> str:
    """What a cell should have held, for the error."""
    if column.type == "number":
        bounds = (
            f" from {column.low:g} to {column.high:g}" if column.low is not None and column.high is not None else ""
        )
        return f"wants a number{bounds}"
    if column.type == "choice":
        return "wants " + ", ".join(column.choices[:-1]) + f" or {column.choices[-1]}"
    form = mapping.times.get(column.name, "iso")
    known = {
        "iso": "such as 2024-03-27 or 2024-03-27T10:00:00Z",
        "period": "such as 2024Q1, 2024-M03 or 2024-03-27",
        "epoch": "in seconds since 1970",
        "epoch_ms": "in milliseconds since 1970",
    }
    return f"wants a time {known.get(form, f'written as {form}')}"


def _text(column: Column) -> str:
    """Where `typed` keeps the text that a value was read from."""
    return quoted(column.name if column.type in ("text", "labels") else NOTE + "text " + column.name)


def _type(
    con: duckdb.DuckDBPyConnection, table: Table, mapping: Mapping, found: dict[str, str], extras: list[str]
) -> None:
    """Temporary table `typed`: the table's columns, the extras, and the text of those that are not text."""
    cells = [f"{mapping.sql(c.name, found) or 'null'} as {_text(c)}" for c in table.columns]
    cells += [f"nullif({quoted(n)}, '') as {quoted(n)}" for n in extras]
    values = [
        f"cast({_typed_sql(c, _text(c), mapping)} as {c.sql_type}) as {quoted(c.name)}"
        for c in table.columns
        if _text(c) != quoted(c.name)
    ]
    con.execute(
        f"create or replace temp table typed as select {', '.join([*values, '*'])} from "
        f"(select {', '.join(cells)}, {_ROW} from {'spread' if mapping.objects else 'raw'})"
    )


def _problems(column: Column, mapping: Mapping) -> list[tuple[str, str]]:
    """(condition that is true for a bad cell, what was wanted)."""
    text, value = _text(column), quoted(column.name)
    found = [(f"{text} is null", "wants a value")] if column.filled else []
    if column.type == "time":
        found.append((f"{text} is not null and {value} is null", _typed_as(column, mapping)))
    elif column.type == "number":
        outside = f" or not {value} between {column.low} and {column.high}" if column.low is not None else ""
        condition = f"{text} is not null and ({value} is null or not isfinite({value}){outside})"
        found.append((condition, _typed_as(column, mapping)))
    elif column.type == "choice":
        found.append((f"{value} not in ({', '.join(map(literal, column.choices))})", _typed_as(column, mapping)))
    return found


def _find_bad_cells(con: duckdb.DuckDBPyConnection, table: Table, mapping: Mapping) -> None:
    con.execute(
        f"create or replace temp table bad ({_ROW} bigint, col varchar, seen varchar, want varchar, ord integer)"
    )
    for order, column in enumerate(table.columns):
        for condition, want in _problems(column, mapping):
            con.execute(
                f"insert into bad select {_ROW}, {literal(mapping.source(column.name))}, {_text(column)}, "
                f"{literal(want)}, {order} from typed where {condition}"
            )


def _keep_once(con: duckdb.DuckDBPyConnection, table: Table, extras: list[str]) -> None:
    """Temporary table `once`: rows without bad cells, each once, with `row_id` and how often it stood in the file."""
    columns = ", ".join(quoted(n) for n in [*table.names, *extras])
    con.execute(
        f"create or replace temp table once as select {columns}, min({_ROW}) as {_ROW}, count(*) as {_TIMES}, "
        f"{row_id_sql(table)} as row_id from typed where {_ROW} not in (select {_ROW} from bad) group by {columns}"
    )


def _find_conflicts(
    con: duckdb.DuckDBPyConnection, table: Table, mapping: Mapping, extras: list[str], given: list[str], whose: str
) -> None:
    """Rows that share an id but not their values, with another row of the file or with a row of the store."""
    all_columns = [*table.names, *extras]
    have = {r[0].lower() for r in con.execute(f"describe {table.name}_all").fetchall()}
    shared = [n for n in given if n.lower() in have]
    con.execute(
        f"create or replace temp table rival as select n.{_ROW} as {_MINE}, {whose} as {_WHOSE}, n.row_id, "
        f"{', '.join('o.' + quoted(c) for c in all_columns)} from once n join "
        f"(select row_id, min({_ROW}) as {_HEAD}, max({_ROW}) as {_TAIL} from once group by row_id having count(*) > 1) g "
        f"using (row_id) join once o on o.row_id = n.row_id "
        f"and o.{_ROW} = case when n.{_ROW} = {_HEAD} then {_TAIL} else {_HEAD} end"
    )
    _name_differences(con, table, mapping, all_columns)
    differs = " or ".join(f"n.{quoted(c)} is distinct from s.{quoted(c)}" for c in shared)
    con.execute(
        f"create or replace temp table rival as select n.{_ROW} as {_MINE}, 'the store' as {_WHOSE}, n.row_id, "
        f"{', '.join('s.' + quoted(c) for c in shared)} from once n join "
        f"(select *, {row_id_sql(table)} as row_id from {table.name}_all) s using (row_id) where {differs}"
    )
    _name_differences(con, table, mapping, shared)


def _name_differences(con: duckdb.DuckDBPyConnection, table: Table, mapping: Mapping, columns: list[str]) -> None:
    """One line in `bad` for each of `columns` in which a row differs from its rival."""
    if not con.execute("select 1 from rival limit 1").fetchall():
        return
    for order, name in enumerate(columns, start=len(table.columns)):
        theirs = f"coalesce({_in_marks(f'cast(o.{quoted(name)} as varchar)', 60)}, 'no value')"
        want = f"'wants ' || {theirs} || ', as ' || {_WHOSE} || ' has it for ' || o.row_id"
        if name in table.key:
            want = f"'wants another name, since ' || {_WHOSE} || ' has the id ' || o.row_id || ' too'"
        con.execute(
            f"insert into bad select {_MINE}, {literal(mapping.source(name))}, cast(n.{quoted(name)} as varchar), {want}, "
            f"{order} from rival o join once n on n.{_ROW} = o.{_MINE} and n.row_id = o.row_id "
            f"where n.{quoted(name)} is distinct from o.{quoted(name)}"
        )


def _count(con: duckdb.DuckDBPyConnection, table: Table, mapping: Mapping, extras: list[str]) -> Checked:
    """Temporary table `good`, and the counts."""
    columns = ", ".join(quoted(n) for n in [*table.names, *extras])
    con.execute(
        f"create or replace temp table good as select {columns} from once "
        f"where {_ROW} not in (select {_ROW} from bad) "
        f"and row_id not in (select {row_id_sql(table)} from {table.name}_all) order by {_ROW}"
    )
    good, bad, sound = con.execute(
        f"select (select count(*) from good), (select count(distinct {_ROW}) from bad), "
        f"(select coalesce(sum({_TIMES}), 0) from once where {_ROW} not in (select {_ROW} from bad))"
    ).fetchall()[0]
    return Checked(mapping, extras, int(good), int(sound - good), int(bad))

"""Tables of statistics offices as indicators: one row per series and time, whatever way round the file has them.

Recognised: series, at, value (one row each); SDMX-CSV (TIME_PERIOD, OBS_VALUE and dimensions: Eurostat, OECD, ECB, IMF, ILO);
times across (World Bank, Eurostat TSV); one column per series (FRED and others), the year and the month or quarter also in two columns
(Destatis). References: SDMX 2.1 Technical Notes, section 6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from kayfabe.errors import UnreadableFile
from kayfabe.evidence.periods import (
    SLASHED,
    commas_sql,
    is_period,
    missing_sql,
    number_sql,
    numeric_sql,
    period_sql,
    sure_part_sql,
    unmarked,
    year_and_part_sql,
    year_cell_sql,
)
from kayfabe.evidence.reading import ROW
from kayfabe.evidence.schema import NOTE, literal, quoted

_TIME = "time_period|time|date|period|month|quarter|year|day|week|observation_date|datum|jahr|monat|quartal|дата|период|месяц|квартал|год"
_TIMES = set(_TIME.split("|"))
_YEARS, _MONTHS, _QUARTERS = {"year", "jahr", "год"}, {"month", "monat", "месяц"}, {"quarter", "quartal", "vierteljahr", "квартал"}
_NAMELESS = re.compile(r"column \d+")
_VALUES = {"obs_value", "value", "wert", "значение", "observation"}
_UNITS = {"unit", "units", "unit_measure", "unit of measure", "einheit"}
_NO_DIMENSION = re.compile(
    r"(dataflow|structure.*|action|last update|obs_.*|conf_status|.*flag.*|unit_mult.*|decimals|base_per|title.*|time_format|"
    r"collection|compiling_org|diss_org|footnotes?|notes?|source|url)$",
    re.IGNORECASE,
)
_LINE, _COLUMN, _ORDER = (quoted(NOTE + n) for n in ("line", "column", "order"))
_AT_CELL = quoted(NOTE + "cell")
_ROW, _AT = quoted(ROW), quoted("at")
_MOST_SHARE_BAD = 0.5


@dataclass(frozen=True)
class Shape:
    """What was recognised: its name for the user, and how many cells held no value. Times and numbers are plain text now."""

    name: str
    missing: int


@dataclass(frozen=True)
class _Plan:
    """Which columns hold what: `names` (of the series), `times`, `values`; `across`: the values' headers are their times."""

    name: str
    series: tuple[str, ...]
    time: str
    values: tuple[str, ...]
    across: bool = False
    unit: str = ""
    flags: bool = False
    own: bool = False
    joint: str = ", "


def reshape(con: duckdb.DuckDBPyConnection, path: Path, names: list[str]) -> Shape | None:
    """Turn the temporary table `raw` of a statistics office's file into series, at, value (and unit); `original` keeps the file.

    Returns None, and leaves `raw` alone, where the columns are none of the known forms. Raises UnreadableFile where dates or
    numbers can be read in two ways.
    """
    con.execute("drop table if exists original")
    con.execute("alter table raw rename to original")
    joined = _year_and_part(con, names)
    con.execute(f"create or replace temp table raw as {joined or 'from original'}")
    seen = [r[0] for r in con.execute("describe raw").fetchall() if not r[0].startswith(NOTE)] if joined else names
    plan = _plan(con, path, seen)
    if plan is None:
        con.execute("drop table raw")
        con.execute("alter table original rename to raw")
        return None
    decimal, day_first = _decimal(con, path, plan), _day_first(con, path, plan)
    con.execute(f"create or replace temp table long as {_long(plan)}")
    lacks = "false" if plan.own else missing_sql("value")
    (missing,) = con.execute(f"select count(*) from long where {lacks}").fetchall()[0]
    kept = ", ".join([*(["unit"] if plan.unit else []), _LINE, _COLUMN, *(quoted(n) for n in _extras(plan, names))])
    con.execute(
        f"create or replace temp table raw as select series, {period_sql(_AT, day_first)} as {_AT}, "
        f"{number_sql('value', decimal, plan.flags, not plan.own)} as value, row_number() over (order by {_LINE}, {_ORDER}) as {_ROW}, {kept} "
        f"from long where not {lacks}"
    )
    con.execute(f"create or replace temp table place as select {_ROW}, {_LINE}, {_COLUMN} from raw")
    con.execute("drop table long")
    return Shape(plan.name, int(missing))


def _year_and_part(con: duckdb.DuckDBPyConnection, names: list[str]) -> str:
    """SELECT text over `original` with the year and the month or quarter of two columns as one, "period"; "" where there are no two.

    A blank year is that of the rows above. Lines above the first year that name no month are a header's.
    """
    times = [n for n in names if n.lower() in _TIMES | _YEARS | _QUARTERS]
    years = [n for n in times if n.lower() in _YEARS]
    parts = [n for n in times if n.lower() in _MONTHS | _QUARTERS]
    if not times and len(names) > 2 and all(_NAMELESS.fullmatch(n) for n in names[:2]):
        year, part = names[:2]
        sure = f"{sure_part_sql(quoted(part))} and ({_blank(year)} or {year_cell_sql(quoted(year))} is not null)"
        fits = con.execute(f"select coalesce(bool_and({sure}), false) from original where not {_blank(part)} and {_any_filled(names[2:])}")
        if not fits.fetchall()[0][0]:
            return ""
    elif len(times) == 2 and len(years) == len(parts) == 1:
        year, part = years[0], parts[0]
    else:
        return ""
    own = year_cell_sql(quoted(year))
    above = f"last_value({own} ignore nulls) over (order by {_ROW} rows between unbounded preceding and current row)"
    whole = f"case when {_blank(year)} then {above} else coalesce({own}, {quoted(year)}) end"
    rest = f"* exclude ({quoted(year)}, {quoted(part)})"
    at = year_and_part_sql("coalesce(year_of_row, '(no year)')", "part_of_row", part.lower() in _QUARTERS)
    return (
        f"select {at} as period, * exclude (year_of_row, part_of_row) from "
        f"(select {whole} as year_of_row, {quoted(part)} as part_of_row, {rest} from original) "
        f"where year_of_row is not null or trim(coalesce(part_of_row, '')) <> ''"
    )


def _blank(name: str) -> str:
    return f"trim(coalesce({quoted(name)}, '')) = ''"


def _any_filled(names: list[str]) -> str:
    return "(" + " or ".join(f"not {_blank(n)}" for n in names) + ")"


def _extras(plan: _Plan, names: list[str]) -> list[str]:
    """Columns that a file in the table's own form has besides; other forms keep none."""
    known = {"series", "at", "value", "unit"}
    return [n for n in names if n.lower() not in known] if plan.own else []


def _plan(con: duckdb.DuckDBPyConnection, path: Path, names: list[str]) -> _Plan | None:
    lower = {n.lower(): n for n in names}
    unit = next((lower[u] for u in _UNITS if u in lower), "")
    if {"series", "at", "value"} <= lower.keys():
        return _Plan("as it is", (lower["series"],), lower["at"], (lower["value"],), unit=lower.get("unit", ""), own=True)
    if {"time_period", "obs_value"} <= lower.keys():
        dimensions = _dimensions(names)
        if dimensions:
            return _Plan("SDMX-CSV", dimensions, lower["time_period"], (lower["obs_value"],), unit=unit, flags=True, joint=".")
    across = [n for n in names if is_period(unmarked(n))]
    if len(across) >= 2:
        rest = [n for n in names if n not in across and not _NO_DIMENSION.match(n)]
        rest = _filled(con, rest)
        if not rest:
            return None
        flags = "\\time" in rest[0].lower()
        return _Plan("a table with times across", _names_over_codes(rest), "", tuple(across), across=True, unit=unit, flags=flags)
    return _one_time_column(con, names, unit)


def _dimensions(names: list[str]) -> tuple[str, ...]:
    """The columns of an SDMX file that name a series: KEY where there is one, else codes, not labels or attributes."""
    key = next((n for n in names if n.upper() == "KEY"), None)
    if key:
        return (key,)
    left = [n for n in names if n.lower() not in ("time_period", "obs_value") and not _NO_DIMENSION.match(n)]
    codes = [n for n in left if re.fullmatch(r"[A-Z][A-Z0-9_]*", n)]
    return tuple(codes or [n for n in left if re.fullmatch(r"[A-Za-z]\w*", n)])


def _names_over_codes(names: list[str]) -> tuple[str, ...]:
    """"Country Code" goes where there is "Country Name"."""
    stems = {n.lower().removesuffix(" name") for n in names if n.lower().endswith(" name")}
    return tuple(n for n in names if not (n.lower().endswith(" code") and n.lower().removesuffix(" code") in stems))


def _filled(con: duckdb.DuckDBPyConnection, names: list[str]) -> list[str]:
    if not names:
        return []
    counts = con.execute(f"select {', '.join(f'count({quoted(n)})' for n in names)} from raw").fetchall()[0]
    return [n for n, c in zip(names, counts, strict=True) if c]


def _one_time_column(con: duckdb.DuckDBPyConnection, names: list[str], unit: str) -> _Plan | None:
    """One time in every row: columns of numbers are series, columns of words name them."""
    time = next((n for n in names if n.lower() in _TIMES), None)
    # a second column of times ("DATE", "TIME PERIOD") names no series
    rest = _filled(con, [n for n in names if n.lower().replace(" ", "_") not in _TIMES and not _NO_DIMENSION.match(n)])
    if time is None or not rest:
        return None
    looks = ", ".join(
        f"avg(case when {missing_sql(quoted(n))} then null when {numeric_sql(quoted(n))} then 1.0 else 0.0 end)"
        for n in rest
    )
    shares = con.execute(f"select {looks} from raw").fetchall()[0]
    numeric = [n for n, share in zip(rest, shares, strict=True) if share is None or share > _MOST_SHARE_BAD]
    values = [n for n in numeric if n.lower() in _VALUES] or numeric
    words = tuple(n for n in rest if n not in numeric)
    if not values:
        return None
    name = "a table with one column per series" if len(values) > 1 or not words else "a table with one row per value"
    return _Plan(name, _names_over_codes(list(words)), time, tuple(values), unit=unit)


def _long(plan: _Plan) -> str:
    """SELECT text: series, at, value, unit and where each cell stood, one row per cell."""
    parts = [f"nullif(trim({quoted(n)}), '')" for n in plan.series]
    unit = f", {quoted(plan.unit)} as unit" if plan.unit else ""
    used = dict.fromkeys((*plan.series, *([] if plan.across else [plan.time]), *([plan.unit] if plan.unit else [])))
    if len(plan.values) == 1 and not plan.across:
        value = plan.values[0]
        name = _joined(parts, plan.joint) if parts else literal(value)
        others = f", * exclude ({', '.join(map(quoted, (*used, value)))}, {_ROW})" if plan.own else ""
        return (
            f"select {name} as series, {quoted(plan.time)} as {_AT}, {quoted(value)} as value{unit}, "
            f"{_ROW} as {_LINE}, 0 as {_ORDER}, {literal(value)} as {_COLUMN}{others} from raw"
        )
    headers = ", ".join(literal(unmarked(n)) for n in plan.values)
    cells = ", ".join(map(quoted, plan.values))
    name = _joined(parts if plan.across else [*parts, _COLUMN], plan.joint)
    return (
        f"select {name} as series, {_COLUMN if plan.across else quoted(plan.time)} as {_AT}, {_AT_CELL} as value{unit}, {_LINE}, {_ORDER}, {_COLUMN} "
        f"from (select {', '.join(map(quoted, used))}, {_ROW} as {_LINE}, unnest([{cells}]) as {_AT_CELL}, "
        f"unnest([{headers}]) as {_COLUMN}, unnest(range({len(plan.values)})) as {_ORDER} from raw)"
    )


def _joined(parts: list[str], joint: str) -> str:
    return parts[0] if len(parts) == 1 else f"concat_ws({literal(joint)}, {', '.join(parts)})"


def _count(con: duckdb.DuckDBPyConnection, columns: tuple[str, ...], conditions: list[str]) -> list[int]:
    """How many cells of `columns` meet each condition, which is SQL over `cell`."""
    cells = ", ".join(quoted(n) for n in columns)
    sums = ", ".join(f"count(*) filter (where {c})" for c in conditions)
    return list(con.execute(f"select {sums} from (select unnest([{cells}]) as cell from raw)").fetchall()[0])


def _decimal(con: duckdb.DuckDBPyConnection, path: Path, plan: _Plan) -> str:
    """"comma" or "point", by the cells that can be read in one way only."""
    comma, point, either = _count(con, plan.values, list(commas_sql("cell")))
    if comma and point:
        raise UnreadableFile(path, "commas and points both stand as decimal marks in it", "Correct it, or load its parts apart.")
    if either and not comma and not point:
        seen = "its numbers such as 1,234 can be read in two ways"
        raise UnreadableFile(path, seen, "Take the commas out, or name the form in a map: [numbers] value = \"point\" or \"comma\".")
    return "comma" if comma else "point"


def _day_first(con: duckdb.DuckDBPyConnection, path: Path, plan: _Plan) -> bool | None:
    """Whether 3/4/2024 is the third of April, by the dates that can be read in one way only; None without such dates."""
    if plan.across:
        return None
    slashed = f"regexp_full_match(trim(cell), {literal(SLASHED)})"
    first, second = (f"try_cast(regexp_extract(trim(cell), {literal('^' + SLASHED + '$')}, {k}) as integer) > 12" for k in (1, 2))
    every, day_first, month_first = _count(con, (plan.time,), [slashed, f"{slashed} and {first}", f"{slashed} and {second}"])
    if not every:
        return None
    if bool(day_first) == bool(month_first):
        raise UnreadableFile(path, "its dates such as 3/4/2024 can be read in two ways", 'Name the form in a map: [times] at = "%d/%m/%Y".')
    return bool(day_first)

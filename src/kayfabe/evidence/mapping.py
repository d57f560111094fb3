"""From a file's own columns to a table's columns: known formats, and maps that an analyst writes once.

A map is TOML: `table = "votes"`, then `[columns]` (table column = file column), `[values.COLUMN]` (file value = table value),
`[constants]` (table column = fixed value), `[times]` (table column = "iso", "period", "epoch", "epoch_ms" or a strptime format),
`[numbers]` (table column = "point" or "comma", the decimal mark; the other groups thousands); for posts also `[objects]` (kind of
object = file column that holds or contains it).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb

from kayfabe.errors import BadCase, UnknownName
from kayfabe.evidence.objects import OBJECT, OBJECT_TYPE, OBJECTS
from kayfabe.evidence.schema import TABLES, Table, literal, quoted

_PARTS = ("columns", "values", "constants", "times", "numbers", "objects")
_MARKS = ("point", "comma")
_SEE = "See docs/evidence.md for its form."
_SPREAD = {"object": OBJECT, "object_type": OBJECT_TYPE}
_BLANKS = "' ' || chr(9) || chr(10) || chr(13)"


@dataclass(frozen=True)
class Mapping:
    """How a file becomes rows of `table`; the empty mapping takes columns by their own names.

    `signature` names the columns by which a known format is recognised; a map that an analyst wrote has none.
    """

    table: str
    name: str = "as it is"
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    signature: tuple[str, ...] = ()
    objects: dict[str, str] = field(default_factory=dict)

    def source(self, column: str) -> str:
        """The file column that `column` is read from."""
        return self.columns.get(column, column)

    def sql(self, column: str, found: dict[str, str]) -> str | None:
        """SQL text for `column` over the raw file; None where the file has nothing for it. `found`: lower case -> name."""
        if column in self.constants:
            return literal(self.constants[column])
        if self.objects and column in _SPREAD:
            return quoted(_SPREAD[column])
        name = found.get(self.source(column).lower())
        if name is None:
            return None
        cell = f"nullif(trim({quoted(name)}, {_BLANKS}), '')"
        if column in self.values:
            cases = " ".join(
                f"when lower({cell}) = {literal(k.lower())} then {literal(v)}" for k, v in self.values[column].items()
            )
            return f"case {cases} else {cell} end"
        return cell

    def missing(self, found: dict[str, str]) -> list[str]:
        """The file columns that are needed, or that an analyst's map names, and that the file does not have."""
        named = self.columns.keys() if not self.signature else set()
        return [
            self.source(c.name)
            for c in TABLES[self.table].columns
            if (c.required or c.name in named) and self.sql(c.name, found) is None
        ] + [name for name in self.objects.values() if name.lower() not in found]

    def used(self, found: dict[str, str]) -> set[str]:
        """The file columns (lower case) that feed a table column."""
        table = TABLES[self.table]
        own = {self.source(c.name).lower() for c in table.columns if c.name not in self.constants}
        return (own | {name.lower() for name in self.objects.values()}) & found.keys()


def read_map(path: Path) -> Mapping:
    """The map in a TOML file. Raises BadCase for a file that is not one, UnknownName for unknown tables and columns."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadCase(path, f"cannot be read as a map ({error.strerror})", "Check the path.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadCase(path, f"cannot be read as a map: {error}", _SEE) from error
    for name in data.keys() - {"table", *_PARTS}:
        raise UnknownName("entry", name, ("table", *_PARTS), f"({path})")
    return _mapping(data, str(path))


def known_format(table: str, columns: list[str]) -> Mapping | None:
    """The known format of `table` whose signature columns are all there while the table's own are not."""
    have = {c.lower() for c in columns}
    own = {c.name for c in TABLES[table].columns if c.required}
    if own <= have:
        return None
    fits = [m for m in _known() if m.table == table and {s.lower() for s in m.signature} <= have]
    return max(fits, key=lambda m: len(m.signature), default=None)


@cache
def _known() -> tuple[Mapping, ...]:
    text = resources.files("kayfabe.evidence").joinpath("formats.toml").read_text(encoding="utf-8")
    return tuple(_mapping({**data, "name": name}, "formats.toml") for name, data in tomllib.loads(text).items())


def _mapping(data: dict[str, Any], where: str) -> Mapping:
    name = data.get("table")
    if not isinstance(name, str):
        raise BadCase(where, "it names no table", f'Begin it with a line such as table = "votes". {_SEE}')
    if name not in TABLES:
        raise UnknownName("table", name, TABLES, f"({where})")
    table = TABLES[name]
    columns, constants, times, numbers = (
        _texts(table, part, data, where) for part in ("columns", "constants", "times", "numbers")
    )
    for column, mark in numbers.items():
        if column not in table.names or table.column(column).type != "number" or mark not in _MARKS:
            raise BadCase(
                where, f"[numbers] {column} = '{mark}' is no decimal mark of a number", "Write point or comma."
            )
    for column, form in times.items():
        if column not in table.names or table.column(column).type != "time":
            raise BadCase(where, f"[times] names {column}, which is no time", _SEE)
        _check_form(form, where)
    objects = _texts(None, "objects", data, where)
    for kind in objects:
        if kind not in OBJECTS:
            raise UnknownName("kind of object", kind, OBJECTS, f"({where})")
    if objects and (name != "posts" or {"object", "object_type"} & (columns.keys() | constants.keys())):
        raise BadCase(where, "[objects] stands beside an object column or in a map of another table than posts", _SEE)
    return Mapping(
        table=name,
        name=str(data.get("name", where)),
        columns=columns,
        values={c: _texts(None, c, data["values"], where) for c in _part(table, "values", data, where)},
        constants=constants,
        times=times,
        numbers=numbers,
        signature=tuple(data.get("signature", ())),
        objects=objects,
    )


def _part(table: Table | None, name: str, data: dict[str, Any], where: str) -> dict[str, Any]:
    """One part of a map; with `table`, its entries must be columns of it."""
    part = data.get(name, {})
    if not isinstance(part, dict):
        raise BadCase(where, f"{name} is not a TOML table such as [{name}]", _SEE)
    for column in part:
        if table is not None and column not in table.names:
            raise UnknownName(f"column of {table.name}", column, table.names, f"({where})")
    return part


def _texts(table: Table | None, name: str, data: dict[str, Any], where: str) -> dict[str, str]:
    part = _part(table, name, data, where)
    for key, value in part.items():
        if isinstance(value, (dict, list)):
            raise BadCase(where, f"{name}.{key} is not one value", _SEE)
    return {str(k): str(v) for k, v in part.items()}


def _check_form(form: str, where: str) -> None:
    """Raises BadCase for a time format that is neither a name nor a strptime format."""
    if form in ("iso", "period", "epoch", "epoch_ms"):
        return
    try:
        duckdb.execute(f"select try_strptime('', {literal(form)})")
    except duckdb.Error as error:
        todo = "Write iso, period, epoch, epoch_ms or a format such as %d.%m.%Y."
        raise BadCase(where, f"'{form}' is no time format", todo) from error

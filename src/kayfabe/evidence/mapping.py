"""From a file's own columns to a table's columns: known formats, and maps that an analyst writes once.

A map is TOML: `table = "votes"`, then `[columns]` (table column = file column), `[values.COLUMN]` (file value = table value),
`[constants]` (table column = fixed value) and `[times]` (table column = "iso", "epoch", "epoch_ms" or a strptime format).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from kayfabe.errors import BadCase, UnknownName
from kayfabe.evidence.schema import TABLES, Table, quoted


@dataclass(frozen=True)
class Mapping:
    """How a file becomes rows of `table`; the empty mapping takes columns by their own names."""

    table: str
    name: str = "as it is"
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    signature: tuple[str, ...] = ()

    def source(self, column: str) -> str:
        """The file column that `column` is read from."""
        return self.columns.get(column, column)

    def sql(self, column: str, found: dict[str, str]) -> str | None:
        """SQL text for `column` over the raw file; None where the file has nothing for it. `found`: lower case -> name."""
        if column in self.constants:
            return literal(self.constants[column])
        name = found.get(self.source(column).lower())
        if name is None:
            return None
        cell = f"nullif(trim({quoted(name)}), '')"
        if column in self.values:
            cases = " ".join(
                f"when lower({cell}) = {literal(k.lower())} then {literal(v)}" for k, v in self.values[column].items()
            )
            return f"case {cases} else {cell} end"
        return cell

    def used(self, found: dict[str, str]) -> set[str]:
        """The file columns (lower case) that feed a table column."""
        table = TABLES[self.table]
        return {self.source(c.name).lower() for c in table.columns if c.name not in self.constants} & found.keys()


def literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def read_map(path: Path) -> Mapping:
    """The map in a TOML file. Raises BadCase for a file that is not one, UnknownName for unknown tables and columns."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadCase(path, f"cannot be read as a map: {error}", "See docs/evidence.md for its form.") from error
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
    table = data.get("table")
    if table not in TABLES:
        raise UnknownName("table", table, TABLES, f"({where})")
    parts: dict[str, dict[str, Any]] = {}
    for part in ("columns", "values", "constants", "times"):
        parts[part] = data.get(part, {})
        if not isinstance(parts[part], dict):
            raise BadCase(where, f"[{part}] is not a table of TOML", "See docs/evidence.md for its form.")
        _check_columns(TABLES[table], parts[part], where)
    return Mapping(
        table=table,
        name=str(data.get("name", where)),
        columns={k: str(v) for k, v in parts["columns"].items()},
        values={k: {str(a): str(b) for a, b in dict(v).items()} for k, v in parts["values"].items()},
        constants={k: str(v) for k, v in parts["constants"].items()},
        times={k: str(v) for k, v in parts["times"].items()},
        signature=tuple(data.get("signature", ())),
    )


def _check_columns(table: Table, names: dict[str, Any], where: str) -> None:
    for name in names:
        if name not in table.names:
            raise UnknownName(f"column of {table.name}", name, table.names, f"({where})")

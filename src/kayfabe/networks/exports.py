"""Edge tables and matrices as files: CSV, Parquet, JSON, GraphML and GEXF, each written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from kayfabe.errors import BadOption
from kayfabe.evidence.reading import guard, guard_sql
from kayfabe.evidence.schema import literal, quoted
from kayfabe.networks import graph_files
from kayfabe.networks.discourse import Network
from kayfabe.networks.edge_table import EdgeTable
from kayfabe.networks.statements import Array

FORMS = (".csv", ".parquet", ".json", ".graphml", ".gexf")
MOST_IN_GRAPH = 2_000_000


def write_edges(table: EdgeTable, path: Path) -> None:
    """Write `table` in the format that the suffix of `path` names. Raises BadOption."""
    form = path.suffix.lower()
    if form not in FORMS:
        raise BadOption("out", path, "wants a name ending in " + ", ".join(FORMS))
    if form not in (".csv", ".parquet") and len(table) > MOST_IN_GRAPH:
        raise BadOption(
            "out", path, f"wants .csv or .parquet for {len(table)} edges, or fewer edges (--min-weight, --backbone)"
        )
    if form in (".csv", ".parquet"):
        _whole(path, lambda part: _columns(table, part, form))
    else:
        lines = {".json": _json, ".graphml": graph_files.graphml, ".gexf": graph_files.gexf}[form]
        _whole(path, lambda part: _text(lines(table), part))


def write_matrix(found: Sequence[Network], path: Path, names: Callable[[str], str] = str) -> None:
    """Write dense matrices, windows one below the other, as CSV or Parquet: start (with windows), node, one column per other.

    Raises BadOption.
    """
    form = path.suffix.lower()
    if form not in (".csv", ".parquet"):
        raise BadOption("out", path, "wants a name ending in .csv or .parquet for a matrix")
    others = sorted({o for n in found for o in n.others})
    place = {o: k for k, o in enumerate(others)}
    windows = any(n.definition.window is not None for n in found)
    blocks, rows, starts = [], [], []
    for network in found:
        block = np.zeros((len(network.nodes), len(others)))
        if network.nodes:
            block[:, [place[o] for o in network.others]] = network.matrix()
        blocks.append(block)
        rows += [names(n) for n in network.nodes]
        starts.append(np.full(len(network.nodes), network.start))
    columns: dict[str, Array] = {"start": np.concatenate(starts)} if windows and starts else {}
    columns["node"] = np.array(rows, dtype=object)
    stacked = np.concatenate(blocks) if blocks else np.zeros((0, 0))
    header = [*columns, *(names(o) for o in others)]
    given = {f"c{k}": _shown(values, form) for k, values in enumerate([*columns.values(), *stacked.T])}

    def write(part: Path) -> None:
        con = duckdb.connect()
        con.register("given", given)
        cells = ", ".join(_cell(f"c{k}", values, form, header[k]) for k, values in enumerate(given.values()))
        _copy(con, f"select {cells} from given", part, form)

    _whole(path, write)


def _whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write beside `path` and move into place."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(part)
        os.replace(part, path)
    except (OSError, duckdb.IOException) as error:
        why = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
        raise BadOption("out", path, f"wants a file that can be written ({why})") from error
    finally:
        part.unlink(missing_ok=True)


def _columns(table: EdgeTable, part: Path, form: str) -> None:
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.register("named", {"code": np.arange(len(table.names)), "name": np.array(table.names, dtype=object)})
    con.execute("create table names as select list(name order by code) as name from named")
    edges = {"edge": np.arange(len(table)), "s": table.source, "t": table.target}
    con.register("edges", edges | {f"c{k}": _shown(values, form) for k, values in enumerate(table.columns.values())})
    cells = [
        _cell("name[s + 1]", table.names, form, table.ends[0]),
        _cell("name[t + 1]", table.names, form, table.ends[1]),
    ]
    cells += [_cell(f"c{k}", values, form, name) for k, (name, values) in enumerate(table.columns.items())]
    joined, order = "edges cross join names", ""
    if table.statements is not None:
        sizes = np.diff(table.statements.offset)
        listed = {
            "e": np.repeat(np.arange(len(table)), sizes),
            "nth": np.arange(int(table.statements.offset[-1])),
            "row_id": table.statements.texts,
        }
        con.register("listed", listed)
        gathered = "string_agg(row_id, ';' order by nth)" if form == ".csv" else "list(row_id order by nth)"
        joined += f" left join (select e, {gathered} as ids from listed group by e) on e = edge"
        order = " order by edge"
        cells.append(f"{guard_sql('ids') if form == '.csv' else 'ids'} as {quoted(table.listed)}")
    _copy(con, f"select {', '.join(cells)} from {joined}{order}", part, form)


def _shown(values: Array, form: str) -> Array:
    """Numbers of a CSV file to 10 significant digits."""
    return significant(values) if form == ".csv" and values.dtype.kind == "f" else values


def significant(values: Array, digits: int = 10) -> Array:
    """(n,) floats rounded to `digits` significant digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.where(values == 0, 0, digits - 1 - np.floor(np.log10(np.abs(values))))
        scale = 10.0 ** np.clip(np.nan_to_num(place), -300, 300)
        return np.asarray(np.round(values * scale) / scale)


def _cell(source: str, values: Any, form: str, name: str) -> str:
    if form == ".csv":
        kind = values.dtype.kind if isinstance(values, np.ndarray) else "O"
        if kind == "f" and bool((values == np.trunc(values)).all()) and bool((np.abs(values) < 1e15).all()):
            source = f"cast({source} as bigint)"
        elif kind == "M":
            source = f"strftime({source}, '%Y-%m-%dT%H:%M:%SZ')"
        elif kind == "O":
            source = guard_sql(source)
        name = guard(name)
    return f"{source} as {quoted(name)}"


def _copy(con: duckdb.DuckDBPyConnection, sql: str, part: Path, form: str) -> None:
    options = "(format csv, header)" if form == ".csv" else "(format parquet, compression zstd)"
    con.execute(f"copy ({sql}) to {literal(os.path.abspath(part))} {options}")


def _text(lines: Iterator[str], part: Path) -> None:
    with part.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(lines)


def _json(table: EdgeTable) -> Iterator[str]:
    """{"directed", "nodes": [{"id", ...}], "edges": [{"source", "target", "weight", ..., "statements": [row ids]}]}."""
    yield f'{{"directed": {json.dumps(table.directed)},\n"nodes": [\n'
    node_columns = {name: graph_files.shown(values) for name, values in table.node_columns.items()}
    for k, name in enumerate(table.names):
        node = {"id": name} | {c: values[k] for c, values in node_columns.items()}
        yield json.dumps(node, ensure_ascii=False) + (",\n" if k + 1 < len(table.names) else "\n")
    yield '],\n"edges": [\n'
    columns = {name: graph_files.shown(values) for name, values in table.columns.items()}
    source, target = table.source.tolist(), table.target.tolist()
    for e in range(len(table)):
        edge: dict[str, Any] = {table.ends[0]: table.names[source[e]], table.ends[1]: table.names[target[e]]}
        edge |= {c: values[e] for c, values in columns.items()}
        if table.statements is not None:
            edge[table.listed] = table.statements.of(e)
        yield json.dumps(edge, ensure_ascii=False) + (",\n" if e + 1 < len(table) else "\n")
    yield "]}\n"

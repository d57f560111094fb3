"""Edge tables as GraphML and GEXF, line by line, with no clock time in them.

References: GraphML primer, graphml.graphdrawing.org; GEXF 1.2 draft, gexf.net.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from kayfabe.networks.edge_table import EdgeTable
from kayfabe.networks.statements import Array

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def shown(values: Array) -> list[Any]:
    """Values as JSON knows them: 10 significant digits, times as ISO-8601 in UTC, unknown numbers None."""
    if values.dtype.kind == "f":
        return [None if v != v else float(f"{v:.10g}") for v in values.tolist()]
    if values.dtype.kind == "M":
        return [f"{v}Z" for v in np.datetime_as_string(values, unit="s").tolist()]
    return list(values.tolist())


def _attribute(text: object) -> str:
    return quoteattr(_FORBIDDEN.sub(" ", str(text)))


def _body(text: object) -> str:
    return _attribute(text)[1:-1].replace("<", "&lt;")


def _type(values: Array) -> str:
    return {"f": "double", "i": "long", "u": "long"}.get(values.dtype.kind, "string")


def _edge_columns(table: EdgeTable) -> dict[str, tuple[str, list[Any]]]:
    columns = {name: (_type(values), shown(values)) for name, values in table.columns.items()}
    if table.statements is not None:
        columns[table.listed] = ("string", [";".join(table.statements.of(e)) for e in range(len(table))])
    return columns


def graphml(table: EdgeTable) -> Iterator[str]:
    """GraphML; nodes carry `name`, edges every column and the row ids behind them."""
    nodes: Mapping[str, tuple[str, list[Any]]] = {"name": ("string", list(table.names))} | {
        name: (_type(values), shown(values)) for name, values in table.node_columns.items()
    }
    edges = _edge_columns(table)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for what, columns in (("node", nodes), ("edge", edges)):
        for name, (kind, _) in columns.items():
            yield f'<key id="{what}_{name}" for="{what}" attr.name="{name}" attr.type="{kind}"/>\n'
    yield f'<graph id="G" edgedefault="{"directed" if table.directed else "undirected"}">\n'
    for k in range(len(table.names)):
        yield f'<node id="n{k}">' + "".join(_data("node", c, v[1][k]) for c, v in nodes.items()) + "</node>\n"
    source, target = table.source.tolist(), table.target.tolist()
    for e in range(len(table)):
        data = "".join(_data("edge", c, v[1][e]) for c, v in edges.items())
        yield f'<edge id="e{e}" source="n{source[e]}" target="n{target[e]}">{data}</edge>\n'
    yield "</graph>\n</graphml>\n"


def _data(what: str, name: str, value: Any) -> str:
    return "" if value is None else f'<data key="{what}_{name}">{_body(value)}</data>'


def gexf(table: EdgeTable) -> Iterator[str]:
    """GEXF 1.2; windows become the start and end days of edges, so that a timeline can play them."""
    timed = "start" in table.columns
    edges = {c: v for c, v in _edge_columns(table).items() if c not in ("weight", "start", "stop")}
    nodes = {name: (_type(values), shown(values)) for name, values in table.node_columns.items()}
    mode = 'mode="dynamic" timeformat="date"' if timed else 'mode="static"'
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n'
    yield f'<graph {mode} defaultedgetype="{"directed" if table.directed else "undirected"}">\n'
    for what, columns in (("node", nodes), ("edge", edges)):
        if columns:
            listed = "".join(
                f'<attribute id="{what}_{name}" title="{name}" type="{kind}"/>' for name, (kind, _) in columns.items()
            )
            yield f'<attributes class="{what}" mode="static">{listed}</attributes>\n'
    yield "<nodes>\n"
    for k, name in enumerate(table.names):
        yield f'<node id="n{k}" label={_attribute(name)}>{_values("node", nodes, k)}</node>\n'
    yield "</nodes>\n<edges>\n"
    weight = shown(table.columns["weight"])
    bounds = [np.datetime_as_string(table.columns[c], unit="D") for c in ("start", "stop")] if timed else []
    source, target = table.source.tolist(), table.target.tolist()
    for e in range(len(table)):
        time = f' start="{bounds[0][e]}" end="{bounds[1][e]}"' if timed else ""
        head = f'<edge id="{e}" source="n{source[e]}" target="n{target[e]}" weight="{weight[e]}"{time}>'
        yield f"{head}{_values('edge', edges, e)}</edge>\n"
    yield "</edges>\n</graph>\n</gexf>\n"


def _values(what: str, columns: Mapping[str, tuple[str, list[Any]]], k: int) -> str:
    cells = "".join(
        f'<attvalue for="{what}_{name}" value={_attribute(values[k])}/>'
        for name, (_, values) in columns.items()
        if values[k] is not None
    )
    return f"<attvalues>{cells}</attvalues>" if cells else ""

"""Charts: Vega-Lite specifications drawn to SVG when the page is built, each with its table.

The drawing carries no script: parts outside a short list of harmless elements and attributes are dropped, names of
clip paths become the chart's own (the renderer counts them up over its lifetime), and each mark keeps its values as a
tooltip.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import vl_convert
from markupsafe import Markup

from kayfabe.dossier.network_view import NetworkView, network_view
from kayfabe.dossier.wording import cell, number
from kayfabe.errors import one_line
from kayfabe.instruments.declaration import Chart, NetworkChart
from kayfabe.models import plain

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
MOST_TABLE_ROWS = 300
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b98300", "#56a0d3", "#7f8c9b")
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif"
_INK = "currentColor"

CONFIG: dict[str, Any] = {
    "background": None,
    "font": FONT,
    "padding": 4,
    "view": {"stroke": None, "continuousWidth": 440, "continuousHeight": 220, "discreteWidth": 440},
    "range": {"category": list(PALETTE), "heatmap": {"scheme": "blues"}, "ramp": {"scheme": "blues"}},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "domainColor": _INK,
        "tickColor": _INK,
        "gridColor": _INK,
        "domainOpacity": 0.5,
        "tickOpacity": 0.5,
        "gridOpacity": 0.14,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelOverlap": "parity",
        "labelLimit": 190,
    },
    "axisX": {"grid": False},
    "legend": {
        "labelColor": _INK,
        "titleColor": _INK,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "orient": "top",
        "columns": 3,
        "labelLimit": 220,
    },
    "header": {"labelColor": _INK, "titleColor": _INK, "labelFontSize": 11, "titleFontSize": 11},
    "title": {"color": _INK, "subtitleColor": _INK},
    "bar": {"color": PALETTE[0]},
    "line": {"color": PALETTE[0], "strokeWidth": 2},
    "point": {"color": PALETTE[0], "size": 50, "filled": True},
    "rule": {"color": _INK},
    "tick": {"color": _INK},
    "text": {"color": _INK, "fontSize": 11},
}

_ELEMENTS = frozenset(
    {"svg", "g", "path", "line", "rect", "circle", "ellipse", "text", "tspan", "polyline", "polygon", "defs"}
    | {"clipPath", "linearGradient", "radialGradient", "stop"}
)
_ATTRIBUTES = frozenset(
    {"d", "x", "y", "x1", "x2", "y1", "y2", "dx", "dy", "cx", "cy", "r", "rx", "ry", "points", "offset", "id", "width"}
    | {"height", "viewBox", "transform", "fill", "stroke", "opacity", "fill-opacity", "stroke-opacity", "stroke-width"}
    | {"stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "font-size"}
    | {"font-weight", "font-style", "text-anchor", "dominant-baseline", "clip-path", "stop-color", "stop-opacity"}
)
_OWN_URL = re.compile(r"url\(#([A-Za-z0-9_-]+)\)")
_LOADS = frozenset({"url", "href", "usermeta", "datasets", "data"})
_BLACK = frozenset({"#000", "#000000", "black"})
_DECIMALS = re.compile(r"-?\d+\.\d{3,}")


@dataclass(frozen=True)
class ChartView:
    """A chart ready for the page. `svg` is empty where it could not be drawn; the table is always there."""

    title: str
    alt: str
    svg: Markup
    spec: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    left_out: int
    failure: str = ""
    network: NetworkView | None = None


def chart_view(chart: Chart, name: str, label: Callable[[str], str] = str) -> ChartView:
    """`chart` drawn and tabled; `name` makes the ids inside the drawing its own, `label` names a network's nodes."""
    network, failure = None, ""
    if isinstance(chart, NetworkChart):
        network = network_view(chart, label)
        rows = tuple((label(str(r[0])), label(str(r[1])), *r[2:]) for r in chart.rows)
        chart = replace(chart, rows=rows)
        svg, spec = network.svg, _network_spec(chart, label)
    else:
        spec = full_spec(chart)
        try:
            svg = inert(_drawn(json.dumps(spec, ensure_ascii=False)), name)
        except (ValueError, ET.ParseError) as failed:
            svg, failure = Markup(""), one_line(failed, 200)
    shown = chart.rows[:MOST_TABLE_ROWS]
    numeric = tuple(
        any(row[i] is not None for row in shown) and all(_is_number(row[i]) for row in shown if row[i] is not None)
        for i in range(len(chart.columns))
    )
    return ChartView(
        title=chart.title,
        alt=chart.alt,
        svg=svg,
        spec=json_for_html(spec),
        columns=tuple(chart.columns),
        rows=tuple(tuple(_plain_number(v) for v in row) for row in shown),
        numeric=numeric,
        left_out=len(chart.rows) - len(shown),
        failure=failure,
        network=network,
    )


def _network_spec(chart: NetworkChart, label: Callable[[str], str]) -> dict[str, Any]:
    """The whole network as plain JSON, its table under data.values as in the other charts."""
    return {
        "description": chart.alt,
        "directed": chart.directed,
        "nodes": [{"name": label(n.name), "group": n.group, "size": n.size} for n in chart.nodes],
        "data": {"values": [dict(zip(chart.columns, (_json(v) for v in row), strict=False)) for row in chart.rows]},
    }


def full_spec(chart: Chart) -> dict[str, Any]:
    """The chart's specification with its rows, its description and the shared look; it loads nothing."""
    own = plain(_without_loads(chart.spec))
    spec: dict[str, Any] = {"$schema": SCHEMA, "description": chart.alt, **own}
    spec["data"] = {"values": [dict(zip(chart.columns, (_json(v) for v in row), strict=False)) for row in chart.rows]}
    spec["config"] = merged(CONFIG, own.get("config") or {})
    if "width" not in spec and ("mark" in spec or "layer" in spec) and not _is_faceted(spec):
        spec["width"] = 440
        spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `base`, maps joined key by key."""
    found = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(found.get(key), Mapping)
        found[key] = merged(found[key], value) if both else value
    return found


def json_for_html(value: Any) -> Markup:
    """JSON that may stand inside a script element: no character that could end it."""
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


@lru_cache(maxsize=512)
def _drawn(spec: str) -> str:
    return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))


def inert(svg: str, name: str) -> Markup:
    """The drawing without script, links, styles and foreign parts; ids begin with `name`; marks keep a tooltip."""
    root = ET.fromstring(svg)
    clean = _clean(root, name)
    if clean is None:
        raise ValueError("the drawing is empty")
    for attribute in ("width", "height"):
        clean.attrib.pop(attribute, None)
    clean.set("aria-hidden", "true")
    clean.set("focusable", "false")
    return Markup(ET.tostring(clean, encoding="unicode", short_empty_elements=True))


def _clean(element: ET.Element, name: str) -> ET.Element | None:
    tag = str(element.tag).rpartition("}")[2]
    if tag == "a":
        tag = "g"
    if tag not in _ELEMENTS or element.get("display") == "none" or _unseen(element):
        return None
    found = ET.Element(tag)
    for key, value in element.attrib.items():
        kept = _attribute(key, value, name)
        if kept is not None:
            found.set(key, kept)
    if tag in ("text", "tspan"):
        found.text = element.text
    label = element.get("aria-label")
    if label and element.get("role") == "graphics-symbol" and tag != "g":
        ET.SubElement(found, "title").text = label
    for child in element:
        kept_child = _clean(child, name)
        if kept_child is not None:
            if tag in ("text", "tspan"):
                kept_child.tail = child.tail
            found.append(kept_child)
    if tag == "g" and not len(found):
        return None
    return found


def _unseen(element: ET.Element) -> bool:
    """The renderer's empty backgrounds."""
    return element.get("class") in ("background", "foreground") and not (element.get("fill") or element.get("stroke"))


def _attribute(key: str, value: str, name: str) -> str | None:
    if key not in _ATTRIBUTES:
        return None
    if key == "id":
        return f"{name}-{re.sub('[^A-Za-z0-9_-]', '', value)}"
    if "url(" in value:
        own = _OWN_URL.fullmatch(value.strip())
        return f"url(#{name}-{own.group(1)})" if own else None
    if key in ("fill", "stroke") and value.lower() in _BLACK:
        return _INK
    return _DECIMALS.sub(lambda m: f"{float(m.group()):.2f}".rstrip("0").rstrip("."), value)


def _without_loads(spec: Any) -> Any:
    """`spec` without its own data, addresses and links, at any depth."""
    if isinstance(spec, Mapping):
        return {k: _without_loads(v) for k, v in spec.items() if k not in _LOADS}
    if isinstance(spec, (list, tuple)):
        return [_without_loads(v) for v in spec]
    return spec


def _is_faceted(spec: Mapping[str, Any]) -> bool:
    encoding = spec.get("encoding") or {}
    return any(channel in encoding for channel in ("row", "column", "facet"))


def _json(value: Any) -> Any:
    try:
        return plain(value)
    except TypeError:
        return str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _plain_number(value: Any) -> str:
    """Years stay as they are: whole numbers are not grouped in charts' tables."""
    if _is_number(value) and float(value).is_integer() and abs(value) < 10_000:
        return number(int(value)).replace(",", "")
    return cell(value)

"""Charts of deal: where each actor stands on each provision, and what one concession would change."""

from __future__ import annotations

from typing import Any

from kayfabe.instruments.declaration import Chart
from kayfabe.models import Finding

_SCALE = {
    "domain": ["accepts", "unclear", "silent", "does not accept", "rejects"],
    "range": ["#0072b2", "#c9ced6", "#f4f4f4", "#f0b48a", "#d55e00"],
}
_MOST = 40


def charts(finding: Finding) -> list[Chart]:
    """The matrix of provisions and actors; concessions where there are any."""
    cells = finding.details.get("cells", [])
    found = [_matrix(cells)] if cells else []
    if finding.details.get("concessions"):
        found.append(_concessions(finding.details["concessions"]))
    return found


def _matrix(cells: list[dict[str, Any]]) -> Chart:
    names = list(dict.fromkeys(c["provision"] for c in cells))[:_MOST]
    shown = [c for c in cells if c["provision"] in names]
    rows = tuple((c["provision"], c["actor"], c["verdict"], c["share"], c["occasions"], c["last"]) for c in shown)
    place = {
        "x": {
            "field": "actor",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"orient": "top", "labelAngle": 0},
        },
        "y": {"field": "provision", "type": "nominal", "sort": None, "title": "provision"},
    }
    spec = {
        "layer": [
            {
                "mark": {"type": "rect", "stroke": "white"},
                "encoding": {**place, "color": {"field": "verdict", "type": "nominal", "title": None, "scale": _SCALE}},
            },
            {
                "transform": [{"filter": "datum.share != null"}],
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {**place, "text": {"field": "share", "type": "quantitative", "format": ".0%"}},
            },
        ]
    }
    refused = [f"{c['actor']} on {c['provision']}" for c in shown if c["verdict"] == "rejects"]
    agreed = [n for n in names if all(c["verdict"] == "accepts" for c in shown if c["provision"] == n)]
    alt = f"Share of favourable occasions by provision and actor. Accepted by all: {', '.join(agreed) or 'none'}. Rejected: {', '.join(refused[:8]) or 'none'}."
    columns = ("provision", "actor", "verdict", "share", "occasions", "last")
    return Chart("Who accepts what, by their own statements and votes", alt, spec, columns, rows)


def _concessions(found: list[dict[str, Any]]) -> Chart:
    rows: list[tuple[Any, ...]] = []
    for c in found[:12]:
        name = f"{c['actor']} gives way on {c['provision']}"
        rows += [(name, "now", c["before"]), (name, "after", c["after"])]
    spec = {
        "mark": {"type": "point", "filled": True, "size": 80},
        "encoding": {
            "y": {"field": "concession", "type": "nominal", "sort": None, "title": None},
            "x": {
                "field": "probability",
                "type": "quantitative",
                "scale": {"domain": [0, 1]},
                "title": "probability that all accept it",
            },
            "color": {
                "field": "when",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["now", "after"], "range": ["#7f8c9b", "#d55e00"]},
            },
            "shape": {"field": "when", "type": "nominal", "legend": None},
        },
    }
    best = found[0]
    alt = f"What one concession would change; most: {best['actor']} on {best['provision']}, from {best['before']:.0%} to {best['after']:.0%}."
    return Chart(
        "What one concession would change (description only)",
        alt,
        spec,
        ("concession", "when", "probability"),
        tuple(rows),
    )

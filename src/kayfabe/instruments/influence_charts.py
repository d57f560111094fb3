"""Charts of influence: each ordered pair with its interval, and after against before."""

from __future__ import annotations

from typing import Any

from kayfabe.instruments.declaration import Chart, Node, Tie, network_chart
from kayfabe.models import Finding

_OWN, _OTHERS = "#d55e00", "#7f8c9b"
_EFFECT = {"acts": "further acts per act", "positions": "adopted changes per change"}


def charts(finding: Finding) -> list[Chart]:
    """Pairs with intervals; what followed against what came before."""
    pairs = [p for p in finding.details.get("pairs", []) if p["estimate"] is not None][:20]
    if not pairs:
        return []
    return [*_network(finding.details), _intervals(pairs, finding.details), _sides(pairs, finding.details)]


def _network(details: dict[str, Any]) -> list[Chart]:
    """Who leads whom as a network, where three or more are named and some pair stands."""
    ties = [
        Tie(p["leader"], p["follower"], p["estimate"], p["word"], f"{p['interval'][0]:.2f} to {p['interval'][1]:.2f}")
        for p in details["pairs"]
        if p["word"] != "no lead shown"
    ]
    names = list(details.get("moves", {}))
    if len(names) < 3 or not ties:
        return []
    leads = sum(t.kind == "leads" for t in ties)
    alt = f"Network of {len(names)} actors: {leads} leads, {len(ties) - leads} pairs that move together; arrows point to the follower."
    nodes = [Node(name, size=float(details["moves"][name])) for name in names]
    return [network_chart("Who leads whom", alt, nodes, ties, weight="effect", directed=True)]


def _intervals(pairs: list[dict[str, object]], details: dict[str, Any]) -> Chart:
    rows = tuple((f"{p['leader']} → {p['follower']}", p["estimate"], *p["interval"], p["word"]) for p in pairs)  # type: ignore[misc]
    colour = {
        "field": "verdict", "type": "nominal", "title": None,
        "scale": {"domain": ["leads", "moves with", "no lead shown"], "range": [_OWN, "#56b4e9", _OTHERS]},
    }  # fmt: skip
    spec = {
        "layer": [
            {
                "mark": {"type": "rule"},
                "encoding": {
                    "x": {"field": "low", "type": "quantitative", "title": f"{_EFFECT[details['way']]}, beyond the usual pair"},
                    "x2": {"field": "high"},
                    "y": {"field": "pair", "type": "nominal", "sort": None, "title": None},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {
                    "x": {"field": "effect", "type": "quantitative"},
                    "y": {"field": "pair", "type": "nominal", "sort": None},
                    "color": colour,
                },
            },
        ]
    }
    first = rows[0]
    alt = f"Effect of leader on follower beyond the usual pair, with 95 % intervals; {first[0]} at {first[1]:.2f}."
    return Chart("Who leads whom, beyond the usual pair", alt, spec, ("pair", "effect", "low", "high", "verdict"), rows)


def _sides(pairs: list[dict[str, object]], details: dict[str, object]) -> Chart:
    rows = tuple(
        (f"{p['leader']} → {p['follower']}", side, p[key])
        for p in pairs
        for side, key in (("after", "after"), ("before", "before"))
    )
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "pair", "type": "nominal", "sort": None, "title": None},
            "yOffset": {"field": "side"},
            "x": {
                "field": "moves",
                "type": "quantitative",
                "title": "coincident moves beyond each actor's usual activity",
            },
            "color": {
                "field": "side",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["after", "before"], "range": [_OWN, _OTHERS]},
            },
        },
    }
    alt = f"Coincident moves of the follower in the {details['window']} days after and before the leader's; influence needs after above before."
    return Chart("After the leader's moves and before them", alt, spec, ("pair", "side", "moves"), rows)

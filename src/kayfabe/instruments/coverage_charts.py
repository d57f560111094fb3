"""Charts of coverage: outlet by provision, and how much of the articles and of the agreement each provision takes."""

from __future__ import annotations

import math
from typing import Any

from kayfabe.instruments.declaration import Chart
from kayfabe.models import Finding

_MOST_OUTLETS = 30


def charts(finding: Finding) -> list[Chart]:
    """The matrix of outlets and provisions, then the attention paid to each provision."""
    cells = finding.details.get("cells", [])
    if not cells:
        return []
    return [_matrix(cells), _attention(finding.details["provisions"])]


def _matrix(cells: list[dict[str, Any]]) -> Chart:
    named = list(dict.fromkeys(c["outlet"] for c in cells))[:_MOST_OUTLETS]
    rows = []
    for c in cells:
        if c["outlet"] in named:
            stands = c["tested"] and c["q_value"] is not None and c["q_value"] < 0.05 and not c["rests_on_one_outlet"]
            ratio = c["share_ratio"]
            log = None if ratio is None else max(-2.0, min(2.0, math.log2(ratio))) if ratio > 0 else -2.0
            rows.append(
                (
                    c["outlet"],
                    c["provision"],
                    log,
                    c["named"],
                    round(c["expected"], 1),
                    "stands" if stands else "does not stand",
                )
            )
    standing = [r for r in rows if r[5] == "stands"]
    spec = {
        "layer": [
            {
                "mark": {"type": "rect"},
                "encoding": {
                    "x": {"field": "provision", "type": "nominal", "sort": None, "title": "provision"},
                    "y": {"field": "outlet", "type": "nominal", "title": None},
                    "color": {
                        "field": "times (log2)",
                        "type": "quantitative",
                        "title": "named / expected (log2)",
                        "scale": {"domain": [-2, 0, 2], "range": ["#2166ac", "#f7f7f7", "#d55e00"]},
                    },
                },
            },
            {
                "transform": [{"filter": "datum.verdict == 'stands'"}],
                "mark": {"type": "point", "shape": "diamond", "filled": True, "color": "#111111", "size": 90},
                "encoding": {
                    "x": {"field": "provision", "type": "nominal", "sort": None},
                    "y": {"field": "outlet", "type": "nominal"},
                },
            },
        ]
    }
    shown = "; ".join(f"{o}, provision {p}: {n} named, {e} expected" for o, p, _, n, e, _ in standing[:5])
    alt = f"Articles that name each provision against what is expected, by outlet; {len(standing)} {'cell stands' if len(standing) == 1 else 'cells stand'}{': ' + shown if shown else ''}."
    columns = ("outlet", "provision", "times (log2)", "named", "expected", "verdict")
    return Chart(
        "Named against expected, by outlet and provision",
        alt,
        spec,
        columns,
        tuple(sorted(rows, key=lambda r: (_order(r[1]), r[0]))),
    )


def _order(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdigit() else (10**6, name)


def _attention(provisions: list[dict[str, Any]]) -> Chart:
    ranked = sorted(provisions, key=lambda p: (-p["share_of_articles"], p["provision"]))[:40]
    rows: list[tuple[Any, ...]] = []
    for p in ranked:
        rows += [
            (p["provision"], "articles that name it", p["share_of_articles"]),
            (p["provision"], "of the agreement's words", p["share_of_text"]),
        ]
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "provision", "type": "nominal", "sort": None, "title": "provision"},
            "yOffset": {"field": "share of", "type": "nominal"},
            "x": {"field": "share", "type": "quantitative", "axis": {"format": ".0%"}, "title": None},
            "color": {
                "field": "share of",
                "type": "nominal",
                "title": None,
                "scale": {"range": ["#d55e00", "#7f8c9b"]},
            },
        },
    }
    top = ranked[0]
    alt = f"Share of articles that name each provision beside its share of the agreement's words; provision {top['provision']} is named most, in {top['share_of_articles']:.0%}."
    return Chart(
        "Attention and the agreement's own weights (description only)",
        alt,
        spec,
        ("provision", "share of", "share"),
        tuple(rows),
    )

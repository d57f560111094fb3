"""Charts of provenance: how a passage spread over outlets and time, who had it first, and how wide the shared passages are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kayfabe.instruments.declaration import Chart
from kayfabe.instruments.provenance_pairs import LEAST
from kayfabe.models import Finding

_OWN, _USUAL = "#d55e00", "#7f8c9b"
_SPAN = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def charts(finding: Finding) -> list[Chart]:
    """Every chart that the finding's details allow, the most telling first."""
    details = finding.details
    made = [_cascade(f, i) for i, f in enumerate((details.get("families") or [])[:3], start=1) if any(r["at"] for r in f["rows"])]
    if (details.get("together") or {}).get("pairs"):
        made.append(_together(details["together"]))
    if details.get("whose_words"):
        made.append(_whose(details["whose_words"]))
    if details.get("scores"):
        made.append(_widths(details))
    return made


def _cascade(family: Mapping[str, Any], number: int) -> Chart:
    """Outlets over time; a bar as long as the clock is coarse; the earliest marked, more than one where clocks leave it open."""
    rows = []
    for r in family["rows"]:
        if r["at"] is None:
            continue
        who = "first seen here" if r["document"] in family["first"] else "later"
        who = "may be first" if who == "first seen here" and len(family["first"]) > 1 else who
        rows.append((r["outlet"], r["at"], _until(r["at"], r["clock"]), r["clock"], r["document"], r["words"], r["nearest"], who))
    color = {
        "field": "place", "type": "nominal", "title": None,
        "scale": {"domain": ["first seen here", "may be first", "later"], "range": [_OWN, "#b98300", _USUAL]},
    }  # fmt: skip
    x = {"field": "from", "type": "temporal", "axis": {"tickCount": 4}, "title": "time (UTC); bars: as long as the clock is coarse"}
    y = {"field": "outlet", "type": "nominal", "sort": {"field": "from", "op": "min"}, "title": None}
    spec = {
        "height": {"step": 22},
        "layer": [
            {"mark": {"type": "rule", "size": 6, "opacity": 0.45}, "encoding": {"x": x, "x2": {"field": "to"}, "y": y, "color": color}},
            {"mark": {"type": "point", "filled": True, "size": 55}, "encoding": {"x": x, "y": y, "color": color}},
        ],
    }  # fmt: skip
    first = family["first"]
    start = f"{first[0]} is the first seen here" if len(first) == 1 else f"any of {len(first)} may be the first ({', '.join(first[:5])})"
    alt = f"{family['documents']} documents of {family['outlets']} outlets hold a common passage; {start}."
    return Chart(
        f"How passage {number} spread", alt, spec, ("outlet", "from", "to", "clock", "document", "words", "nearest", "place"), tuple(rows)
    )  # fmt: skip


def _until(at: str, clock: str) -> str:
    start = np.datetime64(at, "s")
    return str(np.datetime_as_string(start + np.timedelta64(_SPAN[clock], "s"), unit="s"))


def _together(details: Mapping[str, Any]) -> Chart:
    """Pairs of outlets that carry passages close in time: how often, beside what chance gives."""
    stands = ("beyond chance", "as chance allows")
    rows = tuple(
        (f"{r['a']} and {r['b']}", r["close"], r["expected"], r["p"], r["q"], stands[0] if r["q"] < 0.05 else stands[1]) for r in details["pairs"][:15]
    )  # fmt: skip
    y: dict[str, Any] = {"field": "outlets", "type": "nominal", "sort": None, "title": None}
    x = {"field": "close", "type": "quantitative", "title": "passages carried close together (tick: by chance)"}
    color = {"field": "verdict", "type": "nominal", "title": None, "scale": {"domain": list(stands), "range": [_OWN, _USUAL]}}
    spec = {
        "height": {"step": 20},
        "layer": [
            {"mark": {"type": "bar"}, "encoding": {"x": x, "y": y, "color": color}},
            {"mark": {"type": "tick", "thickness": 2}, "encoding": {"x": {"field": "expected", "type": "quantitative"}, "y": y}},
        ],
    }  # fmt: skip
    count = sum(r[5] == stands[0] for r in rows)
    alt = f"Within {details['window']:g} s of each other: {count} of the {len(rows)} pairs of outlets shown carry passages together more often than chance allows."
    return Chart("Who carries passages within minutes", alt, spec, ("outlets", "close", "expected", "p", "q", "verdict"), rows)


def _whose(found: list[Mapping[str, Any]]) -> Chart:
    """Outlets whose earlier texts hold the rare words of the text asked about, beside what is usual."""
    stands = ("more than other texts do", "as other texts do")
    rows = tuple(
        (r["outlet"], r["overlap"], r["usual"] or 0.0, r["documents"], r["p"], r["q"], stands[0] if r["q"] < 0.05 else stands[1]) for r in found[:12]
    )  # fmt: skip
    y: dict[str, Any] = {"field": "outlet", "type": "nominal", "sort": None, "title": None}
    x = {"field": "overlap", "type": "quantitative", "title": "rare runs per 1,000 words (tick: median of other texts)"}
    color = {"field": "verdict", "type": "nominal", "title": None, "scale": {"domain": list(stands), "range": [_OWN, _USUAL]}}
    spec = {
        "height": {"step": 20},
        "layer": [
            {"mark": {"type": "bar"}, "encoding": {"x": x, "y": y, "color": color}},
            {"mark": {"type": "tick", "thickness": 2}, "encoding": {"x": {"field": "usual", "type": "quantitative"}, "y": y}},
        ],
    }  # fmt: skip
    count = sum(r[6] == stands[0] for r in rows)
    alt = f"{count} of the {len(rows)} outlets shown hold more of the text's rare words in earlier texts than of other texts' (q < .05). A common subject can do that too."
    return Chart("Whose words the text uses", alt, spec, ("outlet", "overlap", "usual", "documents", "p", "q", "verdict"), rows)


def _widths(details: Mapping[str, Any]) -> Chart:
    edges, wide = list(range(2, 64, 2)), f"{LEAST} words or more"
    rows = tuple(
        (e, e + 2, n, wide if e >= LEAST else "fewer") for e, n in zip(edges, details["scores"], strict=False) if n
    )  # fmt: skip
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "from", "type": "quantitative", "bin": {"binned": True}, "title": "words of the best chain of a pair"},
            "x2": {"field": "to"}, "y": {"field": "pairs", "type": "quantitative", "scale": {"type": "symlog"}, "title": "pairs of documents"},
            "color": {"field": "gate", "type": "nominal", "title": None, "scale": {"domain": ["fewer", wide], "range": [_USUAL, _OWN]}},
        },
    }  # fmt: skip
    alt = f"{details.get('pairs_sharing', 0):,} pairs of documents share something rare; how many words the best chain of each covers (the last bar: 62 or more)."
    return Chart("How much pairs share", alt, spec, ("from", "to", "pairs", "gate"), rows)

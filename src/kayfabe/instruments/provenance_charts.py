"""Charts of provenance: how a passage spread over outlets and time, who had it first, and how wide the shared passages are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kayfabe.instruments.declaration import Chart
from kayfabe.models import Finding

_OWN, _USUAL = "#d55e00", "#7f8c9b"
_SPAN = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def charts(finding: Finding) -> list[Chart]:
    """Every chart that the finding's details allow, the most telling first."""
    details = finding.details
    made = [_cascade(f, i) for i, f in enumerate((details.get("families") or [])[:3], start=1) if any(r["at"] for r in f["rows"])]
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
    x = {"field": "from", "type": "temporal", "title": "time (UTC); a bar is as long as the outlet's clock is coarse"}
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
    import numpy as np

    start = np.datetime64(at, "s")
    return str(np.datetime_as_string(start + np.timedelta64(_SPAN[clock], "s"), unit="s"))


def _widths(details: Mapping[str, Any]) -> Chart:
    edges = list(range(2, 64, 2))
    rows = tuple(
        (e, e + 2, n, "16 words or more" if e >= 16 else "below the gate") for e, n in zip(edges, details["scores"], strict=False) if n
    )  # fmt: skip
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "from", "type": "quantitative", "bin": {"binned": True}, "title": "words of the best chain of a pair"},
            "x2": {"field": "to"}, "y": {"field": "pairs", "type": "quantitative", "scale": {"type": "symlog"}, "title": "pairs of documents"},
            "color": {"field": "gate", "type": "nominal", "title": None, "scale": {"domain": ["below the gate", "16 words or more"], "range": [_USUAL, _OWN]}},
        },
    }  # fmt: skip
    alt = f"{details.get('pairs_sharing', 0):,} pairs of documents share something rare; how many words the best chain of each covers (the last bar: 62 or more)."
    return Chart("How much pairs share", alt, spec, ("from", "to", "pairs", "gate"), rows)

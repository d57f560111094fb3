"""Charts of reversal: the stances of the most telling series over time, and reversals against what errors give."""

from __future__ import annotations

from typing import Any

from kayfabe.instruments.declaration import Chart
from kayfabe.models import Finding

_OWN, _OTHERS = "#d55e00", "#7f8c9b"


def charts(finding: Finding) -> list[Chart]:
    """The stances as coded and the position behind them; reversals seen and expected."""
    details = finding.details
    found = [_timeline(s) for s in details.get("series", [])[:1] if s.get("points")]
    return found + ([_counts(details)] if details.get("opportunities") else [])


def _timeline(series: dict[str, Any]) -> Chart:
    rows = tuple((day, stance, 2 * plus - 1) for day, stance, plus in series["points"])
    spec = {
        "layer": [
            {
                "mark": {"type": "point", "filled": True, "size": 45, "opacity": 0.6, "color": _OTHERS},
                "encoding": {
                    "x": {"field": "day", "type": "temporal", "title": None},
                    "y": {"field": "stance", "type": "quantitative", "scale": {"domain": [-1, 1]}, "title": "stance"},
                },
            },
            {
                "mark": {"type": "line", "interpolate": "step-after", "color": _OWN, "size": 2},
                "encoding": {
                    "x": {"field": "day", "type": "temporal"},
                    "y": {"field": "position behind it", "type": "quantitative"},
                },
            },
        ]
    }
    low, high = series["changes"]
    alt = f"Stances of {series['actor']} on {series['issue']}, {len(rows)} occasions; the true position changed between {low} and {high} times (95 %)."
    return Chart(
        f"{series['actor']} on {series['issue']}: stances as coded (points) and the position behind them (line)",
        alt,
        spec,
        ("day", "stance", "position behind it"),
        rows,
    )


def _counts(details: dict[str, Any]) -> Chart:
    rows = (("seen", float(details["reversals"])), ("expected of coding errors", float(details["expected_reversals"])))
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "what", "type": "nominal", "sort": None, "title": None},
            "x": {
                "field": "reversals",
                "type": "quantitative",
                "title": f"reversals in {details['opportunities']} opportunities",
            },
            "color": {
                "field": "what",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": [r[0] for r in rows], "range": [_OWN, _OTHERS]},
            },
        },
    }
    alt = f"{details['reversals']} reversals in {details['opportunities']} opportunities; coding errors alone give {details['expected_reversals']:.1f}."
    return Chart("Reversals seen and expected", alt, spec, ("what", "reversals"), rows)

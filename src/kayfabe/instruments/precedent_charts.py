"""Charts of precedent: the rise after each pause, the series with its pauses, and what followed the windows most like today's."""

from __future__ import annotations

from typing import Any

from kayfabe.instruments.declaration import Chart
from kayfabe.models import Finding

_OWN, _OTHERS = "#d55e00", "#7f8c9b"


def charts(finding: Finding) -> list[Chart]:
    """Every chart that the finding allows, the most telling first."""
    found = [_rises(finding)] if finding.items else []
    if finding.details.get("course"):
        found.append(_course(finding))
    if finding.details.get("analogies"):
        found.append(_analogies(finding.details["analogies"]))
    return found


def _rises(finding: Finding) -> Chart:
    rows: list[tuple[Any, ...]] = [(i.key["pause"], i.estimate, *(i.interval or (None, None))) for i in finding.items]
    rows.append(("mean", finding.estimate, *(finding.interval or (None, None))))
    name = {"field": "pause", "type": "nominal", "sort": None, "title": None}
    spec = {
        "layer": [
            {
                "mark": {"type": "rule"},
                "encoding": {
                    "x": {"field": "low", "type": "quantitative", "title": f"rise above the forecast ({finding.unit})"},
                    "x2": {"field": "high"},
                    "y": name,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {
                    "x": {"field": "rise", "type": "quantitative"},
                    "y": name,
                    "color": {"condition": {"test": "datum.pause == 'mean'", "value": _OWN}, "value": _OTHERS},
                },
            },
        ]
    }
    alt = f"Rise after each of {len(finding.items)} pauses with its interval; the mean is {finding.estimate:.3g}."
    return Chart("The rise after each pause", alt, spec, ("pause", "rise", "low", "high"), tuple(rows))


def _course(finding: Finding) -> Chart:
    details = finding.details
    rows: list[tuple[Any, ...]] = [
        (str(day), "value", value) for day, value in details["course"] if value is not None and value == value
    ]
    rows += [(i.key["pause"], "pause", None) for i in finding.items]
    day = {"field": "day", "type": "temporal", "title": None}
    spec = {
        "layer": [
            {
                "transform": [{"filter": "datum.what == 'value'"}],
                "mark": {"type": "line", "color": _OTHERS, "strokeWidth": 1},
                "encoding": {
                    "x": day,
                    "y": {
                        "field": "level",
                        "type": "quantitative",
                        "title": details["unit"] or None,
                        "scale": {"zero": False},
                    },
                },
            },
            {
                "transform": [{"filter": "datum.what == 'pause'"}],
                "mark": {"type": "rule", "color": _OWN, "strokeDash": [4, 3]},
                "encoding": {"x": day},
            },
        ]
    }
    alt = f"{details['series']} by {details['step']}, with {len(finding.items)} pauses marked."
    return Chart(f"{details['series']} and the pauses", alt, spec, ("day", "what", "level"), tuple(rows))


def _analogies(found: dict[str, Any]) -> Chart:
    rows = tuple((f"{a['from']} to {a['to']}", a["distance_sd"], a["after_sd"], a["rose"]) for a in found["alike"])
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "what followed", "type": "quantitative", "title": "what followed (sd above the forecast)"},
            "y": {"field": "window", "type": "nominal", "sort": None, "title": None},
            "color": {
                "field": "rose",
                "type": "nominal",
                "title": "rose beyond the margin",
                "scale": {"domain": [True, False], "range": [_OWN, _OTHERS]},
            },
        },
    }
    f, every = found["followed"], found["all_windows"]
    alt = (
        f"What followed the {f['n']} past windows most like {found['present'][0]} to {found['present'][1]}: a rise after {f['rose']} of them, "
        f"after {every['rose']} of all {every['n']} windows."
    )
    return Chart(
        "What followed the windows most like the last one",
        alt,
        spec,
        ("window", "distance", "what followed", "rose"),
        rows,
    )

"""Charts of trend: the series with the change fitted and taken away; several series side by side."""

from __future__ import annotations

from typing import Any

from kayfabe.instruments.declaration import Chart
from kayfabe.models import Finding

_VALUE, _FIT, _WITHOUT = "#7f8c9b", "#d55e00", "#0072b2"


def charts(finding: Finding) -> list[Chart]:
    """Every chart that the finding's details allow."""
    found = [_course(finding.details)] if finding.details.get("course") else []
    several = [s for s in finding.details.get("several", []) if s["change_sd"] is not None]
    return [*found, _several(several)] if len(several) > 1 else found


def _course(details: dict[str, Any]) -> Chart:
    rows: list[tuple[Any, ...]] = [(str(day), "value", value) for day, value, _, _ in details["course"]]
    rows += [(str(day), "fitted", fit) for day, _, fit, _ in details["course"] if fit is not None]
    rows += [(str(day), "fitted, change taken away", away) for day, _, _, away in details["course"] if away is not None]
    at = details.get("at")
    if at is not None:
        rows.append((str(at), "change", None))
    title = f"{details['series']}" + (f" ({details['unit']})" if details.get("unit") else "")
    day = {"field": "day", "type": "temporal", "title": None}
    level = {"field": "level", "type": "quantitative", "title": title, "scale": {"zero": False}}
    spec = {
        "layer": [
            {
                "transform": [{"filter": "datum.what == 'value'"}],
                "mark": {"type": "point", "color": _VALUE, "size": 12, "opacity": 0.7},
                "encoding": {"x": day, "y": level},
            },
            {
                "transform": [{"filter": "datum.what == 'fitted' || datum.what == 'fitted, change taken away'"}],
                "mark": {"type": "line"},
                "encoding": {
                    "x": day,
                    "y": level,
                    "color": {
                        "field": "what",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": ["fitted", "fitted, change taken away"], "range": [_FIT, _WITHOUT]},
                    },
                    "strokeDash": {"field": "what", "type": "nominal", "legend": None},
                },
            },
            {
                "transform": [{"filter": "datum.what == 'change'"}],
                "mark": {"type": "rule", "strokeDash": [4, 3]},
                "encoding": {"x": day},
            },
        ]
    }
    alt = f"{len(details['course'])} values of {details['series']}"
    if at is not None:
        alt += f"; the largest change is at {at}, {details['change_sd']:+.2f} standard deviations ({details['kind']}, {details['shape']})."
    return Chart(
        f"{details['series']}: values, fit, and the fit with the change taken away",
        alt,
        spec,
        ("day", "what", "level"),
        tuple(rows),
    )


def _several(several: list[dict[str, Any]]) -> Chart:
    rows = tuple((s["series"], str(s["at"]), s["change_sd"], *s["interval_sd"]) for s in several)
    name = {"field": "series", "type": "nominal", "sort": None, "title": None}
    spec = {
        "layer": [
            {
                "mark": {"type": "rule"},
                "encoding": {
                    "x": {"field": "low", "type": "quantitative", "title": "largest change (standard deviations)"},
                    "x2": {"field": "high"},
                    "y": name,
                },
            },
            {
                "mark": {"type": "point", "filled": True},
                "encoding": {"x": {"field": "change", "type": "quantitative"}, "y": name},
            },
        ]
    }
    alt = f"The largest change of each of {len(rows)} series with its interval."
    return Chart("The largest change of each series", alt, spec, ("series", "at", "change", "low", "high"), rows)

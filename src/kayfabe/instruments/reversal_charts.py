"""Charts of reversal: the stances of the most telling series over time, and reversals against what errors give."""

from __future__ import annotations

from typing import Any

from kayfabe.instruments.declaration import Chart
from kayfabe.models import Finding

_OWN, _OTHERS = "#d55e00", "#7f8c9b"


def charts(finding: Finding) -> list[Chart]:
    """The stances as coded and the position behind them; each reversal with both statements; reversals seen and expected; words
    against votes."""
    details = finding.details
    found = [_timeline(s) for s in details.get("series", [])[:1] if s.get("points")]
    found += [_reversals(details["turnings"])] if details.get("turnings") else []
    found += [_counts(details)] if details.get("opportunities") else []
    return found + ([_votes(details["words_and_votes"])] if details.get("words_and_votes") else [])


def _reversals(turnings: list[dict[str, Any]]) -> Chart:
    rows = tuple(
        (
            t["at"], t["issue"], t["what"], t["probability"], t["from"]["at"], t["from"]["stance"], t["from"]["text"], t["to"]["stance"],
            t["to"]["text"],
        )
        for t in turnings
    )  # fmt: skip
    spec = {
        "mark": {"type": "tick", "thickness": 3, "size": 18},
        "encoding": {
            "x": {"field": "at", "type": "temporal", "title": None},
            "y": {"field": "issue", "type": "nominal", "sort": None, "title": None},
            "color": {
                "field": "what",
                "type": "nominal",
                "title": None,
                "scale": {"range": [_OWN, "#0072b2", _OTHERS]},
            },
        },
    }
    first = turnings[0]
    alt = (
        f"{len(rows)} places where the stance turns, by date and issue; first in the list: {first['issue']}, from {first['from']['stance']:+g} on "
        f"{first['from']['at']} to {first['to']['stance']:+g} on {first['to']['at']}. The table has both statements of each."
    )
    columns = (
        "at",
        "issue",
        "what",
        "probability",
        "said before on",
        "stance before",
        "words before",
        "stance",
        "words",
    )
    return Chart("Each reversal, with both statements", alt, spec, columns, rows)


def _votes(said: dict[str, Any]) -> Chart:
    rows = tuple(
        (words, vote, said[key])
        for words, vote, key in (
            ("for", "yes", "for_and_yes"),
            ("for", "no", "for_but_no"),
            ("against", "no", "against_and_no"),
            ("against", "yes", "against_but_yes"),
        )
    )
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "last word", "type": "nominal", "sort": None},
            "yOffset": {"field": "vote"},
            "x": {"field": "votes", "type": "quantitative"},
            "color": {
                "field": "vote",
                "type": "nominal",
                "scale": {"domain": ["yes", "no"], "range": ["#0072b2", _OWN]},
            },
        },
    }
    apart = said["for_but_no"] + said["against_but_yes"]
    p = (
        ""
        if said["p_direction"] is None
        else f"; p that it goes as often one way as the other: {said['p_direction']:.2g} (McNemar)"
    )
    alt = f"{apart} of {said['pairs']} votes go against the last word on the issue, {said['for_but_no']} of them a no after speaking for it{p}."
    return Chart("Last word and vote on the same issue", alt, spec, ("last word", "vote", "votes"), rows)


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

"""Charts of accord: the pair among the other pairs, its years, and the periods compared."""

from __future__ import annotations

from typing import Any

from kayfabe.instruments.declaration import Chart, Node, Tie, network_chart
from kayfabe.models import Finding

_OWN, _OTHERS = "#d55e00", "#7f8c9b"


def charts(finding: Finding) -> list[Chart]:
    """Every chart that the finding's details allow, the most telling first."""
    details = finding.details
    found = []
    if details.get("histogram_s"):
        found.append(
            _among(details["histogram_s"], details.get("s"), "missing disagreement (s)", "pairs that talk like them")
        )
    if details.get("histogram") and details.get("A") is not None:
        found.append(_among(details["histogram"], details["A"], "deeds coefficient (A)", details["reference"]["what"]))
    if details.get("scatter"):
        found.append(_scatter(details))
    if len(details.get("by_year", [])) > 1:
        found.append(_years(details["by_year"]))
    if details.get("split"):
        found += _periods(details["split"])
    if details.get("words_by_issue"):
        found += _issues(details["words_by_issue"])
    return found


def _issues(words: dict[str, Any]) -> list[Chart]:
    """Each issue in words and in deeds, and who agrees with whom in words."""
    rows: list[tuple[Any, ...]] = []
    for r in words["rows"]:
        said = f"{r['statements'][0]} and {r['statements'][1]} statements"
        rows.append((r["issue"], "words", r["words"], r["words_apart"], r["words_usual"], said))
        if r["motions"]:
            share = (r["voted_apart"] / r["motions"], r["votes_usual"] / r["motions"])
            rows.append((r["issue"], "deeds", r["deeds"], *share, f"{r['motions']} motions"))
    spec = {
        "mark": {"type": "point", "filled": True, "size": 70},
        "transform": [{"filter": "datum['agreement'] != null"}],
        "encoding": {
            "y": {"field": "issue", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "agreement", "type": "quantitative", "title": "agreement: 1 always, 0 as the usual pair on that issue"},
            "color": {"field": "side", "type": "nominal", "title": None, "scale": {"domain": ["words", "deeds"], "range": [_OWN, "#0072b2"]}},
            "shape": {"field": "side", "type": "nominal", "legend": None},
        },
    }  # fmt: skip
    joined = sum(bool(r["motions"]) for r in words["rows"])
    alt = f"Agreement of the two in words on {len(words['rows'])} issues against the usual pair, W = {words['W']:.2f} over all; on {joined} of them beside their votes."
    columns = ("issue", "side", "agreement", "share apart", "usual", "rests on")
    found: list[Chart] = [Chart("Words and deeds, issue by issue", alt, spec, columns, tuple(rows))]
    network = words.get("network")
    if network:
        nodes = [Node(name, f"camp {camp + 1}", size) for name, camp, size in network["nodes"]]
        ties = [
            Tie(a, b, w, "closer than usual" if w > 0 else "further apart than usual", f"{n} issue{'s' * (n != 1)}")
            for a, b, w, n in network["ties"]
        ]
        split = (
            f"; they split in two camps to {network['polarisation']:.0%}" if network["polarisation"] is not None else ""
        )
        alt = f"Network of the {len(nodes)} who spoke most on these issues, each with its three strongest agreements and quarrels{split}."
        found.append(network_chart("Who speaks alike on these issues", alt, nodes, ties, weight="W"))
    return found


def _among(histogram: dict[str, Any], own: float | None, measure: str, what: str) -> Chart:
    edges, counts = [float(e) for e in histogram["edges"]], [int(c) for c in histogram["counts"]]
    rows: list[tuple[Any, ...]] = [
        (low, high, n, what, None) for low, high, n in zip(edges, edges[1:], counts, strict=False) if n
    ]
    if own is not None:
        rows.append((None, None, None, "these two", own))
    spec = {
        "layer": [
            {
                "transform": [{"filter": "datum.pairs != null"}],
                "mark": {"type": "bar", "color": _OTHERS},
                "encoding": {
                    "x": {"field": "from", "type": "quantitative", "bin": {"binned": True}, "title": measure},
                    "x2": {"field": "to"},
                    "y": {"field": "pairs", "type": "quantitative", "title": "other pairs"},
                },
            },
            {
                "transform": [{"filter": "datum.value != null"}],
                "mark": {"type": "rule", "color": _OWN, "size": 3},
                "encoding": {"x": {"field": "value", "type": "quantitative"}},
            },
        ]
    }
    below = sum(n for high, n in zip(edges[1:], counts, strict=False) if own is not None and high <= own)
    alt = (
        f"Histogram of the {measure} of {sum(counts)} {what}; these two stand at {own:.2f}, above about {below} of them."
        if own is not None
        else measure
    )
    return Chart(
        f"Where these two stand among {what}: {measure}",
        alt,
        spec,
        ("from", "to", "pairs", "who", "value"),
        tuple(rows),
    )


def _years(by_year: list[list[Any]]) -> Chart:
    rows: list[tuple[Any, ...]] = []
    for year, motions, apart, usual in by_year:
        rows += [
            (str(year), "these two", apart / motions, motions),
            (str(year), "usual pair", usual / motions, motions),
        ]
    spec = {
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "title": None},
            "y": {
                "field": "share apart",
                "type": "quantitative",
                "axis": {"format": ".0%"},
                "title": "share of motions voted apart",
            },
            "color": {
                "field": "who",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["these two", "usual pair"], "range": [_OWN, _OTHERS]},
            },
            "strokeDash": {"field": "who", "type": "nominal", "legend": None},
        },
    }
    last = by_year[-1]
    alt = f"Share of common motions voted apart, by year; in {last[0]}, {last[2] / last[1]:.0%} against {last[3] / last[1]:.0%} for the usual pair on the same motions."
    return Chart(
        "Voted apart, by year, against the usual pair on the same motions",
        alt,
        spec,
        ("year", "who", "share apart", "motions"),
        tuple(rows),
    )


def _scatter(details: dict[str, Any]) -> Chart:
    rows: list[tuple[Any, ...]] = [(name, words, deeds, "other dyads") for name, words, deeds in details["scatter"]]
    rows.append(("these two", details["W"], details["D"], "these two"))
    spec = {
        "mark": {"type": "point", "filled": True, "size": 60},
        "encoding": {
            "x": {"field": "words", "type": "quantitative", "title": "mean score of words"},
            "y": {"field": "deeds", "type": "quantitative", "title": "mean score of deeds"},
            "color": {
                "field": "who",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["other dyads", "these two"], "range": [_OTHERS, _OWN]},
            },
            "shape": {"field": "who", "type": "nominal", "legend": None},
        },
    }
    alt = f"Mean score of deeds against words for {len(rows) - 1} other dyads; these two at words {details['W']:.2f}, deeds {details['D']:.2f}, where {details['prediction']:.2f} is expected."
    return Chart(
        "Words and deeds of these two among the other dyads", alt, spec, ("dyad", "words", "deeds", "who"), tuple(rows)
    )


def _periods(split: dict[str, Any]) -> list[Chart]:
    part = split["recurring"]
    if part["change"] is None:
        return []
    rows: list[tuple[Any, ...]] = [("this split", part["titles"], part["change"], *part["interval"])]
    rows += [(p["split"], p["titles"], p["change"], *p["interval"]) for p in split["placebos"][:20]]
    spec = {
        "layer": [
            {
                "mark": {"type": "rule"},
                "encoding": {
                    "x": {"field": "low", "type": "quantitative", "title": "change of agreement on recurring titles"},
                    "x2": {"field": "high"},
                    "y": {"field": "split at", "type": "nominal", "sort": None, "title": None},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {
                    "x": {"field": "change", "type": "quantitative"},
                    "y": {"field": "split at", "type": "nominal", "sort": None},
                    "color": {
                        "condition": {"test": "datum['split at'] == 'this split'", "value": _OWN},
                        "value": _OTHERS,
                    },
                },
            },
        ]
    }
    alt = f"Change of agreement on recurring titles: {part['change']:+.3f} at this split, and the same comparison in {len(split['placebos'])} earlier years as placebos."
    return [
        Chart(
            "This split and the same comparison in earlier years",
            alt,
            spec,
            ("split at", "titles", "change", "low", "high"),
            tuple(rows),
        )
    ]

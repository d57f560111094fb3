"""Charts of coordination: who stands with whom, delays against what chance promises, the best pair's count, and its posts in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np

from kayfabe.instruments.declaration import Chart
from kayfabe.models import Finding
from kayfabe.stats.coshare_analysis import Analysis
from kayfabe.stats.coshare_tests import poisson_binomial

Array = np.ndarray[Any, Any]
_OWN, _USUAL = "#d55e00", "#7f8c9b"
_MOST_DRAWN = 150


def drawing(
    found: Analysis,
    names: Mapping[int, str],
    communities: Sequence[Sequence[str]],
    groups: Sequence[Mapping[str, Any]],
    listed: Array,
) -> dict[str, Any]:
    """What the charts need: `lags`, `best` (law of its count, its shares in time) and `network` (places of accounts, ties)."""
    best = int(listed[0]) if len(listed) else None
    return {
        "lags": _lags(found),
        "best": None if best is None else _best(found, best, names),
        "network": _network(found, names, communities, groups, listed),
    }


def _lags(found: Analysis) -> list[list[float | None]]:
    """[from, to (seconds), meetings, expected or None] of the closest delays, in half windows up to ten windows."""
    window = found.surroundings.window
    edges = np.arange(21) * window / 2
    counts = np.histogram(found.meetings.delay, np.append(edges[:-1], edges[-1] + 0.5))[0]
    inside = float(found.chance.sum()) / 2
    return [
        [edges[i] / 1e6, edges[i + 1] / 1e6, int(n), inside if i < 2 else None] for i, n in enumerate(counts.tolist())
    ]


def _best(found: Analysis, k: int, names: Mapping[int, str]) -> dict[str, Any]:
    pairs = found.pairs
    first, n = pairs.first[k : k + 1], pairs.met[k : k + 1]
    tails = poisson_binomial(found.chance, first, n).values
    rows = np.arange(first[0], first[0] + n[0])[:100]
    start = found.shares.at[found.met_rows(rows)].min(axis=1)
    order = np.argsort(start, kind="stable")
    two = found.shares.at[found.met_rows(rows)][order]
    return {
        "a": names[int(pairs.a[k])], "b": names[int(pairs.b[k])], "close": int(pairs.close[k]),
        "law": (tails - np.append(tails[1:], 0)).tolist()[: int(pairs.close[k]) + 10],
        "delays": [[i + 1, (b - a) / 1e6] for i, (a, b) in enumerate(two.tolist())],
    }  # fmt: skip


def _network(
    found: Analysis,
    names: Mapping[int, str],
    communities: Sequence[Sequence[str]],
    groups: Sequence[Mapping[str, Any]],
    listed: Array,
) -> dict[str, Any]:
    pairs = found.pairs
    ties = [
        (names[int(pairs.a[k])], names[int(pairs.b[k])], float(pairs.q[k]))
        for k in listed
        if min(pairs.q[k], pairs.q_discrete[k]) < 0.05
    ]
    label = {m: f"community {i + 1}" for i, part in enumerate(communities) for m in part}
    label |= {m: f"group {i + 1}" for i, g in enumerate(groups) for m in g["members"]}
    for g in groups:
        ties += [(g["members"][0], m, float(g["q"])) for m in g["members"][1:]]
    graph = nx.Graph()
    graph.add_edges_from(sorted((a, b) for a, b, _ in ties))
    drawn = sorted(graph.degree, key=lambda nd: (-nd[1], nd[0]))[:_MOST_DRAWN]
    graph = graph.subgraph([n for n, _ in drawn])
    ordered = nx.Graph()
    ordered.add_nodes_from(sorted(graph))
    ordered.add_edges_from(sorted(tuple(sorted(e)) for e in graph.edges))
    place = nx.spring_layout(ordered, seed=0, iterations=50) if len(ordered) else {}
    return {
        "nodes": [[n, round(float(x), 4), round(float(y), 4), label.get(n, "pair")] for n, (x, y) in place.items()],
        "ties": [list(e) for e in ordered.edges],
    }


def charts(finding: Finding) -> list[Chart]:
    """Every chart that the finding's details allow, the most telling first."""
    details, made = finding.details, []
    if (details.get("network") or {}).get("nodes"):
        made.append(_drawn(details["network"]))
    if details.get("lags"):
        made.append(_delays(details["lags"], details))
    if details.get("best"):
        made += [_count(details["best"]), _timeline(details["best"], details)]
    return made


def _drawn(network: Mapping[str, Any]) -> Chart:
    at = {n: (x, y) for n, x, y, _ in network["nodes"]}
    rows: list[tuple[Any, ...]] = [(n, x, y, None, None, label) for n, x, y, label in network["nodes"]]
    rows += [(f"{a} - {b}", *at[a], *at[b], None) for a, b in network["ties"]]
    hidden = {"axis": None, "scale": {"zero": False}}
    spec = {
        "layer": [
            {
                "transform": [{"filter": "datum.x2 != null"}], "mark": {"type": "rule", "color": _USUAL, "opacity": 0.6},
                "encoding": {
                    "x": {"field": "x", "type": "quantitative", **hidden}, "y": {"field": "y", "type": "quantitative", **hidden},
                    "x2": {"field": "x2"}, "y2": {"field": "y2"},
                },
            },
            {
                "transform": [{"filter": "datum.x2 == null"}], "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {
                    "x": {"field": "x", "type": "quantitative", **hidden}, "y": {"field": "y", "type": "quantitative", **hidden},
                    "color": {"field": "set", "type": "nominal", "title": None}, "tooltip": {"field": "account", "type": "nominal"},
                },
            },
        ]
    }  # fmt: skip
    alt = f"{len(network['nodes'])} accounts joined by {len(network['ties'])} ties that stand (groups are drawn as stars)."
    return Chart("Accounts that move together", alt, spec, ("account", "x", "y", "x2", "y2", "set"), tuple(rows))


def _delays(lags: Sequence[Sequence[Any]], details: Mapping[str, Any]) -> Chart:
    spec = {
        "layer": [
            {
                "mark": {"type": "bar", "color": _USUAL},
                "encoding": {
                    "x": {"field": "from", "type": "quantitative", "bin": {"binned": True}, "title": "closest delay on a common object (s)"},
                    "x2": {"field": "to"}, "y": {"field": "meetings", "type": "quantitative", "title": "meetings"},
                },
            },
            {
                "transform": [{"filter": "datum.expected != null"}], "mark": {"type": "rule", "color": _OWN, "size": 3},
                "encoding": {
                    "x": {"field": "from", "type": "quantitative"}, "x2": {"field": "to"}, "y": {"field": "expected", "type": "quantitative"}
                },
            },
        ]
    }  # fmt: skip
    alt = f"{details.get('observed', 0)} co-shares within the window; the line is what chance promises there ({details.get('expected', 0):.1f} in all)."
    return Chart(
        "Delays, and what chance promises within the window",
        alt,
        spec,
        ("from", "to", "meetings", "expected"),
        tuple(map(tuple, lags)),
    )


def _count(best: Mapping[str, Any]) -> Chart:
    rows = tuple((i, p, "observed" if i == best["close"] else "chance") for i, p in enumerate(best["law"]))
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "co-shares", "type": "ordinal", "title": "co-shares within the window"},
            "y": {"field": "probability", "type": "quantitative", "title": "probability by chance"},
            "color": {"field": "which", "type": "nominal", "title": None, "scale": {"domain": ["chance", "observed"], "range": [_USUAL, _OWN]}},
        },
    }  # fmt: skip
    alt = f"{best['a']} and {best['b']}: {best['close']} co-shares, and how likely each number is by chance."
    return Chart(
        f"{best['a']} and {best['b']} among what chance allows", alt, spec, ("co-shares", "probability", "which"), rows
    )


def _timeline(best: Mapping[str, Any], details: Mapping[str, Any]) -> Chart:
    window = details["window"]
    rows = tuple((i, d, "within" if abs(d) <= window else "outside") for i, d in best["delays"])
    spec = {
        "mark": {"type": "point", "filled": True},
        "encoding": {
            "x": {"field": "object", "type": "ordinal", "title": "common objects in order of time"},
            "y": {"field": "delay", "type": "quantitative", "title": f"{best['b']} after {best['a']} (s)"},
            "color": {"field": "window", "type": "nominal", "title": None, "scale": {"domain": ["outside", "within"], "range": [_USUAL, _OWN]}},
        },
    }  # fmt: skip
    alt = (
        f"How long after {best['a']} {best['b']} shared each of {len(rows)} objects on which they came near each other."
    )
    return Chart("Their shares side by side", alt, spec, ("object", "delay", "window"), rows)

"""Charts of coordination: who stands with whom, delays against what chance promises, the best pair's count, and its posts in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kayfabe.instruments.declaration import Chart, Node, Tie, network_chart
from kayfabe.models import Finding

if TYPE_CHECKING:
    from kayfabe.stats.coshare_analysis import Analysis

Array = np.ndarray[Any, Any]
_OWN, _USUAL = "#d55e00", "#7f8c9b"
_ACCOUNTS = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d3b", "#5d5d9e"]
_MOST_DRAWN, _MOST_TIES, _MOST_OBJECTS, _MOST_PAIRS = 150, 400, 40, 20


def drawing(found: Analysis, names: Mapping[int, str], titles: Mapping[int, str], listed: Array) -> dict[str, Any]:
    """What the charts need besides items: `lags`, `best` (the best pair: law of its count, its posts in time), `together` (the best group:
    its posts in time). `titles` names objects by code."""
    return {
        "lags": _lags(found),
        "best": _best(found, int(listed[0]), names, titles) if len(listed) else None,
        "together": _together(found, names, titles) if found.groups else None,
    }


def _shares_together(found: Analysis) -> tuple[Array, Array]:
    """(rows of Shares, their objects): what members of the best group shared within the window of another member."""
    among = found.met.among(found.groups[0].members)
    rows = np.unique(found.met_rows(among[found.met.close[among]]))
    return rows, found.shares.obj[rows]


def _together(found: Analysis, names: Mapping[int, str], titles: Mapping[int, str]) -> dict[str, Any]:
    """Objects with most members, in order of time: for each [start, object, account, seconds from the first]."""
    rows, obj = _shares_together(found)
    account, at = found.shares.account[rows], found.shares.at[rows]
    start = {int(o): int(at[obj == o].min()) for o in np.unique(obj)}
    members = {o: len(np.unique(account[obj == o])) for o in start}
    chosen = sorted(sorted(start, key=lambda o: (-members[o], start[o]))[:_MOST_OBJECTS], key=lambda o: start[o])
    when = {o: f"{np.datetime_as_string(np.datetime64(start[o], 'us'), unit='s')}Z" for o in chosen}
    return {
        "members": sorted(names[int(m)] for m in found.groups[0].members),
        "posts": [
            [when[o], titles.get(o, ""), names[int(account[k])], (int(at[k]) - start[o]) / 1e6]
            for o in chosen
            for k in np.flatnonzero(obj == o)
        ],
    }


def _lags(found: Analysis) -> list[list[float]]:
    """[from, to (seconds), meetings, expected] of the closest delays, in half windows up to ten windows, the later edge included."""
    from kayfabe.stats.coshare_chance import delays

    seen, reached = delays(found.meetings, found.chance, found.surroundings)
    edges = np.arange(len(reached)) / 2 * found.surroundings.window / 1e6
    return [
        [low, high, n, due]
        for low, high, n, due in zip(edges[:-1].tolist(), edges[1:].tolist(), seen.tolist(), np.diff(reached).tolist(), strict=True)
    ]  # fmt: skip


def _best(found: Analysis, k: int, names: Mapping[int, str], titles: Mapping[int, str]) -> dict[str, Any]:
    from kayfabe.stats.coshare_tests import poisson_binomial

    pairs = found.pairs
    first, n = pairs.first[k : k + 1], pairs.met[k : k + 1]
    tails = poisson_binomial(found.chance, first, n).values
    times = found.shares.at[found.met_rows(np.arange(first[0], first[0] + n[0]))]
    close = found.met.close[first[0] : first[0] + n[0]]
    order = np.lexsort((times.min(axis=1), ~close))[:_MOST_OBJECTS]
    order = order[np.argsort(times[order].min(axis=1), kind="stable")]
    start = np.datetime_as_string(times[order].min(axis=1).astype("datetime64[us]"), unit="s")
    objects = found.met.obj[first[0] : first[0] + n[0]][order]
    return {
        "a": names[int(pairs.a[k])], "b": names[int(pairs.b[k])], "close": int(pairs.close[k]),
        "law": (tails - np.append(tails[1:], 0)).tolist()[: int(pairs.close[k]) + 10],
        "posts": [
            [f"{when}Z", titles.get(int(o), ""), *((two - two.min()) / 1e6).tolist()]
            for when, o, two in zip(start.tolist(), objects.tolist(), times[order], strict=True)
        ],
    }  # fmt: skip


def charts(finding: Finding) -> list[Chart]:
    """Every chart that the finding's details allow, the most telling first."""
    details = finding.details
    made = [*_network(details), *_pairs(details)]
    if details.get("together"):
        made.append(_group_timeline(details["together"], details))
    if details.get("best"):
        made += [_timeline(details["best"], details), _count(details["best"])]
    if details.get("lags"):
        made.append(_delays(details["lags"], details))
    return made


def _network(details: Mapping[str, Any]) -> list[Chart]:
    """Pairs that stand on the discrete list, and groups as stars around their first member."""
    ties = [
        Tie(p["a"], p["b"], float(p["close"]), "pair" if p["q"] < 0.05 else "pair (discrete list only)", "; ".join(p["labels"]))
        for p in details.get("pairs", []) if min(p["q"], p["q_discrete"]) < 0.05
    ]  # fmt: skip
    joined = {frozenset((t.source, t.target)) for t in ties}
    for number, group in enumerate(details.get("groups", []), 1):
        head, *others = group["members"]
        ties += [Tie(head, m, 1.0, "group", f"group {number}") for m in others if frozenset((head, m)) not in joined]
    ties = sorted(ties, key=lambda t: -t.weight)[:_MOST_TIES]
    if not ties:
        return []
    group_of = {m: f"community {i}" for i, part in enumerate(details.get("communities", []), 1) for m in part}
    for i, group in enumerate(details.get("groups", []), 1):
        group_of |= dict.fromkeys(group["members"], f"group {i}{_looks_like(details, set(group['members']))}")
    degree: dict[str, int] = {}
    for tie in ties:
        for name in (tie.source, tie.target):
            degree[name] = degree.get(name, 0) + 1
    drawn = sorted(degree, key=lambda n: (-degree[n], n))[:_MOST_DRAWN]
    nodes = [Node(name, group_of.get(name, "pair"), float(degree[name])) for name in sorted(drawn)]
    alt = (
        f"Network of {len(nodes)} accounts that move together: {len(ties)} ties that stand; groups are drawn as stars."
    )
    return [network_chart("Accounts that move together", alt, nodes, ties, weight="co-shares")]


def _looks_like(details: Mapping[str, Any], members: set[str]) -> str:
    """What at least half of the pairs listed inside a group look like, for its name."""
    inside = [p["labels"] for p in details.get("pairs", []) if {p["a"], p["b"]} <= members]
    seen = sorted({label for labels in inside for label in labels})
    often = [label for label in seen if 2 * sum(label in labels for labels in inside) >= len(inside)]
    return f" ({'; '.join(often)})" if often else ""


def _pairs(details: Mapping[str, Any]) -> list[Chart]:
    """The best pairs: co-shares seen and expected; their table has p under both nulls and the labels."""
    pairs = details.get("pairs", [])[:_MOST_PAIRS]
    columns = (
        "pair",
        "co-shares",
        "expected",
        "p",
        "q",
        "q (discrete)",
        "p, accounts exchanged",
        "median |delay| (s)",
        "looks like",
        "accounts",
    )
    rows = tuple(
        (
            f"{number}. {_short(p['a'])} - {_short(p['b'])}", p["close"], p["expected"], p["p"], p["q"], p["q_discrete"], p["p_object"], p["median_delay"],
            "; ".join(p["labels"]), f"{p['a']} - {p['b']}",
        )
        for number, p in enumerate(pairs, 1)
    )  # fmt: skip
    if not rows:
        return []
    line = {"field": "pair", "type": "ordinal", "sort": None, "title": None}
    spec = {
        "layer": [
            {
                "mark": {"type": "bar", "color": _OWN, "height": 6},
                "encoding": {"x": {"field": "co-shares", "type": "quantitative", "title": "co-shares within the window; tick: by chance"}, "y": line},
            },
            {"mark": {"type": "tick", "thickness": 3}, "encoding": {"x": {"field": "expected", "type": "quantitative"}, "y": line}},
        ]
    }  # fmt: skip
    alt = f"The {len(rows)} best pairs: co-shares seen (bars) and promised by chance (ticks); the table has both nulls and what each pair looks like."
    return [Chart("The best pairs", alt, spec, columns, rows)]


def _short(name: str) -> str:
    return name if len(name) <= 14 else f"{name[:13]}…"


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
                "mark": {"type": "line", "interpolate": "step-after", "color": _OWN, "strokeWidth": 3},
                "encoding": {"x": {"field": "from", "type": "quantitative"}, "y": {"field": "expected", "type": "quantitative"}},
            },
        ]
    }  # fmt: skip
    alt = (
        f"Delays of all pairs tested. Within the window of {details['window']:g} s: {details.get('observed', 0)} co-shares, "
        f"where chance (the line) promises {details.get('expected', 0):.1f}."
    )
    rows = tuple(map(tuple, lags))
    return Chart("Delays, and what chance promises", alt, spec, ("from", "to", "meetings", "expected"), rows)


def _count(best: Mapping[str, Any]) -> Chart:
    rows = tuple((i, p, "observed" if i == best["close"] else "chance") for i, p in enumerate(best["law"]))
    top = max((p for _, p, _ in rows), default=1.0)
    spec = {
        "layer": [
            {
                "mark": {"type": "bar"},
                "encoding": {
                    "x": {"field": "co-shares", "type": "ordinal", "title": "co-shares within the window", "axis": {"labelAngle": 0}},
                    "y": {"field": "probability", "type": "quantitative", "title": "probability by chance"},
                    "color": {"value": _USUAL},
                },
            },
            {
                "transform": [{"filter": "datum.which == 'observed'"}, {"calculate": f"{top!r}", "as": "top"}],
                "mark": {"type": "rule", "color": _OWN, "size": 3},
                "encoding": {"x": {"field": "co-shares", "type": "ordinal"}, "y": {"field": "top", "type": "quantitative"}},
            },
        ]
    }  # fmt: skip
    alt = f"How likely each number of co-shares of {best['a']} and {best['b']} is by chance; the line marks the {best['close']} observed."
    title = f"{best['a']} and {best['b']}: what was seen, among what chance allows"
    return Chart(title, alt, spec, ("co-shares", "probability", "which"), rows)


def _timeline(best: Mapping[str, Any], details: Mapping[str, Any]) -> Chart:
    """One line per common object, in order of time; on it the two posts, the first at 0."""
    rows = tuple(
        (f"{number}. {when[:16].replace('T', ' ')}", what, account, seconds)
        for number, (when, what, *both) in enumerate(best["posts"], 1)
        for account, seconds in zip((best["a"], best["b"]), both, strict=True)
    )
    alt = f"{len(rows) // 2} common objects in order of time; on each line the posts of {best['a']} and {best['b']}, the earlier one at 0."
    return _side_by_side("Their posts side by side", alt, rows, "the two", float(details["window"]))


def _group_timeline(together: Mapping[str, Any], details: Mapping[str, Any]) -> Chart:
    """One line per object on which members of the best group came together; on it their posts, the first at 0."""
    numbers = {start: k for k, start in enumerate(dict.fromkeys((p[0], p[1]) for p in together["posts"]), 1)}
    rows = tuple(
        (f"{numbers[when, what]}. {when[:16].replace('T', ' ')}", what, account, seconds)
        for when, what, account, seconds in together["posts"]
    )
    alt = f"{len(numbers)} objects that members of group 1 shared together, in order of time; on each line their posts, the earliest at 0."
    return _side_by_side("Posts of group 1 side by side", alt, rows, "them", float(details["window"]))


def _side_by_side(
    title: str, alt: str, rows: tuple[tuple[str, str, str, float], ...], whom: str, window: float
) -> Chart:
    most = max([window, *(seconds for *_, seconds in rows)])
    line = {"field": "object", "type": "ordinal", "sort": None, "title": None}
    accounts = {account for _, _, account, _ in rows}
    few = len(accounts) <= len(_ACCOUNTS)
    columns = max(1, 40 // (max(map(len, accounts)) + 2))
    names = {"field": "account", "type": "nominal", "title": None, "scale": {"range": _ACCOUNTS}, "legend": {"columns": columns}}
    spec = {
        "layer": [
            {
                "mark": {"type": "line", "color": _USUAL, "opacity": 0.7},
                "encoding": {"x": {"field": "seconds", "type": "quantitative"}, "y": line, "detail": {"field": "object"}},
            },
            {"mark": {"type": "rule", "color": _USUAL, "strokeDash": [4, 3]}, "encoding": {"x": {"datum": window}}},
            {
                "mark": {"type": "point", "filled": True, "size": 45},
                "encoding": {
                    "x": {
                        "field": "seconds", "type": "quantitative", "title": f"seconds after the first of {whom} (dashed: window)",
                        "scale": {"type": "symlog", "constant": max(1.0, window / 10), "domainMin": 0, "domainMax": most},
                        "axis": {"values": [0, *(v for v in (window / 6, window, 10 * window, 100 * window) if v <= most)]},
                    },
                    "y": line,
                    "color": names if few else {"value": _OWN},
                },
            },
        ]
    }  # fmt: skip
    return Chart(title, alt, spec, ("object", "what", "account", "seconds"), rows)

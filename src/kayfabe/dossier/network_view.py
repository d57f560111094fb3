"""A network as a drawing of its own: no script, no WebGL, every node reachable by keyboard and named for a screen reader.

Groups differ by colour and by shape, kinds of ties by colour and by dash, so that nothing rests on colour alone.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from kayfabe.dossier.network_layout import Array, layout
from kayfabe.dossier.wording import number, plural
from kayfabe.errors import one_line
from kayfabe.instruments.declaration import NetworkChart, Node, Tie

WIDTH, HEIGHT, EDGE = 560, 400, 34
MOST_NODES, MOST_TIES, MOST_LABEL = 60, 400, 26
MOST_NAMED = 30
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b98300", "#56a0d3")
OTHER = "#7f8c9b"
OTHER_GROUPS = "other groups"
SHAPES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "disc": (),
    "square": ((-0.89, -0.89), (0.89, -0.89), (0.89, 0.89), (-0.89, 0.89)),
    "triangle": ((0, -1.25), (1.15, 0.8), (-1.15, 0.8)),
    "diamond": ((0, -1.3), (1.1, 0), (0, 1.3), (-1.1, 0)),
    "wedge": ((0, 1.25), (1.15, -0.8), (-1.15, -0.8)),
    "hexagon": ((1.08, 0), (0.54, 0.94), (-0.54, 0.94), (-1.08, 0), (-0.54, -0.94), (0.54, -0.94)),
    "bar": ((-1.25, -0.55), (1.25, -0.55), (1.25, 0.55), (-1.25, 0.55)),
}
LINES: tuple[tuple[str, str], ...] = (
    ("currentColor", ""),
    (PALETTE[1], "7 4"),
    (PALETTE[0], "2 3"),
    (PALETTE[2], "10 3 2 3"),
)
Label = Callable[[str], str]


@dataclass(frozen=True)
class Entry:
    """A line of the legend: a drawn sample, its name, and whom it holds."""

    sample: Markup
    name: str
    members: str


@dataclass(frozen=True)
class NetworkView:
    """The drawing and what stands beside it; `left_out` names what was not drawn (the table has it)."""

    svg: Markup
    groups: tuple[Entry, ...]
    kinds: tuple[Entry, ...]
    left_out: str


def network_view(chart: NetworkChart, label: Label = str) -> NetworkView:
    """`chart` drawn: the nodes of the largest ties' strength, at most 60, and their heaviest ties, at most 400."""
    nodes, ties = _shown(chart)
    names = [one_line(label(n.name) or n.name, 200) for n in nodes]
    group_of, groups = _groups(nodes)
    kinds = list(dict.fromkeys(t.kind for t in chart.ties))
    at = {n.name: k for k, n in enumerate(nodes)}
    source, target = (np.array([at[getattr(t, end)] for t in ties], dtype=int) for end in ("source", "target"))
    weight = np.array([abs(t.weight) for t in ties], dtype=float)
    place = layout(group_of, source, target, weight, WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE) + EDGE
    radius = _radii([n.size for n in nodes])
    root = ET.Element(
        "svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "group", "aria-label": one_line(chart.title, 300)}
    )
    lines = ET.SubElement(root, "g", {"aria-hidden": "true", "fill": "none"})
    top = float(weight.max()) if len(weight) and weight.max() > 0 else 1.0
    for tie, i, j, w in reversed(list(zip(ties, source.tolist(), target.tolist(), weight.tolist(), strict=True))):
        if i != j:
            _line(lines, tie, (i, j), place, radius, w / top, kinds.index(tie.kind), chart.directed, names)
    dots = ET.SubElement(root, "g", {"role": "list", "aria-label": "Nodes"})
    spoken = _spoken(nodes, ties, names, chart.directed)
    for k, node in enumerate(nodes):
        said = f"{names[k]}{', group ' + node.group if node.group else ''}: {spoken[k]}"
        dot = ET.SubElement(
            dots, "g", {"role": "listitem", "tabindex": "0", "data-node": str(k), "aria-label": one_line(said, 600)}
        )
        ET.SubElement(dot, "title").text = one_line(said, 600)
        dot.append(_shape(int(group_of[k]), place[k], float(radius[k])))
    texts = ET.SubElement(root, "g", {"aria-hidden": "true", "fill": "currentColor", "font-size": "11"})
    for k, (x, y, anchor) in enumerate(_labels(place, radius, names)):
        text = ET.SubElement(
            texts, "text", {"x": _n(x), "y": _n(y), "text-anchor": anchor, "data-of": str(k), "class": "halo"}
        )
        text.text = _cut(names[k])
    return NetworkView(
        Markup(ET.tostring(root, encoding="unicode", short_empty_elements=True)),
        _group_entries(chart, groups, label),
        tuple(Entry(_line_sample(k), name, "") for k, name in enumerate(kinds) if name) if len(kinds) > 1 or any(kinds) else (),
        _left_out(len(chart.nodes) - len(nodes), len(chart.ties) - len(ties)),
    )  # fmt: skip


def _shown(chart: NetworkChart) -> tuple[list[Node], list[Tie]]:
    strength: dict[str, float] = {n.name: 0.0 for n in chart.nodes}
    for tie in chart.ties:
        strength[tie.source] += abs(tie.weight)
        strength[tie.target] += abs(tie.weight)
    ranked = sorted(chart.nodes, key=lambda n: (-strength[n.name], -n.size, n.name))[:MOST_NODES]
    kept = {n.name for n in ranked}
    nodes = sorted(ranked, key=lambda n: (n.group, -strength[n.name], n.name))
    return nodes, [t for t in chart.ties if t.source in kept and t.target in kept][:MOST_TIES]


def _groups(nodes: Sequence[Node]) -> tuple[Array, list[str]]:
    """(n,) place of each node's group, and the groups: the largest six, the rest as one."""
    count: dict[str, int] = {}
    for node in nodes:
        count[node.group] = count.get(node.group, 0) + 1
    order = sorted(count, key=lambda g: (-count[g], g))
    own = order[: len(PALETTE)]
    groups = own if len(own) == len(order) else [*own, OTHER_GROUPS]
    at = {g: k for k, g in enumerate(own)}
    return np.array([at.get(n.group, len(own)) for n in nodes], dtype=int), groups


def _radii(sizes: Sequence[float]) -> Array:
    """Area grows with size; between 5 and 12."""
    size = np.maximum(np.array(sizes, dtype=float), 0.0)
    top = float(size.max()) if len(size) else 0.0
    return np.asarray(np.where(top > 0, np.maximum(5.0, 12.0 * np.sqrt(size / (top or 1.0))), 7.0))


def _line(
    parent: ET.Element, tie: Tie, ends: tuple[int, int], place: Array, radius: Array, share: float, kind: int, directed: bool,
    names: Sequence[str],
) -> None:  # fmt: skip
    i, j = ends
    step = place[j] - place[i]
    length = max(float(np.hypot(*step)), 1e-6)
    unit = step / length
    breadth = 0.8 + 3.7 * share
    side = np.array([-unit[1], unit[0]]) * (3.0 if directed else 0.0)
    head = 5.0 + breadth if directed else 0.0
    a, b = place[i] + unit * radius[i] + side, place[j] - unit * (radius[j] + head) + side
    colour, dash = LINES[kind % len(LINES)]
    attributes = {
        "d": f"M{_n(a[0])} {_n(a[1])}L{_n(b[0])} {_n(b[1])}", "stroke": colour, "stroke-width": _n(breadth),
        "stroke-opacity": "0.45" if colour == "currentColor" else "0.8",
    }  # fmt: skip
    group = ET.SubElement(parent, "g", {"data-ends": f"{i} {j}"})
    ET.SubElement(group, "title").text = one_line(
        f"{names[i]} {'→' if directed else '–'} {names[j]}: {_said(tie)}", 300
    )
    ET.SubElement(group, "path", attributes | ({"stroke-dasharray": dash} if dash else {}))
    if directed:
        tip, across = b + unit * head, np.array([-unit[1], unit[0]]) * (2.5 + breadth / 2)
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in (tip, b + across, b - across))
        ET.SubElement(group, "polygon", {"points": points, "fill": colour, "fill-opacity": "0.8", "stroke": "none"})


def _said(tie: Tie) -> str:
    return ", ".join(p for p in (tie.kind, number(tie.weight), tie.note) if p)


def _spoken(nodes: Sequence[Node], ties: Sequence[Tie], names: Sequence[str], directed: bool) -> list[str]:
    """What is said of each node: its ties, the heaviest eight by name."""
    at = {n.name: k for k, n in enumerate(nodes)}
    said: list[list[str]] = [[] for _ in nodes]
    for tie in ties:
        i, j = at[tie.source], at[tie.target]
        said[i].append(f"{'to ' if directed else ''}{names[j]} ({_said(tie)})")
        if i != j:
            said[j].append(f"{'from ' if directed else ''}{names[i]} ({_said(tie)})")
    return [
        plural(len(s), "tie") + (": " + "; ".join(s[:8]) if s else "") + (f"; {len(s) - 8} more" if len(s) > 8 else "")
        for s in said
    ]


def _shape(group: int, at: Array, radius: float) -> ET.Element:
    """The mark of a node: colour and shape by group."""
    other = group >= len(PALETTE)
    colour = OTHER if other else PALETTE[group]
    look = {"fill": colour, "stroke": "currentColor", "stroke-width": "0.8"}
    corners = SHAPES[list(SHAPES)[group % len(SHAPES)]]
    if not corners:
        return ET.Element("circle", {"cx": _n(at[0]), "cy": _n(at[1]), "r": _n(radius), **look})
    points = " ".join(f"{_n(at[0] + radius * x)},{_n(at[1] + radius * y)}" for x, y in corners)
    return ET.Element("polygon", {"points": points, **look})


def _labels(place: Array, radius: Array, names: Sequence[str]) -> list[tuple[float, float, str]]:
    """Where each name stands: the side of its node that covers least of other nodes and names, largest nodes first."""
    boxes = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(place, radius, strict=True)]
    found: list[tuple[float, float, str]] = [(0.0, 0.0, "start")] * len(names)
    for k in sorted(range(len(names)), key=lambda k: (-radius[k], k)):
        (x, y), r, wide = place[k], float(radius[k]) + 3, 6.1 * len(_cut(names[k])) + 2
        choices = [(x + r, y + 4, "start"), (x - r, y + 4, "end"), (x, y - r - 2, "middle"), (x, y + r + 9, "middle")]
        choices += [(x + r * 0.7, y - r * 0.7, "start"), (x + r * 0.7, y + r * 0.7 + 8, "start")]
        choices += [(x - r * 0.7, y - r * 0.7, "end"), (x - r * 0.7, y + r * 0.7 + 8, "end")]
        best, cost, box = choices[0], np.inf, boxes[k]
        for c in choices:
            left = c[0] - {"start": 0.0, "end": wide, "middle": wide / 2}[c[2]]
            own = (left, c[1] - 9, left + wide, c[1] + 3)
            outside = max(0.0, -own[0]) + max(0.0, own[2] - WIDTH) + max(0.0, -own[1]) + max(0.0, own[3] - HEIGHT)
            covered = sum(_overlap(own, b) for i, b in enumerate(boxes) if i != k) + 40 * outside
            if covered < cost - 1e-9:
                best, cost, box = c, covered, own
        boxes.append(box)
        found[k] = best
    return found


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _group_entries(chart: NetworkChart, groups: Sequence[str], label: Label) -> tuple[Entry, ...]:
    if not any(n.group for n in chart.nodes):
        return ()
    found = []
    for k, group in enumerate(groups):
        mine = [n for n in chart.nodes if n.group == group or (group == OTHER_GROUPS and n.group not in groups)]
        names = [one_line(label(n.name) or n.name, 80) for n in mine[:MOST_NAMED]]
        more = f" and {len(mine) - MOST_NAMED} more" if len(mine) > MOST_NAMED else ""
        sample = ET.Element("svg", {"viewBox": "0 0 18 18", "aria-hidden": "true", "class": "sample"})
        sample.append(_shape(k, np.array([9.0, 9.0]), 6.0))
        found.append(
            Entry(Markup(ET.tostring(sample, encoding="unicode")), group or "no group", ", ".join(names) + more)
        )
    return tuple(found)


def _line_sample(kind: int) -> Markup:
    colour, dash = LINES[kind % len(LINES)]
    sample = ET.Element("svg", {"viewBox": "0 0 36 18", "aria-hidden": "true", "class": "sample wide"})
    look = {"x1": "1", "x2": "35", "y1": "9", "y2": "9", "stroke": colour, "stroke-width": "3"}
    ET.SubElement(sample, "line", look | ({"stroke-dasharray": dash} if dash else {}))
    return Markup(ET.tostring(sample, encoding="unicode"))


def _left_out(nodes: int, ties: int) -> str:
    parts = [plural(n, what) for n, what in ((nodes, "node"), (ties, "tie")) if n > 0]
    return f"Not drawn, but in findings.json and, for ties, in the table: {' and '.join(parts)}." if parts else ""


def _cut(name: str) -> str:
    return name if len(name) <= MOST_LABEL else name[: MOST_LABEL - 1].rstrip() + "…"


def _n(value: float) -> str:
    return f"{float(value):.1f}".rstrip("0").rstrip(".")

"""A network in the dossier: drawn without script, readable without sight, the same each time."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from dossier_sample import case, instruments
from page_reader import Page

from kayfabe.dossier import build
from kayfabe.dossier.charts import chart_view
from kayfabe.dossier.network_layout import layout
from kayfabe.dossier.network_view import HEIGHT, MOST_NODES, PALETTE, WIDTH, network_view
from kayfabe.evidence import Evidence
from kayfabe.instruments.declaration import Node, Tie, network_chart

NODES = [Node("a", "one", 4), Node("b", "one"), Node("c", "two"), Node("d", "two"), Node("e", "three")]
TIES = [Tie("a", "b", 0.9, "agree"), Tie("c", "d", 0.7, "agree", "3 statements"), Tie("a", "c", 0.4, "conflict")]
CHART = network_chart("Who is with whom", "Five actors in three groups.", NODES, TIES)


def nodes(svg: str) -> dict[str, ET.Element]:
    found = ET.fromstring(svg).findall(".//g[@role='listitem']")
    return {e.attrib["aria-label"].partition(":")[0].partition(",")[0]: e for e in found}


def test_every_node_can_be_reached_and_says_its_ties():
    found = nodes(network_view(CHART, str.upper).svg)
    assert set(found) == {"A", "B", "C", "D", "E"}
    assert all(e.attrib["tabindex"] == "0" for e in found.values())
    assert found["A"].attrib["aria-label"] == "A, group one: 2 ties: B (agree, 0.9); C (conflict, 0.4)"
    assert found["C"].findtext("title") == "C, group two: 2 ties: D (agree, 0.7, 3 statements); A (conflict, 0.4)"
    assert found["E"].attrib["aria-label"] == "E, group three: 0 ties"


def test_groups_and_kinds_differ_by_more_than_colour():
    svg = network_view(CHART).svg
    marks = {
        name: e.find("circle") if e.find("circle") is not None else e.find("polygon") for name, e in nodes(svg).items()
    }
    looks = {name: (m.attrib["fill"], m.tag, len(m.attrib.get("points", "").split())) for name, m in marks.items()}
    assert looks["a"] == looks["b"]
    assert looks["c"] == looks["d"]
    assert len({(tag, corners) for _, tag, corners in looks.values()}) == 3
    assert len({fill for fill, _, _ in looks.values()}) == 3
    lines = ET.fromstring(svg).findall(".//g[@data-ends]/path")
    assert sorted("stroke-dasharray" in e.attrib for e in lines) == [False, False, True]


def test_the_legend_names_groups_members_and_kinds():
    view = network_view(CHART, str.upper)
    assert [(e.name, e.members) for e in view.groups] == [("one", "A, B"), ("two", "C, D"), ("three", "E")]
    assert [e.name for e in view.kinds] == ["agree", "conflict"]
    assert view.left_out == ""


def test_the_table_lists_ties_heaviest_first_under_labels():
    view = chart_view(CHART, "c", str.upper)
    assert view.columns == ("from", "to", "group of from", "group of to", "weight", "kind", "note")
    assert [row[:2] for row in view.rows] == [("A", "B"), ("C", "D"), ("A", "C")]
    assert view.numeric[4]
    plain = network_chart("T", "alt", [Node("a"), Node("b")], [Tie("a", "b", 2.0), Tie("a", "gone")], weight="shares")
    assert chart_view(plain, "c").columns == ("from", "to", "shares")
    assert len(chart_view(plain, "c").rows) == 1


def test_directed_ties_have_heads_at_the_target():
    svg = network_view(network_chart("T", "alt", [Node("a"), Node("b")], [Tie("a", "b")], directed=True)).svg
    root = ET.fromstring(svg)
    tip = np.array([float(v) for v in root.find(".//g[@data-ends]/polygon").attrib["points"].split()[0].split(",")])
    at = {n: np.array([float(e.find("circle").attrib[k]) for k in ("cx", "cy")]) for n, e in nodes(svg).items()}
    assert np.hypot(*(tip - at["b"])) < np.hypot(*(tip - at["a"])) / 4
    assert "a → b" in root.findtext(".//g[@data-ends]/title")
    assert nodes(svg)["b"].attrib["aria-label"] == "b: 1 tie: from a (1)"


def test_a_large_network_is_cut_and_says_so():
    many = [Node(f"n{k:03d}", f"g{k % 9}") for k in range(90)]
    ties = [Tie("n000", n.name, 1 + k) for k, n in enumerate(many[1:])]
    view = network_view(network_chart("T", "alt", many, ties))
    assert len(nodes(view.svg)) == MOST_NODES
    assert "n000" in nodes(view.svg)
    assert view.left_out.startswith("Not drawn, but in findings.json and, for ties, in the table: 30 nodes and 30 ties")
    assert len(view.groups) == len(PALETTE) + 1
    assert view.groups[-1].name == "other groups"


@pytest.mark.parametrize("number", [0, 1, 2, 60])
def test_nodes_stay_in_the_frame_and_apart(number):
    rng = np.random.default_rng(number)
    ends = rng.integers(0, max(number, 1), (2, 3 * number))
    place = layout(np.arange(number) % 3, *ends, rng.random(3 * number), WIDTH, HEIGHT)
    assert place.shape == (number, 2)
    assert ((place >= 0) & (place <= [WIDTH, HEIGHT])).all()
    apart = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) + 1e6 * np.eye(number)
    assert apart.size == 0 or apart.min() > 20


def test_a_group_that_is_tied_stands_together():
    groups = np.repeat([0, 1], 6)
    ends = np.array([(i, j) for i in range(12) for j in range(i) if groups[i] == groups[j]]).T
    place = layout(groups, *ends, np.ones(ends.shape[1]), WIDTH, HEIGHT)
    apart = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    same = groups[:, None] == groups[None]
    assert apart[same].mean() < apart[~same].mean() / 2


def test_the_page_shows_it_and_escapes_hostile_names(store: Evidence):
    evil = '"><script>alert(1)</script>'
    chart = network_chart(evil, evil, [Node(evil, evil), Node("b", evil)], [Tie(evil, "b", 1, evil, evil)])
    made = {name: replace(i, charts=lambda finding: [chart]) for name, i in instruments().items()}
    html = build(case(store), made, store, lambda actor: actor)
    assert html == build(case(store), made, store, lambda actor: actor)
    page = Page(html)
    figure = page.all("figure", class_="network")[0]
    own = [e for e in page.elements if figure in e.parents]
    assert any(e.tag == "table" for e in own)
    assert any(e.tag == "ul" and e.attrs.get("class") == "legend" for e in own)
    assert sum(e.attrs.get("role") == "listitem" for e in own) == 2
    assert "<script>alert" not in html
    assert not [e for e in own for a in e.attrs if a.startswith("on") or a == "style"]

"""Charts, the gauge, links and numbers, each against values worked out by hand."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from dossier_sample import instruments

from kayfabe.dossier.charts import chart_view, full_spec, inert, json_for_html
from kayfabe.dossier.gauge import gauge
from kayfabe.dossier.sources import RowReader, un_link, web_link
from kayfabe.dossier.wording import number, probability
from kayfabe.evidence import Evidence
from kayfabe.instruments import Chart
from kayfabe.models import Finding, Verdict

BARS = Chart(
    "Bars",
    "Two bars.",
    {
        "mark": {"type": "bar", "clip": True},
        "encoding": {"x": {"field": "a"}, "y": {"field": "n", "type": "quantitative"}},
    },
    ("a", "n"),
    (("x", 1), ("y", 2.5)),
)


def test_a_chart_is_drawn_with_names_of_its_own() -> None:
    one, two = chart_view(BARS, "chart-1-1"), chart_view(BARS, "chart-2-1")
    assert 'id="chart-1-1-clip' in one.svg
    assert "url(#chart-1-1-clip" in one.svg
    assert two.svg == one.svg.replace("chart-1-1", "chart-2-1")


def test_a_chart_keeps_its_values_as_tooltips_and_table() -> None:
    view = chart_view(BARS, "c")
    assert "<title>a: y; n: 2.5</title>" in view.svg
    assert view.rows == (("x", "1"), ("y", "2.5"))
    assert view.numeric == (False, True)


def test_a_chart_is_readable_on_light_and_dark() -> None:
    svg = chart_view(BARS, "c").svg
    fills = {e.get("fill") for e in ET.fromstring(svg).iter() if e.tag == "text"}
    assert fills == {"currentColor"}
    assert "#000" not in svg
    assert "background" not in svg


def test_a_chart_that_cannot_be_drawn_is_a_table() -> None:
    view = chart_view(Chart("T", "alt", {"mark": 7}, ("a",), ((1,),)), "c")
    assert view.svg == ""
    assert view.failure
    assert view.rows == (("1",),)


def test_a_specification_loads_nothing() -> None:
    layers = [
        {"mark": "point", "data": {"url": "https://x.example/d.csv"}},
        {"mark": {"type": "image", "url": "https://x.example/i.png"}},
    ]
    spec = full_spec(Chart("T", "alt", {"layer": layers, "usermeta": {"href": "x"}}, ("a",), ((1,),)))
    spec.pop("$schema")
    assert "http" not in json.dumps(spec)


def test_a_drawing_loses_what_could_act() -> None:
    hostile = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="x()" width="5">'
        '<script>x()</script><style>*{}</style><foreignObject><p>x</p></foreignObject><image xlink:href="https://x.example/i"/>'
        '<a xlink:href="javascript:x()"><rect fill="url(https://x.example/#g)" style="x" width="3" onclick="x()"/></a>'
        '<use href="https://x.example/#a"/></svg>'
    )
    assert inert(hostile, "c") == '<svg aria-hidden="true" focusable="false"><g><rect width="3" /></g></svg>'


def test_json_cannot_end_its_script() -> None:
    value = {"a": "</script><!--\u2028&"}
    text = json_for_html(value)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == value


def _finding(**more: object) -> Finding:
    return Finding.model_validate({"instrument": "accord", "question": "?", "verdict": Verdict.SUPPORTED, **more})


def test_the_gauge_lays_values_on_a_round_axis() -> None:
    found = gauge(_finding(estimate=0.5, interval=(0.25, 1.0), margin=0.0, excludable=0.75), instruments()["accord"])
    assert found is not None
    # The axis runs from 0 to 1 over 5 % to 95 % of the width.
    assert [t.text for t in found.ticks] == ["0", "0.25", "0.5", "0.75", "1"]
    assert (found.estimate, found.low, found.high) == (50.0, 27.5, 95.0)
    assert (found.margin and found.margin.at, found.excludable and found.excludable.at) == (5.0, 72.5)
    assert found.zone == (5.0, 100.0)


def test_the_gauge_turns_where_the_claim_asserts_less() -> None:
    found = gauge(_finding(estimate=0.5, interval=(0, 1), margin=0.0), instruments()["universal"])
    assert found is not None
    assert found.zone == (0.0, 5.0)


@pytest.mark.parametrize(
    "more", [{"estimate": 3.0}, {"estimate": 0.0, "interval": (None, 1.0)}, {"estimate": -1e9, "margin": 1e-9}]
)
def test_the_gauge_draws_odd_numbers(more: dict[str, object]) -> None:
    assert gauge(_finding(**more), None) is not None


def test_no_estimate_no_gauge() -> None:
    assert gauge(_finding(), None) is None
    assert gauge(_finding(estimate=float("nan")), None) is None


@pytest.mark.parametrize(
    ("symbol", "link"),
    [
        ("A/RES/68/262", "https://docs.un.org/en/A/RES/68/262"),
        ("S/RES/2166(2014)", "https://docs.un.org/en/S/RES/2166(2014)"),
        ("A/RES/421(V)[C]", "https://docs.un.org/en/A/RES/421(V)"),
        ("A/RES/ES-11/1", "https://docs.un.org/en/A/RES/ES-11/1"),
        ("m17", ""),
        ("A/RES/<script>1", ""),
        ("A note on 3 things", ""),
        (None, ""),
    ],
)
def test_un_symbols(symbol: str | None, link: str) -> None:
    assert un_link(symbol) == link


def test_web_addresses() -> None:
    assert web_link(" https://x.example/a?b=1#c ") == "https://x.example/a?b=1#c"


def test_row_ids_find_their_table(store: Evidence) -> None:
    instrument = instruments()["accord"]  # needs votes first, then events
    finding = _finding(evidence=["A/RES/67/10:NOR", "events:e3", "e4", "votes:A/RES/67/10:SUD", "nowhere"])
    reader = RowReader(store, str)
    reader.fetch([(finding, instrument)])
    rows = reader.rows(finding, instrument)
    assert {t.name: [r[-1].text for r in t.rows] for t in rows.tables} == {
        "votes": ["votes:A/RES/67/10:NOR", "votes:A/RES/67/10:SUD"],
        "events": ["events:e3", "events:e4"],
    }
    assert (rows.shown, rows.lost, rows.total) == (4, 1, 5)


def test_a_finding_may_name_its_table(store: Evidence) -> None:
    finding = _finding(evidence=["d1"], details={"table": "documents"})
    reader = RowReader(store, str)
    reader.fetch([(finding, instruments()["accord"])])
    assert reader.rows(finding, instruments()["accord"]).tables[0].name == "documents"


def test_pseudonymised_rows_show_labels_only() -> None:
    posts = {
        "post": ["p1"],
        "at": ["2024-01-01"],
        "account": ["realname"],
        "object": ["o"],
        "text": ["by realname"],
        "url": ["https://x.example/realname"],
    }
    finding = _finding(evidence=["posts:p1:o"])
    reader = RowReader(Evidence.from_tables({"posts": posts}), lambda a: "account 1", pseudonymise=True)
    reader.fetch([(finding, None)])
    assert "realname" not in str(reader.rows(finding, None).tables)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.26271, "0.263"),
        (1234567, "1,234,567"),
        (-0.5, "−0.5"),
        (2.0, "2"),
        (0.00001, "1.0e−05"),
        (None, "unknown"),
        (12345.6, "12,346"),
        (float("nan"), "unknown"),
    ],
)
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("p", "text"), [(0.0312, "= .031"), (0.0001, "< .001"), (0.9999, "> .999"), (None, "unknown")])
def test_probabilities(p: float | None, text: str) -> None:
    assert probability(p) == text

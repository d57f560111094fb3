"""Whatever a text, a row or a chart says, it stays text."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from dossier_sample import case, instruments
from dossier_text import ARTICLE
from page_reader import Page

from kayfabe.dossier import build
from kayfabe.evidence import Evidence
from kayfabe.instruments import Chart
from kayfabe.models import Attribution, Case, Finding, Item, Kind, KindProbability, Mention, Question, Verdict

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    '"><img src=x onerror=alert(3)>',
    "' onmouseover='alert(4)",
    "</style><svg onload=alert(5)>",
    "<!--",
    "]]><a href='javascript:alert(6)'>x</a>",
    "javascript:alert(7)",
    "{{ 7 * 7 }}{% raw %}",
    "</title></textarea><iframe srcdoc='x'>",
)
ALLOWED = frozenset(
    {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "svg",
        "symbol",
        "circle",
        "path",
        "rect",
        "line",
        "text",
        "g",
        "defs",
        "clippath",
        "use",
        "a",
        "header",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "span",
        "dl",
        "dt",
        "dd",
        "div",
        "code",
        "section",
        "ul",
        "ol",
        "li",
        "nav",
        "main",
        "article",
        "blockquote",
        "strong",
        "figure",
        "figcaption",
        "details",
        "summary",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "pre",
        "fieldset",
        "legend",
        "label",
        "input",
        "b",
        "kbd",
        "script",
        "button",
        "footer",
        "wbr",
    }
)


def _hostile_case(payload: str, store: Evidence) -> tuple[Case, dict[str, object]]:
    body = f"{payload} and more. Second {payload} sentence."
    base = case(store, ((("alignment", body), ("value", payload)), *ARTICLE[:2]))
    claim = base.claims[0].model_copy(
        update={
            "kinds": [KindProbability(kind=Kind.ALIGNMENT, probability=0.5)],
            "actors": [
                Mention(mention=payload, start=0, end=3, actor=payload),
                Mention(mention=payload, start=0, end=3),
            ],
            "attribution": Attribution(source=payload, cue=payload),
            "question": Question(instrument="accord", text=payload, missing=[payload]),
        }
    )
    finding = Finding(
        instrument="accord",
        question=payload,
        verdict=Verdict.INCONCLUSIVE,
        estimate=0.5,
        interval=(0.1, 0.9),
        margin=0.2,
        unit=payload,
        null=payload,
        reason=f"{payload} kayfabe evidence add STORE FILE --as {payload}",
        caveats=[payload],
        items=[Item(key={payload: payload, "actor": payload}, estimate=1.0, evidence=[payload])],
        evidence=["hostile", f"events:{payload}"],
        evidence_total=9,
        details={payload: payload, "hostile": payload},
        sql=[payload, f"select 1 -- {payload}"],
        versions={payload: payload},
    )
    text = base.text.model_copy(update={"title": payload, "source": payload})
    hostile = base.model_copy(
        update={
            "text": text,
            "claims": [claim, *base.claims[1:]],
            "findings": {claim.id: finding},
            "ledger": [{payload: payload, "claim": payload, "more": {payload: [payload]}}],
            "evidence": {"path": payload, "tables": {payload: 3}},
            "settings": {payload: payload},
            "versions": {"kayfabe": payload},
        }
    )
    return hostile, {}


def _charts(payload: str) -> object:
    def charts(finding: Finding) -> list[Chart]:
        spec = {
            "mark": {"type": "bar", "tooltip": True, "href": payload},
            "encoding": {
                "x": {"field": payload.replace(".", "") or "x", "type": "nominal", "title": payload},
                "y": {"field": "y", "type": "quantitative"},
                "color": {"field": "c", "type": "nominal"},
                "href": {"field": "c"},
                "url": {"field": "c"},
            },
        }
        return [Chart(payload, payload, spec, ("c", "y"), ((payload, 1), (payload + "2", 2)))]

    return charts


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_stays_text(payload: str, store: Evidence) -> None:
    rows = {
        "event": ["hostile"],
        "at": ["2024-01-01"],
        "source": [payload],
        "target": [payload],
        "code": [payload],
        "channel": ["word"],
        "score": [1.0],
        "issue": [payload],
        "url": [payload],
        "note": [payload],
    }
    dangerous = Evidence.from_tables({"events": rows})
    dangerous.credit = [payload]
    made = instruments()
    made["accord"] = replace(made["accord"], charts=_charts(payload), unit=payload, question=payload)
    hostile, _ = _hostile_case(payload, store)
    html = build(hostile, made, dangerous, lambda actor: f"{actor} {payload}")
    clean = Page(
        build(hostile.model_copy(update={"text": hostile.text.model_copy(update={"title": "t"})}), made, dangerous, str)
    )
    page = Page(html)
    assert page.one("h1").text == payload
    assert {e.tag for e in page.elements} <= ALLOWED
    assert [e.attrs.get("type") for e in page.all("script")] == [e.attrs.get("type") for e in clean.all("script")]
    for e in page.elements:
        assert not [a for a in e.attrs if a.startswith("on") or a in ("src", "srcdoc", "style")], e
        for name in ("href", "xlink:href"):
            if name in e.attrs:
                assert re.match(r"#|https?://", e.attrs[name]), e.attrs[name]
    specs = [e for e in page.all("script") if e.attrs.get("type") == "application/json"]
    assert json.loads(specs[0].text)["data"]["values"][0]["c"] == payload
    assert "<" not in specs[0].text
    assert "49" not in page.one("h1").text


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "http:",
        "https://a b.example",
        "vbscript:x",
        "ftp://x.example",
        'https://x.example/"onclick="',
        "java\nscript:alert(1)",
        "http://[::1",
        "file:///etc/passwd",
    ],
)
def test_only_web_addresses_become_links(address: str) -> None:
    from kayfabe.dossier.sources import web_link

    assert web_link(address) == ""

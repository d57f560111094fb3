"""The section that says how a text speaks: chart, places, definitions, and nothing of a verdict."""

from __future__ import annotations

import json
import re

import pytest
from dossier_sample import case, instruments, label
from dossier_text import ARTICLE
from page_reader import Page
from test_hostile import ALLOWED, PAYLOADS

from kayfabe.dossier import build
from kayfabe.dossier.article import paragraphs, text_of
from kayfabe.dossier.speech import in_place, places_of
from kayfabe.evidence import Evidence
from kayfabe.models import Case, Device
from kayfabe.read import rhetoric
from kayfabe.read.rhetoric import DEVICES, word_count

SPEECH = (
    (("value", "The minister’s shameful climbdown will not be forgotten."), ("value", "They are not vermin.")),
    (("value", "There is no third way."), ("fact", "He spoke of “treacherous bankers” on Friday.")),
    (("value", "Only a treacherous clique of traitors can save the vile regime."),),
)


def _spoken(store: Evidence, article: tuple[tuple[tuple[str, str], ...], ...] = SPEECH) -> Case:
    base = case(store, article)
    return base.model_copy(update={"rhetoric": rhetoric(base.text)})


def test_chart_table_and_places_agree_with_the_case(store: Evidence) -> None:
    spoken = _spoken(store)
    page = Page(build(spoken, instruments(), store, label))
    figure = page.one("figure", id="chart-speech")
    spec = json.loads(next(e for e in page.all("script", class_="spec") if figure in e.parents).text)
    counts = {(r["device"], r["how"]): (r["count"], r["per thousand words"]) for r in spec["data"]["values"]}
    words = word_count(spoken.text.text)
    for name, meaning in DEVICES.items():
        own = [d for d in spoken.rhetoric if d.name == name]
        aside = sum(d.quoted or d.negated for d in own)
        assert counts[meaning.title, "said"][0] == len(own) - aside
        assert counts[meaning.title, "quoted or negated"][0] == aside
        assert counts[meaning.title, "said"][1] == pytest.approx(1000 * (len(own) - aside) / words, abs=0.01)
        part = page.one("div", id=f"speech-{name}")
        assert meaning.definition in part.text
        assert meaning.reference in part.text
        links = [e for e in page.all("a") if part in e.parents]
        assert [e.text for e in links] == [d.words for d in own]
    assert counts["loaded language", "quoted or negated"][0] == 1
    assert counts["dehumanising terms", "quoted or negated"][0] == 1
    assert [e for e in page.elements if figure in e.parents and e.tag == "svg"]
    assert [e for e in page.elements if figure in e.parents and e.tag == "table"]
    assert page.html.count("<h2 id=\"speech-head\">") == 1


def test_every_link_leads_to_its_words_in_the_article(store: Evidence) -> None:
    spoken = _spoken(store)
    page = Page(build(spoken, instruments(), store, label))
    section = page.one("section", id="speech")
    links = [e for e in page.all("a") if section in e.parents and e.attrs["href"].startswith("#words-")]
    assert len(links) == len(spoken.rhetoric)
    for link in links:
        place = page.one("span", id=link.attrs["href"][1:])
        assert place.inside(id="the-text")
        assert link.text in place.text
    ids = [e.attrs["id"] for e in page.elements if "id" in e.attrs]
    assert len(ids) == len(set(ids))


def test_it_says_that_it_is_no_evidence_and_no_card_changes(store: Evidence) -> None:
    spoken = _spoken(store)
    page = Page(build(spoken, instruments(), store, label))
    bare = Page(build(spoken.model_copy(update={"rhetoric": []}), instruments(), store, label))
    text = " ".join(page.one("section", id="speech").text.split())
    assert "never evidence for or against a claim" in text
    assert not re.search(r"supported|contradicted|propagand(?!a in news)|manipulat", text)
    cards = [[" ".join(c.text.split()) for c in p.all("article", class_="card")] for p in (page, bare)]
    assert cards[0] == cards[1]
    assert page.one(id="the-text").text == bare.one(id="the-text").text
    assert "None of the six was found" in bare.one("section", id="speech").text
    assert not bare.all("figure", id="chart-speech")


def test_places_keep_every_character_whatever_the_spans(store: Evidence) -> None:
    base = case(store, ARTICLE)
    text = base.text.text
    spans = [(0, 5), (3, 40), (40, 41), (60, 60 + 900), (len(text) - 4, len(text))]
    devices = [Device(name="us-and-them", start=a, end=b, words=text[a:b]) for a, b in spans]
    places = places_of(devices)
    assert [(p.start, p.end) for p in places] == [(0, 40), (40, 41), (60, 960), (len(text) - 4, len(text))]
    found = in_place(paragraphs(text, base.claims), places)
    page = Page("<div>" + "".join(p.before + "".join(r.text for r in p.runs) for p in found) + "</div>")
    assert page.one("div").text == text
    assert [e.attrs["id"] for e in page.all("span") if "id" in e.attrs] == [f"words-{p.number}" for p in places]
    assert text_of(in_place(paragraphs(text, base.claims), [])) == text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_words_stay_text(payload: str, store: Evidence) -> None:
    article = ((("value", f"The shameful {payload} traitors and <b>vile</b> {payload}."), ("value", "No.")),)
    base = case(store, article)
    whole = Device(name="loaded-language", start=2, end=len(base.text.text) - 1, words=base.text.text[2:-1])
    spoken = base.model_copy(update={"rhetoric": [whole, *rhetoric(base.text)]})
    page = Page(build(spoken, instruments(), store, label))
    assert {e.tag for e in page.elements} <= ALLOWED
    assert page.one(id="the-text").text.replace("\n", "") == base.text.text
    assert not [a for e in page.elements for a in e.attrs if a.startswith("on") or a in ("src", "srcdoc", "style")]


def test_same_case_same_bytes(store: Evidence) -> None:
    spoken = _spoken(store)
    assert build(spoken, instruments(), store, label) == build(spoken, instruments(), store, label)

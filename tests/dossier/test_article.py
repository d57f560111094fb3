"""The text is kept to the character, and every claim is marked once."""

from __future__ import annotations

from dossier_sample import case, text_and_claims
from dossier_text import ARTICLE
from hypothesis import given
from hypothesis import strategies as st
from page_reader import Page

from kayfabe.dossier import build
from kayfabe.dossier.article import paragraphs, text_of
from kayfabe.evidence import Evidence
from kayfabe.models import Case, Claim, Kind, Text

TEXTS = st.text(alphabet="aб <&>\"'\n\n\t.", max_size=120)
SPANS = st.lists(st.tuples(st.integers(-3, 130), st.integers(-3, 130)), max_size=8)


def _claims(text: str, spans: list[tuple[int, int]]) -> list[Claim]:
    return [
        Claim(id=f"c{i}", start=a, end=b, text=text[max(a, 0) : b], kind=Kind.VALUE) for i, (a, b) in enumerate(spans)
    ]


def _of(text: str, spans: list[tuple[int, int]]) -> list[Case]:
    body = Text(text=text, language="en", source="x.txt", sha256="0" * 64)
    return [Case(text=body, claims=_claims(text, spans))]


@given(TEXTS, SPANS)
def test_text_is_kept_whatever_the_spans(text: str, spans: list[tuple[int, int]]) -> None:
    assert text_of(paragraphs(text, _claims(text, spans))) == text


@given(TEXTS, SPANS)
def test_every_claim_opens_or_is_hidden_exactly_once(text: str, spans: list[tuple[int, int]]) -> None:
    runs = [r for p in paragraphs(text, _claims(text, spans)) for r in p.runs]
    marked = [r.claim for r in runs if r.opens] + [i for r in runs for i in r.hidden]
    assert sorted(marked) == list(range(len(spans)))
    assert sorted(r.claim for r in runs if r.closes) == sorted(r.claim for r in runs if r.opens)


def test_page_without_tags_is_the_text(page: Page, store: Evidence) -> None:
    assert page.one("div", id="the-text").text == case(store).text.text


def test_tags_in_the_text_are_text() -> None:
    text = 'One <b>bold</b> & "two".\n\n</div><script>alert(1)</script> three.'
    found = Page(build(_of(text, [(0, 24), (30, 40)])[0], {}, None, str))
    assert found.one("div", id="the-text").text == text


def test_marks_cover_exactly_their_claims(page: Page) -> None:
    _, claims = text_and_claims(ARTICLE)
    for number, claim in enumerate(claims, start=1):
        mark = page.one(id=f"text-{number}")
        assert mark.text == claim.text
        assert mark.tag == ("span" if claim.kind is Kind.NONE else "a")


def test_shorter_claim_owns_the_overlap() -> None:
    text = "They say that A obeys B today."
    runs = paragraphs(text, _claims(text, [(0, 30), (14, 23)]))[0].runs
    assert [(r.text, r.claim, r.opens, r.closes) for r in runs] == [
        ("They say that ", 0, True, False),
        ("A obeys B", 1, True, True),
        (" today.", 0, False, True),
    ]


def test_claims_with_the_same_span_are_both_linked() -> None:
    found = Page(build(_of("A obeys B.", [(0, 10), (0, 10)])[0], {}, None, str))
    assert {e.attrs["href"] for e in found.all("a", class_="mark")} == {"#claim-1", "#claim-2"}
    assert found.one("div", id="the-text").text == "A obeys B."


def test_paragraphs_of_plain_prose_and_of_wrapped_mail() -> None:
    prose = "First sentence.\nSecond one.\n\nThird."
    assert ["".join(r.text for r in p.runs) for p in paragraphs(prose, [])] == [
        "First sentence.",
        "Second one.",
        "Third.",
    ]
    mail = "First sentence goes\non and on\nto its end.\n\nThird."
    assert len(paragraphs(mail, [])) == 2


def test_a_claim_across_two_paragraphs_is_one_target() -> None:
    found = Page(build(_of("A obeys.\n\nB too.", [(0, 16)])[0], {}, None, str))
    assert [e.text for e in found.all("a", class_="mark")] == ["A obeys.", "B too."]
    assert len(found.all(id="text-1")) == 1

"""Where two kinds are nearly as likely nothing is tested: the three likeliest are shown and the analyst chooses."""

import pytest

from kayfabe.actors import load_actors
from kayfabe.evidence import Evidence
from kayfabe.instruments import instruments
from kayfabe.models import Attribution, Claim, Kind, KindProbability, Mention, Text
from kayfabe.questions import LEAST_MARGIN, build

TEXT = Text(text="France and Germany vote alike.", language="en", source="x", sha256="")


def asked(*chances, kind=Kind.ALIGNMENT):
    kinds = [
        KindProbability(kind=k, probability=p)
        for k, p in zip((Kind.ALIGNMENT, Kind.COORDINATION, Kind.FACT), chances, strict=True)
    ]
    actors = [
        Mention(mention="France", start=0, end=6, actor="FRA"),
        Mention(mention="Germany", start=11, end=18, actor="DEU"),
    ]
    claim = Claim(id="c1", start=0, end=31, text=TEXT.text, kind=kind, kinds=kinds, actors=actors)
    return build([claim], TEXT, instruments(), Evidence.from_tables({}), load_actors())[0].question


def test_a_clear_kind_is_asked():
    assert asked(0.6, 0.6 - LEAST_MARGIN - 0.01, 0.01).missing == []


def test_an_unclear_kind_is_for_the_analyst():
    missing = asked(0.4, 0.35, 0.2).missing
    assert len(missing) == 1
    assert "alignment 0.40, coordination 0.35, fact 0.20" in missing[0]


@pytest.mark.parametrize(
    "text",
    [
        "France and Germany are in full agreement.",
        "France and Germany move as one.",
        "France and Germany have always stood together.",
        "France and Germany are sworn enemies.",
        "France and Germany have moved closer since the spring.",
        "Франция и Германия во всём согласны.",
        "Франция и Германия разошлись.",
    ],
)
def test_more_than_usual_is_not_tested_in_place_of_something_else(text):
    kinds = [KindProbability(kind=Kind.ALIGNMENT, probability=0.9), KindProbability(kind=Kind.FACT, probability=0.05)]
    actors = [
        Mention(mention=text[:6], start=0, end=6, actor="FRA"),
        Mention(mention="G", start=9, end=10, actor="DEU"),
    ]
    claim = Claim(id="c1", start=0, end=len(text), text=text, kind=Kind.ALIGNMENT, kinds=kinds, actors=actors)
    question = build([claim], TEXT, instruments(), Evidence.from_tables({}), load_actors())[0].question
    assert any(m.startswith("direction: ") for m in question.missing)


def voting_rule(source, *names):
    mentions = [Mention(mention=n, start=i, end=i + 1, actor=a) for i, (n, a) in enumerate(names)]
    claim = Claim(
        id="c1", start=0, end=9, text="Israel always votes with the United States.", kind=Kind.UNIVERSAL, actors=mentions,
        attribution=Attribution(source=source, cue="according to"), quantifier="always",
    )  # fmt: skip
    return build([claim], TEXT, instruments(), Evidence.from_tables({}), load_actors())[0].question


def test_who_only_reports_is_no_party():
    asked = voting_rule("Moscow", ("Moscow", "RUS"), ("Israel", "ISR"), ("the United States", "USA"))
    assert (asked.options["actor"], asked.options["toward"], asked.missing) == ("ISR", "USA", [])


def test_a_source_that_may_be_a_party_is_asked_about():
    asked = voting_rule("Israel", ("Israel", "ISR"), ("the United States", "USA"))
    assert any("'Israel' may be only the source" in m for m in asked.missing)


def test_a_source_that_speaks_of_itself_is_a_party():
    asked = voting_rule("Israel", ("Israel", "ISR"), ("it", "ISR"), ("the United States", "USA"))
    assert (asked.options["actor"], asked.options["toward"], asked.missing) == ("ISR", "USA", [])


def test_a_kind_that_the_analyst_set_is_taken():
    assert asked(0.4, 0.35, 0.2, kind=Kind.STAGED_DISAGREEMENT).missing == []


@pytest.mark.parametrize("chances", [(0.5, 0.34, 0.1), (0.9, 0.05, 0.01)])
def test_margins_above_the_least_are_kept(chances):
    assert asked(*chances).missing == []

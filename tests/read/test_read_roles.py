"""Who is said to act on whom: written by hand in roles.csv, in both languages and word orders; swapped names swap the roles."""

import csv
from pathlib import Path

import pytest

from kayfabe.actors import load_actors
from kayfabe.evidence import Evidence
from kayfabe.instruments import instruments
from kayfabe.models import Claim, Kind, KindProbability, Text
from kayfabe.questions import build
from kayfabe.read import parsing
from kayfabe.read.folding import fold
from kayfabe.read.mentions import find_mentions
from kayfabe.read.roles import with_roles
from kayfabe.read.sentences import sentences

pytestmark = pytest.mark.skipif(bool(parsing.lacking("en") or parsing.lacking("ru")), reason="no parsers")
ROWS = list(csv.DictReader((Path(__file__).parent / "roles.csv").open(encoding="utf-8")))


def roles(language, text, kind="influence"):
    found = find_mentions(text, fold(text), sentences(text, language), language, we=None, enemy=None, on=None)
    return {m.mention: m.role for m in with_roles(found, text, 0, language, Kind(kind))}


def right(row):
    found = roles(row["language"], row["text"], row["kind"])
    return found.get(row["acts"]) == "acts" and found.get(row["undergoes"]) == "undergoes"


def test_the_rows_that_the_rules_were_made_on():
    assert [r["text"] for r in ROWS if r["batch"] == "tuning" and not right(r)] == []


def test_the_rows_written_afterwards():
    """38 of 46 were right at first sight; the others were then looked at."""
    assert sum(right(r) for r in ROWS if r["batch"] == "second") >= 44


@pytest.mark.parametrize(
    ("language", "frame"),
    [
        ("en", "{} leads {} by the nose."),
        ("en", "{} obeys {}."),
        ("en", "{} is steered by {}."),
        ("en", "When {} coughs, {} catches cold."),
        ("en", "Never does {} vote against {}."),
        ("ru", "{} слушается {}."),
    ],
)
def test_swapped_names_swap_the_roles(language, frame):
    a, b = ("Ankara", "Jakarta") if language == "en" else ("Осло", "Дели")
    one, two = roles(language, frame.format(a, b)), roles(language, frame.format(b, a))
    assert {one[a], one[b]} == {"acts", "undergoes"}
    assert (one[a], one[b]) == (two[b], two[a])


@pytest.mark.parametrize(
    ("language", "text", "leader"),
    [
        ("en", "Turkey leads Greece by the nose.", "TUR"),
        ("en", "Greece is led by the nose by Turkey.", "TUR"),
        ("en", "Greece obeys Turkey.", "TUR"),
        ("ru", "Турция водит за нос Грецию.", "TUR"),
        ("ru", "Грецию водит за нос Турция.", "TUR"),
        ("ru", "Греция слушается Турцию.", "TUR"),
        ("ru", "Турции подчиняется Греция.", "TUR"),
        ("en", "Turkey and Greece move the markets.", None),
    ],
)
def test_the_leader_of_the_question_is_who_moves(language, text, leader):
    found = find_mentions(text, fold(text), sentences(text, language), language, we=None, enemy=None, on=None)
    claim = Claim(
        id="c1", start=0, end=len(text), text=text, kind=Kind.INFLUENCE, actors=with_roles(found, text, 0, language, Kind.INFLUENCE),
        kinds=[KindProbability(kind=Kind.INFLUENCE, probability=0.9), KindProbability(kind=Kind.FACT, probability=0.05)],
    )  # fmt: skip
    whole = Text(text=text, language=language, source="x", sha256="")
    question = build([claim], whole, instruments(), Evidence.from_tables({}), load_actors())[0].question
    assert question.options.get("leader") == leader
    assert any(m.startswith("--leader: ") for m in question.missing) is (leader is None)

"""Kinds on own sentences: all 17 kinds, both languages. The numbers in docs/reading.md are checked here.

`plain` sentences name their allegation, `oblique` ones were written to avoid the usual words. The `held-out` sentences
were written after the lexicon and never used to change it; a fall below the stated accuracy fails, and so does a rise
without the page being corrected.
"""

import csv
import math
import re
from pathlib import Path

import pytest

from kayfabe.models import INSTRUMENT_OF, Kind, Text
from kayfabe.read import read_claims
from kayfabe.read.kinds import TEMPERATURE, Scores

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reading.md"


@pytest.fixture(autouse=True)
def rules_alone(monkeypatch):
    """These tests are about the rules; test_read_trained.py has those of the trained model."""
    monkeypatch.setattr("kayfabe.read.claims.kinds_model", lambda: None)
    monkeypatch.setattr("kayfabe.read.claims.judge", lambda: None)


def rows(language, **wanted):
    with (HERE / f"kinds_{language}.csv").open(encoding="utf-8") as file:
        return [r for r in csv.DictReader(file) if all(r[k] == v for k, v in wanted.items())]


def claims(text, language="en", **sides):
    return read_claims(Text(text=text, language=language, source="test", sha256=""), **sides)


def right(row, language):
    found = claims(row["text"], language)
    return len(found) == 1 and found[0].kind == row["kind"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_eight_sentences_and_more_for_each_kind(language):
    for kind in Kind:
        assert len(rows(language, kind=kind)) >= 8


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(("split", "style"), [("tuning", "plain"), ("tuning", "oblique"), ("held-out", "oblique")])
def test_the_page_states_the_measured_accuracy(language, split, style):
    wanted = rows(language, split=split, style=style)
    hits = sum(right(row, language) for row in wanted)
    stated = re.search(rf"\| {language} \| {split} \| {style} \| (\d+) of (\d+) \|", PAGE.read_text("utf-8"))
    assert stated is not None
    assert (int(stated.group(1)), int(stated.group(2))) == (hits, len(wanted))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_probabilities(language):
    for row in rows(language):
        for claim in claims(row["text"], language):
            chances = [k.probability for k in claim.kinds]
            assert len(chances) == 3
            assert chances == sorted(chances, reverse=True)
            assert 0 < sum(chances) <= 1.0001
            assert claim.kinds[0].kind == claim.kind
            assert claim.testable == (claim.kind in INSTRUMENT_OF)
            assert claim.instrument == INSTRUMENT_OF.get(claim.kind)
            assert claim.question is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("There is absolutely nothing in this text about the port.", "fact"),
        ("They say that the governor obeys the bank.", "influence"),
        ("It is not true that the governor obeys the bank.", "influence"),
        ("We should not sign the treaty.", "prescription"),
        ("It is a shameful clause.", "value"),
        ("For us this clause is unacceptable.", "deal-terms"),
        ("Whenever oil falls, the regime arrests a journalist.", "universal"),
        ("They always promise reforms.", "universal"),
        ("He promised reforms and forbids them.", "reversal"),
        ("The channels quarrel for show.", "staged-disagreement"),
        ("The channels publish the same text word for word.", "coordination"),
    ],
)
def test_edge_rules_of_the_codebook(text, kind):
    assert claims(text)[0].kind == kind


def test_a_fragment_takes_its_neighbours_kind_or_none():
    kinds = [c.kind for c in claims("Only through the Cross will we be saved. Only through faith. Another time.")]
    assert kinds == [Kind.VALUE, Kind.VALUE, Kind.NONE]
    russian = [c.kind for c in claims("Это позорный закон. Только позор. Ничего подобного.", "ru")]
    assert russian[-1] == Kind.NONE


NAMES = {"en": ("Ankara", "Athens", "Jakarta", "Nairobi", "Lima"), "ru": ("Анкара", "Лима", "Джакарта", "Манила")}


@pytest.mark.parametrize(
    ("language", "pattern"),
    [
        ("en", "{} obeys {}."),
        ("en", "{} and {} are on the same side."),
        ("en", "{} says one thing in public and {} believes it."),
        ("en", "{} has never told {} the truth."),
        ("en", "The quarrel between {} and {} is a show."),
        ("ru", "{} подчиняется, а {} командует."),
        ("ru", "{} и {} лишь изображают ссору."),
        ("ru", "{} никогда не говорила правды, {} тоже."),
    ],
)
def test_swapping_actors_changes_no_kind(language, pattern):
    seen = set()
    for a in NAMES[language]:
        for b in NAMES[language]:
            if a != b:
                seen.add(
                    tuple(
                        (c.kind, c.kinds[0].probability, c.negated, c.quantifier)
                        for c in claims(pattern.format(a, b), language)
                    )
                )
    assert len(seen) == 1


def test_the_trained_model_first_asks_whether_a_sentence_is_testable():
    chances = {Kind.FACT: 0.4, Kind.ALIGNMENT: 0.25, Kind.INFLUENCE: 0.21, Kind.VALUE: 0.14}
    of = {kind: TEMPERATURE * math.log(chances.get(kind, 1e-9)) for kind in Kind}
    assert Scores(of).best is Kind.FACT
    found = Scores(of, trained=True)
    assert found.best is Kind.ALIGNMENT  # .46 of the probability is testable
    assert [k.kind for k in found.probabilities()] == [Kind.ALIGNMENT, Kind.FACT, Kind.INFLUENCE]
    less = of | {Kind.INFLUENCE: TEMPERATURE * math.log(0.17)}
    assert Scores(less, trained=True).best is Kind.FACT

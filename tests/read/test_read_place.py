"""A running text: marks by hand, short texts as before, neighbours that matter, and no side taken."""

import csv
from pathlib import Path

import numpy as np
import pytest

from kayfabe.models import Kind, Text
from kayfabe.read import embedding, trained
from kayfabe.read.claims import read_claims
from kayfabe.read.place import LEAST, MARKS, Place, marks

READING = Path(__file__).parents[2] / "benchmarks" / "reading"
with_model = pytest.mark.skipif(trained.kinds_model() is None, reason=embedding.why_none())
AROUND = [
    "The market opens at six.", "The stalls are wet.", "A clerk sweeps the steps.", "Two men carry a bench.",
    "The bell of Saint Orsola rings.", "The council met on Monday.", "It voted on the drains.",
]  # fmt: skip


def claims(sentences, language="en"):
    return read_claims(Text(text=" ".join(sentences), language=language, source="-", sha256=""))


def test_marks_by_hand():
    found = marks([Place("Why?", "", "b", 0, 10, True), Place("He said: “no.”", "a", "", 9, 10, False)])
    assert found.shape == (2, MARKS)
    assert found[:, 0].tolist() == [1, 1]
    assert np.flatnonzero(found[0, 1:]).tolist() == [0, 4, 5, 8, 9]  # first, opens, question, 3 words, 6 words
    assert np.flatnonzero(found[1, 1:]).tolist() == [3, 8, 9, 11, 12, 13]  # last, 3 words, 6 words, quoted, far down, colon
    assert found[1, 13] == pytest.approx(0.3 * 0.9)


@with_model
def test_sentences_of_a_short_text_are_read_on_their_own():
    said = "The two ministers only quarrel for the cameras."
    alone = claims([said])[0]
    assert claims([said, *AROUND[: LEAST - 2]])[0].kinds == alone.kinds
    assert claims([said, *AROUND[: LEAST - 1]])[0].kinds != alone.kinds


@with_model
def test_neighbours_bear_on_a_sentence():
    said = "Both dip their pens in one inkwell."
    quarrel = ["The two deputies quarrel on every screen.", said, "It is theatre, and both know it."]
    press = ["Three papers printed the same column.", said, "The wording was sent round at nine."]
    one, other = (next(c for c in claims([*AROUND, *t]) if c.text == said) for t in (quarrel, press))
    assert one.kinds != other.kinds


@with_model
def test_in_a_running_text_names_do_not_decide():
    text = [*AROUND, "Athens always votes with Ankara.", "Ankara hides half of the deal."]
    swapped = [s.replace("Athens", "X").replace("Ankara", "Athens").replace("X", "Ankara") for s in text]
    for a, b in zip(claims(text), claims(swapped), strict=True):
        assert [k.kind for k in a.kinds] == [k.kind for k in b.kinds]
        np.testing.assert_allclose([k.probability for k in a.kinds], [k.probability for k in b.kinds])


@with_model
def test_plain_telling_around_an_allegation_is_no_allegation():
    found = claims([*AROUND, "The two ministers only pretend to quarrel; the whole dispute is staged."])
    assert found[-1].kind is Kind.STAGED_DISAGREEMENT
    assert sum(c.testable for c in found[:-1]) <= 1


def test_op_eds_for_training_and_those_kept_apart_share_no_sentence():
    def texts(pattern):
        found = set()
        for path in READING.glob(pattern):
            with path.open(encoding="utf-8", newline="") as stream:
                found |= {r["text"].strip().lower() for r in csv.DictReader(stream) if len(r["text"].split()) > 5}
        return found

    kept = texts("article_*.csv")
    assert len(kept) > 600
    commonplaces = {"how did it come to this?", "what, then, is to be done?"}
    assert kept & (texts("running_*.csv") | texts("train_*.csv")) == commonplaces


@with_model
def test_a_bare_no_alleges_nothing_of_its_own():
    found = claims([*AROUND, "They say that the brewers steer the council.", "Nothing of the sort.", "The drains are old."])
    no = next(c for c in found if c.text == "Nothing of the sort.")
    assert no.kind is Kind.NONE
    assert next(c for c in found if "brewers" in c.text).negated

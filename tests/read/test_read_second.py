"""What the encoder may add to the rules on sources and denials, and what it may take away."""

import numpy as np
import pytest

from kayfabe.models import Kind, Mention
from kayfabe.read import parsing
from kayfabe.read.attribution import report, stance
from kayfabe.read.encoder import Word
from kayfabe.read.folding import fold
from kayfabe.read.judged import Judged
from kayfabe.read.kinds import score
from kayfabe.read.second_reading import negated, reported

PARSED = pytest.mark.skipif(parsing.lacking("en") is not None, reason="no parser for English")


def judged(text, source="", attributed=0.0, denied=0.0):
    """A sentence of which the encoder says so much, `source` being the words that it marks."""
    at = text.index(source) if source else -1
    starts = [0, *(i + 1 for i, c in enumerate(text) if c == " ")]
    words = [Word(a, a + len(text[a:].split(" ")[0]), (5,)) for a in starts]
    sources = np.array([0.9 if at <= w.start < at + len(source) else 0.01 for w in words])
    return Judged(words, attributed, denied, np.zeros(len(words)), sources, np.zeros((1, 1), np.float32), [0] * len(words))


def is_negated(text, kind, *, denied, runs=True, language="en"):
    folded = fold(text).text
    rules = stance(folded, language, kind, score(folded, language).hits, text)
    return negated(rules, folded, kind, judged(text, denied=denied), language, runs=runs)


def source(text, seen, *, mentions=(), runs=True):
    rules = report(text, fold(text), list(mentions), "en")
    found = reported(rules, text, (0, len(text)), seen, list(mentions), "en", runs=runs)
    return found.source if found is not None else None


def test_a_denial_in_so_many_words_is_not_taken_back():
    assert is_negated("It is not true that the court obeys the palace.", Kind.INFLUENCE, denied=0.0)


@PARSED
def test_a_denial_by_syntax_is_taken_back_in_a_running_text_alone():
    text = "The council does not copy the crown."
    assert not is_negated(text, Kind.INFLUENCE, denied=0.0)
    assert is_negated(text, Kind.INFLUENCE, denied=0.0, runs=False)
    assert is_negated(text, Kind.INFLUENCE, denied=0.9)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Three newsrooms do not make one mistake by chance.", Kind.COORDINATION),
        ("The authority will not move without the ministry.", Kind.INFLUENCE),
        ("The mayor follows not only the bank but the port.", Kind.INFLUENCE),
        ("The minister never kept a promise.", Kind.REVERSAL),
        ("Nobody in the cabinet obeys the crown.", Kind.INFLUENCE),
        ("The paper hides half of the deal.", Kind.SELECTIVE_COVERAGE),
        ("The harvest was poor.", Kind.FACT),
    ],
)
def test_what_looks_like_a_denial_and_affirms_is_none(text, kind):
    assert not is_negated(text, kind, denied=0.99)


def test_a_denial_by_evidence_is_added():
    text = "The drafts on the minister's desk are three days older than those of the bank."
    assert is_negated(text, Kind.INFLUENCE, denied=0.9)
    assert not is_negated(text, Kind.INFLUENCE, denied=0.4)


def test_a_source_in_a_pattern_is_not_taken_back():
    text = "They say that the brewers steer the council."
    assert source(text, judged(text)) == source(text, judged(text), runs=False) is not None


@PARSED
def test_a_source_by_syntax_is_taken_back_in_a_running_text_alone():
    text = "The miller said that the brewers steer the council."
    assert source(text, judged(text)) is None
    assert source(text, judged(text), runs=False) == source(text, judged(text, attributed=0.5)) == "The miller"


def test_a_source_that_the_rules_miss_is_the_mention_marked():
    text = "Steered by the brewers is the council, to hear the old miller."
    miller = Mention(mention="the old miller", start=47, end=61, actor=None)
    assert source(text, judged(text, "old miller", 0.95), mentions=[miller]) == "the old miller"
    assert source(text, judged(text, "old miller", 0.3), mentions=[miller]) is None


@PARSED
def test_a_source_without_a_mention_is_named_where_a_noun_is_marked():
    text = "To hear the old miller tell it, steered by the brewers is the council."
    assert source(text, judged(text, "the old miller", 0.95)) == "the old miller"
    text = "The council is reportedly steered by the brewers."
    assert source(text, judged(text, "reportedly", 0.95)) == "unnamed"


@pytest.mark.parametrize("marked", ["the", "we", "our side", ""])
def test_the_author_and_small_words_are_no_source(marked):
    text = "Steered by the brewers, we and our side hold, is the council."
    assert source(text, judged(text, marked, 0.95)) is None

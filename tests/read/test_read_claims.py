"""Claims: spans, splitting, order, and what changes nothing."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kayfabe.errors import Cancelled
from kayfabe.models import Text
from kayfabe.progress import Progress
from kayfabe.read import load_text, read_claims
from kayfabe.read.sentences import sentences

OP_ED = Path(__file__).parents[3] / "shared" / "samples" / "op-ed.txt"


def text_of(text, language="en"):
    return Text(text=text, language=language, source="test", sha256="")


def check_spans(text, language, claims):
    assert [c.id for c in claims] == [f"c{i}" for i in range(1, len(claims) + 1)]
    for c in claims:
        assert text[c.start : c.end] == c.text
        assert c.text.strip() == c.text
        assert c.text
        for m in c.actors:
            assert text[m.start : m.end] == m.mention
            assert c.start <= m.start < c.end
    for a, b in pairwise(claims):
        assert a.end <= b.start
    for s in sentences(text, language):
        assert any(s.start <= c.start < s.end for c in claims)


def test_three_assertions_in_one_sentence():
    text = (
        "The rebels' defences have crumbled, their economy has collapsed since spring, and psychologically "
        "the city stands on the threshold of a new era."
    )
    assert [c.text for c in read_claims(text_of(text))] == [
        "The rebels' defences have crumbled",
        "their economy has collapsed since spring",
        "psychologically the city stands on the threshold of a new era.",
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (
            "The governor obeys the bank; the treaty's third clause is unacceptable to the miners.",
            ["influence", "deal-terms"],
        ),
        (
            "The ministers shout at each other for the cameras, and the front has begun to crumble.",
            ["staged-disagreement", "turning-point"],
        ),
        ("The press trumpets the tariff cuts, yet conceals the quotas.", ["selective-coverage"]),
        ("Yesterday he called the treaty a disaster; today he praises it.", ["reversal"]),
    ],
)
def test_a_sentence_is_split_only_where_it_alleges_different_things(text, kinds):
    assert [c.kind.value for c in read_claims(text_of(text))] == kinds


def test_every_sentence_yields_a_claim_and_non_assertions_are_none():
    text = "The road to the palace\n\nWhy does this matter?\n\nThe king obeys the generals.\n\n(Translated from the Danish)"
    assert [c.kind.value for c in read_claims(text_of(text))] == ["none", "none", "influence", "none"]


PARAGRAPHS = [
    "The ferry operators obey the harbour board. They say that the board obeys Ankara. Nothing of the sort.",
    "Our press trumpets the cuts, yet conceals the quotas. 👩‍🚀 It is a shameful law!",
    "The fro\u0301nt has begun to crumble. \u200fThe front has begun to crumble. The front has begun to crumble.",
    "Whenever oil falls, the regime arrests a journalist; the treaty was signed in 1987.",
]


def test_emoji_combining_and_direction_marks_and_repeats_keep_exact_spans():
    text = "\n\n".join(PARAGRAPHS)
    claims = read_claims(text_of(text))
    check_spans(text, "en", claims)
    turning = [c for c in claims if c.kind == "turning-point"]
    assert len(turning) == 3
    assert len({c.start for c in turning}) == 3


def test_a_paragraph_added_at_the_end_changes_no_earlier_claim():
    text = "\n\n".join(PARAGRAPHS[:2])
    before = read_claims(text_of(text), we="POL", enemy="TUR")
    after = read_claims(text_of(f"{text}\n\n{PARAGRAPHS[3]}"), we="POL", enemy="TUR")
    assert after[: len(before)] == before


def test_a_paragraph_added_in_front_moves_spans_only():
    text, front = "\n\n".join([PARAGRAPHS[1], PARAGRAPHS[3]]), PARAGRAPHS[0] + "\n\n"
    before = read_claims(text_of(text), we="POL", enemy="TUR")
    after = read_claims(text_of(front + text), we="POL", enemy="TUR")[-len(before) :]
    assert [(c.text, c.kind, c.start + len(front)) for c in before] == [(c.text, c.kind, c.start) for c in after]


def test_in_a_running_text_a_paragraph_more_moves_no_span_no_source_and_no_known_actor():
    text = "\n\n".join(PARAGRAPHS[:3])
    before = read_claims(text_of(text), we="POL", enemy="TUR")
    after = read_claims(text_of(f"{text}\n\n{PARAGRAPHS[3]}"), we="POL", enemy="TUR")
    told = [[(c.start, c.end, c.attribution, [m for m in c.actors if m.actor]) for c in claims[: len(before)]] for claims in (before, after)]
    assert told[0] == told[1]


def test_same_text_same_claims():
    text = text_of("\n\n".join(PARAGRAPHS))
    assert read_claims(text) == read_claims(text)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(PARAGRAPHS), st.text(max_size=60)), max_size=5), st.sampled_from(["en", "ru"])
)
def test_any_text_gives_ordered_exact_claims(parts, language):
    text = "\n\n".join(parts)
    check_spans(text, language, read_claims(text_of(text, language)))


@pytest.mark.parametrize("unit", [" ".join(PARAGRAPHS) + "\n\n", "deal, ", "a\n", "the minister ", "(", '" said ', "x"])
def test_long_texts_take_seconds(unit):
    text = (unit * (200_000 // len(unit)))[:200_000]
    started = time.monotonic()
    read_claims(text_of(text))
    assert time.monotonic() - started < 20  # a few seconds here; slack for slow machines


def test_progress_is_reported_and_cancelling_stops():
    steps = []
    progress = Progress(steps.append)
    read_claims(text_of("The king left. He came back."), progress=progress)
    assert [(s.done, s.total) for s in steps if s.stage == "sentences"] == [(0, 2), (1, 2), (2, 2)]
    progress.cancel()
    with pytest.raises(Cancelled):
        read_claims(text_of("The king left."), progress=progress)


@pytest.mark.skipif(not OP_ED.exists(), reason="the sample op-ed is not at hand")
def test_a_real_op_ed_reads_sensibly():
    text = load_text(str(OP_ED))
    started = time.monotonic()
    claims = read_claims(text)
    assert time.monotonic() - started < 30  # .4 s by the rules, 3 s with the model here
    check_spans(text.text, text.language, claims)
    assert text.title is None
    assert claims[-1].kind == "none"
    of = {c.text: c for c in claims}
    staged = next(c for c in claims if c.text.startswith("There is an opinion"))
    assert (staged.kind, staged.attribution is not None) == ("staged-disagreement", True)
    assert of["Nothing of the sort."].kind == "none"
    assert sum(c.testable for c in claims) >= 15

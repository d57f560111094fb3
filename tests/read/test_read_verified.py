"""What a model's reply becomes: only what stands in the text, whatever the reply."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_server import ARTICLE, actor, check_spans, entry, text_of

from kayfabe.models import Kind
from kayfabe.read.reply import checked
from kayfabe.read.sentences import sentences
from kayfabe.read.verified import Chunk, Verifier


def taken(*entries, text=None, **sides):
    """(claims, note) that the entries of one reply on the whole text give."""
    text = text or text_of()
    parts = sentences(text.text, text.language)
    verifier = Verifier(text, parts, we=sides.get("we"), enemy=sides.get("enemy"))
    verifier.take(Chunk(0, len(parts), 0, len(parts)), checked({"claims": list(entries)}))
    return verifier.claims(), verifier.note()


# what does not stand in the text


def test_invented_words_are_dropped_and_reported():
    claims, note = taken(
        entry(1, "Macron and Scholz adore each other.", "alignment"),
        entry(2, "They say that France never votes against Germany", "universal", source="Le Monde", cue="wrote",
              actors=[actor("France"), actor("Poland"), actor("Scholz")]),
        entry(5, "Amen", ("blasphemy", 1.0)),
        entry(4, "Our side will not yield", "prediction", actors=[actor("Our side", stands_for="The Kremlin")]),
    )  # fmt: skip
    check_spans(text_of(), claims)
    assert [(c.kind, c.kinds == []) for c in claims] == [
        (Kind.NONE, True), (Kind.UNIVERSAL, False), (Kind.NONE, True), (Kind.PREDICTION, False), (Kind.NONE, True)]  # fmt: skip
    assert claims[1].attribution is None
    assert [m.mention for m in claims[1].actors] == ["France"]
    assert note == (
        "dropped 1 quotation not in the sentences asked about: 'Macron and Scholz adore each other.'; "
        "2 × actor not in its claim; 1 × claim without a known kind; 1 × name not in the text shown; "
        "1 × source not in the text shown; 3 sentences it skipped stand as none"
    )


def test_the_span_is_the_texts_own_whatever_the_typing():
    claims, note = taken(
        entry(3, '"nothing of the sort", answers the ferry   operators\' union', "fact", actors=[actor("THE FERRY OPERATORS'")])
    )  # fmt: skip
    quoted = next(c for c in claims if c.kind == Kind.FACT)
    assert quoted.text == "“Nothing of the sort”, answers the\nferry operators’ union"
    assert quoted.actors[0].mention == "the\nferry operators’"
    assert "quotation" not in note


@pytest.mark.parametrize(
    "quote", ["Mac", "cron and Sch", "ren", ".", "", " … ", "Macron ... quarrel", "quarrel They say"]
)
def test_parts_of_words_and_gaps_are_no_quotation(quote):
    claims, note = taken(entry(1, quote, "alignment"))
    assert {c.kind for c in claims} == {Kind.NONE}
    assert "1 quotation not" in note


def test_a_quotation_over_several_sentences_ends_with_the_first():
    claims, note = taken(entry(4, "Our side will not yield to the enemy. Amen.", "prediction"))
    assert [c.text for c in claims[-2:]] == ["Our side will not yield to the enemy.", "Amen."]
    assert [c.kind for c in claims[-2:]] == [Kind.PREDICTION, Kind.NONE]
    assert note.endswith("4 sentences it skipped stand as none")


def test_of_overlapping_quotations_the_first_stays():
    whole = "Macron and Scholz only pretend to quarrel."
    one, note = taken(entry(1, whole, "staged-disagreement"), entry(1, "only pretend to quarrel", "alignment"))
    two, _ = taken(entry(1, "only pretend to quarrel", "alignment"), entry(1, whole, "staged-disagreement"))
    assert (one[0].text, one[0].kind) == (whole, Kind.STAGED_DISAGREEMENT)
    assert (two[0].text, two[0].kind) == ("only pretend to quarrel", Kind.ALIGNMENT)
    assert "1 × claim overlapping another" in note


def test_repeated_sentences_are_told_apart_by_their_number():
    text = text_of("The front crumbles. They deny it. The front crumbles. The front crumbles.")
    entries = [entry(4, "The front crumbles.", "fact"), entry(1, "The front crumbles.", "value"),
               entry(9, "The front crumbles.", "motive"), entry(2, "They deny it.", "none")]  # fmt: skip
    claims, note = taken(*entries, text=text)
    assert [c.kind for c in claims] == [Kind.VALUE, Kind.NONE, Kind.MOTIVE, Kind.FACT]
    assert note == ""


def test_names_win_over_what_the_model_says_of_them():
    claims, _ = taken(
        entry(1, "Macron and Scholz only pretend to quarrel.", "alignment",
              actors=[actor("Macron", stands_for="Germany", points="enemy"), actor("Macron"), actor("Scholz")]),
        enemy="RUS",
    )  # fmt: skip
    assert [(m.actor, m.points) for m in claims[0].actors] == [("FRA", None), ("DEU", None)]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ([("fact", 3.0)], [("fact", 1.0)]),
        ([("fact", 0.9), ("value", 0.9)], [("fact", 0.5), ("value", 0.5)]),
        ([("fact", 0.1), ("value", 0.3), ("fact", 0.2)], [("value", 0.3), ("fact", 0.2)]),
        ([("Staged_Disagreement ", 0.5)], [("staged-disagreement", 0.5)]),
        (
            [("fact", 0.4), ("value", 0.3), ("none", 0.2), ("motive", 0.1)],
            [("fact", 0.4), ("value", 0.3), ("none", 0.2)],
        ),
    ],
)
def test_probabilities_are_probabilities(said, kept):
    claims, _ = taken(entry(5, "Amen.", *said))
    assert [(k.kind, k.probability) for k in claims[-1].kinds] == kept


# no answer whatever yields a span that is not in the text

WORDS = st.one_of(
    st.sampled_from(["Macron", "France", "its", "They say", "never", "Amen.", "the enemy", "“", "ferry operators", "the\nferry", ARTICLE]),
    st.tuples(st.integers(0, len(ARTICLE)), st.integers(0, 60)).map(lambda at: ARTICLE[at[0] : at[0] + at[1]]),
    st.text(max_size=12),
)  # fmt: skip
SAID = st.fixed_dictionaries({
    "sentence": st.integers(-3, 9), "quote": WORDS,
    "kinds": st.lists(st.fixed_dictionaries({"kind": st.sampled_from([*map(str, Kind), "x"]), "probability": st.floats(0, 9)}), max_size=4),
    "actors": st.lists(st.fixed_dictionaries({"mention": WORDS, "stands_for": WORDS, "points": st.sampled_from(["", "we", "enemy"])}), max_size=3),
    "source": WORDS, "cue": WORDS, "hedged": st.booleans(), "quantifier": st.sampled_from(["", "never"]), "negated": st.booleans(),
})  # fmt: skip


@given(st.lists(SAID, max_size=8))
@settings(max_examples=200, deadline=None)
def test_no_reply_yields_spans_that_are_not_in_the_text(entries):
    claims, _ = taken(*entries)
    check_spans(text_of(), claims)
    for claim in claims:
        if claim.attribution:
            shown = " ".join(ARTICLE.split())
            assert claim.attribution.source == "unnamed" or claim.attribution.source in shown
            assert claim.attribution.cue in shown
        assert sum(k.probability for k in claim.kinds) <= 1.001

"""Rhetorical devices: own sentences, exact spans, fairness, hostile text, speed; and the lexicons' own form."""

import re
import time
from csv import DictReader
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kayfabe.models import Text
from kayfabe.read.folding import fold
from kayfabe.read.rhetoric import DEVICES, rhetoric, rhetoric_index, word_count
from kayfabe.read.wordlists import data_toml

HERE = Path(__file__).parent
LANGUAGES = ("en", "ru")


def text(body, language="en"):
    return Text(text=body, language=language, source="x", sha256="")


def names(body, language="en"):
    return [d.name for d in rhetoric(text(body, language))]


def rows(language):
    return list(DictReader((HERE / f"rhetoric_{language}.csv").read_text("utf-8").splitlines()))


def measured(language, style, half):
    """(found, false alarms, sentences with the device, without it)"""
    found = wrong = with_it = without = 0
    for row in rows(language):
        if (row["style"], row["half"]) != (style, half):
            continue
        uses = row["uses"] == "yes"
        hit = any(d.name == row["device"] and not d.negated for d in rhetoric(text(row["text"], language)))
        with_it, without = with_it + uses, without + (not uses)
        found, wrong = found + (hit and uses), wrong + (hit and not uses)
    return found, wrong, with_it, without


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_documented_numbers_hold(language):
    table = (HERE.parents[1] / "docs" / "rhetoric.md").read_text("utf-8")
    for style in ("usual", "other words"):
        for half in ("tuning", "held-out"):
            found, wrong, with_it, without = measured(language, style, half)
            line = f"| {language} | {style} | {half} | {found} of {with_it} | {wrong} of {without} |"
            assert line in table, line


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_enough_for_each_device(language):
    for device in DEVICES:
        for uses in ("yes", "no"):
            own = [r for r in rows(language) if r["device"] == device and r["uses"] == uses]
            assert len(own) >= 12
            assert {r["half"] for r in own} == {"tuning", "held-out"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_spans_are_exact_and_in_order(language):
    body = "\n\n".join(f"“{r['text']}”  {r['text']}" for r in rows(language))
    found = rhetoric(text(body, language))
    assert len(found) > 100
    assert all(d.words == body[d.start : d.end] and d.words.strip() == d.words for d in found)
    assert [d.start for d in found] == sorted(d.start for d in found)
    for device in DEVICES:
        own = [d for d in found if d.name == device]
        assert all(a.end <= b.start for a, b in pairwise(own))


SWAPS = {
    "en": [("norland", "sudland"), ("miners", "bankers"), ("liberals", "nationalists"), ("migrants", "ministers"), ("settlers", "glassblowers")],
    "ru": [("норландия", "судландия"), ("мигранты", "министры"), ("либералы", "националисты"), ("студенты", "судьи"), ("поселенцы", "стеклодувы")],
}
FRAMES = {
    "en": ["The {} are vermin.", "Only {} can save us from {}.", "What about the crimes of {}?", "{} is a shameful clique.",
           "If {} win, our children will starve.", "We pay and the {} steal.", "A swarm of {} came.",
           "The {} behave like wild beasts.", "{} infest the square.", "These {} are a cancer on the nation."],
    "ru": ["Эти {} — паразиты.", "Только {} могут спасти страну.", "А как же преступления, что творят {}?",
           "{} — позорная клика.", "Если {} победят, наши дети умрут с голоду.", "Мы работаем, а {} воруют.", "{} кишат на площади.",
           "{} ведут себя как дикие звери.", "Орда, а в ней {}.", "Все {} — раковая опухоль на теле нации."],
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_swapping_the_actors_changes_nothing(language):
    for frame in FRAMES[language]:
        for a, b in SWAPS[language]:
            there, back = ([(d.name, d.negated) for d in rhetoric(text(frame.format(x, y), language))] for x, y in ((a, b), (b, a)))
            assert there == back, (frame, a, b)


def test_no_lexicon_names_a_country_party_or_person():
    from kayfabe.actors import load_actors

    resolver = load_actors()
    for language in LANGUAGES:
        data = data_toml(f"rhetoric_{language}.toml")
        words = {w for row in data["cue"] for w in re.findall(r"[\w'-]+", row["pattern"].replace("_", " "))}
        named = {w for w in words if len(w) > 2 and w[0].isalpha() and resolver.resolve(w.title(), None, language)}
        assert named <= {"самое", "того"}, named  # forms of common words that are also Samoa and Togo


def test_quotations_and_negations_are_noted():
    found = rhetoric(text('He called it “a vile betrayal”. It was vile. They are not vermin. There is no third way.'))
    assert [(d.words, d.quoted, d.negated) for d in found] == [
        ("vile", True, False),
        ("betrayal", True, False),
        ("vile", False, False),
        ("They are not vermin", False, True),
        ("no third way", False, False),
    ]
    russian = rhetoric(text("Он назвал это «позором и предательством». Это не позор. Это не люди.", "ru"))
    assert [(d.quoted, d.negated) for d in russian] == [(True, False), (True, False), (False, True), (False, False)]


def test_each_device_is_defined_and_cites_its_literature():
    for meaning in DEVICES.values():
        assert meaning.definition.endswith(".")
        assert re.search(r"\((19|20)\d\d\)", meaning.reference)


@pytest.mark.parametrize("language", LANGUAGES)
def test_lexicon_rows_have_ids_of_their_own(language):
    ids = [row["id"] for row in data_toml(f"rhetoric_{language}.toml")["cue"]]
    assert len(ids) == len(set(ids))
    assert all(i.startswith(f"{language}-") for i in ids)
    assert rhetoric_index(language)


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ("either we " * 20_000, "en"),
        ("they " * 40_000, "en"),
        ("“vile " * 33_000, "en"),
        ("if our children will " * 9_500, "en"),
        ("<script>" * 25_000, "en"),
        ("vile\u0301\u200b " * 28_000, "en"),
        ("если мы " * 25_000, "ru"),
        ("\"«" * 100_000, "ru"),
        ("либо мы. " * 22_000, "ru"),
    ],
)
def test_hostile_text_takes_no_time_and_keeps_offsets(body, language):
    began = time.process_time()
    found = rhetoric(text(body, language))
    assert time.process_time() - began < 3
    assert all(d.words == body[d.start : d.end] for d in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_speed_on_200_000_characters(language):
    body = " ".join(r["text"] for r in rows(language))
    body = (body + "\n\n") * (200_000 // len(body) + 1)
    rhetoric(text(body[:2_000], language))
    began = time.process_time()
    assert rhetoric(text(body[:200_000], language))
    assert time.process_time() - began < 3


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="we usthem or vile.\n\"“”«»— 'их мы нас?\u200b", max_size=300), st.sampled_from(LANGUAGES))
def test_any_text_gives_exact_spans(body, language):
    for d in rhetoric(text(body, language)):
        assert d.words == body[d.start : d.end]
        assert 0 <= d.start < d.end <= len(body)


def test_words_are_counted_as_a_hand_counts_them():
    assert word_count("It’s a well-known fact: 12 of 30 agree.") == 6
    assert fold("Ё").text == "е"

"""Sentences: exact offsets, and boundaries where a reader would put them."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kayfabe.models import Text
from kayfabe.read import read_claims
from kayfabe.read.folding import fold
from kayfabe.read.sentences import sentences


def split(text, language="en"):
    return [text[s.start : s.end] for s in sentences(text, language)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Dr. Smith left. He never came back.", ["Dr. Smith left.", "He never came back."]),
        ("It fell by 4.2 percent. The U.S. economy grew.", ["It fell by 4.2 percent.", "The U.S. economy grew."]),
        ("He moved to the U.S. The rest stayed.", ["He moved to the U.S.", "The rest stayed."]),
        ("J. R. R. Tolkien and A. Merkel met. They talked.", ["J. R. R. Tolkien and A. Merkel met.", "They talked."]),
        ("“Why?” he asked. “Go now!” She went.", ["“Why?” he asked.", "“Go now!”", "She went."]),
        ("He said: “It is over.” Nobody moved.", ["He said: “It is over.”", "Nobody moved."]),
        ("Well... maybe. And then… silence.", ["Well... maybe.", "And then… silence."]),
        ("They wait . . . and wait. Then they go.", ["They wait . . . and wait.", "Then they go."]),
        ("See art. 7 of the pact, e.g. the annex. It binds.", ["See art. 7 of the pact, e.g. the annex.", "It binds."]),
        ("Really?! Yes. No!", ["Really?!", "Yes.", "No!"]),
        ("He left (at last.) She stayed.", ["He left (at last.)", "She stayed."]),
        ("It met on Jan. 5 at 3 p.m. in Oslo. It failed.", ["It met on Jan. 5 at 3 p.m. in Oslo.", "It failed."]),
    ],
)
def test_english(text, parts):
    assert split(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Они лгут, т. е. не говорят правды. Это так.", ["Они лгут, т. е. не говорят правды.", "Это так."]),
        ("В 2014 г. Украина молчала. Потом заговорила.", ["В 2014 г. Украина молчала.", "Потом заговорила."]),
        ("Это было в 2014 г. Потом всё изменилось.", ["Это было в 2014 г.", "Потом всё изменилось."]),
        ("Завод им. Кирова закрыт. А. С. Пушкин жил там.", ["Завод им. Кирова закрыт.", "А. С. Пушкин жил там."]),
        ("«Мы победим!» — заявил он. Никто не ответил.", ["«Мы победим!» — заявил он.", "Никто не ответил."]),
        ("Хлеб, соль и т. д. Всё подорожало на 4,5 %.", ["Хлеб, соль и т. д.", "Всё подорожало на 4,5 %."]),
        ("Ну… может быть. Кто знает?", ["Ну… может быть.", "Кто знает?"]),
    ],
)
def test_russian(text, parts):
    assert split(text, "ru") == parts


def test_headings_lists_bylines_and_notes_are_units_of_their_own():
    text = (
        "The road to the palace\n\nBy Anna Writer\n\nThe king left. He came back.\n\n"
        "Three things:\n- the court follows\n- the army waits\n1. the mob sings\n\n(Translated from the Danish)"
    )
    found = [(text[s.start : s.end], s.role) for s in sentences(text, "en")]
    assert found == [
        ("The road to the palace", "heading"),
        ("By Anna Writer", "byline"),
        ("The king left.", "body"),
        ("He came back.", "body"),
        ("Three things:", "body"),
        ("the court follows", "item"),
        ("the army waits", "item"),
        ("the mob sings", "item"),
        ("(Translated from the Danish)", "note"),
    ]


def test_wrapped_lines_are_one_sentence_and_short_lines_are_not():
    wrapped = (
        "The long sentence of the report goes on over the end of\nthe line and stops here. The next one\nfollows it."
    )
    assert split(wrapped) == [
        "The long sentence of the report goes on over the end of\nthe line and stops here.",
        "The next one\nfollows it.",
    ]
    assert split("First line\nSecond line\nThird line") == ["First line", "Second line", "Third line"]


SIGNS = "aB. !?…\n\t«»“”\"'()-—1é\u0301\u200e\u200f\u202b🙂👩‍🚀Яяё,;:№"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=SIGNS, max_size=200), st.sampled_from(["en", "ru"]))
def test_spans_are_ordered_trimmed_and_leave_out_no_word(text, language):
    found = sentences(text, language)
    covered = set()
    for before, after in pairwise(found):
        assert before.end <= after.start
    for s in found:
        assert text[s.start : s.end] == text[s.start : s.end].strip()
        assert s.start < s.end
        covered.update(range(s.start, s.end))
    bullets = [i for i, c in enumerate(text) if c.isalpha() and i not in covered]
    assert all(text[i + 1 : i + 2] == ")" for i in bullets)  # only list letters, "a)", are left out


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=100))
def test_folding_maps_back(text):
    folded = fold(text)
    assert len(folded.origins) == len(folded.text) + 1
    assert folded.origins == sorted(folded.origins)
    for i, c in enumerate(folded.text):
        a, b = folded.original(i, i + 1)
        assert b == a + 1
        assert c == text[a].lower() or not text[a].isascii() or text[a] in "\n\t`"


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [
        ("en", "The king fell. (Translator's note: in the original, a pun.) Then he rose.",
         [("The king fell.", "body"), ("(Translator's note: in the original, a pun.)", "note"), ("Then he rose.", "body")]),
        ("ru", "Король пал. (Прим. пер.: в оригинале игра слов.) Потом встал.",
         [("Король пал.", "body"), ("(Прим. пер.: в оригинале игра слов.)", "note"), ("Потом встал.", "body")]),
        ("en", "Breaking! The mayor resigned. Details soon 👇\nSubscribe to our channel",
         [("Breaking!", "body"), ("The mayor resigned.", "body"), ("Details soon 👇", "body"), ("Subscribe to our channel", "byline")]),
        ("en", "He said: “It is over. We lost.” And left.", [("He said: “It is over.", "body"), ("We lost.”", "body"), ("And left.", "body")]),
        ("ru", "— Мы уходим, — сказал он. — Навсегда.", [("— Мы уходим, — сказал он.", "body"), ("— Навсегда.", "body")]),
        ("ru", "В г. Орле, на ул. Ленина, д. 5 живёт И. И. Петров. Он молчит.",
         [("В г. Орле, на ул. Ленина, д. 5 живёт И. И. Петров.", "body"), ("Он молчит.", "body")]),
    ],
)  # fmt: skip
def test_odd_texts(language, text, parts):
    assert [(text[s.start : s.end], s.role) for s in sentences(text, language)] == parts


def test_the_speaker_of_a_quotation_is_who_stands_outside_it():
    text = "“They say that the bank lies. The mayor knows it. Nobody will ask him,” said Maria Lopez. The shops are shut."
    found = read_claims(Text(text=text, language="en", source="x", sha256=""))
    said = [c.attribution.source if c.attribution else None for c in found]
    assert said == ["They", "Maria Lopez", "Maria Lopez", None]


def test_a_quotation_over_several_sentences_has_one_speaker():
    text = "“The bank lies. The mayor knows it. Nobody will ask him,” said Maria Lopez. The shops are shut."
    found = read_claims(Text(text=text, language="en", source="x", sha256=""))
    said = [c.attribution.source if c.attribution else None for c in found]
    assert said[-1] is None
    assert set(said[:-1]) == {"Maria Lopez"}

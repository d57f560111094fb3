"""The cue language, against regular expressions written by hand; and the lexicons' own form."""

import re
import time

import pytest

from kayfabe.models import Kind
from kayfabe.read.attribution import stance_index
from kayfabe.read.cues import CueIndex, cues_of, translate
from kayfabe.read.kinds import kind_index, score
from kayfabe.read.wordlists import data_rows

GROUPS = {"leave": ["leave*", "go away"]}


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("cat", ["a cat sat", "cat's"], ["cats", "concat"]),
        ("cat*", ["cats", "the catalogue"], ["concat"]),
        ("red_line|cat", ["a red line", "red-line", "cat"], ["red thin line"]),
        ("they ..2 <leave>", ["they leave", "they will soon leave", "they may go away"], ["they will very soon leave"]),
        ("not (so) good", ["not good", "not so good"], ["not very good"]),
        ("^ now", ["now then", '"now'], ["and now"]),
        ("below $", ["see below.", "below"], ["below that"]),
        ("in # ..2 war", ["in 1914 a war", "in 1,200 war"], ["in may war"]),
        ("myth : that", ["a myth: that they", "myth : that"], ["myth that"]),
    ],
)
def test_patterns(pattern, yes, no):
    compiled = re.compile(translate(pattern, GROUPS)[0])
    for text in yes:
        assert compiled.search(text), text
    for text in no:
        assert not compiled.search(text), text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_index_finds_what_trying_every_cue_finds(language):
    index = kind_index(language)
    every = {c.id: c for cues in (*index._exact.values(), *index._prefix.values()) for c in cues}
    every.update({c.id: c for c in index._always})
    from csv import DictReader
    from pathlib import Path

    for row in DictReader((Path(__file__).parent / f"kinds_{language}.csv").read_text("utf-8").splitlines()):
        text = row["text"].lower().replace("ё", "е")
        tried = {
            c.id
            for c in every.values()
            if not c.features and c.pattern.search(text)
            and not any(u.search(text) for u in c.unless) and all(a.search(text) for a in c.also)
        }  # fmt: skip
        assert {h.cue.id for h in index.hits(text)} == tried


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", ["kinds", "stance"])
def test_lexicon_rows_have_ids_of_their_own_and_known_kinds(language, name):
    rows = data_rows(f"{name}_{language}.csv")
    assert len({r["id"] for r in rows}) == len(rows) > 15
    index = kind_index(language) if name == "kinds" else stance_index(language)
    assert isinstance(index, CueIndex)
    if name == "kinds":
        given = {g.split()[0] for r in rows for g in r["gives"].split(";")}
        assert given == {k.value for k in Kind}


def test_a_wrong_row_is_named():
    with pytest.raises(ValueError, match=r"x-1.*unknown group"):
        list(cues_of([{"id": "x-1", "gives": "fact 1", "pattern": "<nothing>"}], GROUPS))


@pytest.mark.parametrize(
    "text", ["deal a-" + "a-" * 900, "the deal " + "-" * 1900, "deal, " * 300, "not " + "a'" * 900]
)
def test_no_text_makes_matching_explode(text):
    started = time.monotonic()
    score(text, "en")
    score(text, "ru")
    assert time.monotonic() - started < 2

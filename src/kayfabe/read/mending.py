"""English verbs that the parser took for nouns, because an actor stands before them: "when the emir coughs", "the miners strike"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kayfabe.read.nouns import nouns
from kayfabe.read.wordlists import data_toml

if TYPE_CHECKING:
    from kayfabe.read.parsing import Word

_BORDERS = ("PUNCT", "CCONJ", "SCONJ")
_BEFORE = ("det", "amod", "compound", "nummod", "poss", "predet", "quantmod")


def mended(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words with such nouns as verbs and the actors before them as their subjects.

    An actor that seems to modify a lone noun is its subject where the clause has no other verb, or a determiner follows; the
    noun then agrees with it in number as a verb would.
    """
    out = list(words)
    for i in range(1, len(words)):
        if not _is_verb(words, i):
            continue
        lemma = out[i].lemma.removesuffix("s") if out[i].lemma == out[i].text else out[i].lemma
        out[i] = replace(out[i], pos="VERB", plural=False, lemma=lemma)
        out[i - 1] = replace(out[i - 1], dep="nsubj")
        for k in range(i - 1):
            if words[k].head == i and words[k].dep in _BEFORE:
                out[k] = replace(out[k], head=i - 1)
    return tuple(out)


def _is_verb(words: tuple[Word, ...], i: int) -> bool:
    word, actor = words[i], words[i - 1]
    if word.pos != "NOUN" or actor.dep != "compound" or actor.head != i or not word.text.islower():
        return False
    known = nouns("en")
    name = actor.pos == "PROPN" and word.text.removesuffix("s") in data_toml("roles.toml")["en"]["following"].split()
    if not name and actor.lemma not in known["people"] | known["bodies"]:
        return False
    if word.lemma in known["people"] | known["bodies"]:
        return False
    if word.text.endswith("s") == actor.plural:
        return False
    left, right = i, i
    while left > 0 and words[left - 1].pos not in _BORDERS:
        left -= 1
    while right + 1 < len(words) and words[right + 1].pos not in _BORDERS:
        right += 1
    bare = not any(w.pos in ("VERB", "AUX") for w in words[left : right + 1])
    return bare or (i + 1 < len(words) and words[i + 1].pos == "DET")

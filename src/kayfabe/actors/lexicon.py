"""Finds known phrases in running text: token by token, whole words only, longest first, offsets exact."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kayfabe.actors.facts import How

_TOKEN = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_PLAIN_LETTERS = str.maketrans({"ё": "е", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe"})
_SENTENCE_ENDS = ".!?…:;\n\"«»“”„"
_SHORT = 3


class Token(NamedTuple):
    """A word of a text, with its offsets."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A known sequence of lemmas. `capital` and `exact` say how each word must be written in running text."""

    lemmas: tuple[str, ...]
    capital: tuple[bool, ...]
    exact: tuple[bool, ...]
    how: How | None  # None: it only looks like a naming
    target: str
    rule: str = ""


def fold(word: str) -> str:
    """Lower case, without accents (й stays a letter of its own, ё becomes е): Orbán -> orban, Türkiye -> turkiye."""
    if word.isascii():
        return word.lower()
    lower = unicodedata.normalize("NFC", word.lower()).translate(_PLAIN_LETTERS)
    return "".join(c if c == "й" else unicodedata.normalize("NFD", c)[0] for c in lower if not unicodedata.combining(c))


def tokens(text: str) -> list[Token]:
    """The words of a text; an accent written as a combining mark belongs to its word."""
    return [Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


class Lexicon:
    """Phrases by the lemma of their first word, and the lemmas that each word form may stand for."""

    def __init__(self) -> None:
        self._lemmas: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, list[Phrase]] = {}

    def add(
        self, text: str, how: How | None, target: str, rule: str, inflect: Callable[[str], Iterable[str]] | None
    ) -> None:
        """Add a phrase; `inflect` gives the forms of each of its words."""
        words = [token.text for token in tokens(text)]
        lemmas = tuple(map(fold, words))
        for word, lemma in zip(words, lemmas, strict=True):
            for form in inflect(word) if inflect and not word.isupper() else (word,):
                folded = fold(form)
                known = self._lemmas.get(folded, ())
                if lemma not in known:
                    self._lemmas[folded] = (*known, lemma)
        capital = tuple(word[0].isupper() for word in words)
        exact = tuple(word.isupper() and len(word) <= _SHORT for word in words)
        self._phrases.setdefault(lemmas[0], []).append(Phrase(lemmas, capital, exact, how, target, rule))

    def whole(self, words: list[Token]) -> list[Phrase]:
        """The phrases that the words spell from first to last, whatever their case (short acronyms excepted)."""
        found = [
            p for p in self._candidates(words, 0) if len(p.lemmas) == len(words) and self._spells(p, words, 0, None)
        ]
        return [p for p in found if p.how is not None]

    def find(self, text: str) -> Iterator[tuple[int, int, list[Phrase]]]:
        """Start, end and phrases of each match, from left to right, none overlapping, the longest first."""
        words = tokens(text)
        at = 0
        while at < len(words):
            found = [p for p in self._candidates(words, at) if self._spells(p, words, at, text)]
            longest = max((len(p.lemmas) for p in found), default=0)
            found = [p for p in found if len(p.lemmas) == longest]
            if found and all(p.how is not None for p in found):
                yield words[at].start, words[at + longest - 1].end, found
            at += longest or 1

    def _candidates(self, words: list[Token], at: int) -> Iterator[Phrase]:
        if words:
            for lemma in self._lemmas.get(fold(words[at].text), ()):
                yield from self._phrases.get(lemma, ())

    def _spells(self, phrase: Phrase, words: list[Token], at: int, text: str | None) -> bool:
        """Whether the words from `at` on spell the phrase; with a text, also as running text must write it."""
        size = len(phrase.lemmas)
        if at + size > len(words):
            return False
        for k in range(size):
            word = words[at + k]
            if phrase.exact[k] and not word.text.isupper():
                return False
            if k and phrase.lemmas[k] not in self._lemmas.get(fold(word.text), ()):
                return False
            if text is None:
                continue
            if phrase.capital[k] and not word.text[0].isupper():
                return False
            if k and not _joined(text, words[at + k - 1], word):
                return False
        if text is None or not phrase.rule:
            return True
        return phrase.rule == "never" or (phrase.rule == "not-first" and not _opens_sentence(text, words[at].start))


def _joined(text: str, left: Token, right: Token) -> bool:
    """Whether two neighbouring words can belong to one name: no stop, comma or bracket between them."""
    between = text[left.end : right.start]
    if not between.strip():
        return between.count("\n") < 2
    return between in ("-", "‐", "‑", "–", "—", "'", "’", ".") or (between == ". " and left.end - left.start <= 2)


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 20) : start].rstrip(" \t\u00a0—–-")
    return not before or before[-1] in _SENTENCE_ENDS

"""Finds known phrases in running text: token by token, whole words only, longest first, offsets exact."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kayfabe.actors.facts import How

Inflect = Callable[[str], Iterable[str]]

_TOKEN = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_SENTENCE_ENDS = '.!?…:;\n"«»“”„'
_DASHES = "-‐‑–—"
_SHORT = 3
_ABBREVIATION = 3


class Token(NamedTuple):
    """A word of a text, with its offsets."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A known sequence of lemmas. In running text a word of `capital` must begin with a capital letter, and a word of
    `exact` (short acronyms and names: US, ЕС, Xi) must be written just so."""

    lemmas: tuple[str, ...]
    capital: tuple[bool, ...]
    exact: tuple[str, ...]
    how: How | None  # None: it only looks like a naming
    target: str
    rule: str = ""


class _Plain(dict[int, str]):
    """Letters without their marks, worked out once each; й is a letter of its own, a mark by itself vanishes."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        base = unicodedata.normalize("NFD", letter)[0]
        self[code] = "" if unicodedata.combining(base) else base
        return self[code]


_PLAIN = _Plain({ord(a): b for a, b in zip("йłøđıßæœ", ("й", "l", "o", "d", "i", "ss", "ae", "oe"), strict=True)})


def fold(word: str) -> str:
    """Lower case, without accents; ё becomes е: Orbán -> orban, Türkiye -> turkiye, Шрёдер -> шредер."""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFC", word.lower()).translate(_PLAIN)


def tokens(text: str) -> list[Token]:
    """The words of a text; an accent written as a combining mark belongs to its word."""
    return [Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


class Lexicon:
    """Phrases by the lemma of their first word, and the lemmas that each word form may stand for."""

    def __init__(self) -> None:
        self._lemmas: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, list[Phrase]] = {}
        self._added: set[tuple[str, Inflect | None]] = set()

    def add(self, text: str, how: How | None, target: str, rule: str, inflect: Inflect | None) -> None:
        """Add a phrase; `inflect` gives the forms of each of its words."""
        words = [token.text for token in tokens(text)]
        lemmas = tuple(map(fold, words))
        for word, lemma in zip(words, lemmas, strict=True):
            if (word, inflect) in self._added:
                continue
            self._added.add((word, inflect))
            for form in inflect(word) if inflect and not word.isupper() else (word,):
                folded = fold(form)
                known = self._lemmas.get(folded, ())
                if lemma not in known:
                    self._lemmas[folded] = (*known, lemma)
        capital = tuple(word[0].isupper() for word in words)
        one_form = inflect is None and len(words) == 1
        exact = tuple(word if len(word) <= _SHORT and (word.isupper() or one_form) else "" for word in words)
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
            exact = phrase.exact[k]
            if exact and word.text != exact and (text is not None or exact.isupper()):
                return False
            if k and phrase.lemmas[k] not in self._lemmas.get(fold(word.text), ()):
                return False
            if text is None:
                continue
            if phrase.capital[k] and not word.text[0].isupper():
                return False
            if k and not _joined(text, words[at + k - 1], word, loosely=phrase.how is None):
                return False
        return text is None or _allowed(phrase.rule, words, at, size, text)


def _allowed(rule: str, words: list[Token], at: int, size: int, text: str) -> bool:
    """Whether a phrase under that rule counts where it stands."""
    if rule == "not-first":
        return not _opens_sentence(text, words[at].start)
    if rule == "not-before-name":
        return not (at + size < len(words) and _runs_on(text, words[at + size - 1], words[at + size]))
    return rule != "ask-only"


def _joined(text: str, left: Token, right: Token, *, loosely: bool) -> bool:
    """Whether two neighbouring words can belong to one name: no stop, bracket or (unless `loosely`) comma between."""
    between = text[left.end : right.start]
    mark = between.strip()
    if not mark:
        return between.count("\n") < 2
    if mark in _DASHES or (loosely and mark == ","):
        return True
    return between in ("'", "’", ".") or (between == ". " and left.end - left.start <= _ABBREVIATION)


def _runs_on(text: str, left: Token, right: Token) -> bool:
    """Whether a capitalised word follows at once (in a text all in capitals that says nothing)."""
    shouted = right.text.isupper() and len(right.text) > 1
    return right.text[0].isupper() and not shouted and text[left.end : right.start] in (" ", "\u00a0")


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 20) : start].rstrip(" \t\u00a0—–-")
    return not before or before[-1] in _SENTENCE_ENDS

"""Texts as numbers: every word a code, text in quotation marks masked, positions kept so that passages can be found again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

import numpy as np

Array = np.ndarray[Any, Any]

MASKED = 0
_HIDDEN = "\ue000"
_WORD = re.compile(rf"\w+|{_HIDDEN}")
_PLAIN = re.compile(r"\w+")
_SILENT = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_MARKS = "\u0300-\u036f"
_ODD = re.compile(f"[{_SILENT}{_MARKS}]")
_ODD_WORD = re.compile(rf"\w[\w{_SILENT}{_MARKS}]*|{_HIDDEN}")
_ODD_PLAIN = re.compile(rf"\w[\w{_SILENT}{_MARKS}]*")
"""Soft hyphens, zero-width characters and accents of their own stand within words; a word is compared without the former and with the latter joined."""
_AGAIN = (r"(?{}\n)", r"(?{}\n )", r"(?{}[.…]{{3}})", r"(?{}[.…]{{3}} )", "(?{}…)", "(?{}… )")
_OPENS_AGAIN, _OPENS_WITHIN = "|".join(a.format("<=") for a in _AGAIN), "".join(a.format("<!") for a in _AGAIN)
_QUOTED = re.compile(
    f"“(?:[^“”]|{_OPENS_WITHIN}“[^“”]{{0,240}}”){{1,1500}}+(?:”|(?:{_OPENS_AGAIN})(?=“))|"
    "«(?:[^«»]|«[^«»]{0,240}»){1,1500}+»|„[^„“”]{1,1500}+[“”]|"
    '(?<![\\w"])"(?=\\S)[^"]{1,240}(?<=\\S)"(?![\\w"])|'
    r"\[[^\[\]]{60,1500}+\](?!\()"
)
"""Marks that open and close differently may hold 1,500 characters and one quotation within; straight ones 240, since one may be missing. A quotation that
is opened again after a line break or dots is one, closed or not. Long notes in square brackets are an editor's."""


@dataclass(frozen=True)
class Words:
    """Documents as words, one after the other. `code` (t,) int32: 0 is a masked word, equal words have equal codes; `start` (n + 1,)
    int64: document d has the words start[d] : start[d + 1]; `held` (v,): how often each code occurs."""

    code: Array
    start: Array
    held: Array

    @property
    def documents(self) -> int:
        return len(self.start) - 1

    @property
    def document(self) -> Array:
        """The document of each word, shape (t,) int32."""
        return np.repeat(np.arange(self.documents, dtype=np.int32), np.diff(self.start))

    @property
    def unmasked(self) -> Array:
        """Words of each document that are not masked, shape (n,)."""
        seen = np.concatenate([[0], np.cumsum(self.code != MASKED)])
        return np.asarray(seen[self.start[1:]] - seen[self.start[:-1]])

    def surprisal(self) -> Array:
        """-log2 of each code's share of all words, in bits; 0 for masked words. Shape (v,)."""
        held = self.held.astype(float)
        total = max(1.0, held.sum())
        bits = -np.log2(np.maximum(held, 1) / total)
        bits[MASKED] = 0.0
        return np.asarray(bits)


class Reader:
    """Reads texts one by one into `Words`; the caller may drop each text once it is read."""

    def __init__(self) -> None:
        self._codes: defaultdict[str, int] = defaultdict()
        self._codes.default_factory = self._codes.__len__
        self._codes[_HIDDEN]
        self._parts: list[Array] = []

    def read(self, texts: Iterable[str]) -> None:
        """Read these documents, after those read before."""
        code = self._codes.__getitem__
        for text in texts:
            words = _words(masked(folded(text)))
            self._parts.append(np.fromiter(map(code, words), np.int32, len(words)))

    def words(self) -> Words:
        """Everything read so far."""
        start = np.concatenate([[0], np.cumsum([len(p) for p in self._parts])]).astype(np.int64)
        code = np.concatenate(self._parts) if self._parts else np.zeros(0, dtype=np.int32)
        return Words(code, start, np.bincount(code, minlength=max(1, len(self._codes))))


def _words(text: str) -> list[str]:
    """The words of a folded text as they are compared."""
    if _ODD.search(text) is None:
        return _WORD.findall(text)
    found = _ODD_WORD.findall(text)
    return [normalize("NFC", re.sub(f"[{_SILENT}]", "", w)).replace("ё", "е") if _ODD.search(w) else w for w in found]


def read_words(texts: Iterable[str]) -> Words:
    """`texts` as Words."""
    reader = Reader()
    reader.read(texts)
    return reader.words()


def word(text: str) -> str:
    """One word of a text as it is compared."""
    return next(iter(_words(folded(text))), "")


def folded(text: str) -> str:
    """Lower case, ё as е; every character keeps its place."""
    lower = text.lower()
    if len(lower) != len(text):  # İ and a few others grow
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lower.replace("ё", "е").replace(_HIDDEN, " ")


def masked(text: str) -> str:
    """`text` with every word inside quotation marks replaced by one mark: as many words as before.

    A straight mark opens before a word and closes after one, so that a stray one does not swallow the rest.
    """
    return _QUOTED.sub(_hide, text) if any(m in text for m in '"“«„[') else text


def places(text: str) -> Array:
    """First and last + 1 character of every word of `text`, in the order of `Words`, shape (words, 2)."""
    plain = _PLAIN if _ODD.search(text) is None else _ODD_PLAIN
    found = [m.span() for m in plain.finditer(folded(text))]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _hide(quoted: re.Match[str]) -> str:
    plain = _PLAIN if _ODD.search(quoted.group()) is None else _ODD_PLAIN
    return plain.sub(_HIDDEN, quoted.group())

"""English or Russian, or a clear name for what was seen instead."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Literal

from kayfabe.errors import UnreadableText
from kayfabe.read.wordlists import data_toml, word_table

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_TODO = "Give a text in English or Russian."


def language_of(text: str, source: object) -> Literal["en", "ru"]:
    """The language of `text`, by script, telltale letters and stopwords of its first 40,000 characters.

    Raises UnreadableText, naming the script or language seen, for anything but English and Russian.
    """
    sample = text[:40_000]
    scripts = Counter(_script(c) for c in sample if c.isalpha())
    if not scripts:
        raise UnreadableText(source, "it has no words", _TODO)
    script, letters = scripts.most_common(1)[0]
    if script not in ("Latin", "Cyrillic"):
        raise UnreadableText(source, f"it is written in {script} script", _TODO)
    words = [w.lower() for w in _WORD.findall(sample)]
    telltale = data_toml("words.toml")["letters"]
    lower = sample.lower()
    if script == "Cyrillic":
        russian = sum(lower.count(c) for c in "ыэёъщ")
        foreign = {name: sum(lower.count(c) for c in marks) for name, marks in telltale.items()}
        name = max(foreign, key=lambda n: foreign[n])
        if foreign[name] > russian and foreign[name] * 100 > letters:
            raise UnreadableText(source, f"it seems to be in {name}", _TODO)
        best = _likeliest(words, "cyrillic", "Russian")
        if best != "Russian" and russian * 200 < letters:
            raise UnreadableText(source, f"it seems to be in {best}", _TODO)
        return "ru"
    best = _likeliest(words, "latin", "English")
    if best != "English":
        raise UnreadableText(source, f"it seems to be in {best}", _TODO)
    marked = sum(1 for c in lower if c.isalpha() and c > "\x7f")
    known = word_table("stopwords_latin")["English"]
    if len(words) >= 20 and marked * 33 > letters and sum(w in known for w in words) * 10 < len(words):
        raise UnreadableText(source, "it is in a language in Latin script that is not English", _TODO)
    if len(words) >= 60 and sum(w in known for w in words) * 20 < len(words):
        raise UnreadableText(source, "its words are not those of English prose", _TODO)
    return "en"


def _likeliest(words: list[str], script: str, default: str) -> str:
    counts = {name: sum(w in known for w in words) for name, known in word_table(f"stopwords_{script}").items()}
    best = max(counts, key=lambda n: counts[n])
    return best if counts[best] > counts[default] and counts[best] >= 2 else default


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "UNKNOWN").split()[0].capitalize()
    return "Han" if name == "Cjk" else name

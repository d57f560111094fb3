"""Where a sentence asserts several things: its independent clauses, split only where each alleges something of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from kayfabe.models import Kind
from kayfabe.read.folding import Folded
from kayfabe.read.kinds import Scores, score
from kayfabe.read.wordlists import word_table

_BREAK = {
    "en": re.compile(
        r"\s*;\s+(?:and |but |yet )?|\s*,\s+(?:and|but|yet|while|whereas|so)\s+|\s+—\s+(?=(?:and|but|yet)\s)|\s*:\s+|\s*,\s+"
    ),
    "ru": re.compile(r"\s*;\s+|\s*,\s+(?:а|но|и|однако|зато|тогда как)\s+|\s+и\s+|\s*:\s+|\s*,\s+"),
}
_NO_SUBJECT = frozenset(
    [
        "to",
        "which",
        "who",
        "whom",
        "whose",
        "that",
        "where",
        "when",
        "because",
        "if",
        "as",
        "than",
        "although",
        "though",
        "despite",
        "by",
        "for",
        "of",
        "in",
        "on",
        "at",
        "with",
        "without",
        "from",
        "into",
        "not",
    ]
)
_NO_SUBJECT_RU = frozenset(
    [
        "кто",
        "кого",
        "кому",
        "чей",
        "куда",
        "откуда",
        "какой",
        "какая",
        "который",
        "которая",
        "которое",
        "которые",
        "которых",
        "что",
        "чтобы",
        "если",
        "когда",
        "где",
        "потому",
        "хотя",
        "как",
        "чем",
        "словно",
        "будто",
        "для",
    ]
)
_VERB_RU = re.compile(
    r"(?:ет|ёт|ут|ют|ит|ат|ят|ал|ала|али|ало|ил|ила|или|ило|ел|ела|ели|ул|ула|ули|уло|ся|сь|ем|им|нет|есть)$"
)
_LEAST_WORDS = 3
_MOST_BREAKS = 24  # a sentence with more marks than this is a list


@dataclass(frozen=True)
class Clause:
    """Part of a sentence, at offsets into the folded sentence, with the scores of its kinds."""

    start: int
    end: int
    scores: Scores


def split_clauses(sentence: Folded, language: str, features: frozenset[str]) -> list[Clause]:
    """The parts of a sentence that are claims of their own, or the sentence as one.

    It is split between independent clauses (a subject and a finite verb each) that allege different kinds, each in so
    many words; and where three or more such clauses stand in a row. A cue that spans the break keeps the parts together.
    """
    text = sentence.text
    whole = score(text, language, features)
    one = [Clause(0, len(text), whole)]
    if features & {"heading", "note", "byline"} or len(text) < 40:
        return one
    parts = _parts(text, language)
    if len(parts) < 2:
        return one
    scored = [score(text[a:b], language, features - {"fragment"}) for a, b in parts]
    kept: list[Clause] = [Clause(*parts[0], scored[0])]
    listed = len(parts) >= 3 and all(s.strong for s in scored)
    for (a, b), scores in zip(parts[1:], scored[1:], strict=True):
        before = kept[-1]
        apart = before.scores.strong and scores.strong and before.scores.best != scores.best
        rules = before.scores.strong and scores.strong and before.scores.best == scores.best == Kind.UNIVERSAL
        alike = before.scores.best == scores.best == whole.best
        spans = not (listed and alike) and any(
            h.start < before.end and h.end > a and h.cue.gives.get(whole.best.value, 0) >= 2 for h in whole.hits
        )
        if not spans and (apart or rules or (listed and text[before.end : a].lstrip()[:1] in ",;")):
            kept.append(Clause(a, b, scores))
        else:
            kept[-1] = Clause(before.start, b, score(text[before.start : b], language, features))
    return kept if len(kept) > 1 else one


def has_verb(text: str, language: str) -> bool:
    """Whether folded `text` holds a word that looks like a finite verb."""
    words = re.findall(r"[\w'-]+", text)
    return _verb_at(words, language) is not None


def _parts(text: str, language: str) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    start = 0
    for gap in islice(_BREAK[language].finditer(text), _MOST_BREAKS):
        if gap.start() <= start:
            continue
        left = text[start : gap.start()]
        right = text[gap.end() :]
        if _independent(left, language, verb=start > 0) and _independent(re.split(r"[;:,—]", right)[0], language):
            parts.append((start, gap.start()))
            start = gap.end()
    parts.append((start, len(text)))
    return parts


def _independent(clause: str, language: str, *, verb: bool = True) -> bool:
    """Whether `clause` can stand alone; with `verb` False, as the opening of a sentence, whose verb may be unknown."""
    words = re.findall(r"[\w'-]+", clause)
    if len(words) < _LEAST_WORDS or clause.count('"') % 2:
        return False
    none = _NO_SUBJECT if language == "en" else _NO_SUBJECT_RU
    if words[0] in none:
        return False
    at = _verb_at(words, language)
    return not verb or (at is not None and (language == "ru" or 0 < at <= 9))


def _verb_at(words: list[str], language: str) -> int | None:
    verbs = word_table("verbs")
    for i, word in enumerate(words):
        if language == "ru":
            if (len(word) > 2 and _VERB_RU.search(word)) or word in ("—", "это"):
                return i
            continue
        if word in verbs["en_auxiliary"] or word in verbs["en_plain"]:
            return i
        if i > 0 and len(word) > 3 and word.endswith("ed"):
            return i
    return None

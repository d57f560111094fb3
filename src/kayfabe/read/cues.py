"""A small language for cue patterns, and the index that finds which of many patterns can match a sentence.

A pattern is words separated by spaces, matched on folded text:

    word      that word                    word*     any word beginning so
    a|b_c     either; _ joins a phrase     <group>   any entry of the group of that name
    (word)    may be missing               ..5       at most five words between
    #         a number                     ^  $      the beginning, the end
    , : ; ?   that mark

Words apart from one another by marks and spaces count as neighbours.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

_WORD = re.compile(r"[\w'-]+")
_NUMBER = r"\d[\d.,]*"
# Atomic groups and possessive repeats: a gap can be crossed in one way only, so that no text makes matching explode.
BETWEEN = r"(?:\W++(?>\w+(?:['-]\w+)*))"
_MARKS = {",": ",", ":": ":", ";": ";", "?": r"\?", "!": "!", '"': '"', "—": "—"}


@dataclass(frozen=True)
class Cue:
    """One row of a lexicon: what it `gives` where `pattern` matches, all of `also` match and none of `unless`.

    Regular expressions are kept as text and compiled where first tried: most cues of a lexicon meet no word of a text.
    """

    id: str
    gives: Mapping[str, float]
    regex: str
    also_regexes: tuple[str, ...] = ()
    unless_regexes: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    anchors: frozenset[str] = field(default=frozenset(), repr=False)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the cue looks for."""
        return re.compile(self.regex)

    @cached_property
    def also(self) -> tuple[re.Pattern[str], ...]:
        """What must occur too."""
        return tuple(map(re.compile, self.also_regexes))

    @cached_property
    def unless(self) -> tuple[re.Pattern[str], ...]:
        """What must not occur."""
        return tuple(map(re.compile, self.unless_regexes))


@dataclass(frozen=True)
class Hit:
    """A cue that matched, with the folded span of its pattern."""

    cue: Cue
    start: int
    end: int


class CueIndex:
    """Many cues, of which only those whose rarest word occurs in a sentence are tried on it."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        self._exact: dict[str, list[Cue]] = defaultdict(list)
        self._prefix: dict[str, list[Cue]] = defaultdict(list)
        self._always: list[Cue] = []
        for cue in cues:
            if not cue.anchors:
                self._always.append(cue)
            for anchor in cue.anchors:
                (self._prefix if anchor.endswith("*") else self._exact)[anchor.rstrip("*")].append(cue)
        self._shortest = min(map(len, self._prefix), default=1)
        self._longest = max(map(len, self._prefix), default=0)
        self._of_word: dict[str, tuple[Cue, ...]] = {}

    def hits(self, text: str, features: frozenset[str] = frozenset()) -> list[Hit]:
        """Every cue that matches folded `text`, each once, at its first match, in order of cue id."""
        candidates: dict[str, Cue] = {cue.id: cue for cue in self._always}
        for word in set(_WORD.findall(text)):
            for cue in self._of(word):
                candidates[cue.id] = cue
        found = []
        for _, cue in sorted(candidates.items()):
            if not cue.features <= features:
                continue
            match = cue.pattern.search(text)
            if match is None or any(u.search(text) for u in cue.unless) or not all(a.search(text) for a in cue.also):
                continue
            found.append(Hit(cue, match.start(), match.end()))
        return found

    def _of(self, word: str) -> tuple[Cue, ...]:
        known = self._of_word.get(word)
        if known is None:
            parts = {word, *re.split(r"['-]", word)}
            cues = [c for p in parts for c in self._exact.get(p, ())]
            for part in parts:
                for size in range(self._shortest, min(len(part), self._longest) + 1):
                    cues += self._prefix.get(part[:size], ())
            if len(self._of_word) > 50_000:
                self._of_word.clear()
            known = self._of_word[word] = tuple(cues)
        return known


def translate(pattern: str, groups: Mapping[str, Sequence[str]]) -> tuple[str, frozenset[str]]:
    """`pattern` as a regular expression, and its anchors: words of which one must occur where it matches.

    Raises ValueError for an unknown group, a mark inside of a word, a gap at the end, or an empty pattern.
    """
    parts: list[str] = []
    anchors: frozenset[str] | None = None
    gap: str | None = None
    open_ended = True
    for token in pattern.replace("ё", "е").split():
        if token in ("^", "$"):
            parts.append(r"^\W*" if token == "^" else r"\W*$")
            open_ended = True
            continue
        if token.startswith(".."):
            gap = rf"{BETWEEN}{{0,{int(token[2:])}}}?\W+"
            continue
        if token in _MARKS:
            parts.append(rf"{BETWEEN}{{0,12}}?[^\w]*?{_MARKS[token]}" if gap else rf"[^\w]*?{_MARKS[token]}")
            gap, open_ended = None, False
            continue
        optional = token.startswith("(") and token.endswith(")")
        choices = _choices(token[1:-1] if optional else token, groups)
        odd = [c for c in choices if not re.fullmatch(r"[\w'* -]+|[#—]", c)]
        if odd:
            raise ValueError(f"marks inside of a word: {odd[0]!r}")
        body = "(?:" + "|".join(_word(c) for c in choices) + ")"
        before = "" if open_ended and gap is None else (gap or r"\W+")
        if optional:
            parts.append(rf"(?:{before}{body})?" if before else rf"(?:{body}\W++)?")
            open_ended = open_ended and not before
        else:
            parts.append(before + body)
            open_ended = False
            if all(re.search(r"\w", c) for c in choices):
                words = frozenset(_anchor(c) for c in choices)
                if anchors is None or _worth(words) > _worth(anchors):
                    anchors = words
        gap = None
    if gap is not None:
        raise ValueError(f"a gap at the end of {pattern!r}")
    if not parts:
        raise ValueError(f"empty pattern {pattern!r}")
    first = pattern.split()[0]
    boundary = "" if first == "^" or first in _MARKS else r"(?<!\w)"
    return boundary + "".join(parts), anchors or frozenset()


def cues_of(rows: Iterable[Mapping[str, str]], groups: Mapping[str, Sequence[str]]) -> Iterator[Cue]:
    """Cues from lexicon rows with the columns id, gives ("kind weight; kind weight"), pattern, also, unless, features.

    Several patterns in one cell of `also` or `unless` are separated by " / ".
    """
    for row in rows:
        try:
            regex, anchors = translate(row["pattern"], groups)
            yield Cue(
                id=row["id"],
                gives={part.split()[0]: float(part.split()[1]) for part in row["gives"].split(";") if part.strip()},
                regex=regex,
                also_regexes=_several(row.get("also"), groups),
                unless_regexes=_several(row.get("unless"), groups),
                features=frozenset((row.get("features") or "").split()),
                anchors=anchors,
            )
        except (ValueError, IndexError, KeyError) as wrong:
            raise ValueError(f"cue {row.get('id')}: {wrong}") from wrong


def _several(cell: str | None, groups: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(translate(p, groups)[0] for p in (cell or "").split(" / ") if p.strip())


def _choices(token: str, groups: Mapping[str, Sequence[str]]) -> list[str]:
    out: list[str] = []
    for part in token.split("|"):
        if part.startswith("<") and part.endswith(">"):
            if part[1:-1] not in groups:
                raise ValueError(f"unknown group {part}")
            out += [entry.replace("ё", "е") for entry in groups[part[1:-1]]]
        else:
            out.append(part.replace("_", " "))
    return out


def _word(entry: str) -> str:
    if entry == "#":
        return _NUMBER
    words = [re.escape(w.rstrip("*")) + (r"[\w'-]*+" if w.endswith("*") else r"(?!\w)") for w in entry.split()]
    return r"\W++".join(words)


def _anchor(entry: str) -> str:
    return max(entry.split(), key=lambda word: len(word.rstrip("*")))


def _worth(words: frozenset[str]) -> float:
    """Few and long anchors are worth most."""
    return min(len(w.rstrip("*")) for w in words) - 0.25 * len(words)

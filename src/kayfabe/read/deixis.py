"""Whom "we" and "the enemy" mean, as the text itself shows it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kayfabe.actors import Found
from kayfabe.models import Text
from kayfabe.read.folding import Folded, fold
from kayfabe.read.mentions import named_actors, only_locates
from kayfabe.read.sentences import Sentence, sentences
from kayfabe.read.wordlists import data_toml

_SAME_BREATH = 4.0
_LEAST = {"we": 2.0, "enemy": 1.5}
_LEAD = 1.5  # a proposal outweighs the next actor by this factor


@dataclass(frozen=True)
class Deixis:
    """The actor that a pointing word is proposed to mean, and the sentences that say so."""

    actor: str
    why: str


def deixis(text: Text) -> dict[str, Deixis]:
    """Propose an actor id for "we" and for "enemy", each only where the text gives it.

    An actor named in one breath with the word ("We are ... Russia", «наш враг — X»; patterns in data/deixis_*.toml)
    counts 4. For "we", an actor named in the word's sentence counts .25. For "enemy", it counts 1, in the sentence
    before 1.5, elsewhere in the paragraph .5; the actor proposed for "we" is left out. A proposal needs 2 ("we") or
    1.5 ("enemy"), and 1.5 times the weight of the next actor. These numbers are choices, not estimates.
    """
    folded = fold(text.text)
    parts = sentences(text.text, text.language)
    named = named_actors(text.text, text.language, text.published)
    inside = _by_sentence(parts, [found for found in named if not only_locates(text.text, found, text.language)])
    out: dict[str, Deixis] = {}
    for side in ("we", "enemy"):
        weights: dict[str, float] = defaultdict(float)
        reasons: dict[str, list[tuple[float, int, str]]] = defaultdict(list)
        for i, gain, found in _evidence(folded, parts, inside, text.language, side):
            weights[found.actor] += gain
            near = parts[i] if parts[i].start <= found.start < parts[i].end else None
            quoted = text.text[parts[i].start : parts[i].end]
            reasons[found.actor].append((gain, i, quoted if near else f"{found.mention} … {quoted}"))
        if side == "enemy" and "we" in out:
            weights.pop(out["we"].actor, None)
        ranked = sorted(weights, key=lambda actor: (-weights[actor], actor))
        if not ranked or weights[ranked[0]] < _LEAST[side]:
            continue
        if len(ranked) > 1 and weights[ranked[0]] < _LEAD * weights[ranked[1]]:
            continue
        best = sorted(reasons[ranked[0]], key=lambda r: (-r[0], r[1]))[:2]
        out[side] = Deixis(ranked[0], " / ".join(dict.fromkeys(" ".join(r[2].split()) for r in best)))
    return out


def _by_sentence(parts: list[Sentence], named: list[Found]) -> list[list[Found]]:
    out: list[list[Found]] = [[] for _ in parts]
    at = 0
    for i, part in enumerate(parts):
        while at < len(named) and named[at].start < part.end:
            if named[at].start >= part.start:
                out[i].append(named[at])
            at += 1
    return out


def _evidence(
    folded: Folded, parts: list[Sentence], inside: list[list[Found]], language: str, side: str
) -> Iterator[tuple[int, float, Found]]:
    for i, part in enumerate(parts):
        base, end = folded.folded(part.start, part.end)
        words = folded.text[base:end]
        if not _word(language, side).search(words):
            continue
        for found in inside[i]:
            a, b = folded.folded(found.start, found.end)
            if _direct(language, side).search(f"{words[: a - base]}@{words[b - base :]}"):
                yield i, _SAME_BREATH, found
            elif found.how != "demonym":
                yield i, 1.0 if side == "enemy" else 0.25, found
        if side == "we":
            continue
        for j in range(max(0, i - 8), min(len(parts), i + 9)):
            if j != i and parts[j].paragraph == part.paragraph:
                for found in inside[j]:
                    if found.how != "demonym":
                        yield i, 1.5 if j == i - 1 else 0.5, found


@cache
def _word(language: str, side: str) -> re.Pattern[str]:
    return re.compile(data_toml(f"deixis_{language}.toml")[side]["word"])


@cache
def _direct(language: str, side: str) -> re.Pattern[str]:
    return re.compile("|".join(data_toml(f"deixis_{language}.toml")[side]["same_breath"]))

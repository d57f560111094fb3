"""Whom "we" and "the enemy" mean, as the text itself shows it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from kayfabe.models import Text
from kayfabe.read.folding import fold
from kayfabe.read.mentions import Named, named_actors
from kayfabe.read.sentences import sentences
from kayfabe.read.wordlists import data_toml

_LEAST = 2.0


@dataclass(frozen=True)
class Deixis:
    """The actor that a pointing word is proposed to mean, and the sentences that say so."""

    actor: str
    why: str


def deixis(text: Text) -> dict[str, Deixis]:
    """Propose an actor id for "we" and for "enemy", each only where the text gives it.

    Evidence is weighed by the patterns of data/deixis_*.toml: an actor named in the same breath ("We are ... Russia",
    «мы, россияне», "our enemy, X") counts 4, an actor named in the sentence of the word 1, in its paragraph .5; an actor
    that is "we" cannot be the enemy. A proposal needs 2 in all, and half again as much as the next actor.
    """
    folded = fold(text.text)
    parts = sentences(text.text, text.language)
    named = named_actors(text.text, text.language, text.published)
    out: dict[str, Deixis] = {}
    for side in ("we", "enemy"):
        weights: dict[str, float] = defaultdict(float)
        why: dict[str, list[tuple[float, int, str]]] = defaultdict(list)
        by_paragraph: dict[int, list[Named]] = defaultdict(list)
        for part in parts:
            by_paragraph[part.paragraph] += [n for n in named if part.start <= n.start < part.end]
        seen_pairs: set[tuple[str, int, str]] = set()
        for part in parts:
            words = folded.text[slice(*folded.folded(part.start, part.end))]
            if not _pattern(text.language, side).search(words):
                continue
            whole = text.text[part.start : part.end]
            inside = [n for n in named if part.start <= n.start < part.end]
            direct = _same_breath(words, inside, folded.folded(part.start, part.end)[0], folded.folded, text.language, side)
            for found in inside:
                gain = 4.0 if found in direct else (1.0 if side == "enemy" else 0.25)
                weights[found.actor] += gain
                why[found.actor].append((gain, part.start, whole))
            for found in by_paragraph[part.paragraph]:
                pair = (found.actor, part.paragraph, side)
                if side == "enemy" and found not in inside and pair not in seen_pairs:
                    seen_pairs.add(pair)
                    weights[found.actor] += 0.5 + (0.5 if found.how == "name" else 0.0)
                    why[found.actor].append((0.5, part.start, f"{text.text[found.start:found.end]} … {whole}"))
        if side == "enemy" and "we" in out:
            weights.pop(out["we"].actor, None)
        ranked = sorted(weights, key=lambda actor: (-weights[actor], actor))
        if not ranked or weights[ranked[0]] < _LEAST:
            continue
        if len(ranked) > 1 and weights[ranked[0]] < 1.5 * weights[ranked[1]]:
            continue
        reasons = sorted(why[ranked[0]], key=lambda r: (-r[0], r[1]))[:2]
        out[side] = Deixis(ranked[0], " / ".join(" ".join(r[2].split()) for r in reasons))
    return out


def _same_breath(words, inside, base, to_folded, language, side):  # type: ignore[no-untyped-def]
    direct = []
    for found in inside:
        a, b = to_folded(found.start, found.end)
        marked = f"{words[: a - base]}@{words[b - base :]}"
        if _direct(language, side).search(marked):
            direct.append(found)
    return direct


@cache
def _pattern(language: str, side: str) -> re.Pattern[str]:
    return re.compile(data_toml(f"deixis_{language}.toml")[side]["word"])


@cache
def _direct(language: str, side: str) -> re.Pattern[str]:
    return re.compile("|".join(data_toml(f"deixis_{language}.toml")[side]["same_breath"]))

"""Whose words a sentence is and whether it denies: what the rules say, read again with the encoder."""

from __future__ import annotations

import re

from kayfabe.models import Kind, Mention
from kayfabe.read.attribution import NEGATABLE, Stance, first_person
from kayfabe.read.denial import innocent
from kayfabe.read.judged import Judged
from kayfabe.read.parsing import Language, parses
from kayfabe.read.reports import UNNAMED, Report
from kayfabe.read.weighed import limits
from kayfabe.read.wordlists import small_words

_AFFIRMS = re.compile(r"\b(?:without|unless|until|not (?:only|just|merely)|без|пока|не (?:только|просто|столько))\b")


def reported(
    rules: Report | None, text: str, span: tuple[int, int], judged: Judged, mentions: list[Mention], language: Language, *, runs: bool
) -> Report | None:
    """Who is said to assert the sentence text[span]: as the rules found, unless only by its syntax while the encoder, in a text that
    `runs`, finds nobody; else the mention or noun that the encoder marks, or "unnamed", where it is sure enough."""
    known = limits("sources")
    if rules is not None:
        return rules if rules.sure or not runs or judged.attributed >= known.keep else None
    if judged.attributed < (known.add if runs else known.alone):
        return None
    start, end = judged.source()
    cue = " ".join(text[start:end].split())
    named = next((m for m in mentions if m.start < end and start < m.end), None)
    if named is not None:
        return None if first_person(named.mention, language) else Report(named.mention, cue, ((named.start, named.end),))
    if first_person(cue, language) or small_words(language).issuperset(re.findall(r"[^\W\d_]+", cue.lower())):
        return None
    return Report(cue if _names(text, span, start, end, language) else UNNAMED, cue, ((start, end),))


def negated(rules: Stance, folded: str, kind: Kind, judged: Judged, language: Language, *, runs: bool) -> bool:
    """Whether the claim is denied: as the rules found, unless only by its syntax while the encoder, in a text that `runs`, finds no
    denial; else where the encoder is sure enough, no "never" or "nobody" could have misled it, and no "without" or "by chance"
    makes an affirmation of it."""
    known = limits("denials")
    if rules.negated:
        return rules.plainly or not runs or judged.denied >= known.keep
    if judged.denied < (known.add if runs else known.alone) or kind not in NEGATABLE or rules.quantifier in ("never", "none"):
        return False
    return not innocent(folded, language) and _AFFIRMS.search(folded) is None


def _names(text: str, span: tuple[int, int], start: int, end: int, language: Language) -> bool:
    tree = parses(language, [text[slice(*span)]])[0]
    inside = [] if tree is None else [w for w in tree.words if start - span[0] <= w.start < end - span[0]]
    return any(w.pos in ("NOUN", "PROPN") for w in inside)

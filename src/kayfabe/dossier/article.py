"""The text cut into paragraphs and runs, so that every claim is marked in place and every character is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kayfabe.models import Claim

_BLANK = re.compile(r"\n[ \t]*\n\s*")
_BULLET = re.compile(r"\s*(?:[-*\u2022\u2013\u2014]|\d{1,3}[.)])\s")
_SENTENCE_END = re.compile(r"[.!?\u2026:;][\"'\u00bb\u201d\u2019)\]]*$")
_WRAP_WIDTH = 100


@dataclass(frozen=True)
class Run:
    """A stretch of text under the same mark. `claim` indexes the claims; `opens` and `closes` tell its first and last run;
    `hidden` are claims that begin here and have no run of their own, because shorter claims cover them whole."""

    text: str
    claim: int | None = None
    opens: bool = False
    closes: bool = False
    hidden: tuple[int, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    """`before` is the white space that stood in front of it."""

    before: str
    runs: tuple[Run, ...]


def paragraphs(text: str, claims: Sequence[Claim]) -> list[Paragraph]:
    """`text` as paragraphs whose runs carry the claims. Joined again, befores and runs are `text`.

    Where claims overlap, the shorter one owns the characters. Spans outside the text are clipped.
    """
    spans = _spans(text, claims)
    bounds = _bounds(text)
    cuts = sorted({c for b in bounds for c in b} | {c for s in spans if s for c in s})
    owner = _owners(cuts, spans)
    opens: dict[int, int] = {}
    closes: dict[int, int] = {}
    for start in cuts[:-1]:
        mine = owner.get(start)
        if mine is not None and any(a <= start < b for a, b in bounds[:1]) or mine is not None:
            opens.setdefault(mine, start)
            closes[mine] = start
    hidden: dict[int, list[int]] = {}
    starts = [c for c in cuts[:-1]] or [0]
    for i, span in enumerate(spans):
        if i not in opens:
            at = span[0] if span else 0
            hidden.setdefault(max((c for c in starts if c <= at), default=starts[0]), []).append(i)
    found: list[Paragraph] = []
    done = 0
    for a, b in bounds:
        inside = [c for c in cuts if a <= c < b] + [b]
        runs = tuple(
            Run(
                text[s:e],
                owner.get(s),
                opens=owner.get(s) is not None and opens[owner[s]] == s,
                closes=owner.get(s) is not None and closes[owner[s]] == s,
                hidden=tuple(hidden.get(s, ())),
            )
            for s, e in zip(inside, inside[1:], strict=False)
        )
        found.append(Paragraph(text[done:a], runs))
        done = b
    if done < len(text):
        found.append(Paragraph(text[done:], ()))
    return found

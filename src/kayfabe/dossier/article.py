"""The text cut into paragraphs and runs, so that every claim is marked in place and every character is kept."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kayfabe.models import Claim

_BLANK = re.compile(r"\n[ \t]*\n\s*")
_BULLET = re.compile(r"\s*(?:[-*\u2022\u2013\u2014]|\d{1,3}[.)])\s")
_SENTENCE_END = re.compile(r"[.!?\u2026:;][\"'\u00bb\u201d\u2019)\]]*$")
_WRAP_WIDTH = 100

Span = tuple[int, int]


@dataclass(frozen=True)
class Run:
    """A stretch of text under one mark.

    `claim` indexes the claims; `opens` and `closes` tell a claim's first and last run. `hidden` are claims without a
    run of their own, because shorter claims cover them whole: their marks stand after this run.
    """

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
    spans = [(min(max(c.start, 0), len(text)), min(max(c.end, 0), len(text))) for c in claims]
    bounds = _bounds(text)
    cuts = sorted({c for pair in (*bounds, *spans) for c in pair})
    owner = _owners(cuts, spans)
    pieces: list[list[tuple[Span, int | None]]] = []
    for a, b in bounds:
        inside = cuts[bisect_left(cuts, a) : bisect_right(cuts, b)]
        pieces.append(_joined([((s, e), owner.get(s)) for s, e in pairwise(inside)]))
    flat = [piece for paragraph in pieces for piece in paragraph]
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for (s, _), mine in flat:
        if mine is not None:
            first.setdefault(mine, s)
            last[mine] = s
    hidden = _hidden([i for i in range(len(claims)) if i not in first], spans, [span for span, _ in flat])
    found: list[Paragraph] = []
    done = 0
    for (a, b), paragraph in zip(bounds, pieces, strict=True):
        runs = tuple(
            Run(text[s:e], mine, first.get(mine) == s, last.get(mine) == s, hidden.get(s, ()))
            if mine is not None
            else Run(text[s:e], hidden=hidden.get(s, ()))
            for (s, e), mine in paragraph
        )
        found.append(Paragraph(text[done:a], runs))
        done = b
    if done < len(text) or not found:
        found.append(Paragraph(text[done:], (Run("", hidden=hidden.get(-1, ())),) if -1 in hidden else ()))
    return found


def text_of(found: Sequence[Paragraph]) -> str:
    """The text that the paragraphs came from."""
    return "".join(p.before + "".join(r.text for r in p.runs) for p in found)


def _owners(cuts: Sequence[int], spans: Sequence[Span]) -> dict[int, int]:
    """The claim that owns the piece beginning at each cut: longer claims are painted first, shorter ones over them."""
    owner: dict[int, int] = {}
    for i in sorted(range(len(spans)), key=lambda i: (spans[i][0] - spans[i][1], i)):
        start, end = spans[i]
        if start < end:
            for k in range(bisect_left(cuts, start), bisect_left(cuts, end)):
                owner[cuts[k]] = i
    return owner


def _joined(pieces: Sequence[tuple[Span, int | None]]) -> list[tuple[Span, int | None]]:
    """Neighbours of the same owner as one piece."""
    found: list[tuple[Span, int | None]] = []
    for (s, e), mine in pieces:
        if found and found[-1][1] == mine:
            found[-1] = ((found[-1][0][0], e), mine)
        else:
            found.append(((s, e), mine))
    return found


def _hidden(without: Sequence[int], spans: Sequence[Span], pieces: Sequence[Span]) -> dict[int, tuple[int, ...]]:
    """Claims without a run, by the start of the piece after which they are marked; -1 where there is no text at all."""
    found: dict[int, tuple[int, ...]] = {}
    ends = [e for _, e in pieces]
    for i in without:
        k = min(bisect_right(ends, spans[i][0]), len(pieces) - 1)
        at = pieces[k][0] if pieces else -1
        found[at] = (*found.get(at, ()), i)
    return found


def _bounds(text: str) -> list[Span]:
    """The paragraphs' spans, without the white space around them."""
    blocks: list[Span] = []
    done = 0
    for gap in _BLANK.finditer(text):
        blocks.append((done, gap.start()))
        done = gap.end()
    blocks.append((done, len(text)))
    wrapped = _hard_wrapped([text[a:b] for a, b in blocks])
    found: list[Span] = []
    for a, b in blocks:
        start = a
        for k in range(a, b):
            if text[k] == "\n" and (not wrapped or _BULLET.match(text, k + 1)):
                found.append((start, k))
                start = k + 1
        found.append((start, b))
    return [(a + len(t) - len(t.lstrip()), a + len(t.rstrip())) for a, b in found if (t := text[a:b]).strip()]


def _hard_wrapped(blocks: Sequence[str]) -> bool:
    """Whether single line breaks only wrap lines (as in mail and scanned pages) instead of ending paragraphs."""
    lines = [line.rstrip() for block in blocks for line in block.split("\n")[:-1]]
    if not lines:
        return False
    ended = sum(bool(_SENTENCE_END.search(line)) for line in lines)
    return max(map(len, lines)) <= _WRAP_WIDTH and ended < len(lines) / 2

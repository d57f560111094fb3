"""A text folded for matching, with the way back: lower case, plain quotes, no invisible or combining characters."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from dataclasses import dataclass

_PLAIN = {
    "\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00b4": "'", "`": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\n": " ", "\t": " ",
    "\u2013": "\u2014", "\u2212": "\u2014", "ё": "е", "Ё": "е", "\u2026": "\u2026",
}  # fmt: skip


@dataclass(frozen=True)
class Folded:
    """`text` is the folded form; character i of it stands at `origins[i]` in the original, whose length is the last
    entry, so that `origins` is one longer than `text`."""

    text: str
    origins: list[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that folded characters start..end came from."""
        if end <= start:
            return self.origins[start], self.origins[start]
        return self.origins[start], self.origins[end - 1] + 1

    def folded(self, start: int, end: int) -> tuple[int, int]:
        """The folded span of the original characters start..end."""
        return bisect_left(self.origins, start), bisect_left(self.origins, end)

    def part(self, start: int, end: int) -> Folded:
        """The fold of the original span start..end alone; its origins still count from the whole text's beginning."""
        a, b = self.folded(start, end)
        return Folded(self.text[a:b], [*self.origins[a:b], end])


def fold(text: str) -> Folded:
    """`text` in lower case with plain quotes, dashes and spaces, «ё» as «е», without format and combining characters."""
    out: list[str] = []
    origins: list[int] = []
    for i, c in enumerate(text):
        if c < "\x80":
            out.append(" " if c in "\n\t" else "'" if c == "`" else c.lower())
            origins.append(i)
            continue
        plain = _PLAIN.get(c)
        if plain is None:
            category = unicodedata.category(c)
            if category in ("Cf", "Mn", "Me"):
                continue
            plain = c.lower()
            if len(plain) != 1:
                plain = c
        out.append(plain)
        origins.append(i)
    origins.append(len(text))
    return Folded("".join(out), origins)

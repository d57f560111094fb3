"""Whether an author reports a claim in order to deny it, or says no in so many words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from kayfabe.models import Kind
from kayfabe.read.wordlists import data_toml

_LONGEST = 1_200  # characters; what is longer is no sentence


@dataclass(frozen=True)
class _Denials:
    frames: tuple[re.Pattern[str], ...]
    plain: tuple[re.Pattern[str], ...]
    of_kind: tuple[tuple[str, re.Pattern[str]], ...]
    innocent: re.Pattern[str]
    sham: re.Pattern[str]


def denied(folded: str, language: str, kind: Kind) -> bool:
    """Whether the claim in `folded` is denied, by the patterns of data/denial_*.toml.

    Denying that something was chance, honest or independent affirms the plot; denying a quarrel without a word of sham
    affirms that it is staged. Such sentences are not negated. In doubt the answer is no.
    """
    if len(folded) > _LONGEST:
        return False
    known = _denials(language)
    if any(kind.value == name and pattern.search(folded) for name, pattern in known.of_kind):
        return True
    if any(pattern.search(folded) for pattern in known.plain):
        return True
    if not any(pattern.search(folded) for pattern in known.frames) or innocent(folded, language):
        return False
    return kind is not Kind.STAGED_DISAGREEMENT or known.sham.search(folded) is not None


def innocent(folded: str, language: str) -> bool:
    """Whether the words tell of chance, honesty or independence, so that to deny them affirms the plot."""
    return _denials(language).innocent.search(folded) is not None


@cache
def _denials(language: str) -> _Denials:
    data = data_toml(f"denial_{language}.toml")

    def compiled(pattern: str) -> re.Pattern[str]:
        for name in ("claim", "false", "fails"):
            pattern = pattern.replace(name.upper(), data[name])
        return re.compile(pattern)

    return _Denials(
        tuple(compiled(rule["pattern"]) for rule in data["frame"]),
        tuple(compiled(rule["pattern"]) for rule in data["plain"]),
        tuple((rule["kind"], compiled(rule["pattern"])) for rule in data["of_kind"]),
        re.compile(data["innocent"]),
        re.compile(data["sham"]),
    )

"""Passages matched to provisions, by meaning where the embedding model is here and by words otherwise, with what is known of its errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from kayfabe.instruments.coverage_alignment import Words, align
from kayfabe.instruments.coverage_cells import Sight
from kayfabe.instruments.coverage_labels import LEAST_MATCHES, LEAST_PRECISION
from kayfabe.instruments.coverage_meaning import CHANCE, MEASURED_ACROSS, MEASURED_WITHIN, MOST, Measured, meant
from kayfabe.progress import Progress
from kayfabe.read.embedding import INSTALL
from kayfabe.stats.intervals import clopper_pearson

Array = np.ndarray[Any, Any]
LEAST_RIGHT = 0.6
CONTEXT = 2
"""Passages before one that may hold the name it speaks of."""


@dataclass(frozen=True)
class Matching:
    """`match` (passages,) the provision that each passage names, or -1; `score` how surely; `about` whether the passage has to do with the
    agreement; `across` (passages,) whether it is in a language in which no provision has its text; `precision` to expect; `known` what the
    finding lists about the matching, `said` what it warns of; `share` of the compared passages that are matched."""

    match: Array
    score: Array
    about: Array
    across: Array
    precision: float | None
    sight: Sight
    known: dict[str, Any] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    share: float | None = None

    def too_poor(self) -> str:
        """Why the matches cannot be relied on; empty where they can."""
        if self.precision is None or self.precision >= LEAST_RIGHT:
            return ""
        return (
            f"So few of the sentences seem to name a provision{f' ({self.share:.0%} of those compared)' if self.share is not None else ''} that no more than {self.precision:.0%} "
            f"of the matches are expected to be right; {LEAST_RIGHT:.0%} are needed. That would take texts of which {enough(LEAST_RIGHT):.0%} of the sentences name one: load articles about the agreement only, or compare only the sentences that speak of it (--about). "
            f"Or give labels by hand in a column `provisions`: {LEAST_MATCHES} matches in labelled articles, {LEAST_PRECISION:.0%} of them right, would do."
        )

    @property
    def none(self) -> bool:
        return not bool((self.match >= 0).any())


def speaking_of(words: Words, texts: int, names: str) -> Array | None:
    """(passages read,): whether a passage, or one of the two before it in its text, has a word that begins with one of `names` (separated by
    ';'); None without names. Passages read are those of the texts after the first `texts`."""
    wanted = [re.escape(n.strip()) for n in names.split(";") if n.strip()]
    if not wanted:
        return None
    pattern = re.compile(rf"\b(?:{'|'.join(wanted)})", re.IGNORECASE)
    read = np.flatnonzero(words.text_of >= texts)
    has = np.array([pattern.search(words.passages[k]) is not None for k in read.tolist()], dtype=bool)
    of, near = words.text_of[read], has.copy()
    for back in range(1, CONTEXT + 1):
        near[back:] |= has[:-back] & (of[back:] == of[:-back])
    return near


def matching(
    words: Words, written: Sequence[str], texts: int, own: Array, how: str, seed: int, progress: Progress, names: str = ""
) -> Matching:
    """The passages of the `texts` that follow the provisions' texts (`written`); `how` is "meaning" or "words"; with `names` only passages
    that speak of one of them are compared."""
    near = speaking_of(words, len(own), names)
    if how == "words":
        return _by_words(words, texts, own, seed, "", near)
    found = meant(words, written, own, progress, near)
    if isinstance(found, str):
        return _by_words(words, texts, own, seed, f"Matched by words alone: {found}. Install: {INSTALL}" if "extra" in found else f"Matched by words alone: {found}.", near)
    n = int(own.sum())
    across = bool(found.across.any())
    rows = [("within a language", MEASURED_WITHIN)] + ([("across languages", MEASURED_ACROSS)] if across else [])
    named = int((found.match >= 0).sum())
    full = f" Of {len(found.match):,} sentences only the {MOST:,} with most words of the provisions were compared." if found.seen.sum() == MOST else ""
    groups = ((MEASURED_ACROSS, found.across), (MEASURED_WITHIN, ~found.across))
    right = sum(_right(measured, found.match[group & found.seen]) for measured, group in groups)
    precision = right / named if named else None
    return Matching(
        match=found.match, score=found.chance, about=found.chance >= CHANCE / 2, across=found.across, precision=precision, share=named / max(1, int(found.seen.sum())),
        sight=Sight(precision or 1.0, _low(MEASURED_WITHIN), _high(MEASURED_WITHIN), MEASURED_ACROSS.least, _high(MEASURED_ACROSS)),
        known={
            "matched_by": "meaning", "model": found.model, "threshold": CHANCE, "embedded": int(found.seen.sum()), "passages": len(found.match), "provisions": n, "matched": named,
            "across_languages": int((found.across & (found.match >= 0)).sum()), "expected_precision": precision,
            "on_pairs": [_pairs(label, m) for label, m in rows],
        },
        said=(
            "Passages are matched by sentence vectors and shared words. On English and Russian pairs kept apart from the fitting (other languages were not measured), "
            + "; ".join(f"{m.precision:.0%} of matches {label} were right and {m.recall:.0%} of what was carried was found" for label, m in rows)
            + ". A missed match looks like an omission."
            + (f" Of the sentences compared here {named / max(1, int(found.seen.sum())):.0%} are matched; so of the matches {precision:.0%} are expected to be right." if precision is not None else "")
            + full,
        ),
    )  # fmt: skip


def enough(right: float) -> float:
    """The least share of passages matched at which so many matches are expected to be right, within a language."""
    shares = np.linspace(0.001, 1, 1000)
    return float(shares[np.array([MEASURED_WITHIN.right_of(float(x)) for x in shares]) >= right][0])


def _right(measured: Measured, match: Array) -> float:
    """How many of the matches are right, by the share of the passages compared that are matched."""
    hits = int((match >= 0).sum())
    return hits * measured.right_of(hits / len(match)) if hits else 0.0


def _low(m: Measured) -> float:
    return clopper_pearson(m.right, m.carrying)[0]


def _high(m: Measured) -> float:
    return clopper_pearson(m.right, m.carrying)[1]


def _pairs(label: str, m: Measured) -> dict[str, Any]:
    return {
        "pairs": label, "precision": m.precision, "precision_interval": clopper_pearson(m.right, m.named), "recall": m.recall,
        "recall_interval": clopper_pearson(m.right, m.carrying), "named": m.named, "carrying": m.carrying,
    }  # fmt: skip


def _by_words(words: Words, texts: int, own: Array, seed: int, why: str, near: Array | None) -> Matching:
    n = len(own)
    whole = words.matrix(words.text, n + texts)[:n]
    read = words.text_of >= n
    cells = words.matrix(words.passage, len(words.text_of))[read]
    if near is not None:
        cells = sparse.csr_matrix(sparse.diags(near.astype(np.float32)) @ cells)
    a = align(cells, whole, own, np.random.default_rng(seed))
    said = [why] if why else []
    if a.precision is not None:
        said.append(
            f"Passages are matched by words; the decoys let expect {a.precision:.0%} of matches to be right. Missed matches look like omissions: "
            "on pairs in other words than the provision's, words alone found a fifth within a language and next to nothing across."
        )
    if not a.others:
        said.append("The store holds no other agreement; the only decoys are the words of this one, dealt anew.")
    return Matching(
        match=a.match, score=a.score, about=a.own >= a.threshold / 2, across=np.zeros(len(a.match), dtype=bool), precision=a.precision,
        sight=Sight(a.precision or 1.0, 1.0, 1.0, 1.0, 1.0),
        known={
            "matched_by": "words", "threshold": a.threshold, "decoys": a.decoys, "decoys_of_other_agreements": a.others, "passages": len(a.match),
            "matched": int((a.match >= 0).sum()), "expected_precision": a.precision, "ordinary_words": a.ordinary, "learnt_words": a.learnt,
        },
        said=tuple(said),
    )  # fmt: skip

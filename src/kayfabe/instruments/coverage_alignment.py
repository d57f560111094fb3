"""Which passage names which provision: shared rare words, ordinary words told apart, a threshold set by decoys, paraphrase learnt.

Sources: the weights are inverse document frequencies (Sparck Jones 1972, J. Doc. 28:11-21); the threshold is set by competition
with decoys (Elias & Gygi 2007, Nat. Methods 4:207-214).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy import sparse

from kayfabe.read.wordlists import word_table

Array = np.ndarray[Any, Any]

DECOY_SHARE = 0.05
DEALS, REPEATS = 6, 5
ORDINARY_PASSAGES, ORDINARY_COMPANY = 8, 0.10
LEARN_PASSAGES, LEARN_SPEC, LEARN_MATCHED, LEARN_WEIGHT, LEARN_ROUNDS = 5, 0.8, 0.4, 0.8, 2

_TEXT, _PASSAGE = "\x1e", "\x1f"
_ENDS = re.compile(
    r"(?<=[^\W_]{2}[.!?…])[\"'”’»)\]]*\s+(?=[\"'“‘«(\[]*[A-ZА-ЯЁ\d])|(?<=[\d%)\"”][.!?…])\s+(?=[A-ZА-ЯЁ])|\s*\n\s*"
)
_TOKENS = re.compile(rf"[^\W\d_]{{2,}}|\d+|[{_TEXT}{_PASSAGE}]")
_SEPARATORS = str.maketrans({_TEXT: " ", _PASSAGE: " "})
_ENDINGS = (
    "ations", "ation", "ments", "ment", "ings", "ing", "ions", "ion", "ies", "ed", "es", "ly", "s", "e", "y",
    "иями", "ями", "ами", "ость", "ости", "ение", "ения", "ению", "ого", "его", "ому", "ему", "ыми", "ими", "ый", "ий", "ой",
    "ая", "яя", "ое", "ее", "ые", "ие", "ых", "их", "ую", "юю", "ом", "ем", "ам", "ям", "ах", "ях", "ов", "ев", "ей",
    "ия", "ию", "ии", "а", "я", "о", "е", "ы", "и", "у", "ю", "ь",
)  # fmt: skip
_LEAST_STEM = 4


@dataclass(frozen=True)
class Words:
    """Texts as words. `stem` (tokens,) numbers each token's stem, `text` and `passage` say where it stands; passages are
    numbered through all texts, `text_of` (passages,) gives their text. `useful` (stems,) is false for function words."""

    stem: Array
    text: Array
    passage: Array
    text_of: Array
    useful: Array
    passages: list[str]

    def matrix(self, by: Array, rows: int) -> sparse.csr_matrix:
        """Binary (rows, stems): which useful stems stand in which passage or text."""
        keep = self.useful[self.stem]
        cells = sparse.csr_matrix(
            (np.ones(int(keep.sum()), dtype=np.float32), (by[keep], self.stem[keep])), shape=(rows, len(self.useful))
        )
        cells.data[:] = 1.0
        return cells


@dataclass(frozen=True)
class Alignment:
    """`match` (passages,) is the provision each passage names, or -1; `score` its best score, decoys included; `own` its best
    score with the own provisions. `others` counts the decoys that
    are provisions of other agreements; `per_provision` and `per_decoy` are mean matches at the threshold."""

    match: Array
    score: Array
    own: Array
    threshold: float
    decoys: int
    others: int
    per_provision: float
    per_decoy: float
    ordinary: int
    learnt: int

    @property
    def precision(self) -> float | None:
        """1 - matches per decoy / matches per provision: what the decoys let expect, not a measurement against labels."""
        return None if self.per_provision == 0 else max(0.0, 1 - self.per_decoy / self.per_provision)


@cache
def stop_words() -> frozenset[str]:
    """Function words of all languages that the reader knows."""
    tables = (word_table("stopwords_latin"), word_table("stopwords_cyrillic"))
    return frozenset().union(*(words for table in tables for words in table.values()))


@cache
def stemmed(word: str) -> str:
    """`word` without one common English or Russian ending, at least four letters of it left."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word[: -len(ending)]
    return word


def words_of(texts: Sequence[str]) -> Words:
    """All texts, cut into passages (sentences; line breaks end one too) and stems."""
    cut = _TEXT.join(_ENDS.sub(_PASSAGE, t.translate(_SEPARATORS).strip()) for t in texts)
    tokens = np.array(_TOKENS.findall(cut.lower()), dtype=object)
    new_text = tokens == _TEXT
    new_passage = new_text | (tokens == _PASSAGE)
    word = ~new_passage
    raw = tokens[word].tolist()
    kinds = {w: n for n, w in enumerate(dict.fromkeys(raw))}
    stems: dict[str, int] = {}
    kind_stem = np.array([stems.setdefault(stemmed(w), len(stems)) for w in kinds], dtype=np.int64)
    useful = np.ones(len(stems), dtype=bool)
    useful[kind_stem[[n for w, n in kinds.items() if w in stop_words()]]] = False
    kind = np.fromiter(map(kinds.__getitem__, raw), dtype=np.int64, count=len(raw))
    starts = np.concatenate([[0], np.cumsum(new_text[new_passage])]).astype(np.int64)
    return Words(
        stem=kind_stem[kind] if len(kinds) else kind,
        text=np.cumsum(new_text)[word],
        passage=np.cumsum(new_passage)[word],
        text_of=starts if texts else starts[:0],
        useful=useful,
        passages=re.split(f"[{_TEXT}{_PASSAGE}]", cut) if texts else [],
    )


def weights(provisions: sparse.csr_matrix, own: Array) -> sparse.csr_matrix:
    """(provisions, stems): ln(n / df) where the provision has the stem and df <= n / 4, else nothing; for words of the `own`
    agreement no more than the same within it, since a word of all its provisions ("the European Union") names none of them."""
    n, mine = provisions.shape[0], provisions[own]
    df, inside = (np.asarray(p.sum(axis=0)).ravel() for p in (provisions, mine))
    weight = np.where((df > 0) & (df <= max(1.0, n / 4)), np.log(n / np.maximum(df, 1)), 0.0)
    weight = np.where(inside > 0, np.minimum(weight, np.log(mine.shape[0] / np.maximum(inside, 1))), weight)
    return _cleaned(provisions @ sparse.diags(weight))


def align(
    passages: sparse.csr_matrix, provisions: sparse.csr_matrix, own: Array, rng: np.random.Generator
) -> Alignment:
    """Match `passages` (passages, stems) to those `provisions` (all agreements, stems) that are `own` (bool).

    Provisions of other agreements, cut to the own ones' median length, compete as decoys. So do six times as many as the own
    ones, made by dealing their words anew: those tell how often words of the agreement meet by chance, and take away what is
    no better than chance. (Planted worlds, three other provisions: mean precision .98 with one deal, .85 without; with 24
    deals recall falls from .9 to .5.) The whole is done five times with other deals; a match is what most of them say.
    """
    runs = [_aligned(passages, provisions, own, rng) for _ in range(REPEATS)]
    found = np.stack([r.match for r in runs])
    votes = (found[:, None, :] == found[None, :, :]).sum(axis=0)
    most = votes.argmax(axis=0)
    match = np.where(votes.max(axis=0) * 2 > REPEATS, found[most, np.arange(found.shape[1])], -1)
    middle = sorted(runs, key=lambda r: r.threshold)[REPEATS // 2]
    return Alignment(
        match=match,
        score=np.median([r.score for r in runs], axis=0),
        own=np.median([r.own for r in runs], axis=0),
        threshold=middle.threshold,
        decoys=middle.decoys,
        others=middle.others,
        per_provision=float((match >= 0).sum() / max(1, own.sum())),
        per_decoy=float(np.median([r.per_decoy for r in runs])),
        ordinary=middle.ordinary,
        learnt=middle.learnt,
    )


def _aligned(
    passages: sparse.csr_matrix, provisions: sparse.csr_matrix, own: Array, rng: np.random.Generator
) -> Alignment:
    """One alignment with one set of deals."""
    weight = weights(provisions, own)
    mine, decoys = weight[own], weight[~own]
    others = decoys.shape[0]
    before = mine.nnz
    mine, decoys = _without_ordinary(passages, mine), _without_ordinary(passages, decoys)
    ordinary = before - mine.nnz
    decoys = _cut(decoys, int(np.median(np.diff(mine.indptr))) if mine.shape[0] else 0, rng)
    decoys = sparse.vstack([decoys, *(_dealt(mine, rng) for _ in range(DEALS))]).tocsr()
    match, score, near = _best(passages, mine, decoys)
    threshold = _threshold(match, score, mine.shape[0], decoys.shape[0])
    learnt = 0
    base = mine
    for _ in range(LEARN_ROUNDS):
        extra = _paraphrase(passages, base, np.where(score >= threshold, match, -1), math.log(max(2, weight.shape[0])))
        learnt = extra.nnz
        match, score, near = _best(passages, _cleaned(base + extra), decoys)
    hit = score >= threshold
    return Alignment(
        match=np.where(hit & (match < mine.shape[0]), match, -1),
        score=score,
        own=near,
        threshold=threshold,
        decoys=decoys.shape[0],
        others=others,
        per_provision=float((hit & (match >= 0) & (match < mine.shape[0])).sum() / max(1, mine.shape[0])),
        per_decoy=float((hit & (match >= mine.shape[0])).sum() / max(1, decoys.shape[0])),
        ordinary=ordinary,
        learnt=learnt,
    )


def _cleaned(matrix: Any) -> sparse.csr_matrix:
    clean = sparse.csr_matrix(matrix)
    clean.eliminate_zeros()
    return clean


def _without_ordinary(passages: sparse.csr_matrix, weight: sparse.csr_matrix) -> sparse.csr_matrix:
    """`weight` without words that stand in many passages and hardly ever with another word of the same provision."""
    has = (weight > 0).astype(np.float32)
    together = passages @ has.T
    many = np.asarray(passages.sum(axis=0)).ravel()
    accompanied = (passages.T @ (together > 1).astype(np.float32)).T.multiply(has).tocsr()
    cells = has.tocoo()
    company = np.asarray(accompanied[cells.row, cells.col]).ravel()
    n = many[cells.col]
    keep = ~((n >= ORDINARY_PASSAGES) & (company < ORDINARY_COMPANY * n))
    kept = sparse.csr_matrix((np.ones(int(keep.sum())), (cells.row[keep], cells.col[keep])), shape=weight.shape)
    return _cleaned(weight.multiply(kept))


def _cut(weight: sparse.csr_matrix, most: int, rng: np.random.Generator) -> sparse.csr_matrix:
    """Rows of at most `most` words, drawn at random: a decoy longer than the provisions would win by its length."""
    cells = weight.tocoo()
    order = np.lexsort((rng.random(cells.nnz), cells.row))
    row = cells.row[order]
    keep = order[np.arange(len(order)) - np.searchsorted(row, row) < most]
    return _cleaned(sparse.csr_matrix((cells.data[keep], (cells.row[keep], cells.col[keep])), shape=weight.shape))


def _dealt(weight: sparse.csr_matrix, rng: np.random.Generator) -> sparse.csr_matrix:
    """Decoys of the same words and sizes: the (word, weight) pairs of all provisions, dealt out in random order."""
    cells = weight.tocoo()
    order = np.lexsort((cells.row, cells.col))
    order = order[rng.permutation(len(order))]
    rows = np.sort(cells.row)
    dealt = sparse.csr_matrix((cells.data[order], (rows, cells.col[order])), shape=weight.shape)
    return _cleaned(dealt)


def _best(passages: sparse.csr_matrix, mine: sparse.csr_matrix, decoys: sparse.csr_matrix) -> tuple[Array, Array, Array]:
    """For each passage the one best row of (mine, decoys) and its score, -1 where none or several are best; and the best score
    among `mine`."""
    every = sparse.vstack([mine, decoys]).tocsr().T.tocsc()
    match = np.full(passages.shape[0], -1)
    score, own = np.zeros(passages.shape[0]), np.zeros(passages.shape[0])
    step = max(1, 20_000_000 // max(1, every.shape[1]))
    for start in range(0, passages.shape[0], step):
        dense = np.round((passages[start : start + step] @ every).toarray(), 6)
        best = dense.max(axis=1, initial=0.0)
        single = (best > 0) & ((dense == best[:, None]).sum(axis=1) == 1)
        match[start : start + step] = np.where(single, dense.argmax(axis=1), -1)
        score[start : start + step] = best
        own[start : start + step] = dense[:, : mine.shape[0]].max(axis=1, initial=0.0)
    return match, score, own


def _threshold(match: Array, score: Array, mine: int, decoys: int) -> float:
    """The smallest score at which matches per decoy are at most 5 % of matches per provision; infinite where none is."""
    known = match >= 0
    if not known.any() or not mine:
        return math.inf
    levels, index = np.unique(score[known], return_inverse=True)
    ours = np.bincount(index, weights=match[known] < mine, minlength=len(levels))[::-1].cumsum()[::-1]
    theirs = np.bincount(index, weights=match[known] >= mine, minlength=len(levels))[::-1].cumsum()[::-1]
    fine = (ours > 0) & (theirs / max(1, decoys) <= DECOY_SHARE * ours / mine)
    return float(levels[fine][0]) if fine.any() else math.inf


def _paraphrase(passages: sparse.csr_matrix, mine: sparse.csr_matrix, match: Array, ln_n: float) -> sparse.csr_matrix:
    """(own provisions, stems): weights of words that matched passages of one provision keep using and others do not."""
    rows = mine.shape[0]
    ours = (match >= 0) & (match < rows)
    place = sparse.csr_matrix((np.ones(int(ours.sum())), (match[ours], np.flatnonzero(ours))), shape=(rows, len(match)))
    uses = (place @ passages).toarray()
    matched = uses.sum(axis=0)
    everywhere = np.asarray(passages.sum(axis=0)).ravel()
    spec = uses / np.maximum(matched, 1)
    fine = (matched >= LEARN_PASSAGES) & (matched >= LEARN_MATCHED * everywhere) & (spec >= LEARN_SPEC)
    fine &= mine.toarray() == 0
    return _cleaned(np.where(fine, LEARN_WEIGHT * spec * ln_n, 0.0))

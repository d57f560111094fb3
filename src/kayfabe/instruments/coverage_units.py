"""Articles as units of counting: versions of one article together, strata of time and breadth, copies between outlets labelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kayfabe.instruments.coverage_alignment import Words

Array = np.ndarray[Any, Any]
SHINGLE, SHARED, DAYS, LEAST_LENGTH = 5, 0.8, 3, 0.5
WEEK = 7
_BLOCK = 400


@dataclass(frozen=True)
class Units:
    """`unit` (articles,) numbers the unit of each article (-1: not about the agreement). Per unit: `outlet`, `day` (days since
    the first article), `y` (units, provisions) bool, `copied` (the text also ran in another outlet), `across` (the unit is in a
    language in which no provision has its text)."""

    unit: Array
    outlet: Array
    day: Array
    y: Array
    copied: Array
    across: Array

    @property
    def cluster(self) -> Array:
        """(units,): outlet and week, numbered."""
        return np.asarray(np.unique(np.stack([self.outlet, self.day // WEEK]), axis=1, return_inverse=True)[1]).ravel()

    def stratum(self, provision: int, apart: bool = True) -> Array:
        """(units,): fortnight, how many other provisions the unit mentions (0, 1, 2 or more) and, if `apart`, language, numbered."""
        breadth = np.minimum(2, self.y.sum(axis=1) - self.y[:, provision])
        number = (self.day // (2 * WEEK) * 3 + breadth) * 2 + (self.across if apart else 0)
        return np.asarray(np.unique(number, return_inverse=True)[1]).ravel()


def units_of(words: Words, days: Array, outlet: Array, y: Array, about: Array, across: Array | None = None) -> Units:
    """Units from articles: `days` and `outlet` (articles,) integers, `y` (articles, provisions) bool, `about` and `across` (articles,) bool.

    Articles of one outlet within three days that share 80 % of the shorter one's five-word shingles, the shorter at least half
    as long, are versions of one unit; it has a point if any version has it and stands at its first day.
    """
    articles = len(days)
    one, two = near_copies(words, days, articles)
    same = outlet[one] == outlet[two]
    graph = sparse.csr_matrix((np.ones(int(same.sum())), (one[same], two[same])), shape=(articles, articles))
    group = connected_components(graph, directed=False)[1] if articles else np.zeros(0, dtype=int)
    copied = np.zeros(articles, dtype=bool)
    copied[np.concatenate([one[~same], two[~same]])] = True
    kept, number = np.unique(group[about], return_inverse=True)
    unit = np.full(articles, -1)
    unit[about] = number
    first = np.zeros(len(kept), dtype=np.int64) + np.iinfo(np.int64).max
    np.minimum.at(first, number, days[about].astype(np.int64))
    has = np.zeros((len(kept), y.shape[1]), dtype=bool)
    np.logical_or.at(has, number, y[about])
    ran = np.zeros(len(kept), dtype=bool)
    np.logical_or.at(ran, number, copied[about])
    where = np.zeros(len(kept), dtype=np.int64)
    where[number] = outlet[about]
    foreign = np.zeros(len(kept), dtype=bool)
    foreign[number] = False if across is None else across[about]
    return Units(unit, where, first - (first.min() if len(first) else 0), has, ran, foreign)


def near_copies(words: Words, days: Array, articles: int) -> tuple[Array, Array]:
    """Pairs (i < j) of articles that are versions or copies of each other, whatever their outlets.

    References: Broder (1997), Proc. Compression and Complexity of Sequences, 21-29, for shingles and containment.
    """
    shingles = _shingles(words, articles)
    length = np.asarray(shingles.sum(axis=1)).ravel()
    twice = np.asarray(shingles.sum(axis=0)).ravel() > 1
    shared = shingles[:, twice].tocsr()
    order = np.argsort(days, kind="stable")
    sorted_days = days[order]
    pairs: list[Array] = []
    for start in range(0, articles, _BLOCK):
        rows = order[start : start + _BLOCK]
        end = int(np.searchsorted(sorted_days, sorted_days[min(start + _BLOCK, articles) - 1] + DAYS, side="right"))
        others = order[start:end]
        both = (shared[rows] @ shared[others].T).tocoo()
        a, b, common = rows[both.row], others[both.col], both.data
        shorter, longer = np.minimum(length[a], length[b]), np.maximum(length[a], length[b])
        near = (a != b) & (np.abs(days[a] - days[b]) <= DAYS)
        near &= (common >= SHARED * shorter) & (shorter >= LEAST_LENGTH * longer)
        pairs.append(np.sort(np.stack([a[near], b[near]]), axis=0))
    found = np.unique(np.concatenate(pairs, axis=1), axis=1) if pairs else np.zeros((2, 0), dtype=int)
    return found[0], found[1]


def _shingles(words: Words, articles: int) -> sparse.csr_matrix:
    """Binary (articles, distinct runs of five words)."""
    n = len(words.stem) - SHINGLE + 1
    if n <= 0:
        return sparse.csr_matrix((articles, 0))
    inside = words.text[:n] == words.text[SHINGLE - 1 :]
    mixed = np.zeros(n, dtype=np.uint64)
    for k in range(SHINGLE):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + words.stem[k : k + n].astype(np.uint64)
        mixed ^= mixed >> np.uint64(29)
    _, kind = np.unique(mixed[inside], return_inverse=True)
    cells = sparse.csr_matrix(
        (np.ones(len(kind)), (words.text[:n][inside], kind)), shape=(articles, int(kind.max(initial=-1)) + 1)
    )
    cells.data[:] = 1.0
    return cells

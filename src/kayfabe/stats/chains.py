"""Chains of rare runs: how much of one document stands, in the same order and lightly edited, in another.

Runs of `order` words held by 2 to `most` documents are rare; all others are common stock and weigh nothing. Shared rare runs are chained
where both places advance with at most 10 words skipped and the diagonal moves by at most 8. A chain's score is the surprisal of the
words it covers, less a bit per skipped word and two per change of diagonal; its width is the number of words it covers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from kayfabe.stats.passages import Runs, common_places, groups_of, hashes, merged, mixed
from kayfabe.stats.words import Words

Array = np.ndarray[Any, Any]
Step = Callable[[int, int], None]

MOST = 5
SKIP, DRIFT = 10, 8
SKIP_BITS, DRIFT_BITS = 1.0, 2.0
LONGEST_ORDER = 6
_BACK = 12
"""Runs of a pair, next before a run, that it may follow."""


@dataclass(frozen=True)
class Chains:
    """The best chain of every pair of documents that share a rare run; shapes (p,). `one` < `two` are documents; `a`, `a_end`, `b`,
    `b_end` the first and last + 1 word of the passage in each, counted within the document; `words` covered, `bits` scored."""

    one: Array
    two: Array
    a: Array
    a_end: Array
    b: Array
    b_end: Array
    words: Array
    bits: Array


def rare_order(words: Words, most: int = MOST, share: float = 0.5) -> int:
    """The fewest words in a row (2 or more) of which at least `share` of all occurrences are held by at most `most` documents.

    In a small store two words in a row are seldom stock; in a large one nearly every pair of words is, and a rule that was right for
    sixty documents would weigh nothing. Judged on one run in eight, chosen by hash, where there are more than 2,000,000 words.
    """
    document = words.document
    for n in range(2, LONGEST_ORDER):
        code = hashes(words, n)
        if len(code) > 2_000_000:
            code = np.where(mixed(code) % np.uint64(8) == 0, code, np.uint64(0))
        few = total = 0
        for place, first, holders in groups_of(code, document):
            size = np.diff(np.append(first, len(place)))
            few += int(size[holders <= most].sum())
            total += len(place)
        if few >= share * total:
            return n
    return LONGEST_ORDER


def chains(
    words: Words, order: int, unit: Array | None = None, most: int = MOST, step: Step = lambda done, total: None
) -> Chains:
    """The best chain of each pair. `unit` (n documents,): copies of one another have one number and count once."""
    if unit is None:
        unit = np.arange(words.documents)
    places = common_places(words, hashes(words, order), order, most, unit, step)
    return chained(words, merged(words, places))


def chained(words: Words, runs: Runs) -> Chains:
    """Dynamic programming over the runs of all pairs at once: the k-th run of every pair in one step."""
    bits = np.concatenate([[0.0], np.cumsum(words.surprisal()[words.code])])
    start = words.start[runs.one] + runs.a
    pair = runs.one * words.documents + runs.two
    n = len(pair)
    score = bits[start + runs.length] - bits[start]
    width = runs.length.astype(np.int64)
    from_a, from_b = runs.a.copy(), runs.b.copy()
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    size = np.diff(np.append(first, n))
    several = np.flatnonzero(size > 1)
    several = several[np.argsort(-size[several], kind="stable")]
    sizes = size[several]
    for k in range(1, int(sizes.max(initial=1))):
        rows = first[several[: int(np.searchsorted(-sizes, -k, side="left"))]] + k
        own = score[rows].copy()
        best, best_width, best_a, best_b = own, width[rows], from_a[rows], from_b[rows]
        for back in range(1, min(k, _BACK) + 1):
            gain, new, allowed = _follow(runs, bits, start, rows, rows - back)
            total = np.where(allowed, score[rows - back] + gain, -np.inf)
            better = total > best
            best = np.where(better, total, best)
            best_width = np.where(better, width[rows - back] + new, best_width)
            best_a = np.where(better, from_a[rows - back], best_a)
            best_b = np.where(better, from_b[rows - back], best_b)
        score[rows], width[rows], from_a[rows], from_b[rows] = best, best_width, best_a, best_b
    ranked = np.lexsort((runs.b, runs.a, -score, pair))
    top = ranked[np.flatnonzero(np.diff(pair[ranked], prepend=-1))]
    return Chains(
        runs.one[top], runs.two[top], from_a[top], runs.a[top] + runs.length[top], from_b[top], runs.b[top] + runs.length[top],
        width[top], score[top],
    )  # fmt: skip


def _follow(runs: Runs, bits: Array, start: Array, rows: Array, before: Array) -> tuple[Array, Array, Array]:
    """Bits gained, words newly covered and whether it is allowed, when `rows` follow `before`."""
    gap_a = runs.a[rows] - (runs.a[before] + runs.length[before])
    gap_b = runs.b[rows] - (runs.b[before] + runs.length[before])
    advance = (runs.a[rows] > runs.a[before]) & (runs.b[rows] > runs.b[before])
    drift = (runs.b[rows] - runs.a[rows]) - (runs.b[before] - runs.a[before])
    overlap = np.maximum(0, -np.minimum(gap_a, gap_b))
    new = runs.length[rows] - overlap
    allowed = advance & (gap_a <= SKIP) & (gap_b <= SKIP) & (np.abs(drift) <= DRIFT) & (new > 0)
    new = np.maximum(new, 0)
    end = start[rows] + runs.length[rows]
    skipped = np.maximum(0, np.maximum(gap_a, gap_b))
    gain = bits[end] - bits[end - new] - SKIP_BITS * skipped - DRIFT_BITS * (drift != 0)
    return gain, new, allowed


@dataclass(frozen=True)
class Tail:
    """The upper tail of scores over `pairs` pairs of documents: `beyond` of them score more than `start` bits, and from there the
    share falls e-fold every 1 / `rate` bits."""

    start: float
    beyond: int
    rate: float
    pairs: int

    def p_values(self, bits: Array) -> Array:
        """(share of all pairs beyond the start) e^(-rate (bits - start)); 1 at or below the start."""
        share = self.beyond / max(1, self.pairs)
        return np.where(bits > self.start, share * np.exp(-self.rate * np.maximum(0.0, bits - self.start)), 1.0)


def tail(bits: Array, pairs: int, cut: float = 0.97) -> Tail:
    """The tail of positive scores `bits` among `pairs` pairs: start at their median, rate by maximum likelihood of an exponential
    truncated at the `cut` quantile, so that real reuse does not shape its own null."""
    positive = bits[bits > 0]
    if not len(positive):
        return Tail(0.0, 0, 1.0, pairs)
    start, end = float(np.median(positive)), float(np.quantile(positive, cut))
    over = positive[(positive > start) & (positive <= end)] - start
    return Tail(start, int((positive > start).sum()), _rate(over, end - start), pairs)


def _rate(over: Array, width: float) -> float:
    """Rate of an exponential truncated at `width`, from values in (0, width]; the mean determines it."""
    if not len(over) or width <= 0:
        return 1.0
    mean = float(over.mean())
    if mean >= 0.4999 * width:  # flatter than any exponential worth the name
        return 1e-4 / width

    def excess(rate: float) -> float:
        return float(1 / rate - width / np.expm1(rate * width) - mean)

    return float(brentq(excess, 1e-6 / width, 700 / width)) if excess(700 / width) < 0 else 700.0 / width

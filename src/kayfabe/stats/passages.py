"""Passages that documents share: every run of words in common, at the scale of whole archives.

Runs of `n` words are hashed to 64 bits, hashes held by several documents are expanded to pairs of places, neighbouring places are merged
into maximal runs, and words are compared once more, so that no hash decides. Work is done in parts of bounded size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kayfabe.stats.words import MASKED, Words

Array = np.ndarray[Any, Any]
Step = Callable[[int, int], None]

_PART = 4_000_000
_REPEATS = 4
"""Places of one run in one document that are looked at."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Runs:
    """Maximal runs in common, sorted by pair and place; shapes (r,). `one` < `two` are documents, `a` and `b` the places of the first
    word in each (counted from 0 within the document), `length` words."""

    one: Array
    two: Array
    a: Array
    b: Array
    length: Array


@dataclass(frozen=True)
class Places:
    """Pairs of places (in Words.code) where two documents hold the same `n` words; `a` in the document with the smaller number."""

    a: Array
    b: Array
    n: int


def shared_runs(words: Words, least: int = 12, most: int = 50, step: Step = lambda done, total: None) -> Runs:
    """All pairs of documents that share `least` words in a row or more, with both places.

    Runs held by more than `most` documents are common stock (footers, formulae) and are left out: `stock_runs` lists them.
    """
    code = hashes(words, least)
    return merged(words, common_places(words, code, least, most, None, step))


def hashes(words: Words, n: int) -> Array:
    """A 64-bit hash of the `n` words from each place on; 0 where they leave the document or hold a masked word. Shape (t,)."""
    size = len(words.code)
    out = np.zeros(size, dtype=np.uint64)
    if size < n:
        return out
    ends = np.repeat(words.start[1:], np.diff(words.start))
    for begin in range(0, size - n + 1, _PART):
        end = min(size - n + 1, begin + _PART)
        piece = words.code[begin : end + n - 1].astype(np.uint64) + np.uint64(1)
        piece = mixed(piece)
        value = np.zeros(end - begin, dtype=np.uint64)
        whole = ends[begin:end] - np.arange(begin, end) >= n
        for i in range(n):
            value = value * _MULTIPLIER + piece[i : i + end - begin]
            whole &= words.code[begin + i : end + i] != MASKED
        out[begin:end] = np.where(whole, np.maximum(mixed(value), np.uint64(1)), np.uint64(0))
    return out


def among(code: Array, known: Array) -> Array:
    """Place of each hash in `known` (sorted), -1 where it is not there or is 0. Shape of `code`, int64."""
    if not len(known):
        return np.full(len(code), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(known, code), len(known) - 1)
    return np.where((known[place] == code) & (code != 0), place, -1)


def without(words: Words, public: Array, n: int = 5) -> Words:
    """`words` with every `n` in a row masked that a document in `public` (documents,) bool holds, there and everywhere else."""
    if not public.any():
        return words
    mine = np.repeat(public, np.diff(words.start))
    code = hashes(words, n)
    known = np.unique(code[mine])
    hit = among(code, known[known != 0]) >= 0
    hidden = hit | mine
    for i in range(1, n):
        hidden[i:] |= hit[:-i]
    return replace(words, code=np.where(hidden, MASKED, words.code).astype(words.code.dtype))


def mixed(value: Array) -> Array:
    """Bits of `value` spread evenly (the finaliser of splitmix64; Steele et al. 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)))


def groups_of(code: Array, document: Array, step: Step = lambda done, total: None) -> Iterator[tuple[Array, Array, Array]]:
    """Places of equal hashes, in parts: (places sorted by hash then place, first index of each hash, documents that hold it)."""
    parts = max(1, len(code) // _PART)
    for part in range(parts):
        step(part, parts)
        place = np.flatnonzero(code % np.uint64(parts) == np.uint64(part)) if parts > 1 else np.arange(len(code))
        place = place[code[place] != 0]
        value = code[place]
        order = np.argsort(value, kind="stable")
        place, value = place[order], value[order]
        new = np.ones(len(place), dtype=bool)
        new[1:] = value[1:] != value[:-1]
        first = np.flatnonzero(new)
        if not len(first):
            continue
        held = document[place]
        fresh = new.copy()
        fresh[1:] |= held[1:] != held[:-1]
        yield place, first, np.add.reduceat(fresh, first)
    step(parts, parts)


def common_places(
    words: Words, code: Array, n: int, most: int, unit: Array | None, step: Step = lambda done, total: None
) -> Places:
    """Places of runs that 2 to `most` units hold. `unit` (n documents,): documents with one number are copies of each other and count
    once; None: every document counts. Copies beyond `most` are paired with the first holder of each unit only."""
    document = words.document
    lefts, rights = [], []
    for place, first, holders in groups_of(code, document, step):
        size = np.diff(np.append(first, len(place)))
        wanted = holders >= 2
        if unit is None:
            wanted &= holders <= most
        keep = np.repeat(wanted, size)
        place, group = place[keep], np.repeat(np.arange(len(first)), size)[keep]
        if unit is not None and len(place):
            few, head = _units(group, unit[document[place]], most)
            place, group, head = place[few], group[few], head[few]
        else:
            head = np.ones(len(place), dtype=bool)
        rank = _rank(group, document[place])
        keep = rank < _REPEATS
        left, right = _pairs_within(group[keep], head[keep], most * _REPEATS)
        place = place[keep]
        left, right = place[left], place[right]
        other = document[left] != document[right]
        lefts.append(left[other])
        rights.append(right[other])
    a = np.concatenate(lefts) if lefts else np.zeros(0, dtype=np.int64)
    b = np.concatenate(rights) if rights else np.zeros(0, dtype=np.int64)
    true = np.ones(len(a), dtype=bool)
    for i in range(n):
        true &= words.code[a + i] == words.code[b + i]
    return Places(a[true], b[true], n)


def _units(group: Array, unit: Array, most: int) -> tuple[Array, Array]:
    """Rows of groups held by at most `most` units; and rows that are all of a group with few holders, or the first of their unit."""
    order = np.lexsort((np.arange(len(group)), unit, group))
    g, u = group[order], unit[order]
    new = np.ones(len(g), dtype=bool)
    new[1:] = (g[1:] != g[:-1]) | (u[1:] != u[:-1])
    starts = np.flatnonzero(np.diff(g, prepend=-1))
    size = np.diff(np.append(starts, len(g)))
    units = np.repeat(np.add.reduceat(new, starts), size)
    few, head = np.empty(len(g), dtype=bool), np.empty(len(g), dtype=bool)
    few[order] = units <= most
    head[order] = new | (np.repeat(size, size) <= most)
    return few, head


def _rank(group: Array, document: Array) -> Array:
    """Which occurrence in its document a place is, from 0; places come sorted by group, then place."""
    new = np.ones(len(group), dtype=bool)
    new[1:] = (group[1:] != group[:-1]) | (document[1:] != document[:-1])
    first = np.flatnonzero(new)
    return np.arange(len(group)) - np.repeat(first, np.diff(np.append(first, len(group))))


def _pairs_within(group: Array, head: Array, lags: int) -> tuple[Array, Array]:
    """All pairs (i < j) of one group of which at least one is a head."""
    lefts, rights = [], []
    rows = np.arange(len(group))
    for lag in range(1, len(group)):
        rows = rows[rows + lag < len(group)]
        rows = rows[group[rows + lag] == group[rows]]
        if not len(rows):
            break
        some = rows[head[rows] | head[rows + lag]]
        lefts.append(some)
        rights.append(some + lag)
        if lag > lags:  # only copies of one another are left here: their first holder alone goes on
            rows = rows[head[rows]]
    none = np.zeros(0, dtype=np.int64)
    return np.concatenate(lefts or [none]), np.concatenate(rights or [none])


def merged(words: Words, places: Places) -> Runs:
    """Neighbouring places on one diagonal as one run."""
    one = np.searchsorted(words.start, places.a, side="right") - 1
    two = np.searchsorted(words.start, places.b, side="right") - 1
    pair = one * words.documents + two
    order = np.lexsort((places.a, places.b - places.a, pair))
    pair, a, b = pair[order], places.a[order], places.b[order]
    new = np.ones(len(a), dtype=bool)
    new[1:] = (np.diff(pair) != 0) | (np.diff(a) != 1) | (np.diff(b) != 1)
    first = np.flatnonzero(new)
    length = np.diff(np.append(first, len(a))) + places.n - 1
    pair, a, b = pair[first], a[first], b[first]
    one, two = pair // max(1, words.documents), pair % max(1, words.documents)
    order = np.lexsort((b, a, pair))
    return Runs(
        one[order], two[order], (a - words.start[one])[order], (b - words.start[two])[order], length[order]
    )  # fmt: skip


@dataclass(frozen=True)
class Stock:
    """Runs of words held by many documents, longest common first: `document` and `a` of the first holder, `length`, `holders`."""

    document: Array
    a: Array
    length: Array
    holders: Array


def stock_runs(words: Words, n: int, most: int, listed: int = 20) -> Stock:
    """The runs of `n` words or more that more than `most` documents hold, as their first holder has them, by number of holders."""
    document, code = words.document, hashes(words, n)
    places, counts = [], []
    for place, first, holders in groups_of(code, document):
        many = np.flatnonzero(holders > most)
        places.append(place[first[many]])
        counts.append(holders[many])
    place = np.concatenate(places) if places else np.zeros(0, dtype=np.int64)
    count = np.concatenate(counts) if counts else np.zeros(0, dtype=np.int64)
    order = np.argsort(place, kind="stable")
    place, count = place[order], count[order]
    new = np.ones(len(place), dtype=bool)
    new[1:] = np.diff(place) != 1
    first = np.flatnonzero(new)
    if not len(first):
        none = np.zeros(0, dtype=np.int64)
        return Stock(none, none, none, none)
    length = np.diff(np.append(first, len(place))) + n - 1
    holders = np.maximum.reduceat(count, first)
    order = np.lexsort((place[first], -length, -holders))[:listed]
    where = place[first][order]
    held = document[where]
    return Stock(held, where - words.start[held], length[order], holders[order])


def run_holders(words: Words, n: int, unit: Array) -> Array:
    """How many units hold the `n` words from each place on; 0 where they leave the document or hold a masked word. Shape (t,)."""
    held = unit[words.document]
    out = np.zeros(len(words.code), dtype=np.int32)
    for place, first, _ in groups_of(hashes(words, n), held):
        size = np.diff(np.append(first, len(place)))
        group = np.repeat(np.arange(len(first)), size)
        order = np.lexsort((held[place], group))
        new = np.ones(len(place), dtype=bool)
        new[1:] = (np.diff(group[order]) != 0) | (np.diff(held[place][order]) != 0)
        out[place] = np.repeat(np.add.reduceat(new, first), size)
    return out


def copies(words: Words, share: float = 0.5, n: int = 8) -> Array:
    """Which documents are copies of one another: those that share `share` of the shorter one's runs of `n` words, joined. Shape (n,).

    Large stores are judged by one run in eight, chosen by its hash. Each document is compared with the first and the previous holder.
    """
    document, code = words.document, hashes(words, n)
    if len(code) > 2_000_000:
        code = np.where(mixed(code) % np.uint64(8) == 0, code, np.uint64(0))
    size = np.zeros(words.documents)
    keys = []
    for place, first, _ in groups_of(code, document):
        held = document[place].astype(np.int64)
        group = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(place))))
        once = np.ones(len(held), dtype=bool)
        once[1:] = (group[1:] != group[:-1]) | (held[1:] != held[:-1])
        held, group = held[once], group[once]
        size += np.bincount(held, minlength=words.documents)
        head = held[np.searchsorted(group, group)]
        other = head != held
        keys.append(head[other] * words.documents + held[other])
        previous = np.flatnonzero(group[1:] == group[:-1])
        previous = previous[held[previous] != head[previous]]
        keys.append(held[previous] * words.documents + held[previous + 1])
    key, shared = np.unique(np.concatenate(keys) if keys else np.zeros(0, dtype=np.int64), return_counts=True)
    one, two = key // max(1, words.documents), key % max(1, words.documents)
    same = shared >= share * np.maximum(1, np.minimum(size[one], size[two]))
    graph = coo_array((np.ones(int(same.sum())), (one[same], two[same])), shape=(words.documents, words.documents))
    return np.asarray(connected_components(graph, directed=False)[1])

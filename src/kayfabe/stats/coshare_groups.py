"""Groups that move together on few objects: stars around one share, tested on all other objects.

A star is one account's share of a seed object with the accounts that shared it within the window: two or more of them. Whether they
meet again is asked on every other object, where their chances are known. Each of them scores there: within the window of the same
account, more within its inner third (where level rates put a third of chance). An object counts by its surprise (minus log of the
chance of as high a sum), and only where two or more are within the window: a few objects on which nearly all come together weigh much,
scattered coincidences nothing. The seed chose the group and takes no part in its test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import fft, sparse
from scipy.sparse import csgraph

from kayfabe.stats.coshare_tests import HIT, Tails, point_tails

Array = np.ndarray[Any, Any]

UNCERTAIN = 0.75
"""Standard deviation of the log odds of a local rate: the members' chances on one object err together."""
_NODES = 7
_GRAIN = 6.0
_CELLS = 224
_CIRCLE = 256
_BLOCKS_AT_ONCE = 1024
_TRIALS_AT_ONCE = 500_000
_LEAST_OTHERS, _LEAST_OBJECTS = 2, 2
_LEVELS = np.logspace(-13, 0, 521)


@dataclass(frozen=True)
class Met:
    """What is known of every meeting, sorted by pair; shapes (e,): accounts `one` and `two`, object, `close` (within the window),
    chance of that, the number of its pair from 0, `points` (HIT where close, TIGHT within a third of the window, else 0) and the share
    of hits that chance puts within that third."""

    one: Array
    two: Array
    obj: Array
    close: Array
    chance: Array
    pair: Array
    points: Array
    tight: Array


@dataclass(frozen=True)
class Stars:
    """Tested stars, shapes (s,): `anchor` account, `seed` object, `p`, `q`; `ray` is each one's place in `rays`. `expected` (levels,):
    stars without any effect that reach each level of p."""

    anchor: Array
    seed: Array
    p: Array
    q: Array
    ray: Array
    rays: Rays
    expected: Array


@dataclass(frozen=True)
class Rays:
    """Meetings at the seed, sorted by star: star k has source[first[k] : first[k + 1]]. `begin`, `meets` (pairs,) say where the
    meetings of each pair are."""

    source: Array
    first: Array
    anchor: Array
    seed: Array
    begin: Array
    meets: Array


@dataclass(frozen=True)
class Group:
    """Accounts found together; `stars` are the stars merged in it, `p` the smallest of theirs, `q` the group's own."""

    members: Array
    stars: Array
    p: float
    q: float


def stars(met: Met, step: Callable[[int, int], None]) -> Stars:
    """Every star that can be tested: two or more others at the seed, and two or more other objects where two or more of them came
    within J of the anchor."""
    rays = _rays(met)
    load = np.add.reduceat(rays.meets[met.pair[rays.source]], rays.first[:-1]) if len(rays.anchor) else np.zeros(0)
    piece = np.cumsum(load) // _TRIALS_AT_ONCE
    found: list[tuple[Array, Array]] = []
    reach = np.zeros(len(_LEVELS) + 1)
    for number in np.unique(piece):
        some = np.flatnonzero(piece == number)
        found.append(_tested(met, rays, some, reach))
        step(int(some[-1]) + 1, len(piece))
    ray, p = (np.concatenate([f[i] for f in found]) if found else np.zeros(0, dtype=np.int64) for i in range(2))
    expected = np.cumsum(reach[:-1])
    return Stars(rays.anchor[ray], rays.seed[ray], p, _discrete(p, expected), ray, rays, expected)


def merged_groups(found: Stars, met: Met, accounts: int, level: float = 0.05) -> list[Group]:
    """Standing stars (q < level) merged where they share half of the smaller one's members, best first; those that stand as groups.

    One ring makes many stars, so groups have q-values of their own: stars expected at a group's p / groups found at it.
    A star's members are its anchor and those who met it again on an object that counted; a group's members are those of at
    least a fifth of its stars.
    """
    standing = np.flatnonzero(found.q < level)
    if not len(standing):
        return []
    star, trial = _trials(met, found.rays, found.ray[standing])
    star, trial = star[met.close[trial]], trial[met.close[trial]]
    objects = int(met.obj.max()) + 1
    _, block, times = np.unique(star * objects + met.obj[trial], return_inverse=True, return_counts=True)
    star, trial = star[times[block] >= _LEAST_OTHERS], trial[times[block] >= _LEAST_OTHERS]
    row = np.concatenate([star, star, np.arange(len(standing))])
    column = np.concatenate([met.one[trial], met.two[trial], found.anchor[standing]])
    inside = sparse.csr_matrix((np.ones(len(row)), (row, column)), shape=(len(standing), accounts))
    inside.data[:] = 1
    shared = (inside @ inside.T).tocoo()
    size = np.asarray(inside.sum(axis=1)).ravel()
    near = shared.data >= np.minimum(size[shared.row], size[shared.col]) / 2
    links = sparse.coo_matrix((near[near], (shared.row[near], shared.col[near])), shape=shared.shape)
    _, label = csgraph.connected_components(links, directed=False)
    made = []
    for name in np.unique(label):
        mine = np.flatnonzero(label == name)
        times = np.asarray(inside[mine].sum(axis=0)).ravel()
        members = np.flatnonzero(times >= max(1.0, 0.2 * len(mine)))
        chosen = standing[mine]
        made.append((members, chosen, float(found.p[chosen].min())))
    q = _discrete(np.array([p for _, _, p in made]), found.expected)
    sure = [Group(*g, float(own)) for g, own in zip(made, q, strict=True) if own < level]
    return sorted(sure, key=lambda g: (g.p, -len(g.members), g.members.tolist()))


def _rays(met: Met) -> Rays:
    hit = np.flatnonzero(met.close)
    source = np.concatenate([hit, hit])
    centre = np.concatenate([met.one[hit], met.two[hit]]).astype(np.int64)
    objects = int(met.obj.max()) + 1 if len(met.obj) else 1
    key = centre * objects + met.obj[source]
    order = np.argsort(key, kind="stable")
    source, key = source[order], key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    others = np.diff(np.append(first, len(key)))
    enough = others >= _LEAST_OTHERS
    source, name = source[np.repeat(enough, others)], key[first[enough]]
    begin = np.flatnonzero(np.diff(met.pair, prepend=-1))
    meets = np.diff(np.append(begin, len(met.pair)))
    return Rays(source, np.concatenate([[0], np.cumsum(others[enough])]), name // objects, name % objects, begin, meets)


def _trials(met: Met, rays: Rays, some: Array) -> tuple[Array, Array]:
    """(place in `some`, meeting) for every meeting of an anchor with its star's members away from the seed."""
    star, place = _ranges(rays.first[some], rays.first[some + 1] - rays.first[some])
    source = rays.source[place]
    which, trial = _ranges(rays.begin[met.pair[source]], rays.meets[met.pair[source]])
    away = trial != source[which]
    return star[which[away]], trial[away]


def _ranges(begin: Array, size: Array) -> tuple[Array, Array]:
    """(number of the range, value) of the ranges begin .. begin + size, one after the other."""
    which = np.repeat(np.arange(len(size)), size)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(size) - size, size) + begin[which]


def _tested(met: Met, rays: Rays, some: Array, reach: Array) -> tuple[Array, Array]:
    """(stars of `some` that can be tested, their p); adds to `reach` what they can attain between the levels."""
    star, trial = _trials(met, rays, some)
    order = np.lexsort((met.obj[trial], star))
    star, trial = star[order], trial[order]
    block = np.ones(len(star), dtype=bool)
    block[1:] = (np.diff(star) != 0) | (np.diff(met.obj[trial]) != 0)
    begin = np.flatnonzero(block)
    width = np.diff(np.append(begin, len(star)))
    wide = width >= _LEAST_OTHERS
    able = np.bincount(star[begin], wide, minlength=len(some)) >= _LEAST_OBJECTS
    use = wide & able[star[begin]]
    begin, width = begin[use], width[use]
    tested, owner = np.unique(star[begin], return_inverse=True)
    if not len(tested):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    hits = np.concatenate([[0], np.cumsum(met.points[trial], dtype=np.int64)])
    tails = point_tails(met.chance[trial], met.tight[trial], begin, width, UNCERTAIN, _NODES)
    return some[tested], _surprise(tails, hits[begin + width] - hits[begin], owner, len(tested), reach)


def _surprise(tails: Tails, hits: Array, owner: Array, tested: int, reach: Array) -> Array:
    """P(sum of surprises >= the one seen) per star, on a grid of 1 / _GRAIN; 1 where no object counts.

    Laws are multiplied as characters on a circle of _CIRCLE cells: what wraps around is rarer than exp(-_CIRCLE / _GRAIN)."""
    score = np.minimum(np.floor(-_GRAIN * np.log(np.maximum(tails.values, 1e-300))), _CELLS - 1).astype(np.int64)
    place = np.arange(len(score)) - np.repeat(tails.start, tails.n + 1)
    score[place < _LEAST_OTHERS * HIT] = 0
    mass = tails.values.copy()
    last = np.zeros(len(mass), dtype=bool)
    last[tails.start + tails.n] = True
    mass[:-1] -= np.where(last[:-1], 0, tails.values[1:])
    seen = np.bincount(owner, score[tails.start + hits], minlength=tested).astype(np.int64)
    p = np.ones(tested)
    first = np.searchsorted(owner, np.arange(tested))
    blocks = np.bincount(owner, minlength=tested)
    place_of = np.repeat(np.arange(len(owner)), tails.n + 1)
    edges = np.searchsorted(
        np.cumsum(blocks), np.arange(_BLOCKS_AT_ONCE, int(blocks.sum()) + _BLOCKS_AT_ONCE, _BLOCKS_AT_ONCE)
    )
    begin = 0
    for stop in np.unique(np.minimum(edges + 1, tested)):
        low, high = first[begin], first[stop] if stop < tested else len(owner)
        inside = slice(tails.start[low], tails.start[high - 1] + tails.n[high - 1] + 1)
        cell = (place_of[inside] - low) * _CIRCLE + score[inside]
        laws = np.bincount(cell, mass[inside], (high - low) * _CIRCLE).reshape(-1, _CIRCLE)
        joint = np.multiply.reduceat(fft.rfft(laws), first[begin:stop] - low)
        law = np.maximum(fft.irfft(joint, _CIRCLE)[:, :_CELLS], 0)
        reached = np.minimum(1, np.cumsum(law[:, ::-1], axis=1)[:, ::-1])
        reach += np.bincount(np.searchsorted(_LEVELS, reached.ravel()), law.ravel(), minlength=len(reach))
        p[begin:stop] = reached[np.arange(stop - begin), np.minimum(seen[begin:stop], _CELLS - 1)]
        begin = int(stop)
    return np.clip(p, _LEVELS[0], 1)


def _discrete(p: Array, expected: Array) -> Array:
    """q = min over levels t >= p of sum_i F_i(t) / #{p <= t}; `expected` (levels,) has the sums, F_i(t) being the largest p not above t
    that star i can attain.

    References: Heller & Gur (2011), arXiv:1112.4627, on a fixed grid of levels.
    """
    if not len(p):
        return np.zeros(0)
    passing = np.searchsorted(np.sort(p), _LEVELS, side="right")
    ratio = np.where(passing > 0, expected / np.maximum(passing, 1), np.inf)
    best = np.minimum(1, np.minimum.accumulate(ratio[::-1])[::-1])
    return np.asarray(np.append(best, 1)[np.searchsorted(_LEVELS, p)])

"""The chance that two accounts meet within the window on an object, given that they came within its context."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kayfabe.stats.compiled import compiled
from kayfabe.stats.coshare import (
    _LOCAL_PRIOR,
    _OWN_PRIOR,
    _PROFILE_PRIOR,
    AGED,
    BIN,
    BINS,
    BURST,
    CLASS,
    CONTEXT,
    EVEN,
    REST,
    SHOULDER,
    SPEED,
    Chance,
    Meetings,
    Shares,
)
from kayfabe.stats.coshare_scan import by_account, within

Array = np.ndarray[Any, Any]
_AT_ONCE = 1_000_000


def habits(shares: Shares, chance: Chance, accounts: int) -> None:
    """Writes reaction profiles and burst contexts of all accounts into `chance.rows`.

    From SPEED on: the account's shares by age bin over those that their surroundings promise, this object left out; EVEN: speed at the ages
    of all shares together; BURST: local over pooled chance of the account's shares. A share without others in its context says nothing of
    speed.
    """
    order, begin = by_account(shares.account, accounts)
    central, pooled = chance.central, chance.pooled[chance.klass]
    local = np.bincount(shares.account, central, accounts)
    around = np.bincount(shares.account, (central + chance.shoulder + chance.rest) * pooled, accounts)
    _speeds(shares.obj, order, begin, (local + 2) / (around + 2), chance.rows)


@compiled
def _told(some: Array, rows: Array, seen: Array, due: Array) -> None:
    """Adds to `seen` the rows `some` by age bin, and to `due` what their surroundings promise."""
    for k in some:
        context = 0.0
        for b in range(len(due)):
            context += rows[k, AGED + b]
        if context > 0:
            seen[int(rows[k, BIN])] += 1
            for b in range(len(due)):
                due[b] += rows[k, AGED + b] / context


@compiled
def _speeds(obj: Array, order: Array, begin: Array, burst: Array, rows: Array) -> None:
    """Writes the columns of `habits`."""
    seen, due = np.zeros(BINS), np.zeros(BINS)
    _told(order, rows, seen, due)
    share, base = seen / max(1.0, seen.sum()), seen / np.maximum(due, 1e-9)
    own_seen, own_due = np.zeros(BINS), np.zeros(BINS)
    for a in range(len(begin) - 1):
        seen[:], due[:] = 0, 0
        _told(order[begin[a] : begin[a + 1]], rows, seen, due)
        place = begin[a]
        while place < begin[a + 1]:
            k, end = order[place], place
            while end < begin[a + 1] and obj[order[end]] == obj[k]:
                end += 1
            own_seen[:], own_due[:] = 0, 0
            _told(order[place:end], rows, own_seen, own_due)
            even = 0.0
            for b in range(BINS):
                prior = _PROFILE_PRIOR * share[b]
                speed = (seen[b] - own_seen[b] + prior) / (base[b] * max(0.0, due[b] - own_due[b]) + prior + 1e-12)
                rows[k, SPEED + b] = speed
                even += speed * share[b]
            rows[k, EVEN], rows[k, BURST] = even, burst[a]
            for other in order[place + 1 : end]:
                rows[other, SPEED : SPEED + BINS] = rows[k, SPEED : SPEED + BINS]
                rows[other, EVEN], rows[other, BURST] = even, burst[a]
            place = end


def meeting_chance(chance: Chance, met: Meetings, step: Callable[[int, int], None]) -> tuple[Array, Array]:
    """(P(closest shares within w), the share of it within the inner third of w) for each meeting, shapes (e,).

    The chance is the largest of floor, local and account-adjusted chance. Rates are level within the window, so of the delays there, in
    steps of the times' own, those in its inner third have their share of it.
    """
    out, tight = np.empty(len(met.pair)), np.empty(len(met.pair), dtype=np.float32)
    w, ticks = chance.window, chance.grain
    inner = (2 * (w // 3 // ticks) + 1) / (2 * (w // ticks) + 1)
    for begin in range(0, len(out), _AT_ONCE):
        end = min(begin + _AT_ONCE, len(out))
        _chances(
            begin, end, met.one, met.two, met.delay, met.count, chance.rows, chance.per_shoulder, chance.pooled, w, chance.floor, inner, out, tight
        )
        step(end, len(out))
    return out, tight


@compiled
def _direction(rows: Array, k: int, m: int, d: int, w: int, per: float, pooled: float, burst: float) -> tuple[float, float]:
    """(local, account-adjusted) chance around row `k` that the other's row `m`, left out where beyond w, falls within w. `d` is their distance;
    `per` and `pooled` are those of the class of `k`, `burst` the geometric mean of the accounts' burst contexts."""
    near, far = float(rows[k, SHOULDER]), float(rows[k, REST])
    if w < d <= 3 * w:
        near -= 1
    elif 3 * w < d <= CONTEXT * w:
        far -= 1
    central = per * near
    local = (central + _LOCAL_PRIOR * pooled) / (central + near + far + _LOCAL_PRIOR)
    r = float(rows[m, SPEED + int(rows[k, BIN])])
    even_bins = odd_bins = np.float32(0)
    for b in range(0, BINS, 2):
        even_bins += rows[k, AGED + b] * rows[m, SPEED + b]
        odd_bins += rows[k, AGED + b + 1] * rows[m, SPEED + b + 1]
    sped = even_bins + odd_bins
    if d > w:
        sped = max(np.float32(0), sped - rows[m, SPEED + int(rows[m, BIN])])
    prior = min(0.8, pooled * max(1.0, burst))
    top = (central + _OWN_PRIOR * prior) * r
    return local, top / (central * r + sped + _OWN_PRIOR * (prior * r + (1 - prior) * rows[m, EVEN]) + 1e-12)


@compiled
def _chances(
    begin: int, end: int, one: Array, two: Array, delay: Array, count: Array, rows: Array, per_shoulder: Array, pooled: Array, w: int,
    floor: float, inner: float, out: Array, tight: Array,
) -> None:  # fmt: skip
    """Writes what `meeting_chance` returns for the meetings from `begin` to `end`."""
    for e in range(begin, end):
        k, m, d = one[e], two[e], delay[e]
        here, yonder = int(rows[k, CLASS]), int(rows[m, CLASS])
        burst = math.sqrt(rows[k, BURST] * rows[m, BURST])
        there = _direction(rows, k, m, d, w, per_shoulder[here], pooled[here], burst)
        back = _direction(rows, m, k, d, w, per_shoulder[yonder], pooled[yonder], burst)
        each = min(max(floor, (there[0] + back[0]) / 2, (there[1] + back[1]) / 2), 1 - 1e-9)
        if count[e] == 1:
            out[e], tight[e] = each, inner
        else:
            out[e] = min(max(-math.expm1(count[e] * math.log1p(-each)), 1e-12), 1 - 1e-9)
            tight[e] = -math.expm1(count[e] * math.log1p(-each * inner)) / out[e]


def permutation_chance(shares: Shares, met: Meetings, window: int) -> Array:
    """The within-object null, shape (e,): accounts exchanged among the shares of an object, given a meeting within J.

    P(within w) of a row pair = (row pairs of the object within w) / (row pairs within J).
    """

    def pairs(x: int) -> Array:
        return np.bincount(shares.obj, within(shares.line, x)[1] - np.arange(len(shares.line)) - 1)

    each = np.minimum(pairs(window) / np.maximum(pairs(shares.context), 1), 1 - 1e-9)[shares.obj[met.one]]
    return np.asarray(-np.expm1(met.count * np.log1p(-each)))


def delays(met: Meetings, chance: Array, around: Chance, halves: int = 20) -> tuple[Array, Array]:
    """(meetings by half window of their delay (halves,), those expected up to each edge (halves + 1,)).

    Expected: each meeting's chance within the window, evenly inside it; beyond, the rest in proportion to the shares counted
    around it (evenly over the shoulder, and over what lies farther out).
    """
    x = np.arange(halves + 1) / 2
    parts = np.stack([np.minimum(x, 1), np.clip(x - 1, 0, 2) / 2, np.maximum(x - 3, 0) / (CONTEXT - 3)], axis=1)
    return _delays(met.one, met.two, met.delay, met.count, chance, around.shoulder, around.rest, around.window, parts)


@compiled
def _delays(
    one: Array, two: Array, delay: Array, count: Array, chance: Array, shoulder: Array, rest: Array, w: int, parts: Array
) -> tuple[Array, Array]:
    """`parts` (edges, 3): the shares of window, shoulder and rest that lie up to each edge."""
    edges = len(parts)
    seen, reached = np.zeros(edges - 1, np.int64), np.zeros(edges)
    inside = soon = late = 0.0
    for e in range(len(one)):
        place = max(0, (2 * delay[e] + w - 1) // w - 1)
        if place < edges - 1:
            seen[place] += 1
        near = float(shoulder[one[e]] + shoulder[two[e]])
        far = float(rest[one[e]] + rest[two[e]])
        near = (near / 2 + 1 / (CONTEXT - 1)) / ((near + far) / 2 + 0.5)
        if count[e] == 1:
            inside += chance[e]
            soon += (1 - chance[e]) * near
            late += (1 - chance[e]) * (1 - near)
            continue
        each = -math.expm1(math.log1p(-chance[e]) / count[e])
        for k in range(edges):
            here = each * parts[k, 0] + (1 - each) * (near * parts[k, 1] + (1 - near) * parts[k, 2])
            reached[k] += 1 - (1 - min(here, 1.0)) ** count[e]
    for k in range(edges):
        reached[k] += inside * parts[k, 0] + soon * parts[k, 1] + late * parts[k, 2]
    return seen, reached

"""The local-rate null of co-sharing: how often two shares of one object fall within a window of each other by chance.

Chance is read off the shares around a share, never those inside the window, so a ring cannot raise its own chance:
the shoulders (w to 3w away) give the local rate, a pooled class of equally busy surroundings steadies it, and accounts that
are habitually fast are compared at their own speed. Times are whole ticks; J = 30 w is the context.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.stats.coshare_scan import ages, at_once, by_account, meet, ordered, others_within, several, within

Array = np.ndarray[Any, Any]

CONTEXT = 30
SATURATED = 50.0
BINS = 8
_AGES = np.array([0.5, 1, 2, 4, 8, 16, 32])
AGED, SPEED, SHOULDER, REST, CLASS, BIN, EVEN, BURST, COLUMNS = 0, 8, 16, 17, 18, 19, 20, 21, 22
_LOCAL_PRIOR = 10.0
_OWN_PRIOR = 5.0
_PROFILE_PRIOR = 3.0


@dataclass(frozen=True)
class Shares:
    """Shares sorted by object, time, account, without repeats. All arrays have shape (n,).

    `obj` and `account` are codes from 0 (int32); `at` is in ticks (int64). `line` is time with every gap above a context (and every change of object)
    cut to just above it, so that one sorted axis serves all objects.
    """

    obj: Array
    account: Array
    at: Array
    line: Array
    context: int

    @classmethod
    def sorted(cls, obj: Array, account: Array, at: Array, context: int, step: int = 1) -> Shares:
        """Sort, drop exact repeats, lay out the line. `context` is J in ticks; all times lie a multiple of `step` apart."""
        order = np.arange(len(obj), dtype=np.int32)
        for key in (account, (at - at.min(initial=np.iinfo(np.int64).max)) // step, obj):
            order = ordered(np.ascontiguousarray(key, dtype=np.int64), order)
        obj, account, at = obj[order].astype(np.int32), account[order].astype(np.int32), at[order].astype(np.int64)
        new = np.ones(len(obj), dtype=bool)
        new[1:] = (np.diff(obj) != 0) | (np.diff(at) != 0) | (np.diff(account) != 0)
        obj, account, at = obj[new], account[new], at[new]
        return cls(obj, account, at, line_of(obj, at, context), context)


@dataclass(frozen=True)
class Chance:
    """What surrounds each share. `shoulder`, `rest` (n,): other accounts' shares within (w, 3w] and (3w, J]; `klass` (n,): class of busyness;
    `per_shoulder`, `pooled` (classes,): expected shares within w for each in the shoulder, and chance pooled over the class.

    `rows` (n, COLUMNS) float32 has all that a chance needs in one place: from AGED on others within J and beyond w by age bin, from SPEED on
    and at EVEN the account's habits (see `habits`), and shoulder, rest, class, age bin and the account's burst context.
    """

    window: int
    grain: int
    shoulder: Array
    rest: Array
    klass: Array
    per_shoulder: Array
    pooled: Array
    rows: Array

    @property
    def central(self) -> Array:
        """Expected number of other accounts' shares within w, shape (n,)."""
        return np.asarray(self.per_shoulder[self.klass] * self.shoulder)

    @property
    def aged(self) -> Array:
        """Others within J and beyond w by age bin, shape (n, BINS)."""
        return np.asarray(self.rows[:, AGED : AGED + BINS])

    @property
    def bin(self) -> Array:
        """Age bin of each share, shape (n,)."""
        return self.rows[:, BIN].astype(np.int8)

    @property
    def floor(self) -> float:
        """The smallest chance: the window's share of the context, for times in steps of `grain`."""
        return (2 * self.window + self.grain) / (2 * CONTEXT * self.window + self.grain)


@dataclass(frozen=True)
class Meetings:
    """Pairs of accounts and the objects on which they came within J, sorted by pair, object. Shapes (e,).

    `pair` numbers the pairs of accounts from 0; `one`, `two` are the closest rows (indices into Shares) of the first and second
    account (the lower code first); `delay` their distance in ticks; `count` the row pairs within J.
    """

    pair: Array
    one: Array
    two: Array
    delay: Array
    count: Array


def grain(at: Array) -> int:
    """The step that all times keep (gcd of their differences), in ticks; 1 where there are fewer than two times."""
    return max(1, int(np.gcd.reduce(at - at[0]))) if len(at) > 1 else 1


def surroundings(shares: Shares, window: int, step: int) -> Chance:
    """Local rate, pooled chance and ages around every share. `window` and `step` in ticks.

    kappa (how much higher the rate is within w than in the shoulder) extrapolates the three rings beyond w, by class of
    busyness; see docs/instruments/coordination.md.
    """
    line, obj, account = shares.line, shares.obj, shares.account
    order, _ = by_account(account, int(account.max(initial=-1)) + 1)
    near = others_within(line, obj, account, order, np.array([1, 2, 3, 4, CONTEXT]) * window)
    shoulder, rest = near[2] - near[0], near[4] - near[2]
    klass = np.minimum(24, np.floor(2 * np.log2(np.maximum(1, near[4])))).astype(np.int8)
    rings = [np.bincount(klass, weights=near[i + 1] - near[i], minlength=25) for i in range(3)]
    weight = sum(rings) / (sum(rings) + 100)
    kappa = np.maximum(1, weight * _peak(*rings) + (1 - weight) * _peak(*(np.atleast_1d(r.sum()) for r in rings)))
    per_shoulder = kappa / 2 * (2 * window + step) / (2 * window)
    floor = (2 * window + step) / (2 * CONTEXT * window + step)
    near_by, far = (np.bincount(klass, weights=x, minlength=25) for x in (shoulder, rest))
    central = per_shoulder * near_by
    pooled = np.maximum(floor, (central + 20 * floor) / (central + near_by + far + 20))
    rows = np.empty((len(line), COLUMNS), dtype=np.float32)
    ages(line, shares.at, obj, account, order, _AGES * window, window, shares.context, rows[:, AGED : AGED + BINS], rows[:, BIN])
    rows[:, SHOULDER], rows[:, REST], rows[:, CLASS] = shoulder, rest, klass
    return Chance(window, step, shoulder, rest, klass, per_shoulder, pooled, rows)


def meetings(
    shares: Shares,
    keep: Array,
    accounts: int,
    step: Callable[[int, int], None],
    least: int = 2,
    most: int = 20_000_000,
    room: int = 500_000,
) -> Meetings:
    """Every pair of accounts that came within J on at least `least` objects. `keep` (n,) bool: rows that take part.

    Accounts are gone through one by one; row pairs are looked at and forgotten, about `most` of them, or `room` meetings, between two
    calls of `step(done, total)`.
    """
    order, begin = by_account(shares.account, accounts)
    rows = np.flatnonzero(several(shares.obj, order, begin, keep, least)).astype(np.int32)
    line, obj, account = shares.line[rows], shares.obj[rows], shares.account[rows]
    order, begin = by_account(account, accounts)
    low, high = within(line, shares.context)
    seen, touched, noted = (np.zeros(shape, dtype=np.int32) for shape in (accounts, accounts, (room, 6)))
    none = np.zeros(0, dtype=np.int32)
    found: list[list[Array]] = [[none], [none], [none], [none], [none]]
    total, looked, anchor, numbered = int((high - low).sum(dtype=np.int64)), 0, 0, 0
    while anchor < accounts:
        out, delay = np.empty((4, room), dtype=np.int32), np.empty(room, dtype=np.int64)
        before = anchor
        anchor, filled, pairs, seen_now, full = meet(
            line, obj, account, order, begin, low, high, least, anchor, most, seen, touched, noted, out, delay
        )
        if full and anchor == before:
            noted = np.zeros((2 * len(noted), 6), dtype=np.int32)
        elif anchor == before:
            room *= 2
        pair, one, two, count = out[:, :filled]
        far = int(delay[:filled].max(initial=0)) >= 2**31
        parts = (pair + np.int32(numbered), rows[one], rows[two], delay[:filled].astype(np.int64 if far else np.int32), count.copy())
        for column, part in zip(found, parts, strict=True):
            column.append(part)
        numbered, looked = numbered + pairs, looked + seen_now
        step(min(looked, total), total)
    return Meetings(*(np.concatenate(found.pop(0)) for _ in range(5)))


def _numbered(pair: Array) -> Array:
    """Sorted codes as numbers from 0 without gaps."""
    return (np.cumsum(np.diff(pair, prepend=-1) != 0) - 1).astype(np.int32)


def each_act_once(shares: Shares, met: Meetings, least: int = 2) -> Meetings:
    """Meetings that rest on the same two moments of a pair counted once: a post with an address and a hashtag is one act, not two.

    Of several the one with the first object stays; pairs left with fewer than `least` are dropped.
    """
    busy = at_once(shares.at, *by_account(shares.account, int(shares.account.max(initial=-1)) + 1))
    some = np.flatnonzero(busy[met.one] & busy[met.two])
    order = some[np.lexsort((shares.at[met.two[some]], shares.at[met.one[some]], met.pair[some]))]
    same = np.diff(met.pair[order]) == 0
    same &= (np.diff(shares.at[met.one[order]]) == 0) & (np.diff(shares.at[met.two[order]]) == 0)
    if not same.any():
        return met
    again = np.zeros(len(met.pair), dtype=bool)
    again[order[1:]] = same
    keep = ~again
    keep &= (np.bincount(met.pair[keep], minlength=int(met.pair[-1]) + 1) >= least)[met.pair]
    return Meetings(_numbered(met.pair[keep]), met.one[keep], met.two[keep], met.delay[keep], met.count[keep])


def line_of(obj: Array, at: Array, context: int) -> Array:
    """One axis for all objects: times in order of object and time, every gap above `context` cut to just above it. Shape (n,)."""
    gap = np.diff(at)
    far = context + 1
    gap = np.where((np.diff(obj) != 0) | (gap > far), far, gap)
    line = np.zeros(len(at), dtype=np.int64)
    np.cumsum(gap, out=line[1:])
    return line


def _peak(near: Array, middle: Array, far: Array) -> Array:
    h2, h3, h4 = near + 5, middle + 5, far + 5
    return np.asarray(h2 * np.sqrt(h2 / h4) / ((h2 + h3) / 2))

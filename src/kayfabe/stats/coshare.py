"""The local-rate null of co-sharing: how often two shares of one object fall within a window of each other by chance.

Chance is read off the shares around a share, never those inside the window, so a ring cannot raise its own chance:
the shoulders (w to 3w away) give the local rate, a pooled class of equally busy surroundings steadies it, and accounts that
are habitually fast are compared at their own speed. Times are whole ticks; J = 30 w is the context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

CONTEXT = 30
SATURATED = 50.0
BINS = 8
_AGES = np.array([0.5, 1, 2, 4, 8, 16, 32])
_LOCAL_PRIOR = 10.0
_OWN_PRIOR = 5.0
_PROFILE_PRIOR = 3.0


@dataclass(frozen=True)
class Shares:
    """Shares sorted by object, time, account, without repeats. All arrays have shape (n,).

    `obj` and `account` are codes from 0; `at` is in ticks. `line` is time with every gap above a context (and every change of object)
    cut to just above it, so that one sorted axis serves all objects.
    """

    obj: Array
    account: Array
    at: Array
    line: Array
    context: int

    @classmethod
    def sorted(cls, obj: Array, account: Array, at: Array, context: int) -> Shares:
        """Sort, drop exact repeats, lay out the line. `context` is J in ticks."""
        order = np.lexsort((account, at, obj))
        obj, account, at = obj[order], account[order], at[order]
        new = np.ones(len(obj), dtype=bool)
        new[1:] = (np.diff(obj) != 0) | (np.diff(at) != 0) | (np.diff(account) != 0)
        obj, account, at = obj[new], account[new], at[new]
        return cls(obj, account, at, line_of(obj, at, context), context)


@dataclass(frozen=True)
class Chance:
    """What surrounds each share. Shapes (n,), but `aged` (n, BINS): others within J and beyond w, by age bin.

    `central` is the expected number of other accounts' shares within w; `shoulder` (w, 3w], `rest` (3w, J] are counts.
    """

    window: int
    grain: int
    central: Array
    per_shoulder: Array
    shoulder: Array
    rest: Array
    pooled: Array
    bin: Array
    aged: Array

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
    line = shares.line
    widths = np.array([1, 2, 3, 4, CONTEXT]) * window
    near = np.stack([_within(line, x) for x in widths]).astype(np.int32)
    mine, theirs, distance = _own_pairs(shares)
    for row, x in enumerate(widths):
        near[row] -= 1 + np.bincount(mine[distance <= x], minlength=len(line)).astype(np.int32)
    shoulder, rest = near[2] - near[0], near[4] - near[2]
    klass = np.minimum(24, np.floor(2 * np.log2(np.maximum(1, near[4])))).astype(int)
    rings = [np.bincount(klass, weights=near[i + 1] - near[i], minlength=25) for i in range(3)]
    weight = sum(rings) / (sum(rings) + 100)
    kappa = np.maximum(1, weight * _peak(*rings) + (1 - weight) * _peak(*(np.atleast_1d(r.sum()) for r in rings)))
    per_shoulder = (kappa / 2 * (2 * window + step) / (2 * window))[klass]
    central = per_shoulder * shoulder
    floor = (2 * window + step) / (2 * CONTEXT * window + step)
    sums = [np.bincount(klass, weights=x, minlength=25) for x in (central, shoulder, rest)]
    pooled = np.maximum(floor, (sums[0] + 20 * floor) / (sum(sums) + 20))[klass]
    age_bin, aged = _ages(shares, window, mine, theirs, distance)
    return Chance(window, step, central, per_shoulder, shoulder, rest, pooled, age_bin, aged)


def meetings(
    shares: Shares,
    keep: Array,
    accounts: int,
    step: Callable[[int, int], None],
    least: int = 2,
    at_once: int = 500_000,
) -> Meetings:
    """Every pair of accounts that came within J on at least `least` objects. `keep` (n,) bool: rows that take part.

    Row pairs are looked at account by account, so that about `at_once` of them are in memory together, and most of them never stay:
    few pairs meet twice. `step(done, total)` is called between pieces.
    """
    rows = np.flatnonzero(keep & _several(shares, keep, accounts, least)).astype(np.int32)
    line, account, obj = shares.line[rows], shares.account[rows].astype(np.int32), shares.obj[rows]
    found = []
    for pair, left, right, done, total in near(line, account, accounts, shares.context, least, at_once):
        found.append(_closest(pair, left, right, line, obj, least))
        step(done, total)
    none = np.zeros(0, dtype=np.int32)
    sizes = [int(f[0].max(initial=-1)) + 1 for f in found]
    before = np.cumsum([0, *sizes], dtype=np.int32)
    pair = np.concatenate([f[0] + k for f, k in zip(found, before, strict=False)] or [none])
    one, two, delay, count = (np.concatenate([f[i] for f in found] or [none]) for i in range(1, 5))
    return Meetings(pair, rows[one], rows[two], delay, count)


def near(
    line: Array, account: Array, accounts: int, context: int, least: int = 1, at_once: int = 500_000
) -> Iterator[tuple[Array, Array, Array, int, int]]:
    """(pair, row of the lower account, row of the higher, looked at so far, in all) of all row pairs at most `context` apart on `line`, in
    parts sorted by pair, then rows. Each pair of accounts is whole in one part, where `pair` codes it. Pairs with fewer than `least` row pairs are left out."""
    order = np.argsort(account, kind="stable").astype(np.int32)
    begin = np.searchsorted(line, line - context, side="left").astype(np.int32)[order]
    reach = np.searchsorted(line, line + context, side="right").astype(np.int32)[order] - begin
    owner = account[order]
    last = np.append(np.flatnonzero(np.diff(owner)), len(owner) - 1) + 1
    reached = np.concatenate([[0], np.cumsum(reach, dtype=np.int64)])
    low = 0
    while low < len(order):
        fits = int(np.searchsorted(reached[last], reached[low] + at_once, side="right"))
        high = int(last[max(fits - 1, int(np.searchsorted(last, low, side="right")))])
        some = slice(low, high)
        left, right = _row_pairs(order[some], begin[some], reach[some], account)
        pair = (account[left] - owner[low]) * np.int64(accounts) + account[right]
        yield *_repeated(pair, left, right, least), int(reached[high]), int(reached[-1])
        low = high


def _numbered(pair: Array) -> Array:
    """Sorted codes as numbers from 0 without gaps."""
    return (np.cumsum(np.diff(pair, prepend=-1) != 0) - 1).astype(np.int32)


def each_act_once(shares: Shares, met: Meetings, least: int = 2) -> Meetings:
    """Meetings that rest on the same two moments of a pair counted once: a post with an address and a hashtag is one act, not two.

    Of several the one with the first object stays; pairs left with fewer than `least` are dropped.
    """
    busy = _at_once(shares)
    some = np.flatnonzero(busy[met.one] & busy[met.two])
    order = some[np.lexsort((shares.at[met.two[some]], shares.at[met.one[some]], met.pair[some]))]
    same = np.diff(met.pair[order]) == 0
    same &= (np.diff(shares.at[met.one[order]]) == 0) & (np.diff(shares.at[met.two[order]]) == 0)
    if not same.any():
        return met
    again = np.zeros(len(met.pair), dtype=bool)
    again[order[1:]] = same
    keep = ~again
    begin = np.flatnonzero(np.diff(met.pair, prepend=-1))
    left = np.add.reduceat(keep.astype(np.int64), begin)
    keep &= np.repeat(left >= least, np.diff(np.append(begin, len(met.pair))))
    return Meetings(_numbered(met.pair[keep]), met.one[keep], met.two[keep], met.delay[keep], met.count[keep])


def _at_once(shares: Shares) -> Array:
    """Rows whose account shared something else at the same moment, shape (n,) bool."""
    order = np.lexsort((shares.at, shares.account))
    same = (np.diff(shares.account[order]) == 0) & (np.diff(shares.at[order]) == 0)
    found = np.zeros(len(order), dtype=bool)
    found[order[1:]] |= same
    found[order[:-1]] |= same
    return found


def _several(shares: Shares, keep: Array, accounts: int, least: int) -> Array:
    """Rows of accounts with at least `least` objects, shape (n,) bool."""
    key = np.sort(shares.account[keep].astype(np.int64) * (int(shares.obj.max(initial=0)) + 1) + shares.obj[keep])
    owner = key[np.flatnonzero(np.diff(key, prepend=-1))] // (int(shares.obj.max(initial=0)) + 1)
    return np.asarray((np.bincount(owner, minlength=accounts) >= least)[shares.account])


def line_of(obj: Array, at: Array, context: int) -> Array:
    """One axis for all objects: times in order of object and time, every gap above `context` cut to just above it. Shape (n,)."""
    gap = np.diff(at)
    far = context + 1
    gap = np.where((np.diff(obj) != 0) | (gap > far), far, gap)
    line = np.zeros(len(at), dtype=np.int64)
    np.cumsum(gap, out=line[1:])
    return line


def _within(line: Array, x: int) -> Array:
    return np.searchsorted(line, line + x, side="right") - np.searchsorted(line, line - x, side="left")


def _peak(near: Array, middle: Array, far: Array) -> Array:
    h2, h3, h4 = near + 5, middle + 5, far + 5
    return np.asarray(h2 * np.sqrt(h2 / h4) / ((h2 + h3) / 2))


def _own_pairs(shares: Shares) -> tuple[Array, Array, Array]:
    """Rows of one account on one object within J of each other, in both directions: (row, other row, distance)."""
    order = np.lexsort((shares.at, shares.account, shares.obj))
    same = (np.diff(shares.obj[order]) == 0) & (np.diff(shares.account[order]) == 0)
    several = np.zeros(len(order), dtype=bool)
    several[1:] |= same
    several[:-1] |= same
    order = order[several]
    group = np.zeros(len(order), dtype=np.int64)
    group[1:] = np.cumsum((np.diff(shares.obj[order]) != 0) | (np.diff(shares.account[order]) != 0))
    line = line_of(group, shares.at[order], shares.context)
    ahead = np.searchsorted(line, line + shares.context, side="right") - np.arange(len(line)) - 1
    left, right = _expand(np.arange(len(line)), ahead)
    distance = line[right] - line[left]
    left, right = order[left], order[right]
    return np.concatenate([left, right]), np.concatenate([right, left]), np.concatenate([distance, distance])


def _ages(shares: Shares, window: int, mine: Array, theirs: Array, distance: Array) -> tuple[Array, Array]:
    """Age bin of each share, and for each the others within J but beyond w by bin (their rows lie together)."""
    n, line = len(shares.obj), shares.line
    starts = np.flatnonzero(np.diff(shares.obj, prepend=-1))
    sizes = np.diff(np.append(starts, n))
    age = shares.at - np.repeat(shares.at[starts], sizes)
    age_bin = np.searchsorted(_AGES * window, age, side="left").astype(np.int8)
    rank = np.repeat(np.arange(len(starts)), sizes) * BINS + age_bin
    edge = np.searchsorted(rank, np.arange(len(starts) * BINS + 1)).astype(np.int32)
    which = np.repeat(np.arange(len(starts)), sizes) * BINS
    first = np.searchsorted(line, line - shares.context, side="left").astype(np.int32)
    before = np.searchsorted(line, line - window, side="left").astype(np.int32)
    after = np.searchsorted(line, line + window, side="right").astype(np.int32)
    last = np.searchsorted(line, line + shares.context, side="right").astype(np.int32)
    aged = np.empty((n, BINS), dtype=np.float32)  # exact up to 2^24
    for b in range(BINS):
        low, high = edge[which + b], edge[which + b + 1]
        left = np.minimum(before, high) - np.maximum(first, low)
        right = np.minimum(last, high) - np.maximum(after, low)
        aged[:, b] = np.maximum(left, 0) + np.maximum(right, 0)
    far = distance > window
    np.subtract.at(aged, (mine[far], age_bin[theirs[far]]), 1)
    return age_bin, aged


def _expand(rows: Array, ahead: Array) -> tuple[Array, Array]:
    left = np.repeat(rows.astype(np.int32), ahead)
    offset = np.arange(len(left), dtype=np.int64) - np.repeat(np.cumsum(ahead) - ahead, ahead)
    return left, (left + 1 + offset).astype(np.int32)


def _row_pairs(rows: Array, begin: Array, reach: Array, account: Array) -> tuple[Array, Array]:
    """Each of `rows` with those of begin .. begin + reach that belong to a higher account, in order."""
    left = np.repeat(rows, reach)
    right = np.arange(len(left), dtype=np.int32)
    right += np.repeat((begin - (np.cumsum(reach) - reach)).astype(np.int32), reach)
    higher = account[right] > np.repeat(account[rows], reach)
    return left[higher], right[higher]


def _repeated(pair: Array, left: Array, right: Array, least: int) -> tuple[Array, Array, Array]:
    """Those whose pair occurs at least `least` times, sorted by pair, then as they were."""
    bits = max(1, len(pair).bit_length())
    if int(pair.max(initial=0)).bit_length() + bits <= 64:
        packed = pair.astype(np.uint64)
        del pair
        packed <<= np.uint64(bits)
        packed |= np.arange(len(packed), dtype=np.uint64)
        packed.sort()
        pair = packed >> np.uint64(bits)
    else:
        packed = np.argsort(pair, kind="stable").astype(np.uint64)
        pair = pair[packed]
    new = np.ones(len(pair) + 1, dtype=bool)
    np.not_equal(pair[1:], pair[:-1], out=new[1:-1])
    first = np.flatnonzero(new)
    size = np.diff(first)
    often = np.repeat(size >= least, size)
    place = packed[often] & np.uint64((1 << bits) - 1)
    return pair[often].astype(np.int64), left[place], right[place]


def _closest(
    pair: Array, left: Array, right: Array, line: Array, obj: Array, least: int
) -> tuple[Array, Array, Array, Array, Array]:
    """(pair from 0, row, other row, delay, row pairs) of the closest row pair (the first of equals) per pair and object, for pairs with at
    least `least` objects. Row pairs come sorted by pair, then rows, hence by object."""
    what, delay = obj[left], np.abs(line[right] - line[left])
    if int(delay.max(initial=0)) < 2**31:
        delay = delay.astype(np.int32)
    new = np.ones(len(pair), dtype=bool)
    new[1:] = (pair[1:] != pair[:-1]) | (what[1:] != what[:-1])
    first = np.flatnonzero(new)
    count = np.diff(np.append(first, len(pair))).astype(np.int32)
    if len(first) < len(pair):
        shortest = np.flatnonzero(delay == np.repeat(np.minimum.reduceat(delay, first), count))
        group = np.repeat(np.arange(len(first)), count)[shortest]
        first = shortest[np.flatnonzero(np.diff(group, prepend=-1))]
    pair, left, right, delay = pair[first], left[first], right[first], delay[first]
    size = np.diff(np.append(np.flatnonzero(np.diff(pair, prepend=-1)), len(pair)))
    enough = np.repeat(size >= least, size)
    return _numbered(pair[enough]), left[enough], right[enough], delay[enough], count[enough]

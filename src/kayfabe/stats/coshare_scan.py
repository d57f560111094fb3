"""The loops behind co-shares: orders, rows around rows, and who meets whom, account by account.

Rows are sorted by object and time; `line` (int64) is the axis of kayfabe.stats.coshare.line_of, codes and rows are int32. An account's
rows, in the order that `by_account` gives, lie object by object in order of time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kayfabe.stats.compiled import compiled

Array = np.ndarray[Any, Any]
_DIGIT = 11


@compiled
def ordered(key: Array, order: Array) -> Array:
    """`order` sorted by key[order] (int64), equal keys staying as they are: digit by digit, the lowest first."""
    n = len(order)
    if n == 0:
        return order
    low = key.min()
    span, shift = key.max() - low, 0
    spare = np.empty_like(order)
    source = order.copy()
    while (span >> shift) > 0:
        place = np.zeros((1 << _DIGIT) + 1, np.int64)
        for i in range(n):
            place[(((key[source[i]] - low) >> shift) & ((1 << _DIGIT) - 1)) + 1] += 1
        for d in range(1, 1 << _DIGIT):
            place[d] += place[d - 1]
        for i in range(n):
            d = ((key[source[i]] - low) >> shift) & ((1 << _DIGIT) - 1)
            spare[place[d]] = source[i]
            place[d] += 1
        source, spare = spare, source
        shift += _DIGIT
    return source


@compiled
def by_account(account: Array, accounts: int) -> tuple[Array, Array]:
    """(rows in order of account, then row; where each account begins among them (accounts + 1,))."""
    begin = np.zeros(accounts + 2, np.int32)
    for k in range(len(account)):
        begin[account[k] + 2] += 1
    for a in range(2, accounts + 2):
        begin[a] += begin[a - 1]
    order = np.empty(len(account), np.int32)
    for k in range(len(account)):
        a = account[k] + 1
        order[begin[a]] = k
        begin[a] += 1
    return order, begin[:-1].copy()


@compiled
def within(line: Array, x: int) -> tuple[Array, Array]:
    """(first row, one past the last) at most `x` away from each row, shapes (n,)."""
    n = len(line)
    low, high = np.empty(n, np.int32), np.empty(n, np.int32)
    i = j = 0
    for k in range(n):
        while line[k] - line[i] > x:
            i += 1
        while j < n and line[j] - line[k] <= x:
            j += 1
        low[k], high[k] = i, j
    return low, high


@compiled
def others_within(line: Array, obj: Array, account: Array, order: Array, widths: Array) -> Array:
    """Rows of other accounts at most each width (ascending) away from each row, shape (widths, n) int32."""
    n = len(line)
    near = np.empty((len(widths), n), np.int32)
    for w in range(len(widths)):
        i = j = 0
        for k in range(n):
            while line[k] - line[i] > widths[w]:
                i += 1
            while j < n and line[j] - line[k] <= widths[w]:
                j += 1
            near[w, k] = j - i - 1
    for place in range(n):
        k = order[place]
        for after in range(place + 1, n):
            m = order[after]
            if account[m] != account[k] or obj[m] != obj[k] or line[m] - line[k] > widths[-1]:
                break
            for w in range(len(widths)):
                if line[m] - line[k] <= widths[w]:
                    near[w, k] -= 1
                    near[w, m] -= 1
    return near


@compiled
def ages(
    line: Array, at: Array, obj: Array, account: Array, order: Array, edges: Array, window: int, context: int, aged: Array, age_bin: Array
) -> None:
    """Writes each row's age bin into `age_bin` (n,), and the others beyond `window` and within `context` of it by their bins into `aged` (n, bins).

    Age counts from the first row of the object; bin b holds ages above edges[b - 1] and up to edges[b].
    """
    n, bins = len(line), len(edges) + 1
    first, last = within(line, context)
    before, after = within(line, window)
    edge = np.empty(bins + 1, np.int64)
    start = 0
    while start < n:
        stop, b = start, 0
        edge[0] = start
        while stop < n and obj[stop] == obj[start]:
            while b < bins - 1 and at[stop] - at[start] > edges[b]:
                b += 1
                edge[b] = stop
            age_bin[stop] = b
            stop += 1
        edge[b + 1 :] = stop
        for k in range(start, stop):
            for c in range(bins):
                left = min(before[k], edge[c + 1]) - max(first[k], edge[c])
                right = min(last[k], edge[c + 1]) - max(after[k], edge[c])
                aged[k, c] = max(left, 0) + max(right, 0)
        start = stop
    for place in range(n):
        k = order[place]
        for later in range(place + 1, n):
            m = order[later]
            if account[m] != account[k] or obj[m] != obj[k] or line[m] - line[k] > context:
                break
            if line[m] - line[k] > window:
                aged[k, int(age_bin[m])] -= 1
                aged[m, int(age_bin[k])] -= 1


@compiled
def several(obj: Array, order: Array, begin: Array, keep: Array, least: int) -> Array:
    """The rows of `keep` whose account has at least `least` objects among them, shape (n,) bool."""
    found = np.zeros(len(obj), np.bool_)
    for a in range(len(begin) - 1):
        objects, last = 0, -1
        for place in range(begin[a], begin[a + 1]):
            k = order[place]
            if keep[k] and obj[k] != last:
                objects, last = objects + 1, obj[k]
        if objects >= least:
            for place in range(begin[a], begin[a + 1]):
                found[order[place]] = keep[order[place]]
    return found


@compiled
def _sort(values: Array, n: int) -> None:
    """The first `n` values in place (Shell's sort, gaps of 3k + 1)."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            value, j = values[i], i
            while j >= gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value
        gap //= 3


@compiled
def at_once(at: Array, order: Array, begin: Array) -> Array:
    """Rows whose account has another row at the same moment, shape (n,) bool."""
    found = np.zeros(len(at), np.bool_)
    times = np.empty(len(at), np.int64)
    for a in range(len(begin) - 1):
        n = begin[a + 1] - begin[a]
        for i in range(n):
            times[i] = at[order[begin[a] + i]]
        _sort(times, n)
        twice = 0
        for i in range(1, n):
            if times[i] == times[i - 1] and (twice == 0 or times[twice - 1] != times[i]):
                times[twice] = times[i]
                twice += 1
        for i in range(n if twice else 0):
            k = order[begin[a] + i]
            place = np.searchsorted(times[:twice], at[k])
            found[k] = place < twice and times[place] == at[k]
    return found


@compiled
def starts(pair: Array) -> Array:
    """Where each pair begins among meetings sorted by pair, and their number at the end; shape (pairs + 1,) int32."""
    first = np.empty(pair[-1] + 2 if len(pair) else 1, np.int32)
    last = -1
    for e in range(len(pair)):
        if pair[e] != last:
            last = pair[e]
            first[last] = e
    first[-1] = len(pair)
    return first


@compiled
def meet(
    line: Array, obj: Array, account: Array, order: Array, begin: Array, low: Array, high: Array, least: int,
    anchor: int, most: int, seen: Array, touched: Array, noted: Array, out: Array, delay: Array,
) -> tuple[int, int, int, int, bool]:  # fmt: skip
    """Closest rows of every pair of accounts on every object, for pairs with at least `least` objects, from account `anchor` on.

    Writes (pair from 0, row, other row, row pairs) into the columns of `out` (4, size) int32 and their distance into `delay` (size,) int64,
    sorted by pair (the lower account first) and object; of equally close rows the first. `low`, `high` bound the rows around each row.
    Scratch: `seen` (accounts,) int32, zero before and after, `touched` (accounts,) and `noted` (6, .) int32, which holds what one account
    meets, each object of each other account once: the entry before of the same other account, row, other row, object, row pairs, and
    which object of that account's it is. Stops after about `most` row pairs, or before an account whose notes or meetings do not
    fit. Returns (next anchor, meetings, pairs, row pairs looked at, whether notes did not fit).
    """
    filled = pairs = looked = 0
    while anchor < len(begin) - 1 and looked < most:
        found = notes = 0
        for place in range(begin[anchor], begin[anchor + 1]):
            k = order[place]
            if notes + high[k] - low[k] >= len(noted):
                break
            looked += high[k] - low[k]
            for m in range(low[k], high[k]):
                b = account[m]
                if b <= anchor:
                    continue
                last = seen[b]
                if last and noted[last, 3] == obj[k]:
                    noted[last, 4] += 1
                    if abs(line[m] - line[k]) < abs(line[noted[last, 2]] - line[noted[last, 1]]):
                        noted[last, 1], noted[last, 2] = k, m
                    continue
                if last == 0:
                    touched[found] = b
                    found += 1
                notes += 1
                seen[b] = notes
                noted[notes, 0], noted[notes, 1], noted[notes, 2], noted[notes, 3], noted[notes, 4] = last, k, m, obj[k], 1
                noted[notes, 5] = noted[last, 5] + 1 if last else 1
        else:
            place = begin[anchor + 1]
        full = place < begin[anchor + 1]
        often = slots = 0
        for i in range(found):
            b = touched[i]
            objects = noted[seen[b], 5]
            if objects >= least and not full:
                slots += objects
                touched[often], touched[i] = b, touched[often]
                often += 1
        fits = filled + slots <= out.shape[1] and not full
        if often and fits:
            _sort(touched, often)
            for i in range(often):
                entry = seen[touched[i]]
                objects = noted[entry, 5]
                for s in range(filled + objects - 1, filled - 1, -1):
                    k, m = noted[entry, 1], noted[entry, 2]
                    out[0, s], out[1, s], out[2, s], out[3, s] = pairs, k, m, noted[entry, 4]
                    delay[s] = abs(line[m] - line[k])
                    entry = noted[entry, 0]
                filled += objects
                pairs += 1
        for i in range(found):
            seen[touched[i]] = 0
        if not fits:
            return anchor, filled, pairs, looked, full
        anchor += 1
    return anchor, filled, pairs, looked, False


@compiled
def tie(
    line: Array, obj: Array, account: Array, order: Array, begin: Array, low: Array, high: Array,
    anchor: int, most: int, seen: Array, touched: Array, involved: Array, out: Array, delay: Array,
) -> tuple[int, int, int]:  # fmt: skip
    """Every pair of accounts with rows within reach of each other, from account `anchor` on, ordered by account.

    Writes (lower account, higher account, objects, distinct rows of either side) into the columns of `out` (5, size) int32 and the sum
    over the objects of the shortest distance into `delay` (size,) int64, and marks rows in `involved`. `seen` (accounts, 7) int64 is scratch, zero before and after; the rest is as
    in `meet`. Returns (next anchor, ties, row pairs looked at).
    """
    filled = looked = 0
    while anchor < len(begin) - 1 and looked < most:
        found = 0
        end = 0
        for place in range(begin[anchor], begin[anchor + 1]):
            k = order[place]
            looked += high[k] - low[k]
            for m in range(low[k], high[k]):
                b = account[m]
                if b <= anchor:
                    continue
                involved[k] = involved[m] = True
                mine = seen[b]
                distance = abs(line[m] - line[k])
                if mine[0] != obj[k] + 1:
                    if mine[0] == 0:
                        touched[found] = b
                        found += 1
                    mine[0], mine[1] = obj[k] + 1, distance
                    mine[2] += 1
                    mine[3] += distance
                elif distance < mine[1]:
                    mine[3] -= mine[1] - distance
                    mine[1] = distance
                if mine[6] != k + 1:
                    mine[6] = k + 1
                    mine[4] += 1
                if m >= end:
                    mine[5] += 1
            end = high[k]
        fits = filled + found <= out.shape[1]
        if fits:
            _sort(touched, found)
        for i in range(found):
            b = touched[i]
            if fits:
                out[0, filled], out[1, filled], out[2, filled] = anchor, b, seen[b, 2]
                delay[filled], out[3, filled], out[4, filled] = seen[b, 3], seen[b, 4], seen[b, 5]
                filled += 1
            seen[b] = 0
        if not fits:
            break
        anchor += 1
    return anchor, filled, looked

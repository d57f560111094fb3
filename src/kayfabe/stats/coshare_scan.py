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
def at_once(at: Array, account: Array, order: Array) -> Array:
    """Rows whose account has another row at the same moment, shape (n,) bool. `order` goes by account, then time."""
    found = np.zeros(len(at), np.bool_)
    for i in range(1, len(order)):
        k, m = order[i - 1], order[i]
        if account[k] == account[m] and at[k] == at[m]:
            found[k] = found[m] = True
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
def meet(
    line: Array, obj: Array, account: Array, order: Array, begin: Array, low: Array, high: Array, least: int,
    anchor: int, most: int, seen: Array, touched: Array, out: Array, delay: Array,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Closest rows of every pair of accounts on every object, for pairs with at least `least` objects, from account `anchor` on.

    Writes (pair from 0, row, other row, row pairs) into the columns of `out` (4, size) int32 and their distance into `delay` (size,) int64,
    sorted by pair (the lower account first) and object; of equally close rows the first. `low`, `high` bound the rows around each row. `seen` (accounts, 2) int32 and
    `touched` (accounts,) are scratch, `seen` zero before and after. Stops after about `most` row pairs or before an account whose
    meetings do not fit. Returns (next anchor, meetings, pairs, row pairs looked at); nothing moves where `out` is too small.
    """
    filled = pairs = looked = 0
    while anchor < len(begin) - 1 and looked < most:
        found = 0
        for place in range(begin[anchor], begin[anchor + 1]):
            k = order[place]
            looked += high[k] - low[k]
            for m in range(low[k], high[k]):
                b = account[m]
                if b > anchor and seen[b, 0] != obj[k] + 1:
                    seen[b, 0] = obj[k] + 1
                    if seen[b, 1] == 0:
                        touched[found] = b
                        found += 1
                    seen[b, 1] += 1
        often = slots = 0
        for i in range(found):
            b = touched[i]
            objects = seen[b, 1]
            seen[b, 0] = seen[b, 1] = 0
            if objects >= least:
                slots += objects
                touched[often] = b
                often += 1
                seen[b, 1] = objects
        fits = filled + slots <= out.shape[1]
        if often and fits:
            _sort(touched, often)
            slot = filled
            for i in range(often):
                b = touched[i]
                for s in range(slot, slot + seen[b, 1]):
                    out[0, s] = pairs + i
                slot += seen[b, 1]
                seen[b, 1] = slot - seen[b, 1] + 1
            for place in range(begin[anchor], begin[anchor + 1]):
                k = order[place]
                for m in range(low[k], high[k]):
                    b = account[m]
                    if b <= anchor or seen[b, 1] == 0:
                        continue
                    distance = abs(line[m] - line[k])
                    if seen[b, 0] != obj[k] + 1:
                        seen[b, 0] = obj[k] + 1
                        s = seen[b, 1] - 1
                        seen[b, 1] += 1
                        out[1, s], out[2, s], out[3, s], delay[s] = k, m, 1, distance
                    else:
                        s = seen[b, 1] - 2
                        out[3, s] += 1
                        if distance < delay[s]:
                            out[1, s], out[2, s], delay[s] = k, m, distance
            filled, pairs = slot, pairs + often
        for i in range(often):
            seen[touched[i], 0] = seen[touched[i], 1] = 0
        if not fits:
            break
        anchor += 1
    return anchor, filled, pairs, looked


@compiled
def tie(
    line: Array, obj: Array, account: Array, order: Array, begin: Array, low: Array, high: Array,
    anchor: int, most: int, seen: Array, touched: Array, involved: Array, out: Array,
) -> tuple[int, int, int]:  # fmt: skip
    """Every pair of accounts with rows within reach of each other, from account `anchor` on, ordered by account.

    Writes (lower account, higher account, objects, sum over them of the shortest distance, distinct rows of either side) into the columns
    of `out` (6, size) int64 and marks rows in `involved`. `seen` (accounts, 7) int64 is scratch, zero before and after; the rest is as
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
                out[0, filled], out[1, filled] = anchor, b
                out[2, filled], out[3, filled], out[4, filled], out[5, filled] = seen[b, 2], seen[b, 3], seen[b, 4], seen[b, 5]
                filled += 1
            seen[b] = 0
        if not fits:
            break
        anchor += 1
    return anchor, filled, looked

"""Co-shares counted: who shared the same objects within a window, pair by pair, account by account."""

from __future__ import annotations

from typing import Any

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.progress import Progress
from kayfabe.stats.coshare import line_of, near

Array = np.ndarray[Any, Any]
Columns = dict[str, Array]

_OBJECTS = """
    select object, row_number() over (order by object) - 1 as o from (
        select object from posts where object is not null and object <> '' and object <> post
        group by object having min(account) <> max(account)) as several"""

_ACCOUNTS = "select account, row_number() over (order by account) - 1 as a from (select distinct account from posts) as who"

_SHARES = f"""
    with objects as ({_OBJECTS}), accounts as ({_ACCOUNTS})
    select cast(o as integer) as o, cast(a as integer) as a, date_diff('microsecond', timestamp '1970-01-01', "at") as t
    from posts join objects on posts.object = objects.object join accounts on posts.account = accounts.account
    where posts.object <> post"""

_SEVERAL = f"""
    with objects as ({_OBJECTS}), accounts as ({_ACCOUNTS}),
    own as (select post, object, account, "at" from posts
        where account in (select account from accounts where a in (select unnest($codes))) and object <> post),
    many as (select post, row_number() over (order by post) - 1 as p from (select post from own group by post having count(*) > 1) as twice)
    select cast(o as integer) as o, cast(a as integer) as a, date_diff('microsecond', timestamp '1970-01-01', "at") as t, p
    from own join objects on own.object = objects.object join accounts on own.account = accounts.account
        join many on own.post = many.post"""


def counted(evidence: Evidence, window: int, least: int, progress: Progress) -> Columns:
    """Ties of accounts that both have at least `least` posts in co-shares at most `window` microseconds apart, ordered by name.

    `weight` counts objects, `avg_time_delta` is the mean over them of the shortest delay (seconds), `shares_from` and `shares_to`
    the posts of each side in them.
    """
    got = evidence.columns(_SHARES)
    order = np.lexsort((got["t"], got["o"]))
    obj, account, at = (np.asarray(got[c])[order] for c in "oat")
    accounts = int(account.max(initial=-1)) + 1
    line = line_of(obj, at, window)
    involved = np.zeros(len(obj), dtype=bool)
    found = []
    for pair, left, right, done, total in near(line, account, accounts, window):
        involved[left] = involved[right] = True
        found.append(_tied(pair, left, right, line, obj, account))
        progress.step("pairing posts", done, total)
    none = [np.zeros(0, dtype=np.int64)] * 6
    low, high, weight, delay, shares_from, shares_to = (np.concatenate(c) for c in zip(none, *found, strict=True))
    active = _posts(evidence, obj, account, at, involved, accounts) >= least
    kept = active[low] & active[high]
    names = evidence.columns(f"select account from ({_ACCOUNTS}) as named order by a")["account"]
    return {
        "from": names[low[kept]], "to": names[high[kept]], "weight": weight[kept], "avg_time_delta": (delay / np.maximum(weight, 1))[kept] / 1e6,
        "shares_from": shares_from[kept], "shares_to": shares_to[kept],
    }  # fmt: skip


def _tied(
    pair: Array, left: Array, right: Array, line: Array, obj: Array, account: Array
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """(lower account, higher account, objects, sum of shortest delays, rows of either side) per pair."""
    what, delay = obj[left], np.abs(line[right] - line[left])
    new = np.ones(len(pair), dtype=bool)
    new[1:] = (pair[1:] != pair[:-1]) | (what[1:] != what[:-1])
    first = np.flatnonzero(new)
    if not len(first):
        return first, first, first, first, first, first
    shortest = np.minimum.reduceat(delay, first)
    starts = new.copy()
    starts[1:] |= left[1:] != left[:-1]
    ours = np.add.reduceat(starts, first, dtype=np.int64)
    theirs = _distinct(np.cumsum(new) - 1, right, len(first))
    begin = np.flatnonzero(np.diff(pair[first], prepend=-1))
    size = np.diff(np.append(begin, len(first)))
    delays, mine, yours = (np.add.reduceat(x, begin) for x in (shortest, ours, theirs))
    return account[left[first[begin]]], account[right[first[begin]]], size, delays, mine, yours


def _distinct(group: Array, value: Array, groups: int) -> Array:
    """Distinct values in each group, shape (groups,); most groups have one."""
    count = np.bincount(group, minlength=groups)
    several = np.flatnonzero(count[group] > 1)
    order = several[np.lexsort((value[several], group[several]))]
    again = (np.diff(group[order]) == 0) & (np.diff(value[order]) == 0)
    return count - np.bincount(group[order[1:]][again], minlength=groups)


def _posts(evidence: Evidence, obj: Array, account: Array, at: Array, involved: Array, accounts: int) -> Array:
    """Posts of each account among its rows `involved`, shape (accounts,): a post with several objects counts once."""
    count = np.bincount(account[involved], minlength=accounts)
    rows = np.flatnonzero(involved)
    order = np.lexsort((at[rows], account[rows]))
    both = (np.diff(account[rows][order]) == 0) & (np.diff(at[rows][order]) == 0)
    if not both.any():
        return count
    got = evidence.columns(_SEVERAL, codes=np.unique(account[rows][order][1:][both]).tolist())
    key, other = (_key(*c) for c in ((obj[rows], account[rows], at[rows]), (got["o"], got["a"], got["t"])))
    here = np.isin(other, key)
    _, first, times = np.unique(np.asarray(got["p"])[here], return_index=True, return_counts=True)
    return count - np.bincount(np.asarray(got["a"])[here][first], times - 1, accounts).astype(np.int64)


def _key(obj: Array, account: Array, at: Array) -> Array:
    made = np.empty(len(obj), dtype=[("o", np.int64), ("a", np.int64), ("t", np.int64)])
    made["o"], made["a"], made["t"] = obj, account, at
    return made

"""Co-shares counted: who shared the same objects within a window, pair by pair, account by account."""

from __future__ import annotations

from typing import Any

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.progress import Progress

Array = np.ndarray[Any, Any]
Columns = dict[str, Array]

_MOST, _ROOM = 20_000_000, 200_000
"""Row pairs looked at and ties found between two steps of progress."""

TIME = "date_diff('microsecond', timestamp '1970-01-01', \"at\")"
SHARE = "object is not null and object <> '' and object <> post"
"""Which posts share something: a post that is its own object (a text) shares nothing."""


def numbered(clause: str) -> str:
    """The head of a query on the posts that fit `clause`: tables `shares` (object, account, t in microseconds, post), `objects` (those of
    two or more accounts, with code o) and `accounts` (with code a); codes from 0 in order of name."""
    return (
        f"with shares as (select object, account, post, {TIME} as t from posts where {clause}), "
        "objects as (select object, row_number() over (order by object) - 1 as o "
        "from (select object from shares group by object having min(account) <> max(account)) as several), "
        "accounts as (select account, row_number() over (order by account) - 1 as a from (select distinct account from shares) as who) "
    )


CODES = """select cast(o as integer) as o, cast(a as integer) as a, t from shares
    join objects on shares.object = objects.object join accounts on shares.account = accounts.account"""

_SEVERAL = f"""{numbered(SHARE)}, busy as (select account, a from accounts where a in (select unnest($codes))),
    own as (select post, object, a, t from shares join busy on shares.account = busy.account),
    many as (select post, row_number() over (order by post) - 1 as p from (select post from own group by post having count(*) > 1) as twice)
    select cast(o as integer) as o, cast(a as integer) as a, t, p
    from own join objects on own.object = objects.object join many on own.post = many.post"""


def counted(evidence: Evidence, window: int, least: int, progress: Progress) -> Columns:
    """Ties of accounts that both have at least `least` posts in co-shares at most `window` microseconds apart, ordered by name.

    `weight` counts objects, `avg_time_delta` is the mean over them of the shortest delay (seconds), `shares_from` and `shares_to`
    the posts of each side in them.
    """
    from kayfabe.stats.compiled import told  # which brings the compiler, wanted nowhere else

    got = evidence.columns(numbered(SHARE) + CODES)
    with told(progress.step):
        obj, account, at, involved, ties = _tied(got["o"], got["a"], got["t"], window, progress)
    low, high, weight, shares_from, shares_to, delay = ties
    accounts = int(account.max(initial=-1)) + 1
    active = _posts(evidence, obj, account, at, involved, accounts) >= least
    kept = active[low] & active[high]
    names = evidence.columns(f"{numbered(SHARE)} select account from accounts order by a")["account"]
    return {
        "from": names[low[kept]], "to": names[high[kept]], "weight": weight[kept].astype(np.int64), "avg_time_delta": delay[kept] / weight[kept] / 1e6,
        "shares_from": shares_from[kept].astype(np.int64), "shares_to": shares_to[kept].astype(np.int64),
    }  # fmt: skip


def _tied(obj: Array, account: Array, at: Array, window: int, progress: Progress) -> tuple[Array, Array, Array, Array, list[Array]]:
    """(object, account, time of the shares in order of object and time; which have a co-share; ties as columns: lower account, higher
    account, objects, shares of either side, sum of shortest delays)."""
    from kayfabe.stats.coshare import grain, line_of
    from kayfabe.stats.coshare_scan import by_account, ordered, tie, within

    order = np.arange(len(obj), dtype=np.int32)
    for key in ((at - at.min(initial=np.iinfo(np.int64).max)) // grain(at), obj):
        order = ordered(key.astype(np.int64), order)
    obj, account, at = obj[order].astype(np.int32), account[order].astype(np.int32), at[order].astype(np.int64)
    line, accounts = line_of(obj, at, window), int(account.max(initial=-1)) + 1
    order, begin = by_account(account, accounts)
    low, high = within(line, window)
    involved = np.zeros(len(obj), dtype=bool)
    seen, touched = np.zeros((accounts, 7), dtype=np.int64), np.zeros(accounts, dtype=np.int32)
    found: list[list[Array]] = [[np.zeros(0, dtype=np.int32)] for _ in range(5)] + [[np.zeros(0, dtype=np.int64)]]
    total, looked, anchor, room = int((high - low).sum(dtype=np.int64)), 0, 0, _ROOM
    while anchor < accounts:
        before, out, delay = anchor, np.empty((5, room), dtype=np.int32), np.empty(room, dtype=np.int64)
        anchor, filled, pairs = tie(line, obj, account, order, begin, low, high, anchor, _MOST, seen, touched, involved, out, delay)
        if anchor == before:
            room *= 2
        for column, part in zip(found, (*out[:, :filled], delay[:filled]), strict=True):
            column.append(part)
        looked += pairs
        progress.step("pairing posts", min(looked, total), total)
    return obj, account, at, involved, [np.concatenate(found.pop(0)) for _ in range(6)]


def _posts(evidence: Evidence, obj: Array, account: Array, at: Array, involved: Array, accounts: int) -> Array:
    """Posts of each account among its rows `involved`, shape (accounts,): a post with several objects counts once."""
    from kayfabe.stats.coshare_scan import at_once, by_account

    count = np.bincount(account[involved], minlength=accounts)
    rows = np.flatnonzero(involved)
    twice = np.zeros(accounts, dtype=bool)
    twice[account[rows[at_once(at[rows], *by_account(account[rows], accounts))]]] = True
    if not twice.any():
        return count
    got, rows = evidence.columns(_SEVERAL, codes=np.flatnonzero(twice).tolist()), rows[twice[account[rows]]]
    key, other = (_key(*c) for c in ((obj[rows], account[rows], at[rows]), (got["o"], got["a"], got["t"])))
    here = np.isin(other, key)
    _, first, times = np.unique(np.asarray(got["p"])[here], return_index=True, return_counts=True)
    return count - np.bincount(np.asarray(got["a"])[here][first], times - 1, accounts).astype(np.int64)


def _key(obj: Array, account: Array, at: Array) -> Array:
    made = np.empty(len(obj), dtype=[("o", np.int64), ("a", np.int64), ("t", np.int64)])
    made["o"], made["a"], made["t"] = obj, account, at
    return made

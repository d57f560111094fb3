"""Ties out of posts: accounts that share the same object within a window of each other.

Conventions of two tools are kept apart from our own: `compat="coortweet"` and `compat="cnt"` give their edges, weights and
mean delays, known defects of the conventions included where they decide an edge. Counting says nothing about chance: the
instrument `coordination` does.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kayfabe.errors import BadOption
from kayfabe.evidence import Evidence
from kayfabe.networks.coshares import counted
from kayfabe.progress import SILENT, Progress

Compat = Literal["coortweet", "cnt"]
Array = np.ndarray[Any, Any]
Columns = dict[str, Array]

SHARES = """
    select object, account, post, "at", date_diff('microsecond', timestamp '1970-01-01', "at") as t
    from posts where object is not null and object <> ''"""

# Every pair of rows at most a window apart lies in the same or in neighbouring buckets of that width.
_NEAR = """
    near as (
        select x.object, x.account as a, y.account as b, x.post as post_a, y.post as post_b, abs(x.t - y.t) as d
        from (select *, cast(floor(t / $width) as bigint) + step as bucket
              from kept cross join (select -1 as step union all select 0 union all select 1) as steps) as x
        join (select *, cast(floor(t / $width) as bigint) as bucket from kept) as y
            on x.object = y.object and x.bucket = y.bucket
        where abs(x.t - y.t) <= $window and {order})"""

_COORTWEET = f"""
    with shares as ({SHARES}),
    kept as (
        select * from shares where object <> post
        and account in (select account from shares group by account having count(*) >= $least)),
    {_NEAR.format(order="x.account < y.account and x.post <> y.post")},
    active as (
        select account from shares where post in (select post_a from near union select post_b from near)
        group by account having count(*) >= $least)
    select a as "from", b as "to", count(*) as weight, avg(d) / 1e6 as avg_time_delta
    from near where a in (select account from active) or b in (select account from active)
    group by a, b order by a, b"""

_CNT = f"""
    with shares as ({SHARES}),
    kept as (
        select * from (select *, row_number() over (partition by post order by "at", object) as nth from shares) as numbered
        where nth = 1),
    {_NEAR.format(order="true")}
    select a as "from", b as "to", count(distinct post_a) as weight from near group by a, b order by a, b"""

_LISTED = f"""
    with shares as ({SHARES} and object <> post), kept as (select * from shares),
    {_NEAR.format(order="x.account < y.account")},
    sides as (
        select a, b, object, post_a as post, d from near union all select a, b, object, post_b as post, d from near),
    once as (select a, b, object, post, min(d) as d from sides group by a, b, object, post),
    ranked as (
        select a, b, post || ':' || object as id, row_number() over (partition by a, b order by object, d, post) as nth from once)
    select a as "from", b as "to", id from ranked where nth <= $most order by 1, 2, nth"""

_BEHIND = f"""
    with kept as ({SHARES} and list_contains($pair, account) and object <> post),
    {_NEAR.format(order="x.account < y.account")}
    select object, post_a, post_b, d / 1e6 as delay from near order by object, delay, post_a, post_b"""


def edges(
    evidence: Evidence,
    window: float = 60,
    min_participation: int = 2,
    edge_weight: float | None = None,
    compat: Compat | None = None,
    progress: Progress = SILENT,
) -> Columns:
    """The co-sharing network of `posts` as columns, one row per tie, ordered by name. Times are in seconds.

    Every mode: `from`, `to`, `weight`. Without `compat`: undirected, `from` < `to`; weight = objects that both shared at most
    `window` apart (repeats do not inflate it), `avg_time_delta` = mean over those objects of the shortest delay, `shares_from` and
    `shares_to` = posts of each side in them, `symmetry` = smaller / larger of the two; both accounts need `min_participation`
    posts in such co-shares; with `edge_weight` only ties heavier than that quantile (type 7) of all weights are kept.
    "coortweet": weight = pairs of posts; its two filters; `weight_threshold` marks ties above the quantile (.5 unless given).
    "cnt": directed, weight = posts of `from` with a match by `to`, own posts match themselves, no delay and no filters; of a
    post with several objects only the first counts (earliest, then first object in the alphabet: a store has no file order).

    Raises BadOption for a negative window, a participation below 1, or a quantile outside 0 to 1.
    References: Righetti & Balluff (2025), CooRTweet, Comput. Commun. Res. 7; Graham et al. (2020), coordination-network-toolkit.
    """
    if not window >= 0:
        raise BadOption("window", window, "wants seconds, 0 or more")
    if min_participation < 1:
        raise BadOption("min-participation", min_participation, "wants a whole number from 1 on")
    if edge_weight is not None and not 0 <= edge_weight <= 1:
        raise BadOption("edge-weight", edge_weight, "wants a quantile from 0 to 1")
    progress.step("pairing posts", 0, 1)
    ticks = round(window * 1e6)
    asked: dict[str, Any] = {"window": ticks, "width": max(ticks, 1)}
    if compat is None:
        found = counted(evidence, ticks, min_participation, progress)
    elif compat == "cnt":
        found = evidence.columns(_CNT, **asked)
    else:
        found = evidence.columns(_COORTWEET, least=min_participation, **asked)
    progress.step("pairing posts", 1, 1)
    if compat == "coortweet":
        found["weight_threshold"] = _heavy(found["weight"], 0.5 if edge_weight is None else edge_weight).astype(int)
    elif compat is None:
        low = np.minimum(found["shares_from"], found["shares_to"])
        found["symmetry"] = low / np.maximum(np.maximum(found["shares_from"], found["shares_to"]), 1)
        if edge_weight is not None:
            keep = _heavy(found["weight"], edge_weight)
            found = {name: values[keep] for name, values in found.items()}
    return found


def listed(evidence: Evidence, ties: Columns, window: float = 60, most: int = 20) -> tuple[Array, Array]:
    """(offset (edges + 1,), row ids) of the posts behind each tie of `edges` without `compat`, at most `most` of each."""
    ticks = round(window * 1e6)
    found = evidence.columns(_LISTED, window=ticks, width=max(ticks, 1), most=most)
    ends = np.concatenate([c[side] for c in (ties, found) for side in ("from", "to")]).astype(str)
    _, code = np.unique(ends, return_inverse=True)
    m, n = len(ties["from"]), len(found["id"])
    if not m or not n:
        return np.zeros(m + 1, dtype=np.int64), np.zeros(0, dtype=object)
    wide = int(code.max()) + 1
    own = code[:m] * wide + code[m : 2 * m]
    theirs = code[2 * m : 2 * m + n] * wide + code[2 * m + n :]
    wanted = np.isin(theirs, own)
    size = np.searchsorted(theirs[wanted], own, side="right") - np.searchsorted(theirs[wanted], own, side="left")
    return np.concatenate([[0], np.cumsum(size)]), found["id"][wanted]


def posts_behind(evidence: Evidence, one: str, two: str, window: float = 60) -> Columns:
    """The co-shares behind one tie: `object`, `post_a` and `post_b` (of the first and the second name in the alphabet), `delay`."""
    ticks = round(window * 1e6)
    return evidence.columns(_BEHIND, pair=[one, two], window=ticks, width=max(ticks, 1))


def _heavy(weights: Array, quantile: float) -> Array:
    return weights > np.quantile(weights, quantile) if len(weights) else np.zeros(0, dtype=bool)

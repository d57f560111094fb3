"""From shares to tests: pairs under the local-rate null and under the within-object permutation, and groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from kayfabe.stats.compiled import told
from kayfabe.stats.coshare import (
    COLUMNS,
    CONTEXT,
    SATURATED,
    Chance,
    Meetings,
    Shares,
    each_act_once,
    grain,
    meetings,
    surroundings,
)
from kayfabe.stats.coshare_chance import habits, meeting_chance, permutation_chance
from kayfabe.stats.coshare_groups import NOTHING_MET, Group, Met, Stars, merged_groups, stars
from kayfabe.stats.coshare_scan import starts
from kayfabe.stats.coshare_tests import (
    HIT,
    TIGHT,
    Tails,
    attainable_step_up,
    discrete_step_up,
    point_tails,
    poisson_binomial,
    step_up,
)

Array = np.ndarray[Any, Any]
Null = Literal["local", "object"]
LEVEL = 0.05
Step = Callable[[str, int, int | None], None]
_PAIRS_AT_ONCE = 200_000


@dataclass(frozen=True)
class Pairs:
    """Tested pairs of accounts, shapes (k,): accounts `a` < `b`, objects on which they came within J (`met`), within the window
    (`close`), expected; p of their points; strict q (half the error for all pairs, half for those that could stand), Benjamini-Hochberg's over all (`q_all`), discrete q;
    p and q under the within-object permutation (p = 1 where they met less than twice). Pair k has the meetings first[k] : first[k] + met[k]."""

    a: Array
    b: Array
    first: Array
    met: Array
    close: Array
    expected: Array
    p: Array
    q: Array
    q_all: Array
    q_discrete: Array
    p_other: Array
    q_other: Array


@dataclass(frozen=True)
class Analysis:
    """Everything that was computed, for findings, charts and benchmarks. `saturated` rows were too crowded to pair; `surroundings` have
    only shoulder and rest left, the others being needed for the chances alone."""

    shares: Shares
    surroundings: Chance
    meetings: Meetings
    chance: Array
    pairs: Pairs
    stars: Stars
    groups: list[Group]
    met: Met
    saturated: int

    def met_rows(self, meetings: Array) -> Array:
        """Rows of Shares of these meetings, shape (m, 2)."""
        return np.stack([self.meetings.one[meetings], self.meetings.two[meetings]], axis=1)

    @property
    def neighbours(self) -> int:
        """Shares counted around shares, beyond the window: what chance is learned from."""
        return int(self.surroundings.shoulder.sum() + self.surroundings.rest.sum())


def analyse(
    obj: Array,
    account: Array,
    at: Array,
    accounts: int,
    window: int,
    step: Step,
    null: Null = "local",
    groups: bool = True,
) -> Analysis:
    """Test every pair of accounts that came within J = 30 windows on two objects, and every star.

    `obj`, `account` are codes from 0 (`accounts` of the latter), `at` and `window` integer ticks, shapes (n,). With null "object" accounts
    are exchanged among all shares of an object, whatever the time between them, and no groups are sought, nor without `groups`.
    `step(stage, done, total)` is called between bounded pieces of work and may raise to stop it.
    """
    with told(step):
        return _analysed(obj, account, at, accounts, window, step, null, groups)


def _analysed(
    obj: Array, account: Array, at: Array, accounts: int, window: int, step: Step, null: Null, groups: bool
) -> Analysis:
    ticks = grain(at)
    window = max(window, ticks)
    context = CONTEXT * window if null == "local" else max(CONTEXT * window, int(np.ptp(at)) if len(at) else 0)
    shares = Shares.sorted(obj, account, at, context, ticks)
    step("measuring the rate around each share", 0, 1)
    around = surroundings(shares, window, ticks)
    keep = around.central <= SATURATED
    met = meetings(shares, keep, accounts, lambda done, total: step("pairing shares", done, total))
    met = each_act_once(shares, met)
    if null == "local":
        habits(shares, around, accounts)
        chance, tight = meeting_chance(around, met, lambda done, total: step("chance of meetings", done, total))
    else:
        chance, tight = permutation_chance(shares, met, window), np.zeros(len(met.pair), dtype=np.float32)
    around = replace(around, rows=np.zeros((0, COLUMNS), dtype=np.float32))
    step("testing pairs", 0, 1)
    close = met.delay <= window
    known_met = _known(shares, met, close, chance, tight, window, null)
    pairs = _pairs(known_met, step)
    pairs = replace(pairs, **_exchanged(shares, met, pairs, window))
    sought = known_met if groups and null == "local" else NOTHING_MET
    found = stars(sought, lambda done, total: step("testing groups", done, total))
    merged = merged_groups(found, sought, accounts)
    return Analysis(shares, around, met, chance, pairs, found, merged, known_met, int((~keep).sum()))


def _known(shares: Shares, met: Meetings, close: Array, chance: Array, tight: Array, window: int, null: Null) -> Met:
    """Meetings as the tests see them. Where accounts are exchanged nothing is said of rates, and every hit counts alike."""
    points = HIT * close.astype(np.int8)
    if null == "local":
        points[met.delay <= window // 3] = TIGHT
    first = starts(met.pair)
    a, b = shares.account[met.one[first[:-1]]], shares.account[met.two[first[:-1]]]
    return Met(a, b, first, met.pair, shares.obj[met.one], close, chance, points, tight)


def _pairs(met: Met, step: Step) -> Pairs:
    """Every pair tested; p_other and q_other are left at 1."""
    first, n = met.first[:-1], np.diff(met.first)
    hits = np.bincount(met.pair[met.close], minlength=len(n)).astype(np.int32)
    points = HIT * hits + np.bincount(met.pair[met.points == TIGHT], minlength=len(n)).astype(np.int32) * (TIGHT - HIT)
    p, least = np.ones(len(n)), np.ones(len(n))
    for tests, tails in _tails(met, first, n, np.flatnonzero(hits)):
        p[tests] = tails.at(points[tests])

    def parts() -> Iterator[Tails]:
        for tests, tails in _tails(met, first, n, np.arange(len(n))):
            least[tests] = tails.values[tails.start + tails.n]
            step("testing pairs", int(tests[-1]) + 1, len(n))
            yield tails

    q_all, q_discrete = step_up(p), discrete_step_up(parts(), p)
    q = np.minimum(1, 2 * np.minimum(q_all, attainable_step_up(least, p, LEVEL / 2)))
    expected, other = np.bincount(met.pair, met.chance, len(n)), np.ones(len(n))
    return Pairs(met.a, met.b, first, n, hits, expected, p, q, q_all, q_discrete, other, other)


def _tails(met: Met, first: Array, n: Array, some: Array) -> Iterator[tuple[Array, Tails]]:
    """The laws of points of the pairs `some`, part by part."""
    for begin in range(0, len(some), _PAIRS_AT_ONCE):
        tests = some[begin : begin + _PAIRS_AT_ONCE]
        yield tests, point_tails(met.chance, met.tight, first[tests], n[tests])


def _exchanged(shares: Shares, met: Meetings, pairs: Pairs, window: int) -> dict[str, Array]:
    """p and q of each pair under the within-object permutation; p = 1 where it met less than twice within the window."""
    often = pairs.close >= 2
    told = often[met.pair]
    theirs = Meetings(met.pair[told], met.one[told], met.two[told], met.delay[told], met.count[told])
    chance = permutation_chance(shares, theirs, window)
    n, p = pairs.met[often], np.ones(len(often))
    p[often] = poisson_binomial(chance, np.cumsum(n, dtype=np.int64) - n, n).at(pairs.close[often])
    return {"p_other": p, "q_other": step_up(p)}

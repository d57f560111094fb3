"""The chance that two accounts meet within the window on an object, given that they came within its context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.stats.coshare import _LOCAL_PRIOR, _OWN_PRIOR, _PROFILE_PRIOR, BINS, CONTEXT, Chance, Meetings, Shares

Array = np.ndarray[Any, Any]
_AT_ONCE = 30_000


@dataclass(frozen=True)
class Habits:
    """How fast accounts are. `group` (n,) numbers a row's (object, account); `speed` (groups, BINS): that account's shares by age bin over
    those that their surroundings promise, this object left out; `even` (groups,): speed at the ages of all shares together;
    `burst` (accounts,): local over pooled chance of its shares."""

    group: Array
    speed: Array
    even: Array
    burst: Array


def habits(shares: Shares, chance: Chance, accounts: int) -> Habits:
    """Reaction profiles and burst contexts of all accounts. A share without others in its context says nothing of speed."""
    context = chance.aged.sum(axis=1)
    told = context > 0
    order = np.lexsort((shares.account, shares.obj))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(shares.obj[order]) != 0) | (np.diff(shares.account[order]) != 0)
    group = np.empty(len(order), dtype=np.int32)
    group[order] = np.cumsum(new) - 1
    groups = int(new.sum())
    owner = shares.account[order[new]]
    del order, new
    inverse = (1 / np.maximum(context, 1)).astype(np.float32)
    due_here, seen_here = (np.empty((groups, BINS), dtype=np.float32) for _ in range(2))
    for b in range(BINS):
        due_here[:, b] = np.bincount(group, chance.aged[:, b] * inverse, groups)
        seen_here[:, b] = np.bincount(group[told & (chance.bin == b)], minlength=groups)
    seen, due = (
        np.stack([np.bincount(owner, here[:, b], accounts) for b in range(BINS)], axis=1)
        for here in (seen_here, due_here)
    )
    e = seen.sum(axis=0) / max(1.0, float(seen.sum()))
    base = seen.sum(axis=0) / np.maximum(due.sum(axis=0), 1e-9)
    speed = seen_here
    for b in range(BINS):
        prior = _PROFILE_PRIOR * e[b]
        left_out = base[b] * (due[owner, b] - due_here[:, b]) + prior + 1e-12
        speed[:, b] = (seen[owner, b] - seen_here[:, b] + prior) / left_out
    local = np.bincount(shares.account, chance.central, accounts)
    around = (chance.central + chance.shoulder + chance.rest) * chance.pooled
    burst = (local + 2) / (np.bincount(shares.account, around, accounts) + 2)
    return Habits(group, speed, speed @ e.astype(np.float32), burst)


def meeting_chance(
    shares: Shares, chance: Chance, known: Habits, met: Meetings, step: Callable[[int, int], None]
) -> Array:
    """P(closest shares within w) for each meeting, shape (e,): the largest of floor, local and account-adjusted chance."""
    out = np.empty(len(met.pair))
    for begin in range(0, len(out), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        k, m, d = met.one[part], met.two[part], met.delay[part]
        there = _direction(shares, chance, known, k, m, d)
        back = _direction(shares, chance, known, m, k, d)
        each = np.maximum(chance.floor, np.maximum((there[0] + back[0]) / 2, (there[1] + back[1]) / 2))
        out[part] = -np.expm1(met.count[part] * np.log1p(-np.minimum(each, 1 - 1e-9)))
        step(min(begin + _AT_ONCE, len(out)), len(out))
    return np.clip(out, 1e-12, 1 - 1e-9)


def _direction(shares: Shares, chance: Chance, known: Habits, k: Array, m: Array, d: Array) -> tuple[Array, Array]:
    """(local, account-adjusted) chance around rows `k` that the other's row `m`, left out where beyond w, falls within w."""
    w = chance.window
    per, pooled = chance.per_shoulder[k], chance.pooled[k]
    shoulder = chance.shoulder[k] - ((d > w) & (d <= 3 * w))
    rest = chance.rest[k] - ((d > 3 * w) & (d <= CONTEXT * w))
    central = per * shoulder
    local = (central + _LOCAL_PRIOR * pooled) / (central + shoulder + rest + _LOCAL_PRIOR)

    group = known.group[m]
    r, r_other = known.speed[group, chance.bin[k]], known.speed[group, chance.bin[m]]
    burst = known.burst[shares.account[k]] * known.burst[shares.account[m]]
    prior = np.minimum(0.8, pooled * np.maximum(1, np.sqrt(burst)))
    sped = np.einsum("kb,kb->k", chance.aged[k], known.speed[group])
    around = np.maximum(0, sped - np.where(d > w, r_other, 0))
    top = (central + _OWN_PRIOR * prior) * r
    return local, top / (central * r + around + _OWN_PRIOR * (prior * r + (1 - prior) * known.even[group]) + 1e-12)


def permutation_chance(shares: Shares, met: Meetings, window: int) -> Array:
    """The within-object null, shape (e,): accounts exchanged among the shares of an object, given a meeting within J.

    P(within w) of a row pair = (row pairs of the object within w) / (row pairs within J).
    """

    def pairs(x: int) -> Array:
        ahead = np.searchsorted(shares.line, shares.line + x, side="right") - np.arange(len(shares.line)) - 1
        return np.bincount(shares.obj, ahead)

    each = np.minimum(pairs(window) / np.maximum(pairs(shares.context), 1), 1 - 1e-9)[shares.obj[met.one]]
    return np.asarray(-np.expm1(met.count * np.log1p(-each)))

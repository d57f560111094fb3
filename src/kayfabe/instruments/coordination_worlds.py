"""Simulated platforms with a known truth, as nasty as real ones: heavy-tailed activity and popularity, communities in different time
zones, nights, organic bursts, second bursts, fan clubs, habitually fast accounts, sessions, repeats; and rings that share in step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.instruments.declaration import World, WorldKind

Array = np.ndarray[Any, Any]
DAY = 86_400.0


@dataclass(frozen=True)
class Platform:
    """What is ordinary. Times in seconds; `burst` bounds the median reaction of objects, `fans` the members of a fan club."""

    accounts: int = 4000
    rows: int = 30_000
    communities: int = 12
    days: int = 30
    burst: tuple[float, float] = (120.0, 480.0)
    bursting: float = 0.25
    again: float = 0.15
    clubs: int = 6
    fans: int = 25
    sessions: float = 0.3
    repeats: float = 0.03
    step: int = 1


@dataclass(frozen=True)
class Ring:
    """`size` accounts with `objects` objects of their own interest, in step (within `spread` seconds) on `m` of them; each takes
    part in an object with probability `participation`."""

    size: int = 8
    objects: int = 30
    m: int = 8
    participation: float = 0.7
    spread: float = 20.0


@dataclass(frozen=True)
class Simulated:
    """Rows of posts (n,), and the ring of each account (-1 for none), shape (accounts,)."""

    obj: Array
    account: Array
    at: Array
    ring: Array

    def table(self) -> dict[str, Any]:
        n = len(self.obj)
        return {
            "post": [f"p{k}" for k in range(n)],
            "at": np.datetime64("2024-03-01", "us") + (self.at * 1e6).astype("timedelta64[us]"),
            "account": [f"u{k}" for k in self.account],
            "object": [f"o{k}" for k in self.obj],
        }


def simulate(rng: np.random.Generator, platform: Platform, rings: tuple[Ring, ...] = ()) -> Simulated:
    """Posts of a platform and the rings planted in it."""
    p = platform
    home = rng.integers(0, p.communities, p.accounts)
    zone = rng.uniform(0, DAY, p.communities)
    activity = np.minimum(rng.pareto(1.3, p.accounts) + 0.2, 200)
    speed = rng.lognormal(0, 0.4, p.accounts)
    size = np.minimum(np.floor(rng.pareto(1.05, p.rows) * 2 + 1), min(0.02 * p.rows + 5, 2000)).astype(int)
    size = size[: int(np.searchsorted(np.cumsum(size), p.rows)) + 1]
    objects = len(size)
    theme = rng.integers(0, p.communities, objects)
    birth = rng.integers(0, p.days, objects) * DAY + (zone[theme] + DAY * rng.beta(4, 3, objects)) % DAY
    fast = rng.random(objects) < p.bursting
    median = np.where(
        fast, np.exp(rng.uniform(np.log(p.burst[0]), np.log(p.burst[1]), objects)), rng.uniform(3600, 20_000, objects)
    )
    second = birth + np.where(rng.random(objects) < p.again, rng.uniform(1800, 2 * DAY, objects), np.inf)

    obj = np.repeat(np.arange(objects), size)
    account = _sharers(rng, theme[obj], home, activity, p)
    delay = median[obj] * speed[account] * rng.lognormal(0, 1.0, len(obj))
    slow = rng.random(len(obj)) < 0.25
    delay = np.where(slow, rng.exponential(DAY / 3, len(obj)), delay)
    onset = np.where(rng.random(len(obj)) < 0.4, second[obj], birth[obj])
    at = np.where(np.isfinite(onset), onset, birth[obj]) + delay

    parts = [(obj, account, at), *_clubs(rng, p, birth, size)]
    obj, account, at = (np.concatenate([part[i] for part in parts]) for i in range(3))
    at = _nights(rng, at, zone[home[account]] + (account % 7) * 600.0)
    at = _sessions(rng, account, at, p)
    again = rng.random(len(obj)) < p.repeats
    obj, account = np.append(obj, obj[again]), np.append(account, account[again])
    at = np.append(at, at[again] + rng.exponential(3600, int(again.sum())))

    ring = np.full(p.accounts, -1)
    planted = [_ring(rng, k, r, p, objects, ring, birth, median, size) for k, r in enumerate(rings)]
    for new in planted:
        obj, account, at = (np.concatenate([x, y]) for x, y in zip((obj, account, at), new, strict=True))
    at = np.floor(at / p.step) * p.step
    return Simulated(obj, account, at, ring)


def _sharers(rng: np.random.Generator, theme: Array, home: Array, activity: Array, p: Platform) -> Array:
    """Accounts by activity, four in five from the object's community."""
    order = np.argsort(home, kind="stable")
    total = np.concatenate([[0], np.cumsum(activity[order])])
    edge = np.searchsorted(home[order], np.arange(p.communities + 1))
    local = rng.random(len(theme)) < 0.8
    low = np.where(local, total[edge[theme]], 0)
    high = np.where(local, total[edge[theme + 1]], total[-1])
    place = np.searchsorted(total, low + rng.random(len(theme)) * (high - low), side="right") - 1
    return np.asarray(order[np.minimum(place, p.accounts - 1)])


def _clubs(rng: np.random.Generator, p: Platform, birth: Array, size: Array) -> list[tuple[Array, Array, Array]]:
    """Fan clubs: the same accounts share most objects of one source, each at its own speed, medians of three to seven minutes."""
    made = []
    candidates = np.flatnonzero(size >= 5)
    for _ in range(p.clubs):
        fans = rng.choice(p.accounts, p.fans, replace=False)
        objects = rng.choice(candidates, min(len(candidates), 40), replace=False)
        there = rng.random((len(objects), len(fans))) < rng.uniform(0.3, 0.7)
        o, f = np.nonzero(there)
        pace = rng.uniform(180, 420) * rng.lognormal(0, 0.2, len(fans))
        at = birth[objects[o]] + pace[f] * rng.lognormal(0, 0.7, len(o))
        made.append((objects[o], fans[f], at))
    return made


def _nights(rng: np.random.Generator, at: Array, zone: Array) -> Array:
    """Shares between local midnight and seven wait, nine times in ten, for the morning."""
    local = (at + zone) % DAY
    asleep = (local < 7 * 3600) & (rng.random(len(at)) < 0.9)
    return np.where(asleep, at - local + 7 * 3600 + rng.exponential(3600, len(at)), at)


def _sessions(rng: np.random.Generator, account: Array, at: Array, p: Platform) -> Array:
    """Some accounts look in at times of their own and then share within minutes what had come up since."""
    late = rng.random(p.accounts) < p.sessions
    phase = rng.uniform(0, 3 * 3600, p.accounts)
    period = rng.uniform(1, 3, p.accounts) * 3600
    due = np.ceil((at - phase[account]) / period[account]) * period[account] + phase[account]
    jitter = rng.normal(0, 300, len(at))
    return np.where(late[account], np.maximum(at, due + np.abs(jitter)), at)


def _ring(
    rng: np.random.Generator,
    number: int,
    r: Ring,
    p: Platform,
    objects: int,
    ring: Array,
    birth: Array,
    median: Array,
    size: Array,
) -> tuple[Array, Array, Array]:
    """Half of a ring's objects are everybody's, half its own; out of step its members share like others."""
    members = rng.choice(np.flatnonzero(ring < 0), r.size, replace=False)
    ring[members] = number
    common = rng.choice(np.flatnonzero(size >= 4), r.objects // 2, replace=False)
    own = objects + number * r.objects + np.arange(r.objects - len(common))
    obj = rng.permutation(np.concatenate([common, own]))
    start = np.where(obj < objects, birth[np.minimum(obj, objects - 1)], rng.uniform(0, p.days * DAY, r.objects))
    pace = np.where(obj < objects, median[np.minimum(obj, objects - 1)], rng.uniform(600, 20_000, r.objects))
    o, k = np.nonzero(rng.random((r.objects, r.size)) < r.participation)
    at = start[o] + pace[o] * rng.lognormal(0, 1.0, len(o))
    together = start + pace * rng.lognormal(0, 1.0, r.objects)
    in_step = np.arange(r.objects)[o] < r.m
    at = np.where(in_step, together[o] + rng.uniform(0, r.spread, len(o)), at)
    return obj[o], members[k], at


SMALL = Platform(accounts=900, rows=6000, communities=6, days=14, clubs=2, fans=20)


def world(kind: WorldKind, rng: np.random.Generator) -> World:
    """A small platform. null: nobody moves together; margin: eight accounts with thirty common objects, never in step;
    planted: in step on fifteen of them."""
    rings = {"null": (), "margin": (Ring(m=0),), "planted": (Ring(m=15),)}[kind]
    return World({"posts": simulate(rng, SMALL, rings).table()}, {})

"""Simulated actors with a known influence: weekly rhythm, seasons, very uneven activity, shocks that move everybody within three
days, one who reacts faster than the rest, missing weeks; acts triggered after 1 to 7 days, positions adopted after 15 to 40."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.instruments.declaration import World, WorldKind

Array = np.ndarray[Any, Any]
START = np.datetime64("2017-01-02")
ADOPTION_AT_MARGIN = 0.41


@dataclass(frozen=True)
class Nature:
    """`effect`: chance that an act of a0 triggers one of a1 (or that a change of a0's position is adopted by a1); `bursts`: chance
    that an act brings another of the same actor within five days, which may bring a third."""

    effect: float = 0.0
    actors: int = 5
    days: int = 1095
    uneven: float = 0.6
    shocks: int = 0
    fast: bool = False
    missing: float = 0.0
    thin: float = 1.0
    issues: int = 8
    error: float = 0.12
    busy: float = 150.0
    turns: float = 4.0
    bursts: float = 0.0


def world(kind: WorldKind, rng: np.random.Generator) -> World:
    """Positions (planted) or either kind: no influence, exactly the margin of .05, or almost every change adopted.

    For positions the margin is the adoption that reads .05 on average (150 worlds: .4 reads .049 with standard error .003).
    """
    if kind == "planted":
        return positions(rng, Nature(effect=0.95, issues=12, turns=5, thin=1.3, shocks=int(rng.choice([0, 4]))))
    nature = Nature(
        shocks=int(rng.choice([0, 12])),
        fast=bool(rng.random() < 0.25),
        missing=float(rng.choice([0.0, 0.2])),
        error=float(rng.uniform(0.1, 0.2)),
    )
    if rng.random() < 0.5:
        return acts(rng, _with(nature, 0.05 if kind == "margin" else 0.0))
    return positions(rng, _with(nature, ADOPTION_AT_MARGIN if kind == "margin" else 0.0))


def _with(nature: Nature, effect: float) -> Nature:
    return Nature(**{**nature.__dict__, "effect": effect})


def acts(rng: np.random.Generator, nature: Nature) -> World:
    """Events of every actor toward a third party; a0 may trigger a1."""
    day = np.arange(nature.days)
    rhythm = np.where(day % 7 >= 5, 0.4, 1.24)
    total = nature.busy * np.exp(nature.uneven * rng.normal(size=nature.actors) - nature.uneven**2 / 2)
    total[:2] = np.maximum(total[:2], 0.6 * nature.busy)
    phase = rng.uniform(0, 2 * np.pi, nature.actors)
    season = 1 + 0.5 * np.cos(2 * np.pi * day[None, :] / 365.25 + phase[:, None])
    intensity = total[:, None] / nature.days * rhythm * season
    counts = rng.poisson(intensity)
    for at in rng.integers(0, nature.days - 6, nature.shocks):
        lag = np.array([0.35, 0.3, 0.2, 0.15])
        for actor in range(nature.actors):
            late = int(nature.fast and actor != 0)
            answers = rng.poisson(lag * 0.008 * total[actor])
            counts[actor, at + late : at + late + 4] += answers
    if nature.bursts:
        counts = _with_bursts(rng, counts, nature.bursts)
    leading = np.repeat(day, counts[0])
    answered = leading[rng.random(len(leading)) < nature.effect]
    later = answered + rng.integers(1, 8, len(answered))
    counts[1] += np.bincount(later[later < nature.days], minlength=nature.days)
    counts = counts * np.repeat(rng.random(nature.days // 7 + 1) >= nature.missing, 7)[: nature.days]
    counts = rng.binomial(counts, nature.thin)
    who, when = (np.repeat(g.ravel(), counts.ravel()) for g in np.indices(counts.shape))
    n = len(who)
    order = rng.permutation(n)
    events: dict[str, Any] = {
        "event": [f"e{k}" for k in range(n)],
        "at": (START + when[order]).astype("datetime64[us]"),
        "source": [f"a{k}" for k in who[order]],
        "target": ["x"] * n,
        "channel": ["deed"] * n,
        "score": np.round(rng.uniform(-5, 5, n), 1),
    }
    return World({"events": events}, {"actors": ["a0", "a1"]})


def _with_bursts(rng: np.random.Generator, counts: Array, chance: float) -> Array:
    """Each act followed by one of the same actor 1 to 5 days later with `chance`, over four generations."""
    total, fresh = counts.copy(), counts
    for _ in range(4):
        children = rng.binomial(fresh, chance)
        lag = rng.multinomial(children, np.full(5, 0.2))
        fresh = np.zeros_like(counts)
        for days in range(1, 6):
            fresh[:, days:] += lag[:, :-days, days - 1]
        total = total + fresh
    return total


def positions(rng: np.random.Generator, nature: Nature) -> World:
    """Statements on several issues; each actor's positions turn about three times per issue, a1 may adopt what a0 turned to.

    Shocks turn every actor's position on a random issue to one side within 60 days, for about half of the actors.
    """
    grid = nature.days
    place = np.empty((nature.actors, nature.issues, grid))
    for actor in range(nature.actors):
        often = nature.turns if actor != 1 else 1.0 if nature.effect else nature.turns
        flips = rng.random((nature.issues, grid)) < often / grid
        place[actor] = rng.choice([-1.0, 1.0], (nature.issues, 1)) * np.cumprod(np.where(flips, -1.0, 1.0), axis=1)
    for _ in range(nature.shocks):
        shaken, start, side = int(rng.integers(nature.issues)), int(rng.integers(0, grid - 90)), rng.choice([-1.0, 1.0])
        for moved in np.flatnonzero(rng.random(nature.actors) < 0.5).tolist():
            begins = start + int(rng.integers(0, 3 if nature.fast and moved == 0 else 60))
            place[moved, shaken, begins : begins + 120] = side
    if nature.effect:
        place[1] = _adopted(rng, place[0], place[1], nature.effect)
    rows = []
    busy = np.exp(0.3 * nature.uneven * rng.normal(size=nature.actors))
    open_week = np.repeat(rng.random(grid // 7 + 1) >= nature.missing, 7)[:grid]
    weight = (1 + 0.4 * np.cos(2 * np.pi * np.arange(grid) / 365.25)) * open_week
    for actor in range(nature.actors):
        for issue in range(nature.issues):
            n = max(3, int(rng.poisson(66 * nature.thin * busy[actor])))
            said = rng.choice(grid, n, p=weight / weight.sum())
            sign = place[actor, issue, said] * np.where(rng.random(n) < nature.error, -1.0, 1.0)
            rows.append(np.stack([np.full(n, actor), np.full(n, issue), said, sign * rng.choice([0.5, 1.0], n)]))
    who, what, when, stance = np.concatenate(rows, axis=1)
    statements: dict[str, Any] = {
        "statement": [f"s{k}" for k in range(len(when))],
        "at": (START + when.astype(int)).astype("datetime64[us]"),
        "actor": [f"a{int(k)}" for k in who],
        "issue": [f"issue {int(k)}" for k in what],
        "stance": stance,
    }
    return World({"statements": statements}, {"actors": ["a0", "a1"], "by": "positions"})


def _adopted(rng: np.random.Generator, leader: Array, own: Array, effect: float) -> Array:
    """The follower's positions (issues, days): at each change of the leader's it takes that side 15 to 40 days later with
    probability `effect`, and keeps it until its next change of its own or adoption."""
    issues, days = own.shape
    change = np.zeros((issues, days))
    turned = np.diff(own, axis=1, prepend=own[:, :1]) != 0
    change[turned] = own[turned]
    issue, at = np.nonzero(np.diff(leader, axis=1))
    taken = rng.random(len(at)) < effect
    when = at + 1 + rng.integers(15, 41, len(at))
    taken &= when < days
    change[issue[taken], when[taken]] = leader[issue[taken], at[taken] + 1]
    change[:, 0] = own[:, 0]
    last = np.maximum.accumulate(np.where(change != 0, np.arange(days), 0), axis=1)
    return np.asarray(np.take_along_axis(change, last, axis=1))

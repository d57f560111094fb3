"""Simulated negotiations with a known truth: coding errors, several coders, repeated lines, talk in phases, actors who changed
their minds, other agreements with the same numbers, bystanders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.instruments.declaration import World, WorldKind

Array = np.ndarray[Any, Any]
ACTORS, PROVISIONS, DAYS = 3, 6, 500
MARGIN = 2 / 3


@dataclass(frozen=True)
class Table:
    """How the actors talk. `share` (actors, provisions) of favourable occasions at the end; `turned`: chance that an actor held
    the opposite until a random day in the first half; `phases`: chance that a day says what the last one said; `lean`: chance that a
    row is coded favourable whatever it says; `error`: of the opposite code; `neutral`: of no stance. `surge`: share of weeks in which
    everybody favours everything; `season`: how far shares swing over the year; `gaps`: share of weeks without a row. `late`: on so many last occasions
    one actor on every provision says the opposite of what it said."""

    share: Array
    occasions: tuple[int, int] = (20, 60)
    turned: float = 0.0
    phases: float = 0.0
    lean: float = 0.0
    error: float = 0.05
    neutral: float = 0.05
    votes: bool = True
    surge: float = 0.0
    season: float = 0.0
    gaps: float = 0.0
    late: int = 0
    aged: bool = False


def world(kind: WorldKind, rng: np.random.Generator) -> World:
    """null: every provision has an actor that is divided or against, some since a change of mind; margin: on one to all
    provisions one actor stands at two thirds and the others accept; planted: two provisions that all accept (.98). Every third
    world asks for refusals in the same way."""
    if rng.random() < 1 / 3:
        return _refusals(kind, rng)
    if kind == "null":
        return talks(rng, Table(blocked(rng), turned=0.3))
    if kind == "margin":
        return talks(rng, Table(at_margin(rng, int(rng.integers(1, PROVISIONS + 1)))))
    share = blocked(rng)
    share[:, rng.permutation(PROVISIONS)[:2]] = 0.98
    return talks(rng, Table(share, occasions=(40, 80), error=0.02, neutral=0.0))


def _refusals(kind: WorldKind, rng: np.random.Generator) -> World:
    if kind == "planted":
        return refusals(rng, 0.98, provisions=2, occasions=(40, 80), error=0.02, neutral=0.0)
    if kind == "margin":
        return refusals(rng, MARGIN, provisions=int(rng.integers(1, PROVISIONS + 1)), one=True)
    return refusals(rng, float(rng.choice([0.02, 0.2, 0.5])), one=True, turned=0.3)


def refusals(rng: np.random.Generator, against: float, *, provisions: int = PROVISIONS, one: bool = False, **nature: Any) -> World:
    """Every actor rejects `provisions` provisions on the share `against` of occasions; with `one`, one actor does and the
    others reject them nearly always. On the rest all are in favour four times in five."""
    share = np.full((ACTORS, PROVISIONS), 0.8)
    share[:, rng.permutation(PROVISIONS)[:provisions]] = 0.03 if one else 1 - against
    if one:
        who = int(rng.integers(ACTORS))
        share[who] = np.where(share[who] < 0.1, 1 - against, share[who])
    made = talks(rng, Table(share, **nature))
    return World(made.tables, {**made.options, "claim": "unacceptable"})


def blocked(rng: np.random.Generator, shares: tuple[float, ...] = (0.02, 0.2, 0.5)) -> Array:
    """(actors, provisions): all accept, but on every provision one actor or more favours it at one of `shares` only."""
    share = np.where(rng.random((ACTORS, PROVISIONS)) < 0.6, 0.95, rng.choice(shares, (ACTORS, PROVISIONS)))
    share[rng.integers(ACTORS, size=PROVISIONS), np.arange(PROVISIONS)] = rng.choice(shares, PROVISIONS)
    return share


def at_margin(rng: np.random.Generator, provisions: int, margin: float = MARGIN) -> Array:
    """(actors, provisions): on the first `provisions` one actor favours it at `margin` and the others nearly always."""
    share = blocked(rng)
    share[:, :provisions] = 0.97
    share[rng.integers(ACTORS, size=provisions), np.arange(provisions)] = margin
    return share


def talks(rng: np.random.Generator, table: Table) -> World:
    """One store: provisions of two agreements with the same numbers, statements by two coders, votes on some motions."""
    actors, provisions = table.share.shape
    counts = rng.integers(*table.occasions, (actors, provisions), endpoint=True)
    actor = np.repeat(np.arange(actors), counts.sum(axis=1))
    provision = np.concatenate([np.repeat(np.arange(provisions), c) for c in counts])
    day = (
        rng.integers(0, DAYS, len(actor))
        if table.aged
        else DAYS - 1 - np.floor(rng.exponential(120, len(actor))).astype(int) % DAYS
    )
    order = np.lexsort((day, provision, actor))
    actor, provision, day = actor[order], provision[order], day[order]
    cell = actor * provisions + provision
    share = table.share[actor, provision]
    since = np.where(
        rng.random(actors * provisions) < table.turned, rng.integers(0, DAYS // 2, actors * provisions), -1
    )
    share = np.where(day < since[cell], 1 - share, share)
    if table.late:
        turns = rng.integers(actors, size=provisions)
        days = np.unique(np.stack([cell, day]), axis=1)  # rows of one day are one occasion
        left = np.searchsorted(days[0], days[0], side="right") - np.arange(days.shape[1])
        last = {(c, d) for c, d, n in zip(*days.tolist(), left.tolist(), strict=True) if n <= table.late}
        ends = np.array([(c, d) in last for c, d in zip(cell.tolist(), day.tolist(), strict=True)])
        share = np.where(ends & (turns[provision] == actor), 1 - share, share)
    share = np.clip(share + table.season * np.sin(2 * np.pi * day / 365), 0, 1)
    weeks = DAYS // 7 + 1
    surging, silent = rng.random(weeks) < table.surge, rng.random(weeks) < table.gaps
    share = np.where(surging[day // 7], 1.0, share)
    heard = ~silent[day // 7]
    actor, provision, day, share, cell = (x[heard] for x in (actor, provision, day, share, cell))
    favours = _phased(rng.random(len(share)) < share, rng.random(len(share)) < table.phases, cell)
    again = rng.random(len(share)) < 0.3  # the same line twice on one day
    keep = np.concatenate([np.arange(len(share)), np.flatnonzero(again)])
    actor, provision, day, favours = actor[keep], provision[keep], day[keep], favours[keep]
    wrong = rng.random(len(favours)) < table.error
    stance = np.where(favours ^ wrong, 1.0, -1.0) * rng.choice([0.5, 1.0], len(favours))
    stance = np.where(
        rng.random(len(favours)) < table.lean, 1.0, np.where(rng.random(len(favours)) < table.neutral, 0.0, stance)
    )
    voted = (rng.random(len(favours)) < 0.15) & table.votes
    return _store(rng, (actor, provision, day, stance), voted, actors, provisions)


def _phased(favours: Array, stays: Array, cell: Array) -> Array:
    """Each day repeats the last one of its cell where it `stays`."""
    fresh = ~stays | (np.concatenate([[-1], cell[:-1]]) != cell)
    return np.asarray(favours[np.maximum.accumulate(np.where(fresh, np.arange(len(cell)), 0))])


def _store(rng: np.random.Generator, rows: tuple[Array, ...], voted: Array, actors: int, provisions: int) -> World:
    actor, provision, day, stance = rows
    at = (np.datetime64("2023-01-02") + day).astype("datetime64[us]")
    issue = np.array([f"plan:{p + 1}" for p in provision], dtype=object)
    name = np.array([f"a{k}" for k in actor], dtype=object)
    said = ~voted
    twice = np.flatnonzero(said)[rng.random(int(said.sum())) < 0.2]
    index = np.concatenate([np.flatnonzero(said), twice])
    coder = ["one"] * int(said.sum()) + ["two"] * len(twice)
    crowd = 60
    statements: dict[str, Any] = {
        "statement": [f"s{k}" for k in index] + [f"x{k}" for k in range(crowd)],
        "at": np.concatenate([at[index], at[rng.integers(0, len(at), crowd)]]),
        "actor": [*name[index], *["bystander"] * crowd],
        "issue": [*issue[index], *[f"other plan:{k % provisions + 1}; {k % provisions + 1}" for k in range(crowd)]],
        "stance": np.concatenate([stance[index], rng.choice([-1.0, 1.0], crowd)]),
        "coder": [*coder, *["one"] * crowd],
    }
    which = np.flatnonzero(voted)
    votes: dict[str, Any] = {
        "motion": [f"m{k}" for k in which], "at": at[which], "actor": list(name[which]), "issue": list(issue[which]),
        "choice": [("no", "abstain", "yes")[int(np.sign(s)) + 1] for s in stance[which]],
    }  # fmt: skip
    numbers = [str(p + 1) for p in range(provisions)]
    given: dict[str, Any] = {
        "agreement": ["plan"] * provisions + ["other plan"] * provisions, "provision": numbers * 2,
        "heading": [f"point {n}" for n in numbers] + [f"clause {n}" for n in numbers], "text": [f"text {n}" for n in numbers] * 2,
    }  # fmt: skip
    tables: dict[str, dict[str, Any]] = {"provisions": given, "statements": statements}
    if len(which):
        tables["votes"] = votes
    return World(tables, {"agreement": "plan", "actors": [f"a{k}" for k in range(actors)]})

"""Simulated statements with a known number of true changes, as nasty as coded news: errors of 10 to 20 %, some shared by a whole
document, stances that cluster in time, uneven and seasonal activity, missing weeks, a shock that colours everybody's tone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.instruments.declaration import World, WorldKind

Array = np.ndarray[Any, Any]
DAYS = 900
START = np.datetime64("2016-01-04")


@dataclass(frozen=True)
class Nature:
    """`changes` of the named actor's position on one issue, at least `apart` occasions from each other; coding `error`;
    `worse`: factor on the named actor's error; `phases`: lag-one correlation of errors; `flips`: chance that the position turns
    at each occasion (1: alternation); `drift`: the position glides through zero over half of the time; `tone`: standard
    deviation of a mood added to stances, which fades over 45 days (correlation 1/e); `settled`: the named actor changes on no
    other issue (else, as everybody else, once on one issue in five)."""

    changes: int = 0
    units: int = 60
    apart: int = 6
    error: float = 0.15
    worse: float = 1.0
    documents: float = 0.0
    phases: float = 0.0
    flips: float = 0.0
    drift: bool = False
    lukewarm: float = 0.0
    shock: float = 0.0
    tone: float = 0.0
    missing: float = 0.0
    uneven: bool = True
    others: int = 7
    issues: int = 3
    coders: int = 1
    settled: bool = False


def world(kind: WorldKind, rng: np.random.Generator) -> World:
    """null: no change; margin: exactly one lasting change; planted: four. Each with a nature drawn at random."""
    planted = kind == "planted"
    nature = Nature(
        changes={"null": 0, "margin": 1, "planted": 4}[kind],
        units=75 if planted else int(rng.integers(15, 90)),
        apart=10 if planted else 3,
        error=0.10 if planted else float(rng.uniform(0.10, 0.20)),
        documents=float(rng.choice([0.0, 0.1])),
        lukewarm=0.0 if planted else float(rng.choice([0.0, 0.3])),
        shock=float(rng.choice([0.0, 0.15])),
        missing=float(rng.choice([0.0, 0.3])),
    )
    return statements(rng, nature)


def statements(rng: np.random.Generator, nature: Nature) -> World:
    """Statements of the named actor `a0` and of others with constant positions or one change."""
    columns: list[dict[str, Array]] = []
    shock = int(rng.integers(100, DAYS - 150))
    side = float(rng.choice([-1.0, 1.0]))
    for actor in range(1 + nature.others):
        for issue in range(nature.issues):
            own = actor == 0 and issue == 0
            busy = float(np.exp(rng.normal(0, 0.6))) if nature.uneven else 1.0
            units = nature.units if own else int(np.clip(20 * busy, 4, 90))
            day = _days(rng, units, nature.missing)
            often = 0.0 if actor == 0 and nature.settled else 0.2
            truth = _positions(rng, nature, len(day)) if own else _plain(rng, len(day), often)
            error = min(0.45, nature.error * (nature.worse if actor == 0 else 1.0))
            columns.append(
                _coded(rng, nature, actor, issue, day, truth, error, (day >= shock) & (day < shock + 60), side)
            )
    got = {name: np.concatenate([c[name] for c in columns]) for name in columns[0]}
    n = len(got["day"])
    table: dict[str, Any] = {
        "statement": [f"s{k}" for k in range(n)],
        "at": (START + got["day"]).astype("datetime64[us]"),
        "actor": [f"a{k}" for k in got["actor"]],
        "issue": [f"issue {k}" for k in got["issue"]],
        "stance": got["stance"],
        "document": [f"d{k}" for k in got["document"]],
        "text": [f"statement {k}" for k in range(n)],
    }
    if nature.coders > 1:
        again = np.where(rng.random(n) < nature.error, -got["right"], got["right"])
        table = {c: [*v, *v] if c != "stance" else np.concatenate([got["stance"], again]) for c, v in table.items()}
        table["coder"] = ["c1"] * n + ["c2"] * n
    return World({"statements": table}, {"actor": "a0"})


def _days(rng: np.random.Generator, units: int, missing: float) -> Array:
    """Distinct days, thinner in summer, none in missing weeks."""
    day = np.arange(DAYS)
    weight = 1 + 0.6 * np.cos(2 * np.pi * day / 365.25)
    weight = weight * np.repeat(rng.random(DAYS // 7 + 1) >= missing, 7)[:DAYS]
    return np.sort(rng.choice(day, min(units, int((weight > 0).sum())), replace=False, p=weight / weight.sum()))


def _plain(rng: np.random.Generator, n: int, often: float) -> Array:
    sign = float(rng.choice([-1.0, 1.0]))
    change = int(rng.integers(n)) if rng.random() < often else n
    return np.where(np.arange(n) < change, sign, -sign)


def _positions(rng: np.random.Generator, nature: Nature, n: int) -> Array:
    sign = float(rng.choice([-1.0, 1.0]))
    if nature.drift:
        return sign * np.clip(np.linspace(-2, 2, n), -1, 1)
    if nature.flips:
        return np.asarray(sign * np.cumprod(np.where(rng.random(n) < nature.flips, -1.0, 1.0)))
    room = n - nature.apart * (nature.changes + 1)
    if nature.changes == 0 or room < 0:
        return np.full(n, sign)
    cut = np.sort(rng.integers(0, room + 1, nature.changes)) + nature.apart * np.arange(1, nature.changes + 1)
    return sign * (-1.0) ** np.searchsorted(cut, np.arange(n), side="right")


def _coded(
    rng: np.random.Generator,
    nature: Nature,
    actor: int,
    issue: int,
    day: Array,
    truth: Array,
    error: float,
    shocked: Array,
    side: float,
) -> dict[str, Array]:
    """Statements of one series: a document has one to three of them and some documents are coded wrong as a whole."""
    repeats = rng.choice([1, 1, 1, 2, 3], len(day))
    unit = np.repeat(np.arange(len(day)), repeats)
    apart = error * (1 - nature.documents / 0.2) if nature.documents else error
    whole = (
        rng.random(len(day)) < (error - apart) / (1 - 2 * apart) if nature.documents else np.zeros(len(day), dtype=bool)
    )
    wrong = _errors(rng, len(unit), apart, nature.phases) ^ whole[unit]
    strong = rng.random(len(unit)) < 0.5 * (1 + truth[unit]) if nature.drift else truth[unit] > 0
    sign = np.where(strong, 1.0, -1.0)
    sign = np.where(shocked[unit] & (rng.random(len(unit)) < nature.shock), side, sign)
    weak = rng.random(len(day)) < nature.lukewarm
    right = sign * rng.choice([0.5, 1.0], len(unit))
    if nature.tone:
        right = np.clip(right + nature.tone * _mood(rng, day)[unit], -1, 1)
    right = np.where(weak[unit], rng.choice([-0.2, 0.0, 0.2], len(unit)), right)
    stance = np.where(wrong, -right, right)
    number = 100_000 * actor + 10_000 * issue + unit
    return {
        "day": day[unit], "actor": np.full(len(unit), actor), "issue": np.full(len(unit), issue), "stance": stance, "right": right, "document": number
    }  # fmt: skip


def _mood(rng: np.random.Generator, day: Array) -> Array:
    """(n,) standard normal values, correlated exp(-gap / 45 days) between neighbouring days."""
    fresh = rng.normal(size=len(day))
    keep = np.exp(-np.diff(day, prepend=day[:1]) / 45.0)
    mood = fresh.copy()
    for k in range(1, len(day)):
        mood[k] = keep[k] * mood[k - 1] + np.sqrt(1 - keep[k] ** 2) * fresh[k]
    return mood


def _errors(rng: np.random.Generator, n: int, error: float, phases: float) -> Array:
    fresh = rng.random(n) < error
    if not phases:
        return fresh
    renew = rng.random(n) >= phases
    renew[:1] = True
    return np.asarray(fresh[np.maximum.accumulate(np.where(renew, np.arange(n), 0))])

"""Simulated evidence with a known truth, written apart from the instruments' own worlds and nastier than they are.

Every world comes with its true effect: the estimand with no noise of sampling in words or votes and a large population in
place of the reference, so that the coverage of intervals can be counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from kayfabe.actors import Actors
from kayfabe.actors.facts import Membership
from kayfabe.instruments.declaration import World
from kayfabe.stats import missing

Array = np.ndarray[Any, Any]
POPULATION = 100
SPEECH_NOISE = 0.4
CHOICES = np.array(["yes", "no", "abstain", "absent"], dtype=object)


@dataclass(frozen=True)
class Planted:
    """A world, its true effect (None where it is not known) and the actors that know its blocs."""

    world: World
    truth: float | None = None
    actors: Actors | None = None


class WithBlocs(Actors):
    """The usual actors and a few made-up blocs."""

    def __init__(self, blocs: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self._made_up = {name: [Membership(m, None, None) for m in ids] for name, ids in blocs.items()}

    def membership(self, bloc: str) -> list[Membership]:
        return self._made_up.get(bloc) or super().membership(bloc)

    def is_bloc(self, id: str) -> bool:
        return id in self._made_up or super().is_bloc(id)

    def identify(self, name: str, known: Any) -> str:
        return name if name in self._made_up else super().identify(name, known)


@dataclass(frozen=True)
class Nature:
    """What a parliament is like. `shock`: on that share of motions, one after another, a new quarrel replaces the old one
    for everybody. `discipline`: chance that an actor follows the line of its bloc. `realigned`: one bloc changes sides in
    the last third, its words follow only by time. `reconciled`: A moves to B's place half way, honestly, in words and in deeds,
    but 4 of 5 statements are from before. `hypocrite`: B stands where A stands, whatever it says, towards everybody. `style`: the
    spread of a personal factor on words. `mute`: words are noise, the same for everybody."""

    actors: int = 40
    motions: int = 160
    absent: float = 0.1
    miscoded: float = 0.0
    consensus: float = 0.3
    blocs: int = 3
    heavy: bool = False
    shock: float = 0.0
    discipline: float = 0.0
    realigned: bool = False
    reconciled: bool = False
    hypocrite: bool = False
    style: float = 0.0
    floods: int = 0
    polar: bool = False
    mute: bool = False


@dataclass
class _People:
    """Who there is: place (n, 2), bloc (n,), centres (blocs, 2), talk (n,) before speech noise."""

    place: Array
    bloc: Array
    centre: Array
    talk: Array


def _people(rng: np.random.Generator, nature: Nature, n: int, centre: Array) -> _People:
    bloc = rng.integers(0, nature.blocs, n)
    place = centre[bloc] + rng.normal(0, 0.6, (n, 2))
    talk = (place[:, 0] + rng.normal(0, 0.35, n)) * np.exp(rng.normal(0, nature.style, n))
    return _People(place, bloc, centre, talk)


def _chances(place: Array, slope: Array, cut: Array, consensus: Array) -> Array:
    """(actors, motions, 3) chance of yes, no, abstain."""
    mean = place @ slope.T - cut
    yes, no = stats.norm.sf((0.25 - mean) / 0.5), stats.norm.cdf((-0.25 - mean) / 0.5)
    p = np.stack([yes, no, 1 - yes - no], axis=2)
    p[:, consensus] = [0.95, 0.0, 0.05]
    return p


def _stance(talk: Array) -> Array:
    """Mean stance of a speaker."""
    z = stats.norm.ppf((np.arange(200) + 0.5) / 200)
    return np.asarray(np.clip(np.tanh(0.6 * talk)[:, None] + SPEECH_NOISE * z, -1, 1).mean(axis=1))


def parliament(
    rng: np.random.Generator,
    *,
    copying: float = 0.0,
    pick: str = "any",
    claim: str = "staged",
    truth: bool = True,
    sizes: tuple[int, int] = (1, 1),
    nature: Nature = Nature(),
) -> Planted:
    """Votes and statements. With probability `copying` B votes as A does. `sizes` above 1 make A and B blocs."""
    n, m = nature.actors, nature.motions
    centre = rng.normal(0, 1.0, (nature.blocs, 2))
    if nature.polar:
        centre = np.array([[-1.2, 0.0], [1.2, 0.0], [0.0, 1.0]])[: nature.blocs]
    who = _people(rng, nature, n, centre)
    crowd = _people(rng, nature, POPULATION, centre)
    sides = _sides(rng, who, pick, sizes)
    a, b = sides
    if nature.hypocrite:
        who.place[b] = who.place[a] + rng.normal(0, 0.3, (len(b), 2))
    if pick == "bloc":
        who.bloc[b], who.place[b] = who.bloc[a], centre[who.bloc[a]] + rng.normal(0, 0.6, (len(b), 2))
    consensus = rng.random(m) < nature.consensus
    late = np.arange(m) > 0.6 * m
    angle = np.where(late & (rng.random(m) < 0.5), rng.uniform(0, np.pi, m), rng.normal(0, 0.35, m))
    if nature.shock:
        start = int(rng.integers(0, max(1, int(m * (1 - nature.shock)))))
        angle[start : start + int(m * nature.shock)] = np.pi / 2
    slope = np.stack([np.cos(angle), np.sin(angle)], axis=1) * rng.choice([-1, 1], (m, 1))
    cut = rng.normal(0, 0.7, m)
    line = rng.random((nature.blocs, m))
    chances = []
    for group in (who, crowd):
        p = _chances(group.place, slope, cut, consensus)
        if nature.realigned:
            moved = group.place.copy()
            moved[group.bloc == 0, 0] *= -1
            p[:, 2 * m // 3 :] = _chances(moved, slope, cut, consensus)[:, 2 * m // 3 :]
        if nature.reconciled and group is who:
            moved = group.place.copy()
            moved[a] = moved[b] + rng.normal(0, 0.2, (len(a), 2))
            p[:, m // 2 :] = _chances(moved, slope, cut, consensus)[:, m // 2 :]
        if nature.discipline:
            whip = _chances(centre, slope, cut, consensus).cumsum(axis=2)
            lined = (line[:, :, None] > whip[:, :, :2]).sum(axis=2)
            p = (1 - nature.discipline) * p + nature.discipline * np.eye(3)[lined[group.bloc]]
        chances.append(p)
    chance, others = chances
    choice = (rng.random((n, m, 1)) > chance.cumsum(axis=2)[:, :, :2]).sum(axis=2)
    copied = rng.random(m) < copying
    leader = a[np.arange(len(b)) % len(a)]
    choice[np.ix_(b, copied)] = choice[np.ix_(leader, copied)]
    wrong = rng.random((n, m)) < nature.miscoded
    choice = np.where(wrong, rng.integers(0, 3, (n, m)), choice)
    absent = rng.random((n, m)) < nature.absent * rng.uniform(0.3, 1.7, (n, 1))
    flood = rng.choice(np.setdiff1d(np.arange(n), np.concatenate(sides)), nature.floods, replace=False)
    world = _tables(rng, nature, choice, absent, who, a, b, pick, flood)
    names = [f"a{i:02d}" for i in range(n)]
    blocs = {f"bloc {k + 1}": [names[i] for i in side] for k, side in enumerate(sides)}
    single = sizes == (1, 1)
    options = {"actors": [names[a[0]], names[b[0]]] if single else list(blocs), "claim": claim}
    effect = None
    if truth and pick != "issues apart" and not (nature.reconciled or nature.realigned or nature.mute):
        both = ~absent[a].all(axis=0) & ~absent[b].all(axis=0)
        differ = _differ(chance, a, b, leader, copying)
        if claim == "staged":
            effect = _staged_truth(who, crowd, others[:, both], differ[both], a, b)
        elif single:
            effect = _aligned_truth(chance[:, both], others[:, both], differ[both], a, b)
    return Planted(World(world, options), effect, None if single else WithBlocs(blocs))


def _sides(rng: np.random.Generator, who: _People, pick: str, sizes: tuple[int, int]) -> tuple[Array, Array]:
    n = len(who.talk)
    if sizes != (1, 1):
        return _blocs(rng, who, pick, sizes)
    i, j = np.triu_indices(n, 1)
    distance = np.linalg.norm(who.place[i] - who.place[j], axis=1)
    order = np.arange(len(i))
    if pick in ("words apart", "bloc"):
        order = np.argsort(-np.abs(who.talk[i] - who.talk[j]))[: max(1, len(i) // 10)]
    elif pick in ("foes", "friends"):
        order = np.argsort(-distance if pick == "foes" else distance)[: max(1, len(i) // 10)]
    elif pick == "centrists":
        off = np.abs(who.place[:, 0]) + np.abs(who.place[:, 1])
        order = np.argsort(off[i] + off[j])[: max(1, len(i) // 10)]
    k = int(rng.choice(order))
    return np.array([i[k]]), np.array([j[k]])


def _blocs(rng: np.random.Generator, who: _People, pick: str, sizes: tuple[int, int]) -> tuple[Array, Array]:
    """Two sets of neighbours; apart: around the two ends of what is said."""
    n = len(who.talk)
    first = int(np.argmin(who.talk)) if pick == "words apart" else int(rng.integers(n))
    near = np.argsort(np.linalg.norm(who.place - who.place[first], axis=1))
    one = near[: sizes[0]]
    rest = np.setdiff1d(np.arange(n), one)
    second = int(rest[np.argmax(who.talk[rest])]) if pick == "words apart" else int(rng.choice(rest))
    two = rest[np.argsort(np.linalg.norm(who.place[rest] - who.place[second], axis=1))[: sizes[1]]]
    return one, two


def _tables(
    rng: np.random.Generator,
    nature: Nature,
    choice: Array,
    absent: Array,
    who: _People,
    a: Array,
    b: Array,
    pick: str,
    flood: Array,
) -> dict[str, dict[str, Any]]:
    n, m = choice.shape
    day = np.datetime64("2015-01-01") + np.sort(rng.integers(0, 1500, m))
    title = [f"title {int(rng.integers(0, max(1, m // 2)))}" for _ in range(m)]
    row, column = (g.ravel() for g in np.meshgrid(np.arange(n), np.arange(m), indexing="ij"))
    ends = np.concatenate([a, b])
    if nature.heavy:
        counts = np.clip((rng.pareto(0.9, n) * 2).astype(int), 0, 600)
    else:
        counts = np.clip(rng.lognormal(2.5, 0.6, n).astype(int), 3, 120)
    counts[ends] = np.maximum(counts[ends], 12)
    counts[flood] = 600
    speaker = np.repeat(np.arange(n), counts)
    issue = rng.integers(0, 2, len(speaker))
    lean = np.zeros(len(speaker))
    if pick == "issues apart":
        issue = np.where(np.isin(speaker, a), 0, np.where(np.isin(speaker, b), 1, issue))
        lean = np.array([-0.5, 0.5])[issue]
    stance = np.tanh(0.6 * who.talk[speaker]) * (not nature.mute) + lean
    when = rng.random(len(speaker))
    if nature.reconciled:
        when = np.where(rng.random(len(speaker)) < 0.8, 0.5 * when, 0.5 + 0.5 * when)
        stance = np.where(np.isin(speaker, a) & (when > 0.5), np.tanh(0.6 * who.talk[b].mean()), stance)
    if nature.realigned:
        stance = np.where((who.bloc[speaker] == 0) & (when > 2 / 3), -stance, stance)
    stance = np.clip(stance + rng.normal(0, SPEECH_NOISE, len(speaker)), -1, 1)
    span = int((day.max() - day.min()).astype(int))
    return {
        "votes": {
            "motion": [f"m{k}" for k in column],
            "at": day[column].astype("datetime64[us]"),
            "title": [title[k] for k in column],
            "actor": [f"a{k:02d}" for k in row],
            "choice": CHOICES[np.where(absent, 3, choice).ravel()],
        },
        "statements": {
            "statement": [f"s{k}" for k in range(len(speaker))],
            "at": (day.min() + (when * span).astype(int)).astype("datetime64[us]"),
            "actor": [f"a{k:02d}" for k in speaker],
            "issue": [f"issue {k}" for k in issue],
            "stance": np.round(stance, 1),
        },
    }


def _differ(chance: Array, a: Array, b: Array, leader: Array, copying: float) -> Array:
    """(motions,) expected disagreement over the cross-pairs."""
    values = []
    for i in a:
        for k, j in enumerate(b):
            own = 1 - (chance[i] * chance[j]).sum(axis=1)
            copy = np.zeros_like(own) if leader[k] == i else 1 - (chance[i] * chance[leader[k]]).sum(axis=1)
            values.append(copying * copy + (1 - copying) * own)
    return np.asarray(np.mean(values, axis=0))


def _staged_truth(who: _People, crowd: _People, others: Array, differ: Array, a: Array, b: Array) -> float | None:
    stance = _stance(crowd.talk)
    x = (stance - stance.mean()) / stance.std()
    at = (_stance(who.talk[np.concatenate([a, b])]) - stance.mean()) / stance.std()
    x_a, x_b = at[: len(a)], at[len(a) :]
    hot = np.moveaxis(others, 0, 1)
    promise = missing.promised(hot, missing.kernel(x_a, x), missing.kernel(x_b, x))
    s = 1 - differ.sum() / promise.sum()
    if len(a) > 1 or len(b) > 1:
        usual = _usual_of_sets(hot, x, (len(a), len(b)), abs(x_a.mean() - x_b.mean()))
        return float(1 - (1 - s) / (1 - usual))
    pairs, expected, _ = missing.all_pairs(hot, x)
    use = np.triu(~np.isnan(pairs) & (expected >= missing.LEAST_EXPECTED), 1)
    if not use.any() or not promise.sum() > 0:
        return None
    distance = np.abs(x[:, None] - x[None, :])[use]
    near = np.argsort(np.abs(distance - abs(x_a[0] - x_b[0])))[: max(1, int(0.4 * len(distance)))]
    return float(1 - (1 - s) / (1 - np.median(pairs[use][near])))


def _usual_of_sets(hot: Array, x: Array, sizes: tuple[int, int], distance: float) -> float:
    """Median s of the 40 % of random sets of the population whose distance in words is nearest."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(100):
        drawn = rng.permutation(len(x))[: sum(sizes)]
        one, two = drawn[: sizes[0]], drawn[sizes[0] :]
        outside = np.ones(len(x))
        outside[drawn] = 0
        promise = missing.promised(hot, missing.kernel(x[one], x) * outside, missing.kernel(x[two], x) * outside)
        differ = 1 - (hot[:, one].mean(axis=1) * hot[:, two].mean(axis=1)).sum(axis=1)
        found.append((abs(abs(x[one].mean() - x[two].mean()) - distance), 1 - differ.sum() / promise.sum()))
    return float(np.median([s for _, s in sorted(found)[:40]]))


def _aligned_truth(chance: Array, others: Array, differ: Array, a: Array, b: Array) -> float:
    mean = others.mean(axis=0)
    n = len(others)
    usual = (1 - (mean**2).sum(axis=1) * n / (n - 1) + (others**2).sum(axis=(0, 2)) / n / (n - 1)).sum()
    own = [
        1 - (1 - np.einsum("mc,mc->", chance[i], o) / len(differ)) * len(differ) / usual
        for i in (a[0], b[0])
        for o in others
    ]
    return float(1 - (differ.sum() / usual) / (1 - np.median(own)))

"""Simulated parliaments and dyads with a known truth, as nasty as real ones: blocs, consensus motions, new kinds of motion,
pairs picked for their words, friends and foes, speakers on different issues, the built-in gap between words and deeds."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kayfabe.instruments.declaration import World, WorldKind

Pick = Literal["any", "words apart", "foes", "friends", "issues apart"]
PICKS: tuple[Pick, ...] = ("any", "words apart", "foes", "friends", "issues apart")
COPYING = {"null": 0.0, "margin": 0.2, "planted": 0.92}


def world(kind: WorldKind, rng: np.random.Generator) -> World:
    """A votes world of the contract tests: null (of every pick in turn), copying .2 at the margin, .92 planted."""
    pick: Pick = "words apart" if kind != "null" else PICKS[int(rng.integers(len(PICKS)))]
    return votes(rng, copying=COPYING[kind], pick=pick)


def votes(
    rng: np.random.Generator,
    *,
    copying: float,
    pick: Pick = "any",
    actors: int = 40,
    motions: int = 160,
    missing: float = 0.1,
    bias: float = 0.0,
) -> World:
    """Votes and statements; with probability `copying` B votes as A does. `missing` is the share of absences, `bias` shifts
    what everyone says against what everyone does."""
    blocs = rng.normal(0, 1.0, (3, 2))
    place = blocs[rng.integers(0, 3, actors)] + rng.normal(0, 0.6, (actors, 2))
    talk = place[:, 0] + rng.normal(0, 0.35, actors)
    a, b = _pick(rng, place, talk, pick)
    consensus = rng.random(motions) < 0.3
    late = np.arange(motions) > 0.6 * motions
    angle = np.where(late & (rng.random(motions) < 0.5), rng.uniform(0, np.pi, motions), rng.normal(0, 0.35, motions))
    slope = np.stack([np.cos(angle), np.sin(angle)], axis=1) * rng.choice([-1, 1], (motions, 1))
    utility = place @ slope.T - rng.normal(0, 0.7, motions) + rng.normal(0, 0.5, (actors, motions))
    choice = np.select([utility > 0.25, utility < -0.25], [0, 1], 2)
    agreed = np.where(rng.random((actors, motions)) < 0.95, 0, 2)
    choice = np.where(consensus[None, :], agreed, choice)
    copied = rng.random(motions) < copying
    choice[b, copied] = choice[a, copied]
    absent = rng.random((actors, motions)) < missing * rng.uniform(0.3, 1.7, (actors, 1))
    day = np.datetime64("2015-01-01") + np.sort(rng.integers(0, 1500, motions))
    title = [f"title {int(rng.integers(0, motions // 2))}" for _ in range(motions)]
    who, what = np.meshgrid(np.arange(actors), np.arange(motions), indexing="ij")
    words = np.array(["yes", "no", "abstain", "absent"], dtype=object)
    tables: dict[str, dict[str, Any]] = {
        "votes": {
            "motion": [f"m{k}" for k in what.ravel()],
            "at": day[what.ravel()].astype("datetime64[us]"),
            "title": [title[k] for k in what.ravel()],
            "actor": [f"a{k:02d}" for k in who.ravel()],
            "choice": words[np.where(absent, 3, choice).ravel()],
        },
        "statements": _statements(rng, talk + bias, day, a, b, pick),
    }
    return World(tables, {"actors": [f"a{a:02d}", f"a{b:02d}"]})


def _pick(rng: np.random.Generator, place: Any, talk: Any, pick: Pick) -> tuple[int, int]:
    n = len(talk)
    i, j = np.triu_indices(n, 1)
    if pick == "words apart":
        order = np.argsort(-np.abs(talk[i] - talk[j]))[: max(1, len(i) // 10)]
    elif pick in ("foes", "friends"):
        distance = np.linalg.norm(place[i] - place[j], axis=1)
        order = np.argsort(-distance if pick == "foes" else distance)[: max(1, len(i) // 10)]
    else:
        order = np.arange(len(i))
    k = int(rng.choice(order))
    return int(i[k]), int(j[k])


def _statements(rng: np.random.Generator, talk: Any, day: Any, a: int, b: int, pick: Pick) -> dict[str, Any]:
    counts = np.clip(rng.lognormal(2.5, 0.6, len(talk)).astype(int), 3, 120)
    counts[[a, b]] = np.maximum(counts[[a, b]], 12)
    who = np.repeat(np.arange(len(talk)), counts)
    issue = rng.integers(0, 2, len(who))
    if pick == "issues apart":
        issue = np.where(who == a, 0, np.where(who == b, 1, issue))
    lean = np.array([-0.5, 0.5])[issue] if pick == "issues apart" else 0.0
    stance = np.clip(np.tanh(0.6 * talk[who]) + lean + rng.normal(0, 0.4, len(who)), -1, 1)
    at = day.min() + rng.integers(0, int((day.max() - day.min()).astype(int)) + 1, len(who))
    return {
        "statement": [f"s{k}" for k in range(len(who))],
        "at": at.astype("datetime64[us]"),
        "actor": [f"a{k:02d}" for k in who],
        "issue": [f"issue {k}" for k in issue],
        "stance": np.round(stance, 1),
    }


def events(rng: np.random.Generator, *, warmth: float, dyads: int = 60, picked: bool = False) -> World:
    """Dyads whose words run above their deeds as real ones do; the deeds of one are `warmth` between-dyad standard deviations
    warmer than its words promise. `picked`: the dyad with the coldest words."""
    cold = rng.normal(0, 1.6, dyads)
    words = 2.0 + 1.0 * cold + rng.normal(0, 0.8, dyads)
    deeds = -3.5 + np.where(cold > -1, 1.0, 0.4) * cold + rng.normal(0, 1.2, dyads)
    mine = int(np.argmin(words)) if picked else int(rng.integers(dyads))
    deeds[mine] += warmth * 1.9
    shock = rng.normal(0, 0.6, 24)
    columns: dict[str, list[Any]] = {name: [] for name in ("at", "source", "target", "channel", "score")}
    start = np.datetime64("2018-01-01")
    for k in range(dyads):
        for channel, mean, least in (("word", words[k], 25), ("deed", deeds[k], 12)):
            n = max(least, int(rng.lognormal(3.6, 0.7)))
            at = rng.integers(0, 720, n)
            copies = rng.integers(0, max(1, n // 3), n)
            heavy = rng.standard_t(4, n)[copies] * 1.5 + rng.normal(0, 1, n)
            columns["score"] += list(np.round(np.clip(mean + shock[at[copies] // 30] + heavy, -10, 10), 1))
            columns["at"] += list((start + at[copies]).astype("datetime64[us]"))
            columns["source"] += [f"a{k:02d}"] * n
            columns["target"] += [f"b{k:02d}"] * n
            columns["channel"] += [channel] * n
    table: dict[str, Any] = {"event": [f"e{k}" for k in range(len(columns["score"]))], **columns}
    return World({"events": table}, {"actors": [f"a{mine:02d}", f"b{mine:02d}"]})

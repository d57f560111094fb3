"""Simulated events with a known truth: dyads whose words run above their deeds, and the record of a rule."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from worlds import Array, Planted

from kayfabe.instruments.declaration import World
from kayfabe.stats import warmth


def dyads(
    rng: np.random.Generator,
    *,
    warm: float = 0.0,
    count: int = 60,
    pick: str = "any",
    memory: float = 0.0,
    miscoded: float = 0.0,
    claim: str = "staged",
) -> Planted:
    """Events whose words run above their deeds. `warm`: between-dyad standard deviations by which one dyad's deeds are warmer
    than its words promise. `pick`: any, cold (words as seen), warm (deeds as seen). `memory`: a daily AR(1) of the scores."""
    cold, words, deeds = _temper(rng, count)
    del cold
    _, crowd_words, crowd_deeds = _temper(rng, 4000)
    shock = rng.normal(0, 0.6, 24)
    parts: dict[str, list[Array]] = {name: [] for name in ("at", "dyad", "channel", "score")}
    for k in range(count):
        for channel, mean, least in (("word", words[k], 25), ("deed", deeds[k], 12)):
            n = max(least, int(rng.lognormal(3.6, 0.7)))
            at = rng.integers(0, 720, n)
            copies = rng.integers(0, max(1, n // 3), n)
            noise = rng.standard_t(4, n)[copies] * 1.5 + rng.normal(0, 1, n)
            if memory:
                noise += _weather(rng, 720, memory)[at[copies]]
            score = mean + shock[at[copies] // 30] + noise
            score = np.where(rng.random(n) < miscoded, rng.uniform(-10, 10, n), score)
            parts["score"].append(np.round(np.clip(score, -10, 10), 1))
            parts["at"].append(at[copies])
            parts["dyad"].append(np.full(n, k))
            parts["channel"].append(np.full(n, channel, dtype=object))
    got = {name: np.concatenate(values) for name, values in parts.items()}
    seen = {c: _means(got, c, count) for c in ("word", "deed")}
    order = {"any": rng.permutation(count), "cold": np.argsort(seen["word"]), "warm": np.argsort(-seen["deed"])}[pick]
    mine = int(order[0] if pick == "any" else order[int(rng.integers(max(1, count // 10)))])
    deeds[mine] += warm * 1.9
    got["score"] += np.where((got["dyad"] == mine) & (got["channel"] == "deed"), round(warm * 1.9, 1), 0.0)
    got["score"] = np.round(np.clip(got["score"], -10, 10), 1)
    if claim == "staged":
        fit = warmth.warmer_fit(crowd_words, crowd_deeds, np.ones(4000), float(words[mine]))[0]
        truth = float(deeds[mine] - fit)
    else:
        truth = float(deeds[mine] - np.median(crowd_deeds))
    table = {
        "event": [f"e{k}" for k in range(len(got["score"]))],
        "at": (np.datetime64("2018-01-01") + got["at"]).astype("datetime64[us]"),
        "source": [f"a{k:02d}" for k in got["dyad"]],
        "target": [f"b{k:02d}" for k in got["dyad"]],
        "channel": got["channel"],
        "score": got["score"],
    }
    return Planted(World({"events": table}, {"actors": [f"a{mine:02d}", f"b{mine:02d}"], "claim": claim}), truth)


def _means(got: Mapping[str, Array], channel: str, count: int) -> Array:
    here = got["channel"] == channel
    return np.asarray(
        np.bincount(got["dyad"][here], got["score"][here], count) / np.bincount(got["dyad"][here], minlength=count)
    )


def _temper(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array]:
    cold = rng.normal(0, 1.6, n)
    words = 2.0 + cold + rng.normal(0, 0.8, n)
    return cold, words, -3.5 + np.where(cold > -1, 1.0, 0.4) * cold + rng.normal(0, 1.2, n)


def _weather(rng: np.random.Generator, days: int, memory: float) -> Array:
    """A daily AR(1) series with standard deviation 1."""
    shocks = rng.normal(0, np.sqrt(1 - memory**2), days)
    values = np.empty(days)
    last = rng.normal()
    for t in range(days):
        last = memory * last + shocks[t]
        values[t] = last
    return values


def record(
    rng: np.random.Generator,
    *,
    rate: float,
    error: float = 0.05,
    days: tuple[int, int] = (60, 200),
    rows: tuple[int, int] = (1, 1),
    copies: bool = False,
    echo: float = 0.0,
    table: str = "events",
) -> Planted:
    """The record of a rule ("never hostile") that is broken on a share `rate` of days. Each row is miscoded with probability
    `error`; with `copies` all rows of a day are one story and miscoded together; `echo`: chance that a miscoded story is told again on the next day."""
    n = int(rng.integers(*days))
    repeats = rng.integers(rows[0], rows[1] + 1, n)
    broken = rng.random(n) < rate
    wrong_day = rng.random(n) < error
    for k in range(1, n):
        wrong_day[k] |= wrong_day[k - 1] and rng.random() < echo
    wrong = np.repeat(wrong_day, repeats) if copies else rng.random(repeats.sum()) < error
    hostile = np.repeat(broken, repeats) ^ wrong
    at = np.datetime64("2015-01-01") + np.repeat(np.sort(rng.choice(2000, n, replace=False)), repeats)
    rows_of = {
        "at": at.astype("datetime64[us]"),
        "source": ["north"] * len(at),
        "target": ["south"] * len(at),
        "channel": ["deed"] * len(at),
        "event": [f"e{k}" for k in range(len(at))],
        "score": np.where(hostile, -3.0, 3.0),
    }
    options = {"actor": "north", "toward": "south", "sign": "-", "quantifier": "never"}
    return Planted(World({table: rows_of}, options), rate)

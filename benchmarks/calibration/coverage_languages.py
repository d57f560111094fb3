"""Calibration of coverage matched by meaning: worlds made of real sentences, outlets in one language, in two, and one alone in its own.

    python benchmarks/calibration/coverage_languages.py [--worlds 60] [--seed 2026] [--like PATTERN]

Provisions (English) and sentences are those of benchmarks/coverage/pairs_held.txt, on which the rule was not fitted. Articles take at random
among the sentences that carry a provision in their language, near misses and others; some provisions are seen much better than others,
and better in one language than in the other.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.coverage import INSTRUMENT
from kayfabe.instruments.coverage_cells import MARGIN
from kayfabe.models import Finding, Verdict
from kayfabe.read import embedding
from kayfabe.stats.intervals import clopper_pearson

sys.path.insert(0, str(Path(__file__).parents[1] / "coverage"))
from pairs import agreements

Array = np.ndarray[Any, Any]
OUTLETS, DAYS = 6, 70
MIXES = {"all in the provisions' language": 0, "all in the other": 6, "three and three": 3, "one alone in its language": 1}
STRENGTHS = {"odds .22 and 3.5": (0.22, 3.5), "odds .10 and 6": (0.10, 6.0), "odds .03 and 9": (0.03, 9.0)}


def remember() -> None:
    """Embed every sentence once for all worlds."""
    known: dict[str, Array] = {}
    true = embedding.Embedder.encode

    def encode(self: embedding.Embedder, texts: Any, progress: Any = None, stage: str = "") -> Array:
        new = sorted(set(texts) - set(known))
        if new:
            known.update(zip(new, true(self, new), strict=True))
        return np.stack([known[t] for t in texts])

    embedding.Embedder.encode = encode  # type: ignore[method-assign, assignment]


def world(rng: np.random.Generator, foreign: int, effect: Array) -> tuple[dict[str, Any], Array]:
    """Provisions and articles, and the base log odds (6,); `foreign` outlets write Russian, the last ones; `effect` (outlets, 6) log odds."""
    name = list(agreements("held"))[int(rng.integers(3))]
    rows = agreements("held")[name]
    own = [t for _, m, t in rows if m == "P"]
    base = np.linspace(0.3, -1.8, 6)[rng.permutation(6)]
    texts, outlets, days = [], [], []
    for o in range(OUTLETS):
        carry, near, other = ("R", "r", "b") if o >= OUTLETS - foreign else ("E", "e", "B")
        pool = {m: [[t for p, k, t in rows if k == m and p == j + 1] for j in range(6)] for m in (carry, near)}
        rest = [t for _, k, t in rows if k == other]
        for _ in range(int(rng.integers(40, 121))):
            named = rng.random(6) < 1 / (1 + np.exp(-base - effect[o]))
            said = [str(rng.choice(pool[carry][j])) for j in np.flatnonzero(named)]
            said += [str(rng.choice(pool[near][j])) for j in np.flatnonzero(rng.random(6) < 0.08)]
            said += [str(t) for t in rng.choice(rest, 3, replace=False)]
            letters = np.array(list("bcdfghjklmnpqrstvwxz"))
            said += ["".join(rng.choice(letters, 7)).capitalize() + " " + " ".join("".join(rng.choice(letters, 6)) for _ in range(40)) + "."]
            texts.append(" ".join(said))
            outlets.append(f"outlet {o}")
            days.append(int(rng.integers(DAYS)))
    tables: dict[str, Any] = {
        "provisions": {"agreement": [name] * 6, "provision": [str(k + 1) for k in range(6)], "text": own},
        "documents": {
            "document": [f"d{k:05d}" for k in range(len(texts))],
            "at": (np.datetime64("2025-03-03") + np.array(days)).astype("datetime64[us]"),
            "outlet": outlets,
            "text": texts,
        },
    }
    return tables, base


def odds_ratio(base: Array, effect: Array, volume: Array, foreign: int, outlet: int, provision: int) -> float:
    """The estimand of one cell, every mention seen: between the outlet and those it is compared with, articles of one breadth compared
    (Mantel & Haenszel), in a hundred times as many articles; `volume` (outlets,)."""
    rng = np.random.default_rng(0)
    away = np.arange(OUTLETS) >= OUTLETS - foreign
    alike = away == away[outlet] if (away == away[outlet]).sum() > 2 else np.ones(OUTLETS, dtype=bool)
    who = np.repeat(np.arange(OUTLETS), volume * 100 * alike)
    named = rng.random((len(who), 6)) < 1 / (1 + np.exp(-base - effect[who]))
    y, own = named[:, provision], who == outlet
    stratum = np.minimum(2, named.sum(axis=1) - y)
    a, b, c, d = (np.bincount(stratum, weights=w, minlength=3) for w in (own & y, own & ~y, ~own & y, ~own & ~y))
    total = np.maximum(a + b + c + d, 1)
    return float((a * d / total).sum() / max(1e-9, (b * c / total).sum()))


def planted(rng: np.random.Generator, low: float, high: float, alone: bool) -> Array:
    """One cell omitted, one pushed; the omitted one by the last outlet where that is `alone` in its language."""
    effect = np.zeros((OUTLETS, 6))
    a, b = rng.permutation(OUTLETS)[:2]
    a = OUTLETS - 1 if alone else a
    b = b if b != a else (a + 1) % OUTLETS
    one, two = rng.permutation(6)[:2]
    effect[a, one], effect[b, two] = np.log(low), np.log(high)
    return effect


def finding(tables: dict[str, Any], seed: int) -> Finding:
    evidence = Evidence.from_tables(tables)
    try:
        return judge([run(INSTRUMENT, {"agreement": tables["provisions"]["agreement"][0]}, evidence, seed=seed)])[0]
    finally:
        evidence.close()


def row(label: str, mix: str, strength: tuple[float, float] | None, worlds: int, seed: int) -> str:
    """One line of the table."""
    supported = silent = hits = wrong = standing = inside = cells = untrue = right = 0
    for k in range(worlds):
        rng = np.random.default_rng([seed, k])
        effect = np.zeros((OUTLETS, 6)) if strength is None else planted(rng, *strength, mix.startswith("one alone"))
        tables, base = world(rng, MIXES[mix], effect)
        found = finding(tables, k)
        names = np.array(tables["documents"]["outlet"])
        volume = np.array([(names == f"outlet {o}").sum() for o in range(OUTLETS)])
        supported += found.verdict == Verdict.SUPPORTED
        silent += found.verdict == Verdict.UNTESTED
        true = {(f"outlet {o}", str(p + 1)): effect[o, p] for o, p in np.argwhere(effect != 0)}
        stand = {(i.key["outlet"], i.key["provision"]) for i in found.items if i.q_value is not None and i.q_value < 0.05}
        hits += bool(true.keys() & stand)
        wrong, standing = wrong + len(stand - true.keys()), standing + len(stand)
        for item in found.items:
            o, p = int(item.key["outlet"].split()[-1]), int(item.key["provision"]) - 1
            if (item.key["outlet"], item.key["provision"]) in stand:
                real = odds_ratio(base, effect, volume, MIXES[mix], o, p)
                untrue += not (real > MARGIN if (item.estimate or 9e9) > 1 else real < 1 / MARGIN)
            planted_here = true.get((item.key["outlet"], item.key["provision"]))
            if planted_here is not None and item.interval is not None:
                low, high = item.interval
                cells += 1
                inside += (low or 0) <= np.exp(planted_here) <= (high or np.inf)
                right += (low or 0) <= odds_ratio(base, effect, volume, MIXES[mix], o, p) <= (high or np.inf)
    low, high = clopper_pearson(supported, worlds)
    shown = [
        label, str(worlds), f"{supported / worlds:.3f} [{low:.3f}, {high:.3f}]", f"{silent / worlds:.3f}", f"{hits / worlds:.2f}" if strength else "-",
        f"{wrong / standing:.3f}" if standing else "-", f"{untrue} of {standing}", f"{inside / cells:.2f}" if cells else "-",
        f"{right / cells:.2f}" if cells else "-",
    ]  # fmt: skip
    return "| " + " | ".join(shown) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--like", default="")
    given = parser.parse_args()
    remember()
    print("| world | worlds | supported [95 %] | untested | planted cell found | standing, not planted | standing, within the margin | holds the planted | holds the estimand |\n|---|---|---|---|---|---|---|---|---|")
    for mix in MIXES:
        for name, strength in {"null": None, **STRENGTHS}.items():
            if re.search(given.like, f"{name}, {mix}"):
                print(row(f"{name}, {mix}", mix, strength, given.worlds, given.seed), flush=True)


if __name__ == "__main__":
    main()

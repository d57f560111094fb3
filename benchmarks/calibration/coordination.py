"""Calibration of coordination: python benchmarks/calibration/coordination.py [--worlds 60] [--seed 1] [--bursting .25] [--only PART ...]

Parts. null: worlds without rings, share with any rejection by list, and how two common methods fare on the same worlds (a yardstick
of their nastiness): hypergeometric counts per (object, 60 s bucket), and delays taken as even over J. rings: three rings of eight,
participation .7, in step on m of 30 objects; power and false discovery proportion over pairs. groups: one such ring at m = 3; share
of worlds where a group of at least three, mostly ring members, is found, and the false share of the groups. real (--real FOLDER): the
published sets as they are, and with every share moved by up to 10 or 30 minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from scipy import sparse
from scipy.stats import hypergeom

from kayfabe.instruments.coordination_worlds import Platform, Ring, Simulated, simulate
from kayfabe.stats.coshare_analysis import Analysis, analyse
from kayfabe.stats.coshare_tests import discrete_step_up, poisson_binomial, step_up
from kayfabe.stats.intervals import clopper_pearson

Array = np.ndarray[Any, Any]
WINDOW = 60
LISTS = ("q", "q_all", "q_discrete")


def analysed(made: Simulated, groups: bool = False) -> Analysis:
    at = np.round(made.at).astype(np.int64)
    return analyse(made.obj, made.account, at, len(made.ring), WINDOW, lambda *_: None, groups=groups)


def share(hits: int, of: int) -> str:
    low, high = clopper_pearson(hits, of)
    return f"{hits}/{of} [{low:.2f}, {high:.2f}]"


def mean(values: Array) -> str:
    half = 1.96 * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return f"{values.mean():.3f} +- {half:.3f}"


def by_buckets(made: Simulated) -> bool:
    """Whether hypergeometric counts of common (object, 60 s bucket) cells reject any pair, Benjamini-Hochberg over all pairs."""
    bucket = np.floor(made.at / WINDOW).astype(np.int64)
    _, cell = np.unique(made.obj.astype(np.int64) * (bucket.max() + 1) + bucket, return_inverse=True)
    has = sparse.csr_matrix((np.ones(len(cell)), (made.account, cell)), shape=(len(made.ring), int(cell.max()) + 1))
    has.data[:] = 1
    degree = np.asarray(has.sum(axis=1)).ravel()
    both = sparse.triu(has @ has.T, 1).tocoo()
    p = hypergeom.sf(both.data - 1, has.shape[1], degree[both.row], degree[both.col])
    active = int((degree > 0).sum())
    rank = np.arange(1, len(p) + 1)
    return bool((np.sort(p) * active * (active - 1) / 2 / rank < 0.05).any())


def by_even_delays(done: Analysis) -> bool:
    """Whether p = w / J for every pair of shares within J rejects any pair."""
    chance = -np.expm1(done.meetings.count * np.log1p(-1 / 30))
    tails = poisson_binomial(chance, done.pairs.first, done.pairs.met)
    return bool((step_up(tails.at(done.pairs.close)) < 0.05).any())


def null_worlds(platform: Platform, worlds: int, seed: int) -> None:
    found = []
    for k in range(worlds):
        made = simulate(np.random.default_rng([seed, 0, k]), platform)
        done = analysed(made)
        row = [bool((getattr(done.pairs, name) < 0.05).any()) for name in LISTS]
        found.append([*row, by_buckets(made), by_even_delays(done)])
    strict, plain, discrete, buckets, even = (share(int(x), worlds) for x in np.sum(found, axis=0))
    print(f"null worlds with any rejection: strict {strict}, BH over all {plain}, discrete {discrete}")
    print(f"  on the same worlds: buckets {buckets}, even delays {even}", flush=True)


def ring_worlds(platform: Platform, worlds: int, seed: int, m: int) -> None:
    found = []
    for k in range(worlds):
        made = simulate(np.random.default_rng([seed, 1 + m, k]), platform, (Ring(m=m),) * 3)
        done = analysed(made)
        row: list[float] = []
        for name in LISTS:
            true, false = pairs_found(done, made.ring, getattr(done.pairs, name))
            row += [true / 84, false / max(1, true + false)]
        found.append(row)
    told = [mean(np.array(column)) for column in zip(*found, strict=True)]
    print(
        f"m = {m:2d} ({worlds} worlds): "
        + "; ".join(f"{name} power {told[2 * i]} FDP {told[2 * i + 1]}" for i, name in enumerate(LISTS)),
        flush=True,
    )


def pairs_found(done: Analysis, ring: Array, q: Array) -> tuple[int, int]:
    """(true, false) pairs on a list."""
    listed = (q < 0.05) & (done.pairs.close >= 2)
    a, b = ring[done.pairs.a[listed]], ring[done.pairs.b[listed]]
    true = (a >= 0) & (a == b)
    return int(true.sum()), int((~true).sum())


def groups_found(done: Analysis, ring: Array) -> tuple[int, int]:
    """(true, false) groups: true with at least three members of a ring, and mostly its members."""
    inside = [int((ring[g.members] >= 0).sum()) for g in done.groups]
    true = sum(k >= 3 and 2 * k >= len(g.members) for k, g in zip(inside, done.groups, strict=True))
    return true, len(inside) - true


def group_worlds(platform: Platform, worlds: int, seed: int, m: int, spread: float) -> None:
    found = []
    for k in range(worlds):
        made = simulate(
            np.random.default_rng([seed, 100 + m, k]), platform, (Ring(m=m, spread=spread),) if m else ()
        )
        true, false = groups_found(analysed(made, groups=True), made.ring)
        found.append([true > 0, false / max(1, true + false)])
    hits, false = np.sum(np.array(found)[:, 0]), np.array(found)[:, 1]
    print(
        f"groups, m = {m}, within {spread:g} s: found in {share(int(hits), worlds)} worlds, false share {mean(false)}, "
        f"worlds with a false group {share(int((false > 0).sum()), worlds)}",
        flush=True,
    )


def real_sets(folder: Path, draws: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for name, window in (("russian_coord_tweets", 60), ("german_fb_urls", 60), ("german_urls", 30)):
        got = duckdb.execute(
            "with p as (select distinct object_id o, account_id a, timestamp_share t from read_parquet(?) where object_id <> cast(content_id as varchar)) "
            "select dense_rank() over (order by o) - 1 o, dense_rank() over (order by a) - 1 a, t from p",
            [str(folder / f"{name}.parquet")],
        ).fetchnumpy()
        obj, account, at = (np.asarray(got[c], dtype=np.int64) for c in "oat")
        accounts = int(account.max()) + 1

        def done(moved: Array, **how: Any) -> Analysis:
            return analyse(obj, account, moved, accounts, window, lambda *_: None, **how)  # noqa: B023

        own, other = done(at), done(at, null="object")
        pairs = own.pairs
        counts = poisson_binomial(own.chance, pairs.first, pairs.met)
        p = counts.at(pairs.close)
        print(
            f"{name} {window} s: by counts alone BH {(step_up(p) < 0.05).sum()}, discrete {(discrete_step_up([counts], p) < 0.05).sum()}; strict {(pairs.q < 0.05).sum()}, BH over all {(pairs.q_all < 0.05).sum()}, discrete {(pairs.q_discrete < 0.05).sum()}; "
            f"accounts exchanged: BH {(other.pairs.q_all < 0.05).sum()}, discrete {(other.pairs.q_discrete < 0.05).sum()}; "
            f"co-shares {pairs.close.sum()}, {pairs.expected.sum():.1f} expected; groups {len(own.groups)}"
        )
        for width in (600, 1800):
            moved = []
            for _ in range(draws // 2):
                after = done(at + rng.integers(-width, width + 1, len(at)))
                moved.append([*(bool((getattr(after.pairs, q) < 0.05).any()) for q in LISTS), len(after.groups) > 0])
            told = ", ".join(
                f"{q} {share(int(x), draws // 2)}"
                for q, x in zip((*LISTS, "groups"), np.sum(moved, axis=0), strict=True)
            )
            print(f"  moved by up to {width} s, draws with any rejection: {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=60)
    parser.add_argument("--rings", type=int, default=15, help="ring worlds per m")
    parser.add_argument("--m", type=int, nargs="+", default=[3, 4, 5, 8, 15, 30])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bursting", type=float, nargs="+", default=[Platform.bursting])
    parser.add_argument("--spread", type=float, nargs="+", default=[Ring.spread], help="seconds within which rings of group worlds move")
    parser.add_argument(
        "--only", nargs="+", choices=["null", "rings", "groups", "real"], default=["null", "rings", "groups"]
    )
    parser.add_argument("--real", type=Path)
    parser.add_argument("--draws", type=int, default=60)
    asked = parser.parse_args()
    for bursting in asked.bursting if set(asked.only) - {"real"} else []:
        platform = Platform(bursting=bursting)
        print(f"bursting {bursting}, seed {asked.seed}", flush=True)
        if "null" in asked.only:
            null_worlds(platform, asked.worlds, asked.seed)
        for m in asked.m if "rings" in asked.only else []:
            ring_worlds(platform, asked.rings, asked.seed, m)
        for m, spread in ((0, 0.0), *((3, s) for s in asked.spread)) if "groups" in asked.only else ():
            group_worlds(platform, asked.worlds, asked.seed, m, spread)
    if asked.real and "real" in asked.only:
        real_sets(asked.real, asked.draws, asked.seed)


if __name__ == "__main__":
    main()

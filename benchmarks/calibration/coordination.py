"""Calibration of coordination: python benchmarks/calibration/coordination.py [--worlds 60] [--seed 1] [--bursting .25] [--real FOLDER]

Null worlds: share with any rejection. Ring worlds (three rings of eight, participation .7, in step on m of 30 objects): power and
false discovery proportion over pairs. Group worlds (one such ring, m = 3): share of worlds where a group with at least three and
mostly ring members is found, and the false share of the groups. Real sets: every share moved by up to 10 or 30 minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from kayfabe.instruments.coordination_worlds import Platform, Ring, Simulated, simulate
from kayfabe.stats.coshare_analysis import Analysis, analyse

WINDOW = 60


def analysed(made: Simulated) -> Analysis:
    return analyse(made.obj, made.account, np.round(made.at).astype(np.int64), len(made.ring), WINDOW, lambda *_: None)


def pairs_found(done: Analysis, ring: Any, q: Any) -> tuple[int, int]:
    """(true, false) pairs on a list."""
    listed = (q < 0.05) & (done.pairs.close >= 2)
    a, b = ring[done.pairs.a[listed]], ring[done.pairs.b[listed]]
    true = (a >= 0) & (a == b)
    return int(true.sum()), int((~true).sum())


def groups_found(done: Analysis, ring: Any) -> tuple[int, int]:
    """(true, false) groups: true with at least three members of a ring, and mostly its members."""
    inside = [int((ring[g.members] >= 0).sum()) for g in done.groups]
    true = sum(k >= 3 and 2 * k >= len(g.members) for k, g in zip(inside, done.groups, strict=True))
    return true, len(inside) - true


def null_worlds(platform: Platform, worlds: int, seed: int) -> None:
    found = []
    for k in range(worlds):
        done = analysed(simulate(np.random.default_rng([seed, 0, k]), platform))
        found.append([(done.pairs.q < 0.05).any(), (done.pairs.q_discrete < 0.05).any(), len(done.groups) > 0])
    strict, discrete, group = np.sum(found, axis=0)
    print(
        f"null worlds with any rejection, of {worlds}: strict {strict}, discrete {discrete}, groups {group}", flush=True
    )


def ring_worlds(platform: Platform, worlds: int, seed: int, m: int) -> None:
    found = []
    for k in range(worlds):
        made = simulate(np.random.default_rng([seed, 1 + m, k]), platform, (Ring(m=m),) * 3)
        done = analysed(made)
        row: list[float] = []
        for q in (done.pairs.q, done.pairs.q_discrete):
            true, false = pairs_found(done, made.ring, q)
            row += [true / 84, false / max(1, true + false)]
        found.append(row)
    mean = np.mean(found, axis=0)
    print(
        f"m = {m:2d}: strict power {mean[0]:.3f} FDP {mean[1]:.3f}; discrete power {mean[2]:.3f} FDP {mean[3]:.3f}",
        flush=True,
    )


def group_worlds(platform: Platform, worlds: int, seed: int) -> None:
    found = []
    for k in range(worlds):
        made = simulate(np.random.default_rng([seed, 100, k]), platform, (Ring(m=3),))
        true, false = groups_found(analysed(made), made.ring)
        found.append([true > 0, false / max(1, true + false)])
    power, fdr = np.mean(found, axis=0)
    print(f"groups: eight accounts at m = 3 found in {power:.2f} of {worlds} worlds, FDR {fdr:.3f}", flush=True)


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
        done = analyse(obj, account, at, accounts, window, lambda *_: None)
        pairs = done.pairs
        print(
            f"{name} {window} s: strict {(pairs.q < 0.05).sum()}, discrete {(pairs.q_discrete < 0.05).sum()}, within-object (given J) {(pairs.q_other < 0.05).sum()}, "
            f"co-shares {pairs.close.sum()} of {pairs.expected.sum():.1f} expected, groups {len(done.groups)}"
        )
        moved = []
        for draw in range(draws):
            width = (600, 1800)[draw % 2]
            shifted = analyse(
                obj, account, at + rng.integers(-width, width + 1, len(at)), accounts, window, lambda *_: None
            )
            moved.append(
                [(shifted.pairs.q < 0.05).any(), (shifted.pairs.q_discrete < 0.05).any(), len(shifted.groups) > 0]
            )
        print(
            f"  jittered, any rejection in {draws}: strict, discrete, groups {np.sum(moved, axis=0).tolist()}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bursting", type=float, default=Platform.bursting)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--draws", type=int, default=60)
    asked = parser.parse_args()
    if asked.real:
        real_sets(asked.real, asked.draws, asked.seed)
        return
    platform = Platform(bursting=asked.bursting)
    null_worlds(platform, asked.worlds, asked.seed)
    for m in (3, 4, 5, 8, 15, 30):
        ring_worlds(platform, max(1, asked.worlds // 4), asked.seed, m)
    group_worlds(platform, asked.worlds, asked.seed)


if __name__ == "__main__":
    main()

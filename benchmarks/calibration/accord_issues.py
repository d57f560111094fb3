"""How W, the words side of accord, behaves on simulated statements: python benchmarks/calibration/accord_issues.py [WORLDS] > table.md"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.accord import INSTRUMENT
from kayfabe.stats.intervals import clopper_pearson

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Nature:
    """`copies`: share of issues on which b takes a's side; `memory`: lag-one correlation of an actor's stances on an issue;
    `shock`: chance that a stance within 60 days of a shock goes to its side; `camps`: how far two camps explain the sides."""

    copies: float = 0.0
    actors: int = 20
    issues: int = 10
    statements: float = 6.0
    uneven: float = 0.7
    error: float = 0.15
    memory: float = 0.0
    shock: float = 0.0
    missing: float = 0.0
    camps: float = 0.5


WORLDS: list[tuple[str, Nature]] = [
    ("null: uneven activity, error .10", Nature(error=0.10)),
    ("null: uneven activity, error .20", Nature(error=0.20)),
    ("null: 2 statements each", Nature(statements=2.0)),
    ("null: stances with memory (.7)", Nature(memory=0.7)),
    ("null: shocks that move everybody, seasons, 30 % of weeks missing", Nature(shock=0.5, missing=0.3)),
    ("null: two camps explain nearly all", Nature(camps=0.95)),
    ("null: 4 issues", Nature(issues=4)),
    ("power: a third of the issues shared", Nature(copies=0.33)),
    ("power: two thirds", Nature(copies=0.67)),
    ("power: all", Nature(copies=1.0)),
]


def world(rng: np.random.Generator, nature: Nature) -> tuple[dict[str, Any], float]:
    """(statements, the true W of a and b: with everybody's leanings known and statements without number)."""
    n, k = nature.actors, nature.issues
    camp = rng.choice([-1.0, 1.0], n)
    side = np.where(
        rng.random((n, k)) < nature.camps, camp[:, None] * rng.choice([-1.0, 1.0], k), rng.choice([-1.0, 1.0], (n, k))
    )
    taken = rng.permutation(k) < round(nature.copies * k)
    side[1, taken] = side[0, taken]
    firm = rng.uniform(0.7, 1.0, (n, k))
    rate = nature.statements * np.exp(nature.uneven * rng.normal(size=n) - nature.uneven**2 / 2)
    open_week = rng.random(157) >= nature.missing
    rows: list[tuple[str, int, str, float]] = []
    start, to = rng.integers(0, 1000, k), rng.choice([-1.0, 1.0], k)
    for a in range(n):
        for j in range(k):
            day = np.sort(rng.integers(0, 1095, max(1, rng.poisson(rate[a]))))
            day = day[open_week[day // 7] & (rng.random(len(day)) < 0.7 + 0.3 * np.cos(2 * np.pi * day / 365))]
            own = side[a, j] * np.where(rng.random(len(day)) < firm[a, j], 1.0, -1.0)
            renew = rng.random(len(day)) >= nature.memory
            renew[:1] = True
            own = own[np.maximum.accumulate(np.where(renew, np.arange(len(day)), 0))] if len(day) else own
            shaken = (np.abs(day - start[j]) < 60) & (rng.random(len(day)) < nature.shock)
            own = np.where(shaken, to[j], own) * np.where(rng.random(len(day)) < nature.error, -1.0, 1.0)
            rows += [(f"a{a}", int(d), f"i{j}", s) for d, s in zip(day, own, strict=True)]
    mean = side * (2 * firm - 1) * (1 - 2 * nature.error)
    apart = (1 - mean[:, None] * mean[None, :]) / 2
    upper = np.triu_indices(n, 1)
    truth = 1 - apart[0, 1].sum() / apart[upper[0], upper[1]].mean(axis=0).sum()
    who, when, what, stance = zip(*rows, strict=True)
    table = {
        "statement": [f"s{r}" for r in range(len(rows))], "at": (np.datetime64("2018-01-01") + np.array(when)).astype("datetime64[us]"),
        "actor": list(who), "issue": list(what), "stance": np.array(stance),
    }  # fmt: skip
    return table, float(truth)


def row(name: str, nature: Nature, number: int) -> str:
    rng = np.random.default_rng([2026, sum(name.encode())])
    high = low = covered = known = above = 0
    values = []
    for _ in range(number):
        table, truth = world(rng, nature)
        evidence = Evidence.from_tables({"statements": table})
        found = judge([run(INSTRUMENT, {"actors": ["a0", "a1"]}, evidence)])[0].details.get("words_by_issue")
        evidence.close()
        if found is None or found["W_percentile"] is None:
            continue
        known += 1
        high += found["W_percentile"] > 0.95
        low += found["W_percentile"] < 0.05
        values.append(found["W"] - truth)
        covered += found["W_interval"][0] <= truth <= found["W_interval"][1]
        above += found["W_interval"][0] > 0
    interval = clopper_pearson(high, known)
    return (
        f"| {name} | {high / known:.3f} [{interval[0]:.3f}, {interval[1]:.3f}] | {low / known:.3f} | {above / known:.3f} "
        f"| {covered / known:.2f} | {np.mean(values):+.3f} | {known} |"
    )


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    print(
        "| world | above 95 % of the other pairs [95 %] | below 5 % | interval above 0 | coverage | bias of W | worlds |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, nature in WORLDS:
        print(row(name, nature, number), flush=True)


if __name__ == "__main__":
    main()

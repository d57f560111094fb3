"""Size, power and coverage of influence on simulated worlds: python benchmarks/calibration/influence.py [WORLDS [REGEX]] > influence.md"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.declaration import World
from kayfabe.instruments.influence import INSTRUMENT
from kayfabe.instruments.influence_worlds import Nature, acts, positions
from kayfabe.models import Finding, Verdict
from kayfabe.stats.intervals import clopper_pearson

Make = Callable[[np.random.Generator, Nature], World]
WORLDS: list[tuple[str, Make, Nature]] = [
    ("acts, null: seasons, uneven activity", acts, Nature()),
    ("acts, null: 12 shocks that move everybody", acts, Nature(shocks=12)),
    ("acts, null: 12 shocks, one reacts a day faster", acts, Nature(shocks=12, fast=True)),
    ("acts, null: very uneven, 30 % of weeks missing", acts, Nature(uneven=1.2, missing=0.3)),
    ("acts, null: 20 actors, 12 shocks", acts, Nature(actors=20, shocks=12)),
    ("acts, null: bursts of each actor's own (.5), 12 shocks", acts, Nature(bursts=0.5, shocks=12, busy=90)),
    ("acts, null, not protected: 40 shocks, one reacts a day faster", acts, Nature(shocks=40, fast=True)),
    ("acts, margin: .05, 12 shocks", acts, Nature(effect=0.05, shocks=12)),
    ("acts, power: .15", acts, Nature(effect=0.15, shocks=6)),
    ("acts, power: .40", acts, Nature(effect=0.40, shocks=6)),
    ("acts, power: .80", acts, Nature(effect=0.80, shocks=6)),
    ("acts, power: .40, half of the rows", acts, Nature(effect=0.40, thin=0.5)),
    ("acts, power: .40, 20 actors", acts, Nature(effect=0.40, actors=20)),
    ("positions, null", positions, Nature(issues=12)),
    ("positions, null: shocks, error .20", positions, Nature(issues=12, shocks=6, error=0.20)),
    (
        "positions, null: shocks, one turns faster, weeks missing",
        positions,
        Nature(issues=8, shocks=6, fast=True, missing=0.2),
    ),
    ("positions, margin (adoption .40, 8 issues)", positions, Nature(effect=0.40)),
    ("positions, power: adoption .40, 12 issues", positions, Nature(effect=0.40, issues=12)),
    ("positions, power: adoption .65, 12 issues", positions, Nature(effect=0.65, issues=12, turns=5)),
    ("positions, power: adoption .95, 12 issues", positions, Nature(effect=0.95, issues=12, turns=5)),
    ("positions, power: adoption .95, 60 % of rows", positions, Nature(effect=0.95, issues=12, turns=5, thin=0.6)),
]


def found_in(evidence: Evidence, world: World, actors: list[str]) -> Finding:
    return judge([run(INSTRUMENT, {**world.options, "actors": actors}, evidence)])[0]


def row(name: str, make: Make, nature: Nature, number: int) -> str:
    """One line of the table; all ordered pairs of four actors are asked about to count false items."""
    rng = np.random.default_rng([2026, sum(name.encode())])
    verdicts: list[Verdict] = []
    effects: list[float] = []
    true = false = covered = 0
    for _ in range(number):
        world = make(rng, nature)
        evidence = Evidence.from_tables(world.tables)
        two, all_four = found_in(evidence, world, ["a0", "a1"]), found_in(evidence, world, ["a0", "a1", "a2", "a3"])
        evidence.close()
        verdicts.append(two.verdict)
        pair = [p for p in two.details["pairs"] if p["leader"] == "a0"]
        effects += [p["estimate"] for p in pair]
        covered += sum(p["interval"][0] <= nature.effect * nature.thin <= p["interval"][1] for p in pair)
        four = [i.key for i in all_four.items if i.q_value is not None and i.q_value < 0.05]
        planted = {"leader": "a0", "follower": "a1"}
        true += nature.effect > 0 and planted in four
        false += any(k != planted or not nature.effect for k in four)
    share = [verdicts.count(v) for v in (Verdict.SUPPORTED, Verdict.CONTRADICTED)]
    low, high = clopper_pearson(share[0], number)
    coverage = f"{covered / len(effects):.2f}" if make is acts else "-"
    return (
        f"| {name} | {share[0] / number:.3f} [{low:.3f}, {high:.3f}] | {share[1] / number:.2f} | {true / number:.2f} | {false / number:.3f} "
        f"| {np.mean(effects):.3f} | {coverage} |"
    )


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"# influence: {number} worlds a row\n")
    print(
        "Three years, five actors, about 150 acts each, or 66 statements per actor and issue, unless the row says otherwise."
    )
    print("Supported and contradicted: the two actors alone. Pair, any false: among all twelve pairs of four actors.\n")
    print("Acts may be untested (fewer than four actors of 30 acts); the rest of each row is inconclusive.\n")
    print("| world | supported [95 %] | contradicted | pair | any false | mean effect | coverage |")
    print("|---|---|---|---|---|---|---|")
    for name, make, nature in [w for w in WORLDS if len(sys.argv) < 3 or re.search(sys.argv[2], w[0])]:
        print(row(name, make, nature, number), flush=True)


if __name__ == "__main__":
    main()

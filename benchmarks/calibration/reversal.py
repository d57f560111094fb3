"""Size, power and coverage of reversal on simulated worlds: python benchmarks/calibration/reversal.py [WORLDS [REGEX]] > reversal.md"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.reversal import INSTRUMENT
from kayfabe.instruments.reversal_worlds import Nature, statements
from kayfabe.models import Verdict
from kayfabe.stats.intervals import clopper_pearson

WORLDS: list[tuple[str, Nature, Mapping[str, Any]]] = [
    ("null: constant, error .10", Nature(error=0.10), {}),
    ("null: constant, error .15", Nature(), {}),
    ("null: constant, error .20", Nature(error=0.20), {}),
    ("null: constant, 15 units", Nature(units=15), {}),
    ("null: errors shared by documents", Nature(documents=0.10), {}),
    ("null: stances with memory (mood .25, fading over 45 days)", Nature(tone=0.25), {}),
    ("null: stances with memory (mood .4)", Nature(tone=0.40), {}),
    ("null: lukewarm, shock to all, 30 % of weeks missing", Nature(lukewarm=0.3, shock=0.2, missing=0.3), {}),
    ("null: shock that turns 40 % of everybody's stances for 60 days", Nature(shock=0.4), {}),
    ("null: coded twice as badly as the others, 80 units", Nature(error=0.12, worse=2.0, units=80), {}),
    ("null, not protected: errors in phases (lag one .7), one coder", Nature(phases=0.7), {}),
    ("margin: one lasting change", Nature(changes=1), {}),
    ("margin: one change, shock, documents, mood .25, 100 units", Nature(changes=1, units=100, shock=0.2, documents=0.1, tone=0.25), {}),
    ("margin: slow drift through zero", Nature(drift=True), {}),
    ("power: 2 changes, 80 units", Nature(changes=2, units=80, apart=12), {}),
    ("power: 3 changes, 80 units", Nature(changes=3, units=80, apart=12), {}),
    ("power: 4 changes, 80 units", Nature(changes=4, units=80, apart=10), {}),
    ("power: 3 changes, 40 units", Nature(changes=3, units=40, apart=6), {}),
    ("power: turns 30 % of times, 40 units, error given", Nature(flips=0.3, units=40), {"issue": "issue 0", "error": 0.15}),
    ("power: turns 60 % of times, 40 units, error given", Nature(flips=0.6, units=40), {"issue": "issue 0", "error": 0.15}),
    ("power: turns every time, 40 units, error given", Nature(flips=1.0, units=40), {"issue": "issue 0", "error": 0.15}),
    ("power: turns every time, 40 units, error not known", Nature(flips=1.0, units=40), {"issue": "issue 0"}),
    ("power: turns every time, 12 units, error given", Nature(flips=1.0, units=12), {"issue": "issue 0", "error": 0.15}),
    ("turn, null: constant", Nature(settled=True), {"pattern": "turn"}),
    ("turn, null: coded twice as badly", Nature(settled=True, error=0.12, worse=2.0), {"pattern": "turn"}),
    ("turn, null: mood .25, shock, documents, weeks missing", Nature(settled=True, tone=0.25, shock=0.2, documents=0.1, missing=0.3), {"pattern": "turn"}),
    ("turn, null: errors in phases (lag one .7), one coder", Nature(settled=True, phases=0.7), {"pattern": "turn"}),
    ("turn, power: one change, 12 units", Nature(settled=True, changes=1, units=12, apart=4), {"pattern": "turn"}),
    ("turn, power: one change, 16 units", Nature(settled=True, changes=1, units=16, apart=5), {"pattern": "turn"}),
    ("turn, power: one change, 40 units", Nature(settled=True, changes=1, units=40, apart=8), {"pattern": "turn"}),
    ("turn asked of 4 changes, 80 units", Nature(changes=4, units=80, apart=10), {"pattern": "turn"}),
]  # fmt: skip


def row(name: str, nature: Nature, options: Mapping[str, Any], number: int) -> str:
    """One line of the table: rates over `number` worlds, the count interval's coverage on the named issue."""
    rng = np.random.default_rng([2026, sum(name.encode())])
    verdicts, order, rate, covered, known = [], 0, 0, 0, 0
    for _ in range(number):
        world = statements(rng, nature)
        evidence = Evidence.from_tables(world.tables)
        found = judge([run(INSTRUMENT, {**world.options, **options}, evidence)])[0]
        evidence.close()
        verdicts.append(found.verdict)
        details = found.details
        order += details["p_turn" if options.get("pattern") == "turn" else "p_order"] < 0.05
        rate += details["p_rate"] < 0.025
        own = [s for s in details["series"] if s["issue"] == "issue 0"]
        if own and not nature.flips and not nature.drift:
            known += 1
            covered += own[0]["changes"][0] <= nature.changes <= own[0]["changes"][1]
    shares = [verdicts.count(v) for v in (Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.INCONCLUSIVE)]
    low, high = clopper_pearson(shares[0], number)
    coverage = f"{covered / known:.2f}" if known else "-"
    return (
        f"| {name} | {shares[0] / number:.3f} [{low:.3f}, {high:.3f}] | {shares[1] / number:.2f} | {shares[2] / number:.2f} "
        f"| {order / number:.3f} | {rate / number:.3f} | {coverage} |"
    )


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"# reversal: {number} worlds a row\n")
    print(
        "Error .15, three issues, seven other actors with uneven and seasonal activity unless the row says otherwise."
    )
    print("Coverage: how often the 95 % interval of the number of true changes on the planted issue holds the truth.\n")
    print("| world | supported [95 %] | contradicted | inconclusive | order p < .05 | rate p < .025 | coverage of K |")
    print("|---|---|---|---|---|---|---|")
    for name, nature, options in [w for w in WORLDS if len(sys.argv) < 3 or re.search(sys.argv[2], w[0])]:
        print(row(name, nature, options, number), flush=True)


if __name__ == "__main__":
    main()

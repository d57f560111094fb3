"""Calibration of trend on simulated series with a known truth.

    python benchmarks/calibration/trend.py [--worlds 200] [--seed 2026] [--like PATTERN]

Prints how often a world is supported (with the exact 95 % interval of that rate), contradicted and untested, how often p for "no
change" is below .05, how often the interval holds the true change and the date is found within 5 % of the span.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import World, judge, run
from kayfabe.instruments.declaration import Instrument
from kayfabe.instruments.trend import INSTRUMENT
from kayfabe.instruments.trend_worlds import NASTY, series, world
from kayfabe.models import Finding, Verdict
from kayfabe.stats.intervals import clopper_pearson

Column = Callable[[list[Finding]], str]


@dataclass(frozen=True)
class Case:
    """One kind of world; `effect`: "none" where supported is an error, "hard" where the method is suspected to fail."""

    label: str
    make: Callable[[np.random.Generator], World]
    effect: str = "none"


def rate(hits: int, n: int) -> str:
    """A share with its exact 95 % interval."""
    low, high = clopper_pearson(hits, n)
    return f"{hits / n:.3f} [{low:.3f}, {high:.3f}]"


def table(instrument: Instrument, cases: Sequence[Case], worlds: int, seed: int, more: dict[str, Column]) -> None:
    """Print one row per case."""
    print(f"\n{worlds} worlds each, seed {seed}\n")
    print("| world | supported [95 %] | contradicted | untested | " + " | ".join(more) + " | s |")
    print("|---" * (5 + len(more)) + "|")
    for case in cases:
        found = []
        start = time.perf_counter()
        for k in range(worlds):
            made = case.make(np.random.default_rng([seed, k]))
            evidence = Evidence.from_tables(made.tables)
            found.append(judge([run(instrument, made.options, evidence)])[0])
            evidence.close()
        seconds = (time.perf_counter() - start) / worlds
        count = {v: sum(f.verdict == v for f in found) for v in Verdict}
        high = count[Verdict.SUPPORTED] / worlds > 0.05 + 2 * np.sqrt(0.05 * 0.95 / worlds)
        cells = [
            case.label,
            rate(count[Verdict.SUPPORTED], worlds) + (" (!)" if high and case.effect == "none" else ""),
            f"{count[Verdict.CONTRADICTED] / worlds:.3f}",
            f"{count[Verdict.UNTESTED] / worlds:.3f}",
            *(column(found) for column in more.values()),
            f"{seconds:.2f}",
        ]
        print("| " + " | ".join(cells) + " |", flush=True)


def arguments(doc: str | None) -> argparse.Namespace:
    """--worlds, --seed, --like."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--like", default="", help="only kinds of world whose label matches this pattern")
    return parser.parse_args()


def _no_change(found: list[Finding]) -> str:
    p = [f.details["p_no_change"] for f in found if "p_no_change" in f.details]
    return f"{np.mean(np.array(p) < 0.05):.3f}" if p else "-"


def _named(found: list[Finding]) -> str:
    """Of the supported, the share that names a change of level."""
    kinds = [f.details["kind"] == "level" for f in found if f.verdict == Verdict.SUPPORTED]
    return f"{np.mean(kinds):.2f}" if kinds else "-"


def _size(found: list[Finding]) -> str:
    sizes = [f.estimate for f in found if f.estimate is not None]
    return f"{np.median(sizes):.2f}" if sizes else "-"


def cases() -> Iterator[Case]:
    """Nulls of every nasty kind, margin, three sizes of step and of slope, short series, several series."""
    yield Case("null, contract worlds (all kinds, phi .3-.9)", partial(world, "null"))
    for nasty in NASTY:
        yield Case(f"null, {nasty}, phi .45, dated", partial(series, size=0, nasty=nasty))
    yield Case("null, uneven volumes: values rest on few or many reports, phi .45, dated", partial(series, size=0, nasty="uneven"))
    yield Case("null, a fifth of the values missing in stretches, phi .45, dated", partial(series, size=0, nasty="gaps"))
    for drift in ("level", "memory", "cycle"):
        for dated in (True, False):
            yield Case(f"null, attack: {drift}, {'dated' if dated else 'no date'}", partial(series, size=0, drift=drift, dated=dated), "hard")
    yield Case("null, attack: level, 300 values, no date", partial(series, size=0, drift="level", dated=False, n=300), "hard")
    yield Case("null, attack: level, 70 values, dated", partial(series, size=0, drift="level", n=70), "hard")
    yield Case("null, a turn of slope far from the date, phi .45", partial(series, size=0, nasty="far turn"), "hard")
    yield Case("null, line, phi .45, no date", partial(series, size=0, nasty="line", dated=False))
    yield Case("null, burst, phi .45, no date", partial(series, size=0, nasty="burst", dated=False))
    for phi in (0.3, 0.5, 0.7, 0.9):
        yield Case(f"null, season, phi {phi}, no date", partial(series, size=0, nasty="season", phi=phi, dated=False))
    yield Case("null, heavy tails (t3), phi .45", partial(series, size=0, heavy=True))
    yield Case("null, heavy tails (t3), phi .45, no date", partial(series, size=0, heavy=True, dated=False))
    yield Case("null, 70 values, phi .45", partial(series, size=0, n=70))
    yield Case("null, 4 series with shared shocks, phi .5", partial(series, size=0, copies=4, phi=0.5))
    yield Case("margin: .25 sd, contract worlds", partial(world, "margin"))
    yield Case("margin: .25 sd, phi .45, dated", partial(series, size=0.25))
    for size in (0.8, 1.6, 3.2):
        yield Case(f"step {size} sd, phi .45, dated", partial(series, size=size), "some")
    for size in (0.8, 1.6, 3.2):
        yield Case(f"step {size} sd, phi .45, no date", partial(series, size=size, dated=False), "some")
    for size in (1.6, 3.2):
        yield Case(f"step {size} sd on a line, phi .45, dated", partial(series, size=size, nasty="line"), "some")
    yield Case("step 3.2 sd, phi .8, dated", partial(series, size=3.2, phi=0.8), "some")
    yield Case("step 3.2 sd, 70 values, dated", partial(series, size=3.2, n=70), "some")
    yield Case("step 3.2 sd in one of 4 series, phi .5", partial(series, size=3.2, copies=4, phi=0.5), "some")
    for size in (0.8, 1.6, 3.2):
        yield Case(f"slope {size} sd a quarter, phi .45, dated", partial(series, size=size, slope=True), "some")


def main() -> None:
    """Print the table."""
    given = arguments(__doc__)
    chosen = [c for c in cases() if re.search(given.like, c.label)]
    table(
        INSTRUMENT,
        chosen,
        given.worlds,
        given.seed,
        {"p < .05 (no change)": _no_change, "named level": _named, "estimate": _size},
    )


if __name__ == "__main__":
    main()

"""Calibration of the instruments on simulated worlds with a known truth.

    python benchmarks/calibration/run.py [--worlds 400] [--only GROUP ...] [--seed 2026]

Prints one table per group: how often a world is supported (with the exact 95 % interval of that rate), contradicted or left
open; how often the interval holds the true effect; medians of the true effect and the estimate; seconds per world.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import usual
from worlds import Nature, Planted, parliament
from worlds_events import dyads, record

from kayfabe.evidence import Evidence
from kayfabe.instruments import instruments, judge, run
from kayfabe.models import Finding, Verdict
from kayfabe.stats.intervals import clopper_pearson

Maker = Callable[[np.random.Generator], Planted]


@dataclass(frozen=True)
class Case:
    """One kind of world. `effect`: none (supported is an error), margin (supported is an error), some (supported is right),
    hard (no effect, but the method is known or suspected to fail)."""

    label: str
    make: Maker
    effect: str = "none"


@dataclass
class Group:
    """Cases of one instrument; `compare`: also judge by what is usually done."""

    instrument: str
    cases: list[Case]
    compare: bool = False
    tally: dict[str, list[str]] = field(default_factory=dict)


def _nature(**given: object) -> Nature:
    return Nature(**given)  # type: ignore[arg-type]


def staged() -> Iterator[Case]:
    for pick in ("any", "words apart", "foes", "friends", "issues apart"):
        yield Case(f"null, picked: {pick}", partial(parliament, pick=pick))
    kinds = {
        "absences 40 %": {"absent": 0.4},
        "2 % of votes miscoded": {"miscoded": 0.02},
        "heavy-tailed numbers of statements": {"heavy": True},
        "one actor with 600 statements": {"floods": 1},
        "personal rhetoric (factor e^.5)": {"style": 0.5},
        "consensus on 70 % of motions": {"consensus": 0.7},
        "15 motions": {"motions": 15},
        "40 motions": {"motions": 40},
        "20 actors": {"actors": 20},
        "60 actors": {"actors": 60},
        "a new quarrel for everybody on 20 % of motions": {"shock": 0.2},
        "two poles and a third bloc": {"polar": True},
        "one bloc changes sides": {"realigned": True},
    }
    for label, nature in kinds.items():
        yield Case(f"null, words apart, {label}", partial(parliament, pick="words apart", nature=_nature(**nature)))
    yield Case(
        "null, all blocs disciplined (.8), any pair", partial(parliament, nature=_nature(discipline=0.8)), "hard"
    )
    yield Case(
        "null, pair inside a disciplined bloc (.8), words apart",
        partial(parliament, pick="bloc", nature=_nature(discipline=0.8)),
        "hard",
    )
    yield Case(
        "null, honest reconciliation half way, 4 of 5 statements before it",
        partial(parliament, pick="words apart", nature=_nature(reconciled=True)),
        "hard",
    )
    yield Case(
        "null, B stands where A stands towards everybody, whatever it says",
        partial(parliament, pick="words apart", nature=_nature(hypocrite=True)),
        "hard",
    )
    for pick in ("any", "friends"):
        mute = _nature(mute=True)
        yield Case(f"null, words are noise, picked: {pick}", partial(parliament, pick=pick, nature=mute))
    yield Case(
        "words are noise, copying .92 (no quarrel in words)",
        partial(parliament, copying=0.92, nature=_nature(mute=True)),
        "hard",
    )
    yield Case("margin: copying .2", partial(parliament, pick="words apart", copying=0.2), "margin")
    yield Case("margin: copying .2, any pair", partial(parliament, copying=0.2), "margin")
    for copying in (0.4, 0.65, 0.92):
        yield Case(f"copying {copying}", partial(parliament, pick="words apart", copying=copying), "some")
    yield Case(
        "copying .92, 40 motions",
        partial(parliament, pick="words apart", copying=0.92, nature=_nature(motions=40)),
        "some",
    )


def aligned() -> Iterator[Case]:
    make = partial(parliament, claim="aligned")
    for pick in ("any", "foes", "words apart", "centrists"):
        yield Case(f"null, picked: {pick}", partial(make, pick=pick))
    yield Case("null, any pair, 15 motions", partial(make, nature=_nature(motions=15)))
    yield Case("null, any pair, consensus on 70 % of motions", partial(make, nature=_nature(consensus=0.7)))
    yield Case("null, any pair, two poles", partial(make, nature=_nature(polar=True, blocs=2)))
    yield Case("margin: copying .2, words apart", partial(make, pick="words apart", copying=0.2), "margin")
    yield Case("friends (they do agree)", partial(make, pick="friends"), "some")
    for copying in (0.4, 0.65, 0.92):
        yield Case(f"copying {copying}, words apart", partial(make, pick="words apart", copying=copying), "some")


def blocs() -> Iterator[Case]:
    for pick in ("any", "words apart"):
        yield Case(f"null, two blocs of 5, {pick}", partial(parliament, sizes=(5, 5), pick=pick))
    disciplined = _nature(discipline=0.8)
    yield Case(
        "null, two blocs of 5, words apart, discipline .8",
        partial(parliament, sizes=(5, 5), pick="words apart", nature=disciplined),
        "hard",
    )
    yield Case("null, bloc of 5 and one actor, words apart", partial(parliament, sizes=(5, 1), pick="words apart"))
    yield Case(
        "margin: copying .2, two blocs of 5",
        partial(parliament, sizes=(5, 5), pick="words apart", copying=0.2),
        "margin",
    )
    for copying in (0.65, 0.92):
        yield Case(
            f"copying {copying}, two blocs of 5",
            partial(parliament, sizes=(5, 5), pick="words apart", copying=copying),
            "some",
        )
    make = partial(parliament, sizes=(5, 5), claim="aligned")
    yield Case("aligned, null, any two blocs of 5", make)
    yield Case("aligned, null, words apart", partial(make, pick="words apart"))
    yield Case("aligned, copying .92", partial(make, pick="words apart", copying=0.92), "some")


def events() -> Iterator[Case]:
    for pick in ("any", "cold", "warm"):
        yield Case(f"null, picked: {pick}", partial(dyads, pick=pick), "hard" if pick == "warm" else "none")
    for pick in ("any", "cold"):
        yield Case(f"null, {pick}, scores with memory (.9 a day)", partial(dyads, pick=pick, memory=0.9))
    yield Case("null, cold, 10 % miscoded", partial(dyads, pick="cold", miscoded=0.1))
    yield Case("null, cold, 17 dyads", partial(dyads, pick="cold", count=17))
    yield Case("margin: .25 sd warmer, cold", partial(dyads, pick="cold", warm=0.25), "margin")
    for warm in (1, 2, 3):
        yield Case(f"{warm} sd warmer, any", partial(dyads, warm=warm), "some")
        yield Case(f"{warm} sd warmer, cold", partial(dyads, pick="cold", warm=warm), "some")
    yield Case("aligned, null, any", partial(dyads, claim="aligned"))
    yield Case("aligned, null, scores with memory (.9 a day)", partial(dyads, claim="aligned", memory=0.9))
    yield Case("aligned, 2 sd warmer", partial(dyads, claim="aligned", warm=2), "some")


def universal() -> Iterator[Case]:
    yield Case("broken half the time", partial(record, rate=0.5))
    yield Case("margin: broken on 5 % of days", partial(record, rate=0.05), "margin")
    yield Case("margin: 5 %, nothing miscoded", partial(record, rate=0.05, error=0.0), "margin")
    yield Case(
        "margin: 5 %, 1 to 6 rows a day, nothing miscoded", partial(record, rate=0.05, error=0.0, rows=(1, 6)), "margin"
    )
    yield Case("never broken, nothing miscoded, 160 days", partial(record, rate=0, error=0.0, days=(160, 161)), "some")
    yield Case("never broken, 5 % miscoded (contradicted is an error)", partial(record, rate=0), "some")
    yield Case("never broken, 5 % miscoded, 1 to 6 rows a day", partial(record, rate=0, rows=(1, 6)), "some")
    yield Case(
        "never broken, 5 % miscoded, 1 to 6 copies of one story a day",
        partial(record, rate=0, rows=(1, 6), copies=True),
        "some",
    )
    yield Case(
        "never broken, 5 % miscoded, stories told again next day (.3)", partial(record, rate=0, echo=0.3), "some"
    )
    yield Case("never broken, 8 % miscoded (more than assumed)", partial(record, rate=0, error=0.08), "some")
    for rate in (0.1, 0.2, 0.4):
        yield Case(f"broken on {100 * rate:.0f} % of days, 5 % miscoded", partial(record, rate=rate))


GROUPS: dict[str, Group] = {
    "accord-votes-staged": Group("accord", list(staged()), compare=True),
    "accord-votes-aligned": Group("accord", list(aligned())),
    "accord-blocs": Group("accord", list(blocs())),
    "accord-events": Group("accord", list(events())),
    "universal": Group("universal", list(universal())),
}


def finding(name: str, planted: Planted) -> Finding:
    """The finding on one world."""
    evidence = Evidence.from_tables(planted.world.tables)
    try:
        return judge([run(instruments()[name], planted.world.options, evidence, actors=planted.actors)])[0]
    finally:
        evidence.close()


def row(group: Group, case: Case, worlds: int, seed: int) -> list[str]:
    """The table row of one kind of world."""
    found: list[tuple[Finding, float | None]] = []
    seconds = 0.0
    usuals = dict.fromkeys(usual.NAMES, 0)
    for k in range(worlds):
        planted = case.make(np.random.default_rng([seed, k]))
        start = time.perf_counter()
        found.append((finding(group.instrument, planted), planted.truth))
        seconds += time.perf_counter() - start
        if group.compare:
            for name, staged_ in usual.judged(planted.world).items():
                usuals[name] += staged_
    count = {v: sum(f.verdict == v for f, _ in found) for v in Verdict}
    low, high = clopper_pearson(count[Verdict.SUPPORTED], worlds)
    known = [(f, t) for f, t in found if t is not None and f.interval is not None and None not in f.interval]
    inside = sum(f.interval[0] <= t <= f.interval[1] for f, t in known)  # type: ignore[index, operator]
    estimates = [f.estimate for f, _ in found if f.estimate is not None]
    cells = [
        case.label,
        f"{count[Verdict.SUPPORTED] / worlds:.3f} [{low:.3f}, {high:.3f}]"
        + _flag(case, count[Verdict.SUPPORTED], worlds),
        f"{count[Verdict.CONTRADICTED] / worlds:.3f}",
        f"{count[Verdict.UNTESTED] / worlds:.3f}",
        f"{inside / len(known):.3f}" if known else "-",
        f"{np.median([t for _, t in known]):.2f}" if known else "-",
        f"{np.median(estimates):.2f}" if estimates else "-",
        f"{seconds / worlds:.2f}",
    ]
    group.tally[case.label] = [f"{usuals[name] / worlds:.3f}" for name in usual.NAMES]
    return cells


def _flag(case: Case, supported: int, worlds: int) -> str:
    too_many = supported / worlds > 0.05 + 2 * np.sqrt(0.05 * 0.95 / worlds)
    return " (!)" if too_many and case.effect != "some" else ""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--only", nargs="+", choices=list(GROUPS), default=list(GROUPS))
    parser.add_argument("--like", default="", help="only kinds of world whose label holds this")
    given = parser.parse_args()
    for name in given.only:
        group = GROUPS[name]
        print(f"\n### {name} ({given.worlds} worlds each, seed {given.seed})\n")
        print("| world | supported [95 %] | contradicted | untested | coverage | true effect | estimate | s |")
        print("|---|---|---|---|---|---|---|---|")
        for case in group.cases:
            if given.like in case.label:
                print("| " + " | ".join(row(group, case, given.worlds, given.seed)) + " |", flush=True)
        if group.compare:
            print("\nCalled staged by what is usually done, on the same worlds:\n")
            print("| world | " + " | ".join(usual.NAMES) + " |")
            print("|---" * (1 + len(usual.NAMES)) + "|")
            for label, cells in group.tally.items():
                print(f"| {label} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()

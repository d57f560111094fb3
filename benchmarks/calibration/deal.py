"""Calibration of deal: how often a world is supported or contradicted, at no effect, at the margin and at three effect sizes.

    python benchmarks/calibration/deal.py [--worlds 100] [--seed 2026] [--like PATTERN]

Null and margin: supported is an error. Some: two provisions that all three actors favour at the share named; contradicted is
an error. An occasion is a day with a statement or vote; two in three lie within the last 130 days, half-life 365.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import World, judge, run
from kayfabe.instruments.deal import INSTRUMENT
from kayfabe.instruments.deal_worlds import MARGIN, PROVISIONS, Table, at_margin, blocked, refusals, talks
from kayfabe.models import Finding, Verdict
from kayfabe.stats.intervals import clopper_pearson

Maker = Callable[[np.random.Generator], tuple[World, float]]


def null(rng: np.random.Generator, shares: tuple[float, ...] = (0.02, 0.2, 0.5), **nature: Any) -> tuple[World, float]:
    share = blocked(rng, shares)
    return talks(rng, Table(share, **nature)), float(share.min(axis=0).max())


def margin(rng: np.random.Generator, provisions: int = PROVISIONS, **nature: Any) -> tuple[World, float]:
    share = at_margin(rng, provisions)
    return talks(rng, Table(share, **nature)), float(share.min(axis=0).max())


def some(rng: np.random.Generator, accepted: float, occasions: tuple[int, int] = (40, 80)) -> tuple[World, float]:
    share = blocked(rng)
    share[:, rng.permutation(PROVISIONS)[:2]] = accepted
    return talks(rng, Table(share, occasions=occasions)), float(share.min(axis=0).max())


def late(rng: np.random.Generator, occasions: int) -> tuple[World, float]:
    """All accepted everything at .98, 100 to 200 occasions over 500 days, until one actor's last `occasions` on every provision."""
    return talks(rng, Table(np.full((3, PROVISIONS), 0.98), late=occasions, occasions=(100, 200), aged=True)), 0.02


def rejected(rng: np.random.Generator, against: float, **nature: Any) -> tuple[World, float]:
    """--claim unacceptable; the truth is the largest share against, of the actor that rejects least."""
    return refusals(rng, against, **nature), against if against > 0.2 else 0.2


CASES: dict[str, Maker] = {
    "null: a divided or hostile actor on every provision": null,
    "null, all blockers divided (.5)": partial(null, shares=(0.5,)),
    "null, changes of mind (.5)": partial(null, turned=0.5),
    "null, 5 % of rows coded favourable whatever they say": partial(null, shares=(0.5,), lean=0.05, error=0.0),
    "null, 15 % of rows coded favourable (more than assumed)": partial(null, shares=(0.5,), lean=0.15, error=0.0),
    "null, talk in phases (.8), blockers divided": partial(null, shares=(0.5,), phases=0.8),
    "null, talk in phases (.3), blockers divided": partial(null, shares=(0.5,), phases=0.3),
    "null, talk in phases (.5), blockers divided": partial(null, shares=(0.5,), phases=0.5),
    "null, talk in phases (.9), blockers divided": partial(null, shares=(0.5,), phases=0.9),
    "null, shares swing by .15 over the year, blockers divided": partial(null, shares=(0.5,), season=0.15),
    "null, uneven volumes (5 to 150 occasions), blockers divided": partial(null, shares=(0.5,), occasions=(5, 150)),
    "null, one week in ten in which everybody favours everything, blockers divided": partial(null, shares=(0.5,), surge=0.1),
    "null, four weeks in ten missing, blockers divided": partial(null, shares=(0.5,), gaps=0.4),
    "null, 100 to 200 occasions": partial(null, shares=(0.5,), occasions=(100, 200)),
    **{f"null, attack: one actor on every provision has turned, and said so {n} times": partial(late, occasions=n) for n in (1, 2, 3, 5, 10)},
    "margin: one actor at 2/3 on every provision": margin,
    "margin, nothing miscoded or neutral": partial(margin, error=0.0, neutral=0.0),
    "margin, 5 % coded favourable whatever they say, no other error": partial(
        margin, error=0.0, neutral=0.0, lean=0.05
    ),
    "margin, even over 500 days": partial(margin, error=0.0, neutral=0.0, aged=True),
    "margin, talk in phases (.5)": partial(margin, error=0.0, neutral=0.0, phases=0.5),
    "margin, talk in phases (.8)": partial(margin, error=0.0, neutral=0.0, phases=0.8),
    "accepted .85, 40 to 80 occasions": partial(some, accepted=0.85),
    "accepted .92, 40 to 80 occasions": partial(some, accepted=0.92),
    "accepted .98, 40 to 80 occasions": partial(some, accepted=0.98),
    "accepted .85, 100 to 200 occasions": partial(some, accepted=0.85, occasions=(100, 200)),
    "accepted .92, 100 to 200 occasions": partial(some, accepted=0.92, occasions=(100, 200)),
    "accepted .98, 100 to 200 occasions": partial(some, accepted=0.98, occasions=(100, 200)),
    "accepted .98, 20 to 40 occasions": partial(some, accepted=0.98, occasions=(20, 40)),
    "accepted .98, 5 to 15 occasions": partial(some, accepted=0.98, occasions=(5, 15)),
    "refusal, null: one actor divided (.5) on everything": partial(rejected, against=0.5, one=True),
    "refusal, null: one actor divided, changes of mind (.5)": partial(rejected, against=0.5, one=True, turned=0.5),
    "refusal, margin: one actor rejects at 2/3 on everything": partial(rejected, against=MARGIN, one=True),
    "refusal, margin, nothing miscoded": partial(rejected, against=MARGIN, one=True, error=0.0, neutral=0.0),
    "refusal .85, 40 to 80 occasions": partial(rejected, against=0.85, provisions=2, occasions=(40, 80)),
    "refusal .92, 40 to 80 occasions": partial(rejected, against=0.92, provisions=2, occasions=(40, 80)),
    "refusal .98, 40 to 80 occasions": partial(rejected, against=0.98, provisions=2, occasions=(40, 80)),
}


def finding(world: World) -> Finding:
    evidence = Evidence.from_tables(world.tables)
    try:
        return judge([run(INSTRUMENT, world.options, evidence)])[0]
    finally:
        evidence.close()


def row(label: str, make: Maker, worlds: int, seed: int) -> str:
    """One line of the table."""
    found = []
    for k in range(worlds):
        world, truth = make(np.random.default_rng([seed, k]))
        found.append((finding(world), truth))
    share = {v: sum(f.verdict == v for f, _ in found) / worlds for v in Verdict}
    low, high = clopper_pearson(round(share[Verdict.SUPPORTED] * worlds), worlds)
    known = [(f.interval, t) for f, t in found if f.interval is not None]
    inside = sum((i[0] or 0) <= t <= (1 if i[1] is None else i[1]) for i, t in known) / max(1, len(known))
    cells = [
        label, f"{share[Verdict.SUPPORTED]:.3f} [{low:.3f}, {high:.3f}]", f"{share[Verdict.CONTRADICTED]:.3f}",
        f"{share[Verdict.UNTESTED]:.3f}", f"{inside:.3f}" if known else "-",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--like", default="")
    given = parser.parse_args()
    print(f"{given.worlds} worlds each, seed {given.seed}\n")
    print("| world | supported [95 %] | contradicted | untested | interval holds |\n|---|---|---|---|---|")
    for label, make in CASES.items():
        if re.search(given.like, label):
            print(row(label, make, given.worlds, given.seed), flush=True)


if __name__ == "__main__":
    main()

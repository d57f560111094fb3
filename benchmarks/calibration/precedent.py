"""Calibration of precedent on simulated series and dyads with a known truth.

    python benchmarks/calibration/precedent.py [--worlds 200] [--seed 2026] [--like PATTERN]

Prints how often a world is supported (with the exact 95 % interval of that rate), contradicted and untested, how often the interval
holds the true rise, the median estimate in standard deviations, and how often the placebo dates give p <= .025 and <= .05.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import numpy as np
from trend import Case, Column, arguments, table

from kayfabe.instruments.precedent import INSTRUMENT
from kayfabe.instruments.precedent_worlds import NASTY, events, series, world
from kayfabe.models import Finding


def cases() -> Iterator[Case]:
    """Nulls of every nasty kind, margin, three sizes, few pauses, one rise among six, comparisons, events, months."""
    yield Case("null, contract worlds (all kinds, phi .3-.9)", partial(world, "null"))
    for nasty in (*NASTY, "pulse"):
        yield Case(f"null, {nasty}, phi .45", partial(series, size=0, nasty=nasty))
    yield Case("null, uneven volumes: values rest on few or many reports, phi .45", partial(series, size=0, nasty="uneven"))
    yield Case("null, a fifth of the weeks missing in stretches, phi .45", partial(series, size=0, nasty="gaps"))
    yield Case("null, shocks that hit everyone at any time, nothing to compare", partial(series, size=0, nasty="everyone"))
    yield Case("null, shocks that hit everyone at any time, 3 comparison series", partial(series, size=0, nasty="everyone", compare=3))
    yield Case("events, null, a fifth of the weeks without records", partial(events, size=0, holes=0.2))
    for drift in ("cycle", "memory", "level"):
        for nasty in ("noise", "low", "late low"):
            yield Case(f"null, attack: {drift}, pauses {nasty}", partial(series, size=0, nasty=nasty, drift=drift), "hard")
    yield Case("null, attack: AR(1), pauses late low", partial(series, size=0, nasty="late low"), "hard")
    for phi in (0.3, 0.7, 0.9):
        yield Case(f"null, noise, phi {phi}", partial(series, size=0, phi=phi))
    yield Case("null, heavy tails (t3)", partial(series, size=0, heavy=True))
    yield Case("null, jumps, one pause", partial(series, size=0, nasty="jumps", pauses=1))
    yield Case("null, jumps, two pauses", partial(series, size=0, nasty="jumps", pauses=2))
    yield Case("null, 4 pauses in 160 weeks", partial(series, size=0, pauses=4, weeks=160))
    yield Case("one of six rises by six times 1.1 sd", partial(series, size=1.1, pauses=6, once=True))
    yield Case("margin: .25 sd, contract worlds", partial(world, "margin"))
    yield Case("margin: .25 sd, phi .45", partial(series, size=0.25))
    for size in (0.6, 1.1, 2.2):
        yield Case(f"rise {size} sd, phi .45", partial(series, size=size), "some")
    for nasty in ("season", "gaps", "uneven"):
        yield Case(f"rise 1.1 sd, {nasty}, phi .45", partial(series, size=1.1, nasty=nasty), "some")
    yield Case("rise 1.1 sd, phi .8", partial(series, size=1.1, phi=0.8), "some")
    yield Case("rise 2.2 sd, one pause", partial(series, size=2.2, pauses=1), "some")
    yield Case("rise 2.2 sd, two pauses", partial(series, size=2.2, pauses=2), "some")
    yield Case(
        "null, shared shock 1.5 sd, no comparison (an error nobody can see)", partial(series, size=0, shock=1.5), "hard"
    )
    yield Case("null, shared shock 1.5 sd, 3 comparison series", partial(series, size=0, shock=1.5, compare=3))
    yield Case(
        "rise 1.1 sd, shared shock 1.5 sd, 3 comparison series", partial(series, size=1.1, shock=1.5, compare=3), "some"
    )
    yield Case("events, null", partial(events, size=0))
    yield Case("events, null, shared shock 1.5 sd", partial(events, size=0, shock=1.5))
    for size in (1.1, 2.2, 3.3):
        yield Case(f"events, rise {size} sd of the hidden level", partial(events, size=size), "some")
    yield Case("months, null, phi .45", partial(series, size=0, monthly=True, weeks=200))
    yield Case("months, rise 2.2 sd", partial(series, size=2.2, monthly=True, weeks=200), "some")


def _estimate(found: list[Finding]) -> str:
    sizes = [f.details["estimate_sd"] for f in found if "estimate_sd" in f.details]
    return f"{np.median(sizes):.2f}" if sizes else "-"


def _lock(at: float) -> Column:
    def share(found: list[Finding]) -> str:
        p = [f.details["randomisation"]["p"] for f in found if "randomisation" in f.details]
        known = [x for x in p if x is not None]
        return f"{np.mean(np.array(known) <= at):.3f}" if known else "-"

    return share


def _no_rise(found: list[Finding]) -> str:
    """Share of intervals that lie above 0 altogether."""
    lows = [f.interval[0] for f in found if f.interval is not None and f.interval[0] is not None]
    return f"{np.mean(np.array(lows) > 0):.3f}" if lows else "-"


def main() -> None:
    """Print the table."""
    given = arguments(__doc__)
    columns = {
        "interval above 0": _no_rise,
        "placebo p <= .025": _lock(0.025),
        "<= .05": _lock(0.05),
        "estimate (sd)": _estimate,
    }
    table(INSTRUMENT, [c for c in cases() if re.search(given.like, c.label)], given.worlds, given.seed, columns)


if __name__ == "__main__":
    main()

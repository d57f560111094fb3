"""precedent: did a series rise after earlier pauses? Forecast from each pause, without credit for recovery from a low."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import stats

from kayfabe.errors import BadOption
from kayfabe.instruments import precedent_worlds
from kayfabe.instruments.declaration import Instrument, Measured, Need, Option, Run
from kayfabe.instruments.precedent_charts import charts
from kayfabe.instruments.precedent_grid import Record, read_record
from kayfabe.instruments.window import window_text
from kayfabe.models import Claim, Item, Kind
from kayfabe.stats import pauses
from kayfabe.stats.analogies import analogies
from kayfabe.stats.intervals import clopper_pearson
from kayfabe.stats.multiplicity import benjamini_hochberg

MARGIN = 0.25
LEAST_STEPS, LEAST_REFERENCE, LEAST_IN_SEASON = 104, 52, 12
LEAST_SETS = 19
SECOND_LOCK = 0.025
HABIT = 0.6
WANDERS = 0.95
LOW_START = -2.0
_CALMED = re.compile(
    r"\b(?:fell|falls?|fallen|drop(?:s|ped)?|declin\w*|decreas\w*|subsid\w*|eased|ebbed|calm\w*|quiet\w*|died down|"
    r"упал\w*|сни[зж]\w*|утих\w*|стих\w*|успоко\w*|сократ\w*)\b",
    re.IGNORECASE,
)
_ROSE = re.compile(
    r"\b(?:ros[et]\w*|ris\w+|rearm\w*|grew|increas\w*|escalat\w*|more|attack(?:ed|s)?|surg\w*|вырос\w*|перевооруж\w*|усил\w*)\b", re.IGNORECASE
)
ADD = "Add values with: kayfabe evidence add STORE FILE --as"
Array = np.ndarray[Any, Any]


def measure(run: Run) -> Measured:
    """How far a series stands above its forecast after each of the given pauses, on average.

    Estimand: the mean over the pauses of (values in the weeks after it) less (what season and line say plus what is left of a high
        start under AR(1) noise; a low start gets no credit for coming back), in units of the series; the margin is a quarter of the
        standard deviation around season and line. With --expect fall, how far below. For actors, the square root of their weekly events.
    Null: after the pauses the series goes on as in its other weeks: line, season (one and two cycles a year) and AR(1) noise. The
        error pools what the noise implies with the spread between pauses. Second lock: the whole fit repeated for 199 sets of
        placebo dates, needed for one or two pauses.
    Assumes: the weeks outside horizon and fade show what is ordinary. Where the pauses fall in one season (Rayleigh, p < .05) they
        are compared with the same weeks of years without a pause. Shocks that hit everyone are removed only where there are
        comparison series (--compare) or, for actors, other pairs with events. The dates were not picked for what followed them.
    Abstains: "untested" without a pause with half its horizon observed, with fewer than 104 weeks or 52 ordinary ones, where season
        and pauses cannot be told apart, or where the level wanders (phi .95). Never "supported" when fewer than 60 % of the rises
        are positive, or when the mean without the largest is within the margin: one pause does not make a habit.
    References: Box & Tiao (1975), J. Am. Stat. Assoc. 70:70-79; Harville (1977), J. Am. Stat. Assoc. 72:320-338; Bland & Altman
        (1994), BMJ 308:1499; Edgington & Onghena (2007), Randomization Tests, 4th ed.; Lorenz (1969), J. Atmos. Sci. 26:636-646.
    """
    _check(run)
    record = read_record(run)
    if isinstance(record, str):
        return Measured(found="", untested=record)
    if run.options["expect"] == "fall":
        record = record.turned()
    grid, asked = record.grid, sorted(set(run.options["pauses"]))
    steps = np.array([record.step(d) for d in asked])
    keep = _apart(steps, pauses.usable(grid, steps), grid.horizon)
    dates, days = steps[keep], [d for d, k in zip(asked, keep, strict=True) if k]
    rows = _rows(record, dates)
    details: dict[str, Any] = {
        "series": record.name, "unit": record.unit, "step": record.word, "expected": record.move, "steps": len(grid.values),
        "observed": int(grid.observed.sum()), "horizon": grid.horizon, "fade": grid.fade,
        "left_out": [d for d, k in zip(asked, keep, strict=True) if not k],
    }  # fmt: skip
    shared: dict[str, Any] = {"n": len(dates), "evidence": rows[:1000], "evidence_total": len(rows), "details": details}
    lacking, needed = _lacking(record, dates)
    if lacking:
        return Measured(found="", untested=lacking, n_needed=needed, **shared)
    own = pauses.rises(grid, dates[None, :])
    details |= {
        "phi": float(own.phi[0]),
        "sd": float(own.sd[0]),
        "ordinary": int(own.reference[0]),
        "season_lock": int(own.in_season[0]),
    }
    lacking = _unfit(record, own)
    if lacking:
        return Measured(found="", untested=lacking, **shared)
    return _judged(run, record, dates, days, own, shared)


def _check(run: Run) -> None:
    named = [o for o in ("series", "actors") if run.options[o]]
    if len(named) != 1:
        raise BadOption(
            "series", "nothing" if not named else "both", "precedent needs either --series S or --actors A B"
        )
    if run.options["compare"] and run.options["actors"]:
        raise BadOption(
            "compare", run.options["compare"], "is for --series; with --actors the other pairs are compared"
        )


def _apart(steps: Array, usable: Array, horizon: int) -> Array:
    """Which pauses count: usable, and not within the horizon of the one counted before."""
    keep = np.zeros(len(steps), dtype=bool)
    last = -(10**9)
    for i in np.flatnonzero(usable):
        if steps[i] - last >= horizon:
            keep[i], last = True, int(steps[i])
    return keep


def _lacking(record: Record, dates: Array) -> tuple[str, int | None]:
    grid, table = record.grid, "events" if record.unit.startswith("square root") else "indicators"
    if not len(dates):
        return (
            f"No pause with half of its {grid.horizon} {record.word}s afterwards observed. {ADD} {table}, or give other --pauses",
            3,
        )
    if len(grid.values) < LEAST_STEPS:
        return f"Only {len(grid.values)} {record.word}s; {LEAST_STEPS} are needed. {ADD} {table}", LEAST_STEPS
    ordinary = int(pauses.masked(grid, dates).observed.sum())
    if ordinary < LEAST_REFERENCE:
        return (
            f"Only {ordinary} {record.word}s lie outside the pauses; {LEAST_REFERENCE} are needed. {ADD} {table}",
            LEAST_STEPS,
        )
    if np.nanmax(grid.values) == np.nanmin(grid.values):
        return "All values are the same: there is nothing that could have risen.", None
    return "", None


def _unfit(record: Record, own: pauses.Rises) -> str:
    if own.sd[0] <= 1e-9 * float(np.nanmax(np.abs(record.grid.values))):
        return "The series is nothing but line and season: there is no noise to compare a rise with."
    if 0 <= own.in_season[0] < LEAST_IN_SEASON:
        return (
            f"The pauses always fell in the same season, and only {int(own.in_season[0])} {record.word}s of that season lie in years "
            f"without a pause; {LEAST_IN_SEASON} are needed."
        )
    if own.phi[0] >= WANDERS:
        return "The level of the series wanders (autocorrelation .95): it has no ordinary level to rise from."
    return ""


def _judged(
    run: Run, record: Record, dates: Array, days: list[dt.date], own: pauses.Rises, shared: dict[str, Any]
) -> Measured:
    k, sd, details = len(dates), float(own.sd[0]), shared["details"]
    other = _comparable(record, dates, sd)
    found = own if other is None else own.against(pauses.rises(other, dates[None, :]))
    mean, margin = pauses.mean_rise(found), MARGIN * sd
    estimate, se = float(mean.estimate[0]), float(mean.se[0])
    half = float(stats.t.ppf(0.975, mean.df)) * se
    lock, sets = _placebos(run, record, dates, other, float(mean.t[0]))
    rises = found.rise[0]
    details |= {
        "estimate_sd": estimate / sd, "interval_sd": [(estimate - half) / sd, (estimate + half) / sd],
        "positive": int((rises > 0).sum()), "without_largest": _without_largest(rises),
        "randomisation": {"p": lock, "sets": sets},
        "comparison": None if other is None else {"series": record.compared, "without_it": float(own.rise[0].mean())},
        "pauses": _places(record, dates, days, own, found),
        "analogies": _analogies(record, own, dates),
        "course": [[record.day(i), record.sign * v] for i, v in enumerate(record.grid.values)],
    }  # fmt: skip
    return Measured(
        found=_sentence(record, days, estimate, sd, rises),
        estimate=estimate, interval=(estimate - half, estimate + half), margin=margin,
        p_value=float(stats.t.sf((estimate - margin) / se, mean.df)), p_contradicted=float(stats.t.cdf((estimate - margin) / se, mean.df)),
        n_needed=_more(pauses.needed(found, margin), k), items=_items(record, dates, days, found, margin),
        cannot_support=_gate(rises, margin, lock, sets, record.move), caveats=_caveats(record, own, found, dates, other is not None, details),
        unit=(record.unit or "units of the series") + ("" if record.sign > 0 else ", downwards"), **shared,
    )  # fmt: skip


def _comparable(record: Record, dates: Array, sd: float) -> pauses.Grid | None:
    """The comparison in units of the series, where it was observed around every pause."""
    other = record.other
    if other is None or not pauses.usable(other, dates).all():
        return None
    return pauses.Grid(other.values * sd, other.horizon, other.fade, other.reach, other.lead, other.year)


def _placebos(run: Run, record: Record, dates: Array, other: pauses.Grid | None, t: float) -> tuple[float | None, int]:
    """Share of placebo sets whose studentised rise is as large, the whole fit repeated for each; None with too few sets."""
    grid = pauses.masked(record.grid, dates)
    sets = pauses.placebo_sets(grid, dates, run.rng())
    quiet = None if other is None else pauses.masked(other, dates)
    if quiet is not None and len(sets):
        sets = sets[pauses.usable(quiet, sets).all(axis=1)]
    if len(sets) < LEAST_SETS:
        return None, len(sets)
    found = pauses.rises(grid, sets)
    if quiet is not None:
        found = found.against(pauses.rises(quiet, sets))
    return (1 + int((pauses.mean_rise(found).t >= t).sum())) / (len(sets) + 1), len(sets)


def _without_largest(rises: Array) -> float | None:
    return float((rises.sum() - rises.max()) / (len(rises) - 1)) if len(rises) > 1 else None


def _more(needed: int | None, k: int) -> int | None:
    return needed if needed is not None and needed > k else None


def _gate(rises: Array, margin: float, lock: float | None, sets: int, move: str) -> str:
    """Why a rise beyond the margin must not be called a habit; empty where it may."""
    k = len(rises)
    if k <= 2:
        few = f"{'One pause' if k == 1 else 'Two pauses'}: an event, not a habit"
        if lock is None:
            return f"{few}, and only {sets} sets of placebo dates are possible ({LEAST_SETS} are needed)."
        if lock > SECOND_LOCK:
            return f"{few}, and {lock:.0%} of placebo dates show as much."
    if (rises > 0).mean() < HABIT:
        return f"Only {int((rises > 0).sum())} of {k} pauses were followed by a {move}."
    rest = _without_largest(rises)
    if k >= 3 and rest is not None and rest <= margin:
        return f"Without its largest {move} the mean is within the margin: one pause does not make a habit."
    return ""


def _items(record: Record, dates: Array, days: list[dt.date], found: pauses.Rises, margin: float) -> list[Item]:
    se, half = pauses.item_intervals(found)
    p = stats.t.sf((found.rise[0] - margin) / se[0], pauses.ITEM_DF)
    q = benjamini_hochberg(list(p))
    after = [[str(r) for r in _after(record, int(d))] for d in dates]
    return [
        Item(key={"pause": day.isoformat()}, estimate=float(u), interval=(float(u - h), float(u + h)), p_value=float(a), q_value=b, evidence=rows[:20])
        for day, u, h, a, b, rows in zip(days, found.rise[0], half[0], p, q, after, strict=True)
    ]  # fmt: skip


def _after(record: Record, date: int) -> Array:
    return record.rows[(record.row_steps > date) & (record.row_steps <= date + record.grid.horizon)]


def _rows(record: Record, dates: Array) -> list[str]:
    """Row ids: those after the pauses first, then the starts, then the rest of the series, then comparisons."""
    off = record.row_steps[:, None] - dates[None, :]
    after = ((off >= 1) & (off <= record.grid.horizon)).any(axis=1)
    start = ((off <= 0) & (off >= -record.grid.reach)).any(axis=1)
    rank = np.where(record.row_steps >= len(record.grid.values), 3, np.where(after, 0, np.where(start, 1, 2)))
    return [str(r) for r in record.rows[np.lexsort((record.rows, record.row_steps, rank))]]


def _places(
    record: Record, dates: Array, days: list[dt.date], own: pauses.Rises, found: pauses.Rises
) -> list[dict[str, Any]]:
    """Where each pause lies in the series: its level at the start and that level's percentile, and what followed."""
    seen = np.sort(own.residuals[0][record.grid.observed])
    return [
        {"pause": day, "start_sd": float(r / own.sd[0]), "start_percentile": float(np.searchsorted(seen, r) / len(seen)), "rise": float(u)}
        for day, r, u in zip(days, own.start[0], found.rise[0], strict=True)
    ]  # fmt: skip


def _analogies(record: Record, own: pauses.Rises, dates: Array) -> dict[str, Any] | None:
    """Past windows most like the last one, and how often a rise beyond the margin followed them and all others."""
    last = int(np.flatnonzero(record.grid.observed)[-1]) + 1
    length = horizon = record.grid.horizon
    got = analogies(
        own.residuals[0][:last] / own.sd[0], record.grid.observed[:last], float(own.phi[0]), length, horizon
    )
    if not got.nearest:
        return None
    rose = got.after > MARGIN

    def share(hits: Array) -> dict[str, Any]:
        count = int(hits.sum())
        return {
            "n": len(hits),
            "rose": count,
            "share": count / len(hits),
            "interval": clopper_pearson(count, len(hits)),
        }

    alike = [
        {
            "from": record.day(int(e) - length + 1), "to": record.day(int(e)), "distance_sd": float(d), "after_sd": float(a), "rose": bool(r),
            "after_a_pause": bool(((e >= dates) & (e <= dates + horizon)).any()),
        }
        for e, d, a, r in zip(got.ends[: got.nearest], got.distance, got.after, rose, strict=False)
    ]  # fmt: skip
    present = [record.day(last - length), record.day(last - 1)]
    return {
        "present": present,
        "length": length,
        "alike": alike,
        "followed": share(rose[: got.nearest]),
        "all_windows": share(rose),
    }


def _sentence(record: Record, days: list[dt.date], estimate: float, sd: float, rises: Array) -> str:
    k = len(days)
    unit = f" {record.unit}" if record.unit else ""
    habit = "" if k > 2 else f" {'One pause' if k == 1 else 'Two pauses'}: an event, not a habit."
    return (
        f"After {k} pause{'s' if k > 1 else ''} '{record.name}' stood on average {record.sign * estimate:+.3g}{unit} ({record.sign * estimate / sd:+.2f} sd) from what its level at "
        f"the pause implied; {int((rises > 0).sum())} of {k} were {record.move}s.{habit}"
    )


def _caveats(
    record: Record, own: pauses.Rises, found: pauses.Rises, dates: Array, compared: bool, details: dict[str, Any]
) -> list[str]:
    k, notes = len(dates), []
    z = float(np.sqrt(k) * own.start[0].mean() / own.sd[0])
    if z < LOW_START:
        notes.append(f"The pauses began at {'low' if record.sign > 0 else 'high'} points of the series: part of any {record.move} is what such points are followed by.")
    if own.in_season[0] >= 0:
        notes.append("The pauses fell in one season; they are compared with the same weeks of years without a pause.")
    if details["left_out"]:
        left = ", ".join(str(d) for d in details["left_out"])
        notes.append(
            f"Left out: {left} (outside the series, too little observed afterwards, or within the horizon of an earlier pause)."
        )
    if record.monthly:
        notes.append("The series is monthly: horizon and fade are rounded to months.")
    if compared:
        notes.append(f"The rise of {record.compared} comparison series after the same dates was taken off.")
    else:
        notes.append(
            "Nothing was there to compare with: a shock that hit everyone after the pauses would look the same."
        )
    notes.append(
        "The dates were chosen by the claim's author; of several sets of dates tried, p must be multiplied by their number."
    )
    notes.append("Why the series rose, and whether it would have risen anyway, cannot be seen in it.")
    return notes


def ask(options: Mapping[str, Any], label: Callable[[str], str]) -> str:
    """The question in plain words."""
    if options.get("actors"):
        what = str(options.get("what") or "hostile")
        subject = f"{'' if what == 'all' else what + ' '}events between {' and '.join(label(str(a)) for a in options['actors'])}"
    else:
        subject = f"'{options.get('series') or 'the series'}'"
    dates = options.get("pauses") or []
    named = ", ".join(str(d) for d in (dates if isinstance(dates, (list, tuple)) else str(dates).split(",")))
    return f"Did {subject} {options.get('expect') or 'rise'} after the earlier pauses{f' of {named}' if named else ''}{window_text(options)}?"


def _expected(claim: Claim) -> str | None:
    """"fall" where the claim says that something calmed down."""
    return "fall" if _CALMED.search(claim.text) and not _ROSE.search(claim.text) else None


def _open(claim: Claim) -> None:
    """The years that a claim names say when the pauses were, not how far to look."""


INSTRUMENT = Instrument(
    name="precedent",
    question="Did a series rise after earlier pauses?",
    kinds=(Kind.PRECEDENT,),
    needs=(
        Need("indicators", "the series", ("series", "at", "value")),
        Need("events", "the series", ("event", "at", "source", "target", "score")),
    ),
    options=(
        Option("series", "text", "the series that should have risen"),
        Option(
            "actors",
            "actors",
            "the two whose events are counted by week, instead of a series",
            least=2,
            most=2,
            ask="the two whose events are counted by week, or what should have risen (series = ...)",
        ),
        Option("pauses", "dates", "when the earlier pauses began, separated by commas", required=True, ask="when the earlier pauses began"),
        Option("expect", "choice", "what is said to have followed", default="rise", choices=("rise", "fall"), fill=_expected),
        Option("compare", "text", "series that the pauses should not have moved, separated by ';'"),
        Option("what", "choice", "events counted: score below 0, above 0, or all", default="hostile", choices=("hostile", "cooperative", "all")),
        Option("channel", "choice", "words or deeds only (events)", choices=("word", "deed")),
        Option("issue", "label", "one issue label (events)"),
        Option("horizon", "number", "weeks looked at after a pause", default=12, low=4, high=52),
        Option("fade", "number", "further weeks that do not count as ordinary", default=12, low=0, high=104),
        Option("since", "date", "first day looked at", fill=_open),
        Option("until", "date", "last day looked at", fill=_open),
    ),
    unit="standard deviations around season and line, given in units of the series",
    margin=MARGIN,
    measure=measure,
    ask=ask,
    charts=charts,
    world=precedent_worlds.world,
)  # fmt: skip

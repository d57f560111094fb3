"""trend: has the course of a series turned? A step or a change of slope against autocorrelated noise, line and season fitted."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.instruments import trend_worlds
from kayfabe.instruments.declaration import Instrument, Measured, Need, Option, Run
from kayfabe.instruments.trend_charts import charts
from kayfabe.instruments.trend_series import Series, read_series, series_names
from kayfabe.instruments.window import window_text
from kayfabe.models import Claim, Item, Kind
from kayfabe.read.dates import first_date
from kayfabe.stats import turning
from kayfabe.stats.multiplicity import benjamini_hochberg, simes

LEAST, THIN = 60, 100
LEAST_DAYS = 300
QUARTERLY = 80.0
MOST_MISSING = 0.30
WANDERS = 0.95
AT_THE_RIM = 0.9
_UP = re.compile(
    r"\b(?:ris(?:e|es|en|ing)|rose|grow\w*|grew|increas\w*|climb\w*|recover\w*|surg(?:e|ed|es|ing)|soar\w*|rebound\w*|upwards?|"
    r"раст[уеё]\w*|выр(?:ос|аст)\w*|рост|увелич\w*|повы[сш]\w*)\b",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\b(?:fall(?:s|en|ing)?|fell|declin\w*|drop\w*|shrink\w*|shrank|sink\w*|sank|collaps\w*|plung\w*|slump\w*|decreas\w*|dwindl\w*|"
    r"downwards?|пада\w*|упал\w*|сни[зж]\w*|сокра[тщ]\w*|уменьш\w*|рухну\w*|обвал\w*)\b",
    re.IGNORECASE,
)
_STOPPED = re.compile(
    r"\b(?:no longer|stopp?\w*|ceas\w*|instead|rather than|halt\w*|end(?:ed|s)?|больше не|перестал\w*|прекрати\w*|вместо)\b", re.IGNORECASE
)
ADD = "Add values with: kayfabe evidence add STORE FILE --as indicators"


@dataclass(frozen=True)
class _Look:
    """One series looked at: its change, or why it cannot be tested and how many values would do."""

    series: Series
    turn: turning.Turn | None = None
    lacking: str = ""
    needed: int | None = None

    def day(self, place: int) -> dt.date:
        return _date(self.series.days[place])


def measure(run: Run) -> Measured:
    """The largest step or change of slope of a series, near the claimed date if there is one.

    Estimand: the size of the change in standard deviations of the noise, with line and season fitted: of the level, or the
        change that a new slope makes over a quarter of the span; positive in the claimed direction (without one, in the
        direction found).
    Null: a line, a season (one and two cycles a year, from 300 days up) and AR(1) noise without any change near the date, its
        spread growing or shrinking steadily; p compares the largest |t| over all candidate dates with the same maximum in 999
        series simulated on the same dates from the series' own innovations. The interval uses that maximum's 95 % point, because the date was searched.
        Second lock, before anything stands: the same against the most persistent AR(1) with white noise that is compatible with the series
        beside the change; where its level wanders (phi .95, from 100 values up), nothing stands.
    Assumes: noise is AR(1), with white noise or without, and at most one change lies near the date. Values more than 4.5 MAD from their
        neighbours are left out and listed; innovations beyond 3 MAD are drawn in to 3. A break more than 13 % of the span away from the claimed date is found first and
        taken out. Several series: one p each, the finding's p is their Simes p. Values finer than weeks are averaged over weeks.
    Abstains: "untested" with fewer than 60 values, under 300 days (data finer than quarterly), fewer than 12 % of the values (at
        least 8) on either side of the date, more than 30 % missing, or a level that wanders (phi .95). "contradicted" only
        where a change against the claimed direction stands: data of this length cannot show that no turn took place.
    References: Andrews (1993), Econometrica 61:821-856; Harville (1977), J. Am. Stat. Assoc. 72:320-338; Perron & Yabu (2009),
        J. Bus. Econ. Stat. 27:369-396; Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter; Simes (1986), Biometrika 73:751-754.
    """
    names = series_names(run, "series") if run.evidence.count("indicators") else [str(run.options["series"])]
    looks = [_look(run, name) for name in run.progress.over(names, "looking for a turn")]
    rows = [str(r) for one in looks for r in _rows(one, run.options["around"])]
    shared: dict[str, Any] = {"evidence": rows[:1000], "evidence_total": len(rows)}
    tested = [one for one in looks if one.turn is not None and not one.lacking]
    if not tested:
        first = looks[0]
        said = _sentence(first, run) if first.turn is not None else ""
        return Measured(
            found=said, untested=first.lacking, n=len(first.series.values), n_needed=first.needed,
            details=_details(first, run), **shared,
        )  # fmt: skip
    measured = [_oriented(one, run) for one in tested]
    q = benjamini_hochberg([m.p_value for m in measured])
    against = [m.p_contradicted for m in measured if m.p_contradicted is not None]
    lead = min(range(len(tested)), key=lambda i: (measured[i].p_value, -(measured[i].estimate or 0)))
    one, best = tested[lead], measured[lead]
    assert best.interval is not None
    opposed = best.p_value == 1.0 and best.p_contradicted is not None
    return Measured(
        found=_sentence(one, run), estimate=best.estimate, interval=best.interval,
        p_value=simes([m.p_value for m in measured if m.p_value is not None]),
        p_contradicted=simes(against) if len(against) == len(measured) else None,
        n=best.n, n_needed=best.n_needed,
        items=[_item(o, m, value, len(names) > 1) for o, m, value in zip(tested, measured, q, strict=True)],
        details=_details(one, run) | {"several": [_brief(o) for o in looks]},
        caveats=_caveats(one, run, len(tested)) + [f"'{o.series.name}': {o.lacking}" for o in looks if o.lacking],
        cannot_contradict="" if opposed and (best.interval[1] or 0) < -turning.MARGIN else _no_turn(one),
        **shared,
    )  # fmt: skip


def _look(run: Run, name: str) -> _Look:
    series = read_series(run, name)
    lacking, needed = _lacking(series, run.options["around"])
    if lacking:
        return _Look(series, lacking=lacking, needed=needed)
    course = turning.Course.of(series.values, series.numbers)
    around = run.options["around"]
    near = None if around is None else float((np.datetime64(around) - series.days[0]).astype(int))
    found = turning.turn(course, near, run.rng())
    if found is None:
        return _Look(series, lacking=f"No value near {around} at which a change could begin. {ADD}")
    if found.phi_without >= WANDERS:
        text = "The level of the series wanders (autocorrelation .95 or more): such a series turns by itself, so a turn says nothing."
        return _Look(series, found, text)
    return _Look(series, found)


def _lacking(series: Series, around: dt.date | None) -> tuple[str, int | None]:
    """Why the series cannot be tested, and how many values would do."""
    n = len(series.values)
    if n == 0:
        return f"The series '{series.name}' has no values in this window. {ADD}", LEAST
    if n < LEAST:
        return f"Only {n} values; {LEAST} are needed. {ADD}", LEAST
    days = int(series.numbers[-1])
    if series.gap < QUARTERLY and days < LEAST_DAYS:
        text = f"The values cover {days} days; {LEAST_DAYS} are needed to tell a turn from a season. {ADD}"
        return text, math.ceil(LEAST_DAYS / series.gap) + 1
    if np.ptp(series.values) == 0:
        return "All values are the same: there is no noise to compare a change with.", None
    course = turning.Course.of(series.values, series.numbers)
    missing = 1 - n / (course.time[-1] + 1)
    if missing > MOST_MISSING:
        return f"{missing:.0%} of the values in the window are missing; at most {MOST_MISSING:.0%} may be. {ADD}", None
    return ("", None) if around is None else _sides(series, around)


def _sides(series: Series, around: dt.date) -> tuple[str, int | None]:
    n = len(series.values)
    before = int((series.days < np.datetime64(around)).sum())
    after, least = n - before, turning.edge(n)
    if before < least:
        return f"Only {before} values lie before {around}; {least} are needed on either side. {ADD}", n + least - before
    if after < least:
        more = max(8 - after, math.ceil((0.12 * n - after) / 0.88))
        while after + more < turning.edge(n + more):
            more += 1
        day = _date(series.days[-1] + np.timedelta64(round(more * series.gap), "D"))
        text = f"Too early: {after} values lie after {around}, {after + more} are needed. It can be tested from about {day} on. {ADD}"
        return text, n + more
    return "", None


def _oriented(look: _Look, run: Run) -> Measured:
    """The change as the claim asserts it: positive in the claimed direction, or in the direction found without one."""
    t, n = look.turn, len(look.series.values)
    assert t is not None
    claimed = run.options["direction"]
    found = 1 if t.estimate > 0 else -1
    sign = found if claimed is None else 1 if claimed == "up" else -1
    low, high = sorted(sign * x for x in t.interval)
    beyond = abs(t.estimate) - turning.MARGIN
    needed = math.ceil(n * (t.half / beyond) ** 2) if beyond > 0 else None
    return Measured(
        found="", estimate=sign * t.estimate, interval=(low, high), n=n, p_value=t.p_margin if sign == found else 1.0,
        p_contradicted=None if claimed is None else 1.0 if sign == found else t.p_margin,
        n_needed=min(needed, 10**6) if needed is not None and needed > n else None,
    )  # fmt: skip


def _item(look: _Look, measured: Measured, q: float | None, several: bool) -> Item:
    t = look.turn
    assert t is not None
    key = {"at": look.day(t.at).isoformat()} | ({"series": look.series.name} if several else {})
    rows = [str(r) for r in _rows(look, look.day(t.at))[:20]]
    return Item(key=key, estimate=t.estimate, interval=t.interval, p_value=measured.p_value, q_value=q, evidence=rows)


def _rows(look: _Look, around: dt.date | None) -> list[Any]:
    """Row ids of the series, those nearest to the change (else to the claimed date) first."""
    s = look.series
    if not len(s.rows):
        return []
    centre = s.days[look.turn.at] if look.turn is not None else np.datetime64(around) if around else s.days[-1]
    return list(s.rows[np.lexsort((s.rows, np.abs((s.row_days - centre).astype(int))))])


def _shape(t: turning.Turn) -> str:
    return "turn" if t.opposes else "steepening"


def _sentence(look: _Look, run: Run) -> str:
    t, s = look.turn, look.series
    assert t is not None
    unit = f" {s.unit}" if s.unit else ""
    what = "change of slope" if t.slope else "step"
    amount = f"{t.estimate:+.2f} sd" + (
        " over a quarter of the span" if t.slope else f", {t.estimate * t.sd:+.4g}{unit}"
    )
    against = "against the course before it (a turn)" if t.opposes else "along the course before it (a steepening)"
    where_ = f" near {run.options['around']}" if run.options["around"] else ""
    text = f"The largest change of '{s.name}'{where_} is a {what} at {look.day(t.at)} ({amount}), {against}."
    if t.far is not None:
        text += f" The series also broke at {look.day(t.far[0])}, not near {run.options['around']}."
    return text


def _wanders(look: _Look) -> str:
    lock = None if look.turn is None else look.turn.lock
    if lock is None or lock.p_margin < turning.ALPHA:
        return ""
    return f"Noise whose level wanders (autocorrelation {lock.phi:g}, {lock.share:.0%} white noise) is compatible with the rest of the series and shows as much by itself."


def _no_turn(look: _Look) -> str:
    t = look.turn
    assert t is not None
    return f"Data of this length cannot show that no turn took place: changes up to {max(map(abs, t.interval)):.2g} sd are compatible."


def _details(look: _Look, run: Run) -> dict[str, Any]:
    t, s = look.turn, look.series
    details: dict[str, Any] = {
        "series": s.name,
        "unit": s.unit,
        "values": len(s.values),
        "around": run.options["around"],
    }
    if len(s.values):
        details |= {"first": look.day(0), "last": look.day(-1), "averaged_over_weeks": s.weekly}
    if t is None:
        return details | {"course": [[str(d), v, None, None] for d, v in zip(s.days, s.values, strict=True)]}
    fitted, without = (
        dict(zip(t.kept.tolist(), t.fitted, strict=True)),
        dict(zip(t.kept.tolist(), t.without, strict=True)),
    )
    return details | {
        "at": look.day(t.at),
        "kind": "slope" if t.slope else "level",
        "shape": _shape(t),
        "direction": "up" if t.estimate > 0 else "down",
        "change_sd": t.estimate,
        "change": t.estimate * t.sd,
        "change_interval": [x * t.sd for x in t.interval],
        "largest_compatible_sd": max(map(abs, t.interval)),
        "nearly_as_good": [look.day(t.likely[0]), look.day(t.likely[1])],
        "p_no_change": t.p,
        "critical_t": t.crit,
        "candidates": t.candidates,
        "noise_sd": t.sd,
        "phi": t.phi,
        "phi_without_change": t.phi_without,
        "second_lock": None if t.lock is None else {"phi": t.lock.phi, "white_noise": t.lock.share, "p": t.lock.p_margin},
        "slope_before_sd_per_span": [t.before, t.before - 1.96 * t.before_se, t.before + 1.96 * t.before_se],
        "log_spread_over_span": t.spread,
        "far_break": None if t.far is None else {"at": look.day(t.far[0]), "t": t.far[1]},
        "left_out": [look.day(int(i)) for i in t.spikes],
        "course": [[str(s.days[i]), float(v), fitted.get(i), without.get(i)] for i, v in enumerate(s.values)],
    }


def _brief(look: _Look) -> dict[str, Any]:
    t = look.turn
    return {
        "series": look.series.name, "at": None if t is None else look.day(t.at), "change_sd": None if t is None else t.estimate,
        "interval_sd": None if t is None else t.interval, "p": None if t is None else t.p_margin, "untested": look.lacking,
    }  # fmt: skip


def _caveats(look: _Look, run: Run, tested: int) -> list[str]:
    t, s = look.turn, look.series
    assert t is not None
    found = []
    if len(s.values) < THIN:
        found.append(f"Thin: {len(s.values)} values. Only steps of the level are looked for below {THIN}.")
    if len(t.spikes):
        found.append(f"{len(t.spikes)} values far from their neighbours were left out (listed under left_out).")
    if t.far is not None:
        found.append(f"A break at {look.day(t.far[0])} was taken out before looking near {run.options['around']}.")
    if abs(t.before) < 2 * t.before_se:
        found.append(
            "The course before the change cannot be told from a flat one, so 'turn' and 'steepening' say little here."
        )
    if run.options["around"] is None:
        found.append("The whole series was searched; the first and last 12 % of the values cannot be.")
    else:
        share = (np.datetime64(run.options["around"]) - s.days[0]) / (s.days[-1] - s.days[0])
        found.append(
            f"The date was chosen by the claim's author; it lies {float(share):.0%} of the way through the series."
        )
    if run.options["around"] is not None:
        off = abs((s.days[t.at] - np.datetime64(run.options["around"])) / (s.days[-1] - s.days[0]))
        if off > AT_THE_RIM * turning.NEAR:
            found.append(
                "The change lies at the rim of what counts as near the date; the series may have turned outside it."
            )
    if wandering := _wanders(look):
        found.append(wandering)
    if t.half > abs(t.estimate):
        found.append(_no_turn(look))
    if tested > 1:
        found.append(f"{tested} series were tested; numbers above are those of '{s.name}', p is the Simes p of all.")
    found.append("Whether a turn lasts beyond the last value, and what caused it, cannot be seen in the series.")
    return found


def _date(day: Any) -> dt.date:
    return dt.date.fromisoformat(str(day.astype("datetime64[D]")))


def ask(options: Mapping[str, Any], label: Callable[[str], str]) -> str:
    """The question in plain words."""
    near = f" near {options['around']}" if options.get("around") else ""
    way = {"up": " upwards", "down": " downwards"}.get(str(options.get("direction")), "")
    return f"Did the course of '{options.get('series') or 'the series'}' turn{way}{near}{window_text(options)}?"


def _around(claim: Claim) -> str | None:
    day = first_date(claim.text)
    return None if day is None else day.isoformat()


def claimed_direction(claim: Claim) -> str | None:
    """Where the claim says that the series goes since the turn; None where it says both or takes it back ("stopped rising")."""
    text = claim.text
    up, down = bool(_UP.search(text)), bool(_DOWN.search(text))
    if up == down or claim.negated or _STOPPED.search(text):
        return None
    return "up" if up else "down"


def _open(claim: Claim) -> None:
    """The years that a claim names say when the turn came, not how far to look."""


INSTRUMENT = Instrument(
    name="trend",
    question="Has the course of a series turned?",
    kinds=(Kind.TURNING_POINT,),
    needs=(Need("indicators", "the series", ("series", "at", "value")),),
    options=(
        Option("series", "text", "the series, or several separated by ';'", required=True, ask="which series shows it"),
        Option("around", "date", "the claimed day of the turn", fill=_around),
        Option("direction", "choice", "the claimed direction", choices=("up", "down"), fill=claimed_direction),
        Option("since", "date", "first day looked at", fill=_open),
        Option("until", "date", "last day looked at", fill=_open),
    ),
    unit="standard deviations of the noise",
    margin=turning.MARGIN,
    measure=measure,
    ask=ask,
    charts=charts,
    world=trend_worlds.world,
)

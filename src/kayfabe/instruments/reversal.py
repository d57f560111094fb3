"""reversal: does an actor change sides more often than coding noise and one lasting change allow?"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kayfabe.instruments import reversal_reading as reading_
from kayfabe.instruments import reversal_units as units_
from kayfabe.instruments.declaration import Instrument, Measured, Need, Option, Run
from kayfabe.instruments.reversal_charts import charts
from kayfabe.instruments.reversal_deeds import words_and_votes
from kayfabe.instruments.reversal_reading import LEAST_OPPORTUNITIES, LEAST_SIDE, Reading, Rows
from kayfabe.instruments.reversal_units import Coding, Units
from kayfabe.instruments.reversal_worlds import world
from kayfabe.instruments.window import window_text
from kayfabe.models import Claim, Kind
from kayfabe.networks.coding import coders_caveat, coders_details
from kayfabe.stats import reversals
from kayfabe.stats.intervals import clopper_pearson

EXCLUDABLE, MOST_SHOWN = 0.10, 200
ADD = "Add some with: kayfabe evidence add STORE FILE --as statements"
_AGAIN = re.compile(
    r"contradict|flip|zigzag|waver|vacillat|every|each|always|constantly|keep|again|противореч|кажд|постоянн|всегда|шараха|мечет|то и дело",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"revers|u-turn|about-face|chang\w+ (?:his|her|its|their|course)|switched|turned|abandon|передум|разверну|измени|смени|отказал",
    re.IGNORECASE,
)


def measure(run: Run) -> Measured:
    """Whether an actor's stance on an issue turns more often than coding errors and one lasting change allow (pattern waver),
    or turned once and lastingly (pattern turn).

    Estimand: reversals per opportunity, less what the best path with at most one lasting change (turn: none) gives with the
        coding error e. An opportunity is a pair of consecutive non-zero stances on one issue on different days. Beside it the
        number K of true changes with its 95 % interval; the margin is one lasting change, K = 1 (turn: none).
    Null: one position with at most one lasting change (turn: none), each sign wrong with probability e. Order arm: residuals of
        the best such path are permuted in time, T = log-likelihood of a chain that may turn at any step over that path's. Rate
        arm: as many reversals come from errors around that path, e known up to a factor exp(N(0, .25)). p = twice the smaller.
    Assumes: a unit is actor, issue and day with the documents of that day; mean stances below .25 have no sign and are left
        out. e comes from --error, from double coding, else from the other actors' series, else .10; where it is not known the
        rate arm takes the actor as coded worse by 1 on the logit scale (.10 becomes .23). Errors are independent between units:
        errors that come in phases look exactly like reversals.
    Abstains: "untested" below 3 units; "inconclusive" below 8 opportunities whatever p says. Supported needs the order arm and
        two or more true changes in one series (lower end of K), or the rate arm at .025 with two thirds of the units clear;
        with several coders each of them alone. Contradicted needs P(K >= 2) below .05 in every series and the interval below
        .10 (turn: P(one change with 3 units on either side) below .05).
    References: Rabiner (1989), Proc. IEEE 77:257-286; Chib (1996), J. Econometrics 75:79-97; Phipson & Smyth (2010), Stat. Appl.
        Genet. Mol. Biol. 9:39; Wald & Wolfowitz (1940), Ann. Math. Stat. 11:147-162; McNemar (1947), Psychometrika 12:153-157.
    """
    ids = units_.who(run)
    clause, parameters = units_.window(run)
    every = units_.read_units(run, clause, parameters)
    mine = every.take(units_.named(run, every, ids))
    parts = units_.split(mine)
    rows = Rows(units_.read_rows(run, ids, clause, parameters))
    if not parts:
        return _untested(run, mine)
    turn = run.options["pattern"] == "turn"
    coding = units_.coding(run, every, ids)
    run.progress.step("permuting the order of the stances", 0, 1)
    read = reading_.read(parts, coding, float(mine.clear.mean()), turn, run.rng())
    items, shown = reading_.items(read, rows, turn)
    alone = _coders_alone(run, ids, coding, turn)
    ordered = rows.ids([r for i in items for r in i.evidence])
    few = read.few(1 if turn else 2)
    if turn:
        p, against = read.turn.p, max(reversals.turned(s, LEAST_SIDE) for s in read.series)
    else:
        p, against = min(1.0, 2 * min(read.waver.p, read.p_rate)), float(1 - few.min())
    thin = read.opportunities < LEAST_OPPORTUNITIES
    short = f"Fewer than {LEAST_OPPORTUNITIES} opportunities are never enough." if thin else ""
    one_sided = not np.any(every.stance[every.clear] > 0) or not np.any(every.stance[every.clear] < 0)
    details = _details(run, read, coding, every, ids, mine, alone) | {"turnings": shown[:MOST_SHOWN]}
    return Measured(
        found=_sentence(read, coding, shown, turn, against < reading_.ALPHA),
        estimate=read.estimate, interval=read.interval, p_value=p, p_contradicted=max(against, 1 / (1 + reading_.POSTERIOR_DRAWS)),
        n=read.opportunities, n_needed=_needed(read, coding), items=items, evidence=ordered, evidence_total=len(ordered),
        details=details,
        caveats=[*_caveats(read, coding, mine, alone, turn), *coders_caveat(details["coders"])],
        cannot_support=short or (_no_turn(read) if turn else _no_waver(read)) or _coder_gate(alone),
        cannot_contradict=short or ("Every stance in the evidence is on one side: such a coding cannot show a reversal." if one_sided else ""),
        excludable=EXCLUDABLE,
    )  # fmt: skip


def _untested(run: Run, mine: Units) -> Measured:
    issue = f" on {run.options['issue']}" if run.options["issue"] else ""
    clear = int(mine.clear.sum())
    why = f"{clear} day{'s' if clear != 1 else ''} with a clear stance of {run.options['actor']}{issue} in this window, and no issue with three. {ADD}"
    return Measured(found="", untested=why, n=0, n_needed=LEAST_OPPORTUNITIES, details={"units": clear})


def _no_waver(read: Reading) -> str:
    if read.wavers_in_order or read.wavers_in_rate:
        return ""
    if read.p_rate < reading_.RATE_ALPHA:
        return f"Only {read.definite:.0%} of the occasions are clear enough to have a sign; two thirds are needed for a rate."
    return "The order of the stances is unusual, but two true changes in one series are not certain."


def _no_turn(read: Reading) -> str:
    if read.wavers_in_order:
        return "The position turned more than once: that is wavering, and not one lasting change."
    sides = [_sides(s) for s in read.series]
    if not any(f < 0.025 and min(side) >= LEAST_SIDE for f, side in zip(read.few(1), sides, strict=True)):
        return f"No issue shows one change with certainty and at least {LEAST_SIDE} occasions on either side."
    return ""


def _sides(series: reversals.Series) -> tuple[int, int]:
    path = reversals.one_change_path(series)
    before = int((path == path[0]).sum())
    return before, len(path) - before


def _coders_alone(run: Run, ids: list[str], coding: Coding, turn: bool) -> list[dict[str, Any]]:
    """The same test on what each coder alone coded, where several did."""
    clause, parameters = units_.window(run)
    found = []
    for coder in units_.coders(run, ids, clause, parameters):
        own = units_.read_units(run, f"{clause} and coder = $coder", parameters | {"coder": coder})
        own = own.take(units_.named(run, own, ids))
        parts = units_.split(own)
        if sum(len(p.day) - 1 for p in parts) < LEAST_OPPORTUNITIES:
            continue
        read = reading_.read(parts, coding, float(own.clear.mean()), turn, run.rng())
        p = read.turn.p if turn else min(1.0, 2 * min(read.waver.p, read.p_rate))
        found.append({"coder": coder, "opportunities": read.opportunities, "reversals": read.observed, "p_value": p})
    return found


def _coder_gate(alone: list[dict[str, Any]]) -> str:
    doubt = [str(a["coder"]) for a in alone if a["p_value"] >= reading_.ALPHA]
    return f"The codings of {', '.join(doubt)} alone do not show it." if doubt else ""


def _sentence(read: Reading, coding: Coding, shown: list[dict[str, Any]], turn: bool, decided: bool) -> str:
    r, n = read.observed, read.opportunities
    low, high = read.count_interval()
    path = "one constant position" if turn else "one position with at most one lasting change"
    text = (
        f"{r} of {n} stances contradict the one before on the same issue ({r / n:.0%}); {path} gives {read.expected:.1f} through "
        f"coding errors of {coding.errors[0]:.0%} ({coding.source})."
    )
    if read.wavers_in_rate and not turn and not read.wavers_in_order:
        text += f" That is more than even errors of {read.rate_error[0]:.0%} give; which of them are true changes cannot be told ({low} to {high}, 95 %)."
    else:
        text += f" The position truly changed {_times(low, high)} (95 %)."
    if read.wavers_in_order and not turn:
        text += " The order shows it, not the number: errors fall anywhere, these come in lasting blocks."
    elif read.wavers_in_rate and not turn:
        pass
    elif read.p_rate_as_given < reading_.RATE_ALPHA and not turn:
        text += (
            f" That is more than such errors give (p = {read.p_rate_as_given:.2g}), but this actor may be coded worse than the others: "
            f"errors of {read.rate_error[0]:.0%} would explain it; double coding, or --error, would tell."
        )
    if n < LEAST_OPPORTUNITIES and r:
        text += f" Fewer than {LEAST_OPPORTUNITIES} opportunities are never enough: coding errors alone give as many with probability {reversals.reversal_tail(r, n, float(coding.errors[0])):.2f}."
    alone = [s for s in shown if s["what"].startswith("one dissenting")]
    if (
        alone
        and not decided
        and not (read.wavers_in_order or read.wavers_in_rate or (turn and read.turn.p < reading_.ALPHA))
    ):
        days = ", ".join(s["at"] for s in alone[:3])
        one = len(alone) == 1
        text += f" What would decide it: a second coding of the dissenting statement{'' if one else 's'} of {days}, or more stances."
    return text


def _times(low: int, high: int) -> str:
    if low == high:
        return "never" if high == 0 else "once" if high == 1 else f"{high} times"
    return f"{low} to {high} times"


def _needed(read: Reading, coding: Coding) -> int | None:
    """Opportunities that would decide it if the record went on at this rate."""
    n = read.opportunities
    for e in (float(read.rate_error[0]), float(coding.errors[0])):
        more = reversals.opportunities_needed(read.observed / n, e, reading_.RATE_ALPHA, LEAST_OPPORTUNITIES)
        if more is not None and more > n:
            break
    if more is None and read.estimate < EXCLUDABLE:
        half = read.interval[1] - read.estimate
        more = max(LEAST_OPPORTUNITIES, math.ceil(n * (half / (EXCLUDABLE - read.estimate)) ** 2))
    return more if more is not None and n < more <= 10**5 else None


def _details(
    run: Run, read: Reading, coding: Coding, every: Units, ids: list[str], mine: Units, alone: list[dict[str, Any]]
) -> dict[str, Any]:
    low, high = read.count_interval()
    n = read.opportunities
    order = sorted(
        range(len(read.parts)),
        key=lambda k: (read.waver.p_by_series[k], float(read.few(2)[k]), -len(read.parts[k].day)),
    )
    window = {"since": run.options["since"], "until": run.options["until"]}
    details: dict[str, Any] = {
        "coders": coders_details(run.evidence, **window),
        "pattern": run.options["pattern"], "reversals": read.observed, "opportunities": n, "expected_reversals": read.expected,
        "rate": read.observed / n, "rate_interval": clopper_pearson(read.observed, n), "p_order": read.waver.p, "p_rate": read.p_rate, "p_rate_as_given": read.p_rate_as_given,
        "p_turn": read.turn.p, "changes": [low, high], "changes_beyond_one_per_opportunity": [(low - 1) / n, (high - 1) / n],
        "error": coding.errors, "error_source": coding.source, "error_known": coding.known, "error_of_rate_arm": read.rate_error,
        "units": int(mine.clear.sum()), "lukewarm_left_out": int((~mine.clear).sum()), "definite": read.definite,
        "series": [_series(read, k) for k in order[:20]], "coders_alone": alone,
    }  # fmt: skip
    if run.evidence.count("votes"):
        details["words_and_votes"] = words_and_votes(run, every, ids)
    return details


def _series(read: Reading, k: int) -> dict[str, Any]:
    part, series = read.parts[k], read.series[k]
    low, high = np.quantile(read.changes[k], [0.025, 0.975], method="inverted_cdf")
    runs, expected, p = reversals.runs_test(series.signs)
    before, after = _sides(series)
    shift = reversals.log_odds_shift(series.signs, before) if after else None
    return {
        "actor": str(part.actor[0]), "issue": str(part.label[0]), "units": len(part.day), "reversals": reversals.reversals(series.signs),
        "changes": [int(low), int(high)], "p_two_or_more": float(1 - read.few(2)[k]), "p_order": read.waver.p_by_series[k],
        "p_turn": read.turn.p_by_series[k], "runs": runs, "runs_expected": expected, "p_runs": p,
        "turn_at": str(part.day[before]) if after else None,
        "log_odds_shift": None if shift is None else {"shift": shift[0], "standard_error": shift[1]},
        "points": [[str(d), float(x), float(q)] for d, x, q in zip(part.day, part.stance, read.plus[k], strict=True)][:400],
    }  # fmt: skip


def _caveats(read: Reading, coding: Coding, mine: Units, alone: list[dict[str, Any]], turn: bool) -> list[str]:
    found = []
    lukewarm = int((~mine.clear).sum())
    if lukewarm:
        found.append(
            f"{lukewarm} lukewarm occasions (mean stance below {units_.DEAD_ZONE}) have no sign and are left out."
        )
    if not coding.known:
        found.append(
            f"The coding error is not known for this actor ({coding.source}); the rate arm allows errors of {read.rate_error[0]:.2g}. "
            "Double coding or --error would sharpen it."
        )
    if not alone:
        found.append(
            "Coding errors that come in phases, such as one coder's bad month, look exactly like reversals; several coders would tell."
        )
    if not turn and read.waver.p < reading_.ALPHA and read.turn.p < reading_.ALPHA and not read.wavers_in_order:
        found.append("The record may hold one lasting change: ask with --pattern turn.")
    found.append(
        "A coder who assigns last month's position hides reversals. Whether a change was learning, lying or an order cannot be known."
    )
    return found


def ask(options: Mapping[str, Any], label: Callable[[str], str]) -> str:
    """The question in plain words."""
    actor = label(str(options.get("actor") or "the actor"))
    issue = f" on {options['issue']}" if options.get("issue") else ""
    if options.get("pattern") == "turn":
        return f"Did {actor} change sides once and lastingly{issue}{window_text(options)}?"
    return f"Does {actor} change sides more often than coding errors and one lasting change allow{issue}{window_text(options)}?"


def _pattern(claim: Claim) -> str:
    return "turn" if _ONCE.search(claim.text) and not _AGAIN.search(claim.text) else "waver"


INSTRUMENT = Instrument(
    name="reversal",
    question="Does an actor change sides more often than noise allows?",
    kinds=(Kind.REVERSAL,),
    needs=(
        Need("statements", "stances", ("statement", "at", "actor", "issue", "stance")),
        Need("votes", "deeds beside the words", ("motion", "at", "actor", "issue", "choice")),
    ),
    options=(
        Option("actor", "actor", "whose stances", required=True, ask="whose stances"),
        Option("issue", "label", "one issue label"),
        Option(
            "pattern",
            "choice",
            "waver: turns again and again; turn: one lasting change",
            default="waver",
            choices=("waver", "turn"),
            fill=_pattern,
        ),
        Option("error", "number", "chance that a coded stance shows the wrong sign", low=0, high=0.45),
        Option("since", "date", "first day looked at"),
        Option("until", "date", "last day looked at"),
    ),
    unit="reversals per opportunity beyond what one lasting change and coding errors give",
    margin=0.0,
    excludable=EXCLUDABLE,
    searches=True,
    measure=measure,
    ask=ask,
    charts=charts,
    world=world,
)

"""influence: whose acts or positions lead whose, beyond the usual pair?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kayfabe.instruments import influence_record as record_
from kayfabe.instruments.declaration import Instrument, Measured, Need, Option, Run
from kayfabe.instruments.influence_charts import charts
from kayfabe.instruments.influence_record import Array, Record, Way
from kayfabe.instruments.influence_worlds import world
from kayfabe.instruments.window import members, where, window_text
from kayfabe.models import Claim, Item, Kind
from kayfabe.networks.coding import coders_caveat, coders_details
from kayfabe.stats import leading
from kayfabe.stats.multiplicity import benjamini_hochberg, simes

MARGIN = 0.05
EXCLUDABLE: dict[Way, float] = {"acts": 0.25, "positions": 0.10}
UNIT: dict[Way, str] = {
    "acts": "further acts of the follower per act of the leader, beyond the usual pair",
    "positions": "adopted changes per change of the leader's position, beyond the usual pair (an index, lowered by detection)",
}
AS_MUCH: dict[Way, str] = {"acts": "", "positions": " (about three of five changes adopted)"}
LEAST_ACTORS, LEAST_DAYS, GATE = 4, 180, 0.20
LEAST_EXPECTED, TO_STAND, DENSE = 10.0, 20.0, 50.0
ADD = "Add some with: kayfabe evidence add STORE FILE --as"


def measure(run: Run) -> Measured:
    """Whose acts are followed by another's, or whose changes of position are adopted, more than between the usual pair.

    Estimand: acts: further acts of the follower in the 1 to 7 days after an act of the leader, per act of the leader, beyond the
        median pair. Positions: changes of the follower to the leader's side 10 to 45 days after the leader's change, per such change, beyond the median pair.
    Null: the two are a usual pair. A shock that moves everybody raises every pair's coincidence, so the null is the median over
        all ordered pairs of the named and the other active actors; its spread is the larger of the pair's own (the same sum at far lags; positions:
        against the follower's other issues) and 1.4826 MAD over pairs, with a t tail of pairs - 1 degrees of freedom.
    Assumes: usual activity (45-day smoother times weekday) is kept for each actor; weeks without any row are missing, not quiet;
        same-day coincidences count for neither side. Positions are smoothed from both sides with a coding error chosen by likelihood.
        The window is fixed before looking: several windows are several tests. A mover outside the data cannot be excluded: "leads" is the strongest word.
    Abstains: "untested" with fewer than 4 actors of 30 acts, 180 days, or 10 coincidences expected by chance (positions: 4
        changes of either). An item stands when q < .05, its interval is above .05, after exceeds before (p < .20; else the two "move
        with" each other), 20 coincidences are expected, and it stays above .05 without the days on which everybody moved.
        Contradicted: every pair's interval below .25 (positions .10, which reads as three of five changes adopted): "did not that
        much", never "cannot".
    References: Box, Jenkins & Reinsel (2008), Time Series Analysis, ch. 12; Hawkes (1971), Biometrika 58:83-90; Veen & Schoenberg
        (2008), J. Am. Stat. Assoc. 103:614-624; Simes (1986), Biometrika 73:751-754; Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289-300.
    """
    record, why = _read(run)
    if record is None:
        return Measured(found="", untested=why, details={"why": why})
    lacking = _lacking(run, record)
    n = len(record.rows.day)
    evidence = [str(r) for r in record.rows.ids]
    coders = None if record.table == "events" else coders_details(run.evidence, since=run.options["since"], until=run.options["until"])
    details = _about(record, why) | {"coders": coders}
    if lacking:
        return Measured(
            found="", untested=lacking, n=n, evidence=evidence[:1000], evidence_total=n, details=details | {"pairs": []}, n_needed=None,
            excludable=EXCLUDABLE[record.way], unit=UNIT[record.way],
        )  # fmt: skip
    run.progress.step("comparing with the usual pair", 0, 1)
    pairs = _pairs(run, record)
    tested = [p for p in pairs if p["tested"]]
    tested.sort(key=lambda p: (p["p_value"], -p["estimate"], p["expected"]))
    pairs = tested + [p for p in pairs if not p["tested"]]
    items = [
        Item(
            key={"leader": p["leader"], "follower": p["follower"]}, estimate=p["estimate"], interval=p["interval"], p_value=p["p_value"],
            q_value=p["q_value"], evidence=[e[k] for e in p["examples"] for k in ("leader_row", "follower_row")],
        )
        for p in tested
    ]  # fmt: skip
    ordered = list(dict.fromkeys([*(r for i in items for r in i.evidence), *evidence]))
    best = tested[0]
    excludable = EXCLUDABLE[record.way]
    widest = max(p["interval"][1] for p in tested)
    return Measured(
        found=f"{_sentence(run, record, best, tested)} Looked at: {why}. {_method(record, best)}", estimate=best["estimate"], interval=best["interval"],
        p_value=simes([p["p_value"] for p in tested]), p_contradicted=max(p["p_contradicted"] for p in tested), n=n,
        n_needed=_needed(n, best, excludable), items=items, evidence=ordered[:1000], evidence_total=n,
        details=details | {"pairs": pairs}, caveats=[*_caveats(record, tested), *coders_caveat(coders)],
        cannot_contradict="" if widest < excludable else f"The effect {excludable:g} is not excluded for every pair: one interval reaches {widest:.2f}.",
        excludable=excludable, unit=UNIT[record.way],
    )  # fmt: skip


def _read(run: Run) -> tuple[Record | None, str]:
    """What is looked at, and why that: positions where statements hold lasting ones on six issues, else acts."""
    window = run.options["window"]
    by, table = run.options["by"], run.options["in"]
    days = {way: int(window or default) for way, default in record_.WINDOW.items()}
    if by == "positions" and table == "events":
        return None, "Events hold no positions: leave --in out, or ask with --by acts."
    positions = record_.read_positions(run, days["positions"]) if by != "acts" and table != "events" else None
    refused = _no_positions(positions)
    if positions is not None and not refused:
        return (
            positions,
            f"positions, as statements hold lasting ones on {len(positions.issues)} issues on which the named actors speak",
        )
    if by == "positions":
        return None, f"{refused}. {ADD} statements"
    tables = [table] if table else sorted(("events", "statements"), key=lambda t: -_spoken(run, t))
    acts = record_.read_acts(run, tables[0], days["acts"])
    if acts is None or not len(acts.rows.day):
        return None, f"No {' or '.join(tables)} of the named actors in this window. {ADD} {tables[0]}"
    return acts, f"acts counted in {tables[0]}" + (
        f", as {refused[0].lower()}{refused[1:]}" if by is None and positions is not None else ""
    )


def _spoken(run: Run, table: str) -> int:
    clause, parameters = where(run.options)
    known = run.evidence.actor_names()
    ids = sorted({m for a in run.options["actors"] for m in members(a, run.actors, known)})
    actor = "source" if table == "events" else "actor"
    sql = f"select count(*) from {table} where list_contains($ids, {actor}) and {clause}"
    return int(run.evidence.query(sql, ids=ids, **parameters)[0][0])


def _no_positions(record: Record | None) -> str:
    """Why statements cannot show who adopts whose positions; empty where they can."""
    if record is None or record.chain is None:
        return "There are no statements of the named actors"
    if len(record.issues) < record_.LEAST_ISSUES:
        return f"The named actors share {len(record.issues)} issues; {record_.LEAST_ISSUES} are needed for positions"
    if record.chain.gain < record_.LEAST_GAIN:
        return "The stances hold no lasting positions: each might be a coin thrown anew"
    if (record.windows.size[: record.named] >= record_.LEAST_CHANGES).sum() < 2:
        return f"Fewer than two of the named actors change position {record_.LEAST_CHANGES:.0f} times or more"
    return ""


def _lacking(run: Run, record: Record) -> str:
    if record.days < LEAST_DAYS:
        return f"The record covers {record.days} days; {LEAST_DAYS} are needed. {ADD} {record.table}"
    if _use(record).sum() < LEAST_ACTORS:
        return f"Only {int(_use(record).sum())} actors have {record_.LEAST_OTHER_ACTS} rows or more; {LEAST_ACTORS} are needed to say what is usual. {ADD} {record.table}"
    if not any(_testable(record, i, j) for i, j in _asked(run, record)):
        most = max((record.expected[i, j] for i, j in _asked(run, record)), default=0.0)
        what = "coincidences expected by chance" if record.way == "acts" else "changes of position"
        least = LEAST_EXPECTED if record.way == "acts" else record_.LEAST_CHANGES
        return f"No pair has {least:.0f} {what} (at most {most:.1f}). {ADD} {record.table}"
    return ""


def _use(record: Record) -> Array:
    """Actors that say what is usual."""
    rows = record.counts.sum(axis=1) >= record_.LEAST_OTHER_ACTS
    return (
        np.asarray(rows & (record.windows.size >= record_.LEAST_CHANGES))
        if record.way == "positions"
        else np.asarray(rows)
    )


def _asked(run: Run, record: Record) -> list[tuple[int, int]]:
    """Ordered pairs of the named actors that the question asks about."""
    leader, follower = run.options["leader"], run.options["follower"]
    return [
        (i, j)
        for i in range(record.named)
        for j in range(record.named)
        if i != j and leader in (None, record.names[i]) and follower in (None, record.names[j])
    ]


def _testable(record: Record, i: int, j: int) -> bool:
    return bool(record.expected[i, j] >= (LEAST_EXPECTED if record.way == "acts" else record_.LEAST_CHANGES))


def _pairs(run: Run, record: Record) -> list[dict[str, Any]]:
    """Every ordered pair of the named actors against the usual pair; those asked about and testable have q-values."""
    use = _use(record)
    leads = leading.against_the_usual(record.windows, use, MARGIN, EXCLUDABLE[record.way])
    apart = leading.against_the_usual(record.apart, use, MARGIN, EXCLUDABLE[record.way]) if record.apart else None
    asked = set(_asked(run, record))
    every = [(i, j) for i in range(record.named) for j in range(record.named) if i != j]
    tested = [(i, j) for i, j in every if (i, j) in asked and _testable(record, i, j)]
    p = {ij: float(max(leads.p_usual[ij], leads.p_margin[ij])) for ij in every}
    q = dict(zip(tested, benjamini_hochberg([p[ij] for ij in tested]), strict=True))
    found = []
    for i, j in every:
        gate, without = float(leads.p_gate[i, j]), None if apart is None else float(apart.estimate[i, j])
        stays = without is None or without > MARGIN
        enough = record.way == "positions" or record.expected[i, j] >= TO_STAND
        wide = max(q.get((i, j)) or 0.0, 2 * float(leads.p_margin[i, j]))
        standing = wide if gate < GATE and stays and enough else 1.0
        with_ = wide < 0.05 and (i, j) in q
        found.append(
            {
                "leader": record.names[i], "follower": record.names[j], "tested": (i, j) in q, "estimate": float(leads.estimate[i, j]),
                "interval": [float(leads.low[i, j]), float(leads.high[i, j])], "p_value": p[i, j], "p_contradicted": float(leads.p_contradicted[i, j]),
                "q_value": min(1.0, standing) if (i, j) in q else None,
                "word": "leads" if with_ and standing < 0.05 else "moves with" if with_ else "no lead shown",
                "p_after_over_before": gate, "after": float(record.windows.after[i, j]), "before": float(record.windows.before[i, j]),
                "expected": float(record.expected[i, j]), "moves_of_leader": float(record.windows.size[i]), "without_common_days": without,
                "leaders_median": float(np.median(np.delete(leads.estimate[i][use], np.flatnonzero(np.flatnonzero(use) == i)))),
                "examples": record_.examples(record, i, j) if (i, j) in q else [], "hawkes": _second(record, i, j) if (i, j) in q else None,
            }
        )  # fmt: skip
    return found


def _second(record: Record, i: int, j: int) -> dict[str, float] | None:
    """For dense acts a second opinion: the Hawkes process with every actor in it."""
    if record.way != "acts" or record.expected[i, j] <= DENSE:
        return None
    keep = np.unique([i, j, *range(min(len(record.names), 8))])
    place = {int(k): at for at, k in enumerate(keep)}
    effect, p = leading.hawkes_p(
        record.counts[keep], record.usual[keep], record.seen, place[i], place[j], record.window
    )
    return {"acts_per_act": effect, "p_value": p}


def _about(record: Record, why: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "way": record.way, "why": why, "table": record.table, "window": record.window, "unit": UNIT[record.way], "days": record.days,
        "first": str(record.first), "missing_weeks": record.missing_weeks, "common_days": record.common_days,
        "actors": len(record.names), "reference_pairs": int(_use(record).sum() * (_use(record).sum() - 1)),
        "moves": {record.names[k]: float(record.windows.size[k]) for k in range(record.named)},
    }  # fmt: skip
    if record.chain is not None:
        found |= {"issues": len(record.issues), "coding_error": record.chain.error, "switch_rate": record.chain.rate}
    return found


def _sentence(run: Run, record: Record, best: dict[str, Any], tested: list[dict[str, Any]]) -> str:
    leader, follower = run.actors.label(best["leader"]), run.actors.label(best["follower"])
    low, high = best["interval"]
    more = f"{abs(best['estimate']):.2f} {'more' if best['estimate'] >= 0 else 'fewer'}"
    usual = f"than in the usual pair of {len(record.names)} actors [{low:.2f}, {high:.2f}]"
    sides = f"{best['after']:.1f} after, {best['before']:.1f} before"
    if record.way == "acts":
        text = f"For each act of {leader} there are {more} acts of {follower} within {record.window} days {usual}; beyond each one's own rhythm {sides}."
    else:
        text = (
            f"For each change of position of {leader} there are {more} changes of {follower} to the same side within 10 to {record.window} "
            f"days {usual}; weighed by how certain they are, {sides}."
        )
    standing = [p for p in tested if p["word"] == "leads"]
    if standing:
        pairs = (f"{run.actors.label(p['leader'])} leads {run.actors.label(p['follower'])}" for p in standing)
        text += f" {', '.join(pairs)}."
    elif any(p["word"] == "moves with" for p in tested):
        text += f" {leader} and {follower} move together, but which of them comes first is not shown."
    if max(p["interval"][1] for p in tested) < EXCLUDABLE[record.way]:
        who = f"{leader} did not move {follower}" if len(tested) == 1 else "none of them moved another"
        text += (
            f" An effect of {EXCLUDABLE[record.way]:g} or more{AS_MUCH[record.way]} is excluded: {who} that much. Weaker influence is not "
            "excluded, and whether they could is another matter."
        )
    return text


def _method(record: Record, best: dict[str, Any]) -> str:
    """Which method was used, and why."""
    if record.way == "positions":
        return "Method: changes of positions smoothed from both sides, against the usual pair, as single statements are too noisy to date a change."
    text = "Method: coincidences beyond each actor's usual activity, against the usual pair"
    second = best["hawkes"]
    if second is None:
        return f"{text}, as the record is sparse ({best['expected']:.0f} coincidences expected by chance)."
    p = "p < .001" if second["p_value"] < 0.001 else f"p = {second['p_value']:.2g}"
    return (
        f"{text}; as the record is dense ({best['expected']:.0f} coincidences expected by chance), a Hawkes process with every actor in it was "
        f"fitted as well: {second['acts_per_act']:.2f} acts per act, {p}."
    )


def _needed(n: int, best: dict[str, Any], excludable: float) -> int | None:
    """Rows that would take the interval off the nearer of the margin and the excludable effect, the record going on as it is."""
    half = (best["interval"][1] - best["interval"][0]) / 2
    gap = max(best["estimate"] - MARGIN, excludable - best["estimate"])
    needed = math.ceil(n * (half / gap) ** 2)
    return needed if needed > n else None


def _caveats(record: Record, tested: list[dict[str, Any]]) -> list[str]:
    found = [
        "A third mover outside the data, or one who merely reacts faster to the same outside events, looks like a leader; an announced plan looks like influence on itself.",
        f"The window of {record.window} days was fixed before looking; slower effects are invisible, and trying several windows is several tests.",
    ]
    if record.missing_weeks:
        found.append(f"{record.missing_weeks} weeks without any row are taken as missing, not as quiet.")
    if record.way == "positions":
        found.append(
            "The effect on positions is an index: coding errors and rare statements hide part of each adoption."
        )
        if len(record.issues) < record_.LEAST_ISSUES:
            found.append(
                f"Only {len(record.issues)} shared issues: the null spread comes from far lags, which is less well tested."
            )
    if any(p["word"] == "moves with" for p in tested):
        found.append(
            "Mutual influence cancels in after less before: 'moves with' may hide it; both directions are listed."
        )
    if any(p["expected"] < TO_STAND for p in tested) and record.way == "acts":
        found.append(
            f"Pairs with fewer than {TO_STAND:.0f} coincidences expected by chance are shown but cannot stand."
        )
    return found


def ask(options: Mapping[str, Any], label: Callable[[str], str]) -> str:
    """The question in plain words."""
    names = [label(str(a)) for a in options.get("actors") or ["the actors"]]
    issue = f" on {options['issue']}" if options.get("issue") else ""
    leader, follower = options.get("leader"), options.get("follower")
    who = label(str(leader)) if leader else "any of them"
    whom = label(str(follower)) if follower else "another"
    if leader and not follower and len(names) == 2:
        whom = next((n for n in names if n != who), whom)
    return f"Among {', '.join(names)}, does {who} lead {whom}, beyond what is usual{issue}{window_text(options)}?"


def _leader(claim: Claim) -> str | None:
    """Who is said to move the others, by the roles of the claim's actors."""
    return _only(claim, "acts")


def _follower(claim: Claim) -> str | None:
    """Who is said to be moved, where more than two are named; of two, the leader says it."""
    return _only(claim, "undergoes") if len({m.actor for m in claim.actors}) > 2 else None


def _only(claim: Claim, role: str) -> str | None:
    """The one actor of this role, unless another role holds it too."""
    own = {m.actor for m in claim.actors if m.role == role}
    others = {m.actor for m in claim.actors if m.role not in (role, None)}
    return next(iter(own)) if len(own) == 1 and others and not own & others else None


INSTRUMENT = Instrument(
    name="influence",
    question="Whose acts or positions lead whose?",
    kinds=(Kind.INFLUENCE,),
    needs=(
        Need("statements", "positions or acts", ("statement", "at", "actor", "issue", "stance")),
        Need("events", "acts", ("event", "at", "source")),
    ),
    options=(
        Option(
            "actors",
            "actors",
            "the actors among whom someone leads",
            required=True,
            least=2,
            most=None,
            ask="which actors",
        ),
        Option(
            "leader",
            "actor",
            "only pairs that this one leads",
            fill=_leader,
            ask="who is said to move the other (leader = ...); empty this list to ask of either",
        ),
        Option("follower", "actor", "only pairs in which this one follows", fill=_follower),
        Option("by", "choice", "what leads: acts in time, or changes of position", choices=("acts", "positions")),
        Option("in", "choice", "the table to look in", choices=("events", "statements")),
        Option("window", "number", "longest delay in days (acts 7, positions 45)", low=2, high=90),
        Option("issue", "label", "one issue label"),
        Option("since", "date", "first day looked at"),
        Option("until", "date", "last day looked at"),
    ),
    unit=UNIT["acts"],
    margin=MARGIN,
    excludable=EXCLUDABLE["acts"],
    searches=True,
    measure=measure,
    ask=ask,
    charts=charts,
    world=world,
)

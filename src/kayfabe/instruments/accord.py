"""accord: do two actors' words and deeds agree beyond what is usual? Staged quarrels, and plain alignment."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kayfabe.instruments import accord_events, accord_issues, accord_votes, accord_words, accord_worlds
from kayfabe.instruments.accord_charts import charts
from kayfabe.instruments.accord_split import compare
from kayfabe.instruments.accord_votes import LEAST_MOTIONS, LEAST_PROMISED, MARGIN, Ballots, Deeds
from kayfabe.instruments.accord_words import LEAST_OTHERS, LEAST_STATEMENTS
from kayfabe.instruments.declaration import Instrument, Measured, Need, Option, Run
from kayfabe.instruments.window import window_text
from kayfabe.models import Claim, Item, Kind
from kayfabe.networks.coding import coders_caveat

ADD = "Add some with: kayfabe evidence add STORE FILE --as"


def measure(run: Run) -> Measured:
    """How much of the disagreement that their words promise is missing from their deeds (claim staged), or how far two
    actors agree beyond the usual pair (claim aligned).

    Estimand: staged, votes: 1 - (motions they voted apart) / (motions that pairs who talk like them vote apart, on the same
        motions), relative to the median of such pairs; 0 they vote apart as often as their words promise, 1 never. Aligned,
        votes: 1 - (1 - A) / (1 - median A), with A = 1 - apart / usual and the median over the pairs that either of the two forms
        with others. Shown beside it, issue by issue: W = 1 - apart / usual in statements. Events: mean score of deeds less the warmer of a line
        and an isotonic fit of deeds on words over all dyads (aligned: less the median dyad).
    Null: staged: the two are like other pairs that talk like them, whose missing disagreement scatters around its median.
        Aligned: the two agree as either of them does with others; p is at least the rank of A among those pairs.
    Assumes: choices are yes, no, abstain; absences are missing, not opposed. Motions with one title are one cluster. Words
        place actors on one line; the reference actors are not themselves staging. A bloc is the mean over its cross-pairs
        (members by date), against random sets of equal size.
    Abstains: fewer than 10 common motions; for staged also fewer than 8 statements of either, or 8 other actors with 3
        statements, or statements that differ by noise alone: then "untested", with the deeds side in full. Events: fewer than 20 words or 10 deeds of the two, or 15
        other dyads with as many. Words not clearly apart (probability below .7) or deeds below the median pair never support.
    References: Signorino & Ritter (1999), Int. Stud. Q. 43:115-144; Haege (2011), Polit. Anal. 19:287-305; Nadaraya (1964),
        Theory Probab. Appl. 9:141-142; Goldstein (1992), J. Confl. Resolut. 36:369-385; Kitagawa (1955), J. Am. Stat. Assoc. 50:1168-1194.
    """
    one, two = accord_votes.sides(run)
    ballots = accord_votes.read_ballots(run, one, two)
    measured = _deeds(run, one, two, ballots)
    words = accord_issues.by_issue(run, one, two, ballots) if run.evidence.count("statements") else None
    if words is None:
        return measured
    found = f"{measured.found} {accord_issues.sentence(words)}".strip()
    return replace(
        measured, found=found, details=measured.details | {"words_by_issue": words},
        caveats=[*measured.caveats, *coders_caveat(words["coders"])],
    )  # fmt: skip


def _deeds(run: Run, one: list[str], two: list[str], ballots: Ballots) -> Measured:
    silent = not len(ballots.motions) or (_spoke(run, one, two) == (0, 0) and _events(run, one, two))
    if silent and run.evidence.count("events"):
        return accord_events.measure(run, one, two)
    if not len(ballots.motions):
        return Measured(found="", untested=f"No motion in this window on which both voted, and no events. {ADD} votes")
    return _votes(run, ballots)


def _spoke(run: Run, one: list[str], two: list[str]) -> tuple[int, int]:
    sql = "select count(*) from statements where list_contains($ids, actor)"
    return int(run.evidence.query(sql, ids=one)[0][0]), int(run.evidence.query(sql, ids=two)[0][0])


def _events(run: Run, one: list[str], two: list[str]) -> int:
    sql = (
        "select count(*) from events where (list_contains($one, source) and list_contains($two, target)) "
        "or (list_contains($two, source) and list_contains($one, target))"
    )
    return int(run.evidence.query(sql, one=one, two=two)[0][0])


def _votes(run: Run, ballots: Ballots) -> Measured:
    deeds = accord_votes.deeds(ballots, run.rng())
    details: dict[str, Any] = {"path": "votes", **accord_votes.summary(ballots, deeds)}
    if run.options["split"]:
        run.progress.step("comparing like for like", 0, 1)
        details["split"] = compare(run, ballots)
    rows = accord_votes.rows(ballots, deeds)
    inside = accord_votes.inside_bloc(run, ballots, deeds)
    if inside:
        details["inside_bloc"] = inside
    caveats = _caveats(run, ballots, details)
    shared: dict[str, Any] = {
        "n": deeds.motions,
        "evidence": rows[:1000],
        "evidence_total": len(rows),
        "details": details,
        "caveats": caveats,
    }
    found = _deeds_sentence(deeds)
    if deeds.motions < LEAST_MOTIONS or deeds.a is None or len(deeds.own) < 10:
        why = (
            f"Only {deeds.motions} common motions; {LEAST_MOTIONS} are needed. {ADD} votes"
            if deeds.motions < LEAST_MOTIONS
            else f"Too few other actors to say what is usual. {ADD} votes"
        )
        return Measured(found=found, untested=why, n_needed=LEAST_MOTIONS, items=_items(deeds), **shared)
    if run.options["claim"] == "aligned":
        return _aligned(ballots, deeds, found, shared)
    return _staged(run, ballots, deeds, found, shared)


def _aligned(ballots: Ballots, deeds: Deeds, found: str, shared: dict[str, Any]) -> Measured:
    a = accord_votes.aligned(ballots, deeds)
    gap = Item(key={"side": "gap"}, estimate=a["estimate"], interval=a["interval"], p_value=a["p_value"])
    shared["details"]["rank_p"] = a["rank_p"]
    return Measured(
        found=f"{found} The pairs that either forms with others have a median A of {a['usual']:.2f}; {100 * (1 - a['rank_p']):.0f} % of them lie below.",
        estimate=a["estimate"], interval=a["interval"], p_value=a["p_value"], p_contradicted=a["p_contradicted"],
        n_needed=_needed(a["estimate"], a["se"], deeds.motions), items=_items(deeds, gap=gap),
        unit="share of the usual pair's disagreement that is missing from their votes", **shared,
    )  # fmt: skip


def _staged(run: Run, ballots: Ballots, deeds: Deeds, found: str, shared: dict[str, Any]) -> Measured:
    words = accord_words.read_words(run, ballots)
    shared["evidence"] = ([f"statements:{r}" for r in words.evidence[:200]] + shared["evidence"])[:1000]
    shared["evidence_total"] += len(words.evidence)
    spoken = [int(words.counts[side].sum()) for side in ballots.sides]
    speakers = int((words.counts[ballots.others] >= 3).sum())
    shared["details"] |= {"statements": spoken, "other_speakers": speakers}
    lacking = _lacking_words(run, spoken, speakers)
    if not lacking:
        judged, more = accord_words.staged(ballots, words, run.rng())
        if judged is None:
            lacking = f"{more['lacking']}. {ADD} statements"
    if lacking:
        deeds_only = " ".join(p for p in (found, accord_votes.against(deeds)) if p)
        shared["details"]["votes_alone_against"] = bool(accord_votes.against(deeds))
        return Measured(found=deeds_only, untested=lacking, n_needed=LEAST_STATEMENTS, items=_items(deeds), **shared)
    assert judged is not None
    shared["details"] |= {
        "s": judged.s, "promised": judged.expected, "s_usual": judged.usual, "s_spread": judged.spread, "reference_pairs": judged.references,
        "words_apart": more["words_apart"], "words_distance": more["distance"], "words_median_distance": more["median_distance"],
        "deeds_percentile": deeds.percentile, "histogram_s": _histogram(more["reference_s"]),
        "s_with_neighbours": more["with_neighbours"],
        "gates": {"words apart (>= .7)": more["words_apart"], "deeds together (>= .5)": deeds.percentile, "promised (>= 6)": judged.expected},
    }  # fmt: skip
    other_times = accord_words.other_times(ballots, words)
    shared["caveats"] += _untrue_to_all(run, more["with_neighbours"]) + ([other_times] if other_times else [])
    gap = Item(key={"side": "gap"}, estimate=judged.estimate, interval=judged.interval, p_value=judged.p_value)
    thin = (
        ""
        if judged.expected >= LEAST_PROMISED
        else f"Their words promise only {judged.expected:.1f} disagreements on these motions; {LEAST_PROMISED:.0f} are needed."
    )
    return Measured(
        found=f"They voted apart on {judged.apart:.4g} of {judged.motions} motions where pairs that talk like them do on {judged.expected:.4g}.",
        estimate=judged.estimate, interval=judged.interval, p_value=judged.p_value, p_contradicted=judged.p_contradicted,
        n_needed=_needed(judged.estimate, judged.se, judged.motions), items=_items(deeds, more["distance"], gap),
        cannot_support=thin or _gate(more["words_apart"], deeds), cannot_contradict=thin, refuted=_no_quarrel(more["words_apart"]), **shared,
    )  # fmt: skip


def _untrue_to_all(run: Run, shares: list[float | None] | None) -> list[str]:
    names = [run.actors.label(a) for a in run.options["actors"]]
    return [
        f"{names[k]} also votes with those who talk like {names[1 - k]} (s = {share:.2f}): its words may be untrue towards everybody, not a quarrel staged by the two."
        for k, share in enumerate(shares or [])
        if share is not None and share > MARGIN
    ]


def _lacking_words(run: Run, spoken: list[int], speakers: int) -> str:
    a, b = (run.actors.label(x) for x in run.options["actors"])
    if min(spoken) < LEAST_STATEMENTS:
        return (
            f"Their words are missing: {spoken[0]} statements of {a} and {spoken[1]} of {b} in this window; {LEAST_STATEMENTS} of each are needed. "
            f"{ADD} statements"
        )
    if speakers < LEAST_OTHERS:
        return f"Only {speakers} other voters have 3 statements; {LEAST_OTHERS} are needed to say what words like theirs promise. {ADD} statements"
    return ""


def _gate(words_apart: float, deeds: Deeds) -> str:
    if words_apart < 0.7:
        return f"Their words are not clearly further apart than the median pair's (probability {words_apart:.2f}; .7 is needed)."
    if (deeds.percentile or 0) < 0.5:
        return f"They vote together less than the median pair (percentile {deeds.percentile or 0:.2f})."
    return ""


def _no_quarrel(words_apart: float) -> str:
    if words_apart > 0.3:
        return ""
    return f"Their words do not quarrel: the probability that they stand further apart than the median pair is {words_apart:.2f} (at most .3 refutes)."


def _deeds_sentence(deeds: Deeds) -> str:
    if not deeds.motions:
        return ""
    place = "" if deeds.a is None else f" (A = {deeds.a:.2f})"
    return f"They voted apart on {deeds.apart:.4g} of {deeds.motions} common motions; {deeds.expected:.4g} are usual{place}."


def _items(deeds: Deeds, distance: float | None = None, gap: Item | None = None) -> list[Item]:
    return [
        Item(key={"side": "words"}, estimate=distance),
        Item(key={"side": "deeds"}, estimate=deeds.a, interval=deeds.interval),
        gap or Item(key={"side": "gap"}),
    ]


def _needed(estimate: float, se: float, n: int) -> int | None:
    """Motions that would take the interval off the margin if the record went on as it is."""
    gap = abs(estimate - MARGIN)
    if gap >= 1.96 * se:
        return None
    return min(10**6, math.ceil(n * (1.96 * se / max(gap, 0.01)) ** 2))


def _caveats(run: Run, ballots: Ballots, details: Mapping[str, Any]) -> list[str]:
    found = []
    if any(b == "SC" for b in ballots.bodies):
        found.append(
            "Security Council votes are adopted texts only where the evidence is the bundled one; vetoed drafts are missing, so agreement there is inflated."
        )
    if ballots.single and "inside_bloc" in details:
        inside = details["inside_bloc"]
        found.append(
            f"Both belong to {run.actors.label(inside['bloc'])}, and bloc discipline looks like staging: among the {inside['pairs']} other pairs inside it "
            f"the median A is {inside['A_usual']:.2f}, and these two stand above {100 * inside['percentile']:.0f} % of them."
        )
    elif not ballots.single:
        found.append(
            "A bloc's members vote by common discipline: agreement inside it is not evidence about any one of them."
        )
    found.append(
        "A pair picked by searching many pairs for the largest gap needs its p times the number of pairs searched. A common motive or a deal cannot be seen in votes."
    )
    return found


def _histogram(values: np.ndarray[Any, Any]) -> dict[str, Any]:
    edges = np.linspace(-2, 1, 31)
    return {"edges": edges, "counts": np.histogram(np.clip(values, -2, 1), edges)[0]}


def ask(options: Mapping[str, Any], label: Callable[[str], str]) -> str:
    """The question in plain words."""
    names = " and ".join(label(str(a)) for a in options.get("actors") or ["the two"])
    issue = f" on {options['issue']}" if options.get("issue") else ""
    if options.get("claim") == "aligned":
        return f"Do {names} agree in deeds beyond the usual pair{issue}{window_text(options)}?"
    return f"Is disagreement that the words of {names} promise missing from their deeds{issue}{window_text(options)}?"


def _claim(claim: Claim) -> str:
    return "aligned" if claim.kind == Kind.ALIGNMENT else "staged"


INSTRUMENT = Instrument(
    name="accord",
    question="Do two actors' words and deeds agree beyond what is usual?",
    kinds=(Kind.STAGED_DISAGREEMENT, Kind.ALIGNMENT),
    needs=(
        Need("votes", "deeds", ("motion", "at", "actor", "choice")),
        Need("events", "deeds", ("event", "at", "source", "target", "channel", "score")),
        Need("statements", "words", ("statement", "at", "actor", "issue", "stance")),
    ),
    options=(
        Option(
            "actors",
            "actors",
            "the two actors or blocs",
            required=True,
            least=2,
            most=2,
            ask="which two actors or blocs",
        ),
        Option("claim", "choice", "what is claimed", default="staged", choices=("staged", "aligned"), fill=_claim),
        Option("issue", "label", "one issue label"),
        Option("body", "text", "one voting body, such as GA or SC"),
        Option("since", "date", "first day looked at"),
        Option("until", "date", "last day looked at"),
        Option("split", "date", "compare before this day with from it on, like for like"),
    ),
    unit="share of the disagreement promised by words that is missing from votes",
    margin=MARGIN,
    years=5,
    measure=measure,
    ask=ask,
    charts=charts,
    world=accord_worlds.world,
)

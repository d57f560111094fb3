"""universal: does a rule without exceptions hold? Decided by its counterexamples, listed with their dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from kayfabe.instruments.declaration import Chart, Instrument, Measured, Need, Option, Run, World, WorldKind
from kayfabe.instruments.universal_words import quantifier, sign, table
from kayfabe.instruments.window import belonged, members, where, window_text
from kayfabe.models import Finding, Item, Kind
from kayfabe.stats.intervals import clopper_pearson

MARGIN = 0.05
CODED_ERROR = 0.05
_ERROR = {"votes": 0.0, "events": CODED_ERROR, "statements": CODED_ERROR}
_OCCASION = {"votes": "meetings", "events": "days", "statements": "days"}


@dataclass(frozen=True)
class _Rows:
    """Rows that the rule speaks about: id, day, occasion and sign (+1, 0, -1), each of shape (rows,); `others`: the ids of the
    votes that they are compared with, where they are."""

    ids: np.ndarray[Any, Any]
    days: np.ndarray[Any, Any]
    occasions: np.ndarray[Any, Any]
    signs: np.ndarray[Any, Any]
    others: np.ndarray[Any, Any] | None = None

    def behind(self, i: int) -> list[str]:
        """The ids of the rows behind one comparison."""
        return [str(self.ids[i])] + ([] if self.others is None else [str(self.others[i])])


def measure(run: Run) -> Measured:
    """The counterexamples of a rule, against what coding errors alone would give.

    Estimand: the share of independent occasions (one per meeting or day) on which the rule is broken.
    Null: for "contradicted", the rule holds and rows are miscoded with probability e, so that broken occasions are at most
        Binomial(n, e); for "supported", the rule is broken on at least 5 % of occasions.
    Assumes: occasions are independent; e is the chance that a row shows the wrong sign (votes 0, coded events and statements
        .05, adjustable with --error). An occasion with m rows counts as broken when so many of its rows break the rule that
        miscoding explains them with probability at most e, whether its rows are independent or copies of one story; with
        e = 0 one row suffices. A score of 0 and an abstention break "always", not "never". With --toward in votes, + is the
        same vote and - the opposite vote; absences do not count.
    Abstains: "untested" without a single occasion; "inconclusive" while there is no counterexample but n < 72 (the two-sided
        95 % Clopper-Pearson bound is above .05), or while there are no more than coding errors explain.
    References: Clopper & Pearson (1934), Biometrika 26:404-413; Hanley & Lippman-Hand (1983), JAMA 249:1743-1745.
    """
    table = run.options["in"]
    rows = _READ[table](run)
    if not len(rows.ids):
        return Measured(found="", untested=_nothing(run, table))
    wanted = 1 if run.options["sign"] == "+" else -1
    always = run.options["quantifier"] == "always"
    breaks = rows.signs != wanted if always else rows.signs == wanted
    error = _ERROR[table] if run.options["error"] is None else float(run.options["error"])
    broken, touched, n = _occasions(rows.occasions, breaks, error)
    low, high = clopper_pearson(broken, n)
    supports = float(stats.binom.cdf(broken, n, MARGIN))
    against = float(stats.binom.sf(broken - 1, n, error)) if broken else 1.0
    order = np.lexsort((rows.ids, rows.days))
    counter = [int(i) for i in order if breaks[i]]
    kept = [int(i) for i in order if not breaks[i]]
    signs = {
        "plus": int((rows.signs > 0).sum()),
        "zero": int((rows.signs == 0).sum()),
        "minus": int((rows.signs < 0).sum()),
    }
    return Measured(
        found=_sentence(table, n, touched, broken, len(counter), error),
        estimate=broken / n,
        interval=(low, high),
        p_value=supports,
        p_contradicted=against,
        n=n,
        n_needed=_needed(n, touched, broken, error),
        items=[
            Item(key={"row": str(rows.ids[i])}, estimate=float(rows.signs[i]), evidence=rows.behind(i))
            for i in counter[:1000]
        ],
        evidence=[row for i in (counter + kept)[:1000] for row in rows.behind(i)][:1000],
        evidence_total=len(rows.ids) * (1 if rows.others is None else 2),
        details={
            "occasions": n,
            "broken_occasions": broken,
            "occasions_with_counterexample": touched,
            "rows": len(rows.ids),
            "counterexamples": len(counter),
            "error": error,
            "signs": signs,
            "table": table,
            "by_year": _by_year(rows, breaks),
            "first": str(rows.days.min()),
            "last": str(rows.days.max()),
        },
        caveats=_caveats(table, error, touched, broken, bool(run.options["toward"])),
        cannot_support=""
        if not counter
        else "There are counterexamples, though no more than coding errors would explain.",
        cannot_contradict="" if broken else "There is no counterexample.",
    )


def _occasions(occasions: np.ndarray[Any, Any], breaks: np.ndarray[Any, Any], error: float) -> tuple[int, int, int]:
    """(broken occasions, occasions with any counterexample, all occasions).

    An occasion of m rows is broken from the smallest k with P(Binomial(m, e) >= k) <= e on.
    """
    _, index = np.unique(occasions, return_inverse=True)
    size = np.bincount(index)
    count = np.bincount(index, weights=breaks).astype(int)
    least = np.ones_like(size) if error == 0 else stats.binom.isf(error, size, error).astype(int) + 1
    return int((count >= np.minimum(least, size)).sum()), int((count > 0).sum()), len(size)


def _read_votes(run: Run) -> _Rows:
    known = run.evidence.actor_names()
    actor, toward = run.options["actor"], run.options["toward"]
    clause, parameters = where(run.options)
    run.evidence.scope("votes", clause, **parameters)
    mine = members(actor, run.actors, known)
    if toward is None:
        got = run.evidence.columns(
            f'select row_id, actor, choice, cast("at" as date) as day, concat(coalesce(body, \'\'), cast(cast("at" as date) as varchar)) as occasion '
            f"from votes where choice <> 'absent' and list_contains($mine, actor) and {clause}",
            mine=mine,
            **parameters,
        )
        signs = np.select([got["choice"] == "yes", got["choice"] == "no"], [1, -1], 0)
        keep = belonged(actor, got["actor"], got["day"], run.actors)
    else:
        clause, parameters = where(run.options, alias="a")
        theirs = members(toward, run.actors, known)
        got = run.evidence.columns(
            f'select a.row_id, b.row_id as their_id, a.actor, b.actor as other, a.choice, b.choice as theirs, cast(a."at" as date) as day, '
            f"concat(coalesce(a.body, ''), cast(cast(a.\"at\" as date) as varchar)) as occasion "
            f"from votes a join votes b on a.motion = b.motion where a.choice <> 'absent' and b.choice <> 'absent' "
            f"and list_contains($mine, a.actor) and list_contains($theirs, b.actor) and a.actor <> b.actor and {clause}",
            mine=mine,
            theirs=theirs,
            **parameters,
        )
        same = got["choice"] == got["theirs"]
        opposite = ~same & (got["choice"] != "abstain") & (got["theirs"] != "abstain")
        signs = np.select([same, opposite], [1, -1], 0)
        keep = belonged(actor, got["actor"], got["day"], run.actors) & belonged(
            toward, got["other"], got["day"], run.actors
        )
    return _kept(got, signs, keep)


def _read_events(run: Run) -> _Rows:
    known = run.evidence.actor_names()
    actor, toward, channel = run.options["actor"], run.options["toward"], run.options["channel"]
    clause, parameters = where(run.options)
    if channel:
        clause, parameters = f"{clause} and channel = $channel", {**parameters, "channel": channel}
    theirs = members(toward, run.actors, known) if toward else None
    if theirs is not None:
        clause, parameters = f"{clause} and list_contains($theirs, target)", {**parameters, "theirs": theirs}
    clause, parameters = (
        f"{clause} and list_contains($mine, source)",
        {**parameters, "mine": members(actor, run.actors, known)},
    )
    run.evidence.scope("events", clause, **parameters)
    got = run.evidence.columns(
        f'select row_id, source, target, score, cast("at" as date) as day, cast(cast("at" as date) as varchar) as occasion from events where {clause}',
        **parameters,
    )
    keep = belonged(actor, got["source"], got["day"], run.actors)
    if toward:
        keep &= belonged(toward, got["target"], got["day"], run.actors)
    return _kept(got, np.sign(got["score"]), keep)


def _read_statements(run: Run) -> _Rows:
    clause, parameters = where(run.options)
    clause += " and list_contains($mine, actor)"
    parameters["mine"] = members(run.options["actor"], run.actors, run.evidence.actor_names())
    run.evidence.scope("statements", clause, **parameters)
    got = run.evidence.columns(
        f'select row_id, actor, stance, cast("at" as date) as day, cast(cast("at" as date) as varchar) as occasion from statements where {clause}',
        **parameters,
    )
    return _kept(got, np.sign(got["stance"]), belonged(run.options["actor"], got["actor"], got["day"], run.actors))


_READ: dict[str, Callable[[Run], _Rows]] = {
    "votes": _read_votes,
    "events": _read_events,
    "statements": _read_statements,
}


def _kept(got: Mapping[str, np.ndarray[Any, Any]], signs: np.ndarray[Any, Any], keep: np.ndarray[Any, Any]) -> _Rows:
    days = got["day"].astype("datetime64[D]")
    others = got["their_id"][keep] if "their_id" in got else None
    return _Rows(got["row_id"][keep], days[keep], got["occasion"][keep], np.asarray(signs)[keep], others)


def _by_year(rows: _Rows, breaks: np.ndarray[Any, Any]) -> list[list[int]]:
    """[year, rows that keep the rule, rows that break it]."""
    years = rows.days.astype("datetime64[Y]").astype(int) + 1970
    return [[int(y), int((~breaks[years == y]).sum()), int(breaks[years == y].sum())] for y in np.unique(years)]


def _needed(n: int, touched: int, broken: int, error: float) -> int | None:
    """Occasions that would decide it if the record went on as it is; None where it is decided or nothing would."""
    if not touched:
        return 72 if n < 72 else None
    rate = broken / n
    if rate <= error:
        return None
    for total in range(n, 100 * n + 1, max(1, n // 20)):
        if stats.binom.sf(round(rate * total) - 1, total, error) < 0.05:
            return total if total > n else None
    return None


def _sentence(table: str, n: int, touched: int, broken: int, rows: int, error: float) -> str:
    where_ = _OCCASION[table]
    if not touched:
        return f"On {n} {where_} there is no counterexample."
    text = f"Counterexamples stand on {touched} of {n} {where_} ({rows} row{'s' if rows != 1 else ''})."
    if error:
        text += f" Coding errors of {error:.2g} would break about {error * n:.1f}; {broken} are more than one miscoded row each."
    return text


def _caveats(table: str, error: float, touched: int, broken: int, toward: bool) -> list[str]:
    found = []
    if table == "statements" and toward:
        found.append("Statements do not say toward whom they are made: --toward is not used.")
    if table == "votes" and toward:
        found.append(
            "Votes are compared motion by motion, whatever it is about: the opposite of their vote is meant, not a vote about them."
        )
    if table == "votes":
        found.append(
            "Votes are taken as recorded (coding error 0): one counterexample decides, so look at its row and strike it if it is wrong."
        )
    elif touched:
        found.append(f"Rows are taken as miscoded with probability {error:.2g}; change it with --error.")
    if touched > broken:
        found.append(
            f"{touched - broken} occasions hold counterexamples that a single miscoded row among several may explain; they are listed and not counted."
        )
    return found


def _nothing(run: Run, table: str) -> str:
    who = run.options["actor"] + (f" toward {run.options['toward']}" if run.options["toward"] else "")
    return f"No {table} of {who} in this window. Add some with: kayfabe evidence add STORE FILE --as {table}, or look in another table with --in."


def ask(options: Mapping[str, Any], label: Callable[[str], str]) -> str:
    """The question in plain words."""
    actor = label(str(options.get("actor") or "the actor"))
    toward = label(str(options["toward"])) if options.get("toward") else ""
    quantifier, table, sign = options.get("quantifier", "always"), options.get("in", "events"), options.get("sign")
    if table == "votes":
        if toward:
            act = f"vote the same way as {toward}" if sign == "+" else f"vote the opposite of {toward}"
        else:
            act = "vote yes" if sign == "+" else "vote no"
    elif table == "statements":
        act = "speak in favour" if sign == "+" else "speak against"
    else:
        what = {"word": "speak", "deed": "act"}.get(str(options.get("channel")), "speak and act")
        act = f"{what} {'cooperatively' if sign == '+' else 'with hostility'}" + (f" toward {toward}" if toward else "")
    if sign is None:
        act = "keep to this rule" + (f" toward {toward}" if toward else "")
    issue = f" on {options['issue']}" if options.get("issue") else ""
    return f"Does {actor} {quantifier} {act}{issue}{window_text(options)}?"


def charts(finding: Finding) -> list[Chart]:
    """Rows that keep and break the rule, by year."""
    rows = []
    for year, keeps, breaks in finding.details.get("by_year", []):
        rows += [(str(year), "keeps the rule", keeps), (str(year), "breaks it", breaks)]
    if not rows:
        return []
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "title": None},
            "y": {"field": "rows", "type": "quantitative", "title": "rows"},
            "color": {
                "field": "rule",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["keeps the rule", "breaks it"], "range": ["#7f8c9b", "#d55e00"]},
            },
            "order": {"field": "rule", "sort": "descending"},
        },
    }
    n, broken = finding.details.get("rows", 0), finding.details.get("counterexamples", 0)
    return [
        Chart(
            "Rows that keep and break the rule, by year",
            f"{broken} of {n} rows break the rule.",
            spec,
            ("year", "rule", "rows"),
            tuple(rows),
        )
    ]


def world(kind: WorldKind, rng: np.random.Generator) -> World:
    """Coded events of one actor toward another, some days with several rows, 5 % of rows miscoded.

    null: the rule is broken half the time; margin: on 5 % of days; planted: never, and no row is miscoded.
    """
    days = 160 if kind == "planted" else int(rng.integers(60, 200))
    repeats = rng.integers(1, 4, days)
    rate = {"null": 0.5, "margin": MARGIN, "planted": 0.0}[kind]
    hostile = np.repeat(rng.random(days) < rate, repeats)
    flip = rng.random(len(hostile)) < (0.0 if kind == "planted" else CODED_ERROR)
    start = np.datetime64("2015-01-01")
    at = start + np.repeat(np.sort(rng.choice(2000, days, replace=False)), repeats)
    n = len(at)
    scores = np.where(hostile ^ flip, -1.0, 1.0) * rng.uniform(0.5, 9, n)
    events = {
        "event": [f"e{i}" for i in range(n)],
        "at": at.astype("datetime64[us]"),
        "source": ["north"] * n,
        "target": ["south"] * n,
        "channel": ["deed"] * n,
        "score": scores,
    }
    return World({"events": events}, {"actor": "north", "toward": "south", "sign": "-", "quantifier": "never"})


INSTRUMENT = Instrument(
    name="universal",
    question="Does a rule without exceptions hold?",
    kinds=(Kind.UNIVERSAL,),
    needs=(
        Need("events", "occasions", ("event", "at", "source", "target", "channel", "score")),
        Need("votes", "occasions", ("motion", "at", "actor", "choice")),
        Need("statements", "occasions", ("statement", "at", "actor", "stance")),
    ),
    options=(
        Option("actor", "actor", "whose rule it is", required=True, ask="whose rule it is"),
        Option("toward", "actor", "toward whom (in votes: compared with whose vote)"),
        Option(
            "in",
            "choice",
            "the table to look in",
            default="events",
            choices=("votes", "events", "statements"),
            fill=table,
        ),
        Option("channel", "choice", "words or deeds only (events)", choices=("word", "deed")),
        Option(
            "sign",
            "choice",
            "what the rule says is always or never done: + yes, same vote, score or stance above 0; - the opposite",
            required=True,
            choices=("+", "-"),
            fill=sign,
            ask="what would keep the rule (+) and what would break it (-)",
        ),
        Option(
            "quantifier", "choice", "always or never", default="always", choices=("always", "never"), fill=quantifier
        ),
        Option("issue", "label", "one issue label"),
        Option("since", "date", "first day looked at"),
        Option("until", "date", "last day looked at"),
        Option("error", "number", "chance that a row shows the wrong sign (votes 0, others .05)", low=0, high=0.5),
    ),
    unit="share of occasions that break the rule",
    margin=MARGIN,
    asserts="below",
    years=10,
    contradicted_by_p=True,
    measure=measure,
    ask=ask,
    charts=charts,
    world=world,
)

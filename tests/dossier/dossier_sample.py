"""A made-up op-ed of about fifty claims, with made-up instruments, evidence and findings of every verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from dossier_text import ARTICLE, NAMES

from kayfabe.evidence import Evidence
from kayfabe.instruments import Chart, Instrument, Measured, Need, Option, Run, World
from kayfabe.models import (
    INSTRUMENT_OF,
    Attribution,
    Case,
    Claim,
    Finding,
    Item,
    Kind,
    KindProbability,
    Mention,
    Question,
    Text,
    Verdict,
)


def measure(run: Run) -> Measured:
    """Compares what was said with what was done.

    Estimand: the share of promised disagreement that is missing from deeds.
    Null: votes shuffled among motions of the same year and issue, so that each actor keeps its own rate of yes.
    Assumes: motions are exchangeable within a year and issue.
    Abstains: below 30 shared motions.
    References: Voeten (2013), in Routledge Handbook of International Organization, 54-66.
    """
    return Measured(found="")


def _lines(finding: Finding) -> list[Chart]:
    series = finding.details.get("series")
    if not series:
        return []
    spec = {
        "mark": {"type": "line", "point": True, "clip": True},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "title": None},
            "y": {"field": "agreement", "type": "quantitative", "scale": {"domain": [0, 1]}},
            "color": {"field": "where", "type": "nominal", "title": None},
        },
    }
    alt = "Agreement in words falls from .62 to .31 while agreement in votes stays near .80."
    return [
        Chart(
            "Agreement in words and in votes, by year",
            alt,
            spec,
            ("year", "where", "agreement"),
            tuple(map(tuple, series)),
        )
    ]


def _bars(finding: Finding) -> list[Chart]:
    rows = finding.details.get("bars")
    if not rows:
        return []
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "provision", "type": "nominal", "title": None, "sort": None},
            "x": {
                "field": "share",
                "type": "quantitative",
                "title": "share of articles that mention it",
                "axis": {"format": "%"},
            },
        },
        "height": {"step": 24},
    }
    return [
        Chart(
            "How often each provision is mentioned",
            "Article 3 leads; article 14 is last.",
            spec,
            ("provision", "share"),
            tuple(map(tuple, rows)),
        )
    ]


def _ask(options: Mapping[str, Any], label: Any) -> str:
    return "?"


def _world(kind: Any, rng: Any) -> World:
    return World({}, {})


def _instrument(name: str, needs: tuple[Need, ...], charts: Any, **more: Any) -> Instrument:
    kinds = tuple(k for k, v in INSTRUMENT_OF.items() if v == name)
    options = (
        Option("actors", "actors", "whom to compare", required=True),
        Option("since", "date", "first day looked at"),
    )
    settings = {"unit": "share", "margin": 0.25, **more}
    return Instrument(
        name=name,
        question=f"What does {name} say?",
        kinds=kinds,
        needs=needs,
        options=options,
        measure=measure,
        ask=_ask,
        charts=charts,
        world=_world,
        **settings,
    )


def instruments() -> dict[str, Instrument]:
    votes, events = Need("votes", "deeds"), Need("events", "words")
    made = (
        _instrument(
            "accord", (votes, events), _lines, unit="share of the promised disagreement that is missing", excludable=0.4
        ),
        _instrument(
            "universal",
            (events, votes),
            _lines,
            unit="share of occasions that break the rule",
            margin=0.05,
            asserts="below",
        ),
        _instrument(
            "coordination", (Need("posts", "shares"),), _lines, unit="pairs of accounts", margin=0.0, searches=True
        ),
        _instrument("coverage", (Need("documents", "articles"), Need("provisions", "terms")), _bars, unit="log odds"),
        _instrument("trend", (Need("indicators", "the series"),), _lines, unit="ships a month", margin=4.0),
        _instrument("influence", (Need("statements", "speeches"),), _lines),
        _instrument("provenance", (Need("documents", "copies"),), _lines),
        _instrument("precedent", (Need("indicators", "the series"),), _lines),
    )
    return {i.name: i for i in made}


def evidence() -> Evidence:
    rng = np.random.default_rng(7)
    years = np.repeat(np.arange(2012, 2024), 3)
    motions = [f"A/RES/{int(y) - 1945}/{10 + i}" for i, y in enumerate(years)]
    at = np.array([f"{y}-12-{1 + i % 20:02d}" for i, y in enumerate(years)], dtype="datetime64[us]")
    actors = ("NOR", "SUD")
    votes = {
        "motion": np.repeat(motions, 2).tolist(),
        "at": np.repeat(at, 2),
        "body": ["GA"] * (2 * len(motions)),
        "title": np.repeat([f"Passage through the straits, part {i}" for i in range(len(motions))], 2).tolist(),
        "issue": ["Straits;Customs"] * (2 * len(motions)),
        "actor": list(actors) * len(motions),
        "choice": rng.choice(["yes", "no", "abstain"], 2 * len(motions), p=[0.7, 0.2, 0.1]).tolist(),
    }
    n = 40
    events = {
        "event": [f"e{i}" for i in range(n)],
        "at": np.datetime64("2020-01-01") + np.arange(n) * np.timedelta64(9, "D"),
        "source": ["SUD"] * n,
        "target": ["NOR"] * n,
        "code": ["112"] * n,
        "channel": ["word"] * n,
        "score": np.round(rng.uniform(-9, 6, n), 1),
        "url": [
            f"https://gazette.example.org/straits/{i}/a-long-path-that-names-the-article-and-its-day" for i in range(n)
        ],
    }
    documents = {
        "document": [f"d{i}" for i in range(8)],
        "at": np.datetime64("2024-03-05") + np.arange(8) * np.timedelta64(1, "D"),
        "outlet": ["Morning Post", "Evening Post"] * 4,
        "title": ["Cheaper tickets from June"] * 8,
        "text": ["The agreement makes tickets cheaper. " * 30] * 8,
        "url": [f"https://post.example.org/{i}" for i in range(8)],
    }
    given = {"votes": votes, "events": events, "documents": documents}
    found = Evidence.from_tables(given)
    found.credit = ["Votes: made up for the tests of this page.", "Events: made up as well."]
    return found


def _series() -> list[list[Any]]:
    words = [0.62, 0.6, 0.55, 0.57, 0.49, 0.47, 0.4, 0.42, 0.36, 0.35, 0.33, 0.31]
    deeds = [0.78, 0.81, 0.8, 0.77, 0.82, 0.8, 0.79, 0.83, 0.81, 0.8, 0.78, 0.82]
    return [[str(2012 + i), where, v] for where, vs in (("words", words), ("votes", deeds)) for i, v in enumerate(vs)]


def _finding(instrument: str, question: str, verdict: Verdict, reason: str, **more: Any) -> Finding:
    settings: dict[str, Any] = {
        "seed": 20,
        "versions": {"kayfabe": "0.1.0", "duckdb": "2.0.0", "numpy": "2.4.6"},
        "null": "Votes shuffled among motions of the same year and issue, so that each actor keeps its own rate of yes.",
        "sql": ["select motion, actor, choice from votes where choice <> 'absent' -- actors = [NOR, SUD]"],
        **more,
    }
    return Finding(instrument=instrument, question=question, verdict=verdict, reason=reason, **settings)


def _findings(claims: list[Claim], store: Evidence) -> dict[str, Finding]:
    by_kind: dict[Kind, list[Claim]] = {}
    for claim in claims:
        by_kind.setdefault(claim.kind, []).append(claim)
    votes = [r for (r,) in store.query("select row_id from votes order by row_id")]
    events = [f"e{i}" for i in range(40)]
    staged = _finding(
        "accord",
        "Do Norland and Sudland disagree in words while they agree in deeds?",
        Verdict.SUPPORTED,
        "Words promised that they would part on 58 of 100 motions; they parted on 19. The 95 % interval [0.43, 0.71] lies "
        "beyond the margin 0.25 (q = 0.004).",
        estimate=0.58,
        interval=(0.43, 0.71),
        margin=0.25,
        excludable=0.4,
        unit="share of the promised disagreement that is missing",
        p_value=0.0006,
        q_value=0.004,
        p_contradicted=0.97,
        q_contradicted=0.99,
        n=1204,
        items=[
            Item(key={"side": s}, estimate=e, interval=(e - 0.05, e + 0.04))
            for s, e in (("words", 0.37), ("deeds", 0.81))
        ],
        evidence=[f"votes:{v}" for v in votes] + ["events:e1", "events:e2"],
        evidence_total=2310,
        details={"series": _series(), "motions": 36, "kappa": 0.61},
        caveats=["Events are coded by a program, which takes some anniversaries for news."],
    )
    never = _finding(
        "universal",
        "Does Sudland never act cooperatively toward Norland?",
        Verdict.CONTRADICTED,
        "Counterexamples stand on 31 of 118 days (34 rows). That is more than chance allows (q = < .001).",
        estimate=0.263,
        interval=(0.186, 0.352),
        margin=0.05,
        excludable=0.05,
        unit="share of occasions that break the rule",
        p_value=1.0,
        p_contradicted=1e-12,
        q_contradicted=1e-11,
        n=118,
        items=[Item(key={"row": e}, estimate=4.0, evidence=[e]) for e in events[:30]],
        evidence=events,
        evidence_total=140,
    )
    silent = _finding(
        "coverage",
        "Do our newspapers mention the fees of article 14 less than its importance warrants?",
        Verdict.SUPPORTED,
        "Article 14 stands in 2 % of 412 articles; provisions of its weight stand in 19 %. The 95 % interval [0.9, 2.6] lies "
        "beyond the margin 0.69 (q = 0.02).",
        estimate=1.7,
        interval=(0.9, 2.6),
        margin=0.69,
        unit="log odds",
        p_value=0.003,
        q_value=0.02,
        n=412,
        evidence=[f"d{i}" for i in range(8)] + ["d99"],
        evidence_total=412,
        details={"bars": [[f"Article {k}", s] for k, s in ((3, 0.44), (7, 0.31), (11, 0.22), (14, 0.02))]},
        items=[
            Item(key={"outlet": o, "provision": "14"}, estimate=1.7, interval=(0.9, 2.6), p_value=0.003, q_value=0.02)
            for o in ("Morning Post", "Evening Post")
        ],
    )
    waver = _finding(
        "trend",
        "Did the number of Sudland ships in the straits turn this spring?",
        Verdict.INCONCLUSIVE,
        "The series falls by 6.1 ships a month after April. The 95 % interval [-1.9, 14] decides neither for nor against the "
        "margin 4.",
        estimate=6.1,
        interval=(-1.9, 14.1),
        margin=4.0,
        unit="ships a month",
        p_value=0.21,
        q_value=0.42,
        p_contradicted=0.6,
        q_contradicted=0.8,
        n=14,
        n_needed=31,
        details={"series": _series()[:12]},
        caveats=["Fourteen months are few for a series with seasons."],
    )
    thin = _finding(
        "coordination",
        "Do accounts share the same objects within a minute more often than chance?",
        Verdict.UNTESTED,
        "The evidence holds no posts. Add some with: kayfabe evidence add STORE FILE --as posts",
        null="",
        sql=[],
    )
    counsellor = _finding(
        "influence",
        "Do the premier’s stances follow those of Ada Brenn?",
        Verdict.UNTESTED,
        "Of Ada Brenn there are 3 statements; 40 are needed.",
        n=3,
        n_needed=40,
    )
    assigned = (
        (Kind.STAGED_DISAGREEMENT, (staged, staged)),
        (Kind.UNIVERSAL, (None, never)),
        (Kind.SELECTIVE_COVERAGE, (silent,)),
        (Kind.TURNING_POINT, (waver,)),
        (Kind.COORDINATION, (thin, thin)),
        (Kind.INFLUENCE, (counsellor,)),
    )
    return {c.id: f for kind, fs in assigned for c, f in zip(by_kind.get(kind, []), fs, strict=False) if f is not None}


def _claim(i: int, start: int, kind: str, sentence: str) -> Claim:
    testable = Kind(kind) in INSTRUMENT_OF
    name = INSTRUMENT_OF.get(Kind(kind))
    mentions = [
        Mention(mention=n, start=start + sentence.index(n), end=start + sentence.index(n) + len(n), actor=a)
        for a, n in NAMES.items()
        if n in sentence
    ]
    others = [k for k in ("fact", "value", "motive") if k != kind]
    missing = ["when the pauses were (dates)"] if kind == "precedent" else []
    return Claim(
        id=f"c{i}",
        start=start,
        end=start + len(sentence),
        text=sentence,
        kind=Kind(kind),
        kinds=[
            KindProbability(kind=Kind(k), probability=p)
            for k, p in zip([kind, *others], (0.71, 0.18, 0.06), strict=False)
        ],
        actors=mentions,
        attribution=Attribution(source="the watch group Tideline", cue="According to")
        if "Tideline" in sentence
        else None,
        hedged="perhaps" in sentence or "They say" in sentence,
        quantifier="never" if "never" in sentence else "always" if "always" in sentence else None,
        negated="cannot move" in sentence,
        testable=testable,
        instrument=name,
        question=Question(instrument=str(name), text=f"Is there a pattern of {kind}?", missing=missing)
        if testable
        else None,
    )


def text_and_claims(article: tuple[tuple[tuple[str, str], ...], ...]) -> tuple[str, list[Claim]]:
    text, claims = "", []
    for paragraph in article:
        text += "\n\n" if text else ""
        for k, (kind, sentence) in enumerate(paragraph):
            text += " " if k else ""
            claims.append(_claim(len(claims) + 1, len(text), kind, sentence))
            text += sentence
    return text, claims


def case(store: Evidence, article: tuple[tuple[tuple[str, str], ...], ...] = ARTICLE, language: str = "en") -> Case:
    text, claims = text_and_claims(article)
    findings = _findings(claims, store)
    ledger = [
        {"claim": c, "instrument": f.instrument, "verdict": f.verdict, "p": f.p_value, "q": f.q_value, "n": f.n}
        for c, f in findings.items()
    ]
    title = "Who is afraid of the straits?" if language == "en" else "Кто боится проливов?"
    return Case(
        text=Text(
            text=text,
            title=title,
            language="ru" if language == "ru" else "en",
            source="harbour-gazette/straits.txt",
            sha256=hashlib.sha256(text.encode()).hexdigest(),
        ),
        claims=claims,
        findings=findings,
        ledger=ledger,
        evidence={"path": "straits.duckdb", "sha256": "ab" * 32, "tables": {"votes": 72, "events": 40, "documents": 8}},
        settings={"seed": 20},
        versions={"kayfabe": "0.1.0"},
    )


def label(actor: str) -> str:
    return NAMES.get(actor, actor)

"""One card for each claim: what was claimed, what was asked, what was found, and what would decide it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kayfabe.dossier.charts import ChartView, chart_view
from kayfabe.dossier.gauge import Gauge, gauge
from kayfabe.dossier.sources import ACTOR_COLUMNS, Label, RowReader, Rows, named
from kayfabe.dossier.wording import (
    DECIDED,
    KIND_NAMES,
    UNTESTABLE_BECAUSE,
    cell,
    number,
    percent,
    plural,
    probability,
)
from kayfabe.instruments.declaration import Instrument
from kayfabe.models import INSTRUMENT_OF, Case, Claim, Finding, Item, Kind, Verdict, to_json

MOST_ITEMS = 25


@dataclass(frozen=True)
class ItemTable:
    """The parts of a finding that searches or compares."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int


@dataclass(frozen=True)
class Step:
    """One thing that would decide a claim, with the command that adds it, if there is one."""

    text: str
    command: str = ""


@dataclass(frozen=True)
class Tested:
    """What a finding shows beyond its verdict."""

    finding: Finding
    instrument: Instrument | None
    estimate: str
    gauge: Gauge | None
    charts: tuple[ChartView, ...]
    facts: tuple[tuple[str, str], ...]
    details: tuple[tuple[str, str], ...]
    items: ItemTable | None
    rows: Rows


@dataclass(frozen=True)
class Card:
    """Everything the page says about one claim. `number` counts claims in the order of the text, from 1."""

    number: int
    claim: Claim
    verdict: Verdict
    decided: bool
    kind: str
    kinds: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    question: str
    sentence: str
    steps: tuple[Step, ...]
    tested: Tested | None
    same_as: int | None
    silent: bool


def cards(case: Case, instruments: Mapping[str, Instrument], reader: RowReader, label: Label) -> list[Card]:
    """The cards in the order of the claims. A finding that repeats an earlier one is shown once and referred to."""
    used = [(f, instruments.get(f.instrument)) for f in case.findings.values()]
    reader.fetch(used)
    seen: dict[str, int] = {}
    found = []
    for i, claim in enumerate(case.claims, start=1):
        finding = case.findings.get(claim.id)
        same_as = None
        if finding is not None:
            digest = hashlib.sha256(to_json(finding, indent=None).encode()).hexdigest()
            same_as = seen.get(digest)
            seen.setdefault(digest, i)
        found.append(_card(i, claim, finding, same_as, instruments, reader, label))
    return found


def _card(
    i: int,
    claim: Claim,
    finding: Finding | None,
    same_as: int | None,
    instruments: Mapping[str, Instrument],
    reader: RowReader,
    label: Label,
) -> Card:
    verdict = finding.verdict if finding else Verdict.UNTESTED if claim.kind in INSTRUMENT_OF else Verdict.UNTESTABLE
    instrument = instruments.get(finding.instrument) if finding else None
    question = finding.question if finding else claim.question.text if claim.question else ""
    tested = None
    if finding and same_as is None and verdict is not Verdict.UNTESTABLE:
        tested = _tested(i, finding, instrument, reader, label)
    return Card(
        number=i,
        claim=claim,
        verdict=verdict,
        decided=verdict in DECIDED,
        kind=KIND_NAMES[claim.kind],
        kinds=tuple((KIND_NAMES[k.kind], percent(k.probability)) for k in claim.kinds[:3]),
        notes=_notes(claim, label),
        question=question,
        sentence=_sentence(claim, finding, instruments),
        steps=_steps(claim, finding, verdict, instruments),
        tested=tested,
        same_as=same_as,
        silent=claim.kind is Kind.NONE and finding is None,
    )


def _notes(claim: Claim, label: Label) -> tuple[str, ...]:
    """How the sentence says it: who is said to assert it, hedges, negation, quantifier, actors."""
    found = []
    if claim.attribution:
        found.append(f"attributed to {claim.attribution.source} (“{claim.attribution.cue}”)")
    if claim.hedged:
        found.append("hedged")
    if claim.negated:
        found.append("negated, so the two sides of the test are swapped")
    if claim.quantifier:
        found.append(f"says “{claim.quantifier}”")
    actors = list(dict.fromkeys(m.actor for m in claim.actors if m.actor))
    if actors:
        found.append("about " + ", ".join(named(a, label) for a in actors))
    unknown = list(dict.fromkeys(m.mention for m in claim.actors if not m.actor))
    if unknown:
        found.append("actors not resolved: " + ", ".join(unknown))
    return tuple(found)


def _sentence(claim: Claim, finding: Finding | None, instruments: Mapping[str, Instrument]) -> str:
    if finding and finding.reason:
        return finding.reason
    if claim.kind not in INSTRUMENT_OF:
        return UNTESTABLE_BECAUSE[claim.kind]
    if claim.question is None:
        return "Not tested: no question could be made of this sentence."
    if claim.question.missing:
        return "Not tested: the text leaves open what has to be known first."
    if claim.question.instrument not in instruments:
        return f"Not tested: the instrument {claim.question.instrument} is not installed here."
    return "Not tested: the question was left out of this run."


def _steps(
    claim: Claim, finding: Finding | None, verdict: Verdict, instruments: Mapping[str, Instrument]
) -> tuple[Step, ...]:
    """What would decide it. Empty for a decided claim and for kinds that nothing could decide."""
    if verdict in DECIDED or verdict is Verdict.UNTESTABLE:
        return ()
    found = []
    missing = claim.question.missing if claim.question else []
    for what in missing:
        text = f"State {what.rstrip('.')}, in case.toml under claim {claim.id}."
        found.append(Step(text, "kayfabe examine DIR/case.toml"))
    if finding and finding.n_needed is not None:
        needed = plural(finding.n_needed, "observation") + (f" (now {finding.n:,})" if finding.n else "")
        found.append(Step(f"About {needed} would decide it if the record goes on as it is."))
    name = finding.instrument if finding else claim.instrument or INSTRUMENT_OF.get(claim.kind, "")
    instrument = instruments.get(name)
    if verdict is Verdict.UNTESTED and instrument:
        roles: dict[str, list[str]] = {}
        for need in instrument.needs:
            roles.setdefault(need.role, []).append(need.table)
        for role, tables in roles.items():
            options = " or ".join(dict.fromkeys(tables))
            found.append(Step(f"Evidence for {role}: {options}.", f"kayfabe evidence add STORE FILE --as {tables[0]}"))
    elif verdict is Verdict.INCONCLUSIVE and instrument and finding and finding.n_needed is None:
        tables = list(dict.fromkeys(need.table for need in instrument.needs))
        text = f"More rows, or other ones: {' or '.join(tables)}."
        found.append(Step(text, f"kayfabe evidence add STORE FILE --as {tables[0]}"))
    return tuple(found)


def _tested(i: int, finding: Finding, instrument: Instrument | None, reader: RowReader, label: Label) -> Tested:
    charts = tuple(
        chart_view(chart, f"chart-{i}-{k}", label)
        for k, chart in enumerate(instrument.charts(finding) if instrument else [], start=1)
    )
    return Tested(
        finding=finding,
        instrument=instrument,
        estimate=_estimate(finding),
        gauge=gauge(finding, instrument),
        charts=charts,
        facts=_facts(finding),
        details=tuple((k.replace("_", " "), cell(v)) for k, v in finding.details.items() if _is_plain(v)),
        items=_items(finding.items, reader),
        rows=reader.rows(finding, instrument),
    )


def _estimate(finding: Finding) -> str:
    return number(finding.estimate) if finding.estimate is not None else ""


def _facts(finding: Finding) -> tuple[tuple[str, str], ...]:
    """The numbers that a methods reader looks for first."""
    found = [("n", number(finding.n))] if finding.n else []
    if finding.margin is not None and finding.estimate is not None:
        found.append(("margin", number(finding.margin)))
    if finding.excludable is not None and finding.excludable != finding.margin:
        found.append(("excludable effect", number(finding.excludable)))
    for name, p, q in (
        ("for the claim", finding.p_value, finding.q_value),
        ("against it", finding.p_contradicted, finding.q_contradicted),
    ):
        if p is not None:
            found.append((name, f"p {probability(p)}" + (f", q {probability(q)}" if q is not None else "")))
    return tuple(found)


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return 0 < len(value) <= 6 and all(isinstance(v, (str, int, float)) for v in value)
    return value is None or isinstance(value, (str, int, float, bool))


def _items(items: Sequence[Item], reader: RowReader) -> ItemTable | None:
    if all(set(item.key) == {"row"} for item in items):
        return None  # the rows behind the finding show them
    shown = items[:MOST_ITEMS]
    keys = list(dict.fromkeys(k for item in shown for k in item.key))
    columns = [*keys]
    number_columns: tuple[tuple[str, Callable[[Item], str]], ...] = (
        ("estimate", lambda x: number(x.estimate) if x.estimate is not None else ""),
        ("95 % interval", lambda x: f"{number(x.interval[0])} to {number(x.interval[1])}" if x.interval else ""),
        ("p", lambda x: probability(x.p_value).removeprefix("= ") if x.p_value is not None else ""),
        ("q", lambda x: probability(x.q_value).removeprefix("= ") if x.q_value is not None else ""),
        ("rows", lambda x: f"{len(x.evidence):,}" if x.evidence else ""),
    )
    used = [(name, show) for name, show in number_columns if any(show(x) for x in shown)]
    rows = tuple((*(_key(k, x.key.get(k), reader) for k in keys), *(show(x) for _, show in used)) for x in shown)
    return ItemTable((*columns, *(name for name, _ in used)), rows, len(items))


def _key(name: str, value: Any, reader: RowReader) -> str:
    if name in ACTOR_COLUMNS and value is not None:
        values = value if isinstance(value, (list, tuple)) else [value]
        return ", ".join(named(str(v), reader.label, reader.pseudonymise) for v in values)
    return cell(value)

"""What flows through the house: Text, Claim, Question, Finding, Case. Frozen, typed, JSON both ways."""

from __future__ import annotations

import datetime as dt
import json
import math
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Number = float | None
Interval = tuple[Number, Number]


class Verdict(StrEnum):
    """What a finding says of its claim; the rules are in `kayfabe.instruments.verdicts`."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    INCONCLUSIVE = "inconclusive"
    UNTESTED = "untested"
    UNTESTABLE = "untestable"


class Kind(StrEnum):
    """What a claim alleges. Testable kinds name one instrument (see INSTRUMENT_OF)."""

    STAGED_DISAGREEMENT = "staged-disagreement"
    ALIGNMENT = "alignment"
    COORDINATION = "coordination"
    SELECTIVE_COVERAGE = "selective-coverage"
    PLANTED_LEAK = "planted-leak"
    REVERSAL = "reversal"
    INFLUENCE = "influence"
    DEAL_TERMS = "deal-terms"
    PRECEDENT = "precedent"
    TURNING_POINT = "turning-point"
    UNIVERSAL = "universal"
    FACT = "fact"
    MOTIVE = "motive"
    PRESCRIPTION = "prescription"
    PREDICTION = "prediction"
    VALUE = "value"
    NONE = "none"


INSTRUMENT_OF: dict[Kind, str] = {
    Kind.STAGED_DISAGREEMENT: "accord",
    Kind.ALIGNMENT: "accord",
    Kind.COORDINATION: "coordination",
    Kind.SELECTIVE_COVERAGE: "coverage",
    Kind.PLANTED_LEAK: "provenance",
    Kind.REVERSAL: "reversal",
    Kind.INFLUENCE: "influence",
    Kind.DEAL_TERMS: "deal",
    Kind.PRECEDENT: "precedent",
    Kind.TURNING_POINT: "trend",
    Kind.UNIVERSAL: "universal",
}


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Model):
    """The document under examination. `published` is found in the text or given by the analyst; None if unknown."""

    text: str
    title: str | None = None
    language: Literal["en", "ru"]
    source: str
    sha256: str
    published: dt.date | None = None


class Mention(Model):
    """An actor as the text names it, with offsets into the text; `actor` is an id, or None where unresolved.

    `points` says that the words only point ("our side", "the enemy"); `role`, in claims of several actors, who acts (in a claim of
    influence: moves the other) and on whom. Both stand in case.toml, not in JSON.
    """

    mention: str
    start: int
    end: int
    actor: str | None = None
    points: Literal["we", "enemy"] | None = Field(default=None, exclude=True)
    role: Literal["acts", "undergoes"] | None = Field(default=None, exclude=True)


class Attribution(Model):
    """Who is said to assert the claim, and the words that say so."""

    source: str
    cue: str


class KindProbability(Model):
    kind: Kind
    probability: float


class Question(Model):
    """A claim made testable: an instrument and its options. `missing` says what the analyst must supply first."""

    instrument: str
    text: str
    options: dict[str, Any] = Field(default_factory=dict)
    missing: list[str] = Field(default_factory=list)


class Claim(Model):
    """One assertion of the text; `start` and `end` are offsets into Text.text."""

    id: str
    start: int
    end: int
    text: str
    kind: Kind
    kinds: list[KindProbability] = Field(default_factory=list)
    actors: list[Mention] = Field(default_factory=list)
    attribution: Attribution | None = None
    hedged: bool = False
    quantifier: Literal["always", "never", "all", "none"] | None = None
    negated: bool = False
    testable: bool = False
    instrument: str | None = None
    question: Question | None = None


class Item(Model):
    """One row of a finding that searches or compares: a pair, a side, a counterexample."""

    key: dict[str, Any]
    estimate: Number = None
    interval: Interval | None = None
    p_value: Number = None
    q_value: Number = None
    evidence: list[str] = Field(default_factory=list)


class Finding(Model):
    """What an instrument found, in the form of the JSON contract.

    `estimate` and `interval` (95 %) are in `unit`; `margin` is the smallest effect worth calling one, `excludable` the
    effect that `p_contradicted` tests against. `p_value` tests "effect <= margin". Unknown numbers are None.
    """

    instrument: str
    question: str
    verdict: Verdict
    estimate: Number = None
    unit: str = ""
    interval: Interval | None = None
    margin: Number = None
    excludable: Number = None
    p_value: Number = None
    p_contradicted: Number = None
    q_value: Number = None
    q_contradicted: Number = None
    n: int = 0
    n_needed: int | None = None
    null: str = ""
    items: list[Item] = Field(default_factory=list)
    evidence: list[str] = Field(default_factory=list)
    evidence_total: int = 0
    details: dict[str, Any] = Field(default_factory=dict)
    reason: str = ""
    caveats: list[str] = Field(default_factory=list)
    seed: int = 0
    sql: list[str] = Field(default_factory=list)
    versions: dict[str, str] = Field(default_factory=dict)


class Device(Model):
    """A rhetorical device in the text: `words` stand at start..end of Text.text. It describes; no verdict rests on it.

    `quoted`: inside quotation marks; `negated`: a negation stands just before the words.
    """

    name: str
    start: int
    end: int
    words: str
    quoted: bool = False
    negated: bool = False


class Case(Model):
    """A text, its claims with their questions, and what was found: finding of a claim by the claim's id.

    `evidence` says where the rows came from: path or "bundled", sha256, tables. `ledger` lists every test run; `rhetoric` says how the
    text speaks, and bears on no finding.
    """

    text: Text
    claims: list[Claim]
    findings: dict[str, Finding] = Field(default_factory=dict)
    ledger: list[dict[str, Any]] = Field(default_factory=list)
    rhetoric: list[Device] = Field(default_factory=list)
    evidence: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)


def plain(value: Any) -> Any:
    """`value` as JSON types: floats to 10 significant digits, NaN and infinities as None, dates as ISO-8601."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {name: plain(getattr(value, name)) for name, field in fields.items() if not field.exclude}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return str(value) if isinstance(value, StrEnum) else value
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy array or scalar
        return plain(value.tolist())
    if isinstance(value, float):
        return float(f"{value:.10g}") if math.isfinite(value) else None
    raise TypeError(f"no JSON form for {type(value).__name__}")


def to_json(value: Any, *, indent: int | None = 2) -> str:
    """`value` as JSON text: same input, same bytes."""
    return json.dumps(plain(value), ensure_ascii=False, indent=indent, allow_nan=False)

"""What the page says in its own words: kinds, verdicts, numbers. One place, so that the voice stays the same."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

from kayfabe.models import Kind, Number, Verdict, plain

KIND_NAMES: dict[Kind, str] = {
    Kind.STAGED_DISAGREEMENT: "staged disagreement",
    Kind.ALIGNMENT: "alignment",
    Kind.COORDINATION: "coordination",
    Kind.SELECTIVE_COVERAGE: "selective coverage",
    Kind.PLANTED_LEAK: "planted leak",
    Kind.REVERSAL: "reversal",
    Kind.INFLUENCE: "influence",
    Kind.DEAL_TERMS: "terms of a deal",
    Kind.PRECEDENT: "precedent",
    Kind.TURNING_POINT: "turning point",
    Kind.UNIVERSAL: "rule without exceptions",
    Kind.FACT: "single fact",
    Kind.MOTIVE: "motive",
    Kind.PRESCRIPTION: "prescription",
    Kind.PREDICTION: "prediction",
    Kind.VALUE: "value judgement",
    Kind.NONE: "no claim",
}

UNTESTABLE_BECAUSE: dict[Kind, str] = {
    Kind.FACT: "It was read as a single fact rather than a pattern, and facts are for fact-checkers. If it alleges a pattern, give it that kind in case.toml.",
    Kind.MOTIVE: "Nothing could decide this, because a motive leaves no record: the same acts fit several.",
    Kind.PRESCRIPTION: "Nothing could decide this, because it says what ought to be, and records hold only what was.",
    Kind.PREDICTION: "Nothing could decide this now, because it speaks of what has not happened yet.",
    Kind.VALUE: "Nothing could decide this, because it weighs worth or faith: agreed facts do not settle it.",
    Kind.NONE: "It asserts no relation that a record could show or refute.",
}

VERDICT_MEANS: dict[Verdict, str] = {
    Verdict.SUPPORTED: "the evidence lies beyond the margin, as the claim says",
    Verdict.CONTRADICTED: "the evidence excludes what the claim says",
    Verdict.INCONCLUSIVE: "tested, and the evidence decides neither way",
    Verdict.UNTESTED: "a test exists, the evidence for it is missing",
    Verdict.UNTESTABLE: "no record could decide it, or none that is kept here",
}

DECIDED = (Verdict.SUPPORTED, Verdict.CONTRADICTED)

LIMITS: tuple[tuple[str, str], ...] = (
    ("Motives.", "A pattern fits more than one intention. Supported means that the pattern is there, not why."),
    ("Single facts.", "Whether one event happened as told is for a fact-checker; the claims of that kind are marked."),
    (
        "What was not recorded.",
        "Talks behind closed doors leave no rows. The evidence is what someone wrote down, with their errors.",
    ),
    ("Causes.", "Order in time and association are measured. A third cause can produce both."),
    (
        "What a sentence means.",
        "Spans, kinds and actors were proposed by a program, which misreads irony and allusion. "
        "Whoever knows the text better can correct case.toml and run again.",
    ),
    ("Truth by absence.", "Untested and inconclusive say nothing against a claim, and nothing for it."),
    (
        "Whether the text is right as a whole.",
        "Verdicts are given claim by claim; there is no score for a text or an author.",
    ),
)

_MINUS = "\u2212"


def number(value: Any, digits: int = 3) -> str:
    """A number for a reader: `digits` significant digits, thousands grouped, a true minus sign."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or float(value).is_integer():
        shown = f"{int(value):,}"
    elif abs(value) >= 1000:
        shown = f"{value:,.0f}"
    elif abs(value) < 1e-4:
        shown = f"{value:.1e}"
    else:
        shown = f"{float(f'{value:.{digits}g}'):.10g}"
    return shown.replace("-", _MINUS)


def probability(value: Number) -> str:
    """A p or q with its sign: "= .031", "< .001"."""
    if value is None or not math.isfinite(value):
        return "unknown"
    if value < 0.001:
        return "< .001"
    if value > 0.999:
        return "> .999"
    return "= " + f"{value:.3f}".lstrip("0")


def percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def cell(value: Any) -> str:
    """One table cell as text: dates without an idle midnight, numbers short, lists joined."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
    if isinstance(value, (bool, int, float)):
        return number(value, 4)
    if hasattr(value, "item"):
        return cell(value.item())
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(v) for v in value)
    if isinstance(value, dict):
        return json.dumps(plain(value), ensure_ascii=False)
    return str(value)


def short(text: str, limit: int) -> tuple[str, int]:
    """`text` cut at a word near `limit`, and how many characters were left out."""
    if len(text) <= limit:
        return text, 0
    head = text[:limit].rsplit(" ", 1)[0] or text[:limit]
    return head, len(text) - len(head)


def plural(n: int, one: str, many: str = "") -> str:
    """ "1 row", "2,310 rows"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"

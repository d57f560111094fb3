"""From what was measured to a finding: one rule for every instrument, q-values over the whole case.

supported: the 95 % interval lies beyond the margin in the claimed direction and q_value < .05.
Instruments that search support their claim when at least one item stands (its own q_value < .05) and q_value < .05.
contradicted: the interval falls short of the excludable effect and q_contradicted < .05.
A negated claim swaps the two sides. References: DESIGN section 6; Benjamini & Hochberg (1995).
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy
import scipy

from kayfabe import __version__
from kayfabe.evidence.engine import Struck
from kayfabe.instruments.declaration import Instrument, Measured
from kayfabe.models import Finding, Verdict
from kayfabe.stats.multiplicity import benjamini_hochberg

ALPHA = 0.05
MOST_ROWS = 1000


@dataclass(frozen=True)
class Test:
    """One test of a case, run but not yet judged."""

    instrument: Instrument
    question: str
    options: Mapping[str, Any]
    measured: Measured
    seed: int
    negated: bool = False
    sql: tuple[str, ...] = ()
    struck: tuple[Struck, ...] = ()


def versions() -> dict[str, str]:
    """What the numbers depend on."""
    return {
        "kayfabe": __version__,
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
    }


def judge(tests: Sequence[Test]) -> list[Finding]:
    """The findings of one case, in order: p_value and p_contradicted each enter their own Benjamini-Hochberg list."""
    q = benjamini_hochberg([_counted(t.measured.p_value, t) for t in tests])
    q_contradicted = benjamini_hochberg([_counted(t.measured.p_contradicted, t) for t in tests])
    return [_finding(t, a, b) for t, a, b in zip(tests, q, q_contradicted, strict=True)]


def _counted(p: float | None, test: Test) -> float | None:
    return None if test.measured.untested else p


def _finding(test: Test, q: float | None, q_contradicted: float | None) -> Finding:
    m, instrument = test.measured, test.instrument
    margin = instrument.margin if m.margin is None else m.margin
    excludable = m.excludable if m.excludable is not None else (instrument.excludable or margin)
    verdict, why = _verdict(instrument, m, margin, excludable, q, q_contradicted)
    p, pc = m.p_value, m.p_contradicted
    if test.negated and not m.untested:
        swap = {Verdict.SUPPORTED: Verdict.CONTRADICTED, Verdict.CONTRADICTED: Verdict.SUPPORTED}
        verdict = swap.get(verdict, verdict)
        p, pc, q, q_contradicted = pc, p, q_contradicted, q
        why += " The claim is negated, so the two sides are swapped."
    caveats = list(m.caveats)
    if test.struck:
        shown = "; ".join(f"{s.table}:{s.row_id} ({s.why})" for s in test.struck[:5])
        more = f" and {len(test.struck) - 5} more" if len(test.struck) > 5 else ""
        caveats.append(f"{len(test.struck)} struck row{'s' if len(test.struck) > 1 else ''} left out: {shown}{more}.")
    return Finding(
        instrument=instrument.name,
        question=test.question,
        verdict=verdict,
        estimate=m.estimate,
        unit=instrument.unit if m.unit is None else m.unit,
        interval=m.interval,
        margin=margin,
        excludable=excludable,
        p_value=p,
        p_contradicted=pc,
        q_value=q,
        q_contradicted=q_contradicted,
        n=m.n,
        n_needed=m.n_needed if verdict in (Verdict.INCONCLUSIVE, Verdict.UNTESTED) else None,
        null=instrument.method().get("Null", ""),
        items=m.items,
        evidence=m.evidence[:MOST_ROWS],
        evidence_total=max(m.evidence_total, len(m.evidence)),
        details={**m.details, "negated": True} if test.negated else m.details,
        reason=f"{m.found} {why}".strip(),
        caveats=caveats,
        seed=test.seed,
        sql=list(test.sql),
        versions=versions(),
    )


def _verdict(
    instrument: Instrument, m: Measured, margin: float, excludable: float, q: float | None, q_contradicted: float | None
) -> tuple[Verdict, str]:
    if m.untested:
        return Verdict.UNTESTED, m.untested
    if m.refuted:
        return Verdict.CONTRADICTED, m.refuted
    low, high = m.interval or (None, None)
    above = instrument.asserts == "above"
    beyond = low if above else high
    short = high if above else low
    standing = sum(i.q_value is not None and i.q_value < ALPHA for i in m.items)
    far = beyond is not None and (beyond > margin if above else beyond <= margin)
    if instrument.searches:
        far = standing > 0
    near = short is not None and (instrument.contradicted_by_p or (short < excludable if above else short > excludable))
    supports = far and q is not None and q < ALPHA
    contradicts = near and q_contradicted is not None and q_contradicted < ALPHA
    shown = f"The 95 % interval {interval_text(m.interval)}"
    if supports and not m.cannot_support and instrument.searches:
        return (
            Verdict.SUPPORTED,
            f"{standing} of {len(m.items)} items listed stand at q < .05 ({q_text(q)} for the finding).",
        )
    if supports and not m.cannot_support:
        return Verdict.SUPPORTED, f"{shown} lies beyond the margin {number(margin)} ({q_text(q)})."
    if contradicts and not m.cannot_contradict:
        if instrument.contradicted_by_p:
            return Verdict.CONTRADICTED, f"That is more than coding errors allow ({q_text(q_contradicted)})."
        return Verdict.CONTRADICTED, f"{shown} falls short of {number(excludable)} ({q_text(q_contradicted)})."
    gate = m.cannot_support if supports else m.cannot_contradict if contradicts else ""
    if gate:
        return Verdict.INCONCLUSIVE, gate
    if far:
        return (
            Verdict.INCONCLUSIVE,
            f"{shown} lies beyond the margin {number(margin)}, but that is not unusual enough ({q_text(q)}).",
        )
    return Verdict.INCONCLUSIVE, f"{shown} decides neither for nor against the margin {number(margin)}."


def q_text(q: float | None) -> str:
    """A q-value for a sentence."""
    return "q < .001" if q is not None and q < 0.001 else f"q = {number(q)}"


def number(value: float | None) -> str:
    """A number for a sentence: three significant digits."""
    if value is None:
        return "unknown"
    return "< .001" if 0 < abs(value) < 0.001 else f"{value:.3g}"


def interval_text(interval: tuple[float | None, float | None] | None) -> str:
    """An interval for a sentence."""
    return "[unknown]" if interval is None else f"[{number(interval[0])}, {number(interval[1])}]"

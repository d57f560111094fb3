"""The estimate with its interval, drawn against the margin: positions in percent, so that it fits any width."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kayfabe.dossier.wording import number
from kayfabe.instruments.declaration import Instrument
from kayfabe.models import Finding

_LEFT, _RIGHT = 5.0, 95.0


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class Gauge:
    """`low` and `high` are None where the interval is unknown. `zone` is the stretch that the claim asserts."""

    estimate: float
    low: float | None
    high: float | None
    margin: Tick | None
    excludable: Tick | None
    zone: tuple[float, float] | None
    ticks: tuple[Tick, ...]
    alt: str


def gauge(finding: Finding, instrument: Instrument | None) -> Gauge | None:
    """None where there is no estimate to draw."""
    if not _known(finding.estimate):
        return None
    estimate = float(finding.estimate or 0.0)
    low, high = finding.interval or (None, None)
    marks = [estimate, low, high, finding.margin, finding.excludable]
    values = [float(v) for v in marks if v is not None and math.isfinite(v)]
    ticks, first, last = _axis(min(values), max(values))

    def at(value: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * (value - first) / (last - first), 2)

    margin = Tick(at(finding.margin), number(finding.margin)) if finding.margin is not None else None
    other = finding.excludable if finding.excludable != finding.margin else None
    zone = None
    if margin and instrument:
        zone = (margin.at, 100.0) if instrument.asserts == "above" else (0.0, margin.at)
    return Gauge(
        estimate=at(estimate),
        low=at(low) if low is not None else None,
        high=at(high) if high is not None else None,
        margin=margin,
        excludable=Tick(at(other), number(other)) if other is not None else None,
        zone=zone,
        ticks=tuple(Tick(at(t), number(t)) for t in ticks),
        alt=_alt(finding),
    )


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _axis(low: float, high: float) -> tuple[list[float], float, float]:
    """Round ticks from at or below `low` to at or above `high`, and the ends."""
    if high <= low:
        low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
    raw = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw)
    start, stop = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [round(k * step, 12) for k in range(start, stop + 1)]
    return ticks, ticks[0], ticks[-1]


def _alt(finding: Finding) -> str:
    text = f"Estimate {number(finding.estimate)}"
    if finding.interval:
        text += f", 95 % interval {number(finding.interval[0])} to {number(finding.interval[1])}"
    if finding.margin is not None:
        text += f", margin {number(finding.margin)}"
    if finding.excludable is not None and finding.excludable != finding.margin:
        text += f", excludable effect {number(finding.excludable)}"
    return text + (f" ({finding.unit})." if finding.unit else ".")

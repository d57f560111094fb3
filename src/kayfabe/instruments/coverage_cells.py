"""Every outlet x provision tested: the exact law within strata, widened for clustering, only cells that could ever pass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.instruments.coverage_units import Units
from kayfabe.stats import attention
from kayfabe.stats.multiplicity import benjamini_hochberg

Array = np.ndarray[Any, Any]
MARGIN, EXCLUDABLE, ALPHA = 1.25, 1.5, 0.05


@dataclass(frozen=True)
class Tested:
    """One cell: `outlet` and `provision` numbered as in the units; `q_value` None where it could never pass; `alone`: what it
    shows rests on one other outlet."""

    outlet: int
    provision: int
    cell: attention.Cell
    units: int
    phi: float
    needed: int | None
    q_value: float | None = None
    alone: bool = False

    @property
    def testable(self) -> bool:
        return self.q_value is not None

    @property
    def over(self) -> bool:
        return self.cell.log_odds > 0

    @property
    def stands(self) -> bool:
        return self.q_value is not None and self.q_value < ALPHA and not self.alone


def tested(units: Units, outlets: int) -> list[Tested]:
    """Every cell, testable ones first by p."""
    found = [t for j in range(units.y.shape[1]) for t in _column(units, j, outlets)]
    passing = (
        attention.could_pass(np.array([t.cell.best_p for t in found]), ALPHA) if found else np.zeros(0, dtype=bool)
    )
    q = benjamini_hochberg([t.cell.p_value if ok else None for t, ok in zip(found, passing, strict=True)])
    cells = int(passing.sum())
    out = []
    for t, value in zip(found, q, strict=True):
        share = float(units.y[:, t.provision].sum()) / max(1, len(units.y))
        needed = attention.articles_needed(share, max(1, cells), t.phi, MARGIN)
        alone = value is not None and value < ALPHA and _rests_on_one(units, t)
        out.append(Tested(t.outlet, t.provision, t.cell, t.units, t.phi, needed, value, alone))
    return sorted(out, key=lambda t: (not t.testable, t.cell.p_value, t.outlet, t.provision))


def _column(units: Units, provision: int, outlets: int) -> list[Tested]:
    y = units.y[:, provision].astype(float)
    stratum = units.stratum(provision)
    phi = attention.overdispersion(y, stratum, units.cluster)
    total, having, own, mentions = _counts(stratum, units.outlet, y, outlets)
    size = np.bincount(units.outlet, minlength=outlets)
    return [
        Tested(o, provision, _cell(total, having, own[o], mentions[o], phi), int(size[o]), phi, None)
        for o in range(outlets)
    ]


def _counts(stratum: Array, outlet: Array, y: Array, outlets: int) -> tuple[Array, Array, Array, Array]:
    """N_s, K_s of shape (strata,); n_s and mentions of each outlet, (outlets, strata)."""
    strata = int(stratum.max(initial=-1)) + 1
    both = outlet * strata + stratum
    own = np.bincount(both, minlength=outlets * strata).reshape(outlets, strata)
    mentions = np.bincount(both, weights=y, minlength=outlets * strata).reshape(outlets, strata)
    return own.sum(axis=0), mentions.sum(axis=0).astype(int), own, mentions.astype(int)


def _cell(total: Array, having: Array, own: Array, mentions: Array, phi: float) -> attention.Cell:
    expected = float((own * having / np.maximum(total, 1)).sum())
    law = attention.law(total, having, own)
    return attention.cell(law, int(mentions.sum()), expected, phi, MARGIN, EXCLUDABLE)


def _rests_on_one(units: Units, t: Tested) -> bool:
    """Whether the cell loses its sign or p < .05 once the largest other outlet is left out."""
    sizes = np.bincount(units.outlet)
    sizes[t.outlet] = -1
    kept = units.outlet != int(np.argmax(sizes))
    rest = Units(units.unit, units.outlet[kept], units.day[kept], units.y[kept], units.copied[kept])
    (again,) = [s for s in _column(rest, t.provision, len(sizes)) if s.outlet == t.outlet]
    return again.over != t.over or again.cell.p_value >= ALPHA


def ratio(log_odds: float) -> float | None:
    """The odds ratio, None where it is infinite."""
    return math.exp(log_odds) if math.isfinite(log_odds) or log_odds < 0 else None


def interval(cell: attention.Cell) -> tuple[float | None, float | None]:
    """The 95 % interval as odds ratios."""
    return ratio(cell.interval[0]), ratio(cell.interval[1])


def folded(t: Tested) -> tuple[float, tuple[float | None, float | None]]:
    """Estimate and interval as "so many times over, or under": the inverse of the odds ratio for an omission."""
    sign = 1 if t.over else -1
    low, high = sorted((sign * t.cell.interval[0], sign * t.cell.interval[1]))
    return math.exp(abs(t.cell.log_odds)), (ratio(low), ratio(high))

"""Every outlet x provision tested: the exact law within strata, widened for clustering, only cells that could ever pass."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import expit, logit

from kayfabe.instruments.coverage_units import Units
from kayfabe.stats import attention
from kayfabe.stats.multiplicity import benjamini_hochberg

Array = np.ndarray[Any, Any]
MARGIN, EXCLUDABLE, ALPHA = 1.25, 1.5, 0.05
LEAST_ALIKE = 2
"""Other outlets in an outlet's language, below which it is compared with all."""


@dataclass(frozen=True)
class Sight:
    """How well a mention is seen: `precision` of matches; recall between `low` and `high` in the provisions' language, between `across_low`
    (what nine provisions in ten exceed) and `across_high` in another."""

    precision: float
    low: float
    high: float
    across_low: float
    across_high: float

    def slack(self, across: bool) -> float:
        """Log odds by which missed matches alone could set an outlet in one language apart from those in the other."""
        down, up = (self.across_low, self.high) if across else (self.low, self.across_high)
        other = (self.low, self.across_high) if across else (self.across_low, self.high)
        return float(max(logit(up) - logit(down), logit(other[1]) - logit(other[0]), 0.0)) if down < 1 else 0.0

    def reached(self, end: float, share: float) -> float:
        """The log odds ratio behind the seen one (`end`), once false and missed matches are allowed for; never nearer to 0. `share`: of
        the pool's articles, those seen to name the provision."""
        if not 0 < share < 1 or not math.isfinite(end):
            return end
        false, found = (1 - self.precision) * share, self.low
        seen = np.array([share, float(expit(logit(share) + end))])
        true = (seen - false) / max(found - false, 1e-9)
        if true[1] <= 0 or true[1] >= 1:
            return -math.inf if end < 0 else math.inf if true[1] >= 1 else end
        behind = float(logit(true[1]) - logit(min(float(true[0]), 1 - 1e-9)))
        return min(end, behind) if end < 0 else max(end, behind)


@dataclass(frozen=True)
class Tested:
    """One cell: `outlet` and `provision` numbered as in the units; `q_value` None where it could never pass; `alone`: what it
    shows rests on one other outlet; `slack`: log odds by which it is compared across languages, 0 within one; `own_words`: sentences of the outlet that may
    name the provision in words of its own."""

    outlet: int
    provision: int
    cell: attention.Cell
    units: int
    phi: float
    needed: int | None
    q_value: float | None = None
    alone: bool = False
    slack: float = 0.0
    own_words: tuple[str, ...] = ()

    @property
    def testable(self) -> bool:
        return self.q_value is not None

    @property
    def over(self) -> bool:
        return self.cell.log_odds > 0

    @property
    def stands(self) -> bool:
        return self.q_value is not None and self.q_value < ALPHA and not self.alone


def tested(units: Units, outlets: int, sight: Sight) -> list[Tested]:
    """Every cell, testable ones first by p."""
    found = [t for j in range(units.y.shape[1]) for t in _column(units, j, outlets, sight)]
    passing = (
        attention.could_pass(np.array([t.cell.best_p for t in found]), ALPHA) if found else np.zeros(0, dtype=bool)
    )
    q = benjamini_hochberg([t.cell.p_value if ok else None for t, ok in zip(found, passing, strict=True)])
    cells = int(passing.sum())
    out = []
    for t, value in zip(found, q, strict=True):
        share = float(units.y[:, t.provision].sum()) / max(1, len(units.y))
        needed = attention.articles_needed(share, max(1, cells), t.phi, MARGIN * math.exp(t.slack))
        alone = value is not None and value < ALPHA and _rests_on_one(units, t, sight)
        out.append(replace(t, needed=needed, q_value=value, alone=alone))
    return sorted(out, key=lambda t: (not t.testable, t.cell.p_value, t.outlet, t.provision))


def _column(units: Units, provision: int, outlets: int, sight: Sight, alike: Array | None = None) -> list[Tested]:
    """The cells of one provision; `alike` (outlets,): how many others each outlet has in its language, where that is settled."""
    y = units.y[:, provision].astype(float)
    size = np.bincount(units.outlet, minlength=outlets)
    away = np.bincount(units.outlet, weights=units.across, minlength=outlets) * 2 > size
    if alike is None:
        alike = np.array([((away == away[o]) & (size > 0)).sum() - 1 for o in range(outlets)])
    mixed = bool(units.across.any()) and not bool(units.across.all())
    share = float(y.mean()) if len(y) else 0.0
    found = []
    for apart in (True, False):
        stratum = units.stratum(provision, apart)
        phi = attention.overdispersion(y, stratum, units.cluster)
        total, having, own, mentions = _counts(stratum, units.outlet, y, outlets)
        for o in np.flatnonzero(((alike >= LEAST_ALIKE) | (not mixed)) == apart).tolist():
            slack = 0.0 if apart else sight.slack(bool(away[o]))
            cell = _cell(total, having, own[o], mentions[o], phi, slack)
            low, high = cell.interval  # the inner end stays: what is missed and mistaken only hides a difference
            low, high = sight.reached(low, share) if low < 0 else low, sight.reached(high, share) if high > 0 else high
            found.append(Tested(o, provision, replace(cell, interval=(low - slack, high + slack)), int(size[o]), phi, None, slack=slack))
    return sorted(found, key=lambda t: t.outlet)


def _counts(stratum: Array, outlet: Array, y: Array, outlets: int) -> tuple[Array, Array, Array, Array]:
    """N_s, K_s of shape (strata,); n_s and mentions of each outlet, (outlets, strata)."""
    strata = int(stratum.max(initial=-1)) + 1
    both = outlet * strata + stratum
    own = np.bincount(both, minlength=outlets * strata).reshape(outlets, strata)
    mentions = np.bincount(both, weights=y, minlength=outlets * strata).reshape(outlets, strata)
    return own.sum(axis=0), mentions.sum(axis=0).astype(int), own, mentions.astype(int)


def _cell(total: Array, having: Array, own: Array, mentions: Array, phi: float, slack: float) -> attention.Cell:
    expected = float((own * having / np.maximum(total, 1)).sum())
    law = attention.law(total, having, own)
    cell = attention.cell(law, int(mentions.sum()), expected, phi, MARGIN * math.exp(slack), EXCLUDABLE)
    return cell if slack == 0 else replace(cell, p_near=1.0)


def _rests_on_one(units: Units, t: Tested, sight: Sight) -> bool:
    """Whether the cell loses its sign or p < .05 once the largest other outlet that it is compared with is left out."""
    sizes = np.bincount(units.outlet)
    if not t.slack:
        own = units.outlet == t.outlet
        across = units.across == (units.across[own].mean() > 0.5)
        sizes = np.bincount(units.outlet, weights=across, minlength=len(sizes)).astype(int)
    sizes[t.outlet] = -1
    kept = units.outlet != int(np.argmax(sizes))
    rest = Units(units.unit, units.outlet[kept], units.day[kept], units.y[kept], units.copied[kept], units.across[kept])
    alike = np.full(len(sizes), 0 if t.slack else LEAST_ALIKE)  # compared as it was, within its language or across
    (again,) = [s for s in _column(rest, t.provision, len(sizes), sight, alike) if s.outlet == t.outlet]
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

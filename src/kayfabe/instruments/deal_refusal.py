"""The other side of a deal: does each named actor reject a provision? Refusals are counted as acceptance is, against miscoding."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from kayfabe.instruments.deal_positions import Positions
from kayfabe.instruments.declaration import Measured
from kayfabe.models import Claim
from kayfabe.stats import packages
from kayfabe.stats.multiplicity import simes

Array = np.ndarray[Any, Any]
TAIL = 0.025
UNIT = "share of occasions against, of the actor that rejects least, on the provision that it rejects most"
_REFUSES = re.compile(
    r"\b(?:unaccept\w*|inaccept\w*|reject\w*|refus\w*|rebuff\w*|spurn\w*|oppos\w*|veto\w*|non-?starters?|red lines?|dead on arrival|"
    r"неприемлем\w*|отверг\w*|отказ\w*|отклон\w*|красн\w+ лини\w+)\b",
    re.IGNORECASE,
)
_NOT_ACCEPTED = re.compile(
    r"\b(?:never|not|cannot|can't|won't|wouldn't|will not|would not)\s+(?:\w+\s+){0,2}?(?:accept|agree|sign|swallow|concede)\w*|"
    r"\bне\s+(?:\w+\s+)?(?:прим\w+|соглас\w+|подпиш\w+)",
    re.IGNORECASE,
)


def asserted(claim: Claim) -> str | None:
    """Which of the two a claim asserts; a negation that the reader has marked stays the verdict's to swap."""
    if _REFUSES.search(claim.text) or (not claim.negated and _NOT_ACCEPTED.search(claim.text)):
        return "unacceptable"
    return None


def refused(positions: Positions, found: str, error: float, margin: float, shared: dict[str, Any]) -> Measured:
    """Whether each named actor rejects at least one provision on more than `margin` of its occasions.

    p is the largest over actors of the Simes p over provisions; contradicted where some actor rejects none, heard on all.
    References: Berger (1982), Technometrics 24:295-300; Simes (1986), Biometrika 73:751-754.
    """
    n, k = positions.n, positions.against
    actors, provisions = n.shape
    p = np.where(positions.last_sign > 0, 1.0, packages.above(k, n, margin, error))
    by_actor = [simes(row.tolist()) or 1.0 for row in p]
    none = packages.below(k, n, margin, error).max(axis=1)
    low = min(packages.largest_share(k[[i]], n[[i]], TAIL, error) for i in range(actors))
    high = packages.bounds(k, n, TAIL / actors, error)[1].max(axis=1)
    share = k / np.maximum(n, 1e-12)
    last = int(np.argmax(by_actor))
    worst = int(np.lexsort((-share[last], p[last]))[0])
    rejected = [
        f"{a} rejects {', '.join(names[:5])}"
        for a, row in zip(positions.actors, p, strict=True)
        if (names := [x for x, q in zip(positions.provisions, row, strict=True) if q <= TAIL / provisions])
    ]
    said = f" Rejected: {'; '.join(rejected)}." if rejected else ""
    return Measured(
        found=found + said,
        estimate=float(share[last, worst]) if positions.raw[last, worst] else None,
        interval=(low, float(high.min())),
        p_value=max(by_actor),
        p_contradicted=float(min(1.0, actors * none.min())),
        unit=UNIT,
        **shared,
    )

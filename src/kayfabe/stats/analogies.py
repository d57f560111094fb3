"""Which past windows of a series look most like its last one, and what followed them.

Windows are disjoint, so that n counts occasions and not overlapping copies of one. Descriptive: it enters no verdict.
References: Lorenz (1969), J. Atmos. Sci. 26:636-646 (naturally occurring analogues); Clopper & Pearson (1934),
Biometrika 26:404-413.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
SEEN = 0.75


@dataclass(frozen=True)
class Analogies:
    """`ends` (m,) last step of each disjoint past window, most alike first; `distance` root mean square difference (m,);
    `after` mean of what followed less the forecast from the window's end (m,); `nearest`: how many count as alike."""

    ends: Array
    distance: Array
    after: Array
    nearest: int


def analogies(residuals: Array, observed: Array, phi: float, length: int, horizon: int, most: int = 10) -> Analogies:
    """Past windows of `length` steps compared with the last one, `residuals` (n,) in standard deviations.

    A window counts with three quarters of its steps and half of the `horizon` after it observed. Of windows that overlap,
    with what followed included, the most alike is kept. The nearest third, at most `most`, count as alike.
    """
    n = len(residuals)
    present = n - 1
    ends = np.arange(length - 1, n - length - horizon)
    back = np.arange(length)[::-1]
    if not len(ends):
        return Analogies(ends, np.empty(0), np.empty(0), 0)
    both = observed[ends[:, None] - back] & observed[present - back]
    gap = np.where(both, residuals[ends[:, None] - back] - residuals[present - back], 0.0)
    distance = np.sqrt((gap**2).sum(axis=1) / np.maximum(both.sum(axis=1), 1))
    ahead = ends[:, None] + np.arange(1, horizon + 1)
    seen = observed[ahead]
    ready = (both.mean(axis=1) >= SEEN) & (2 * seen.sum(axis=1) >= horizon) & observed[ends]
    forecast = np.maximum(residuals[ends], 0)[:, None] * phi ** np.arange(1, horizon + 1)
    after = np.where(seen, residuals[ahead] - forecast, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    kept: list[int] = []
    for i in np.flatnonzero(ready)[np.argsort(distance[ready], kind="stable")]:
        if all(abs(ends[i] - ends[j]) >= length + horizon for j in kept):
            kept.append(int(i))
    chosen = np.array(kept, dtype=int)
    return Analogies(ends[chosen], distance[chosen], after[chosen], min(most, len(kept) // 3))

"""Agreement of several coders on the same units: Krippendorff's alpha, for any number of coders and missing codes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]


def krippendorff_alpha(unit: Array, value: Array, measure: Literal["interval", "nominal"] = "interval") -> float | None:
    """alpha = 1 - observed / expected disagreement of codes `value` (n,) given to units `unit` (n,).

    Units with one code are left out, as they pair with nothing. None with fewer than two pairable codes or where all codes
    are the same, since no disagreement could be expected then.

    Notes: disagreement of two codes is their squared difference (interval) or whether they differ (nominal); with m codes of
    a unit its ordered pairs weigh 1 / (m - 1).
    References: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; (2004), Content Analysis, ch. 11.
    """
    _, unit, size = np.unique(unit, return_inverse=True, return_counts=True)
    pairable = size[unit] >= 2
    unit, value = unit[pairable], np.asarray(value)[pairable]
    n = len(value)
    if n < 2:
        return None
    if measure == "interval":
        x = value.astype(float) - float(value.astype(float).mean())
        total, squares = np.bincount(unit, x, len(size)), np.bincount(unit, x**2, len(size))
        apart = 2 * (size * squares - total**2)
        expected = 2 * (n * float(squares.sum()) - float(total.sum()) ** 2)
    else:
        _, code = np.unique(value, return_inverse=True)
        _, cells = np.unique(np.stack([unit, code]), axis=1, return_counts=True)
        same = np.bincount(np.unique(np.stack([unit, code]), axis=1)[0], cells.astype(float) ** 2, len(size))
        apart = np.where(size >= 2, size.astype(float) ** 2 - same, 0.0)
        expected = float(n) ** 2 - float((np.bincount(code).astype(float) ** 2).sum())
    if expected <= 1e-12 * n:
        return None
    observed = float((apart / np.maximum(size - 1, 1))[size >= 2].sum()) / n
    return 1 - observed / (expected / (n * (n - 1)))

"""Many tests in one case: Benjamini-Hochberg q-values and the Simes p of a family."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """q-value of each p-value; None stays None and does not count as a test.

    References: Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289-300, step-up adjusted p-values.
    """
    known = [i for i, p in enumerate(p_values) if p is not None]
    if not known:
        return [None] * len(p_values)
    p = np.array([p_values[i] for i in known], dtype=float)
    order = np.argsort(p, kind="stable")
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.minimum(1.0, np.minimum.accumulate(ranked[::-1])[::-1])
    out: list[float | None] = [None] * len(p_values)
    for position, value in zip(order, q, strict=True):
        out[known[position]] = float(value)
    return out


def simes(p_values: Sequence[float]) -> float | None:
    """The p of "no test in the family has an effect"; None for an empty family.

    References: Simes (1986), Biometrika 73:751-754.
    """
    if not len(p_values):
        return None
    p = np.sort(np.asarray(p_values, dtype=float))
    return float(min(1.0, np.min(p * len(p) / np.arange(1, len(p) + 1))))

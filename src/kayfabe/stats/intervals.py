"""Exact and well-covering intervals for proportions, counts and paired differences."""

from __future__ import annotations

import math

from scipy import special, stats


def clopper_pearson(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval for a proportion: k successes of n.

    References: Clopper & Pearson (1934), Biometrika 26:404-413.
    """
    if n == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(stats.beta.ppf(tail, k, n - k + 1))
    high = 1.0 if k == n else float(stats.beta.ppf(1 - tail, k + 1, n - k))
    return low, high


def poisson_ratio(count: int, expected: float, level: float = 0.95) -> tuple[float, float]:
    """Exact interval for (mean of count) / expected, count being Poisson.

    References: Garwood (1936), Biometrika 28:437-442.
    """
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else float(special.gammaincinv(count, tail))
    high = float(special.gammaincinv(count + 1, 1 - tail))
    return low / expected, high / expected


def agresti_min(b: float, c: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Interval for the difference of two paired proportions, (b - c) / n.

    `b` and `c` are the discordant counts (fractions allowed), `n` the pairs; half a pair is added to each of the four cells,
    so that no change at all still has width. References: Agresti & Min (2005), Stat. Med. 24:729-740.
    """
    b, c, total = b + 0.5, c + 0.5, n + 2
    difference = (b - c) / total
    se = math.sqrt(max(0.0, (b + c) - (b - c) ** 2 / total)) / total
    z = float(stats.norm.ppf(0.5 + level / 2))
    return max(-1.0, difference - z * se), min(1.0, difference + z * se)

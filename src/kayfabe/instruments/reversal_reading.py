"""What the two arms of reversal say of one actor's series, and the reversals themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from kayfabe.instruments.reversal_units import Array, Coding, Units, size_class
from kayfabe.models import Item
from kayfabe.stats import reversals
from kayfabe.stats.multiplicity import benjamini_hochberg

DRAWS, POSTERIOR_DRAWS = 999, 600
LEAST_OPPORTUNITIES, LEAST_SIDE = 8, 3
LEAST_DEFINITE = 2 / 3
CONFIDENT = 0.8
UNKNOWN_ERROR = 1.0
ALPHA, RATE_ALPHA = 0.05, 0.025
Turning = Literal["change", "neighbours opposed", "one dissenting statement: error or lapse"]


@dataclass(frozen=True)
class Reading:
    """Everything measured on the series of one actor. `changes` (series, draws) and `plus` come from the posterior."""

    parts: list[Units]
    series: list[reversals.Series]
    observed: int
    opportunities: int
    expected: float
    interval: tuple[float, float]
    waver: reversals.Arm
    turn: reversals.Arm
    p_rate: float
    p_rate_as_given: float
    rate_error: Array
    changes: Array
    plus: list[Array]
    definite: float

    @property
    def estimate(self) -> float:
        return (self.observed - self.expected) / self.opportunities

    @property
    def wavers_in_order(self) -> bool:
        """The order arm: more than one true change in one series, and an order that permuted errors do not give."""
        return self.waver.p < ALPHA and bool((self.few(2) <= 0.025).any())

    @property
    def wavers_in_rate(self) -> bool:
        return self.p_rate < RATE_ALPHA and self.definite >= LEAST_DEFINITE

    def few(self, least: int) -> Array:
        """P(fewer than `least` true changes) of each series."""
        return np.asarray((self.changes < least).mean(axis=1))

    def count_interval(self) -> tuple[int, int]:
        """95 % interval of the number of true changes over all series."""
        low, high = np.quantile(self.changes.sum(axis=0), [0.025, 0.975], method="inverted_cdf")
        return int(low), int(high)


def read(parts: list[Units], coding: Coding, definite: float, turn: bool, rng: np.random.Generator) -> Reading:
    """Both arms over `parts`, the series of one actor; the estimate is relative to one path under `turn`, else to at most one change."""
    series = []
    for part in parts:
        c = size_class(part.count)
        series.append(reversals.Series(np.sign(part.stance), coding.errors[c], c))
    waver = reversals.order_arm(series, turn=False, draws=DRAWS, rng=rng)
    once = reversals.order_arm(series, turn=True, draws=DRAWS, rng=rng)
    path = [reversals.constant_path(s) if turn else reversals.one_change_path(s) for s in series]
    errors = [s.errors for s in series]
    observed, n = sum(reversals.reversals(s.signs) for s in series), sum(len(s.signs) - 1 for s in series)
    null = reversals.rate_null(path, errors, 2 * DRAWS + 1, rng)
    doubted = coding.errors if coding.known else reversals.worse(coding.errors, UNKNOWN_ERROR)
    hard = null if coding.known else reversals.rate_null(path, [doubted[s.classes] for s in series], 2 * DRAWS + 1, rng)
    found = [reversals.posterior(s, POSTERIOR_DRAWS, rng) for s in series]
    return Reading(
        parts, series, observed, n, float(null.mean()), _interval(observed, n, null, hard), waver, once, reversals.rate_p(hard, observed), reversals.rate_p(null, observed),
        doubted, np.array([f[0] for f in found]), [f[1] for f in found], definite,
    )  # fmt: skip


def _interval(observed: int, n: int, null: Array, hard: Array) -> tuple[float, float]:
    """95 %: the spread that errors give, widened as the observed rate's binomial variance exceeds the null's; the lower end
    from the errors that the rate arm allows."""
    ends = []
    for counts, side in ((hard, -1), (null, 1)):
        rate, usual = (observed + 0.5) / (n + 1), (float(counts.mean()) + 0.5) / (n + 1)
        variance = max(float(counts.var()), 1.0) / n**2 * max(1.0, rate * (1 - rate) / (usual * (1 - usual)))
        ends.append((observed - float(counts.mean())) / n + side * 1.96 * math.sqrt(variance))
    return max(-1.0, ends[0]), min(1.0, ends[1])


def turnings(reading: Reading, k: int, every: bool) -> list[tuple[int, int, Turning, float]]:
    """(last unit before, first unit after, what, probability) in series `k`; `every` pair of opposite neighbours if asked."""
    signs, plus = reading.series[k].signs, reading.plus[k]
    agree = np.where(signs > 0, plus, 1 - plus)
    if every:
        return [
            (int(i), int(i) + 1, "neighbours opposed", float(agree[i] * agree[i + 1]))
            for i in np.flatnonzero(signs[1:] != signs[:-1])
        ]
    sure = np.flatnonzero(np.abs(plus - 0.5) >= CONFIDENT - 0.5)
    side = np.where(plus[sure] > 0.5, 1, -1)
    found: list[tuple[int, int, Turning, float]] = []
    for j in np.flatnonzero(side[1:] != side[:-1]):
        before, after = _nearest(signs, int(sure[j]), side[j], -1), _nearest(signs, int(sure[j + 1]), side[j + 1], 1)
        certain = np.abs(plus[sure[[j, j + 1]]] - 0.5) + 0.5
        found.append((before, after, "change", float(certain.prod())))
    real = {i for before, after, _, _ in found for i in (before, after)}
    alone = _alone(signs)
    for i in alone:
        if i not in real and not {i - 1, i + 1} & set(alone) and agree[i] < CONFIDENT:
            found.append((max(i - 1, 0), i, "one dissenting statement: error or lapse", float(agree[i])))
    return sorted(found)


def _alone(signs: Array) -> list[int]:
    """Units that oppose their neighbours; the first or last unit only where its neighbour is none itself."""
    opposed = signs[1:] != signs[:-1]
    inside = (np.flatnonzero(opposed[1:] & opposed[:-1]) + 1).tolist()
    last = len(signs) - 1
    ends = [end for end, near in ((0, 1), (last, last - 1)) if signs[end] != signs[near] and near not in inside]
    return sorted(inside + ends)


def _nearest(signs: Array, at: int, side: int, step: int) -> int:
    """The nearest unit from `at` outward that shows `side`."""
    while signs[at] != side and 0 <= at + step < len(signs):
        at += step
    return at


def items(reading: Reading, rows: Rows, turn: bool) -> tuple[list[Item], list[dict[str, Any]]]:
    """The reversals as items, and beside each its quotations and dates.

    An item's q is the largest of its series' Benjamini-Hochberg q, twice P(too few true changes) and, where the rate arm
    decides, twice that arm's p: it is below .05 only where the item's series carries the claim.
    """
    arm = reading.turn if turn else reading.waver
    family = benjamini_hochberg([p if turn else min(1.0, 2 * p) for p in arm.p_by_series])
    few = reading.few(1 if turn else 2)
    by_rate = not turn and reading.wavers_in_rate and not reading.wavers_in_order
    found: list[tuple[Item, dict[str, Any]]] = []
    for k, part in enumerate(reading.parts):
        q_series = max(family[k] or 0.0, min(1.0, 2 * float(few[k])))
        for before, after, what, chance in turnings(reading, k, by_rate):
            shown = [rows.telling(part, i) for i in (before, after)]
            key = {"actor": str(part.actor[after]), "issue": str(part.label[after]), "at": str(part.day[after])}
            counted = what != "one dissenting statement: error or lapse"
            q = (min(1.0, 2 * reading.p_rate) if by_rate else q_series) if counted else None
            p = (reading.p_rate if by_rate else arm.p_by_series[k]) if counted else None
            row = {**key, "what": what, "probability": chance, "from": shown[0], "to": shown[1]}
            found.append(
                (Item(key=key, estimate=chance, p_value=p, q_value=q, evidence=[s["row"] for s in shown]), row)
            )
    found.sort(key=lambda f: (1.0 if f[0].q_value is None else f[0].q_value, f[1]["at"], f[1]["issue"]))
    return [f[0] for f in found], [f[1] for f in found]


class Rows:
    """The rows behind units: which to quote."""

    def __init__(self, got: dict[str, Array]) -> None:
        self._got = got
        self._day = got["day"].astype("datetime64[D]")

    def telling(self, part: Units, i: int) -> dict[str, Any]:
        """The row of unit `i` that says its side most clearly: with a text first, then the strongest stance."""
        sign = np.sign(part.stance[i])
        stance, text, ids = self._got["stance"].astype(float), self._got["text"], self._got["row_id"]
        here = (
            (self._got["actor"] == part.actor[i]) & (self._got["label"] == part.label[i]) & (self._day == part.day[i])
        )
        best = min(
            np.flatnonzero(here).tolist(),
            key=lambda r: (stance[r] * sign <= 0, not text[r], -abs(stance[r]), str(ids[r])),
        )
        quote = None if text[best] is None else str(text[best])
        return {
            "row": f"statements:{ids[best]}",
            "at": str(self._got["at"][best])[:10],
            "stance": float(stance[best]),
            "text": quote,
        }

    def ids(self, first: Sequence[str]) -> list[str]:
        """Every row, those of `first` first."""
        every = [f"statements:{r}" for r in dict.fromkeys(self._got["row_id"].tolist())]
        return list(dict.fromkeys([*first, *every]))

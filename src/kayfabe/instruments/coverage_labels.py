"""How well passages were matched, where articles carry labels by hand: precision and recall, by outlet too.

A `provisions` column of the documents holds them: the numbers that the article names, separated by `;`, or "none".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import fisher_exact

from kayfabe.stats.intervals import clopper_pearson

Array = np.ndarray[Any, Any]
COLUMN = "provisions"
LEAST_PRECISION, LEAST_MATCHES, LESS_FOUND = 0.8, 10, 0.05
_NOTHING = ("none", "-", "0")


@dataclass(frozen=True)
class Labelled:
    """Counts over labelled articles and provisions: `articles`, `both` (named and labelled), `named`, `labelled`; `unknown`
    labels that are no provision."""

    articles: int
    both: int
    named: int
    labelled: int
    unknown: tuple[str, ...] = ()

    @property
    def precision(self) -> float | None:
        return self.both / self.named if self.named else None

    @property
    def recall(self) -> float | None:
        return self.both / self.labelled if self.labelled else None

    def details(self) -> dict[str, Any]:
        return {
            "articles": self.articles, "precision": self.precision, "recall": self.recall, "named": self.named, "labelled": self.labelled,
            "precision_interval": clopper_pearson(self.both, self.named) if self.named else None,
            "recall_interval": clopper_pearson(self.both, self.labelled) if self.labelled else None,
        }  # fmt: skip


@dataclass(frozen=True)
class Labels:
    """Hand labels beside what was matched, over all articles and by outlet."""

    every: Labelled
    outlets: tuple[tuple[str, Labelled], ...]

    def too_poor(self) -> str:
        """Why the matching cannot be relied on, by the labels; empty where it can or where they are too few to say."""
        precision = self.every.precision
        if precision is None or self.every.named < LEAST_MATCHES or precision >= LEAST_PRECISION:
            return ""
        return (
            f"Of {self.every.named} provisions matched in hand-labelled articles {self.every.both} are right ({precision:.0%}); "
            f"{LEAST_PRECISION:.0%} are needed. Give the provisions as the articles word them: kayfabe evidence add STORE FILE --as provisions"
        )

    def overlooked(self) -> list[str]:
        """Outlets whose labelled mentions are found less often than the others' (Fisher's exact test, p < .05, Bonferroni over outlets):
        their silence may be the matching's."""
        table = [(o, x.both, x.labelled - x.both) for o, x in self.outlets if x.labelled]
        found, missed = sum(t[1] for t in table), sum(t[2] for t in table)
        return [
            o
            for o, hit, miss in table
            if len(table) > 1 and fisher_exact([[hit, miss], [found - hit, missed - miss]], alternative="less")[1] < LESS_FOUND / len(table)
        ]

    def caveat(self) -> str:
        e = self.every
        shown = "; ".join(
            f"{o}: {_share(x.precision)} and {_share(x.recall)}" for o, x in self.outlets[:6] if len(self.outlets) > 1
        )
        unknown = f" Labels that are no provision: {', '.join(e.unknown[:5])}." if e.unknown else ""
        return (
            f"By {e.articles} hand-labelled articles {_share(e.precision)} of matches are right and {_share(e.recall)} of what is labelled "
            f"was found{f' ({shown})' if shown else ''}.{unknown}"
        )

    def details(self) -> dict[str, Any]:
        return self.every.details() | {"outlets": [{"outlet": o, **x.details()} for o, x in self.outlets]}


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.0%}"


def compared(labels: Sequence[str], provisions: Sequence[str], y: Array, outlet: Array, outlets: Sequence[str]) -> Labels | None:
    """`labels` (articles,) texts, `y` (articles, provisions) what was matched, `outlet` (articles,) numbers; None where all are empty."""
    given = np.array([bool(t.strip()) for t in labels])
    if not given.any():
        return None
    number = {p.lower(): j for j, p in enumerate(provisions)}
    told = [[x.strip().lower() for x in t.split(";") if x.strip()] for t in labels]
    truth = np.zeros(y.shape, dtype=bool)
    pairs = [(i, number[x]) for i, names in enumerate(told) for x in names if x in number]
    if pairs:
        truth[tuple(np.array(pairs).T)] = True
    unknown = sorted({x for names in told for x in names if x not in number and x not in _NOTHING})

    def count(rows: Array, odd: tuple[str, ...] = ()) -> Labelled:
        a, b = y[rows], truth[rows]
        return Labelled(int(rows.sum()), int((a & b).sum()), int(a.sum()), int(b.sum()), odd)

    by_outlet = tuple((name, count(given & (outlet == k))) for k, name in enumerate(outlets) if (given & (outlet == k)).any())
    return Labels(count(given, tuple(unknown)), by_outlet)

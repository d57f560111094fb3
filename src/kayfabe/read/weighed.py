"""What marks weigh: small logistic regressions over yes/no marks, trained by scripts/train_actors.py."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import exp

from kayfabe.read.parsing import Language
from kayfabe.read.wordlists import data_text

FILE = "weights.json"


@dataclass(frozen=True)
class Weights:
    """A model of one question in one language: the weight of each mark, the constant and the least probability to say yes."""

    constant: float
    least: float
    of: dict[str, float]

    def chance(self, marks: Iterable[str]) -> float:
        """The probability of yes, given marks; those never seen in training weigh nothing."""
        total = self.constant + sum(self.of.get(mark, 0.0) for mark in marks)
        return 1 / (1 + exp(-max(-50.0, min(50.0, total))))


@cache
def weights(question: str, language: Language) -> Weights:
    """The trained weights of a question: "actors", whether a noun phrase is one."""
    stored = json.loads(data_text(FILE))[question][language]
    return Weights(stored["constant"], stored["least"], stored["of"])

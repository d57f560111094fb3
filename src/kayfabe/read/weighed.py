"""What is seen weighs what: small logistic regressions over yes/no marks, and over what rules and encoder say together.

scripts/train_actors.py writes the marks' weights, scripts/mix_experts.py those of rules and encoder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import exp, log

from kayfabe.read.parsing import Language
from kayfabe.read.wordlists import data_text

FILE = "weights.json"
MIXING = "mixing.json"


@dataclass(frozen=True)
class Weights:
    """A model of one question in one language: the weight of each mark, the constant and the least probability to say yes."""

    constant: float
    least: float
    of: dict[str, float]

    def chance(self, marks: Iterable[str]) -> float:
        """The probability of yes, given marks; those never seen in training weigh nothing."""
        return _chance(self.constant + sum(self.of.get(mark, 0.0) for mark in marks))


@dataclass(frozen=True)
class Mixed:
    """A model of a question from the log odds that the rules and the encoder give; yes from `least` on."""

    constant: float
    rules: float
    encoder: float
    least: float

    def chance(self, rules: float, encoder: float) -> float:
        """The probability of yes, given two probabilities."""
        return _chance(self.constant + self.rules * odds(rules) + self.encoder * odds(encoder))


def odds(chance: float) -> float:
    """Log odds, of probabilities between .001 and .999."""
    kept = min(max(chance, 0.001), 0.999)
    return log(kept / (1 - kept))


def _chance(total: float) -> float:
    return 1 / (1 + exp(-max(-50.0, min(50.0, total))))


@cache
def weights(question: str, language: Language) -> Weights:
    """The trained weights of a question: "actors", whether a noun phrase is one."""
    stored = json.loads(data_text(FILE))[question][language]
    return Weights(stored["constant"], stored["least"], stored["of"])


@cache
def actor_mix(language: Language) -> Mixed:
    """The weights of rules and encoder on whether a noun phrase is an actor."""
    return Mixed(**json.loads(data_text(MIXING))["actors"][language])


@dataclass(frozen=True)
class Limits:
    """Chances by the encoder of a yes/no question: in a running text a yes of syntax alone holds from `keep` on, and from `add` on it
    is yes where the rules say no; of a sentence on its own from `alone` on."""

    keep: float
    add: float
    alone: float


@cache
def limits(question: str) -> Limits:
    """Of "sources" (a sentence is said by another than the author) or "denials"."""
    return Limits(**json.loads(data_text(MIXING))[question])

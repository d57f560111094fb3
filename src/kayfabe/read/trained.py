"""The trained kinds model: experts whose log probabilities are added with weights (a product of experts, Hinton 2002). They are the
adapted encoder, a logistic regression on portable sentence vectors, and one on the wording. In a running text, where most
sentences allege nothing, each sees what stands around.

`scripts/train_encoder.py`, `train_reader.py` and `mix_experts.py` write the data from the sentences in benchmarks/reading. Where an
expert cannot be had the others decide, with weights of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from kayfabe.models import Kind
from kayfabe.progress import SILENT, Progress
from kayfabe.read.chain import chained
from kayfabe.read.embedding import why_none
from kayfabe.read.judged import Judge, judge
from kayfabe.read.kinds import TEMPERATURE, Scores
from kayfabe.read.parsing import parser
from kayfabe.read.place import MARKS, Place, marks
from kayfabe.read.vectors import Vectors, vectors_model
from kayfabe.read.weighed import MIXING
from kayfabe.read.wording import VIEWS, matrix, worded
from kayfabe.read.wordlists import data_text

Array = NDArray[np.float64]
KINDS = tuple(Kind)
WORDING = "kinds_wording.npz"
_PLAIN = {Kind.STAGED_DISAGREEMENT: 0.0, Kind.REVERSAL: 4.0}  # kind: least score of the rules


@dataclass(frozen=True)
class Wording:
    """The terms and idf of each view, with coefficients (kinds x terms and marks) and intercepts."""

    known: dict[str, tuple[dict[str, int], Array]]
    coefficients: Array
    intercepts: Array

    def logits(
        self, texts: Sequence[str], language: Literal["en", "ru"], places: Sequence[Place] | None, progress: Progress = SILENT
    ) -> Array | None:
        """Shape (texts, 17); None where the parser of the language is missing."""
        known = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        counted = worded(list(known), language, progress)
        if counted is None:
            return None
        stand = np.zeros((len(texts), MARKS)) if places is None else marks(places)
        own = self.coefficients.shape[1] - MARKS
        found: Array = matrix(counted, self.known) @ self.coefficients[:, :own].T + self.intercepts
        return found[[known[text] for text in texts]] + stand @ self.coefficients[:, own:].T


@dataclass(frozen=True)
class KindsModel:
    """The experts at hand. `mixing` holds the weights of their log probabilities, by set of experts and for sentences on their own
    ("alone") and those of a running text ("running"). By set, for running text: `chain`, how much the kinds around count, and
    `quantified`, the log odds that a quantifier found by the rules gives a universal. `pairs` (17, 17): how often a kind stands before
    another (see `chained`)."""

    judge: Judge | None
    vectors: Vectors | None
    wording: Wording
    mixing: Mapping[str, Mapping[str, Mapping[str, float]]]
    chain: Mapping[str, float]
    quantified: Mapping[str, float]
    pairs: Array

    @property
    def name(self) -> str:
        """The experts with their training data, as a case records them."""
        return " ".join(m.name for m in (self.judge, self.vectors) if m is not None)

    def probabilities(
        self, texts: Sequence[str], scores: Sequence[Scores], language: Literal["en", "ru"], progress: Progress = SILENT,
        places: Sequence[Place] | None = None, seen: Array | None = None,
    ) -> Array:
        """Probabilities, shape (texts, 17), in the order of `Kind`; `scores` are those of the cue rules, `places` say where the texts
        stand in a running text, `seen` (texts, 17) what the encoder found (it reads them on their own where this is None)."""  # fmt: skip
        logs: dict[str, Array] = {}
        if self.judge is not None:
            logs["encoder"] = seen if seen is not None else self.judge.kinds_alone(texts, progress)
        if self.vectors is not None:
            logs["vectors"] = log_softmax(self.vectors.logits(texts, scores, places, progress), axis=1)
        words = self.wording.logits(texts, language, places, progress)
        if words is not None:
            logs["wording"] = log_softmax(words, axis=1)
        which = next(name for name, w in self.mixing.items() if set(w["alone"]) <= set(logs))
        weights = self.mixing[which]["alone" if places is None else "running"]
        total = np.sum([weight * logs[name].reshape(len(texts), len(KINDS)) for name, weight in weights.items()], axis=0)
        if places is not None:
            total = chained(log_softmax(total, axis=1), [p.number for p in places], self.pairs, self.chain[which])
            total[[quantified(s) for s in scores], KINDS.index(Kind.UNIVERSAL)] += self.quantified[which]
        result: Array = np.exp(log_softmax(total, axis=1))
        return result


def quantified(scores: Scores) -> bool:
    """Whether the rules find a quantifier that makes a universal, in so many words."""
    return scores.best is Kind.UNIVERSAL and scores.strong


def settled(
    texts: Sequence[str],
    scores: Sequence[Scores],
    model: KindsModel,
    language: Literal["en", "ru"],
    progress: Progress = SILENT,
    places: Sequence[Place] | None = None,
    seen: Array | None = None,
) -> list[Scores]:
    """The cue scores of `texts` with what the trained model makes of them in their place. What is said in so many words counts
    half by the rules: a staged disagreement, and a reversal on which several cues agree ("contradicts himself with every
    sentence"). The training sentences avoid such wording, so the model hardly knows it."""
    if not texts:
        return []
    chances = model.probabilities(texts, scores, language, progress, places, seen)
    for kind, least in _PLAIN.items():
        plain = np.array([s.best is kind and s.strong and s.of[kind] >= least for s in scores])
        chances[plain] /= 2
        chances[plain, KINDS.index(kind)] += 0.5
    logs = TEMPERATURE * np.log(np.maximum(chances, 1e-12))
    return [
        replace(s, of=dict(zip(KINDS, row.tolist(), strict=True)), trained=True)
        for s, row in zip(scores, logs, strict=True)
    ]


@cache
def kinds_model() -> KindsModel | None:
    """The trained model that the installed packages allow; None where there are none, so that rules decide alone."""
    encoder, portable = judge(), vectors_model()
    if encoder is None and portable is None:
        return None
    stored = json.loads(data_text(MIXING))
    return KindsModel(encoder, portable, _wording(), stored["kinds"], stored["chain"], stored["quantified"], np.array(stored["pairs"]))


def _wording() -> Wording:
    path = resources.files("kayfabe.read").joinpath("data", WORDING)
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        known = {
            view: (
                {term: i for i, term in enumerate(str(stored[f"{view}_terms"]).split("\n"))},
                stored[f"{view}_idf"].astype(float),
            )
            for view in VIEWS
        }
        return Wording(known, stored["coefficients"].astype(float), stored["intercepts"].astype(float))


def reader_name(language: Literal["en", "ru"]) -> str:
    """What read the claims, as a case records it: the trained model with its weights, the parser, or the rules alone."""
    model, parsing = kinds_model(), parser(language)
    used = ["cue rules"] if model is None else [f"cue rules and {model.name}"]
    used += [] if model is None else [m.source for m in (model.judge, model.vectors) if m is not None]
    used += [] if parsing is None else [f"{name} {version}" for name, version in sorted(parsing.versions.items())]
    return "; ".join(used)


def reader_note() -> str | None:
    """One line where reading has to do without the trained model, with the command that brings it."""
    return None if kinds_model() is not None else why_none()

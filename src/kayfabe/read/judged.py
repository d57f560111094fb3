"""What the adapted encoder says of the kinds of sentences.

data/encoder.npz also holds heads for actors, sources, attribution and denial, which were trained with it; nothing reads them, since
beside the rules they made plain sentences worse.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from kayfabe.actors import Found
from kayfabe.progress import SILENT, Progress
from kayfabe.read.embedding import PACKAGED, weights_path
from kayfabe.read.encoder import Encoder, Line, Word, adapted
from kayfabe.read.masks import Stretch, stretches
from kayfabe.read.packed import Weights, read_packed

FILE = "encoder.npz"
Array = NDArray[np.float64]
PACKAGE = PACKAGED[0]


@dataclass(frozen=True)
class Judged:
    """One sentence as the encoder read it: `words` with their offsets, hidden `states` (pieces, width), and where in them each word's
    `first` piece stands."""

    words: Sequence[Word]
    states: Weights
    first: Sequence[int]


@dataclass(frozen=True)
class Judge:
    """The encoder with its head for kinds: `weights` (17, 2 widths) and `biases` (17,)."""

    name: str
    encoder: Encoder
    weights: Weights
    biases: Weights

    @property
    def source(self) -> str:
        """The package that it adapts, with the hash of its weights, as a case records it."""
        return f"{PACKAGE.name} sha256 {PACKAGE.sha256[:16]}"

    def judged(
        self, sentences: Sequence[Sequence[Stretch]], opens: Sequence[bool] | None, progress: Progress = SILENT
    ) -> list[Judged]:
        """Sentences as stretches of what is read and the offsets that it stands for; `opens` says which of a text open a paragraph,
        None that each sentence is read on its own."""
        lines = [Line(words_of(self.encoder, sentence), opens is None or opens[i]) for i, sentence in enumerate(sentences)]
        states = self.encoder.states(lines, together=opens is not None, progress=progress)
        return [Judged(line.words, found, line.first) for line, found in zip(lines, states, strict=True)]

    def kinds_alone(self, texts: Sequence[str], progress: Progress = SILENT) -> Array:
        """Log probabilities of the kinds, shape (texts, 17), each text read on its own."""
        found = self.judged([[(text, 0, len(text))] for text in texts], None, progress)
        return np.array([self.kinds(j, 0, len(text)) for j, text in zip(found, texts, strict=True)])

    def kinds(self, judged: Judged, start: int, end: int) -> Array:
        """Log probabilities of the kinds, shape (17,), of the words of a sentence in [start, end)."""
        inside = [k for k, word in enumerate(judged.words) if word.start < end and start < word.end]
        begin, end = 0, len(judged.states) - 1
        if inside:
            begin = judged.first[inside[0]]
            end = judged.first[inside[-1] + 1] if inside[-1] + 1 < len(judged.first) else end
        result: Array = log_softmax((self.weights @ _pooled(judged.states, begin, end) + self.biases).astype(float))
        return result


def words_of(encoder: Encoder, sentence: Sequence[Stretch]) -> list[Word]:
    """The words of a sentence, with the offsets that its stretches stand for."""
    at = np.cumsum([0, *(len(said) for said, _, _ in sentence)]).tolist()

    def back(offset: int, ends: bool) -> int:
        k = int(np.searchsorted(at, offset, "left" if ends else "right")) - 1
        said, a, b = sentence[k]
        return a + offset - at[k] if len(said) == b - a else (b if ends else a)

    words = encoder.words("".join(said for said, _, _ in sentence))
    return [Word(back(w.start, False), back(w.end, True), w.pieces) for w in words]


def _pooled(states: Weights, begin: int, end: int) -> Weights:
    """The mean of states[begin:end] beside the state of the closing mark."""
    part = states[begin:end] if end > begin else states
    result: Weights = np.concatenate([part.mean(axis=0), states[-1]])
    return result


@cache
def judge() -> Judge | None:
    """The adapted encoder; None where the packaged model that it adapts is missing or another."""
    path = weights_path(PACKAGE.name)
    if path is None:
        return None
    file = resources.files("kayfabe.read").joinpath("data", FILE)
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        updates = {key: stored[key] for key in stored.files if key.endswith((".up", ".down"))}
        return Judge(str(stored["name"]), adapted(read_packed(path), updates), stored["kinds.w"], stored["kinds.b"])


def judged_text(
    encoder: Judge, text: str, spans: Sequence[tuple[int, int]], opens: Sequence[bool] | None, named: Sequence[Found],
    language: Literal["en", "ru"], progress: Progress = SILENT,
) -> list[Judged]:
    """What the encoder says of the sentences text[start:end]. `named`: the known actors of the text in order, `opens` as in
    `Judge.judged`."""  # fmt: skip
    begins = [found.start for found in named]
    inside = [named[bisect_left(begins, a) : bisect_left(begins, b)] for a, b in spans]
    shown = [stretches(text, a, b, some, language) for (a, b), some in zip(spans, inside, strict=True)]
    return encoder.judged(shown, opens, progress)

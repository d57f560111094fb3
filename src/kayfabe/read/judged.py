"""What the adapted encoder says of sentences: their kind, whose words they are, whether they deny, and which words are actors."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax, softmax

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
    """One sentence. `words` with their offsets; `attributed` and `denied`: probabilities; `actors` (words,): that a word is part of
    an actor's name, `sources` (words,): of its source's."""

    words: Sequence[Word]
    attributed: float
    denied: float
    actors: Array
    sources: Array
    states: Weights
    first: Sequence[int]

    def actor(self, at: int) -> float:
        """The probability that the word at that offset is part of an actor's name; 0 where none stands."""
        found = (c for word, c in zip(self.words, self.actors.tolist(), strict=True) if word.start <= at < word.end)
        return next(found, 0.0)

    def source(self) -> tuple[int, int]:
        """Where the words stand that name the source; an empty stretch where none is likelier one than not."""
        k = int(np.argmax(self.sources)) if len(self.sources) else 0
        if not len(self.sources) or self.sources[k] < 0.5:
            return 0, 0
        first = last = k
        while first > 0 and self.sources[first - 1] > 0.5:
            first -= 1
        while last + 1 < len(self.words) and self.sources[last + 1] > 0.5:
            last += 1
        return self.words[first].start, self.words[last].end


@dataclass(frozen=True)
class Judge:
    """The encoder with its `heads`: weights (outputs, inputs) and biases by name."""

    name: str
    encoder: Encoder
    heads: dict[str, Weights]

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
        out = []
        for line, states in zip(lines, self.encoder.states(lines, together=opens is not None, progress=progress), strict=True):
            flags = expit(self._said("flags", _pooled(states, line.opens, len(states) - 1)))
            each = states[line.first]
            actors, sources = (1 - softmax(self._said(name, each), axis=-1)[:, 0] for name in ("actors", "source"))
            out.append(Judged(line.words, float(flags[0]), float(flags[1]), actors, sources, states, line.first))
        return out

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
        result: Array = log_softmax(self._said("kinds", _pooled(judged.states, begin, end)))
        return result

    def _said(self, head: str, x: Weights) -> Array:
        result: Array = (x @ self.heads[f"{head}.w"].T + self.heads[f"{head}.b"]).astype(float)
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
        heads = {key: stored[key].astype(np.float32) for key in stored.files if key.endswith((".w", ".b"))}
        return Judge(str(stored["name"]), adapted(read_packed(path), updates), heads)


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

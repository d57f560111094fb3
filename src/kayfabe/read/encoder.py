"""The encoder of running text: multilingual-e5-small (Wang et al. 2024) adapted to the codebook, in numpy.

The sentences of a text pass through it together, as in sequential sentence classification (Cohan et al. 2019), so each is read with
what stands around it. The weights are those of the packaged model plus low-rank updates (Hu et al. 2021), which
`scripts/train_encoder.py` writes.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from kayfabe.progress import SILENT, Progress
from kayfabe.read.packed import CLOSES, OPENS, UNKNOWN, Packed, Weights, unpacked

MOST = 320
"""Pieces that are read together; the model has 512 positions."""
AROUND = 40
"""Pieces of context that a sentence has on either side where the text has them."""
MATRICES = ("q", "k", "v", "ao", "fi", "fo")
SCALE = 2.0
"""Of the low-rank updates."""
_AT_ONCE = 2048  # pieces in memory together
_LONGEST = 16  # characters of a piece
_EPSILON = 1e-12
_WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")


@dataclass(frozen=True)
class Word:
    """A word or mark of a sentence: its offsets and the ids of its pieces."""

    start: int
    end: int
    pieces: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """One sentence as the encoder reads it; `opens`: it opens a paragraph, or is read on its own."""

    words: Sequence[Word]
    opens: bool = True

    @cached_property
    def ids(self) -> list[int]:
        """The ids of its pieces, after the mark of a paragraph where it opens one, before that of its end."""
        own = [p for word in self.words for p in word.pieces][: MOST - 2]
        return [*[OPENS] * self.opens, *own, CLOSES]

    @cached_property
    def first(self) -> list[int]:
        """Where the first piece of each word stands in `ids`; of words too far on, the mark of the end."""
        begins = np.cumsum([self.opens, *(len(word.pieces) for word in self.words)])[:-1]
        return np.minimum(begins, len(self.ids) - 1).tolist() if self.words else []


@dataclass(frozen=True)
class Encoder:
    """The packed model with `tensors` adapted: per layer "i.qkv", "i.ao", "i.fi", "i.fo", shape (inputs, outputs)."""

    packed: Packed
    tensors: Mapping[str, Weights]
    _known: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def words(self, text: str) -> list[Word]:
        """The words and marks of `text`, with their pieces."""
        out = []
        for found in _WORD.finditer(text):
            apart = found.start() == 0 or text[found.start() - 1].isspace()
            word = "▁" * apart + unicodedata.normalize("NFKC", found.group())
            if word not in self._known:
                self._known[word] = segmented(word, self.packed)
            out.append(Word(found.start(), found.end(), self._known[word]))
        return out

    def states(self, lines: Sequence[Line], *, together: bool, progress: Progress = SILENT) -> list[Weights]:
        """The last hidden states of each line, shape (its ids, width). `together`: the lines are a text, and see each other."""
        sizes = [len(line.ids) for line in lines]
        stretches = windows(sizes) if together else [(i, i + 1, i, i + 1) for i in np.argsort(sizes, kind="stable").tolist()]
        out: list[Weights] = [np.zeros((0, 0), np.float32)] * len(lines)
        known: dict[tuple[int, ...], Weights] = {}  # what stands in a text twice is read once
        for some in progress.over(_grouped(stretches, sizes), "sentences (encoder)"):
            ids = [tuple(p for line in lines[a:b] for p in line.ids) for a, b, _, _ in some]
            new = [s for s in dict.fromkeys(ids) if s not in known]
            known |= dict(zip(new, self._hidden(new), strict=True)) if new else {}
            for (first, end, kept, until), segment in zip(some, ids, strict=True):
                at = np.cumsum([0, *sizes[first:end]])
                for i in range(kept, until):
                    out[i] = known[segment][at[i - first] : at[i - first + 1]]
        return out

    def _hidden(self, segments: Sequence[Sequence[int]]) -> list[Weights]:
        t, heads = self.tensors, self.packed.heads
        bounds = np.cumsum([0, *map(len, segments)]).tolist()
        ids = np.concatenate([np.asarray(s) for s in segments])
        place = np.concatenate([np.arange(len(s)) for s in segments])
        x = unpacked(self.packed.words[ids]) + t["emb.pos"][place] + t["emb.type"][0]
        x = _normal(x, t["emb.ln.w"], t["emb.ln.b"])
        for i in range(self.packed.layers):
            mixed = x @ t[f"{i}.qkv"] + t[f"{i}.qkv.b"]
            drawn = np.empty_like(x)
            for a, b in itertools.pairwise(bounds):
                q, k, v = mixed[a:b].reshape(b - a, 3, heads, -1).transpose(1, 2, 0, 3)
                weight = q @ k.transpose(0, 2, 1)
                weight -= weight.max(axis=-1, keepdims=True)
                np.exp(weight, out=weight)
                weight /= weight.sum(axis=-1, keepdims=True)
                drawn[a:b] = (weight @ v).transpose(1, 0, 2).reshape(b - a, -1)
            x = _normal(x + drawn @ t[f"{i}.ao"] + t[f"l{i}.ao.b"], t[f"l{i}.aln.w"], t[f"l{i}.aln.b"])
            inner = _gelu(x @ t[f"{i}.fi"] + t[f"l{i}.fi.b"])
            x = _normal(x + inner @ t[f"{i}.fo"] + t[f"l{i}.fo.b"], t[f"l{i}.oln.w"], t[f"l{i}.oln.b"])
        return [x[a:b] for a, b in itertools.pairwise(bounds)]


def adapted(packed: Packed, updates: Mapping[str, Weights]) -> Encoder:
    """The packed model with low-rank updates "i.m.down" (rank, inputs) and "i.m.up" (outputs, rank) of its matrices added."""
    t = dict(packed.tensors)
    width = len(t["emb.ln.w"])
    t["emb.pos"], t["emb.type"] = t["emb.pos"].reshape(-1, width), t["emb.type"].reshape(-1, width)
    for i in range(packed.layers):
        whole = {}
        for m in MATRICES:
            up, down = (updates[f"{i}.{m}.{side}"].astype(np.float32) for side in ("up", "down"))
            whole[m] = t.pop(f"l{i}.{m}.w") + SCALE * (up @ down)
        sharper = np.float32((width // packed.heads) ** -0.5)
        t[f"{i}.qkv"] = np.ascontiguousarray(np.vstack([whole["q"] * sharper, whole["k"], whole["v"]]).T)
        t[f"{i}.qkv.b"] = np.concatenate([t[f"l{i}.q.b"] * sharper, t[f"l{i}.k.b"], t[f"l{i}.v.b"]])
        t |= {f"{i}.{m}": np.ascontiguousarray(whole[m].T) for m in ("ao", "fi", "fo")}
    return Encoder(packed, t)


def segmented(word: str, packed: Packed) -> tuple[int, ...]:
    """The most probable pieces of a word (unigram segmentation by Viterbi, Kudo 2018); "▁" stands for the space before it."""
    best: list[tuple[float, int, int]] = [(0.0, 0, UNKNOWN)]
    for end in range(1, len(word) + 1):
        top = (best[end - 1][0] + packed.least, end - 1, UNKNOWN)
        for start in range(max(0, end - _LONGEST), end):
            piece = packed.pieces.get(word[start:end])
            if piece is not None and best[start][0] + piece[1] > top[0]:
                top = (best[start][0] + piece[1], start, piece[0])
        best.append(top)
    out, at = [], len(word)
    while at:
        _, at, piece_id = best[at]
        out.append(piece_id)
    return tuple(reversed(out))


def windows(sizes: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """Stretches of a text (first, end, first kept, end of the kept) of at most MOST pieces, whose kept parts tile it; what is kept
    has AROUND pieces on either side where the text has them. `sizes`: pieces of each sentence, each at most MOST."""
    at = np.cumsum([0, *sizes])
    n, kept, out = len(sizes), 0, []
    while kept < n:
        first = int(np.searchsorted(at, at[kept] - AROUND, "right")) - 1 if at[kept] > AROUND else 0
        first = max(first, int(np.searchsorted(at, at[kept + 1] - MOST, "left")))
        end = int(np.searchsorted(at, at[first] + MOST, "right")) - 1
        until = n if end == n else max(int(np.searchsorted(at, at[end] - AROUND, "right")) - 1, kept + 1)
        out.append((first, end, kept, until))
        kept = until
    return out


def _grouped(stretches: list[tuple[int, int, int, int]], sizes: Sequence[int]) -> list[list[tuple[int, int, int, int]]]:
    out: list[list[tuple[int, int, int, int]]] = []
    total = _AT_ONCE
    for stretch in stretches:
        size = sum(sizes[stretch[0] : stretch[1]])
        if total + size > _AT_ONCE:
            out.append([])
            total = 0
        out[-1].append(stretch)
        total += size
    return out


def _normal(x: Weights, weight: Weights, bias: Weights) -> Weights:
    x = x - x.mean(axis=-1, keepdims=True)
    x *= weight / np.sqrt(np.einsum("ij,ij->i", x, x)[:, None] / x.shape[-1] + np.float32(_EPSILON))
    x += bias
    return x


def _gelu(x: Weights) -> Weights:
    inner = x * x
    inner *= np.float32(0.044715)
    inner += 1
    inner *= x
    inner *= np.float32(np.sqrt(2 / np.pi))
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= np.float32(0.5)
    return inner

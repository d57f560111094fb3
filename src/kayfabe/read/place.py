"""Where a sentence stands in a running text: its neighbours, and marks of position and form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 8
"""A text of at least so many sentences is a running text; in shorter ones each sentence is read on its own."""
MARKS = 15
_WEIGHT = 0.3


@dataclass(frozen=True)
class Place:
    """The sentence itself, those `before` and `after` ("" at the ends), its `number` (from 0) `of` so many, and whether it
    `opens` a paragraph."""

    own: str
    before: str
    after: str
    number: int
    of: int
    opens: bool


def marks(places: Sequence[Place]) -> NDArray[np.float64]:
    """What form and position of each sentence tell, shape (places, MARKS), the first always 1."""
    return np.array([_marks(place.own.rstrip(), place) for place in places], dtype=float).reshape(len(places), MARKS)


def _marks(text: str, place: Place) -> list[float]:
    words = len(text.split())
    told = [
        place.number == 0, place.number == 1, place.number == 2, place.number >= place.of - 2, place.opens,
        text.endswith("?"), text.endswith("!"), text[-1:] not in tuple('.?!…"»”)'), words <= 3, words <= 6, words > 25,
        any(q in text for q in '"«“'), place.number / place.of, ":" in text,
    ]  # fmt: skip
    return [1.0, *(_WEIGHT * float(t) for t in told)]

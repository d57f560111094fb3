"""What the kinds of the other sentences of a text say of a sentence: a linear chain over the text.

Where an allegation stands the next sentence often goes on with it. Sums over all kinds of all other sentences, by the forward-backward
algorithm (Rabiner 1989), as in sequential sentence classification (Jin and Szolovits 2018).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def chained(logs: Array, numbers: Sequence[int], pairs: Array, strength: float) -> Array:
    """`logs` (texts, kinds) with what the other sentences say added, in log odds.

    `numbers` (texts,) says which sentence of the text each is; where several have one number the first is the whole sentence, the
    others parts of it, which learn what it learns. Sentences without a number have the kinds that are usual. `pairs` (kinds, kinds):
    the shares of neighbours of a kind (row) with one after it (column); the log of how far they exceed chance counts by `strength`.
    """
    usual = pairs.sum(axis=1)
    follows = strength * np.log(pairs / usual[:, None] / pairs.sum(axis=0))
    whole = {n: i for i, n in reversed(list(enumerate(numbers)))}
    own = np.tile(np.log(usual), (max(numbers, default=-1) + 1, 1))
    own[list(whole)] = logs[list(whole.values())]
    before, after = np.zeros_like(own), np.zeros_like(own)
    for i in range(1, len(own)):
        before[i] = _likely(np.logaddexp.reduce((before[i - 1] + own[i - 1])[:, None] + follows, axis=0))
    for i in range(len(own) - 2, -1, -1):
        after[i] = _likely(np.logaddexp.reduce(follows + after[i + 1] + own[i + 1], axis=1))
    return np.asarray(logs + (before + after)[list(numbers)])


def _likely(values: Array) -> Array:
    result: Array = values - values.max()
    return result

"""Does an outlet that seems to leave a provision out speak of something in words of its own, about as often as it should name it?

Words cannot show that a sentence in unknown terms names a provision, nor vectors where they miss it. What can be seen is that an outlet
has sentences made of terms that nobody else uses: then its silence may be the matching's, and the omission must not stand unread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.instruments.coverage_alignment import Words

Array = np.ndarray[Any, Any]
LEAST_ARTICLES, ELSEWHERE, TOGETHER = 5, 0.1, 3
"""A word is an outlet's own if at least so many of its articles have it and the others' share of articles is below a tenth of its own;
a sentence is in own words if it has three of them."""
EXPLAINS = 0.5


@dataclass(frozen=True)
class OwnWords:
    """`passage` (passages read,): whether an unmatched sentence is in its outlet's own words; `article` (articles,): whether it has one."""

    passage: Array
    article: Array

    def explain(self, missing: float, silent: Array) -> bool:
        """Whether so many of the `silent` articles (bool) have such a sentence that half of the `missing` mentions could be among them."""
        return bool(missing > 0 and (self.article & silent).sum() >= EXPLAINS * missing)


def own_words(words: Words, texts: int, outlet: Array, match: Array, language: Array) -> OwnWords:
    """Sentences in words of its outlet alone, among those of the texts after the first `texts`; `outlet` (articles,), `match` (passages
    read,). Outlets are compared with those that mostly write in the same `language` (articles,).

    A sentence that comes again word by word (a byline, a slogan) does not count.
    """
    articles = len(outlet)
    read = np.flatnonzero(words.text_of >= texts)
    article = words.text_of[read] - texts
    has = words.matrix(words.text, texts + articles)[texts:]
    size = np.bincount(outlet)
    passages = words.matrix(words.passage, len(words.text_of))[read]
    _, kind, often = np.unique([words.passages[k] for k in read.tolist()], return_inverse=True, return_counts=True)
    able = (match < 0) & (often[kind] == 1) if len(read) else np.zeros(0, dtype=bool)
    speaks = np.bincount(outlet, weights=language) * 2 > size
    found = np.zeros(len(read), dtype=bool)
    for o in range(len(size)):
        others = (outlet != o) & (speaks[outlet] == speaks[o])
        here, there = (np.asarray(has[rows].sum(axis=0)).ravel() for rows in (outlet == o, others))
        if not others.any():
            continue
        own = (here >= LEAST_ARTICLES) & (there / others.sum() < ELSEWHERE * here / max(1, size[o]))
        found |= able & (outlet[article] == o) & (np.asarray(passages @ own.astype(np.float32)).ravel() >= TOGETHER)
    holds = np.zeros(articles, dtype=bool)
    holds[article[found]] = True
    return OwnWords(found, holds)

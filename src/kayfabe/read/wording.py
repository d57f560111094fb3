"""How a sentence is worded, as counts: its lemmas, its grammar, the frame of small words, its edges and its letters.

Sentence vectors know what a sentence is about; these know how it says so (tense, person, negation, quantifiers, frames such
as "not X but Y"), and the two err on different sentences. Each view is tf-idf weighted (1 + log count, times log((1 + n) /
(1 + sentences with it)) + 1) and of unit length, as in Salton & Buckley (1988).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kayfabe.progress import SILENT, Progress
from kayfabe.read.parsing import Parse, Word, parser, parses

Array = NDArray[np.float64]
VIEWS = {"lemmas": 1.0, "grammar": 0.5, "frame": 0.5, "edges": 0.3, "letters": 0.5}  # weights, chosen by cross-validation
_NAMES = {"NNP", "NNPS"}
_SMALL = {"IN", "CC", "DT", "PDT", "MD", "RB", "PRP", "PRP$", "WP", "WP$", "WRB", "WDT", "EX", "TO", "UH", "RP"} | {
    "PREP", "CONJ", "PRCL", "NPRO", "ADVB"
}  # fmt: skip
_YEAR = re.compile(r"\b[12]\d{3}\b")
_MARKS = {"?": "?", "!": "!", "quoted": '«"“', "dash": "—–", "colon": ":", "semicolon": ";"}


def worded(
    texts: Sequence[str], language: Literal["en", "ru"], progress: Progress = SILENT
) -> list[dict[str, Counter[str]]] | None:
    """The terms of each view of each text, counted; None where the parser of the language is missing."""
    if parser(language) is None:
        return None
    batches = [texts[i : i + 64] for i in range(0, len(texts), 64)]
    found = [p for batch in progress.over(batches, "wording") for p in parses(language, batch)]
    return [views(text, parse) for text, parse in zip(texts, found, strict=True)]


def views(text: str, parse: Parse | None) -> dict[str, Counter[str]]:
    """The counted terms of one sentence by view; only letters where it could not be parsed."""
    words = [w for w in parse.words if w.text.strip()] if parse else []
    lemmas = ["#" if w.text[:1].isdigit() else "@" if _is_name(w, i) else w.lemma for i, w in enumerate(words)]
    tags = [w.tag or w.pos for w in words]
    small = [
        lemma if tag.split("_")[0] in _SMALL or not lemma[:1].isalnum() else tag
        for lemma, tag in zip(lemmas, tags, strict=True)
    ]
    edges = [f"{name} in it" for name, marks in _MARKS.items() if any(m in text for m in marks)]
    edges += ["year in it"] if _YEAR.search(text) else []
    if words:
        edges += [f"^{lemmas[0]}", f"^{' '.join(lemmas[:2])}", f"^^{' '.join(tags[:2])}", f"{lemmas[-1]}$"]
        edges.append(f"length {min(len(words) // 5, 8)}")
    return {
        "lemmas": Counter(_grams(lemmas, 2)),
        "grammar": Counter(_grams(tags, 3)),
        "frame": Counter(_grams(small, 3)),
        "edges": Counter(edges),
        "letters": Counter(
            f" {w} "[i : i + n] for w in text.lower().split() for n in (2, 3, 4) for i in range(len(w) + 3 - n)
        ),
    }


def _is_name(word: Word, place: int) -> bool:
    return word.tag in _NAMES or (place > 0 and word.text[:1].isupper() and bool(word.feats))


def _grams(words: Sequence[str], longest: int) -> Iterable[str]:
    return (" ".join(words[i : i + n]) for n in range(1, longest + 1) for i in range(len(words) - n + 1))


def matrix(found: Sequence[dict[str, Counter[str]]], known: dict[str, tuple[dict[str, int], Array]]) -> Any:
    """Sparse features, shape (texts, terms of all views): `known` gives each view's terms (term -> column) and their idf."""
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    before = 0
    for view, (terms, idf) in known.items():
        for row, counted in enumerate(c[view] for c in found):
            here = [(terms[t], n) for t, n in counted.items() if t in terms]
            if not here:
                continue
            column = np.array([c for c, _ in here])
            value = (1 + np.log([n for _, n in here])) * idf[column]
            rows += [row] * len(here)
            columns += (column + before).tolist()
            values += (VIEWS[view] * value / np.linalg.norm(value)).tolist()
        before += len(terms)
    return csr_matrix((values, (rows, columns)), shape=(len(found), before))

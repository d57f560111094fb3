"""Pairs of documents as they are judged: gates, p, q, labels, direction; and the passages themselves."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kayfabe.instruments.provenance_credits import names_outlet, wire_credit
from kayfabe.instruments.provenance_rows import Documents
from kayfabe.instruments.provenance_stock import cites, interrupts, opened
from kayfabe.stats.chains import Chains, Tail, chains, rare_order, tail
from kayfabe.stats.passages import copies, run_holders
from kayfabe.stats.words import places, word

Array = np.ndarray[Any, Any]

LEAST, LEAST_OF_THREE, LEAST_OF_MANY = 14, 16, 30
"""Words that a passage needs where two, three, and more documents hold five words in a row of it: what many hold may be a formula with small variations."""
EDGE, LEAST_AT_EDGE, PHRASE = 12, 40, 5
DENSE = 0.5
"""Share of the passage, in the document where it is longer, that must be covered: one story told twice shares names, not half its words."""
NAMES = 1 / 3
"""Share of capitalised words from which a passage is an official title, in texts that are not all capitals."""
MOST_READ = 2_000


@dataclass(frozen=True)
class Judged:
    """Every pair that shares something rare, shapes (p,). `own`: one outlet; `open`: the gates are passed; `p` and `q`; `copy`: the two are
    copies of one another as wholes. `words_in_a_row`: the length of a rare run in this store."""

    chains: Chains
    own: Array
    open: Array
    p: Array
    q: Array
    copy: Array
    tail: Tail
    words_in_a_row: int
    unit: Array


@dataclass(frozen=True)
class Passage:
    """A passage that two documents share: offsets in characters into both texts, the shared words marked in each as (start, end) offsets,
    and what the passage looks like. `exact` counts its words in runs of four or more."""

    a: tuple[int, int]
    b: tuple[int, int]
    marks_a: tuple[tuple[int, int], ...]
    marks_b: tuple[tuple[int, int], ...]
    exact: int
    span: int
    labels: tuple[str, ...]
    excused: bool


def judge_pairs(documents: Documents, step: Any) -> Judged:
    """Chains of all pairs, the gates of place and width, and p from the tail. q is set by `with_q`."""
    words = documents.words
    order = rare_order(words)
    unit = copies(words)
    found = chains(words, order, unit, step=step)
    own = (documents.outlet[found.one] == documents.outlet[found.two]).astype(bool)
    size = np.diff(words.start)
    first = (found.a < EDGE) & (found.b < EDGE)
    last = (size[found.one] - found.a_end < EDGE) & (size[found.two] - found.b_end < EDGE)
    copy = unit[found.one] == unit[found.two]
    holders = _holders(documents, unit, found)
    least = np.select([copy | (holders <= 2), holders == 3], [LEAST, LEAST_OF_THREE], LEAST_OF_MANY)
    least = np.where((first | last) & ~copy, LEAST_AT_EDGE, least)
    wide = found.words >= least
    dense = found.words >= DENSE * np.maximum(found.a_end - found.a, found.b_end - found.b)
    law = tail(found.bits[~own], documents.pairs)
    passed = np.asarray(wide & dense & ~own)
    p = np.where(passed, law.p_values(found.bits), 1.0)
    return Judged(found, own, passed, p, np.ones(len(p)), copy, law, order, unit)


def _holders(documents: Documents, unit: Array, found: Chains) -> Array:
    """Most documents (copies counted once) that hold five words in a row of each pair's passage, as the earlier one has it; 0 where the chain
    is shorter than the gate."""
    words = documents.words
    holders = run_holders(words, PHRASE, unit)
    out = np.zeros(len(found.one), dtype=np.int64)
    wide = np.flatnonzero(found.words >= LEAST)
    if len(wide):
        begin = words.start[found.one[wide]] + found.a[wide]
        end = words.start[found.one[wide]] + np.maximum(found.a[wide] + 1, found.a_end[wide] - PHRASE + 1)
        padded = np.append(holders, 0)
        out[wide] = np.maximum.reduceat(padded, np.stack([begin, end], axis=1).ravel())[::2]
    return out


def with_q(judged: Judged, tested: Array, tests: int) -> Judged:
    """Benjamini-Hochberg over `tests` pairs, of which those not listed have p = 1; pairs not in `tested` are none of them and have p = q = 1."""
    p = np.where(tested, judged.p, 1.0)
    mine = np.flatnonzero(tested)
    order = mine[np.argsort(p[mine], kind="stable")]
    ranked = p[order] * tests / np.arange(1, len(order) + 1)
    q = np.ones(len(p))
    q[order] = np.minimum(1.0, np.minimum.accumulate(ranked[::-1])[::-1])
    return replace(judged, p=p, q=q)


def excuse(judged: Judged, read: Mapping[int, Passage]) -> Judged:
    """Pairs whose passage explains itself (a wire credit, an official name) no longer pass, nor do those that were not read."""
    passed = np.zeros(len(judged.open), dtype=bool)
    passed[[k for k, one in read.items() if not one.excused]] = True
    passed &= judged.open
    return replace(judged, p=np.where(passed, judged.p, 1.0), open=passed)


def passage(judged: Judged, k: int, documents: Documents, texts: Mapping[str, str], formula_of: str = "") -> Passage:
    """The passage of pair k, its words compared one by one. `formula_of`: the outlet whose formula it is, if any."""
    c = judged.chains
    one, two = int(c.one[k]), int(c.two[k])
    text_a, text_b = texts[str(documents.row[one])], texts[str(documents.row[two])]
    at_a = places(text_a)[int(c.a[k]) : int(c.a_end[k])]
    at_b = places(text_b)[int(c.b[k]) : int(c.b_end[k])]
    words_a, words_b = ([word(t[s:e]) for s, e in at.tolist()] for t, at in ((text_a, at_a), (text_b, at_b)))
    blocks = difflib.SequenceMatcher(None, words_a, words_b, autojunk=False).get_matching_blocks()
    exact = sum(x.size for x in blocks if x.size >= 4)
    shared = [i for x in blocks for i in range(x.a, x.a + x.size)]
    labels, excused = _labels(judged, k, documents, text_a, text_b, at_a, at_b, shared)
    if formula_of and not judged.own[k]:
        labels.append(f"a formula of {formula_of}, said again a month or more apart")
        excused = True
    return Passage(
        a=(int(at_a[0, 0]), int(at_a[-1, 1])), b=(int(at_b[0, 0]), int(at_b[-1, 1])),
        marks_a=tuple((int(at_a[x.a, 0]), int(at_a[x.a + x.size - 1, 1])) for x in blocks if x.size),
        marks_b=tuple((int(at_b[x.b, 0]), int(at_b[x.b + x.size - 1, 1])) for x in blocks if x.size),
        exact=exact, span=max(len(words_a), len(words_b)), labels=tuple(labels), excused=excused,
    )  # fmt: skip


def _labels(
    judged: Judged, k: int, documents: Documents, text_a: str, text_b: str, at_a: Array, at_b: Array, shared: list[int]
) -> tuple[list[str], bool]:
    c = judged.chains
    one, two = int(c.one[k]), int(c.two[k])
    labels, excused = [], False
    wires = [wire_credit(t, str(documents.outlet[d])) for t, d in ((text_a, one), (text_b, two))]
    if any(wires):
        labels.append("wire copy: " + " and ".join(dict.fromkeys(w for w in wires if w)))
        excused = True
    if _capitals(text_a, at_a[shared]) > NAMES and max(_capitals(t, places(t)) for t in (text_a, text_b)) <= 0.75 * NAMES:
        labels.append("mostly names: an official title")
        excused = True
    cited = cites(text_a, int(at_a[0, 0])) or cites(text_b, int(at_b[0, 0]))
    if cited:
        labels.append(f"after a public text: {cited}")
        excused = True
    if opened(text_a, int(at_a[0, 0])) or opened(text_b, int(at_b[0, 0])):
        labels.append("a quotation: opened just before, not closed")
        excused = True
    if interrupts(text_a, int(at_a[0, 0])) and interrupts(text_b, int(at_b[0, 0])):
        labels.append("margin of a page: stands in the middle of a sentence")
        excused = True
    if judged.copy[k]:
        labels.append("copies as wholes")
    if judged.own[k]:
        labels.append("own text: one outlet")
    elif names_outlet(text_b, int(at_b[0, 0]), int(at_b[-1, 1]), str(documents.outlet[one])):
        labels.append(f"names its source: {documents.outlet[one]}")
    return labels, excused


def _capitals(text: str, at: Array) -> float:
    """Share of these words that begin with a capital letter."""
    return sum(text[s].isupper() for s in at[:, 0].tolist()) / max(1, len(at))


def to_read(judged: Judged, asked: Array) -> Array:
    """Pairs among `asked` whose passages are read: those that pass the gates, most telling first, and the widest of one outlet's own."""
    c = judged.chains
    order = np.lexsort((c.two, c.one, -c.bits, judged.p))
    order = order[asked[order]]
    wide = order[judged.open[order]]
    own = order[judged.own[order] & (c.words[order] >= LEAST)][:20]
    return np.concatenate([wide[:MOST_READ], own])

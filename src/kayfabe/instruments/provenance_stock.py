"""What is nobody's own: formulae that an outlet says again and again, sentences that cite a law, a goal, a resolution."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from kayfabe.instruments.provenance_rows import Documents
from kayfabe.stats.chains import Chains
from kayfabe.stats.passages import among, hashes, mixed

Array = np.ndarray[Any, Any]

PHRASE = 5
"""Words in a row that are looked for."""
APART = 30 * 86_400 * 1_000_000
"""Microseconds between two documents of one outlet from which a passage in both is its formula: a story is not told again after a month."""
HALF = 0.5
_AT_ONCE = 50
MOST_HOLDERS = 2_000
_CITED = re.compile(
    r"(?:\b(?:Goals?|Articles?|Target|section|paragraph|principle|resolution|decision|U\.S\.C\.|Executive Order)s? \(?\d+|\bSDGs? \d+|\b2030 Agenda\b|\bPreamble\b|"
    r"\b(?:UN|United Nations) Charter\b|\bCharter of the United Nations\b|\bUniversal Declaration\b|"
    r"\b[Сс]тать\w{1,3} \d+|\b[Цц]ел[ьи]\w* \d+|\b[Рр]езолюци\w{1,3} \d+|\b[Пп]ункт\w{0,3} \d+|\bУстав\w{0,2} ООН\b|\b[Пп]реамбул\w{1,2}\b|"
    r"\b(?:[Rr]eports? (?:on|by|of)|[Aa]ccording to (?:a|an|the) \w+ (?:report|study|survey)|[Дд]оклад\w{0,3} (?:о|об|по)|[Пп]о данным (?:доклада|отч[её]та|исследования))\b)[^.!?\n]{0,90}$"
)

_ANNOUNCED = re.compile(r"\b(?:I (?:would like to )?quote|quoting him|quoting her|to quote|цитирую|цитата)\b[^.!?]{0,90}$", re.IGNORECASE)


def cites(text: str, start: int) -> str:
    """The law, goal, resolution or charter that the sentence names just before the character `start`; empty where there is none."""
    found = _CITED.search(text[max(0, start - 160) : start])
    return "" if found is None else " ".join(found.group()[:40].split())


def opened(text: str, start: int) -> bool:
    """Whether a quotation stands open just before the character `start`: an opening mark that nothing closes, or words that announce one."""
    before = text[max(0, start - 400) : start]
    open_ = any(before.rfind(a) > before.rfind(b) for a, b in (("“", "”"), ("«", "»"), ("„", "“")))
    return open_ or _ANNOUNCED.search(before[-160:]) is not None


def interrupts(text: str, start: int) -> bool:
    """Whether what begins at the character `start` stands on a new line in the middle of a sentence: the margin of a page, not a story."""
    before = text[max(0, start - 40) : start]
    bare = before.rstrip(" \t\r\n[(")
    return text[start].isupper() and "\n" in before[len(bare) :] and bare[-1:].islower()


def recurring(documents: Documents, chains: Chains, chosen: Array) -> dict[int, str]:
    """Pairs among `chosen` whose passage an outlet holds in two documents or more, a month or more apart: the outlet's name.

    The outlet is one of the two, or any that had said it again before the later document of the pair. A document holds a passage when it has half of the runs of five words that the two share in it.
    """
    words = documents.words
    code = hashes(words, PHRASE)
    pairs, keys = [], []
    for i, k in enumerate(chosen.tolist()):
        one, two = (
            code[words.start[d] + a : words.start[d] + max(a, end - PHRASE + 1)]
            for d, a, end in ((chains.one[k], chains.a[k], chains.a_end[k]), (chains.two[k], chains.b[k], chains.b_end[k]))
        )
        both = np.intersect1d(one, two)
        both = both[both != 0]
        pairs.append(np.full(len(both), i))
        keys.append(both)
    pair, key = (np.concatenate(x) if x else np.zeros(0, dtype=np.int64) for x in (pairs, keys))
    if not len(key):
        return {}
    known, column = np.unique(key, return_inverse=True)
    where = among(code, known)
    place = np.flatnonzero(where >= 0)
    n, m = len(known), len(documents)
    held = _sample(np.unique(where[place] * m + words.document[place].astype(np.int64)), m)
    wanted = csr_array((np.ones(len(pair)), (pair, column)), shape=(len(chosen), n))
    holds = csr_array((np.ones(len(held)), (held // m, held % m)), shape=(n, m))
    names, outlet = np.unique(documents.outlet.astype(str), return_inverse=True)
    found: dict[int, str] = {}
    for begin in range(0, len(chosen), _AT_ONCE):
        part = chosen[begin : begin + _AT_ONCE]
        some = wanted[begin : begin + _AT_ONCE]
        counts = (some @ holds).tocoo()
        many = counts.data >= HALF * np.maximum(1, some.sum(axis=1))[counts.row]
        for row, o in _again(documents, outlet, chains, part, counts.row[many], counts.col[many]):
            found[int(part[row])] = str(names[o])
    return found


def _sample(held: Array, m: int) -> Array:
    """`held` (run * m + document, sorted) with about MOST_HOLDERS documents of runs that more hold, the same ones for every run of a passage."""
    run, document = held // m, held % m
    count = np.bincount(run)
    every = 2 ** np.ceil(np.log2(np.maximum(1, count / MOST_HOLDERS))).astype(np.uint64)
    return np.asarray(held[mixed(document.astype(np.uint64)) % every[run] == 0])


def _again(documents: Documents, outlet: Array, chains: Chains, part: Array, row: Array, document: Array) -> list[tuple[int, int]]:
    """(row, outlet) of pairs `part` whose passage, held by `document` (one for each `row`), the outlet says again."""
    one, two = chains.one[part[row]], chains.two[part[row]]
    mine = (outlet[document] == outlet[one]) | (outlet[document] == outlet[two]) | (document < two)
    mine &= documents.dated[document] & documents.rows[document]
    group = row[mine].astype(np.int64) * (int(outlet.max()) + 1) + outlet[document[mine]]
    if not len(group):
        return []
    at = documents.at[document[mine]]
    order = np.argsort(group, kind="stable")
    group, at = group[order], at[order]
    first = np.flatnonzero(np.diff(group, prepend=-1))
    span = np.maximum.reduceat(at, first) - np.minimum.reduceat(at, first)
    again = group[first[span >= APART]]
    return list(zip((again // (int(outlet.max()) + 1)).tolist(), (again % (int(outlet.max()) + 1)).tolist(), strict=True))

"""How a passage spread: families of documents that hold it, who had it first, who carried it within minutes, and whose words a text shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kayfabe.instruments.provenance_pairs import Judged, Passage
from kayfabe.instruments.provenance_rows import CLOCK_NAMES, Documents
from kayfabe.stats.chains import MOST
from kayfabe.stats.multiplicity import benjamini_hochberg
from kayfabe.stats.passages import groups_of, hashes, run_holders
from kayfabe.stats.words import MASKED, Words

Array = np.ndarray[Any, Any]

LEAST_ACCOUNTS, LEAST_PAIRS, LEAST_NEIGHBOURS = 30, 20, 500
MOST_FAMILIES, MOST_ROWS = 20, 60
MOST_ASKED, SPREAD, CLUMP = 12, 0.5, 4
OVERLAP = 5
"""Words by which passages of two pairs overlap in one document when they are one passage."""


def when(documents: Documents, d: int) -> str | None:
    """The time of document d as far as its clock tells; None where it has none."""
    if not documents.dated[d]:
        return None
    at = np.datetime64(int(documents.at[d]), "us")
    unit = {86_400: "D", 3_600: "m", 60: "m", 1: "s"}[int(documents.clock[d])]
    return str(np.datetime_as_string(at, unit=unit))  # type: ignore[call-overload]


def alike(judged: Judged, pairs: Array) -> Array:
    """A number for each of `pairs`: pairs whose passages overlap by five words in a document that they share are about one passage. Shape of
    `pairs`."""
    c = judged.chains
    n = len(pairs)
    document = np.concatenate([c.one[pairs], c.two[pairs]])
    start, end = np.concatenate([c.a[pairs], c.b[pairs]]), np.concatenate([c.a_end[pairs], c.b_end[pairs]])
    order = np.lexsort((start, document))
    document, start, end, pair = document[order], start[order], end[order], np.tile(np.arange(n), 2)[order]
    lefts, rights = [], []
    furthest = 0
    for i in range(1, 2 * n):
        if document[i] != document[furthest]:
            furthest = i
            continue
        if min(end[furthest], end[i]) - start[i] >= OVERLAP:
            lefts.append(pair[furthest])
            rights.append(pair[i])
        furthest = i if end[i] > end[furthest] else furthest
    graph = coo_array((np.ones(len(lefts)), (lefts, rights)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1]) if n else np.zeros(0, dtype=np.int64)


def families(documents: Documents, judged: Judged, pairs: Array) -> list[dict[str, Any]]:
    """Documents that hold one passage, by `pairs`, largest family first: who had it first, and for each holder its nearest source.

    Each row: document, outlet, at, clock, words and nearest (the earlier holder with the highest score), known (whether its place in time
    is certain). `first` lists every document that may be the first, given the clocks.
    """
    c, part = judged.chains, alike(judged, pairs)
    found: list[dict[str, Any]] = []
    for family in np.unique(part):
        mine = pairs[part == family]
        members = np.unique(np.concatenate([c.one[mine], c.two[mine]]))
        dated = members[documents.dated[members]]
        first = int(dated[0]) if len(dated) else int(members[0])
        unsure = dated[~documents.known_order(np.full(len(dated), first), dated)] if len(dated) else members
        nearest: dict[int, int] = {}
        for k in mine[np.lexsort((mine, -c.bits[mine]))].tolist():
            nearest.setdefault(int(c.two[k]), k)
        rows = []
        for d in members[:MOST_ROWS].tolist():
            k = nearest.get(d)
            rows.append(
                {
                    "document": str(documents.row[d]), "outlet": str(documents.outlet[d]), "at": when(documents, d),
                    "clock": CLOCK_NAMES[int(documents.clock[d])], "words": None if k is None else int(c.words[k]),
                    "nearest": None if k is None else str(documents.row[int(c.one[k])]), "known": bool(d not in unsure or d == first),
                }
            )  # fmt: skip
        found.append(
            {
                "documents": len(members), "outlets": len(set(documents.outlet[members].tolist())),
                "first": [str(documents.row[d]) for d in unsure.tolist()], "rows": rows,
            }
        )  # fmt: skip
    return sorted(found, key=lambda f: (-f["documents"], -max(r["words"] or 0 for r in f["rows"]), f["first"]))[:MOST_FAMILIES]


def together(documents: Documents, judged: Judged, pairs: Array, window: float) -> dict[str, Any]:
    """Whether outlets carry the same passages within `window` seconds of each other more often than chance allows.

    A passage is an object, an outlet an account: the local-rate null of `coordination` (kayfabe.stats.coshare). Pairs whose clock is
    coarser than the window cannot be seen. Returns {"seen", "reason", "pairs": [{a, b, close, expected, p, q}]}.
    """
    from kayfabe.stats.coshare_analysis import analyse  # which brings the compiler, wanted nowhere else

    c, n = judged.chains, len(documents)
    part = alike(judged, pairs)
    held = np.unique(np.concatenate([part, part]) * n + np.concatenate([c.one[pairs], c.two[pairs]]))
    family, nodes = held // n, held % n
    fine = documents.clock[nodes] <= max(60.0, window)
    names, account = np.unique(documents.outlet[nodes[fine]].astype(str), return_inverse=True)
    if len(names) < LEAST_ACCOUNTS:
        reason = f"Only {len(names)} outlets with clocks finer than {window:g} s share passages; {LEAST_ACCOUNTS} are needed to say what is usual."
        return {"seen": False, "reason": reason, "window": window, "pairs": []}
    found = analyse(
        family[fine].astype(np.int64), account, documents.at[nodes[fine]], len(names), round(window * 1e6), lambda *_: None
    )
    if len(found.pairs.p) < LEAST_PAIRS or found.neighbours < LEAST_NEIGHBOURS:
        reason = (
            f"Only {len(found.pairs.p)} pairs of outlets met on two passages ({LEAST_PAIRS} are needed), with {found.neighbours} appearances "
            f"around them ({LEAST_NEIGHBOURS} are needed)."
        )
        return {"seen": False, "reason": reason, "window": window, "pairs": []}
    best = np.argsort(found.pairs.p, kind="stable")[:30]
    rows = [
        {
            "a": str(names[found.pairs.a[k]]), "b": str(names[found.pairs.b[k]]), "close": int(found.pairs.close[k]),
            "expected": float(found.pairs.expected[k]), "p": float(found.pairs.p[k]), "q": float(found.pairs.q[k]),
        }
        for k in best.tolist()
    ]  # fmt: skip
    stand = int((found.pairs.q < 0.05).sum())
    return {"seen": True, "reason": f"{stand} pairs of outlets stand.", "window": window, "pairs": rows}


def whose_words(documents: Documents, judged: Judged, asked: Array) -> list[dict[str, Any]]:
    """Whose earlier texts the documents `asked` (indices, taken as one text) share rare words with, against the same overlap of other documents.

    `overlap`: rare runs of the text that an earlier document of the outlet holds too, per 1,000 words. For each outlet that is ranked among those
    of all documents of other outlets that come after its first one and have 50 words (p = (1 + those at least as high) / (1 + all)); q over all
    outlets, those that share nothing with p = 1. So that a common subject does not pass for a common author, runs shared are also compared with those that
    the single words lead to expect (`by_subject`), and the larger p counts; beyond the MOST_ASKED likeliest outlets p = 1.
    """
    words, d = documents.words, int(asked.min())
    names, outlet = np.unique(documents.outlet.astype(str), return_inverse=True)
    first_of = np.full(len(names), len(documents))
    np.minimum.at(first_of, outlet, np.arange(len(documents)))
    parts = list(_rare_holders(words, judged.words_in_a_row))
    group, held = (np.concatenate([p[i] for p in parts]) if parts else np.zeros(0, dtype=np.int64) for i in range(2))
    mine = np.unique(outlet[held[np.isin(group, group[np.isin(held, asked)]) & (held < d)]])
    mine = mine[mine != outlet[d]]
    column = np.full(len(names), -1)
    column[mine] = np.arange(len(mine))
    shared = np.zeros((len(documents), len(mine)))
    for lag in range(1, MOST):
        later = np.arange(lag, len(group))
        later = later[(group[later] == group[later - lag]) & (column[outlet[held[later - lag]]] >= 0)]
        np.add.at(shared, (held[later], column[outlet[held[later - lag]]]), 1.0)
    size = np.diff(words.start)
    overlap = shared * (1000 / np.maximum(1, size))[:, None]
    own = shared[asked].sum(axis=0) * 1000 / max(1, int(size[asked].sum()))
    others = np.ones(len(documents), dtype=bool)
    others[asked] = False
    rows: list[dict[str, Any]] = []
    after = {k: np.flatnonzero((outlet != o) & (np.arange(len(documents)) > first_of[o]) & (size >= 50) & others) for k, o in enumerate(mine.tolist())}
    raw = np.array([(1 + int((overlap[r, k] >= own[k]).sum())) / (1 + len(r)) for k, r in after.items()])
    likely = set(np.argsort(raw, kind="stable")[:MOST_ASKED].tolist())
    rare = run_holders(words, judged.words_in_a_row, np.arange(len(documents))) <= MOST if likely else np.zeros(0, dtype=bool)
    for k, o in enumerate(mine.tolist()):
        rest, p = after[k], 1.0
        if k in likely:
            chance = by_subject(words, rare, judged.words_in_a_row, outlet == o)
            chance *= shared[rest, k].sum() / max(1e-9, float(chance[rest].sum()))
            beyond = _beyond(shared[rest, k], chance[rest])
            p = max(float(raw[k]), (1 + int((beyond >= _beyond(shared[asked, k].sum(), chance[asked].sum())).sum())) / (1 + len(rest)))
        usual = float(np.median(overlap[rest, k])) if len(rest) else None
        rows.append({"outlet": str(names[o]), "overlap": float(own[k]), "usual": usual, "documents": len(rest), "p": p})
    silent = [1.0] * (len(set(outlet[:d].tolist()) - {int(outlet[d])}) - len(rows))
    for one, q in zip(rows, benjamini_hochberg([*(r["p"] for r in rows), *silent]), strict=False):
        one["q"] = q
    return sorted(rows, key=lambda r: (r["p"], -r["overlap"], r["outlet"]))[:30]


def _beyond(seen: Array, chance: Array) -> Array:
    """How far `seen` counts stand above `chance` ones, in standard deviations of counts whose expectation is known to SPREAD of itself;
    runs come in phrases of about CLUMP."""
    return np.asarray((seen - chance) / np.sqrt(CLUMP**2 + chance + (SPREAD * chance) ** 2))


def by_subject(words: Words, rare: Array, n: int, theirs: Array) -> Array:
    """Rare runs of `n` words that each document shares with the earlier ones of `theirs` (documents,) bool if only single words were chosen alike: sum over
    its rare runs of N p(w1) ... p(wn), at most one half, p from their texts, N their words so far. Shape (documents,)."""
    size = np.diff(words.start)
    mine = np.repeat(theirs, size)
    held = np.bincount(words.code[mine], minlength=len(words.held)).astype(float)
    held[MASKED] = 0.0
    share = held / max(1.0, held.sum())
    single = share[words.code]
    run = single[: len(single) - n + 1].copy()
    for i in range(1, n):
        run *= single[i : len(single) - n + 1 + i]
    run = np.minimum(run, 0.5 / max(1.0, held.sum())) * rare[: len(run)]
    total = np.concatenate([[0.0], np.cumsum(np.append(run, np.zeros(len(single) - len(run))))])
    before = np.concatenate([[0], np.cumsum(size * theirs)])[:-1]
    return np.asarray((total[words.start[1:]] - total[words.start[:-1]]) * before)


def _rare_holders(words: Words, n: int) -> Iterator[tuple[Array, Array]]:
    """(group, document) of every rare run and each document that holds it, once, in order of group and document."""
    document, base = words.document, 0
    for place, first, holders in groups_of(hashes(words, n), document):
        size = np.diff(np.append(first, len(place)))
        rare = np.repeat((holders >= 2) & (holders <= MOST), size)
        group, held = np.repeat(np.arange(len(first)), size)[rare], document[place[rare]]
        once = np.ones(len(group), dtype=bool)
        once[1:] = (np.diff(group) != 0) | (np.diff(held) != 0)
        yield group[once] + base, held[once]
        base += len(first)


def side_by_side(
    documents: Documents, judged: Judged, order: Sequence[int], read: Mapping[int, Passage], texts: Mapping[str, str], around: int = 60
) -> list[dict[str, Any]]:
    """What is needed to show each pair: ids, outlets, times, direction, numbers, labels, and both passages in parts [text, shared?]."""
    c, found = judged.chains, []
    for k in order:
        one, two = int(c.one[k]), int(c.two[k])
        shown = read[k]
        sides = []
        for d, span, marks in ((one, shown.a, shown.marks_a), (two, shown.b, shown.marks_b)):
            sides.append(
                {
                    "document": str(documents.row[d]), "outlet": str(documents.outlet[d]), "title": str(documents.title[d]), "at": when(documents, d),
                    "clock": CLOCK_NAMES[int(documents.clock[d])], "start": span[0], "end": span[1],
                    "parts": _parts(texts[str(documents.row[d])], span, marks, around),
                }
            )  # fmt: skip
        known = bool(documents.known_order(np.array([one]), np.array([two]))[0])
        found.append(
            {
                "from": sides[0], "to": sides[1], "direction": "known" if known else "unknown: closer in time than the coarser clock",
                "words": int(c.words[k]), "exact": shown.exact, "span": shown.span, "bits": float(c.bits[k]), "p": float(judged.p[k]), "q": float(judged.q[k]),
                "labels": list(shown.labels),
            }
        )  # fmt: skip
    return found


def _parts(text: str, span: tuple[int, int], marks: Sequence[tuple[int, int]], around: int, most: int = 2_400) -> list[list[Any]]:
    """The passage with a little around it, cut into [text, shared?]."""
    begin, end = max(0, span[0] - around), min(len(text), span[1] + around, span[0] + most)
    parts: list[list[Any]] = []
    at = begin
    for start, stop in marks:
        if start >= end:
            break
        if start > at:
            parts.append([text[at:start], False])
        parts.append([text[start : min(stop, end)], True])
        at = min(stop, end)
    if at < end:
        parts.append([text[at:end], False])
    return parts

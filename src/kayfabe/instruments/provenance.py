"""provenance: which documents reuse each other's words beyond quotation, boilerplate and wire copy, and who had them first?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kayfabe.instruments import provenance_worlds
from kayfabe.instruments.declaration import Instrument, Measured, Need, Option, Run
from kayfabe.instruments.provenance_charts import charts
from kayfabe.instruments.provenance_pairs import LEAST, Judged, Passage, excuse, judge_pairs, passage, to_read, with_q
from kayfabe.instruments.provenance_rows import Documents, read, texts
from kayfabe.instruments.provenance_spread import families, side_by_side, together, when, whose_words
from kayfabe.instruments.provenance_stock import recurring
from kayfabe.instruments.verdicts import q_text
from kayfabe.instruments.window import window_text
from kayfabe.models import Item, Kind
from kayfabe.stats.chains import MOST
from kayfabe.stats.passages import stock_runs

Array = np.ndarray[Any, Any]

LEVEL = 0.05
LEAST_DOCUMENTS, LEAST_OUTLETS, LEAST_PAIRS = 20, 3, 100
LEAST_WORDS = 100
EXCLUDABLE, EXCLUDABLE_IN_LARGE = 45, 110
"""Words of reuse that a text without a chain can be cleared of; where runs of three words or more are compared, of 45 words much is missed."""
MISSED = 0.03
MOST_ITEMS, ALSO, SHOWN = 500, 10, 25
ADD = "Add some with: kayfabe evidence add STORE FILE --as documents"


def measure(run: Run) -> Measured:
    """Which documents of different outlets share passages beyond quotation, boilerplate and wire copy; who held them first.

    Estimand: words of the later document that stand in the earlier one in the same order, lightly edited at most: those covered by the
        best chain of rare runs (runs of words held by 2 to 5 documents; copies of one another count once; at most 10 words skipped, the
        diagonal moving by 8). Runs are two words long in a small store; longer ones are taken until at least half of all of them
        are held by 5 documents or fewer.
    Null: everything that more than 5 documents hold is common stock and weighs nothing; so do words in quotation marks, long notes in square
        brackets, and words of an outlet of public texts (--public). A pair counts from 14 covered words if they are half of the passage or
        more; from 16 where three documents hold five words in a row of it, from 30 where more do (a formula with small variations, or a
        cascade), from 40 where the chain begins or ends both texts. Its p is the share of all pairs that score beyond the median, times an
        exponential tail fitted to the store's own pairs (truncated at the 97th percentile), Benjamini-Hochberg over all pairs. The gates
        carry the calibration; the tail ranks and guards large stores. Labelled, and not standing: wire copy by its credit; passages that
        are mostly names; that follow the naming of a law, goal, resolution or report, or an opening quotation mark; that stand on a new line in
        the middle of a sentence; that one of the two outlets says again a month or more apart (its formula); and pairs of one outlet. With
        --document, --passage or --agreement, only their pairs.
    Assumes: that the store holds enough other texts of the same kind to show what is stock. A famous sentence quoted without marks by
        two to five documents, or any common source that is not in the store, is indistinguishable from reuse: "from, to" means earlier
        and later holder here, never who wrote it, and the earliest here is not the first in the world. Translation and heavy
        paraphrase are not seen. "Planted" is intent, on which texts and times are silent.
    Abstains: fewer than 20 documents, 3 outlets, or 100 pairs that share anything rare. Direction is left open where times differ by less
        than the coarser clock (an outlet's times may be whole hours or days). Contradicts only for one document or passage, when both texts
        have 100 words outside quotation marks and no chain reaches 14: that denies verbatim or lightly edited reuse of 45 words or more (110 in a large store, where runs of three are compared).
    References: Broder (1997), Proc. SEQUENCES 21-29; Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289-300; Simes (1986), Biometrika
        73:751-754; Smith, Cordell & Dillon (2013), Proc. IEEE Big Data 86-94 (passages reused by newspapers).
    """
    documents = read(run)
    lacking = _lacking(documents)
    if lacking:
        return Measured(found="", untested=lacking, n=len(documents), n_needed=LEAST_DOCUMENTS)
    judged = judge_pairs(documents, lambda done, total: run.progress.step("comparing documents", done, total))
    details = _details(documents, judged)
    if len(judged.p) < LEAST_PAIRS:
        lacking = f"Only {len(judged.p)} pairs of documents share anything rare; {LEAST_PAIRS} are needed to say what is usual. {ADD}"
        return Measured(found="", untested=lacking, n=documents.pairs, details=details, n_needed=LEAST_PAIRS)
    asked = _asked(documents, judged)
    chosen = to_read(judged, asked)
    known = _texts(run, documents, judged, chosen)
    formulae = recurring(documents, judged.chains, chosen)
    passages = {int(k): passage(judged, int(k), documents, known, formulae.get(int(k), "")) for k in chosen}
    unread = int((judged.open & asked).sum()) - sum(bool(judged.open[k]) for k in passages)
    judged = with_q(excuse(judged, passages), asked, _tests(documents))
    stands = np.flatnonzero(judged.q < LEVEL)
    items, listed = _items(documents, judged, passages)
    about = listed[:SHOWN] + [k for k in passages if k not in listed][: max(0, SHOWN - len(listed))]
    details |= {
        "stand": len(stands),
        "passages": side_by_side(documents, judged, about, passages, known),
        "families": families(documents, judged, stands),
        "together": together(documents, judged, np.flatnonzero(judged.open), float(run.options["window"])),
        "labelled": _labelled(passages),
    }
    about_one = np.flatnonzero(documents.asked)
    if len(about_one) < len(documents):
        details["whose_words"] = whose_words(documents, judged, about_one)
    rows = [r for item in items for r in item.evidence]
    return Measured(
        found=_seen(documents, judged, stands, details), estimate=_widest(judged, asked, stands), p_value=float(judged.q.min()), n=_tests(documents),
        items=items, evidence=list(dict.fromkeys(rows))[:1000], evidence_total=len(set(rows)), details=details,
        caveats=_caveats(documents, judged, passages, stands, unread, details["together"]), excludable=float(EXCLUDABLE if judged.words_in_a_row == 2 else EXCLUDABLE_IN_LARGE), **_against(documents, judged, asked),
    )  # fmt: skip


def _lacking(documents: Documents) -> str:
    n, outlets = int(documents.rows.sum()), len(set(documents.outlet[documents.rows].tolist()))
    if n < LEAST_DOCUMENTS:
        return f"Only {n} documents; {LEAST_DOCUMENTS} are needed to say what is common stock. {ADD}"
    if outlets < LEAST_OUTLETS:
        return f"Only {outlets} outlet{'s' if outlets != 1 else ''}; {LEAST_OUTLETS} are needed to tell reuse from an outlet's own text. {ADD}"
    return ""


def _asked(documents: Documents, judged: Judged) -> Array:
    """Pairs that the question is about; with a release, only documents that are surely older than it."""
    one, two = judged.chains.one, judged.chains.two
    asked = documents.asked[one] | documents.asked[two]
    released = ~documents.rows & documents.dated
    if released.any():
        asked &= released[two] & documents.known_order(one, two)
    return np.asarray(asked)


def _tests(documents: Documents) -> int:
    """Pairs that the question is about."""
    n, asked = len(documents), int(documents.asked.sum())
    return documents.pairs if asked == n else asked * (n - asked) + asked * (asked - 1) // 2


def _texts(run: Run, documents: Documents, judged: Judged, chosen: Array) -> dict[str, str]:
    """The texts of the documents in these pairs, the extra ones included."""
    c = judged.chains
    wanted = np.unique(np.concatenate([c.one[chosen], c.two[chosen]])) if len(chosen) else np.zeros(0, dtype=int)
    known = texts(run, [str(documents.row[d]) for d in wanted if documents.rows[d]])
    return known | documents.extra_texts


def _items(documents: Documents, judged: Judged, passages: Mapping[int, Passage]) -> tuple[list[Item], list[int]]:
    c = judged.chains
    ranked = [k for k in passages if judged.open[k]]
    ranked.sort(key=lambda k: (judged.p[k], -c.bits[k], int(c.one[k]), int(c.two[k])))
    standing = sum(bool(judged.q[k] < LEVEL) for k in ranked)
    ranked = ranked[: min(standing + ALSO, MOST_ITEMS)]
    items = []
    for k in ranked:
        one, two = int(c.one[k]), int(c.two[k])
        shown = passages[k]
        items.append(
            Item(
                key={"from": str(documents.row[one]), "to": str(documents.row[two])}, estimate=float(c.words[k]),
                interval=(float(min(shown.exact, c.words[k])), float(max(shown.span, c.words[k]))), p_value=float(judged.p[k]), q_value=float(judged.q[k]),
                evidence=[_name(documents, one), _name(documents, two)],
            )
        )  # fmt: skip
    return items, ranked


def _name(documents: Documents, d: int) -> str:
    row = str(documents.row[d])
    return f"documents:{row}" if documents.rows[d] else row


def _widest(judged: Judged, asked: Array, stands: Array) -> float:
    words = judged.chains.words
    if len(stands):
        return float(words[stands].max())
    return float(words[asked & ~judged.own].max(initial=0))


def _against(documents: Documents, judged: Judged, asked: Array) -> dict[str, Any]:
    """p_contradicted, interval and gate: only one document or passage can be cleared, and only where both texts are long enough."""
    one = np.flatnonzero(documents.asked)
    if len(one) != 1:
        return {"cannot_contradict": "Only one document or passage can be cleared of reuse, never a whole store."}
    long = documents.words.unmasked >= LEAST_WORDS
    others = (documents.outlet != documents.outlet[one[0]]) & documents.rows
    c = judged.chains
    widest = float(c.words[asked & ~judged.own].max(initial=0))
    if not long[one[0]] or int((long & others).sum()) < LEAST_DOCUMENTS - 1 or not (long | ~others).all():
        return {"cannot_contradict": f"Reuse is denied only where all texts have {LEAST_WORDS} words outside quotation marks."}
    if widest >= LEAST:
        return {"p_contradicted": 1.0, "interval": (0.0, None)}
    return {"p_contradicted": MISSED, "interval": (0.0, widest)}


def _details(documents: Documents, judged: Judged) -> dict[str, Any]:
    words = documents.words
    stock = stock_runs(words, 12, MOST, 10)
    sizes = np.bincount(judged.unit)
    return {
        "documents": len(documents), "outlets": len(set(documents.outlet.tolist())), "words": len(words.code), "order": judged.words_in_a_row,
        "pairs_sharing": len(judged.p), "copied_whole": int(sizes[sizes > 1].sum()), "tail_start": judged.tail.start, "tail_scale": 1 / judged.tail.rate,
        "stock": [
            {"document": str(documents.row[d]), "word": int(a), "words": int(n), "documents": int(h)}
            for d, a, n, h in zip(stock.document, stock.a, stock.length, stock.holders, strict=True)
        ],
        "scores": np.histogram(judged.chains.words[~judged.own], np.append(np.arange(2, 64, 2), 1e9))[0].tolist(),
    }  # fmt: skip


def _labelled(passages: Mapping[int, Passage]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in passages.values():
        for label in one.labels:
            found[label] = found.get(label, 0) + 1
    return dict(sorted(found.items(), key=lambda x: (-x[1], x[0]))[:20])


def _seen(documents: Documents, judged: Judged, stands: Array, details: Mapping[str, Any]) -> str:
    c = judged.chains
    held = f"{len(documents):,} documents of {len(set(documents.outlet.tolist()))} outlets: {len(judged.p):,} pairs share something rare"
    if not len(stands):
        return f"{held}; none of the questions' pairs shares a passage that stands.{_whose_sentence(details)}"
    k = int(stands[np.argmax(c.words[stands])])
    first = when(documents, int(c.one[k])) or "undated"
    found = (
        f"Shared words and their order in time, not intent: {held}; {len(stands)} share a passage beyond stock, the longest of {int(c.words[k])} words "
        f"({documents.row[int(c.one[k])]}, {first}, and {documents.row[int(c.two[k])]}, {when(documents, int(c.two[k])) or 'undated'})."
    )
    family = details["families"][0]
    if family["documents"] > 2:
        found += f" The widest cascade: {family['documents']} documents of {family['outlets']} outlets, first seen here in {_first(family)}."
    if details["together"]["seen"]:
        count = sum(r["q"] < LEVEL for r in details["together"]["pairs"])
        found += f" {count} pair{'s' if count != 1 else ''} of outlets carry passages within {details['together']['window']:g} s of each other beyond chance."
    return found + _whose_sentence(details)


def _first(family: Mapping[str, Any]) -> str:
    first = family["first"]
    if len(first) > 3:
        return f"any of {len(first)} (their times are closer than the clocks)"
    known = {r["document"]: r for r in family["rows"]}
    return " or ".join(f"{d} ({known[d]['outlet']}, {known[d]['at'] or 'undated'})" if d in known else d for d in first)


def _whose_sentence(details: Mapping[str, Any]) -> str:
    best = next((r for r in details.get("whose_words") or [] if r["q"] < LEVEL), None)
    if best is None:
        return ""
    return (
        f" Its rare words stand in earlier texts of {best['outlet']} {best['overlap']:.1f} times per 1,000 words (of other texts: {best['usual'] or 0:.1f}; "
        f"{q_text(best['q'])}); a common subject can do that too."
    )


def _caveats(
    documents: Documents, judged: Judged, passages: Mapping[int, Passage], stands: Array, unread: int, together: Mapping[str, Any]
) -> list[str]:
    c = judged.chains
    said = [
        "Earlier and later holder in this store, never who wrote it: a source outside the store explains any pair. Whether something was planted is "
        "intent, of which texts and times say nothing."
    ]
    if len(stands) and not together["seen"]:
        said.append(f"Whether outlets carried it within minutes of each other beyond chance is untested. {together['reason']}")
    both = documents.dated[c.one[stands]] & documents.dated[c.two[stands]]
    unsure = int((both & ~documents.known_order(c.one[stands], c.two[stands])).sum())
    if unsure:
        said.append(f"In {unsure} of {len(stands)} pairs that stand the times are closer than the coarser clock: who was first is unknown.")
    wires = sum(any(x.startswith("wire copy") for x in p.labels) for p in passages.values())
    if wires:
        said.append(f"{wires} pairs of wire copy, by its credit, are labelled and do not stand.")
    titles = sum(any(x.startswith("mostly names") for x in p.labels) for p in passages.values())
    if titles:
        said.append(f"{titles} pairs share an official title and do not stand.")
    common = sum(p.excused for p in passages.values()) - wires - titles
    if common > 0:
        said.append(f"{common} further pairs share what is nobody's own (a formula said again and again, a law, a report, a quotation) and do not stand; findings.json lists them.")
    if unread:
        said.append(f"{unread} further pairs pass the gates but are beyond the {len(passages)} most telling, were not read and do not stand.")
    if judged.words_in_a_row > 2:
        said.append(
            f"In a store of this size runs of {judged.words_in_a_row} words are compared, so more than one word in {judged.words_in_a_row} changed hides a passage; "
            "well-known sentences quoted without marks can stand: read the passages."
        )
    return said


def ask(options: Mapping[str, Any], label: Callable[[str], str]) -> str:
    """The question in plain words."""
    if options.get("agreement"):
        return f"Were provisions of {options['agreement']} public in other documents before its release{window_text(options)}?"
    what = f"Which documents share passages with {options['document']}" if options.get("document") else "Which documents reuse each other's words"
    if options.get("passage"):
        what = "Which documents hold the passage"
    return f"{what} beyond quotation, boilerplate and wire copy, and who had them first{window_text(options)}?"


INSTRUMENT = Instrument(
    name="provenance",
    question="Who reuses whose words beyond quotation, boilerplate and wire copy, and who had them first?",
    kinds=(Kind.PLANTED_LEAK,),
    needs=(Need("documents", "texts with outlets and times", ("document", "at", "outlet", "text")),),
    options=(
        Option(
            "document", "text", "only pairs of this document, by its id",
            ask="which document, passage or agreement is said to be planted or copied (document = ..., passage = ... or agreement = ...); empty this list to ask of all documents",
        ),
        Option("passage", "text", "a passage in place of a document of the store: who holds it, and who first"),
        Option("agreement", "text", "provisions of this agreement in place of a document: were they public before the release?"),
        Option("released", "date", "the day of the official release, with --agreement"),
        Option("public", "text", "an outlet whose documents are public texts (a charter, resolutions, reports): their words weigh nothing anywhere"),
        Option("window", "number", "seconds within which outlets carry a passage together", default=600.0, low=60, high=86_400),
        Option("since", "date", "first day looked at"),
        Option("until", "date", "last day looked at"),
    ),
    unit="words of the passage",
    margin=float(LEAST),
    excludable=float(EXCLUDABLE),
    searches=True,
    measure=measure,
    ask=ask,
    charts=charts,
    world=provenance_worlds.world,
)  # fmt: skip

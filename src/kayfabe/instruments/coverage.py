"""coverage: which outlets name or leave out which provisions of an agreement, compared with the other outlets?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kayfabe.errors import UnknownName
from kayfabe.evidence.provisions import PREAMBLE
from kayfabe.instruments import coverage_worlds
from kayfabe.instruments.coverage_alignment import Words, words_of
from kayfabe.instruments.coverage_cells import ALPHA, EXCLUDABLE, MARGIN, Sight, Tested, folded, interval, ratio, tested
from kayfabe.instruments.coverage_charts import charts
from kayfabe.instruments.coverage_labels import COLUMN, Labels, compared
from kayfabe.instruments.coverage_matching import Matching, matching
from kayfabe.instruments.coverage_own_words import OwnWords, own_words
from kayfabe.instruments.coverage_units import Units, units_of
from kayfabe.instruments.declaration import Instrument, Measured, Need, Option, Run
from kayfabe.instruments.window import where, window_text
from kayfabe.models import Item, Kind
from kayfabe.stats.multiplicity import simes

Array = np.ndarray[Any, Any]
ADD = "Add some with: kayfabe evidence add STORE FILE --as"
LEAST_OUTLETS = 3
SHOWN_ARTICLES, SHOWN_PASSAGES = 20, 3


@dataclass(frozen=True)
class Archive:
    """The articles and the agreement: `row` ids and `outlet` names per article, `provision` row ids and `names` of the own
    ones, the number of provisions of all agreements (`texts`), how passages were matched (`matching`), the articles `across` languages, the units, `foreign` articles in another script, `shares` of the agreement's words,
    `labels` by hand beside what was matched."""

    row: Array
    outlet: Array
    outlets: list[str]
    names: list[str]
    provision: list[str]
    words: Words
    first: int
    texts: int
    matching: Matching
    passage_article: Array
    across: Array
    units: Units
    foreign: int
    shares: Array
    labels: Labels | None


def measure(run: Run) -> Measured:
    """Whether an outlet names a provision in more or fewer of its articles than the other outlets do, for every outlet and
    provision.

    Estimand: the odds ratio of "an article names the provision" between one outlet and the others, articles of the same
        fortnight and breadth compared. The finding's estimate is that of the cell with the least p, as so many times over or
        under. Presence is measured, not tone.
    Null: within fortnight and breadth (0, 1, 2 or more other provisions named) each outlet's odds lie within 1.25 times the
        others', either way; exact, by the conditional law (a convolution of hypergeometric counts), widened where articles of
        one outlet and week go together. Benjamini-Hochberg over the cells that could ever pass; the finding's p is Simes's.
    Assumes: articles are units, versions of one article are one unit, wire copy counts in each outlet that ran it. A sentence
        names a provision when sentence vectors and shared words together make it likelier than .6, by a rule fitted on pairs and measured
        on others, in English and Russian and across; without the embedding model, or where too much would have to be embedded, when it shares
        enough rare words with it, and more than with any decoy. A missed match looks like an omission: precision and recall on pairs
        stand in every finding, the outer end of each interval allows for them, and outlets are compared within their language. An outlet with
        fewer than two others in its language is compared with all, and a ratio then counts only beyond what missed matches alone could bring.
        A column `provisions` of the documents ("9;19", "none") holds labels by hand, which are used instead of the pairs; an outlet whose labelled mentions are found less often than the others'
        (Fisher, p < .05) cannot stand for what it leaves out. Without labels nor can one that has about as many sentences in words that nobody else uses.
    Abstains: fewer than 3 outlets, no cell that could pass, no sentence that can be matched, precision below .8 by labels or, without labels, below .6 by what is measured on pairs and the share of sentences matched: "untested". A cell that even the
        extreme count could not carry is not tested. What stands only with the largest other outlet does not stand.
    References: Gart (1970), Biometrika 57:471-475; Hirji, Tsiatis & Mehta (1989), Am. Stat. 43:7-11; Tarone (1990),
        Biometrics 46:515-522; Sparck Jones (1972), J. Doc. 28:11-21; Rogan & Gladen (1978), Am. J. Epidemiol. 107:71-76; Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289-300.
    """
    archive = _read(run)
    if isinstance(archive, str):
        return Measured(found="", untested=archive)
    run.progress.step("testing cells", 0, 1)
    cells = _unread_words(archive, tested(archive.units, len(archive.outlets), _sight(archive)))
    able = [t for t in cells if t.testable]
    details = _details(archive, cells)
    n = len(archive.units.outlet)
    found = f"{n} articles of {len(archive.outlets)} outlets; {len(able)} of {len(cells)} outlet-provision cells could pass."
    rows = _rows(archive, able)
    shared: dict[str, Any] = {
        "n": n, "details": details, "caveats": _caveats(archive, able), "evidence": rows[:1000], "evidence_total": len(rows)
    }  # fmt: skip
    why = _too_thin(archive, cells, able)
    needed = _needed(cells)
    if why:
        return Measured(found=found, untested=why, n_needed=needed, **shared)
    standing = [t for t in able if t.stands]
    shaky = [t for t in able if t.alone]
    first = (standing or able)[0]
    estimate, ends = folded(first)
    near = max(t.cell.p_near for t in able)
    inside = all((ends[0] or 0) > 1 / EXCLUDABLE and (ends[1] or np.inf) < EXCLUDABLE for ends in map(_ends, able))
    return Measured(
        found=found + _said(archive, standing),
        estimate=estimate, interval=ends, p_value=simes([t.cell.p_value for t in able]), p_contradicted=near, n_needed=needed,
        items=[_item(archive, t) for t in able],
        cannot_support="" if standing or not shaky else "What stands loses its sign or p < .05 without the largest other outlet, or rests on an outlet whose mentions are, or may be, overlooked.",
        cannot_contradict="" if inside else "Not every cell's interval lies within 1.5 times either way.",
        **shared,
    )  # fmt: skip


def _unread_words(archive: Archive, cells: list[Tested]) -> list[Tested]:
    """Omissions that could be the matching's do not stand: by labels where there are some, else where the outlet has sentences in words of
    its own."""
    if archive.labels is not None:
        hidden = archive.labels.overlooked()
        return [replace(t, alone=True) if archive.outlets[t.outlet] in hidden and not t.over else t for t in cells]
    if not any(t.stands and not t.over for t in cells):
        return cells
    own = own_words(archive.words, archive.texts, archive.outlet, archive.matching.match, archive.across)
    units, unit = archive.units, archive.units.unit
    said = np.zeros((len(unit), units.y.shape[1]), dtype=bool)
    said[unit >= 0] = units.y[unit[unit >= 0]]

    def doubtful(t: Tested) -> bool:
        silent = (archive.outlet == t.outlet) & (unit >= 0) & ~said[:, t.provision]
        return t.stands and not t.over and not t.slack and own.explain(t.cell.expected - t.cell.count, silent)

    return [replace(t, alone=True, own_words=_examples(archive, own, t)) if doubtful(t) else t for t in cells]


def _examples(archive: Archive, own: OwnWords, t: Tested) -> tuple[str, ...]:
    mine = np.flatnonzero(own.passage & (archive.outlet[archive.passage_article] == t.outlet))[:SHOWN_PASSAGES]
    return tuple(archive.words.passages[archive.first + int(k)][:200] for k in mine)


def _ends(t: Tested) -> tuple[float | None, float | None]:
    return interval(t.cell)


def _read(run: Run) -> Archive | str:
    """The archive, or why there is none."""
    agreement = str(run.options["agreement"])
    given = run.evidence.columns(
        f"select agreement, provision, heading, text, row_id from provisions where provision <> '{PREAMBLE}' "
        "order by agreement, provision, row_id"
    )
    own = given["agreement"] == agreement
    if not len(own):
        return f"The evidence holds no provisions. {ADD} provisions"
    if not own.any():
        raise UnknownName(
            "agreement",
            agreement,
            sorted(set(given["agreement"].tolist())),
            "Agreements come from the provisions table.",
        )
    run.evidence.scope("provisions", "agreement = $agreement", agreement=agreement)
    clause, parameters = where(run.options, issue=False)
    run.evidence.scope("documents", clause, **parameters)
    got = run.evidence.columns(
        f"select row_id, outlet, cast(\"at\" as date) as day, concat_ws('. ', title, text) as text, {_labels(run)} as labels from documents "
        f"where {clause} and text is not null order by row_id",
        **parameters,
    )  # fmt: skip
    if not len(got["row_id"]):
        return f"No documents in this window. {ADD} documents"
    run.progress.step("reading passages", 0, 1)
    written = np.array(
        [f"{h}. {t}" if h else t for h, t in zip(given["heading"], given["text"], strict=True)], dtype=object
    )
    words = words_of([*written.tolist(), *got["text"].tolist()])
    return _archive(run, written.tolist(), given, got, words, own)


def _labels(run: Run) -> str:
    return f"coalesce(cast({COLUMN} as varchar), '')" if run.evidence.has_column("documents", COLUMN) else "''"


def _archive(
    run: Run, written: list[str], given: Mapping[str, Array], got: Mapping[str, Array], words: Words, own: Array
) -> Archive:
    n, articles = len(own), len(got["row_id"])
    of_article = words.text_of >= n
    article = words.text_of[of_article] - n
    run.progress.step("matching passages", 0, 1)
    found = matching(words, written, articles, own, str(run.options["matching"]), run.seed, run.progress, str(run.options["about"] or ""))
    rows = int(own.sum())
    y = np.zeros((articles, rows), dtype=bool)
    hit = found.match >= 0
    y[article[hit], found.match[hit]] = True
    about = np.zeros(articles, dtype=bool)
    about[article[found.about]] = True
    across = np.bincount(article, weights=found.across, minlength=articles) * 2 > np.bincount(article, minlength=articles)
    foreign = _unread(words, n, articles) if found.known["matched_by"] == "words" else np.zeros(articles, dtype=bool)
    outlets, outlet = np.unique(got["outlet"].astype(str), return_inverse=True)
    names = given["provision"][own].astype(str).tolist()
    days = (got["day"].astype("datetime64[D]") - got["day"].min().astype("datetime64[D]")).astype(int)
    mine = words.text >= n
    text = Words(
        words.stem[mine], words.text[mine] - n, words.passage[mine], words.text_of, words.useful, words.passages
    )
    length = np.bincount(words.text, minlength=n)[:n][own]
    return Archive(
        row=got["row_id"], outlet=outlet, outlets=outlets.tolist(), names=names,
        provision=given["row_id"][own].tolist(), words=words, first=int(np.argmax(of_article)), texts=n, matching=found,
        passage_article=article, across=across, units=units_of(text, days, outlet, y, about & ~foreign, across), foreign=int(foreign.sum()),
        shares=length / max(1, length.sum()), labels=compared(got["labels"].tolist(), names, y, outlet, outlets.tolist()),
    )  # fmt: skip


def _unread(words: Words, n: int, articles: int) -> Array:
    """(articles,): whether the article shares fewer than one word in a hundred with the provisions: it is in another language."""
    whole = words.matrix(words.text, n + articles)
    known = np.asarray(whole[:n].sum(axis=0)).ravel() > 0
    size = np.asarray(whole[n:].sum(axis=1)).ravel()
    return np.asarray((whole[n:] @ known.astype(np.float32)) < 0.01 * np.maximum(size, 1))


def _sight(archive: Archive) -> Sight:
    """How well mentions are seen; hand labels know better than the pairs that the matching was measured on."""
    sight, labels = archive.matching.sight, archive.labels
    interval_ = None if labels is None else labels.every.details()["recall_interval"]
    return sight if interval_ is None else replace(sight, low=interval_[0], high=max(sight.high, interval_[1]))


def _too_thin(archive: Archive, cells: list[Tested], able: list[Tested]) -> str:
    heard = len(np.unique(archive.units.outlet))
    if archive.matching.none:
        return f"No sentence could be matched to a provision surely enough. {ADD} documents"
    if archive.labels is not None and archive.labels.too_poor():
        return archive.labels.too_poor()
    if archive.labels is None and archive.matching.too_poor():
        return archive.matching.too_poor()
    if heard < LEAST_OUTLETS:
        return f"Articles about the agreement come from {heard} outlets; {LEAST_OUTLETS} are needed to say what is usual. {ADD} documents"
    if not able:
        return f"In none of {len(cells)} cells could even silence, or a mention in every article, pass. {ADD} documents"
    return ""


def _needed(cells: list[Tested]) -> int | None:
    known = [t.needed for t in cells if t.needed is not None]
    return int(np.median(known)) if known else None


def _item(archive: Archive, t: Tested) -> Item:
    # "rests on one outlet": listed, but it cannot stand
    return Item(
        key={"outlet": archive.outlets[t.outlet], "provision": archive.names[t.provision]},
        estimate=ratio(t.cell.log_odds), interval=interval(t.cell), p_value=t.cell.p_value,
        q_value=max(ALPHA, t.q_value or 0.0) if t.alone else t.q_value, evidence=_articles(archive, t)[:SHOWN_ARTICLES],
    )  # fmt: skip


def _articles(archive: Archive, t: Tested) -> list[str]:
    """Rows of the outlet's articles that name the provision where it is over, that do not where it is under."""
    units = archive.units
    telling = np.flatnonzero((units.outlet == t.outlet) & (units.y[:, t.provision] == t.over))
    return [f"documents:{r}" for r in archive.row[np.isin(units.unit, telling)]]


def _rows(archive: Archive, able: list[Tested]) -> list[str]:
    order = {r: None for t in able if t.stands for r in _articles(archive, t)}
    order |= {f"provisions:{archive.provision[t.provision]}": None for t in able}
    order |= {f"documents:{r}": None for r in archive.row[archive.units.unit >= 0]}
    return list(order)


def _said(archive: Archive, standing: list[Tested]) -> str:
    if not standing:
        return ""
    t = standing[0]
    how = "names" if t.over else "leaves out"
    return (
        f" {archive.outlets[t.outlet]} {how} provision {archive.names[t.provision]}: in {t.cell.count} of {t.units} articles, "
        f"where {t.cell.expected:.1f} are expected."
    )


def _details(archive: Archive, cells: list[Tested]) -> dict[str, Any]:
    units = archive.units
    size = max(1, len(units.outlet))
    return {
        "cells": [
            {
                "outlet": archive.outlets[t.outlet], "provision": archive.names[t.provision], "articles": t.units, "named": t.cell.count,
                "expected": t.cell.expected, "share_ratio": t.cell.count / t.cell.expected if t.cell.expected else None,
                "odds_ratio": ratio(t.cell.log_odds), "interval": interval(t.cell), "p_value": t.cell.p_value, "q_value": t.q_value,
                "tested": t.testable, "share_of_passages": _space(archive, t), "rests_on_one_outlet": t.alone, "overdispersion": t.phi, "across_languages": t.slack > 0, "articles_needed": t.needed,
                "passages": _passages(archive, t) if t.stands else [], "in_own_words": list(t.own_words),
            }
            for t in cells[:2000]
        ],
        "alignment": archive.matching.known | {"by_hand": None if archive.labels is None else archive.labels.details()},
        "provisions": [
            {"provision": name, "share_of_articles": float(units.y[:, j].sum() / size), "share_of_text": float(archive.shares[j])}
            for j, name in enumerate(archive.names)
        ],
        "articles": {
            "read": len(archive.row), "about": int((units.unit >= 0).sum()), "units": len(units.outlet), "copied": int(units.copied.sum()),
            "other_language": archive.foreign,
        },
        "margin": MARGIN,
    }  # fmt: skip


def _space(archive: Archive, t: Tested) -> float | None:
    """Of the outlet's sentences that name any provision, the share that name this one."""
    mine = archive.outlet[archive.passage_article] == t.outlet
    match = archive.matching.match[mine]
    return float((match == t.provision).sum() / (match >= 0).sum()) if (match >= 0).any() else None


def _passages(archive: Archive, t: Tested) -> list[str]:
    """Sentences of the outlet that name the provision, highest score first."""
    a = archive.matching
    mine = np.flatnonzero((a.match == t.provision) & (archive.outlet[archive.passage_article] == t.outlet))
    best = mine[np.argsort(-a.score[mine], kind="stable")][:SHOWN_PASSAGES]
    return [archive.words.passages[archive.first + int(k)][:400] for k in best]


def _caveats(archive: Archive, able: list[Tested]) -> list[str]:
    found = [
        "The pool is a mirror of the outlets in the store: what all of them leave out cannot be seen.",
        "It tells of the days covered: a passing taste of an outlet, some weeks long, is found like a habit.", *archive.matching.said,
    ]  # fmt: skip
    if archive.labels is not None:
        found.append(archive.labels.caveat())
        if hidden := archive.labels.overlooked():
            found.append(f"By the labels, mentions in {', '.join(hidden[:5])} are found less often than elsewhere; what they seem to leave out does not stand.")
    if any(t.slack for t in able):
        ratio_ = max(math.exp(t.slack) for t in able)
        found.append(
            f"Outlets with fewer than two others in their language are compared across languages; there a ratio counts only beyond {ratio_:.1f} times the margin, "
            "since that much could come from missed matches alone."
        )
    if archive.foreign:
        found.append(
            f"{archive.foreign} articles share no words with the agreement (another language) and were left out; provisions that hold their text in both languages are matched in both."
        )
    standing = [t for t in able if t.stands]
    if len({t.outlet for t in standing}) < len(standing) or len({t.provision for t in standing}) < len(standing):
        found.append(
            "Some items share an outlet or a provision: one push or omission moves what is usual for the others a little."
        )
    if any(t.alone for t in able):
        found.append(
            "Cells that stand only together with the largest other outlet, or on matches that labels or words of an outlet's own belie, are marked in the details and do not stand."
        )
    for t in [t for t in able if t.own_words][:3]:
        found.append(
            f"{archive.outlets[t.outlet]} has sentences in words that no other outlet uses, as many as mentions of provision {archive.names[t.provision]} are missing; "
            f"they may name it. Read them, and give labels by hand in a column `provisions`: “{t.own_words[0]}”"
        )
    return found


def ask(options: Mapping[str, Any], label: Callable[[str], str]) -> str:
    """The question in plain words."""
    agreement = options.get("agreement") or "the agreement"
    return f"Do some outlets name or leave out provisions of {agreement} unlike the others{window_text(options)}?"


INSTRUMENT = Instrument(
    name="coverage",
    question="Which outlets emphasise or leave out which provisions of an agreement?",
    kinds=(Kind.SELECTIVE_COVERAGE,),
    needs=(
        Need("provisions", "what could be named", ("agreement", "provision", "heading", "text")),
        Need("documents", "who named it", ("document", "at", "outlet", "title", "text")),
    ),
    options=(
        Option(
            "agreement", "text", "the agreement, as named in the provisions table", required=True, ask="which agreement"
        ),
        Option("matching", "choice", "by meaning (sentence vectors and words; by words where the vectors are not here) or by words alone", default="meaning", choices=("meaning", "words")),
        Option("about", "text", "beginnings of words, separated by ';': only sentences with one of them in them or in the two before are compared (texts that speak of much else)"),
        Option("since", "date", "first day looked at"),
        Option("until", "date", "last day looked at"),
    ),
    unit="times the odds of being named by the other outlets, over or under",
    margin=MARGIN,
    excludable=EXCLUDABLE,
    searches=True,
    measure=measure,
    ask=ask,
    charts=charts,
    world=coverage_worlds.world,
)

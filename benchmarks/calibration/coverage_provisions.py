"""Calibration of coverage: how often a world is supported, what it finds, and how well passages are matched.

    python benchmarks/calibration/coverage_provisions.py [--worlds 60] [--hard 30] [--seed 2026] [--like PATTERN]

Null and margin: supported is an error. Power: a planted cell stands. Standing, within the margin: cells whose own odds ratio (below) is not
beyond 1.25 times in that direction. "Holds the planted": the
interval holds the odds ratio planted in one article's chances; "holds the estimand": that between articles of one fortnight and breadth in the
outlet's whole output, wire copy included, measured on sixty times as many articles with every mention seen.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.coverage import INSTRUMENT
from kayfabe.instruments.coverage_alignment import align, words_of
from kayfabe.instruments.coverage_cells import MARGIN
from kayfabe.instruments.coverage_worlds import (
    OUTLETS,
    PROVISIONS,
    STRENGTHS,
    Press,
    Sheet,
    archive,
    odds_ratio,
    planted,
)
from kayfabe.models import Finding, Verdict
from kayfabe.stats.intervals import clopper_pearson

SIZE = (25, 150)
Maker = Callable[[np.random.Generator], Press]


def null(rng: np.random.Generator, **nature: Any) -> Press:
    return Press(articles=SIZE, **nature)


def margin(rng: np.random.Generator) -> Press:
    effect = np.zeros((OUTLETS, PROVISIONS))
    effect[rng.integers(OUTLETS, size=PROVISIONS), np.arange(PROVISIONS)] = np.log(1.25) * rng.choice(
        [-1, 1], PROVISIONS
    )
    return Press(articles=SIZE, effect=effect)


def strength(rng: np.random.Generator, name: str) -> Press:
    return Press(articles=SIZE, effect=planted(rng, name))


HARD: dict[str, Maker] = {
    "one outlet of 90 % agency shorts": partial(null, shorts=0.9),
    "outlets on different weeks, strong news shocks": partial(null, weeks=True, shocks=0.8),
    "unrelated articles in two outlets (40 %)": partial(null, unrelated=0.4),
    "taste, sd .15 of log odds": partial(null, taste=0.15),
    "40 % explainers": partial(null, explainers=0.4),
    "40 % updated versions": partial(null, updates=0.4),
    "40 % wire copy": partial(null, wire=0.4),
    "no other agreement in the store": partial(null, others=0),
    "uneven volumes (8 to 400 articles)": lambda rng: Press(articles=(8, 400)),
    "one news week for all": partial(null, storm=4.0),
    "one news week for all, outlets silent in four weeks of ten": partial(null, storm=4.0, gaps=0.4),
    "four weeks in ten missing, each outlet its own": partial(null, gaps=0.4),
    "attention wanders alike for all, phi .9": partial(null, attention=1.0, phi=0.9),
    "attention wanders alike for all, phi .9, outlets on different weeks": partial(null, attention=1.0, phi=0.9, weeks=True),
    "season, outlets on different weeks": partial(null, season=1.0, weeks=True),
    "each outlet's own attention wanders by .5, phi .3": partial(null, beats=0.5, phi=0.3),
    "each outlet's own attention wanders by .5, phi .5": partial(null, beats=0.5, phi=0.5),
    "each outlet's own attention wanders by .5, phi .9": partial(null, beats=0.5, phi=0.9),
    "attack: one outlet has half of its words for one provision to itself": partial(null, own_words=0.5),
    "attack: one outlet has all of its words for one provision to itself": partial(null, own_words=1.0),
}


def finding(sheet: Sheet) -> Finding:
    evidence = Evidence.from_tables(sheet.world.tables)
    try:
        return judge([run(INSTRUMENT, sheet.world.options, evidence)])[0]
    finally:
        evidence.close()


def row(label: str, make: Maker, worlds: int, seed: int) -> str:
    """One line of the table."""
    verdicts, hits, wrong, standing, inside, cells, right, untrue = [], 0, 0, 0, 0, 0, 0, 0
    for k in range(worlds):
        rng = np.random.default_rng([seed, k])
        press = make(rng)
        sheet = archive(rng, press)
        found = finding(sheet)
        verdicts.append(found.verdict)
        true = {
            (f"outlet {o}", str(p + 1)): press.effect[o, p] for o, p in np.argwhere(np.abs(press.effect) > np.log(1.26))
        }
        stand = [
            (i.key["outlet"], i.key["provision"]) for i in found.items if i.q_value is not None and i.q_value < 0.05
        ]
        hits += bool(true.keys() & set(stand))
        for o, p in ((int(a.split()[-1]), int(b) - 1) for a, b in stand):
            real = odds_ratio(np.random.default_rng([seed, k, 1]), press, sheet.times, o, p)
            over = next(i.estimate is None or i.estimate > 1 for i in found.items if i.key == {"outlet": f"outlet {o}", "provision": str(p + 1)})
            untrue += not (real > MARGIN if over else real < 1 / MARGIN)
        wrong, standing = wrong + sum(s not in true for s in stand), standing + len(stand)
        for item in found.items:
            effect = true.get((item.key["outlet"], item.key["provision"]))
            if effect is not None and item.interval is not None:
                low, high = item.interval
                cells += 1
                inside += (low or 0) <= np.exp(effect) <= (high or np.inf)
                o, p = int(item.key["outlet"].split()[-1]), int(item.key["provision"]) - 1
                right += (low or 0) <= odds_ratio(np.random.default_rng([seed, k, 1]), press, sheet.times, o, p) <= (high or np.inf)
    supported, against, silent = (
        verdicts.count(v) for v in (Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.UNTESTED)
    )
    low, high = clopper_pearson(supported, worlds)
    shown = [
        label, str(worlds), f"{supported / worlds:.3f} [{low:.3f}, {high:.3f}]", f"{against / worlds:.3f}", f"{silent / worlds:.3f}",
        f"{hits / worlds:.2f}" if cells else "-", f"{wrong / standing:.3f}" if standing else "-", f"{untrue} of {standing}", f"{inside / cells:.2f}" if cells else "-",
        f"{right / cells:.2f}" if cells else "-",
    ]  # fmt: skip
    return "| " + " | ".join(shown) + " |"


def matching(others: int, worlds: int, seed: int) -> str:
    """Precision and recall of passages over planted pairs."""
    values = []
    for k in range(worlds):
        sheet = archive(np.random.default_rng([seed, k]), Press(articles=(40, 80), others=others))
        given, texts = sheet.world.tables["provisions"], sheet.world.tables["documents"]["text"]
        own = np.array([a == sheet.world.options["agreement"] for a in given["agreement"]])
        words = words_of([*given["text"], *texts])
        read = words.text_of >= len(own)
        whole = words.matrix(words.text, len(own) + len(texts))[: len(own)]
        match = align(words.matrix(words.passage, len(words.text_of))[read], whole, own, np.random.default_rng(0)).match
        truth = np.array([sheet.named.get(p, -1) for p, r in zip(words.passages, read, strict=True) if r])
        values.append(((match == truth)[match >= 0].mean(), (match == truth)[truth >= 0].mean()))
    precision, recall = np.array(values).T
    return f"| {others} | {worlds} | {precision.mean():.3f} ({precision.min():.2f}) | {recall.mean():.3f} ({recall.min():.2f}) |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=60)
    parser.add_argument("--hard", type=int, default=30)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--like", default="", help="only worlds whose label matches this pattern, without the matching tables")
    given = parser.parse_args()
    if not given.like:
        print("\n| other provisions | worlds | precision (least) | recall (least) |\n|---|---|---|---|")
        for others in (0, 3, 12):
            print(matching(others, min(given.hard, given.worlds), given.seed), flush=True)
    print(
        "\n| world | worlds | supported [95 %] | contradicted | untested | planted cell found | standing, not planted | standing, within the margin | holds the planted | holds the estimand |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    cases: dict[str, Maker] = {"null": null, "margin: nine cells at 1.25 or its inverse": margin}
    cases |= {f"{name}: odds {low} and {high}": partial(strength, name=name) for name, (low, high) in STRENGTHS.items()}
    cases |= {f"null, {label}": make for label, make in HARD.items()}
    for label, make in cases.items():
        if re.search(given.like, label):
            print(row(label, make, given.hard if label.startswith("null,") else given.worlds, given.seed), flush=True)


if __name__ == "__main__":
    main()

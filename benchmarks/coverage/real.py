"""coverage on real texts: a joint statement against the fact sheet about it, and UN speeches on a resolution's paragraphs.

    python benchmarks/coverage/real.py DATA [--seed 0]

DATA holds agreements/agreement_provisions.parquet (agreement, seq, no, text), agreements/agreement_coverage_segments.parquet
(agreement, title, seg, text) and texts/un_general_debate_2013_2024.parquet (iso3, year, text). Nothing of them is in the package.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from kayfabe.actors import load_actors
from kayfabe.evidence import Evidence
from kayfabe.evidence.provisions import PREAMBLE, split
from kayfabe.instruments import coverage_matching, coverage_meaning, judge, run
from kayfabe.instruments.coverage import INSTRUMENT
from kayfabe.instruments.coverage_alignment import words_of
from kayfabe.instruments.coverage_matching import matching
from kayfabe.progress import SILENT
from kayfabe.stats.intervals import clopper_pearson

JOINT, RESOLUTION = "us-eu-trade-2025", "unga-es11-6-2023"
ABSENT = {"8", "10", "12", "15", "16"}
# sentences of the fact sheet of 28 July 2025, in order, and the points that a reader finds in them
BY_HAND = {
    3: {"5", "6"}, 8: {"1"}, 10: {"2", "3"}, 14: {"6"}, 15: {"6"}, 16: {"5"}, 17: {"5"}, 18: {"1"}, 20: {"9"}, 21: {"4"},
    22: {"17"}, 23: {"17"}, 24: {"17"}, 25: {"19"}, 26: {"19"}, 28: {"7"},
}  # fmt: skip
GROUPS = ("EU", "AU", "ASEAN", "ARAB-LEAGUE", "CIS", "MERCOSUR")


def rows(con: Any, path: Path, agreement: str) -> list[tuple[str, str]]:
    sql = f"select no, text from '{path}' where agreement = ? order by seq"
    return list(con.execute(sql, [agreement]).fetchall())


def joined(found: list[tuple[str, str]]) -> str:
    return "\n\n".join(f"{no}. {text}" if no else text for no, text in found)


def fact_sheet(con: Any, folder: Path, seed: int) -> None:
    """The points that the splitter finds, those that the fact sheet's sentences name, precision and recall by hand."""
    given = folder / "agreement_provisions.parquet"
    points = [p for p in split(joined(rows(con, given, JOINT))) if p.provision != PREAMBLE]
    others = [t for (t,) in con.execute(f"select text from '{given}' where agreement <> '{JOINT}' and length(text) > 60").fetchall()]
    told = con.execute(
        f"select text from '{folder}/agreement_coverage_segments.parquet' where agreement = '{JOINT}' and title like 'Fact Sheet%' order by seg"
    ).fetchall()
    own = np.arange(len(points) + len(others)) < len(points)
    written, texts = [*(p.text for p in points), *others], [t for (t,) in told]
    words = words_of([*written, *texts])
    print(f"Joint statement: {len(points)} points found, {points[0].provision} to {points[-1].provision}; fact sheet: {(words.text_of >= len(own)).sum()} sentences\n")
    print("| matched by | seed | points named | absent points named | precision | recall |\n|---|---|---|---|---|---|")
    for how, k in [("meaning", seed), *(("words", k) for k in range(seed, seed + 5))]:
        found = matching(words, written, len(texts), own, how, k, SILENT)
        named = [points[m].provision if m >= 0 else "" for m in found.match]
        right = sum(n in BY_HAND.get(i, set()) for i, n in enumerate(named) if n)
        total = sum(map(bool, named))
        print(
            f"| {found.known['matched_by']} | {k} | {', '.join(sorted(set(named) - {''}, key=int))} | {', '.join(sorted(set(named) & ABSENT)) or 'none'} "
            f"| {shown(right, total)} | {shown(right, len(BY_HAND))} |"
        )


def shown(hits: int, n: int) -> str:
    if not n:
        return "-"
    low, high = clopper_pearson(hits, n)
    return f"{hits}/{n} = {hits / n:.2f} [{low:.2f}, {high:.2f}]"


def general_debate(con: Any, data: Path, seed: int, about: str) -> None:
    """Groups of states as outlets, their speeches of 2022 to 2024 as articles, the resolution's paragraphs as provisions."""
    actors = load_actors()
    given = data / "agreements" / "agreement_provisions.parquet"
    names = [a for (a,) in con.execute(f"select distinct agreement from '{given}' order by 1").fetchall()]
    provisions: dict[str, list[Any]] = {"agreement": [], "provision": [], "heading": [], "text": []}
    for name in names:
        for p in split(joined(rows(con, given, name))):
            for column, value in zip(provisions, (name, p.provision, p.heading or None, p.text), strict=True):
                provisions[column].append(value)
    speeches = con.execute(
        f"select iso3, year, text from '{data}/texts/un_general_debate_2013_2024.parquet' where year between 2022 and 2024 order by 1, 2"
    ).fetchall()
    documents: dict[str, list[Any]] = {"document": [], "at": [], "outlet": [], "text": []}
    for group in GROUPS:
        members = set(actors.members(group, dt.date(2024, 9, 25)))
        for state, year, text in speeches:
            if state in members:
                for column, value in zip(documents, (f"{group} {state} {year}", f"{year}-09-25", group, text), strict=True):
                    documents[column].append(value)
    tables = {"provisions": provisions, "documents": documents}
    evidence = Evidence.from_tables(tables)
    found = judge([run(INSTRUMENT, {"agreement": RESOLUTION, "about": about}, evidence, seed=seed)])[0]
    evidence.close()
    print(f"\nGeneral Debate on {RESOLUTION}: {found.verdict}. {found.reason}\n")
    print("Alignment: " + ", ".join(f"{k} {v}" for k, v in found.details["alignment"].items()))
    print("\n| paragraph | share of speeches | share of its words |\n|---|---|---|")
    for p in found.details["provisions"]:
        print(f"| {p['provision']} | {p['share_of_articles']:.3f} | {p['share_of_text']:.3f} |")
    print("\n| outlet | paragraph | named | expected | odds ratio | q |\n|---|---|---|---|---|---|")
    for c in [c for c in found.details["cells"] if c["tested"]][:12]:
        ratio = "-" if c["odds_ratio"] is None else f"{c['odds_ratio']:.2f}"
        print(f"| {c['outlet']} | {c['provision']} | {c['named']} of {c['articles']} | {c['expected']:.1f} | {ratio} | {c['q_value']:.3f} |")
    for c in [c for c in found.details["cells"] if c["passages"]][:3]:
        print(f"\n{c['outlet']}, paragraph {c['provision']}: {c['passages'][0][:200]}")


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=2500, help="speeches' sentences to embed, those with most words of the resolution (some thirty a second)")
    parser.add_argument("--about", default="Ukrain;Russia;Zaporizh;Crimea;Kyiv", help="beginnings of words that compared sentences of the speeches must be near")
    given = parser.parse_args()
    coverage_meaning.MOST = coverage_matching.MOST = given.most
    con = duckdb.connect()
    fact_sheet(con, given.data / "agreements", given.seed)
    general_debate(con, given.data, given.seed, given.about)


if __name__ == "__main__":
    main()

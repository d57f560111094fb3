"""Train who is an actor and write src/kayfabe/read/data/weights.json.

    python scripts/train_actors.py                  # trains on all, writes the weights
    python scripts/train_actors.py --without c      # leaves one writer's op-eds out, to measure on them what is new

The sentences: op-eds with every sentence labelled in its context (benchmarks/reading/running_<writer>_<language>.csv) and the
tuning rows of tests/read/mentions_*.csv and roles.csv. The weights there were trained when writers a to c were all. Logistic regressions
over yes/no marks; the least probability for yes is the one with the best F1 where each writer in turn was left out of the training.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from kayfabe.read.nominals import Nominal, chosen, nominals
from kayfabe.read.parsing import Language, parses
from kayfabe.read.weighed import FILE, Weights

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE / "benchmarks" / "reading"))
from actors import PRONOUNS, bare, same  # noqa: E402  counted as the benchmark counts

OUT = HERE / "src" / "kayfabe" / "read" / "data" / FILE
PENALTY = 0.1
SEEN = 3  # a mark that fewer examples have is left out
LEASTS = np.arange(0.15, 0.61, 0.01)
Row = dict[str, Any]
Example = tuple[tuple[str, ...], int]


def rows(folder: Path, language: Language, without: str) -> list[Row]:
    """The labelled sentences with their `writer`."""
    out: list[Row] = []
    for path in sorted(folder.glob(f"running_*_{language}.csv")):
        writer = path.stem.split("_")[1]
        with path.open(encoding="utf-8", newline="") as stream:
            own: list[Row] = [dict(r) | {"writer": writer} for r in csv.DictReader(stream)]
        out += own if writer != without else []
    for path in sorted((HERE / "tests" / "read").glob(f"mentions*_{language}.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            tuning = [r for r in csv.DictReader(stream) if r["split"] == "tuning"]
        out += [r | {"writer": "rows"} for r in tuning]
    with (HERE / "tests" / "read" / "roles.csv").open(encoding="utf-8", newline="") as stream:
        roles = [r for r in csv.DictReader(stream) if r["language"] == language]
    out += [r | {"writer": "roles", "actors": f"{r['acts']}|{r['undergoes']}", "source": ""} for r in roles]
    for row in out:
        row["actors"] = [name.strip() for name in row["actors"].split("|") if name.strip()]
        row["sources"] = [name.strip() for name in row["source"].split("|") if name.strip()]
    return out


def placed(text: str, names: Sequence[str]) -> list[tuple[int, int, str]]:
    """Where each name stands first in `text`, longer ones first, none overlapping."""
    out: list[tuple[int, int, str]] = []
    for name in sorted(names, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            if all(match.end() <= a or match.start() >= b for a, b, _ in out):
                out.append((*match.span(), name))
                break
    return out


def labels(row: Row, found: list[Nominal]) -> list[int | None]:
    """1 for the phrase that fits a written actor best, None for what lies within one or within a source, else 0."""
    out: list[int | None] = [0] * len(found)
    actors = set(row["actors"])
    for a, b, name in placed(row["text"], [*row["actors"], *(s for s in row["sources"] if s not in actors)]):
        best = None
        for k, nominal in enumerate(found):
            start, end = nominal.phrase.start, nominal.phrase.end
            shared = min(b, end) - max(a, start)
            if shared <= 0:
                continue
            if a <= start and end <= b:
                out[k] = out[k] or None
            fit = shared / (max(b, end) - min(a, start))
            best = max(best or (fit, k), (fit, k))
        if best is not None and name in actors:
            phrase = found[best[1]].phrase
            if same(bare(name), bare(row["text"][phrase.start : phrase.end])):
                out[best[1]] = 1
    return out


def fitted(examples: list[Example]) -> Weights:
    """A logistic regression over marks."""
    counted = Counter(mark for marks, _ in examples for mark in marks)
    vectors = DictVectorizer()
    x = vectors.fit_transform([{m: 1.0 for m in marks if counted[m] >= SEEN} for marks, _ in examples])
    model = LogisticRegression(C=PENALTY, max_iter=1000).fit(x, [y for _, y in examples])
    of = dict(zip(vectors.get_feature_names_out(), model.coef_[0], strict=True))
    return Weights(float(model.intercept_[0]), 0.5, {m: round(float(w), 3) for m, w in of.items() if abs(w) >= 0.004})


def actors_f1(data: list[tuple[Row, list[Nominal], list[float]]], least: float) -> float:
    """F1 of actors, counted as benchmarks/reading/run.py does, pronouns and sources left out."""
    hits = missed = more = 0
    for row, found, chances in data:
        want = {bare(a) for a in row["actors"]} - PRONOUNS
        got = {bare(row["text"][p.start : p.end]) for p in chosen(found, chances, least)}
        met = sum(any(same(w, g) for g in got) for w in want)
        also = [*want, *(bare(s) for s in row["sources"])]
        more += sum(not any(same(w, g, part=0) for w in also) for g in got)
        hits, missed = hits + met, missed + len(want) - met
    return 2 * hits / max(2 * hits + missed + more, 1)


def actors(sentences: list[Row], language: Language) -> Weights:
    """The weights of the question which noun phrases are actors."""
    trees = parses(language, [r["text"] for r in sentences])
    found = [nominals(t, r["text"], language) if t is not None else [] for r, t in zip(sentences, trees, strict=True)]
    named = [labels(r, n) for r, n in zip(sentences, found, strict=True)]
    examples = [[(n.marks, y) for n, y in zip(f, ys, strict=True) if y is not None] for f, ys in zip(found, named, strict=True)]
    writers = sorted({r["writer"] for r in sentences})
    held: list[tuple[Row, list[Nominal], list[float]]] = []
    for writer in writers:
        known = fitted([e for r, own in zip(sentences, examples, strict=True) if r["writer"] != writer for e in own])
        held += [
            (r, f, [known.chance(n.marks) for n in f]) for r, f in zip(sentences, found, strict=True) if r["writer"] == writer
        ]
    apart = [[d for d in held if d[0]["writer"] == writer] for writer in writers]
    least = max(LEASTS, key=lambda at: sum(actors_f1(own, at) for own in apart))
    for writer in writers:
        own = [d for d in held if d[0]["writer"] == writer]
        plain = [(r, f, [float(n.rule) for n in f]) for r, f, _ in own]
        print(f"actors {language}, {writer} left out: F1 {actors_f1(own, least):.3f} (rules {actors_f1(plain, 0.5):.3f}), least {least:.2f}")
    return replace(fitted([e for own in examples for e in own]), least=round(float(least), 2))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--without", default="", help="a writer of running_<writer>_<language>.csv to leave out")
    ask.add_argument("--folder", type=Path, default=HERE / "benchmarks" / "reading")
    given = ask.parse_args()
    out: dict[str, dict[str, Any]] = {}
    languages: tuple[Language, ...] = ("en", "ru")
    for language in languages:
        sentences = rows(given.folder, language, given.without)
        known = actors(sentences, language)
        of = dict(sorted(known.of.items()))
        out.setdefault("actors", {})[language] = {"constant": round(known.constant, 3), "least": known.least, "of": of}
    OUT.write_text(json.dumps(out, ensure_ascii=False, indent=0, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"wrote {OUT.relative_to(HERE)}, {OUT.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()

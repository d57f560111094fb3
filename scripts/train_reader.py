"""Train the experts on wording and on portable vectors with the sentences in benchmarks/reading.

    python scripts/train_reader.py --scores SCORES      # writes src/kayfabe/read/data/kinds_*.npz, and SCORES for scripts/mix_experts.py
    python scripts/train_reader.py --scores SCORES --only-cv

train_*.csv are sentences on their own, running_*.csv those of whole op-eds, in order. The held-out ones are not read here.
SCORES are the log probabilities of cross-validation that keeps writers (files) apart, since a new text is by somebody else.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import hstack
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from kayfabe.models import Kind
from kayfabe.read.embedding import embedder
from kayfabe.read.folding import fold
from kayfabe.read.kinds import score
from kayfabe.read.masks import masked
from kayfabe.read.mentions import named_actors
from kayfabe.read.place import MARKS, Place, marks
from kayfabe.read.trained import KINDS, WORDING
from kayfabe.read.vectors import EMBEDDER, FILE, beside, features
from kayfabe.read.wording import VIEWS, matrix, worded

HERE = Path(__file__).resolve().parents[1]
SENTENCES = HERE / "benchmarks" / "reading"
OUT = HERE / "src" / "kayfabe" / "read" / "data"
FOLDS = 4
MOST = {"lemmas": 12_000, "grammar": 5_000, "frame": 10_000, "edges": 2_000, "letters": 15_000}
NAMES = [str(k) for k in KINDS]
Known = dict[str, tuple[dict[str, int], np.ndarray]]


def sentences() -> list[dict[str, str]]:
    """The training rows (language, topic, kind, text, writer; of op-eds also piece and paragraph)."""
    rows = []
    for path in sorted([*SENTENCES.glob("train_*.csv"), *SENTENCES.glob("running_*.csv")]):
        writer, language = path.stem.rsplit("_", 1) if path.stem.count("_") > 1 else (path.stem.split("_")[0], path.stem[-2:])
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                whole = {"language": language, "topic": f"{path.stem} {row.get('piece')}", "piece": ""} | row
                rows.append(whole | {"writer": writer, "kind": row.get("kind") or row["kinds"].split("|")[0]})
    unknown = {r["kind"] for r in rows} - {str(k) for k in Kind}
    if unknown:
        sys.exit(f"unknown kinds: {unknown}")
    return rows


def places(rows: list[dict[str, str]], neutral: list[str]) -> list[Place]:
    """The place of each row of an op-ed; its neighbours are the rows before and after of the same piece."""
    name = ["", *(r["language"] + r["piece"] for r in rows), ""]
    size = Counter(name)
    texts = ["", *neutral, ""]
    found, number = [], 0
    for k, row in enumerate(rows, start=1):
        number = number + 1 if name[k] == name[k - 1] else 0
        before, after = (texts[j] if name[j] == name[k] else "" for j in (k - 1, k + 1))
        found.append(Place(texts[k], before, after, number, size[name[k]], row.get("paragraph") == "1"))
    return found


def vocabulary(counted: list[dict[str, Counter[str]]], topics: list[str]) -> Known:
    """The terms of each view that sentences of two topics or more have, the most frequent first, with their idf."""
    known: Known = {}
    for view in VIEWS:
        sentences_with: Counter[str] = Counter()
        topics_with: dict[str, set[str]] = defaultdict(set)
        for terms, topic in zip(counted, topics, strict=True):
            sentences_with.update(terms[view].keys())
            for term in terms[view]:
                topics_with[term].add(topic)
        kept = sorted((t for t, n in topics_with.items() if len(n) > 1), key=lambda t: (-sentences_with[t], t))
        kept = kept[: MOST[view]]
        idf = np.log((1 + len(counted)) / (1 + np.array([sentences_with[t] for t in kept]))) + 1
        known[view] = ({t: i for i, t in enumerate(kept)}, idf)
    return known


def fitted(x: Any, kinds: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (17 x features) and intercepts, in the order of `Kind`."""
    model = LogisticRegression(C=penalty, max_iter=200, tol=1e-3).fit(x, kinds)
    order = [list(model.classes_).index(k) for k in NAMES]
    return model.coef_[order], model.intercept_[order]


def loss(z: np.ndarray, y: np.ndarray) -> float:
    """Mean negative log likelihood of logits."""
    return float(-np.mean(log_softmax(z, axis=1)[np.arange(len(y)), y]))


def shown(z: np.ndarray, y: np.ndarray, languages: np.ndarray, runs: np.ndarray) -> str:
    """Top-1 and top-3 accuracy by language, of sentences on their own and of running text."""
    rank = (z > z[np.arange(len(y)), y][:, None]).sum(axis=1)
    parts = [(f"{'running ' * w}{x}", rank[(languages == x) & (runs == w)]) for w in (0, 1) for x in ("en", "ru")]
    return "; ".join(f"{name} {np.mean(r == 0):.3f} {np.mean(r < 3):.3f}" for name, r in parts)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scores", type=Path, required=True)
    options.add_argument("--only-cv", action="store_true")
    options.add_argument("--penalty", type=float, default=1)
    options.add_argument("--wording-penalty", type=float, default=10)
    given = options.parse_args()
    rows = sentences()
    texts, languages = [r["text"] for r in rows], np.array([r["language"] for r in rows])
    kinds, writers, topics = (np.array([r[c] for r in rows]) for c in ("kind", "writer", "topic"))
    y = np.array([NAMES.index(k) for k in kinds])
    scores = [score(fold(t).text, lang) for t, lang in zip(texts, languages, strict=True)]
    neutral = [
        masked(t, 0, len(t), named_actors(t, lang, None), lang) for t, lang in zip(texts, languages, strict=True)
    ]
    runs = np.array([bool(r["piece"]) for r in rows])
    place = places(rows, neutral)
    stand = marks(place) * runs[:, None]
    counted: list[Any] = [None] * len(rows)
    for lang in ("en", "ru"):
        here = np.flatnonzero(languages == lang)
        found = worded([neutral[i] for i in here], lang)
        if found is None:
            sys.exit(f"the parser for {lang} is missing: pip install -e '.[dev,read]'")
        for i, terms in zip(here, found, strict=True):
            counted[i] = terms
    digest = hashlib.sha256("".join(f"{r['kind']}|{r['text']}\n" for r in rows).encode()).hexdigest()
    print(f"{len(rows)} sentences of {len(set(writers))} writers, sha256 {digest[:12]}", flush=True)
    folds = list(GroupKFold(FOLDS).split(y, y, writers))

    words = np.zeros((len(rows), len(KINDS)))
    for train, test in folds:
        known = vocabulary([counted[i] for i in train], topics[train].tolist())
        x = hstack([matrix([counted[i] for i in train], known), stand[train]], format="csr")
        coefficients, intercepts = fitted(x, kinds[train], given.wording_penalty)
        x = hstack([matrix([counted[i] for i in test], known), stand[test]], format="csr")
        words[test] = x @ coefficients.T + intercepts
    words = log_softmax(words, axis=1)
    print(f"wording alone: log loss {loss(words, y):.4f}; {shown(words, y, languages, runs)}", flush=True)

    side = embedder(EMBEDDER)
    if side is None:
        sys.exit(f"{EMBEDDER} is missing: pip install -e '.[dev,read]'")
    near = [p.before for p in place] + [p.after for p in place]
    vectors = side.encode(neutral)
    mean = vectors.mean(axis=0).astype(float)
    first = dict(zip(neutral, vectors, strict=True)) | {"": np.zeros_like(vectors[0])}
    sides = beside(np.array([first[text] for text in near]), near, mean) * runs[:, None]
    x = features(scores, vectors, mean, stand, sides)
    logits = np.zeros((len(rows), len(KINDS)))
    for train, test in folds:
        coefficients, intercepts = fitted(x[train], kinds[train], given.penalty)
        logits[test] = x[test] @ coefficients.T + intercepts
    logs = log_softmax(logits, axis=1)
    print(f"portable vectors alone {loss(logs, y):.4f}; {shown(logs, y, languages, runs)}")
    np.savez_compressed(
        given.scores, texts=np.array(texts), y=y, languages=languages, runs=runs, writers=writers,
        wording=words.astype(np.float16), vectors=logs.astype(np.float16),
    )  # fmt: skip
    if given.only_cv:
        return

    coefficients, intercepts = fitted(x, kinds, given.penalty)
    np.savez_compressed(
        OUT / FILE, coefficients=coefficients.astype(np.float32), intercepts=intercepts.astype(np.float32),
        mean=mean.astype(np.float32), name=np.str_(f"kinds_use {digest[:12]}"),
    )  # fmt: skip
    known = vocabulary(counted, topics.tolist())
    x = hstack([matrix(counted, known), stand], format="csr")
    coefficients, intercepts = fitted(x, kinds, given.wording_penalty)
    stored = {f"{view}_terms": np.str_("\n".join(terms)) for view, (terms, _) in known.items()}
    stored |= {f"{view}_idf": idf.astype(np.float32) for view, (_, idf) in known.items()}
    np.savez_compressed(
        OUT / WORDING, coefficients=coefficients.astype(np.float16), intercepts=intercepts.astype(np.float32), **stored
    )  # fmt: skip
    print(f"wrote {OUT / FILE} and {OUT / WORDING} ({coefficients.shape[1] - MARKS} terms)")


if __name__ == "__main__":
    main()

"""Train the kinds model on the sentences in benchmarks/reading and write src/kayfabe/read/data/kinds_*.npz.

    python scripts/train_reader.py            # trains, prints cross-validation over topics, writes the models
    python scripts/train_reader.py --only-cv

The held-out sentences are not read here. Penalty and temperature are chosen by cross-validation that keeps topics apart.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from kayfabe.models import Kind
from kayfabe.read.embedding import embedder
from kayfabe.read.folding import fold
from kayfabe.read.kinds import score
from kayfabe.read.mentions import named_actors
from kayfabe.read.trained import KINDS, MODELS, features, masked

HERE = Path(__file__).resolve().parents[1]
SENTENCES = HERE / "benchmarks" / "reading"
OUT = HERE / "src" / "kayfabe" / "read" / "data"
FOLDS = 6


def sentences() -> list[dict[str, str]]:
    """The training rows (id, language, topic, kind, text) of train_*.csv."""
    rows = []
    for path in sorted(SENTENCES.glob("train_*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows += list(csv.DictReader(stream))
    unknown = {r["kind"] for r in rows} - {str(k) for k in Kind}
    if unknown:
        sys.exit(f"unknown kinds: {unknown}")
    return rows


def fitted(x: np.ndarray, y: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (17 x features) and intercepts, in the order of `Kind`."""
    model = LogisticRegression(C=penalty, max_iter=5000).fit(x, y)
    order = [list(model.classes_).index(str(k)) for k in KINDS]
    return model.coef_[order], model.intercept_[order]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--only-cv", action="store_true")
    options.add_argument("--penalty", type=float, nargs="*", default=[2, 4, 8])
    given = options.parse_args()
    rows = sentences()
    texts, languages = [r["text"] for r in rows], [r["language"] for r in rows]
    kinds, topics = np.array([r["kind"] for r in rows]), np.array([r["topic"] for r in rows])
    y = np.array([[str(k) for k in KINDS].index(k) for k in kinds])
    scores = [score(fold(t).text, lang) for t, lang in zip(texts, languages, strict=True)]
    neutral = [
        masked(t, 0, len(t), named_actors(t, lang, None), lang) for t, lang in zip(texts, languages, strict=True)
    ]
    digest = hashlib.sha256("".join(f"{r['id']}|{r['kind']}|{r['text']}\n" for r in rows).encode()).hexdigest()
    print(f"{len(rows)} sentences, sha256 {digest[:12]}")
    for name, wanted in MODELS.items():
        embedders = [embedder(n) for n in wanted]
        if None in embedders:
            print(f"{name}: not trained, an embedder is missing")
            continue
        vectors = [e.encode(neutral) for e in embedders if e]
        means = [v.mean(axis=0).astype(float) for v in vectors]
        x = features(scores, vectors, means)
        best = (np.inf, 0.0, 1.0)
        for penalty in given.penalty:
            logits = np.zeros((len(rows), len(KINDS)))
            for train, test in GroupKFold(FOLDS).split(x, y, topics):
                coefficients, intercepts = fitted(x[train], kinds[train], penalty)
                logits[test] = x[test] @ coefficients.T + intercepts
            found = minimize_scalar(lambda t, z=logits: loss(z, y, t), bounds=(0.2, 5), method="bounded")
            rank = (logits > logits[np.arange(len(y)), y][:, None]).sum(axis=1)
            shown = "; ".join(
                f"{lang} top-1 {np.mean(rank[np.array(languages) == lang] == 0):.3f} "
                f"top-3 {np.mean(rank[np.array(languages) == lang] < 3):.3f}"
                for lang in ("en", "ru")
            )
            print(
                f"{name}: penalty {penalty}: log loss {found.fun:.4f}, temperature {found.x:.3f}; {shown}", flush=True
            )
            best = min(best, (found.fun, penalty, found.x))
        if given.only_cv:
            continue
        coefficients, intercepts = fitted(x, kinds, best[1])
        stored = {f"mean{i}": m.astype(np.float32) for i, m in enumerate(means)}
        np.savez_compressed(
            OUT / name, coefficients=coefficients.astype(np.float32), intercepts=intercepts.astype(np.float32),
            temperature=np.float64(best[2]), name=np.str_(f"{name.removesuffix('.npz')} {digest[:12]}"), **stored,
        )  # fmt: skip
        print(f"wrote {OUT / name}")


def loss(logits: np.ndarray, y: np.ndarray, temperature: float) -> float:
    """Mean negative log likelihood at a temperature."""
    z = logits / temperature
    return float(np.mean(logsumexp(z, axis=1) - z[np.arange(len(y)), y]))


if __name__ == "__main__":
    main()

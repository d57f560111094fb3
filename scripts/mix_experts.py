"""Weigh the experts on kinds and write src/kayfabe/read/data/mixing.json.

    python scripts/mix_experts.py ENCODER OTHERS

ENCODER are the scores of scripts/train_encoder.py for writers that it left out, OTHERS those of scripts/train_reader.py. The weights
of log probabilities are those of the least log loss, for sentences on their own and for running text. So is what the kinds around a
sentence count there (`kayfabe.read.chain`; what follows what is counted on the other writers), and a quantifier for a universal. Then
rules and encoder are weighed on actors, sources and denials.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from train_actors import actors_f1, labels
from train_actors import rows as labelled

from kayfabe.models import INSTRUMENT_OF, Kind, Text
from kayfabe.read import claims, trained
from kayfabe.read.chain import chained
from kayfabe.read.claims import read_claims
from kayfabe.read.folding import fold
from kayfabe.read.kinds import TESTABLE, score
from kayfabe.read.nominals import Nominal, nominals
from kayfabe.read.parsing import Language, parses
from kayfabe.read.trained import KINDS, quantified
from kayfabe.read.weighed import Mixed, odds, weights

HERE = Path(__file__).resolve().parents[1]
OUT = HERE / "src" / "kayfabe" / "read" / "data" / "mixing.json"
NAMES = [str(k) for k in KINDS]
SORTS = len(INSTRUMENT_OF)  # the testable kinds, which come first
EXPERTS = {"encoder": ["encoder", "vectors", "wording"], "encoder alone": ["encoder"], "vectors": ["vectors", "wording"], "vectors alone": ["vectors"]}
LEASTS = np.arange(0.1, 0.81, 0.02)
STRENGTHS = np.round(np.arange(0, 1.05, 0.1), 1)  # of the chain
BONUSES = np.round(np.arange(0, 2.05, 0.2), 1)  # log odds for a universal
KEEPS, ADDS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5), (0.5, 0.6, 0.7, 0.8, 1.01)  # in doubt no source, and no denial
ALONE = 0.8  # for sentences on their own, which have no such labels: from here on the plain rows of tests/read read as by the rules


def loss(z: np.ndarray, y: np.ndarray) -> float:
    """Mean negative log likelihood of logits."""
    return float(-np.mean(log_softmax(z, axis=1)[np.arange(len(y)), y]))


def f1(said: np.ndarray, is_: np.ndarray) -> float:
    """F1 of a yes/no label."""
    return float(2 * (said & is_).sum() / max(said.sum() + is_.sum(), 1))


def kinds(seen: dict[str, np.ndarray], others: dict[str, np.ndarray]) -> dict[str, Any]:
    """The weights of each set of experts ("kinds"), those of the chain and which kind stands before which ("pairs")."""
    texts = others["texts"].tolist()
    read = np.array([t in seen for t in texts])
    logs = {name: others[name].astype(float) for name in ("vectors", "wording")}
    logs["encoder"] = np.array([seen.get(t, np.zeros(17)) for t in texts])
    pieces = op_eds()
    writers = left_out(pieces, set(seen))
    left = [p for p in pieces if p[0]["writer"] in writers]
    told = following([p for p in pieces if p[0]["writer"] not in writers])
    mixing: dict[str, Any] = {}
    chain: dict[str, float] = {}
    bonus: dict[str, float] = {}
    for name, experts in EXPERTS.items():
        for which, form in enumerate(("alone", "running")):
            m = (others["runs"] == which) & (read if "encoder" in experts else True)
            x, y = np.stack([logs[e][m] for e in experts]), others["y"][m]
            fit = minimize(lambda k, x=x, y=y: loss(np.tensordot(k, x, 1), y), np.full(len(experts), 0.5), bounds=[(0, 3)] * len(experts))
            mixing.setdefault(name, {})[form] = dict(zip(experts, np.round(fit.x, 3).tolist(), strict=True))
            z = np.tensordot(fit.x, x, 1)
            for language in ("en", "ru"):
                here = others["languages"][m] == language
                print(f"{name}, {form} {language}: {measured(z[here], y[here])}, weights {mixing[name][form]}")
            if form == "running":
                own = dict(zip(np.array(texts)[m].tolist(), log_softmax(z, axis=1), strict=True))
                chain[name], bonus[name] = context([p for p in left if all(r["text"] in own for r in p)], own, told, name)
    return {"kinds": mixing, "chain": chain, "quantified": bonus, "pairs": np.round(following(pieces), 6).tolist()}


def measured(z: np.ndarray, y: np.ndarray) -> str:
    """Top-1, top-3, log loss and F1 of testable by logits."""
    rank, chance = (z > z[np.arange(len(y)), y][:, None]).sum(axis=1), np.exp(log_softmax(z, axis=1))
    by_best, by_sum = chance.argmax(axis=1) < SORTS, chance[:, :SORTS].sum(axis=1) > TESTABLE
    return (
        f"{len(y)} sentences, top-1 {np.mean(rank == 0):.3f}, top-3 {np.mean(rank < 3):.3f}, log loss {loss(z, y):.3f}, "
        f"testable F1 {f1(by_best, y < SORTS):.3f}, from {TESTABLE} on {f1(by_sum, y < SORTS):.3f}"
    )


def op_eds() -> list[list[dict[str, Any]]]:
    """The sentences of each labelled op-ed in order."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for language in ("en", "ru"):
        for row in labelled(HERE / "benchmarks" / "reading", language, ""):
            if row.get("piece"):
                found.setdefault((language, row["writer"], row["piece"]), []).append(row | {"language": language, "y": NAMES.index(row["kinds"].split("|")[0])})
    return list(found.values())


def left_out(pieces: list[list[dict[str, Any]]], seen: set[str]) -> set[str]:
    """The writers whose sentences the scores hold."""
    return {p[0]["writer"] for p in pieces if all(r["text"] in seen for r in p)}


def following(pieces: list[list[dict[str, Any]]]) -> np.ndarray:
    """How often a kind (row) stands before another (column), shares, shape (17, 17)."""
    counts = np.full((len(NAMES), len(NAMES)), 0.5)
    for piece in pieces:
        for one, two in itertools.pairwise(piece):
            counts[one["y"], two["y"]] += 1
    return counts / counts.sum()


def context(pieces: list[list[dict[str, Any]]], logs: dict[str, np.ndarray], told: np.ndarray, label: str) -> tuple[float, float]:
    """What the chain counts, and then a quantifier for a universal, for the least log loss over these op-eds."""
    y = np.array([r["y"] for p in pieces for r in p])
    language = np.array([r["language"] for p in pieces for r in p])
    own = [np.array([logs[r["text"]] for r in p]) for p in pieces]
    found = {s: np.concatenate([chained(x, range(len(x)), told, s) for x in own]) for s in STRENGTHS.tolist()}
    best = min(found, key=lambda s: loss(found[s], y))
    for x in ("en", "ru"):
        print(f"{label}, chain of {best} {x}: {measured(found[best][language == x], y[language == x])}")
    said = np.array([quantified(score(fold(r["text"]).text, r["language"])) for p in pieces for r in p])
    odds_of = {b: found[best][said] + b * (np.arange(len(NAMES)) == NAMES.index(str(Kind.UNIVERSAL))) for b in BONUSES.tolist()}
    bonus = min(odds_of, key=lambda b: loss(odds_of[b], y[said]))
    print(f"{label}, with a quantifier by the rules: {measured(odds_of[0.0], y[said])}; log odds of {bonus} for a universal: {measured(odds_of[bonus], y[said])}")
    return best, bonus


def believed(found: list[tuple[bool, float, bool]], label: str) -> dict[str, float]:
    """The chances of `kayfabe.read.weighed.Limits` with the best F1 of sources, and the fewest wrong answers on denials, since a denial
    turns a verdict round; of (rules, encoder, truth)."""
    rules, encoder, yes = (np.array(column) for column in zip(*found, strict=True))

    def said(keep: float, add: float) -> np.ndarray:
        return (rules & (encoder >= keep)) | (encoder >= add)

    good = f1 if label == "sources" else lambda found, is_: float(np.mean(found == is_))
    keep, add = max(((k, a) for k in KEEPS for a in ADDS), key=lambda c: good(said(*c), yes))
    print(f"{label}: {yes.sum()} of {len(yes)}; F1 of rules {f1(rules, yes):.3f}, encoder {f1(encoder >= 0.5, yes):.3f}, both {f1(said(keep, add), yes):.3f} from {keep} and {add}")
    return {"keep": keep, "add": add, "alone": ALONE}


def actors(rows: list[dict[str, Any]], language: Language) -> dict[str, float]:
    """The weights of marks (learnt from writers a to c) and encoder on which noun phrases of the sentences are actors."""
    known = weights("actors", language)
    named: list[tuple[dict[str, Any], list[Nominal], list[tuple[float, float]]]] = []
    every: list[tuple[float, float, int]] = []
    for row, tree in zip(rows, parses(language, [r["text"] for r in rows]), strict=True):
        if tree is None:
            sys.exit(f"the parser for {language} is missing: pip install -e '.[dev,read]'")
        phrases = nominals(tree, row["text"], language)
        seen = [float(next((c for a, b, c in row["words"] if a <= n.phrase.head < b), 0.0)) for n in phrases]
        chances = [(known.chance(n.marks), c) for n, c in zip(phrases, seen, strict=True)]
        named.append((row, phrases, chances))
        every += [(*c, y) for c, y in zip(chances, labels(row, phrases), strict=True) if y is not None]
    rules, encoder, yes = (np.array(column) for column in zip(*every, strict=True))
    model = LogisticRegression().fit(np.column_stack([[odds(c) for c in part] for part in (rules, encoder)]), yes)
    mixed = Mixed(float(model.intercept_[0]), *model.coef_[0].tolist(), least=0.5)
    data = [(row, phrases, [mixed.chance(*c) for c in chances]) for row, phrases, chances in named]
    least = max(LEASTS, key=lambda c: actors_f1(data, c))
    plain = [[(row, phrases, [c[i] for c in chances]) for row, phrases, chances in named] for i in (0, 1)]
    print(f"actors {language}: F1 of marks {actors_f1(plain[0], known.least):.3f}, encoder {actors_f1(plain[1], 0.5):.3f}, both {actors_f1(data, least):.3f} from {least:.2f}")
    return {"constant": round(mixed.constant, 3), "rules": round(mixed.rules, 3), "encoder": round(mixed.encoder, 3), "least": round(float(least), 2)}


def scored_rows(encoder: dict[str, np.ndarray], language: Language) -> list[dict[str, Any]]:
    """The labelled sentences of op-eds with what the encoder says of them: `flags` (said by another, denied) and `words` (start, end,
    chance of an actor)."""
    texts = encoder["texts"].tolist()
    writers = left_out(op_eds(), set(texts))
    at, place = np.cumsum([0, *encoder["counts"]]), {text: i for i, text in enumerate(texts)}
    out = []
    for row in labelled(HERE / "benchmarks" / "reading", language, ""):
        if row["text"] in place and row["writer"] in writers:
            part = slice(at[place[row["text"]]], at[place[row["text"]] + 1])
            words = zip(*(encoder[name][part].tolist() for name in ("starts", "ends", "actors")), strict=True)
            out.append(row | {"flags": encoder["flags"][place[row["text"]]].tolist(), "words": list(words)})
    return out


def main() -> None:
    with np.load(sys.argv[1], allow_pickle=False) as stored:
        encoder = {name: stored[name] for name in stored.files}
    with np.load(sys.argv[2], allow_pickle=False) as stored:
        others = {name: stored[name] for name in stored.files}
    out = kinds(dict(zip(encoder["texts"].tolist(), encoder["logs"].astype(float), strict=True)), others)
    claims.judge = trained.judge = lambda: None  # the rules alone
    trained.kinds_model.cache_clear()
    told: dict[str, list[tuple[bool, float, bool]]] = {"sources": [], "denials": []}
    languages: tuple[Language, ...] = ("en", "ru")
    for language in languages:
        rows = scored_rows(encoder, language)
        out.setdefault("actors", {})[language] = actors(rows, language)
        for row in rows:
            read = read_claims(Text(text=row["text"], language=language, source="", sha256=""))
            told["sources"].append((any(c.attribution is not None for c in read), row["flags"][0], bool(row["sources"])))
            told["denials"].append((any(c.negated for c in read), row["flags"][1], row["negated"] == "1"))
    out |= {name: believed(found, name) for name, found in told.items()}
    OUT.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {OUT}")


if __name__ == "__main__":
    main()

"""Weigh the experts on kinds and write src/kayfabe/read/data/mixing.json.

    python scripts/mix_experts.py ENCODER OTHERS

ENCODER are the scores of scripts/train_encoder.py for writers that it left out, OTHERS those of scripts/train_reader.py. The weights
of log probabilities are those of the least log loss, for sentences on their own and for running text.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from kayfabe.models import INSTRUMENT_OF
from kayfabe.read.kinds import TESTABLE

HERE = Path(__file__).resolve().parents[1]
OUT = HERE / "src" / "kayfabe" / "read" / "data" / "mixing.json"
SORTS = len(INSTRUMENT_OF)  # the testable kinds, which come first
EXPERTS = {"encoder": ["encoder", "vectors", "wording"], "encoder alone": ["encoder"], "vectors": ["vectors", "wording"], "vectors alone": ["vectors"]}


def loss(z: np.ndarray, y: np.ndarray) -> float:
    """Mean negative log likelihood of logits."""
    return float(-np.mean(log_softmax(z, axis=1)[np.arange(len(y)), y]))


def f1(said: np.ndarray, is_: np.ndarray) -> float:
    """F1 of a yes/no label."""
    return float(2 * (said & is_).sum() / max(said.sum() + is_.sum(), 1))


def kinds(seen: dict[str, np.ndarray], others: dict[str, np.ndarray]) -> dict[str, Any]:
    """The weights of each set of experts."""
    texts = others["texts"].tolist()
    read = np.array([t in seen for t in texts])
    logs = {name: others[name].astype(float) for name in ("vectors", "wording")}
    logs["encoder"] = np.array([seen.get(t, np.zeros(17)) for t in texts])
    mixing: dict[str, Any] = {}
    for name, experts in EXPERTS.items():
        for which, form in enumerate(("alone", "running")):
            m = (others["runs"] == which) & (read if "encoder" in experts else True)
            x, y = np.stack([logs[e][m] for e in experts]), others["y"][m]
            fit = minimize(lambda k, x=x, y=y: loss(np.tensordot(k, x, 1), y), np.full(len(experts), 0.5), bounds=[(0, 3)] * len(experts))
            mixing.setdefault(name, {})[form] = dict(zip(experts, np.round(fit.x, 3).tolist(), strict=True))
            z = np.tensordot(fit.x, x, 1)
            chance = np.exp(log_softmax(z, axis=1))
            by_best, by_sum = chance.argmax(axis=1) < SORTS, chance[:, :SORTS].sum(axis=1) > TESTABLE
            for language in ("en", "ru"):
                here = others["languages"][m] == language
                rank = (z[here] > z[here, y[here]][:, None]).sum(axis=1)
                print(f"{name}, {form} {language}: {here.sum()} sentences, top-1 {np.mean(rank == 0):.3f}, top-3 {np.mean(rank < 3):.3f}, log loss {loss(z[here], y[here]):.3f}, testable F1 {f1(by_best[here], y[here] < SORTS):.3f}, from {TESTABLE} on {f1(by_sum[here], y[here] < SORTS):.3f}, weights {mixing[name][form]}")
    return mixing


def main() -> None:
    with np.load(sys.argv[1], allow_pickle=False) as stored:
        seen = dict(zip(stored["texts"].tolist(), stored["logs"].astype(float), strict=True))
    with np.load(sys.argv[2], allow_pickle=False) as stored:
        others = {name: stored[name] for name in stored.files}
    OUT.write_text(json.dumps({"kinds": kinds(seen, others)}, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {OUT}")


if __name__ == "__main__":
    main()

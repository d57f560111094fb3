"""What is usually done instead, on the same worlds: four estimators of "words apart, deeds together" and their verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from kayfabe.instruments.declaration import World

Array = np.ndarray[Any, Any]
NAMES = (
    "rank of deeds less rank of words",
    "deeds regressed on words",
    "raw agreement against one half",
    "raw agreement against 0",
)


def judged(world: World) -> dict[str, bool]:
    """Whether each of the usual estimators would call the pair of a votes world staged, at the 5 % level."""
    votes, said = world.tables["votes"], world.tables["statements"]
    actors, row = np.unique(np.asarray(votes["actor"], dtype=str), return_inverse=True)
    _, column = np.unique(np.asarray(votes["motion"], dtype=str), return_inverse=True)
    code = np.full((len(actors), column.max() + 1), -1)
    code[row, column] = np.select([np.asarray(votes["choice"]) == c for c in ("yes", "no", "abstain")], [0, 1, 2], -1)
    hot = (code[:, :, None] == np.arange(3)).astype(float)
    present = hot.sum(axis=2)
    common = present @ present.T
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = sum(hot[:, :, c] @ hot[:, :, c].T for c in range(3)) / common
    place = {a: i for i, a in enumerate(actors)}
    speaker = np.array([place[a] for a in said["actor"]])
    count = np.bincount(speaker, minlength=len(actors))
    mean = np.bincount(speaker, np.asarray(said["stance"], dtype=float), len(actors)) / np.maximum(count, 1)
    i, j = np.triu_indices(len(actors), 1)
    use = (count[i] >= 3) & (count[j] >= 3) & (common[i, j] >= 10)
    i, j = i[use], j[use]
    deeds, words = raw[i, j], np.abs(mean[i] - mean[j])
    a, b = sorted(place[x] for x in world.options["actors"])
    mine = (i == a) & (j == b)
    if not mine.any():
        return dict.fromkeys(NAMES, False)
    gap = stats.rankdata(deeds) / len(deeds) + stats.rankdata(words) / len(words) - 1
    slope, middle = np.polyfit(words, deeds, 1)
    residual = deeds - middle - slope * words
    z = float(residual[mine][0] / residual.std())
    same, n = round(float(raw[a, b] * common[a, b])), round(float(common[a, b]))
    apart = bool(words[mine][0] > np.median(words))
    return {
        NAMES[0]: float((gap >= gap[mine][0]).mean()) < 0.05,
        NAMES[1]: float(stats.norm.sf(z)) < 0.05,
        NAMES[2]: apart and float(stats.binom.sf(same - 1, n, 0.5)) < 0.05,
        NAMES[3]: apart and same > 0,
    }

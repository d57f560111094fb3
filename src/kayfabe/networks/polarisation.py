"""How far a discourse falls into two camps: congruence within them, conflict between them.

P = (congruence within camps + conflict between camps) / (all congruence + all conflict), from the best division into two
camps: 1 when every tie fits them; about 1/2 when the ties know nothing of camps. It is one minus the line index of imbalance
over the total weight. The best division is searched from the leading eigenvector of congruence - conflict and from seeded
random divisions, each improved by moving single actors until no move helps: exact on small networks, a lower bound on large.

References: Doreian & Mrvar (1996), Social Networks 18:149-168; Harary, Norman & Cartwright (1965), Structural Models, ch. 13.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kayfabe.networks.definitions import Definition
from kayfabe.networks.discourse import networks
from kayfabe.networks.statements import Array, Statements

STARTS = 20


@dataclass(frozen=True)
class Polarisation:
    """`value` in 0..1 (None where no two actors are tied) and each node's camp, 0 or 1; camp 0 is the larger one."""

    value: float | None
    nodes: tuple[str, ...]
    camp: Array
    start: np.datetime64
    middle: np.datetime64
    stop: np.datetime64


def polarisation(congruence: Array, conflict: Array, *, seed: int = 0) -> tuple[float | None, Array]:
    """(P, camps (n,)) of two symmetric matrices (n, n) of weights that are not negative; diagonals are ignored."""
    n = len(congruence)
    upper = np.triu_indices(n, 1)
    total = float(congruence[upper].sum() + conflict[upper].sum())
    if total <= 0:
        return None, np.zeros(n, dtype=int)
    pull = congruence - conflict
    pull = (pull + pull.T) / 2
    np.fill_diagonal(pull, 0.0)
    rng = np.random.default_rng(seed)
    _, vectors = np.linalg.eigh(pull)
    starts = [np.where(vectors[:, -1] >= 0, 1.0, -1.0), np.ones(n)]
    starts += [rng.choice([-1.0, 1.0], size=n) for _ in range(STARTS)]
    settled = [_settle(pull, s) for s in starts]
    best = max(settled, key=lambda side: float(side @ pull @ side))
    value = (total + float(best @ pull @ best) / 2) / (2 * total)
    return value, _named(best)


def _settle(pull: Array, side: Array) -> Array:
    """Move the actor whose move helps most, until none does."""
    side = side.copy()
    gain = -side * (pull @ side)
    while len(gain) and gain.max() > 1e-12:
        actor = int(np.argmax(gain))
        side[actor] = -side[actor]
        gain = -side * (pull @ side)
    return side


def _named(side: Array) -> Array:
    first = side == side[0]
    larger = first if 2 * first.sum() >= len(side) else ~first
    return np.where(larger, 0, 1)


def over_time(statements: Statements, wanted: Definition, *, seed: int = 0) -> list[Polarisation]:
    """P of the whole or of each window, on networks normalised by average activity unless `wanted` says otherwise.

    With `compat="dna"` both sides are the subtract network, as in Discourse Network Analyzer's windows: then each tie enters
    with the same weight within and between camps, and the division into camps no longer matters.
    """
    normalise = (
        "average" if wanted.normalise == "none" and not (wanted.dna and wanted.kernel != "none") else wanted.normalise
    )
    ask = replace(wanted, mode="one-mode", normalise=normalise)
    sides = ("subtract", "subtract") if wanted.dna else ("congruence", "conflict")
    pairs: Any = zip(*(networks(statements, replace(ask, stance=s)) for s in sides), strict=True)
    found = []
    for one, two in pairs:
        if wanted.dna:
            value, camp = _dna_polarisation(one.matrix(), seed)
        else:
            value, camp = polarisation(one.matrix(), two.matrix(), seed=seed)
        found.append(Polarisation(value, one.nodes, camp, one.start, one.middle, one.stop))
    return found


def _dna_polarisation(subtract: Array, seed: int) -> tuple[float | None, Array]:
    total = 2 * float(np.abs(np.triu(subtract, 1)).sum())
    _, camp = polarisation(np.maximum(subtract, 0), np.maximum(-subtract, 0), seed=seed)
    same = camp[:, None] == camp[None, :]
    within, between = float(np.triu(subtract * same, 1).sum()), float(np.triu(subtract * ~same, 1).sum())
    return ((within + between) / total if total > 0 else None), camp

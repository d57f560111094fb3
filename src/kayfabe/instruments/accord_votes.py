"""accord on votes: the deeds coefficient A, and the missing disagreement where both sides' words are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from kayfabe.errors import BadOption
from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import belonged, members, where
from kayfabe.stats import agreement

Array = np.ndarray[Any, Any]
MARGIN = 0.2
LEAST_MOTIONS, LEAST_PROMISED = 10, 6.0
SETS = 200
DISCIPLINE = 0.3


@dataclass(frozen=True)
class Ballots:
    """Votes on motions that both sides voted on. `hot` (motions, actors, 3); `sides` index arrays into `actors`;
    `belongs` (motions, members) bool per side."""

    motions: Array
    days: Array
    titles: Array
    bodies: Array
    actors: Array
    hot: Array
    sides: tuple[Array, Array]
    belongs: tuple[Array, Array]

    def of(self, side: int) -> Array:
        return np.asarray(self.hot[:, self.sides[side]] * self.belongs[side][:, :, None])

    def only(self, keep: Array) -> Ballots:
        """The same for some motions."""
        return Ballots(
            self.motions[keep], self.days[keep], self.titles[keep], self.bodies[keep], self.actors, self.hot[keep], self.sides,
            (self.belongs[0][keep], self.belongs[1][keep]),
        )  # fmt: skip

    @property
    def others(self) -> Array:
        return np.setdiff1d(np.arange(len(self.actors)), np.concatenate(self.sides))

    @property
    def single(self) -> bool:
        return len(self.sides[0]) == len(self.sides[1]) == 1


def sides(run: Run) -> tuple[list[str], list[str]]:
    """The members of both actors; members of both blocs count on the smaller side only. Raises BadOption."""
    a, b = run.options["actors"]
    known = run.evidence.actor_names()
    one, two = members(a, run.actors, known), members(b, run.actors, known)
    for actor, ids in ((a, one), (b, two)):
        if not ids:
            raise BadOption("actors", actor, "wants actors with known members, and this bloc has none on file")
    shared = set(one) & set(two)
    larger = max(len(one), len(two))
    one, two = ([m for m in side if m not in shared] if len(side) == larger else side for side in (one, two))
    if not one or not two:
        raise BadOption("actors", f"{a} {b}", "wants two sides that are not the same")
    return one, two


def read_ballots(run: Run, one: Sequence[str], two: Sequence[str]) -> Ballots:
    """All votes on the motions of the window on which someone of both sides voted, ordered by day and motion."""
    clause, parameters = where(run.options, body=True)
    run.evidence.scope("votes", clause, **parameters)
    got = run.evidence.columns(
        "select motion, actor, choice, lower(coalesce(title, motion)) as title, coalesce(body, '') as body, "
        'cast("at" as date) as day from votes '
        f"where choice <> 'absent' and {clause} and motion in (select motion from votes where choice <> 'absent' and list_contains($one, actor)) "
        "and motion in (select motion from votes where choice <> 'absent' and list_contains($two, actor)) "
        'order by cast("at" as date), motion, actor',
        one=list(one),
        two=list(two),
        **parameters,
    )
    _, first, index = np.unique(got["motion"], return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    first = first[order]
    actors, column = np.unique(got["actor"].astype(str), return_inverse=True)
    choices = np.full((len(first), len(actors)), -1, dtype=np.int8)
    choices[rank[index], column] = np.select([got["choice"] == "yes", got["choice"] == "no"], [0, 1], 2)
    days = got["day"][first].astype("datetime64[D]")
    titles, bodies = (np.array([str(v) for v in got[name][first]], dtype=object) for name in ("title", "body"))
    at = {a: i for i, a in enumerate(actors)}
    index_of = [np.array([at[m] for m in side if m in at], dtype=int) for side in (one, two)]
    names = run.options["actors"]
    belongs = [
        np.stack([belonged(name, [actors[i]] * len(days), days, run.actors) for i in side], axis=1)
        if len(side) else np.zeros((len(days), 0), dtype=bool)
        for name, side in zip(names, index_of, strict=True)
    ]  # fmt: skip
    ballots = Ballots(
        got["motion"][first], days, titles, bodies, actors, agreement.one_hot(choices),
        (index_of[0], index_of[1]), (belongs[0], belongs[1]),
    )  # fmt: skip
    both = ~np.isnan(agreement.apart(ballots.of(0), ballots.of(1)))
    return ballots.only(both)


@dataclass(frozen=True)
class Deeds:
    """The deeds side: how often the two were apart, what is usual, A among the pairs (or random sets) of others, and among
    the pairs that either of the two, actor or bloc, forms with other actors (`own`)."""

    differ: Array
    usual: Array
    a: float | None
    interval: tuple[float, float] | None
    apart: float
    expected: float
    reference: Array
    own: Array
    percentile: float | None

    @property
    def motions(self) -> int:
        return len(self.differ)


def deeds(ballots: Ballots, rng: np.random.Generator) -> Deeds:
    """A = 1 - apart / usual of the two sides, and the same of all pairs (or random sets of equal size) of others."""
    differ = agreement.apart(ballots.of(0), ballots.of(1))
    usual = agreement.usual_disagreement(ballots.hot)
    a, interval, count, expected = agreement.deeds_coefficient(differ, usual)
    if ballots.single:
        matrix, common, promise = agreement.pair_coefficients(ballots.hot, usual)
        enough = (common >= min(LEAST_MOTIONS, ballots.hot.shape[0])) & (promise >= min(4.0, expected / 2))
        mine = np.isin(np.arange(len(matrix)), np.concatenate(ballots.sides))
        upper = np.triu(enough & ~np.isnan(matrix), 1)
        reference = matrix[upper & ~mine[:, None] & ~mine[None, :]]
        own = matrix[upper & (mine[:, None] ^ mine[None, :])]
    else:
        sets = random_sides(ballots, rng)
        reference = _sets(ballots, usual, sets)
        own = np.concatenate([_with_each(ballots, usual, side) for side in (0, 1)])
    reference, own = np.sort(reference[~np.isnan(reference)]), np.sort(own[~np.isnan(own)])
    percentile = None
    if a is not None and len(reference):
        percentile = float(((reference < a).mean() + (reference <= a).mean()) / 2)
    return Deeds(differ, usual, a, interval, count, expected, reference, own, percentile)


def random_sides(ballots: Ballots, rng: np.random.Generator) -> list[tuple[Array, Array]]:
    """Random disjoint sets of other actors, the smaller side's first, as large as the two sides where there are enough actors."""
    others = ballots.others
    n_a, n_b = sorted(len(side) for side in ballots.sides)
    if len(others) < n_a + n_b:
        n_a, n_b = max(1, len(others) * n_a // (n_a + n_b)), max(1, len(others) * n_b // (n_a + n_b))
    if len(others) < 4:
        return []
    found = []
    for _ in range(SETS):
        chosen = rng.permutation(others)[: n_a + n_b]
        found.append((chosen[:n_a], chosen[n_a:]))
    return found


def _sets(ballots: Ballots, usual: Array, sets: Sequence[tuple[Array, Array]]) -> Array:
    values = []
    for one, two in sets:
        a = agreement.deeds_coefficient(agreement.apart(ballots.hot[:, one], ballots.hot[:, two]), usual)[0]
        values.append(math.nan if a is None else a)
    return np.array(values, dtype=float)


def _with_each(ballots: Ballots, usual: Array, side: int) -> Array:
    """A of one side with every other actor. Random sets would do worse: their members cancel out, so that they all agree
    alike with a bloc, and a bloc that is merely near stands out among them."""
    hot = ballots.of(side).sum(axis=1, keepdims=True)
    found = [
        agreement.deeds_coefficient(agreement.apart(hot, ballots.hot[:, [k]]), usual)
        for k in ballots.others
        if (hot.sum(axis=(1, 2)) * ballots.hot[:, k].sum(axis=1) > 0).sum() >= min(LEAST_MOTIONS, len(usual))
    ]
    return np.array([math.nan if a is None else a for a, _, _, _ in found], dtype=float)


def inside_bloc(run: Run, ballots: Ballots, found: Deeds) -> dict[str, Any] | None:
    """The pair among the pairs inside the smallest disciplined bloc (five voters or more, median A of .3 or more)
    that both belong to; None without one."""
    if not ballots.single or not found.motions or found.a is None:
        return None
    day = ballots.days.max().item()
    a, b = (str(ballots.actors[s[0]]) for s in ballots.sides)
    for bloc in run.actors.shared_blocs(a, b, day):
        inside = np.flatnonzero(np.isin(ballots.actors, run.actors.members(bloc, day)))
        if len(inside) < 5:
            continue
        matrix, common, _ = agreement.pair_coefficients(ballots.hot[:, inside], found.usual)
        own = np.isin(inside, np.concatenate(ballots.sides))
        pairs = np.triu(~(own[:, None] & own[None, :]) & (common >= min(LEAST_MOTIONS, found.motions)), 1)
        values = matrix[pairs & ~np.isnan(matrix)]
        if len(values) >= 5 and np.median(values) >= DISCIPLINE:
            return {
                "bloc": bloc,
                "pairs": len(values),
                "A_usual": float(np.median(values)),
                "percentile": float((values < found.a).mean()),
            }
    return None


def aligned(ballots: Ballots, found: Deeds) -> dict[str, Any]:
    """The claim that the two are with each other: A relative to the pairs that either of them forms with others.

    estimate = 1 - (1 - A) / (1 - median A of those pairs): the share of their usual disagreement that is missing between
    them, so that one who agrees (or quarrels) with everybody is not thereby with (or against) this one. p is the larger of
    the sampling p (estimate <= .2) and the rank of A among those pairs, so both must be beyond what is usual.
    """
    keep = ~np.isnan(found.differ) & ~np.isnan(found.usual)
    d, e, total = found.differ[keep], found.usual[keep], found.expected
    assert found.a is not None
    usual = float(np.median(found.own))
    scale = max(1 - usual, 1e-6)
    estimate = 1 - (1 - found.a) / scale
    _, group = np.unique(ballots.titles[keep], return_inverse=True)
    score = np.bincount(group, weights=d - (1 - found.a) * e)
    g = len(score)
    chance = np.clip((d.sum() + 0.5) / total * e, 0, 1)
    clustered = float(np.sqrt((score**2).sum() * g / max(1, g - 1))) / total
    sampling = max(clustered, float(np.sqrt((chance * (1 - chance)).sum())) / total)
    spread = 1.4826 * float(np.median(np.abs(found.own - usual)))
    about_usual = 1.25 * spread / math.sqrt(max(2, len(found.own))) * (1 - estimate)
    se = float(np.hypot(sampling, about_usual)) / scale
    t = stats.t(max(1, g - 1))
    half = float(t.ppf(0.975)) * se
    rank = (1 + int((found.own >= found.a).sum())) / (len(found.own) + 1)
    return {
        "estimate": estimate,
        "se": se,
        "interval": (estimate - half, min(1.0, estimate + half)),
        "p_value": max(rank, float(t.sf((estimate - MARGIN) / se))),
        "p_contradicted": float(t.cdf((estimate - MARGIN) / se)),
        "rank_p": rank,
        "usual": usual,
    }


def summary(ballots: Ballots, found: Deeds) -> dict[str, Any]:
    """What `details` shows of the deeds: raw and chance-corrected agreement, A, by year and by body, motions apart."""
    a, b = (ballots.hot[:, side] for side in ballots.sides)
    kappas, alphas = [], []
    for i in range(a.shape[1]):
        for j in range(b.shape[1]):
            here = (
                (a[:, i].sum(axis=1) > 0)
                & (b[:, j].sum(axis=1) > 0)
                & ballots.belongs[0][:, i]
                & ballots.belongs[1][:, j]
            )
            one, two = a[here, i].argmax(axis=1), b[here, j].argmax(axis=1)
            kappas.append(agreement.kappa(one, two))
            alphas.append(agreement.krippendorff_alpha(one, two))
    years = ballots.days.astype("datetime64[Y]").astype(int) + 1970
    edges = np.linspace(min(-3.0, found.a or 0), 1, 41)
    counts, own = (np.histogram(np.clip(v, edges[0], 1), edges)[0] for v in (found.reference, found.own))
    return {
        "common_motions": found.motions,
        "apart": found.apart,
        "usual": found.expected,
        "apart_over_usual": found.apart / found.expected if found.expected else None,
        "raw_agreement": 1 - float(found.differ.mean()) if found.motions else None,
        "kappa": _mean(kappas),
        "alpha": _mean(alphas),
        "A": found.a,
        "A_interval": found.interval,
        "A_percentile": found.percentile,
        "A_usual": float(np.median(found.reference)) if len(found.reference) else None,
        "A_usual_of_the_two": float(np.median(found.own)) if len(found.own) else None,
        "reference": {"what": "pairs of other actors" if ballots.single else "random sets of equal size", "n": len(found.reference)},
        "histogram": {"edges": edges, "counts": counts, "own": own},
        "by_year": [[int(y), int((years == y).sum()), float(found.differ[years == y].sum()), float(np.nansum(found.usual[years == y]))] for y in np.unique(years)],
        "by_body": {str(k): {"motions": int((ballots.bodies == k).sum()), "apart": float(found.differ[ballots.bodies == k].sum())} for k in np.unique(ballots.bodies) if k},
        "members": [[str(ballots.actors[i]) for i in side] for side in ballots.sides],
    }  # fmt: skip


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return float(np.mean(known)) if known else None


def rows(ballots: Ballots, found: Deeds) -> list[str]:
    """Row ids of both sides' votes, motions that depart most from what is usual first."""
    order = np.argsort(-np.abs(np.nan_to_num(found.differ - found.usual)), kind="stable")
    ids = []
    for m in order:
        for side, belongs in zip(ballots.sides, ballots.belongs, strict=True):
            for i, inside in zip(side, belongs[m], strict=True):
                if inside and ballots.hot[m, i].any():
                    ids.append(f"votes:{ballots.motions[m]}:{ballots.actors[i]}")
    return ids


def against(found: Deeds) -> str:
    """The sentence for votes that speak against the claim even without words; empty where they do not."""
    if found.interval is None or found.expected < LEAST_PROMISED or found.interval[1] >= 0:
        return ""
    return (
        f"Their votes alone already speak against it: apart on {found.apart:.4g} motions where {found.expected:.4g} are usual "
        f"(ratio at least {1 - found.interval[1]:.2f})."
    )

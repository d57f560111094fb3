"""accord on words: where actors stand by their statements, and how much of the disagreement promised so is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats

from kayfabe.instruments.accord_votes import MARGIN, Array, Ballots, random_sides
from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import where
from kayfabe.stats import agreement, missing

LEAST_STATEMENTS, LEAST_OTHERS = 8, 8


@dataclass(frozen=True)
class Words:
    """Stances of every actor in `Ballots.actors` order: mean, number, pooled within-actor variance, row ids of A and B."""

    means: Array
    counts: Array
    within: float
    evidence: list[str] = field(default_factory=list)


def read_words(run: Run, ballots: Ballots) -> Words:
    """Mean stance of every actor in the window; several coders of a statement are averaged, and where several issues were
    spoken on each stance is taken relative to its issue (the mean over actors), so that speaking on other issues is not disagreeing."""
    clause, parameters = where(run.options)
    run.evidence.scope("statements", clause, **parameters)
    got = run.evidence.columns(
        f"select min(row_id) as row_id, statement, actor, issue, avg(stance) as stance from statements where {clause} "
        "group by statement, actor, issue order by min(row_id)",
        **parameters,
    )
    n = len(ballots.actors)
    stance = got["stance"].astype(float)
    issues, issue = np.unique(got["issue"].astype(str), return_inverse=True)
    names, actor = np.unique(got["actor"].astype(str), return_inverse=True)
    if len(issues) > 1:
        cell = issue * len(names) + actor
        total, count = (
            np.bincount(cell, stance, len(issues) * len(names)),
            np.bincount(cell, minlength=len(issues) * len(names)),
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            cells = (total / count).reshape(len(issues), len(names))
        speakers = (~np.isnan(cells)).sum(axis=1)
        centre = np.where(speakers >= 3, np.nansum(cells, axis=1) / np.maximum(speakers, 1), stance.mean())
        stance = stance - centre[issue]
    totals, counts = np.bincount(actor, stance, len(names)), np.bincount(actor, minlength=len(names))
    means = totals / np.maximum(counts, 1)
    residual = stance - means[actor]
    freedom = max(1, int(counts[counts > 1].sum() - (counts > 1).sum()))
    within = max(float((residual**2).sum()) / freedom, 1e-4) if len(stance) else 1.0
    place = {a: i for i, a in enumerate(ballots.actors)}
    mean, number = np.zeros(n), np.zeros(n, dtype=int)
    for k, name in enumerate(names):
        if name in place:
            mean[place[name]], number[place[name]] = means[k], counts[k]
    spoken = set(ballots.actors[np.concatenate(ballots.sides)])
    rows = [str(r) for r, a in zip(got["row_id"], got["actor"], strict=True) if a in spoken]
    return Words(mean, number, within, rows)


def staged(ballots: Ballots, words: Words, rng: np.random.Generator) -> tuple[missing.Missing | None, dict[str, Any]]:
    """The missing disagreement of the two sides, and what is known of their words."""
    where_ = missing.positions(words.means, words.counts, words.within)
    speak = words.counts >= 3
    others = np.array([i for i in ballots.others if speak[i]], dtype=int)
    one, two = ([i for i in side if words.counts[i] >= 1] for side in ballots.sides)
    x_a, x_b = float(np.mean(where_.x[one])), float(np.mean(where_.x[two]))
    v_a, v_b = float(np.mean(where_.v[one])) / len(one), float(np.mean(where_.v[two])) / len(two)
    hot = ballots.hot[:, others]
    x = where_.x[others]
    differ = agreement.apart(ballots.of(0), ballots.of(1))
    promise = missing.promised(hot, missing.kernel(where_.x[one], x), missing.kernel(where_.x[two], x))
    reference, reference_se, distance = _reference_s(ballots, hot, others, x, rng)
    if not len(reference):
        return None, {}
    keep = ~np.isnan(differ) & ~np.isnan(promise)
    draws = _draws(hot[keep], differ[keep], (where_.x[one], where_.v[one]), (where_.x[two], where_.v[two]), x, rng)
    own = abs(x_a - x_b)
    near = np.argsort(np.abs(distance - own), kind="stable")[: max(10, math.ceil(0.4 * len(distance)))]
    judged = missing.judge(differ, promise, draws, reference[near], reference_se[near], ballots.titles, MARGIN)
    median = float(np.median(distance))
    spread = math.sqrt(v_a + v_b)
    apart = float(stats.norm.sf((median - own) / spread) + stats.norm.cdf((-median - own) / spread))
    return judged, {
        "distance": own,
        "median_distance": median,
        "words_apart": apart,
        "statements": [int(words.counts[one].sum()), int(words.counts[two].sum())],
        "reference_s": np.sort(reference[near]),
        "promise": promise,
    }


def _reference_s(
    ballots: Ballots, hot: Array, others: Array, x: Array, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    if ballots.single:
        s, expected, se = missing.all_pairs(hot, x)
        use = np.triu(~np.isnan(s) & (expected >= missing.LEAST_EXPECTED), 1)
        return s[use], se[use], np.abs(x[:, None] - x[None, :])[use]
    place = {a: i for i, a in enumerate(others)}
    values = []
    for first, second in random_sides(ballots, rng):
        one = np.array([place[i] for i in first if i in place], dtype=int)
        two = np.array([place[i] for i in second if i in place], dtype=int)
        if not len(one) or not len(two):
            continue
        outside = np.ones(len(others))
        outside[one] = outside[two] = 0
        promise = missing.promised(hot, missing.kernel(x[one], x) * outside, missing.kernel(x[two], x) * outside)
        differ = agreement.apart(hot[:, one], hot[:, two])
        keep = ~np.isnan(promise) & ~np.isnan(differ)
        total = float(promise[keep].sum())
        if total >= missing.LEAST_EXPECTED:
            share = 1 - float(differ[keep].sum()) / total
            error = float(np.sqrt(((differ[keep] - (1 - share) * promise[keep]) ** 2).sum())) / total
            values.append((share, error, abs(float(x[one].mean() - x[two].mean()))))
    table = np.array(values).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _draws(
    hot: Array, differ: Array, one: tuple[Array, Array], two: tuple[Array, Array], x: Array, rng: np.random.Generator
) -> Array:
    """s with the words of both sides redrawn from their posterior and reference actors reweighted by Exp(1)."""
    flat = np.moveaxis(hot, 1, 0).reshape(len(x), -1).astype(np.float64)
    values = []
    for _ in range(missing.DRAWS // 20):
        weight = rng.exponential(size=(20, 1, len(x)))
        shares = []
        for mean, variance in (one, two):
            redrawn = rng.normal(mean, np.sqrt(variance), size=(20, len(mean)))
            weights = missing.kernel(redrawn.ravel(), x).reshape(20, len(mean), len(x)) * weight
            mass = (weights.reshape(-1, len(x)) @ flat).reshape(20, len(mean), -1, agreement.CHOICES)
            with np.errstate(invalid="ignore", divide="ignore"):
                shares.append((mass / mass.sum(axis=3, keepdims=True)).mean(axis=1))
        promise = np.nan_to_num(1 - (shares[0] * shares[1]).sum(axis=2))
        with np.errstate(invalid="ignore", divide="ignore"):
            values.append(1 - float(differ.sum()) / promise.sum(axis=1))
    return np.concatenate(values)

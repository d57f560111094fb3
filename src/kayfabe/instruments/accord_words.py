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
from kayfabe.networks.coding import confidence_sql, one_value
from kayfabe.stats import agreement, missing

LEAST_STATEMENTS, LEAST_OTHERS = 8, 8
LEAST_RELIABLE = 0.2
NEIGHBOURS = 5


@dataclass(frozen=True)
class Words:
    """Stances of every actor in `Ballots.actors` order: mean, number, pooled within-actor variance; row ids and days of A and B."""

    means: Array
    counts: Array
    within: float
    evidence: list[str] = field(default_factory=list)
    days: Array = field(default_factory=lambda: np.zeros(0, dtype="datetime64[D]"))


def read_words(run: Run, ballots: Ballots) -> Words:
    """Mean stance of every actor in the window, one value for each statement however many coded it; where several issues were
    spoken on each stance is taken relative to its issue (the mean over actors), so that speaking on other issues is not disagreeing."""
    clause, parameters = where(run.options)
    run.evidence.scope("statements", clause, **parameters)
    got = run.evidence.columns(
        f"with coded as (select *, {confidence_sql(run.evidence)} as weight from statements where {clause}), "
        "given as (select statement, actor, issue, stance, weight as confidence from coded), "
        f"valued as ({one_value('given', 'statement, actor, issue')}), told as (select statement, actor, issue, "
        'min(row_id) as row_id, cast(min("at") as date) as day from coded group by statement, actor, issue) '
        "select told.row_id as row_id, told.statement as statement, told.actor as actor, told.issue as issue, "
        "valued.stance as stance, told.day as day from told join valued on told.statement = valued.statement "
        "and told.actor = valued.actor and told.issue = valued.issue order by told.row_id",
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
    mine = np.array([a in spoken for a in got["actor"]], dtype=bool)
    rows = [str(r) for r in got["row_id"][mine]]
    return Words(mean, number, within, rows, got["day"][mine].astype("datetime64[D]"))


def other_times(ballots: Ballots, words: Words) -> str:
    """The caveat for words and votes that are not from the same time (Kolmogorov-Smirnov p < .05); empty where they are."""
    said, voted = (days.astype(int) for days in (words.days, ballots.days))
    if stats.ks_2samp(said, voted).pvalue >= 0.05:
        return ""
    middle = [str(np.datetime64(int(np.median(days)), "D")) for days in (said, voted)]
    return (
        f"Their words and their votes are not from the same time (medians {middle[0]} and {middle[1]}): an honest change of mind in between "
        "looks like staging; look at shorter windows with --since and --until."
    )


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
    if len(others) and float(np.median(where_.v[others])) > 1 - LEAST_RELIABLE:
        return None, {"lacking": "The statements do not tell the actors apart: what they differ by is noise"}
    reference, reference_se, distance, noise = _reference_s(ballots, hot, others, x, where_.v[others], rng)
    if not len(reference):
        return None, {"lacking": "No pair of other actors talks like these two on enough motions"}
    keep = ~np.isnan(differ) & ~np.isnan(promise)
    draws = _draws(hot[keep], differ[keep], (where_.x[one], where_.v[one]), (where_.x[two], where_.v[two]), x, rng)
    own = abs(x_a - x_b)
    near = np.argsort(np.abs(distance - own), kind="stable")[: max(10, math.ceil(0.4 * len(distance)))]
    judged = missing.judge(differ, promise, draws, reference[near], reference_se[near], ballots.titles, MARGIN)
    if judged is None:
        return None, {"lacking": "Nobody else talks like these two"}
    median = missing.typical_distance(distance, noise)
    spread = math.sqrt(v_a + v_b)
    apart = float(stats.norm.sf((median - own) / spread) + stats.norm.cdf((-median - own) / spread))
    return judged, {
        "distance": own,
        "median_distance": median,
        "words_apart": apart,
        "statements": [int(words.counts[one].sum()), int(words.counts[two].sum())],
        "reference_s": np.sort(reference[near]),
        "with_neighbours": _with_neighbours(ballots, hot, x, where_.x) if ballots.single else None,
    }


def _with_neighbours(ballots: Ballots, hot: Array, x: Array, every: Array) -> list[float | None]:
    """For A, then B: median s with the five others who talk most like the other one. High: words that are untrue towards
    everybody rather than a quarrel staged by the two."""
    found: list[float | None] = []
    for side in (0, 1):
        own, other = (float(every[ballots.sides[k][0]]) for k in (side, 1 - side))
        values = []
        for k in np.argsort(np.abs(x - other), kind="stable")[:NEIGHBOURS]:
            left = np.arange(len(x)) != k
            promise = missing.promised(hot, missing.kernel(np.array([own]), x) * left, missing.kernel(x[[k]], x) * left)
            differ = agreement.apart(ballots.of(side), hot[:, [k]])
            keep = ~np.isnan(promise) & ~np.isnan(differ)
            if promise[keep].sum() >= missing.LEAST_EXPECTED:
                values.append(1 - float(differ[keep].sum()) / float(promise[keep].sum()))
        found.append(float(np.median(values)) if values else None)
    return found


def _reference_s(
    ballots: Ballots, hot: Array, others: Array, x: Array, v: Array, rng: np.random.Generator
) -> tuple[Array, Array, Array, Array]:
    """s, its standard error, the distance in words and the standard deviation of that distance, of every reference pair."""
    if ballots.single:
        s, expected, se = missing.all_pairs(hot, x)
        use = np.triu(~np.isnan(s) & (expected >= missing.LEAST_EXPECTED), 1)
        return s[use], se[use], np.abs(x[:, None] - x[None, :])[use], np.sqrt(v[:, None] + v[None, :])[use]
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
            noise = math.sqrt(float(v[one].mean()) / len(one) + float(v[two].mean()) / len(two))
            values.append((share, error, abs(float(x[one].mean() - x[two].mean())), noise))
    table = np.array(values).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def _draws(
    hot: Array, differ: Array, one: tuple[Array, Array], two: tuple[Array, Array], x: Array, rng: np.random.Generator
) -> Array:
    """s with the words of both sides redrawn from their posterior and reference actors reweighted by Exp(1)."""
    flat = np.moveaxis(hot, 1, 0).reshape(len(x), -1).astype(np.float64)
    values = []
    in_order = sorted(
        (one, two), key=lambda side: (float(side[0].mean()), float(side[1].mean()))
    )  # the same when swapped
    for _ in range(missing.DRAWS // 20):
        weight = rng.exponential(size=(20, 1, len(x)))
        shares = []
        for mean, variance in in_order:
            redrawn = rng.normal(mean, np.sqrt(variance), size=(20, len(mean)))
            weights = missing.kernel(redrawn.ravel(), x).reshape(20, len(mean), len(x)) * weight
            mass = (weights.reshape(-1, len(x)) @ flat).reshape(20, len(mean), -1, agreement.CHOICES)
            with np.errstate(invalid="ignore", divide="ignore"):
                shares.append((mass / mass.sum(axis=3, keepdims=True)).mean(axis=1))
        promise = np.nan_to_num(1 - (shares[0] * shares[1]).sum(axis=2))
        with np.errstate(invalid="ignore", divide="ignore"):
            values.append(1 - float(differ.sum()) / promise.sum(axis=1))
    return np.concatenate(values)

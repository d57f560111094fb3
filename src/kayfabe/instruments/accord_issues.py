"""accord in words, issue by issue: how far apart two actors speak against what is usual on the same issues, beside their deeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from kayfabe.instruments.accord_votes import Array, Ballots
from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import where
from kayfabe.networks.coding import coders_details, confidence_sql, one_value
from kayfabe.networks.polarisation import polarisation
from kayfabe.stats import agreement
from kayfabe.stats.reliability import krippendorff_alpha

MOST_ACTORS, MOST_COMPARED, MOST_SHOWN, MOST_ISSUES = 200, 200, 24, 40
LEAST_ISSUES, LEAST_PAIRS = 3, 10
SCALE = 2.0


@dataclass(frozen=True)
class Spoken:
    """What was said on the issues that both sides spoke on. `under` (issues, actors, thresholds): share of an actor's statements
    on an issue at or under each threshold, NaN where silent; `gaps` (thresholds,) in parts of the scale; `counts` and `means`
    (issues, actors); `sides` index arrays into `actors`."""

    issues: tuple[str, ...]
    actors: Array
    under: Array
    gaps: Array
    counts: Array
    means: Array
    sides: tuple[Array, Array]


def by_issue(run: Run, one: Sequence[str], two: Sequence[str], ballots: Ballots) -> dict[str, Any] | None:
    """The words side of two actors: W over all issues with its place among other pairs, each issue with its deeds, and who
    agrees with whom in words. None where the two never spoke on one issue.

    D = mean distance of a statement of one from a statement of the other, in parts of the scale (unbiased however few there
    are); usual = the mean of D over all pairs of actors on that issue; W = 1 - sum D / sum usual over the issues that both
    spoke on: 1 they say the same, 0 they differ as a usual pair does on the same issues, below 0 they differ more. It is the
    deeds coefficient A in words, and Krippendorff's alpha with the other actors as what is expected by chance.
    References: Krippendorff (2004), Content Analysis, ch. 11; Leifeld (2017), Discourse network analysis.
    """
    spoken = read_spoken(run, one, two)
    if spoken is None:
        return None
    apart = distances(spoken)
    usual = _usual(apart)
    own = np.stack([_between(apart[j], *spoken.sides) for j in range(len(spoken.issues))])
    keep = ~np.isnan(own) & ~np.isnan(usual) & (usual > 0)
    if not keep.any():
        return None
    w, interval = coefficient(own[keep], usual[keep])
    matrix, common = pairs(apart[keep], usual[keep])
    mine = np.isin(np.arange(len(spoken.actors)), np.concatenate(spoken.sides))
    least = min(LEAST_ISSUES, int(keep.sum()))
    others = np.triu((common >= least) & ~np.isnan(matrix) & ~mine[:, None] & ~mine[None, :], 1)
    reference = matrix[others]
    placed = len(reference) >= LEAST_PAIRS and keep.sum() >= LEAST_ISSUES
    first, second = (np.nanmean(np.where(spoken.counts > 0, spoken.means, np.nan)[:, s], axis=1) for s in spoken.sides)
    here = ~np.isnan(first) & ~np.isnan(second)
    unit = np.flatnonzero(here)
    return {
        "common_issues": int(keep.sum()), "W": w, "W_interval": interval, "raw_agreement": 1 - float(own[keep].mean()),
        "alpha": krippendorff_alpha(np.tile(unit, 2), np.concatenate([first[here], second[here]])) if len(unit) > 1 else None,
        "W_percentile": float(((reference < w).mean() + (reference <= w).mean()) / 2) if placed else None,
        "W_usual": float(np.median(reference)) if placed else None, "reference_pairs": len(reference),
        "rows": _rows(spoken, own, usual, _deeds(run, ballots, spoken.issues)),
        "network": _network(spoken, matrix, common, least),
        "coders": coders_details(run.evidence, since=run.options["since"], until=run.options["until"]),
    }  # fmt: skip


def read_spoken(run: Run, one: Sequence[str], two: Sequence[str]) -> Spoken | None:
    """Statements on the issues that both sides spoke on, coders averaged; the most speaking 200 actors and the 200 issues on
    which the two said most. None without such issues."""
    clause, parameters = where(run.options)
    run.evidence.scope("statements", clause, **parameters)
    got = run.evidence.columns(
        f"with parts as (select statement, actor, stance, {confidence_sql(run.evidence)} as confidence, "
        f"unnest(string_split(lower(issue), ';')) as part from statements where {clause}), "
        "labelled as (select statement, actor, trim(part) as label, stance, confidence from parts where trim(part) <> ''), "
        f"valued as ({one_value('labelled', 'statement, actor, label')}), "
        "said as (select statement, actor, label, round(stance, 2) as stance from valued), "
        "shared as (select label from said group by label having max(case when list_contains($one, actor) then 1 else 0 end) = 1 "
        "and max(case when list_contains($two, actor) then 1 else 0 end) = 1) "
        "select said.label as issue, actor, stance, count(*) as n from said join shared on said.label = shared.label "
        "group by said.label, actor, stance order by said.label, actor, stance",
        one=list(one), two=list(two), **parameters,
    )  # fmt: skip
    if run.options["issue"]:
        asked = got["issue"] == run.options["issue"].lower()
        got = {name: column[asked] for name, column in got.items()}
    if not len(got["issue"]):
        return None
    issues, issue = np.unique(got["issue"].astype(str), return_inverse=True)
    names, actor = np.unique(got["actor"].astype(str), return_inverse=True)
    n = got["n"].astype(float)
    total = np.bincount(actor, n) + 1e12 * np.isin(names, [*one, *two])
    kept = np.sort(np.argsort(-total, kind="stable")[:MOST_ACTORS])
    place = np.full(len(names), -1)
    place[kept] = np.arange(len(kept))
    use = place[actor] >= 0
    issue, actor, n, stance = issue[use], place[actor[use]], n[use], got["stance"].astype(float)[use]
    levels, level = np.unique(stance, return_inverse=True)
    table = np.zeros((len(issues), len(kept), len(levels)))
    np.add.at(table, (issue, actor, level), n)
    counts = table.sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        under = np.cumsum(table, axis=2)[:, :, :-1] / counts[:, :, None]
        means = (table * levels).sum(axis=2) / counts
    actors = names[kept]
    sides = [np.flatnonzero(np.isin(actors, list(side))) for side in (one, two)]
    both = np.minimum(*(counts[:, side].sum(axis=1) for side in sides))
    most = np.sort(np.argsort(-both, kind="stable")[:MOST_COMPARED])
    return Spoken(
        tuple(issues[most].tolist()), actors, under[most], np.diff(levels) / SCALE, counts[most], means[most], (sides[0], sides[1])
    )  # fmt: skip


def distances(spoken: Spoken) -> Array:
    """(issues, actors, actors) mean distance of a statement of one from one of the other, in parts of the scale; NaN where
    one of them is silent and on the diagonal. |s - t| is the measure of thresholds between s and t."""
    found = np.empty((len(spoken.issues), len(spoken.actors), len(spoken.actors)))
    for j, under in enumerate(spoken.under):
        weighted = under * spoken.gaps
        crossing = weighted @ (1 - under).T
        found[j] = crossing + crossing.T
        silent = spoken.counts[j] == 0
        found[j][silent] = np.nan
        found[j][:, silent] = np.nan
        np.fill_diagonal(found[j], np.nan)
    return found


def _usual(apart: Array) -> Array:
    """(issues,) mean over all pairs of actors."""
    known = ~np.isnan(apart)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, apart, 0).sum(axis=(1, 2)) / known.sum(axis=(1, 2)))


def _between(apart: Array, one: Array, two: Array) -> float:
    """Mean over the cross-pairs of two sides that spoke; NaN without any."""
    cross = apart[np.ix_(one, two)]
    known = cross[~np.isnan(cross)]
    return float(known.mean()) if len(known) else math.nan


def coefficient(own: Array, usual: Array) -> tuple[float, tuple[float, float] | None]:
    """W and its 95 % interval from the scatter over issues (ratio estimator, t with issues - 1); None below three issues."""
    share, n = float(own.sum() / usual.sum()), len(own)
    if n < LEAST_ISSUES:
        return 1 - share, None
    residual = own - share * usual
    se = math.sqrt(n / (n - 1) * float((residual**2).sum())) / float(usual.sum())
    half = float(stats.t.ppf(0.975, n - 1)) * se
    return 1 - share, (1 - share - half, min(1.0, 1 - share + half))


def pairs(apart: Array, usual: Array) -> tuple[Array, Array]:
    """W (actors, actors) of every pair on its own common issues among these, NaN without any; and how many they are."""
    known = ~np.isnan(apart)
    expected = (known * usual[:, None, None]).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - np.where(known, apart, 0).sum(axis=0) / expected, np.nan), known.sum(axis=0)


def _deeds(run: Run, ballots: Ballots, issues: Sequence[str]) -> dict[str, tuple[int, float, float]]:
    """{issue: (motions, voted apart, usual)} where motions carry the label of an issue spoken on."""
    if not len(ballots.motions):
        return {}
    got = run.evidence.columns(
        "select distinct motion, trim(part) as label from (select motion, unnest(string_split(lower(issue), ';')) as part from votes "
        "where issue is not null and list_contains($motions, motion)) as parts where list_contains($issues, trim(part)) order by motion, label",
        motions=[str(m) for m in ballots.motions], issues=list(issues),
    )  # fmt: skip
    differ = agreement.apart(ballots.of(0), ballots.of(1))
    usual = agreement.usual_disagreement(ballots.hot)
    at = {str(m): k for k, m in enumerate(ballots.motions)}
    place = np.array([at[str(m)] for m in got["motion"]], dtype=int)
    labels, label = np.unique(got["label"].astype(str), return_inverse=True)
    sums = [np.bincount(label, np.nan_to_num(v)[place], len(labels)) for v in (differ, usual)]
    count = np.bincount(label, minlength=len(labels))
    return {str(name): (int(count[k]), float(sums[0][k]), float(sums[1][k])) for k, name in enumerate(labels)}


def _rows(spoken: Spoken, own: Array, usual: Array, deeds: dict[str, tuple[int, float, float]]) -> list[dict[str, Any]]:
    """Each issue, the most spoken first: statements of both, how far apart in words and in votes, and what is usual."""
    said = np.stack([spoken.counts[:, s].sum(axis=1) for s in spoken.sides])
    found = []
    for j in np.argsort(-said.min(axis=0), kind="stable")[:MOST_ISSUES]:
        motions, apart, expected = deeds.get(spoken.issues[j], (0, None, None))
        found.append({
            "issue": spoken.issues[j], "statements": [int(v) for v in said[:, j]], "words_apart": float(own[j]), "words_usual": float(usual[j]),
            "words": _less(float(own[j]), float(usual[j])), "motions": motions, "voted_apart": apart, "votes_usual": expected,
            "deeds": None if apart is None or expected is None else _less(apart, expected),
        })  # fmt: skip
    return found


def _less(apart: float, usual: float) -> float | None:
    return 1 - apart / usual if usual > 1e-9 else None


def _network(spoken: Spoken, matrix: Array, common: Array, least: int) -> dict[str, Any] | None:
    """The most speaking actors and the two: each one's three strongest agreements and quarrels, and the two camps that fit best."""
    mine = np.isin(np.arange(len(spoken.actors)), np.concatenate(spoken.sides))
    total = spoken.counts.sum(axis=0)
    chosen = np.sort(np.argsort(-(total + 1e12 * mine), kind="stable")[:MOST_SHOWN])
    w = np.where(common >= least, matrix, np.nan)[np.ix_(chosen, chosen)]
    if len(chosen) < 4 or np.isnan(w).all():
        return None
    known = np.nan_to_num(w)
    value, camp = polarisation(np.maximum(known, 0), np.maximum(-known, 0))
    keep = np.zeros(w.shape, dtype=bool)
    for k in range(len(chosen)):
        order = np.argsort(known[k], kind="stable")
        best, worst = order[::-1][:3], order[:3]
        keep[k, best[known[k, best] > 0]] = True
        keep[k, worst[known[k, worst] < 0]] = True
    own = mine[chosen]
    keep |= keep.T | ((own[:, None] & own[None, :]) & ~np.isnan(w))
    row, column = np.nonzero(np.triu(keep, 1))
    names = spoken.actors[chosen]
    return {
        "polarisation": value,
        "nodes": [[str(names[k]), int(camp[k]), int(total[chosen[k]])] for k in range(len(chosen))],
        "ties": [[str(names[a]), str(names[b]), float(w[a, b]), int(common[chosen[a], chosen[b]])] for a, b in zip(row, column, strict=True)],
    }  # fmt: skip


def sentence(found: dict[str, Any]) -> str:
    """The words side in one sentence."""
    n = found["common_issues"]
    text = f"In words, on {n} common issue{'s' if n != 1 else ''}, W = {found['W']:.2f}"
    if found["W_interval"]:
        text += f" [{found['W_interval'][0]:.2f}, {found['W_interval'][1]:.2f}]"
    if found["W_percentile"] is None:
        return f"{text}: too few issues or other pairs to say what is usual."
    return f"{text}: they speak more alike than {100 * found['W_percentile']:.0f} % of the other pairs on these issues."

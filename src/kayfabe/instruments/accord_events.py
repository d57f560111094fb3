"""accord on events: are deeds between two actors warmer than their words promise, among all dyads of the period?"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from kayfabe.instruments.declaration import Measured, Run
from kayfabe.instruments.window import belonged, where
from kayfabe.models import Item
from kayfabe.stats import warmth

Array = np.ndarray[Any, Any]
MARGIN_SD = 0.25
LEAST_WORDS, LEAST_DEEDS, LEAST_DYADS, LEAST_DAYS = 20, 10, 15, 365


@dataclass(frozen=True)
class Dyads:
    """Words and deeds of every unordered pair: names (dyads, 2), then mean, variance of the mean and events per channel."""

    names: list[tuple[str, str]]
    words: tuple[Array, Array, Array]
    deeds: tuple[Array, Array, Array]
    mine: Array
    evidence: list[str]


def read_dyads(run: Run, one: list[str], two: list[str]) -> Dyads:
    """Dyad means without month effects. A window shorter than a year takes its reference from the year around it."""
    wide = dict(run.options)
    since, until = wide.get("since"), wide.get("until")
    if since and until and (until - since).days < LEAST_DAYS:
        spare = (LEAST_DAYS - (until - since).days) // 2 + 1
        wide["since"] = since - dt.timedelta(days=min(spare, (since - dt.date.min).days))
        wide["until"] = until + dt.timedelta(days=min(spare, max(0, (dt.date.max - until).days - 1)))
    clause, parameters = where(wide)
    run.evidence.scope("events", clause, **parameters)
    got = run.evidence.columns(
        'select row_id, source, target, channel, score, cast("at" as date) as day from events '
        f'where source <> target and score is not null and {clause} order by "at", row_id',
        **parameters,
    )
    source, target = got["source"].astype(str), got["target"].astype(str)
    pairs = np.where(
        source < target,
        np.char.add(np.char.add(source, "\x1f"), target),
        np.char.add(np.char.add(target, "\x1f"), source),
    )
    names, dyad = np.unique(pairs, return_inverse=True)
    days = got["day"].astype("datetime64[D]").astype(int)
    _, month = np.unique(got["day"].astype("datetime64[M]"), return_inverse=True)
    split = [tuple(n.split("\x1f")) for n in names]
    a, b = run.options["actors"]
    crosses = np.array([(x in one and y in two) or (x in two and y in one) for x, y in split], dtype=bool)
    ends = [np.isin(source, side) | np.isin(target, side) for side in (one, two)]
    mine = crosses[dyad] & ends[0] & ends[1] if len(names) else np.zeros(0, dtype=bool)
    for actor, side in ((a, one), (b, two)):
        end = np.where(np.isin(source, side), source, target)
        mine &= belonged(actor, list(end), got["day"].astype("datetime64[D]"), run.actors)
    first = np.datetime64(since) if since else np.datetime64("0001-01-01")
    last = np.datetime64(until) if until else np.datetime64("9999-12-31")
    inside = (got["day"].astype("datetime64[D]") >= first) & (got["day"].astype("datetime64[D]") <= last)
    counted = ~crosses[dyad] | (mine & inside) if len(names) else mine
    channels = []
    for channel in ("word", "deed"):
        keep = (got["channel"] == channel) & counted
        scores = got["score"][keep].astype(float)
        clean = warmth.without_month_effects(scores, dyad[keep], month[keep]) if keep.any() else scores
        channels.append(warmth.dyad_means(clean, dyad[keep], days[keep], len(names)))
    order = np.argsort(-np.abs(got["score"][mine & inside].astype(float)), kind="stable")
    rows = [f"events:{r}" for r in got["row_id"][mine & inside][order]]
    return Dyads([(s[0], s[1]) for s in split], channels[0], channels[1], crosses, rows)


def measure(run: Run, one: list[str], two: list[str]) -> Measured:
    """See `kayfabe.instruments.accord.measure`."""
    dyads = read_dyads(run, one, two)
    words, words_var, n_words = dyads.words
    deeds, deeds_var, n_deeds = dyads.deeds
    enough = (n_words >= LEAST_WORDS) & (n_deeds >= LEAST_DEEDS)
    mine, others = dyads.mine & enough, ~dyads.mine & enough
    seen = (int(n_words[dyads.mine].sum()), int(n_deeds[dyads.mine].sum()))
    details: dict[str, Any] = {
        "path": "events", "words_events": seen[0], "deeds_events": seen[1], "reference_dyads": int(others.sum()),
        "words_mean": _pooled(words, n_words, dyads.mine), "deeds_mean": _pooled(deeds, n_deeds, dyads.mine),
    }  # fmt: skip
    shared: dict[str, Any] = {
        "evidence": dyads.evidence[:1000],
        "evidence_total": len(dyads.evidence),
        "n": sum(seen),
        "details": details,
    }
    if not mine.any() or others.sum() < LEAST_DYADS:
        lacking = (
            f"{seen[0]} words and {seen[1]} deeds between the two; {LEAST_WORDS} and {LEAST_DEEDS} are needed"
            if not mine.any()
            else f"only {int(others.sum())} other dyads have {LEAST_WORDS} words and {LEAST_DEEDS} deeds; {LEAST_DYADS} are needed"
        )
        return Measured(
            found="", untested=f"Too few events: {lacking}. Add some with: kayfabe evidence add STORE FILE --as events",
            items=_items(details, None), **shared,
        )  # fmt: skip
    if not np.ptp(words[others]) or not np.ptp(deeds[others]):
        return Measured(
            found="", untested="The words or the deeds of all other dyads score the same, so nothing is usual. Add some with: kayfabe evidence add STORE FILE --as events",
            items=_items(details, None), **shared,
        )  # fmt: skip
    k = int(mine.sum())
    side = tuple(
        float(v[mine].mean()) / (k if i % 2 else 1) for i, v in enumerate((words, words_var, deeds, deeds_var))
    )
    found = warmth.judge(side, words[others], words_var[others], deeds[others], deeds_var[others], MARGIN_SD, k)  # type: ignore[arg-type]
    median = float(np.median(words[others]))
    apart = float(stats.norm.cdf((median - side[0]) / math.sqrt(side[1])))
    percentile = float((deeds[others] < side[2]).mean())
    margin = MARGIN_SD * found.between
    details |= {
        "W": side[0], "D": side[2], "prediction": found.prediction, "residual_spread": found.tau, "deeds_percentile": percentile,
        "words_colder_than_median": apart, "dyads_of_the_two": k, "margin_sd": MARGIN_SD,
        "scatter": [[f"{a} - {b}", float(w), float(d)] for (a, b), w, d, o in zip(dyads.names, words, deeds, others, strict=True) if o][:400],
    }  # fmt: skip
    if run.options["claim"] == "aligned":
        return _aligned(found, side, deeds[others], margin, details, shared)
    gate = ""
    if apart < 0.7:
        gate = f"Their words are not clearly colder than the median dyad's (probability {apart:.2f}; .7 is needed), so there is no quarrel to stage."
    elif percentile < 0.5:
        gate = f"Their deeds are colder than those of half the dyads (percentile {percentile:.2f})."
    return Measured(
        found=f"Deeds score {side[2]:+.2f} where words of {side[0]:+.2f} promise {found.prediction:+.2f} among {found.references} other dyads.",
        estimate=found.estimate, interval=found.interval, p_value=found.p_value, p_contradicted=found.p_contradicted,
        n_needed=_needed(found, sum(seen), margin), items=_items(details, found), margin=margin, excludable=margin,
        unit="points of event score by which deeds are warmer than words promise", cannot_support=gate,
        caveats=["Words apart means colder than the median dyad; words alike are not taken as refuting the claim in events."],
        **shared,
    )  # fmt: skip


def _aligned(
    found: warmth.Residual,
    side: tuple[float, ...],
    reference: Array,
    margin: float,
    details: dict[str, Any],
    shared: dict[str, Any],
) -> Measured:
    usual = float(np.median(reference))
    se = math.sqrt(side[3] + 1.57 * found.between**2 / len(reference))
    estimate = side[2] - usual
    t = stats.t(max(2, len(reference) - 2))
    half = float(t.ppf(0.975)) * se
    rank = (1 + int((reference >= side[2]).sum())) / (len(reference) + 1)
    return Measured(
        found=f"Deeds between them score {side[2]:+.2f}; the median of {len(reference)} other dyads is {usual:+.2f}.",
        estimate=estimate, interval=(estimate - half, estimate + half), p_value=max(rank, float(t.sf((estimate - margin) / se))),
        p_contradicted=float(t.cdf((estimate - margin) / se)), items=_items(details, None), margin=margin, excludable=margin,
        unit="points of event score by which deeds are warmer than the median dyad's", **shared,
    )  # fmt: skip


def _pooled(mean: Array, n: Array, keep: Array) -> float | None:
    total = float(n[keep].sum())
    return float((mean[keep] * n[keep]).sum()) / total if total else None


def _needed(found: warmth.Residual, n: int, margin: float) -> int | None:
    gap = abs(found.estimate - margin)
    if found.estimate > margin and found.estimate < 1.7 * found.tau:
        return None
    return min(10**7, math.ceil(n * (1.96 * found.se / max(gap, 1e-3)) ** 2)) if gap < 1.96 * found.se else None


def _items(details: dict[str, Any], found: warmth.Residual | None) -> list[Item]:
    gap = Item(key={"side": "gap"}) if found is None else Item(
        key={"side": "gap"}, estimate=found.estimate, interval=found.interval, p_value=found.p_value
    )  # fmt: skip
    words, deeds = details.get("W", details["words_mean"]), details.get("D", details["deeds_mean"])
    return [Item(key={"side": "words"}, estimate=words), Item(key={"side": "deeds"}, estimate=deeds), gap]

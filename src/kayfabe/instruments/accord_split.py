"""accord --split: two periods compared like for like, with placebo years, and the actor told apart from the pair."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from kayfabe.instruments.accord_votes import Array, Ballots
from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import belonged, where
from kayfabe.stats import agreement
from kayfabe.stats.intervals import agresti_min

LEAST_TITLES = 10
SEVEN = 7


def compare(run: Run, ballots: Ballots) -> dict[str, Any]:
    """Before and after --split: all motions, recurring titles, Kitagawa's parts, placebos, and each actor with everybody."""
    split = np.datetime64(run.options["split"])
    differ = agreement.apart(ballots.of(0), ballots.of(1))
    same = 1 - differ
    span = _span(run, ballots, split)
    found = _like_for_like(ballots.titles, same, ballots.days, split, *span)
    history = _history(run, ballots)
    found["new_titles"] = _new_titles(ballots, same, history, split, span)
    found["placebos"] = _placebos(history, split, span)
    found["actors"] = {
        name: _with_everyone(run, ballots, side, split, span) for side, name in enumerate(run.options["actors"])
    }
    pair = found["recurring"]["change"]
    for row in found["actors"].values():
        changes = row.pop("changes")
        row["share_as_large"] = (
            float(np.mean(changes <= pair if pair < 0 else changes >= pair))
            if len(changes) and pair is not None
            else None
        )
    found["sentence"] = _sentence(run, found)
    return found


def _span(run: Run, ballots: Ballots, split: Any) -> tuple[Any, Any]:
    """First and last day compared; without --since and --until, as long before the split as the evidence reaches after it."""
    last = np.datetime64(run.options["until"]) if run.options.get("until") else ballots.days.max()
    if run.options.get("since"):
        return np.datetime64(run.options["since"]), last
    return max(ballots.days.min(), split - max(last - split, np.timedelta64(0, "D"))), last


def _like_for_like(titles: Array, same: Array, days: Array, split: Any, first: Any, last: Any) -> dict[str, Any]:
    inside = (days >= first) & (days <= last) & ~np.isnan(same)
    before, after = inside & (days < split), inside & (days >= split)
    recurring = np.intersect1d(titles[before], titles[after])
    member = np.isin(titles, recurring)
    one, two = (
        _title_means(titles, same, before & member, recurring),
        _title_means(titles, same, after & member, recurring),
    )
    total = [_mean(same[before]), _mean(same[after])]
    shares = [float(member[p].mean()) if p.any() else 0.0 for p in (before, after)]
    change = float((two - one).mean()) if len(recurring) else None
    gain, loss = float(np.clip(two - one, 0, None).sum()), float(np.clip(one - two, 0, None).sum())
    interval = agresti_min(gain, loss, len(recurring)) if len(recurring) else None
    overall = None if None in total else float(np.subtract(total[1], total[0]))  # type: ignore[arg-type]
    within = change * sum(shares) / 2 if change is not None else None
    return {
        "before": {"motions": int(before.sum()), "agreement": total[0]},
        "after": {"motions": int(after.sum()), "agreement": total[1]},
        "change": overall,
        "recurring": {
            "titles": len(recurring),
            "before": _mean(one),
            "after": _mean(two),
            "change": change,
            "interval": interval,
        },
        "parts": {
            "within_recurring": within,
            "composition": None if overall is None or within is None else overall - within,
            "entered": int((after & ~member).sum()),
            "left": int((before & ~member).sum()),
        },
    }


def _title_means(titles: Array, same: Array, keep: Array, recurring: Array) -> Array:
    index = np.searchsorted(recurring, titles[keep])
    n = np.bincount(index, minlength=len(recurring))
    return np.asarray(np.bincount(index, same[keep], minlength=len(recurring)) / np.maximum(n, 1))


def _new_titles(
    ballots: Ballots, same: Array, history: dict[str, Array], split: Any, span: tuple[Any, Any]
) -> dict[str, Any]:
    """Motions after the split whose title the two had not voted on in the seven years before it."""
    day = split.astype(dt.date)
    since = np.datetime64(_years_before(day, min(SEVEN, day.year - 1)))
    old = set(history["title"][(history["day"] >= since) & (history["day"] < split)])
    after = (ballots.days >= split) & (ballots.days <= span[1])
    new = after & np.array([t not in old for t in ballots.titles], dtype=bool)
    return {"motions": int(new.sum()), "agreement": _mean(same[new]), "not_voted_on_since": str(since)}


def _history(run: Run, ballots: Ballots) -> dict[str, Array]:
    """All common motions of the two sides before --until, whatever --since says: the stuff of placebos."""
    clause, parameters = where({**run.options, "since": None}, body=True)
    sides = [[str(a) for a in ballots.actors[side]] for side in ballots.sides]
    got = run.evidence.columns(
        'select motion, lower(coalesce(title, motion)) as title, cast("at" as date) as day, actor, choice from votes '
        f"where choice <> 'absent' and list_contains($ids, actor) and {clause} order by cast(\"at\" as date), motion, actor",
        ids=sides[0] + sides[1],
        **parameters,
    )
    days, actor = got["day"].astype("datetime64[D]"), got["actor"].astype(str)
    choice = np.select([got["choice"] == "yes", got["choice"] == "no"], [0, 1], 2)
    _, first, motion = np.unique(got["motion"], return_index=True, return_inverse=True)
    counts = []
    for name, ids in zip(run.options["actors"], sides, strict=True):
        inside = np.isin(actor, ids)
        inside[inside] = belonged(name, actor[inside], days[inside], run.actors)
        cell = motion[inside] * agreement.CHOICES + choice[inside]
        counts.append(np.bincount(cell, minlength=len(first) * agreement.CHOICES).reshape(-1, 1, agreement.CHOICES))
    differ = agreement.apart(counts[0], counts[1])
    keep = np.flatnonzero(~np.isnan(differ))
    keep = keep[np.argsort(first[keep])]
    return {"title": got["title"][first[keep]], "day": days[first[keep]], "same": 1 - differ[keep]}


def _placebos(history: dict[str, Array], split: Any, span: tuple[Any, Any]) -> list[dict[str, Any]]:
    """The same comparison one, two, three ... years earlier, as far as there are ten recurring titles; newest first."""
    found = []
    day, first, last = (d.astype(dt.date) for d in (split, *span))
    for years in range(1, 80):
        if min(day, first, last).year <= years:
            break
        moved = [np.datetime64(_years_before(d, years)) for d in (day, first, last)]
        if moved[2] < history["day"].min():
            break
        at = _like_for_like(history["title"], history["same"], history["day"], *moved)
        if at["recurring"]["titles"] >= LEAST_TITLES:
            found.append({"split": str(moved[0]), **at["recurring"]})
    return found


def _years_before(day: dt.date, years: int) -> dt.date:
    """The same day some years earlier; the 28th for a 29 February."""
    year = day.year - years
    return day.replace(year=year, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _with_everyone(run: Run, ballots: Ballots, side: int, split: Any, span: tuple[Any, Any]) -> dict[str, Any]:
    """The change of one side with every other actor, on recurring titles: median, spread, and how many there are."""
    hot = ballots.of(side).sum(axis=1, keepdims=True)
    _, titles = np.unique(ballots.titles.astype(str), return_inverse=True)
    changes = []
    other = ballots.sides[1 - side]
    for k in np.setdiff1d(np.arange(len(ballots.actors)), ballots.sides[side]):
        same = 1 - agreement.apart(hot, ballots.hot[:, [k]])
        part = _like_for_like(titles, same, ballots.days, split, *span)["recurring"]
        if part["change"] is not None and part["titles"] >= LEAST_TITLES:
            changes.append((part["change"], k in other))
    values = np.array([c for c, _ in changes])
    return {
        "others": len(values),
        "median_change": float(np.median(values)) if len(values) else None,
        "quartiles": [float(v) for v in np.quantile(values, [0.25, 0.75])] if len(values) else None,
        "changes": values,
    }


def _mean(values: Array) -> float | None:
    return float(values.mean()) if len(values) else None


def _sentence(run: Run, found: dict[str, Any]) -> str:
    part = found["recurring"]
    if part["change"] is None:
        return "No title was voted on both before and after the split, so nothing can be compared like for like."
    a, b = run.options["actors"]
    text = (
        f"On {part['titles']} recurring titles their agreement went from {part['before']:.3f} to {part['after']:.3f} "
        f"({part['change']:+.3f}, 95 % interval {part['interval'][0]:+.3f} to {part['interval'][1]:+.3f})."
    )
    for actor in (a, b):
        median = found["actors"][actor]["median_change"]
        if median is not None:
            text += f" The median change of {run.actors.label(actor)} with everyone is {median:+.3f}."
    return text

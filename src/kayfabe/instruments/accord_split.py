"""accord --split: two periods compared like for like, with placebo years, and the actor told apart from the pair."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from kayfabe.instruments.accord_votes import Array, Ballots
from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import where
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
    history = _history(run, *ballots.sides, ballots.actors)
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
    first = np.datetime64(run.options["since"]) if run.options.get("since") else ballots.days.min()
    return first, last


def _like_for_like(titles: Array, same: Array, days: Array, split: Any, first: Any, last: Any) -> dict[str, Any]:
    inside = (days >= first) & (days <= last) & ~np.isnan(same)
    before, after = inside & (days < split), inside & (days >= split)
    recurring = sorted(set(titles[before]) & set(titles[after]))
    member = np.isin(titles, np.array(recurring, dtype=object)) if recurring else np.zeros(len(titles), dtype=bool)
    one, two = (
        _title_means(titles, same, before & member, recurring),
        _title_means(titles, same, after & member, recurring),
    )
    total = [_mean(same[before]), _mean(same[after])]
    shares = [float(member[p].mean()) if p.any() else 0.0 for p in (before, after)]
    change = float((two - one).mean()) if len(recurring) else None
    gain, loss = float(np.clip(two - one, 0, None).sum()), float(np.clip(one - two, 0, None).sum())
    interval = agresti_min(gain, loss, len(recurring)) if recurring else None
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


def _title_means(titles: Array, same: Array, keep: Array, recurring: list[str]) -> Array:
    index = np.searchsorted(np.array(recurring, dtype=object), titles[keep]) if recurring else np.zeros(0, dtype=int)
    n = np.bincount(index, minlength=len(recurring))
    return np.asarray(np.bincount(index, same[keep], minlength=len(recurring)) / np.maximum(n, 1))


def _new_titles(
    ballots: Ballots, same: Array, history: dict[str, Array], split: Any, span: tuple[Any, Any]
) -> dict[str, Any]:
    """Motions after the split whose title the two had not voted on in the seven years before it."""
    day = split.astype(dt.date)
    since = np.datetime64(dt.date(day.year - SEVEN, day.month, min(day.day, 28)))
    old = set(history["title"][(history["day"] >= since) & (history["day"] < split)])
    after = (ballots.days >= split) & (ballots.days <= span[1])
    new = after & np.array([t not in old for t in ballots.titles], dtype=bool)
    return {"motions": int(new.sum()), "agreement": _mean(same[new]), "not_voted_on_since": str(since)}


def _history(run: Run, one: Array, two: Array, actors: Array) -> dict[str, Array]:
    """All common motions of two sides before --until, whatever --since says: the stuff of placebos."""
    clause, parameters = where({**run.options, "since": None}, body=True)
    got = run.evidence.columns(
        'select motion, any_value(lower(coalesce(title, motion))) as title, any_value(cast("at" as date)) as day, '
        "avg(case when a_choice = b_choice then 1.0 else 0.0 end) as same from "
        '(select a.motion, a.title, a."at", a.choice as a_choice, b.choice as b_choice, a.body, a.issue from votes a '
        "join votes b on a.motion = b.motion where a.choice <> 'absent' and b.choice <> 'absent' "
        f"and list_contains($one, a.actor) and list_contains($two, b.actor)) where {clause} group by motion order by motion",
        one=[str(a) for a in actors[one]],
        two=[str(a) for a in actors[two]],
        **parameters,
    )
    got["day"] = got["day"].astype("datetime64[D]")
    return got


def _placebos(history: dict[str, Array], split: Any, span: tuple[Any, Any]) -> list[dict[str, Any]]:
    """The same comparison one, two, three ... years earlier, as far as there are ten recurring titles; newest first."""
    found = []
    day, first, last = (d.astype(dt.date) for d in (split, *span))
    for years in range(1, 80):
        try:
            moved = [np.datetime64(d.replace(year=d.year - years)) for d in (day, first, last)]
        except ValueError:
            continue
        if moved[2] < history["day"].min():
            break
        at = _like_for_like(history["title"], history["same"], history["day"], *moved)
        if at["recurring"]["titles"] >= LEAST_TITLES:
            found.append({"split": str(moved[0]), **at["recurring"]})
    return found


def _with_everyone(run: Run, ballots: Ballots, side: int, split: Any, span: tuple[Any, Any]) -> dict[str, Any]:
    """The change of one side with every other actor, on recurring titles: median, spread, and how many there are."""
    hot = ballots.of(side)
    changes = []
    other = ballots.sides[1 - side]
    for k in np.setdiff1d(np.arange(len(ballots.actors)), ballots.sides[side]):
        same = 1 - agreement.apart(hot, ballots.hot[:, [k]])
        part = _like_for_like(ballots.titles, same, ballots.days, split, *span)["recurring"]
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

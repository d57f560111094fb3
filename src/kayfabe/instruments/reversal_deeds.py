"""Says one thing, votes another: the last clear stance before each vote on the same issue, and McNemar's test of direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kayfabe.instruments.declaration import Run
from kayfabe.instruments.reversal_units import Array, Units
from kayfabe.instruments.window import where
from kayfabe.stats import reversals

REACH = np.timedelta64(365, "D")


def words_and_votes(run: Run, units: Units, ids: Sequence[str]) -> dict[str, Any] | None:
    """Counts of said/voted, p of "as often one way as the other", and up to 50 votes against the last word; None without votes.

    A yes is read as being for the issue, which holds only where the motions of an issue ask for it.
    """
    clause, parameters = where(run.options)
    run.evidence.scope("votes", f"{clause} and list_contains($ids, actor)", ids=list(ids), **parameters)
    got = run.evidence.columns(
        "with parts as (select row_id, actor, choice, cast(\"at\" as date) as day, unnest(string_split(issue, ';')) as part from votes "
        f"where issue is not null and choice in ('yes', 'no') and list_contains($ids, actor) and {clause}) "
        "select row_id, actor, choice, day, trim(part) as label from parts order by day, row_id, label",
        ids=list(ids),
        **parameters,
    )
    said = units.take(units.clear & np.isin(units.actor, list(ids)))
    last = _last_word(said, got)
    if not (last >= 0).any():
        return None
    seen = last >= 0
    word, voted = said.stance[last[seen]] > 0, got["choice"][seen] == "yes"
    against = np.flatnonzero(seen)[word != voted]
    b, c = int((word & ~voted).sum()), int((~word & voted).sum())
    return {
        "pairs": int(seen.sum()), "for_and_yes": int((word & voted).sum()), "against_and_no": int((~word & ~voted).sum()),
        "for_but_no": b, "against_but_yes": c, "p_direction": reversals.mcnemar(b, c),
        "votes_against_the_last_word": [
            {"row": f"votes:{got['row_id'][i]}", "issue": str(got["label"][i]), "at": str(got["day"][i])[:10], "said": str(said.day[last[i]])}
            for i in against[:50]
        ],
    }  # fmt: skip


def _last_word(said: Units, got: dict[str, Array]) -> Array:
    """For each vote the index of the last unit of that actor and label up to its day, within a year; -1 without one."""
    votes = len(got["row_id"])
    if not votes or not len(said.actor):
        return np.full(votes, -1)
    keys = np.concatenate([_joined(said.actor, said.label), _joined(got["actor"], got["label"])])
    _, series = np.unique(keys, return_inverse=True)
    day = np.concatenate([said.day, got["day"].astype("datetime64[D]")]).astype(int)
    place = series * 10_000_000 + day
    order = np.argsort(place[: len(said.actor)], kind="stable")
    at = np.searchsorted(place[: len(said.actor)][order], place[len(said.actor) :], side="right") - 1
    found = np.where(at >= 0, order[np.maximum(at, 0)], -1)
    same = (found >= 0) & (series[found] == series[len(said.actor) :])
    gap = got["day"].astype("datetime64[D]") - said.day[found]
    return np.where(same & (gap <= REACH), found, -1)


def _joined(actor: Array, label: Array) -> Array:
    return np.array([f"{a}\x1f{str(x).lower()}" for a, x in zip(actor, label, strict=True)], dtype=object)

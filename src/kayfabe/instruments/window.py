"""Which rows a question is about: a window of days, an issue, the members of a bloc at the time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kayfabe.actors import Actors


def window_text(options: Mapping[str, Any]) -> str:
    """The window in words for a question: ", 2020-01-01 to 2025-12-12"."""
    since, until = options.get("since"), options.get("until")
    if since and until:
        return f", {since} to {until}"
    return f", since {since}" if since else f", until {until}" if until else ""


def where(
    options: Mapping[str, Any], *, alias: str = "", issue: bool = True, body: bool = False
) -> tuple[str, dict[str, Any]]:
    """SQL condition and parameters for --since, --until (inclusive days), --issue and --body."""
    dot = f"{alias}." if alias else ""
    parts, parameters = ["true"], {}
    if options.get("since"):
        parts.append(f'{dot}"at" >= cast($since as timestamp)')
        parameters["since"] = options["since"].isoformat()
    if options.get("until"):
        parts.append(f'{dot}"at" < cast($until as timestamp)')
        parameters["until"] = (options["until"] + dt.timedelta(days=1)).isoformat()
    if issue and options.get("issue"):
        parts.append(f"concat(';', replace(lower({dot}issue), '; ', ';'), ';') like concat('%;', $issue, ';%')")
        parameters["issue"] = options["issue"].lower()
    if body and options.get("body"):
        parts.append(f"{dot}body = $body")
        parameters["body"] = options["body"]
    return " and ".join(parts), parameters


def members(actor: str, actors: Actors, known: Sequence[str] | set[str]) -> list[str]:
    """The ids that stand for `actor`: itself where the evidence has rows of it, else the bloc's members of any time."""
    if actor in known or not actors.is_bloc(actor):
        return [actor]
    return sorted({m.member for m in actors.membership(actor)})


def belonged(
    actor: str, ids: Sequence[str] | np.ndarray[Any, Any], days: np.ndarray[Any, Any], actors: Actors
) -> np.ndarray[Any, Any]:
    """For each (member, day): was that member in the bloc `actor` on that day? All true where `actor` is no bloc.

    `ids` has shape (n,), `days` (n,) datetime64; returns bool (n,).
    """
    names = np.asarray(ids, dtype=object)
    if list(dict.fromkeys(names)) == [actor] or not actors.is_bloc(actor):
        return np.ones(len(names), dtype=bool)
    inside = np.zeros(len(names), dtype=bool)
    for m in actors.membership(actor):
        mine = names == m.member
        if m.since is not None:
            mine &= days >= np.datetime64(m.since)
        if m.until is not None:
            mine &= days < np.datetime64(m.until + dt.timedelta(days=1))
        inside |= mine
    return inside

"""Posts in and out: shares as codes for the statistics, names and row ids for what is reported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from kayfabe.errors import UnknownName
from kayfabe.evidence.objects import OBJECTS
from kayfabe.instruments.declaration import Run
from kayfabe.instruments.window import where
from kayfabe.networks.coshares import CODES, SHARE, TIME, numbered

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Posts:
    """Shares of objects that two or more accounts shared: codes by name from 0, times in microseconds; shapes (n,)."""

    obj: Array
    account: Array
    at: Array
    accounts: int


@dataclass(frozen=True)
class Shown:
    """Rows of the reported accounts, sorted by (account, object, time): codes, times, row ids, domains (None where unknown). `names` of these
    accounts and `titles` of their objects (the first 60 characters) by code."""

    account: Array
    obj: Array
    at: Array
    row: Array
    domain: Array
    names: Mapping[int, str]
    titles: Mapping[int, str]


def condition(run: Run) -> tuple[str, dict[str, Any]]:
    """Posts with an object that is not themselves, in the window of days."""
    clause, parameters = where(run.options, issue=False)
    kinds = [k.strip() for k in str(run.options.get("objects") or "").split(",") if k.strip()]
    if kinds:
        for kind in set(kinds) - set(OBJECTS):
            raise UnknownName("kind of object", kind, OBJECTS)
        clause += " and object_type in (select unnest($kinds))"
        parameters = {**parameters, "kinds": kinds}
    return f"{SHARE} and {clause}", parameters


def read(run: Run) -> Posts:
    """Every share that could be part of a co-share."""
    clause, parameters = condition(run)
    run.evidence.scope("posts", clause, **parameters)
    got = run.evidence.columns(
        numbered(clause) + CODES,
        **parameters,
    )
    account = got["a"].astype(np.int32)
    return Posts(
        got["o"].astype(np.int32), account, got["t"].astype(np.int64), int(account.max()) + 1 if len(account) else 0
    )


def shown(run: Run, codes: Array) -> Shown:
    """All shares of these accounts with their row ids and names; of repeats the first id in the alphabet."""
    clause, parameters = condition(run)
    got = run.evidence.columns(
        numbered(clause)
        + f"select cast(o as integer) as o, cast(a as integer) as a, {TIME} as t, min(row_id) as row_id, "
        "min(accounts.account) as name, min(substr(objects.object, 1, 60)) as title, "
        "min(case when objects.object like 'http%' then objects.object when object_type = 'url' then url end) as url from posts join objects on posts.object = objects.object "
        f"join accounts on posts.account = accounts.account where a in (select unnest($codes)) and {_qualified(clause)} "
        "group by 1, 2, 3 order by 2, 1, 3",
        codes=[int(c) for c in codes],
        **parameters,
    )
    domain = np.array([_domain(str(u)) for u in got["url"]], dtype=object)
    account, obj = got["a"].astype(np.int32), got["o"].astype(np.int32)
    return Shown(account, obj, got["t"].astype(np.int64), got["row_id"], domain, _by_code(account, got["name"]), _by_code(obj, got["title"]))


def _by_code(code: Array, name: Array) -> dict[int, str]:
    values, first = np.unique(code, return_index=True)
    return dict(zip(values.tolist(), (str(n) for n in name[first]), strict=True))


def rows_of(known: Shown, account: Array, obj: Array, at: Array) -> list[str]:
    """Row ids ("posts:...") of shares given by code and time, in their order."""
    key = _key(known.account, known.obj, known.at)
    wanted = _key(account, obj, at)
    place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    return [f"posts:{known.row[p]}" for p in place]


def _key(account: Array, obj: Array, at: Array) -> Array:
    made = np.empty(len(account), dtype=[("a", np.int64), ("o", np.int64), ("t", np.int64)])
    made["a"], made["o"], made["t"] = account, obj, at
    return made


def _qualified(clause: str) -> str:
    return re.sub(r"\bobject\b", "posts.object", clause)


def _domain(text: str) -> str | None:
    host = urlsplit(text).hostname if "://" in text[:12] else None
    return host.removeprefix("www.") if host else None


def distinct(values: Sequence[Array]) -> Array:
    """The distinct codes in several arrays, sorted."""
    return np.unique(
        np.concatenate([np.asarray(v, dtype=np.int64) for v in values]) if values else np.zeros(0, np.int64)
    )

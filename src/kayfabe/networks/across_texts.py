"""Texts of a store that say the same in two languages (English and Russian), by sentence vectors: see `kayfabe.read.across`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kayfabe.errors import KayfabeError
from kayfabe.evidence import Evidence
from kayfabe.networks.near_texts import Source
from kayfabe.progress import SILENT, Progress
from kayfabe.read.across import LEAST_MARGIN, across

MOST = 20_000  # texts of one language; each is embedded, some twenty a second
_LEAST_CHARACTERS = 20


def pairs(
    evidence: Evidence, table: Source = "posts", *, least: float = LEAST_MARGIN, progress: Progress = SILENT
) -> dict[str, np.ndarray[Any, Any]]:
    """Columns text_a (row id of the English text), text_b (of the Russian one), cosine, margin: pairs in which each is the
    other's nearest, with a margin of at least `least`, best first. Equal texts stand once, by their first row.

    Raises KayfabeError where there are more than MOST texts of a language, or no embedding model.
    """
    got = evidence.columns(
        "select min(row_id) as row_id, text, sum(case when regexp_matches(text, '[а-яё]', 'i') then 1 else 0 end) > 0 as russian "
        f"from {table} where length(text) >= {_LEAST_CHARACTERS} group by text order by 1"
    )
    russian = np.asarray(got["russian"], dtype=bool)
    sides = []
    for mask, name in ((~russian, "English"), (russian, "Russian")):
        if mask.sum() > MOST:
            raise KayfabeError(
                f"{table} hold {mask.sum():,} {name} texts; across languages {MOST:,} at most are compared. Load fewer, or only the documents in question."
            )
        sides.append((np.asarray(got["row_id"])[mask], [str(t) for t in np.asarray(got["text"])[mask]]))
    (ids_a, one), (ids_b, two) = sides
    found = [p for p in across(one, two, ("en", "ru"), progress) if p.mutual and p.margin >= least]
    found.sort(key=lambda p: (-p.margin, str(ids_a[p.one])))
    return {
        "text_a": np.array([str(ids_a[p.one]) for p in found], dtype=object),
        "text_b": np.array([str(ids_b[p.two]) for p in found], dtype=object),
        "cosine": np.array([p.cosine for p in found]),
        "margin": np.array([p.margin for p in found]),
    }

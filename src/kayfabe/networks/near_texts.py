"""Texts that are nearly the same: word shingles, MinHash with banding, every candidate verified by its exact Jaccard index.

All of it is one query in portable SQL. Texts are folded first (lower case, ё as е, soft hyphens and zero-width characters out, anything but letters and digits a space); equal ones
are one text from then on. A shingle is `shingle` words in a row, or the whole of a shorter text.

References: Broder (1997), On the resemblance and containment of documents, Proc. SEQUENCES 21-29; Leskovec, Rajaraman & Ullman (2020),
Mining of Massive Datasets, ch. 3 (banding).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kayfabe.errors import BadOption
from kayfabe.evidence import Evidence
from kayfabe.evidence.reading import guard
from kayfabe.progress import SILENT, Progress

Columns = dict[str, np.ndarray[Any, Any]]
Source = Literal["posts", "documents"]

HASHES = 32
_SILENT = "\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
"""Soft hyphens and zero-width characters, which stand within words and are not seen."""
_PRIME = 2_147_483_647
_CROWD = 200
"""Buckets with more texts than this pair each of them with the first only: groups stay whole, pairs need not."""


@dataclass(frozen=True)
class NearTexts:
    """`pairs`: text_a, text_b (row ids of the first rows with these texts, text_a < text_b), jaccard, shared (shingles).
    `rows`: row_id, text (the row id that stands for its text), group (0, 1, ... by size, then name), size (rows in the group); only
    rows whose group has two rows or more, ordered by group, then row_id."""

    pairs: Columns
    rows: Columns


def near_texts(
    evidence: Evidence, table: Source = "posts", *, jaccard: float = 0.8, shingle: int = 3, progress: Progress = SILENT
) -> NearTexts:
    """Pairs of texts of `table` with a Jaccard index of shingles of at least `jaccard`, and the groups that they form.

    Equal texts are found without exception, a pair at the threshold with a chance of .97 or more, better ones more surely. A group is a
    connected component of pairs. Raises BadOption for a threshold outside .1 to 1 or a shingle outside 1 to 20.
    """
    if not 0.1 <= jaccard <= 1:
        raise BadOption("jaccard", jaccard, "wants a share from 0.1 to 1")
    if not 1 <= shingle <= 20:
        raise BadOption("shingle", shingle, "wants 1 to 20 words")
    progress.step("comparing texts", 0, 2)
    pairs = evidence.columns(pairs_sql(table, shingle, rows_per_band(jaccard)), least=jaccard)
    progress.step("comparing texts", 1, 2)
    near = sorted({str(n) for side in ("text_a", "text_b") for n in pairs[side]})
    rows = evidence.columns(_rows_sql(table), near=near)
    progress.step("comparing texts", 2, 2)
    return NearTexts(pairs, _grouped(pairs, rows))


def rows_per_band(jaccard: float) -> int:
    """The longest bands, of HASHES hashes, that still bring a pair at the threshold together with a chance of .97."""
    for rows in (8, 4, 2):
        if 1 - (1 - jaccard**rows) ** (HASHES // rows) >= 0.97:
            return rows
    return 1


def objects(found: NearTexts, evidence: Evidence, table: Source = "posts") -> Columns:
    """Posts (or documents, their outlets as accounts) with their group of near-equal texts as the object: columns of the table `posts`, ready
    for `coordination`."""
    names = "post, \"at\", account" if table == "posts" else 'document as post, "at", outlet as account'
    rows = evidence.columns(
        f"select row_id, {names} from {table} where row_id in (select unnest($ids)) order by row_id",
        ids=[str(r) for r in found.rows["row_id"]],
    )
    order = np.argsort(found.rows["row_id"].astype(str), kind="stable")
    texts = np.array([f"text:{t}" for t in found.rows["first"][order]], dtype=object)
    n = len(rows["post"])
    return {
        "post": rows["post"], "at": rows["at"], "account": rows["account"], "object": texts,
        "object_type": np.array(["near-equal text"] * n, dtype=object),
    }  # fmt: skip


def write(columns: Columns, path: Path) -> None:
    """`columns` as CSV, times as ISO 8601, formula signs made harmless. Raises BadOption where it cannot be written."""
    cells = [
        np.datetime_as_string(v.astype("datetime64[us]")).tolist() if v.dtype.kind == "M" else [guard(str(x)) for x in v.tolist()]
        for v in columns.values()
    ]
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*cells, strict=True))
    except OSError as error:
        raise BadOption("out", path, f"wants a file that can be written ({error.strerror})") from error


def _folded(column: str) -> str:
    seen = f"regexp_replace(lower({column}), '[{_SILENT}]', '', 'g')"
    words = f"regexp_replace(replace({seen}, 'ё', 'е'), '[^\\p{{L}}\\p{{M}}\\p{{N}}]+', ' ', 'g')"
    return f"trim({words})"


def _texts(table: Source) -> str:
    return (
        f"folded as (select row_id, {_folded('text')} as words from {table} where text is not null), "
        "texts as (select words, min(row_id) as name, count(*) as held from folded where words <> '' group by words)"
    )


def pairs_sql(table: Source, shingle: int, rows: int) -> str:
    """The query for pairs; `$least` is the Jaccard threshold."""
    bands = HASHES // rows
    value = " + ".join(f"(strpos('0123456789abcdef', substr(h, {i + 1}, 1)) - 1) * {16 ** (6 - i)}" for i in range(7))
    rng = np.random.default_rng(1997)
    factors = rng.integers(1, _PRIME, (HASHES, 2)).tolist()
    mins = ", ".join(f"min((x * {a} + {b}) % {_PRIME}) as m{i}" for i, (a, b) in enumerate(factors))
    keys = ", ".join(f"k{j}" for j in range(rows))
    banded = " union all ".join(
        f"select id, {band} as band, "
        + ", ".join(f"m{band * rows + j} as k{j}" for j in range(rows))
        + " from sketches"
        for band in range(bands)
    )
    same = " and ".join(f"{{0}}.{k} = {{1}}.{k}" for k in ["band", *keys.split(", ")])
    return (
        f"with {_texts(table)}, "
        "numbered as (select row_number() over (order by name) as id, name, words from texts), "
        f"runs as ({_runs(shingle)}), "
        "shingles as (select distinct id, run from runs), "
        f"hashed as (select id, cast({value} as bigint) as x from (select id, md5(run) as h from shingles) as digests), "
        f"sketches as (select id, {mins} from hashed group by id), "
        f"bands as ({banded}), "
        f"buckets as (select band, {keys}, min(id) as head, count(*) as held from bands group by band, {keys} having count(*) > 1), "
        f"members as (select b.*, u.head, u.held from bands as b join buckets as u on {same.format('b', 'u')}), "
        f"candidates as (select distinct x.id as a, y.id as b from members as x join members as y on {same.format('x', 'y')} "
        f"and x.id < y.id where x.held <= {_CROWD} or x.id = x.head), "
        "sought as (select a as id from candidates union select b as id from candidates), "
        "of_these as (select s.id, s.run from shingles as s join sought on s.id = sought.id), "
        "sizes as (select id, count(*) as size from of_these group by id), "
        "common_runs as (select c.a, c.b, count(*) as shared from candidates as c join of_these as x on x.id = c.a "
        "join of_these as y on y.id = c.b and y.run = x.run group by c.a, c.b) "
        "select p.name as text_a, q.name as text_b, shared * 1.0 / (s.size + t.size - shared) as jaccard, shared "
        "from common_runs join sizes as s on s.id = a join sizes as t on t.id = b "
        "join numbered as p on p.id = a join numbered as q on q.id = b "
        "where shared * 1.0 / (s.size + t.size - shared) >= $least order by text_a, text_b"
    )


def _runs(shingle: int) -> str:
    """SQL for (id, run): every `shingle` words in a row. A pattern finds those that do not overlap, from each of the first words on."""
    if shingle == 1:
        return "select id, unnest(string_split(words, ' ')) as run from numbered"
    pattern = "\\S+" + " \\S+" * (shingle - 1)
    parts, text = [], "words"
    for _ in range(shingle):
        parts.append(f"select id, unnest(regexp_extract_all({text}, '{pattern}')) as run from numbered")
        text = f"regexp_replace({text}, '^\\S+ ', '')"
    short = f"select id, words as run from numbered where not regexp_matches(words, '{pattern}')"
    return " union all ".join([*parts, short])


def _rows_sql(table: Source) -> str:
    return (
        f"with {_texts(table)} select f.row_id, t.name as text from folded as f join texts as t on t.words = f.words "
        "where t.held > 1 or t.name in (select unnest($near)) order by f.row_id"
    )


def _grouped(pairs: Columns, rows: Columns) -> Columns:
    names, code = np.unique(rows["text"].astype(str), return_inverse=True)
    n = len(names)
    if not n:
        none = np.zeros(0, dtype=object)
        return {"row_id": none, "text": none, "first": none, "group": np.zeros(0, int), "size": np.zeros(0, int)}
    a, b = (np.searchsorted(names, pairs[c].astype(str)) for c in ("text_a", "text_b"))
    label = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)[1]
    part = label[code]
    size = np.bincount(part, minlength=int(label.max()) + 1)
    first = np.full(len(size), n)
    np.minimum.at(first, label, np.arange(n))
    rank = np.empty(len(size), dtype=int)
    rank[np.lexsort((first, -size))] = np.arange(len(size))
    keep = np.flatnonzero(size[part] > 1)
    order = keep[np.lexsort((rows["row_id"][keep].astype(str), rank[part[keep]]))]
    return {
        "row_id": rows["row_id"][order], "text": rows["text"][order], "first": names[first[part[order]]].astype(object),
        "group": rank[part[order]], "size": size[part[order]],
    }  # fmt: skip

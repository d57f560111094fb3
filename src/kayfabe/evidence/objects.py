"""What a post shares: addresses, hashtags, posts passed on or answered, images, exact words; one row for each.

A map's `[objects]` says which file column holds which; a cell may hold several, a text may contain them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import duckdb

from kayfabe.evidence.schema import NOTE, literal, quoted

OBJECT, OBJECT_TYPE = NOTE + "object", NOTE + "object type"
LEAST_WORDS = 20
"""Shorter texts (in characters, white space folded) are nobody's own: they are no objects."""

_ADDRESS = r"(?i)(?:https?://|www\.|\b[a-z0-9-]+(?:\.[a-z0-9-]+)+/)[^\s<>\"|\\]+"
_TRAILING = r"[.,;:!?''\]}>»”…]+$"
_TRACKING = (
    r"^(utm_[a-z_]*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|_ga|_gl|ref_src|"
    r"ref_url|spm|cmpid|ocid|at_medium|at_campaign|feature|si)(=|$)"
)
_TAG = r"[#＃]([\p{L}\p{M}\p{N}_]+)"
_BARE_TAG = r"[\p{L}\p{M}\p{N}_]+"


def canonical_sql(address: str) -> str:
    """SQL for an address in one spelling: https, host in lower case without www., m. or a default port, parameters sorted, without
    those that track, without fragment and closing slash; youtu.be/ID is youtube.com/watch?v=ID, twitter.com is x.com."""
    bare = f"regexp_replace(regexp_replace({address}, '(?i)^https?://', ''), '#.*$', '')"
    host = f"lower(regexp_extract({bare}, '^[^/?]*'))"
    plain = f"regexp_replace(regexp_replace(regexp_replace({host}, '^.*@', ''), '(:(80|443))?[.]?$', ''), '^(www|m|mobile)[.]', '')"
    name = f"case {plain} when 'twitter.com' then 'x.com' else {plain} end"
    rest = f"substr({bare}, length({host}) + 1)"
    path = f"regexp_replace(regexp_extract({rest}, '^[^?]*'), '/+$', '')"
    query = f"substr({rest}, length(regexp_extract({rest}, '^[^?]*')) + 2)"
    kept = (
        f"array_to_string(list_sort(list_filter(string_split({query}, '&'), "
        f"lambda x: x <> '' and not regexp_matches(lower(x), {literal(_TRACKING)}))), '&')"
    )
    usual = f"'https://' || {name} || {path} || case when {kept} <> '' then '?' || {kept} else '' end"
    return f"case when {plain} = 'youtu.be' and {path} <> '' then 'https://youtube.com/watch?v=' || substr({path}, 2) else {usual} end"


def _addresses(cell: str) -> str:
    found = f"regexp_extract_all({cell}, {literal(_ADDRESS)})"
    trimmed = f"regexp_replace(x, {literal(_TRAILING)}, '')"
    return (
        f"list_transform({found}, lambda x: case when contains(x, '(') then {trimmed} else "
        f"regexp_replace(regexp_replace({trimmed}, '[)]+.*$', ''), {literal(_TRAILING)}, '') end)"
    )


def _hashtags(cell: str) -> str:
    found = (
        f"case when regexp_matches({cell}, '[#＃]') then regexp_extract_all({cell}, {literal(_TAG)}, 1) "
        f"else regexp_extract_all({cell}, {literal(_BARE_TAG)}) end"
    )
    return f"list_transform({found}, lambda x: '#' || lower(x))"


def _words(cell: str) -> str:
    folded = f"lower(trim(regexp_replace({cell}, '\\s+', ' ', 'g')))"
    return f"case when length({folded}) >= {LEAST_WORDS} then ['text:' || md5({folded})] end"


OBJECTS: dict[str, Callable[[str], str]] = {
    "url": _addresses,
    "hashtag": _hashtags,
    "repost": lambda cell: f"[trim({cell})]",
    "reply": lambda cell: f"['reply:' || trim({cell})]",
    "image": lambda cell: f"list_transform(regexp_extract_all({cell}, '\\S+'), lambda x: 'image:' || x)",
    "text": _words,
}
"""Kinds of objects; each makes SQL for the list of a cell's objects. Texts of posts passed on are not words of one's own."""


def spread(con: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Temporary table `spread`: every row of `raw` once for each of its objects, or once without. `columns`: kind -> file column."""
    parts = []
    for kind, name in columns.items():
        cell = f"nullif(trim({quoted(name)}), '')"
        own = ""
        if kind == "text" and "repost" in columns:
            own = f" and coalesce(trim({quoted(columns['repost'])}), '') = ''"
        parts.append(
            f"select {quoted(NOTE + 'row')} as line, {literal(kind)} as kind, unnest({OBJECTS[kind](cell)}) as object "
            f"from raw where {cell} is not null{own}"
        )
    con.execute(f"create or replace temp table pieces as {' union all '.join(parts)}")
    con.execute(
        "create or replace temp table addresses as select object, "
        f"{canonical_sql('object')} as canonical from (select distinct object from pieces where kind = 'url') as seen"
    )
    con.execute(
        f"create or replace temp table spread as select raw.*, o.object as {quoted(OBJECT)}, o.kind as {quoted(OBJECT_TYPE)} "
        "from raw left join (select line, coalesce(canonical, p.object) as object, min(kind) as kind "
        "from pieces p left join addresses a on p.kind = 'url' and p.object = a.object "
        f"where p.object <> '' group by 1, 2) o on o.line = raw.{quoted(NOTE + 'row')}"
    )

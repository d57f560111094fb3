"""Exports of platforms as posts: Telegram (Desktop, JSON), Mastodon (API statuses, outboxes), Bluesky (API feeds, Jetstream), and
files of coordination-network-toolkit that lost their header.

Each becomes a temporary file with the columns post, at, account, text, url, links, hashtags, repost, reply, image, which formats.toml
maps. References: core.telegram.org/import-export; docs.joinmastodon.org/entities/Status; atproto lexicons app.bsky.feed.
"""

from __future__ import annotations

import csv
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

import duckdb

from kayfabe.evidence.encoding import opened
from kayfabe.evidence.reading import place
from kayfabe.evidence.schema import literal

_TOOLKIT = ("message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp", "urls")
_LARGEST = 2_000_000_000


def _text(path: str) -> str:
    return f"(j ->> {literal(path)})"


def _many(path: str) -> str:
    """The texts at a path with [*], joined by blanks."""
    return f"array_to_string(json_extract_string(j, {literal(path)}), ' ')"


_TELEGRAM_TEXT = (
    "case when json_array_length(j, '$.text_entities') > 0 then array_to_string(json_extract_string(j, '$.text_entities[*].text'), '') "
    "when json_type(j, '$.text') = 'ARRAY' then array_to_string(list_transform(json_extract(j, '$.text[*]'), "
    "lambda x: coalesce(x ->> '$.text', x ->> '$')), '') else j ->> '$.text' end"
)
_TELEGRAM_LINKS = (
    "array_to_string(list_transform(list_filter(json_extract(j, '$.text_entities[*]'), lambda x: x ->> '$.type' in ('link', 'text_link')), "
    "lambda x: case when contains(coalesce(x ->> '$.href', x ->> '$.text'), '://') then '' else 'https://' end || "
    "coalesce(x ->> '$.href', x ->> '$.text')), ' ')"
)
_TELEGRAM = f"""
    with chats as (
        select unnest(case when json_type(j, '$.messages') = 'ARRAY' then [j] else json_extract(j, '$.chats.list[*]') end) as chat
        from raw_json),
    messages as (
        select coalesce(chat ->> '$.id', chat ->> '$.name', '') as chat_id, unnest(json_extract(chat, '$.messages[*]')) as j from chats),
    said as (
        select *, {_TELEGRAM_TEXT} as words, coalesce(j ->> '$.forwarded_from_id', j ->> '$.forwarded_from') as origin
        from messages where coalesce(j ->> '$.type', 'message') = 'message')
    select chat_id || '/' || (j ->> '$.id') as post,
        coalesce(strftime(to_timestamp(try_cast(j ->> '$.date_unixtime' as double)) at time zone 'UTC', '%Y-%m-%dT%H:%M:%S'), j ->> '$.date') as "at",
        coalesce(j ->> '$.from_id', j ->> '$.from', j ->> '$.actor_id') as account, words as text, cast(null as varchar) as url,
        concat_ws(' ', words, {_TELEGRAM_LINKS}) as links, case when contains(words, '#') then words end as hashtags,
        case when origin is not null and (words <> '' or j ->> '$.file' is not null or j ->> '$.photo' is not null)
            then 'forward:' || origin || ':' || md5(concat_ws('|', words, j ->> '$.file', j ->> '$.photo_file_size')) end as repost,
        case when j ->> '$.reply_to_message_id' is not null
            then coalesce(j ->> '$.reply_to_peer_id', chat_id) || '/' || (j ->> '$.reply_to_message_id') end as reply,
        pictures.hash as image
    from said left join pictures on pictures.name = j ->> '$.photo'"""

_MASTODON_HTML = "regexp_replace(regexp_replace({cell}, '(?i)<(br|/p)[^>]*>', ' ', 'g'), '<[^>]*>', '', 'g')"


def _unescaped(cell: str) -> str:
    for mark, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        cell = f"replace({cell}, {literal(mark)}, {literal(character)})"
    return cell


def _hrefs(cell: str) -> str:
    """Addresses of an HTML text, those of mentions and hashtags left out."""
    anchors = f"list_filter(regexp_extract_all({cell}, '<a [^>]*>'), lambda x: not regexp_matches(x, 'class=\"[^\"]*(mention|hashtag)'))"
    return _unescaped(
        f"array_to_string(list_transform({anchors}, lambda x: regexp_extract(x, 'href=\"([^\"]*)\"', 1)), ' ')"
    )


_MASTODON = f"""
    select coalesce({_text("$.uri")}, {_text("$.url")}, {_text("$.id")}) as post, {_text("$.created_at")} as "at",
        coalesce({_text("$.account.url")}, {_text("$.account.acct")}) as account,
        {_unescaped(_MASTODON_HTML.format(cell=_text("$.content")))} as text, {_text("$.url")} as url,
        concat_ws(' ', {_hrefs(_text("$.content"))}, {_text("$.card.url")}) as links, {_many("$.tags[*].name")} as hashtags,
        coalesce({_text("$.reblog.uri")}, {_text("$.reblog.url")}, {_text("$.reblog.id")}) as repost,
        {_text("$.in_reply_to_id")} as reply, {_many("$.media_attachments[*].blurhash")} as image
    from raw_json"""
_OUTBOX = f"""
    with acts as (select unnest(json_extract(j, '$.orderedItems[*]')) as j from raw_json)
    select coalesce({_text("$.object.id")}, {_text("$.id")}) as post, {_text("$.published")} as "at", {_text("$.actor")} as account,
        {_unescaped(_MASTODON_HTML.format(cell=_text("$.object.content")))} as text, {_text("$.object.url")} as url,
        {_hrefs(_text("$.object.content"))} as links,
        array_to_string(list_transform(list_filter(json_extract(j, '$.object.tag[*]'), lambda x: x ->> '$.type' = 'Hashtag'),
            lambda x: x ->> '$.name'), ' ') as hashtags,
        case when {_text("$.type")} = 'Announce' then coalesce({_text("$.object.id")}, {_text("$.object")}) end as repost,
        {_text("$.object.inReplyTo")} as reply, {_many("$.object.attachment[*].blurhash")} as image
    from acts where {_text("$.type")} in ('Create', 'Announce')"""

_RECORD_LINKS = (
    "concat_ws(' ', array_to_string(json_extract_string(r, '$.facets[*].features[*].uri'), ' '), r ->> '$.embed.external.uri', "
    "r ->> '$.embed.media.external.uri')"
)
_RECORD_TAGS = "concat_ws(' ', array_to_string(json_extract_string(r, '$.facets[*].features[*].tag'), ' '), array_to_string(json_extract_string(r, '$.tags[*]'), ' '))"
_RECORD_IMAGES = (
    "concat_ws(' ', array_to_string(json_extract_string(r, '$.embed.images[*].image.ref.\"$link\"'), ' '), "
    "array_to_string(json_extract_string(r, '$.embed.media.images[*].image.ref.\"$link\"'), ' '))"
)
_BLUESKY = f"""
    with entries as (
        select unnest(case when json_type(j, '$.feed') = 'ARRAY' then json_extract(j, '$.feed[*]')
            when json_type(j, '$.posts') = 'ARRAY' then json_extract(j, '$.posts[*]') else [j] end) as j from raw_json),
    posts as (
        select j, coalesce(json_extract(j, '$.post'), j) as p, j ->> '$.commit.collection' as kind,
            coalesce(j ->> '$.reason."$type"', '') = 'app.bsky.feed.defs#reasonRepost' as passed
        from entries where coalesce(j ->> '$.commit.operation', 'create') = 'create'
            and coalesce(j ->> '$.kind', 'commit') = 'commit'
            and coalesce(j ->> '$.commit.collection', 'app.bsky.feed.post') in ('app.bsky.feed.post', 'app.bsky.feed.repost')),
    records as (
        select *, coalesce(json_extract(j, '$.commit.record'), json_extract(p, '$.record')) as r from posts)
    select case when passed then coalesce(j ->> '$.reason.uri', (j ->> '$.reason.by.did') || '/' || (p ->> '$.uri'))
            else coalesce(p ->> '$.uri', 'at://' || (j ->> '$.did') || '/' || kind || '/' || (j ->> '$.commit.rkey')) end as post,
        coalesce(case when passed then j ->> '$.reason.indexedAt' end, r ->> '$.createdAt', p ->> '$.indexedAt') as "at",
        coalesce(case when passed then j ->> '$.reason.by.did' end, p ->> '$.author.did', j ->> '$.did') as account,
        case when not passed then r ->> '$.text' end as text, cast(null as varchar) as url,
        case when not passed then {_RECORD_LINKS} end as links, case when not passed then {_RECORD_TAGS} end as hashtags,
        case when passed then p ->> '$.uri' when kind = 'app.bsky.feed.repost' then r ->> '$.subject.uri' end as repost,
        case when not passed then r ->> '$.reply.parent.uri' end as reply, case when not passed then {_RECORD_IMAGES} end as image
    from records"""
_TOOLKIT_POSTS = """
    select message_id as post, "timestamp" as "at", user_id as account, message as text, cast(null as varchar) as url, urls as links,
        cast(null as varchar) as hashtags, repost_id as repost, reply_id as reply, cast(null as varchar) as image
    from toolkit"""
_FORMS = (
    ("json_type(j, '$.messages') = 'ARRAY' or json_type(j, '$.chats.list') = 'ARRAY'", _TELEGRAM),
    ("json_type(j, '$.orderedItems') = 'ARRAY'", _OUTBOX),
    (
        "json_type(j, '$.created_at') = 'VARCHAR' and json_type(j, '$.account') = 'OBJECT' and json_exists(j, '$.content')",
        _MASTODON,
    ),
    (
        "json_type(j, '$.feed') = 'ARRAY' or json_type(j, '$.posts') = 'ARRAY' or json_exists(j, '$.commit') or "
        "json_exists(j, '$.post.record') or (json_exists(j, '$.record') and json_exists(j, '$.author')) or "
        "(json_exists(j, '$.did') and json_exists(j, '$.time_us'))",
        _BLUESKY,
    ),
)


@contextmanager
def readable(path: Path, table: str) -> Iterator[Path]:
    """`path` itself, or for the export of a platform a Parquet file of its posts that is gone afterwards."""
    names = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
    form = names[-1] if names else ""
    if table != "posts" or form not in (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt") or not path.is_file():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="kayfabe-") as folder:
        target = Path(folder) / "posts.parquet"
        try:
            made = _from_json(path, target) if "json" in form else _from_toolkit(path, target)
        except (duckdb.Error, OSError, EOFError, zlib.error, csv.Error):
            made = False  # not such an export: the ordinary reader says what is wrong with the file
        yield target if made else path


def _from_json(path: Path, target: Path) -> bool:
    with opened(path) as stream:
        head = stream.read(1).lstrip()
    con = duckdb.connect()
    largest = min(_LARGEST, max(50_000_000, path.stat().st_size * (20 if path.suffix == ".gz" else 1) + 1000))
    form = "array" if head == b"[" else "auto"
    source = f"read_json_objects({place(path)}, format = '{form}', maximum_object_size = {largest})"
    con.execute("set TimeZone = 'UTC'")
    found = [
        sql
        for test, sql in _FORMS
        if con.execute(
            f"select bool_and(coalesce({test}, false)) from (select json as j from {source} limit 20)"
        ).fetchall()
        == [(True,)]
    ]
    if not found:
        return False
    con.execute(f"create temp table raw_json as select json as j from {source}")
    _hash_pictures(con, path.parent, found[0] is _TELEGRAM)
    con.execute(f"copy ({found[0]}) to {literal(str(target))} (format parquet)")
    return True


def _hash_pictures(con: duckdb.DuckDBPyConnection, folder: Path, wanted: bool) -> None:
    """Table `pictures`: the files of an export's own folder photos by name, with the sha256 of their bytes."""
    photos = folder / "photos"
    con.execute("create temp table pictures (name varchar, hash varchar)")
    if wanted and photos.is_dir():
        con.execute(
            "insert into pictures select 'photos/' || regexp_extract(filename, '[^/\\\\]*$'), sha256(content) "
            f"from read_blob({place(photos)[:-1]}/*')"
        )


def _from_toolkit(path: Path, target: Path) -> bool:
    """Files without header: eight columns, the seventh a number in the first row."""
    with TextIOWrapper(opened(path), encoding="utf-8-sig", errors="replace", newline="") as text:
        first = next(csv.reader(text), [])
    if len(first) != len(_TOOLKIT) or not first[6].strip().replace(".", "", 1).isdigit():
        return False
    columns = "{" + ", ".join(f"{literal(n)}: 'varchar'" for n in _TOOLKIT) + "}"
    con = duckdb.connect()
    con.execute(
        f"create view toolkit as select * from read_csv({place(path)}, auto_detect = false, header = false, delim = ',', quote = '\"', "
        f"escape = '\"', columns = {columns}, max_line_size = 20000000)"
    )
    con.execute(
        f"copy (select * replace (strftime(to_timestamp(try_cast(\"at\" as double)) at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%f') as \"at\") from ({_TOOLKIT_POSTS})) to {literal(str(target))} (format parquet)"
    )
    return True

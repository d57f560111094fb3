"""Exports of platforms become posts and their objects; every expected row is written by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from evidence_samples import columns, write_csv

from kayfabe.errors import KayfabeError
from kayfabe.evidence.mapping import read_map
from kayfabe.evidence.objects import canonical_sql
from kayfabe.evidence.store import add

LINK = "http://WWW.Example.org/a/?utm_source=x&b=2&a=1#top"
SAME_LINK = "https://example.org/a?a=1&b=2"
TEN = dt.datetime(2024, 1, 1, 10)

TELEGRAM: dict[str, Any] = {
    "name": "Chan", "type": "public_channel", "id": 123,
    "messages": [
        {"id": 1, "type": "service", "date_unixtime": "1704067200", "actor_id": "channel123", "action": "create"},
        {
            "id": 2, "type": "message", "date": "2024-01-01T12:00:00", "date_unixtime": "1704103200", "from_id": "channel123",
            "text": "", "photo": "photos/p1.jpg",
            "text_entities": [
                {"type": "plain", "text": "See "}, {"type": "text_link", "text": "this", "href": LINK},
                {"type": "plain", "text": " #Tag "}, {"type": "link", "text": "t.me/foo"},
            ],
        },
        {
            "id": 3, "type": "message", "date_unixtime": "1704103260", "from_id": "channel123", "forwarded_from": "Other",
            "reply_to_message_id": 2, "text": "passed on", "text_entities": [{"type": "plain", "text": "passed on"}],
        },
        {"id": 4, "type": "message", "date": "2024-01-01T10:02:00", "from_id": "channel123", "text": ["old ", {"type": "link", "text": SAME_LINK}]},
    ],
}  # fmt: skip
STATUSES = [
    {
        "id": "1", "uri": "https://m.social/users/a/statuses/1", "created_at": "2024-01-01T10:00:00.000Z",
        "account": {"acct": "a", "url": "https://m.social/@a"}, "reblog": None, "in_reply_to_id": None, "tags": [{"name": "X"}],
        "content": '<p>Hi &amp; <a href="https://m.social/tags/x" class="mention hashtag">#x</a> <a href="https://example.org/a?fbclid=1&amp;q=2">l</a></p>',
        "media_attachments": [{"blurhash": "UBL"}],
    },
    {
        "id": "2", "uri": "https://m.social/users/b/statuses/2", "created_at": "2024-01-01T10:00:09.000Z",
        "account": {"acct": "b", "url": "https://m.social/@b"}, "content": "<p>Hi</p>", "tags": [], "media_attachments": [],
        "reblog": {"id": "1", "uri": "https://m.social/users/a/statuses/1"}, "in_reply_to_id": "7",
    },
]  # fmt: skip
OUTBOX = {
    "orderedItems": [
        {
            "id": "act1", "type": "Create", "actor": "https://m.social/users/a", "published": "2024-01-01T10:00:00Z",
            "object": {"id": "s1", "content": "<p>Hello there everybody</p>", "inReplyTo": "s0", "tag": [{"type": "Hashtag", "name": "#x"}], "attachment": []},
        },
        {"id": "act2", "type": "Announce", "actor": "https://m.social/users/a", "published": "2024-01-01T10:00:00Z", "object": "https://n.social/5"},
    ]
}  # fmt: skip
RECORD = {
    "text": "Look", "createdAt": "2024-01-01T10:00:00.000Z", "reply": {"parent": {"uri": "at://p"}},
    "facets": [{"features": [{"uri": LINK}]}, {"features": [{"tag": "X"}]}],
    "embed": {"images": [{"image": {"ref": {"$link": "bafy1"}}}]},
}  # fmt: skip
SKEET = {"uri": "at://aa/1", "author": {"did": "did:aa"}, "record": RECORD}
FEED = {
    "feed": [
        {"post": SKEET},
        {"post": SKEET, "reason": {"$type": "app.bsky.feed.defs#reasonRepost", "by": {"did": "did:bb"}, "indexedAt": "2024-01-01T10:00:00Z"}},
    ]
}  # fmt: skip
JETSTREAM = [
    {"did": "did:aa", "time_us": 1, "kind": "commit",
     "commit": {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "r1", "record": RECORD}},
    {"did": "did:bb", "time_us": 1, "kind": "commit",
     "commit": {"operation": "create", "collection": "app.bsky.feed.repost", "rkey": "r2",
                "record": {"subject": {"uri": "at://aa/1"}, "createdAt": "2024-01-01T10:00:00Z"}}},
    {"did": "did:bb", "time_us": 1, "kind": "commit", "commit": {"operation": "create", "collection": "app.bsky.feed.like", "rkey": "r3", "record": {}}},
    {"did": "did:bb", "time_us": 1, "kind": "identity", "identity": {}},
]  # fmt: skip
OF_SKEET = {("#x", "hashtag"), (SAME_LINK, "url"), ("image:bafy1", "image"), ("reply:at://p", "reply")}
TOOLKIT = "1,u1,U1,,,hello world this is long,1704103200,www.google.com youtu.be/abc?t=4 https://m.youtube.com/watch?v=abc\n2,u2,U2,1,,hello world this is long,1704103230.5,\n3,u3,U3,,2,short,1704103240,\n"
TOOLKIT_HEADER = "message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n"


def loaded(folder: Path, name: str, content: str) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """{(post, account): {(object, type)}} of one file."""
    (folder / name).write_text(content, encoding="utf-8")
    add(folder / "s", [folder / name], "posts")
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for post, account, obj, kind in columns(folder / "s", "posts", ["post", "account", "object", "object_type"]):
        found.setdefault((post, account), set()).add((obj, kind))
    return found


def test_telegram(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "p1.jpg").write_bytes(b"img")
    found = loaded(tmp_path, "result.json", json.dumps(TELEGRAM))
    words = hashlib.md5(b"see this #tag t.me/foo").hexdigest()
    assert found["123/2", "channel123"] == {
        ("#tag", "hashtag"), (SAME_LINK, "url"), ("https://t.me/foo", "url"),
        (f"image:{hashlib.sha256(b'img').hexdigest()}", "image"), (f"text:{words}", "text"),
    }  # fmt: skip
    assert {kind for _, kind in found["123/3", "channel123"]} == {"repost", "reply"}
    assert ("reply:123/2", "reply") in found["123/3", "channel123"]
    assert (SAME_LINK, "url") in found["123/4", "channel123"]
    assert {t for (t,) in columns(tmp_path / "s", "posts", ["at"])} == {
        TEN,
        TEN.replace(minute=1),
        TEN.replace(minute=2),
    }


def test_telegram_with_several_chats(tmp_path: Path) -> None:
    both = {"chats": {"list": [TELEGRAM, {**TELEGRAM, "id": 124}]}}
    assert {post for post, _ in loaded(tmp_path, "result.json", json.dumps(both))} == {
        f"{c}/{m}" for c in (123, 124) for m in (2, 3, 4)
    }


@pytest.mark.parametrize("lines", [False, True])
def test_mastodon_statuses(tmp_path: Path, lines: bool) -> None:
    text = "\n".join(map(json.dumps, STATUSES)) if lines else json.dumps(STATUSES)
    first, second = "https://m.social/users/a/statuses/1", "https://m.social/users/b/statuses/2"
    assert loaded(tmp_path, "m.jsonl" if lines else "m.json", text) == {
        (first, "https://m.social/@a"): {
            ("#x", "hashtag"),
            ("https://example.org/a?q=2", "url"),
            ("image:UBL", "image"),
        },
        (second, "https://m.social/@b"): {(first, "repost"), ("reply:7", "reply")},
    }
    assert ("Hi & #x l",) in columns(tmp_path / "s", "posts", ["text"])


def test_mastodon_outbox(tmp_path: Path) -> None:
    found = loaded(tmp_path, "outbox.json", json.dumps(OUTBOX))
    own = found["s1", "https://m.social/users/a"]
    assert {kind for _, kind in own} == {"hashtag", "text", "reply"}
    assert found["act2", "https://m.social/users/a"] == {("https://n.social/5", "repost")}


@pytest.mark.parametrize(
    ("name", "content", "posts"),
    [
        ("feed.json", json.dumps(FEED), ["at://aa/1", "did:bb/at://aa/1"]),
        ("posts.json", json.dumps([SKEET]), ["at://aa/1"]),
        (
            "jet.jsonl",
            "\n".join(map(json.dumps, JETSTREAM)),
            ["at://did:aa/app.bsky.feed.post/r1", "at://did:bb/app.bsky.feed.repost/r2"],
        ),
    ],
)
def test_bluesky(tmp_path: Path, name: str, content: str, posts: list[str]) -> None:
    found = loaded(tmp_path, name, content)
    assert found.pop((posts[0], "did:aa")) == OF_SKEET
    assert found == {(post, "did:bb"): {("at://aa/1", "repost")} for post in posts[1:]}


@pytest.mark.parametrize("header", ["", TOOLKIT_HEADER])
def test_toolkit_with_and_without_header(tmp_path: Path, header: str) -> None:
    found = loaded(tmp_path, "x.csv", header + TOOLKIT)
    words = next(x for x in found["1", "u1"] if x[1] == "text")
    assert found == {
        ("1", "u1"): {("https://google.com", "url"), ("https://youtube.com/watch?v=abc", "url"), words},
        ("2", "u2"): {("1", "repost")},  # words passed on are nobody's own
        ("3", "u3"): {("reply:2", "reply")},  # words that short are nobody's own
    }
    assert (TEN.replace(second=30, microsecond=500_000),) in columns(tmp_path / "s", "posts", ["at"])


def test_a_map_names_objects(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        'table = "posts"\n[columns]\npost = "id"\n[objects]\nurl = "said"\nhashtag = "tags"\n', encoding="utf-8"
    )
    rows = [
        {"id": "1", "at": "2024-01-01", "account": "a", "said": f"Read ({LINK}), now", "tags": "one, two"},
        {"id": "2", "at": "2024-01-01", "account": "b", "said": "nothing", "tags": ""},
    ]
    (added,) = add(
        tmp_path / "s", [write_csv(tmp_path / "x.csv", rows)], "posts", mapping=read_map(tmp_path / "m.toml")
    )
    assert added.rows == 4
    assert columns(tmp_path / "s", "posts", ["row_id", "object_type"]) == [
        ("1:#one", "hashtag"), ("1:#two", "hashtag"), (f"1:{SAME_LINK}", "url"), ("2", None)
    ]  # fmt: skip


def test_the_same_post_with_other_words_is_refused_by_its_own_row(tmp_path: Path) -> None:
    text = TOOLKIT_HEADER + "1,u1,U,,,a,1704103200,x.org/1 x.org/2\n1,u9,U,,,a,1704103200,x.org/2\n"
    with pytest.raises(KayfabeError, match="row 1, column user_id: wants 'u9', as row 2"):
        loaded(tmp_path, "x.csv", text)


def test_a_map_with_an_unknown_kind_of_object(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('table = "posts"\n[objects]\nlink = "x"\n', encoding="utf-8")
    with pytest.raises(KayfabeError, match="kind of object"):
        read_map(tmp_path / "m.toml")


@pytest.mark.parametrize(
    ("given", "want"),
    [
        (LINK, SAME_LINK),
        ("https://user:pw@EXAMPLE.org:443/", "https://example.org"),
        ("http://example.org:8080/A?", "https://example.org:8080/A"),
        ("https://mobile.twitter.com/a/status/1?s=20&t=x", "https://x.com/a/status/1?s=20&t=x"),
        ("https://youtu.be/abc?si=1", "https://youtube.com/watch?v=abc"),
        ("https://www.youtube.com/watch?v=abc&feature=share", "https://youtube.com/watch?v=abc"),
        ("example.org/%D0%B0", "https://example.org/%D0%B0"),
    ],
)
def test_one_spelling_of_an_address(given: str, want: str) -> None:
    assert duckdb.execute(f"select {canonical_sql('x')} from (select ? as x)", [given]).fetchall() == [(want,)]
    assert duckdb.execute(f"select {canonical_sql('x')} from (select ? as x)", [want]).fetchall() == [(want,)]

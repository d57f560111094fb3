"""Documents out of folders, feeds and chat exports: text, date, outlet and where each was found, to be looked at before loading."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from kayfabe.errors import Cancelled, UnreadableText
from kayfabe.read.dates import first_date, stated_date
from kayfabe.read.decode import MOST_BYTES, clean, decode
from kayfabe.read.html import visible_text
from kayfabe.read.language import language_of
from kayfabe.read.load import SUFFIXES, read_page

FEEDS = (".xml", ".rss", ".atom")
_META_TIME = re.compile(
    r"(?:article:published_time|og:published_time|datePublished|pubdate|dc\.date[a-z.]*|publish[-_]?date)[\"'\s:,]*"
    r"(?:content\s*=\s*|datetime\s*=\s*)?[\"']?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)",
    re.IGNORECASE,
)
_META = re.compile(r"<meta\b[^<>]{0,600}>", re.IGNORECASE)
_SITE = re.compile(
    r"(?:og:site_name|application-name)[\"'][^<>]{0,80}?content\s*=\s*[\"']([^\"'<>]{1,120})", re.IGNORECASE
)
_URL = re.compile(
    r"(?:og:url|canonical)[\"'][^<>]{0,80}?(?:content|href)\s*=\s*[\"'](https?://[^\"'<>\s]{1,400})", re.IGNORECASE
)
_NAMED = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)")


@dataclass(frozen=True)
class Document:
    """One document; `at` is ISO 8601 or None; `at_from` and `outlet_from` say where the date and the outlet were found; `problem` why
    a file of a folder could not be read ("" where it could)."""

    document: str
    at: str | None
    outlet: str
    title: str | None
    text: str
    language: str | None = None
    url: str | None = None
    at_from: str = ""
    outlet_from: str = ""
    problem: str = ""


def is_archive(path: Path) -> bool:
    """Whether `path` is a folder, an article, a feed or a Telegram export, and no table."""
    suffix = path.suffix.lower()
    if path.is_dir() or suffix in (*SUFFIXES, *FEEDS):
        return True
    if suffix != ".json":
        return False
    try:
        with path.open("rb") as stream:
            return b'"messages"' in stream.read(4000)
    except OSError:
        return False


def documents(path: Path, outlet: str | None = None, *, strict: bool = True) -> list[Document]:
    """The documents in a folder (articles, feeds and exports, also in its folders), a feed, a Telegram export or one article.

    The date is the page's own, else that of its dateline, else the one in the file's name; never that of the file itself. The outlet is
    `outlet` where given, else the page's site, the feed's or channel's title, else the name of the folder that the file is in.
    Raises UnreadableText for the first file that cannot be read; in a folder, unless `strict`, such a file becomes a document without a date,
    with the reason as its `problem` and in its text.
    """
    if not path.is_dir():
        return list(_from_file(path, path.stem, outlet, path.resolve().parent.name))
    found: list[Document] = []
    files = sorted(
        p for p in path.rglob("*") if p.is_file() and not any(x.startswith(".") for x in p.relative_to(path).parts)
    )
    for file in (p for p in files if is_archive(p)):
        inside = file.relative_to(path)
        folder = inside.parts[0] if len(inside.parts) > 1 else path.resolve().name
        try:
            found += list(_from_file(file, inside.with_suffix("").as_posix(), outlet, folder))
        except Cancelled:
            raise
        except UnreadableText as failed:
            if strict:
                raise
            found.append(_unread(inside.as_posix(), outlet or folder, failed.seen))
        except RecursionError as deep:
            if not strict:
                found.append(_unread(inside.as_posix(), outlet or folder, "it is nested too deeply"))
                continue
            raise UnreadableText(file, "it is nested too deeply", "Take it out of the folder.") from deep
    if not found:
        raise UnreadableText(
            path, "it holds no article, feed or export", "Give txt, md, html, pdf, docx, RSS, Atom or Telegram JSON."
        )
    return found


def _unread(name: str, outlet: str, why: str) -> Document:
    return Document(name, None, outlet, None, f"(cannot be read: {why})", outlet_from="folder", problem=why)


def _from_file(path: Path, name: str, outlet: str | None, folder: str) -> Iterator[Document]:
    suffix = path.suffix.lower()
    if suffix in FEEDS:
        yield from _feed(path, outlet)
    elif suffix == ".json":
        yield from _telegram(path, outlet)
    else:
        yield _article(path, name, outlet, folder)


def _raw(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as failed:
        raise UnreadableText(path, failed.strerror or str(failed), "Check the path.") from failed
    if len(raw) > MOST_BYTES:
        raise UnreadableText(path, f"it has more than {MOST_BYTES:,} bytes", "Split it.")
    return raw


def _article(path: Path, name: str, outlet: str | None, folder: str) -> Document:
    page = read_page(str(path))
    text = clean(page.text, path).strip()
    at: str | None = None
    at_from = ""
    site = url = None
    if path.suffix.lower() in (".html", ".htm", ".xhtml"):
        head = decode(_raw(path), path, html=True)[:400_000]
        metas = " ".join(_META.findall(head))
        time = _META_TIME.search(metas) or _META_TIME.search(head)
        at, at_from = (_utc(time[1]), "page") if time else (None, "")
        site, url = (
            m[1].strip() if (m := pattern.search(source)) else None
            for pattern, source in ((_SITE, metas), (_URL, head))
        )
    for day, origin in (
        (page.published, "page"),
        (stated_date(text) or _opening_day(text), "dateline"),
        (_named_day(path.name), "file name"),
    ):
        if at is None and day is not None:
            at, at_from = day.isoformat(), origin
    chosen, outlet_from = (outlet, "given") if outlet else (site, "page") if site else (folder, "folder")
    return Document(name, at, chosen, page.title, text, _language(text), url, at_from, outlet_from)


def _opening_day(text: str) -> dt.date | None:
    """The day in the opening words where they are a place, if any, and a day, closed by a stop: «Москва, 6 марта 2024 года. Министр ...»."""
    opening = re.match(r"\s*(.{0,40}?\d{4}(?:\s*(?:года|г\.))?)\s*[.:/(|]", text)
    if opening is None:
        return None
    place = re.split(r"\d", opening[1])[0].split()
    return first_date(opening[1]) if len(place) <= 4 and all(w[0].isupper() for w in place) else None


def _named_day(name: str) -> dt.date | None:
    found = _NAMED.search(name)
    try:
        return dt.date(*(int(g) for g in found.groups())) if found else first_date(name)
    except ValueError:
        return None


def _utc(stamp: str) -> str | None:
    """An ISO time as UTC; one without an offset is taken as UTC."""
    try:
        time = dt.datetime.fromisoformat(stamp.strip().replace(" ", "T"))
    except ValueError:
        return None
    return (time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _language(text: str) -> str | None:
    try:
        return language_of(text, "")
    except UnreadableText:
        return None


def _feed(path: Path, outlet: str | None) -> Iterator[Document]:
    raw = _raw(path)
    if b"<!ENTITY" in raw or b"<!DOCTYPE" in raw[:2000]:
        raise UnreadableText(path, "it declares a document type or entities", "Give a plain RSS or Atom file.")
    try:
        root = ElementTree.fromstring(raw)
    except (ElementTree.ParseError, ValueError, LookupError) as broken:
        raise UnreadableText(path, f"it is not well-formed XML ({broken})", "Save the feed again.") from broken
    name = _local(root.tag)
    if name not in ("rss", "rdf", "feed"):
        raise UnreadableText(path, f"its root is <{name}>, neither RSS nor Atom", "Give a feed.")
    top = next((e for e in root if _local(e.tag) == "channel"), root)
    title = _child(top, "title") or ""
    chosen, outlet_from = (outlet, "given") if outlet else (title, "feed") if title else (path.stem, "file name")
    for entry in (e for e in root.iter() if _local(e.tag) in ("item", "entry")):
        link = _child(entry, "link") or next((e.get("href", "") for e in entry if _local(e.tag) == "link"), "")
        stamp = next((s for n in ("pubDate", "published", "date", "updated", "issued") if (s := _child(entry, n))), "")
        body = max((_child(entry, n) or "" for n in ("encoded", "content", "description", "summary")), key=len)
        headline = _plain(_child(entry, "title") or "", path)
        link = link if link.startswith(("http://", "https://")) else ""
        at = _feed_time(stamp)
        yield Document(
            _child(entry, "guid") or _child(entry, "id") or link or headline, at, clean(chosen, path), headline or None, _plain(body, path), _language(body), link or None,
            "feed" if at else "", outlet_from,
        )  # fmt: skip


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2].lower() if not str(tag).endswith("pubDate") else "pubDate"


def _child(element: ElementTree.Element, name: str) -> str | None:
    for e in element:
        if _local(e.tag) == name:
            return "".join(e.itertext()).strip() or None
    return None


def _plain(text: str, source: object) -> str:
    return clean(visible_text(text) if "<" in text else text, source).strip()


def _feed_time(stamp: str) -> str | None:
    if re.match(r"\d{4}-\d\d-\d\d$", stamp):
        return stamp
    if (at := _utc(stamp)) is not None:
        return at
    try:
        time = parsedate_to_datetime(stamp)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (time.astimezone(dt.UTC) if time.tzinfo else time).strftime("%Y-%m-%dT%H:%M:%SZ")


def _telegram(path: Path, outlet: str | None) -> Iterator[Document]:
    """A channel as Telegram Desktop exports it (result.json); messages without text are passed over."""
    try:
        export = json.loads(decode(_raw(path), path))
        messages, name = export["messages"], str(export.get("name") or path.parent.name)
        assert isinstance(messages, list)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError) as broken:
        raise UnreadableText(
            path, "it is not a Telegram export", "Export the chat as JSON, or give a table."
        ) from broken
    for message in messages:
        if not isinstance(message, dict) or message.get("type") != "message":
            continue
        parts = message.get("text") or ""
        pieces = parts if isinstance(parts, list) else [parts]
        text = clean("".join(str(p.get("text", "")) if isinstance(p, dict) else str(p) for p in pieces), path).strip()
        if text:
            at = _epoch(message.get("date_unixtime")) or _utc(str(message.get("date", "")))
            yield Document(
                f"{name}/{message.get('id')}", at, outlet or name, None, text, _language(text), None, "export" if at else "",
                "given" if outlet else "export",
            )  # fmt: skip


def _epoch(seconds: Any) -> str | None:
    try:
        return dt.datetime.fromtimestamp(int(seconds), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError, OverflowError, OSError):
        return None

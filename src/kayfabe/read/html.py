"""The main text of a web page, its title and its stated date; bounded, whatever the page does."""

from __future__ import annotations

import datetime as dt
import html as entities
import logging
import re
from dataclasses import dataclass
from typing import Any

from kayfabe.errors import UnreadableText
from kayfabe.read.dates import first_date

_MOST_MARKUP = 3_000_000
_MOST_TAGS = 60_000
_DEEPEST = 200
_UNSEEN = ("script", "style", "svg", "template", "noscript", "iframe", "object", "canvas", "math")
_TAG = re.compile(r"<[^<>]*>")
_NAME = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_ATTRIBUTE = re.compile(r"""([A-Za-z:_-]{1,40})\s*=\s*(?:"([^"<>]{0,500})"|'([^'<>]{0,500})'|([^\s"'<>]{1,500}))""")
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dd",
        "dt",
        "tr",
        "td",
        "th",
    ]
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "tr",
        "section",
        "article",
        "blockquote",
        "ul",
        "ol",
        "table",
        "header",
        "footer",
        "main",
        "pre",
        "figcaption",
    ]
)
_APART = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "blockquote",
        "ul",
        "ol",
        "table",
        "header",
        "footer",
        "main",
    ]
)
_DATE_NAMES = frozenset(
    [
        "article:published_time",
        "og:published_time",
        "datepublished",
        "date",
        "dc.date",
        "dc.date.issued",
        "dcterms.created",
        "dcterms.date",
        "pubdate",
        "publishdate",
        "publish-date",
        "publish_date",
        "publication_date",
        "sailthru.date",
        "parsely-pub-date",
        "cxenseparse:recs:publishtime",
        "citation_publication_date",
        "article.published",
    ]
)
_JSON_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
_FURNITURE = frozenset(("nav", "aside", "footer", "form", "head", "button", "select"))

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Page:
    """What a page says: its main text, its title, the day it states as its own."""

    text: str
    title: str | None = None
    published: dt.date | None = None


def read_html(markup: str, source: object) -> Page:
    """The main text of `markup` by trafilatura, or by taking the tags away where that finds none.

    Scripts, styles and overlong attributes go first; pages that stay over 3,000,000 characters, 60,000 tags or 200
    levels are only stripped of their tags. Raises UnreadableText where no text is left.
    """
    title, published = _stated(markup)
    lean = _lean(markup)
    text = ""
    if len(lean) <= _MOST_MARKUP and _tame(lean):
        text = _main_text(lean)
    if not text.strip():
        text = _without_tags(lean)
    if not text.strip():
        raise UnreadableText(
            source,
            "the page has no text of its own (it may be built by scripts)",
            "Save the article's text to a file and give that.",
        )
    return Page(text, title, published)


def visible_text(markup: str) -> str:
    """All visible text of `markup`, furniture left out, one line per block: for texts whose every line counts."""
    return _without_tags(_lean(markup))


def looks_like_html(text: str) -> bool:
    """Whether `text` starts as a web page does."""
    head = text[:1000].lstrip().lower()
    return head.startswith(("<!doctype html", "<html", "<head", "<body", "<?xml")) and "<" in head


def _main_text(markup: str) -> str:
    try:
        import trafilatura

        found: Any = trafilatura.extract(
            markup, include_comments=False, include_tables=False, favor_precision=False, deduplicate=False
        )
    except Exception:  # whatever a parser does with a broken page, the fallback reads it
        return ""
    if not isinstance(found, str):
        return ""
    return re.sub(r"\n+", "\n\n", found)


def _stated(markup: str) -> tuple[str | None, dt.date | None]:
    """Title and publication date from the page's own head: meta tags, JSON-LD, `<time>`, `<title>`, `<h1>`."""
    titles: dict[str, str] = {}
    dates: list[str] = []
    head = markup[:400_000]
    for number, tag in enumerate(_TAG.finditer(head)):
        if number > 5_000:
            break
        whole = tag.group()
        name = _NAME.match(whole)
        if name is None or name.group(1) or name.group(2).lower() not in ("meta", "time", "title", "h1"):
            continue
        kind = name.group(2).lower()
        if kind in ("title", "h1"):
            inner = head[tag.end() : tag.end() + 1000]
            closing = re.search(rf"</{kind}", inner, re.IGNORECASE)
            if closing is not None:
                words = " ".join(entities.unescape(_TAG.sub(" ", inner[: closing.start()])).split())
                if words:
                    titles.setdefault(kind, words)
            continue
        given = {
            a[1].lower(): next((g for g in a.groups()[1:] if g is not None), "") for a in _ATTRIBUTE.finditer(whole)
        }
        if kind == "time" and ("pubdate" in whole.lower() or "publish" in whole.lower()):
            dates.append(given.get("datetime", ""))
        label = (given.get("property") or given.get("name") or given.get("itemprop") or "").lower()
        content = entities.unescape(given.get("content", ""))
        if label in ("og:title", "twitter:title") and content.strip():
            titles.setdefault("og", " ".join(content.split()))
        if label in _DATE_NAMES:
            dates.insert(0, content)
    dates += _JSON_DATE.findall(head)[:3]
    published = next((d for d in (first_date(c) for c in dates) if d is not None), None)
    title = titles.get("og") or titles.get("h1") or titles.get("title")
    return title[:300] if title else None, published


def _lean(markup: str) -> str:
    """`markup` without comments, unseen elements and attributes over 300 characters, in linear time."""
    kept: list[str] = []
    at = 0
    lower = markup.lower()
    opening = re.compile(r"<(?:!--|(?:" + "|".join(_UNSEEN) + r")\b)")
    closed: dict[str, bool] = {}
    while True:
        found = opening.search(lower, at)
        if found is None:
            kept.append(markup[at:])
            break
        kept.append(markup[at : found.start()])
        name = found.group()[1:]
        ending = "-->" if name == "!--" else f"</{name}"
        close = -1 if closed.get(ending) is False else lower.find(ending, found.end())
        if close < 0:
            closed[ending] = False
            at = found.end() if name == "!--" else max(found.end(), lower.find(">", found.end()) + 1)
        else:
            after = lower.find(">", close)
            at = len(markup) if after < 0 else after + 1
    return _TAG.sub(_short_tag, " ".join(kept))


def _short_tag(tag: re.Match[str]) -> str:
    whole = tag.group()
    if len(whole) <= 300:
        return whole
    name = _NAME.match(whole)
    return f"<{name.group(1)}{name.group(2)}>" if name else " "


def _tame(markup: str) -> bool:
    depth = deepest = tags = 0
    for tag in _NAME.finditer(markup):
        tags += 1
        if tag.group(2).lower() in _VOID:
            continue
        depth = max(0, depth - 1) if tag.group(1) else depth + 1
        deepest = max(deepest, depth)
        if deepest > _DEEPEST or tags > _MOST_TAGS:
            return False
    return True


def _without_tags(markup: str) -> str:
    """The visible text of `markup`: block tags end a line, furniture (navigation, forms) is left out."""
    kept: list[str] = []
    hidden = 0
    at = 0
    for tag in _TAG.finditer(markup):
        if not hidden:
            kept.append(re.sub(r"\s+", " ", markup[at : tag.start()]))
        at = tag.end()
        name = _NAME.match(tag.group())
        if name is None:
            continue
        label = name.group(2).lower()
        if label in _FURNITURE:
            hidden = max(0, hidden - 1) if name.group(1) else hidden + 1
        if label in _BLOCKS:
            kept.append("\n\n" if label in _APART else "\n")
    if not hidden:
        kept.append(markup[at:])
    text = entities.unescape("".join(kept))
    text = re.sub(r"[ \t\xa0]+", " ", text)
    text = re.sub(r" ?\n ?", "\n", text)
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    if not text and hidden:  # a furniture tag that never closes hid everything
        text = entities.unescape(_TAG.sub(" ", markup)).strip()
    return text

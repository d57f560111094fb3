"""Markdown into plain text: marks go, words and paragraphs stay; title and date from front matter or first heading."""

from __future__ import annotations

import datetime as dt
import re

from kayfabe.read.dates import first_date
from kayfabe.read.html import Page

_FRONT = re.compile(r"\A---[ \t]*\n(.{0,5000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|={3,})$")
_QUOTE = re.compile(r"^ {0,3}(?:> ?)+")
_INLINE = (
    (re.compile(r"!\[[^\[\]]{0,500}\]\([^()]{0,2000}\)"), ""),
    (re.compile(r"\[([^\[\]]{1,1000})\]\([^()]{0,2000}\)"), r"\1"),
    (re.compile(r"\[([^\[\]]{1,1000})\]\[[^\[\]]{0,200}\]"), r"\1"),
    (re.compile(r"\[\^[^\[\]\s]{1,50}\]"), ""),
    (re.compile(r"<(https?://[^\s<>]{1,2000})>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>]{0,500}>"), ""),
    (re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,2000})(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,2000})(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]{1,2000})(?<=\S)_(?![\w_])"), r"\1"),
    (re.compile(r"~~([^~\n]{1,2000})~~"), r"\1"),
    (re.compile(r"`([^`\n]{1,2000})`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])"), r"\1"),
)
_DEFINITION = re.compile(r"^ {0,3}\[[^\[\]]{1,200}\]:[ \t]*\S+")


def read_markdown(marked: str) -> Page:
    """`marked` as text: headings, lists, quotes, links and emphasis keep their words; code blocks and images go."""
    title: str | None = None
    published: dt.date | None = None
    front = _FRONT.match(marked)
    if front is not None:
        for line in front.group(1).split("\n"):
            key, _, value = line.partition(":")
            value = value.strip().strip("\"'")
            if key.strip().lower() == "title" and value:
                title = value[:300]
            if key.strip().lower() in ("date", "published", "pubdate"):
                published = first_date(value)
        marked = marked[front.end() :]
    lines: list[str] = []
    fence: str | None = None
    for line in marked.split("\n"):
        opened = _FENCE.match(line)
        if opened is not None:
            mark = opened.group(1)[:3]
            fence = mark if fence is None else (None if fence == mark else fence)
            continue
        if fence is not None or _DEFINITION.match(line):
            continue
        heading = _HEADING.match(line)
        if heading is not None:
            words = _plain(heading.group(2))
            if title is None and heading.group(1) == "#" and words:
                title = words[:300]
            lines += ["", words, ""]
            continue
        if _RULE.match(line):
            if title is None and line.lstrip().startswith("=") and lines and lines[-1].strip():
                title = lines[-1].strip()[:300]
            lines.append("")
            continue
        lines.append(_plain(_QUOTE.sub("", line)))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return Page(text, title, published)


def _plain(line: str) -> str:
    if line.lstrip().startswith("|") and line.rstrip().endswith("|"):
        line = "" if re.fullmatch(r"[\s|:-]+", line) else " ".join(line.replace("|", " ").split())
    for pattern, replacement in _INLINE:
        line = pattern.sub(replacement, line)
    return line.rstrip()

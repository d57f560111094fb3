"""An agreement's text with its numbering: list numbers that a page or a Word file only draws are written out."""

from __future__ import annotations

import re
from pathlib import Path

from kayfabe.errors import UnreadableText
from kayfabe.read.decode import MOST_BYTES, clean, decode
from kayfabe.read.html import visible_text
from kayfabe.read.markdown import read_markdown
from kayfabe.read.office import read_docx, read_pdf

_LIST_TAG = re.compile(r"<(?P<end>/?)(?P<name>ol|ul|li)\b(?P<rest>[^<>]*)>", re.IGNORECASE)
_START = re.compile(r"""\bstart\s*=\s*["']?(-?\d{1,4})""", re.IGNORECASE)
_KIND = re.compile(r"""\btype\s*=\s*["']?([a1])\b""")
_ALONE = re.compile(r"^(-?\d{1,4}\.|[a-z]\))\s*\n\s*", re.MULTILINE)
_DEEPEST = 50


def agreement_text(path: Path) -> str:
    """The text of an agreement (.txt .md .html .pdf .docx) in any language, its lines kept and its list numbers written out.

    Raises UnreadableText, in one line, for what cannot be read.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as failed:
        raise UnreadableText(path, failed.strerror or str(failed), "Check the path.") from failed
    kind = path.suffix.lower()
    if kind == ".pdf":
        text = read_pdf(raw, path, lines=True).text
    elif kind == ".docx":
        text = read_docx(raw, path, numbers=True).text
    elif kind in (".html", ".htm", ".xhtml"):
        text = _ALONE.sub(r"\1 ", visible_text(_numbered(decode(raw, path, html=True))))
    elif kind in (".md", ".markdown"):
        text = read_markdown(decode(raw, path)).text
    else:
        text = decode(raw, path)
    text = clean(text, path).strip()
    if not text:
        raise UnreadableText(path, "it is empty", "Give an agreement with text in it.")
    return text


def _numbered(markup: str) -> str:
    """`markup` with the number of every item of an ordered list in front of its text."""
    lists: list[tuple[int, bool] | None] = []

    def tag(found: re.Match[str]) -> str:
        name, rest = found["name"].lower(), found["rest"]
        if name == "li":
            if found["end"] or not lists or lists[-1] is None:
                return found[0]
            number, letters = lists[-1]
            lists[-1] = (number + 1, letters)
            mark = f"{chr(ord('a') + (number - 1) % 26)}) " if letters else f"{number}. "
            return found[0] + mark
        if found["end"]:
            if lists:
                lists.pop()
        elif len(lists) < _DEEPEST:
            start, kind = _START.search(rest), _KIND.search(rest)
            letters = kind[1] == "a" if kind else any(x is not None for x in lists)
            lists.append((int(start[1]) if start else 1, letters) if name == "ol" else None)
        return found[0]

    return _LIST_TAG.sub(tag, markup)

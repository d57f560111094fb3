"""A path, a URL or standard input into a Text."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path
from typing import Any

from kayfabe.errors import UnreadableText
from kayfabe.models import Text
from kayfabe.read.dates import stated_date
from kayfabe.read.decode import MOST_BYTES, MOST_CHARACTERS, clean, decode
from kayfabe.read.html import Page, looks_like_html, read_html
from kayfabe.read.language import language_of
from kayfabe.read.markdown import read_markdown
from kayfabe.read.office import read_docx, read_pdf

SUFFIXES = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx")
_KINDS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}


def load_text(
    source: str, *, stdin: bytes | None = None, title: str | None = None, published: dt.date | None = None
) -> Text:
    """Read an article.

    `source` is a path (.txt .md .html .htm .pdf .docx), an http(s) URL, or "-" for the bytes in `stdin`, whose form is
    told by their beginning. Only a URL uses the network. `title` and `published` override what the document states.

    The result's text is in NFC with "\\n" line endings; its sha256 is that of the text in UTF-8; `published` is None
    unless the document states it.

    Raises UnreadableText, in one line, for whatever cannot be read: missing, a folder, of unknown kind, damaged,
    locked, without text, over 200,000 characters, or in another language than English and Russian.
    """
    if source == "-":
        if stdin is None:
            raise UnreadableText("standard input", "nothing was given", "Pipe an article into it.")
        page = _page(stdin, _form(stdin), "standard input")
    elif re.match(r"https?://", source, re.IGNORECASE):
        page = _fetched(source)
    else:
        page = read_page(source)
    text = "\n".join(line.rstrip() for line in clean(page.text, source).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n\t ")
    if not text:
        raise UnreadableText(source, "it is empty", "Give an article with text in it.")
    if len(text) > MOST_CHARACTERS:
        raise UnreadableText(
            source, f"it has {len(text):,} characters, more than {MOST_CHARACTERS:,}", "Split it and read the parts."
        )
    return Text(
        text=text,
        title=title or (clean(page.title, source).strip() if page.title else None) or _heading(text),
        language=language_of(text, source),
        source=source,
        sha256=hashlib.sha256(text.encode("utf-8")).hexdigest(),
        published=published or page.published or stated_date(text),
    )


def read_page(source: str) -> Page:
    """The page in a file, in any language and of any length. Raises UnreadableText."""
    known = "Known are " + ", ".join(("txt", "md", "html", "htm", "pdf", "docx")) + "."
    try:
        path = Path(source)
        if path.is_dir():
            raise UnreadableText(source, "it is a folder", "Give one article.")
        if not path.exists():
            raise UnreadableText(source, "there is no such file", "Check the path, or give a URL or -.")
        form = _KINDS.get(path.suffix.lower())
        if form is None:
            seen = f"its kind is '{path.suffix}'" if path.suffix else "its name has no suffix"
            raise UnreadableText(source, seen, known)
        if not path.is_file():
            raise UnreadableText(source, "it is not a regular file", "Give - to read standard input.")
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as failed:
        raise UnreadableText(source, getattr(failed, "strerror", None) or str(failed), "Check the path.") from failed
    return _page(raw, form, source)


def _page(raw: bytes, form: str, source: object) -> Page:
    if not raw.strip():
        raise UnreadableText(source, "it is empty", "Give an article with text in it.")
    if len(raw) > MOST_BYTES:
        raise UnreadableText(
            source, f"it has more than {MOST_BYTES:,} bytes", "Give the article alone, as a text file."
        )
    if form == "pdf":
        return read_pdf(raw, source)
    if form == "docx":
        return read_docx(raw, source)
    text = decode(raw, source, html=form == "html")
    if form == "html":
        return read_html(text, source)
    return read_markdown(text) if form == "markdown" else Page(text)


def _form(raw: bytes) -> str:
    if raw[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "docx"
    return "html" if looks_like_html(raw[:2000].decode("latin-1").replace("\x00", "").lstrip("ÿþï»¿")) else "text"


def _fetched(url: str) -> Page:
    try:
        from trafilatura.downloads import fetch_response
    except ImportError as missing:
        seen = f"trafilatura, which fetches pages, cannot be imported ({missing})"
        raise UnreadableText(url, seen, "Install lxml_html_clean, or save the page and give it.") from missing
    try:
        answer: Any = fetch_response(url, decode=False, with_headers=True)
    except Exception as failed:
        raise UnreadableText(
            url, f"fetching it failed ({type(failed).__name__})", "Save the page and give it."
        ) from failed
    if answer is None:
        raise UnreadableText(
            url,
            "no answer came (addresses inside this machine or its network are not fetched)",
            "Check the address and the connection, or save the page and give it.",
        )
    if answer.status >= 400:
        raise UnreadableText(
            url, f"the server answered {answer.status}", "Check the address, or save the page and give it."
        )
    raw = bytes(answer.data or b"")
    kind = str((answer.headers or {}).get("content-type", "")).lower()
    form = _form(raw)
    if form == "text" and "html" in kind:
        form = "html"
    return _page(raw, form, url)


def _heading(text: str) -> str | None:
    """The first line where it stands alone, is short and does not end as a sentence does."""
    first, _, rest = text.partition("\n")
    alone = rest.startswith("\n")
    if alone and rest.strip() and 2 <= len(first.split()) <= 18 and len(first) <= 150 and first[-1] not in ".…:;,)":
        return first.strip()
    return None

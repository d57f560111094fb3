"""Word and PDF files into text, bounded: sizes are checked before anything is unpacked."""

from __future__ import annotations

import io
import logging
import re
import time
import zipfile
from typing import Any

from kayfabe.errors import UnreadableText
from kayfabe.read.decode import MOST_CHARACTERS
from kayfabe.read.html import Page

_MOST_UNPACKED = 60_000_000
_MOST_XML = 20_000_000
_MOST_PARTS = 2_000
_MOST_PAGES = 1_000
_MOST_SECONDS = 60.0

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read_docx(raw: bytes, source: object, *, numbers: bool = False) -> Page:
    """Paragraphs and table cells of a Word file in order; the title from its Title style or its properties.

    `numbers` writes the numbers of automatic lists in front of their items.

    Raises UnreadableText for what is no docx, is encrypted, or would unpack to more than 60 MB (20 MB of XML).
    """
    again = "Open it in a word processor and save it again as docx or txt."
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableText(source, "it is an old or password-protected Word file", again)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            parts = package.infolist()
    except Exception as broken:
        raise UnreadableText(source, "it is not a docx file, or it is damaged", again) from broken
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names:
        raise UnreadableText(source, "it is a zip archive but no Word file", again)
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableText(source, "it is password-protected", "Remove the password first.")
    unpacked = sum(part.file_size for part in parts)
    xml = sum(part.file_size for part in parts if part.filename.lower().endswith((".xml", ".rels")))
    if unpacked > _MOST_UNPACKED or xml > _MOST_XML or len(parts) > _MOST_PARTS:
        raise UnreadableText(
            source, f"it would unpack to {unpacked:,} bytes in {len(parts):,} parts", "Save the article alone, as text."
        )
    try:
        return _docx_page(raw, numbers)
    except Exception as broken:
        raise UnreadableText(source, f"it is a damaged docx ({type(broken).__name__})", again) from broken


def _docx_page(raw: bytes, numbers: bool) -> Page:
    import docx
    from docx.table import Table

    document: Any = docx.Document(io.BytesIO(raw))
    title = ""
    paragraphs: list[str] = []
    counted: dict[str, list[int]] = {}

    def take(block: Any, depth: int) -> None:
        nonlocal title
        if isinstance(block, Table):
            if depth < 3:
                for row in block.rows:
                    for cell in row.cells:
                        for inner in cell.iter_inner_content():
                            take(inner, depth + 1)
            return
        words = str(block.text).strip()
        style = str(block.style.name or "") if block.style is not None else ""
        if words and not title and style in ("Title", "Heading 1"):
            title = " ".join(words.split())
        if words and numbers:
            words = _list_mark(document, block, counted) + words
        paragraphs.append(words)

    total = 0
    for block in document.iter_inner_content():
        take(block, 0)
        total += len(paragraphs[-1]) if paragraphs else 0
        if total > 2 * MOST_CHARACTERS:
            break
    properties = document.core_properties
    title = title or str(properties.title or "").strip()
    return Page("\n\n".join(p for p in paragraphs if p), title[:300] or None)


def _list_mark(document: Any, paragraph: Any, counted: dict[str, list[int]]) -> str:
    """What Word draws before an item of an automatic list ("3. ", "b) ", "- "), else nothing; `counted` holds the list counters."""
    from docx.oxml.ns import qn

    found = paragraph._p.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    if found is None and paragraph.style is not None:
        found = paragraph.style.element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    identity = None if found is None else found.find(qn("w:numId"))
    if found is None or identity is None:
        return ""
    number, level_at = str(identity.get(qn("w:val"))), found.find(qn("w:ilvl"))
    level = min(8, max(0, int(level_at.get(qn("w:val"))))) if level_at is not None else 0
    numbering = document.part.numbering_part.element
    lists = {n.get(qn("w:numId")): n for n in numbering.iter(qn("w:num"))}
    if number not in lists:
        return ""
    base = lists[number].find(qn("w:abstractNumId")).get(qn("w:val"))
    kinds = {
        lvl.get(qn("w:ilvl")): lvl.find(qn("w:numFmt")).get(qn("w:val"))
        for abstract in numbering.iter(qn("w:abstractNum"))
        if abstract.get(qn("w:abstractNumId")) == base
        for lvl in abstract.iter(qn("w:lvl"))
        if lvl.find(qn("w:numFmt")) is not None
    }
    kind = kinds.get(str(level), "decimal")
    if kind in ("bullet", "none"):
        return "- " if kind == "bullet" else ""
    counts = counted.setdefault(number, [0] * 9)
    counts[level] += 1
    counts[level + 1 :] = [0] * (8 - level)
    return f"{chr(ord('a') + (counts[level] - 1) % 26)}) " if "Letter" in kind else f"{counts[level]}. "


def read_pdf(raw: bytes, source: object, *, lines: bool = False) -> Page:
    """The text layer of a PDF, its lines joined into paragraphs (kept as they are with `lines`); the title from its properties.

    Raises UnreadableText for what is no PDF, needs a password, has no text layer or takes over a minute.
    """
    again = "Save it again as PDF, or copy its text into a txt file."
    if b"%PDF-" not in raw[:2048]:
        raise UnreadableText(source, "it is not a PDF file", again)
    try:
        import pypdf

        reader = pypdf.PdfReader(io.BytesIO(raw), strict=False)
        locked = reader.is_encrypted and not reader.decrypt("")
        count = 0 if locked else len(reader.pages)
    except Exception as broken:
        seen = "it is encrypted" if type(broken).__name__ == "DependencyError" else "it is a damaged PDF"
        raise UnreadableText(source, f"{seen} ({type(broken).__name__})", again) from broken
    if locked:
        raise UnreadableText(source, "it is password-protected", "Remove the password first.")
    if count > _MOST_PAGES:
        raise UnreadableText(source, f"it has {count:,} pages", "Give the article's own pages.")
    pages: list[str] = []
    failed = 0
    until = time.monotonic() + _MOST_SECONDS
    for number in range(count):
        try:
            pages.append(reader.pages[number].extract_text() or "")
        except Exception:
            failed += 1
        if sum(map(len, pages)) > 2 * MOST_CHARACTERS:
            break
        if time.monotonic() > until:
            raise UnreadableText(source, f"page {number + 1} of {count} was not reached within a minute", again)
    if failed:
        raise UnreadableText(source, f"{failed} of its {count} pages cannot be decoded", again)
    text = "\n".join(pages) if lines else joined_lines("\n".join(pages))
    if not text.strip():
        raise UnreadableText(
            source, f"its {count} page(s) hold no text, only images", "Run text recognition (OCR) on it first."
        )
    title = None
    try:
        known = reader.metadata
        words = " ".join(str(known.title or "").split()) if known is not None else ""
        title = words[:300] if len(words.split()) > 1 and not words.lower().endswith((".doc", ".docx")) else None
    except Exception:
        title = None
    return Page(text, title)


def joined_lines(text: str) -> str:
    """Page lines as paragraphs: a line that reaches the margin goes on in the next, hyphenation at line ends undone.

    A paragraph ends at a blank line, or at a line that is clearly shorter than the usual one and ends a sentence.
    """
    lines = [line.strip() for line in text.split("\n")]
    widths = sorted(len(line) for line in lines if len(line) > 20)
    usual = widths[int(0.8 * len(widths))] if widths else 0
    out: list[str] = []
    current = ""
    for line in lines:
        if not line:
            if current:
                out.append(current)
            current = ""
            continue
        if not current:
            current = line
        elif re.search(r"[^\W\d_]-$", current) and line[:1].islower():
            current = current[:-1] + line
        else:
            current = f"{current} {line}"
        short = len(line) < 0.75 * usual
        if short and (re.search(r"[.!?…:][\"'”’»)\]]*$", line) or len(line) < 0.5 * usual):
            out.append(current)
            current = ""
    if current:
        out.append(current)
    return "\n\n".join(out)

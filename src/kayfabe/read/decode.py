"""Bytes into characters: the encoding found, line endings normalised, NFC, nothing but text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from kayfabe.errors import UnreadableText

MOST_BYTES = 50_000_000
MOST_CHARACTERS = 200_000

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_DECLARED = re.compile(rb"""<meta[^<>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_SINGLE_BYTE = ("cp1251", "koi8-r", "cp866", "mac-cyrillic", "iso8859-5", "cp1252")
_COMMON_RUSSIAN = frozenset("оеаинтсрвлк")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_MARKS_IN_A_ROW = 30  # the bound of UAX 15's stream-safe text; longer runs make normalisation quadratic


def decode(raw: bytes, source: object, *, html: bool = False) -> str:
    """`raw` as text. A byte order mark decides; then UTF-8 if it decodes; then, for HTML, the declared charset; then
    UTF-16 without a mark; then the Cyrillic or Western single-byte encoding whose letters look most like words.

    Raises UnreadableText where the bytes are not text in any of these.
    """
    if len(raw) > MOST_BYTES:
        raise UnreadableText(
            source, f"it has {len(raw):,} bytes, more than {MOST_BYTES:,}", "Give the article alone, as a text file."
        )
    for mark, name in _BOMS:
        if raw.startswith(mark):
            text = _try(raw, name)
            if text is None:
                raise UnreadableText(source, f"it starts as {name} but does not go on as it", "Save it as UTF-8.")
            return clean(text, source)
    text = _try(raw, "utf-8")
    if text is None and html:
        declared = _DECLARED.search(raw[:4096])
        text = _try(raw, declared.group(1).decode("ascii")) if declared else None
    if text is None or "\x00" in text[:10_000]:
        text = _utf16_without_mark(raw) or text
    if text is None:
        text = _single_byte(raw)
    if text is None:
        raise UnreadableText(source, "its bytes are not text in a known encoding", "Save it as UTF-8 text.")
    return clean(text, source)


def clean(text: str, source: object) -> str:
    """`text` with "\\n" line endings, in NFC, without a byte order mark, lone surrogates or stray control characters.

    Raises UnreadableText where more than one character in 200 is a control character: that is no text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n").replace("\x0b", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\x85", "\n").replace("\ufeff", "")
    stray = len(_CONTROL.findall(text))
    if stray * 200 > len(text):
        raise UnreadableText(
            source,
            f"{stray:,} of its {len(text):,} characters are control characters: it is not text",
            "Give a txt, md, html, pdf or docx file.",
        )
    text = _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", _few_marks(text))


def _try(raw: bytes, name: str) -> str | None:
    try:
        return raw.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _utf16_without_mark(raw: bytes) -> str | None:
    head = raw[:4000]
    if len(head) < 8:
        return None
    for name, parity in (("utf-16-le", 1), ("utf-16-be", 0)):
        high = Counter(head[parity::2])
        if sum(high[b] for b in (0x00, 0x04, 0x20)) > 0.9 * len(head[parity::2]) and high[0x20] < len(head) / 8:
            return _try(raw[: len(raw) // 2 * 2], name)
    return None


def _single_byte(raw: bytes) -> str | None:
    best: tuple[float, str] | None = None
    for name in _SINGLE_BYTE:
        text = _try(raw, name)
        if text is None:
            continue
        score = _likeness(text[:20_000])
        if best is None or score > best[0]:
            best = (score, text)
    return best[1] if best is not None and best[0] > 0 else None


def _likeness(text: str) -> float:
    """How much the non-ASCII characters of `text` look like those of words, per character; below 0 is noise."""
    score = 0.0
    high = 0
    padded = f" {text} "
    for before, c, after in zip(padded, padded[1:], padded[2:], strict=False):
        if c < "\x80":
            continue
        high += 1
        beside_ascii = any(n.isascii() and n.isalpha() for n in (before, after))
        if "а" <= c.lower() <= "я" or c in "ёЁ":
            if beside_ascii:
                score -= 1.0
            elif c.islower():
                score += 1.0 if c in _COMMON_RUSSIAN else 0.6
            else:
                score += -1.0 if before.isalpha() and before.islower() else 0.3
        elif c.isalpha():
            score += 0.45 if beside_ascii else -0.5
        else:
            score += 0.1 if c in "«»“”‘’„–—…№\xa0€£§°" else -1.0
    return score / high if high else 0.0


def _few_marks(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    run = 0
    for c in text:
        run = run + 1 if c >= "\u0300" and unicodedata.combining(c) else 0
        if run <= _MARKS_IN_A_ROW:
            kept.append(c)
    return "".join(kept)

"""Tables that are no UTF-8: UTF-16 by its mark, else windows-1251 or windows-1252 by their words, or refused.

The criterion: runs of letters with a byte above 127. One that windows-1251 reads as two or more Cyrillic letters in a word's capitals
speaks for it; one that windows-1252 reads as a word of both ASCII and accented Latin letters speaks for that. Nine runs in ten must agree.
Without such words (nothing but "€" or "²") it is windows-1252, unless windows-1251 finds a Russian letter or "№" there: then it can be
either. (The decoder of `read` weighs six encodings by the letters of prose; headers in capitals and "km²" are too little for it.)
"""

from __future__ import annotations

import codecs
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from kayfabe.errors import UnreadableFile

MOST_BYTES = 100_000_000
_TODO = "Save it as UTF-8."
_STEP = 1 << 20
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAME = b"\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa7\xab\xad\xb0\xb7\xb9\xbb"  # quotes, dashes, degrees: alike in both; and ¹ or №
_RUN = re.compile(b"[A-Za-z" + b"".join(re.escape(bytes([b])) for b in range(0x80, 0x100) if b not in _SAME) + b"]+")
_UPPER, _LOWER = rb"\xc0-\xdf\xa8\xaa\xaf\xb2", rb"\xe0-\xff\xb8\xba\xbf\xb3"
_CYRILLIC = re.compile(rb"[" + _UPPER + _LOWER + rb"][" + _LOWER + rb"]+|[" + _UPPER + rb"]{2,}")
_ACCENTED = rb"\xc0-\xd6\xd8-\xf6\xf8-\xfe\x8a\x8c\x8e\x9a\x9c\x9e\x9f"  # not \xff, a stray byte rather than a y with dots
_LATIN = re.compile(rb"(?=.*[A-Za-z])[A-Za-z" + _ACCENTED + rb"]+[\xb2\xb3\xb5]?|\xb5[A-Za-z]+")
_RUSSIAN = re.compile(rb"[\xa8\xb8\xb9\xc0-\xff]")
_MOST_AGREE = 0.9


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked where it is .gz."""
    return cast(IO[bytes], gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


@contextmanager
def as_utf8(path: Path) -> Iterator[tuple[Path, str]]:
    """`path` itself and "" where it is UTF-8, else a copy in UTF-8, gone afterwards, and the encoding's name. Raises UnreadableFile."""
    try:
        if _is_utf8(path):
            yield path, ""
            return
        with opened(path) as stream:
            raw = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(path, str(error), "Check the file.") from error
    text, name = _decoded(raw, path)
    with tempfile.TemporaryDirectory(prefix="kayfabe-") as folder:
        target = Path(folder) / "table.csv"
        target.write_bytes(text.encode("utf-8"))
        yield target, name


def _is_utf8(path: Path) -> bool:
    """Whether every byte is UTF-8 and none is NUL."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened(path) as stream:
        try:
            while block := stream.read(_STEP):
                if b"\0" in block:
                    return False
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _decoded(raw: bytes, path: Path) -> tuple[str, str]:
    if len(raw) > MOST_BYTES:
        raise UnreadableFile(path, f"it is not UTF-8 text, and has more than {MOST_BYTES:,} bytes", _TODO)
    name = "utf-16" if raw.startswith(_MARKS) else ""
    if not name:
        if b"\0" in raw:
            where = raw.count(b"\n", 0, raw.index(b"\0")) + 1
            raise UnreadableFile(path, f"it is not UTF-8 text: line {where} holds a NUL byte", _TODO)
        name = _single_byte(raw, path)
    try:
        text = raw.decode(name)
    except UnicodeDecodeError as error:
        where = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(path, f"it is not UTF-8 text, and line {where} is not {_shown(name)} either", _TODO) from error
    if "\0" in text or re.search(r"[\ud800-\udfff]", text):
        raise UnreadableFile(path, f"it begins as {_shown(name)} text and holds NUL characters", _TODO)
    return text, _shown(name)


def _shown(name: str) -> str:
    return {"cp1251": "windows-1251", "cp1252": "windows-1252", "utf-16": "UTF-16"}[name]


def _single_byte(raw: bytes, path: Path) -> str:
    """cp1251 or cp1252. Raises UnreadableFile where neither fits, both do, or some lines are UTF-8."""
    first = _first_line_not_utf8(raw, path)
    cyrillic = latin = neither = 0
    for found in _RUN.finditer(raw):
        run = found[0]
        if run.isascii():
            continue
        if _CYRILLIC.fullmatch(run):
            cyrillic += 1
        elif _LATIN.fullmatch(run):
            latin += 1
        elif len(run) > 1:
            neither += 1
    total = cyrillic + latin + neither
    if total:
        if cyrillic >= _MOST_AGREE * total:
            return "cp1251"
        if latin >= _MOST_AGREE * total:
            return "cp1252"
        seen = f"line {first} is not UTF-8, and its words fit neither windows-1251 ({cyrillic} of {total}) nor windows-1252 ({latin})"
        raise UnreadableFile(path, seen, _TODO)
    if _RUSSIAN.search(raw) and raw.decode("cp1251", "replace") != raw.decode("cp1252", "replace"):
        raise UnreadableFile(path, f"line {first} is not UTF-8, and may be windows-1251 or windows-1252", _TODO)
    return "cp1252"


def _first_line_not_utf8(raw: bytes, path: Path) -> int:
    """The first such line. Raises UnreadableFile where other lines are UTF-8 with letters above ASCII: the file mixes encodings."""
    marked = raw.startswith(codecs.BOM_UTF8)
    first, utf8 = 0, 0
    for number, line in enumerate(raw.splitlines(), 1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            utf8 = utf8 or number
        except UnicodeDecodeError:
            first = first or number
        if first and marked:
            raise UnreadableFile(path, f"line {first} is not UTF-8, though it begins with the mark of UTF-8", _TODO)
        if first and utf8:
            seen = f"line {first} is not UTF-8, but line {utf8} is: encodings are mixed"
            raise UnreadableFile(path, seen, _TODO)
    return first

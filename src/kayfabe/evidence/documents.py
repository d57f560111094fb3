"""Folders, feeds and chat exports as rows of `documents`: the reader is given from outside, what it found is shown before it is loaded."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kayfabe.errors import UnreadableFile
from kayfabe.evidence.reading import sha256_of

COLUMNS = ("document", "at", "outlet", "title", "text", "language", "url")


class Found(Protocol):
    """One document as a reader found it; `at_from` and `outlet_from` say where date and outlet come from ("" where nothing was found)."""

    @property
    def document(self) -> str: ...
    @property
    def at(self) -> str | None: ...
    @property
    def outlet(self) -> str: ...
    @property
    def title(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def at_from(self) -> str: ...
    @property
    def outlet_from(self) -> str: ...
    @property
    def problem(self) -> str: ...


@dataclass(frozen=True)
class Archives:
    """How archives become documents: `holds` tells an archive from a table, `read` reads one."""

    holds: Callable[[Path], bool]
    read: Callable[[Path], Sequence[Found]]


def fingerprint(path: Path) -> str:
    """sha256 of a file, or over the names and hashes of a folder's files."""
    if not path.is_dir():
        return sha256_of(path)
    parts = [(p.relative_to(path).as_posix(), sha256_of(p)) for p in sorted(path.rglob("*")) if p.is_file()]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@contextmanager
def readable(path: Path, found: Sequence[Found]) -> Iterator[Path]:
    """A file of JSON lines with these documents, gone afterwards. Raises UnreadableFile where there are none."""
    if not found:
        raise UnreadableFile(path, "it holds no text", "Give articles, a feed with items or an export with messages.")
    with tempfile.TemporaryDirectory(prefix="kayfabe-") as folder:
        target = Path(folder) / "documents.jsonl"
        with target.open("w", encoding="utf-8") as stream:
            for one in found:
                stream.write(json.dumps({c: getattr(one, c) for c in COLUMNS}, ensure_ascii=False) + "\n")
        yield target


def preview(found: Sequence[Found], most: int = 12) -> list[str]:
    """What was found, as lines to look at before loading: the summary and the first documents."""
    shown = [f"{f.at or 'no date'}  {f.outlet}  {f.document}: {' '.join((f.title or f.text).split())[:80]}" for f in found]
    more = [f"… and {len(found) - most} more"] if len(found) > most else []
    return [*summary(found, most), *shown[:most], *more]


def summary(found: Sequence[Found], most: int = 12) -> list[str]:
    """Outlets and dates with where they come from, documents without a date, texts that stand there more than once; as lines."""
    dated = sorted(f.at for f in found if f.at)
    lines = [f"{len(found)} documents" + (f", {dated[0]} to {dated[-1]}" if dated else "")]
    for (outlet, origin), n in sorted(Counter((f.outlet, f.outlet_from) for f in found).items(), key=lambda x: (-x[1], x[0]))[:most]:
        lines.append(f"outlet {outlet} (from the {origin}): {n}")
    lines += [f"date from the {origin}: {n}" for origin, n in sorted(Counter(f.at_from for f in found if f.at).items())]
    unread = [f"{f.document}: {f.problem}" for f in found if f.problem]
    if unread:
        lines.append(f"cannot be read: {len(unread)} ({'; '.join(unread[:5])}{'; …' if len(unread) > 5 else ''})")
    missing = [f.document for f in found if not f.at and not f.problem]
    if missing:
        lines.append(f"no date: {len(missing)} ({', '.join(missing[:5])}{', …' if len(missing) > 5 else ''})")
    return lines + repeated(found)


def repeated(found: Sequence[Found]) -> list[str]:
    """Texts that stand there more than once, in words; they are kept, since who repeats whom may be the question."""
    texts: dict[str, list[str]] = {}
    for f in (x for x in found if not x.problem):
        texts.setdefault(" ".join(f.text.lower().split()), []).append(f.document)
    same = [names for text, names in texts.items() if text and len(names) > 1]
    if not same:
        return []
    first = " = ".join(same[0][:4])
    return [f"same text more than once (kept): {sum(len(s) - 1 for s in same)} documents, such as {first}"]

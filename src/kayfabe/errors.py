"""Errors that a person can act on: what failed, what was seen, what to do, in one line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path


def did_you_mean(name: str, available: Iterable[str], *, most: int = 3) -> list[str]:
    """The names most like `name`, best first (difflib ratio >= .6 on lower case)."""
    by_lower = {a.lower(): a for a in available}
    close = difflib.get_close_matches(name.lower(), by_lower, n=most, cutoff=0.6)
    return [by_lower[c] for c in close]


def one_line(text: object, limit: int = 120) -> str:
    """`text` without control characters or line breaks, cut to `limit`: safe to print in a terminal."""
    clean = "".join(c if c.isprintable() else " " for c in str(text))
    clean = " ".join(clean.split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


class KayfabeError(Exception):
    """The user's input cannot be used. The command line prints the message and exits with 2."""


class Cancelled(KayfabeError):
    """The user stopped the work."""

    def __init__(self) -> None:
        super().__init__("Stopped. Nothing was written.")


class UnreadableText(KayfabeError):
    """An article cannot be read."""

    def __init__(self, source: object, seen: str, todo: str) -> None:
        self.seen = one_line(seen, 200)
        super().__init__(f"Cannot read {one_line(source)}: {one_line(seen, 200)}. {todo}")


class ModelServerFailed(KayfabeError):
    """The model server that the user named cannot be used."""

    def __init__(self, url: str, seen: str, todo: str) -> None:
        super().__init__(f"Model server {one_line(url)}: {one_line(seen, 320)}. {todo}")


class UnreadableFile(KayfabeError):
    """An evidence file cannot be read."""

    def __init__(self, path: Path | str, seen: str, todo: str) -> None:
        super().__init__(f"Cannot read {one_line(path)}: {one_line(seen, 200)}. {todo}")


class WrongColumns(KayfabeError):
    """A file lacks columns that its table needs."""

    def __init__(self, path: Path | str, table: str, missing: Sequence[str], found: Sequence[str]) -> None:
        hints = []
        for name in missing:
            close = did_you_mean(name, found, most=1)
            if close:
                hints.append(f"{name} (is it '{one_line(close[0], 40)}'?)")
            else:
                hints.append(name)
        seen = ", ".join(one_line(c, 40) for c in found[:20]) or "none"
        super().__init__(
            f"{one_line(path)} cannot be loaded as {table}: missing column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(hints)}. It has: {seen}. Rename them, or give --map FILE."
        )


class BadRow(KayfabeError):
    """A row breaks its table's contract; the whole file is refused."""

    def __init__(self, path: Path | str, row: int, column: str, seen: object, want: str, more: int) -> None:
        others = f" ({more} more bad row{'s' if more > 1 else ''})" if more else ""
        super().__init__(
            f"{one_line(path)}, row {row}, column {one_line(column, 60)}: {want}, not '{one_line(seen, 60)}'{others}. "
            "Nothing was loaded. Correct it, or give --reject FILE to load the good rows."
        )


class UnknownName(KayfabeError):
    """A name is not among those that exist."""

    def __init__(self, what: str, name: object, available: Iterable[str], todo: str = "") -> None:
        available = list(available)
        close = did_you_mean(str(name), available)
        if close:
            hint = "Did you mean " + " or ".join(f"'{one_line(c, 60)}'" for c in close) + "?"
        elif available and len(available) <= 20:
            hint = "There are: " + ", ".join(one_line(a, 60) for a in available) + "."
        else:
            hint = ""
        super().__init__(" ".join(p for p in (f"Unknown {what} '{one_line(name, 80)}'.", hint, todo) if p))


class BadOption(KayfabeError):
    """An option's value cannot be used."""

    def __init__(self, option: str, seen: object, want: str) -> None:
        super().__init__(f"--{option}: {want}, not '{one_line(seen, 80)}'.")


class BadCase(KayfabeError):
    """A case file cannot be used."""

    def __init__(self, path: Path | str, seen: str, todo: str) -> None:
        super().__init__(f"{one_line(path)}: {one_line(seen, 240)}. {todo}")


class BadStore(KayfabeError):
    """An evidence store cannot be used."""

    def __init__(self, path: Path | str, seen: str, todo: str) -> None:
        super().__init__(f"{one_line(path)}: {one_line(seen, 240)}. {todo}")


class MissingEvidence(KayfabeError):
    """An instrument asked for a table or column that its evidence cannot give."""


class PortabilityError(Exception):
    """A query leaves the portable subset of SQL: our fault, found by the tests."""

"""The day a document states as its own: ISO, "12 March 2024", "March 12, 2024", «12 марта 2024 г.», 12.03.2024."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

from kayfabe.read.wordlists import word_table

_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_LONGEST_DATELINE = 90


def first_date(line: str) -> dt.date | None:
    """The first full date in `line`, or None. Slashes are read only where day and month cannot be confused."""
    found: list[tuple[int, dt.date]] = []
    for pattern, order in ((_ISO, "ymd"), (_DOTTED, "dmy"), (_SLASHED, "?")):
        for match in pattern.finditer(line):
            a, b, c = (int(g) for g in match.groups())
            day = _of_slashes(a, b, c) if order == "?" else _day(a, b, c) if order == "ymd" else _day(c, b, a)
            if day is not None:
                found.append((match.start(), day))
    for match in _worded().finditer(line.lower()):
        g = match.groupdict()
        month = _months()[g["m1"] or g["m2"]]
        day = _day(int(g["y1"] or g["y2"]), month, int(g["d1"] or g["d2"]))
        if day is not None:
            found.append((match.start(), day))
    return min(found)[1] if found else None


def stated_date(text: str) -> dt.date | None:
    """The day of publication that `text` states in a dateline, or None.

    A dateline is a short line among the first fifteen or last five that is no sentence, or the opening words of the
    first paragraph before a dash ("KYIV, March 12, 2024 — ..."). A date inside the argument is never taken.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in (*lines[:15], *lines[15:][-5:]):
        if len(line) <= _LONGEST_DATELINE and not _sentence(line):
            day = first_date(line)
            if day is not None:
                return day
    for line in lines[:4]:
        opening = re.match(r"^(.{4,80}?)\s[—–-]{1,2}\s", line)
        if opening is not None and len(opening.group(1).split()) <= 9:
            day = first_date(opening.group(1))
            if day is not None:
                return day
    return None


def _sentence(line: str) -> bool:
    without_date = re.sub(r"\s(?:г|гг)\.$", "", line)
    return len(line.split()) > 12 or (without_date.endswith((".", "!", "?", "…")) and len(without_date.split()) > 6)


def _day(year: int, month: int, day: int) -> dt.date | None:
    if not 1800 <= year <= 2100:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _of_slashes(a: int, b: int, year: int) -> dt.date | None:
    if a > 12 >= b:
        return _day(year, b, a)
    if b > 12 >= a:
        return _day(year, a, b)
    return _day(year, a, b) if a == b else None


@cache
def _months() -> dict[str, int]:
    table = word_table("months")
    return {name: number for number in range(1, 13) for name in table[str(number)]}


@cache
def _worded() -> re.Pattern[str]:
    names = "|".join(sorted((re.escape(n) for n in _months()), key=len, reverse=True))
    return re.compile(
        rf"(?<![\w.])(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{names})\.?,?\s+(?P<y1>\d{{4}})"
        rf"|(?P<m2>{names})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}}))(?!\d)"
    )

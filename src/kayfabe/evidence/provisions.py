"""An agreement's text, split into its numbered provisions, with a preview to look at before loading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_MARK = re.compile(
    r"""(?P<open>\()?                                   # (1) as well as 1. and 1)
    (?P<number>\d{1,3}(?:\.\d{1,3})*|[A-Za-zА-Яа-я]|[ivxIVX]{1,6})
    (?P<close>[.)]+|(?<=\d)(?=\s{2,}))\s*(?P<rest>\S.*)?$""",
    re.VERBOSE,
)
_ARTICLE = re.compile(
    r"(?:article|section|chapter|part|annex|point|paragraph|статья|раздел|глава|часть|пункт|приложение)\s+"
    r"(?P<number>\d{1,3}(?:\.\d{1,3})*|[IVXLC]{1,7}|[A-Z])\b[\s.:—–-]*(?P<rest>.*)$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[-–—•*◦▪·‣]\s+(?P<rest>\S.*)$")
_HEADING = 120  # a longer line after "Article 5" is text, not its heading
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


@dataclass(frozen=True)
class Provision:
    """One provision: its number in the agreement ("9", "II.3"), the heading over it, its text on one line."""

    provision: str
    heading: str
    text: str


def split(text: str) -> list[Provision]:
    """The provisions of an agreement in order: numbered paragraphs, those under an article carry its number ("II.3").

    A number opens a provision only where it continues its sequence (1, 2, 3 ... or a, b, c ...), so that "15. percent" at the
    start of a wrapped line does not. Text before the first number is "preamble", text after the last full stop of the final
    one stays with it. Lines without a number continue the provision above; so do bullets. Text without any numbers gives one
    provision per paragraph.
    """
    lines = [_clean(line) for line in text.splitlines()]
    found = _numbered(lines)
    if len(found) > 1:
        return _unique(found)
    paragraphs = [p for p in (" ".join(q.split()) for q in re.split(r"\n\s*\n", "\n".join(lines))) if p]
    return [Provision(str(n), "", p) for n, p in enumerate(paragraphs, start=1)]


def preview(found: Sequence[Provision], width: int = 100) -> str:
    """The provisions as lines "number  heading: beginning of the text", to look at before loading."""
    wide = max((len(p.provision) for p in found), default=0)
    lines = [f"{len(found)} provisions"]
    for p in found:
        shown = f"{p.heading}: {p.text}" if p.heading else p.text
        cut = shown if len(shown) <= width else shown[: width - 1] + "…"
        lines.append(f"{p.provision.rjust(wide)}  {cut}")
    return "\n".join(lines)


def _clean(line: str) -> str:
    return unicodedata.normalize("NFC", line.translate(_UNSEEN)).replace("\u00a0", " ").strip()


@dataclass
class _Open:
    """Where the reading stands: the article, its heading, the last plain number and the last letter."""

    article: str = ""
    heading: str = ""
    number: int = 0
    letter: str = ""
    fresh: bool = False


def _numbered(lines: Sequence[str]) -> list[Provision]:
    parts: list[tuple[str, str, list[str]]] = [("preamble", "", [])]
    at = _Open()
    blank = True
    for line in lines:
        if not line:
            blank = True
            continue
        name, rest = _opens(line, at, blank)
        if name:
            parts.append((name, at.heading, [rest] if rest else []))
        elif at.fresh and not parts[-1][2] and len(line) <= _HEADING and line[-1] not in ".;:,":
            at.heading = line  # "Article 5" alone on its line: the next short line is its heading
            parts[-1] = (parts[-1][0], line, [])
        else:
            bullet = _BULLET.match(line)
            parts[-1][2].append(bullet["rest"] if bullet else line)
            at.fresh = False
        blank = False
    return [Provision(name, heading, " ".join(" ".join(rows).split())) for name, heading, rows in parts if rows]


def _opens(line: str, at: _Open, blank: bool) -> tuple[str, str]:
    """(number of the provision that `line` opens, the text after it); ("", "") where it opens none."""
    article = _ARTICLE.match(line)
    if article and (not article["rest"] or (len(article["rest"]) <= _HEADING and article["rest"][-1] not in ".;,")):
        at.article, at.heading, at.number, at.letter = article["number"], article["rest"], 0, ""
        at.fresh = True
        return at.article, ""
    mark = _MARK.match(line)
    if not mark:
        return "", ""
    number, rest = mark["number"], mark["rest"] or ""
    prefix = f"{at.article}." if at.article else ""
    if "." in number:
        return (number, rest) if blank or rest[:1].isupper() else ("", "")
    if number.isdigit():
        value = int(number)
        follows = value == at.number + 1 or (value == 1 and blank)
        if not follows or not (not rest or rest[0].isupper() or not rest[0].isalnum() or blank):
            return "", ""
        at.number, at.letter, at.fresh = value, "", False
        return f"{prefix}{value}", rest
    if len(number) == 1 and number.islower() and (number in "aа" or (at.letter and ord(number) == ord(at.letter) + 1)):
        at.letter, at.fresh = number, False
        return f"{prefix}{at.number}{number}" if at.number else f"{prefix}{number}", rest
    return "", ""


def _unique(found: list[Provision]) -> list[Provision]:
    """The same provisions; a number that comes again (lists that start over) gets "-2", "-3"."""
    seen: dict[str, int] = {}
    out = []
    for p in found:
        seen[p.provision] = seen.get(p.provision, 0) + 1
        n = seen[p.provision]
        out.append(p if n == 1 else Provision(f"{p.provision}-{n}", p.heading, p.text))
    return out

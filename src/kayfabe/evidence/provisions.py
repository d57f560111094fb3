"""An agreement's text, split into its numbered provisions, with a preview to look at before loading."""

from __future__ import annotations

import csv
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kayfabe.errors import UnreadableFile
from kayfabe.evidence.reading import guard

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
TEXTS = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx")
PREAMBLE = "preamble"
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


def is_text(path: Path) -> bool:
    """Whether `path` is an agreement's text and no table: by its suffix; a .txt that begins with a header is a table."""
    if path.suffix.lower() not in TEXTS:
        return False
    if path.suffix.lower() not in (".txt", ".text"):
        return True
    try:
        with path.open("rb") as stream:
            first = stream.readline(2000).decode("utf-8-sig", "replace").lower()
    except OSError:
        return True
    return not {"agreement", "provision"} <= set(re.split(r"[,;\t|\"\s]+", first))


@contextmanager
def readable(path: Path, text: str, agreement: str) -> Iterator[Path]:
    """A CSV file of the provisions of `text`, gone afterwards. Raises UnreadableFile where there are none."""
    found = split(text)
    if not found:
        raise UnreadableFile(path, "it has no text", "Give an agreement with text in it.")
    with tempfile.TemporaryDirectory(prefix="kayfabe-") as folder:
        target = Path(folder) / "provisions.csv"
        with target.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("agreement", "provision", "heading", "text"))
            writer.writerows(map(guard, (agreement, p.provision, p.heading, p.text or p.heading)) for p in found)
        yield target


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
    parts: list[tuple[str, str, list[str]]] = [(PREAMBLE, "", [])]
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
    if article and _is_heading(article["rest"]):
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


def _is_heading(rest: str) -> bool:
    """Whether what follows "Article 5" on its line is its heading; a line that goes on in small letters is text."""
    return not rest or (len(rest) <= _HEADING and rest[-1] not in ".;," and not rest[0].islower())


def _unique(found: list[Provision]) -> list[Provision]:
    """The same provisions; a number that comes again (lists that start over) gets "-2", "-3". Where every item of an article
    reads "1." (a list that a converter numbered), they are counted on."""
    found = _counted_on(found)
    seen: dict[str, int] = {}
    out = []
    for p in found:
        seen[p.provision] = seen.get(p.provision, 0) + 1
        n = seen[p.provision]
        out.append(p if n == 1 else Provision(f"{p.provision}-{n}", p.heading, p.text))
    return out


def _counted_on(found: list[Provision]) -> list[Provision]:
    heads = [re.fullmatch(r"(.*?)(\d+)", p.provision) for p in found]
    numbers: dict[str, list[int]] = {}
    for head in heads:
        if head:
            numbers.setdefault(head[1], []).append(int(head[2]))
    same = {prefix for prefix, n in numbers.items() if len(n) >= 3 and set(n) == {1}}
    at = dict.fromkeys(same, 0)
    out = []
    for p, head in zip(found, heads, strict=True):
        if head and head[1] in same:
            at[head[1]] += 1
            p = Provision(f"{head[1]}{at[head[1]]}", p.heading, p.text)
        out.append(p)
    return out

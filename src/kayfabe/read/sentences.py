"""Paragraphs and sentences with exact offsets; headings, list items, bylines and notes told apart."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kayfabe.read.wordlists import data_toml, word_table

Role = Literal["body", "heading", "item", "byline", "note"]

_BLANK = re.compile(r"\n[ \t\u200e\u200f\u202a-\u202e]*\n\s*")
_BULLET = re.compile(r"[ \t]*(?:[-–—*•◦▪·‣]|\(?\d{1,3}[.)]|\(?[a-zа-я]\))[ \t]+(?=\S)")
_END = re.compile(r"(?:[.!?…]+(?:[ \u00a0]\.){0,4})[\"'”’»“)\]}\u200e\u200f\u0300-\u036f]*")
_OPENERS = "\"'“‘«„([{—–-¿¡\u200e\u200f\u202a-\u202e\u2066-\u2069"
_STOPS = ".!?…"
_LONGEST = 2_000  # characters of one sentence; what is longer is no sentence
_SOFT_WRAP = 45  # a line at least this long that ends no sentence goes on in the next line


@dataclass(frozen=True)
class Sentence:
    """text[start:end] is the sentence, trimmed; `paragraph` numbers its paragraph; `role` says what it is part of."""

    start: int
    end: int
    paragraph: int
    role: Role = "body"


def sentences(text: str, language: str) -> list[Sentence]:
    """The sentences of `text` in order, not overlapping, covering every word.

    Full stops of abbreviations, initials, decimal numbers, and list numbers end nothing. A line break ends a sentence
    where a paragraph, heading, list item or byline ends, not inside wrapped lines.
    """
    out: list[Sentence] = []
    for number, (start, end) in enumerate(_blocks(text)):
        lines = _units(text, start, end)
        for line_start, line_end in lines:
            bullet = _BULLET.match(text, line_start, line_end)
            dash_speech = bullet is not None and bullet.group().strip() in "—–" and len(lines) == 1
            item = bullet is not None and not dash_speech
            begin = bullet.end() if item and bullet is not None else line_start
            role = _role(text, begin, line_end, item=item, alone=len(lines) == 1, language=language)
            spans = [(begin, line_end)] if role in ("byline", "note") else _split(text, begin, line_end, language)
            if role == "heading" and len(spans) > 1:
                role = "body"  # several sentences are no heading
            for a, b in spans:
                a, b = _trimmed(text, a, b)
                if a < b:
                    out.append(Sentence(a, b, number, "note" if _is_note(text[a:b], language) else role))
    return out


def _blocks(text: str) -> list[tuple[int, int]]:
    out, at = [], 0
    for gap in _BLANK.finditer(text):
        out.append((at, gap.start()))
        at = gap.end()
    out.append((at, len(text)))
    return [(a, b) for a, b in out if text[a:b].strip()]


def _units(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The lines of a block, with wrapped lines joined."""
    units: list[tuple[int, int]] = []
    last = ""
    at = start
    for raw in text[start:end].split("\n"):
        line = (at, at + len(raw))
        at = line[1] + 1
        if not raw.strip():
            continue
        if units and _wraps(last, raw):
            units[-1] = (units[-1][0], line[1])
        else:
            units.append(line)
        last = raw.rstrip()
    return units


def _wraps(last: str, line: str) -> bool:
    """Whether `line` goes on with the sentence that the line before it, `last`, left open."""
    if _BULLET.match(line) or last[-1:] in ":;":
        return False
    first = line.lstrip()[:1]
    if last.rstrip("\"'”’»)]")[-1:] in _STOPS and last:
        return False
    if unicodedata.category(last[-1:] or " ") == "So":
        return False  # an emoji closes a line of a channel
    return first.islower() or len(last) >= _SOFT_WRAP


def _role(text: str, start: int, end: int, *, item: bool, alone: bool, language: str) -> Role:
    line = text[start:end].strip()
    lower = line.lower().lstrip("\u200e\u200f")
    words = len(line.split())
    if line[:1] in "([" and line[-1:] in ")]" and line.count(line[0]) == 1 and (words <= 12 or _is_note(line, language)):
        return "note"
    if words <= 14 and lower.startswith(_starts("byline", language)):
        return "byline"
    if item:
        return "item"
    ends = line.rstrip("\"'”’»)]")[-1:]
    if words <= 16 and len(line) <= 140 and ends not in (*_STOPS, ":", ",", ";") and alone:
        return "heading"
    return "body"


def _is_note(sentence: str, language: str) -> bool:
    """Whether the sentence is a bracketed remark by somebody else: "(Translator's note: a pun.)"."""
    own = sentence.rstrip(".")
    bracketed = own[:1] in ("(", "[") and own[-1:] in (")", "]") and own.count(own[:1]) == 1 and len(own.split()) <= 40
    return bracketed and own[1:].lstrip().lower().startswith(_starts("note", language))


@cache
def _starts(kind: str, language: str) -> tuple[str, ...]:
    return tuple(data_toml("words.toml")["roles"][f"{kind}_{language}"])


def _split(text: str, start: int, end: int, language: str) -> list[tuple[int, int]]:
    out, at = [], start
    for stop in _END.finditer(text, start, end):
        if stop.end() >= end:
            break
        if _ends_sentence(text, at, stop, end, language):
            out.append((at, stop.end()))
            at = stop.end()
    out.append((at, end))
    return [short for a, b in out for short in _short(text, a, b)]


def _short(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The span start..end, cut at blanks where it is longer than any sentence should be."""
    out = []
    while end - start > _LONGEST:
        cut = max(text.rfind(" ", start, start + _LONGEST), text.rfind("\n", start, start + _LONGEST))
        cut = cut if cut > start else start + _LONGEST
        out.append((start, cut))
        start = cut
    out.append((start, end))
    return out


def _ends_sentence(text: str, at: int, stop: re.Match[str], end: int, language: str) -> bool:
    after = stop.end()
    if not text[after].isspace():
        return False
    rest = text[after : min(end, after + 60)].lstrip()
    if not rest:
        return True
    word = rest.lstrip(_OPENERS + " \u00a0")
    first = word[:1]
    mark = stop.group()
    if first.islower():
        return False
    dash = rest[0] in "—–-" and mark[-1] in "\"'”’»“)"
    if dash and not first.isupper():
        return False
    if mark.startswith(("…", "..")):
        return True
    if "." not in mark or "!" in mark or "?" in mark:
        return True
    if len(mark) > 1 and mark[1] in "\"'”’»“":
        return True
    before = re.search(r"[\w.\-]*$", text[max(at, stop.start() - 24) : stop.start()])
    token = before.group().lower() if before else ""
    if not token or (first.isdigit() and token in ("no", "art", "vol", "p", "pp", "ст", "п", "стр", "гл", "рис")):
        return not token
    following = re.match(r"[\w'’-]*", word)
    starter = following is not None and following.group().lower().replace("ё", "е") in _list(f"starters_{language}")
    pair = re.search(r"(?<!\w)т\.\s?([а-я])$", text[max(at, stop.start() - 6) : stop.start()].lower())
    if language == "ru" and pair is not None:
        return pair.group(1) in "дп" and starter
    initial = re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", token) is not None and text[stop.start() - 1].isupper()
    may_end = token in _list(f"{language}_may_end") or initial
    never = token in _list(language) or re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", token) is not None
    if may_end:
        return starter and not (initial and len(token) == 1 and language == "ru")
    return not never


@cache
def _list(name: str) -> frozenset[str]:
    return word_table("abbreviations")[name]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end

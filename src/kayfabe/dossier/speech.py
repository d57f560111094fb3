"""How the text speaks: its rhetorical devices as one chart, with their definitions, words and places. No verdict."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from kayfabe.dossier.article import Paragraph
from kayfabe.dossier.charts import ChartView, chart_view
from kayfabe.dossier.wording import number
from kayfabe.instruments.declaration import Chart
from kayfabe.models import Case, Device
from kayfabe.read.rhetoric import DEVICES, Meaning, word_count

MOST_SPANS = 40
_OWN, _OTHER = "said", "quoted or negated"
_COLUMNS = ("device", "how", "count", "per thousand words")


@dataclass(frozen=True)
class Place:
    """A stretch of the article where devices stand, text[start:end]; places do not overlap and are numbered from 1."""

    number: int
    start: int
    end: int


@dataclass(frozen=True)
class Spoken:
    """The words of one device, the number of their place, and whether they are quoted or negated."""

    words: str
    place: int
    notes: str


@dataclass(frozen=True)
class Listed:
    """One device: what it means, how often it was found, and the first of its words."""

    name: str
    meaning: Meaning
    total: int
    spans: tuple[Spoken, ...]


@dataclass(frozen=True)
class Speech:
    """The section: a chart (None where nothing was found), every device, and the words of the text that were searched."""

    chart: ChartView | None
    devices: tuple[Listed, ...]
    words: int


def speech(case: Case, places: Sequence[Place]) -> Speech:
    """How the text of `case` speaks; `places` as `places_of` gives them."""
    words = word_count(case.text.text)
    starts = [p.start for p in places]
    devices = []
    for name, meaning in DEVICES.items():
        own = [d for d in case.rhetoric if d.name == name]
        spans = tuple(Spoken(d.words, bisect_right(starts, d.start), _notes(d)) for d in own[:MOST_SPANS])
        devices.append(Listed(name, meaning, len(own), spans))
    chart = chart_view(_profile(case.rhetoric, words), "speech") if case.rhetoric else None
    return Speech(chart, tuple(devices), words)


def places_of(devices: Sequence[Device]) -> list[Place]:
    """Where devices stand, those that overlap in one place, in reading order."""
    found: list[Place] = []
    for start, end in sorted((d.start, d.end) for d in devices):
        if found and start < found[-1].end:
            found[-1] = replace(found[-1], end=max(found[-1].end, end))
        else:
            found.append(Place(len(found) + 1, start, end))
    return found


def in_place(found: Sequence[Paragraph], places: Sequence[Place]) -> list[Paragraph]:
    """The paragraphs with every place marked where it stands; the id is on its first part."""
    out, at, k = [], 0, 0
    opened: set[int] = set()
    for paragraph in found:
        at += len(paragraph.before)
        runs = []
        for run in paragraph.runs:
            while k < len(places) and places[k].end <= at:
                k += 1
            inside = places[k : _first_after(places, k, at + len(run.text))]
            runs.append(replace(run, text=_marked(run.text, at, inside, opened)) if inside else run)
            at += len(run.text)
        out.append(Paragraph(paragraph.before, tuple(runs)))
    return out


def _first_after(places: Sequence[Place], k: int, end: int) -> int:
    while k < len(places) and places[k].start < end:
        k += 1
    return k


def _marked(text: str, at: int, places: Sequence[Place], opened: set[int]) -> Markup:
    parts, done = [Markup()], 0
    for place in places:
        a, b = max(place.start - at, 0), min(place.end - at, len(text))
        name = Markup("") if place.number in opened else Markup(' id="words-{}"').format(place.number)
        opened.add(place.number)
        parts += [Markup("{}").format(text[done:a]), Markup('<span class="spoken"{}>{}</span>').format(name, text[a:b])]
        done = b
    return Markup("").join([*parts, Markup("{}").format(text[done:])])


def _notes(device: Device) -> str:
    marks = (("in quotation marks", device.quoted), ("negated", device.negated))
    return ", ".join(name for name, holds in marks if holds)


def _profile(devices: Sequence[Device], words: int) -> Chart:
    """Counts of each device per 1,000 words, its quoted and negated words apart."""
    other = any(d.quoted or d.negated for d in devices)
    rows = []
    for name, meaning in DEVICES.items():
        for how in (_OWN, _OTHER) if other else (_OWN,):
            count = sum(d.name == name and (_OTHER if d.quoted or d.negated else _OWN) == how for d in devices)
            rows.append((meaning.title, how, count, round(1000 * count / max(words, 1), 2)))
    said = ", ".join(
        f"{m.title} {sum(d.name == name for d in devices)}" for name, m in DEVICES.items()
    )
    spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "device", "type": "nominal", "title": None, "sort": None},
            "x": {"field": _COLUMNS[3], "type": "quantitative", "title": "per 1,000 words"},
            "color": {"field": "how", "type": "nominal", "title": None, "sort": [_OWN, _OTHER]},
        },
        "height": {"step": 24},
    }
    if not other:
        del spec["encoding"]["color"]  # type: ignore[attr-defined]
    alt = f"How often each stands in the {number(words)} words of this text: {said}."
    return Chart("Devices per 1,000 words", alt, spec, _COLUMNS, tuple(rows))

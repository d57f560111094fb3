"""How a text speaks: loaded words, us and them, fear, false dilemmas, whataboutism, dehumanising terms.

Descriptive only. A device says nothing about the truth of a sentence: no kind, question or verdict depends on it, and
the same words count alike whoever says them and of whomever. The cues are rows of data/rhetoric_en.toml and
rhetoric_ru.toml in the language of `kayfabe.read.cues`; what they miss and mistake is measured in docs/rhetoric.md.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kayfabe.models import Device, Text
from kayfabe.read.cues import CueIndex, cues_of
from kayfabe.read.folding import Folded, fold
from kayfabe.read.sentences import sentences
from kayfabe.read.wordlists import data_toml

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_QUOTED = re.compile(r"«[^«»]*»|“[^“”]*”|„[^„“”]*[“”]|\"[^\"\n]*\"|(?<!\w)‘[^‘\n]{1,400}?’(?!\w)")
_NEGATED = {
    "en": re.compile(r"(?:\b(?:not|never|no|nor|neither|hardly|cannot|without|nobody)|n't)(?:\W+\w+){0,2}\W+$"),
    "ru": re.compile(r"\b(?:не|ни|нет|никакие|никакой|никакая|вовсе|никогда|без)(?:\W+\w+){0,2}\W+$"),
}
_NEGATES_WITHIN = {
    "en": re.compile(r"\b(?:not|never)\b|n't\b"),
    "ru": re.compile(r"\bне\b"),
}
_REACH = 40  # characters before a device in which a negation is looked for


@dataclass(frozen=True)
class Meaning:
    """What a device is, in plain words, and who described it."""

    title: str
    definition: str
    reference: str


_PROPAGANDA = (
    "Da San Martino, Yu, Barrón-Cedeño, Petrov & Nakov (2019), Fine-grained analysis of propaganda in news article, "
    "EMNLP-IJCNLP, 5636-5646"
)

DEVICES: dict[str, Meaning] = {
    "loaded-language": Meaning(
        "loaded language",
        "Words that carry a strong feeling or judgement beyond what they describe, where plainer words would name the "
        "same thing.",
        f"{_PROPAGANDA}; Macagno & Walton (2014), Emotive Language in Argumentation, Cambridge University Press",
    ),
    "us-and-them": Meaning(
        "us and them",
        "People are sorted into an own group and a foreign one, the good on one side and the bad on the other.",
        "Tajfel & Turner (1979), An integrative theory of intergroup conflict, in Austin & Worchel (eds), The Social "
        "Psychology of Intergroup Relations, 33-47; van Dijk (1998), Ideology: A Multidisciplinary Approach, Sage",
    ),
    "appeal-to-fear": Meaning(
        "appeal to fear",
        "A frightening outcome is held up as what will come unless the hearer agrees or acts.",
        f"Walton (2000), Scare Tactics: Arguments that Appeal to Fear and Threats, Kluwer; {_PROPAGANDA}",
    ),
    "false-dilemma": Meaning(
        "false dilemma",
        "Two ways are presented as the only ones, or one as the only way left. The name is the literature's: whether there "
        "are other ways is not examined here.",
        "Walton (2008), Informal Logic: A Pragmatic Approach, 2nd ed., Cambridge University Press; "
        f"{_PROPAGANDA} (as black-and-white fallacy)",
    ),
    "whataboutism": Meaning(
        "whataboutism",
        "A reproach is met with somebody else's wrongs, above all the accuser's, in place of an answer (tu quoque).",
        f"Walton (1998), Ad Hominem Arguments, University of Alabama Press; {_PROPAGANDA}",
    ),
    "dehumanising-terms": Meaning(
        "dehumanising terms",
        "People are called animals, vermin, disease or things, or are denied being human.",
        "Haslam (2006), Dehumanization: An integrative review, Personality and Social Psychology Review 10(3), 252-264",
    ),
}


def rhetoric(text: Text) -> list[Device]:
    """Every device found in `text`, in reading order, with exact offsets; spans of one device never overlap.

    Sentences of more than 2,000 characters are cut before they are searched. The same text gives the same devices.
    """
    folded = fold(text.text)
    quotes = [m.span() for m in _QUOTED.finditer(text.text)]
    found = []
    for part in sentences(text.text, text.language):
        own = folded.part(part.start, part.end)
        for name, spans in sorted(_spans(own.text, text.language).items()):
            found += [_device(text, own, name, a, b, quotes) for a, b in _joined(spans)]
    order = list(DEVICES)
    return sorted(found, key=lambda d: (d.start, d.end, order.index(d.name)))


def word_count(text: str) -> int:
    """Words of `text`: runs of letters, inner apostrophes and hyphens included."""
    return sum(1 for _ in _WORD.finditer(text))


@cache
def rhetoric_index(language: str) -> CueIndex:
    """The cues of `language`, indexed. Raises ValueError naming the row that is wrong."""
    data = data_toml(f"rhetoric_{language}.toml")
    unknown = {row["device"] for row in data["cue"]} - DEVICES.keys()
    if unknown:
        raise ValueError(f"rhetoric_{language}.toml gives unknown devices: {', '.join(sorted(unknown))}")
    rows = [{**row, "gives": f"{row['device']} 1"} for row in data["cue"]]
    return CueIndex(cues_of(rows, data["groups"]))


def _spans(folded: str, language: str) -> dict[str, list[tuple[int, int]]]:
    """Folded spans by device."""
    found: dict[str, list[tuple[int, int]]] = {}
    for hit in rhetoric_index(language).hits(folded):
        (name,) = hit.cue.gives
        found.setdefault(name, []).extend(m.span() for m in hit.cue.pattern.finditer(folded, hit.start))
    return found


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans without their overlaps, in order."""
    at: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if at is not None and start < at[1]:
            at = (at[0], max(at[1], end))
            continue
        if at is not None:
            yield at
        at = (start, end)
    if at is not None:
        yield at


def _device(text: Text, own: Folded, name: str, a: int, b: int, quotes: list[tuple[int, int]]) -> Device:
    start, end = own.original(a, b)
    k = bisect_right(quotes, (start, len(text.text) + 1)) - 1
    return Device(
        name=name,
        start=start,
        end=end,
        words=text.text[start:end],
        quoted=k >= 0 and quotes[k][0] <= start and end <= quotes[k][1],
        negated=_is_negated(own.text, name, a, b, text.language),
    )


def _is_negated(folded: str, name: str, a: int, b: int, language: str) -> bool:
    """Whether a negation stands just before the words; inside of them only where the device itself is not built on one."""
    if _NEGATED[language].search(folded[max(0, a - _REACH) : a]):
        return True
    return name == "dehumanising-terms" and bool(_NEGATES_WITHIN[language].search(folded[a:b])) and not _DENIES_HUMANITY[
        language
    ].search(folded[a:b])


_DENIES_HUMANITY = {
    "en": re.compile(r"not (?:\w+ )?(?:human|people)|less than|nothing but|no (?:better|more)"),
    "ru": re.compile(r"не люди|нелюд|не человек|не что иное"),
}

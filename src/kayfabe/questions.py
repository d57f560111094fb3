"""Claims to questions: the instrument that declares a claim's kind, its options filled from the claim, what is still missing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kayfabe.actors import Actors
from kayfabe.evidence import Evidence
from kayfabe.instruments import Instrument, Option
from kayfabe.models import INSTRUMENT_OF, Claim, Kind, Mention, Question, Text

_SCOPE = re.compile(
    r"\b(?:vot\w*|resolutions?|motions?|ballots?|agree\w*|disagree\w*|quarrel\w*|split|align\w*|голос\w*|резолюц\w*|соглас\w*|спор\w*|ссор\w*)"
    r"(?:\s+\w+){0,3}?\s+(?:on|about|over|regarding|concerning|о|об|по|насчёт|относительно)\s+"
    r"((?:(?:the|a|an|this|that|any|every|single)\s+)*[^\W\d_][\w'’-]*(?:\s+[^\W\d_][\w'’-]*){0,6})",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(?:on|about|over|regarding|concerning|о|об|по|насчёт|относительно)\s+", re.IGNORECASE)
_ANYTHING = re.compile(
    r"\b(?:everything|anything|all|any|every|nothing|single|whole|всё|все|всем|всему|любо\w*|кажд\w*)\b", re.IGNORECASE
)
LEAST_MARGIN = 0.15  # between the two likeliest kinds, below which the analyst chooses; see docs/reading.md
_TEST_LEVEL = "kayfabe tests whether they agree more than the usual pair (empty this list to ask that)"
_ALIGNED_OTHERWISE = (
    (
        re.compile(
            r"\b(?:full|perfect|complete|total|absolute|entire)\s+(?:agreement|harmony|unison|accord|alignment|lockstep)\b|\bas\s+one\b"
            r"|\b(?:fully|perfectly|completely|totally)\s+(?:agree\w*|aligned)|\bsingle\s+(?:actor|bloc|body|voice|man|state)\b"
            r"|\b(?:on|in)\s+(?:everything|every\s+\w+)\b|\b(?:always|never|not\s+once|invariably|without\s+exception)\b"
            r"|\bполн\w+\s+(?:согласи\w+|единств\w+|единодуш\w+)|\bкак\s+(?:единое\s+целое|один)\b|\bво\s+вс[её]м\b"
            r"|\bединым\s+фронтом\b|\b(?:всегда|никогда|ни\s+разу|неизменно|на\s+каждом)\b",
            re.IGNORECASE,
        ),
        _TEST_LEVEL + "; that they never differ is a rule (set kind to universal)",
    ),
    (
        re.compile(
            r"\b(?:enem(?:y|ies)|foes?|hostile|rift|split|at\s+odds|at\s+daggers|against\s+each\s+other|fell\s+out|fallen\s+out|part(?:ed|ing)\s+ways|broken?\s+with"
            r"|(?:drift|grow|pull|tear)\w*\s+apart|abandon\w*|desert\w*|divorc\w*|turned\s+(?:its|his|her|their)\s+back)\b"
            r"|\b(?:враг\w*|враж\w+|разош\w+|расход\w+|разрыв\w*|порва\w+|раскол\w*|отвернул\w*|поссор\w+|по\s+разные\s+стороны|друг\s+против\s+друга|брос\w+|покину\w+)",
            re.IGNORECASE,
        ),
        _TEST_LEVEL + "; set negated = true for the opposite",
    ),
    (
        re.compile(
            r"\b(?:closer|nearer|no\s+longer|ceased|once\s+more|again|since|moved?\s+(?:toward|away)\w*|warm(?:ed|ing)|cool(?:ed|ing))\b"
            r"|\b(?:сблизи\w+|сближа\w+|ближе|отдал\w+|больше\s+не|перестал\w*|снова|охлад\w+|потепле\w+)",
            re.IGNORECASE,
        ),
        "a change is tested with split = a day; " + _TEST_LEVEL,
    ),
)
_OFTEN = re.compile(
    r"\b(?:contradict|flip|zigzag|waver|vacillat|keeps?|again|every|each|constantly)|противореч|шараха|мечет|то и дело|то[^.,]{2,40}, то\b|кажд|постоянн",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:(since|from|с)\s+)?(19[4-9]\d|20[0-4]\d)\b", re.IGNORECASE)


def build(
    claims: Sequence[Claim], text: Text, instruments: Mapping[str, Instrument], evidence: Evidence, actors: Actors
) -> list[Claim]:
    """The claims, each testable one with its question: fully specified, or saying what the analyst must supply."""
    labels = {table: evidence.labels(table) for table in ("votes", "events", "statements")}
    known = sorted(set().union(*labels.values()))
    last = evidence.last_day()
    return [_with_question(c, text, instruments, known, last, actors) for c in claims]


def _with_question(
    claim: Claim,
    text: Text,
    instruments: Mapping[str, Instrument],
    labels: Sequence[str],
    last: dt.date | None,
    actors: Actors,
) -> Claim:
    name = INSTRUMENT_OF.get(claim.kind)
    if name is None:
        return claim.model_copy(update={"testable": False, "instrument": None, "question": None})
    instrument = instruments.get(name)
    if instrument is None:
        question = Question(instrument=name, text="")
    else:
        question = ask(claim, instrument, text, labels, last, actors)
    return claim.model_copy(update={"testable": True, "instrument": name, "question": question})


def ask(
    claim: Claim, instrument: Instrument, text: Text, labels: Sequence[str], last: dt.date | None, actors: Actors
) -> Question:
    """One claim as a question of one instrument."""
    named, unclear = _named(claim, instrument)
    ids = [m.actor for m in named if m.actor is not None]
    options: dict[str, Any] = {}
    missing: list[str] = _unsure(claim) + _other_than_asked(claim) + unclear
    for option in instrument.options:
        value = _fill(option, claim, ids, instrument, text, labels, last, actors)
        unknown = _unknown(option, instrument, named)
        if unknown is not None:
            missing.append(f"--{option.name}: {option.ask or option.help} (who '{unknown.mention}' is, is not known)")
        elif value is not None and value != option.default:
            options[option.name] = value
        elif value is None and (option.required or option.ask):
            missing.append(f"--{option.name}: {option.ask or option.help}")
        elif value is None and option.type == "label" and (scope := _scope(claim, actors)):
            missing.append(
                f"--{option.name}: the claim speaks of '{scope}'; choose an issue label, or empty this list to look at all issues"
            )
    missing += _wider(claim, named, options)
    return Question(
        instrument=instrument.name,
        text=instrument.ask({o.name: options.get(o.name, o.default) for o in instrument.options}, actors.label),
        options=options,
        missing=missing,
    )


def reworded(claim: Claim, instruments: Mapping[str, Instrument], actors: Actors) -> Claim:
    """The claim with its question's words as its options, perhaps edited, now say."""
    question = claim.question
    if question is None or question.instrument not in instruments:
        return claim
    instrument = instruments[question.instrument]
    filled = {o.name: question.options.get(o.name, o.default) for o in instrument.options}
    return claim.model_copy(
        update={"question": question.model_copy(update={"text": instrument.ask(filled, actors.label)})}
    )


def _wider(claim: Claim, named: Sequence[Mention], options: Mapping[str, Any]) -> list[str]:
    """What to ask where the test would look at more than the claim speaks of: all accounts, or all issues for one turn."""
    if claim.kind is Kind.COORDINATION and named:
        who = ", ".join(dict.fromkeys(m.mention for m in named))
        return [f"accounts: the claim is about '{who}', the test looks at all accounts of the evidence; empty this list to ask of all"]
    turns_often = options.get("pattern", "waver") == "waver" and (claim.quantifier is not None or _OFTEN.search(claim.text))
    if claim.kind is Kind.REVERSAL and "issue" not in options and not turns_often:
        return ["--issue: the claim tells of one turn; choose its issue label, or empty this list to look at all issues"]
    return []


def _unsure(claim: Claim) -> list[str]:
    """What to ask where two kinds are nearly as likely, for a test of the wrong one would answer another question."""
    if len(claim.kinds) < 2 or claim.kinds[0].kind != claim.kind:
        return []
    if claim.kinds[0].probability - claim.kinds[1].probability >= LEAST_MARGIN:
        return []
    best = ", ".join(f"{k.kind} {k.probability:.2f}" for k in claim.kinds)
    return [f"kind: it may be {best}; set it, or empty this list to keep {claim.kind}"]


def _other_than_asked(claim: Claim) -> list[str]:
    """What to ask where a claim of alignment says something else than that two agree more than the usual pair does."""
    if claim.kind is not Kind.ALIGNMENT:
        return []
    for pattern, what in _ALIGNED_OTHERWISE:
        if said := pattern.search(claim.text):
            return [f"direction: the claim says '{' '.join(said.group().split())}'; {what}"]
    return []


def _named(claim: Claim, instrument: Instrument) -> tuple[list[Mention], list[str]]:
    """The actors of a claim, each once, those who act first, then in the order of the text, and what to ask where one may be only
    its source. A source is left out where nobody knows it, and where two others are named; it stays where a later word means it too."""
    source = claim.attribution.source if claim.attribution else None
    mentions = sorted(claim.actors, key=lambda m: m.role != "acts")
    told = list({m.actor or m.mention.lower(): m for m in mentions if m.mention != source}.values())
    every = {m.actor or m.mention.lower(): m for m in reversed(mentions) if m.actor or m.mention != source}
    named = list(reversed(every.values()))
    if len(told) == len(named) or len(told) >= 2:
        keep = {m.actor or m.mention.lower() for m in told}
        return [m for m in named if (m.actor or m.mention.lower()) in keep], []
    if not any(o.type in ("actor", "actors") for o in instrument.options):
        return named, []
    return named, [
        f"actors: '{source}' may be only the source of the claim; correct the options, or empty this list to keep them"
    ]


def _unknown(option: Option, instrument: Instrument, named: Sequence[Mention]) -> Mention | None:
    """The mention that an option stands for where nobody knows whom it means: no other actor may take its place."""
    if option.type == "actors":
        places = range(option.least)
    elif option.type == "actor":
        places = range(p := _place(option, instrument), p + 1)
    else:
        return None
    return next((named[p] for p in places if p < len(named) and named[p].actor is None), None)


def _place(option: Option, instrument: Instrument) -> int:
    return [o.name for o in instrument.options if o.type == "actor"].index(option.name)


def _fill(
    option: Option,
    claim: Claim,
    ids: list[str],
    instrument: Instrument,
    text: Text,
    labels: Sequence[str],
    last: dt.date | None,
    actors: Actors,
) -> Any:
    if option.fill is not None:
        return option.fill(claim)
    if option.type == "actors":
        enough = len(ids) >= option.least
        return (ids if option.most is None else ids[: option.most]) if enough else None
    if option.type == "actor":
        place = _place(option, instrument)
        return ids[place] if place < len(ids) else None
    if option.type == "label":
        return _label(claim, ids, labels, actors)
    if option.name in ("since", "until"):
        return _window(option.name, claim, instrument, text, last)
    return None


def _label(claim: Claim, ids: Sequence[str], labels: Sequence[str], actors: Actors) -> str | None:
    """The longest issue label whose words all stand in the claim; a label that only names one of two actors is none."""
    names = {actors.label(i).lower() for i in ids[:2]}
    words = {w.rstrip("s") for w in re.findall(r"\w+", claim.text.lower())}
    found = [
        label for label in labels
        if label.lower() not in names and {w.rstrip("s") for w in re.findall(r"\w+", label.lower()) if w != "and"} <= words
    ]  # fmt: skip
    return max(found, key=len, default=None)


def _scope(claim: Claim, actors: Actors) -> str | None:
    """What the claim restricts itself to ("on the embargo"), so that no wider question is asked in its place."""
    for match in _SCOPE.finditer(claim.text):
        phrase = _ABOUT.split(match.group(1))[-1]
        if not _ANYTHING.match(phrase) and actors.resolve(phrase) is None and not _YEAR.search(phrase):
            return " ".join(phrase.split()[:4])
    return None


def _window(name: str, claim: Claim, instrument: Instrument, text: Text, last: dt.date | None) -> str | None:
    """Years that the claim names; else the instrument's own reach before the text's date or the end of the evidence."""
    years = _YEAR.findall(claim.text)
    if years:
        first, final = min(int(y) for _, y in years), max(int(y) for _, y in years)
        open_end = any(word for word, _ in years)
        return f"{first}-01-01" if name == "since" else None if open_end else f"{final}-12-31"
    end = text.published or last
    if name == "until":
        return text.published.isoformat() if text.published else None
    if instrument.years is None or end is None:
        return None
    return end.replace(year=end.year - instrument.years, day=min(end.day, 28)).isoformat()

"""Whose assertion a claim is, and how it is held: attribution, hedge, quantifier, negation."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from kayfabe.models import Kind, Mention
from kayfabe.read.cues import BETWEEN, CueIndex, Hit, cues_of
from kayfabe.read.denial import denied, innocent
from kayfabe.read.folding import Folded
from kayfabe.read.parsing import Language, parses
from kayfabe.read.phrases import actor_words
from kayfabe.read.refusals import refused
from kayfabe.read.reports import UNNAMED, Report
from kayfabe.read.sources import phrase_end, source_by_syntax
from kayfabe.read.wordlists import data_rows, data_toml, word_table

Quantifier = Literal["always", "never", "all", "none"]
_NP = {
    "en": r"[\w'\-]{1,60}(?: (?:\([^()]{1,30}\) )?[\w'\-]{1,60}){0,6}?",
    "ru": r"\"?[\w'\-]{1,60}\"?(?: (?:\([^()]{1,30}\) )?\"?[\w'\-]{1,60}\"?){0,6}?",
}
_NEGATOR = {
    "en": re.compile(rf"(?:\b(?:not|cannot|nor|neither|hardly|no longer|never)|n't){BETWEEN}{{0,3}}\W*$"),
    "ru": re.compile(rf"(?<!\w)(?:не|ни|нельзя|никак|вовсе не|больше не){BETWEEN}{{0,2}}\W*$"),
}
NEGATABLE = frozenset(
    (
        Kind.STAGED_DISAGREEMENT,
        Kind.ALIGNMENT,
        Kind.COORDINATION,
        Kind.INFLUENCE,
        Kind.PLANTED_LEAK,
        Kind.PRECEDENT,
        Kind.TURNING_POINT,
        Kind.REVERSAL,
        Kind.DEAL_TERMS,
    )
)


@dataclass(frozen=True)
class Stance:
    """How one claim is held. `denial`: the claim denies the one before it ("Nothing of the sort."). `plainly`: it is negated in so
    many words, and not by its syntax alone."""

    hedged: bool
    quantifier: Quantifier | None
    negated: bool
    plainly: bool
    denial: bool


def stance(folded: str, language: Language, kind: Kind, hits: tuple[Hit, ...], text: str = "") -> Stance:
    """Hedge, quantifier and negation of a claim, from data/stance_*.csv and the words before its kind's cue; scare quotes
    ("their 'quarrel'") are a hedge too.

    Negated are claims reported to be denied ("it is not true that"), claims that an actor cannot move another, and
    claims whose cue or main verb is denied ("does not obey"; from the parse of `text`, the claim's own words). "Never" is a quantifier, not a negation.
    """
    given = {name for hit in stance_index(language).hits(folded) for name in hit.cue.gives}
    quantifier: Quantifier | None = None
    order: tuple[Quantifier, ...] = ("never", "always", "none", "all")
    for name in order:
        if name in given:
            quantifier = name
            break
    plainly = "negated" in given or denied(folded, language, kind)
    negated = plainly
    own = [h for h in hits if kind.value in h.cue.gives]
    if not negated and kind in NEGATABLE and own and quantifier != "never":
        strongest = max(own, key=lambda h: (h.cue.gives[kind.value], -h.start))
        before = re.split(r"[,;:—]|\b(?:and|but|yet|и|а|но)\b", folded[: strongest.start])[-1]
        negated = _NEGATOR[language].search(before) is not None
        if re.search(r"\b(?:not only|not just|not merely)\b|не только|не просто", before):
            negated = False
        negated = negated and not innocent(folded, language)
    if not negated and text.count(" ") > 1 and quantifier != "never":
        tree = parses(language, [text])[0]
        negated = tree is not None and refused(tree, language, kind) and not innocent(folded, language)
    ironic = re.search(data_toml(f"attribution_{language}.toml")["irony"], folded) is not None
    return Stance("hedged" in given or ironic, quantifier, negated, plainly, "denial" in given)


def report(text: str, part: Folded, mentions: list[Mention], language: Language) -> Report | None:
    """Who is said to assert the stretch that `part` is the fold of, or None where its author asserts it; offsets into `text`.

    Impersonal reports ("they say", «говорят») come first, then "according to X" and quotations, then a subject with a
    reporting verb. `source` is as the text writes it, or "unnamed" where it names nobody. First-person reports are none.
    """
    folded = part.text
    if folded.count(" ") < 2:
        return None

    def words(match: re.Match[str], name: str) -> str:
        a, b = match.span(name) if name in match.groupdict() else (-1, -1)
        if a < 0 or a == b:
            return ""
        start, end = part.original(a, b)
        return " ".join(text[start:end].split()).strip(" ,.;:—")

    rules = _rules(language)
    own = text[part.origins[0] : part.origins[-1]]
    tree = parses(language, [own])[0]
    reports = _reporting(language).search(folded) is not None
    for _, pattern in rules["impersonal"]:
        match = pattern.search(folded)
        if match is not None:
            source = words(match, "source") or words(match, "source2")
            return Report(source or UNNAMED, words(match, "cue"), (part.original(*match.span("cue")),))
    for needs_verb, pattern in rules["phrase"] + (rules["unparsed"] if tree is None else []):
        match = pattern.search(folded) if reports or not needs_verb else None
        if match is not None and words(match, "source") and not first_person(words(match, "source"), language):
            a, b = part.original(*match.span("source"))
            if tree is not None and match.start("cue") < match.start("source"):
                b = max(b, part.origins[0] + phrase_end(tree, own, a - part.origins[0], language))
            held = next((m for m in mentions if a <= m.start < b), None)
            if held is not None and held.start - a <= 4:
                a, b = held.start, max(b, held.end)
            source = " ".join(text[a:b].split()).strip(" ,.;:—")
            return Report(source, words(match, "cue") or source, ((a, b),))
    if tree is not None:
        found = source_by_syntax(tree, own, language)
        return replace(found.moved(part.origins[0]), sure=False) if found is not None else None
    return _subject_reports(text, part, mentions, language) if reports else None


def asides(part: Folded, language: Language) -> tuple[tuple[int, int], ...]:
    """Spans of words that name neither a source nor anybody the claim is about ("in an interview with the Herald")."""
    found = [pattern.search(part.text) for _, pattern in _rules(language)["aside"]]
    return tuple(part.original(*match.span("frame")) for match in found if match is not None)


def _subject_reports(text: str, part: Folded, mentions: list[Mention], language: str) -> Report | None:
    folded = part.text
    for verb in _reporting(language).finditer(folded):
        after = folded[verb.end() :]
        if not _reported_follows(after, language):
            continue
        start, end = part.original(verb.start(), verb.end())
        before = [m for m in mentions if m.end <= start and start - m.end <= 40]
        cue = " ".join(text[start:end].split())
        if before:
            subject = before[-1]
            between = text[subject.end : start]
            if len(re.findall(r"\w+", between)) <= 3 and not re.search(r"[.;:!?]", between):
                if not first_person(subject.mention, language):
                    return Report(subject.mention, cue, ((subject.start, subject.end),), sure=False)
                return None
        left = re.split(r"[,;:.!?\"—]", folded[: verb.start()])[-1]
        found = re.search(r"((?:[\w'\-]+\s){1,5})$", left)
        if language == "en" and found is not None and folded[: verb.start()].strip() == left.strip():
            a, b = part.original(verb.start() - len(found.group(1)), verb.start())
            source = " ".join(text[a:b].split())
            if source and not first_person(source, language) and source.lower() not in _NOT_SOURCES:
                return Report(source, cue, ((a, b),), sure=False)
    return None


_NOT_SOURCES = frozenset(["it", "this", "that", "there", "what", "which", "who", "and", "but", "to", "not"])


def _reported_follows(after: str, language: str) -> bool:
    """Whether what follows a reporting verb is what is reported: that-clause, quotation, or a clause with its verb."""
    if language == "ru":
        return (
            re.match(r"\s*(?:\w+\s){0,3}?\w*,?\s*(?:что\b|будто\b|:|\")", after) is not None
            or re.match(r"\s*(?::|,? ?\")", after) is not None
        )
    if re.match(r"\s*(?:and|or|nothing|not a word|something|one|so|it|the same|no more)\b(?! that)", after):
        return False
    if re.match(r"\s*(?:[\w-]+\s){0,8}?that\b|\s*(?:[\w-]+\s){0,3}?(?::|,? ?\")", after) is not None:
        return True
    clause = re.split(r"[,;:—]", after)[0]
    later = re.findall(r"[\w'-]+", clause)[:9]
    auxiliary = word_table("verbs")["en_auxiliary"]
    return any(w in auxiliary or (i == 0 and w.endswith(("'s", "'re"))) for i, w in enumerate(later) if w != "to")


def first_person(source: str, language: str) -> bool:
    """Whether a source is the author: "I", "we", «наш»."""
    words = set(re.findall(r"[\w']+", source.lower()))
    own = ("i", "i'm", "i've", "me", "я", "мне", "my", "мой", "моим", "we", "us", "мы", "нам", "нас")
    first = source.lower().split()[:1]
    return bool(words & set(own)) or bool(first and first[0] in actor_words(language)["we"])


@cache
def stance_index(language: str) -> CueIndex:
    """The hedge, quantifier and denial cues of `language`, indexed."""
    groups = data_toml(f"groups_{language}.toml")["groups"]
    return CueIndex(cues_of(data_rows(f"stance_{language}.csv"), groups))


@cache
def _rules(language: str) -> dict[str, list[tuple[bool, re.Pattern[str]]]]:
    """The patterns of data/attribution_*.toml, each with whether it needs a reporting verb."""
    data: dict[str, Any] = data_toml(f"attribution_{language}.toml")
    out: dict[str, list[tuple[bool, re.Pattern[str]]]] = {"impersonal": [], "phrase": [], "unparsed": [], "aside": []}
    for name, patterns in out.items():
        for rule in data.get("phrase" if name == "unparsed" else name, []):
            if rule.get("unparsed", False) != (name == "unparsed"):
                continue
            pattern = rule["pattern"].replace("NP", _NP[language]).replace("REPORT", data["report"])
            patterns.append(("REPORT" in rule["pattern"], re.compile(pattern)))
    return out


@cache
def _reporting(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'])(?:{data_toml(f'attribution_{language}.toml')['report']})(?!\w)")

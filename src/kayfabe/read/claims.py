"""The claims of a text, in reading order."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from kayfabe.actors import Found, load_actors
from kayfabe.models import INSTRUMENT_OF, Claim, Kind, Mention, Text
from kayfabe.progress import SILENT, Progress
from kayfabe.read.answers import answered
from kayfabe.read.attribution import asides, report, stance
from kayfabe.read.clauses import has_verb, split_clauses
from kayfabe.read.deixis import deixis
from kayfabe.read.folding import Folded, fold
from kayfabe.read.judged import Judged, judge, judged_text
from kayfabe.read.kinds import Scores, score
from kayfabe.read.masks import masked
from kayfabe.read.mentions import find_mentions, named_actors
from kayfabe.read.parsing import Language
from kayfabe.read.parties import parties
from kayfabe.read.place import LEAST, Place
from kayfabe.read.roles import with_roles
from kayfabe.read.second_reading import negated, reported
from kayfabe.read.sentences import Sentence, sentences
from kayfabe.read.trained import kinds_model, settled
from kayfabe.read.wordlists import data_toml, small_words

Piece = tuple[Sentence, int, int, Scores, Folded]
_FRAGMENT_WORDS = 7
_QUOTED = re.compile(r"“[^“”]{1,1500}”|«[^«»]{1,1500}»|\"[^\"\n]{1,1500}\"")


def read_claims(
    text: Text, *, we: str | None = None, enemy: str | None = None, progress: Progress = SILENT
) -> list[Claim]:
    """Every assertion of `text` as a claim, in reading order, with exact, non-overlapping spans.

    Each sentence gives at least one claim; what asserts nothing has the kind `none`. `we` and `enemy` (ids or names)
    say whom those words mean; where they are None, what `deixis` proposes is used. `question` stays None: it is built
    from the claim elsewhere. The same text gives the same claims.

    Raises Cancelled where `progress` was told to stop.
    """
    folded = fold(text.text)
    parts = sentences(text.text, text.language)
    we, enemy = _sides(text, we, enemy)
    named = named_actors(text.text, text.language, text.published)
    seen = _seen(text, parts, named, progress)
    progress.step("actors", 0, None)
    mentions = find_mentions(text.text, folded, parts, text.language, we=we, enemy=enemy, on=text.published, seen=seen)
    starts = [m.start for m in mentions]
    readings = [_readings(text, folded, part) for part in progress.over(parts, "sentences")]
    of = {} if seen is None else {(part.start, part.end): judged for part, judged in zip(parts, seen, strict=True)}
    claims: list[Claim] = []
    for part, start, end, scores, own in _chosen(text, readings, named, seen, progress):
        scores = _in_context(scores, own.text, part, claims, text.language)
        inside = mentions[bisect_left(starts, start) : bisect_left(starts, end)]
        if part.role == "heading" and not any(m.actor for m in inside):
            scores = replace(scores, of={**scores.of, Kind.NONE: max(scores.of.values(), default=0.0) + 2.0})
        claims.append(_claim(text, start, end, own, scores, inside, len(claims) + 1, of.get((start, end)), len(parts) >= LEAST))
        _deny_previous(claims, own.text, text.language, scores)
    return answered(_one_voice(text.text, claims), text.language)


def _one_voice(text: str, claims: list[Claim]) -> list[Claim]:
    """The claims, those inside a quotation that goes over several sentences all by the speaker that one of them names."""
    out = list(claims)
    for quotation in _QUOTED.finditer(text):
        inside = [k for k, c in enumerate(claims) if c.start < quotation.end() and quotation.start() < c.end]
        frames = sorted(inside, key=lambda k: quotation.start() - 1 <= claims[k].start and claims[k].end <= quotation.end() + 1)
        told = next((claims[k].attribution for k in frames if claims[k].attribution is not None), None)
        for k in inside if told is not None and len(inside) > 1 else ():
            within = claims[k].start >= quotation.start() - 1 and claims[k].end <= quotation.end() + 1
            if claims[k].attribution is None and within:
                out[k] = claims[k].model_copy(update={"attribution": told})
    return out


def _seen(text: Text, parts: list[Sentence], named: list[Found], progress: Progress) -> list[Judged] | None:
    """What the encoder says of each sentence: of a running text together, of a short one each on its own; None without an encoder."""
    encoder = judge()
    if encoder is None:
        return None
    opens = [i == 0 or part.paragraph != parts[i - 1].paragraph for i, part in enumerate(parts)]
    spans = [(part.start, part.end) for part in parts]
    return judged_text(encoder, text.text, spans, opens if len(parts) >= LEAST else None, named, text.language, progress)


def _chosen(
    text: Text, readings: list[list[list[Piece]]], named: list[Found], seen: list[Judged] | None, progress: Progress
) -> Iterator[Piece]:
    """The pieces of each sentence: as the rules split it, or, with the trained model, split only where it is sure of each
    part and finds them different (or three and more). Headings, bylines and notes keep the rules' scores, and fragments where
    no text runs around them."""
    model = kinds_model()
    if model is None:
        yield from (piece for ways in readings for piece in ways[-1])
        return
    begins = [found.start for found in named]
    every = [(k, piece) for k, ways in enumerate(readings) for way in ways for piece in way]
    runs = len(readings) >= LEAST
    open_ = [
        i for i, (_, piece) in enumerate(every)
        if piece[0].role == "body" and not _left(piece, text.language, runs)
    ]  # fmt: skip

    def shown(start: int, end: int) -> str:
        inside = named[bisect_left(begins, start) : bisect_left(begins, end)]
        return masked(text.text, start, end, inside, text.language)

    places = _places([ways[0][0][0] for ways in readings], shown) if runs else None
    logs = None
    if model.judge is not None and seen is not None and open_:
        logs = np.array([model.judge.kinds(seen[every[i][0]], every[i][1][1], every[i][1][2]) for i in open_])
    found = dict(
        zip(
            open_,
            settled(
                [shown(every[i][1][1], every[i][1][2]) for i in open_], [every[i][1][3] for i in open_], model, text.language,
                progress, None if places is None else [places[every[i][0]] for i in open_], logs,
            ),
            strict=True,
        )
    )  # fmt: skip
    at = 0
    for ways in readings:
        scored = []
        for way in ways:
            scored.append([(p, a, b, found.get(at + i, s), own) for i, (p, a, b, s, own) in enumerate(way)])
            at += len(way)
        split = [piece[3] for piece in scored[-1]]
        best = {s.best for s in split}
        apart = len(best) > 1 or len(split) > 2 or best == {Kind.UNIVERSAL}
        yield from scored[-1] if apart and all(s.strong for s in split) else scored[0]


def _left(piece: Piece, language: Language, runs: bool) -> bool:
    """Whether a piece is left to the rules: a fragment where no text runs around it, or one that only says no to what was said."""
    _, _, _, scores, own = piece
    return _fragment(own.text, language) and (not runs or stance(own.text, language, Kind.NONE, scores.hits).denial)


def _places(parts: list[Sentence], shown: Callable[[int, int], str]) -> list[Place]:
    texts = ["", *(shown(part.start, part.end) for part in parts), ""]
    paragraphs = [-1, *(part.paragraph for part in parts)]
    return [
        Place(texts[k + 1], texts[k], texts[k + 2], k, len(parts), part.paragraph != paragraphs[k]) for k, part in enumerate(parts)
    ]


def _fragment(folded: str, language: Language) -> bool:
    """Whether so few words stand here, without a verb or all of them small ("They did not."), that only their neighbours could say
    what they allege."""
    words = re.findall(r"[\w'-]+", folded)
    return not words or (len(words) <= _FRAGMENT_WORDS and (not has_verb(folded, language) or small_words(language).issuperset(words)))


def _sides(text: Text, we: str | None, enemy: str | None) -> tuple[str | None, str | None]:
    if we is None or enemy is None:
        proposed = deixis(text)
        we = we or (proposed["we"].actor if "we" in proposed else None)
        enemy = enemy or (proposed["enemy"].actor if "enemy" in proposed else None)
    resolver = load_actors()
    we = (resolver.resolve(we, text.published, text.language) or we) if we else None
    enemy = (resolver.resolve(enemy, text.published, text.language) or enemy) if enemy else None
    return we, enemy


def _readings(text: Text, folded: Folded, part: Sentence) -> list[list[Piece]]:
    """A sentence as one claim and, where the rules split it, as several; a piece is the sentence, its start and end, the
    scores of the rules and the folded words."""
    own = folded.part(part.start, part.end)
    features = _features(own.text, part, text.language)
    clauses = split_clauses(own, text.language, features)
    if len(clauses) == 1:
        return [[(part, part.start, part.end, clauses[0].scores, own)]]
    out: list[Piece] = []
    for i, clause in enumerate(clauses):
        a, b = own.original(clause.start, clause.end)
        a = part.start if i == 0 else a
        b = part.end if i == len(clauses) - 1 else b
        while b > a and text.text[b - 1].isspace():
            b -= 1
        out.append((part, a, b, clause.scores, folded.part(a, b)))
    return [[(part, part.start, part.end, score(own.text, text.language, features), own)], out]


def _features(folded: str, part: Sentence, language: Language) -> frozenset[str]:
    features: set[str] = set()
    if part.role in ("heading", "note", "byline"):
        features.add(part.role)
    if folded.rstrip("\"') ").endswith("?"):
        features.add("question")
    if _fragment(folded, language):
        features.add("fragment")
    if not re.search(r"[\w'-]", folded):
        features.add("note")
    return frozenset(features)


def _in_context(scores: Scores, folded: str, part: Sentence, claims: list[Claim], language: str) -> Scores:
    """A fragment that goes on with the sentence before it ("Only through Christ.") takes that sentence's kind."""
    words = re.findall(r"[\w'-]+", folded)
    if scores.trained or scores.strong or not claims or part.role != "body" or not words or len(words) > _FRAGMENT_WORDS:
        return scores
    goes_on = words[0] in data_toml("words.toml")["continuations"][language].split()
    if not goes_on or has_verb(folded, language) or claims[-1].kind in (Kind.NONE, Kind.FACT):
        return scores
    return replace(scores, of={**scores.of, claims[-1].kind: max(scores.of.values()) + 1.0})


def _claim(
    text: Text, start: int, end: int, own: Folded, scores: Scores, mentions: list[Mention], number: int, judged: Judged | None, runs: bool
) -> Claim:
    kind = scores.best
    held = stance(own.text, text.language, kind, scores.hits, text.text[start:end])
    by, no = report(text.text, own, mentions, text.language), held.negated
    if judged is not None and not _fragment(own.text, text.language):
        by = reported(by, text.text, (start, end), judged, mentions, text.language, runs=runs)
        no = negated(held, own.text, kind, judged, text.language, runs=runs)
    about = parties(mentions, by, kind, asides(own, text.language))
    return Claim(
        id=f"c{number}",
        start=start,
        end=end,
        text=text.text[start:end],
        kind=kind,
        kinds=scores.probabilities(),
        actors=with_roles(about, text.text[start:end], start, text.language, kind),
        attribution=by.attribution() if by is not None else None,
        hedged=held.hedged,
        quantifier=held.quantifier,
        negated=no,
        testable=kind in INSTRUMENT_OF,
        instrument=INSTRUMENT_OF.get(kind),
    )


def _deny_previous(claims: list[Claim], folded: str, language: Language, scores: Scores) -> None:
    """ "Nothing of the sort." turns the reported claim before it into one reported in order to be denied."""
    if len(claims) < 2 or len(folded) > 60:
        return
    held = stance(folded, language, Kind.NONE, scores.hits)
    before = claims[-2]
    if held.denial and (before.attribution is not None or before.hedged or before.text.rstrip().endswith("?")):
        claims[-2] = before.model_copy(update={"negated": True})

"""A model's replies held against the text: what does not stand there letter by letter does not become a claim."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kayfabe.actors import load_actors
from kayfabe.errors import one_line
from kayfabe.models import INSTRUMENT_OF, Attribution, Claim, Kind, KindProbability, Mention, Text
from kayfabe.read.folding import fold
from kayfabe.read.mentions import find_mentions
from kayfabe.read.reply import ActorSaid, ClaimSaid, KindSaid, Reply
from kayfabe.read.reports import UNNAMED
from kayfabe.read.roles import with_roles
from kayfabe.read.sentences import Sentence

Span = tuple[int, int]
_EDGES = " \t\n.,;:!?…\"'“”‘’„«»()[]—–-"
_ARTICLE = re.compile(r"(?:the|a|an)\s+", re.IGNORECASE)
_KINDS = {str(kind): kind for kind in Kind}


@dataclass(frozen=True)
class Chunk:
    """Sentences first..last (exclusive) of a text were asked about; before..first and last..after were shown with them."""

    first: int
    last: int
    before: int
    after: int


class Verifier:
    """Gathers claims out of replies. A quotation is taken only where its words stand in one sentence asked about, a mention
    only inside its claim, a source, a cue and a name only in what was shown; letter case, kinds of quotation marks and dashes,
    blanks, and punctuation at the edges do not matter, for the span taken is always the text's own. Of two quotations
    that overlap, the one the model gave first stays.
    """

    def __init__(self, text: Text, parts: Sequence[Sentence], *, we: str | None, enemy: str | None) -> None:
        self._text = text
        self._parts = parts
        self._folded = fold(text.text)
        self._actors = load_actors()
        self._sides = {
            side: (self._actors.resolve(name, text.published, text.language) or name) if name else None
            for side, name in (("we", we), ("enemy", enemy))
        }
        by_rules = find_mentions(
            text.text,
            self._folded,
            list(parts),
            text.language,
            we=self._sides["we"],
            enemy=self._sides["enemy"],
            on=text.published,
        )
        self._by_rules = {(m.start, m.end): m for m in by_rules}
        self._claims: list[Claim] = []
        self._starts = [p.start for p in parts]
        self._ends = [p.end for p in parts]
        self._invented: list[str] = []
        self._dropped: Counter[str] = Counter()
        self._skipped = 0

    @property
    def empty(self) -> bool:
        """Whether no reply gave a claim."""
        return not self._claims

    def take(self, chunk: Chunk, reply: Reply) -> None:
        """Take what stands in the text out of the reply on `chunk`."""
        taken: list[Claim] = []
        for said in reply.claims:
            kinds = _kinds(said.kinds)
            if not kinds:
                self._dropped["claim without a known kind"] += 1
                continue
            spans = list(self._quoted(chunk, said))
            if not spans:
                self._invented.append(said.quote)
                continue
            free = next((s for s in spans if all(s[1] <= c.start or s[0] >= c.end for c in taken)), None)
            if free is None:
                self._dropped["claim overlapping another"] += 1
                continue
            taken.append(self._claim(chunk, said, kinds, free))
        self._claims += taken

    def claims(self) -> list[Claim]:
        """The claims in reading order; a sentence that no claim touches becomes one of kind `none`, without probabilities."""
        touched = {i for c in self._claims for i in range(*self._sentences_of(c.start, c.end))}
        skipped = [p for i, p in enumerate(self._parts) if i not in touched]
        self._skipped = len(skipped)
        unread = [
            Claim(id="", start=p.start, end=p.end, text=self._text.text[p.start : p.end], kind=Kind.NONE)
            for p in skipped
        ]
        ordered = sorted([*self._claims, *unread], key=lambda c: c.start)
        return [claim.model_copy(update={"id": f"c{n}"}) for n, claim in enumerate(ordered, 1)]

    def note(self) -> str:
        """One line on what was dropped and skipped; empty where nothing was."""
        skipped = f"{_many(self._skipped, 'sentence')} it skipped stand as none" if self._skipped else ""
        return "; ".join(p for p in (self.dropped(), skipped) if p)

    def dropped(self) -> str:
        """What of the replies does not stand in the text, in one line; empty where all does."""
        parts = []
        if self._invented:
            shown = ", ".join(f"'{one_line(q, 60)}'" for q in self._invented[:3])
            more = ", …" if len(self._invented) > 3 else ""
            parts.append(f"{_many(len(self._invented), 'quotation')} not in the sentences asked about: {shown}{more}")
        parts += [f"{n} × {what}" for what, n in sorted(self._dropped.items())]
        return f"dropped {'; '.join(parts)}" if parts else ""

    def _sentences_of(self, start: int, end: int) -> Span:
        return bisect_right(self._ends, start), bisect_left(self._starts, end)

    def _quoted(self, chunk: Chunk, said: ClaimSaid) -> Iterator[Span]:
        """Where the quotation stands: in the sentence it names first, then elsewhere in the chunk; cut at its sentence's end."""
        region = self._parts[chunk.first].start, self._parts[chunk.last - 1].end
        named = chunk.first + said.sentence - 1
        found = []
        for start, end in self._found(said.quote, *region):
            sentence = self._sentences_of(start, end)[0]
            if sentence >= len(self._parts) or start < self._parts[sentence].start:
                continue  # it begins between sentences, such as with a list's number
            found.append((sentence != named, start, min(end, self._parts[sentence].end)))
        for _, start, end in sorted(found):
            while end > start and self._text.text[end - 1].isspace():
                end -= 1
            if any(c.isalnum() for c in self._text.text[start:end]):
                yield start, end

    def _found(self, words: str, start: int, end: int) -> Iterator[Span]:
        """The spans of the text between start and end whose folded words are those of `words`."""
        a, b = self._folded.folded(start, end)
        for needle in dict.fromkeys((fold(words).text.strip(), fold(words).text.strip(_EDGES))):
            if not any(c.isalnum() for c in needle):
                return
            pattern = r"\s+".join(re.escape(word) for word in needle.split())
            before = r"(?<!\w)" if _is_word(needle[0]) else ""
            after = r"(?!\w)" if _is_word(needle[-1]) else ""
            seen = False
            for match in re.compile(before + pattern + after).finditer(self._folded.text, a, b):
                seen = True
                yield self._folded.original(*match.span())
            if seen:
                return

    def _claim(self, chunk: Chunk, said: ClaimSaid, kinds: list[KindProbability], span: Span) -> Claim:
        start, end = span
        kind = kinds[0].kind
        return Claim(
            id="",
            start=start,
            end=end,
            text=self._text.text[start:end],
            kind=kind,
            kinds=kinds,
            actors=with_roles(
                self._mentions(chunk, said.actors, span), self._text.text[start:end], start, self._text.language, kind
            ),
            attribution=self._attribution(chunk, said),
            hedged=said.hedged,
            quantifier=said.quantifier or None,
            negated=said.negated,
            testable=kind in INSTRUMENT_OF,
            instrument=INSTRUMENT_OF.get(kind),
        )

    def _mentions(self, chunk: Chunk, said: Sequence[ActorSaid], span: Span) -> list[Mention]:
        """The actors that stand in the claim, in reading order, none overlapping; the n-th of the same words is their n-th place."""
        taken: list[Mention] = []
        for actor in said:
            spans = list(self._found(actor.mention, *span))
            if not spans:
                self._dropped["actor not in its claim"] += 1
            free = next((s for s in spans if all(s[1] <= m.start or s[0] >= m.end for m in taken)), None)
            if free is not None:
                taken.append(self._mention(chunk, actor, free))
        return sorted(taken, key=lambda m: m.start)

    def _mention(self, chunk: Chunk, said: ActorSaid, span: Span) -> Mention:
        """Whom a mention means: what its own words name, else the author's side or enemy, else the name it stands for as the
        model says (if the text has it), else what the rules make of the same words."""
        words = self._text.text[slice(*span)]
        language, on = self._text.language, self._text.published
        actor = self._actors.resolve(words, on, language)
        ruled = self._by_rules.get(span) or self._by_rules.get(_without_article(words, span))
        points = None
        if actor is None:
            stands_for = self._shown(chunk, said.stands_for)
            if said.stands_for and not stands_for:
                self._dropped["name not in the text shown"] += 1
            points = said.points or (ruled.points if ruled else None) or None
            if points is not None:
                actor = self._sides[points]
            elif stands_for:
                actor = self._actors.resolve(stands_for, on, language)
            elif ruled is not None:
                actor = ruled.actor
        return Mention(mention=words, start=span[0], end=span[1], actor=actor, points=points)

    def _attribution(self, chunk: Chunk, said: ClaimSaid) -> Attribution | None:
        unnamed = said.source.strip().lower() in ("", UNNAMED)
        source, cue = self._shown(chunk, "" if unnamed else said.source), self._shown(chunk, said.cue)
        if not unnamed and not source:
            self._dropped["source not in the text shown"] += 1
            return None
        if said.cue and not cue:
            self._dropped["cue not in the text shown"] += 1
        return Attribution(source=source or UNNAMED, cue=cue or source) if source or cue else None

    def _shown(self, chunk: Chunk, words: str) -> str:
        """`words` as the text has them in what the model was shown; empty where it has not."""
        if not words:
            return ""
        start, end = self._parts[chunk.before].start, self._parts[chunk.after - 1].end
        found = next(self._found(words, start, end), None)
        return " ".join(self._text.text[slice(*found)].split()) if found else ""


def _kinds(said: Sequence[KindSaid]) -> list[KindProbability]:
    """The best three known kinds, each once; probabilities that add up to more than 1 are scaled to 1."""
    best: dict[Kind, float] = {}
    for one in said:
        kind = _KINDS.get(one.kind.strip().lower().replace("_", "-"))
        if kind is not None:
            best[kind] = max(best.get(kind, 0.0), min(one.probability, 1.0))
    scale = max(1.0, sum(best.values()))
    ranked = sorted(best, key=lambda kind: -best[kind])[:3]
    return [KindProbability(kind=kind, probability=round(best[kind] / scale, 4)) for kind in ranked]


def _is_word(character: str) -> bool:
    return re.match(r"\w", character) is not None


def _without_article(words: str, span: Span) -> Span:
    article = _ARTICLE.match(words)
    return (span[0] + article.end(), span[1]) if article else span


def _many(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"

"""One resolver: from a mention to the id of the state or bloc that is meant, on a day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from kayfabe.actors import facts, russian
from kayfabe.actors.facts import LANGUAGES, Actor, How, Language, Membership, Tenure
from kayfabe.actors.lexicon import Lexicon, Phrase, fold, tokens
from kayfabe.errors import UnknownName

_POSSESSIVE = re.compile(r"['’`]s?(?=\W*$)", re.IGNORECASE)
_ORDER: tuple[How, ...] = ("name", "bloc", "metonym", "leader", "demonym")


@dataclass(frozen=True, slots=True)
class Found:
    """An actor named in a text: `text[start:end] == mention`; `how` says by what kind of naming."""

    mention: str
    start: int
    end: int
    actor: str
    how: How


class Actors:
    """Names of states and blocs, and what stands for them, in English and Russian.

    Dates are inclusive. Facts and their sources are in `kayfabe/actors/data`; see `docs/actors.md`.
    """

    def __init__(self) -> None:
        self._actors = facts.actors()
        self._rows = facts.memberships()
        self._tenures: dict[str, list[Tenure]] = {}
        for tenure in facts.tenures():
            self._tenures.setdefault(tenure.leader, []).append(tenure)

    def resolve(self, name: str, on: dt.date | None = None, language: Language | None = None) -> str | None:
        """The id that `name` stands for, or None where it stands for nobody known, or for more than one.

        Case, accents, "the", a possessive, trailing punctuation and Russian cases do not matter, but acronyms of up to
        three letters must be in capitals ("us" is a pronoun). An id resolves to itself. A leader resolves to the actor
        led on that day, None outside of every tenure; with `on` None, to the actor led most recently.
        """
        name = name.strip()
        if name in self._actors:
            return name
        for spelled in (name, _POSSESSIVE.sub("", name)):
            words = tokens(spelled)
            without_article = words[1:] if words and words[0].text.lower() == "the" else words
            for lexicon in self._of(language):
                phrases = lexicon.whole(words) or lexicon.whole(without_article)
                if phrases:
                    return self._meant(phrases, on)[0]
        return None

    def find(self, text: str, on: dt.date | None = None, language: Language | None = None) -> list[Found]:
        """Every actor named in `text`, in reading order, none overlapping, the longest naming first.

        Names must be written with capitals where the data have them (Russian demonyms excepted). Phrases such as
        "Latin America" or "Washington Post", and leaders out of office on that day, are passed over.
        """
        found = []
        end_of_last = 0
        for start, end, phrases in sorted(
            (match for lexicon in self._of(language) for match in lexicon.find(text)), key=lambda match: match[0]
        ):
            actor, how = self._meant(phrases, on)
            if actor is not None and start >= end_of_last:
                found.append(Found(text[start:end], start, end, actor, how))
                end_of_last = end
        return found

    def identify(self, name: str, known: Iterable[str]) -> str:
        """`name` itself if a store knows it as an id, else the id it resolves to.

        Raises UnknownName, with the nearest names, where it is neither.
        """
        known = list(known)
        if name in known:
            return name
        actor = self.resolve(name) or self.resolve(name.upper())
        if actor is not None:
            return actor
        names = [n.text for n in facts.namings() if n.how != "demonym"]
        raise UnknownName(
            "actor",
            name,
            [*known, *self._actors, *names],
            "Give an id of the store, a state's name or ISO 3166 alpha-3 code, or a bloc.",
        )

    def members(self, bloc: str, on: dt.date) -> tuple[str, ...]:
        """The ids of the states in a bloc on that day, sorted; () if the bloc has no members or is not known."""
        return tuple(sorted({m.member for m in self.membership(bloc) if m.holds(on)}))

    def membership(self, bloc: str) -> list[Membership]:
        """The stretches of membership of a bloc, by state and date. Blocs within it are taken apart into states."""
        stretches: dict[str, list[Membership]] = {}
        for row in self._rows.get(bloc, ()):
            inner = self.membership(row.member) if row.member in self._rows else [Membership(row.member, None, None)]
            for part in inner:
                since = max((d for d in (row.since, part.since) if d), default=None)
                until = min((d for d in (row.until, part.until) if d), default=None)
                if since is None or until is None or since <= until:
                    stretches.setdefault(part.member, []).append(Membership(part.member, since, until))
        return [m for member in sorted(stretches) for m in _merged(stretches[member])]

    def shared_blocs(self, one: str, other: str, on: dt.date) -> list[str]:
        """The blocs that two states both belonged to on that day, smallest first."""
        sizes = {bloc: self.members(bloc, on) for bloc in self._rows}
        shared = [bloc for bloc, ids in sizes.items() if one in ids and other in ids]
        return sorted(shared, key=lambda bloc: (len(sizes[bloc]), bloc))

    def is_bloc(self, id: str) -> bool:
        """Whether the id is a bloc's."""
        return id in self._actors and self._actors[id].kind == "bloc"

    def actor(self, id: str) -> Actor | None:
        """The state or bloc with that id."""
        return self._actors.get(id)

    def label(self, id: str, language: Language = "en") -> str:
        """The name to show for an id; the id itself if it is not known."""
        actor = self._actors.get(id)
        return id if actor is None else actor.name_ru if language == "ru" else actor.name_en

    def bloc_note(self, bloc: str) -> str | None:
        """What an analyst must know before using the bloc, if anything: a convention, or members to be supplied."""
        return self._actors[bloc].note if self.is_bloc(bloc) else None

    def sources(self) -> list[str]:
        """The public sources of the data, one line each."""
        return facts.sources()

    def _of(self, language: Language | None) -> list[Lexicon]:
        return [_lexicon(known) for known in LANGUAGES if language in (known, None)]

    def _meant(self, phrases: list[Phrase], on: dt.date | None) -> tuple[str | None, How]:
        """The actor that equal spellings mean, by the order of _ORDER; None where they disagree."""
        for how in _ORDER:
            targets = [p.target for p in phrases if p.how == how]
            if how == "leader":
                targets = self._led(targets, on)
            if targets:
                return (targets[0] if len(set(targets)) == 1 else None), how
        return None, "leader"

    def _led(self, leaders: list[str], on: dt.date | None) -> list[str]:
        """The actor that each leader led on that day; with None, the one led last by any of them."""
        if on is None:
            every = [t for leader in leaders for t in self._tenures.get(leader, ())]
            return [max(every, key=lambda t: (t.until or dt.date.max, t.since)).actor] if every else []
        held = ([t for t in self._tenures.get(leader, ()) if t.holds(on)] for leader in leaders)
        return [max(tenures, key=lambda t: t.since).actor for tenures in held if tenures]


@cache
def _lexicon(language: Language) -> Lexicon:
    """All namings and cautions of a language, ready to be found; built when first needed."""
    lexicon = Lexicon()
    cautions = [c for c in facts.cautions() if c.language == language]
    rules = {fold(c.text): c.rule for c in cautions if c.rule != "never"}
    names, people = (russian.name_forms, russian.people_forms) if language == "ru" else (None, None)
    for naming in facts.namings():
        if naming.language == language:
            inflect = people if naming.how == "demonym" else names
            lexicon.add(naming.text, naming.how, naming.target, rules.get(fold(naming.text), ""), inflect)
    for caution in cautions:
        if caution.rule == "never":
            lexicon.add(caution.text, None, "", "", names)
    return lexicon


def _merged(stretches: list[Membership]) -> list[Membership]:
    """Overlapping or adjoining stretches of one member as one."""
    ordered = sorted(stretches, key=lambda m: m.since or dt.date.min)
    merged = ordered[:1]
    for stretch in ordered[1:]:
        last = merged[-1]
        if last.until is not None and stretch.since and stretch.since > last.until + dt.timedelta(days=1):
            merged.append(stretch)
        elif last.until is not None and (stretch.until is None or stretch.until > last.until):
            merged[-1] = Membership(last.member, last.since, stretch.until)
    return merged


@cache
def load_actors() -> Actors:
    """The resolver over the data that come with kayfabe; built once."""
    return Actors()

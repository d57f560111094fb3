"""The actors of a text: known names, groups, unlisted names, "we" and "the enemy", and the pronouns that stand for them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kayfabe.actors import Found, load_actors
from kayfabe.models import Mention
from kayfabe.read.folding import Folded
from kayfabe.read.judged import Judged
from kayfabe.read.nominals import chosen, nominals
from kayfabe.read.parsing import Parse, parses
from kayfabe.read.phrases import Phrase, Token, actor_words, group_phrases, names, tokens
from kayfabe.read.sentences import Sentence
from kayfabe.read.weighed import actor_mix, weights
from kayfabe.read.wordlists import data_toml, word_table

Language = Literal["en", "ru"]
_GOVERNING = frozenset(
    (
        "without",
        "of",
        "for",
        "about",
        "from",
        "to",
        "by",
        "with",
        "on",
        "in",
        "at",
        "over",
        "after",
        "before",
        "against",
    )
)
_PLACES = {
    "en": frozenset(("in", "at", "near", "inside", "across", "throughout")),
    "ru": frozenset(("в", "во", "на", "около")),
}
_PLACED = frozenset(("нем", "нём"))  # what is in it or on it is mostly a thing
_SUBJECTS = frozenset(("they", "они", "he", "she", "он", "она"))


@dataclass(frozen=True)
class Candidate:
    """A mention before pronouns are resolved. `role`: name, we, enemy, group, or the pronoun's class; `joined`: it follows
    another with "and", so that a later "they" means both and is left open; `ruler`: it calls somebody by office or epithet
    alone ("the president", "the strongman")."""

    start: int
    end: int
    actor: str | None
    role: Literal["name", "we", "enemy", "group", "he", "it", "they"]
    person: bool = False
    plural: bool = False
    subject: bool = False
    joined: bool = False
    ruler: bool = False


def find_mentions(
    text: str,
    folded: Folded,
    sentences: list[Sentence],
    language: Language,
    *,
    we: str | None,
    enemy: str | None,
    on: dt.date | None,
    seen: Sequence[Judged] | None = None,
) -> list[Mention]:
    """Every mention of an actor in reading order, none overlapping; `actor` is an id, or None where nobody is known. `seen`: what
    the encoder says of each sentence.

    A ruler called by epithet alone is the one leader named before in the paragraph; by office, one named with it. A pronoun takes the last compatible actor named before it in its paragraph: he and she a person or a leader; it a
    state or organ, else the enemy; they a plural or a bloc, else the last actor. Its mention stays the pronoun.
    """
    named = named_actors(text, language, on)
    lower_seen = frozenset(
        token.word for token in tokens(folded) if text[token.start : token.end].islower() and len(token.word) > 1
    )
    out: list[Mention] = []
    recent: list[Candidate] = []
    paragraph = -1
    at = 0
    trees = parses(language, [text[s.start : s.end] for s in sentences])
    for number, (sentence, tree) in enumerate(zip(sentences, trees, strict=True)):
        if sentence.role in ("byline", "note"):
            continue
        if sentence.paragraph != paragraph:
            recent, paragraph = [], sentence.paragraph
        while at < len(named) and named[at].end <= sentence.start:
            at += 1
        own = []
        reach = at
        while reach < len(named) and named[reach].start < sentence.end:
            own.append(named[reach])
            reach += 1
        words = tokens(folded.part(sentence.start, sentence.end))
        judged = None if seen is None else seen[number]
        whole, idle = _whole(text, sentence, tree, language, judged) if tree is not None else (None, [])
        own = [f for f in own if not any(f.start <= at < f.end for at in idle)]
        candidates = _candidates(text, words, own, whole, language, lower_seen, we, enemy)
        for candidate in candidates:
            resolved = _resolved(text, candidate, recent, candidates)
            if resolved is None:
                continue
            out.append(
                Mention(
                    mention=text[candidate.start : candidate.end],
                    start=candidate.start,
                    end=candidate.end,
                    actor=resolved.actor,
                    points=resolved.role if resolved.role in ("we", "enemy") else None,
                )
            )
            if candidate.role in ("name", "group", "enemy"):
                recent.append(resolved)
    return out


def named_actors(text: str, language: Language, on: dt.date | None) -> list[Found]:
    """Actors named in `text` that the resolver knows, in reading order; leaders by their office on day `on`."""
    return sorted(load_actors().find(text, on, language), key=lambda found: (found.start, -found.end))


def only_locates(text: str, found: Found, language: Language) -> bool:
    """Whether a name stands right after a preposition of place ("in the West", «в Киеве»)."""
    before = re.search(r"([^\W\d_]+)\s+(?:the\s+)?$", text[max(0, found.start - 24) : found.start].lower())
    return before is not None and before.group(1) in _PLACES[language]


def _candidates(
    text: str,
    words: list[Token],
    named: list[Found],
    whole: list[Phrase] | None,
    language: Language,
    lower_seen: frozenset[str],
    we: str | None,
    enemy: str | None,
) -> list[Candidate]:
    """All candidates of one sentence, the surer ones first where they overlap, then in reading order."""
    known = actor_words(language)
    ranked: list[Candidate] = []
    if whole is not None:
        pointing = _pointing(text, words, language, we, enemy)
        ranked += [c for c in pointing if not any(p.start <= c.start and c.end <= p.head for p in whole)]
        ranked += _identified(text, whole, named, language)
        ranked += _known(text, words, named, whole, language)
    else:
        led = [found.start for found in named if found.how == "leader"]
        groups = [g for g in group_phrases(text, words, language) if not any(0 <= at - g.end <= 1 for at in led)]
        ranked += _pointing(text, words, language, we, enemy)
        ranked += _known(text, words, named, groups, language)
        proper = names(text, words, language, lower_seen, [(f.start, f.end) for f in named])
        ranked += [_of_phrase(p, "name") for p in proper if p.person]
        ranked += [_of_phrase(g, "group") for g in groups]
        ranked += [_of_phrase(p, "name") for p in proper if not p.person]
    for i, token in enumerate(words):
        if token.word in known["we"]:
            if we is None and language == "ru" and token.word.startswith("наш"):
                continue  # "our" of nobody known says nothing
            ranked.append(Candidate(token.start, token.end, we, "we", plural=True))
        elif token.word in known["person_pronouns"]:
            if token.word in _PLACED:
                continue
            ranked.append(Candidate(token.start, token.end, None, "he"))
        elif token.word in known["thing_pronouns"] and not _expletive(words, i, language) and not _governed(words, i):
            ranked.append(Candidate(token.start, token.end, None, "it"))
        elif token.word in known["group_pronouns"]:
            ranked.append(Candidate(token.start, token.end, None, "they", plural=True, subject=token.word in _SUBJECTS))
    kept: list[Candidate] = []
    for candidate in ranked:
        if all(candidate.end <= k.start or candidate.start >= k.end for k in kept):
            kept.append(candidate)
    kept.sort(key=lambda c: c.start)
    return [
        replace(c, joined=True) if i > 0 and text[kept[i - 1].end : c.start].strip(" ,") in ("and", "и", "&") else c
        for i, c in enumerate(kept)
    ]


def _whole(
    text: str, sentence: Sentence, tree: Parse, language: Language, judged: Judged | None
) -> tuple[list[Phrase], list[int]]:
    """The actor phrases that the parse of a sentence shows, and where Russian adjectives begin that are in none of them («немецкая
    машина»), at the text's offsets."""
    own = text[sentence.start : sentence.end]
    found, weighing = nominals(tree, own, language), weights("actors", language)
    chances, least = [weighing.chance(n.marks) for n in found], weighing.least
    by = sentence.start
    if judged is not None:
        mixed = actor_mix(language)
        told = [(n.phrase.name or n.phrase.organ) and n.rule for n in found]  # whose name or state it is decides nothing
        sure = [t and c >= least for t, c in zip(told, chances, strict=True)]
        heads = [n.phrase.head + by for n in found]
        chances = [1.0 if s else mixed.chance(c, judged.actor(h)) for s, c, h in zip(sure, chances, heads, strict=True)]
        least = mixed.least
    kept = [replace(p, start=p.start + by, end=p.end + by, head=p.head + by) for p in chosen(found, chances, least)]
    idle = [w.start + by for w in tree.words if language == "ru" and w.pos == "ADJ" and w.dep == "amod"]
    return kept, [at for at in idle if not any(p.start <= at < p.end for p in kept)]


def _identified(text: str, whole: list[Phrase], named: list[Found], language: Language) -> list[Candidate]:
    """Phrases with the id of the actor they stand for: the one their main word names ("Ankara"), or the one state whose
    organ or ruler they are ("the Turkish government", "the strongman in Ankara"). Where several are named within
    ("the leaders of France and Germany"), those stand for themselves; "Moscow's allies" are not Moscow."""
    out: list[Candidate] = []
    for phrase in whole:
        within = [f for f in named if phrase.start <= f.start and f.end <= phrase.end]
        own = next((f for f in within if f.start <= phrase.head < f.end), None)
        actors = {f.actor for f in within}
        if own is not None:
            title = own.how == "leader"
            start, end = (phrase.start, phrase.end) if title else (own.start, own.end)
            plural = own.how == "bloc" or phrase.plural
            if not title and any(f.actor != own.actor and f.end <= own.start for f in within):
                out.append(_of_phrase(phrase, "group"))
                continue
            out.append(Candidate(start, end, own.actor, "name", title, plural))
        elif phrase.organ and len(actors) > 1:
            continue
        else:
            actor = next(iter(actors)) if phrase.organ and actors else None
            candidate = _of_phrase(phrase, "name" if phrase.name else "group")
            out.append(replace(candidate, actor=actor, ruler=not within and _rules(text, phrase, language)))
    return out


def _rules(text: str, phrase: Phrase, language: Language) -> bool:
    """Whether a phrase is one ruler's office or epithet and nothing else: "the president", «самодержец»."""
    said = text[phrase.start : phrase.end].lower().replace("ё", "е")
    rulers = data_toml(f"actor_nouns_{language}.toml")["rulers"].split()
    if phrase.plural or len(said.split()) > 3:
        return False
    if language == "en":
        return said.startswith("the ") and said.split()[-1] in rulers
    return said.split()[-1].startswith(tuple(rulers))


def _pointing(text: str, words: list[Token], language: Language, we: str | None, enemy: str | None) -> list[Candidate]:
    """Phrases that point: "our side", "the enemy", «противник»."""
    known = actor_words(language)
    out: list[Candidate] = []
    for i, token in enumerate(words):
        bare = token.word.removesuffix("'s")
        pair = f"{token.word} {words[i + 1].word.removesuffix(chr(39) + 's')}" if i + 1 < len(words) else ""
        for phrases, actor, role in ((known["enemy_phrases"], enemy, "enemy"), (known["we_phrases"], we, "we")):
            if pair in phrases:
                second = words[i + 1]
                end = second.end - (2 if second.word.endswith("'s") else 0)
                out.append(Candidate(token.start, end, actor, "enemy" if role == "enemy" else "we"))
            elif bare in phrases and " " not in bare:
                end = token.end - (len(token.word) - len(bare))
                out.append(Candidate(token.start, end, actor, "enemy" if role == "enemy" else "we"))
    return out


def _known(
    text: str, words: list[Token], named: list[Found], groups: list[Phrase], language: Language
) -> list[Candidate]:
    """Named actors, without those that only locate and without adjectives of no actor ("an American peace")."""
    known = actor_words(language)
    starts = {token.end: i for i, token in enumerate(words)}
    begins = {token.start: i for i, token in enumerate(words)}
    out: list[Candidate] = []
    for found in named:
        first = begins.get(found.start)
        before = words[first - 1].word if first else None
        if before == "the" and first is not None and first > 1:
            before = words[first - 2].word
        last = next((starts[e] for e in range(found.end, found.end + 3) if e in starts), None)
        following = words[last + 1] if last is not None and last + 1 < len(words) else None
        paired = (language == "en" and before in ("between", "with")) or (
            language == "ru" and before in ("с", "со", "за", "между")
        )
        if before in known["locatives"] and not paired and not (following and _reports(following.word, language)):
            continue
        if found.how == "demonym" and language == "en" and not text[found.start : found.end].rstrip("'’").endswith("s"):
            governed = next((g for g in groups if g.start <= found.start and g.end > found.end), None)
            if governed is None and following is not None and following.word.isalpha():
                verbs = word_table("verbs")
                if following.word not in verbs["en_auxiliary"] and following.word not in verbs["en_plain"]:
                    continue
        plural = found.how == "bloc" or text[found.start : found.end].endswith("s")
        out.append(Candidate(found.start, found.end, found.actor, "name", found.how == "leader", plural))
    return out


def _of_phrase(phrase: Phrase, role: Literal["name", "group"]) -> Candidate:
    return Candidate(phrase.start, phrase.end, None, role, phrase.person, phrase.plural)


def _resolved(text: str, candidate: Candidate, recent: list[Candidate], ahead: list[Candidate]) -> Candidate | None:
    """The candidate that `candidate` stands for; None where a pronoun stands for no actor and is no subject either."""
    if candidate.ruler and candidate.actor is None:
        before = [c for c in recent if c.start < candidate.start] + [c for c in ahead if c.start < candidate.start]
        word = text[candidate.start : candidate.end].lower().split()[-1][:5]
        office = word in data_toml("actor_words_en.toml")["offices"].split()
        before = [c for c in before if not office or word in text[c.start : c.end].lower()]
        led = {c.actor for c in before if c.person and c.actor is not None}
        return replace(candidate, actor=next(iter(led))) if len(led) == 1 else candidate
    if candidate.role not in ("he", "it", "they"):
        return candidate
    back = [c for c in reversed(recent) if c.start < candidate.start]
    if candidate.role == "he":
        later = (c for c in ahead if c.start > candidate.start and c.person and c.actor is not None)
        return next((c for c in back if c.person), None) or next(later, candidate)
    if candidate.role == "it":
        found = next((c for c in back if not c.person and not (c.plural and c.actor is None)), None)
        return found if found is not None and found.actor is not None else None
    found = next((c for c in back if c.plural), None) or next((c for c in back if not c.person), None)
    if found is None or found.actor is None or found.joined:
        return candidate if candidate.subject else None
    return found


def _governed(words: list[Token], i: int) -> bool:
    """Whether a lone "it" hangs on a preposition, where it mostly means a thing or an outcome."""
    return words[i].word == "it" and i > 0 and words[i - 1].word in _GOVERNING


def _expletive(words: list[Token], i: int, language: Language) -> bool:
    if language != "en" or words[i].word != "it" or i + 1 >= len(words):
        return False
    after = data_toml("actor_words_en.toml")["expletive"]["after_it"].split()
    if words[i + 1].word not in after:
        return False
    later = [w.word for w in words[i + 2 : i + 7]]
    return any(w in ("that", "to", "time", "who", "which", "as") for w in later)


def _reports(word: str, language: Language) -> bool:
    if language == "en":
        return word in data_toml("groups_en.toml")["groups"]["report"]
    return (
        re.match(
            r"(?:заяв|сказа|говор|счита|утвержда|предупре|сообщ|настаива|обвин|требу|полага|увер|опаса|отриц|обеща)",
            word,
        )
        is not None
    )

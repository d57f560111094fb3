"""Actors that no list names: groups and roles by their head nouns, and proper names by their capitals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from kayfabe.read.folding import Folded
from kayfabe.read.wordlists import data_toml, word_table

_TOKEN = re.compile(r"[\w]+(?:['\-][\w]+)*")
_ADJECTIVE_RU = re.compile(r".{2,}(?:ый|ий|ой|ая|яя|ое|ее|ые|ие|ого|его|ому|ему|ым|им|ом|ем|ую|юю|ых|их|ыми|ими|ей)$")
_LONGEST = 4


@dataclass(frozen=True)
class Phrase:
    """A noun phrase or name at original offsets; `person` and `plural` guide the pronouns that follow."""

    start: int
    end: int
    person: bool = False
    plural: bool = False
    name: bool = False


@dataclass(frozen=True)
class Token:
    """A word of the folded text: its lower-case form and original offsets."""

    word: str
    start: int
    end: int


def tokens(folded: Folded) -> list[Token]:
    """The words of `folded`, apostrophes and hyphens inside them kept."""
    out = []
    for match in _TOKEN.finditer(folded.text):
        start, end = folded.original(match.start(), match.end())
        out.append(Token(match.group(), start, end))
    return out


@cache
def actor_words(language: str) -> dict[str, frozenset[str]]:
    """The word lists of data/actor_words_*.toml as sets."""
    return {
        key: frozenset(value.split() if isinstance(value, str) else value)
        for key, value in data_toml(f"actor_words_{language}.toml").items()
        if isinstance(value, (str, list))
    }


def group_phrases(text: str, words: list[Token], language: str) -> list[Phrase]:
    """Groups, roles and organs in one sentence ("the ferry operators", «наши информационные каналы»).

    A phrase right after a preposition of place only locates and is left out.
    """
    return _english_groups(text, words) if language == "en" else _russian_groups(text, words)


def _english_groups(text: str, words: list[Token]) -> list[Phrase]:
    known = actor_words("en")
    suffixes = tuple(data_toml("actor_words_en.toml")["agent_suffixes"])
    out: list[Phrase] = []
    for i, token in enumerate(words):
        bare = token.word.removesuffix("'s").removesuffix("'")
        head = bare in known["heads"] or (
            bare.endswith(suffixes) and len(bare) > 6 and bare not in known["not_heads"]
        )
        if not head:
            continue
        following = words[i + 1] if i + 1 < len(words) else None
        if following is not None and _adjacent(text, token, following) and bare == token.word:
            after = following.word.removesuffix("'s")
            if after in known["heads"]:
                continue  # "trade union leaders": the last noun is the head
        first = i
        while first > 0 and i - first < _LONGEST and _adjacent(text, words[first - 1], words[first]):
            before = words[first - 1].word
            if before in known["determiners"] or before.endswith("'s"):
                first -= 1
                if before.endswith("'s"):
                    continue
                break
            if before in known["stops"]:
                break
            first -= 1
        determined = words[first].word in known["determiners"] or words[first].word.endswith("'s")
        if not determined and first > 0 and i - first > 1:
            first = i - 1  # without a determiner only the nearest modifier belongs to it
        if not determined and first > 0 and first < i and not text[words[first].start].isupper():
            first = i if words[first].word.endswith(("s", "ed", "ing")) else first
        if first > 0 and words[first - 1].word in known["locatives"]:
            continue
        end = token.end - (len(token.word) - len(bare))
        out.append(Phrase(words[first].start, end, bare in known["person_heads"], bare.endswith("s")))
    return out


def _russian_groups(text: str, words: list[Token]) -> list[Phrase]:
    known = actor_words("ru")
    stems, no = tuple(known["head_stems"]), tuple(known["not_head_stems"])
    out: list[Phrase] = []
    for i, token in enumerate(words):
        if not token.word.startswith(stems) or token.word.startswith(no):
            continue
        stem = max((s for s in stems if token.word.startswith(s)), key=len)
        if len(token.word) - len(stem) > 5:
            continue
        first = i
        while first > 0 and i - first < 3 and _adjacent(text, words[first - 1], words[first]):
            before = words[first - 1].word
            if before in known["possessives"]:
                first -= 1
                break
            if before in known["locatives"] or not _ADJECTIVE_RU.match(before):
                break
            first -= 1
        if first > 0 and words[first - 1].word in ("в", "во", "на", "у", "около", "через"):
            continue
        person = token.word.startswith(tuple(known["person_heads"]))
        plural = re.search(r"(?:ы|и|ов|ей|ам|ям|ами|ями|ах|ях)$", token.word) is not None
        out.append(Phrase(words[first].start, token.end, person, plural))
    return out


def names(text: str, words: list[Token], language: str, lower_seen: frozenset[str]) -> list[Phrase]:
    """Capitalised names in one sentence ("Susie Wiles", "MAGA"). `lower_seen`: words that the text writes in lower case,
    which a capital at the beginning of a sentence does not make a name."""
    known = actor_words(language)
    out: list[Phrase] = []
    i = 0
    while i < len(words):
        token = words[i]
        if not _capital(text, token) or (token.word in known["not_names"]):
            i += 1
            continue
        last = i
        while last + 1 < len(words) and last - i < 4:
            following = words[last + 1]
            gap = text[words[last].end : following.start]
            if gap in (" ", "\n", ". ", ".") and _capital(text, following) and following.word not in known["not_names"]:
                last += 1
            else:
                break
        single = last == i
        acronym = single and len(token.word) >= 2 and text[token.start : token.end].isupper()
        opens = i == 0
        ordinary = token.word in lower_seen or token.word.removesuffix("'s") in lower_seen
        if opens and single and not acronym and (ordinary or not _acts(words, i, language)):
            i += 1
            continue
        if language == "en" and single and not acronym and ordinary:
            i += 1
            continue
        if i > 0 and words[i - 1].word in known["locatives"] and not (i > 1 and words[i - 1].word in ("between", "с", "со", "за")):
            i = last + 1
            continue
        bare = words[last].word.removesuffix("'s").removesuffix("'")
        end = words[last].end - (len(words[last].word) - len(bare))
        titled = token.word in known["titles"]
        person = (not single and not acronym and last - i <= 2) or titled
        out.append(Phrase(token.start, end, person, False, True))
        i = last + 1
    return out


def _capital(text: str, token: Token) -> bool:
    return text[token.start].isupper() and token.word[:1].isalpha()


def _acts(words: list[Token], i: int, language: str) -> bool:
    """Whether the word after `i` looks like a verb, so that a lone capital at the beginning may be a name."""
    if words[i].word.endswith("'s"):
        return True
    if i + 1 >= len(words):
        return False
    following = words[i + 1].word
    if language == "en":
        verbs = word_table("verbs")
        return following in verbs["en_auxiliary"] or following in verbs["en_plain"] or following.endswith("ed")
    return re.search(r"(?:ет|ит|ют|ят|ал|ила|ил|ала|ся|ась|ли)$", following) is not None


def _adjacent(text: str, left: Token, right: Token) -> bool:
    return text[left.end : right.start].strip(" \n\"'“”‘’«»") == ""

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
    """A noun phrase or name at original offsets; `person` and `plural` guide the pronouns that follow. `organ`: it stands
    for the one state that it names ("the Turkish government"); `head` is where its main word begins."""

    start: int
    end: int
    person: bool = False
    plural: bool = False
    name: bool = False
    organ: bool = False
    head: int = -1


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
        head = bare in known["heads"] or (bare.endswith(suffixes) and len(bare) > 6 and bare not in known["not_heads"])
        if not head:
            continue
        if bare == token.word and _modifies(text, words, i, known):
            continue  # "trade union leaders", "his chief PR strategist": the last noun is the head
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


def _modifies(text: str, words: list[Token], i: int, known: dict[str, frozenset[str]]) -> bool:
    """Whether the head noun `i` only modifies a head one or two words on."""
    for j in range(i + 1, min(i + 3, len(words))):
        after = words[j].word.removesuffix("'s")
        if not _adjacent(text, words[j - 1], words[j]) or after in known["stops"] or after in known["determiners"]:
            return False
        if after in known["heads"]:
            return j == i + 1 or words[j - 1].word not in word_table("verbs")["en_plain"]
    return False


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
        if first > 0 and words[first - 1].word in ("в", "во", "у", "около", "через"):
            continue
        person = token.word.startswith(tuple(known["person_heads"]))
        plural = re.search(r"(?:ы|и|ов|ей|ам|ям|ами|ями|ах|ях)$", token.word) is not None
        out.append(Phrase(words[first].start, token.end, person, plural))
    return out


def names(
    text: str, words: list[Token], language: str, lower_seen: frozenset[str], taken: list[tuple[int, int]]
) -> list[Phrase]:
    """Capitalised names in one sentence ("Susie Wiles", "MAGA"), outside of the spans already `taken`. `lower_seen`:
    words that the text writes in lower case, which a capital at the beginning of a sentence does not make a name."""
    known = actor_words(language)
    out: list[Phrase] = []
    i = 0
    while i < len(words):
        token = words[i]
        if not _capital(text, token) or token.word in known["not_names"]:
            i += 1
            continue
        last = _name_end(text, words, i, known["not_names"])
        start, bare = token.start, words[last].word.removesuffix("'s").removesuffix("'")
        end = words[last].end - (len(words[last].word) - len(bare))
        single = last == i
        title_only = single and token.word in known["titles"] and any(0 <= a - end <= 1 for a, _ in taken)
        if (
            not title_only
            and not any(start < b and end > a for a, b in taken)
            and not (single and _ordinary(text, words, i, language, lower_seen))
        ):
            before = words[i - 1].word if i > 0 else ""
            if before == "the" and i > 1:
                before = words[i - 2].word
            if before not in known["locatives"] or before in ("between", "с", "со", "за"):
                person = (not single and last - i <= 2) or token.word in known["titles"]
                out.append(Phrase(start, end, person, False, True))
        i = last + 1
    return out


def _name_end(text: str, words: list[Token], first: int, not_names: frozenset[str]) -> int:
    last = first
    while last + 1 < len(words) and last - first < 5:
        after = words[last + 1]
        gap = text[words[last].end : after.start]
        if gap in (" ", "\n", ". ", ".") and _capital(text, after) and after.word not in not_names:
            last += 1
        elif after.word == "of" and gap == " " and last + 2 < len(words) and _capital(text, words[last + 2]):
            last += 2
        else:
            break
    return last


def _ordinary(text: str, words: list[Token], i: int, language: str, lower_seen: frozenset[str]) -> bool:
    """Whether the lone capitalised word `i` is rather an ordinary word: one that opens the sentence, or an adjective."""
    token = words[i]
    if len(token.word) >= 2 and text[token.start : token.end].isupper():
        return False
    bare = token.word.removesuffix("'s")
    seen = token.word in lower_seen or bare in lower_seen
    if i == 0:
        common = re.search(r"(?:s|ing|ion|ness|ly|ment|ity|ость|ение|ание|ция|ство)$", bare) is not None
        return seen or common or not _acts(words, i, language)
    if language == "ru":
        return False
    following = words[i + 1] if i + 1 < len(words) else None
    adjective = (
        re.search(r"(?:ox|ic|ish|ese|ian|ean|ist)$", bare) is not None
        and following is not None
        and text[following.start].islower()
        and not _acts(words, i, language)
        and _adjacent(text, token, following)
    )
    return seen or adjective


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

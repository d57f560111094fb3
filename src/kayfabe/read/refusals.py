"""A plain no by syntax: the main verb of a claim denies that somebody moves, obeys, conspires or plants."""

from __future__ import annotations

from functools import cache

from kayfabe.models import Kind
from kayfabe.read.parsing import Language, Parse
from kayfabe.read.wordlists import data_toml

_DENIABLE = frozenset((Kind.INFLUENCE, Kind.COORDINATION, Kind.PLANTED_LEAK))
_TIES = frozenset((Kind.ALIGNMENT, Kind.COORDINATION, Kind.PLANTED_LEAK, Kind.INFLUENCE, Kind.STAGED_DISAGREEMENT))
_MARKS = frozenset((",", ";", ":", "—", "–", ".", "!", "?", "…"))


def refused(parse: Parse, language: Language, kind: Kind) -> bool:
    """Whether the main clause says no to what `kind` alleges: "does not bend to", "takes no instructions", «никто ему не указ»."""
    return _english(parse, kind) if language == "en" else _russian(parse, kind)


@cache
def _list(language: str, name: str) -> frozenset[str]:
    return frozenset(data_toml(f"denial_{language}.toml")["words"][name].split())


def _english(parse: Parse, kind: Kind) -> bool:
    words = parse.words
    below: list[list[int]] = [[] for _ in words]
    for i, word in enumerate(words):
        if word.head != i:
            below[word.head].append(i)
    for i, word in enumerate(words):
        if word.pos not in ("VERB", "AUX") or not _governs(parse, i, below):
            continue
        if any(w.lemma in ("without", "unless", "until") for w in words[i + 1 :]):
            continue  # "does not move without the ministry" says who moves it
        negation = _negation(parse, i, below)
        if negation is None or word.lemma in _list("en", "telling"):
            continue
        if kind in _DENIABLE or word.lemma in _list("en", "yielding"):
            return True
        there = any(words[c].dep == "expl" for c in below[i])
        predicate = any(words[c].dep == "attr" and words[c].pos in ("NOUN", "PROPN") for c in below[i])
        between = any(w.lemma == "between" for w in words[i:])
        if word.lemma == "be" and kind in _TIES and (predicate if not there else between):
            return True
    return False


def _governs(parse: Parse, i: int, below: list[list[int]]) -> bool:
    """Whether verb `i` is the main one, joined to it, or the one of what is said."""
    for _ in range(6):
        word = parse.words[i]
        if word.head == i:
            return True
        if word.dep not in ("conj", "ccomp", "parataxis", "xcomp") or any(
            parse.words[c].lemma in ("if", "whether", "unless") for c in below[i]
        ):
            return False
        i = word.head
    return False


def _negation(parse: Parse, i: int, below: list[list[int]]) -> int | None:
    """The word that denies verb `i`: "not", "no" on its object or predicate, "hardly", or "not" that opens the sentence."""
    words = parse.words
    for c in below[i]:
        if words[c].dep == "neg" and words[c].lemma in ("not", "n't") and not _qualified(parse, c):
            return c
        if words[c].lemma in _list("en", "barely") or (words[c].dep == "preconj" and words[c].lemma == "neither"):
            return c
        if words[c].dep in ("dobj", "attr", "nsubj"):
            own = [k for k in below[c] if words[k].lemma == "no" and words[k].dep == "det"]
            if own and (words[c].dep != "nsubj" or any(words[k].dep == "expl" for k in below[i])):
                return own[0]
    opens = words[0].text == "Not" and not _qualified(parse, 0)
    return 0 if opens and words[i].head == i else None


def _qualified(parse: Parse, negation: int) -> bool:
    after = parse.words[negation + 1].text.lower() if negation + 1 < len(parse.words) else ""
    return after in _list("en", "qualifying")


def _russian(parse: Parse, kind: Kind) -> bool:
    words = parse.words
    for i, word in enumerate(words[:-1]):
        if word.text.lower() not in ("не", "ни"):
            continue
        left = i
        while left > 0 and words[left - 1].text not in _MARKS:
            left -= 1
        right = i
        while right < len(words) and words[right].text not in _MARKS:
            right += 1
        opened = words[left].lemma in ("если", "когда", "который", "кто", "чтобы", "хотя", "пока", "раз")
        after = words[i + 1]
        if any(w.text.lower() in ("без", "пока") for w in words):
            continue  # «без звонка шагу не ступит» says who moves him
        if opened or after.text.lower() in ("только", "просто", "столько", "раз", "прочь", "без", "зря", "все", "всегда"):
            continue
        predicate = after.pos == "NOUN" and "nomn" in after.case and (after.animate or after.lemma in _list("ru", "orders"))
        if word.text.lower() == "не" and predicate and not _verbs(parse, left, right):
            return True
        finite = {"VERB", "ADJS"} & {after.pos} and not after.feats & {"GRND", "impr", "1per", "2per"}
        if not finite or word.text.lower() == "ни":
            continue
        if after.lemma in ("мочь", "смочь") and any(w.text.lower() == "не" for w in words[i + 2 : i + 3]):
            continue
        nobody = any(w.lemma in ("никто", "никакой") and "nomn" in w.case for w in words[left:right])
        if nobody or after.lemma in _list("ru", "telling"):
            continue
        if kind in _DENIABLE or after.lemma in _list("ru", "yielding"):
            return True
    return False


def _verbs(parse: Parse, left: int, right: int) -> bool:
    return any(w.pos == "VERB" for w in parse.words[left:right])

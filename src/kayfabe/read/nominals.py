"""The noun phrases of a sentence, each with what is seen of it: its sort, its place in the syntax, how it is put.

What is seen is a set of marks ("dep=nsubj", "sort=person"). No mark holds a name: words with a capital have no lemma here, so
that whose name it is decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from kayfabe.read.nouns import nouns
from kayfabe.read.parsing import Language, Parse
from kayfabe.read.phrases import Phrase
from kayfabe.read.phrases_en import EnglishTree
from kayfabe.read.phrases_ru import RussianLine
from kayfabe.read.reports import verbs

_INNER = frozenset(("compound", "amod", "nummod", "det", "advmod", "flat:name", "flat:foreign", "fixed", "quantmod", "predet", "punct", "case"))
_PERSONAL = frozenset(
    ["i", "you", "he", "she", "it", "we", "they", "me", "him", "her", "us", "them", "myself", "himself", "herself", "itself", "ourselves", "themselves", "this", "that", "these", "those", "which", "who", "what", "whom", "whose", "there", "mine", "yours", "ours", "theirs", "another", "each", "one", "я", "ты", "он", "она", "оно", "мы", "вы", "они", "себя", "это", "то", "что", "кто", "который", "сам", "свой", "мой", "твой", "наш", "ваш", "какой", "такой", "каждый", "другой"]
)
_QUOTES = "\"“”«»„"
_PAIRS = ("sort dep", "sort prep", "sort det", "label dep", "sort gov", "dep kindgov", "sort place", "sort number", "capital dep", "capital place", "sort clause", "suffix dep", "said dep", "sort case", "pos dep")


@dataclass(frozen=True)
class Nominal:
    """A noun phrase and its marks; `rule`: the lists and places of the rules call it an actor."""

    phrase: Phrase
    marks: tuple[str, ...]
    rule: bool


def nominals(parse: Parse, text: str, language: Language) -> list[Nominal]:
    """Every noun phrase of a sentence by its head, in reading order; they may lie within one another."""
    tree = EnglishTree(parse, text) if language == "en" else RussianLine(parse, text)
    below: list[list[int]] = [[] for _ in parse.words]
    for i, word in enumerate(parse.words):
        if word.head != i:
            below[word.head].append(i)
    whole = _of_sentence(parse, text)
    out: list[Nominal] = []
    for i, word in enumerate(parse.words):
        if not word.text[:1].isalnum() or word.text.isdigit() or word.lemma in _PERSONAL:
            continue
        found = tree.actor(i)
        if found is None and (word.pos not in ("NOUN", "PROPN", "PRON", "ADJ", "NUM", "DET") or _inside(tree, i)):
            continue
        phrase = found or _phrase(tree, i)
        own = _seen(tree, i, phrase, below, language)
        own["rule"] = "yes" if found is not None else "no"
        marks = [f"{name}={value}" for name, value in own.items() if value]
        for pair in _PAIRS:
            one, other = pair.split()
            if own.get(one) and own.get(other):
                marks.append(f"{one}={own[one]} {other}={own[other]}")
        marks += [f"rule={own['rule']} {name}={own[name]}" for name in ("dep", "sort", "prep", "label", "lemma") if own.get(name)]
        out.append(Nominal(phrase, (*marks, *whole, *(f"{a} {b}" for a, b in product((f"rule={own['rule']}",), whole))), found is not None))
    return out


def chosen(found: list[Nominal], chances: list[float], least: float) -> list[Phrase]:
    """The phrases of at least that chance in reading order; where they overlap, those of the rules, and the longest of them."""
    likely = [n for n, chance in zip(found, chances, strict=True) if chance >= least]
    kept: list[Phrase] = []
    for phrase in (n.phrase for n in sorted(likely, key=lambda n: (not n.rule, n.phrase.start - n.phrase.end, n.phrase.start))):
        if all(phrase.end <= k.start or phrase.start >= k.end for k in kept):
            kept.append(phrase)
    return sorted(kept, key=lambda p: p.start)


def _inside(tree: EnglishTree | RussianLine, i: int) -> bool:
    """Whether word `i` is no phrase of its own but a part of one."""
    word = tree.words[i]
    if word.dep in _INNER and word.pos != "PROPN":
        return True
    if word.pos in ("ADJ", "NUM", "DET", "PRON"):
        return word.dep not in ("nsubj", "nsubjpass", "nsubj:pass", "dobj", "obj", "pobj", "iobj", "obl", "agent", "poss", "conj")
    return word.dep in ("compound", "flat:name", "appos") and word.head == i - 1


def _phrase(tree: EnglishTree | RussianLine, i: int) -> Phrase:
    word = tree.words[i]
    first = tree.first(i)
    last = tree.last(i, "thing") if isinstance(tree, EnglishTree) else tree.last(i)
    sort = tree.sort(i)
    person = sort == "person" and not word.plural
    return Phrase(tree.words[first].start, tree.words[last].end, person, word.plural, sort in ("name", "where"), False, word.start)


def _of_sentence(parse: Parse, text: str) -> tuple[str, ...]:
    """Marks of the sentence: how it ends, how long it is, whether it has a verb."""
    end = text.rstrip("\"”»') \n")[-1:]
    length = min(len(parse.words) // 6, 5)
    verbal = any(w.pos in ("VERB", "AUX") for w in parse.words)
    return (f"end={end if not end.isalnum() else 'none'}", f"length={length}", f"verbal={verbal}")


def _seen(tree: EnglishTree | RussianLine, i: int, phrase: Phrase, below: list[list[int]], language: Language) -> dict[str, str]:
    """What is seen of the phrase that word `i` heads, by name."""
    words, word = tree.words, tree.words[i]
    dep, head = _role(tree, i)
    prep = _preposition(tree, i, below, language)
    up = head
    if language == "en" and dep == "pobj":
        up = words[head].head
    over = words[up]
    first = next(k for k, w in enumerate(words) if w.start >= phrase.start)
    capital = word.text[:1].isupper() and (first > 0 or word.pos == "PROPN" or bool(tree.label[i]))
    lower = not word.text[:1].isupper()
    opening = words[first]
    determiner = opening.lemma if first != i and opening.pos in ("DET", "PRON", "NUM") and opening.text.isascii() == word.text.isascii() else ""
    if any(words[c].dep == "poss" for c in below[i]) and opening.pos not in ("PRON", "DET"):
        determiner = "owned"
    clause = up
    for _ in range(8):
        if words[clause].pos in ("VERB", "AUX") or words[clause].head == clause:
            break
        clause = words[clause].head
    inside = sum(tree.text[: word.start].count(q) for q in _QUOTES) % 2
    size = sum(1 for w in words if phrase.start <= w.start and w.end <= phrase.end)
    before = words[first - 1].text.lower() if first else "^"
    after = next((w.text.lower() for w in words if w.start >= phrase.end), "$")
    sort = tree.sort(i) or "none"
    if lower and word.lemma in nouns(language)["things" if language == "en" else "not_people"]:
        sort += " thing"
    return {
        "sort": sort,
        "label": tree.label[i],
        "pos": word.pos,
        "dep": dep,
        "prep": prep,
        "gov": over.lemma if up != i and over.text[:1].islower() else "",
        "kindgov": over.pos if up != i else "root",
        "det": determiner,
        "number": "plural" if word.plural else "one",
        "capital": "yes" if capital else "no",
        "case": "/".join(sorted(word.case)),
        "animate": "yes" if word.animate else "",
        "lemma": word.lemma if lower else "",
        "suffix": word.lemma[-3:] if lower else "",
        "ending": word.lemma[-4:] if lower and len(word.lemma) > 5 else "",
        "place": "opens" if first == 0 else "early" if first < 6 else "later",
        "clause": words[clause].dep if clause != i else "itself",
        "be": "yes" if words[clause].lemma in ("be", "быть", "seem", "become", "стать") else "no",
        "said": "yes" if over.lemma in verbs(language, "sure") else "thinks" if over.lemma in verbs(language, "thinking") else "",
        "quoted": "yes" if inside else "",
        "size": str(min(size, 5)),
        "followed": "relative" if any(words[c].dep in ("relcl", "acl:relcl") for c in below[i]) else "",
        "of": "yes" if any(words[c].dep in ("prep", "nmod") for c in below[i]) else "",
        "before": before if not before[:1].isalnum() or len(before) < 4 else "",
        "after": after if not after[:1].isalnum() or len(after) < 4 else "",
        "last": "yes" if after in (".", "!", "?", "$") else "",
    }


def _role(tree: EnglishTree | RussianLine, i: int) -> tuple[str, int]:
    """The relation of word `i`, seen through "and" and apposition, and the word it hangs on."""
    for _ in range(8):
        word = tree.words[i]
        if word.dep not in ("conj", "appos", "flat:name") or word.head == i or tree.words[word.head].pos in ("VERB", "AUX"):
            break
        i = word.head
    return tree.words[i].dep, tree.words[i].head


def _preposition(tree: EnglishTree | RussianLine, i: int, below: list[list[int]], language: Language) -> str:
    if language == "en":
        dep, head = _role(tree, i)
        return tree.words[head].lemma if dep == "pobj" else ""
    for _ in range(4):
        for c in below[i]:
            if tree.words[c].dep == "case":
                return tree.words[c].text.lower()
        if tree.words[i].dep != "conj":
            break
        i = tree.words[i].head
    return ""

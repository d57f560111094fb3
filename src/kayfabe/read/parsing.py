"""Parsers behind one small interface: words with lemma, part of speech, animacy and head, and the names among them.

English is spaCy's small model, Russian slovnet's names and syntax with pymorphy3's grammar. All come from packages that others
repack, so each model file is hashed when it is loaded; one that is missing or differs is not used, `lacking` says in a
line what to install, and the reader goes on by its rules alone. Nothing is fetched.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol

from kayfabe.read.mending import mended
from kayfabe.read.wordlists import data_toml

Language = Literal["en", "ru"]
LONGEST = 1_200  # characters; what is longer is no sentence and is left to the rules
_KEPT = 4_096
_PER_PASS = 64


@dataclass(frozen=True, slots=True)
class Word:
    """A word of one sentence. `head` is an index (its own at the root); `pos` are Universal parts of speech; `dep` are spaCy's
    relations in English, Universal Dependencies in Russian; `case`, `animate` and `feats` (OpenCorpora's
    grammemes of the likeliest reading, and "verbal" where it may be a finite verb) are known in Russian only. `tag` is the
    Penn Treebank tag, or OpenCorpora's part of speech with tense, mood, person and aspect."""

    start: int
    end: int
    text: str
    lemma: str
    pos: str
    dep: str = ""
    head: int = 0
    case: frozenset[str] = frozenset()
    animate: bool = False
    plural: bool = False
    feats: frozenset[str] = frozenset()
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    start: int
    end: int
    label: Literal["person", "organisation", "group", "place", "number", "thing", "other"]


@dataclass(frozen=True, slots=True)
class Parse:
    """One sentence; offsets count from its beginning."""

    words: tuple[Word, ...]
    entities: tuple[Entity, ...]


class Parser(Protocol):
    """What a parser does; `versions` names its packages and the start of each model file's SHA-256."""

    versions: dict[str, str]

    def parse(self, sentences: Sequence[str]) -> list[Parse]: ...


class Unfit(Exception):
    """A model that is missing or not the one that was measured."""


def parser(language: Language) -> Parser | None:
    """The parser of `language`, loaded once, or None where its packages are missing or differ (see `lacking`)."""
    return None if _OFF else _loaded(language)[0]


def lacking(language: Language) -> str | None:
    """Why there is no parser, in one line with what to do; None where there is one."""
    return "Parsers are switched off: actors and sources are found by rules alone." if _OFF else _loaded(language)[1]


def parses(language: Language, sentences: Sequence[str]) -> list[Parse | None]:
    """The parse of each sentence, None where there is no parser or it is too long; the last few thousand are kept."""
    own = parser(language)
    if own is None:
        return [None] * len(sentences)
    todo = list(dict.fromkeys(s for s in sentences if len(s) <= LONGEST and s.strip() and (language, s) not in _CACHE))
    done: dict[str, Parse] = {}
    for at in range(0, len(todo), _PER_PASS):
        batch = todo[at : at + _PER_PASS]
        done.update(zip(batch, own.parse(batch), strict=True))
    out = [done.get(s) or _CACHE.get((language, s)) for s in sentences]
    for sentence, parse in done.items():
        _CACHE[language, sentence] = parse
    while len(_CACHE) > _KEPT:
        _CACHE.popitem(last=False)
    return out


def without_parsers() -> None:
    """Leave the parsers out from now on, as if they were not installed (to measure the rules alone)."""
    global _OFF
    _OFF = True


def with_parsers() -> None:
    """Take the parsers back."""
    global _OFF
    _OFF = False


_CACHE: OrderedDict[tuple[str, str], Parse] = OrderedDict()
_OFF = False


@cache
def _loaded(language: Language) -> tuple[Parser | None, str | None]:
    try:
        return (_English() if language == "en" else _Russian()), None
    except (Unfit, ImportError, OSError, ValueError) as error:
        seen = " ".join(str(error).split())[:160]
        name = {"en": "English", "ru": "Russian"}[language]
        return None, (
            f"No parser for {name} ({seen}): actors and sources are found by rules alone. pip install 'kayfabe[read]'"
        )


def _checked(folder: Path, files: dict[str, str]) -> dict[str, str]:
    out = {}
    for name, wanted in files.items():
        path = folder / name
        if not path.is_file():
            raise Unfit(f"{name} is missing")
        seen = hashlib.sha256(path.read_bytes()).hexdigest()
        if seen != wanted:
            raise Unfit(f"{name} is another file than the one measured: sha256 {seen[:12]}, want {wanted[:12]}")
        out[name] = seen[:12]
    return out


def _folder(package: str) -> Path:
    spec = find_spec(package)  # without importing it: natasha itself does not import on Python 3.12
    if spec is None or not spec.submodule_search_locations:
        raise Unfit(f"the package {package} is not installed")
    return Path(spec.submodule_search_locations[0])


def _versions(packages: Iterable[str]) -> dict[str, str]:
    return {name: metadata.version(name) for name in packages}


class _English:
    def __init__(self) -> None:
        known = data_toml("models.toml")["en"]
        hashes = _checked(_folder(known["package"]) / known["folder"], known["files"])
        self._nlp = import_module(known["package"]).load(exclude=["senter"])
        self.versions = _versions(known["distributions"]) | hashes
        self._labels: dict[str, Any] = known["labels"]

    def parse(self, sentences: Sequence[str]) -> list[Parse]:
        return [self._of(doc) for doc in self._nlp.pipe(sentences, batch_size=_PER_PASS)]

    def _of(self, doc: Any) -> Parse:
        words = tuple(
            Word(
                t.idx,
                t.idx + len(t.text),
                t.text,
                t.lemma_.lower(),
                t.pos_,
                t.dep_,
                t.head.i,
                plural=t.tag_ in ("NNS", "NNPS"),
                tag=t.tag_,
            )
            for t in doc
        )
        entities = tuple(Entity(e.start_char, e.end_char, self._labels.get(e.label_, "other")) for e in doc.ents)
        return Parse(mended(words), entities)


_POS = {"NOUN": "NOUN", "ADJF": "ADJ", "ADJS": "ADJS", "PRTF": "ADJ", "PRTS": "VERB", "VERB": "VERB", "INFN": "VERB",
        "GRND": "VERB", "NUMR": "NUM", "NPRO": "PRON", "PREP": "ADP", "CONJ": "CONJ", "PRCL": "PART", "ADVB": "ADV",
        "PRED": "ADV", "INTJ": "INTJ", "COMP": "ADV"}  # fmt: skip
_LABELS: dict[str, Literal["person", "organisation", "place"]] = {
    "PER": "person",
    "ORG": "organisation",
    "LOC": "place",
}


class _Russian:
    def __init__(self) -> None:
        known = data_toml("models.toml")["ru"]
        folder = _folder(known["package"])
        hashes = _checked(folder, known["files"])
        embedding, names, syntax = (folder / name for name in known["files"])
        slovnet, navec = import_module("slovnet"), import_module("navec")
        self._tokenize = import_module("razdel").tokenize
        self._names, self._syntax = slovnet.NER.load(str(names)), slovnet.Syntax.load(str(syntax))
        vectors = navec.Navec.load(str(embedding))
        self._names.navec(vectors)
        self._syntax.navec(vectors)
        self._grammar = lru_cache(50_000)(import_module("pymorphy3").MorphAnalyzer().parse)
        self.versions = _versions(known["distributions"]) | hashes

    def parse(self, sentences: Sequence[str]) -> list[Parse]:
        out = []
        parts = [list(self._tokenize(sentence)) for sentence in sentences]
        trees = self._syntax.map([[t.text for t in own] for own in parts])
        for own, tree, found in zip(parts, trees, self._names.map(list(sentences)), strict=True):
            words = tuple(
                replace(self._word(t.start, t.stop, t.text, i), head=int(k.head_id) - 1 if int(k.head_id) else i, dep=k.rel)
                for i, (t, k) in enumerate(zip(own, tree.tokens, strict=True))
            )
            entities = tuple(Entity(s.start, s.stop, _LABELS.get(s.type, "other")) for s in found.spans)
            out.append(Parse(words, entities))
        return out

    def _word(self, start: int, end: int, text: str, i: int) -> Word:
        letters = [c for c in text if c.isalpha()]
        if not letters or any(unicodedata.name(c, "") == "" for c in letters):  # pymorphy3 fails on letters without a name
            return Word(start, end, text, text, "NUM" if text.isdigit() else "PUNCT", head=i)
        readings = self._grammar(text.lower())
        if text[:1].islower():
            readings = [r for r in readings if "Name" not in r.tag] or readings
        best = readings[0]
        if str(best.tag.POS) in ("ADJF", "PRTF", "ADJS") and any(
            str(r.tag.POS) == "NOUN" and r.score >= best.score for r in readings
        ):
            best = next(r for r in readings if str(r.tag.POS) == "NOUN")
        finite = any(str(r.tag.POS) in ("VERB", "PRTS") and r.score >= 0.05 for r in readings)
        verbal = frozenset(("verbal",)) if finite else frozenset()
        same = [r for r in readings if r.tag.POS == best.tag.POS and r.score >= 0.02]
        return Word(
            start,
            end,
            text,
            str(best.normal_form).replace("ё", "е"),
            _POS.get(str(best.tag.POS), "X"),
            head=i,
            case=frozenset(str(r.tag.case) for r in same if r.tag.case),
            animate=any("anim" in r.tag and (text[:1].isupper() or "Name" not in r.tag) for r in same),
            plural=str(best.tag.number) == "plur",
            feats=frozenset(map(str, best.tag.grammemes)) | verbal,
            tag="_".join(str(g) for g in (best.tag.POS, best.tag.tense, best.tag.mood, best.tag.person, best.tag.aspect) if g),
        )

"""Who is said to assert a claim, by syntax: the subject of a reporting verb and the clause, quotation or aside it carries."""

from __future__ import annotations

from kayfabe.read.parsing import Language, Parse
from kayfabe.read.phrases_en import EnglishTree
from kayfabe.read.phrases_ru import RussianLine
from kayfabe.read.reports import Report
from kayfabe.read.sources_en import english_source
from kayfabe.read.sources_ru import russian_source


def source_by_syntax(parse: Parse, text: str, language: Language) -> Report | None:
    """The source of the sentence `parse` is of, or None where its syntax shows none; offsets count from its beginning.

    Denied reports ("nobody believes that", "whoever says that") name no source: there the author denies in his own name.
    """
    return english_source(parse, text) if language == "en" else russian_source(parse, text)


def phrase_end(parse: Parse, text: str, start: int, language: Language) -> int:
    """Where the noun phrase ends that begins at `start`; 0 where none does."""
    if language == "en":
        tree = EnglishTree(parse, text)
        spans = [tree.span(i) for i, word in enumerate(parse.words) if word.start >= start and word.pos in ("NOUN", "PROPN")]
        ends = [parse.words[last].end for first, last in spans if parse.words[first].start == start]
        return max(ends, default=0)
    line = RussianLine(parse, text)
    first = next((i for i, word in enumerate(parse.words) if word.start >= start and word.text not in "«\""), None)
    inner = line.inner(first) if first is not None else None
    return parse.words[line.last(inner)].end if inner is not None and first is not None and inner - first < 5 else 0

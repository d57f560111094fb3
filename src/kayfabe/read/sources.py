"""Who is said to assert a claim, by syntax: the subject of a reporting verb and the clause, quotation or aside it carries."""

from __future__ import annotations

from functools import cache

from kayfabe.models import Attribution
from kayfabe.read.parsing import Language, Parse, Word
from kayfabe.read.phrases_en import EnglishTree
from kayfabe.read.phrases_ru import RussianLine
from kayfabe.read.wordlists import data_toml

UNNAMED = "unnamed"
_NOBODY = frozenset(
    ("it", "this", "that", "which", "what", "there", "you", "i", "we", "nobody", "none", "one", "whoever", "whatever", "however", "everyone", "anyone", "anybody", "no", "those", "who", "these", "nothing", "something", "everything")
)  # fmt: skip
_MODAL = frozenset(("would", "should", "could", "must", "shall", "ought", "can", "will", "might", "may"))


def source_by_syntax(parse: Parse, text: str, language: Language) -> Attribution | None:
    """The source of the sentence `parse` is of, or None where its syntax shows none.

    Denied reports ("nobody believes that", "whoever says that") name no source: there the author denies in his own name.
    """
    return _english(parse, text) if language == "en" else _russian(parse, text)


@cache
def _verbs(language: str, sort: str) -> frozenset[str]:
    return frozenset(data_toml("reporting.toml")[language][sort].replace("ё", "е").split())


def _english(parse: Parse, text: str) -> Attribution | None:
    tree = EnglishTree(parse, text)
    for i, word in enumerate(parse.words):
        sure, thinking = word.lemma in _verbs("en", "sure"), word.lemma in _verbs("en", "thinking")
        quoted = _quotation(text, tree, i)
        if word.pos not in ("VERB", "AUX") or not (
            sure or thinking or (quoted and word.lemma in _verbs("en", "promising"))
        ):
            continue
        if not _opens(tree, i) or any(
            tree.words[c].lemma in _MODAL or (tree.words[c].dep == "neg" and word.lemma != "doubt")
            for c in tree.children[i]
        ):
            continue
        inverted = _inverted(tree, i) if sure else None
        subject = inverted if inverted is not None else _subject(tree, i)
        if subject is None or not (_carries(tree, i, sure) or (sure and _aside(tree, i)) or quoted):
            continue
        first, last = tree.span(subject)
        source = text[parse.words[first].start : parse.words[last].end]
        lower = [w.lower() for w in source.split()]
        if not lower or lower[0] in _NOBODY or "whoever" in lower:
            continue
        return Attribution(source=" ".join(source.split()), cue=word.text)
    return None


def _opens(tree: EnglishTree, i: int) -> bool:
    """Whether a reporting verb governs the sentence, rather than standing in a clause of time or condition."""
    for _ in range(10):
        word = tree.words[i]
        if word.head == i:
            return True
        if word.dep in ("relcl", "acl", "advcl", "csubj", "pcomp", "amod"):
            return word.dep == "advcl" and any(tree.words[c].lemma == "as" for c in tree.children[i])
        if word.dep not in ("conj", "parataxis", "ccomp", "dep"):
            return False
        if word.dep == "ccomp" and any(tree.words[c].dep == "mark" for c in tree.children[i]):
            return False
        i = word.head
    return False


def _subject(tree: EnglishTree, i: int) -> int | None:
    for at in (i, tree.words[i].head if tree.words[i].dep == "conj" else i):
        for c in tree.children[at]:
            if tree.words[c].dep in ("nsubj", "csubj"):
                return c if tree.words[c].pos in ("NOUN", "PROPN", "PRON", "ADJ", "DET", "NUM") else None
    return None


def _inverted(tree: EnglishTree, i: int) -> int | None:
    """The subject that stands after its verb: ", scoffs the old usher,"."""
    if i == 0 or tree.words[i - 1].text not in (",", "—", "–", '"', "”", "''") or not tree.words[i].text.islower():
        return None
    for c in tree.children[i]:
        if (
            c > i
            and tree.words[c].pos in ("NOUN", "PROPN", "ADJ")
            and tree.words[c].dep in ("dobj", "nsubj", "npadvmod", "attr", "dep")
        ):
            first, last = tree.span(c)
            after = tree.words[last + 1].text if last + 1 < len(tree.words) else "."
            if first == i + 1 and after in (",", ".", "—", "–", ":", ";", ")"):
                return c
    return None


def _carries(tree: EnglishTree, i: int, sure: bool) -> bool:
    """Whether the verb has a clause of its own: "that ...", or one with subject and verb."""
    for c in tree.children[i]:
        if tree.words[c].dep not in ("ccomp", "xcomp") or abs(c - i) < 1:
            continue
        if c < i and not _aside(tree, i):
            continue
        own = [tree.words[k] for k in tree.children[c]]
        if (
            any(
                w.lemma in ("whether", "if", "how", "why", "who", "what", "which", "where", "when")
                and w.start < tree.words[c].start
                for w in own
            )
            and c > i
        ):
            continue
        subject = any(w.dep in ("nsubj", "nsubjpass", "expl", "csubj") for w in own)
        marked = any(w.dep == "mark" and w.lemma == "that" for w in own)
        infinitive = any(w.dep == "aux" and w.lemma == "to" for w in own)
        if marked or (subject and not infinitive) or (subject and not sure):
            return True
    return False


def _aside(tree: EnglishTree, i: int) -> bool:
    """Whether subject and verb stand as an aside between commas or at the end: ", the harbour master insists,"."""
    if _inverted(tree, i) is not None:
        return True
    subject = _subject(tree, i)
    if subject is None:
        return False
    first, last = tree.span(subject)
    left, right = min(first, i), max(last, i)
    while right + 1 < len(tree.words) and tree.words[right + 1].lemma in (
        "too",
        "again",
        "now",
        "today",
        "also",
        "himself",
        "herself",
        "themselves",
    ):
        right += 1
    before = tree.words[left - 1].text if left else ""
    if before in ("as", "so", "or") and left > 1:
        before = tree.words[left - 2].text
    after = tree.words[right + 1].text if right + 1 < len(tree.words) else "."
    return before in (",", "—", "–", "-", "(") and after in (",", ".", "—", "–", ")", ":", ";", "-")


def _quotation(text: str, tree: EnglishTree, i: int) -> bool:
    """Whether a quotation of some words ends or begins near the verb."""
    marks = ('"', "“", "”", "«", "»", "''", "``")
    if sum(text.count(m) for m in marks) < 2:
        return False
    near = [w.text for w in tree.words[max(0, i - 6) : i + 4]]
    if not any(n in marks for n in near):
        return False
    parts = text.replace("“", '"').replace("”", '"').split('"')
    return any(len(p.split()) >= 3 for p in parts[1::2])


def _russian(parse: Parse, text: str) -> Attribution | None:
    line = RussianLine(parse, text)
    words = parse.words
    for i, word in enumerate(words):
        sure, thinking = word.lemma in _verbs("ru", "sure"), word.lemma in _verbs("ru", "thinking")
        said = "—" in text and '"' in text.replace("«", '"').replace("»", '"')
        if not (sure or thinking or (said and word.lemma in _verbs("ru", "promising"))) or not (
            {"VERB", "ADJS"} & {word.pos} or "verbal" in word.feats
        ):
            continue
        if word.feats & {"impr", "1per", "2per", "INFN", "GRND"} or (
            i and words[i - 1].text.lower() in ("не", "бы", "кто")
        ):
            continue
        left, right = _segment(words, i)
        opens = words[left - 1].text in (",", "—", "–") if left else words[0].text.lower() == "как"
        aside = sure and right - left <= 8 and opens and "verbal" in word.feats
        if not (_then(words, i, right) or aside or _spoken(words, left, i)):
            continue
        if (left and words[left].text.lower() in ("кто", "который", "что", "когда", "если", "хотя", "чтобы")) or any(
            w.text.lower() in ("тем", "тому", "бы", "кто") for w in words[left:i]
        ):
            continue
        subject = _nominative(line, left, right, i)
        if subject is None and left > 1 and words[left - 1].text == "," and not aside:
            subject = _nominative(line, 0, left - 1, i) if _appositive(words, left) else None
        if subject is None:
            place = _where(line, left, right)
            if place is not None:
                return Attribution(source=place, cue=word.text)
            plural = "plur" in word.feats and ("3per" in word.feats or "past" in word.feats)
            if plural and not any(w.pos == "PRON" and "nomn" in w.case for w in words[left:right]):
                return Attribution(source=UNNAMED, cue=word.text)
            continue
        if aside and not _then(words, i, right) and not _spoken(words, left, i):
            spare = right - left - (subject[1] - subject[0] + 1) - 1 - (words[left].text.lower() == "как")
            if spare > 1:
                continue
        source = text[words[subject[0]].start : words[subject[1]].end]
        if source.lower().split()[0] in ("я", "мы", "никто", "ничто", "это", "что", "кто", "который", "ни", "вы", "ты"):
            continue
        return Attribution(source=" ".join(source.split()), cue=word.text)
    return None


def _segment(words: tuple[Word, ...], i: int) -> tuple[int, int]:
    """The stretch between marks around word `i`."""
    left = i
    while left > 0 and words[left - 1].text not in (",", ";", ":", "—", "–", ".", "!", "?", "»", '"', "…"):
        left -= 1
    right = i
    while right < len(words) and words[right].text not in (",", ";", ":", "—", "–", ".", "!", "?", "…"):
        right += 1
    return left, right


def _then(words: tuple[Word, ...], i: int, right: int) -> bool:
    """Whether a clause or quotation follows: «, что», «, будто», «: «»."""
    after = [w.text.lower() for w in words[right : right + 3]]
    if after[:1] == [","] and after[1:2] and after[1] in ("что", "будто", "мол", "дескать", "якобы", "как"):
        return after[1] != "как" or after[2:3] == ["будто"]
    return after[:1] == [":"] and after[1:2] == ["«"]


def _spoken(words: tuple[Word, ...], left: int, i: int) -> bool:
    """Whether the verb stands after a quotation: «...», — сказал."""
    return (
        left > 1
        and words[left - 1].text in ("—", "–")
        and any(w.text in ("»", '"') for w in words[max(0, left - 4) : left])
    )


def _appositive(words: tuple[Word, ...], left: int) -> bool:
    """Whether a second comma closes an insertion just before: «Чиновник, близкий к переговорам, уверяет»."""
    return sum(w.text == "," for w in words[:left]) == 2


def _nominative(line: RussianLine, left: int, right: int, verb: int) -> tuple[int, int] | None:
    """The nominative phrase of a stretch that agrees in number with the verb."""
    best: tuple[int, int] | None = None
    j = left
    while j < right:
        word = line.words[j]
        named = line.label[j] and word.text[:1].isupper()
        subject = (word.pos in ("NOUN", "PRON") or named or line.stands(j)) and j != verb
        if (
            subject
            and ("nomn" in word.case or named)
            and not (j > left and line.words[line.first(j) - 1].pos == "ADP" and line.first(j) > left)
        ):
            first, last = max(line.first(j), left), min(line.last(j), right - 1)
            if last >= verb > first:
                last = verb - 1
            best = (first, max(last, first))
            break
        j += 1
    return best


def _where(line: RussianLine, left: int, right: int) -> str | None:
    """«в министерстве уверяют, что»: those who are there."""
    for j in range(left, right):
        if line.words[j].text.lower() in ("в", "во", "на") and j + 1 < right:
            inner = line.inner(j + 1)
            if inner is not None and inner < right and line.sort(inner) in ("body", "place", "where", "name"):
                return line.text[line.words[j + 1].start : line.words[min(line.last(inner), right - 1)].end]
    return None

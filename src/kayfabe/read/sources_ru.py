"""Russian sources by grammar: who says it before a clause, in an aside, after a quotation, before a colon; who accuses."""

from __future__ import annotations

from kayfabe.read.parsing import Parse, Word
from kayfabe.read.phrases_ru import RussianLine
from kayfabe.read.reports import UNNAMED, Report, verbs

Span = tuple[int, int]
_MARKS = frozenset((",", ";", ":", "—", "–", ".", "!", "?", "…"))
_JOINS = ("что", "будто", "мол", "дескать", "якобы", "как")
_LONGEST_ASIDE = 9


def russian_source(parse: Parse, text: str) -> Report | None:
    """The source that the grammar of a Russian sentence shows, the surest way first."""
    line = RussianLine(parse, text)
    for way in (_by_quotation, _by_verb, _by_colon, _by_topic, _by_verdict):
        found = way(line)
        if found is not None:
            return found
    return None


def _by_verb(line: RussianLine) -> Report | None:
    """A subject whose verb carries a clause («мельник клянётся, что») or stands as an aside («, сетует мельник,»)."""
    words = line.words
    for i, word in enumerate(words):
        sure, thinking = word.lemma in verbs("ru", "sure"), word.lemma in verbs("ru", "thinking")
        left, right = _segment(words, i)
        firm = word.lemma in verbs("ru", "firm")
        if not (sure or thinking or firm) or not _finite(word) or _unsaid(words, i):
            continue
        opens = words[left - 1].text in (",", "—", "–", "(") if left else words[0].text.lower() == "как"
        aside = (sure or thinking) and right - left <= _LONGEST_ASIDE and opens and "verbal" in word.feats
        then = _then(words, i, right)
        if not (then or aside):
            continue
        if words[left].lemma in verbs("ru", "hanging") or any(
            w.text.lower() in ("тем", "тому", "бы", "кто") for w in words[left:i]
        ):
            continue
        subject = _nominative(line, left, right, i)
        if subject is None and left > 1 and words[left - 1].text == "," and not aside:
            subject = _nominative(line, 0, left - 1, i) if _appositive(words, left) else None
        if aside and not then:
            spare = sum(w.pos not in ("ADV", "CONJ", "PART") and w.text not in "«»" for w in words[left:right]) - 1
            spare -= subject[1] - subject[0] + 1 if subject is not None else 0
            inverted = subject is None or subject[0] > i or words[left].text.lower() == "как"
            if spare > 2 or not inverted:
                continue
        if firm and subject is not None and not _can_show(line, subject):
            continue
        frame = [(left, right - 1)]
        if subject is not None and subject[0] < left:
            frame.append(subject)
        report = _named(line, subject, word, frame) if subject is not None else _placed(line, left, right, i, frame)
        if report is not None:
            return report
    return None


def _unsaid(words: tuple[Word, ...], i: int) -> bool:
    """Whether the saying is denied or only supposed: «не говорит», «сказал бы», «кто говорит»."""
    near = [w.text.lower() for w in (*words[max(0, i - 1) : i], *words[i + 1 : i + 2])]
    return near[:1] in (["не"], ["кто"], ["ни"]) or "бы" in near


def _can_show(line: RussianLine, span: Span) -> bool:
    """Whether the subject is somebody or a document."""
    own = range(span[0], span[1] + 1)
    return any(line.sort(j) is not None or line.words[j].lemma in verbs("ru", "documents") for j in own)


def _finite(word: Word) -> bool:
    return bool({"VERB", "ADJS"} & {word.pos} or "verbal" in word.feats) and not (
        word.feats & {"impr", "1per", "2per", "INFN", "GRND"}
    )


def _named(line: RussianLine, subject: Span, cue: Word, frame: list[Span]) -> Report | None:
    """The report by the phrase `subject`, unless that is nobody or the author."""
    first, last = subject
    if line.words[first].lemma in verbs("ru", "nobody") or line.words[first].text.lower() in verbs("ru", "nobody"):
        return None
    start, end = line.words[first].start, line.words[last].end
    if first and line.words[first - 1].text == "«" and line.text[end : end + 1] == "»":
        start, end = start - 1, end + 1
    return Report(" ".join(line.text[start:end].split()), cue.text, _spans(line, frame))


def _placed(line: RussianLine, left: int, right: int, i: int, frame: list[Span]) -> Report | None:
    """Those who are somewhere («в министерстве уверяют»), or nobody by name («уверяют, что»)."""
    word = line.words[i]
    place = _where(line, left, right)
    if place is not None:
        return Report(place, word.text, _spans(line, frame))
    plural = "plur" in word.feats and ("3per" in word.feats or "past" in word.feats)
    own = any(w.pos == "PRON" and "nomn" in w.case for w in line.words[left:right])
    earlier = any(w.pos == "NOUN" and w.plural and "nomn" in w.case for w in line.words[:left])
    if plural and not own and not earlier:
        return Report(UNNAMED, word.text, _spans(line, frame))
    return None


def _spans(line: RussianLine, parts: list[Span]) -> tuple[Span, ...]:
    return tuple((line.words[a].start, line.words[b].end) for a, b in parts if a <= b)


def _segment(words: tuple[Word, ...], i: int) -> Span:
    """The stretch between marks around word `i`, names in quotation marks inside it."""
    left = i
    while left > 0 and words[left - 1].text not in _MARKS and not (words[left - 1].text == "»" and _far(words, left - 1)):
        left -= 1
    right = i
    while right < len(words) and words[right].text not in _MARKS and words[right].text != "(":
        right += 1
    return left, right


def _far(words: tuple[Word, ...], close: int) -> bool:
    """Whether the quotation that ends at `close` is longer than a name."""
    return all(words[k].text != "«" for k in range(max(0, close - 5), close))


def _then(words: tuple[Word, ...], i: int, right: int) -> bool:
    """Whether a clause or quotation follows: «, что», «, будто», «: «», or a colon and a clause."""
    after = [w.text.lower() for w in words[right : right + 3]]
    if after[:1] == [","] and after[1:2] and after[1] in _JOINS:
        return after[1] != "как" or after[2:3] == ["будто"]
    return after[:1] == [":"] and len(words) - right > 3


def _by_quotation(line: RussianLine) -> Report | None:
    """Who stands after a quotation and a dash, with any verb: «...», — усмехнулся мельник; or before it: мельник: «...»."""
    words = line.words
    for k in range(2, len(words) - 1):
        closed = words[k - 1].text in (",", "!", "?", "…", "»", '"', ".") and words[k].text in ("—", "–", "-")
        spoken = any(w.text in ("»", '"') for w in words[max(0, k - 3) : k]) or words[0].text in ("—", "–")
        if not (closed and spoken):
            continue
        verb = next((j for j in range(k + 1, min(k + 3, len(words))) if _finite(words[j]) and words[j].pos != "NOUN"), None)
        if verb is None:
            continue
        right = verb
        while right < len(words) and words[right].text not in (".", ",", ":", "!", "?", "…", "—", "–"):
            right += 1
        subject = _nominative(line, k + 1, right, verb)
        if subject is not None and line.sort(_head(line, subject)) is not None:
            return _named(line, subject, words[verb], [(k + 1, right - 1)])
        if subject is None and "plur" in words[verb].feats and words[verb].lemma in verbs("ru", "sure"):
            return Report(UNNAMED, words[verb].text, _spans(line, [(k + 1, right - 1)]))
    return None


def _head(line: RussianLine, span: Span) -> int:
    return next((j for j in range(span[0], span[1] + 1) if line.sort(j) is not None), span[0])


def _by_colon(line: RussianLine) -> Report | None:
    """The speaker before a colon: «Мэр Громов: ...», «У кондукторов своё мнение: ...»."""
    words = line.words
    colon = next((k for k, w in enumerate(words) if w.text == ":"), None)
    if colon is None or not 1 <= colon <= 10 or len(words) - colon < 4:
        return None
    if not any(_finite(w) or w.text == "—" for w in words[colon + 1 :]):
        return None
    spoken = any(w.lemma in verbs("ru", "nouns") for w in words[:colon])
    if words[0].text.lower() == "у" and spoken:
        inner = line.inner(1)
        if inner is not None and line.sort(inner) is not None:
            return _named(line, (line.first(inner), line.last(inner)), words[0], [(0, colon)])
    for i in range(colon):
        if line.sort(i) == "person" and (line.label[i] or words[i].animate):
            first, last = line.first(i), line.last(i)
            if first == 0 and last == colon - 1 and ("nomn" in words[i].case or line.label[i]):
                return _named(line, (first, last), words[last], [(0, colon)])
    return None


def _by_topic(line: RussianLine) -> Report | None:
    """Who tells of something that has a name of its own: «сообщают о сговоре», «проговорился о сделке»."""
    words = line.words
    for i, word in enumerate(words):
        if word.lemma not in verbs("ru", "telling") or not _finite(word):
            continue
        left, right = _segment(words, i)
        if _unsaid(words, i) or words[left].lemma in verbs("ru", "hanging") or not any(w.lemma in verbs("ru", "relations") for w in words[i:right]):
            continue
        if any(_finite(w) and w.pos == "VERB" for w in words[i + 1 :]):
            continue
        about = next((j for j in range(i + 1, min(i + 3, right)) if words[j].text.lower() in ("о", "об", "обо", "про", "на")), None)
        if about is None or (words[about].text.lower() == "на") != (word.lemma in ("жаловаться", "пожаловаться", "сетовать")):
            continue
        subject = _nominative(line, left, i, i)
        if subject is None and left > 1 and words[left - 1].text == ",":
            subject = _nominative(line, 0, left - 1, i) if _appositive(words, left) else None
        if subject is not None and line.sort(_head(line, subject)) is not None:
            return _named(line, subject, word, [(min(subject[0], left), i)])
    return None


def _by_verdict(line: RussianLine) -> Report | None:
    """Who judges or accuses: «обвиняет избирком в сговоре», «назвал соглашение мертворождённым»."""
    words = line.words
    for i, word in enumerate(words):
        accusing, judging = word.lemma in verbs("ru", "accusing"), word.lemma in verbs("ru", "judging")
        if not (accusing or judging) or not _finite(word) or word.pos != "VERB" or _unsaid(words, i):
            continue
        left, right = _segment(words, i)
        if words[left].lemma in verbs("ru", "hanging") or any(_finite(w) and w.pos == "VERB" for w in words[i + 1 : right]):
            continue
        if any(w.text.lower() in ("и", "а", "но") and _finite(words[min(k + 1, right - 1)]) for k, w in enumerate(words[i:right], i)):
            continue
        rest = words[i + 1 : right]
        charged = any(w.text.lower() in ("в", "во") for w in rest)
        judged = len(rest) > 1 and any("ablt" in w.case for w in rest[1:])
        if not ((accusing and charged) or (judging and judged)):
            continue
        subject = _nominative(line, left, right, i)
        if subject is None:
            plural = "plur" in word.feats and "3per" in word.feats
            return Report(UNNAMED, word.text) if accusing and plural else None
        if line.sort(_head(line, subject)) is not None:
            return _named(line, subject, word, [subject])
    return None


def _appositive(words: tuple[Word, ...], left: int) -> bool:
    """Whether a second comma closes an insertion just before: «Чиновник, близкий к переговорам, уверяет»."""
    return sum(w.text == "," for w in words[:left]) == 2


def _nominative(line: RussianLine, left: int, right: int, verb: int) -> Span | None:
    """The nominative phrase of a stretch that agrees in number with the verb."""
    j = left
    while j < right:
        word = line.words[j]
        named = bool(line.label[j]) and word.text[:1].isupper() and word.pos not in ("ADV", "PART", "CONJ", "ADP")
        subject = (word.pos in ("NOUN", "PRON") or named or line.stands(j)) and j != verb
        first = line.first(j)
        governed = j > left and line.words[first - 1].pos == "ADP" and first > left
        if subject and ("nomn" in word.case or named or not word.case) and not governed and _agrees(word, line.words[verb]):
            first, last = max(first, left), min(line.last(j), right - 1)
            if last >= verb > first:
                last = verb - 1
            return first, max(last, first)
        j += 1
    return None


def _agrees(subject: Word, verb: Word) -> bool:
    """Whether the two may agree in number and, in the past, in gender; in doubt they do."""
    if "nomn" not in subject.case or not verb.feats & {"sing", "plur"}:
        return True
    if subject.plural and "sing" in verb.feats and "past" in verb.feats:
        return False
    genders = {"masc", "femn", "neut"}
    hers, its = subject.feats & genders, verb.feats & genders
    known = "sing" in subject.feats and "past" in verb.feats and len(hers) == len(its) == 1
    return not known or hers == its or not subject.animate


def _where(line: RussianLine, left: int, right: int) -> str | None:
    """«в министерстве уверяют, что», «из Белграда передают»: those who are there."""
    for j in range(left, right):
        if line.words[j].text.lower() in ("в", "во", "на", "из") and j + 1 < right:
            inner = line.inner(j + 1)
            if inner is not None and inner < right and line.sort(inner) in ("body", "place", "where", "name"):
                return line.text[line.words[j + 1].start : line.words[min(line.last(inner), right - 1)].end]
    return None

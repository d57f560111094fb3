"""English sources by syntax: subjects of verbs of saying, asides, speakers before a colon, accusers, nouns of saying."""

from __future__ import annotations

from itertools import pairwise

from kayfabe.read.nouns import nouns
from kayfabe.read.parsing import Parse
from kayfabe.read.phrases_en import EnglishTree
from kayfabe.read.reports import UNNAMED, Report, verbs

Span = tuple[int, int]
_EDGES = frozenset((",", "—", "–", "-", "(", ")", ".", ":", ";", "!", "?", '"', "”", "“", "''", "``", "…"))
_LONGEST_ASIDE = 9


def english_source(parse: Parse, text: str) -> Report | None:
    """The source that the syntax of an English sentence shows, the surest way first."""
    tree = EnglishTree(parse, text)
    for way in (_by_verb, _by_aside, _by_colon, _by_noun, _by_verdict, _by_agent, _by_viewpoint):
        found = way(tree)
        if found is not None:
            return found
    return None


def _by_verb(tree: EnglishTree) -> Report | None:
    """A subject whose verb of saying or thinking carries a clause or stands by a quotation: "the miller swears that"."""
    for i, word in enumerate(tree.words):
        sure, thinking = word.lemma in verbs("en", "sure"), word.lemma in verbs("en", "thinking")
        quoted = _quotation(tree, i)
        documents = word.lemma in verbs("en", "showing")
        if word.pos not in ("VERB", "AUX") or not (
            sure or thinking or documents or (quoted and (word.lemma in verbs("en", "promising") or _spoken(tree, i)))
        ):
            continue
        if not _opens(tree, i) or _unsaid(tree, i):
            continue
        inverted = _inverted(tree, i) if sure or quoted else None
        subject = inverted if inverted is not None else _subject(tree, i)
        content = _content(tree, i, sure or documents)
        if subject is None or not (content is not None or (sure and _aside(tree, i)) or quoted):
            continue
        if documents and not (sure or thinking) and tree.words[subject].lemma not in verbs("en", "documents"):
            continue
        report = _report(tree, subject, i, content)
        if report is not None:
            return report
    return None


def _report(tree: EnglishTree, subject: int, verb: int, content: int | None) -> Report | None:
    """The report whose source is the phrase of word `subject`, unless that is nobody."""
    first, last = tree.span(subject)
    source = _words(tree, first, last)
    lower = source.lower().split()
    it_says = lower == ["it"] and tree.words[verb].lemma in ("say", "argue", "claim", "insist", "warn", "accuse") and content is not None
    if not lower or (lower[0] in verbs("en", "nobody") and not it_says) or "whoever" in lower:
        return None
    frame = [(first, last)]
    inside = _below(tree, content) if content is not None else set()
    for c in tree.children[verb]:
        own = _below(tree, c)
        if c != content and not own & inside and tree.words[c].dep in ("dobj", "dative", "prep", "agent", "npadvmod"):
            frame.append((min(own), max(own)))
    return Report(source, tree.words[verb].text, _spans(tree, frame) + _outside_quotes(tree, verb, content))


def _words(tree: EnglishTree, first: int, last: int) -> str:
    return " ".join(tree.text[tree.words[first].start : tree.words[last].end].split())


def _spans(tree: EnglishTree, parts: list[Span]) -> tuple[Span, ...]:
    return tuple((tree.words[a].start, tree.words[b].end) for a, b in parts)


def _below(tree: EnglishTree, i: int) -> set[int]:
    """Word `i` and all that hangs on it."""
    mine, todo = {i}, [i]
    while todo:
        for c in tree.children[todo.pop()]:
            if c not in mine:
                mine.add(c)
                todo.append(c)
    return mine


def _outside_quotes(tree: EnglishTree, verb: int, content: int | None) -> tuple[Span, ...]:
    """Where a quotation is what is said: the words between quotations, around the verb."""
    if content is not None or not _quotation(tree, verb):
        return ()
    at, left, right = tree.words[verb].start, 0, len(tree.text)
    for k, c in enumerate(tree.text):
        if c in '"“”«»':
            left, right = (k, right) if k < at else (left, min(right, k))
    return ((left, right),)


def _unsaid(tree: EnglishTree, i: int) -> bool:
    """Whether the saying is denied or only possible: "does not say", "might argue"."""
    firm = tree.words[i].lemma in ("tell", "say", "swear", "argue", "insist", "claim")
    return any(
        (tree.words[c].lemma in verbs("en", "modal") and not (firm and tree.words[c].lemma in ("will", "would")))
        or (tree.words[c].dep == "neg" and tree.words[i].lemma != "doubt")
        for c in tree.children[i]
    )


def _opens(tree: EnglishTree, i: int) -> bool:
    """Whether a reporting verb governs the sentence, rather than standing in a clause of time or condition."""
    for _ in range(10):
        word = tree.words[i]
        if word.head == i:
            return True
        if word.dep == "relcl":
            return _cleft(tree, i) is not None
        if word.dep in ("acl", "advcl", "csubj", "pcomp", "amod"):
            marks = {tree.words[c].lemma for c in tree.children[i] if tree.words[c].dep in ("mark", "advmod")}
            return word.dep == "advcl" and ("as" in marks or _participle(tree, i))
        if word.dep not in ("conj", "parataxis", "ccomp", "dep", "xcomp"):
            return False
        if word.dep == "ccomp" and any(tree.words[c].dep == "mark" for c in tree.children[i]):
            return False
        i = word.head
    return False


def _participle(tree: EnglishTree, i: int) -> bool:
    """Whether the verb only goes on with its clause's subject: "left the hall, claiming that"."""
    plain = not any(tree.words[c].dep in ("mark", "aux", "nsubj") for c in tree.children[i])
    return tree.words[i].text.endswith("ing") and plain and i > 0 and tree.words[i - 1].text in (",", "—", "–")


def _cleft(tree: EnglishTree, i: int) -> int | None:
    """The noun that a clause like "it is the judges who whisper that" lifts out."""
    head = tree.words[i].head
    copula = tree.words[head].head
    if tree.words[i].dep != "relcl" or tree.words[copula].lemma != "be":
        return None
    empty = any(tree.words[c].lemma in ("it", "there") and c < head for c in tree.children[copula])
    return head if empty else None


def _subject(tree: EnglishTree, i: int) -> int | None:
    lifted = _cleft(tree, i)
    if lifted is not None:
        return lifted
    for _ in range(4):
        for c in tree.children[i]:
            if tree.words[c].dep in ("nsubj", "csubj"):
                return c if tree.words[c].pos in ("NOUN", "PROPN", "PRON", "ADJ", "DET", "NUM") else None
        if tree.words[i].dep not in ("conj", "xcomp", "advcl") or tree.words[tree.words[i].head].pos not in ("VERB", "AUX"):
            return None
        i = tree.words[i].head
        if any(tree.words[c].dep == "neg" or tree.words[c].lemma in verbs("en", "modal") for c in tree.children[i]):
            return None
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
            if first == i + 1 and (after in (",", ".", "—", "–", ":", ";", ")") or tree.words[last + 1].pos == "ADP"):
                return c
    return None


def _spoken(tree: EnglishTree, i: int) -> bool:
    """Whether the verb, whatever it is, stands right behind what is quoted: '…," smiled the abbot'."""
    closed = i > 1 and tree.words[i - 1].text in ('"', "”", "''") and tree.words[i - 2].text in (",", "!", "?", "…", ".")
    return closed and tree.words[i].pos == "VERB" and _inverted(tree, i) is not None


def _content(tree: EnglishTree, i: int, sure: bool) -> int | None:
    """The verb of the clause that word `i` carries: "that ...", or one with subject and verb."""
    for c in tree.children[i]:
        if tree.words[c].dep not in ("ccomp", "xcomp") or (c < i and not _aside(tree, i)):
            continue
        if tree.words[c].pos not in ("VERB", "AUX"):
            continue
        own = [tree.words[k] for k in tree.children[c]]
        if c > i and any(w.lemma in verbs("en", "asking") and w.start < tree.words[c].start for w in own):
            continue
        subject = any(w.dep in ("nsubj", "nsubjpass", "expl", "csubj") for w in own)
        marked = any(w.dep == "mark" and w.lemma == "that" for w in own)
        infinitive = any(w.dep == "aux" and w.lemma == "to" for w in own)
        if marked or (subject and not infinitive) or (subject and not sure):
            return c
    that = i + 1
    while that < len(tree.words) and that <= i + 8 and tree.words[that].text not in (",", ";", ":", "that"):
        that += 1
    if sure and that < len(tree.words) and tree.words[that].text == "that" and tree.words[that].dep in ("mark", "det"):
        head = tree.words[that].head
        return head if head > that and tree.words[head].dep not in ("relcl", "acl") and head != i else None
    return None


def _aside(tree: EnglishTree, i: int) -> bool:
    """Whether subject and verb stand as an aside between commas or at the end: ", the harbour master insists,"."""
    if _inverted(tree, i) is not None:
        return True
    subject = _subject(tree, i)
    if subject is None:
        return False
    first, last = tree.span(subject)
    left, right = min(first, i), max(last, i)
    while right + 1 < len(tree.words) and tree.words[right + 1].lemma in verbs("en", "spare"):
        right += 1
    before = tree.words[left - 1].text if left else ""
    if before in ("as", "so", "or") and left > 1:
        before = tree.words[left - 2].text
    after = tree.words[right + 1].text if right + 1 < len(tree.words) else "."
    return before in (",", "—", "–", "-", "(") and after in (",", ".", "—", "–", ")", ":", ";", "-")


def _quotation(tree: EnglishTree, i: int) -> bool:
    """Whether a quotation of some words ends or begins near the verb."""
    marks = ('"', "“", "”", "«", "»", "''", "``")
    opened = tree.words[i + 2].text if i + 2 < len(tree.words) and tree.words[i + 1].text in (",", ":") else ""
    if opened in ("“", '"', "``") and len(tree.words) - i > 5:
        return True
    if sum(tree.text.count(m) for m in marks) < 2:
        return False
    near = [w.text for w in tree.words[max(0, i - 6) : i + 4]]
    if not any(n in marks for n in near):
        return False
    parts = tree.text.replace("“", '"').replace("”", '"').split('"')
    inside = any(tree.words[i].text in p.split() for p in parts[1::2])
    return any(len(p.split()) >= 2 for p in parts[1::2]) and not inside


def _by_aside(tree: EnglishTree) -> Report | None:
    """Subject and verb between marks, even where the parser took the verb for a noun: ", the report notes,"."""
    cuts = [-1, *(k for k, w in enumerate(tree.words) if w.text in _EDGES), len(tree.words)]
    for a, b in pairwise(cuts):
        first, last = a + 1, b - 1
        if first == 0 or (a >= 0 and tree.words[a].text in (".", "!", "?", ";", ":")):
            continue
        while first < last and tree.words[first].lemma in verbs("en", "spare"):
            first += 1
        while last > first and (tree.words[last].lemma in verbs("en", "spare") or tree.words[last].pos == "ADV"):
            last -= 1
        said = next((k for k in range(first + 1, last) if tree.words[k].pos == "VERB" and tree.words[k + 1].pos in ("ADP", "ADV")), None)
        last = said if said is not None and last - first <= _LONGEST_ASIDE else last
        if not 1 <= last - first <= _LONGEST_ASIDE:
            continue
        for verb, left, right in ((last, first, last - 1), (first, first + 1, last)):
            own = tree.words[left : right + 1]
            if tree.words[verb].lemma not in verbs("en", "sure") or tree.words[verb].text[:1].isupper():
                continue
            if own[0].pos in ("ADP", "CCONJ", "PART"):
                continue
            plain = all(w.pos in ("DET", "ADJ", "NOUN", "PROPN", "ADP", "PART", "NUM", "PRON") for w in own)
            whole = own[0].pos in ("DET", "PROPN", "PRON") or own[-1].plural
            source = _words(tree, left, right)
            if plain and whole and not set(source.lower().split()[:1]) & verbs("en", "nobody") and own[-1].pos in ("NOUN", "PROPN", "PRON"):
                return Report(source, tree.words[verb].text, _spans(tree, [(left, right)]))
    return None


def _by_colon(tree: EnglishTree) -> Report | None:
    """The speaker named before a colon: "Mayor Lindqvist: ...", or with a word of saying: "will tell you the same: ..."."""
    colon = next((k for k, w in enumerate(tree.words) if w.text == ":"), None)
    if colon is None or not 1 <= colon <= 14 or len(tree.words) - colon < 4:
        return None
    if not any(w.pos in ("VERB", "AUX") for w in tree.words[colon + 1 :]):
        return None
    for i in range(colon):
        if tree.words[i].pos in ("NOUN", "PROPN") and tree.sort(i) in ("person", "name", "body"):
            first, last = tree.span(i)
            named = tree.words[i].pos == "PROPN" or tree.sort(i) == "person"
            if first == 0 and last == colon - 1 and named:
                return Report(_words(tree, 0, last), tree.words[last].text, _spans(tree, [(0, colon)]))
    for i in range(colon):
        word = tree.words[i]
        if word.pos == "VERB" and word.lemma in verbs("en", "sure") and _opens(tree, i) and not _unsaid(tree, i):
            subject = _subject(tree, i)
            if subject is not None and subject < i:
                first, last = tree.span(subject)
                source = _words(tree, first, last)
                if source.lower().split()[0] in verbs("en", "nobody") - {"everyone"}:
                    return None
                return Report(source, word.text, _spans(tree, [(0, colon)]))
    return None


def _by_noun(tree: EnglishTree) -> Report | None:
    """Whose claim it is: "the commission's claim that", "the verdict of the bakers is that", "a version put forward by"."""
    for i, word in enumerate(tree.words):
        if word.lemma not in verbs("en", "nouns"):
            continue
        owner = next((c for c in tree.children[i] if tree.words[c].dep == "poss"), None)
        for c in tree.children[i]:
            if tree.words[c].dep == "prep" and tree.words[c].lemma in ("of", "from", "by", "among") and owner is None:
                owner = next((o for o in tree.children[c] if tree.words[o].dep == "pobj"), None)
            if tree.words[c].dep == "acl" and c > i:
                owner = owner or _agent(tree, c)
        verb = tree.words[i].head
        carries = any(
            tree.words[c].dep in ("acl", "ccomp", "relcl", "appos")
            and any(tree.words[k].lemma == "that" and tree.words[k].dep in ("mark", "nsubj") for k in tree.children[c])
            for c in tree.children[i]
        )
        is_that = tree.words[verb].lemma == "be" and any(tree.words[c].dep == "ccomp" for c in tree.children[verb])
        told = any(tree.words[c].dep == "acl" and _agent(tree, c) is not None for c in tree.children[i])
        if owner is None or not (carries or is_that or told) or tree.sort(owner) not in ("person", "body", "name", "where"):
            continue
        first, last = tree.span(owner)
        while last > first and tree.words[last].text in ("'s", "’s", "'", "’"):
            last -= 1
        source = _words(tree, first, last)
        if source.lower().split()[0] not in verbs("en", "nobody") | {"his", "her", "its", "their", "our", "my", "your"}:
            return Report(source, word.text, _spans(tree, [(min(first, i), max(last, i))]))
    return None


def _by_verdict(tree: EnglishTree) -> Report | None:
    """Who judges or accuses: "accuse the mill of", "described the pact as", "sees in the truce a pause"."""
    for i, word in enumerate(tree.words):
        accusing, judging = word.lemma in verbs("en", "accusing"), word.lemma in verbs("en", "judging")
        if word.pos != "VERB" or not (accusing or judging) or not _opens(tree, i) or _unsaid(tree, i) or word.dep == "conj":
            continue
        if any(w.lemma in ("another", "other") and tree.words[k - 1].lemma in ("one", "each") for k, w in enumerate(tree.words) if k > i):
            continue
        if any(tree.words[c].dep == "conj" and tree.words[c].pos == "VERB" for c in tree.children[i]):
            continue
        preps = {tree.words[c].lemma for c in tree.children[i] if tree.words[c].dep in ("prep", "mark", "dep")}
        behind = {w.text.lower() for w in tree.words[i + 1 :]}
        objects = any(tree.words[c].dep in ("dobj", "ccomp", "nsubjpass") for c in tree.children[i])
        small = word.lemma in ("call", "dub", "brand", "label", "deem", "declare", "pronounce", "style", "term") and any(
            tree.words[c].dep in ("oprd", "ccomp", "xcomp") for c in tree.children[i]
        )
        fits = (accusing and objects and bool(({"of", "for", "with", "over"} & preps) or "of" in behind)) or (
            judging and objects and ("as" in behind or small or (word.lemma == "see" and "in" in preps))
        )
        passive = any(tree.words[c].dep == "nsubjpass" for c in tree.children[i])
        subject = _agent(tree, i) if passive else _subject(tree, i)
        if not fits:
            continue
        if subject is None:
            return Report(UNNAMED, word.text) if passive and accusing else None
        if tree.sort(subject) is not None or tree.words[subject].lemma in verbs("en", "documents"):
            first, last = tree.span(subject)
            if tree.words[first].text.lower() not in verbs("en", "nobody"):
                return Report(_words(tree, first, last), word.text, _spans(tree, [(first, last)]))
    return None


def _by_agent(tree: EnglishTree) -> Report | None:
    """Who told: "the court was told by a former maid", "it was revealed by the auditors that"."""
    for i, word in enumerate(tree.words):
        if word.pos != "VERB" or word.lemma not in verbs("en", "sure") or _unsaid(tree, i):
            continue
        told = [c for c in tree.children[i] if tree.words[c].dep == "nsubjpass"]
        if not told or not (_content(tree, i, True) is not None or _quotation(tree, i) or word.dep == "ccomp"):
            continue
        agent = _agent(tree, i)
        first, last = tree.span(told[0])
        frame = [(first, last)]
        if agent is None:
            return Report(UNNAMED, word.text, _spans(tree, frame)) if _opens(tree, i) else None
        a, b = tree.span(agent)
        return Report(_words(tree, a, b), word.text, _spans(tree, [*frame, (a, b)]))
    return None


def _agent(tree: EnglishTree, i: int) -> int | None:
    """The doer of a passive: "by the mill"."""
    for c in tree.children[i]:
        if tree.words[c].dep == "agent" or (tree.words[c].dep == "prep" and tree.words[c].lemma == "by"):
            return next((o for o in tree.children[c] if tree.words[o].dep == "pobj"), None)
    return None


def _by_viewpoint(tree: EnglishTree) -> Report | None:
    """For whom it is so: "For Senator Brock, the tariff is a play"."""
    if len(tree.words) < 6 or tree.words[0].text not in ("For", "To"):
        return None
    inner = next((c for c in tree.children[0] if tree.words[c].dep == "pobj"), None)
    if inner is None or tree.sort(inner) not in ("person", "body", "name"):
        return None
    first, last = tree.span(inner)
    after = tree.words[last + 1].text if last + 1 < len(tree.words) else ""
    root = next((k for k, w in enumerate(tree.words) if w.head == k and k > last), None)
    if after != "," or root is None or tree.words[root].lemma not in ("be", "remain", "look", "seem", "mean"):
        return None
    known = nouns("en")
    if tree.words[inner].lemma in known["group_words"]:
        return None
    return Report(_words(tree, first, last), tree.words[0].text, _spans(tree, [(0, last)]))

"""Who is said to act on whom, by syntax and case, not by the order of names; of influence, who moves and who is moved."""

from __future__ import annotations

import re
from functools import cache

from kayfabe.models import Kind, Mention
from kayfabe.read.parsing import Language, Parse, Word, parses
from kayfabe.read.phrases_ru import RussianLine
from kayfabe.read.wordlists import data_toml

_SUBJECT, _OBJECT = "subject", "object"
_PRONOUN = re.compile(
    r"he|she|it|they|we|him|her|them|us|his|hers|its|their|our|он|она|оно|они|мы|его|её|ее|их|им|ему|ей|нас|нам|свой|наш\w*",
    re.IGNORECASE,
)
_ALIKE = (Kind.STAGED_DISAGREEMENT, Kind.ALIGNMENT, Kind.COORDINATION)
_CLAUSE_ENDS = frozenset((",", ";", ":", "—", "–", "."))


def with_roles(mentions: list[Mention], text: str, start: int, language: Language, kind: Kind) -> list[Mention]:
    """The mentions of the claim `text`, which begins at `start`, each with its role: who acts (of influence: moves) or on whom.

    Without a parser, with one actor, where all or none would act, and in claims that hold of both alike, no role is told.
    """
    tree = parses(language, [text])[0] if len(mentions) > 1 and kind not in _ALIKE else None
    named = [m for m in mentions if _PRONOUN.fullmatch(m.mention) is None]
    named = named if len(named) > 1 else mentions
    if tree is None:
        return mentions
    heads = [_head(tree, m.start - start, m.end - start, language) for m in named]
    if language == "en":
        clauses, places = [_verb(tree, i) for i in heads], [_english(tree, i) for i in heads]
    else:
        line = RussianLine(tree, text)
        clauses, places = [_clause(line, i)[0] for i in heads], _russian(line, heads)
    own = _together(clauses, places)
    heads, places, named = [heads[k] for k in own], [places[k] for k in own], [named[k] for k in own]
    acts = [place == _SUBJECT for place in places]
    if kind is Kind.INFLUENCE:
        moved = _moved_english(tree, heads) if language == "en" else _moved_russian(line, heads, places)
        acts = [k not in moved for k in range(len(heads))] if moved is not None else acts
    if all(acts) or not any(acts):
        return mentions
    told = {m.start: "acts" if does else "undergoes" for m, does in zip(named, acts, strict=True)}
    of_id = {m.actor: told[m.start] for m in reversed(named) if m.actor is not None}
    return [m.model_copy(update={"role": of_id.get(m.actor or "") or told.get(m.start)}) for m in mentions]


def _together(clauses: list[int], places: list[str]) -> list[int]:
    """The mentions of the first clause in which one acts on another; all of them where none is such."""
    for clause in dict.fromkeys(clauses):
        own = [k for k, c in enumerate(clauses) if c == clause]
        if {places[k] for k in own} == {_SUBJECT, _OBJECT}:
            return own
    return list(range(len(clauses)))


@cache
def _list(language: str, name: str) -> frozenset[str]:
    return frozenset(data_toml("roles.toml")[language][name].replace("ё", "е").split())


def _head(tree: Parse, start: int, end: int, language: Language) -> int:
    """The word of the span that hangs on a word outside it; in Russian its first noun."""
    inside = [i for i, w in enumerate(tree.words) if w.start >= start and w.end <= end]
    if not inside:
        return next((i for i, w in enumerate(tree.words) if w.end > start), 0)
    if language == "ru":
        nouns = [i for i in inside if tree.words[i].pos in ("NOUN", "PRON") or tree.words[i].text[:1].isupper()]
        return (nouns or inside)[0]
    return next((i for i in inside if tree.words[i].head not in inside or tree.words[i].head == i), inside[-1])


def _above(tree: Parse, i: int) -> tuple[str, int]:
    """The relation of word `i`, seen through "and" and apposition, and what it hangs on."""
    for _ in range(8):
        word = tree.words[i]
        if word.dep not in ("conj", "appos") or word.head == i or tree.words[word.head].pos in ("VERB", "AUX"):
            break
        i = word.head
    return tree.words[i].dep, tree.words[i].head


def _english(tree: Parse, i: int) -> str:
    """Whether word `i` is who acts in its clause: the subject, or "by" whom something is done."""
    relation, head = _above(tree, i)
    if relation == "pobj":
        done = tree.words[head].lemma == "by" and (tree.words[head].dep == "agent" or _passive(tree, _verb(tree, i)))
        return _SUBJECT if done else _OBJECT
    if relation == "poss":
        relation, _ = _above(tree, head)
    if relation == "nsubj" and (_passive(tree, head) or _made_to(tree, head)):
        relation = "nsubjpass"
    if tree.words[head].lemma in _list("en", "standing") and relation in ("dobj", "attr") and i > head:
        return _SUBJECT  # "behind the mayor stands the mill"
    if relation == "attr" and any(w.head == i and w.dep == "relcl" for w in tree.words):
        return _SUBJECT  # "it is the bankers who lead"
    return _SUBJECT if relation in ("nsubj", "csubj") else _OBJECT


def _made_to(tree: Parse, verb: int) -> bool:
    """Whether the verb is what somebody is got to do: "get the bishop to sign", "make them wait"."""
    above = tree.words[tree.words[verb].head]
    plain = tree.words[verb].text.lower() == tree.words[verb].lemma or any(w.head == verb and w.lemma == "to" for w in tree.words)
    return tree.words[verb].dep in ("ccomp", "xcomp") and plain and above.lemma in _list("en", "causing")


def _passive(tree: Parse, verb: int) -> bool:
    return any(w.dep == "auxpass" and w.head == verb for w in tree.words)


def _moved_english(tree: Parse, heads: list[int]) -> set[int] | None:
    """Which of the mentions are moved, by the verb or noun between them; None where the words do not say."""
    clauses = [_verb(tree, i) for i in heads]
    opens = [_opened(tree, v) for v in clauses]
    if len(set(clauses)) > 1 and any(opens) and not all(opens):
        return {k for k, opened in enumerate(opens) if not opened}
    says = [tree.words[v].dep == "ccomp" and tree.words[v].lemma in _list("en", "wishing") for v in clauses]
    if len(set(clauses)) > 1 and any(says) and not all(says):
        return {k for k, inside in enumerate(says) if not inside}
    subjects = {k for k, i in enumerate(heads) if _english(tree, i) == _SUBJECT}
    objects = set(range(len(heads))) - subjects
    if not subjects or not objects:
        return None
    verb = clauses[min(subjects)]
    words = tree.words
    below = [k for k, w in enumerate(words) if _under(tree, k, verb)]
    lemma = words[verb].lemma
    behind = lemma not in _list("en", "standing") and any(
        w.dep == "prep" and w.lemma in _list("en", "behind") and w.head == verb for w in words
    )
    tools = any(words[k].lemma in _list("en", "tools") and words[k].dep in ("attr", "oprd", "pobj", "conj", "appos") for k in below)
    object_ = next((k for k, w in enumerate(words) if w.dep == "dobj" and w.head == verb), None)
    held = _held(tree, below, verb, object_)
    master = any(words[k].lemma in _list("en", "masters") and words[k].dep in ("attr", "oprd") for k in below)
    follows = lemma in _list("en", "following") or behind or tools or held
    if master and not tools:
        follows = False
    passive = _passive(tree, verb)
    acting_follow = follows != (passive and lemma not in _list("en", "following") and not tools)
    if passive and lemma not in _list("en", "following"):
        acting_follow = tools or (held and not _has_agent(tree, verb))
    return subjects if acting_follow else objects


def _held(tree: Parse, below: list[int], verb: int, object_: int | None) -> bool:
    """Whether the subject is in another's hold: "in the pocket of", "takes its orders from"; not who has or gives them."""
    words = tree.words
    for k in below:
        if words[k].lemma not in _list("en", "holds"):
            continue
        if words[k].dep == "dobj" and words[verb].lemma in _list("en", "receiving"):
            return True
        if words[k].dep in ("pobj", "conj", "attr") and (object_ is None or words[verb].lemma in _list("en", "receiving")):
            return True
    return False


def _has_agent(tree: Parse, verb: int) -> bool:
    return any(w.head == verb and (w.dep == "agent" or w.lemma == "by") for w in tree.words)


def _verb(tree: Parse, i: int) -> int:
    """The verb of the clause that word `i` stands in."""
    for _ in range(12):
        if tree.words[i].pos in ("VERB", "AUX") or tree.words[i].head == i:
            break
        i = tree.words[i].head
    while tree.words[i].dep in ("xcomp", "conj") and tree.words[tree.words[i].head].pos in ("VERB", "AUX"):
        if any(w.head == i and w.dep in ("nsubj", "nsubjpass") for w in tree.words):
            break
        i = tree.words[i].head
    return i


def _opened(tree: Parse, verb: int) -> bool:
    """Whether the verb's clause tells when the other happens: "when X coughs", "no sooner had X"."""
    if tree.words[verb].dep not in ("advcl", "ccomp"):
        return False
    marks = {w.lemma for w in tree.words if w.head == verb and w.dep in ("advmod", "mark")}
    nothing = any(w.lemma in ("no", "not", "nothing", "nobody", "never") for w in tree.words)
    return bool(marks & _list("en", "when")) or (nothing and bool(marks & {"before", "until", "unless"}))


def _under(tree: Parse, i: int, verb: int) -> bool:
    """Whether word `i` hangs on the verb within its own clause."""
    for _ in range(8):
        if i == verb:
            return True
        word = tree.words[i]
        if word.head == i or word.dep in ("relcl", "advcl", "ccomp"):
            return False
        i = word.head
    return False


def _russian(line: RussianLine, heads: list[int]) -> list[str]:
    """The place of each mention by case: the nominative that agrees with its verb is the subject, so is who does it in a passive."""
    words = line.words
    out: list[str] = []
    taken: dict[int, list[int]] = {}
    for i in heads:
        verb = _russian_verb(line, i)
        passive = verb is not None and _russian_passive(words[verb])
        alone = not _governed(line, i)
        case = words[i].case
        if passive:
            place = _SUBJECT if alone and "ablt" in case and "nomn" not in case else _OBJECT
        else:
            may = alone and ("nomn" in case or not case) and (verb is None or _fits(words[i], words[verb]))
            place = _SUBJECT if may else _OBJECT
            if place == _SUBJECT and verb is not None:
                taken.setdefault(verb, []).append(len(out))
        out.append(place)
    for same in taken.values():
        out = _one_subject(line, heads, same, out)
    return out


def _one_subject(line: RussianLine, heads: list[int], same: list[int], out: list[str]) -> list[str]:
    """Where several could be the subject of one verb: those that can be nothing else, else the first and what is joined to it."""
    sure = [k for k in same if "accs" not in line.words[heads[k]].case]
    keep = sure or same[:1]
    for k in (*same, *reversed(same)):
        left, right = (k - 1, k) if k - 1 in keep else (k, k + 1)
        if k not in keep and (left in keep or right in keep) and right < len(heads) and left in same and right in same:
            joined = line.words[line.first(heads[right]) - 1].text.lower() in ("и", "с", "или")
            keep = [*keep, k] if joined else keep
    return [_OBJECT if k in same and k not in keep else place for k, place in enumerate(out)]


def _governed(line: RussianLine, i: int) -> bool:
    first = line.first(i)
    return first > 0 and line.words[first - 1].pos == "ADP"


def _fits(noun: Word, verb: Word) -> bool:
    """Whether the noun may be the verb's subject in number, and in the past in gender."""
    if {"plur", "sing"} & verb.feats and noun.plural != ("plur" in verb.feats):
        return not noun.feats & {"plur", "sing"} or ("plur" in verb.feats and not noun.plural)
    genders = {"masc", "femn", "neut"}
    a, b = noun.feats & genders, verb.feats & genders
    return not ("past" in verb.feats and "sing" in verb.feats and len(a) == len(b) == 1 and a != b)


def _russian_passive(verb: Word) -> bool:
    return "PRTS" in verb.feats or ("pssv" in verb.feats and verb.pos != "ADJ") or verb.lemma in ("ведомый", "управляться", "контролироваться", "диктоваться", "направляться", "финансироваться")


def _russian_verb(line: RussianLine, i: int) -> int | None:
    """The nearest finite verb of the clause around word `i`."""
    a, b = _clause(line, i)
    verbs = [k for k in range(a, b) if k != i and line.words[k].pos in ("VERB", "ADJS") and not line.words[k].feats & {"INFN", "GRND"}]
    return min(verbs, key=lambda k: abs(k - i), default=None)


def _clause(line: RussianLine, i: int) -> tuple[int, int]:
    a, b = i, i
    while a > 0 and line.words[a - 1].text not in _CLAUSE_ENDS:
        a -= 1
    while b < len(line.words) and line.words[b].text not in _CLAUSE_ENDS:
        b += 1
    return a, b


def _moved_russian(line: RussianLine, heads: list[int], places: list[str]) -> set[int] | None:
    """Which of the mentions are moved; None where the words do not say."""
    words = line.words
    clauses = [_clause(line, i) for i in heads]
    opens = [words[a].lemma in _list("ru", "when") and words[a].text.lower() != "и" for a, _ in clauses]
    if len(set(clauses)) > 1 and any(opens) and not all(opens):
        return {k for k, opened in enumerate(opens) if not opened}
    subjects = {k for k, place in enumerate(places) if place == _SUBJECT}
    objects = set(range(len(heads))) - subjects
    if not subjects or not objects:
        return None
    a = min(clauses[k][0] for k in subjects | objects)
    b = max(clauses[k][1] for k in subjects | objects)
    own = [w for k, w in enumerate(words[a:b], a) if k not in heads]
    lemmas = {w.lemma for w in own}
    idiom = "за" in lemmas and {"нос", "ниточка"} & lemmas
    behind = any(w.lemma in _list("ru", "behind") and w.pos in ("ADP", "ADV") for w in own) and not idiom
    behind = (behind and "спина" not in lemmas) or {"без", "не"} <= lemmas
    follows = bool(lemmas & (_list("ru", "following") | _list("ru", "tools"))) or behind or bool(lemmas & _list("ru", "holds"))
    kept = {"держать", "взять", "прибрать", "зажать", "посадить"} & lemmas
    if lemmas & _list("ru", "masters") or idiom or kept:
        follows = False
    return subjects if follows else objects

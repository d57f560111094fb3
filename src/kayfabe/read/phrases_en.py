"""English actors by syntax: noun phrases whose head can act, in a place of the sentence where actors stand."""

from __future__ import annotations

from kayfabe.read.nouns import nouns
from kayfabe.read.parsing import Parse
from kayfabe.read.phrases import Phrase
from kayfabe.read.wordlists import data_toml

_INSIDE = frozenset(("compound", "nmod", "amod", "npadvmod", "det", "nummod", "quantmod", "advmod", "predet", "poss"))
_PREDICATE = frozenset(("attr", "oprd", "acomp"))
_WHERE = frozenset(("in", "at", "inside", "within", "near", "across", "throughout", "into", "through", "onto", "outside", "around"))  # fmt: skip
_WITH = frozenset(("by", "with", "between", "against", "toward", "towards", "for", "behind", "from"))
_SHORT = 4


class EnglishTree:
    """A sentence's words with their dependents; finds the phrase that a word heads."""

    def __init__(self, parse: Parse, text: str) -> None:
        self.words, self.text = parse.words, text
        self.children: list[list[int]] = [[] for _ in parse.words]
        for i, word in enumerate(parse.words):
            if word.head != i:
                self.children[word.head].append(i)
        self.label = [""] * len(parse.words)
        for entity in parse.entities:
            for i, word in enumerate(parse.words):
                if entity.start <= word.start and word.end <= entity.end:
                    self.label[i] = entity.label

    def actor(self, i: int) -> Phrase | None:
        """The phrase that word `i` heads, if that phrase is an actor."""
        word = self.words[i]
        if word.pos not in ("NOUN", "PROPN", "ADJ", "PRON", "NUM", "DET") or (
            word.dep in _INSIDE and not self._stands(i)
        ):
            return None
        sort = self.sort(i)
        if sort is None or not self._acts(i, sort):
            return None
        first, last = self.first(i), self.last(i, sort)
        if self.words[first].lemma in ("so",):
            return None
        person = sort == "person" and not word.plural
        organ = word.lemma in nouns("en")["organs"] or word.lemma in nouns("en")["epithets"]
        start, end = self.words[first].start, self.words[last].end
        return Phrase(start, end, person, word.plural, sort == "name", organ, word.start)

    def _stands(self, i: int) -> bool:
        """Whether a word inside a phrase is one of its own: a possessor, or the subject of a verb misread as a noun ("the
        miners cough", "the arbiter dines with"): then its clause has no other verb."""
        word = self.words[i]
        if word.dep != "compound" or word.head != i + 1 or not word.text[:1].islower():
            return word.dep == "poss"
        known = nouns("en")
        if word.plural and word.lemma in known["people"]:
            return True
        verb = self.words[word.head].text.lower()
        if not verb.endswith("s") or not {word.lemma} & (known["people"] | known["bodies"]):
            return False
        clause = self._clause(i)
        return not any(self.words[j].pos in ("VERB", "AUX") for j in clause)

    def _clause(self, i: int) -> range:
        """The words around word `i` between marks and joining words."""
        left, right = i, i
        while left > 0 and self.words[left - 1].pos not in ("PUNCT", "CCONJ", "SCONJ"):
            left -= 1
        while right + 1 < len(self.words) and self.words[right + 1].pos not in ("PUNCT", "CCONJ", "SCONJ"):
            right += 1
        return range(left, right + 1)

    def sort(self, i: int) -> str | None:
        """What the head is: person, body, place, name, or nothing that acts."""
        word, known = self.words[i], nouns("en")
        lemma = word.lemma.rsplit("-", 1)[-1]
        plain = word.text.lower()
        if lemma in known["group_words"] or word.pos in ("PRON", "NUM", "DET"):
            inner = self._of(i)
            if lemma in known["group_words"] and inner is not None and self.sort(inner):
                return "person"
            if lemma not in known["bodies"] or word.pos != "NOUN":
                return None
        if self.label[i] == "number" and lemma not in known["people"]:
            return None
        capital = word.text[:1].isupper()
        listed = bool({lemma, plain} & known["people"]) or lemma in known["bodies"]
        if lemma in known["not_bodies"] or (not capital and not listed and {lemma, plain} & known["things"]):
            return None
        if word.pos == "ADJ" and plain not in known["people"] | known["bodies"]:
            return "person" if lemma in known["adjectives"] and self._determined(i) else None
        if {lemma, plain} & known["people"]:
            return "person"
        if lemma in known["bodies"]:
            return "body"
        if self.label[i] in ("person", "organisation", "group") and capital:
            return "person" if self.label[i] == "person" else "name"
        if lemma in known["places"]:
            return "place"
        endings = tuple(data_toml("actor_nouns_en.toml")["agent_endings"])
        if len(lemma) > 5 and lemma.endswith(endings) and word.text[:1].islower():
            return "person"
        if word.pos == "PROPN" and capital and self.label[i] != "thing":
            if any(self.words[c].lemma in known["people"] for c in self.children[i] if self.words[c].dep == "compound"):
                return "person"
            if self.label[i] == "place":
                return "where"
            return "name" if i > 0 or word.dep in ("nsubj", "nsubjpass") else None
        return None

    def _determined(self, i: int) -> bool:
        return any(self.words[c].dep == "det" for c in self.children[i])

    def _role(self, i: int) -> tuple[str, int]:
        """The relation of the phrase, seen through "and" and apposition, and the word it hangs on."""
        for _ in range(8):
            word = self.words[i]
            if word.dep not in ("conj", "appos") or word.head == i:
                break
            if self.words[word.head].pos in ("VERB", "AUX"):
                return "nsubj", word.head
            i = word.head
        return self.words[i].dep, self.words[i].head

    def _acts(self, i: int, sort: str) -> bool:
        if self.words[i].dep == "compound":
            return True
        role, head = self._role(i)
        if role in _PREDICATE:
            return self._cleft(head)
        if role == "pobj":
            before = self.words[head].lemma
            if before in ("as", "like", "unlike", "during", "since", "per", "than"):
                return before in ("than", "unlike") and sort == "person"
            if sort == "person":
                return self.words[i].plural or self.words[i].pos == "PROPN" or bool(self.children[i])
            if before == "on" and self.words[self.words[head].head].lemma in ("sit", "serve"):
                return False
            if sort == "where":
                return before in _WITH and before != "for" and before != "from"
            if sort == "place":
                seat = self.words[i].lemma in nouns("en")["seats"]
                return before in ("by", "against") or (seat and before in ("from", "with", "to", "for"))
            return before not in _WHERE
        if role in ("dobj", "obj") and sort in ("place", "where"):
            return sort == "where" or self.words[head].lemma in nouns("en")["obeying"]
        if role == "poss":
            return sort != "place"
        if sort == "place":
            return role == "nsubj" and self.words[head].pos == "VERB"
        return role not in ("npadvmod", "advmod", "tmod")

    def _cleft(self, verb: int) -> bool:
        """Whether a predicate is the "it is the banks that" or "there are critics who" kind."""
        return any(
            self.words[c].dep in ("nsubj", "expl") and self.words[c].lemma in ("it", "there")
            for c in self.children[verb]
        )

    def first(self, i: int) -> int:
        mine = {i}
        todo = [i]
        while todo:
            for c in self.children[todo.pop()]:
                inside = self.words[c].dep in (*_INSIDE, "case", "punct", "prep", "pobj", "cc", "conj", "prt", "neg")
                if c < i and inside and c not in mine:
                    mine.add(c)
                    todo.append(c)
        if self.words[i].dep == "compound":  # a misread subject: what stands before it hangs on the supposed noun
            mine |= {
                c
                for c in self.children[self.words[i].head]
                if c < i and self.words[c].dep in ("det", "amod", "compound", "nummod", "poss")
            }
        first = i
        while first - 1 in mine:
            first -= 1
        while first < i and (
            self.words[first].pos in ("PUNCT", "CCONJ", "ADP", "PART", "SCONJ") or self._adverb(first)
        ):
            first += 1
        return first

    def span(self, i: int) -> tuple[int, int]:
        """The first and last word of the phrase that word `i` heads."""
        return self.first(i), self.last(i, self.sort(i) or "person")

    def _adverb(self, i: int) -> bool:
        return self.words[i].pos == "ADV" or self.words[i].lemma in (
            "both",
            "even",
            "only",
            "neither",
            "either",
            "no",
            "not",
        )

    def last(self, i: int, sort: str) -> int:
        last = i
        while last + 2 < len(self.words) and self.words[last + 1].text == "-" and self._touch(last, last + 1):
            last += 2
        for c in sorted(self.children[i]):
            word = self.words[c]
            if (
                c == last + 1
                and word.dep in ("appos", "flat", "compound")
                and word.pos == "PROPN"
                and word.text[:1].isupper()
            ):
                last = self.last(c, "name")
            elif c == last + 1 and word.dep == "prep":
                inner = next((o for o in self.children[c] if self.words[o].dep == "pobj"), None)
                if inner is None:
                    continue
                end = self._joined(self.last(inner, "name") if inner - c <= _SHORT else inner, inner)
                proper = self.words[i].pos == "PROPN" and sort == "person"
                if (word.lemma == "of" and (not proper or self.words[inner].pos == "PROPN")) or (
                    word.lemma in ("in", "at", "from", "for", "on", "to") and self._belongs(i, inner, sort)
                ):
                    last = end
        return last

    def _joined(self, last: int, i: int) -> int:
        """`last`, or the end of a bare noun joined to word `i` by "and" ("the leaders of France and Germany")."""
        for c in self.children[i]:
            bare = self.words[c].dep == "conj" and c == last + 2 and self.words[last + 1].dep == "cc"
            if bare and self.words[c].pos in ("NOUN", "PROPN"):
                return c
        return last

    def _belongs(self, i: int, inner: int, sort: str) -> bool:
        """Whether a place or purpose after the head is part of the name ("the strongman in Tirval", "sources in the yard")."""
        if sort not in ("person", "body") or inner - i > _SHORT:
            return False
        after = inner + 1
        role = self.words[i].dep
        follows = self.words[after].pos in ("VERB", "AUX", "ADV") if after < len(self.words) else False
        return self.words[inner].pos == "PROPN" or (role in ("nsubj", "nsubjpass") and follows)

    def _touch(self, left: int, right: int) -> bool:
        return self.words[left].end == self.words[right].start

    def _of(self, i: int) -> int | None:
        for c in self.children[i]:
            if self.words[c].dep == "prep" and self.words[c].lemma in ("of", "in", "among", "from"):
                return next((o for o in self.children[c] if self.words[o].dep == "pobj"), None)
        return None

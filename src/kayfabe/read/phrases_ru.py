"""Russian actors by grammar: noun phrases around an animate or acting noun, with their adjectives and genitives."""

from __future__ import annotations

from kayfabe.read.nouns import nouns
from kayfabe.read.parsing import Parse, Word
from kayfabe.read.phrases import Phrase

_WHERE = frozenset(
    ("в", "во", "на", "из", "при", "около", "внутри", "через", "возле", "под", "над", "вокруг", "до", "по")
)
_ENDINGS = (
    "агентство",
    "министерство",
    "банк",
    "комитет",
    "компания",
    "палата",
    "союз",
    "ведомство",
    "партия",
    "совет",
    "суд",
    "газета",
    "фонд",
    "верфь",
    "хоз",
    "комбинат",
    "холдинг",
    "трест",
    "завод",
    "сбыт",
    "канал",
    "промышленность",
    "управление",
    "объединение",
    "общество",
    "монополия",
    "корпорация",
    "инспекция",
    "надзор",
    "служба",
    "фирма",
    "концерн",
    "синдикат",
    "биржа",
    "школа",
    "архив",
    "музей",
    "театр",
    "клуб",
)
_WITH = frozenset(("с", "со", "между", "против", "за", "перед", "к", "ко"))


class RussianLine:
    """A sentence's words in their order; finds the phrase around a noun by agreement and genitives."""

    def __init__(self, parse: Parse, text: str) -> None:
        self.words, self.text = parse.words, text
        self.label = [""] * len(parse.words)
        for entity in parse.entities:
            for i, word in enumerate(parse.words):
                if entity.start <= word.start and word.end <= entity.end:
                    self.label[i] = entity.label

    def actor(self, i: int) -> Phrase | None:
        """The phrase whose first noun is word `i`, if it is an actor."""
        quoted = self._quoted(i)
        if quoted is not None:
            return quoted
        word = self.words[i]
        sort = self.sort(i)
        if sort is None:
            return None
        first, last = self.first(i), self.last(i)
        if not self._acts(i, first, last, sort):
            return None
        person = sort == "person" and not word.plural
        organ = word.lemma in nouns("ru")["organs"] or word.lemma in nouns("ru")["epithets"]
        start, end = self.words[first].start, self.words[last].end
        if end < len(self.text) and self.text[end] == "»" and "«" in self.text[start:end]:
            end += 1
        return Phrase(start, end, person, word.plural, sort in ("name", "where"), organ, word.start)

    def sort(self, i: int) -> str | None:
        word, known = self.words[i], nouns("ru")
        capital = word.text[:1].isupper()
        parts = [word.lemma, *word.lemma.split("-")]
        same = i + 1 < len(self.words) and self.label[i] == self.label[i + 1]
        lower_noun = (
            i + 1 < len(self.words) and self.words[i + 1].pos == "NOUN" and self.words[i + 1].text[:1].islower()
        )
        described = word.pos == "ADJ" and (same or lower_noun)
        ordinary = (
            i == 0 and word.pos == "NOUN" and not word.animate and not word.feats & {"Name", "Surn", "Geox", "Orgn"}
        )
        if (
            capital
            and not described
            and not (ordinary and not same)
            and self.label[i] in ("person", "organisation", "place")
        ):
            return {"person": "person", "organisation": "name", "place": "where"}[self.label[i]]
        if word.pos == "ADJ":
            alone = i + 1 >= len(self.words) or self.words[i + 1].pos not in ("NOUN", "ADJ")
            return (
                "person"
                if word.lemma in known["adjectives"] and alone and (word.plural or word.lemma.endswith("щий"))
                else None
            )
        if (
            word.lemma in known["group_words"]
            and i + 2 < len(self.words)
            and self.words[i + 1].text.lower() in ("в", "на")
        ):
            return "person" if self.inner(i + 2) is not None else None
        quoted = i > 0 and self.words[i - 1].text == "«" and i + 1 < len(self.words) and self.words[i + 1].text == "»"
        if word.pos != "NOUN" or word.lemma in known["not_people"] or quoted or (not capital and "Name" in word.feats):
            return None
        if any(p in known["bodies"] or p.endswith(_ENDINGS) for p in parts):
            return "body"
        if word.animate and not (capital and i > 0 and not self.label[i] and self.words[i - 1].text not in '«"—(:.,'):
            return "person"
        if word.animate or (capital and i > 0 and self._named(i)):
            return "person"
        return "place" if word.lemma in known["places"] else None

    def stands(self, i: int) -> bool:
        """Whether word `i` stands for people without being a noun: «некоторые», «многие в столице»."""
        return self.words[i].lemma in nouns("ru")["group_words"] or self.words[i].lemma in nouns("ru")["some_of"]

    def inner(self, i: int) -> int | None:
        while i < len(self.words) and self.words[i].pos in ("ADJ", "NUM", "PRON"):
            i += 1
        return i if i < len(self.words) and self.words[i].pos == "NOUN" else None

    def _named(self, i: int) -> bool:
        return self.label[i] in ("person", "organisation")

    def _modifies(self, j: int, i: int) -> bool:
        word = self.words[j]
        if word.text.lower().replace("ё", "е") in ("его", "ее", "их"):
            return True
        if word.pos == "NUM":
            return any(c.isalpha() for c in word.text) or word.text.isdigit()
        if word.pos == "ADJ" or (word.pos == "PRON" and word.lemma in nouns("ru")["determiners"]):
            return not word.case or not self.words[i].case or bool(word.case & self.words[i].case) or self._counted(j)
        return word.pos == "NOUN" and word.lemma in (
            "половина",
            "большинство",
            "десяток",
            "дюжина",
            "сотня",
            "тысяча",
            "часть",
        )

    def _counted(self, j: int) -> bool:
        return j > 0 and self.words[j - 1].pos == "NUM"

    def first(self, i: int) -> int:
        first = i
        while first > 0 and i - first < 5 and self._adjacent(first - 1, first):
            emphatic = self.words[first - 1].text.lower() == "же" and first > 1
            if not self._modifies(first - 1 - emphatic, i):
                break
            first -= 1 + emphatic
        if (
            first > 1
            and self.words[first - 1].text.lower() == "из"
            and self.words[first - 2].lemma in nouns("ru")["some_of"]
        ):
            first -= 2
        while first < i and (
            self.words[first].lemma in ("сам", "весь", "такой")
            or (self.words[first].lemma == "один" and first and self.words[first - 1].text.lower() == "ни")
        ):
            first += 1
        return first

    def _adjacent(self, left: int, right: int) -> bool:
        return self.text[self.words[left].end : self.words[right].start].strip(' «»"\n') == ""

    def last(self, i: int) -> int:
        last, step = i, 0
        while last + 1 < len(self.words) and step < 4:
            after = self._inner_name(last)
            if after is None:
                after = self._genitive(last)
            if after is None:
                break
            last, step = after, step + 1
        return self._where_from(i, last)

    def _inner_name(self, last: int) -> int | None:
        """The end of a name that follows directly: a person's, or one in quotation marks."""
        j = last + 1
        if self.words[j].text == "«" and j + 1 < len(self.words) and self.words[j + 1].text[:1].isupper():
            for k in range(j + 1, min(j + 6, len(self.words))):
                if self.words[k].text == "»":
                    return k - 1
            return None
        if self.words[j].text[:1].isupper() and self._adjacent(last, j):
            return j if self.label[j] != "place" or "gent" in self.words[j].case else None
        return None

    def _genitive(self, last: int) -> int | None:
        j = last + 1
        while j < len(self.words) and j - last < 4 and self.words[j].pos in ("ADJ", "NUM", "PRON") and self._may(j):
            j += 1
        if j >= len(self.words) or self.words[j].pos != "NOUN" or "gent" not in self.words[j].case:
            return None
        if "verbal" in self.words[j].feats or ("Name" in self.words[j].feats and self.words[j].text[:1].islower()):
            return None
        if any(not self._adjacent(k, k + 1) for k in range(last, j)):
            return None
        return j if j == last + 1 or all(self._may(k) for k in range(last + 1, j)) else None

    def _may(self, j: int) -> bool:
        lower = self.words[j].text.lower().replace("ё", "е")
        return lower in ("его", "ее", "их") or "gent" in self.words[j].case

    def _where_from(self, i: int, last: int) -> int:
        """The end with a place that belongs to the phrase: at a clause's beginning, before verb or comma."""
        words = self.words
        if last + 2 >= len(words) or words[last + 1].text.lower() not in ("в", "во", "на", "из", "при", "от", "при"):
            return last
        inner = self.inner(last + 2)
        opens = self.first(i) == 0 or words[self.first(i) - 1].pos in ("PUNCT", "CONJ")
        if inner is None or inner - last > 4 or not opens or inner + 1 >= len(words) or words[i].pos == "VERB":
            return last
        if self.sort(inner) is None:
            return last
        return inner if words[inner + 1].pos in ("VERB", "ADJS") and words[last + 1].text.lower() != "от" else last

    def _acts(self, i: int, first: int, last: int, sort: str) -> bool:
        word = self.words[i]
        before = self.words[first - 1] if first else None
        prep = before.text.lower() if before is not None and before.pos == "ADP" else ""
        if self._predicate(i, first, last, before):
            return False
        if sort == "person":
            return True
        if sort == "body":
            if prep in ("о", "об", "обо", "про", "насчёт"):
                return False
            return prep not in _WHERE or prep == "из" or (prep == "на" and "accs" in word.case and "loct" not in word.case)
        if sort == "name":
            return prep not in _WHERE
        if sort == "where":
            return (not prep and ("nomn" in word.case or word.case <= {"datv"} or not word.case)) or prep in _WITH
        ordered = before is not None and before.lemma in nouns("ru")["orders"]
        return (
            ordered
            or (not prep and "nomn" in word.case and self._verb_near(first, last))
            or prep in ("с", "между", "за")
        )

    def _verb_near(self, first: int, last: int) -> bool:
        near = [*range(max(0, first - 3), first), *range(last + 1, min(len(self.words), last + 4))]
        return any(self.words[j].pos == "VERB" for j in near)

    def _predicate(self, i: int, first: int, last: int, before: Word | None) -> bool:
        """Whether the phrase only says what somebody is or is like: «он — марионетка», «стал министром», «как пешкой»."""
        if before is None:
            return False
        if before.text.lower() == "не" and "nomn" in self.words[i].case:
            return any("nomn" in w.case and w.pos in ("NOUN", "PRON") for w in self.words[max(0, first - 5) : first - 1])
        if before.text in ("—", "–", "-") and "nomn" in self.words[i].case:
            left = first - 2
            while left >= 0 and self.words[left].text not in ",;:.!?—":
                if self.words[left].pos == "VERB":
                    return False
                left -= 1
            right = [w.pos for w in self.words[last + 1 : last + 4]]
            return "VERB" not in right
        if self.words[i].case and self.words[i].case <= {"ablt"} and before.pos != "ADP":
            return any(w.lemma in nouns("ru")["copulas"] for w in self.words[max(0, first - 4) : first])
        if before.text.lower() in ("как", "словно", "точно") and first > 1:
            clause = []
            for w in self.words[last + 1 :]:
                if w.pos == "PUNCT":
                    break
                clause.append(w.pos)
            return "VERB" not in clause
        return False

    def _quoted(self, i: int) -> Phrase | None:
        """A short name in quotation marks that begins with word `i`: «Синий фронт»."""
        if i == 0 or self.words[i - 1].text not in ("«", "„", '"') or not self.words[i].text[:1].isupper():
            return None
        for k in range(i, min(i + 5, len(self.words))):
            word = self.words[k]
            if word.text in ("»", "“", '"') and k > i:
                spoken = "".join(w.text for w in self.words[k + 1 : k + 3]) == ",—"
                prep = self.words[i - 2].text.lower() if i > 1 else ""
                if spoken or prep in _WHERE:
                    return None
                return Phrase(self.words[i - 1].start, word.end, False, False, True, False, self.words[i].start)
            if word.pos in ("VERB", "PUNCT", "ADJS"):
                return None
        return None

"""Simulated newsrooms with a known truth: generated prose with subjects, stock phrases and everything that looks like reuse and is none.

Words are made of syllables, so that no text of anybody is needed; their frequencies, function words, sentence forms and stock phrases are
those of prose. Null kinds: footers, quotations of one speaker, formulae with small variations, one story told independently, wire copy with
its credit, letters that are written anew every month. Planted: passages copied by one to three later documents, some copies copied again, words changed at a given rate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from kayfabe.instruments.declaration import World, WorldKind

Array = np.ndarray[Any, Any]

NULLS = ("plain", "footers", "quotations", "formulae", "facts", "wire", "forms")
AMOUNTS = {"weak": (22, 0.25), "medium": (45, 0.125), "strong": (110, 0.03)}
"""Amount of reuse: words of the passage, share of them changed."""
_LEXICON, _SUBJECTS = 9_000, 8
_FORMS = (
    "the {} {} of the {} {} that {} would {} the {} in {}", "{} has {} the {} {} and {} its {} to {}",
    "on {} the {} {} said that {} {} {} the {} of {}", "{} and {} were {} by the {} {} after {} {}", "it is not {} whether the {} {} will {} the {} {}",
    "according to the {} {} of {} there are {} {} in the {}", "this {} was {} from {} to {} by {} {} with the {} {}",
    "we must {} the {} {} and {} {} for the {} of {}", "in {} the {} {} {} a {} that {} {}", "many of the {} {} have {} since {} when {} {} the {}",
    "at the {} of {} a {} {} {} by the {} was {} {}", "neither {} nor {} {} the {} {} before {} {}",
)  # fmt: skip


@dataclass
class Newsroom:
    """Documents as lists of words while a world is built; `reused` holds (earlier, later) pairs of documents that truly share."""

    texts: list[list[str]]
    outlet: Array
    at: Array
    reused: set[tuple[int, int]] = field(default_factory=set)

    def world(self) -> World:
        """As evidence. Ids follow the order of documents here, not of time."""
        text = [" ".join(t).replace(" .", ".").replace(" ,", ",") for t in self.texts]
        table = {
            "document": [f"d{k:04d}" for k in range(len(text))], "at": np.datetime64("2024-03-01", "us") + self.at.astype("timedelta64[s]"),
            "outlet": [f"outlet {k}" for k in self.outlet], "text": text,
        }  # fmt: skip
        return World({"documents": table}, {})


@cache
def _lexicon() -> tuple[Array, Array, tuple[tuple[str, ...], ...]]:
    """Words, their cumulative frequencies, and 500 stock phrases of 3 to 9 words."""
    rng = np.random.default_rng(1951)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "al", "en", "or", "is")]
    made = {"".join(rng.choice(syllables, int(rng.integers(2, 5)))) for _ in range(2 * _LEXICON)}
    words = np.array(sorted(made)[:: max(1, len(made) // _LEXICON)][:_LEXICON], dtype=object)
    rng.shuffle(words)
    weights = 1 / (np.arange(1, len(words) + 1) + 20)
    cumulative = np.cumsum(weights / weights.sum())
    glue = np.array(["the", "of", "and", "to", "in", "for", "with", "on", "by", "that", "a", "as"], dtype=object)
    phrases = []
    for size in rng.integers(3, 10, 500):
        phrase = words[np.searchsorted(cumulative, rng.random(int(size)))]
        phrases.append(tuple(np.where(rng.random(len(phrase)) < 0.35, rng.choice(glue, len(phrase)), phrase)))
    return words, cumulative, tuple(phrases)


class Prose:
    """A source of sentences on a subject."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.words, self.cumulative, self.phrases = _lexicon()
        self.subjects = [rng.permutation(400) for _ in range(_SUBJECTS)]

    def word(self, subject: int) -> str:
        """A word: in two of five cases one of the subject's own."""
        rank = int(np.searchsorted(self.cumulative, self.rng.random()))
        if self.rng.random() < 0.4:
            rank = 200 + 400 * subject + int(self.subjects[subject][min(399, int(self.rng.exponential(60)))])
        return str(self.words[min(rank, len(self.words) - 1)])

    def sentence(self, subject: int) -> list[str]:
        """One sentence of 8 to 30 words, every fourth with a stock phrase."""
        form = _FORMS[int(self.rng.integers(len(_FORMS)))].split()
        made = [self.word(subject) if w == "{}" else w for w in form]
        if self.rng.random() < 0.25:
            phrase = self.phrases[min(len(self.phrases) - 1, int(self.rng.pareto(0.7) * 3))]
            at = int(self.rng.integers(1, len(made)))
            made[at:at] = phrase
        return [*made, "."]

    def text(self, subject: int, sentences: int) -> list[str]:
        return [w for _ in range(sentences) for w in self.sentence(subject)]

    def passage(self, subject: int, size: int) -> list[str]:
        made: list[str] = []
        while len(made) < size:
            made += self.sentence(subject)[:-1]
        return made[:size]

    def edited(self, words: list[str], rate: float, subject: int) -> list[str]:
        """`words` with this share of them changed: replaced, left out, or followed by another."""
        out = []
        for w in words:
            kind = self.rng.random() / rate if rate else 1
            out += [w] if kind >= 1 else [self.word(subject)] if kind < 0.6 else [] if kind < 0.8 else [w, self.word(subject)]
        return out


def newsroom(
    rng: np.random.Generator, nulls: tuple[str, ...] = (), amount: tuple[int, float] | None = None, *, documents: int = 60, outlets: int = 6,
    passages: int = 4, clock: int = 60,
) -> Newsroom:
    """`documents` texts of 5 to 12 sentences by outlets of uneven volume over 20 days, with what `nulls` names and `passages` passages
    reused (`amount`: words, share changed); times whole in `clock` seconds."""  # fmt: skip
    prose = Prose(rng)
    share = rng.dirichlet(np.full(outlets, 2.0)) * 0.7 + 0.3 / outlets
    outlet = rng.choice(outlets, documents, p=share)
    at = np.sort(rng.uniform(0, 20 * 86_400, documents))
    subject = rng.integers(0, _SUBJECTS, documents)
    made = Newsroom([prose.text(int(s), int(rng.integers(5, 13))) for s in subject], outlet, at)
    for name in nulls:
        {"footers": _footers, "quotations": _quotations, "formulae": _formulae, "facts": _facts, "wire": _wire, "forms": _forms}[name](prose, made)
    if amount is not None:
        for _ in range(passages):
            _reuse(prose, made, *amount)
    made.at = np.floor(made.at / clock) * clock
    return made


def _insert(rng: np.random.Generator, text: list[str], piece: list[str]) -> None:
    """`piece` between two sentences of `text`, away from both ends."""
    stops = [i + 1 for i, w in enumerate(text) if w == "."][1:-1]
    at = stops[int(rng.integers(len(stops)))] if stops else len(text)
    text[at:at] = [*piece, "."]


def _footers(prose: Prose, made: Newsroom) -> None:
    for o in np.unique(made.outlet):
        footer = prose.passage(0, int(prose.rng.integers(18, 40)))
        for d in np.flatnonzero(made.outlet == o):
            if prose.rng.random() < 0.9:
                made.texts[d] += [*footer, "."]


def _quotations(prose: Prose, made: Newsroom) -> None:
    for _ in range(5):
        said = prose.passage(int(prose.rng.integers(_SUBJECTS)), int(prose.rng.integers(12, 30)))
        for d in prose.rng.choice(len(made.texts), int(prose.rng.integers(2, 9)), replace=False):
            cut = said[: int(prose.rng.integers(10, len(said) + 1))]
            _insert(prose.rng, made.texts[d], [prose.word(0), "said", '"' + cut[0], *cut[1:-1], cut[-1] + '"'])


def _formulae(prose: Prose, made: Newsroom) -> None:
    """Greetings near the beginning, thanks near the end and set phrases anywhere, each with small variations."""
    for place in ("first", "last", "any", "any"):
        formula = prose.passage(int(prose.rng.integers(_SUBJECTS)), int(prose.rng.integers(16, 36)))
        holders = int(prose.rng.integers(4, 25))
        for d in prose.rng.choice(len(made.texts), holders, replace=False):
            said = [*prose.edited(formula, 0.1, 0), "."]
            if place == "any":
                _insert(prose.rng, made.texts[d], said[:-1])
            else:
                made.texts[d] = said + made.texts[d] if place == "first" else made.texts[d] + said


def _facts(prose: Prose, made: Newsroom) -> None:
    """One story by several documents: the same names and figures in the same order, in everybody's own words."""
    for _ in range(4):
        subject = int(prose.rng.integers(_SUBJECTS))
        names = [prose.passage(subject, int(prose.rng.integers(1, 4))) for _ in range(9)] + [[str(prose.rng.integers(100, 9999))] for _ in range(3)]
        for d in prose.rng.choice(len(made.texts), int(prose.rng.integers(3, 8)), replace=False):
            told: list[str] = []
            for name in names:
                if prose.rng.random() < 0.8:
                    told += [*name, *prose.passage(subject, int(prose.rng.integers(2, 7)))]
            _insert(prose.rng, made.texts[d], told)


def _wire(prose: Prose, made: Newsroom) -> None:
    """Agency stories carried by several outlets with their credit, cut at the end, lightly edited."""
    for agency in ("Reuters", "AFP", "TASS"):
        story = prose.text(int(prose.rng.integers(_SUBJECTS)), 8)
        for d in prose.rng.choice(len(made.texts), int(prose.rng.integers(3, 6)), replace=False):
            cut = int(prose.rng.integers(len(story) // 2, len(story)))
            made.texts[d] = ["(", agency, ")", "-", *prose.edited(story[:cut], 0.02, 0), "."]


def _forms(prose: Prose, made: Newsroom) -> None:
    """Letters that an outlet writes anew every month, a twentieth of the words changed, each used by another outlet once or twice; the same
    documents over 160 days instead of 20."""
    made.at *= 8
    for _ in range(2):
        letter = prose.passage(int(prose.rng.integers(_SUBJECTS)), int(prose.rng.integers(40, 90)))
        mine = np.flatnonzero(made.outlet == prose.rng.choice(made.outlet))
        spaced = mine[np.searchsorted(made.at[mine], made.at[mine[0]] + np.arange(5) * 35 * 86_400).clip(max=len(mine) - 1)]
        others = np.flatnonzero(made.outlet != made.outlet[mine[0]])
        taken = prose.rng.choice(others, min(len(others), int(prose.rng.integers(1, 3))), replace=False)
        for d in np.unique(np.concatenate([spaced, taken])):
            _insert(prose.rng, made.texts[d], prose.edited(letter, 0.05, 0))


def _reuse(prose: Prose, made: Newsroom, size: int, rate: float) -> None:
    """A passage of one document taken by one to three later ones of other outlets; a third of them take it from a copy."""
    rng, n = prose.rng, len(made.texts)
    for _ in range(50):
        source = int(rng.integers(0, n - 3))
        later = np.flatnonzero((np.arange(n) > source) & (made.outlet != made.outlet[source]))
        if len(later):
            break
    else:
        return
    passage = prose.passage(int(rng.integers(_SUBJECTS)), size)
    _insert(rng, made.texts[source], passage)
    holders = [(source, passage)]
    for d in sorted(rng.choice(later, min(len(later), int(rng.integers(1, 4))), replace=False).tolist()):
        taken = holders[int(rng.integers(len(holders)))][1] if rng.random() < 1 / 3 else passage
        copy = prose.edited(taken, rate, 0)
        _insert(rng, made.texts[d], copy)
        made.reused |= {(h, d) for h, _ in holders if made.outlet[h] != made.outlet[d]}
        holders.append((d, copy))


def paraphrased(prose: Prose, words: list[str], kept: float = 0.4) -> list[str]:
    """As a machine rewrites: most content words replaced, clauses of five to nine words in another order."""
    said = [w if prose.rng.random() < kept else prose.word(0) for w in words]
    clauses = [said[i : i + 7] for i in range(0, len(said), 7)]
    prose.rng.shuffle(clauses)
    return [w for c in clauses for w in c]


def world(kind: WorldKind, rng: np.random.Generator) -> World:
    """null: what looks like reuse and is none, one kind or two at a time; margin: twelve words copied, three passages; planted: 45 words with an
    eighth changed, four passages, beside the null kinds."""
    some = tuple(str(x) for x in rng.choice(NULLS[1:], int(rng.integers(0, 3)), replace=False))
    amount = {"null": None, "margin": (12, 0.0), "planted": AMOUNTS["medium"]}[kind]
    return newsroom(rng, some, amount, passages=3 if kind == "margin" else 4).world()

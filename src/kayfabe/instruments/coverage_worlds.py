"""Simulated press with a known truth: paraphrase, unequal news value, agency shorts, explainers, news shocks, updated versions,
wire copy, ordinary words that stand in the text by chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kayfabe.instruments.declaration import World, WorldKind

Array = np.ndarray[Any, Any]
OUTLETS, PROVISIONS, TERMS, FORTNIGHTS = 6, 9, 12, 5
STRENGTHS = {"weak": (0.5, 2.0), "medium": (0.22, 3.5), "strong": (0.03, 9.0)}


@dataclass(frozen=True)
class Press:
    """How the outlets behave. `effect` (outlets, provisions): log odds of naming, beyond the news value that all share.
    `shorts`, `explainers`, `weeks`, `taste`, `unrelated` as in the method's harder null worlds."""

    effect: Array = field(default_factory=lambda: np.zeros((OUTLETS, PROVISIONS)))
    articles: tuple[int, int] = (25, 200)
    paraphrase: float = 0.4
    shorts: float | None = None
    explainers: float = 0.1
    shocks: float = 0.4
    updates: float = 0.15
    wire: float = 0.1
    weeks: bool = False
    taste: float = 0.0
    unrelated: float = 0.0
    others: int = 3


@dataclass(frozen=True)
class Sheet:
    """A simulated archive: the world and, for the benchmark, what each sentence names (`text` to provision or -1)."""

    world: World
    named: dict[str, int]


def world(kind: WorldKind, rng: np.random.Generator) -> World:
    """A world of the contract tests: null; margin: every provision has an outlet at odds ratio 1.25 or its inverse; planted:
    one cell omitted (.03) and one pushed (9)."""
    effect = np.zeros((OUTLETS, PROVISIONS))
    if kind == "margin":
        effect[rng.integers(OUTLETS, size=PROVISIONS), np.arange(PROVISIONS)] = np.log(1.25) * rng.choice(
            [-1, 1], PROVISIONS
        )
    if kind == "planted":
        effect = planted(rng, "strong")
    return archive(rng, Press(effect=effect, articles=(40, 80))).world


def planted(rng: np.random.Generator, strength: str) -> Array:
    """(outlets, provisions): one cell omitted and one pushed, in different rows and columns, omitted where news value is high."""
    effect = np.zeros((OUTLETS, PROVISIONS))
    low, high = STRENGTHS[strength]
    a, b = rng.permutation(OUTLETS)[:2]
    effect[a, int(rng.integers(0, 3))] = np.log(low)
    effect[b, int(rng.integers(4, PROVISIONS))] = np.log(high)
    return effect


def archive(rng: np.random.Generator, press: Press) -> Sheet:
    """One archive about one agreement of nine provisions, the first with the highest news value."""
    lexicon = _Lexicon(rng, press)
    volume = rng.integers(*press.articles, OUTLETS, endpoint=True)
    outlet = np.repeat(np.arange(OUTLETS), volume)
    n = len(outlet)
    span = FORTNIGHTS * 14
    days = rng.integers(0, span, n)
    if press.weeks:
        days = (rng.integers(0, span // 2, n) + np.where(outlet % 2, span // 2, 0)) % span
    style = _styles(rng, outlet, press)
    shock = np.where(rng.random((span, 1)) < 0.1, np.eye(PROVISIONS)[rng.integers(PROVISIONS, size=span)], 0)
    base = np.linspace(0.3, -2.2, PROVISIONS)
    taste = press.effect + rng.normal(0, 1, press.effect.shape) * press.taste
    logit = base + taste[outlet] + np.array([-0.8, 0.0, 1.5])[style][:, None] + press.shocks * 5 * shock[days]
    named = rng.random((n, PROVISIONS)) < 1 / (1 + np.exp(-logit))
    named[(outlet < 2) & (rng.random(n) < press.unrelated)] = False
    sheet: dict[str, int] = {}
    texts = [lexicon.article(rng, row, int(s), sheet) for row, s in zip(named, style, strict=True)]
    again = np.flatnonzero(rng.random(n) < press.updates)
    copied = np.flatnonzero(rng.random(n) < press.wire)
    texts += [texts[k] + " " + lexicon.background() for k in again] + [texts[k] for k in copied]
    outlet = np.concatenate([outlet, outlet[again], rng.integers(0, OUTLETS, len(copied))])
    days = np.concatenate(
        [days, days[again] + rng.integers(0, 3, len(again)), days[copied] + rng.integers(0, 2, len(copied))]
    )
    ids, heads, rows = lexicon.provisions(press.others)
    tables: dict[str, dict[str, Any]] = {
        "provisions": {"agreement": heads, "provision": ids, "text": rows},
        "documents": {
            "document": [f"d{k:05d}" for k in range(len(texts))],
            "at": (np.datetime64("2025-03-03") + days).astype("datetime64[us]"),
            "outlet": [f"outlet {k}" for k in outlet],
            "text": texts,
        },
    }
    return Sheet(World(tables, {"agreement": "accord of nine", "matching": "words"}), sheet)  # invented words have no meaning


def _styles(rng: np.random.Generator, outlet: Array, press: Press) -> Array:
    """(articles,): 0 short agency item, 1 article, 2 long explainer."""
    share = np.array([0.1, 0.5, 0.1, 0.3, 0.1, 0.2])[outlet]
    if press.shorts is not None:
        share = np.where(outlet == 0, press.shorts, 0.1)
    u = rng.random(len(outlet))
    return np.asarray(np.select([u < share, u > 1 - press.explainers], [0, 2], 1))


class _Lexicon:
    """Invented words: terms of each provision, what the press says instead, words of the whole agreement, ordinary words."""

    def __init__(self, rng: np.random.Generator, press: Press) -> None:
        parts = np.array([c + v for c in "bcdfgklmnprtvz" for v in "aou"], dtype=object)
        index = rng.permutation(len(parts) ** 3)[:1200]
        pool = parts[index // len(parts) ** 2] + parts[index // len(parts) % len(parts)] + parts[index % len(parts)]
        every = PROVISIONS + press.others
        self.terms = pool[: every * TERMS].reshape(every, TERMS)
        used = every * TERMS
        self.press = pool[used : used + every * TERMS].reshape(every, TERMS)
        self.shared, self.ordinary = pool[2 * used : 2 * used + 8], pool[2 * used + 8 :]
        frequency = 1 / np.arange(1, len(self.ordinary) + 1) ** 0.9
        self.often = np.cumsum(frequency / frequency.sum())
        self.paraphrase = press.paraphrase
        # drawn at once and read in turn: one draw per sentence takes longer than the test itself
        self.drawn = self.ordinary[np.searchsorted(self.often, rng.random(60_000)).clip(0, len(self.ordinary) - 1)]
        self.picks = rng.random((5_000, TERMS)).argsort(axis=1)
        self.luck = rng.random((5_000, TERMS + 1))
        self.at, self.sentences = 0, 0
        self.stray = self._words(every * 2).reshape(every, 2)

    def _words(self, n: int) -> Array:
        self.at = self.at + n if self.at + n <= len(self.drawn) else n
        return np.asarray(self.drawn[self.at - n : self.at])

    def provisions(self, others: int) -> tuple[list[str], list[str], list[str]]:
        rows = [" ".join([*t, *self.shared[:4], *s]) + "." for t, s in zip(self.terms, self.stray, strict=True)]
        ids = [str(k + 1) for k in range(PROVISIONS)] + [str(k + 1) for k in range(others)]
        return ids, ["accord of nine"] * PROVISIONS + ["another accord"] * others, rows

    def sentence(self, provision: int) -> str:
        """One sentence that names `provision` (-1: none)."""
        self.sentences = (self.sentences + 1) % len(self.picks)
        picks, luck = self.picks[self.sentences], self.luck[self.sentences]
        said = self._words(7 if provision >= 0 else 11)
        if provision >= 0:
            which = picks[: 3 + int(luck[-1] * 3)]
            own = np.where(
                luck[: len(which)] < self.paraphrase, self.press[provision, which], self.terms[provision, which]
            )
            said = np.concatenate([own, said])
        elif luck[-1] < 0.5:
            said = np.concatenate([self.shared[picks[picks < 8][:3]], said])
        return " ".join(said).capitalize() + "."

    def background(self) -> str:
        return self.sentence(-1)

    def article(self, rng: np.random.Generator, named: Array, style: int, sheet: dict[str, int]) -> str:
        lines: list[str] = []
        for provision in np.flatnonzero(named).tolist():
            lines += [self._noted(provision, sheet) for _ in range(1 if style == 0 else int(rng.integers(1, 4)))]
        lines += [self._noted(-1, sheet) for _ in range((1, 3, 6)[style])]
        return " ".join(lines)

    def _noted(self, provision: int, sheet: dict[str, int]) -> str:
        line = self.sentence(provision)
        sheet[line] = provision
        return line

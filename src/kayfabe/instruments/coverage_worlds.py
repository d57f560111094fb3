"""Simulated press with a known truth: paraphrase, unequal news value, agency shorts, explainers, news shocks, updated versions,
wire copy, ordinary words that stand in the text by chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.signal import lfilter

from kayfabe.instruments.declaration import World, WorldKind

Array = np.ndarray[Any, Any]
OUTLETS, PROVISIONS, TERMS, FORTNIGHTS = 6, 9, 12, 5
STRENGTHS = {"weak": (0.5, 2.0), "medium": (0.22, 3.5), "strong": (0.03, 9.0)}


@dataclass(frozen=True)
class Press:
    """How the outlets behave. `effect` (outlets, provisions): log odds of naming, beyond the news value that all share.
    `shorts`, `explainers`, `weeks`, `taste`, `unrelated` as in the method's harder null worlds. Log odds of a provision wander from
    week to week (AR(1), `phi`) by `attention` for everybody and by `beats` for each outlet alone, and swing by `season` over the span;
    in one week everybody takes to one provision by `storm`. `gaps`: share of weeks in which an outlet is silent. `own_words`: how many of
    its words for the first provision an outlet, the first, replaces by words that nobody else uses."""

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
    attention: float = 0.0
    beats: float = 0.0
    phi: float = 0.5
    season: float = 0.0
    storm: float = 0.0
    gaps: float = 0.0
    own_words: float = 0.0


@dataclass(frozen=True)
class Times:
    """What the days bring: `shock` (days, provisions) log odds for everybody, `beat` (outlets, days, provisions) for each outlet,
    `taste` (outlets, provisions), `volume` (outlets,) and `open` (outlets, days), whether it writes at all."""

    shock: Array
    beat: Array
    taste: Array
    volume: Array
    open: Array


@dataclass(frozen=True)
class Articles:
    """Who wrote when about what: `outlet`, `day`, `style` (n,), `named` (n, provisions)."""

    outlet: Array
    day: Array
    style: Array
    named: Array


@dataclass(frozen=True)
class Sheet:
    """A simulated archive: the world and, for the benchmark, what each sentence names (`text` to provision or -1) and its times."""

    world: World
    named: dict[str, int]
    times: Times


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
    outlet, days = _days(rng, press, volume)
    style = _styles(rng, outlet, press)
    times = _times(rng, press, volume)
    kept = times.open[outlet, days]
    made = _articles(rng, press, times, outlet[kept], days[kept], style[kept])
    sheet: dict[str, int] = {}
    texts = [
        lexicon.article(rng, row, s, sheet, press.own_words if o == 0 else 0.0)
        for o, row, s in zip(made.outlet.tolist(), made.named, made.style.tolist(), strict=True)
    ]
    again, copied, elsewhere = _repeats(rng, press, len(texts))
    texts += [texts[k] + " " + lexicon.background() for k in again] + [texts[k] for k in copied]
    outlet = np.concatenate([made.outlet, made.outlet[again], elsewhere])
    days = np.concatenate(
        [made.day, made.day[again] + rng.integers(0, 3, len(again)), made.day[copied] + rng.integers(0, 2, len(copied))]
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
    return Sheet(World(tables, {"agreement": "accord of nine", "matching": "words"}), sheet, times)  # invented words have no meaning


def odds_ratio(rng: np.random.Generator, press: Press, times: Times, outlet: int, provision: int, fold: int = 60) -> float:
    """The estimand of one cell: the odds ratio between the outlet and the others among articles of one fortnight and breadth, wire copy
    that it ran included, in `fold` times as many articles of the same times, all mentions seen.

    Mantel & Haenszel's estimate: with so many articles it differs from the common odds ratio only where strata differ in theirs.
    """
    who, days = _days(rng, press, times.volume * fold)
    style = _styles(rng, who, press)
    kept = times.open[who, days]
    made = _articles(rng, press, times, who[kept], days[kept], style[kept])
    _, copied, elsewhere = _repeats(rng, press, len(made.day))
    who, day = np.concatenate([made.outlet, elsewhere]), np.concatenate([made.day, made.day[copied]])
    named = np.concatenate([made.named, made.named[copied]])
    y = named[:, provision]
    stratum = day // 14 * 3 + np.minimum(2, named.sum(axis=1) - y)
    own = who == outlet
    a, b, c, d = (np.bincount(stratum, weights=w, minlength=stratum.max() + 1) for w in (own & y, own & ~y, ~own & y, ~own & ~y))
    total = np.maximum(a + b + c + d, 1)
    return float((a * d / total).sum() / max(1e-9, (b * c / total).sum()))


def _days(rng: np.random.Generator, press: Press, volume: Array) -> tuple[Array, Array]:
    """Outlet and day of every article."""
    outlet = np.repeat(np.arange(OUTLETS), volume)
    span, n = FORTNIGHTS * 14, int(volume.sum())
    days = rng.integers(0, span, n)
    if press.weeks:
        days = (rng.integers(0, span // 2, n) + np.where(outlet % 2, span // 2, 0)) % span
    return outlet, days


def _times(rng: np.random.Generator, press: Press, volume: Array) -> Times:
    span, weeks = FORTNIGHTS * 14, FORTNIGHTS * 2
    shock = np.where(rng.random((span, 1)) < 0.1, np.eye(PROVISIONS)[rng.integers(PROVISIONS, size=span)], 0) * press.shocks * 5
    taste = press.effect + rng.normal(0, 1, press.effect.shape) * press.taste
    day = np.arange(span)
    beat, writes = np.zeros((OUTLETS, span, PROVISIONS)), np.ones((OUTLETS, span), dtype=bool)
    if press.attention:
        shock = shock + press.attention * _wandering(rng, weeks, PROVISIONS, press.phi)[day // 7]
    if press.beats:
        beat = np.stack([press.beats * _wandering(rng, weeks, PROVISIONS, press.phi)[day // 7] for _ in range(OUTLETS)])
    if press.season:
        shock = shock + press.season * np.sin(2 * np.pi * (day[:, None] / span + rng.random(PROVISIONS)))
    if press.storm:
        week = int(rng.integers(weeks))
        shock[day // 7 == week, int(rng.integers(PROVISIONS))] += press.storm
    if press.gaps:
        writes = (rng.random((OUTLETS, weeks)) >= press.gaps)[:, day // 7]
    return Times(shock, beat, taste, volume, writes)


def _wandering(rng: np.random.Generator, weeks: int, columns: int, phi: float) -> Array:
    """(weeks, columns): stationary AR(1) of variance one."""
    shocks = rng.standard_normal((weeks, columns))
    shocks[1:] *= np.sqrt(1 - phi**2)
    return np.asarray(lfilter([1.0], [1.0, -phi], shocks, axis=0))


def _articles(rng: np.random.Generator, press: Press, times: Times, outlet: Array, days: Array, style: Array) -> Articles:
    base = np.linspace(0.3, -2.2, PROVISIONS)
    logit = base + times.taste[outlet] + np.array([-0.8, 0.0, 1.5])[style][:, None] + times.shock[days] + times.beat[outlet, days]
    named = rng.random((len(outlet), PROVISIONS)) < 1 / (1 + np.exp(-logit))
    named[(outlet < 2) & (rng.random(len(outlet)) < press.unrelated)] = False
    return Articles(outlet, days, style, named)


def _repeats(rng: np.random.Generator, press: Press, n: int) -> tuple[Array, Array, Array]:
    """Articles that are updated, those that go over the wire, and the outlets that run them."""
    again = np.flatnonzero(rng.random(n) < press.updates)
    copied = np.flatnonzero(rng.random(n) < press.wire)
    return again, copied, rng.integers(0, OUTLETS, len(copied))


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
        self.hidden = np.array(["x" + w for w in pool[:TERMS]], dtype=object)  # no other word begins with x
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

    def sentence(self, provision: int, other: float = 0.0) -> str:
        """One sentence that names `provision` (-1: none); a share `other` of its words for it are used by nobody else."""
        self.sentences = (self.sentences + 1) % len(self.picks)
        picks, luck = self.picks[self.sentences], self.luck[self.sentences]
        said = self._words(7 if provision >= 0 else 11)
        if provision >= 0:
            which = picks[: 3 + int(luck[-1] * 3)]
            own = np.where(
                luck[: len(which)] < self.paraphrase, self.press[provision, which], self.terms[provision, which]
            )
            if other:
                own = np.where((picks[: len(which)] * 7919 + self.sentences) % 100 < 100 * other, self.hidden[which], own)
            said = np.concatenate([own, said])
        elif luck[-1] < 0.5:
            said = np.concatenate([self.shared[picks[picks < 8][:3]], said])
        return " ".join(said).capitalize() + "."

    def background(self) -> str:
        return self.sentence(-1)

    def article(self, rng: np.random.Generator, named: Array, style: int, sheet: dict[str, int], own_words: float = 0.0) -> str:
        lines: list[str] = []
        for provision in np.flatnonzero(named).tolist():
            lines += [self._noted(provision, sheet, own_words if provision == 0 else 0.0) for _ in range(1 if style == 0 else int(rng.integers(1, 4)))]
        lines += [self._noted(-1, sheet) for _ in range((1, 3, 6)[style])]
        return " ".join(lines)

    def _noted(self, provision: int, sheet: dict[str, int], other: float = 0.0) -> str:
        line = self.sentence(provision, other)
        sheet[line] = provision
        return line

"""What an instrument declares. The declaration is the only source for its command-line options, its docs page, the method
box of the dossier, the check that the evidence suffices, the questions built for it, and its contract tests.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from kayfabe.actors import Actors
from kayfabe.evidence import Evidence
from kayfabe.models import Claim, Finding, Interval, Item, Kind, Number
from kayfabe.progress import SILENT, Progress

OptionType = Literal["actor", "actors", "date", "dates", "label", "choice", "number", "text"]
SECTIONS = ("Estimand", "Null", "Assumes", "Abstains", "References")


@dataclass(frozen=True)
class Option:
    """One option of an instrument.

    `actors` takes from `least` to `most` names; `label` takes one of the issue labels in the evidence; `choice` one of
    `choices`; `dates` several dates separated by commas. `fill` proposes a value for a claim (None: nothing to propose);
    without it, actors are filled from the claim's actors in order. `ask` says what the analyst must supply if it stays empty; it is asked of
    a claim also where the option is not required, so that no claim is tested by a wider question.
    """

    name: str
    type: OptionType
    help: str
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int | None = 1
    low: float | None = None
    high: float | None = None
    fill: Callable[[Claim], Any] | None = None
    ask: str = ""


@dataclass(frozen=True)
class Need:
    """Rows of one table that a test may use; `role` says for what. Needs with the same role replace each other."""

    table: str
    role: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A chart and its table. `spec` is Vega-Lite without data; its rows are `rows` under the names in `columns`."""

    title: str
    alt: str
    spec: Mapping[str, Any]
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Node:
    """A node of a network: an actor's id (or any name), its group, and its size (drawn as area; any unit)."""

    name: str
    group: str = ""
    size: float = 1.0


@dataclass(frozen=True)
class Tie:
    """A tie between two nodes; ties of one `kind` share a line style. `note` is said of it beside its weight."""

    source: str
    target: str
    weight: float = 1.0
    kind: str = ""
    note: str = ""


@dataclass(frozen=True)
class NetworkChart(Chart):
    """A network drawn without script; its table lists the ties. `network_chart` makes one."""

    nodes: tuple[Node, ...] = ()
    ties: tuple[Tie, ...] = ()
    directed: bool = False


def network_chart(
    title: str,
    alt: str,
    nodes: Sequence[Node],
    ties: Sequence[Tie],
    *,
    weight: str = "weight",
    directed: bool = False,
) -> NetworkChart:
    """The chart of a network, heaviest ties first in its table; `weight` says what a tie's weight is.

    Ties to names that are no node are left out.
    """
    known = {n.name for n in nodes}
    kept = sorted(
        (t for t in ties if t.source in known and t.target in known), key=lambda t: (-abs(t.weight), t.source, t.target)
    )
    group = {n.name: n.group for n in nodes}
    columns = ["from", "to", "group of from", "group of to", weight, "kind", "note"]
    rows = [(t.source, t.target, group[t.source], group[t.target], t.weight, t.kind, t.note) for t in kept]
    used = [k for k in range(7) if k in (0, 1, 4) or any(r[k] for r in rows)]
    return NetworkChart(
        title, alt, {}, tuple(columns[k] for k in used), tuple(tuple(r[k] for k in used) for r in rows),
        nodes=tuple(nodes), ties=tuple(kept), directed=directed,
    )  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Everything a test may look at. `rng()` gives the same stream for the same seed."""

    evidence: Evidence
    options: Mapping[str, Any]
    actors: Actors
    seed: int = 0
    progress: Progress = SILENT

    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)


@dataclass(frozen=True)
class Measured:
    """What an instrument measured, before multiplicity and verdict.

    The numbers are oriented as the instrument's `asserts` says. `untested` abstains with its reason; `cannot_support` and
    `cannot_contradict` name a failed gate; `refuted` contradicts because the claim's premise fails, whatever the p-values.
    `found` is one plain sentence about the rows.
    """

    found: str
    estimate: Number = None
    interval: Interval | None = None
    p_value: Number = None
    p_contradicted: Number = None
    n: int = 0
    n_needed: int | None = None
    items: list[Item] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    evidence_total: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    caveats: list[str] = field(default_factory=list)
    untested: str = ""
    cannot_support: str = ""
    cannot_contradict: str = ""
    refuted: str = ""
    margin: Number = None
    excludable: Number = None
    unit: str | None = None


@dataclass(frozen=True)
class World:
    """Simulated evidence with a known truth: tables as columns, and the options of the question to ask of them."""

    tables: Mapping[str, Mapping[str, Any]]
    options: Mapping[str, Any]


WorldKind = Literal["null", "margin", "planted"]


@dataclass(frozen=True)
class Instrument:
    """One question, one instrument. `measure` carries the sections Estimand, Null, Assumes, Abstains and References.

    `margin` is the smallest effect worth calling one, in `unit`; `excludable` the effect that can be excluded (None: the
    margin). `asserts` is the direction that the claim asserts relative to the margin. `searches`: the finding's p is the
    Simes p of its items. `contradicted_by_p`: q_contradicted alone contradicts, without the interval. `years`:
    how far back a question reaches when the text names no window (None: as far as the evidence). `world` makes evidence of a known truth for the contract tests and the calibration benchmark.
    """

    name: str
    question: str
    kinds: tuple[Kind, ...]
    needs: tuple[Need, ...]
    options: tuple[Option, ...]
    unit: str
    margin: float
    measure: Callable[[Run], Measured]
    ask: Callable[[Mapping[str, Any], Callable[[str], str]], str]
    charts: Callable[[Finding], list[Chart]]
    world: Callable[[WorldKind, np.random.Generator], World]
    excludable: float | None = None
    asserts: Literal["above", "below"] = "above"
    searches: bool = False
    contradicted_by_p: bool = False
    years: int | None = None

    def option(self, name: str) -> Option:
        return next(o for o in self.options if o.name == name)

    def method(self) -> dict[str, str]:
        """The sections of `measure`'s docstring, in order, each as one paragraph of text."""
        return sections(inspect.getdoc(self.measure) or "")


def sections(doc: str) -> dict[str, str]:
    """{"summary": first lines, "Null": ..., ...} from a docstring whose sections begin with `Name:` at the margin."""
    found: dict[str, list[str]] = {"summary": []}
    current = "summary"
    for line in doc.splitlines():
        head, colon, rest = line.partition(":")
        if colon and head in SECTIONS:
            current, line = head, rest
            found[current] = []
        found[current].append(line.strip())
    return {name: " ".join(" ".join(lines).split()) for name, lines in found.items()}

"""Networks as one table of edges with their evidence, ready to be written in any format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kayfabe.networks.backbone import disparity
from kayfabe.networks.behind import statements_behind
from kayfabe.networks.communities import louvain
from kayfabe.networks.discourse import Network
from kayfabe.networks.statements import Array

MOST_WITH_STATEMENTS = 200_000


@dataclass(frozen=True)
class Ragged:
    """A list of texts for each edge: those of edge e are `texts[offset[e]:offset[e + 1]]`."""

    offset: Array
    texts: Array

    def of(self, edge: int) -> list[str]:
        return [str(t) for t in self.texts[self.offset[edge] : self.offset[edge + 1]]]


@dataclass(frozen=True)
class EdgeTable:
    """Edges `source[e]` - `target[e]`, codes into `names`, with `columns` (numbers or datetime64 of shape (m,)).

    `node_columns` hold one value for each name, `statements` the row ids behind each edge where they are given,
    written under the name `listed`. `ends` names the two ends in CSV, Parquet and JSON.
    """

    names: tuple[str, ...]
    source: Array
    target: Array
    columns: Mapping[str, Array]
    node_columns: Mapping[str, Array] = field(default_factory=dict)
    statements: Ragged | None = None
    directed: bool = False
    ends: tuple[str, str] = ("source", "target")
    listed: str = "statements"

    def __len__(self) -> int:
        return len(self.source)

    def pseudonymised(self, pseudonym: Callable[[str], str]) -> EdgeTable:
        """With a pseudonym for every name, and without row ids."""
        hidden = tuple(map(pseudonym, self.names))
        return replace(self, names=hidden, statements=None)


def edge_table(
    found: Sequence[Network],
    *,
    most: int = 20,
    alpha: float | None = None,
    least: float | None = None,
    communities: bool = False,
    seed: int = 0,
) -> EdgeTable:
    """All edges of the networks, in order of window, source and target.

    `least` keeps weights of at least that size (absolute), `alpha` the disparity backbone, `most` statements are listed for
    each edge (none where there are more than 200,000 edges). With windows there are columns start, middle and stop.
    """
    two_mode = bool(found) and found[0].two_mode
    sides = [
        sorted({n for net in found for n in net.nodes}),
        sorted({n for net in found for n in net.others if two_mode}),
    ]
    names = (*sides[0], *sides[1])
    left = {name: k for k, name in enumerate(sides[0])}
    right = {name: k + len(left) for k, name in enumerate(sides[1])} if two_mode else left
    parts: dict[str, list[Array]] = {}
    kept = [_kept(network, alpha, least) for network in found]
    listing = most > 0 and sum(len(n.ties.weight) for n, _ in kept) <= MOST_WITH_STATEMENTS
    ragged: list[tuple[Array, Array]] = []
    community = np.full(len(names), -1)
    for network, p in kept:
        nodes, others = (np.array([place[n] for n in side], dtype=np.int32)
                         for place, side in ((left, network.nodes), (right, network.others)))  # fmt: skip
        m = len(network.ties.weight)
        row: dict[str, Array] = {
            "source": nodes[network.ties.source] if m else np.zeros(0, np.int32),
            "target": others[network.ties.target] if m else np.zeros(0, np.int32),
        }
        if network.definition.window is not None:
            row |= {name: np.full(m, getattr(network, name)) for name in ("start", "middle", "stop")}
        row["weight"] = network.ties.weight
        if p is not None:
            row["p_value"] = p
        if communities:
            group, _ = louvain(network, seed=seed)
            row |= {"source_community": group[network.ties.source], "target_community": group[network.ties.target]}
            community[nodes] = group
        if listing:
            behind = statements_behind(network, most)
            row["statements_behind"] = behind.total
            ragged.append((np.diff(behind.offset), network.statements.rows[behind.statement]))
        for name, values in row.items():
            parts.setdefault(name, []).append(values)
    columns = {name: v[0] if len(v) == 1 else np.concatenate(v) for name, v in parts.items()}
    node_columns: dict[str, Array] = {}
    if two_mode:
        node_columns["side"] = np.array(["node"] * len(sides[0]) + ["through"] * len(sides[1]), dtype=object)
    if communities and len(found) == 1:
        node_columns["community"] = community
    statements = None
    if ragged:
        sizes = np.concatenate([size for size, _ in ragged])
        statements = Ragged(np.concatenate([[0], np.cumsum(sizes)]), np.concatenate([texts for _, texts in ragged]))
    empty = np.zeros(0, np.int32)
    source, target = columns.pop("source", empty), columns.pop("target", empty)
    columns.setdefault("weight", np.zeros(0))
    return EdgeTable(names, source, target, columns, node_columns, statements)


def _kept(network: Network, alpha: float | None, least: float | None) -> tuple[Network, Array | None]:
    p = disparity(network) if alpha is not None else None
    keep = np.ones(len(network.ties.weight), dtype=bool)
    if p is not None and alpha is not None:
        keep &= p < alpha
    if least is not None:
        keep &= np.abs(network.ties.weight) >= least
    return (network, p) if keep.all() else (network.keeping(keep), None if p is None else p[keep])


def from_columns(columns: Mapping[str, Array], behind: Ragged | None = None, *, directed: bool = False) -> EdgeTable:
    """An edge table from the columns `from`, `to` and further ones, as `networks.posts.edges` gives them; `behind`: their posts."""
    ends = np.concatenate([columns["from"], columns["to"]]).astype(str)
    names, code = np.unique(ends, return_inverse=True)
    m = len(columns["from"])
    others: dict[str, Any] = {k: v for k, v in columns.items() if k not in ("from", "to")}
    return EdgeTable(
        tuple(map(str, names)), code[:m], code[m:], others, statements=behind, directed=directed, ends=("from", "to"), listed="posts"
    )  # fmt: skip

"""The statements behind each tie.

A tie of two actors rests on their statements on issues that both spoke on: for congruence those that the other agreed with at
least in part, for conflict those that the other did not fully share, else all. A tie of an actor and an issue rests on all
statements of that actor on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kayfabe.networks.discourse import Network
from kayfabe.networks.statements import Array, Statements

_CHUNK = 2_000


@dataclass(frozen=True)
class Behind:
    """Statements of tie e are `statement[offset[e]:offset[e + 1]]`, positions in the network's statements; `total` (m,)
    counts those that there are, of which at most `most` are listed."""

    offset: Array
    statement: Array
    total: Array


def statements_behind(network: Network, most: int = 20) -> Behind:
    """For every tie at most `most` statements, half from either side, earliest first."""
    part = network.statements
    order = np.lexsort((np.arange(len(part)), part.through, part.node))
    cell = part.node[order] * len(part.throughs) + part.through[order]
    cells, first, size = np.unique(cell, return_index=True, return_counts=True)
    ties, listed, totals = network.ties, [], []
    if network.two_mode:
        at = np.searchsorted(cells, ties.source.astype(np.int64) * len(part.throughs) + ties.target)
        edge, position = _spread(np.arange(len(at)), first[at], size[at])
        chosen, counts = _cut(edge, order[position], np.zeros(len(edge), np.int64), len(at), most)
        return _behind(chosen, counts, len(at))
    where = (cells // len(part.throughs), cells % len(part.throughs))
    shape = (len(part.nodes), len(part.throughs))
    table = sparse.csr_array((np.arange(1, len(cells) + 1), where), shape=shape)
    held = (table > 0).astype(np.int64)
    for start in range(0, len(ties.weight), _CHUNK):
        source, target = ties.source[start : start + _CHUNK], ties.target[start : start + _CHUNK]
        edges, statements, sides = [], [], []
        for side, (own, other) in enumerate(((source, target), (target, source))):
            mine, theirs = (
                sparse.csr_array(t) for t in (table[own].multiply(held[other]), held[own].multiply(table[other]))
            )
            mine.sort_indices()
            theirs.sort_indices()
            row, at, there = mine.tocoo().row, mine.data - 1, theirs.data - 1
            edge, position = _spread(np.arange(len(at)), first[at], size[at])
            keep = _counts(part, network, order, order[position], there[edge], cells, first, size)
            edges.append(row[edge[keep]])
            statements.append(order[position[keep]])
            sides.append(np.full(int(keep.sum()), side))
        chosen, counts = _cut(
            np.concatenate(edges), np.concatenate(statements), np.concatenate(sides), len(source), most
        )
        listed.append((chosen[0] + start, chosen[1]))
        totals.append(counts)
    if not listed:
        return Behind(np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    joined = np.concatenate([part[0] for part in listed]), np.concatenate([part[1] for part in listed])
    return _behind(joined, np.concatenate(totals), len(ties.weight))


def _behind(chosen: tuple[Array, Array], total: Array, edges: int) -> Behind:
    offset = np.concatenate([[0], np.cumsum(np.bincount(chosen[0], minlength=edges))])
    return Behind(offset, chosen[1], total)


def _spread(key: Array, first: Array, size: Array) -> tuple[Array, Array]:
    """Every position `first[k] .. first[k] + size[k] - 1` with its `key[k]`."""
    index = np.repeat(np.arange(len(key)), size)
    offset = np.arange(len(index)) - np.repeat(np.cumsum(size) - size, size)
    return key[index], first[index] + offset


def _counts(
    part: Statements,
    network: Network,
    order: Array,
    statement: Array,
    there: Array,
    cells: Array,
    first: Array,
    size: Array,
) -> Array:
    """Whether each statement adds to a tie with an actor whose statements on the issue are cell `there`."""
    stance = network.definition.stance
    if stance not in ("congruence", "conflict"):
        return np.ones(len(statement), dtype=bool)
    level = part.level[order]
    low, high = np.minimum.reduceat(level, first), np.maximum.reduceat(level, first)
    own, low, high = part.level[statement], low[there], high[there]
    if stance == "conflict":
        return np.asarray((low != high) | (low != own))
    if part.numeric:
        apart = np.abs(part.levels[own] - part.levels[low]) >= part.scale * (1 - 1e-12)
        return np.asarray((low != high) | ~apart)
    width = len(part.levels)
    known = np.unique(np.repeat(cells, size) * width + level)
    return np.isin(cells[there] * width + own, known)


def _cut(edge: Array, statement: Array, side: Array, edges: int, most: int) -> tuple[tuple[Array, Array], Array]:
    """The earliest statements of each edge and side, half of `most` from either; and how many there were."""
    total = np.bincount(edge, minlength=edges)
    order = np.lexsort((statement, side, edge))
    edge, statement, side = edge[order], statement[order], side[order]
    group = edge * 2 + side
    begin = np.flatnonzero(np.concatenate([[True], np.diff(group) != 0])) if len(group) else np.zeros(0, np.int64)
    rank = np.arange(len(group)) - np.repeat(begin, np.diff(np.concatenate([begin, [len(group)]])))
    keep = rank < (most if not side.any() else max(1, most // 2))
    return (edge[keep], statement[keep]), total

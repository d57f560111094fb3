"""Coded statements as columns: who said what on which issue, how, when; the only input of every discourse network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Statements:
    """`n` statements in order of time, as integer codes into sorted names.

    `at` (n,) datetime64[us]; `node` (n,) codes into `nodes`, the side that a one-mode network ties; `through` (n,) codes
    into `throughs`, what they are tied through; `level` (n,) codes into `levels`: stances as sorted numbers, or texts;
    `document` (n,) codes, -1 where unknown; `rows` (n,) ids of the rows behind each statement. `scale` is the greatest
    distance that two levels can have: 2 for stances from -1 to 1, whatever part of it the data use.
    """

    at: Array
    node: Array
    through: Array
    level: Array
    document: Array
    rows: Array
    nodes: tuple[str, ...]
    throughs: tuple[str, ...]
    levels: Array
    scale: float = 2.0

    def __len__(self) -> int:
        return len(self.at)

    @property
    def numeric(self) -> bool:
        """Whether levels are numbers, so that two of them can be near."""
        return bool(self.levels.dtype.kind == "f")

    def take(self, index: Array | slice) -> Statements:
        """The statements at `index` (a mask, positions or a slice); names stay."""
        parts = {k: getattr(self, k)[index] for k in ("at", "node", "through", "level", "document", "rows")}
        return replace(self, **parts)

    def turned(self) -> Statements:
        """With the two sides exchanged: issues tied through actors."""
        return replace(self, node=self.through, through=self.node, nodes=self.throughs, throughs=self.nodes)

    def active(self) -> Statements:
        """With only the names that occur."""
        used, node = np.unique(self.node, return_inverse=True)
        seen, through = np.unique(self.through, return_inverse=True)
        names, others = (tuple(known[i] for i in codes) for known, codes in ((self.nodes, used), (self.throughs, seen)))
        return replace(self, node=node, through=through, nodes=names, throughs=others)

    def counts(self, weight: Array | None = None) -> sparse.csr_array:
        """(nodes, throughs) number of statements, or their sum of weights."""
        return _table(self.node, self.through, len(self.nodes), len(self.throughs), weight)

    def cells(self, weight: Array | None = None) -> sparse.csr_array:
        """(nodes, throughs * levels) number of statements at each level, or their sum of weights."""
        width = max(len(self.levels), 1)
        return _table(self.node, self.through * width + self.level, len(self.nodes), len(self.throughs) * width, weight)


def _table(row: Array, column: Array, rows: int, columns: int, weight: Array | None) -> sparse.csr_array:
    values = np.ones(len(row)) if weight is None else weight
    return sparse.csr_array((values, (row, column.astype(np.int64))), shape=(rows, columns))


def coded(
    *,
    at: Array,
    node: Sequence[str] | Array,
    through: Sequence[str] | Array,
    level: Array,
    document: Sequence[Any] | Array | None = None,
    rows: Sequence[str] | Array | None = None,
    scale: float = 2.0,
) -> Statements:
    """Statements from columns in any order, sorted by time and then by `rows`; empty names are left out.

    `level` holds numbers or texts. `rows` defaults to the position as text.
    """
    n = len(at)
    ids = np.asarray([str(i) for i in range(n)] if rows is None else rows, dtype=object)
    names, others = np.asarray(node, dtype=object), np.asarray(through, dtype=object)
    order = np.flatnonzero(names.astype(bool) & others.astype(bool))
    order = order[np.lexsort((ids[order].astype(str), np.asarray(at)[order]))]
    nodes, node_code = np.unique(names[order].astype(str), return_inverse=True)
    throughs, through_code = np.unique(others[order].astype(str), return_inverse=True)
    given = np.asarray(level)[order]
    levels, level_code = np.unique(given.astype(float if given.dtype.kind in "iufb" else str), return_inverse=True)
    if document is None:
        document_code = np.full(len(order), -1)
    else:
        _, document_code = np.unique(np.asarray(document, dtype=object)[order].astype(str), return_inverse=True)
    return Statements(
        at=np.asarray(at)[order].astype("datetime64[us]"),
        node=node_code.astype(np.int64),
        through=through_code.astype(np.int64),
        level=level_code.astype(np.int64),
        document=document_code.astype(np.int64),
        rows=ids[order],
        nodes=tuple(map(str, nodes)),
        throughs=tuple(map(str, throughs)),
        levels=levels if levels.dtype.kind == "f" else levels.astype(object),
        scale=scale,
    )

"""Two-mode networks: actors and issues, tied by what the actor said on the issue.

ignore counts statements; subtract sums stances, so that agreement and disagreement cancel; combine is 1 for agreement only,
2 for disagreement only, 3 for both and 4 where only neutral statements were made. activity divides by the actor's number
of statements, prominence by the issue's. References: Leifeld (2017), as in `onemode`.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kayfabe.errors import KayfabeError
from kayfabe.networks.definitions import Definition
from kayfabe.networks.dna import level_bits
from kayfabe.networks.onemode import Ties
from kayfabe.networks.statements import Array, Statements


def ties(statements: Statements, wanted: Definition, weight: Array | None = None) -> Ties:
    """The non-zero ties from nodes to throughs, in order. `weight` (n,) weighs statements.

    Raises KayfabeError where texts would have to be added up.
    """
    counts = statements.counts(weight)
    table = _values(statements, wanted, weight, counts).tocoo()
    value = table.data
    if wanted.normalise != "none":
        rows, columns = (np.asarray(counts.sum(axis=a)).ravel() for a in (1, 0))
        value = value / (rows[table.row] if wanted.normalise == "activity" else columns[table.col])
    order = np.lexsort((table.col, table.row))
    order = order[value[order] != 0]
    return Ties(table.row[order].astype(np.int32), table.col[order].astype(np.int32), value[order])


def _values(
    statements: Statements, wanted: Definition, weight: Array | None, counts: sparse.csr_array
) -> sparse.csr_array:
    if wanted.stance == "ignore" or (wanted.dna and wanted.stance == "subtract" and not statements.numeric):
        return counts
    if wanted.stance == "combine" and wanted.dna:
        return _combined(statements, level_bits(len(statements.levels)))
    if not statements.numeric:
        raise KayfabeError(
            "Stances that are texts cannot be added or combined: use --stance ignore, or numbers from -1 to 1."
        )
    stance = statements.levels.astype(float)
    if wanted.stance == "subtract":
        each = stance[statements.level] * (1.0 if weight is None else weight)
        return statements.counts(each)
    combined = _combined(statements, np.select([stance > 0, stance < 0], [1.0, 2.0], 4.0))
    combined.data = np.where(combined.data > 4, combined.data - 4, combined.data)
    return combined


def _combined(statements: Statements, bit: Array) -> sparse.csr_array:
    """(nodes, throughs) sum of the distinct `bit`s of the levels used."""
    cells = statements.cells().tocoo()
    width = max(len(statements.levels), 1)
    held = bit[cells.col % width]
    column = cells.col // width
    shape = (len(statements.nodes), len(statements.throughs))
    key = np.unique(np.stack([cells.row, column, held.astype(np.int64)]), axis=1)
    return sparse.csr_array((key[2].astype(float), (key[0], key[1])), shape=shape)

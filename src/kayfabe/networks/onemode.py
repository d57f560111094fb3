"""One-mode networks: two actors are tied by what they said on the same issues.

With x[i,j,k] the number of statements of i on j at level k and d = |k - l| / scale:
ignore = sum_j x[i,j,.] x[i',j,.]; congruence = sum_jkl x[i,j,k] x[i',j,l] (1 - d); conflict the same with d;
subtract = congruence - conflict. Texts agree when they are equal (d = 0) and differ otherwise (d = 1).

|k - l| is the measure of thresholds t that lie between k and l. So with below = statements at or under t and above = the
others, conflict = sum_t gap_t (below above' + above below') and the other three are inner products of feature vectors,
which makes them sparse or dense matrix products and gives each a true cosine.

References: Leifeld (2017), Discourse network analysis, in The Oxford Handbook of Political Networks; Leskovec, Rajaraman &
Ullman (2014), Mining of Massive Datasets, section 3.5 for Jaccard and cosine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kayfabe.networks.definitions import Definition
from kayfabe.networks.dna import cosine_divisor, silent_conflict
from kayfabe.networks.statements import Array, Statements
from kayfabe.progress import SILENT, Progress

BLOCK = 256
_DENSE_CELLS, _SMALL_CELLS = 40_000_000, 100_000
Block = Callable[[slice, slice], Array]


@dataclass(frozen=True)
class Ties:
    """Edges as codes: `source` and `target` (m,), `weight` (m,); one-mode ties have source < target (loops: equal)."""

    source: Array
    target: Array
    weight: Array


def ties(
    statements: Statements,
    wanted: Definition,
    weight: Array | None = None,
    *,
    loops: bool = False,
    progress: Progress = SILENT,
) -> Ties:
    """The non-zero ties of the one-mode network, in order of source and target.

    `weight` (n,) weighs statements: a pair of statements counts as the product of its weights. `loops` keeps the ties of
    a node with itself.
    """
    n = len(statements.nodes)
    value, norms = _inner(statements, wanted, weight)
    divisor = _divisor(statements, wanted, weight, norms)
    source, target, values = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], [np.zeros(0)]
    for start in progress.over(range(0, n, BLOCK), "tying actors", (n + BLOCK - 1) // BLOCK):
        rows, columns = slice(start, min(start + BLOCK, n)), slice(start, n)
        block = value(rows, columns)
        if divisor is not None:
            under = divisor(rows, columns)
            block = np.divide(block, under, out=np.zeros_like(block), where=under != 0)
        row, column = np.nonzero(np.triu(block, 0 if loops else 1))
        source.append((row + start).astype(np.int32))
        target.append((column + start).astype(np.int32))
        values.append(block[row, column])
    return Ties(_joined(source), _joined(target), _joined(values))


def _joined(parts: list[Array]) -> Array:
    """One array of all parts, which are let go."""
    whole = np.concatenate(parts)
    parts.clear()
    return whole


def _product(left: sparse.csr_array, right: sparse.csr_array) -> Block:
    """Blocks of left @ right.T: dense only for full tables, as small or thin products are faster without BLAS threads."""
    rows, features = right.shape
    cells = rows * features
    if cells > _DENSE_CELLS:
        return lambda i, j: np.asarray((left[i] @ right[j].T).toarray())
    whole = right.toarray()
    if cells < _SMALL_CELLS or left.nnz < 0.1 * cells:
        turned = np.ascontiguousarray(whole.T)
        return lambda i, j: np.asarray(left[i] @ turned[:, j])
    other = whole if left is right else left.toarray()
    return lambda i, j: np.asarray(other[i] @ whole[j].T)


def _inner(statements: Statements, wanted: Definition, weight: Array | None) -> tuple[Block, Array | None]:
    """Blocks of the stance's values, and each node's norm in its own feature space (None where it has none)."""
    counts = statements.counts(weight)
    stance = wanted.stance
    if stance == "ignore":
        return _product(counts, counts), _norms(counts)
    if not statements.numeric:
        return _texts(statements, stance, weight, counts, wanted.dna)
    below, above, gaps = _thresholds(statements, weight)
    rest = max(0.0, 1.0 - float(gaps.sum()) / max(counts.shape[1], 1))
    if stance == "conflict":
        left = sparse.hstack([below * gaps, above * gaps], format="csr")
        return _product(left, sparse.hstack([above, below], format="csr")), _norms(counts)
    parts = [below, above] if stance == "congruence" else [below - above]
    scales = [gaps] * len(parts)
    if rest > 1e-12:
        parts.append(counts)
        scales.append(np.full(counts.shape[1], rest))
    right = sparse.hstack(parts, format="csr")
    left = sparse.csr_array(right * np.concatenate(scales))
    return _product(left, right), np.sqrt(np.asarray(left.multiply(right).sum(axis=1)).ravel())


def _thresholds(statements: Statements, weight: Array | None) -> tuple[sparse.csr_array, sparse.csr_array, Array]:
    """below and above, each (nodes, throughs * thresholds), and the gap of every column, in parts of the scale."""
    levels = statements.levels.astype(float)
    gaps = np.diff(levels) / statements.scale
    cells = statements.cells(weight)
    m, throughs = len(levels), len(statements.throughs)
    step = np.tril(np.ones((m, m)))[:, : m - 1]
    under = sparse.csr_array(
        sparse.kron(sparse.eye_array(throughs), sparse.csr_array(np.triu(np.ones((m, m)))[:, : m - 1]))
    )
    over = sparse.csr_array(sparse.kron(sparse.eye_array(throughs), sparse.csr_array(step - np.eye(m)[:, : m - 1])))
    return sparse.csr_array(cells @ under), sparse.csr_array(cells @ over), np.tile(gaps, throughs)


def _texts(
    statements: Statements, stance: str, weight: Array | None, counts: sparse.csr_array, dna: bool
) -> tuple[Block, Array | None]:
    cells = statements.cells(weight)
    same, every = _product(cells, cells), _product(counts, counts)
    if stance == "congruence":
        return same, _norms(cells)
    if dna:
        silent = silent_conflict(cells)
        return (silent if stance == "conflict" else lambda i, j: same(i, j) - silent(i, j)), None
    if stance == "conflict":
        return lambda i, j: every(i, j) - same(i, j), _norms(counts)
    return lambda i, j: 2 * same(i, j) - every(i, j), _norms(counts)


def _norms(table: sparse.csr_array) -> Array:
    return np.asarray(np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel()))


def _divisor(statements: Statements, wanted: Definition, weight: Array | None, norms: Array | None) -> Block | None:
    """average: mean number of statements; jaccard: m10 + m01 + m11 over (issue, level) cells; cosine: product of norms."""
    if wanted.normalise == "none":
        return None
    cells = statements.cells(weight)
    total = np.asarray(cells.sum(axis=1)).ravel()
    if wanted.normalise == "average":
        return lambda i, j: (total[i, None] + total[None, j]) / 2
    if wanted.normalise == "jaccard":
        held = (cells > 0).astype(float)
        both, mine, theirs = _product(cells, cells), _product(cells, held), _product(held, cells)
        return lambda i, j: total[i, None] - mine(i, j) + total[None, j] - theirs(i, j) + both(i, j)
    if wanted.dna:
        return cosine_divisor(total)
    length = _norms(statements.counts(weight)) if norms is None else norms
    return lambda i, j: length[i, None] * length[None, j]

"""From statements to networks: repeats removed, windows moved, ties computed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kayfabe.networks import onemode, twomode
from kayfabe.networks.definitions import Definition
from kayfabe.networks.dna import kernel_average
from kayfabe.networks.duplicates import first_of_repeats
from kayfabe.networks.onemode import Ties
from kayfabe.networks.statements import Array, Statements
from kayfabe.networks.windows import Window, moving
from kayfabe.progress import SILENT, Progress


@dataclass(frozen=True)
class Network:
    """One network: `nodes` (rows), `others` (columns; the same names in a one-mode network) and its `ties`.

    `start`, `middle`, `stop` bound its statements in time; `statements` are those that it was made of.
    """

    definition: Definition
    nodes: tuple[str, ...]
    others: tuple[str, ...]
    ties: Ties
    start: np.datetime64
    middle: np.datetime64
    stop: np.datetime64
    statements: Statements

    @property
    def two_mode(self) -> bool:
        return self.definition.mode == "two-mode"

    def matrix(self) -> Array:
        """(nodes, others) dense; symmetric in a one-mode network."""
        shape = (len(self.nodes), len(self.others))
        ties = self.ties
        values = sparse.coo_array((ties.weight, (ties.source, ties.target)), shape=shape).toarray()
        return np.asarray(values if self.two_mode else values + np.triu(values, 1).T)

    def keeping(self, chosen: Array) -> Network:
        """With only the ties at `chosen`, a mask or positions; nodes stay."""
        ties = Ties(self.ties.source[chosen], self.ties.target[chosen], self.ties.weight[chosen])
        return replace(self, ties=ties)


def networks(
    statements: Statements,
    wanted: Definition,
    *,
    indent: bool | None = None,
    progress: Progress = SILENT,
) -> list[Network]:
    """One network of all statements, or one for each window.

    Repeats are removed inside each window, so that a window does not lose a statement to an earlier one. Nodes without
    statements in a window are left out of it. With `compat="dna"` the scale is the range of levels in use. `indent`: see `windows.moving`.
    """
    if wanted.dna and statements.numeric and len(statements):
        statements = replace(statements, scale=float(np.ptp(statements.levels)) or 1.0)
    if wanted.window is None:
        return [_network(statements, wanted, _whole(statements), progress)]
    if wanted.dna:
        statements = statements.take(_kept(statements, wanted))
    windows = moving(statements.at, wanted, indent=indent)
    if not (wanted.dna and wanted.kernel != "none" and wanted.normalise == "average"):
        return [_network(statements, wanted, w, SILENT) for w in progress.over(windows, "moving windows")]
    factor = kernel_average(statements.cells())
    plain = replace(wanted, normalise="none")
    found = [_network(statements, plain, w, SILENT) for w in progress.over(windows, "moving windows")]
    return [replace(f, definition=wanted, ties=_times(f.ties, factor)) for f in found]


def _times(ties: Ties, factor: Array) -> Ties:
    return Ties(ties.source, ties.target, ties.weight * factor[ties.source, ties.target])


def _whole(statements: Statements) -> Window:
    if not len(statements):
        nothing = np.datetime64("NaT", "us")
        return Window(nothing, nothing, nothing, slice(0, 0))
    start, stop = statements.at[0], statements.at[-1]
    return Window(start, start + (stop - start) // 2, stop, slice(0, len(statements)))


def _kept(statements: Statements, wanted: Definition) -> Array:
    by = ("node", "through") if wanted.stance == "ignore" else ("node", "through", "level")
    return first_of_repeats(statements, wanted.duplicates, by=by, dna=wanted.dna)


def _network(statements: Statements, wanted: Definition, window: Window, progress: Progress) -> Network:
    part = statements.take(window.index)
    kept = _kept(part, wanted)
    part = part.take(kept)
    weight = None if window.weight is None else window.weight[kept]
    everyone = wanted.dna and weight is not None
    if not everyone:
        part = part.active()
    if wanted.mode == "two-mode":
        found, others = twomode.ties(part, wanted, weight), part.throughs
    else:
        root = None if weight is None else np.sqrt(np.maximum(weight, 0.0))
        found, others = onemode.ties(part, wanted, root, loops=everyone, progress=progress), part.nodes
    return Network(wanted, part.nodes, others, found, window.start, window.middle, window.stop, part)

"""Communities by the Louvain method on the ties above zero.

References: Blondel, Guillaume, Lambiotte & Lefebvre (2008), J. Stat. Mech. P10008.
"""

from __future__ import annotations

import numpy as np

from kayfabe.errors import KayfabeError
from kayfabe.networks.discourse import Network
from kayfabe.networks.statements import Array

RUNS, MOST_TIES = 10, 1_000_000


def louvain(network: Network, *, resolution: float = 1.0, seed: int = 0) -> tuple[Array, float | None]:
    """(communities (nodes,) from 0, largest first; modularity, None without ties) of a one-mode network.

    The best of several seeded runs. Raises KayfabeError for a two-mode network and for more ties than can be worked on.
    """
    import networkx as nx  # here, as it is slow to import and most networks do without

    if network.two_mode:
        raise KayfabeError("Communities are found in one-mode networks: give --mode one-mode.")
    ties = network.ties
    used = (ties.weight > 0) & (ties.source != ties.target)
    n, m = len(network.nodes), int(used.sum())
    if m > MOST_TIES:
        raise KayfabeError(f"{m} ties are too many for communities: give --backbone or --min-weight.")
    if not m:
        return np.arange(n), None
    strength = np.bincount(ties.source[used], ties.weight[used], n) + np.bincount(
        ties.target[used], ties.weight[used], n
    )
    order = np.lexsort((np.arange(n), -strength))
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    ends = np.sort(np.stack([place[ties.source[used]], place[ties.target[used]]]), axis=0)
    sequence = np.lexsort(ends[::-1])
    graph.add_weighted_edges_from(
        zip(ends[0][sequence].tolist(), ends[1][sequence].tolist(), ties.weight[used][sequence].tolist(), strict=True)
    )
    runs = RUNS if m <= 50_000 else 1
    found = [nx.community.louvain_communities(graph, resolution=resolution, seed=seed + k) for k in range(runs)]
    scores = [nx.community.modularity(graph, parts, resolution=resolution) for parts in found]
    best = int(np.argmax(np.round(scores, 12)))
    community = np.empty(n, dtype=np.int64)
    for number, part in enumerate(sorted(found[best], key=lambda p: (-len(p), min(p)))):
        community[order[sorted(part)]] = number
    return community, float(scores[best])

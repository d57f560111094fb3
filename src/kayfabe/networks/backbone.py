"""The backbone of a weighted network: ties too heavy for a node that spread its strength evenly at random.

References: Serrano, Boguna & Vespignani (2009), Extracting the multiscale backbone of complex weighted networks,
Proc. Natl. Acad. Sci. 106:6483-6488, equation 2.
"""

from __future__ import annotations

import numpy as np

from kayfabe.networks.discourse import Network
from kayfabe.networks.statements import Array


def disparity(network: Network) -> Array:
    """(m,) p of each tie: the smaller of its two ends' (1 - weight / strength)^(degree - 1); absolute weights; loops 1.

    An end with one tie says nothing about it (p = 1).
    """
    ties = network.ties
    weight = np.abs(ties.weight)
    loop = (ties.source == ties.target) & (not network.two_mode)
    shift = len(network.nodes) if network.two_mode else 0
    ends = (ties.source.astype(np.int64), ties.target.astype(np.int64) + shift)
    size = len(network.nodes) + (len(network.others) if network.two_mode else 0)
    used = ~loop
    degree = np.bincount(np.concatenate([e[used] for e in ends]), minlength=size)
    strength = np.bincount(np.concatenate([e[used] for e in ends]), np.tile(weight[used], 2), size)
    p = np.ones(len(weight))
    for end in ends:
        share = weight / np.where(strength[end] > 0, strength[end], 1.0)
        p = np.minimum(p, np.where(used, np.maximum(1 - share, 0.0) ** np.maximum(degree[end] - 1, 0), 1.0))
    return p


def backbone(network: Network, alpha: float = 0.05) -> Network:
    """Only the ties with p < alpha."""
    return network.keeping(disparity(network) < alpha)

"""Where a network's nodes stand: forces from a start that depends on names and groups alone, so the same network is drawn the
same way each time.

References: Fruchterman & Reingold (1991), Graph drawing by force-directed placement, Softw. Pract. Exper. 21:1129-1164.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
STEPS, GRAVITY, OWN_GROUP = 300, 0.12, 0.5


def layout(groups: Array, source: Array, target: Array, weight: Array, width: float, height: float) -> Array:
    """(n, 2) places within `width` x `height`. `groups` (n,) codes from 0; ties (m,) as positions of nodes and weights >= 0.

    Heavy ties pull harder; members of a group pull each other a little, so that groups stay together.
    """
    n = len(groups)
    if n == 0:
        return np.zeros((0, 2))
    if n == 1:
        return np.array([[width / 2, height / 2]])
    place = _start(groups)
    pull = np.zeros((n, n))
    top = float(weight.max()) if len(weight) and weight.max() > 0 else 1.0
    np.maximum.at(pull, (source, target), 0.2 + 0.8 * weight / top)
    pull = np.maximum(pull, pull.T)
    if len(np.unique(groups)) > 1:
        size = np.bincount(groups)[groups]
        pull += OWN_GROUP * (groups[:, None] == groups[None, :]) / np.maximum(size - 1, 1)[:, None]
    np.fill_diagonal(pull, 0.0)
    k = 1.0 / np.sqrt(n)
    for step in range(STEPS):
        apart = place[:, None] - place[None, :]
        distance = np.maximum(np.sqrt((apart**2).sum(axis=2)), 1e-3)
        force = k * k / distance**2 - pull * distance / k
        move = (apart * force[:, :, None]).sum(axis=1) - GRAVITY * place / k
        length = np.maximum(np.sqrt((move**2).sum(axis=1)), 1e-9)
        limit = 0.1 * (1 - step / STEPS)
        place = place + move * (np.minimum(length, limit) / length)[:, None]
    return _spread(_fitted(place, width, height), width, height)


def _start(groups: Array) -> Array:
    """Groups on a ring, members on a small ring around their group's middle."""
    codes, member = np.unique(groups, return_inverse=True)
    rank = np.zeros(len(groups))
    for code in range(len(codes)):
        here = member == code
        rank[here] = (np.arange(here.sum()) + 0.5) / here.sum()
    outer, inner = 2 * np.pi * member / len(codes), 2 * np.pi * rank
    middle = 0.5 if len(codes) > 1 else 0.0
    ring = 0.2 if len(codes) > 1 else 0.5
    return np.stack(
        [middle * np.cos(outer) + ring * np.cos(inner), middle * np.sin(outer) + ring * np.sin(inner)], axis=1
    )


def _fitted(place: Array, width: float, height: float) -> Array:
    """Turned so that the long side lies flat, and stretched to the frame."""
    place = place - place.mean(axis=0)
    values, vectors = np.linalg.eigh(place.T @ place)
    vectors = vectors[:, np.argsort(-values)]
    vectors *= np.where(vectors[np.abs(vectors).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    place = place @ vectors
    low, high = place.min(axis=0), place.max(axis=0)
    reach = np.where(high - low > 1e-6, high - low, 1.0)
    flat = high - low <= 1e-6
    return np.asarray(np.where(flat, 0.5, (place - low) / reach) * [width, height])


def _spread(place: Array, width: float, height: float) -> Array:
    """Nodes nearer than a node's breadth pushed apart, within the frame."""
    least = min(26.0, 0.75 * float(np.sqrt(width * height / len(place))))
    for _ in range(60):
        apart = place[:, None] - place[None, :]
        distance = np.sqrt((apart**2).sum(axis=2))
        np.fill_diagonal(distance, np.inf)
        if distance.min() >= least * 0.98:
            break
        turn = np.arange(len(place)) * 2.399963  # golden angle: equal places part in different directions
        same = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        away = np.where(distance[:, :, None] < 1e-6, same[:, None], apart / np.maximum(distance, 1e-6)[:, :, None])
        push = np.maximum(least - distance, 0)[:, :, None] * away / 2
        place = np.clip(place + push.sum(axis=1), 0, [width, height])
    return place

"""Backbone, communities, polarisation and the statements behind ties."""

import itertools

import networkx as nx
import numpy as np
import pytest

from kayfabe.errors import KayfabeError
from kayfabe.networks import Definition, coded, networks
from kayfabe.networks.backbone import backbone, disparity
from kayfabe.networks.behind import statements_behind
from kayfabe.networks.communities import louvain
from kayfabe.networks.polarisation import polarisation


def random_statements(seed, n=200, actors=12, issues=6, levels=(-1.0, 0.0, 1.0)):
    rng = np.random.default_rng(seed)
    return coded(
        at=np.datetime64("2020-01-01") + rng.integers(0, 300, n),
        node=[f"a{k:02}" for k in rng.integers(0, actors, n)],
        through=[f"i{k}" for k in rng.integers(0, issues, n)],
        level=rng.choice(levels, n),
    )


def star(weights):
    """A network of one centre tied with `weights` to leaves: each leaf says one thing `weight` times, the centre once."""
    rows = [("hub", f"i{k}") for k in range(len(weights))]
    rows += [(f"leaf{k}", f"i{k}") for k, w in enumerate(weights) for _ in range(w)]
    at = np.full(len(rows), np.datetime64("2020-01-01"))
    return networks(
        coded(at=at, node=[r[0] for r in rows], through=[r[1] for r in rows], level=np.ones(len(rows))), Definition()
    )[0]


def test_disparity_by_hand():
    # strength 10 over 4 ties: p = (1 - w / 10) ** 3; leaves have one tie and say nothing
    network = star([1, 1, 1, 7])
    np.testing.assert_allclose(disparity(network), [0.9**3] * 3 + [0.3**3])
    assert backbone(network, 0.05).ties.weight.tolist() == [7]


def test_disparity_against_a_second_implementation():
    network = networks(random_statements(1), Definition())[0]
    matrix = network.matrix()
    for p, i, j in zip(disparity(network), network.ties.source, network.ties.target, strict=True):
        both = [(1 - matrix[a, b] / matrix[a].sum()) ** ((matrix[a] > 0).sum() - 1) for a, b in ((i, j), (j, i))]
        assert p == pytest.approx(min(both))


def test_louvain_finds_planted_camps_and_its_modularity():
    rng = np.random.default_rng(4)
    camp = np.repeat([0, 1, 2], 8)
    actor = np.repeat(np.arange(24), 12)
    own = rng.random(len(actor)) < 0.9
    issue = np.where(own, camp[actor] * 5, rng.integers(0, 15, len(actor))) + np.where(
        own, rng.integers(0, 5, len(actor)), 0
    )
    at = np.full(len(actor), np.datetime64("2020-01-01"))
    network = networks(coded(at=at, node=[f"{a:02}" for a in actor], through=[f"{i:02}" for i in issue], level=np.ones(len(actor))), Definition())[0]  # fmt: skip
    found, modularity = louvain(network)
    assert len({(int(a), int(b)) for a, b in zip(found, camp, strict=True)}) == 3
    parts = [set(np.flatnonzero(found == k).tolist()) for k in range(3)]
    assert modularity == pytest.approx(nx.community.modularity(nx.from_numpy_array(network.matrix()), parts))
    assert louvain(network)[0].tolist() == found.tolist()


def test_communities_want_one_mode_and_something_tied():
    with pytest.raises(KayfabeError):
        louvain(networks(random_statements(1), Definition("two-mode"))[0])
    assert louvain(star([]))[1] is None


@pytest.mark.parametrize("seed", range(8))
def test_polarisation_is_the_best_of_all_divisions(seed):
    congruence, conflict = (
        networks(random_statements(seed, actors=8), Definition(stance=s, normalise="average"))[0].matrix()
        for s in ("congruence", "conflict")
    )
    n, best = len(congruence), 0.0
    for side in itertools.product([0, 1], repeat=n - 1):
        camp = np.array([0, *side])
        same = camp[:, None] == camp
        best = max(best, (congruence[same].sum() + conflict[~same].sum()) / (congruence + conflict).sum())
    value, camp = polarisation(congruence, conflict)
    assert value == pytest.approx(best)
    same = camp[:, None] == camp
    assert value == pytest.approx((congruence[same].sum() + conflict[~same].sum()) / (congruence + conflict).sum())


def test_polarisation_without_ties_is_unknown():
    assert polarisation(np.zeros((3, 3)), np.zeros((3, 3)))[0] is None


@pytest.mark.parametrize("stance", ["congruence", "conflict", "subtract", "ignore"])
@pytest.mark.parametrize("levels", [(-1.0, 1.0), (-1.0, 0.0, 1.0), ("for", "against", "mixed")])
def test_statements_behind_are_those_that_count(stance, levels):
    statements = random_statements(5, n=120, levels=levels)
    network = networks(statements, Definition(stance=stance))[0]
    behind = statements_behind(network, 10_000)
    part = network.statements
    for e, (i, j) in enumerate(zip(network.ties.source, network.ties.target, strict=True)):
        expected = set()
        for s, t in itertools.product(np.flatnonzero(part.node == i), np.flatnonzero(part.node == j)):
            if part.through[s] != part.through[t]:
                continue
            a, b = part.levels[part.level[s]], part.levels[part.level[t]]
            d = abs(a - b) / 2 if part.numeric else float(a != b)
            if {"congruence": d < 1, "conflict": d > 0}.get(stance, True):
                expected |= {int(s), int(t)}
        got = behind.statement[behind.offset[e] : behind.offset[e + 1]].tolist()
        assert sorted(got) == sorted(expected)
        assert behind.total[e] == len(expected)


def test_statements_behind_two_mode_ties_and_the_cut():
    network = networks(random_statements(6), Definition("two-mode", "ignore"))[0]
    behind = statements_behind(network, 3)
    assert behind.total.tolist() == network.ties.weight.tolist()
    assert np.diff(behind.offset).tolist() == np.minimum(behind.total, 3).tolist()
    whole = networks(random_statements(6), Definition())[0]
    assert (np.diff(statements_behind(whole, 4).offset) <= 4).all()

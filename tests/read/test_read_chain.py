"""What the kinds of a text's sentences say of each other."""

import itertools
import json

import numpy as np
import pytest
from scipy.special import log_softmax

from kayfabe.read.chain import chained
from kayfabe.read.weighed import MIXING
from kayfabe.read.wordlists import data_text

RNG = np.random.default_rng(5)
PAIRS = RNG.dirichlet(np.ones(9)).reshape(3, 3)


def follows(strength=1.0):
    return strength * np.log(PAIRS / PAIRS.sum(axis=1)[:, None] / PAIRS.sum(axis=0))


def by_brute_force(logs, follows):
    """Marginals over every sequence of kinds."""
    n, kinds = logs.shape
    out = np.zeros((n, kinds))
    for path in itertools.product(range(kinds), repeat=n):
        weight = np.exp(sum(logs[i, k] for i, k in enumerate(path)) + sum(follows[a, b] for a, b in itertools.pairwise(path)))
        for i, k in enumerate(path):
            out[i, k] += weight
    return np.log(out / out.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_it_is_the_sum_over_all_sequences(n):
    logs = RNG.normal(size=(n, 3))
    assert log_softmax(chained(logs, range(n), PAIRS, 0.4), axis=1) == pytest.approx(by_brute_force(logs, follows(0.4)))


def test_a_sentence_that_was_not_read_has_the_usual_kinds():
    logs = RNG.normal(size=(2, 3))
    whole = by_brute_force(np.array([logs[0], np.log(PAIRS.sum(axis=1)), logs[1]]), follows())
    assert log_softmax(chained(logs, [0, 2], PAIRS, 1), axis=1) == pytest.approx(whole[[0, 2]])


def test_a_heading_before_a_sentence_says_nothing_of_it():
    logs, even = RNG.normal(size=(1, 3)), (PAIRS + PAIRS.T) / 2
    assert log_softmax(chained(logs, [1], even, 1), axis=1) == pytest.approx(log_softmax(logs, axis=1))


def test_parts_of_a_sentence_learn_what_the_whole_one_learns():
    logs = RNG.normal(size=(4, 3))
    found = chained(logs, [0, 1, 1, 2], PAIRS, 1)
    assert found[2] - logs[2] == pytest.approx(found[1] - logs[1])
    assert found[[0, 1, 3]] == pytest.approx(chained(logs[[0, 1, 3]], range(3), PAIRS, 1))


def test_a_long_text_stays_finite():
    logs = RNG.normal(scale=30, size=(3000, 17))
    assert np.isfinite(chained(logs, range(3000), RNG.dirichlet(np.full(289, 0.1)).reshape(17, 17) + 1e-6, 1)).all()


def test_nothing_read_gives_nothing():
    assert chained(np.zeros((0, 17)), [], np.full((17, 17), 1 / 289), 1).shape == (0, 17)


def test_allegations_go_on_in_the_op_eds_that_were_counted():
    pairs = np.array(json.loads(data_text(MIXING))["pairs"])
    assert pairs.shape == (17, 17)
    assert pairs.sum() == pytest.approx(1, abs=1e-3)
    chance = np.outer(pairs.sum(axis=1), pairs.sum(axis=0))
    assert (np.diag(pairs)[:11] > 4 * np.diag(chance)[:11]).all()

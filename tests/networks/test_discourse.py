"""One-mode and two-mode networks against a second implementation, hand computations and invariances."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kayfabe.errors import KayfabeError
from kayfabe.networks import Definition, coded, networks

LEVELS = (-1.0, -0.5, 0.0, 1.0)
ROWS = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from("ABCDE"), st.sampled_from(["x", "y", "z"]), st.sampled_from(LEVELS)),
    min_size=1,
    max_size=40,
)


def made(rows):
    days = np.datetime64("2020-01-01") + np.array([r[0] for r in rows])
    return coded(
        at=days,
        node=[r[1] for r in rows],
        through=[r[2] for r in rows],
        level=np.array([r[3] for r in rows], dtype=float),
    )


def by_definition(rows, stance):
    """The sums of the module's docstring, pair by pair of statements."""
    nodes = sorted({r[1] for r in rows})
    found = np.zeros((len(nodes), len(nodes)))
    for one, two in itertools.product(rows, rows):
        if one[1] != two[1] and one[2] == two[2]:
            d = abs(one[3] - two[3]) / 2
            value = {"ignore": 1, "congruence": 1 - d, "conflict": d, "subtract": 1 - 2 * d}[stance]
            found[nodes.index(one[1]), nodes.index(two[1])] += value
    return found


@pytest.mark.parametrize("stance", ["ignore", "congruence", "conflict", "subtract"])
@given(rows=ROWS)
@settings(max_examples=40, deadline=None)
def test_equals_the_definition(stance, rows):
    got = networks(made(rows), Definition(stance=stance))[0].matrix()
    np.testing.assert_allclose(got, by_definition(rows, stance), atol=1e-9)


@given(rows=ROWS, normalise=st.sampled_from(["none", "average", "jaccard", "cosine"]), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_row_order_and_names_do_not_matter(rows, normalise, seed):
    wanted = Definition(normalise=normalise, duplicates="month")
    before = networks(made(rows), wanted)[0]
    shuffled = [rows[k] for k in np.random.default_rng(seed).permutation(len(rows))]
    after = networks(made(shuffled), wanted)[0]
    np.testing.assert_allclose(before.matrix(), after.matrix(), atol=1e-12)
    turned = networks(made([(d, "EDCBA"["ABCDE".index(a)], i, s) for d, a, i, s in rows]), wanted)[0]
    np.testing.assert_allclose(before.matrix(), turned.matrix()[::-1, ::-1], atol=1e-12)


@given(rows=ROWS)
@settings(max_examples=40, deadline=None)
def test_normalised_ties_stay_in_bounds(rows):
    for stance, low in (("congruence", 0), ("ignore", 0), ("subtract", -1)):
        values = networks(made(rows), Definition(stance=stance, normalise="cosine"))[0].ties.weight
        assert (values >= low - 1e-9).all()
        assert (values <= 1 + 1e-9).all()


def test_normalisations_by_hand():
    # the nine statements of the README of the reference results: congruence AB = 3, n = (4, 2), jaccard 3 / (1 + 1 + 3)
    rows = [(0, "A", "c1", 1.0)] * 3 + [(0, "A", "c2", 1.0), (0, "B", "c1", 1.0), (0, "B", "c2", -1.0)]
    rows += [(0, "C", "c1", -1.0), (0, "C", "c1", 1.0), (0, "C", "c2", -1.0)]
    expected = {"none": 3, "average": 1, "jaccard": 0.6, "cosine": 3 / np.sqrt(10 * 2)}
    for normalise, value in expected.items():
        assert networks(made(rows), Definition(normalise=normalise))[0].matrix()[0, 1] == pytest.approx(value)


def test_two_mode_by_hand():
    rows = [(0, "A", "x", 1.0), (1, "A", "x", -1.0), (2, "A", "y", -0.5), (3, "B", "y", 1.0), (4, "B", "x", 0.0)]
    statements = made(rows)
    matrix = {
        s: networks(statements, Definition("two-mode", s))[0].matrix().tolist()
        for s in ("ignore", "subtract", "combine")
    }
    assert matrix == {"ignore": [[2, 1], [1, 1]], "subtract": [[0, -0.5], [0, 1]], "combine": [[3, 2], [4, 1]]}
    activity = networks(statements, Definition("two-mode", "ignore", "activity"))[0].matrix()
    np.testing.assert_allclose(activity, [[2 / 3, 1 / 3], [1 / 2, 1 / 2]])
    prominence = networks(statements, Definition("two-mode", "ignore", "prominence"))[0].matrix()
    np.testing.assert_allclose(prominence, [[2 / 3, 1 / 2], [1 / 3, 1 / 2]])


@given(rows=ROWS, width=st.integers(1, 4), kernel=st.sampled_from(["none", "uniform", "epanechnikov", "gaussian"]))
@settings(max_examples=40, deadline=None)
def test_windows_equal_the_definition_on_their_part(rows, width, kernel):
    found = networks(made(rows), Definition(window="months", width=width, kernel=kernel))
    months = [(np.datetime64("2020-01-01") + r[0]).astype("datetime64[M]").astype(int) for r in rows]
    assert len(found) == max(0, max(months) - min(months) - width + 2)
    for k, network in enumerate(found):
        if kernel != "none":
            continue
        inside = [r for r, m in zip(rows, months, strict=True) if min(months) + k <= m < min(months) + k + width]
        np.testing.assert_allclose(network.matrix(), by_definition(inside, "congruence"), atol=1e-9)


def test_wide_sparse_tables_equal_small_ones(monkeypatch):
    rng = np.random.default_rng(3)
    rows = [(int(d), f"a{a}", f"i{i}", float(s)) for d, a, i, s in zip(
        rng.integers(0, 9, 300), rng.integers(0, 40, 300), rng.integers(0, 30, 300), rng.choice([-1, 1], 300), strict=True)]  # fmt: skip
    for normalise in ("none", "jaccard"):
        plain = networks(made(rows), Definition(normalise=normalise))[0].matrix()
        for cells, small, block in ((0, 0, 7), (10**9, 0, 7)):
            monkeypatch.setattr("kayfabe.networks.onemode._DENSE_CELLS", cells)
            monkeypatch.setattr("kayfabe.networks.onemode._SMALL_CELLS", small)
            monkeypatch.setattr("kayfabe.networks.onemode.BLOCK", block)
            np.testing.assert_allclose(
                networks(made(rows), Definition(normalise=normalise))[0].matrix(), plain, atol=1e-12
            )
        monkeypatch.undo()


def test_empty_and_single():
    empty = coded(at=np.zeros(0, "datetime64[us]"), node=[], through=[], level=np.zeros(0))
    assert len(networks(empty, Definition())[0].ties.weight) == 0
    assert networks(empty, Definition(window="months")) == []
    assert networks(made([(0, "A", "x", 1.0)]), Definition(normalise="cosine"))[0].matrix().tolist() == [[0]]


def test_wrong_definitions_are_named():
    for wrong in ({"mode": "three-mode"}, {"stance": "combine"}, {"normalise": "activity"}, {"duplicates": "day"},
                  {"window": "hours"}, {"kernel": "uniform"}, {"width": 0}, {"compat": "cnt"}):  # fmt: skip
        with pytest.raises(KayfabeError):
            Definition(**wrong)
    assert Definition("conflict") == Definition("one-mode", "conflict")

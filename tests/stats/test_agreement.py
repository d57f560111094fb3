"""Agreement: values computed by hand."""

import numpy as np
import pytest

from kayfabe.stats import agreement

YES, NO, ABSTAIN, ABSENT = 0, 1, 2, -1
ONE = np.array([0, 0, 0, 1, 1, 2, 0, 1, 0, 0])
TWO = np.array([0, 0, 1, 1, 1, 2, 0, 0, 0, 2])
CHAMBER = agreement.one_hot(np.array([[YES, YES, NO, NO], [YES, NO, YES, YES], [YES, YES, YES, YES]], dtype=np.int8))


def test_kappa_by_hand():
    assert agreement.kappa(ONE, TWO) == pytest.approx((0.7 - 0.41) / 0.59)


def test_alpha_by_hand():
    expected = 1 - (11 * 10 + 6 * 5 + 3 * 2) / (20 * 19)
    assert agreement.krippendorff_alpha(ONE, TWO) == pytest.approx(1 - 0.3 / expected)


@pytest.mark.parametrize("f", [agreement.kappa, agreement.krippendorff_alpha])
def test_where_no_disagreement_is_possible_nothing_is_known(f):
    assert f(np.zeros(21, dtype=int), np.zeros(21, dtype=int)) is None
    assert f(np.zeros(0, dtype=int), np.zeros(0, dtype=int)) is None


@pytest.mark.parametrize("f", [agreement.kappa, agreement.krippendorff_alpha])
def test_agreement_does_not_know_first_from_second(f):
    assert f(ONE, TWO) == pytest.approx(f(TWO, ONE))


def test_usual_disagreement_is_the_share_of_pairs():
    assert agreement.usual_disagreement(CHAMBER) == pytest.approx([4 / 6, 3 / 6, 0])


def test_absent_actors_are_not_opposed():
    hot = agreement.one_hot(np.array([[YES, ABSENT, NO], [ABSENT, ABSENT, YES]], dtype=np.int8))
    usual = agreement.usual_disagreement(hot)
    assert usual[0] == 1
    assert np.isnan(usual[1])
    assert np.isnan(agreement.apart(hot[:, [0]], hot[:, [1]])).all()


def test_deeds_coefficient_by_hand():
    differ = agreement.apart(CHAMBER[:, [0]], CHAMBER[:, [1]])
    a, interval, count, expected = agreement.deeds_coefficient(differ, agreement.usual_disagreement(CHAMBER))
    assert (count, expected) == pytest.approx((1, 7 / 6))
    assert a == pytest.approx(1 / 7)
    assert interval == pytest.approx(
        (1 - 5.57164 / (7 / 6), 1 - 0.0253178 / (7 / 6)), abs=1e-5
    )  # Garwood's limits for 1


def test_all_pairs_at_once_equal_pairs_one_by_one():
    rng = np.random.default_rng(0)
    hot = agreement.one_hot(rng.integers(-1, 3, (30, 7)).astype(np.int8))
    usual = agreement.usual_disagreement(hot)
    matrix, common, expected = agreement.pair_coefficients(hot, usual)
    for i in range(7):
        for j in range(i):
            differ = agreement.apart(hot[:, [i]], hot[:, [j]])
            a, _, _, total = agreement.deeds_coefficient(differ, usual)
            assert matrix[i, j] == pytest.approx(a)
            assert expected[i, j] == pytest.approx(total)
            assert common[i, j] == (~np.isnan(differ)).sum()


def test_apart_of_two_sides_is_the_mean_over_cross_pairs():
    two_against_two = agreement.apart(CHAMBER[:, [0, 1]], CHAMBER[:, [2, 3]])
    assert two_against_two == pytest.approx([1, 0.5, 0])

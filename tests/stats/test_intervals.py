"""Intervals: closed forms and published limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayfabe.stats.intervals import agresti_min, clopper_pearson, poisson_ratio


@pytest.mark.parametrize("n", [1, 10, 71, 72, 500])
def test_zero_successes_have_a_closed_form(n):
    assert clopper_pearson(0, n) == pytest.approx((0, 1 - 0.025 ** (1 / n)))


def test_seventy_two_is_the_first_number_that_excludes_five_per_cent():
    assert clopper_pearson(0, 72)[1] == pytest.approx(0.04995, abs=1e-5)
    assert clopper_pearson(0, 72)[1] < 0.05 < clopper_pearson(0, 71)[1]


def test_five_of_ten_as_published():
    assert clopper_pearson(5, 10) == pytest.approx((0.1871, 0.8129), abs=1e-4)


def test_nothing_seen_leaves_everything_open():
    assert clopper_pearson(0, 0) == (0, 1)


@given(st.integers(0, 60), st.integers(0, 60))
def test_failures_mirror_successes(k, rest):
    low, high = clopper_pearson(k, k + rest)
    assert (1 - high, 1 - low) == pytest.approx(clopper_pearson(rest, k + rest))


@pytest.mark.parametrize(("count", "limits"), [(0, (0, 3.6889)), (1, (0.0253, 5.5716)), (10, (4.7954, 18.3904))])
def test_poisson_limits_are_those_of_garwoods_table(count, limits):
    assert poisson_ratio(count, 1.0) == pytest.approx(limits, abs=1e-4)


def test_agresti_min_by_hand():
    assert agresti_min(10, 5, 100) == pytest.approx((-0.0272507, 0.1252899), abs=1e-6)


def test_no_change_still_has_width():
    assert agresti_min(0, 0, 50) == pytest.approx((-1.959964 / 52, 1.959964 / 52))


@given(st.floats(0, 20), st.floats(0, 20), st.integers(40, 100))
def test_before_and_after_mirror_each_other(b, c, n):
    low, high = agresti_min(b, c, n)
    assert (-high, -low) == pytest.approx(agresti_min(c, b, n))

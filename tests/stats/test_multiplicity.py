"""Benjamini-Hochberg and Simes: by hand, and against the definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayfabe.stats.multiplicity import benjamini_hochberg, simes

ps = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_by_hand():
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert simes([0.01, 0.04, 0.03, 0.005]) == pytest.approx(0.02)


def test_a_test_that_was_not_run_does_not_count():
    assert benjamini_hochberg([None, 0.02, None, 0.03]) == [None, pytest.approx(0.03), None, pytest.approx(0.03)]
    assert benjamini_hochberg([None]) == [None]
    assert simes([]) is None


@given(ps)
def test_q_below_alpha_is_what_stepping_up_rejects(p):
    q = np.array(benjamini_hochberg(p), dtype=float)
    ordered = np.sort(p)
    for alpha in (0.01, 0.05, 0.2):
        below = np.flatnonzero(ordered <= alpha * np.arange(1, len(p) + 1) / len(p) * (1 + 1e-12))
        rejected = 0 if not len(below) else int(below[-1]) + 1
        assert (q <= alpha * (1 + 1e-9)).sum() == rejected


@given(ps)
def test_simes_is_the_smallest_q(p):
    assert simes(p) == pytest.approx(min(benjamini_hochberg(p)))

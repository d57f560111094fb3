"""Event scores: by hand, and lines whose answer is known."""

import numpy as np
import pytest

from kayfabe.stats import warmth


def test_month_effects_by_hand():
    clean = warmth.without_month_effects(np.array([1.0, 3, 0, 4]), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    assert clean == pytest.approx([1 + 3 / 22, 3 - 3 / 22, 0 + 3 / 22, 4 - 3 / 22])


def test_dyad_means_by_hand():
    mean, variance, n = warmth.dyad_means(np.array([0.0, 2.0]), np.array([0, 0]), np.array([1, 2]), 2)
    assert (mean[0], n[0], n[1]) == (1, 2, 0)
    assert variance[0] == pytest.approx((2 * 2 + 20 * 2) / 22 / 2)


def test_events_of_one_day_are_not_exact():
    rng = np.random.default_rng(0)
    scores, dyads = rng.normal(0, 2, 80), np.repeat([0, 1, 2, 3], 20)
    _, one_day, _ = warmth.dyad_means(scores, dyads, np.zeros(80, dtype=int), 4)
    assert one_day == pytest.approx(np.full(4, 4 / 20), rel=0.4)


def test_copies_within_a_day_count_once():
    rng = np.random.default_rng(1)
    scores, days = rng.normal(0, 2, 400), np.arange(400)
    _, single, _ = warmth.dyad_means(scores, np.zeros(400, dtype=int), days, 1)
    _, copied, _ = warmth.dyad_means(np.repeat(scores, 5), np.zeros(2000, dtype=int), np.repeat(days, 5), 1)
    assert copied[0] == pytest.approx(single[0], rel=0.1)


def test_scores_without_variance_have_some():
    _, variance, _ = warmth.dyad_means(np.ones(30), np.repeat([0, 1, 2], 10), np.arange(30), 3)
    assert (variance > 0).all()


def test_a_line_is_found():
    words = np.linspace(-3, 3, 40)
    prediction, slope, residuals, _ = warmth.warmer_fit(words, 2 * words + 1, np.ones(40), 0.5)
    assert (prediction, slope) == pytest.approx((2.0, 2.0), abs=0.1)
    assert residuals == pytest.approx(np.zeros(40), abs=1e-9)


def test_the_warmer_of_the_two_fits_is_promised():
    words = np.linspace(-3, 3, 61)
    deeds = np.where(words < 0, 0.0, words)  # flat at the cold end: the line is too cold there
    assert warmth.warmer_fit(words, deeds, np.ones(61), -3.0)[0] == pytest.approx(0.0, abs=1e-9)


def test_p_is_for_the_margin():
    rng = np.random.default_rng(2)
    words = rng.normal(0, 1, 400)
    deeds = words + rng.normal(0, 1, 400)
    small = np.full(400, 1e-4)
    found = warmth.judge((0.0, 1e-6, 0.0, 1e-6), words, small, deeds, small, 0.25)
    at_margin = found.prediction + 0.25 * found.between
    same = warmth.judge((0.0, 1e-6, at_margin, 1e-6), words, small, deeds, small, 0.25)
    assert same.p_value == pytest.approx(0.5)
    assert same.p_contradicted == pytest.approx(0.5)

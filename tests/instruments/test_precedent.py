"""precedent: kernels against second implementations, planted rises, and what it must refuse."""

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import toeplitz

from kayfabe.errors import BadOption, UnknownName
from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.precedent import INSTRUMENT
from kayfabe.instruments.precedent_worlds import events, series
from kayfabe.instruments.trend_worlds import ar
from kayfabe.models import Claim, Kind, Verdict
from kayfabe.stats import analogies, pauses

WEEK = 365.2425 / 7
START = np.datetime64("2013-01-07")


def grid(values, horizon=12):
    return pauses.Grid(np.asarray(values, dtype=float), horizon, 12, 4, 26, WEEK)


def judged(tables, options):
    evidence = Evidence.from_tables(tables)
    try:
        return judge([run(INSTRUMENT, options, evidence)])[0]
    finally:
        evidence.close()


def found(values, places, **options):
    values = np.asarray(values, dtype=float)
    keep = np.isfinite(values)
    days = START + 7 * np.arange(len(values))
    columns = {
        "series": ["s"] * int(keep.sum()),
        "at": list(days[keep].astype("datetime64[us]")),
        "value": list(values[keep]),
    }
    return judged({"indicators": columns}, {"series": "s", "pauses": [day(p) for p in places], **options})


def day(place):
    return (START + 7 * place).astype(object)


def risen(places, sizes, n=364, seed=0, phi=0.4):
    values = ar(np.random.default_rng(seed), n, phi)
    for place, size in zip(places, sizes, strict=True):
        values[place + 1 : place + 13] += size
    return values


PLACES = (50, 100, 160, 200, 260, 310)


def test_one_pause_equals_the_textbook_forecast():
    rng = np.random.default_rng(1)
    values = ar(rng, 200, 0.6) + 3
    values[rng.random(200) < 0.1] = np.nan
    values[100] = 5
    g, d = grid(values), 100
    got = pauses.rises(g, np.array([[d]]))
    phi, t = float(got.phi[0]), np.arange(200)
    keep = np.isfinite(values) & ~((t > d) & (t <= d + 24))
    x = g.design()
    v = toeplitz(phi**t)
    inverse = np.linalg.inv(v[np.ix_(keep, keep)])
    normal = x[keep].T @ inverse @ x[keep]
    b = np.linalg.solve(normal, x[keep].T @ inverse @ values[keep])
    r = values - x @ b
    s2 = r[keep] @ inverse @ r[keep] / (keep.sum() - 6)
    h = np.array([i for i in range(d + 1, d + 13) if np.isfinite(values[i])])
    assert got.sd[0] == pytest.approx(np.sqrt(s2))
    assert got.rise[0, 0] == pytest.approx(np.mean(r[h] - phi ** (h - d) * max(r[d], 0)))
    given = s2 * (v[np.ix_(h, h)] - np.outer(v[h, d], v[h, d]))
    assert got.noise[0, 0] == pytest.approx(given.mean())
    lever = (x[h] - phi ** (h - d)[:, None] * x[d]).mean(axis=0)
    assert got.fit[0, 0] == pytest.approx(s2 * lever @ np.linalg.inv(normal) @ lever)


def test_phi_is_the_reml_maximum():
    values, t = ar(np.random.default_rng(2), 150, 0.6), np.arange(150)
    g = grid(values)
    keep = ~((t > 70) & (t <= 94))
    x, y = g.design()[keep], values[keep]

    def reml(phi):
        v = toeplitz(phi**t)[np.ix_(keep, keep)]
        w = np.linalg.inv(v)
        normal = x.T @ w @ x
        r = y - x @ np.linalg.solve(normal, x.T @ w @ y)
        return -0.5 * (np.linalg.slogdet(v)[1] + np.linalg.slogdet(normal)[1] + (len(y) - 6) * np.log(r @ w @ r))

    # between the two stretches the chain steps over 24 missing weeks, which the dense matrix does too
    assert pauses.rises(g, np.array([[70]])).phi[0] == max(pauses.PHI, key=reml)


def test_a_low_start_gets_no_credit_and_a_high_one_is_carried_on():
    values = ar(np.random.default_rng(3), 364, 0.6)
    for start, credit in ((-3, 0.0), (3, 1.0)):
        values[100] = start
        got = pauses.rises(grid(values), np.array([[100]]))
        r, phi = got.residuals[0], got.phi[0]
        carried = credit * phi ** np.arange(1, 13) * r[100]
        assert got.rise[0, 0] == pytest.approx((r[101:113] - carried).mean())


def test_many_sets_equal_one_at_a_time():
    g = grid(risen(PLACES, [1] * 6))
    sets = np.array([[30, 70, 120, 180], [52, 104, 157, 261], [60, 130, 250, 300]])  # the second in one season
    assert list(pauses.seasonal(g, sets)) == [False, True, False]
    together = pauses.rises(g, sets)
    for i, one in enumerate(sets):
        alone = pauses.rises(g, one[None, :])
        assert together.rise[i] == pytest.approx(alone.rise[0])
        assert together.joint[i] == pytest.approx(alone.joint[0])


def test_placebo_sets_are_all_listed_when_few_and_keep_their_distance():
    g, dates = grid(np.ones(150)), np.array([60])
    sets = pauses.placebo_sets(g, np.array([60, 100]), np.random.default_rng(0), sets=10**6)
    assert len(sets) == len({tuple(s) for s in sets})
    places = [
        t for t in range(26, 150) if 2 * min(12, 149 - t) >= 12 and all(t - d <= -12 or t - d >= 24 for d in (60, 100))
    ]
    assert len(sets) == sum(b - a >= 12 for a in places for b in places)
    drawn = pauses.placebo_sets(g, dates, np.random.default_rng(0), sets=20)
    assert len(drawn) == 20
    assert len(pauses.placebo_sets(grid(np.ones(60)), np.array([40, 50]), np.random.default_rng(0))) == 0


def test_placebo_sets_are_drawn_evenly():
    g = grid(np.ones(150))
    every = pauses.placebo_sets(g, np.array([60, 100]), np.random.default_rng(0), sets=10**6)
    drawn = np.concatenate(
        [pauses.placebo_sets(g, np.array([60, 100]), np.random.default_rng(s), sets=len(every) - 1) for s in range(40)]
    )
    _, counts = np.unique(drawn, axis=0, return_counts=True)
    assert stats.chisquare(np.append(counts, [0] * (len(every) - len(counts)))).pvalue > 0.001


def test_planted_rises_are_found_at_their_size():
    f = found(risen(PLACES, [2.0] * 6), PLACES)
    assert f.verdict == Verdict.SUPPORTED
    assert f.interval[0] <= 2 <= f.interval[1]
    assert [i.key["pause"] for i in f.items] == [str(day(p)) for p in PLACES]
    assert f.margin == pytest.approx(0.25 * f.details["sd"])
    assert all(f.items[0].evidence)


def test_units_change_nothing_but_the_units():
    one, two = found(risen(PLACES, [1.0] * 6), PLACES), found(100 + 7 * risen(PLACES, [1.0] * 6), PLACES)
    assert two.estimate == pytest.approx(7 * one.estimate)
    assert two.p_value == pytest.approx(one.p_value)


def test_falls_contradict():
    assert found(risen(PLACES, [-1.5] * 6), PLACES).verdict == Verdict.CONTRADICTED


def test_one_pause_does_not_make_a_habit():
    f = found(risen(PLACES, [0, 0, 14, 0, 0, 0]), PLACES)
    assert f.verdict == Verdict.INCONCLUSIVE


def test_a_single_pause_needs_the_placebo_dates_too():
    f = found(risen([200], [3.5]), [200])
    assert f.verdict == Verdict.SUPPORTED
    assert f.details["randomisation"]["p"] <= 0.025
    assert "an event, not a habit" in f.reason


def test_pauses_before_every_seasonal_rise_are_not_separable():
    places = [round(k * WEEK) for k in range(7)]
    f = found(risen(places, [2.0] * 7), places)
    assert f.verdict == Verdict.UNTESTED
    assert "same season" in f.reason


@pytest.mark.parametrize(
    ("values", "places"),
    [
        (risen([50], [2], n=90), [50]),
        (risen([50], [2]), [900]),
        (risen([355], [2]), [363]),
        (np.cumsum(np.random.default_rng(5).standard_normal(364)), PLACES),
        (risen(range(20, 104, 12), [1] * 7, n=120), list(range(20, 104, 12))),
    ],
)
def test_too_little_is_untested(values, places):
    assert found(values, places).verdict == Verdict.UNTESTED


def test_a_pause_within_the_horizon_of_another_is_left_out_and_named():
    f = found(risen(PLACES, [2.0] * 6), [*PLACES, 54])
    assert f.n == 6
    assert f.details["left_out"] == [day(54)]


def test_a_shock_that_hit_the_comparison_too_is_taken_off():
    made = series(np.random.default_rng(6), size=0, shock=2.5, compare=3, pauses=6)
    with_comparison = judged(made.tables, made.options)
    alone = judged(made.tables, {k: v for k, v in made.options.items() if k != "compare"})
    assert alone.verdict == Verdict.SUPPORTED
    assert with_comparison.verdict != Verdict.SUPPORTED
    assert with_comparison.details["comparison"]["series"] == 3
    assert with_comparison.details["comparison"]["without_it"] == pytest.approx(alone.estimate)


def test_events_of_two_actors_are_counted_by_week():
    made = events(np.random.default_rng(7), size=3.0)
    f = judged(made.tables, made.options)
    assert f.verdict == Verdict.SUPPORTED
    table = made.tables["events"]
    own = [
        s < 0 and {a, b} == {"a0", "b0"}
        for a, b, s in zip(table["source"], table["target"], table["score"], strict=True)
    ]
    assert f.evidence_total == sum(own)
    counted = sum(v**2 for _, v in f.details["course"] if v is not None and np.isfinite(v))
    assert counted == pytest.approx(sum(own))
    assert f.details["comparison"]["series"] == 4


def test_a_shock_to_every_pair_is_taken_off():
    made = [events(np.random.default_rng(seed), size=0, shock=2.0) for seed in range(20, 26)]
    details = [judged(m.tables, m.options).details for m in made]
    assert np.mean([d["comparison"]["without_it"] / d["sd"] for d in details]) > 1
    assert abs(np.mean([d["estimate_sd"] for d in details])) < 0.3


def test_the_order_of_the_two_actors_changes_nothing():
    made = events(np.random.default_rng(9), size=1.0)
    one = judged(made.tables, made.options)
    two = judged(made.tables, {**made.options, "actors": ["b0", "a0"]})
    assert one.estimate == two.estimate
    assert one.p_value == two.p_value


def test_windows_like_the_last_one_are_found_and_disjoint():
    rng = np.random.default_rng(10)
    values = rng.normal(0, 0.3, 400)
    shape = 3 * np.sin(np.arange(12))
    for end in (99, 199, 299, 399):
        values[end - 11 : end + 1] = shape
    values[200:212] += 3
    got = analogies.analogies(values, np.ones(400, dtype=bool), 0.0, 12, 12)
    assert set(got.ends[:3]) == {99, 199, 299}
    assert np.diff(np.sort(got.ends)).min() >= 24
    assert got.after[list(got.ends).index(199)] == pytest.approx(3, abs=0.4)


def test_what_followed_similar_windows_has_an_honest_n():
    f = found(risen(PLACES, [2.0] * 6), PLACES)
    got = f.details["analogies"]
    assert got["followed"]["n"] == len(got["alike"]) <= got["all_windows"]["n"] <= 364 / 24
    assert got["followed"]["rose"] == sum(a["rose"] for a in got["alike"])
    assert got["present"][1] == day(363)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"series": "t"}, UnknownName),
        ({"series": None}, BadOption),
        ({"actors": ["FRA", "DEU"]}, BadOption),
        ({"horizon": 2}, BadOption),
    ],
)
def test_options_that_cannot_be_used_are_refused(options, error):
    with pytest.raises(error):
        found(risen(PLACES, [0] * 6), PLACES, **options)


def test_a_fall_upside_down_is_a_rise():
    world = INSTRUMENT.world("planted", np.random.default_rng(3))
    upside = {"indicators": {**world.tables["indicators"], "value": -np.asarray(world.tables["indicators"]["value"], dtype=float)}}
    rose = judged(world.tables, world.options)
    fell = judged(upside, {**world.options, "expect": "fall"})
    assert rose.verdict == fell.verdict == Verdict.SUPPORTED
    assert (rose.estimate, rose.interval, rose.p_value) == (fell.estimate, fell.interval, fell.p_value)
    assert fell.details["course"][0][1] == -rose.details["course"][0][1]
    assert judged(upside, world.options).verdict != Verdict.SUPPORTED
    assert "fall after" in fell.question


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Last time they used the pause to rearm.", None), ("After earlier truces the shelling fell.", "fall"), ("Attacks rose, then fell.", None)],
)
def test_what_is_said_to_have_followed(text, expected):
    assert INSTRUMENT.option("expect").fill(Claim(id="c", start=0, end=len(text), text=text, kind=Kind.PRECEDENT)) == expected

"""trend: kernels against second implementations, planted turns, and what it must refuse."""

import datetime as dt

import numpy as np
import pytest
from scipy.linalg import toeplitz

from kayfabe.errors import BadOption, UnknownName
from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.trend import INSTRUMENT, claimed_direction
from kayfabe.instruments.trend_worlds import ar, series
from kayfabe.models import Claim, Kind, Verdict
from kayfabe.stats import turning


def finding(values, *, start="2015-01-05", step=7, name="s", keep=None, extra=None, **options):
    n = len(values)
    days = np.datetime64(start) + step * np.arange(n)
    keep = np.ones(n, dtype=bool) if keep is None else keep
    table = {
        "series": [name] * int(keep.sum()),
        "at": list(days[keep].astype("datetime64[us]")),
        "value": list(np.asarray(values)[keep]),
    }
    for other, more in (extra or {}).items():
        table["series"] += [other] * n
        table["at"] += list(days.astype("datetime64[us]"))
        table["value"] += list(more)
    evidence = Evidence.from_tables({"indicators": table})
    try:
        return judge([run(INSTRUMENT, {"series": name, **options}, evidence)])[0]
    finally:
        evidence.close()


def broken(size, n=160, at=80, seed=0, phi=0.4):
    return ar(np.random.default_rng(seed), n, phi) + size * (np.arange(n) >= at)


def day(place, start="2015-01-05", step=7):
    return (np.datetime64(start) + step * place).astype(object)


def test_the_fit_is_generalised_least_squares_at_its_own_phi():
    rng = np.random.default_rng(1)
    keep = rng.random(90) > 0.1
    time = np.flatnonzero(keep)
    y, x, gaps = ar(rng, 90, 0.5)[keep], np.stack([np.ones(len(time)), time / 90], axis=1), np.diff(time)
    c = (np.arange(len(time)) >= 40).astype(float)[:, None]
    got = turning.fits(y[:, None], x, c, gaps)

    def dense(phi):
        v = np.linalg.inv(toeplitz(phi ** np.arange(90))[np.ix_(time, time)])
        full = np.concatenate([x, c], axis=1)
        normal = full.T @ v @ full
        b = np.linalg.solve(normal, full.T @ v @ y)
        r = y - full @ b
        free = len(y) - 3
        s2 = r @ v @ r / free
        reml = 0.5 * np.linalg.slogdet(v)[1] - 0.5 * np.linalg.slogdet(normal)[1] - 0.5 * free * np.log(r @ v @ r)
        return reml, b[-1] / np.sqrt(s2 * np.linalg.inv(normal)[-1, -1]), np.sqrt(s2)

    phi = max(turning.PHI, key=lambda p: dense(p)[0])
    assert got.phi[0, 0] == phi
    assert got.t[0, 0] == pytest.approx(dense(phi)[1])
    assert got.sd[0, 0] == pytest.approx(dense(phi)[2])


def test_the_simulated_noise_has_variance_one_and_its_autocorrelation_over_gaps():
    gaps = np.array([1.0] * 20 + [3.0] + [1.0] * 20)
    noise = turning.draws(gaps, 0.7, 20000, np.random.default_rng(2))
    assert noise.std(axis=1) == pytest.approx(np.ones(42), abs=0.03)
    assert np.corrcoef(noise[20], noise[21])[0, 1] == pytest.approx(0.7**3, abs=0.03)


def test_resampled_shocks_keep_variance_and_autocorrelation():
    shocks = np.random.default_rng(3).standard_t(3, 500)
    shocks = (shocks - shocks.mean()) / shocks.std()
    noise = turning.draws(np.ones(30), 0.7, 20000, np.random.default_rng(2), shocks)
    assert noise.std(axis=1) == pytest.approx(np.ones(31), abs=0.05)
    assert np.corrcoef(noise[20], noise[21])[0, 1] == pytest.approx(0.7, abs=0.03)


def test_wild_shocks_are_drawn_in_and_a_step_is_kept():
    values = broken(6.0, n=160, at=80, seed=3)
    wild = values.copy()
    wild[40] += 8.0
    days = 7.0 * np.arange(160)
    plain, calm = (turning.tamed(turning.Course.of(v, days)).values for v in (values, wild))
    assert abs(calm[40] - values[40]) < 4.0
    assert calm[90:].mean() - calm[20:80].mean() == pytest.approx(values[90:].mean() - values[20:80].mean(), abs=0.3)
    assert np.abs(plain - values).max() < 1.5
    assert turning.tamed(turning.Course.of(np.arange(160.0), days)).values == pytest.approx(np.arange(160.0))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_planted_step_is_found_at_its_date_and_size(sign):
    found = finding(sign * broken(3.5), around=day(82))
    assert found.verdict == Verdict.SUPPORTED
    assert abs((dt.date.fromisoformat(found.items[0].key["at"]) - day(80)).days) <= 21
    assert found.interval[0] <= 3.5 <= found.interval[1]
    assert found.items[0].estimate * sign > 0
    assert found.estimate > 0
    assert found.details["kind"] == "level"


def test_a_flip_of_sign_changes_only_the_sign():
    up, down = finding(broken(2.0)), finding(-broken(2.0))
    assert up.estimate == pytest.approx(down.estimate)
    assert up.items[0].estimate == pytest.approx(-down.items[0].estimate)


def test_units_change_nothing():
    one, two = finding(broken(2.0)), finding(1000 + 50 * broken(2.0))
    assert one.estimate == pytest.approx(two.estimate)
    assert two.details["change"] == pytest.approx(50 * one.details["change"])


def test_a_turn_of_slope_is_called_a_turn():
    t = np.arange(180)
    found = finding(ar(np.random.default_rng(4), 180, 0.3) + np.where(t < 90, t, 180 - t) / 12)
    assert found.verdict == Verdict.SUPPORTED
    assert (found.details["kind"], found.details["shape"], found.details["direction"]) == ("slope", "turn", "down")


def test_a_steeper_slope_is_no_turn():
    t = np.arange(180)
    found = finding(ar(np.random.default_rng(4), 180, 0.3) + t / 30 + np.maximum(0, t - 90) / 8)
    assert found.verdict == Verdict.SUPPORTED
    assert found.details["shape"] == "steepening"


def test_a_line_goes_on():
    t = np.arange(180)
    assert finding(ar(np.random.default_rng(5), 180, 0.4) + t / 10).verdict == Verdict.INCONCLUSIVE


def test_the_opposite_change_contradicts_a_claimed_direction_and_nothing_else_does():
    assert finding(broken(-4), around=day(80), direction="up").verdict == Verdict.CONTRADICTED
    assert finding(broken(-4), around=day(80), direction="down").verdict == Verdict.SUPPORTED
    quiet = finding(broken(0), around=day(80), direction="up")
    assert quiet.verdict == Verdict.INCONCLUSIVE


def test_a_break_elsewhere_is_named_and_is_no_turn_near_the_date():
    found = finding(broken(5, at=40), around=day(110))
    assert found.verdict == Verdict.INCONCLUSIVE
    assert abs((dt.date.fromisoformat(str(found.details["far_break"]["at"])) - day(40)).days) <= 21
    assert "not near" in found.reason


def test_a_burst_is_left_out_and_listed():
    values = broken(0)
    values[100:102] += 12
    found = finding(values)
    assert {day(100), day(101)} <= set(found.details["left_out"])
    assert found.verdict == Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("values", "options", "needed"),
    [
        (broken(3, n=40, at=20), {}, 60),
        (broken(3), {"around": day(158)}, 180),
        (broken(3), {"around": day(3)}, None),
        (broken(3), {"around": day(900)}, None),
    ],
)
def test_too_little_is_untested_and_says_what_would_do(values, options, needed):
    found = finding(values, **options)
    assert found.verdict == Verdict.UNTESTED
    assert found.n_needed is not None
    if needed:
        assert found.n_needed == needed


def test_too_early_names_the_first_day_on_which_it_can_be_tested():
    found = finding(broken(3), around=day(150))
    assert "Too early" in found.reason
    n, after = found.n_needed, found.n_needed - 150
    assert after >= turning.edge(n)
    assert after - 1 < turning.edge(n - 1)
    assert str(day(n - 1)) in found.reason


def test_a_short_span_is_untested():
    assert finding(broken(3), step=1).verdict == Verdict.UNTESTED


def test_daily_values_are_averaged_over_weeks():
    found = finding(np.repeat(broken(3.5), 7), step=1)
    assert found.n == 160
    assert found.evidence_total == 1120
    assert found.verdict == Verdict.SUPPORTED


def test_many_missing_values_are_untested():
    keep = np.random.default_rng(6).random(200) > 0.45
    assert "missing" in finding(broken(3, n=200), keep=keep).reason


def test_a_wandering_level_is_untested():
    values = np.cumsum(np.random.default_rng(7).standard_normal(300))
    assert finding(values).verdict == Verdict.UNTESTED


def test_thin_series_look_for_steps_only_and_say_so():
    found = finding(broken(4, n=80, at=40))
    assert found.details["kind"] == "level"
    assert any("Thin" in c for c in found.caveats)


def test_several_series_have_one_p_each_and_the_simes_p_together():
    extra = {"t": broken(0, seed=11), "u": broken(0, seed=12)}
    table = finding(broken(4, seed=10), extra=extra)
    all_three = judge_several(extra)
    assert [i.key["series"] for i in all_three.items] == ["s", "t", "u"]
    p = sorted(i.p_value for i in all_three.items)
    assert all_three.p_value == pytest.approx(min(p[0] * 3, p[1] * 1.5, p[2]))
    assert all_three.verdict == Verdict.SUPPORTED
    assert "series" not in table.items[0].key


def judge_several(extra):
    return finding_of("s;t;u", broken(4, seed=10), extra)


def finding_of(names, values, extra):
    days = [np.datetime64(day(i), "us") for i in range(len(values))]
    columns = {"series": [], "at": [], "value": []}
    for name, own in {"s": values, **extra}.items():
        columns["series"] += [name] * len(own)
        columns["at"] += days
        columns["value"] += list(own)
    evidence = Evidence.from_tables({"indicators": columns})
    return judge([run(INSTRUMENT, {"series": names}, evidence)])[0]


def test_an_unknown_series_is_refused_with_a_suggestion():
    with pytest.raises(UnknownName, match="Did you mean 's'"):
        finding_of("S1", broken(0), {})
    with pytest.raises(BadOption):
        finding_of("s;s", broken(0), {})


def test_a_window_leaves_the_rest_out():
    found = finding(broken(4), since=day(0).isoformat(), until=day(69).isoformat())
    assert found.n == 70
    assert found.verdict == Verdict.INCONCLUSIVE


def test_the_worlds_hold_what_they_say():
    made = series(np.random.default_rng(8), size=0, n=4000, phi=0.6)
    values = (np.array(made.tables["indicators"]["value"]) - 100) / 10
    assert values.std() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("text", "direction"),
    [("Since March 2023 exports have been falling.", "down"), ("The tide has turned: trade is growing again.", "up"), ("The tide has turned.", None),
     ("Imports stopped rising in May.", None), ("What rose is now falling.", None), ("С весны экспорт падает.", "down"), ("Торговля выросла.", "up")],
)  # fmt: skip
def test_the_direction_is_what_the_claim_says(text, direction):
    assert claimed_direction(Claim(id="c", start=0, end=len(text), text=text, kind=Kind.TURNING_POINT)) == direction

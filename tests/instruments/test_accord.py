"""accord: planted truths, swaps, what it refuses to decide, and odd data; real votes are in test_accord_un.py."""

import math

import numpy as np
import pytest

from kayfabe.evidence import Evidence
from kayfabe.instruments import accord_worlds, instrument, judge, run
from kayfabe.models import Verdict, to_json

ACCORD = instrument("accord")


def ask(tables, options, *, negated=False, seed=0):
    evidence = Evidence.from_tables(tables)
    try:
        return judge([run(ACCORD, options, evidence, negated=negated, seed=seed)])[0]
    finally:
        evidence.close()


def votes(copying=0.0, seed=0, **given):
    world = accord_worlds.votes(np.random.default_rng(seed), copying=copying, pick="words apart", **given)
    return {
        name: {c: np.asarray(v, dtype=object if isinstance(v, list) else None) for c, v in t.items()}
        for name, t in world.tables.items()
    }, world.options


def events(warmth=0.0, seed=1, **given):
    world = accord_worlds.events(np.random.default_rng(seed), warmth=warmth, **given)
    return {
        name: {c: np.asarray(v, dtype=object if isinstance(v, list) else None) for c, v in t.items()}
        for name, t in world.tables.items()
    }, world.options


def only(tables, name, keep):
    return tables | {name: {c: v[keep] for c, v in tables[name].items()}}


def with_column(tables, name, **columns):
    return tables | {name: tables[name] | columns}


def numbers(found):
    return (found.verdict, found.estimate, found.interval, found.p_value, found.p_contradicted, found.n)


def finite(value):
    if isinstance(value, dict):
        return all(finite(v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return all(finite(v) for v in value)
    if hasattr(value, "tolist"):
        return finite(value.tolist())
    return not isinstance(value, float) or math.isfinite(value)


# Swaps


@pytest.mark.parametrize("claim", ["staged", "aligned"])
@pytest.mark.parametrize("copying", [0.0, 0.92])
def test_swapping_the_two_changes_nothing(claim, copying):
    tables, options = votes(copying)
    one = ask(tables, options | {"claim": claim})
    two = ask(tables, options | {"claim": claim, "actors": options["actors"][::-1]})
    assert numbers(one) == numbers(two)


@pytest.mark.parametrize("claim", ["staged", "aligned"])
def test_swapping_the_two_changes_nothing_in_events(claim):
    tables, options = events(1.0)
    one = ask(tables, options | {"claim": claim})
    two = ask(tables, options | {"claim": claim, "actors": options["actors"][::-1]})
    assert numbers(one) == numbers(two)


@pytest.mark.parametrize(
    ("copying", "verdict", "swapped"), [(0.0, "contradicted", "supported"), (0.92, "supported", "contradicted")]
)
def test_a_negated_claim_swaps_the_two_sides(copying, verdict, swapped):
    tables, options = votes(copying)
    plain, negated = ask(tables, options), ask(tables, options, negated=True)
    assert (plain.verdict, negated.verdict) == (verdict, swapped)
    assert (plain.p_value, plain.p_contradicted) == (negated.p_contradicted, negated.p_value)
    assert (plain.estimate, plain.interval) == (negated.estimate, negated.interval)


# What it refuses to decide


def common(tables, options):
    """Motions on which both voted, in order."""
    v = tables["votes"]
    sets = [set(v["motion"][(v["actor"] == a) & (v["choice"] != "absent")]) for a in options["actors"]]
    return sorted(sets[0] & sets[1])


@pytest.mark.parametrize("claim", ["staged", "aligned"])
@pytest.mark.parametrize("motions", [9, 10])
def test_nine_common_motions_are_too_few(claim, motions):
    tables, options = votes()
    keep = np.isin(tables["votes"]["motion"], common(tables, options)[:motions])
    found = ask(only(tables, "votes", keep), options | {"claim": claim})
    assert found.n == motions
    assert (found.verdict == Verdict.UNTESTED) == (motions < 10)
    assert found.details["common_motions"] == motions


@pytest.mark.parametrize("statements", [7, 8])
@pytest.mark.parametrize("side", [0, 1])
def test_seven_statements_are_too_few(statements, side):
    tables, options = votes(0.92)
    mine = np.flatnonzero(tables["statements"]["actor"] == options["actors"][side])
    keep = np.ones(len(tables["statements"]["actor"]), dtype=bool)
    keep[mine[statements:]] = False
    found = ask(only(tables, "statements", keep), options)
    assert (found.verdict == Verdict.UNTESTED) == (statements < 8)
    assert (
        f"{statements} statements of {options['actors'][0]}" if side == 0 else f"and {statements} of"
    ) in found.reason or statements == 8


@pytest.mark.parametrize("speakers", [7, 8])
def test_seven_other_speakers_are_too_few(speakers):
    tables, options = votes(0.92)
    others = sorted(set(tables["statements"]["actor"]) - set(options["actors"]))[:speakers]
    found = ask(
        only(tables, "statements", np.isin(tables["statements"]["actor"], [*options["actors"], *others])), options
    )
    assert (f"Only {speakers} other voters" in found.reason) == (speakers < 8)


def test_without_words_the_deeds_are_shown_and_nothing_is_decided():
    tables, options = votes(0.92)
    found = ask(only(tables, "statements", slice(0, 0)), options)
    assert found.verdict == Verdict.UNTESTED
    assert found.estimate is None
    assert "Their words are missing" in found.reason
    assert "kayfabe evidence add" in found.reason
    for name in ("raw_agreement", "kappa", "alpha", "A", "A_interval", "A_percentile", "by_year"):
        assert found.details[name] is not None
    assert not found.details["votes_alone_against"]
    deeds = next(i for i in found.items if i.key["side"] == "deeds")
    assert deeds.estimate == found.details["A"]


def opposed(apart_from_usual):
    """40 actors who always vote with chance .5, two of whom differ on all motions (or as often as anybody)."""
    rng = np.random.default_rng(0)
    tables, options = votes()
    v = tables["votes"]
    choice = rng.choice(np.array(["yes", "no"], dtype=object), len(v["choice"]))
    a, b = options["actors"]
    if apart_from_usual:
        by_motion = dict(zip(v["motion"][v["actor"] == a], choice[v["actor"] == a], strict=True))
        mine = np.flatnonzero(v["actor"] == b)
        choice[mine] = ["no" if by_motion[m] == "yes" else "yes" for m in v["motion"][mine]]
    return only(with_column(tables, "votes", choice=choice), "statements", slice(0, 0)), options


def test_votes_alone_speak_against_it_when_the_whole_interval_is_above_the_usual():
    found = ask(*opposed(True))
    assert found.verdict == Verdict.UNTESTED
    assert found.details["A_interval"][1] < 0
    assert "Their votes alone already speak against it" in found.reason


def test_votes_alone_say_nothing_when_the_interval_holds_the_usual():
    found = ask(*opposed(False))
    assert found.details["A_interval"][0] < 0 < found.details["A_interval"][1]
    assert "votes alone" not in found.reason


def test_words_that_tell_nobody_apart_decide_nothing():
    tables, options = votes(0.92)
    found = ask(with_column(tables, "statements", stance=np.full(len(tables["statements"]["stance"]), 0.5)), options)
    assert found.verdict == Verdict.UNTESTED
    assert "do not tell the actors apart" in found.reason


def test_words_of_noise_are_rarely_taken_for_a_quarrel():
    tables, options = votes(0.92)
    found = []
    for seed in range(24):
        noise = np.random.default_rng(seed).normal(0, 0.4, len(tables["statements"]["stance"])).clip(-1, 1)
        found.append(ask(with_column(tables, "statements", stance=noise), options).verdict)
    assert found.count(Verdict.SUPPORTED) <= 1.2 + 2 * np.sqrt(1.2 * 0.95)
    assert found.count(Verdict.UNTESTED) >= 12


def test_friends_in_words_stage_no_quarrel():
    tables, options = votes(0.92)
    said = tables["statements"]
    stance = said["stance"].copy()
    stance[np.isin(said["actor"], options["actors"])] = 0.3
    found = ask(with_column(tables, "statements", stance=stance), options)
    assert found.verdict == Verdict.CONTRADICTED
    assert "do not quarrel" in found.reason


def test_one_title_for_everything_is_one_observation():
    tables, options = votes(0.92)
    same = np.full(len(tables["votes"]["title"]), "text", dtype=object)
    many, one = ask(tables, options), ask(with_column(tables, "votes", title=same), options)
    assert many.verdict == Verdict.SUPPORTED
    assert one.estimate == many.estimate
    assert one.estimate - one.interval[0] > 4 * (many.estimate - many.interval[0])


def test_motions_without_a_title_are_each_their_own():
    tables, options = votes(0.92)
    motion = tables["votes"]["motion"]
    titled = ask(with_column(tables, "votes", title=motion), options)
    for empty in (np.full(len(motion), None, dtype=object), None):
        bare = {c: v for c, v in tables["votes"].items() if c != "title"} | ({} if empty is None else {"title": empty})
        assert numbers(ask(tables | {"votes": bare}, options)) == numbers(titled)


DEGENERATE = {
    "A always votes yes": lambda t, a, b: with_column(
        t, "votes", choice=np.where(t["votes"]["actor"] == a, "yes", t["votes"]["choice"])
    ),
    "everybody votes yes": lambda t, a, b: with_column(
        t, "votes", choice=np.full(len(t["votes"]["choice"]), "yes", dtype=object)
    ),
    "everybody is absent": lambda t, a, b: with_column(
        t, "votes", choice=np.full(len(t["votes"]["choice"]), "absent", dtype=object)
    ),
    "A is absent": lambda t, a, b: with_column(
        t, "votes", choice=np.where(t["votes"]["actor"] == a, "absent", t["votes"]["choice"])
    ),
    "another is absent": lambda t, a, b: with_column(
        t, "votes", choice=np.where(t["votes"]["actor"] == "a39", "absent", t["votes"]["choice"])
    ),
    "only the two differ": lambda t, a, b: with_column(
        t, "votes", choice=np.where(t["votes"]["actor"] == b, "no", "yes").astype(object)
    ),
    "three actors": lambda t, a, b: only(t, "votes", np.isin(t["votes"]["actor"], [a, b, "a00", "a01"][:4])),
    "two actors": lambda t, a, b: only(t, "votes", np.isin(t["votes"]["actor"], [a, b])),
    "A far from all in words": lambda t, a, b: with_column(
        t, "statements", stance=np.where(t["statements"]["actor"] == a, -1.0, 1.0)
    ),
    "one issue of one actor": lambda t, a, b: with_column(
        t, "statements", issue=np.where(t["statements"]["actor"] == a, "own", "rest").astype(object)
    ),
    "every actor an issue": lambda t, a, b: with_column(t, "statements", issue=t["statements"]["actor"]),
    "only the two speak": lambda t, a, b: only(t, "statements", np.isin(t["statements"]["actor"], [a, b])),
    "before 1900": lambda t, a, b: {k: v | {"at": v["at"] - np.timedelta64(73000, "D")} for k, v in t.items()},
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("claim", ["staged", "aligned"])
@pytest.mark.parametrize("change", DEGENERATE)
def test_odd_data_give_finite_numbers_or_none(change, claim):
    tables, options = votes()
    found = ask(DEGENERATE[change](tables, *options["actors"]), options | {"claim": claim})
    assert finite(found.model_dump())
    assert to_json(found)
    assert found.verdict != Verdict.SUPPORTED
    assert ACCORD.charts(found) is not None


# Events


def thinned(tables, options, channel, keep):
    """The events of the two in one channel cut to `keep`; those of nobody else."""
    e = tables["events"]
    mine = np.flatnonzero((e["source"] == options["actors"][0]) & (e["channel"] == channel))
    stays = np.ones(len(e["source"]), dtype=bool)
    stays[mine[keep:]] = False
    return only(tables, "events", stays)


@pytest.mark.parametrize(("channel", "least"), [("word", 20), ("deed", 10)])
def test_too_few_events_of_the_two(channel, least):
    tables, options = events()
    assert ask(thinned(tables, options, channel, least), options).verdict != Verdict.UNTESTED
    found = ask(thinned(tables, options, channel, least - 1), options)
    assert found.verdict == Verdict.UNTESTED
    assert f"{least} " in found.reason or f"and {least} are needed" in found.reason
    assert found.details["deeds_mean"] is not None


@pytest.mark.parametrize("others", [14, 15])
def test_fourteen_other_dyads_are_too_few(others):
    tables, options = events(dyads=others + 1)
    assert (ask(tables, options).verdict == Verdict.UNTESTED) == (others < 15)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("channel", ["word", "deed", None])
def test_scores_that_do_not_vary_decide_nothing(channel):
    tables, options = events()
    e = tables["events"]
    score = np.where((e["channel"] == channel) | (channel is None), 2.0, e["score"])
    found = ask(with_column(tables, "events", score=score), options)
    assert found.verdict == Verdict.UNTESTED
    assert finite(found.model_dump())


@pytest.mark.parametrize(
    "window", [("0001-01-01", "0001-02-01"), ("9999-11-01", "9999-12-30"), ("2018-06-01", "2018-06-01")]
)
def test_windows_at_the_ends_of_time(window):
    tables, options = events()
    assert ask(tables, options | {"since": window[0], "until": window[1]}).verdict == Verdict.UNTESTED


def test_deeds_much_warmer_than_words_promise_are_found():
    found = [ask(*events(4.0, seed=s, picked=True)) for s in range(5)]
    assert sum(f.verdict == Verdict.SUPPORTED for f in found) >= 4


# Splits


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("split", ["1800-01-01", "2016-02-29", "2017-02-28", "2200-01-01"])
def test_splits_anywhere(split):
    tables, options = votes()
    found = ask(tables, options | {"split": split, "claim": "aligned"})
    assert finite(found.model_dump())
    assert found.details["split"]["sentence"]
    assert (found.details["split"]["change"] is None) == (split in ("1800-01-01", "2200-01-01"))


def test_a_leap_day_has_its_placebos_every_year():
    rng = np.random.default_rng(0)
    days = np.arange("2008-01-01", "2017-01-01", 20, dtype="datetime64[D]")
    motions = len(days)
    actors = [f"a{k}" for k in range(12)]
    table = {
        "motion": [f"m{k}" for k in range(motions) for _ in actors],
        "at": np.repeat(days, len(actors)).astype("datetime64[us]"),
        "title": [f"title {k % 12}" for k in range(motions) for _ in actors],
        "actor": actors * motions,
        "choice": rng.choice(["yes", "no"], motions * len(actors)),
    }
    options = {"actors": ["a0", "a1"], "claim": "aligned", "split": "2016-02-29", "since": "2015-02-28"}
    found = ask({"votes": table}, options).details["split"]["placebos"]
    assert [p["split"] for p in found][:5] == ["2015-02-28", "2014-02-28", "2013-02-28", "2012-02-28", "2011-02-28"]


def test_one_recurring_title_is_compared_and_has_width():
    tables, options = votes()
    v = tables["votes"]
    title = np.where(np.isin(v["motion"], ["m1", "m158"]), "again", v["motion"]).astype(object)
    mine = with_column(
        tables, "votes", title=title, choice=np.where(np.isin(v["motion"], ["m1", "m158"]), "yes", v["choice"])
    )
    part = ask(mine, options | {"split": "2017-01-01", "claim": "aligned"}).details["split"]["recurring"]
    assert (part["titles"], part["before"], part["after"], part["change"]) == (1, 1.0, 1.0, 0.0)
    assert part["interval"][0] < -0.3 < 0.3 < part["interval"][1]


def test_parts_add_up_to_the_change():
    tables, options = votes()
    split = ask(tables, options | {"split": "2017-01-01", "claim": "aligned"}).details["split"]
    assert split["parts"]["within_recurring"] + split["parts"]["composition"] == pytest.approx(split["change"])

"""influence: the kernel against direct sums; the instrument on planted acts and positions."""

import numpy as np
import pytest

from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.influence import INSTRUMENT
from kayfabe.instruments.influence_record import Rows
from kayfabe.instruments.influence_worlds import Nature, acts, positions
from kayfabe.models import Claim, Finding, Kind, Mention, Verdict
from kayfabe.stats import leading

WORLDS = 40
ALLOWED = 0.05 + 2 * np.sqrt(0.05 * 0.95 / WORLDS)


def finding(world, negated=False, **options):
    evidence = Evidence.from_tables(world.tables)
    try:
        return judge([run(INSTRUMENT, {**world.options, **options}, evidence, negated=negated)])[0]
    finally:
        evidence.close()


def rate(verdict, make, nature, worlds=WORLDS, **options):
    rng = np.random.default_rng(7)
    return np.mean([finding(make(rng, nature), **options).verdict == verdict for _ in range(worlds)])


def test_windows_equal_the_sums_written_out():
    rng = np.random.default_rng(1)
    residual = rng.normal(size=(3, 150))
    w = leading._lagged(residual, 7, np.ones(3))
    for i in range(3):
        for j in range(3):
            after = sum(residual[i, d] * residual[j, d + k] for k in range(1, 8) for d in range(150 - k))
            before = sum(residual[i, d] * residual[j, d - k] for k in range(1, 8) for d in range(k, 150))
            assert w.after[i, j] == pytest.approx(after)
            assert w.before[i, j] == pytest.approx(before)
    ends = [(residual[0], residual[1]), (residual[0, ::-1], residual[1, ::-1])]
    far = [
        sum(float(a[: 150 - s - k] @ b[s + k :]) for k in range(1, 8)) ** 2 * 150 / (150 - s)
        for a, b in ends
        for s in range(21, 76)
    ]
    assert w.sd[0, 1] == pytest.approx(np.sqrt(np.mean(far)))


def test_position_windows_equal_the_sums_written_out():
    rng = np.random.default_rng(2)
    position = np.clip(rng.normal(size=(2, 6, 30)), -1, 1)
    change = np.diff(position, axis=2)
    w = leading.position_windows(position, 2, 4)
    after = sum(
        change[0, k, t] * change[1, k, t + lag] / 4 for k in range(6) for lag in (2, 3, 4) for t in range(29 - lag)
    )
    crossed = [
        sum(change[0, a, t] * change[1, b, t + lag] / 4 for lag in (2, 3, 4) for t in range(29 - lag))
        for a in range(6)
        for b in range(6)
        if a != b
    ]
    assert w.after[0, 1] == pytest.approx(after)
    assert w.sd[0, 1] == pytest.approx(np.sqrt(6 * np.mean(np.square(crossed))))


def test_smoothed_positions_follow_a_clear_change_and_know_a_coin():
    net = np.zeros((6, 100))
    net[:, ::3] = 1
    net[:, 50:] *= -1
    chain = leading.smoothed_positions(net)
    assert (chain.position[:, :45] > 0.9).all()
    assert (chain.position[:, 56:] < -0.9).all()
    assert chain.gain > 50
    coin = np.random.default_rng(3).choice([-1.0, 1.0], (6, 100))
    assert leading.smoothed_positions(coin).gain < 10


def test_usual_activity_keeps_totals_and_weekdays():
    rng = np.random.default_rng(4)
    weekday = np.arange(700) % 7
    counts = rng.poisson(np.where(weekday >= 5, 0.2, 2.0), (2, 700)).astype(float)
    usual = leading.usual_activity(counts, weekday, np.ones(700, dtype=bool))
    assert usual.sum(axis=1) == pytest.approx(counts.sum(axis=1), rel=0.02)
    assert usual[0, weekday >= 5].mean() == pytest.approx(counts[0, weekday >= 5].mean(), rel=0.15)


def test_the_second_opinion_finds_the_planted_trigger_and_no_other():
    rng = np.random.default_rng(5)
    counts = rng.poisson(0.3, (3, 1000)).astype(float)
    for d, k in zip(*np.nonzero(counts[:1].T), strict=True):
        counts[1, min(999, d + 1 + int(rng.integers(7)))] += k == 0 and rng.random() < 0.6
    usual, seen = np.full_like(counts, 0.3), np.ones(1000, dtype=bool)
    effect, p = leading.hawkes_p(counts, usual, seen, 0, 1, 7)
    assert effect == pytest.approx(0.6, abs=0.2)
    assert p < 0.001 < leading.hawkes_p(counts, usual, seen, 2, 1, 7)[1]


def test_acts_hold_their_size_with_shocks_and_a_fast_reactor():
    assert rate(Verdict.SUPPORTED, acts, Nature(shocks=12, fast=True)) <= ALLOWED


def test_acts_at_the_margin_are_rarely_supported():
    assert rate(Verdict.SUPPORTED, acts, Nature(effect=0.05, missing=0.2)) <= ALLOWED


def test_strong_influence_on_acts_is_found_in_its_direction():
    found = finding(acts(np.random.default_rng(1), Nature(effect=0.8)))
    assert found.verdict == Verdict.SUPPORTED
    standing = [i.key for i in found.items if i.q_value < 0.05]
    assert standing == [{"leader": "a0", "follower": "a1"}]
    assert found.interval[0] <= 0.8 <= found.interval[1] + 0.1
    assert rate(Verdict.SUPPORTED, acts, Nature(effect=0.8), 20) >= 0.9


def test_only_the_claimed_direction_counts():
    world = acts(np.random.default_rng(1), Nature(effect=0.8))
    assert finding(world, leader="a0").verdict == Verdict.SUPPORTED
    assert finding(world, leader="a1").verdict != Verdict.SUPPORTED
    assert len(finding(world, leader="a1").items) == 1


def test_they_cannot_influence_him_needs_the_effect_excluded():
    world = acts(np.random.default_rng(2), Nature(busy=400, uneven=0.2))
    found, denied = finding(world), finding(world, negated=True)
    assert (found.verdict, denied.verdict) == (Verdict.CONTRADICTED, Verdict.SUPPORTED)
    assert found.excludable == 0.25
    assert (
        "An effect of 0.25 or more is excluded: none of them moved another that much. Weaker influence is not excluded"
        in found.reason
    )
    thin = acts(np.random.default_rng(2), Nature(busy=90))
    assert finding(thin, negated=True).verdict != Verdict.SUPPORTED
    assert rate(Verdict.CONTRADICTED, acts, Nature(effect=0.4), 20) <= 0.1


def test_positions_or_acts_whichever_the_evidence_holds():
    world = positions(np.random.default_rng(3), Nature(effect=0.95, issues=12, turns=5))
    found = finding(world, by=None)
    assert found.details["way"] == "positions"
    assert found.verdict == Verdict.SUPPORTED
    coin = dict(world.tables["statements"])
    coin["stance"] = np.random.default_rng(4).choice([-1.0, 1.0], len(coin["stance"]))
    again = finding(type(world)({"statements": coin}, {"actors": ["a0", "a1"]}))
    assert again.details["way"] == "acts"
    assert "no lasting positions" in again.reason


def test_too_little_is_untested_and_says_what_to_add():
    rng = np.random.default_rng(5)
    for nature in (Nature(days=150), Nature(actors=3), Nature(busy=20)):
        found = finding(acts(rng, nature))
        assert found.verdict == Verdict.UNTESTED
        assert "kayfabe evidence add" in found.reason


def test_examples_are_leader_before_follower():
    found = finding(positions(np.random.default_rng(6), Nature(effect=0.95, issues=12, turns=5)))
    shown = found.details["pairs"][0]["examples"]
    assert shown
    assert all(e["leader_at"] < e["follower_at"] for e in shown)


@pytest.mark.parametrize(
    ("roles", "leader"), [(("acts", "undergoes"), "she"), (("undergoes", "acts"), "him"), ((None, None), None), (("acts", "acts"), None)]
)
def test_the_leader_is_who_is_said_to_act(roles, leader):
    claim = Claim(
        id="c", start=0, end=14, text="She moved him.", kind=Kind.INFLUENCE,
        actors=[Mention(mention=n, start=0, end=1, actor=n, role=r) for n, r in zip(("she", "him"), roles, strict=True)],
    )  # fmt: skip
    assert INSTRUMENT.option("leader").fill(claim) == leader


def test_who_leads_whom_is_shown_as_a_network_of_three_or_more():
    pair = {"estimate": 0.4, "interval": [0.1, 0.7], "after": 9.0, "before": 1.0}
    pairs = [
        pair | {"leader": "a", "follower": "b", "word": "leads"},
        pair | {"leader": "b", "follower": "c", "word": "no lead shown"},
    ]
    details = {"pairs": pairs, "way": "acts", "unit": "acts", "window": 7, "moves": {"a": 3.0, "b": 2.0, "c": 1.0}}
    finding = Finding(instrument="influence", question="?", verdict="supported", details=details)
    network = INSTRUMENT.charts(finding)[0]
    assert [(t.source, t.target, t.kind) for t in network.ties] == [("a", "b", "leads")]
    assert [n.name for n in network.nodes] == ["a", "b", "c"]
    fewer = Finding(
        instrument="influence", question="?", verdict="supported", details=details | {"moves": {"a": 1, "b": 1}}
    )
    assert not hasattr(INSTRUMENT.charts(fewer)[0], "ties")


def test_an_example_is_on_the_very_issue_and_not_on_one_whose_name_contains_it():
    issue = np.array(["tax 10", "tax 1; war", "tax"], dtype=object)
    rows = Rows(np.zeros(3, int), np.arange(3), np.array(["a", "b", "c"]), issue, np.ones(3))
    assert rows.on("tax 1").tolist() == [False, True, False]
    assert rows.on("tax").tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("busy", "words"), [(70, "as the record is sparse"), (600, "a Hawkes process with every actor in it")]
)
def test_the_finding_says_which_method_was_used_and_why(busy, words):
    found = finding(acts(np.random.default_rng(4), Nature(effect=0.3, busy=busy, uneven=0.1)))
    assert words in found.reason
    assert "coincidences expected by chance" in found.reason

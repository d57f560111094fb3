"""deal: the kernels against exact values and brute force, which rows count, what an old or a single word is worth."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kayfabe.errors import BadOption, UnknownName
from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.deal import INSTRUMENT
from kayfabe.instruments.deal_refusal import asserted
from kayfabe.models import Claim, Kind, Verdict
from kayfabe.stats import packages

ACTORS = ("north", "south")


def store(said, provisions=("1", "2"), other=False, heading=None):
    """`said`: (actor, issue, stance, times, days before the end)."""
    rows = [(a, i, s, d + k) for a, i, s, times, d in said for k in range(times)]
    rows.append(("witness", "elsewhere", -1.0, 5))  # the coding knows both signs
    end = np.datetime64("2025-12-31")
    names = [*provisions, *(provisions if other else ())]
    return {
        "provisions": {
            "agreement": ["plan"] * len(provisions) + ["pact"] * (len(names) - len(provisions)),
            "provision": names, "heading": [heading] * len(names), "text": ["text"] * len(names),
        },
        "statements": {
            "statement": [f"s{k}" for k in range(len(rows))], "actor": [r[0] for r in rows], "issue": [r[1] for r in rows],
            "stance": [r[2] for r in rows], "at": [end - np.timedelta64(int(r[3]), "D") for r in rows],
        },
    }  # fmt: skip


def finding(tables, **options):
    evidence = Evidence.from_tables(tables)
    try:
        return judge([run(INSTRUMENT, {"agreement": "plan", "actors": list(ACTORS), **options}, evidence)])[0]
    finally:
        evidence.close()


def agreeing(times=30, **more):
    return store([(a, "plan:1", 1.0, times, 0) for a in ACTORS], **more)


def verdict_of(found, actor, provision):
    return next(c for c in found.details["cells"] if (c["actor"], c["provision"]) == (actor, provision))["verdict"]


@pytest.mark.parametrize(("k", "n"), [(3, 10), (9, 10), (10, 10)])
def test_whole_counts_are_exact_binomials(k, n):
    q = 2 / 3 + 0.05 / 3
    assert float(packages.above(np.array(float(k)), np.array(float(n)), 2 / 3, 0.05)) == pytest.approx(stats.binom.sf(k - 1, n, q))
    assert float(packages.below(np.array(float(k)), np.array(float(n)), 2 / 3, 0.05)) == pytest.approx(stats.binom.cdf(k, n, 0.95 * 2 / 3))


def test_bounds_without_error_are_clopper_pearson():
    low, high = packages.bounds(np.array([7.0]), np.array([10.0]), 0.025, 0.0)
    exact = stats.binomtest(7, 10).proportion_ci(method="exact")
    assert (float(low[0]), float(high[0])) == pytest.approx((exact.low, exact.high))


def test_aged_counts_keep_their_size():
    rng = np.random.default_rng(0)
    weight = packages.aged(rng.integers(0, 900, 40), 365)
    favours = rng.random((4000, 40)) < 2 / 3
    p = packages.above((favours * weight).sum(axis=1), np.full(4000, weight.sum()), 2 / 3, 0.0)
    assert (p <= 0.05).mean() <= 0.05
    assert (p <= 0.01).mean() <= 0.01


def test_unanimity_needed():
    n = packages.unanimous(2 / 3, 0.05, 0.025)
    q = 2 / 3 + 0.05 / 3
    assert q**n <= 0.025 < q ** (n - 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.01, 0.999), min_size=1, max_size=9))
def test_packages_are_the_largest_and_likeliest(chances):
    accepted = np.array(chances)
    every = [(float(np.prod(accepted[list(c)])), c) for r in range(1, len(accepted) + 1) for c in combinations(range(len(accepted)), r)]
    fine = [(p, c) for p, c in every if p >= 0.5]
    found = packages.best_packages(accepted, most=3)
    if not fine:
        assert found == []
        return
    size = max(len(c) for _, c in fine)
    best = sorted((p for p, c in fine if len(c) == size), reverse=True)[:3]
    assert [len(f.members) for f in found] == [size] * len(best)
    assert [f.probability for f in found] == pytest.approx(best)


def test_many_provisions_are_searched_quickly():
    assert len(packages.best_packages(np.full(60, 0.95), most=5)) == 5


def test_two_who_always_favour_a_provision_accept_it():
    found = finding(agreeing())
    assert found.verdict == Verdict.SUPPORTED
    assert verdict_of(found, "north", "1") == "accepts"
    assert found.details["packages"][0]["provisions"] == ["1"]


def test_one_who_is_divided_blocks_support():
    said = [("north", "plan:1", 1.0, 60, 0), ("south", "plan:1", 1.0, 30, 0), ("south", "plan:1", -1.0, 30, 30)]
    assert finding(store(said)).verdict != Verdict.SUPPORTED


def test_who_rejects_everything_contradicts_and_is_named_with_rows():
    said = [(a, f"plan:{p}", 1.0 if a == "north" else -1.0, 30, 0) for a in ACTORS for p in "12"]
    found = finding(store(said))
    assert found.verdict == Verdict.CONTRADICTED
    assert found.details["provisions"][0]["blocked_by"] == ["south"]
    item = next(i for i in found.items if i.key == {"actor": "south", "provision": "1"})
    assert item.evidence
    assert all(r.startswith("statements:s") for r in item.evidence)
    assert found.details["concessions"][0]["actor"] == "south"


def test_silence_neither_accepts_nor_blocks():
    found = finding(store([("north", "plan:1", 1.0, 40, 0), ("south", "elsewhere", 1.0, 40, 0)]))
    assert found.verdict == Verdict.UNTESTED
    assert verdict_of(found, "south", "1") == "silent"


def test_old_words_do_not_carry_the_present():
    old = store([("north", "plan:1", 1.0, 30, 0), ("south", "plan:1", 1.0, 30, 2000)])
    assert finding(old).verdict != Verdict.SUPPORTED
    assert finding(old, halflife=36500).verdict == Verdict.SUPPORTED


def test_many_rows_of_one_day_are_one_occasion():
    tables = agreeing()
    tables["statements"]["at"] = [np.datetime64("2025-12-31")] * len(tables["statements"]["at"])
    assert finding(tables).verdict == Verdict.UNTESTED


def test_a_bare_number_counts_only_where_it_is_unique():
    def bare(other):
        return store([(a, "1", 1.0, 30, 0) for a in ACTORS], other=other)

    assert finding(bare(False)).verdict == Verdict.SUPPORTED
    assert finding(bare(True)).verdict == Verdict.UNTESTED


def test_a_shared_heading_matches_nothing():
    said = [(a, "Ceasefire", 1.0, 30, 0) for a in ACTORS]
    assert finding(store(said, heading="Ceasefire")).verdict == Verdict.UNTESTED
    assert finding(store(said, provisions=("1",), heading="Ceasefire")).verdict == Verdict.SUPPORTED


def test_neutral_words_are_not_acceptance():
    assert finding(store([(a, "plan:1", s, 30, d) for a in ACTORS for s, d in ((1.0, 0), (0.0, 40))])).verdict != Verdict.SUPPORTED


def test_votes_count_too():
    tables = store([("north", "plan:1", 1.0, 30, 0)])
    end = np.datetime64("2025-12-31")
    tables["votes"] = {
        "motion": [f"m{k}" for k in range(31)], "at": [end - np.timedelta64(k, "D") for k in range(31)], "actor": ["south"] * 31,
        "issue": ["plan:1"] * 30 + ["else"], "choice": ["yes"] * 30 + ["no"],
    }  # fmt: skip
    assert finding(tables).verdict == Verdict.SUPPORTED


def test_one_sign_everywhere_decides_nothing():
    tables = agreeing()
    tables["statements"]["stance"] = [1.0] * len(tables["statements"]["stance"])
    found = finding(tables)
    assert found.verdict == Verdict.UNTESTED
    assert "same sign" in found.reason


def test_an_unknown_agreement_is_the_users_error():
    with pytest.raises(UnknownName, match="plan"):
        finding(agreeing(), agreement="plna")


def unacceptable(tables, actors=ACTORS):
    return finding(tables, claim="unacceptable", actors=list(actors))


def test_one_actor_that_rejects_a_provision_finds_it_unacceptable_whatever_others_say():
    said = [("south", "plan:1", -1.0, 30, 0), ("south", "plan:2", 1.0, 30, 0), ("north", "plan:1", 1.0, 30, 0), ("north", "plan:2", 1.0, 30, 0)]
    found = unacceptable(store(said), ["south"])
    assert found.verdict == Verdict.SUPPORTED
    assert "Rejected: south rejects 1." in found.reason
    item = next(i for i in found.items if i.key == {"actor": "south", "provision": "1"})
    assert item.evidence
    assert unacceptable(store(said), ["north"]).verdict == Verdict.CONTRADICTED
    assert unacceptable(store(said)).verdict == Verdict.CONTRADICTED  # north rejects none


def test_a_divided_actor_neither_rejects_nor_is_silent():
    said = [("south", f"plan:{p}", s, 15, d) for p in "12" for s, d in ((1.0, 0), (-1.0, 20))]
    assert unacceptable(store(said), ["south"]).verdict != Verdict.SUPPORTED


def test_acceptance_needs_two_and_refusal_one():
    with pytest.raises(BadOption, match="two or more"):
        finding(agreeing(), actors=["north"])


@pytest.mark.parametrize(
    ("text", "negated", "claim"),
    [("The plan is radically unacceptable for us.", False, "unacceptable"), ("Kyiv will never accept these terms.", False, "unacceptable"),
     ("Moscow does not reject the plan.", True, "unacceptable"), ("Russia will not accept it.", True, None), ("План неприемлем для Киева.", False, "unacceptable"),
     ("Both sides accept the ceasefire.", False, None)],
)  # fmt: skip
def test_what_a_claim_asserts(text, negated, claim):
    assert asserted(Claim(id="c", start=0, end=len(text), text=text, kind=Kind.DEAL_TERMS, negated=negated)) == claim


def test_several_coders_of_a_statement_count_by_the_one_rule():
    tables = agreeing()
    said = tables["statements"]
    n = len(said["statement"])
    thrice = {c: [v for v in vs for _ in range(3)] for c, vs in said.items()}
    thrice["coder"] = ["a", "b", "c"] * n
    thrice["stance"] = [s if c != "c" else -s for s, c in zip(thrice["stance"], thrice["coder"], strict=True)]
    one, three = finding(tables), finding({**tables, "statements": thrice})
    assert (three.verdict, three.estimate, three.interval, three.n) == (one.verdict, one.estimate, one.interval, one.n)
    assert three.details["coders"]["coders"] == 3


def test_latest_words_that_run_against_the_earlier_ones_are_a_turn():
    cell = np.repeat([0, 1, 2], [40, 40, 6])
    good = np.ones(86, dtype=bool)
    good[37:40] = False  # three of forty, the last ones
    good[[50, 60, 70]] = False  # three of forty, here and there
    good[83:] = False  # half of six: as many before, so it may be judged
    assert packages.turned(good, cell)[[0, 40, 80]].tolist() == [3, 0, 3]
    assert stats.binom.cdf(0, 3, 0.9) < packages.TURNED < stats.binom.cdf(1, 3, 0.9)


def test_old_acceptance_does_not_outweigh_a_late_refusal():
    told = [("north", "plan:1", 1.0, 60, 0), ("south", "plan:1", 1.0, 60, 10)]
    assert finding(store(told)).verdict == Verdict.SUPPORTED
    found = finding(store([*told, ("south", "plan:1", -1.0, 4, 0)]))
    assert found.verdict != Verdict.SUPPORTED
    cell = next(c for c in found.details["cells"] if c["actor"] == "south")
    assert (cell["turned"], cell["occasions"], round(cell["aged_occasions"])) == ("2025-12-28", 64, 4)
    assert any("south on 1 since 2025-12-28" in c for c in found.caveats)


def test_one_last_word_against_is_enough_not_to_stand():
    told = [("north", "plan:1", 1.0, 60, 0), ("south", "plan:1", 1.0, 60, 10)]
    assert finding(store([*told, ("south", "plan:1", -1.0, 1, 0)])).verdict != Verdict.SUPPORTED

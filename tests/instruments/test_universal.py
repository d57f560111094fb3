"""universal: what breaks a rule, how many counterexamples it takes, and when silence is an answer."""

import numpy as np
import pytest
from scipy import stats

from kayfabe.evidence import Evidence
from kayfabe.instruments import instrument, judge, run
from kayfabe.models import Verdict

UNIVERSAL = instrument("universal")


def ask(tables, negated=False, **options):
    evidence = Evidence.from_tables(tables)
    try:
        return judge([run(UNIVERSAL, {"actor": "north", **options}, evidence, negated=negated)])[0]
    finally:
        evidence.close()


def events(scores, days=None, target="south", channel="deed"):
    """One event a day, or on the `days` given."""
    n = len(scores)
    days = np.arange(n) if days is None else np.asarray(days)
    return {
        "events": {
            "event": [f"e{k:04d}" for k in range(n)],
            "at": (np.datetime64("2020-01-01") + days).astype("datetime64[us]"),
            "source": ["north"] * n,
            "target": [target] * n,
            "channel": [channel] * n,
            "score": [float(s) for s in scores],
        }
    }


def votes(mine, theirs=None, same_day=False):
    """One meeting a day, in which north (and south) chose so."""
    n = len(mine)
    at = np.datetime64("2020-01-01") + np.arange(n) * (not same_day)
    sides = [("north", mine)] + ([("south", theirs)] if theirs else [])
    return {
        "votes": {
            "motion": [f"m{k:04d}" for _ in sides for k in range(n)],
            "at": np.concatenate([at] * len(sides)).astype("datetime64[us]"),
            "actor": [a for a, _ in sides for _ in range(n)],
            "choice": [c for _, choices in sides for c in choices],
        }
    }


def statements(stances):
    n = len(stances)
    return {
        "statements": {
            "statement": [f"s{k:04d}" for k in range(n)],
            "at": (np.datetime64("2020-01-01") + np.arange(n)).astype("datetime64[us]"),
            "actor": ["north"] * n,
            "issue": ["war"] * n,
            "stance": [float(s) for s in stances],
        }
    }


# What breaks a rule


@pytest.mark.parametrize(
    ("quantifier", "sign", "broken"),
    [("always", "+", 2), ("always", "-", 2), ("never", "+", 1), ("never", "-", 1)],
)
@pytest.mark.parametrize("table", ["votes", "events", "statements"])
def test_a_zero_or_an_abstention_breaks_always_and_not_never(table, quantifier, sign, broken):
    tables = {
        "votes": votes(["yes", "no", "abstain"]),
        "events": events([1, -1, 0]),
        "statements": statements([1, -1, 0]),
    }
    found = ask(tables[table], **{"in": table}, sign=sign, quantifier=quantifier, error=0)
    assert found.details["counterexamples"] == broken
    assert (found.estimate, found.n) == (broken / 3, 3)


def test_absences_do_not_count():
    assert ask(votes(["yes", "absent", "yes"]), **{"in": "votes"}, sign="+").n == 2


@pytest.mark.parametrize(
    ("sign", "quantifier", "broken"),
    [("+", "always", 3), ("-", "always", 4), ("+", "never", 2), ("-", "never", 1)],
)
def test_toward_in_votes_compares_votes(sign, quantifier, broken):
    mine = ["yes", "no", "yes", "abstain", "yes", "yes"]
    theirs = ["yes", "no", "no", "yes", "abstain", "absent"]  # same, same, opposite, neither, neither, not counted
    found = ask(votes(mine, theirs), **{"in": "votes"}, toward="south", sign=sign, quantifier=quantifier)
    assert (found.n, found.details["counterexamples"]) == (5, broken)


def test_toward_and_channel_choose_the_events():
    tables = events([1, 1, -1, 1])
    tables["events"]["target"] = ["south", "west", "south", "south"]
    tables["events"]["channel"] = ["deed", "deed", "deed", "word"]
    assert ask(tables, toward="south", sign="+").n == 3
    assert ask(tables, toward="south", channel="deed", sign="+").n == 2


# How many it takes


@pytest.mark.parametrize(
    ("broken", "verdict"),
    [(0, Verdict.SUPPORTED), (1, Verdict.INCONCLUSIVE), (9, Verdict.INCONCLUSIVE), (12, Verdict.CONTRADICTED)],
)
def test_coded_counterexamples_in_a_hundred_days(broken, verdict):
    found = ask(events([-1] * broken + [1] * (100 - broken)), sign="+")
    assert found.verdict == verdict
    assert found.p_contradicted == pytest.approx(stats.binomtest(broken, 100, 0.05, "greater").pvalue)
    assert found.p_value == pytest.approx(stats.binomtest(broken, 100, 0.05, "less").pvalue)
    assert found.interval == pytest.approx(tuple(stats.binomtest(broken, 100).proportion_ci(method="exact")))
    assert len(found.items) == broken


@pytest.mark.parametrize("n", [1, 5, 500])
def test_one_vote_contradicts(n):
    found = ask(votes(["no"] + ["yes"] * (n - 1)), **{"in": "votes"}, sign="+")
    assert found.verdict == Verdict.CONTRADICTED
    assert found.items[0].key == {"row": "m0000:north"}


@pytest.mark.parametrize(("n", "verdict"), [(71, Verdict.INCONCLUSIVE), (72, Verdict.SUPPORTED)])
@pytest.mark.parametrize("table", ["votes", "events"])
def test_seventy_two_occasions_without_exception_support(n, verdict, table):
    tables = votes(["yes"] * n) if table == "votes" else events([1] * n)
    found = ask(tables, **{"in": table}, sign="+")
    assert found.verdict == verdict
    assert found.n_needed == (72 if n < 72 else None)


def test_coding_error_is_adjustable():
    tables = events([-1] * 3 + [1] * 97)
    verdicts = [ask(tables, sign="+", error=e).verdict for e in (0, 0.005, 0.05)]
    assert verdicts == [Verdict.CONTRADICTED, Verdict.CONTRADICTED, Verdict.INCONCLUSIVE]
    assert ask(votes(["no"] + ["yes"] * 99), **{"in": "votes"}, sign="+", error=0.02).verdict == Verdict.INCONCLUSIVE


def test_a_negated_rule_is_supported_by_its_exceptions():
    tables = events([-1] * 20 + [1] * 80)
    plain, negated = ask(tables, sign="+"), ask(tables, negated=True, sign="+")
    assert (plain.verdict, negated.verdict) == (Verdict.CONTRADICTED, Verdict.SUPPORTED)
    assert (plain.p_value, plain.p_contradicted) == (negated.p_contradicted, negated.p_value)


# Occasions


def test_rows_of_one_day_are_one_occasion():
    once, copied = events([1] * 30), events([1] * 90, np.repeat(np.arange(30), 3))
    one, two = ask(once, sign="+"), ask(copied, sign="+")
    assert (one.n, one.interval, one.p_value) == (two.n, two.interval, two.p_value)
    assert two.details["rows"] == 90


def test_votes_of_one_meeting_are_one_occasion():
    assert ask(votes(["yes"] * 40, same_day=True), **{"in": "votes"}, sign="+").n == 1


@pytest.mark.parametrize(("rows", "needed"), [(1, 1), (2, 2), (7, 2), (8, 3), (30, 5)])
def test_a_day_is_broken_by_more_rows_than_coding_errors_explain(rows, needed):
    chances = [stats.binomtest(k, rows, 0.05, "greater").pvalue for k in (needed - 1, needed)]
    assert chances[1] <= 0.05 + 1e-12 < chances[0]
    for broken in (needed - 1, needed):
        found = ask(events([-1] * broken + [1] * (rows - broken), np.zeros(rows, dtype=int)), sign="+")
        assert found.details["broken_occasions"] == (broken == needed)
        assert found.details["counterexamples"] == broken


def test_shifting_days_and_shuffling_rows_changes_nothing():
    rng = np.random.default_rng(0)
    scores, days = rng.choice([-1, 1], 60, p=[0.3, 0.7]), rng.integers(0, 40, 60)
    order = rng.permutation(60)
    one, two = ask(events(scores, days), sign="+"), ask(events(scores[order], days[order] + 146097), sign="+")
    assert (one.estimate, one.interval, one.p_value, one.n) == (two.estimate, two.interval, two.p_value, two.n)


def test_no_occasion_is_untested():
    found = ask(events([1]), toward="north", sign="+")
    assert found.verdict == Verdict.UNTESTED
    assert "kayfabe evidence add" in found.reason


def test_statements_are_made_toward_nobody_and_it_says_so():
    tables = statements([1] * 80) | events([1])
    found = ask(tables, **{"in": "statements"}, toward="south", sign="+")
    assert "--toward is not used" in " ".join(found.caveats)

"""reversal: the kernel against hand-computed values and second implementations; the instrument on planted truths."""

import itertools
import math

import numpy as np
import pytest

from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.reversal import INSTRUMENT
from kayfabe.instruments.reversal_worlds import Nature, statements
from kayfabe.models import Claim, Kind, Verdict
from kayfabe.stats import reversals

POLITICIAN = [-1.0, -1.0, -1.0, -1.0, 1.0, -1.0]


def table(stances, issue="tax", actor="he", gap=14, **more):
    n = len(stances)
    return {
        "statement": [f"{issue}{k}" for k in range(n)],
        "at": (np.datetime64("2024-01-01") + gap * np.arange(n)).astype("datetime64[us]"),
        "actor": [actor] * n,
        "issue": [issue] * n,
        "stance": np.asarray(stances, dtype=float),
        "text": [f"quotation {k}" for k in range(n)],
        **more,
    }


def finding(tables, negated=False, **options):
    evidence = Evidence.from_tables(tables)
    try:
        return judge([run(INSTRUMENT, {"actor": "he", **options}, evidence, negated=negated)])[0]
    finally:
        evidence.close()


def in_world(seed, **nature):
    return statements(np.random.default_rng(seed), Nature(**nature))


@pytest.mark.parametrize(("error", "p"), [(0.05, 0.18), (0.10, 0.34), (0.15, 0.46)])
def test_two_reversals_in_five_by_coding_alone_as_published(error, p):
    assert reversals.reversal_tail(2, 5, error) == pytest.approx(p, abs=0.01)


@pytest.mark.parametrize(("r", "n"), [(5, 8), (7, 12), (8, 16), (9, 20), (12, 30)])
def test_reversals_needed_at_ten_percent_error_as_published(r, n):
    assert reversals.reversal_tail(r, n, 0.10) < 0.05 < reversals.reversal_tail(r - 1, n, 0.10) + 0.001


def test_likelihoods_equal_the_sum_over_all_paths():
    signs, errors = np.array([1, -1, 1, 1]), np.array([0.1, 0.2, 0.1, 0.15])
    constant, once = (float(x[0]) for x in reversals.path_likelihoods(signs[None], errors))
    chain = float(reversals.chain_likelihood(signs[None], errors)[0])

    def seen(path, e):
        return math.prod(1 - e[t] if signs[t] == path[t] else e[t] for t in range(4))

    total = np.zeros(3)
    for slack, weight in zip(reversals.SLACK, reversals.SLACK_WEIGHT, strict=True):
        e = reversals.worse(errors, slack)
        for path in itertools.product([1, -1], repeat=4):
            turns = sum(a != b for a, b in itertools.pairwise(path))
            like = weight * seen(path, e)
            total[0] += like / 2 * (turns == 0)
            total[1] += like / 6 * (turns == 1)
            total[2] += like / 2 * np.mean([s**turns * (1 - s) ** (3 - turns) for s in reversals.SWITCH])
    assert [constant, once, chain] == pytest.approx(np.log(total).tolist())


def test_the_best_path_is_the_best_of_all_with_one_change():
    rng = np.random.default_rng(1)
    for _ in range(20):
        signs, e = rng.choice([-1, 1], 9), rng.uniform(0.05, 0.3, 9)
        weight = np.log((1 - e) / e)
        paths = [s * np.where(np.arange(9) < k, 1, -1) for k in range(10) for s in (1, -1)]
        best = max(float((weight * signs * p).sum()) for p in paths)
        got = reversals.one_change_path(reversals.Series(signs, e, np.zeros(9, dtype=int)))
        assert float((weight * signs * got).sum()) == pytest.approx(best)


def test_reference_error_finds_the_planted_error_and_ignores_clear_changes():
    rng = np.random.default_rng(2)
    series = np.repeat(np.arange(60), 20)
    truth = np.where((series % 5 == 0) & (np.tile(np.arange(20), 60) >= 10), -1, 1)
    signs = np.where(rng.random(1200) < 0.15, -truth, truth)
    errors, n = reversals.reference_error(signs, np.zeros(1200, dtype=int), series)
    assert n == 1200
    assert errors[0] == pytest.approx(0.15, abs=0.03)


def test_double_coding_error_inverts_disagreement():
    assert reversals.double_coding_error(1800, 10_000) == pytest.approx(0.10, abs=0.002)


def test_the_real_politician_is_inconclusive_and_hears_what_would_decide():
    found = finding({"statements": table(POLITICIAN)}, error=0.10)
    assert found.verdict == Verdict.INCONCLUSIVE
    assert (found.details["reversals"], found.details["opportunities"]) == (2, 5)
    assert found.n_needed == 32
    assert "probability 0.34" in found.reason
    assert "second coding" in found.reason
    (item,) = found.items
    assert item.key == {"actor": "he", "issue": "tax", "at": "2024-02-26"}
    (turning,) = found.details["turnings"]
    assert turning["what"].startswith("one dissenting statement")
    assert (turning["from"]["text"], turning["to"]["text"]) == ("quotation 3", "quotation 4")


def test_fewer_than_eight_opportunities_are_never_supported_or_contradicted():
    for stances in ([1, -1] * 4, [1] * 8):
        assert finding({"statements": table(stances)}, error=0.01).verdict == Verdict.INCONCLUSIVE


def test_every_statement_contradicts_the_last():
    found = finding({"statements": table([1, -1] * 10)}, error=0.10)
    assert found.verdict == Verdict.SUPPORTED
    assert found.details["rate"] == 1.0
    assert "19 of 19" in found.reason


def test_four_changes_are_found_with_dates_and_one_is_not_wavering_but_a_turn():
    world = in_world(5, changes=4, units=80, apart=12, error=0.1)
    found = finding(world.tables, actor="a0")
    assert found.verdict == Verdict.SUPPORTED
    assert 3 <= sum(i.q_value is not None and i.q_value < 0.05 for i in found.items) <= 6
    once = in_world(6, changes=1, units=60, apart=15, error=0.1)
    assert finding(once.tables, actor="a0").verdict != Verdict.SUPPORTED
    assert finding(once.tables, actor="a0", pattern="turn").verdict == Verdict.SUPPORTED
    assert finding(world.tables, actor="a0", pattern="turn").verdict != Verdict.SUPPORTED


def test_a_constant_actor_does_not_contradict_himself_and_negation_swaps():
    tables = {"statements": in_world(1, units=150, error=0.05, issues=1).tables["statements"]}
    found = finding(tables, actor="a0")
    denied = finding(tables, actor="a0", negated=True)
    assert (found.verdict, denied.verdict) == (Verdict.CONTRADICTED, Verdict.SUPPORTED)
    assert (denied.p_value, denied.p_contradicted) == (found.p_contradicted, found.p_value)
    assert found.excludable == 0.10


def test_series_never_mix_issues_and_one_day_is_one_unit():
    two = {
        c: [*a, *b] for (c, a), b in zip(table([1] * 5, "tax").items(), table([-1] * 5, "war").values(), strict=True)
    }
    found = finding({"statements": two}, error=0.1)
    assert (found.details["reversals"], found.n) == (0, 8)
    same = table([1, -1, 1, -1, 1, -1], document=["d"] * 6)
    assert finding({"statements": same}, error=0.1).verdict == Verdict.UNTESTED


def test_lukewarm_stances_have_no_sign():
    found = finding({"statements": table([1, 0.1, 1, -0.2, 1, 0, 1, 1])}, error=0.1)
    assert (found.details["units"], found.details["lukewarm_left_out"], found.details["reversals"]) == (5, 3, 0)


def test_double_coding_gives_the_error_and_coders_are_asked_alone():
    world = in_world(9, changes=4, units=60, apart=8, error=0.1, coders=2)
    found = finding(world.tables, actor="a0")
    assert found.details["error_known"]
    assert 0.07 < found.details["error"][0] < 0.13
    assert [c["coder"] for c in found.details["coders_alone"]] == ["c1", "c2"]


def test_words_against_votes():
    said = table([1, 1, -1, -1], gap=100)
    votes = {
        "motion": ["m1", "m2", "m3"],
        "at": np.array(["2024-02-01", "2024-06-01", "2024-12-01"], dtype="datetime64[us]"),
        "actor": ["he"] * 3, "issue": ["tax", "tax; war", "tax"], "choice": ["no", "yes", "yes"],
    }  # fmt: skip
    deeds = finding({"statements": said, "votes": votes}, error=0.1).details["words_and_votes"]
    assert (deeds["for_but_no"], deeds["for_and_yes"], deeds["against_but_yes"]) == (1, 1, 1)
    assert [v["row"] for v in deeds["votes_against_the_last_word"]] == ["votes:m1:he", "votes:m3:he"]
    votes["issue"] = ["Tax", "TAX; war", "tax"]
    found = finding({"statements": said, "votes": votes}, error=0.1)
    assert found.details["words_and_votes"]["pairs"] == 3
    chart = next(c for c in INSTRUMENT.charts(found) if "vote" in c.title)
    assert {(w, v): n for w, v, n in chart.rows} == {
        ("for", "yes"): 1,
        ("for", "no"): 1,
        ("against", "no"): 0,
        ("against", "yes"): 1,
    }
    assert "2 of 3 votes go against the last word" in chart.alt


def test_each_reversal_is_shown_with_both_statements_and_dates():
    found = finding({"statements": table([1, -1] * 10)}, error=0.10)
    chart = next(c for c in INSTRUMENT.charts(found) if c.title.startswith("Each reversal"))
    assert len(chart.rows) == 19
    assert chart.rows[0][0] == "2024-01-15"
    assert chart.rows[0][4:] == ("2024-01-01", 1.0, "quotation 0", -1.0, "quotation 1")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("He contradicts himself with every sentence.", "waver"),
        ("He keeps changing his position.", "waver"),
        ("She reversed her position on the embargo.", "turn"),
        ("Он передумал.", "turn"),
        ("Он постоянно меняет позицию.", "waver"),
    ],
)
def test_the_pattern_is_read_from_the_claim(text, pattern):
    claim = Claim(id="c", start=0, end=len(text), text=text, kind=Kind.REVERSAL)
    assert INSTRUMENT.option("pattern").fill(claim) == pattern

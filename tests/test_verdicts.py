"""The verdict rule: interval and q-value together, two lists, negation, gates, abstention."""

import pytest

from kayfabe.evidence.engine import Struck
from kayfabe.instruments import Measured, instruments, judge
from kayfabe.instruments import Test as OneTest
from kayfabe.models import Item, Verdict
from kayfabe.stats.multiplicity import benjamini_hochberg, simes

ACCORD = instruments()["accord"]


def a_test(negated=False, struck=(), **measured):
    given = {
        "found": "",
        "estimate": 0.5,
        "interval": (0.3, 0.7),
        "p_value": 0.01,
        "p_contradicted": 0.99,
        "n": 50,
        **measured,
    }
    return OneTest(ACCORD, "?", {}, Measured(**given), 0, negated=negated, struck=struck)


def one(**given):
    return judge([a_test(**given)])[0]


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({}, Verdict.SUPPORTED),
        ({"interval": (0.1, 0.7)}, Verdict.INCONCLUSIVE),  # interval not beyond the margin .2
        ({"p_value": 0.06}, Verdict.INCONCLUSIVE),  # not unusual enough
        ({"cannot_support": "a gate"}, Verdict.INCONCLUSIVE),
        ({"interval": (-0.4, 0.1), "p_value": 0.9, "p_contradicted": 0.01}, Verdict.CONTRADICTED),
        ({"interval": (-0.4, 0.3), "p_value": 0.9, "p_contradicted": 0.01}, Verdict.INCONCLUSIVE),
        (
            {"interval": (-0.4, 0.1), "p_value": 0.9, "p_contradicted": 0.01, "cannot_contradict": "thin"},
            Verdict.INCONCLUSIVE,
        ),
        ({"interval": (-0.4, 0.3), "p_value": 0.9, "refuted": "no quarrel"}, Verdict.CONTRADICTED),
        ({"untested": "no rows"}, Verdict.UNTESTED),
        ({"estimate": None, "interval": None, "p_value": None, "p_contradicted": None}, Verdict.INCONCLUSIVE),
    ],
)
def test_one_rule(given, verdict):
    assert one(**given).verdict == verdict


def test_a_negated_claim_swaps_the_sides():
    assert one(negated=True).verdict == Verdict.CONTRADICTED
    found = one(negated=True, interval=(-0.4, 0.1), p_value=0.9, p_contradicted=0.01)
    assert (found.verdict, found.p_value, found.q_value, found.details["negated"]) == (
        Verdict.SUPPORTED,
        0.01,
        0.01,
        True,
    )
    assert one(negated=True, untested="no rows").verdict == Verdict.UNTESTED


def test_q_values_are_over_the_whole_case_and_abstentions_do_not_count():
    tests = [
        a_test(p_value=0.03),
        a_test(p_value=0.04),
        a_test(p_value=0.9),
        a_test(p_value=0.9),
        a_test(untested="no rows", p_value=0.001),
    ]
    found = judge(tests)
    assert [f.q_value for f in found] == [pytest.approx(0.08), pytest.approx(0.08), 0.9, 0.9, None]
    assert [f.verdict for f in found[:2]] == [Verdict.INCONCLUSIVE] * 2
    assert judge(tests[:1])[0].verdict == Verdict.SUPPORTED


def test_struck_rows_are_named():
    assert "votes:m1:a (wrong row)" in one(struck=(Struck("votes", "m1:a", "wrong row"),)).caveats[-1]


def test_at_most_a_thousand_rows_are_listed():
    found = one(evidence=[str(i) for i in range(1500)], items=[Item(key={"side": "gap"})])
    assert (len(found.evidence), found.evidence_total) == (1000, 1500)


def test_benjamini_hochberg_by_hand():
    # Benjamini & Hochberg (1995), section 3.2: 15 p-values of a myocardial study; four are rejected at .05
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    q = benjamini_hochberg(p)
    assert sum(x < 0.05 for x in q) == 4
    assert q[3] == pytest.approx(0.0095 * 15 / 4)
    assert benjamini_hochberg([None, 0.5]) == [None, 0.5]


def test_simes_by_hand():
    assert simes([0.01, 0.04, 0.9]) == pytest.approx(0.03)
    assert simes([]) is None

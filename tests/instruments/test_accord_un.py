"""accord: known answers on the bundled votes of the United Nations."""

import numpy as np
import pytest

from kayfabe.actors import load_actors
from kayfabe.evidence import Evidence, open_bundled
from kayfabe.instruments import instrument, judge, run
from kayfabe.models import Verdict

ACCORD = instrument("accord")


@pytest.fixture(scope="module")
def bundled():
    evidence = open_bundled()
    yield evidence, load_actors()
    evidence.close()


def deeds(bundled, **options):
    return judge([run(ACCORD, options, bundled[0])])[0].details


@pytest.mark.parametrize(
    ("window", "body", "same", "motions"),
    [
        ({"until": "2025-01-19"}, {"body": "GA"}, 21, 21),
        ({"since": "2025-01-20"}, {"body": "GA"}, 2, 4),
        ({"until": "2025-01-19"}, {}, 23, 23),
        ({"since": "2025-01-20"}, {}, 2, 5),
    ],
)
def test_united_states_and_france_on_ukraine(bundled, window, body, same, motions):
    found = deeds(bundled, actors=["USA", "FRA"], issue="Ukraine", **window, **body)
    assert (found["common_motions"] - found["apart"], found["common_motions"]) == (same, motions)


def test_before_2025_on_ukraine_they_were_together_where_others_were_not(bundled):
    found = deeds(bundled, actors=["USA", "FRA"], issue="Ukraine", until="2025-01-19")
    assert found["usual"] == pytest.approx(11.9, abs=0.1)
    assert (found["A"], found["A_interval"]) == (1, pytest.approx((0.69, 1), abs=0.005))
    assert found["kappa"] is None or found["kappa"] == 1


def test_after_it_four_motions_decide_nothing(bundled):
    found = judge([run(ACCORD, {"actors": ["USA", "FRA"], "issue": "Ukraine", "since": "2025-01-20"}, bundled[0])])[0]
    assert found.verdict == Verdict.UNTESTED
    assert found.details["A"] == pytest.approx(-0.10, abs=0.005)
    assert found.details["A_interval"] == pytest.approx((-2.2, 0.77), abs=0.03)


@pytest.mark.parametrize(("year", "raw", "kappa", "a"), [(2024, 0.606, 0.395, -0.26), (2025, 0.203, 0.034, -3.3)])
def test_united_states_and_france_in_the_assembly(bundled, year, raw, kappa, a):
    found = deeds(bundled, actors=["USA", "FRA"], body="GA", since=f"{year}-01-01", until=f"{year}-12-31")
    assert [found["raw_agreement"], found["kappa"]] == pytest.approx([raw, kappa], abs=0.0006)
    assert found["A"] == pytest.approx(a, abs=0.03)


def test_like_for_like_2025(bundled):
    options = {
        "actors": ["USA", "FRA"],
        "body": "GA",
        "since": "2024-01-01",
        "until": "2025-12-31",
        "split": "2025-01-01",
    }
    found = deeds(bundled, **options)["split"]
    part, placebo = found["recurring"], found["placebos"][0]
    assert (part["titles"], placebo["titles"], found["new_titles"]["motions"]) == (59, 56, 107)
    assert [part["before"], part["after"]] == pytest.approx([0.576, 0.441], abs=0.0005)
    assert [part["change"], *part["interval"]] == pytest.approx([-0.136, -0.233, -0.030], abs=0.0006)
    assert [placebo["before"], placebo["after"]] == pytest.approx([0.607, 0.589], abs=0.0005)
    assert [placebo["change"], *placebo["interval"]] == pytest.approx([-0.018, -0.065, 0.030], abs=0.0006)
    assert found["new_titles"]["agreement"] == pytest.approx(0.037, abs=0.0005)
    assert found["actors"]["USA"]["median_change"] == pytest.approx(-0.140, abs=0.0015)
    assert found["actors"]["FRA"]["median_change"] == pytest.approx(0.0, abs=0.02)


@pytest.fixture(scope="module")
def sessions(bundled):
    """The Assembly's adopted texts of sessions 60 to 74, the few actors asked for and a dozen others."""
    names = ["CHN", "RUS", "UKR", "USA", "FRA", "DEU", "BRA", "IND", "ZAF", "EGY", "CUB", "JPN", "NGA", "MEX"]
    prefixes = tuple(f"A/RES/{n}/" for n in range(60, 75))
    got = bundled[0].columns(
        "select motion, \"at\", title, actor, choice from votes where motion like 'A/RES/%' and list_contains($names, actor)",
        names=names,
    )
    keep = np.array([m.startswith(prefixes) for m in got["motion"]])
    evidence = Evidence.from_tables({"votes": {c: v[keep] for c, v in got.items()}})
    yield evidence
    evidence.close()


@pytest.mark.parametrize(("pair", "raw", "kappa"), [(["CHN", "RUS"], 0.765, 0.413), (["RUS", "UKR"], 0.576, 0.164)])
def test_sessions_60_to_74(sessions, pair, raw, kappa):
    found = judge([run(ACCORD, {"actors": pair, "claim": "aligned"}, sessions)])[0].details
    assert [found["raw_agreement"], found["kappa"]] == pytest.approx([raw, kappa], abs=0.0006)


def test_members_who_left_do_not_count_after_it(bundled):
    window = {"since": "2021-01-01", "until": "2021-12-31", "claim": "aligned"}
    found = judge([run(ACCORD, {"actors": ["EU", "GBR"], **window}, bundled[0])])[0]
    assert found.verdict != Verdict.UNTESTED
    assert "GBR" not in found.details["members"][0]
    assert "DEU" in found.details["members"][0]
    assert "A bloc's members vote by common discipline" in " ".join(found.caveats)


@pytest.mark.parametrize("blocs", [["BENELUX", "NORDIC"], ["EU", "NATO"]])
def test_swapping_two_blocs_changes_nothing(bundled, blocs):
    window = {"since": "2022-01-01", "until": "2022-12-31", "claim": "aligned"}
    known = [b for b in blocs if bundled[1].is_bloc(b)]
    if len(known) < 2:
        pytest.skip(f"the data files know no {blocs}")
    one, two = (judge([run(ACCORD, {"actors": pair, **window}, bundled[0])])[0] for pair in (blocs, blocs[::-1]))
    assert one.estimate is not None
    assert one.verdict == two.verdict
    assert [one.estimate, *one.interval, one.p_value] == pytest.approx([two.estimate, *two.interval, two.p_value])

"""How "he contradicts himself", "she moved him" and "they cannot influence him" read when a text is examined."""

import csv
import re

import numpy as np
import pytest

from kayfabe.evidence import store
from kayfabe.instruments.influence_worlds import Nature, positions
from kayfabe.models import Verdict
from kayfabe.pipeline import examine

TEXT = """# Who moves whom

Hungary contradicts itself with every statement it makes on the embargo.

Germany moved Austria: where Berlin goes, Vienna follows.

Austria cannot influence Germany.

Germany cannot influence Austria.

Poland contradicts itself with every statement on the embargo.
"""
NAMES = {"a0": "DEU", "a1": "AUT", "a2": "HUN", "a3": "POL", "a4": "SVK"}
POLITICIAN = (-1, -1, -1, -1, 1, -1)


@pytest.fixture(scope="module")
def examined(tmp_path_factory):
    """Statements in which Austria adopts 95 % of Germany's positions, Hungary turns every time, and Poland turned twice."""
    folder = tmp_path_factory.mktemp("discourse")
    nature = Nature(effect=0.95, issues=14, turns=5, thin=2.0)
    said = positions(np.random.default_rng(16), nature).tables["statements"]
    at = said["at"].astype("datetime64[s]").astype(str)
    rows = list(
        zip(said["statement"], at, [NAMES[a] for a in said["actor"]], said["issue"], said["stance"], strict=True)
    )
    for actor, stances in (("HUN", (-1, 1) * 10), ("POL", POLITICIAN)):
        day = np.datetime64("2018-01-01T00:00:00") + 14 * 86_400 * np.arange(len(stances))
        rows += [
            (f"{actor}{k}", str(d), actor, "embargo", s) for k, (d, s) in enumerate(zip(day, stances, strict=True))
        ]
    with (folder / "statements.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [("statement", "at", "actor", "issue", "stance"), *((a, f"{b}Z", *r) for a, b, *r in rows)]
        )
    (folder / "text.md").write_text(TEXT, encoding="utf-8")
    store.add(folder / "s.duckdb", [folder / "statements.csv"], "statements")
    return examine(str(folder / "text.md"), evidence=folder / "s.duckdb", out=folder / "case")


def said_of(examined, words):
    (claim,) = (c for c in examined.case.claims if words in c.text)
    return examined.case.findings[claim.id]


def test_he_contradicts_himself_is_answered_as_a_rate(examined):
    found = said_of(examined, "Hungary contradicts itself")
    assert found.verdict == Verdict.SUPPORTED
    assert found.reason.startswith("19 of 19 stances contradict the one before on the same issue (100%)")
    assert "on embargo" in found.question
    assert [len(i.evidence) for i in found.items] == [2] * 19


def test_the_politician_with_two_reversals_is_inconclusive(examined):
    found = said_of(examined, "Poland contradicts itself")
    assert found.verdict == Verdict.INCONCLUSIVE
    assert found.reason.startswith("2 of 5 stances contradict the one before on the same issue (40%)")
    assert "Fewer than 8 opportunities are never enough" in found.reason
    assert "What would decide it: a second coding of the dissenting statement of 2018-02-26" in found.reason


def test_she_moved_him(examined):
    found = said_of(examined, "Germany moved Austria")
    assert found.verdict == Verdict.SUPPORTED
    assert re.match(
        r"For each change of position of Germany there are 0\.\d\d more changes of Austria to the same side within 10 to 45 days than in "
        r"the usual pair of 5 actors \[0\.\d\d, 0\.\d\d\]; .* Germany leads Austria\.",
        found.reason,
    )
    assert [i.key for i in found.items] == [{"leader": "DEU", "follower": "AUT"}]
    assert found.caveats[0].startswith("A third mover outside the data")


def test_they_cannot_influence_him_swaps_the_sides(examined):
    right, wrong = (said_of(examined, f"{who} cannot influence") for who in ("Austria", "Germany"))
    assert right.verdict == Verdict.SUPPORTED
    assert (
        "An effect of 0.1 or more (about three of five changes adopted) is excluded: Austria did not move Germany that much."
        in right.reason
    )
    assert right.reason.endswith("The claim is negated, so the two sides are swapped.")
    assert wrong.verdict == Verdict.CONTRADICTED
    moved = said_of(examined, "Germany moved Austria")
    assert (wrong.estimate, wrong.interval) == (moved.estimate, moved.interval)
    assert wrong.p_contradicted == moved.p_value


def test_the_dossier_says_all_this_in_place(examined):
    page = (examined.folder / "dossier.html").read_text(encoding="utf-8")
    assert page.count("what the claim denies") == 2
    for words in (
        "19 of 19 stances contradict",
        "Germany leads Austria",
        "Austria did not move Germany",
        "a second coding",
    ):
        assert words in page

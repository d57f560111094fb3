"""accord's words side, issue by issue: against distances written out, planted camps, and deeds joined by label."""

import itertools

import numpy as np
import pytest

from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.accord import INSTRUMENT
from kayfabe.instruments.declaration import NetworkChart


def evidence(rows, votes=None):
    """`rows`: (actor, issue, stance), one statement each; `votes`: (motion, actor, choice, issue)."""
    at = (np.datetime64("2020-01-01") + np.arange(len(rows)) % 300).astype("datetime64[us]")
    tables = {
        "statements": {
            "statement": [f"s{k}" for k in range(len(rows))], "at": at, "actor": [r[0] for r in rows],
            "issue": [r[1] for r in rows], "stance": [float(r[2]) for r in rows],
        }
    }  # fmt: skip
    if votes:
        at = (np.datetime64("2020-01-01") + np.arange(len(votes)) // 10).astype("datetime64[us]")
        tables["votes"] = {
            "at": at,
            **dict(zip(("motion", "actor", "choice", "issue"), zip(*votes, strict=True), strict=True)),
        }
    return Evidence.from_tables(tables)


def words(rows, votes=None, actors=("A", "B"), **options):
    known = evidence(rows, votes)
    try:
        return judge([run(INSTRUMENT, {"actors": list(actors), "claim": "aligned", **options}, known)])[0]
    finally:
        known.close()


def random_rows(seed, actors=9, issues=6, n=600):
    rng = np.random.default_rng(seed)
    names = ["A", "B", *(f"o{k}" for k in range(actors - 2))]
    return [
        (names[rng.integers(actors)], f"i{rng.integers(issues)}", rng.choice([-1, -0.5, 0, 0.5, 1])) for _ in range(n)
    ]


def test_w_by_hand():
    # tax: A +1 +1, B -1, C +1: |A-B|/2 = 1, |A-C|/2 = 0, |B-C|/2 = 1: usual 2/3. war: A 1, B 1, C -1: 0, 1, 1: usual 2/3.
    rows = [
        ("A", "tax", 1),
        ("A", "tax", 1),
        ("B", "tax", -1),
        ("C", "tax", 1),
        ("A", "war", 1),
        ("B", "war", 1),
        ("C", "war", -1),
    ]
    found = words([*rows, ("A", "sea", 1), ("C", "sea", 1)]).details["words_by_issue"]
    assert found["common_issues"] == 2
    assert found["W"] == pytest.approx(1 - 1 / (4 / 3))
    assert found["raw_agreement"] == pytest.approx(0.5)
    assert found["W_interval"] is None
    assert found["W_percentile"] is None
    by = {r["issue"]: r for r in found["rows"]}
    assert (by["tax"]["words_apart"], by["tax"]["words"]) == (1, pytest.approx(-0.5))
    assert (by["war"]["words_apart"], by["war"]["words"]) == (0, 1)
    assert by["tax"]["statements"] == [2, 1]


def test_w_and_its_place_against_a_second_implementation():
    rows = random_rows(1)
    found = words(rows).details["words_by_issue"]
    names = sorted({r[0] for r in rows})
    said = {(a, i): [s for b, j, s in rows if (a, i) == (b, j)] for a in names for i in {r[1] for r in rows}}
    issues = sorted({i for a, i in said if a == "A" and said["A", i] and said["B", i]})

    def apart(a, b, i):
        return np.mean([abs(x - y) / 2 for x, y in itertools.product(said[a, i], said[b, i])])

    pairs = list(itertools.combinations(names, 2))
    usual = {i: np.mean([apart(a, b, i) for a, b in pairs if said[a, i] and said[b, i]]) for i in issues}

    def w(a, b):
        common = [i for i in issues if said[a, i] and said[b, i]]
        return 1 - sum(apart(a, b, i) for i in common) / sum(usual[i] for i in common)

    assert found["W"] == pytest.approx(w("A", "B"))
    others = [w(a, b) for a, b in pairs if not {a, b} & {"A", "B"}]
    assert found["reference_pairs"] == len(others) == 21
    assert found["W_percentile"] == pytest.approx(np.mean([x < w("A", "B") for x in others]))


def test_words_alike_and_words_apart_take_the_ends():
    rng = np.random.default_rng(3)
    stance = {a: rng.choice([-1, 1], 8) for a in ("A", *(f"o{k}" for k in range(10)))}
    stance |= {"B": stance["A"], "C": -stance["A"]}
    rows = [(a, f"i{j}", s) for a, signs in stance.items() for j, s in enumerate(signs)]
    alike, quarrel = (words(rows, actors=("A", b)).details["words_by_issue"] for b in "BC")
    assert alike["W"] == 1
    assert alike["alpha"] == 1
    assert alike["W_percentile"] > 0.95
    assert quarrel["W"] < -0.5
    assert quarrel["W_percentile"] < 0.1
    swapped = words(rows, actors=("C", "A")).details["words_by_issue"]
    assert (swapped["W"], swapped["W_percentile"]) == (quarrel["W"], quarrel["W_percentile"])


@pytest.mark.parametrize("few", [1, 4])
def test_a_usual_pair_stands_at_nought_however_little_it_says(few):
    rng = np.random.default_rng(few)
    values = []
    for _ in range(25):
        lean = {a: rng.uniform(0.2, 0.8, 10) for a in ("A", "B", *(f"o{k}" for k in range(8)))}
        rows = [
            (a, f"i{j}", 1 if rng.random() < p else -1)
            for a, ps in lean.items()
            for j, p in enumerate(ps)
            for _ in range(few)
        ]
        values.append(words(rows).details["words_by_issue"]["W"])
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(len(values))


def test_deeds_stand_beside_words_of_the_same_issue():
    rng = np.random.default_rng(5)
    names = ["A", "B", *(f"o{k}" for k in range(12))]
    rows = [(a, i, 1 if a != "B" or i == "war" else -1) for a in names for i in ("tax", "war", "sea") for _ in range(3)]
    choices = {(m, a): rng.choice(["yes", "no"]) for m in range(24) for a in names}
    choices |= {(m, "B"): choices[m, "A"] for m in range(24)}
    votes = [(f"m{m}", a, choices[m, a], "Tax" if m < 12 else "war; oil") for m in range(24) for a in names]
    found = words(rows, votes)
    by = {r["issue"]: r for r in found.details["words_by_issue"]["rows"]}
    assert {i: (r["motions"], r["voted_apart"], r["deeds"]) for i, r in by.items()} == {
        "tax": (12, 0, 1), "war": (12, 0, 1), "sea": (0, None, None)}  # fmt: skip
    assert by["tax"]["words"] < 0 < by["tax"]["deeds"]
    assert "In words, on 2 common issues, W = " in found.reason
    chart, network = INSTRUMENT.charts(found)[-2:]
    assert {r[:2] for r in chart.rows} == {
        ("tax", "words"),
        ("tax", "deeds"),
        ("war", "words"),
        ("war", "deeds"),
        ("sea", "words"),
    }
    assert isinstance(network, NetworkChart)
    assert len(network.nodes) == 14
    assert {t.kind for t in network.ties} <= {"closer than usual", "further apart than usual"}
    assert any({t.source, t.target} == {"A", "B"} for t in network.ties)


def test_coders_are_averaged_and_an_issue_can_be_asked_alone():
    known = {"statement": ["s", "s", "t"], "at": ["2020-01-01"] * 3, "actor": ["A", "A", "B"], "issue": ["tax;war"] * 3,
             "stance": [1.0, 0.0, -1.0], "coder": ["c1", "c2", "c1"]}  # fmt: skip
    store = Evidence.from_tables({"statements": known})
    found = judge([run(INSTRUMENT, {"actors": ["A", "B"], "issue": "war"}, store)])[0].details["words_by_issue"]
    store.close()
    assert [r["issue"] for r in found["rows"]] == ["war"]
    assert found["raw_agreement"] == pytest.approx(1 - 1.5 / 2)


def test_without_common_issues_there_is_nothing_to_say():
    assert "words_by_issue" not in words([("A", "tax", 1), ("B", "war", 1), ("C", "tax", 1)]).details

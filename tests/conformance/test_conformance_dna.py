"""All results of Discourse Network Analyzer 3.1.2 on synthetic statements (oracle: the program itself)."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from dna import filtered, polarisation, run

FIXTURE = json.loads(gzip.decompress((Path(__file__).parent / "data" / "dna_core_fixture.json.gz").read_bytes()))
DATA = Path(__file__).parent / "data"
TINY = list(csv.DictReader((DATA / "dna_tiny.csv").open(encoding="utf-8")))
TINY_CASES = [json.loads(x) for x in gzip.decompress((DATA / "dna_tiny_expected.jsonl.gz").read_bytes()).splitlines()]
TINY_MATRICES = [c for c in TINY_CASES if c["config"]["op"] in ("network", "timewindow")]
CASES = [(name, number) for name, data in FIXTURE.items() for number in range(len(data["cases"]))]


def test_the_fixture_is_whole():
    assert len(CASES) == 302


@pytest.mark.parametrize(("name", "number"), CASES, ids=lambda v: str(v))
def test_conforms(name, number):
    statements, case = FIXTURE[name]["statements"], FIXTURE[name]["cases"][number]
    config = case["config"]
    got = run(config, statements)
    if config["op"] == "barplot":
        assert got == [{k: case[k] for k in ("values", "counts", "levels")}]
        return
    if case["n_filtered"] is not None:
        assert filtered(config, statements) == case["n_filtered"]
    assert len(got) == len(case["matrices"])
    for mine, theirs in zip(got, case["matrices"], strict=True):
        assert {k: mine[k] for k in ("rows", "cols", "date", "n")} == {
            k: theirs[k] for k in ("rows", "cols", "date", "n")
        }
        np.testing.assert_allclose(np.array(mine["values"], float), np.array(theirs["values"], float), atol=1e-9)


def test_the_tiny_set_is_whole():
    assert len(TINY_MATRICES) == 202
    smoothed = [c["config"] for c in TINY_MATRICES if c["config"].get("kernel", "no") != "no"]
    assert sum(c.get("normalization") == "average" for c in smoothed) == 32


@pytest.mark.parametrize("number", range(len(TINY_MATRICES)))
def test_nine_statements_conform(number):
    case = TINY_MATRICES[number]
    got = run(case["config"], TINY)
    assert len(got) == len(case["result"])
    for mine, theirs in zip(got, case["result"], strict=True):
        assert (mine["rows"], mine["cols"]) == (theirs["rows"], theirs["cols"])
        np.testing.assert_allclose(np.ravel(mine["values"]), np.ravel(theirs["values"]), atol=1e-9)


def test_the_two_sides_of_polarisation_conform():
    (case,) = (c for c in TINY_CASES if c["config"]["op"] == "polarization")
    for stance in ("congruence", "conflict"):
        config = {"op": "network", "networkType": "onemode", "qualifierAggregation": stance, "normalization": "average"}
        np.testing.assert_allclose(run(config, TINY)[0]["values"], case[stance][0]["values"], atol=1e-9)


def test_the_score_of_polarisation_conforms():
    (case,) = (c for c in TINY_CASES if c["config"]["op"] == "polarization")
    camps, score = polarisation(TINY)
    assert score == pytest.approx(case["finalMaxQs"][0])
    assert camps == case["memberships"][0]


def test_bars_of_nine_statements_conform():
    for case in (c for c in TINY_CASES if c["config"]["op"] == "barplot"):
        assert run(case["config"], TINY) == [{k: case[k] for k in ("values", "counts", "levels")}]


def test_row_order_does_not_matter():
    data = FIXTURE["syn_bool"]
    case = next(c for c in data["cases"] if c["config"]["op"] == "network")
    assert run(case["config"], data["statements"][::-1]) == run(case["config"], data["statements"])


def test_what_is_not_reproduced_is_refused():
    with pytest.raises(NotImplementedError):
        run({"op": "timewindow", "networkType": "onemode", "timeWindow": "events"}, FIXTURE["tiny"]["statements"])

"""All results of Discourse Network Analyzer 3.1.2 on synthetic statements (oracle: the program itself)."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from dna import filtered, run

FIXTURE = json.loads(gzip.decompress((Path(__file__).parent / "data" / "dna_core_fixture.json.gz").read_bytes()))
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


def test_row_order_does_not_matter():
    data = FIXTURE["syn_bool"]
    case = next(c for c in data["cases"] if c["config"]["op"] == "network")
    assert run(case["config"], data["statements"][::-1]) == run(case["config"], data["statements"])


def test_what_is_not_reproduced_is_refused():
    with pytest.raises(NotImplementedError):
        run({"op": "timewindow", "networkType": "onemode", "timeWindow": "events"}, FIXTURE["tiny"]["statements"])

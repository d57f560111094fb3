"""How "they show only the sweet half", "unacceptable for us", "last time they rearmed" and "the tide has turned" read when a
text is examined: first what the analyst must supply, then, supplied, the verdict in plain words."""

import csv

import numpy as np
import pytest

from kayfabe.evidence import store
from kayfabe.instruments import coverage_worlds, precedent_worlds, trend_worlds
from kayfabe.models import Verdict
from kayfabe.pipeline import examine, examine_again

TEXT = """# The deal and the press

The press shows only the sweet half of the Geneva accord and says nothing about the inspections.

The plan contains provisions that are radically unacceptable for Ukraine.

Last time they used the pause to rearm.

The tide has turned: since early 2017 the exports of grain have been growing.
"""
SUPPLIED = {
    "only the sweet half": {"agreement": "accord of nine", "matching": "words"},
    "radically unacceptable": {"agreement": "plan"},
    "used the pause": {"series": "convoys"},
    "tide has turned": {"series": "grain"},
}


def write(path, columns):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([tuple(columns), *zip(*columns.values(), strict=True)])


def times(values):
    return [f"{t}Z" for t in np.asarray(values, dtype="datetime64[s]").astype(str)]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """A press where one outlet hardly names provision 1; Ukraine against point 2 of a plan; convoys that rise after pauses; a
    series that steps up by 3.2 sd in the middle."""
    folder = tmp_path_factory.mktemp("terms")
    effect = np.zeros((6, 9))
    effect[2, 0] = np.log(0.02)
    press = coverage_worlds.archive(np.random.default_rng(3), coverage_worlds.Press(effect=effect, articles=(80, 90))).world.tables
    given = {c: list(v) for c, v in press["provisions"].items()}
    for n in ("1", "2"):
        for column, value in (("agreement", "plan"), ("provision", n), ("text", f"Point {n} of the plan.")):
            given[column].append(value)
        if "heading" in given:
            given["heading"].append("")
    days = np.datetime64("2020-06-01") - 3 * np.arange(30)
    said = [("UKR", "plan:2", -1, d) for d in days] + [("UKR", "plan:1", 1, d) for d in days] + [("RUS", "plan:2", 1, d) for d in days]
    pauses = precedent_worlds.series(np.random.default_rng(4), size=2.2)
    turn = trend_worlds.series(np.random.default_rng(5), size=3.2, n=160)
    convoys, grain = pauses.tables["indicators"], turn.tables["indicators"]
    tables = {
        "provisions": given,
        "documents": {**press["documents"], "at": times(press["documents"]["at"])},
        "statements": {
            "statement": range(len(said)), "at": [str(s[3]) for s in said], "actor": [s[0] for s in said], "issue": [s[1] for s in said],
            "stance": [s[2] for s in said],
        },
        "indicators": {
            "series": ["convoys"] * len(convoys["at"]) + ["grain"] * len(grain["at"]),
            "at": times(convoys["at"]) + times(grain["at"]), "value": [*convoys["value"], *grain["value"]],
        },
    }  # fmt: skip
    for name, columns in tables.items():
        write(folder / f"{name}.csv", columns)
        store.add(folder / "s.duckdb", [folder / f"{name}.csv"], name)
    (folder / "text.md").write_text(TEXT, encoding="utf-8")
    return folder, pauses.options, turn.options


@pytest.fixture(scope="module")
def asked(evidence):
    folder, _, _ = evidence
    return examine(str(folder / "text.md"), evidence=folder / "s.duckdb", out=folder / "case")


@pytest.fixture(scope="module")
def examined(evidence, asked):
    """The same case after the analyst has supplied what was missing."""
    _, pauses, turn = evidence
    path = asked.folder / "case.toml"
    supplied = {k: dict(v) for k, v in SUPPLIED.items()}
    supplied["used the pause"]["pauses"] = pauses["pauses"]
    supplied["tide has turned"] |= {"around": str(turn["around"]), "series": "grain"}
    claims = path.read_text(encoding="utf-8").split("[[claim]]\n")
    for n, claim in enumerate(claims):
        for words, options in supplied.items():
            if words in claim:
                head, _, rest = claim.partition("[claim.question.options]\n")
                head = "\n".join("missing = []" if line.startswith("missing") else line for line in head.split("\n"))
                kept = "\n".join(line for line in rest.split("\n") if line.split(" =")[0] not in options)
                lines = "".join(f"{k} = {toml(v)}\n" for k, v in options.items())
                claims[n] = f"{head}[claim.question.options]\n{lines}{kept}"
    path.write_text("[[claim]]\n".join(claims), encoding="utf-8")
    return examine_again(path)


def toml(value):
    return f"[{', '.join(map(toml, value))}]" if isinstance(value, list) else f'"{value}"'


def said_of(examined, words):
    (claim,) = (c for c in examined.case.claims if words in c.text)
    return examined.case.findings[claim.id]


@pytest.mark.parametrize(("words", "asks"), [("sweet half", "--agreement"), ("unacceptable", "--agreement"), ("the pause", "--pauses"), ("tide", "--series")])
def test_what_the_analyst_must_supply_is_said(asked, words, asks):
    found = said_of(asked, words)
    assert found.verdict == Verdict.UNTESTED
    assert asks in found.reason


def test_the_sweet_half_becomes_outlet_and_provision(examined):
    found = said_of(examined, "sweet half")
    assert found.verdict == Verdict.SUPPORTED
    assert "outlet 2 leaves out provision 1: in " in found.reason
    assert found.items[0].key == {"outlet": "outlet 2", "provision": "1"}


def test_unacceptable_becomes_which_provision_by_which_statements(examined):
    found = said_of(examined, "radically unacceptable")
    assert found.question == "Does plan hold a provision that Ukraine rejects?"
    assert found.verdict == Verdict.SUPPORTED
    assert "Rejected: UKR rejects 2." in found.reason
    item = next(i for i in found.items if i.key["provision"] == "2")
    assert len(item.evidence) == 20


def test_a_habit_is_counted_pause_by_pause(examined):
    found = said_of(examined, "used the pause")
    assert found.verdict == Verdict.SUPPORTED
    assert found.reason.startswith(f"After {found.n} pauses 'convoys' stood on average +")


def test_the_tide_is_a_change_with_its_date(examined):
    found = said_of(examined, "tide has turned")
    assert found.verdict == Verdict.SUPPORTED
    assert "The largest change of 'grain' near" in found.reason
    assert "upwards" in found.question


def test_the_dossier_shows_the_charts(examined):
    page = (examined.folder / "dossier.html").read_text(encoding="utf-8")
    for words in ("Named against expected, by outlet and provision", "leaves out provision 1", "Rejected: UKR rejects 2", "The rise after each pause"):
        assert words in page


@pytest.mark.parametrize("said", ["The plan contains provisions radically unacceptable for us.", "План содержит радикально неприемлемые для нас положения."])
def test_unacceptable_for_us_asks_for_those_who_speak(evidence, tmp_path, said):
    folder, _, _ = evidence
    (tmp_path / "us.md").write_text(said, encoding="utf-8")
    found = examine(str(tmp_path / "us.md"), evidence=folder / "s.duckdb", out=tmp_path / "case", we="UKR")
    (claim,) = found.case.claims
    assert found.case.findings[claim.id].question == "Does the agreement hold a provision that Ukraine rejects?"
    assert "--agreement" in found.case.findings[claim.id].reason

"""Striking rows, what findings say of it, listing, the bundled facts."""

from __future__ import annotations

from pathlib import Path

import pytest
from evidence_samples import ROWS, columns, content, vote, write_csv

from kayfabe.errors import BadStore, UnknownName
from kayfabe.evidence import Evidence, bundled, open_bundled, open_evidence
from kayfabe.evidence.store import add, listing, strike
from kayfabe.instruments import instrument, judge, run
from kayfabe.models import Verdict

RULE = {"actor": "USA", "in": "votes", "sign": "+", "quantifier": "always"}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The United States vote yes on 80 days and no on one."""
    days = [f"2024-{m:02}-{d:02}" for m in (1, 2, 3) for d in range(1, 28)]
    rows = [vote(f"M{i}", at=day, choice="no" if i == 40 else "yes") for i, day in enumerate(days)]
    add(tmp_path / "s.duckdb", [write_csv(tmp_path / "x.csv", [*rows, vote("M40", "FRA", at=days[40])])], "votes")
    return tmp_path / "s.duckdb"


def _finding(store: Path):  # type: ignore[no-untyped-def]
    evidence = open_evidence(store)
    try:
        return judge([run(instrument("universal"), RULE, evidence)])[0]
    finally:
        evidence.close()


def test_a_struck_row_changes_the_finding_and_is_named_in_it(store: Path) -> None:
    before = _finding(store)
    assert before.details["counterexamples"] == 1
    assert before.items[0].evidence == ["M40:USA"]
    assert strike(store, "votes:M40:USA", "a slip of the key; see corrigendum") == ("votes", "M40:USA")
    after = _finding(store)
    assert after.details["counterexamples"] == 0
    assert after.details["rows"] == before.details["rows"] - 1
    assert after.verdict == Verdict.SUPPORTED != before.verdict
    said = [c for c in after.caveats if "M40:USA" in c]
    assert len(said) == 1
    assert "a slip of the key; see corrigendum" in said[0]
    strike(store, "M40:USA", "", undo=True)
    again = _finding(store)
    assert again == before


def test_a_struck_row_outside_of_the_question_is_not_named(store: Path) -> None:
    strike(store, "M40:FRA", "wrong")
    options = {**RULE, "until": "2024-01-31"}
    evidence = open_evidence(store)
    finding = judge([run(instrument("universal"), options, evidence)])[0]
    evidence.close()
    assert not any("M40:FRA" in c for c in finding.caveats)


def test_strikes_change_the_fingerprint_and_undo_restores_it(store: Path) -> None:
    def fingerprint() -> str:
        evidence = Evidence.open(store)
        try:
            return evidence.fingerprint()
        finally:
            evidence.close()

    before = fingerprint()
    strike(store, "M1:USA", "x")
    assert fingerprint() != before
    strike(store, "M1:USA", "", undo=True)
    assert fingerprint() == before


def test_fingerprints_tell_apart_what_was_rejected(tmp_path: Path) -> None:
    one, two = (write_csv(tmp_path / f"{c}.csv", [vote(choice=c)]) for c in ("yes", "no"))
    prints = []
    for name, files in (("a", (one, two)), ("b", (two, one))):
        add(tmp_path / name, files, "votes", reject=tmp_path / "bad.csv")
        evidence = Evidence.open(tmp_path / name)
        prints.append(evidence.fingerprint())
        evidence.close()
    assert prints[0] != prints[1]


@pytest.mark.parametrize(
    ("row", "undo", "says"),
    [
        ("M999:USA", False, "Unknown row 'M999:USA'. Findings show row ids"),
        ("events:M1:USA", False, "Unknown row"),
        ("M1:USA", True, "Unknown struck row 'M1:USA'"),
        ("M2:USA", False, "It is struck already; take it back with --undo."),
        ("", False, "Unknown row"),
        ("votes:", False, "Unknown row"),
        ("' or true; --", False, "Unknown row"),
    ],
)
def test_rows_that_cannot_be_struck(store: Path, row: str, undo: bool, says: str) -> None:
    strike(store, "M2:USA", "once")
    before = content(store)
    with pytest.raises(UnknownName) as caught:
        strike(store, row, "why", undo=undo)
    assert says in str(caught.value)
    assert content(store) == before


def test_an_id_that_two_tables_have(tmp_path: Path) -> None:
    store = tmp_path / "s"
    add(store, [write_csv(tmp_path / "e.csv", [{**ROWS["events"][0], "event": "x"}])], "events")
    add(store, [write_csv(tmp_path / "d.csv", [{**ROWS["documents"][0], "document": "x"}])], "documents")
    with pytest.raises(UnknownName, match="put the table in front: events:x or documents:x"):
        strike(store, "x", "why")
    assert strike(store, "documents:x", "why") == ("documents", "x")
    assert strike(store, "x", "why") == ("events", "x")


def test_an_id_that_begins_with_the_name_of_a_table(tmp_path: Path) -> None:
    store = tmp_path / "s"
    add(store, [write_csv(tmp_path / "e.csv", [{**ROWS["events"][0], "event": "votes:M1:USA"}])], "events")
    assert strike(store, "votes:M1:USA", "why") == ("events", "votes:M1:USA")


def test_a_struck_row_stays_struck_when_it_is_added_again(store: Path, tmp_path: Path) -> None:
    strike(store, "M1:USA", "why")
    (added,) = add(store, [write_csv(tmp_path / "y.csv", [vote("M1", at="2024-01-02"), vote("M999")])], "votes")
    assert (added.rows, added.repeated) == (1, 1)
    assert ("M1:USA",) not in columns(store, "votes", ["row_id"])


def test_listing(store: Path, tmp_path: Path) -> None:
    strike(store, "M0:USA", "why")
    add(store, [write_csv(tmp_path / "p.csv", ROWS["provisions"])], "provisions")
    found = listing(store)
    tables = {t["table"]: t for t in found["tables"]}
    assert (tables["votes"]["rows"], tables["votes"]["struck"]) == (81, 1)
    assert (str(tables["votes"]["first"]), str(tables["votes"]["last"])) == (
        "2024-01-02 00:00:00",
        "2024-03-27 00:00:00",
    )
    assert (tables["provisions"]["rows"], tables["provisions"]["first"]) == (3, None)
    assert [(f["tbl"], f["row_count"]) for f in found["files"]] == [("votes", 82), ("provisions", 3)]
    assert [(s["tbl"], s["row_id"], s["why"]) for s in found["strikes"]] == [("votes", "M0:USA", "why")]


def test_the_bundled_facts_twice_are_a_no_op(tmp_path: Path) -> None:
    store = tmp_path / "s"
    (first,) = add(store, [], None, with_bundled=True)
    before = store.read_bytes()
    (second,) = add(store, [], None, with_bundled=True)
    assert (first.already, second.already, second.rows) == (False, True, 0)
    assert store.read_bytes() == before
    stored, direct = Evidence.open(store), open_bundled()
    assert stored.fingerprint() == direct.fingerprint()
    assert stored.credit == direct.credit == [bundled.CREDIT]
    sql = 'select count(*), min("at"), max("at"), md5(string_agg(concat(row_id, choice), \',\' order by row_id)) from votes'
    assert stored.query(sql) == direct.query(sql)
    assert stored.count("votes") == first.rows
    known = "select actor, choice from votes where motion = 'A/RES/68/262' and actor in ('USA', 'RUS', 'CHN') order by actor"
    assert stored.query(known) == [("CHN", "abstain"), ("RUS", "no"), ("USA", "yes")]


def test_bundled_facts_do_not_mix_with_rows_of_the_same_keys(tmp_path: Path) -> None:
    store = tmp_path / "s"
    add(store, [write_csv(tmp_path / "x.csv", [vote("A/RES/68/262", choice="no")])], "votes")
    before = content(store)
    with pytest.raises(BadStore, match="1 of its rows are in the store already"):
        add(store, [], None, with_bundled=True)
    assert content(store) == before

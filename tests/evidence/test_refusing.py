"""All or nothing: repeats, conflicts, rejected rows, the store as it was."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from evidence_samples import ROWS, columns, content, patient, vote, write_csv, write_json
from hypothesis import given
from hypothesis import strategies as st

from kayfabe.errors import BadOption, BadRow, BadStore, KayfabeError, UnreadableFile
from kayfabe.evidence import TABLES, Evidence
from kayfabe.evidence.store import add


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "s.duckdb"
    add(path, [write_csv(tmp_path / "first.csv", [vote("M1"), vote("M2", title="Old")])], "votes")
    return path


@pytest.mark.parametrize("table", TABLES)
def test_identical_repeats_are_counted_and_kept_once(tmp_path: Path, table: str) -> None:
    rows = ROWS[table]
    path = write_csv(tmp_path / "x.csv", [*rows, rows[0], rows[2], rows[0]])
    (added,) = add(tmp_path / "s", [path], table)
    assert (added.rows, added.repeated) == (3, 3)
    again = write_json(tmp_path / "y.json", rows)
    (added,) = add(tmp_path / "s", [again], table)
    assert (added.rows, added.repeated) == (0, 3)


def test_the_same_file_again_is_a_no_op(store: Path, tmp_path: Path) -> None:
    before = store.read_bytes()
    copy = tmp_path / "copy.csv"
    copy.write_bytes((tmp_path / "first.csv").read_bytes())
    (added,) = add(store, [copy], "votes")
    assert added.already
    assert store.read_bytes() == before


def test_a_conflict_within_a_file(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [vote("M1"), vote("M2"), vote("M1", choice="no"), vote("M1")])
    with pytest.raises(
        BadRow, match=r"row 1, column choice: wants 'no', as row 3 has it for M1:USA, not 'yes' \(1 more"
    ):
        add(tmp_path / "s", [path], "votes")
    assert list(tmp_path.iterdir()) == [path]


def test_a_conflict_with_the_store(store: Path, tmp_path: Path) -> None:
    before = store.read_bytes()
    path = write_csv(tmp_path / "x.csv", [vote("M9"), vote("M2", title="New")])
    with pytest.raises(BadRow, match="row 2, column title: wants 'Old', as the store has it for M2:USA, not 'New'"):
        add(store, [path], "votes")
    assert store.read_bytes() == before


def test_a_file_without_an_optional_column_does_not_contradict_the_store(store: Path, tmp_path: Path) -> None:
    (added,) = add(store, [write_csv(tmp_path / "x.csv", [vote("M2"), vote("M3")])], "votes")
    assert (added.rows, added.repeated) == (1, 1)
    assert columns(store, "votes", ["row_id", "title"]) == [("M1:USA", None), ("M2:USA", "Old"), ("M3:USA", None)]


@pytest.mark.parametrize("keys", [[("a:b", "c"), ("a", "b:c")], [("a", "b:c"), ("a:b", "c")]])
def test_two_keys_with_one_id_are_told_apart_by_refusal(tmp_path: Path, keys: list[tuple[str, str]]) -> None:
    one, two = (vote(motion, actor) for motion, actor in keys)
    with pytest.raises(BadRow, match="row 1, column motion: wants another name, since row 2 has the id a:b:c too"):
        add(tmp_path / "s", [write_csv(tmp_path / "x.csv", [one, two])], "votes")
    add(tmp_path / "s", [write_csv(tmp_path / "1.csv", [one])], "votes")
    with pytest.raises(BadRow, match="wants another name, since the store has the id a:b:c too"):
        add(tmp_path / "s", [write_csv(tmp_path / "2.csv", [two])], "votes")


def test_two_files_of_which_the_second_is_bad(store: Path, tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [vote("M5")])
    bad = write_csv(tmp_path / "bad.csv", [vote("M6"), vote("M7", choice="ja")])
    before = store.read_bytes()
    with pytest.raises(BadRow, match=r"bad\.csv, row 2"):
        add(store, [good, bad], "votes")
    assert store.read_bytes() == before
    with pytest.raises(BadRow):
        add(tmp_path / "new.duckdb", [good, bad], "votes")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.csv", "first.csv", "good.csv", "s.duckdb"]


def test_two_files_that_contradict_each_other(tmp_path: Path) -> None:
    one = write_csv(tmp_path / "1.csv", [vote("M1")])
    two = write_csv(tmp_path / "2.csv", [vote("M1", choice="no")])
    with pytest.raises(BadRow, match=r"2\.csv, row 1, column choice: wants 'yes', as the store has it"):
        add(tmp_path / "s", [one, two], "votes")
    assert not (tmp_path / "s").exists()


BAD = [
    vote("M1", choice="oui"),
    vote("M2"),
    vote("", actor=""),
    vote("M2"),
    vote("M3", at="=1"),
    vote("M4"),
    vote("M4", choice="no"),
]


def test_rejected_rows_go_to_a_file_that_loads_when_corrected(tmp_path: Path) -> None:
    store, out = tmp_path / "s", tmp_path / "bad.csv"
    rows = [{**r, "reason": "own", "note": "-5", "=f": "'=x"} for r in BAD]
    (added,) = add(store, [write_csv(tmp_path / "x.csv", rows)], "votes", reject=out)
    assert (added.rows, added.repeated, added.rejected) == (1, 1, 5)
    with out.open(newline="") as stream:
        bad = list(csv.DictReader(stream))
    assert [r["kayfabe row"] for r in bad] == ["1", "3", "5", "6", "7"]
    assert {r["kayfabe file"] for r in bad} == {str(tmp_path / "x.csv")}
    assert bad[0]["kayfabe reason"] == "choice: wants yes, no, abstain or absent, not 'oui'"
    assert bad[1]["kayfabe reason"] == "motion: wants a value, not empty; actor: wants a value, not empty"
    assert bad[4]["kayfabe reason"] == "choice: wants 'yes', as row 6 has it for M4:USA, not 'no'"
    assert {r["reason"] for r in bad} == {"own"}
    assert bad[2]["at"] == "'=1"
    mended = [{**r, "choice": "no", "motion": f"N{i}", "actor": "USA", "at": "2024-01-01"} for i, r in enumerate(bad)]
    (added,) = add(store, [write_csv(tmp_path / "mended.csv", mended)], "votes")
    assert (added.rows, added.rejected) == (5, 0)
    got = columns(store, "votes", ["reason", "note", "=f"])
    assert set(got) == {("own", "-5", "=x"), ("own", "-5", "'=x")} or set(got) == {("own", "-5", "=x")}
    with Evidence.open(store)._con as con:
        assert not any("kayfabe" in r[0] for r in con.execute("describe votes").fetchall())


def test_no_reject_file_where_nothing_is_bad(tmp_path: Path) -> None:
    add(tmp_path / "s", [write_csv(tmp_path / "x.csv", [vote()])], "votes", reject=tmp_path / "bad.csv")
    assert not (tmp_path / "bad.csv").exists()


def test_the_reject_file_is_none_of_the_others(store: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", BAD)
    before = path.read_bytes()
    for other in (path, store, tmp_path / "." / "x.csv"):
        with pytest.raises(BadOption, match="wants a file of its own"):
            add(store, [path], "votes", reject=other)
    assert path.read_bytes() == before


@pytest.mark.parametrize("where", ["missing/bad.csv", "folder"])
def test_an_unwritable_reject_file_leaves_the_store(store: Path, tmp_path: Path, where: str) -> None:
    (tmp_path / "folder").mkdir()
    before = content(store)
    with pytest.raises((BadOption, BadStore)):
        add(store, [write_csv(tmp_path / "x.csv", BAD)], "votes", reject=tmp_path / where)
    assert content(store) == before
    assert not list(tmp_path.glob("*.part"))


def test_a_file_that_cannot_be_parsed_is_refused_with_reject_too(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("motion,at,actor,choice\nM1,2024-01-01,USA\n")
    with pytest.raises(UnreadableFile, match="line 2 has 3 cells where the header has 4"):
        add(store, [path], "votes", reject=tmp_path / "bad.csv")


cells = st.sampled_from(["", "a", "b", "a:b", ":", "yes", "no", "2024-01-01", "2024-02-30", "=x"])
tables = st.lists(st.fixed_dictionaries({"motion": cells, "at": cells, "actor": cells, "choice": cells}), max_size=12)


@patient
@given(first=tables, second=tables)
def test_against_a_plain_python_model(
    tmp_path_factory: pytest.TempPathFactory, first: list[dict[str, str]], second: list[dict[str, str]]
) -> None:
    """With --reject: the good rows are those that a loop over the rows finds good."""
    folder = tmp_path_factory.mktemp("m")
    store = folder / "s"
    kept: dict[str, dict[str, str]] = {}
    for number, rows in enumerate((first, second)):
        names = ["motion", "at", "actor", "choice"]
        path = folder / f"{number}.csv"
        path.write_text("".join(",".join(line) + "\n" for line in [names, *([r[n] for n in names] for r in rows)]))
        sound = [
            r for r in rows if r["motion"] and r["actor"] and r["at"] == "2024-01-01" and r["choice"] in ("yes", "no")
        ]
        by_id: dict[str, list[dict[str, str]]] = {}
        for r in sound:
            by_id.setdefault(f"{r['motion']}:{r['actor']}", []).append(r)
        fine = {i: rs[0] for i, rs in by_id.items() if all(r == rs[0] for r in rs) and kept.get(i, rs[0]) == rs[0]}
        new = {i: r for i, r in fine.items() if i not in kept}
        (added,) = add(store, [path], "votes", reject=folder / "bad.csv")
        if not added.already:
            assert added.rows == len(new)
            assert added.repeated == sum(len(by_id[i]) for i in fine) - len(new)
        kept |= new
    got = columns(store, "votes", ["row_id", "motion", "actor", "choice"])
    assert got == sorted((i, r["motion"], r["actor"], r["choice"]) for i, r in kept.items())


@patient
@given(rows=tables)
def test_without_reject_a_file_loads_whole_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("m")
    path = write_csv(folder / "x.csv", rows or [vote()])
    (sieved,) = add(folder / "with", [path], "votes", reject=folder / "bad.csv")
    try:
        (whole,) = add(folder / "without", [path], "votes")
    except KayfabeError:
        assert sieved.rejected
        assert not (folder / "without").exists()
    else:
        assert not sieved.rejected
        assert (whole.rows, whole.repeated) == (sieved.rows, sieved.repeated)

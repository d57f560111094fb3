"""kayfabe evidence as a user meets it: what is printed, exit codes, one clear line for every mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kayfabe import cli

VOTES = "motion,at,actor,choice\nM1,2024-01-01,USA,yes\nM1,2024-01-01,FRA,no\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "votes.csv").write_text(VOTES)
    return tmp_path


def kayfabe(capsys: Any, *arguments: str) -> str:
    """Standard output of a command line that must succeed."""
    code = cli.run(["evidence", *arguments])
    out = capsys.readouterr()
    assert (code, out.err) == (0, "")
    return str(out.out)


def refused(capsys: Any, *arguments: str) -> str:
    """The one line of a command line that must exit with 2."""
    code = cli.run(["evidence", *arguments])
    out = capsys.readouterr()
    assert code == 2, out.err
    line = out.err.removesuffix("\n")
    assert line.isprintable()
    assert line.startswith("kayfabe: ")
    assert out.out == ""
    return str(line)


def test_from_file_to_export(here: Path, capsys: Any) -> None:
    assert kayfabe(capsys, "add", "s.duckdb", "votes.csv", "--as", "votes") == "votes.csv: 2 rows into votes.\n"
    assert (
        kayfabe(capsys, "add", "s.duckdb", "votes.csv", "--as", "votes") == "votes.csv: loaded before, nothing to do.\n"
    )
    (here / "more.csv").write_text(VOTES + "M2,2024-01-02,USA,no\nM3,2024,USA,no\n")
    said = kayfabe(capsys, "add", "s.duckdb", "more.csv", "--as", "votes", "--reject", "bad.csv")
    assert said == "more.csv: 1 row into votes, 2 identical rows left out, 1 bad row written to bad.csv.\n"
    assert kayfabe(capsys, "strike", "s.duckdb", "votes:M2:USA", "--why", "a slip") == "Struck: votes:M2:USA\n"
    listed = kayfabe(capsys, "list", "s.duckdb")
    assert listed.splitlines()[1].split() == ["votes", "2", "1", "2024-01-01", "2024-01-01"]
    assert "votes: more.csv, 1 row, sha256 " in listed
    assert listed.splitlines()[-1] == "struck votes:M2:USA: a slip"
    data = json.loads(kayfabe(capsys, "list", "s.duckdb", "--json"))
    assert [f["row_count"] for f in data["files"]] == [2, 1]
    assert data["files"][0]["sha256"] in json.dumps(data)
    assert kayfabe(capsys, "export", "s.duckdb", "--out", "out") == "out/votes.csv\n"
    assert kayfabe(capsys, "strike", "s.duckdb", "votes:M2:USA", "--undo") == "Taken back: votes:M2:USA\n"
    assert kayfabe(capsys, "export", "s.duckdb", "--table", "posts") == "Nothing was written: there are no rows.\n"


def test_a_map_names_the_table(here: Path, capsys: Any) -> None:
    (here / "m.toml").write_text('table = "votes"\ncolumns.actor = "who"\n')
    (here / "v.csv").write_text(VOTES.replace("actor", "who"))
    assert kayfabe(capsys, "add", "s", "v.csv", "--map", "m.toml") == "v.csv: 2 rows into votes, read as m.toml.\n"


def test_long_paths_are_not_wrapped(here: Path, capsys: Any) -> None:
    folder = here / ("long name " * 12).strip()
    folder.mkdir()
    (folder / "v.csv").write_text(VOTES)
    said = kayfabe(capsys, "add", "s", str(folder / "v.csv"), "--as", "votes")
    assert said == f"{folder}/v.csv: 2 rows into votes.\n"


MISTAKES = {
    "add s votes.csv": "--as: wants the table to load into",
    "add s votes.csv --as vote": "Unknown table 'vote'. Did you mean 'votes'",
    "add s votes.csv --as events": "cannot be loaded as events: missing columns",
    "add s none.csv --as votes": "Cannot read none.csv: there is no such file.",
    "add s bad.csv --as votes": "bad.csv, row 1, column choice: wants yes, no, abstain or absent, not 'oui' (2 more bad rows). Nothing",
    "add s votes.csv bad.csv --as votes": "bad.csv, row 1, column choice",
    "add s bad.csv --as votes --reject bad.csv": "--reject: wants a file of its own",
    "add s bad.csv --as votes --reject none/x.csv": "--reject: wants a file that can be written",
    "add s bad.csv --as votes --reject .": "--reject: wants a file of its own",
    "add s": "--bundled",
    "add": "Missing argument",
    "add s votes.csv --as votes --map none.toml": "none.toml: cannot be read as a map",
    "add s votes.csv --as events --map m.toml": "--as: wants the table of the map, votes",
    "add votes.csv votes.csv --as votes": "votes.csv: it is not a kayfabe store",
    "add . votes.csv --as votes": "it is a folder",
    "add none/s votes.csv --as votes": "its folder does not exist",
    "list none": "there is no such file. Make one with: kayfabe evidence add",
    "list votes.csv": "it is not a kayfabe store",
    "strike none x --why y": "there is no such file",
    "strike good x": "--why: wants the reason",
    "strike good x --why y": "Unknown row 'x'",
    "strike good M1:USA --undo": "Unknown struck row 'M1:USA'",
    "export good --format xls": "--format: wants csv or parquet",
    "export good --out votes.csv": "--out: wants a folder that can be written",
    "export good --table vote": "Did you mean 'votes'",
    "remove s": "No such command",
    "add s votes.csv --as": "requires an argument",
    "list s --jsn": "No such option",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_every_mistake_is_one_line_and_leaves_no_trace(here: Path, capsys: Any, line: str) -> None:
    (here / "bad.csv").write_text(
        VOTES.splitlines()[0] + "\nM1,2024-01-01,USA,oui\nM2,2024-02-30,USA,yes\n,2024-01-01,USA,yes\n"
    )
    (here / "m.toml").write_text('table = "votes"\n')
    kayfabe(capsys, "add", "good", "votes.csv", "--as", "votes")
    before = {p.name: p.read_bytes() for p in here.iterdir()}
    assert MISTAKES[line] in refused(capsys, *line.split())
    assert {p.name: p.read_bytes() for p in here.iterdir()} == before


def test_escapes_in_names_cells_and_reasons_do_not_reach_the_terminal(here: Path, capsys: Any) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J[bold]x\u202e"
    (here / f"{evil}.csv").write_text(VOTES + f'"{evil}",2024-01-01,USA,"{evil}"\n')
    assert "[bold]" in refused(capsys, "add", f"s{evil}", f"{evil}.csv", "--as", "votes")
    kayfabe(capsys, "add", f"s{evil}", f"{evil}.csv", "--as", "votes", "--reject", "bad.csv")
    kayfabe(capsys, "strike", f"s{evil}", "M1:USA", "--why", evil)
    said = kayfabe(capsys, "list", f"s{evil}")
    assert said.replace("\n", "").isprintable()
    assert "[bold]x" in said
    assert refused(capsys, "strike", f"s{evil}", evil, "--why", "x")
    assert refused(capsys, "list", f"{evil}.csv")


def test_an_agreement_is_previewed_and_split(here: Path, capsys: Any) -> None:
    (here / "truce.txt").write_text("We agree:\n\n1. Cease fire.\n2. Go home.\n")
    shown = kayfabe(capsys, "add", "s.duckdb", "truce.txt", "--as", "provisions", "--preview")
    assert shown.splitlines() == ["truce.txt:", "3 provisions", "preamble We agree:", "1 Cease fire.", "2 Go home."]
    assert not (here / "s.duckdb").exists()
    said = kayfabe(capsys, "add", "s.duckdb", "truce.txt", "--as", "provisions", "--agreement", "The truce")
    assert said.startswith("truce.txt: 3 rows into provisions.")
    assert "agreement: The truce" in said
    assert "loaded before" in kayfabe(capsys, "add", "s.duckdb", "truce.txt", "--as", "provisions")


def test_a_name_or_preview_without_an_agreement_text_is_refused(here: Path, capsys: Any) -> None:
    assert "one agreement text" in refused(capsys, "add", "s.duckdb", "votes.csv", "--as", "votes", "--agreement", "x")
    assert "agreement texts" in refused(capsys, "add", "s.duckdb", "votes.csv", "--as", "votes", "--preview")


def test_a_statistics_table_says_what_it_was_read_as(here: Path, capsys: Any) -> None:
    (here / "gdp.csv").write_text("country,2020,2021\nDE,1,:\nFR,2,3\n")
    said = kayfabe(capsys, "add", "s.duckdb", "gdp.csv", "--as", "indicators")
    assert said.splitlines() == [
        "gdp.csv: 3 rows into indicators, 1 cell without a value left out, read as a table with times across.",
        "series: DE; FR",
    ]

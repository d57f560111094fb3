"""Export, and back again."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from evidence_samples import ROWS, columns, patient, vote, write_csv, write_json
from hypothesis import given
from hypothesis import strategies as st

from kayfabe.errors import BadOption, BadStore, UnknownName
from kayfabe.evidence import TABLES
from kayfabe.evidence.export import export
from kayfabe.evidence.store import add, strike

FORMULA = ("=", "+", "-", "@", "\t", "\r")
nasty = st.text(
    st.sampled_from("=+-@'\"\t\r\n;,|: \\aЁ漢\u200f\x1b\x7f\u2028")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=8,
)


def rows_of(store: Path, table: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(store), read_only=True) as con:
        cursor = con.execute(f"select * exclude (_file) from {table} order by row_id")
        names = [d[0] for d in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_every_table_comes_back_as_it_was(tmp_path: Path, form: str) -> None:
    store, copy = tmp_path / "s", tmp_path / "t"
    for table, rows in ROWS.items():
        add(store, [write_json(tmp_path / f"{table}.json", [{**r, "own": "=1"} for r in rows])], table)
    written = export(store, tmp_path / "deep" / "out", form=form)
    assert [p.name for p in written] == [f"{t}.{form}" for t in TABLES]
    for path in written:
        add(copy, [path], path.stem)
    for table in TABLES:
        assert rows_of(copy, table) == rows_of(store, table)
        assert len(rows_of(copy, table)) == 3


@patient
@given(
    rows=st.lists(st.tuples(nasty, nasty, nasty), min_size=1, max_size=6, unique_by=lambda r: r[0].strip(" \t\r\n")),
    name=nasty,
)
def test_any_text_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], name: str
) -> None:
    folder = tmp_path_factory.mktemp("e")
    extra = "x" + re.sub(r"[\x00-\x1f\x7f]", " ", name) + "x"
    given_rows = [
        {"document": "d" + i, "at": "2024-01-01", "outlet": "o", "text": text, extra: more} for i, text, more in rows
    ]
    if len({r["document"].strip(" \t\r\n") for r in given_rows}) < len(rows):
        return
    add(folder / "s", [write_json(folder / "x.json", given_rows)], "documents")
    (path,) = export(folder / "s", folder)
    with path.open(newline="", encoding="utf-8") as stream:
        for record in csv.reader(stream):
            assert not any(cell.startswith(FORMULA) for cell in record)
    add(folder / "t", [path], "documents")
    assert rows_of(folder / "t", "documents") == rows_of(folder / "s", "documents")
    wanted = {
        r["document"].strip(" \t\r\n"): (r["text"].strip(" \t\r\n") or None, r[extra] or None) for r in given_rows
    }
    assert {r["document"]: (r["text"], r[extra]) for r in rows_of(folder / "t", "documents")} == wanted


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "''@x", "'", "'a", "a=1"])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_formula_signs_survive_and_do_not_run(tmp_path: Path, cell: str, form: str) -> None:
    store = tmp_path / "s"
    add(store, [write_json(tmp_path / "x.json", [vote("M1", own=cell), vote(f"A{cell}")])], "votes")
    (path,) = export(store, tmp_path, form=form)
    if form == "csv":
        assert not any(c.startswith(FORMULA) for row in csv.reader(path.open(newline="")) for c in row)
    else:
        assert cell in [r[0] for r in duckdb.connect().execute(f"select own from '{path}'").fetchall()]
    add(tmp_path / "t", [path], "votes")
    assert columns(tmp_path / "t", "votes", ["motion", "own"]) == columns(store, "votes", ["motion", "own"])
    assert (cell,) in columns(tmp_path / "t", "votes", ["own"])


def test_a_column_name_may_begin_with_a_formula_sign(tmp_path: Path) -> None:
    add(tmp_path / "s", [write_csv(tmp_path / "x.csv", [vote(**{"=cmd()": "1"})])], "votes")
    (path,) = export(tmp_path / "s", tmp_path)
    assert "'=cmd()" in path.read_text().splitlines()[0].split(",")
    add(tmp_path / "t", [path], "votes")
    assert columns(tmp_path / "t", "votes", ["=cmd()"]) == [("1",)]


def test_struck_rows_stay_out(tmp_path: Path) -> None:
    store = tmp_path / "s"
    add(store, [write_csv(tmp_path / "x.csv", [vote("M1"), vote("M2")])], "votes")
    strike(store, "votes:M1:USA", "wrong")
    (path,) = export(store, tmp_path)
    assert [r["motion"] for r in csv.DictReader(path.open())] == ["M2"]
    strike(store, "M2:USA", "wrong")
    assert export(store, tmp_path / "none") == []


def test_pseudonyms(tmp_path: Path) -> None:
    rows = [
        {
            "post": f"p{i}/{a}",
            "at": "2024-01-01",
            "account": a,
            "object": f"https://x.org/{a}",
            "object_type": "url",
            "text": f"I am {a}",
            "url": f"https://x.org/{a}",
            "name": a,
        }
        for i, a in enumerate(["ann", "bob", "ann", "Ann"])
    ]
    add(tmp_path / "s", [write_csv(tmp_path / "x.csv", rows)], "posts")
    for form in ("csv", "parquet"):
        (path,) = export(tmp_path / "s", tmp_path, pseudonymise=True, form=form)
        con = duckdb.connect()
        frame = con.sql(f"select * from '{path}'")
        names = [r[0] for r in frame.project("account").fetchall()]
        assert names[0] == names[2]
        assert len(set(names)) == 3
        assert all(re.fullmatch("account-[0-9a-f]{16}", n) for n in names)
        assert frame.columns == ["post", "at", "account", "object", "object_type"]
    assert "ann" not in (tmp_path / "posts.csv").read_text().lower()
    assert add(tmp_path / "t", [tmp_path / "posts.csv"], "posts")[0].rows == 4


def test_what_cannot_be_exported(tmp_path: Path) -> None:
    store = tmp_path / "s"
    add(store, [write_csv(tmp_path / "x.csv", [vote()])], "votes")
    with pytest.raises(UnknownName, match="Did you mean 'votes'"):
        export(store, tmp_path, tables=["vote"])
    with pytest.raises(BadOption, match="csv or parquet"):
        export(store, tmp_path, form="xls")
    with pytest.raises(BadStore, match="no such file"):
        export(tmp_path / "none", tmp_path)
    for folder in (tmp_path / "x.csv", tmp_path / "x.csv" / "deeper", Path("/proc/none")):
        with pytest.raises(BadOption, match="wants a folder that can be written"):
            export(store, folder)
    (tmp_path / "o" / "votes.csv").mkdir(parents=True)
    with pytest.raises(BadOption, match="wants a folder that can be written"):
        export(store, tmp_path / "o")
    assert [p.name for p in (tmp_path / "o").iterdir()] == ["votes.csv"]
    assert export(store, tmp_path, tables=["events"]) == []


def test_an_export_replaces_the_last_one_whole(tmp_path: Path) -> None:
    store = tmp_path / "s"
    add(store, [write_csv(tmp_path / "x.csv", [vote()])], "votes")
    (path,) = export(store, tmp_path)
    first = path.read_bytes()
    assert export(store, tmp_path) == [path]
    assert path.read_bytes() == first
    assert not list(tmp_path.glob("*.part"))

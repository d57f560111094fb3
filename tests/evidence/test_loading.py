"""Files into tables: formats, ids, times, ranges, extra columns."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import duckdb
import pytest
from evidence_samples import IDS, ROWS, columns, patient, vote, write_csv, write_json, write_parquet
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kayfabe.errors import BadRow, UnreadableFile, WrongColumns
from kayfabe.evidence import TABLES
from kayfabe.evidence.reading import read_file
from kayfabe.evidence.store import add


def _gz(path: Path) -> Path:
    zipped = path.with_name(path.name + ".gz")
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    return zipped


WRITERS = {
    "csv": lambda f, rows: write_csv(f / "x.csv", rows),
    "semicolons": lambda f, rows: write_csv(f / "x.csv", rows, ";"),
    "tsv": lambda f, rows: write_csv(f / "x.tsv", rows, "\t"),
    "csv.gz": lambda f, rows: _gz(write_csv(f / "x.csv", rows)),
    "bom": lambda f, rows: _with_bom(write_csv(f / "x.csv", rows)),
    "crlf": lambda f, rows: _with_crlf(write_csv(f / "x.csv", rows)),
    "parquet": lambda f, rows: write_parquet(f / "x.parquet", rows),
    "json": lambda f, rows: write_json(f / "x.json", rows),
    "json.gz": lambda f, rows: _gz(write_json(f / "x.json", rows)),
    "json with bom": lambda f, rows: _with_bom(write_json(f / "x.json", rows)),
    "jsonl": lambda f, rows: write_json(f / "x.jsonl", rows, lines=True),
}


def _with_bom(path: Path) -> Path:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    return path


def _with_crlf(path: Path) -> Path:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return path


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("form", WRITERS)
def test_every_table_from_every_format(tmp_path: Path, table: str, form: str) -> None:
    store = tmp_path / "s.duckdb"
    (added,) = add(store, [WRITERS[form](tmp_path, ROWS[table])], table)
    assert (added.rows, added.repeated, added.rejected) == (3, 0, 0)
    assert [r for (r,) in columns(store, table, ["row_id"])] == IDS[table]
    numbers = [c.name for c in TABLES[table].columns if c.type == "number"]
    texts = [c.name for c in TABLES[table].columns if c.type in ("text", "labels") and c.name in ROWS[table][0]]
    want = {tuple(float(r[c]) for c in numbers) + tuple(r[c] or None for c in texts) for r in ROWS[table]}
    got = set(columns(store, table, [*numbers, *texts]))
    assert got == {_crlf(row) for row in want} if form == "crlf" else got == want


def _crlf(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(v.replace("\n", "\r\n") if isinstance(v, str) else v for v in row)


@patient
@given(
    at=st.datetimes(dt.datetime(1, 1, 3), dt.datetime(9999, 12, 29)).map(lambda t: t.replace(microsecond=0)),
    offset=st.integers(-14 * 60, 14 * 60 + 59).map(lambda m: dt.timezone(dt.timedelta(minutes=m))),
)
def test_times_with_offsets_become_utc(
    tmp_path_factory: pytest.TempPathFactory, at: dt.datetime, offset: dt.timezone
) -> None:
    folder = tmp_path_factory.mktemp("t")
    local = at.replace(tzinfo=offset)
    store = folder / "s"
    add(store, [write_csv(folder / "x.csv", [vote(at=local.isoformat())])], "votes")
    assert columns(store, "votes", ["at"]) == [(local.astimezone(dt.UTC).replace(tzinfo=None),)]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("2024-03-27", dt.datetime(2024, 3, 27)),
        ("2024-03-27 10:05", dt.datetime(2024, 3, 27, 10, 5)),
        ("2024-03-27T10:05:06.5Z", dt.datetime(2024, 3, 27, 10, 5, 6, 500000)),
        ("2024-03-27T10:05:06 UTC", dt.datetime(2024, 3, 27, 10, 5, 6)),
        ("2024-03-27T10:05+0530", dt.datetime(2024, 3, 27, 4, 35)),
        ("2024-03-27T24:00", dt.datetime(2024, 3, 28)),
        (" 2024-03-27\t", dt.datetime(2024, 3, 27)),
    ],
)
def test_time_forms(tmp_path: Path, text: str, want: dt.datetime) -> None:
    add(tmp_path / "s", [write_csv(tmp_path / "x.csv", [vote(at=text)])], "votes")
    assert columns(tmp_path / "s", "votes", ["at"]) == [(want,)]


BAD_TIMES = (
    "2024-02-30",
    "2024-13-01",
    "2024-03-27T24:01",
    "2024-03-27T10:00+99:00",
    "0000-01-01",
    "99999-01-01",
    "9999-12-31T23:00-14:00",
    "27.03.2024",
    "03/27/2024",
    "yesterday",
    "infinity",
    "1711500000",
    "2024",
)
BAD_CELLS = [
    *(("votes", "at", t) for t in BAD_TIMES),
    *(("votes", "choice", v) for v in ("maybe", "y", "yes;no", "1")),
    *(("events", "channel", v) for v in ("tweet", "words")),
    *(("events", "score", v) for v in ("10.0001", "-10.1", "nan", "inf", "1e308", "1e999", "1,5", "ten", "0x1")),
    *(("statements", "stance", v) for v in ("1.01", "-2", "NaN", "for")),
    *(("indicators", "value", v) for v in ("nan", "-inf", "1e999", "n/a")),
]


@pytest.mark.parametrize(("table", "column", "cell"), BAD_CELLS)
def test_a_cell_out_of_range_refuses_the_file(tmp_path: Path, table: str, column: str, cell: str) -> None:
    rows = [*ROWS[table][:1], {**ROWS[table][1], column: cell}, *ROWS[table][2:]]
    with pytest.raises(BadRow, match=rf"x\.csv, row 2, column {column}: wants a?.*, not '"):
        add(tmp_path / "s", [write_csv(tmp_path / "x.csv", rows)], table)
    assert not (tmp_path / "s").exists()


NEEDED = [(t.name, c.name) for t in TABLES.values() for c in t.columns if c.required]


@pytest.mark.parametrize(("table", "column"), NEEDED)
def test_needed_columns_and_cells(tmp_path: Path, table: str, column: str) -> None:
    less = [{k: v for k, v in row.items() if k != column} for row in ROWS[table]]
    with pytest.raises(WrongColumns, match=f"missing column {column}"):
        add(tmp_path / "s", [write_csv(tmp_path / "x.csv", less)], table)
    empty = [{**ROWS[table][0], column: " \n"}]
    path = write_csv(tmp_path / "y.csv", empty)
    if TABLES[table].column(column).filled:
        with pytest.raises(BadRow, match=f"row 1, column {column}: wants a value"):
            add(tmp_path / "s", [path], table)
    else:
        assert add(tmp_path / "s", [path], table)[0].rows == 1


def test_a_misspelt_column_is_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [{"motion": "M", "at": "2024-01-01", "actor": "USA", "choise": "yes"}])
    with pytest.raises(WrongColumns, match=r"missing column choice \(is it 'choise'\?\)"):
        add(tmp_path / "s", [path], "votes")


def test_extra_columns_of_several_files_are_kept(tmp_path: Path) -> None:
    store = tmp_path / "s"
    one = write_csv(tmp_path / "1.csv", [vote("M1", Weight="2", note="  a ")])
    two = write_csv(tmp_path / "2.csv", [vote("M2", weight="3", colour="red")])
    add(store, [one, two], "votes")
    add(store, [write_csv(tmp_path / "3.csv", [vote("M3", späť="ano")])], "votes")
    got = columns(store, "votes", ["motion", "weight", "note", "colour", "späť"])
    assert got == [("M1", "2", "  a ", None, None), ("M2", "3", None, "red", None), ("M3", None, None, None, "ano")]


INTERNAL = (
    "times",
    "_row",
    "row",
    "raw",
    "text at",
    "mine",
    "whose",
    "head",
    "tail",
    "seen",
    "want",
    "file",
    "reason",
    "o.at",
    "n",
)


def test_extra_columns_may_have_any_name(tmp_path: Path) -> None:
    names = [*INTERNAL, 'a"b', "a'b", "a;drop table votes_all", "select", "ключ", "$1", "*"]
    rows = [vote("M1", **dict.fromkeys(names, "x")), vote("M1", **dict.fromkeys(names, "x")), vote("M2")]
    store = tmp_path / "s"
    (added,) = add(store, [write_csv(tmp_path / "x.csv", rows)], "votes")
    assert (added.rows, added.repeated) == (2, 1)
    with duckdb.connect(str(store), read_only=True) as con:
        cells = dict(
            zip(
                [d[0] for d in con.execute("select * from votes order by row_id").description],
                con.fetchone(),
                strict=True,
            )
        )
    assert all(cells[n] == "x" for n in names)


@pytest.mark.parametrize("name", ["row_id", "_file", "ROW_ID"])
def test_names_that_kayfabe_needs_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFile, match="keeps for itself"):
        add(tmp_path / "s", [write_csv(tmp_path / "x.csv", [vote(**{name: "1"})])], "votes")


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\r\nb", "a\tb", "a\x1b[1mb"])
@pytest.mark.parametrize("form", ["csv", "crlf", "parquet", "json"])
def test_a_column_name_holds_no_line_break(tmp_path: Path, form: str, name: str) -> None:
    with pytest.raises((UnreadableFile, WrongColumns)):
        add(tmp_path / "s", [WRITERS[form](tmp_path, [vote(**{name: "1"})])], "votes")


@settings(deadline=None, max_examples=150)
@given(body=st.text('ab,,"\r\n\n', max_size=25), end=st.sampled_from(["\n", "\r\n", "\r"]))
@example(body="1,2\r\n3,4\n", end="\n")
@example(body="1,2\n3,4\n", end="\r\n")
def test_csv_is_read_as_python_reads_it_or_refused(
    tmp_path_factory: pytest.TempPathFactory, body: str, end: str
) -> None:
    """No row is lost in silence, whatever the line ends and quote marks."""
    path = tmp_path_factory.mktemp("c") / "x.csv"
    path.write_text(f"x,y{end}{body}", encoding="utf-8", newline="")
    con = duckdb.connect()
    try:
        read_file(con, path)
    except UnreadableFile:
        return
    got = [tuple(v or "" for v in row) for row in con.execute("select x, y from raw").fetchall()]
    with path.open(newline="") as stream:
        want = [row for row in csv.reader(stream) if row][1:]
    assert got == [(row[0], row[1]) for row in want]
    assert not any("".join(row[2:]) for row in want)


def test_json_values_are_read_as_text(tmp_path: Path) -> None:
    rows = [
        {**vote("007", at="2024-03-27T10:00:00+02:00"), "n": 1, "deep": {"a": [1, None]}, "flag": True, "none": None},
        {**vote("008"), "n": "02", "late": 1.50},
    ]
    store = tmp_path / "s"
    add(store, [write_json(tmp_path / "x.json", rows)], "votes")
    assert columns(store, "votes", ["motion", "at", "n", "deep", "flag", "none", "late"]) == [
        ("007", dt.datetime(2024, 3, 27, 8), "1", '{"a":[1,null]}', "true", None, None),
        ("008", dt.datetime(2024, 3, 27), "02", None, None, None, "1.5"),
    ]


def test_a_column_that_appears_late_in_json_lines_is_kept(tmp_path: Path) -> None:
    rows = [vote(f"M{i}") for i in range(30_000)] + [vote("last", note="late")]
    store = tmp_path / "s"
    add(store, [write_json(tmp_path / "x.jsonl", rows, lines=True)], "votes")
    assert columns(store, "votes where motion = 'last'", ["note"]) == [("late",)]


def test_typed_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    duckdb.execute(
        f"copy (select 'ships' as series, d::timestamptz as at, (1.5 + i)::float as value from "
        f"(values (date '2024-01-01', 0), (date '2024-02-01', 1)) t(d, i)) to '{path}' (format parquet)"
    )
    add(tmp_path / "s", [path], "indicators")
    want = [(dt.datetime(2024, 1, 1), 1.5), (dt.datetime(2024, 2, 1), 2.5)]
    assert columns(tmp_path / "s", "indicators", ["at", "value"]) == want


@pytest.mark.parametrize(
    "name",
    ["a[1].csv", "b*.csv", "c?.csv", "d{x,y}.csv", "e'f.csv", "g\nh.csv", "actor=XXX/i.csv", "[j].parquet", "~.json"],
)
def test_a_file_name_is_never_a_pattern(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    write = {".csv": write_csv, ".parquet": write_parquet, ".json": write_json}[path.suffix]
    plain = write(tmp_path / f"plain{path.suffix}", [vote()])
    plain.rename(path)
    write_csv(tmp_path / "a1.csv", [vote("other")])
    write_csv(tmp_path / "bb.csv", [vote("other")])
    add(tmp_path / "s", [path], "votes")
    assert columns(tmp_path / "s", "votes", ["row_id"]) == [("M1:USA",)]

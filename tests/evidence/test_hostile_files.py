"""Files that are broken, strange or malicious: rows or one clear line, never a crash, never a half-filled store."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
from pathlib import Path

import duckdb
import pytest
from evidence_samples import ROWS, columns, patient, vote, write_csv, write_json, write_parquet
from hypothesis import given
from hypothesis import strategies as st

from kayfabe.errors import BadRow, KayfabeError, UnreadableFile, WrongColumns
from kayfabe.evidence import TABLES
from kayfabe.evidence.mapping import read_map
from kayfabe.evidence.store import add

HEAD = "motion,at,actor,choice\n"
KINDS = ("csv", "tsv", "txt", "parquet", "json", "jsonl", "csv.gz", "json.gz")

REFUSED = {
    "empty.csv": (b"", "it is empty"),
    "newlines.csv": (b"\n\n\n", "it is empty"),
    "spaces.csv": (b"  ,  \n", "it is empty"),
    "short.csv": (
        HEAD.encode() + b"M1,2024-01-01,USA,yes\nM2,2024-01-01,USA\n",
        "line 3 has 3 cells where the header has 4",
    ),
    "long.csv": (HEAD.encode() + b"M1,2024-01-01,USA,yes,more\n", "line 2 has 5 cells where the header has 4"),
    "quote.csv": (HEAD.encode() + b'M1,2024-01-01,USA,"yes\n', "line 2: a quote mark is not closed"),
    "inner.csv": (HEAD.encode() + b'"M"1",2024-01-01,USA,yes\n', "line 2: a quote mark is not closed"),
    "header.csv": (b'"motion,at,actor\n', "its header is not CSV"),
    "cut-utf16.csv": ((HEAD + "M1,2024-01-01,USA,yes\n").encode("utf-16")[:-1], "is not UTF-16 either"),
    "utf32.csv": (HEAD.encode("utf-32"), "holds NUL characters"),
    "either.csv": ("motion,at,actor,choice,é\n".encode("latin-1"), "may be windows-1251 or windows-1252"),
    "two.csv": (HEAD.encode() + "M1,2024-01-01,Côte,yes\n".encode("cp1252") + "M2,2024-01-01,Россия,yes\n".encode("cp1251"), "fit neither"),
    "partly.csv": (HEAD.encode() + "M1,2024-01-01,Côte,yes\n".encode() + "M2,2024-01-01,Côte,yes\n".encode("cp1252"), "line 3 is not UTF-8, but line 2 is"),
    "marked.csv": (b"\xef\xbb\xbf" + HEAD.encode() + b"M1,2024-01-01,C\xf4te,yes\n", "begins with the mark of UTF-8"),
    "koi8.csv": ("ГОД,Всего,Прирост\n".encode("koi8-r"), "fit neither"),
    "dos.csv": ("год,Всего,Прирост\n".encode("cp866"), "fit neither"),
    "bits.csv": (HEAD.encode() + bytes(range(1, 256)), "fit neither"),
    "late-zero.csv": (HEAD.encode() + b"M1,2024-01-01,USA,yes\n" * 3_000 + b"M1,2024-01-01,U\0A,yes\n", "line 3002 holds a NUL byte"),
    "zero.csv": (HEAD.encode() + b"M1\0,2024-01-01,USA,yes\n", "it is not UTF-8"),
    "mixed.csv": (HEAD.encode() + b"M1,2024-01-01,USA,yes\r\nM2,2024-01-01,USA,yes\n", "line endings may be mixed"),
    "nameless.csv": (b"motion,at,,choice\n", "column 3 has no name"),
    "twice.csv": (b"motion,at,actor,choice,Actor\n", "names 'actor' twice"),
    "zip.csv": (b"PK\x03\x04\x14\x00\x08\x00", "it is not UTF-8"),
    "plain.csv.gz": (HEAD.encode(), "Not a gzipped file"),
    "cut.csv.gz": (gzip.compress(os.urandom(9000))[:300], ""),
    "text.parquet": (b"hello", "too small to be a Parquet file"),
    "magic.parquet": (b"PAR1" + b"\0" * 100 + b"PAR1", ""),
    "open.json": (b'[{"motion": "M1"', "Malformed JSON"),
    "comma.json": (b'[{"motion": "M1"},]', "Malformed JSON"),
    "number.json": (b"5", "expected records"),
    "list.json": (b"[1, 2]", "expected records"),
    "mixed.json": (b'[{"motion": "M1"}, 5]', "expected records"),
    "double.json": (b'{"motion": "M1", "motion": "M2"}', "duplicate key"),
    "utf16.json": ('[{"motion": "M1"}]'.encode("utf-16"), "not"),
    "latin1.json": ('[{"motion": "é"}]'.encode("latin-1"), "invalid UTF-8"),
    "empty.json": (b"", ""),
    "none.json": (b"[]", ""),
    "data.xlsx": (b"PK", "unknown kind of file '.xlsx'"),
    "data": (b"x", "unknown kind of file ''"),
    "data.parquet.gz": (b"x", "unknown kind of file '.gz'"),
    ".csv": (HEAD.encode(), "unknown kind of file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_file_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    bytes_, says = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(bytes_)
    with pytest.raises((UnreadableFile, WrongColumns)) as caught:
        add(tmp_path / "s.duckdb", [path], "votes", reject=tmp_path / "bad.csv")
    message = str(caught.value)
    assert says in message
    assert name in message
    assert message.isprintable()
    assert len(message) < 600
    assert "strict_mode" not in message
    assert list(tmp_path.iterdir()) == [path]


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(HEAD.strip())
    (added,) = add(tmp_path / "s", [tmp_path / "x.csv"], "votes")
    assert added.rows == 0


def test_bytes_that_are_not_utf8_far_down_name_their_line(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    lines = [f"M{i},2024-01-01,USA,yes\n".encode() for i in range(20_000)]
    path.write_bytes(HEAD.encode() + b"".join(lines) + b"M\xff,2024-01-01,USA,yes\n")
    with pytest.raises(UnreadableFile, match="line 20002 is not UTF-8"):
        add(tmp_path / "s", [path], "votes")


def test_old_macintosh_line_ends(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(HEAD.replace("\n", "\r").encode() + b"M1,2024-01-01,USA,yes\r")
    with contextlib.suppress(UnreadableFile):
        assert add(tmp_path / "s", [tmp_path / "x.csv"], "votes")[0].rows == 1


@pytest.mark.parametrize("table", TABLES)
def test_columns_of_another_table(tmp_path: Path, table: str) -> None:
    for other in TABLES.keys() - {table}:
        with pytest.raises(WrongColumns, match=f"cannot be loaded as {table}: missing column"):
            add(tmp_path / "s", [write_csv(tmp_path / f"{other}.csv", ROWS[other])], table)


@patient
@given(
    kind=st.sampled_from(KINDS),
    head=st.sampled_from([b"", b"PAR1", b"[", b"{", HEAD.encode()]),
    body=st.binary(max_size=200),
)
def test_random_bytes(tmp_path_factory: pytest.TempPathFactory, kind: str, head: bytes, body: bytes) -> None:
    folder = tmp_path_factory.mktemp("r")
    path = folder / f"x.{kind}"
    path.write_bytes(gzip.compress(head + body) if kind.endswith("gz") and len(body) % 2 else head + body)
    store = folder / "s"
    with contextlib.suppress(KayfabeError):
        add(store, [path], "votes", reject=folder / "bad")
    assert store.exists() or sorted(folder.iterdir()) == [path]


@patient
@given(position=st.integers(0, 10_000), value=st.integers(0, 255), kind=st.sampled_from(["parquet", "csv.gz", "jsonl"]))
def test_one_wrong_byte(tmp_path_factory: pytest.TempPathFactory, position: int, value: int, kind: str) -> None:
    folder = tmp_path_factory.mktemp("b")
    path = folder / f"x.{kind}"
    rows = [vote(f"M{i}") for i in range(50)]
    if kind == "parquet":
        write_parquet(path, rows)
    elif kind == "jsonl":
        write_json(path, rows, lines=True)
    else:
        path.write_bytes(gzip.compress(write_csv(folder / "y.csv", rows).read_bytes()))
    damaged = bytearray(path.read_bytes())
    damaged[position % len(damaged)] = value
    path.write_bytes(damaged)
    with contextlib.suppress(KayfabeError):
        assert add(folder / "s", [path], "votes", reject=folder / "bad")[0].rows <= 50
    for name in (".s.part", ".s.part.wal"):
        assert not (folder / name).exists()


@patient
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([*TABLES["votes"].names, "x"]),
            st.recursive(
                st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
                max_leaves=4,
            ),
        ),
        max_size=4,
    )
)
def test_random_json(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]) -> None:
    folder = tmp_path_factory.mktemp("j")
    path = folder / "x.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    with contextlib.suppress(KayfabeError):
        (added,) = add(folder / "s", [path], "votes", reject=folder / "bad.csv")
        assert added.rows + added.repeated + added.rejected <= len(rows)


@pytest.mark.parametrize("width", [200, pytest.param(2_000, marks=pytest.mark.slow)])
def test_many_columns(tmp_path: Path, width: int) -> None:
    wide = vote(**{f"a long name of a column, so that the header fills many blocks, {i}": str(i) for i in range(width)})
    (added,) = add(tmp_path / "s", [write_csv(tmp_path / "wide.csv", [wide, {**wide, "motion": "M2"}])], "votes")
    assert added.rows == 2
    last = f"a long name of a column, so that the header fills many blocks, {width - 1}"
    assert columns(tmp_path / "s", "votes", [last]) == [(str(width - 1),)] * 2


def test_huge_cells(tmp_path: Path) -> None:
    big = {**ROWS["documents"][0], "text": "word " * 3_000_000}
    add(tmp_path / "s", [write_csv(tmp_path / "big.csv", [big])], "documents")
    assert columns(tmp_path / "s", "documents", ["text"]) == [(big["text"].strip(),)]
    with pytest.raises(UnreadableFile):
        add(tmp_path / "s", [write_csv(tmp_path / "huge.csv", [{**big, "text": "word " * 5_000_000}])], "documents")
    with pytest.raises(BadRow) as caught:
        add(tmp_path / "s", [write_csv(tmp_path / "bad.csv", [vote(choice="x" * 1_000_000)])], "votes")
    assert len(str(caught.value)) < 500


def test_terminal_escapes_do_not_reach_the_message(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[31mred\u202e\r\nkayfabe: all is well"
    store = tmp_path / "s"
    add(store, [write_json(tmp_path / "first.json", [vote("M1", title=evil)])], "votes")
    attacks = {
        f"cell{evil.replace('/', '')}.csv": [vote(choice=evil)],
        "conflict.json": [vote("M1", title="other")],
        "key.json": [vote(evil, choice="yes"), vote(evil, choice="no")],
    }
    for name, rows in attacks.items():
        path = tmp_path / name
        (write_json if name.endswith("json") else write_csv)(path, rows)
        with pytest.raises(BadRow) as caught:
            add(store, [path], "votes")
        assert str(caught.value).isprintable()
    with pytest.raises(KayfabeError) as error:
        add(store, [write_json(tmp_path / "name.json", [{evil: "1", "x": "2"}])], "votes")
    assert str(error.value).isprintable()


def test_sql_in_cells_and_names(tmp_path: Path) -> None:
    attack = "x'); drop table votes_all; --"
    store = tmp_path / "s"
    add(store, [write_csv(tmp_path / f"{attack}.csv", [vote(attack, **{attack: attack, '"; --': attack})])], "votes")
    assert columns(store, "votes", ["motion", attack]) == [(attack, attack)]
    mapping = tmp_path / "m.toml"
    mapping.write_text(f'table = "votes"\nconstants.body = "{attack}"\n[values.choice]\n"{attack}" = "yes"\n')
    add(store, [write_csv(tmp_path / "y.csv", [vote("M2", choice=attack)])], "votes", mapping=read_map(mapping))
    assert columns(store, "votes where motion = 'M2'", ["body", "choice"]) == [(attack, "yes")]


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nowhere.csv")
    cases = ["folder.csv", "dangling.csv", "none.csv", "none/x.csv", "x" * 300 + ".csv", "fifo.csv"]
    os.mkfifo(tmp_path / "fifo.csv")
    for name in cases:
        with pytest.raises(UnreadableFile):
            add(tmp_path / "s", [tmp_path / name], "votes")
    with pytest.raises(UnreadableFile):
        add(tmp_path / "s", [Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv"))], "votes")
    assert not (tmp_path / "s").exists()


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv"))
    write_csv(tmp_path / "x.csv", [vote()]).rename(path)
    with pytest.raises(UnreadableFile, match="its name is not UTF-8"):
        add(tmp_path / "s", [path], "votes")


def test_parquet_of_odd_types(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    duckdb.execute(
        f"copy (select 'M1' as motion, timestamp 'infinity' as at, 'USA' as actor, 'yes' as choice, [1, 2] as l, "
        f"{{'a': 1}} as s, '\\xFF'::blob as b, interval 1 day as i, map {{'k': 1}} as m) to '{path}' (format parquet)"
    )
    with pytest.raises(BadRow, match="column at: wants a time"):
        add(tmp_path / "s", [path], "votes")

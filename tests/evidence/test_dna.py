"""Databases of Discourse Network Analyzer, versions 2 and 3, made here by their schemas."""

import csv
import sqlite3

import pytest
from typer.testing import CliRunner

from kayfabe.cli import app
from kayfabe.errors import UnknownName, UnreadableFile
from kayfabe.evidence import Evidence, store
from kayfabe.evidence.dna import is_dna, read_dna, read_table, readable

DAY = 1_106_697_600  # 2005-01-26T00:00:00Z
WHO = ["", "Senate", "=Club", "NGO"]
WHAT = ["", "Tax carbon.", "Trade."]
# statement, document, coder, organization, concept, agreement, start, stop
STATEMENTS = [
    (1, 1, 1, 1, 1, 1, 0, 5),
    (2, 1, 2, 2, 2, 0, 6, 11),
    (3, 2, 1, 3, 1, 0, 0, 3),
    (4, 2, 1, 0, 1, 1, 0, 3),
    (5, 2, 1, 3, 0, 1, 0, 3),
]


def database(path, version, *, levels="boolean", values=None):
    """A database whose third type only is a network of statements; statements 4 and 5 lack an actor and an issue."""
    con = sqlite3.connect(path)
    con.executescript(
        """create table SETTINGS(Property text, Value text);
        create table CODERS(ID integer, Name text);
        create table DOCUMENTS(ID integer, Title text, Text text, Section text, Date integer);
        create table STATEMENTTYPES(ID integer, Label text);
        create table VARIABLES(ID integer, Variable text, DataType text, StatementTypeId integer);
        create table STATEMENTS(ID integer, StatementTypeId integer, DocumentId integer, Start integer, Stop integer, Coder integer);
        create table DATABOOLEAN(ID integer, StatementId integer, VariableId integer, Value integer);
        create table DATAINTEGER(ID integer, StatementId integer, VariableId integer, Value integer);
        create table DATALONGTEXT(ID integer, StatementId integer, VariableId integer, Value text);"""
    )
    scale = 1000 if version == 2 else 1
    con.executemany("insert into CODERS values (?, ?)", [(1, "Ann"), (2, "Bea")])
    con.executemany("insert into DOCUMENTS values (?, ?, ?, 'one', ?)",
                    [(1, "First", "Hello world.", DAY * scale), (2, "Second", "Yes.", (DAY + 3661) * scale)])  # fmt: skip
    con.executemany("insert into STATEMENTTYPES values (?, ?)", [(1, "Note"), (2, "Story"), (3, "DNA Statement")])
    con.executemany("insert into VARIABLES values (?, ?, ?, ?)",
                    [(1, "note", "long text", 1), (2, "person", "short text", 3), (3, "organization", "short text", 3),
                     (4, "concept", "short text", 3), (5, "agreement", levels, 3), (6, "Text", "long text", 3)])  # fmt: skip
    con.execute("insert into STATEMENTS values (9, 1, 1, 0, 5, 1)")
    if version == 3:
        con.execute("create table ENTITIES(ID integer, VariableId integer, Value text)")
        con.execute("create table DATASHORTTEXT(ID integer, StatementId integer, VariableId integer, Entity integer)")
        con.executemany("insert into ENTITIES values (?, 3, ?)", list(enumerate(WHO, 10)))
        con.executemany("insert into ENTITIES values (?, 4, ?)", list(enumerate(WHAT, 20)))
    else:
        con.execute("create table DATASHORTTEXT(ID integer, StatementId integer, VariableId integer, Value text)")
    for k, (number, document, coder, who, what, agree, start, stop) in enumerate(STATEMENTS):
        con.execute("insert into STATEMENTS values (?, 3, ?, ?, ?, ?)", (number, document, start, stop, coder))
        cells = [(3, who + 10), (4, what + 20)] if version == 3 else [(3, WHO[who]), (4, WHAT[what])]
        con.executemany("insert into DATASHORTTEXT values (?, ?, ?, ?)", [(k, number, v, cell) for v, cell in cells])
        table = "DATABOOLEAN" if levels == "boolean" else "DATAINTEGER"
        con.execute(f"insert into {table} values (?, ?, 5, ?)", (k, number, agree if values is None else values[k]))
    con.execute("insert into DATALONGTEXT values (1, 1, 6, 'long')")
    con.commit()
    con.close()
    return path


@pytest.mark.parametrize("version", [2, 3])
def test_both_versions_give_the_same_statements(tmp_path, version):
    table = read_table(database(tmp_path / "d.dna", version))
    assert (table.version, table.incomplete) == (version, 2)
    rows = [dict(zip(table.names, row, strict=True)) for row in table.rows]
    assert [(r["statement"], r["at"], r["actor"], r["issue"], r["stance"]) for r in rows] == [
        ("1", "2005-01-26T00:00:00Z", "Senate", "Tax carbon.", "1"),
        ("2", "2005-01-26T00:00:00Z", "=Club", "Trade.", "-1"),
        ("3", "2005-01-26T01:01:01Z", "NGO", "Tax carbon.", "-1"),
    ]
    assert [(r["coder"], r["document"], r["text"], r["dna_Text"]) for r in rows] == [
        ("Ann", "1", "Hello", "long"), ("Bea", "1", "world", ""), ("Ann", "2", "Yes", "")]  # fmt: skip


@pytest.mark.parametrize("version", [2, 3])
def test_a_store_takes_what_was_read(tmp_path, version):
    written = read_dna(database(tmp_path / "d.dna", version), tmp_path)
    assert list(csv.reader(written.open(encoding="utf-8")))[2][2] == "'=Club"
    store.add(tmp_path / "s.duckdb", [written], "statements")
    known = Evidence.open(tmp_path / "s.duckdb")
    assert known.query("select actor, stance from statements order by statement") == [
        ("Senate", 1),
        ("=Club", -1),
        ("NGO", -1),
    ]
    known.close()


def test_whole_numbers_are_scaled_to_stances(tmp_path):
    table = read_table(database(tmp_path / "d.dna", 3, levels="integer", values=[2, -1, 0, 2, 2]))
    assert [row[4] for row in table.rows] == ["1", "-0.5", "0"]


def test_the_file_stays_as_it_is(tmp_path):
    path = database(tmp_path / "d.dna", 3)
    before = path.read_bytes()
    read_table(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["d.dna"]


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.dna").write_text("not a database", encoding="utf-8")
    (tmp_path / "b.dna").write_bytes(b"SQLite format 3\x00" + b"\xff" * 200)
    sqlite3.connect(tmp_path / "c.dna").execute("create table X(a)").connection.close()
    for name in ("a.dna", "b.dna", "c.dna", "none.dna"):
        with pytest.raises(UnreadableFile):
            read_table(tmp_path / name)
    with pytest.raises(UnknownName):
        read_table(database(tmp_path / "d.dna", 3), "Statement")
    with pytest.raises(UnreadableFile):
        read_table(tmp_path / "d.dna", "Note")
    assert not is_dna(tmp_path / "a.dna")


def test_readable_leaves_other_files_alone_and_nothing_behind(tmp_path):
    other = tmp_path / "s.csv"
    other.write_text("a\n1\n", encoding="utf-8")
    with readable(other) as found:
        assert found == (other, 0)
    with readable(database(tmp_path / "d.dna", 3)) as (path, incomplete):
        assert incomplete == 2
        assert len(path.read_text(encoding="utf-8").splitlines()) == 4
    assert not path.exists()


def test_adding_a_database_says_how_many_statements_were_left_out(tmp_path):
    path = database(tmp_path / "d.dna", 3)
    (added,) = store.add(tmp_path / "s.duckdb", [path], "statements")
    assert (added.rows, added.incomplete) == (3, 2)
    done = CliRunner().invoke(app, ["evidence", "add", str(tmp_path / "t.duckdb"), str(path), "--as", "statements"])
    said = " ".join(done.output.split())
    assert "3 rows into statements, 2 incomplete statements left out (no actor, issue or stance)" in said

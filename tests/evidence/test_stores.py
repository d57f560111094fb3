"""Where a store may be, who else may hold it, and what is left when the work is cut off."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pytest
from evidence_samples import columns, content, vote, write_csv

from kayfabe.errors import BadStore, KayfabeError
from kayfabe.evidence import Evidence, open_evidence
from kayfabe.evidence.engine import connect
from kayfabe.evidence.export import export
from kayfabe.evidence.store import add, listing, strike


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "x.csv", [vote()])


@pytest.fixture
def store(tmp_path: Path, good: Path) -> Path:
    add(tmp_path / "s.duckdb", [good], "votes")
    return tmp_path / "s.duckdb"


def _duckdb(path: Path) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute("create table t as select 1 as x")


def _other_format(path: Path) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute("create table _meta as select 'format' as name, '99' as value")


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as con:
        con.execute("create table t (x)")


NOT_STORES = {
    "folder": (lambda p: p.mkdir(), "it is a folder"),
    "text": (lambda p: p.write_text("motion,at\n" * 900), "it is not a kayfabe store"),
    "blocked.txt": (lambda p: p.write_text("a name with lock in it"), "it is not a kayfabe store"),
    "empty": (lambda p: p.write_bytes(b""), "it is not a kayfabe store"),
    "other.duckdb": (_duckdb, "a DuckDB file that kayfabe did not make"),
    "later.duckdb": (_other_format, "its format is 99, this version reads 1"),
    "x.sqlite": (_sqlite, "it is not a kayfabe store"),
    "x\x1b[31m\n.db": (lambda p: p.write_text("x"), "it is not a kayfabe store"),
}


@pytest.mark.parametrize("name", NOT_STORES)
def test_what_is_not_a_store_stays_untouched(tmp_path: Path, good: Path, name: str) -> None:
    make, says = NOT_STORES[name]
    path = tmp_path / name
    make(path)
    before = path.read_bytes() if path.is_file() else None
    there = sorted(tmp_path.iterdir())
    attempts = [
        lambda: add(path, [good], "votes"),
        lambda: listing(path),
        lambda: strike(path, "M1:USA", "x"),
        lambda: export(path, tmp_path),
        lambda: open_evidence(path),
    ]
    for attempt in attempts:
        with pytest.raises(BadStore) as caught:
            attempt()
        assert says in str(caught.value)
        assert str(caught.value).isprintable()
    assert sorted(tmp_path.iterdir()) == there
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize(
    "where", ["none/s.duckdb", "x.csv/s.duckdb", "/proc/s.duckdb", "/sys/s.duckdb", "/dev/null", "/dev/full", "x" * 300]
)
def test_places_where_no_store_can_be(tmp_path: Path, good: Path, where: str) -> None:
    with pytest.raises(BadStore) as caught:
        add(tmp_path / where, [good], "votes")
    assert "Error" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [good]


@pytest.mark.parametrize(
    "name", [":memory:", "md:x", "~", "a b", "a'b", 'a"b', "é", "a;b", "s3:x", "a\nb", "?x=1", "%s", ".s"]
)
def test_a_store_may_have_any_name(tmp_path: Path, good: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    add(Path(name), [good], "votes")
    assert add(Path(name), [good], "votes")[0].already
    assert (tmp_path / name).is_file()
    evidence = Evidence.open(Path(name))
    assert evidence.count("votes") == 1
    evidence.close()


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    for attempt in (
        lambda p: listing(p),
        lambda p: strike(p, "x", "y"),
        lambda p: export(p, tmp_path),
        lambda p: Evidence.open(p),
    ):
        with pytest.raises(BadStore, match="there is no such file"):
            attempt(tmp_path / "none.duckdb")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [100, 4096, 12288, 300_000])
def test_a_store_cut_short(store: Path, good: Path, size: int) -> None:
    store.write_bytes(store.read_bytes()[:size])
    for attempt in (
        lambda: listing(store),
        lambda: add(store, [write_csv(good.with_name("y.csv"), [vote("M2")])], "votes"),
    ):
        with pytest.raises(KayfabeError):
            attempt()


HOLD = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"


@pytest.mark.parametrize("new", [False, True])
def test_a_store_that_another_program_holds(store: Path, good: Path, tmp_path: Path, new: bool) -> None:
    held = tmp_path / ".new.duckdb.part" if new else store
    with subprocess.Popen([sys.executable, "-c", HOLD, str(held)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with pytest.raises(BadStore, match="another program has it open"):
            add(tmp_path / "new.duckdb" if new else store, [good], "votes")
        assert held.exists()
        other.kill()


ADD = """
import sys
import tempfile
from pathlib import Path
from kayfabe import cli
print("begun", flush=True)
sys.exit(cli.run(["evidence", "add", *sys.argv[1:], "--as", "posts"]))
"""


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("big") / "big.csv"
    duckdb.execute(
        "copy (select 'p' || i as post, timestamp '2024-01-01' + to_seconds(i) as at, 'a' || i % 999 as account, "
        f"'https://x.org/' || i % 7919 as object, repeat('text ', 20) as text from range(300000) t(i)) to '{path}' (header)"
    )
    return path


@pytest.mark.parametrize("after", [0.3, 0.8, *(pytest.param(s, marks=pytest.mark.slow) for s in (0.1, 0.5, 1.2, 2))])
@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_an_add_that_is_cut_off_changes_nothing(
    store: Path, big: Path, sign: signal.Signals, new: bool, after: float
) -> None:
    target = store.with_name("new.duckdb") if new else store
    before = content(store)
    with subprocess.Popen(
        [sys.executable, "-c", ADD, str(target), str(big)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        other.stdout.readline()
        time.sleep(after)
        other.send_signal(sign)
        _, errors = other.communicate(timeout=60)
    late = other.returncode in (0, -2)  # the work was done, the interpreter was leaving
    if sign == signal.SIGINT and not late:
        assert other.returncode == 130, errors
        assert errors == "kayfabe: Stopped. Nothing was half-written.\n"
        assert not list(store.parent.glob(".*"))
    if target.exists():  # a signal may arrive after the commit: then everything is there
        found = content(target)
        assert len(found["posts_all"]) == 300_000 or (found == before and not late)
    else:
        assert new
        assert not late
    add(target, [write_csv(store.with_name("y.csv"), [vote("after")])], "votes")
    assert ("after:USA",) in columns(target, "votes", ["row_id"])
    assert not list(store.parent.glob(".*"))


LIMITED = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))" + ADD


@pytest.mark.parametrize("new", [False, True])
def test_a_full_disk_is_one_line(store: Path, big: Path, new: bool) -> None:
    target = store.with_name("new.duckdb") if new else store
    before = content(store)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(target), str(big)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Make room and try again; the store is as it was." in done.stderr
    assert content(store) == before
    assert not (store.parent / "new.duckdb").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_permissions(store: Path, good: Path, tmp_path: Path) -> None:
    good.chmod(0)
    with pytest.raises(KayfabeError, match="Permission denied"):
        add(store, [good], "votes")
    store.chmod(0o400)
    with pytest.raises(BadStore, match="Permission denied"):
        strike(store, "M1:USA", "x")
    store.chmod(0)
    with pytest.raises(BadStore, match="Permission denied"):
        listing(store)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(BadStore, match="Permission denied"):
        add(locked / "s", [good], "votes")


def test_large_queries_spill_to_a_folder_that_goes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    con = connect()
    con.execute("set memory_limit = '40MB'")
    sql = "select count(*) from (select i % 1000003 as k, max(i || 'abc') as m from range(1500000) as r(i) group by k order by m)"
    assert con.execute(sql).fetchall() == [(1000003,)]
    assert [p.name.split("-")[0] for p in tmp_path.iterdir()] == ["kayfabe"]
    con.close()
    assert not list(tmp_path.iterdir())


def test_two_connections_to_one_store_share_their_settings(tmp_path: Path) -> None:
    add(tmp_path / "s", [write_csv(tmp_path / "x.csv", [vote()])], "votes")
    with Evidence.open(tmp_path / "s")._con, Evidence.open(tmp_path / "s")._con as other:
        assert other.execute("select count(*) from votes").fetchall() == [(1,)]


@pytest.mark.parametrize("ask", ["query", "columns"])
def test_an_interrupt_stops_rows_on_their_way_out(ask: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped:
        def fetchall(self) -> None:
            raise RuntimeError("Query interrupted")

        fetchnumpy = fetchall

    evidence = Evidence.from_tables({"posts": {"post": ["p"], "account": ["a"], "object": ["o"]}})
    monkeypatch.setattr(evidence, "_run", lambda *_: Stopped())
    with pytest.raises(KeyboardInterrupt):
        getattr(evidence, ask)("select post from posts")


@pytest.mark.parametrize("headings", [[None, None], [None, "Trade"]])
def test_missing_texts_come_back_as_none(headings):
    given = {"agreement": ["a", "a"], "provision": ["1", "2"], "heading": headings, "text": ["x", "y"]}
    evidence = Evidence.from_tables({"provisions": given})
    assert evidence.columns("select heading from provisions order by provision")["heading"].tolist() == headings
    evidence.close()

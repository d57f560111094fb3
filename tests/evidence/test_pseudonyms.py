"""Pseudonyms: HMAC by Python's own as the oracle, one key for each store, no name or plain hash of a name in anything written."""

import hashlib
import hmac
import stat

import duckdb
import numpy as np
import pytest
from typer.testing import CliRunner

from kayfabe.cli import app
from kayfabe.errors import BadStore
from kayfabe.evidence import Evidence
from kayfabe.evidence.pseudonyms import Pseudonyms
from kayfabe.evidence.store import add
from kayfabe.instruments.coordination_worlds import SMALL, Ring, simulate

NAMES = ["ann", "Ñandú x", "=cmd()", "x' or 1=1 --", "a" * 300]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A platform whose posts, objects, addresses and texts hold the names of accounts."""
    folder = tmp_path_factory.mktemp("case")
    made = simulate(np.random.default_rng(8), SMALL, (Ring(m=15),)).table()
    posts = folder / "posts.csv"
    lines = ["post,at,account,object,text,url,nickname"]
    for post, at, account, what in zip(*(made[c] for c in ("post", "at", "account", "object")), strict=True):
        name = f"Zelda{account}"
        lines.append(f"at://{name}/{post},{at}Z,{name},https://zelda.pages.net/zelda-{what},I am {name},https://x.org/{name},{name}")
    posts.write_text("\n".join(lines) + "\n", encoding="utf-8")
    add(folder / "s.duckdb", [posts], "posts")
    return folder / "s.duckdb"


@pytest.mark.parametrize("name", NAMES)
def test_sql_and_python_give_the_hmac_of_the_name(name):
    names = Pseudonyms(bytes(range(32)))
    expected = "account-" + hmac.new(bytes(range(32)), name.encode(), hashlib.sha256).hexdigest()[:16]
    assert names.account(name) == expected
    assert duckdb.execute(f"select {names.account_sql('n')} from (select ? as n)", [name]).fetchall() == [(expected,)]


def test_one_key_for_a_store_that_only_its_owner_reads(tmp_path):
    store = tmp_path / "s"
    first = Pseudonyms.of_store(store)
    assert Pseudonyms.of_store(store) == first
    assert stat.S_IMODE((tmp_path / "s.key").stat().st_mode) == 0o600
    assert Pseudonyms.of_store(tmp_path / "t").account("ann") != first.account("ann")
    assert Pseudonyms.of_store(None) != Pseudonyms.of_store(None)
    (tmp_path / "s.key").write_text("none")
    for bad in (store, tmp_path / "none" / "s"):
        with pytest.raises(BadStore, match="key"):
            Pseudonyms.of_store(bad)


def test_of_an_address_the_last_parts_of_the_host_stay():
    names = Pseudonyms(b"k" * 32)
    for address, host in (
        ("https://ann.pages.net/x", "https://pages.net/"),
        ("http://www.bbc.co.uk", "http://bbc.co.uk/"),
        ("https://ann@x.org/ann", "https://x.org/"),
        ("https://y.org?ann", "https://y.org/"),
    ):
        ((seen,),) = duckdb.execute(f"select {names.id_sql('a')} from (select ? as a)", [address]).fetchall()
        assert seen.startswith(host)
        assert len(seen) == len(host) + 16


def test_accounts_that_a_text_names():
    names = Pseudonyms(b"k" * 32)
    accounts = ["media", "Ann_7", "@bob", "Harbour News Daily", "CamelBack", "кот5"]
    text = "The media, @media, ann_7. Bob and @bob; Harbour News Daily; x.org/bob/1, CamelBack's кот5 and Ann_70."
    expected = text
    for said, name in (("@media", "media"), ("ann_7.", "Ann_7"), ("@bob", "@bob"), ("Harbour News Daily", "Harbour News Daily"), ("/bob/", "@bob"), ("CamelBack", "CamelBack"), ("кот5", "кот5")):
        shown = names.account(name)
        expected = expected.replace(said, {"ann_7.": f"{shown}.", "/bob/": f"/{shown}/"}.get(said, shown))
    assert names.in_text(text, accounts) == expected


@pytest.mark.parametrize("command", ["examine", "test", "network", "export"])
def test_no_file_holds_a_name_or_its_plain_hash(store, tmp_path, command):
    out = tmp_path / "out"
    out.mkdir()
    if command == "examine":
        article = tmp_path / "a.txt"
        article.write_text(
            "What Zeldau7 hides\n\nThe accounts post the same links within seconds of each other, as if on command. "
            "It began with @zeldau12 and https://x.org/Zeldau3/status.\n",
            encoding="utf-8",
        )
        given = ["examine", article, "--evidence", store, "--out", out / "case"]
    else:
        given = {
            "test": ["test", "coordination", "--evidence", store, "--json"],
            "network": ["network", store, "--of", "posts", "--out", out / "n.csv"],
            "export": ["evidence", "export", store, "--out", out],
        }[command]
    got = CliRunner().invoke(app, [str(g) for g in [*given, "--pseudonymise"]], catch_exceptions=False)
    assert got.exit_code == 0, got.output
    files = [p for p in out.rglob("*") if p.is_file()]
    assert files or command == "test"
    written = {str(p): p.read_bytes() for p in files} | {"printed": got.output.encode()}
    assert any(b"account-" in text for text in written.values())
    key = store.with_name(store.name + ".key").read_bytes().strip()
    evidence = Evidence.open(store)
    accounts = evidence.names("posts", "account")
    evidence.close()
    plain = [h(a.encode()).hexdigest()[:16].encode() for a in accounts for h in (hashlib.md5, hashlib.sha256)]
    for name, text in written.items():
        assert b"zelda" not in text.lower(), name
        assert key not in text, name
        assert not any(p in text for p in plain), name

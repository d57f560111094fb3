"""Files of networks: read back by other programs, harmless in spreadsheets, whole or not there."""

import csv
import json

import duckdb
import networkx as nx
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from kayfabe.cli_network import network as command
from kayfabe.errors import BadOption, KayfabeError
from kayfabe.evidence import store
from kayfabe.networks import Definition, coded, networks
from kayfabe.networks.edge_table import edge_table
from kayfabe.networks.exports import significant, write_edges, write_matrix

ACTORS = ["=cmd()", "Bób & <Co>", 'quo"te', "D"]


def table(**options):
    n = 40
    rng = np.random.default_rng(2)
    statements = coded(
        at=np.datetime64("2020-01-01") + np.arange(n),
        node=[ACTORS[k] for k in rng.integers(0, 4, n)],
        through=[f"i{k}" for k in rng.integers(0, 3, n)],
        level=rng.choice([-1.0, 0.5, 1.0], n),
        rows=[f"+s{k}" for k in range(n)],
    )
    made = networks(statements, Definition(**options))
    return made, edge_table(made, most=1000, communities=options.get("mode") != "two-mode")


def test_csv_is_whole_and_guarded(tmp_path):
    _, edges = table()
    write_edges(edges, tmp_path / "e.csv")
    rows = list(csv.DictReader((tmp_path / "e.csv").open(encoding="utf-8")))
    assert len(rows) == len(edges)
    assert not any(
        cell[:1] in "=+-@" for row in rows for name, cell in row.items() if name in ("source", "target", "statements")
    )
    assert {r["source"] for r in rows} | {r["target"] for r in rows} == {"'=cmd()", *ACTORS[1:]}
    np.testing.assert_allclose([float(r["weight"]) for r in rows], edges.columns["weight"], rtol=1e-9)


def test_parquet_holds_the_same(tmp_path):
    _, edges = table(window="months")
    write_edges(edges, tmp_path / "e.parquet")
    rows = duckdb.sql(f"select source, target, start, weight, statements from '{tmp_path / 'e.parquet'}'").fetchall()
    for k, (source, target, start, weight, statements) in enumerate(rows):
        assert (source, target) == (edges.names[edges.source[k]], edges.names[edges.target[k]])
        assert np.datetime64(start) == edges.columns["start"][k]
        assert weight == edges.columns["weight"][k]
        assert statements == edges.statements.of(k)


@pytest.mark.parametrize(("name", "read"), [("e.graphml", nx.read_graphml), ("e.gexf", nx.read_gexf)])
def test_graph_files_are_read_by_networkx(tmp_path, name, read):
    made, edges = table()
    write_edges(edges, tmp_path / name)
    graph = read(tmp_path / name)
    label = nx.get_node_attributes(graph, "name" if name == "e.graphml" else "label")
    assert set(label.values()) == set(ACTORS)
    for a, b, data in graph.edges(data=True):
        i, j = made[0].nodes.index(label[a]), made[0].nodes.index(label[b])
        assert data["weight"] == pytest.approx(made[0].matrix()[i, j])
        assert len(data["statements"].split(";")) == data["statements_behind"]


def test_windows_in_gexf_have_times(tmp_path):
    _, edges = table(window="months")
    write_edges(edges, tmp_path / "e.gexf")
    text = (tmp_path / "e.gexf").read_text(encoding="utf-8")
    assert (
        text.count('start="2020-01-01" end="2020-02-01"')
        == (edges.columns["start"] == np.datetime64("2020-01-01")).sum()
    )
    assert nx.read_gexf(tmp_path / "e.gexf").number_of_nodes() == 4


def test_json_and_two_modes(tmp_path):
    made, edges = table(mode="two-mode")
    write_edges(edges, tmp_path / "e.json")
    read = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))
    assert [n["side"] for n in read["nodes"]] == ["node"] * 4 + ["through"] * 3
    for edge in read["edges"]:
        i, j = made[0].nodes.index(edge["source"]), made[0].others.index(edge["target"])
        assert edge["weight"] == pytest.approx(made[0].matrix()[i, j])
        assert edge["statements"]


def test_matrices(tmp_path):
    made, _ = table(window="months")
    write_matrix(made, tmp_path / "m.csv")
    rows = list(csv.reader((tmp_path / "m.csv").open(encoding="utf-8")))
    assert rows[0][:2] == ["start", "node"]
    assert rows[0][2:] == ["'=cmd()" if n == "=cmd()" else n for n in sorted(ACTORS)]
    assert len(rows) == 1 + sum(len(n.nodes) for n in made)


def test_same_bytes_again_and_nothing_half_written(tmp_path):
    _, edges = table()
    for name in ("a.csv", "a.json", "a.graphml", "a.gexf", "a.parquet"):
        write_edges(edges, tmp_path / name)
        first = (tmp_path / name).read_bytes()
        write_edges(table()[1], tmp_path / name)
        assert (tmp_path / name).read_bytes() == first
    with pytest.raises(BadOption):
        write_edges(edges, tmp_path / "none" / "a.csv")
    with pytest.raises(BadOption):
        write_edges(edges, tmp_path / "a.xlsx")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_pseudonyms_are_those_given():
    hidden = table()[1].pseudonymised(lambda name: f"account-{name[0]}")
    assert "account-D" in hidden.names
    assert all(n.startswith("account-") for n in hidden.names)
    assert hidden.statements is None


@pytest.fixture
def filled(tmp_path):
    source = tmp_path / "s.csv"
    lines = ["statement,at,actor,issue,stance,coder"]
    lines += [f"s{k},2020-0{1 + k % 3}-01,{'ABCD'[k % 4]},i{k % 3},{1 if k % 4 < 2 else -1},c1" for k in range(24)]
    lines += ["s0,2020-01-01,A,i0,-1,c2"]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    store.add(tmp_path / "store.duckdb", [source], "statements")
    posts = tmp_path / "p.csv"
    rows = [f"p{a}{k},2020-01-01T00:00:{k:02}Z,{a},o{k}" for a in "xyz" for k in range(4)]
    posts.write_text("\n".join(["post,at,account,object", *rows]) + "\n", encoding="utf-8")
    store.add(tmp_path / "store.duckdb", [posts], "posts")
    return tmp_path / "store.duckdb"


def run(*arguments):
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_command_writes_networks_of_statements(filled, tmp_path):
    got = run(filled, "--of", "statements", "--mode", "congruence", "--normalise", "average", "--duplicates", "month",
              "--out", tmp_path / "n.csv", "--polarisation", "--communities")  # fmt: skip
    assert got.exit_code == 0, got.output
    assert "Krippendorff's alpha" in got.output
    assert "polarisation" in got.output
    assert (tmp_path / "n.csv").is_file()


def test_command_writes_networks_of_posts(filled, tmp_path):
    got = run(filled, "--of", "posts", "--window", "60", "--out", tmp_path / "p.json", "--pseudonymise")
    assert got.exit_code == 0, got.output
    read = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert len(read["edges"]) == 3
    assert all(n["id"].startswith("account-") for n in read["nodes"])


@pytest.mark.parametrize("wrong", [("--of", "votes"), ("--mode", "three"), ("--since", "soon"), ("--issue", "none"),
                                   ("--of", "posts", "--window", "weeks"), ("--of", "posts", "--compat", "dna")])  # fmt: skip
def test_command_refuses_in_one_line(filled, tmp_path, wrong):
    got = run(filled, "--out", tmp_path / "n.csv", *wrong)
    assert isinstance(got.exception, KayfabeError)
    assert not (tmp_path / "n.csv").exists()


@pytest.mark.parametrize("value", [0.1 + 0.2, 1 / 3, -2 / 3, 123456789.123456, 1e-7 / 3, 5e12 / 7, 0.0, 9.99999999999])
def test_ten_significant_digits(value):
    assert repr(float(significant(np.array([value]))[0])) == repr(float(f"{value:.10g}"))

"""Co-sharing networks: hand-counted ties, a brute-force second implementation, and the reference tools' own results."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from kayfabe.errors import BadOption
from kayfabe.evidence import Evidence
from kayfabe.networks import posts
from kayfabe.networks.edge_table import Ragged, from_columns
from kayfabe.networks.exports import write_edges

SHARED = Path(__file__).parents[3] / "shared"
START = np.datetime64("2024-01-01T00:00:00", "us")
SETS = {"russian": "russian_coord_tweets", "german_fb_urls": "german_fb_urls", "german_urls": "german_urls"}

# object, account, post, second
SMALL = [
    ("o1", "ann", "p1", 0), ("o1", "bob", "p2", 60), ("o1", "cat", "p3", 121),
    ("o2", "ann", "p4", 1000), ("o2", "bob", "p5", 1010), ("o2", "bob", "p6", 1030),
    ("o3", "ann", "p7", 5000), ("o3", "ann", "p8", 5001),
    ("p1", "cat", "p9", 9000), ("p1", "ann", "p1", 9000),
]  # fmt: skip


def evidence_of(rows):
    objects, accounts, ids, seconds = zip(*rows, strict=True)
    at = START + np.array(seconds, dtype="timedelta64[s]")
    return Evidence.from_tables(
        {"posts": {"post": list(ids), "at": at, "account": list(accounts), "object": list(objects)}}
    )


def ties(found, *names):
    return {
        (a, b): tuple(found[n][i] for n in names)
        for i, (a, b) in enumerate(zip(found["from"], found["to"], strict=True))
    }


def test_own_counts_objects_not_pairs_of_posts():
    found = posts.edges(evidence_of(SMALL), window=60, min_participation=1)
    assert ties(found, "weight", "avg_time_delta", "shares_from", "shares_to") == {("ann", "bob"): (2, 35.0, 2, 3)}
    assert found["symmetry"][0] == pytest.approx(2 / 3)


def test_the_window_is_inclusive_and_sliding():
    assert ties(posts.edges(evidence_of(SMALL), window=61, min_participation=1), "weight") == {
        ("ann", "bob"): (2,), ("bob", "cat"): (1,)
    }  # fmt: skip
    assert len(posts.edges(evidence_of(SMALL), window=59.9, min_participation=1)["from"]) == 1


def test_both_accounts_must_take_part():
    assert ties(posts.edges(evidence_of(SMALL), window=61, min_participation=2), "weight") == {("ann", "bob"): (2,)}


def test_coortweet_counts_pairs_of_posts_and_either_side_suffices():
    found = posts.edges(evidence_of(SMALL), window=61, min_participation=2, compat="coortweet")
    assert ties(found, "weight", "avg_time_delta", "weight_threshold") == {
        ("ann", "bob"): (3, pytest.approx(100 / 3), 1), ("bob", "cat"): (1, 61.0, 0)
    }  # fmt: skip


def test_cnt_is_directed_with_self_loops_and_one_row_per_post():
    found = ties(posts.edges(evidence_of(SMALL), window=60, compat="cnt"), "weight")
    assert found == {
        ("ann", "ann"): (4,), ("ann", "bob"): (2,), ("bob", "ann"): (3,), ("bob", "bob"): (3,), ("cat", "cat"): (2,)
    }  # fmt: skip


def test_the_posts_behind_a_tie():
    behind = posts.posts_behind(evidence_of(SMALL), "bob", "ann", window=60)
    assert list(zip(behind["object"], behind["post_a"], behind["post_b"], behind["delay"], strict=True)) == [
        ("o1", "p1", "p2", 60.0), ("o2", "p4", "p5", 10.0), ("o2", "p4", "p6", 30.0)
    ]  # fmt: skip


def test_edge_weight_keeps_the_heavier_ties():
    assert ties(posts.edges(evidence_of(SMALL), window=61, min_participation=1, edge_weight=0.5), "weight") == {
        ("ann", "bob"): (2,)
    }


@pytest.mark.parametrize("bad", [{"window": -1}, {"min_participation": 0}, {"edge_weight": 1.5}])
def test_options_that_cannot_be_used(bad):
    with pytest.raises(BadOption):
        posts.edges(evidence_of(SMALL), **bad)


def test_no_posts_no_ties():
    empty = Evidence.from_tables(
        {"posts": {"post": [], "at": np.array([], "datetime64[us]"), "account": [], "object": []}}
    )
    for compat in (None, "coortweet", "cnt"):
        assert len(posts.edges(empty, compat=compat)["from"]) == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_loop_over_all_pairs_agrees(seed):
    rng = np.random.default_rng(seed)
    rows = [
        (f"o{rng.integers(4)}", f"a{rng.integers(6)}", f"p{k}", int(s)) for k, s in enumerate(rng.integers(0, 900, 60))
    ]  # fmt: skip
    shortest = {}
    for o, a, _, s in rows:
        for o2, b, _, s2 in rows:
            if o == o2 and a < b and abs(s - s2) <= 45:
                best = shortest.setdefault((a, b), {})
                best[o] = min(best.get(o, 999), abs(s - s2))
    expected = {pair: (len(d), pytest.approx(np.mean(list(d.values())))) for pair, d in shortest.items()}
    assert ties(posts.edges(evidence_of(rows), window=45, min_participation=1), "weight", "avg_time_delta") == expected


def reference(name):
    path = SHARED / "conformance" / "coordination" / f"{name}_edges.csv.gz"
    if not path.is_file():
        pytest.skip("the reference results are not beside the project (../shared)")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def real(name):
    import duckdb

    path = SHARED / "data" / "coordination" / f"{SETS[name]}.parquet"
    if not path.is_file():
        pytest.skip("the data are not beside the project (../shared)")
    columns = duckdb.execute(
        "select distinct object_id as object, account_id as account, cast(content_id as varchar) as post, "
        f"make_timestamp(timestamp_share * 1000000) as \"at\" from '{path}'"
    ).fetchnumpy()
    return Evidence.from_tables({"posts": columns})


@pytest.mark.parametrize(
    ("name", "window", "quantile"),
    [("russian", 60, 0.5), ("russian", 10, 0.5), ("german_fb_urls", 60, 0.5), ("german_urls", 30, 0.25)],
)
def test_coortweet_conformance(name, window, quantile):
    expected = reference(f"coortweet_{name}_{window}s")
    found = posts.edges(real(name), window=window, min_participation=2, edge_weight=quantile, compat="coortweet")
    assert ties(found, "weight", "avg_time_delta", "weight_threshold") == {
        (r["from"], r["to"]): (
            int(r["weight"]),
            pytest.approx(float(r["avg_time_delta"]), abs=1e-9),
            int(r["weight_threshold"]),
        )
        for r in expected
    }


@pytest.mark.parametrize("name", ["russian", "german_fb_urls"])
def test_cnt_conformance(name):
    expected = reference(f"cnt_{name}_60s")
    found = posts.edges(real(name), window=60, compat="cnt")
    assert ties(found, "weight") == {(r["user_1"], r["user_2"]): (int(r["weight"]),) for r in expected}


def test_every_tie_lists_its_posts_at_most_so_many():
    evidence = evidence_of(SMALL)
    found = posts.edges(evidence, window=61, min_participation=1)
    offset, rows = posts.listed(evidence, found, window=61, most=20)
    assert list(zip(found["from"], found["to"], strict=True)) == [("ann", "bob"), ("bob", "cat")]
    assert rows[offset[0] : offset[1]].tolist() == ["p1:o1", "p2:o1", "p4:o2", "p5:o2", "p6:o2"]
    assert rows[offset[1] : offset[2]].tolist() == ["p2:o1", "p3:o1"]
    offset, rows = posts.listed(evidence, {k: v[1:] for k, v in found.items()}, window=61, most=1)
    assert (offset.tolist(), rows.tolist()) == ([0, 1], ["p2:o1"])
    for row in posts.listed(evidence, found)[1]:
        assert evidence.rows("posts", [row])


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "graphml", "gexf"])
def test_the_file_names_from_to_and_posts(tmp_path, form):
    import json

    import duckdb

    evidence = evidence_of(SMALL)
    found = posts.edges(evidence, window=61, min_participation=1)
    path = tmp_path / f"edges.{form}"
    write_edges(from_columns(found, Ragged(*posts.listed(evidence, found, 61))), path)
    if form in ("csv", "parquet"):
        rows = duckdb.execute(f"select \"from\", \"to\", weight, avg_time_delta, posts from '{path}'").fetchall()
        assert rows[1][:4] == ("bob", "cat", 1, 61.0)
        assert list(rows[1][4].split(";") if form == "csv" else rows[1][4]) == ["p2:o1", "p3:o1"]
    elif form == "json":
        edge = json.loads(path.read_text())["edges"][1]
        assert (edge["from"], edge["to"], edge["posts"]) == ("bob", "cat", ["p2:o1", "p3:o1"])
    else:
        assert "p2:o1;p3:o1" in path.read_text()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("least", [1, 3])
def test_posts_with_several_objects_take_part_once(seed, least):
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(50):
        account, at = f"a{rng.integers(6)}", int(rng.integers(0, 600) // 20 * 20)
        rows += [(f"o{o}", account, f"p{k}", at) for o in rng.choice(5, rng.integers(1, 4), replace=False)]
    near = [
        (x, y) for x in rows for y in rows if x[0] == y[0] and x[1] < y[1] and abs(x[3] - y[3]) <= 40
    ]  # fmt: skip
    part = {a: {r[2] for both in near for r in both if r[1] == a} for a in {r[1] for r in rows}}
    expected = {}
    for pair in {(x[1], y[1]) for x, y in near}:
        if min(len(part[a]) for a in pair) < least:
            continue
        mine = [(x, y) for x, y in near if (x[1], y[1]) == pair]
        objects = {x[0] for x, _ in mine}
        shortest = [min(abs(x[3] - y[3]) for x, y in mine if x[0] == o) for o in objects]
        sides = [len({(both[side][0], both[side][2]) for both in mine}) for side in (0, 1)]
        expected[pair] = (len(objects), pytest.approx(np.mean(shortest)), *sides)
    found = posts.edges(evidence_of(rows), window=40, min_participation=least)
    assert ties(found, "weight", "avg_time_delta", "shares_from", "shares_to") == expected
    assert list(zip(found["from"], found["to"], strict=True)) == sorted(expected)

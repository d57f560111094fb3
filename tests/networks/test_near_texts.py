"""Near-equal texts against datasketch and against every pair counted by hand."""

import itertools
import re

import numpy as np
import pytest

from kayfabe.errors import BadOption
from kayfabe.evidence import Evidence
from kayfabe.evidence.dialect import check, to_spark
from kayfabe.networks.near_texts import near_texts, objects, pairs_sql, rows_per_band

ENGLISH = ["peace", "treaty", "border", "talks", "minister", "said", "council", "vote", "aid", "winter", "gas", "pipeline", "army", "city", "river", "bridge", "market", "price", "union"]
RUSSIAN = ["мир", "договор", "граница", "переговоры", "министр", "заявил", "совет", "голосование", "помощь", "зима", "газ", "армия", "город", "река", "мост", "рынок", "цена", "союз", "ещё"]


def posts(texts):
    n = len(texts)
    at = np.datetime64("2024-01-01", "us") + np.arange(n) * np.timedelta64(60, "s")
    return Evidence.from_tables(
        {"posts": {"post": [f"p{k:05d}" for k in range(n)], "at": at, "account": [f"u{k}" for k in range(n)], "object": [None] * n, "text": texts}}
    )


def shingles(text, n=3):
    words = re.findall(r"[^\W_]+", text.lower().replace("ё", "е"))
    return {" ".join(words[i : i + n]) for i in range(len(words) - n + 1)} or {" ".join(words)}


def edited(rng, words, changes, vocabulary):
    out = list(words)
    for place in rng.choice(len(out), changes, replace=False):
        out[place] = vocabulary[rng.integers(len(vocabulary))] + str(rng.integers(1000))
    return out


def sample(seed, n=150):
    """Texts in both languages; each has a copy with none to nine words changed."""
    rng = np.random.default_rng(seed)
    texts = []
    for k in range(n):
        vocabulary = ENGLISH if k % 2 else RUSSIAN
        words = [f"{vocabulary[i]}{rng.integers(30)}" for i in rng.integers(0, len(vocabulary), rng.integers(50, 90))]
        texts += [" ".join(words).capitalize() + ".", ", ".join(edited(rng, words, k % 10, vocabulary)).upper()]
    return texts


def exact(texts, least):
    sets = [shingles(t) for t in texts]
    found = {}
    for i, j in itertools.combinations(range(len(texts)), 2):
        both = len(sets[i] & sets[j])
        if both and both / len(sets[i] | sets[j]) >= least:
            found[(f"p{i:05d}", f"p{j:05d}")] = both / len(sets[i] | sets[j])
    return found


def test_every_pair_found_is_exact_and_recall_is_that_of_banding():
    texts = sample(0)
    found = near_texts(posts(texts), jaccard=0.5)
    truth = exact(texts, 0.5)
    pairs = dict(zip(zip(found.pairs["text_a"], found.pairs["text_b"], strict=True), found.pairs["jaccard"], strict=True))
    distinct = {p: j for p, j in truth.items() if j < 1}  # equal texts are one text
    assert set(pairs) <= set(distinct)
    assert all(j == pytest.approx(distinct[p]) for p, j in pairs.items())
    assert len(pairs) / len(distinct) >= 0.97


def test_recall_beside_datasketch_at_eight_tenths():
    datasketch = pytest.importorskip("datasketch")
    texts = sample(1, 400)
    truth = {p for p, j in exact(texts, 0.8).items() if j < 1}
    index = datasketch.MinHashLSH(threshold=0.8, num_perm=128)
    sketches = {}
    for k, text in enumerate(texts):
        sketch = datasketch.MinHash(num_perm=128)
        sketch.update_batch([s.encode() for s in shingles(text)])
        sketches[f"p{k:05d}"] = sketch
        index.insert(f"p{k:05d}", sketch)
    theirs = {tuple(sorted((a, b))) for a, s in sketches.items() for b in index.query(s) if a != b}
    found = near_texts(posts(texts), jaccard=0.8).pairs
    ours = set(zip(found["text_a"], found["text_b"], strict=True))
    assert len(truth) > 50
    assert len(ours & truth) / len(truth) >= 0.95
    assert len(ours & truth) >= len(theirs & truth)
    assert ours <= truth


def test_groups_join_equal_and_near_texts_and_become_objects():
    one = "the council met on monday to discuss the border treaty with both ministers present at the table"
    near = one.replace("both", "two")
    texts = [one, one.upper() + "!", near, "something else entirely was said by nobody in particular today", "short", "Short."]
    evidence = posts(texts)
    found = near_texts(evidence, jaccard=0.5)
    assert found.rows["row_id"].tolist() == [f"p{k:05d}" for k in (0, 1, 2, 4, 5)]
    assert found.rows["group"].tolist() == [0, 0, 0, 1, 1]
    assert found.rows["size"].tolist() == [3, 3, 3, 2, 2]
    made = objects(found, evidence)
    assert made["object"].tolist() == ["text:p00000"] * 3 + ["text:p00004"] * 2
    assert made["account"].tolist() == ["u0", "u1", "u2", "u4", "u5"]


def test_objects_load_as_posts(tmp_path):
    from typer.testing import CliRunner

    from kayfabe.cli import app
    from kayfabe.evidence import store

    source, out = tmp_path / "posts.csv", tmp_path / "objects.csv"
    said = "the council met on monday to discuss the border treaty with both ministers"
    lines = [f"p{k},2024-01-01T00:0{k}:00,u{k},,{said if k < 3 else k}" for k in range(5)]
    source.write_text("post,at,account,object,text\n" + "\n".join(lines))
    store.add(tmp_path / "a.duckdb", [source], "posts")
    done = CliRunner().invoke(app, ["network", str(tmp_path / "a.duckdb"), "--of", "texts", "--out", str(out)])
    assert done.exit_code == 0
    assert "3 posts in 1 groups" in " ".join(done.output.split())
    assert store.add(tmp_path / "b.duckdb", [out], "posts")[0].rows == 3
    loaded = Evidence.open(tmp_path / "b.duckdb")
    assert loaded.query("select distinct object, account from posts order by account") == [("text:p0", f"u{k}") for k in range(3)]
    loaded.close()


def test_no_texts_no_pairs():
    found = near_texts(posts([None, "", "...", "alone in the world"]))
    assert not len(found.pairs["text_a"])
    assert not len(found.rows["row_id"])


@pytest.mark.parametrize("table", ["posts", "documents"])
@pytest.mark.parametrize("shingle", [1, 3, 5])
def test_the_query_is_portable(table, shingle):
    sql = pairs_sql(table, shingle, 4)
    assert check(sql) == sql
    assert "EXPLODE" in to_spark(sql)


def test_characters_that_nobody_sees_hide_no_copy():
    text = "the minister said that the council would vote on the border treaty in winter"
    found = near_texts(posts([text, text.replace("council", "coun\u200bcil").replace("winter", "win\u00adter")]))
    assert found.pairs["jaccard"].tolist() == []
    assert found.rows["size"].tolist() == [2, 2]


def test_hashes_are_multiplied_as_64_bits():
    """Spark counts in 32 bits unless told otherwise, and stops at the overflow."""
    assert "cast((strpos(" in pairs_sql("posts", 3, 4)
    assert "AS BIGINT) AS x" in to_spark(pairs_sql("posts", 3, 4))


@pytest.mark.spark
def test_spark_finds_the_same_pairs():
    """pip install pyspark (4.3 with Java 17 was used), then pytest -m spark."""
    sql = pytest.importorskip("pyspark.sql")
    texts = [*sample(5), "Привет ёлка и Ёж идут в лес", "привет, елка и еж идут в лес!", "short", "Short!", "", "İstanbul one two three", "a 😀 b c d"]
    spark = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2").getOrCreate()
    rows = [(f"p{k:05d}", t) for k, t in enumerate(texts)]
    spark.createDataFrame(rows, "row_id string, text string").createOrReplaceTempView("posts")
    got = spark.sql(to_spark(pairs_sql("posts", 3, 4)), args={"least": 0.8}).collect()
    ours = near_texts(posts(texts), jaccard=0.8).pairs
    assert [(r.text_a, r.text_b, r.shared) for r in got] == list(zip(ours["text_a"], ours["text_b"], ours["shared"], strict=True))
    assert [float(r.jaccard) for r in got] == pytest.approx(ours["jaccard"].tolist())
    spark.stop()


@pytest.mark.parametrize(("jaccard", "rows"), [(0.9, 4), (0.8, 4), (0.5, 2), (0.2, 1)])
def test_bands_are_as_long_as_recall_allows(jaccard, rows):
    assert rows_per_band(jaccard) == rows


def test_bad_thresholds_are_refused():
    with pytest.raises(BadOption):
        near_texts(posts(["a"]), jaccard=0)
    with pytest.raises(BadOption):
        near_texts(posts(["a"]), shingle=0)

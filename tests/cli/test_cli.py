"""The command line as a user meets it: exit codes, one clear line, JSON contracts, same bytes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kayfabe import cli

EXAMPLE = Path(__file__).parents[2] / "examples" / "common-front.md"
FINDING = ["instrument", "question", "verdict", "estimate", "unit", "interval", "margin", "excludable", "p_value", "p_contradicted",
           "q_value", "q_contradicted", "n", "n_needed", "null", "items", "evidence", "evidence_total", "details", "reason",
           "caveats", "seed", "sql", "versions"]  # fmt: skip
CLAIM = ["id", "start", "end", "text", "kind", "kinds", "actors", "attribution", "hedged", "quantifier", "negated", "testable",
         "instrument", "question"]  # fmt: skip


def kayfabe(capsys, *arguments):
    code = cli.run([str(a) for a in arguments])
    out = capsys.readouterr()
    return code, out.out, out.err


def refused(capsys, *arguments):
    code, _, err = kayfabe(capsys, *arguments)
    assert code == 2, err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err
    return err


@pytest.fixture(scope="module")
def examined(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case") / "out"
    assert cli.run(["examine", str(EXAMPLE), "--out", str(folder)]) == 0
    return folder


def test_examine_writes_the_case(examined):
    assert {p.name for p in examined.iterdir()} == {"article.txt", "case.toml", "findings.json", "dossier.html"}
    found = json.loads((examined / "findings.json").read_text(encoding="utf-8"))
    assert len(found["claims"]) > 30
    for finding in found["findings"].values():
        assert list(finding) == FINDING
    verdicts = {f["verdict"] for f in found["findings"].values()}
    assert {"contradicted", "untested"} <= verdicts
    for claim in found["claims"]:
        assert found["text"]["text"][claim["start"] : claim["end"]] == claim["text"]


def test_examining_again_gives_the_same_bytes(examined, tmp_path, capsys):
    again = tmp_path / "again"
    assert kayfabe(capsys, "examine", EXAMPLE, "--out", again)[0] == 0
    for name in ("case.toml", "findings.json", "dossier.html"):
        assert (again / name).read_bytes() == (examined / name).read_bytes(), name
    before = {p.name: p.read_bytes() for p in again.iterdir()}
    assert kayfabe(capsys, "examine", again / "case.toml")[0] == 0
    assert {p.name: p.read_bytes() for p in again.iterdir()} == before


def test_an_edit_changes_what_is_tested(examined, tmp_path, capsys):
    folder = tmp_path / "edited"
    assert kayfabe(capsys, "examine", EXAMPLE, "--out", folder)[0] == 0
    case = folder / "case.toml"
    text = case.read_text(encoding="utf-8")
    assert 'actor = "ISR"' in text
    case.write_text(text.replace('toward = "USA"', 'toward = "Iran"'), encoding="utf-8")
    assert kayfabe(capsys, "examine", case)[0] == 0
    questions = [
        f["question"] for f in json.loads((folder / "findings.json").read_text(encoding="utf-8"))["findings"].values()
    ]
    assert any("Israel never vote the opposite of Iran" in q for q in questions)


def test_a_changed_kind_gets_a_new_question(tmp_path, capsys):
    article = tmp_path / "a.txt"
    article.write_text("Russia and Belarus only pretend to quarrel in public.", encoding="utf-8")
    out = tmp_path / "o"
    assert kayfabe(capsys, "examine", article, "--out", out)[0] == 0
    case = out / "case.toml"
    text = case.read_text(encoding="utf-8")
    case.write_text(text.replace('kind = "staged-disagreement" #', 'kind = "alignment" #', 1), encoding="utf-8")
    assert kayfabe(capsys, "examine", case)[0] == 0
    findings = json.loads((out / "findings.json").read_text(encoding="utf-8"))["findings"]
    assert any("agree in deeds" in f["question"] for f in findings.values())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "universal"', 'kind = "univrsal"', "universal"),
        ('toward = "USA"', 'toward = "Untied States"', "Did you mean"),
        ('quantifier = "never"', 'quantifier = "sometimes"', "quantifier"),
        ("[case]", "[case", "TOML"),
        ("quote = ", "qoute = ", "quote"),
        ('store = "bundled"', 'store = "nowhere.duckdb"', "no such file"),
    ],
)
def test_a_wrong_edit_is_named_and_changes_nothing(examined, tmp_path, capsys, old, new, says):
    for path in examined.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    case = tmp_path / "case.toml"
    text = case.read_text(encoding="utf-8")
    assert old in text
    case.write_text(text.replace(old, new), encoding="utf-8")
    before = (tmp_path / "findings.json").read_bytes()
    assert says in refused(capsys, "examine", case)
    assert (tmp_path / "findings.json").read_bytes() == before


def test_a_case_is_not_overwritten(examined, capsys):
    assert "--force" in refused(capsys, "examine", EXAMPLE, "--out", examined)


def test_read_prints_the_contract(capsys):
    code, out, _ = kayfabe(capsys, "read", EXAMPLE, "--json")
    assert code == 0
    found = json.loads(out)
    assert list(found) == ["text", "claims"]
    assert list(found["text"]) == ["text", "title", "language", "source", "sha256"]
    for claim in found["claims"]:
        assert list(claim) == CLAIM
        assert found["text"]["text"][claim["start"] : claim["end"]] == claim["text"]


def test_test_prints_one_finding(capsys):
    code, out, _ = kayfabe(
        capsys, "test", "accord", "--actors", "USA", "FRA", "--issue", "Ukraine", "--until", "2025-01-19", "--json"
    )
    assert code == 0
    found = json.loads(out)
    assert list(found) == FINDING
    assert found["verdict"] == "untested"
    assert [i["key"] for i in found["items"]] == [{"side": "words"}, {"side": "deeds"}, {"side": "gap"}]
    assert found["details"]["common_motions"] == 23
    assert found["details"]["apart"] == 0
    assert "NaN" not in out


def test_swapped_actors_give_the_same_numbers(capsys):
    one = json.loads(
        kayfabe(
            capsys, "test", "accord", "--actors", "CHN", "RUS", "--claim", "aligned", "--since", "2020-01-01", "--json"
        )[1]
    )
    two = json.loads(
        kayfabe(
            capsys,
            "test",
            "accord",
            "--actors",
            "Russia",
            "China",
            "--claim",
            "aligned",
            "--since",
            "2020-01-01",
            "--json",
        )[1]
    )
    for name in ("verdict", "estimate", "interval", "p_value", "p_contradicted", "n"):
        assert one[name] == two[name], name


def test_negated_swaps_the_sides(capsys):
    arguments = ("test", "accord", "--actors", "HUN", "RUS", "--claim", "aligned", "--since", "2020-01-01", "--json")
    plain, negated = (json.loads(kayfabe(capsys, *arguments, *extra)[1]) for extra in ((), ("--negated",)))
    assert (plain["verdict"], negated["verdict"]) == ("contradicted", "supported")
    assert (plain["p_value"], plain["p_contradicted"]) == (negated["p_contradicted"], negated["p_value"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("test", "acord"), "accord"),
        (("test", "accord", "--actors", "Rusia", "France"), "Russia"),
        (("test", "accord", "--actors", "France"), "2"),
        (("test", "accord", "--actors", "France", "France"), "different"),
        (("test", "accord", "--actors", "France", "USA", "--since", "yesterday"), "2024-03-27"),
        (("test", "accord", "--actors", "France", "USA", "--since", "2025-01-01", "--until", "2024-01-01"), "--until"),
        (("test", "accord", "--actors", "France", "USA", "--claim", "secret"), "staged or aligned"),
        (("test", "accord", "--actors", "France", "USA", "--issue", "Ukrain"), "Ukraine"),
        (("test", "universal", "--actor", "France"), "sign"),
        (("test", "universal", "--actor", "France", "--sign", "+", "--error", "2"), "from 0 to 0.5"),
        (("test", "accord", "--actors", "France", "USA", "--nonsense"), "nonsense"),
        (("test", "accord", "--actors", "France", "USA", "--evidence", "missing.duckdb"), "no such file"),
        (("examine", "missing.txt"), "missing.txt"),
        (("examine", "missing.toml"), "missing.toml"),
        (("nonsense",), "nonsense"),
    ],
)
def test_mistakes_get_one_clear_line(capsys, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    assert says in refused(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_hostile_names_do_not_reach_the_terminal(capsys):
    assert "\x1b" not in refused(capsys, "test", "accord", "--actors", "\x1b[31mFrance", "USA")


def test_instruments_are_described(capsys):
    code, out, _ = kayfabe(capsys, "instruments")
    assert code == 0
    for word in ("accord", "universal", "Null", "References"):
        assert word in out


def test_standard_input_and_module(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "kayfabe", "read", "-", "--json"], input=b"Germany never votes against France.", capture_output=True, check=True, cwd=tmp_path
    )  # fmt: skip
    claims = json.loads(done.stdout)["claims"]
    assert claims[0]["quantifier"] == "never"
    assert [m["actor"] for m in claims[0]["actors"]] == ["DEU", "FRA"]


@pytest.mark.parametrize(
    ("body", "device"),
    [
        ("There is no third way. These cockroaches have crawled into every ministry.", "dehumanising-terms"),
        ("Третьего не дано. Эти нелюди сожгли библиотеку, и вся страна это видела.", "dehumanising-terms"),
    ],
)
def test_how_the_text_speaks_stands_in_the_case_and_stays_the_same(tmp_path, capsys, body, device):
    article, out = tmp_path / "text.txt", tmp_path / "out"
    article.write_text(body, encoding="utf-8")
    assert kayfabe(capsys, "examine", article, "--out", out)[0] == 0
    found = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    assert [d["name"] for d in found["rhetoric"]] == ["false-dilemma", device]
    assert all(found["text"]["text"][d["start"] : d["end"]] == d["words"] for d in found["rhetoric"])
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    case = (out / "case.toml").read_text(encoding="utf-8")
    assert "rhetoric" not in case
    assert kayfabe(capsys, "examine", out / "case.toml")[0] == 0
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before

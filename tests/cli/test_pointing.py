"""Whom "we" and "the enemy" mean: the analyst says it once in case.toml, and no other actor takes their place."""

import json
import tomllib

import pytest

from kayfabe import cli

ARTICLE = "Our side never votes with Turkey. The enemy and we only pretend to quarrel over Lebanon."


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ours.txt").write_text(ARTICLE, encoding="utf-8")
    assert cli.run(["examine", str(tmp_path / "ours.txt"), "--out", str(tmp_path / "case")]) == 0
    return tmp_path / "case"


def findings(folder):
    return json.loads((folder / "findings.json").read_text(encoding="utf-8"))


def edit(folder, **sides):
    path = folder / "case.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    for side, actor in sides.items():
        lines = [f'{side} = "{actor}"' if line.startswith(f"{side} = ") else line for line in lines]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return cli.run(["examine", str(path)])


def test_an_unknown_actor_is_asked_for_and_replaced_by_nobody(folder):
    found = findings(folder)
    assert {f["verdict"] for f in found["findings"].values()} == {"untested"}
    question = found["claims"][0]["question"]
    assert question["options"].get("actor") is None
    assert "who 'Our side' is, is not known" in " ".join(question["missing"])


def test_one_edit_says_who_we_are_everywhere(folder):
    assert edit(folder, we="Israel", enemy="Iran") == 0
    claims = findings(folder)["claims"]
    assert claims[0]["question"]["options"]["actor"] == "ISR"
    assert claims[0]["question"]["options"]["toward"] == "TUR"
    assert claims[1]["question"]["options"]["actors"] == ["IRN", "ISR"]
    assert [m["actor"] for m in claims[1]["actors"]][:2] == ["IRN", "ISR"]
    assert set(claims[0]["actors"][0]) == {"mention", "start", "end", "actor"}


def test_options_follow_a_later_edit(tmp_path):
    (tmp_path / "ours.txt").write_text(ARTICLE, encoding="utf-8")
    folder = tmp_path / "case"
    assert cli.run(["examine", str(tmp_path / "ours.txt"), "--we", "ISR", "--enemy", "IRN", "--out", str(folder)]) == 0
    assert tomllib.loads((folder / "case.toml").read_text("utf-8"))["claim"][0]["question"]["options"]["actor"] == "we"
    assert findings(folder)["claims"][0]["question"]["options"]["actor"] == "ISR"
    assert edit(folder, we="EGY") == 0
    assert findings(folder)["claims"][0]["question"]["options"]["actor"] == "EGY"
    assert findings(folder)["claims"][1]["question"]["options"]["actors"] == ["IRN", "EGY"]


def test_an_unknown_name_is_refused(folder, capsys):
    assert edit(folder, we="Isreal") == 2
    assert "Israel" in capsys.readouterr().err

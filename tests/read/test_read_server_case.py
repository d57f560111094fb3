"""Reading by a model server from the command line: what a case keeps, replays and refuses."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from model_server import ARTICLE, BAD, serving, text_of, whole_sentences

from kayfabe import cli
from kayfabe.read import ModelReader, ModelServer
from kayfabe.read.wordlists import data_toml


def kayfabe(capsys, *arguments):
    code = cli.run([str(a) for a in arguments])
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def by_rules(tmp_path_factory):
    """A case read by the rules."""
    home = tmp_path_factory.mktemp("rules")
    (home / "article.txt").write_text(ARTICLE, encoding="utf-8")
    assert cli.run(["examine", str(home / "article.txt"), "--out", str(home / "case")]) == 0
    return home / "case"


@pytest.fixture
def ruled(by_rules, tmp_path):
    """A copy of that case, to be overwritten."""
    return Path(shutil.copytree(by_rules, tmp_path / "ruled"))


def with_one_invented(asked):
    said = whole_sentences(asked, "alignment")
    said["claims"][-1]["quote"] = "I was never written."
    return said


def test_a_case_replays_without_the_server_to_the_same_bytes(article, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("KAYFABE_API_KEY", "sk-secret")
    folder = tmp_path / "case"
    with serving(lambda a: {**with_one_invented(a), "echo": "sk-secret"}) as (url, asked):
        arguments = ("examine", article, "--out", folder, "--reader", url, "--model", "small")
        code, out, err = kayfabe(capsys, *arguments)
        assert (code, len(asked)) == (0, 1)
    assert err.count("\n") == 1
    assert "reading by small: dropped 1 quotation not in the sentences asked about: 'I was never written.'" in err
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert set(before) == {"article.txt", "case.toml", "findings.json", "dossier.html", "reader.json"}
    assert all(b"sk-secret" not in content for content in before.values())

    assert kayfabe(capsys, *arguments, "--force") == (code, out, err)  # the server is gone
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert kayfabe(capsys, "examine", folder / "case.toml")[0] == 0
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before

    recorded = json.loads(before["findings.json"])["settings"]
    prompt = data_toml("server_prompt.toml")
    assert (recorded["reader"], recorded["model"], recorded["prompt"]) == (url, "small", prompt["id"])
    assert re.fullmatch(r"[0-9a-f]{64}", recorded["prompt_sha256"])
    assert "I was never written." in recorded["reader_note"]
    assert recorded["reader"].encode() in before["case.toml"]
    assert b"I was never written." in before["dossier.html"]


def test_another_model_text_prompt_or_damaged_file_is_asked_anew(tmp_path):
    kept = tmp_path / "reader.json"
    longer = text_of(ARTICLE + " It is over.")
    with serving(whole_sentences) as (url, asked):

        def questions(model="small", text=None, path=url):
            before = len(asked)
            reader = ModelReader(ModelServer(path, model, pause=0.0))
            reader.recall(kept)
            reader.read(text or text_of())
            kept.write_text(reader.replies(), encoding="utf-8")
            return len(asked) - before

        assert [questions(), questions()] == [1, 0]
        assert questions(path=url.replace("127.0.0.1", "localhost")) == 0  # the same path on another host
        assert [questions("large"), questions("large", longer), questions("large", longer)] == [1, 1, 0]
        assert questions("large", longer, url.replace("/v1", "/v2")) == 1
        for damaged in ("", "[]", '{"replies": 3}', '{"replies": [{"key": 1}]}', kept.read_text(encoding="utf-8")[:-9]):
            kept.write_text(damaged, encoding="utf-8")
            assert questions("large", longer) == 1


def test_reading_by_rules_takes_the_models_answers_away(article, ruled, capsys):
    (ruled / "reader.json").write_text("{}", encoding="utf-8")
    assert kayfabe(capsys, "examine", article, "--out", ruled, "--force")[0] == 0
    assert not (ruled / "reader.json").exists()


def test_a_forged_reply_in_the_folder_cannot_bring_in_foreign_words(article, tmp_path, capsys):
    folder = tmp_path / "case"
    with serving(whole_sentences) as (url, _):
        arguments = ("examine", article, "--out", folder, "--reader", url, "--model", "small")
        assert kayfabe(capsys, *arguments)[0] == 0
    kept = folder / "reader.json"
    kept.write_text(kept.read_text(encoding="utf-8").replace("Amen.", "Hail Satan."), encoding="utf-8")
    code, _, err = kayfabe(capsys, *arguments, "--force")
    assert code == 0
    assert "Hail Satan." in err
    found = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    assert [c["text"] for c in found["claims"]][-1] == "Amen."


def test_read_gives_the_same_contract_as_the_rules(article, capsys):
    with serving(with_one_invented) as (url, _):
        code, out, err = kayfabe(capsys, "read", article, "--json", "--reader", url, "--model", "small")
    by_model, by_rules = json.loads(out), json.loads(kayfabe(capsys, "read", article, "--json")[1])
    assert (code, err.count("\n")) == (0, 1)
    assert list(by_model) == list(by_rules)
    assert by_model["text"] == by_rules["text"]
    assert all(list(c) == list(by_rules["claims"][0]) for c in by_model["claims"])
    assert by_model["claims"][0]["question"]["instrument"] == "accord"


@pytest.mark.parametrize("name", ["no json", "500", "wrong type", "huge", "html", "nothing"])
def test_a_failure_is_exit_2_and_leaves_the_case_as_it_was(article, ruled, tmp_path, capsys, monkeypatch, name):
    monkeypatch.setattr(time, "sleep", lambda _: None)
    before = {p.name: p.read_bytes() for p in ruled.iterdir()}
    with serving(lambda _: BAD[name][0]) as (url, _):
        for folder in (ruled, tmp_path / "new"):
            code, out, err = kayfabe(
                capsys, "examine", article, "--out", folder, "--force", "--reader", url, "--model", "small"
            )
            assert (code, out, err.count("\n")) == (2, "", 1)
    assert {p.name: p.read_bytes() for p in ruled.iterdir()} == before
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--reader", "http://localhost:1/v1"), "--model"),
        (("--model", "small"), "--reader"),
        (("--reader", "gopher://localhost/v1", "--model", "small"), "http"),
        (("--reader", "http://localhost:1/v1", "--model", ""), "--model"),
        (("--reader", "http://localhost:1/v1", "--model", "small", "--timeout", "0"), "--timeout"),
    ],
)
def test_mistakes_get_one_clear_line(article, capsys, arguments, says):
    for command in ("read", "examine"):
        code, out, err = kayfabe(capsys, command, article, *arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert says in err


def test_a_key_with_a_line_break_is_refused_unseen(article, capsys, monkeypatch):
    monkeypatch.setenv("KAYFABE_API_KEY", "sk-se\ncret")
    code, _, err = kayfabe(capsys, "read", article, "--reader", "http://localhost:1/v1", "--model", "small")
    assert code == 2
    assert "KAYFABE_API_KEY" in err
    assert "cret" not in err


def test_without_a_reader_no_connection_is_opened(article, capsys, monkeypatch):
    def never(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(http.client.HTTPConnection, "connect", never)
    monkeypatch.setattr("socket.socket.connect", never)
    assert kayfabe(capsys, "read", article)[0] == 0


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_while_the_model_thinks_leaves_nothing(article, tmp_path):
    folder = tmp_path / "case"
    with serving(lambda _: lambda handler: time.sleep(20)) as (url, asked):
        command = [
            sys.executable,
            "-m",
            "kayfabe",
            "examine",
            article,
            "--out",
            folder,
            "--reader",
            url,
            "--model",
            "small",
        ]
        heard = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)  # noqa: E731  a job in the background ignores it
        run = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=heard)
        until = time.monotonic() + 30
        while not asked and time.monotonic() < until:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=10)
    assert (run.returncode, out, err.strip()) == (130, "", "kayfabe: Stopped. Nothing was half-written.")
    assert not folder.exists()

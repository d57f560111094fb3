"""--pseudonymise: the same finding, and no name of an account anywhere in it or in its dossier."""

import json

import numpy as np
import pytest

from kayfabe import dossier
from kayfabe.evidence import Evidence
from kayfabe.evidence.store import add, strike
from kayfabe.instruments import instruments, judge, run
from kayfabe.instruments.coordination import INSTRUMENT
from kayfabe.instruments.coordination_worlds import SMALL, Ring, simulate
from kayfabe.models import Case, Claim, Kind, Question, Text, to_json


@pytest.fixture(scope="module")
def posts():
    table = simulate(np.random.default_rng(8), SMALL, (Ring(m=15),)).table()
    table["account"] = [f"name{a}" for a in table["account"]]
    table["post"] = [f"at://{a}/{p}" for a, p in zip(table["account"], table["post"], strict=True)]
    table["object"] = [f"https://x.org/{o}" for o in table["object"]]
    table["url"] = [f"https://social.org/{a}" for a in table["account"]]
    return table


def found_in(table, hidden):
    evidence = Evidence.from_tables({"posts": table})
    if hidden:
        evidence.pseudonymise()
    return evidence, judge([run(INSTRUMENT, {}, evidence)])[0]


def test_the_same_finding_without_names(posts):
    _, open_ = found_in(posts, hidden=False)
    evidence, hidden = found_in(posts, hidden=True)
    assert (hidden.verdict, hidden.n) == (open_.verdict, open_.n)
    assert (hidden.estimate, hidden.p_value) == pytest.approx((open_.estimate, open_.p_value))
    assert sorted(i.p_value for i in hidden.items) == pytest.approx(sorted(i.p_value for i in open_.items))
    text = Text(text="They move together.", title="T", language="en", source="t", sha256="0" * 64)
    claim = Claim(
        id="c1", start=0, end=19, text=text.text, kind=Kind.COORDINATION, testable=True, instrument="coordination",
        question=Question(instrument="coordination", text=hidden.question, options={}),
    )  # fmt: skip
    case = Case(
        text=text,
        claims=[claim],
        settings={"pseudonymise": True},
        findings={"c1": hidden},
        evidence={"store": "m", "sha256": "0" * 64},
    )
    page = dossier.build(case, instruments(), evidence, str)
    for shown in (to_json(hidden), page):
        assert "nameu" not in shown
        assert "account-" in shown
    assert all(evidence.rows("posts", [row.removeprefix("posts:")]) for row in hidden.evidence[:20])
    labels = {label for p in hidden.details["pairs"] for label in p["labels"]}
    assert labels == {label for p in open_.details["pairs"] for label in p["labels"]}


def test_struck_posts_are_still_named(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(
        "post,at,account,object\n" + "".join(f"p{k},2024-01-01,name{k},o\n" for k in range(3)), encoding="utf-8"
    )
    add(tmp_path / "s", [path], "posts")
    strike(tmp_path / "s", "posts:p1:o", "doubtful")
    evidence = Evidence.open(tmp_path / "s")
    evidence.pseudonymise()
    (test,) = [run(INSTRUMENT, {}, evidence)]
    assert [s.why for s in test.struck] == ["doubtful"]
    assert "p1" not in json.dumps([s.row_id for s in test.struck])

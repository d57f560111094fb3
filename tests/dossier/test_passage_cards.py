"""Passages side by side: shared words marked, hostile texts inert, open orders said."""

import numpy as np

from kayfabe import dossier
from kayfabe.evidence import Evidence
from kayfabe.instruments import instruments, judge, run
from kayfabe.instruments.provenance_worlds import AMOUNTS, newsroom
from kayfabe.models import Case, Claim, Kind, Question, Text


def page_of(change):
    made = newsroom(np.random.default_rng(4), (), AMOUNTS["medium"])
    tables = {"documents": dict(made.world().tables["documents"])}
    change(made, tables["documents"])
    evidence = Evidence.from_tables(tables)
    found = judge([run(instruments()["provenance"], {}, evidence)])[0]
    words = "The leak was planted."
    claim = Claim(
        id="c1", start=0, end=len(words), text=words, kind=Kind.PLANTED_LEAK, testable=True, instrument="provenance",
        question=Question(instrument="provenance", text=found.question, options={}),
    )  # fmt: skip
    case = Case(
        text=Text(text=words, title="T", language="en", source="t.txt", sha256="0" * 64), claims=[claim], findings={"c1": found},
        evidence={"store": "memory", "sha256": "0" * 64},
    )  # fmt: skip
    page = dossier.build(case, instruments(), evidence, str)
    evidence.close()
    return page, found


def test_shared_words_are_marked_and_the_cascade_is_drawn():
    page, found = page_of(lambda made, table: None)
    first = found.details["passages"][0]
    shared = next(text for text, both in first["from"]["parts"] if both)
    assert f"<mark>{shared}</mark>" in page
    assert "Passages side by side" in page
    assert "How passage 1 spread" in page
    assert "Earlier:" in page


def test_open_orders_are_said():
    def same_day(made, table):
        table["at"] = np.array(table["at"]).astype("datetime64[D]").astype("datetime64[us]")
        table["at"][:] = table["at"][0]

    page, found = page_of(same_day)
    assert found.details["passages"]
    assert "order open" in page
    assert "Earlier:" not in page


def test_hostile_texts_stay_text():
    def hostile(made, table):
        table["text"] = [t.replace(" the ", " <script>alert(1)</script> the ") for t in table["text"]]
        table["outlet"] = [f'"><img src=x onerror=alert(1)>{o}' for o in table["outlet"]]

    page, _ = page_of(hostile)
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page

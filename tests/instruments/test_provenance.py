"""Provenance: planted passages with their places and order; what looks like reuse and is none; clocks, credits, one document, provisions."""

import datetime as dt

import numpy as np
import pytest

from kayfabe.actors import load_actors
from kayfabe.errors import BadOption, UnknownName
from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.provenance import INSTRUMENT
from kayfabe.instruments.provenance_credits import names_outlet, wire_credit
from kayfabe.instruments.provenance_rows import clocks
from kayfabe.instruments.provenance_worlds import AMOUNTS, Prose, newsroom
from kayfabe.models import Claim, Kind, Text, Verdict
from kayfabe.questions import build
from kayfabe.stats.multiplicity import benjamini_hochberg, simes


def finding(tables, **options):
    evidence = Evidence.from_tables(tables)
    found = judge([run(INSTRUMENT, options, evidence)])[0]
    evidence.close()
    return found


def standing(found):
    return [i for i in found.items if i.q_value < 0.05]


def with_text(tables, d, text=None, **columns):
    """The same documents with other values in row d."""
    documents = {c: list(v) for c, v in tables["documents"].items()}
    documents["at"] = np.array(documents["at"], dtype="datetime64[us]")
    for name, value in {"text": text, **columns}.items():
        if value is not None:
            documents[name][d] = value
    return {"documents": documents}


@pytest.fixture(scope="module")
def planted():
    made = newsroom(np.random.default_rng(3), (), AMOUNTS["medium"])
    return made, made.world().tables, finding(made.world().tables)


def test_planted_pairs_stand_in_order_of_time(planted):
    made, _, found = planted
    got = {(int(i.key["from"][1:]), int(i.key["to"][1:])) for i in standing(found)}
    assert found.verdict is Verdict.SUPPORTED
    assert len(got & made.reused) >= 0.8 * len(made.reused)
    assert not got - made.reused
    assert found.estimate == max(i.estimate for i in standing(found))


def test_passages_are_where_the_offsets_say(planted):
    _, tables, found = planted
    texts = dict(zip(tables["documents"]["document"], tables["documents"]["text"], strict=True))
    for row in found.details["passages"]:
        for side in ("from", "to"):
            part = row[side]
            joined = "".join(p for p, _ in part["parts"])
            assert joined in texts[part["document"]]
            assert texts[part["document"]][part["start"] : part["end"]] in joined
        one, two = ("".join(p for p, shared in row[s]["parts"] if shared).lower().replace(" ", "") for s in ("from", "to"))
        assert one == two


def test_finding_p_is_simes_over_all_pairs(planted):
    _, _, found = planted
    known = [i.p_value for i in found.items]
    rest = found.n - len(known)
    assert found.n == 60 * 59 // 2
    assert found.p_value == pytest.approx(simes([*known, *[1.0] * rest]))
    q = benjamini_hochberg([*known, *[1.0] * rest])
    assert [i.q_value for i in found.items] == pytest.approx(q[: len(known)])


def test_a_claim_is_not_tested_by_all_documents(planted):
    _, tables, _ = planted
    words = "The leak was planted."
    claim = Claim(id="c1", start=0, end=len(words), text=words, kind=Kind.PLANTED_LEAK)
    text = Text(text=words, language="en", source="t.txt", sha256="0" * 64)
    evidence = Evidence.from_tables(tables)
    (built,) = build([claim], text, {"provenance": INSTRUMENT}, evidence, load_actors())
    evidence.close()
    assert built.question.missing
    assert "which document, passage or agreement" in built.question.missing[0]


def test_families_name_the_first_holder_and_the_nearest_source(planted):
    _, _, found = planted
    for family in found.details["families"]:
        rows = family["rows"]
        assert [r["at"] for r in rows] == sorted(r["at"] for r in rows)
        assert rows[0]["document"] in family["first"]
        assert rows[0]["nearest"] is None
        assert all(r["nearest"] < r["document"] for r in rows if r["nearest"])


def test_a_document_with_two_passages_is_in_two_families():
    rng = np.random.default_rng(12)
    made = newsroom(rng)
    prose = Prose(rng)
    for source, words in ((10, prose.passage(1, 50)), (20, prose.passage(2, 40))):
        made.texts[source] += [*words, ".", *prose.text(1, 2)]
        made.texts[40] += [*words, ".", *prose.text(2, 2)]
    made.outlet[[10, 20, 40]] = [0, 1, 2]
    found = finding(made.world().tables).details["families"]
    assert [[r["document"] for r in f["rows"]] for f in found] == [["d0010", "d0040"], ["d0020", "d0040"]]


def test_times_closer_than_the_clock_leave_the_order_open(planted):
    made, tables, _ = planted
    a, b = sorted(made.reused)[0]
    day = np.datetime64("2024-03-05", "us")
    both = with_text(with_text(tables, a, at=day), b, at=day)
    found = finding(both)
    row = next(r for r in found.details["passages"] if {r["from"]["document"], r["to"]["document"]} == {f"d{a:04d}", f"d{b:04d}"})
    assert row["direction"].startswith("unknown")
    assert row["from"]["clock"] == "day"
    assert any("who was first is unknown" in c for c in found.caveats)


def test_wire_copy_is_labelled_and_does_not_stand():
    made = newsroom(np.random.default_rng(5), ("wire",))
    found = finding(made.world().tables)
    assert not standing(found)
    assert any(k.startswith("wire copy") for k in found.details["labelled"])


def test_one_outlet_repeating_itself_is_own_text(planted):
    _, tables, _ = planted
    one = {"documents": {**tables["documents"], "outlet": ["a"] * 30 + ["b"] * 15 + ["c"] * 15}}
    found = finding(one)
    outlet = dict(zip(one["documents"]["document"], one["documents"]["outlet"], strict=True))
    assert all(outlet[i.key["from"]] != outlet[i.key["to"]] for i in found.items)


def test_official_titles_do_not_stand():
    rng = np.random.default_rng(6)
    made = newsroom(rng)
    title = Prose(rng).passage(0, 26)
    title = [w.capitalize() if len(w) > 4 else w for w in title]
    for d in (10, 40):
        made.texts[d] = [*made.texts[d], *title, ".", *Prose(rng).text(1, 2)]
    made.outlet[[10, 40]] = [0, 1]
    found = finding(made.world().tables)
    assert not standing(found)
    assert "mostly names: an official title" in found.details["labelled"]


def test_document_asks_only_for_its_pairs_and_unknown_ones_are_named(planted):
    made, tables, _ = planted
    _, later = sorted(made.reused)[0]
    found = finding(tables, document=f"d{later:04d}")
    assert found.verdict is Verdict.SUPPORTED
    assert found.n == 59
    assert all(f"d{later:04d}" in i.key.values() for i in found.items)
    assert found.details["whose_words"]
    with pytest.raises(UnknownName):
        finding(tables, document="d9999")


def test_one_document_is_judged_over_its_own_pairs_only():
    """Of 1,770 pairs 59 are asked about: q is Benjamini-Hochberg over those, and what stands is among them."""
    made = newsroom(np.random.default_rng(3), (), AMOUNTS["medium"])
    _, later = sorted(made.reused)[0]
    found = finding(made.world().tables, document=f"d{later:04d}")
    known = [i.p_value for i in found.items]
    q = benjamini_hochberg([*known, *[1.0] * (59 - len(known))])
    assert [i.q_value for i in found.items] == pytest.approx(q[: len(known)])
    assert found.details["stand"] == len(standing(found))
    assert found.estimate == max(i.estimate for i in standing(found))
    assert all(f"d{later:04d}" in {r["document"] for r in f["rows"]} for f in found.details["families"])
    quiet = next(d for d in range(60) if not any(d in p for p in made.reused))
    assert finding(made.world().tables, document=f"d{quiet:04d}").p_value == 1.0


def test_a_hidden_author_shows_by_own_turns_of_phrase():
    """Outlet 2 has forty turns of phrase of its own; a late plan of outlet 0 uses fifteen of them."""
    rng = np.random.default_rng(21)
    made = newsroom(rng, documents=120)
    turns = [Prose(rng).passage(0, 4) for _ in range(40)]
    for d in np.flatnonzero(made.outlet[:110] == 2):
        for k in rng.choice(40, 3, replace=False):
            made.texts[d] += [*turns[k], ".", *Prose(rng).text(0, 1)]
    for k in range(15):
        made.texts[115] += [*turns[k], "and", *Prose(rng).text(1, 1)]
    made.outlet[115] = 0
    rows = finding(made.world().tables, document="d0115").details["whose_words"]
    assert rows[0]["outlet"] == "outlet 2"
    assert rows[0]["q"] < 0.05
    assert rows[0]["overlap"] > 3 * (rows[0]["usual"] or 1)
    assert all(r["q"] > 0.05 for r in rows[1:])


def long_documents(seed):
    rng = np.random.default_rng(seed)
    made = newsroom(rng, documents=40)
    for text in made.texts:
        text += Prose(rng).text(0, 9)
    return made


def test_a_document_of_its_own_words_is_cleared():
    found = finding(long_documents(7).world().tables, document="d0020")
    assert found.verdict is Verdict.CONTRADICTED
    assert found.excludable == 45
    assert found.interval[1] < 16


def test_short_texts_clear_nobody():
    made = long_documents(7)
    made.texts[3] = made.texts[3][:50]
    assert finding(made.world().tables, document="d0020").verdict is Verdict.INCONCLUSIVE


def test_a_passage_is_traced_to_its_holders(planted):
    made, tables, _ = planted
    source = sorted(made.reused)[0][0]
    words = tables["documents"]["text"][source].split()
    found = finding(tables, passage=" ".join(words[10:90]))
    assert f"d{source:04d}" in {i.key["from"] for i in standing(found)}
    assert all(i.key["to"] == "passage" for i in found.items)
    assert all("passage" not in f["first"] for f in found.details["families"])
    assert not any("closer than the coarser clock" in c for c in found.caveats)
    with pytest.raises(BadOption):
        finding(tables, passage="x", document="d0001")


def test_provisions_in_documents_older_than_the_release():
    rng = np.random.default_rng(8)
    made = newsroom(rng)
    leaked, secret = (Prose(rng).passage(3, 40) for _ in range(2))
    made.texts[12] += [*leaked, ".", *Prose(rng).text(3, 2)]
    made.texts[50] += [*secret, ".", *Prose(rng).text(3, 2)]
    tables = dict(made.world().tables)
    release = (np.datetime64("2024-03-01") + np.timedelta64(int(made.at[30] // 86_400) + 1, "D")).astype(object)
    tables["provisions"] = {"agreement": ["X", "X"], "provision": ["1", "2"], "text": [" ".join(leaked), " ".join(secret)]}
    found = finding(tables, agreement="X", released=release)
    assert [(i.key["from"], i.key["to"]) for i in standing(found)] == [("d0012", "provisions:X:1")]
    later = finding(tables, agreement="X", released=release + dt.timedelta(days=60))
    assert {i.key["to"] for i in standing(later)} == {"provisions:X:1", "provisions:X:2"}
    with pytest.raises(UnknownName):
        finding(tables, agreement="Y")


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("MOSCOW (Reuters) - The minister said on Monday that", "Reuters"),
        ("Москва. 3 мая. INTERFAX.RU - Министр сообщил", "Interfax"),
        ("МОСКВА, 3 мая. /ТАСС/. Министр заявил", "TASS"),
        ("Министр заявил об этом. Источник: Интерфакс", "Interfax"),
        ("The town was quiet. — Associated Press", "AP"),
        ("The minister told Reuters that he would not go", None),
        ("It was a map of the region", None),
    ],
)
def test_credits_to_agencies(text, agency):
    assert wire_credit(text) == agency


def test_an_agency_is_its_own_credit_and_outlets_are_seen_near_a_passage():
    assert wire_credit("any text", "Reuters") == "Reuters"
    assert wire_credit("any text", "tass.ru") == "TASS"
    text = "as the Herald reported on Sunday, " + "words " * 30
    assert names_outlet(text, 40, 90, "Herald")
    assert not names_outlet(text, 40, 90, "Her")


def test_clocks_are_the_coarsest_unit_that_an_outlet_keeps():
    minute = 60 * 1_000_000
    at = np.array([0, 24 * 60, 61, 125, 120, 180, 24 * 60]) * minute + np.array([0, 0, 0, 0, 0, 0, 0])
    outlet = np.array(["day", "day", "min", "min", "hour", "hour", "min"])
    assert clocks(at, outlet).tolist() == [86400, 86400, 60, 60, 3600, 3600, 86400]


def test_few_documents_or_outlets_are_untested(planted):
    _, tables, _ = planted
    few = {"documents": {c: v[:19] for c, v in tables["documents"].items()}}
    assert finding(few).verdict is Verdict.UNTESTED
    two = {"documents": {**tables["documents"], "outlet": ["a", "b"] * 30}}
    assert finding(two).verdict is Verdict.UNTESTED


@pytest.mark.parametrize("hostile", ['"' * 5000, "\ue000 \x00 \u202e" * 50, "«" * 300 + "a" * 100_000, "word " * 3000])
def test_hostile_texts_break_nothing(planted, hostile):
    _, tables, _ = planted
    assert finding(with_text(tables, 5, text=hostile)).verdict is Verdict.SUPPORTED


def test_outlets_that_carry_passages_within_minutes():
    """Forty outlets pass on 300 passages hours apart, two of them always within a minute of each other."""
    rng = np.random.default_rng(11)
    prose, texts, outlet, at = Prose(rng), [], [], []
    for k in range(110):
        passage, start = prose.passage(k % 8, 40), rng.uniform(0, 20 * 86_400)
        for o in [0, 1, *rng.choice(np.arange(2, 40), 3, replace=False).tolist()]:
            texts.append([*prose.text(k % 8, 2), *passage, ".", *prose.text(k % 8, 2)])
            outlet.append(o)
            at.append(start + (rng.uniform(0, 60) if o < 2 else rng.uniform(0, 14_400)))
    table = {
        "document": [f"d{k:04d}" for k in range(len(texts))], "at": np.datetime64("2024-03-01", "us") + np.array(at).astype("timedelta64[s]"),
        "outlet": [f"o{o}" for o in outlet], "text": [" ".join(t) for t in texts],
    }  # fmt: skip
    found = finding({"documents": table}).details["together"]
    assert found["seen"]
    assert {found["pairs"][0]["a"], found["pairs"][0]["b"]} == {"o0", "o1"}
    assert found["pairs"][0]["q"] < 0.05
    assert sum(p["q"] < 0.05 for p in found["pairs"]) == 1

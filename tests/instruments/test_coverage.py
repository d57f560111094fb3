"""coverage: the kernels against textbook values and brute force, the alignment on planted pairs, the gates of abstention."""

import math
import re

import numpy as np
import pytest
from scipy import sparse, stats

from kayfabe.errors import UnknownName
from kayfabe.evidence import Evidence
from kayfabe.instruments import coverage_worlds, judge, run
from kayfabe.instruments.coverage import INSTRUMENT
from kayfabe.instruments.coverage_alignment import align, stemmed, weights, words_of
from kayfabe.instruments.coverage_labels import compared
from kayfabe.instruments.coverage_units import near_copies, units_of
from kayfabe.models import Verdict
from kayfabe.stats import attention


def finding(tables, **options):
    evidence = Evidence.from_tables(tables)
    try:
        return judge([run(INSTRUMENT, {"agreement": "accord of nine", "matching": "words", **options}, evidence)])[0]
    finally:
        evidence.close()


def planted(seed=1, kind="planted"):
    return {t: {c: np.asarray(v, dtype=None if c == "at" else object) for c, v in cs.items()}
            for t, cs in INSTRUMENT.world(kind, np.random.default_rng(seed)).tables.items()}  # fmt: skip


def test_one_stratum_is_fishers_hypergeometric():
    known = attention.law(np.array([30]), np.array([12]), np.array([10]))
    x = np.arange(known.low, known.high + 1)
    assert known.tilted(0.0) == pytest.approx(stats.hypergeom.pmf(x, 30, 12, 10))
    for odds in (0.3, 4.0):
        assert known.tilted(math.log(odds)) == pytest.approx(stats.nchypergeom_fisher.pmf(x, 30, 12, 10, odds))


def test_strata_convolve():
    known = attention.law(np.array([8, 6, 5]), np.array([3, 6, 2]), np.array([4, 2, 1]))
    brute = np.zeros(known.high + 1)
    for a in range(4):
        for c in range(2):
            brute[a + 2 + c] += stats.hypergeom.pmf(a, 8, 3, 4) * stats.hypergeom.pmf(c, 5, 2, 1)
    assert known.low == 2
    assert known.tilted(0.0) == pytest.approx(brute[2:])


def test_estimate_is_median_unbiased_and_interval_inverts_the_tails():
    known = attention.law(np.array([40, 40]), np.array([20, 10]), np.array([15, 20]))
    cell = attention.cell(known, 16, 12.5, 1.0, 1.25, 1.5)
    assert known.tails(16, cell.log_odds)[0] == pytest.approx(0.5, abs=1e-4)
    assert known.tails(16, cell.interval[0])[1] == pytest.approx(0.025, abs=1e-4)
    assert known.tails(16, cell.interval[1])[0] == pytest.approx(0.025, abs=1e-4)
    wider = attention.cell(known, 16, 12.5, 2.0, 1.25, 1.5)
    assert wider.interval[0] < cell.interval[0]
    assert wider.p_value > cell.p_value


def test_an_extreme_count_has_a_finite_estimate_and_an_open_interval():
    known = attention.law(np.array([40]), np.array([20]), np.array([12]))
    cell = attention.cell(known, 0, 6.0, 1.0, 1.25, 1.5)
    assert cell.interval[0] == -math.inf
    assert known.tilted(cell.log_odds)[0] == pytest.approx(0.5, abs=1e-4)


def test_tarone_keeps_only_cells_that_could_pass():
    assert attention.could_pass(np.array([0.001, 0.02, 0.03, 0.9]), 0.05).tolist() == [True, True, False, False]
    assert not attention.could_pass(np.array([0.5, 0.9]), 0.05).any()


def test_articles_needed_is_the_methods_example():
    assert attention.articles_needed(0.3, 54, 1.0, 1.25) == 24
    assert attention.articles_needed(0.1, 54, 1.0, 1.25) in (82, 83, 84)
    assert attention.articles_needed(0.0, 54, 1.0, 1.25) is None


def test_clusters_raise_overdispersion():
    y = np.repeat([1.0, 0.0, 1.0, 0.0], 10)
    assert attention.overdispersion(y, np.zeros(40, int), np.repeat(np.arange(4), 10)) == pytest.approx(10)
    assert attention.overdispersion(y, np.zeros(40, int), np.arange(40)) == 1.0
    assert attention.overdispersion(np.ones(5), np.zeros(5, int), np.arange(5)) == 1.0


@pytest.mark.parametrize(("one", "two"), [("tariffs", "tariff"), ("inspections", "inspection"), ("пошлины", "пошлин"), ("соглашение", "соглашения")])
def test_endings_are_stripped(one, two):
    assert stemmed(one) == stemmed(two)


def test_passages_are_sentences_and_abbreviations_do_not_end_one():
    found = words_of(["The U.S. Congress met. It voted.\nThen home.", "Other text."])
    assert found.passages == ["The U.S. Congress met.", "It voted.", "Then home.", "Other text."]
    assert found.text_of.tolist() == [0, 0, 0, 1]


def test_weights_are_inverse_document_frequencies():
    has = sparse.csr_matrix(np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0]], dtype=np.float32))
    every, first = np.ones(8, dtype=bool), np.arange(8) < 2
    assert weights(has, every).toarray()[0] == pytest.approx([0, math.log(4), math.log(8)])
    assert weights(has, first).toarray()[0] == pytest.approx([0, 0, math.log(2)])


def test_planted_passages_are_matched():
    sheet = coverage_worlds.archive(np.random.default_rng(5), coverage_worlds.Press(articles=(40, 60)))
    given, texts = sheet.world.tables["provisions"], sheet.world.tables["documents"]["text"]
    own = np.array([a == "accord of nine" for a in given["agreement"]])
    words = words_of([*given["text"], *texts])
    read = words.text_of >= len(own)
    found = align(words.matrix(words.passage, len(words.text_of))[read], words.matrix(words.text, len(own) + len(texts))[: len(own)],
                  own, np.random.default_rng(0)).match  # fmt: skip
    truth = np.array([sheet.named.get(p, -1) for p, r in zip(words.passages, read, strict=True) if r])
    assert (found == truth)[found >= 0].mean() > 0.9
    assert (found == truth)[truth >= 0].mean() > 0.8


def test_versions_are_one_unit_and_copies_elsewhere_are_labelled():
    base = "one two three four five six seven eight nine ten eleven twelve"
    words = words_of([base, base + " thirteen", base, base, "quite other words stand here all through the whole piece today"])
    days, outlet = np.array([0, 1, 1, 9, 0]), np.array([0, 0, 1, 0, 1])
    one, two = near_copies(words, days, 5)
    assert list(zip(one.tolist(), two.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]
    y = np.array([[False], [True], [False], [False], [False]])
    units = units_of(words, days, outlet, y, np.ones(5, dtype=bool))
    assert units.unit[0] == units.unit[1] != units.unit[3]
    assert len(units.outlet) == 4
    assert units.y[units.unit[0], 0]
    assert units.copied[units.unit[2]]
    assert not units.copied[units.unit[4]]


def test_an_unknown_agreement_is_the_users_error():
    with pytest.raises(UnknownName, match="accord of nine"):
        finding(planted(), agreement="accord of ten")


def test_two_outlets_are_untested():
    tables = planted()
    keep = np.isin(tables["documents"]["outlet"], ["outlet 0", "outlet 1"])
    tables["documents"] = {c: v[keep] for c, v in tables["documents"].items()}
    found = finding(tables)
    assert found.verdict == Verdict.UNTESTED
    assert "3 are needed" in found.reason


def test_the_same_article_everywhere_decides_nothing():
    tables = planted()
    tables["documents"]["text"][:] = tables["documents"]["text"][0]
    assert finding(tables).verdict in (Verdict.UNTESTED, Verdict.INCONCLUSIVE)


def test_articles_in_another_script_are_left_out_and_named():
    tables = planted(kind="null")
    own = tables["documents"]["outlet"] == "outlet 2"
    tables["documents"]["text"][own] = "Министры встретились в столице. Стороны обсудили новые условия торговли."
    found = finding(tables)
    assert found.verdict != Verdict.SUPPORTED
    assert any("another language" in c for c in found.caveats)
    assert any("of the days covered" in c for c in found.caveats)


def test_a_missing_outlet_of_reading_shows_in_the_planted_cell():
    effect = np.zeros((6, 9))
    effect[2, 0] = np.log(0.02)
    sheet = coverage_worlds.archive(np.random.default_rng(3), coverage_worlds.Press(effect=effect, articles=(80, 90)))
    found = finding(sheet.world.tables)
    assert found.verdict == Verdict.SUPPORTED
    assert found.items[0].key == {"outlet": "outlet 2", "provision": "1"}
    assert found.items[0].estimate < 0.5
    assert all(r.startswith("documents:") for r in found.items[0].evidence)


def labelled(right):
    """The planted null world with labels by hand on two outlets: the truth, or a wrong number in every article."""
    sheet = coverage_worlds.archive(np.random.default_rng(5), coverage_worlds.Press(articles=(40, 60)))
    documents = dict(sheet.world.tables["documents"])
    told = [sorted({sheet.named.get(p, -1) for p in words_of([t]).passages} - {-1}) for t in documents["text"]]
    hand = [";".join(str(k + 1) for k in named) or "none" for named in told] if right else ["9"] * len(told)
    documents["provisions"] = [h if o in ("outlet 0", "outlet 1") else None for h, o in zip(hand, documents["outlet"], strict=True)]
    return finding({**sheet.world.tables, "documents": documents})


def test_labels_by_hand_give_precision_and_recall_by_outlet():
    found = labelled(right=True)
    by_hand = found.details["alignment"]["by_hand"]
    assert by_hand["precision"] > 0.9
    assert by_hand["recall"] > 0.8
    assert [o["outlet"] for o in by_hand["outlets"]] == ["outlet 0", "outlet 1"]
    assert any("hand-labelled" in c for c in found.caveats)


def test_a_matching_that_labels_belie_is_not_used():
    found = labelled(right=False)
    assert found.verdict == Verdict.UNTESTED
    assert "hand-labelled" in found.reason


def test_counts_of_labels():
    y = np.array([[True, False], [True, True], [False, False]])
    found = compared(["1", "2; 3", ""], ["1", "2"], y, np.array([0, 0, 0]), ["a"])
    assert (found.every.articles, found.every.both, found.every.named, found.every.labelled) == (2, 2, 3, 2)
    assert found.every.unknown == ("3",)
    assert compared([" ", ""], ["1", "2"], y[:2], np.zeros(2, int), ["a"]) is None


def test_an_outlet_whose_mentions_are_overlooked_is_named():
    named = np.zeros((80, 1), dtype=bool)
    named[:38] = True  # the first outlet's mentions are found, of the second's 10 of 40
    named[40:50] = True
    found = compared(["1"] * 80, ["1"], named, np.repeat([0, 1], 40), ["a", "b"])
    assert found.overlooked() == ["b"]
    assert stats.fisher_exact([[10, 30], [38, 2]], alternative="less")[1] < 0.025
    named[50:76] = True
    assert compared(["1"] * 80, ["1"], named, np.repeat([0, 1], 40), ["a", "b"]).overlooked() == []


def abroad(text):
    """The same in another language: every word backwards."""
    return re.sub(r"[A-Za-z]+", lambda m: m[0][::-1].capitalize() if m[0][0].isupper() else m[0][::-1], text)


def test_a_provision_in_two_languages_is_matched_in_both():
    sheet = coverage_worlds.archive(np.random.default_rng(5), coverage_worlds.Press(articles=(40, 60)))
    given, documents = sheet.world.tables["provisions"], sheet.world.tables["documents"]
    foreign = [o == "outlet 2" for o in documents["outlet"]]
    texts = [abroad(t) if f else t for t, f in zip(documents["text"], foreign, strict=True)]
    own = np.array([a == "accord of nine" for a in given["agreement"]])

    def recall(provisions):
        words = words_of([*provisions, *texts])
        read = words.text_of >= len(own)
        match = align(words.matrix(words.passage, len(words.text_of))[read],
                      words.matrix(words.text, len(own) + len(texts))[: len(own)], own, np.random.default_rng(0)).match  # fmt: skip
        there = np.array(foreign)[words.text_of[read] - len(own)]
        known = {abroad(p).capitalize(): k for p, k in sheet.named.items()} | sheet.named
        truth = np.array([known.get(p, -1) for p, r in zip(words.passages, read, strict=True) if r])
        hit = (match == truth)[there & (truth >= 0)]
        return hit.mean() if len(hit) else None

    assert recall(given["text"]) < 0.1
    assert recall([f"{t} {abroad(t)}" for t in given["text"]]) > 0.6


def test_an_omission_that_may_be_said_in_own_words_does_not_stand():
    press = coverage_worlds.Press(articles=(60, 100), own_words=1.0)
    sheet = coverage_worlds.archive(np.random.default_rng([2026, 1]), press)
    found = finding(sheet.world.tables)
    cell = next(c for c in found.details["cells"] if (c["outlet"], c["provision"]) == ("outlet 0", "1"))
    assert cell["q_value"] < 0.05
    assert cell["odds_ratio"] < 0.5
    assert found.verdict == Verdict.INCONCLUSIVE
    assert re.search(r"\bx[a-z]{6}", " ".join(cell["in_own_words"]))
    assert any("words that no other outlet uses" in c for c in found.caveats)


def test_the_estimand_of_a_null_world_is_one_and_of_a_planted_one_near_what_was_planted():
    rng = np.random.default_rng(4)
    for size in (1.0, 6.0):
        effect = np.zeros((coverage_worlds.OUTLETS, coverage_worlds.PROVISIONS))
        effect[2, 5] = np.log(size)
        press = coverage_worlds.Press(effect=effect, wire=0.0, shocks=0.0, explainers=0.0, shorts=0.0, updates=0.0)
        times = coverage_worlds.archive(rng, press).times
        assert coverage_worlds.odds_ratio(rng, press, times, 2, 5, fold=200) == pytest.approx(size, rel=0.15)

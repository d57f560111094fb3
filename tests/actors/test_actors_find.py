"""Mentions in running text: hand-written sentences, exact offsets, invariances, no crash on any text."""

import datetime as dt
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayfabe.actors import load_actors

actors = load_actors()
TODAY = dt.date(2025, 12, 1)
SAMPLE = Path(__file__).parents[3] / "shared" / "samples" / "op-ed.txt"


def found(text: str, language: str | None = None) -> list[tuple[str, str]]:
    return [(f.mention, f.actor) for f in actors.find(text, TODAY, language)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The US told us nothing.", [("US", "USA")]),
        ("They let us go; join us in May.", []),
        ("The U.S. and U.K. agree.", [("U.S", "USA"), ("U.K", "GBR")]),
        ("China's fine china", [("China", "CHN")]),
        ("a turkey dinner in Turkey", [("Turkey", "TUR")]),
        ("a US-Russia summit", [("US", "USA"), ("Russia", "RUS")]),
        ("anti-Russian, pro-Kremlin", [("Russian", "RUS"), ("Kremlin", "RUS")]),
        ("the West’s staged disagreements", [("the West", "WEST")]),
        ("the West Bank, the West Wing and Kanye West", []),
        ("they went west", []),
        ("Western leaders in Western Europe", [("Western", "WEST")]),
        ("Nigeria and Niger, not the Niger Delta", [("Nigeria", "NGA"), ("Niger", "NER")]),
        ("Latin America, South America and America", [("America", "USA")]),
        ("New Mexico and Mexico City", [("Mexico City", "MEX")]),
        ("George Washington, the Washington Post, Washington", [("Washington", "USA")]),
        ("Michael Jordan met Jordan Peterson in Jordan.", [("Jordan", "JOR")]),
        ("Georgia Republicans; Atlanta, Georgia; Georgia’s president", [("Georgia", "GEO")]),
        ("Victoria Nuland", []),
        ("the Paris Agreement and the Minsk agreements", []),
        ("Guinea-Bissau, Equatorial Guinea, guinea pigs", [("Guinea-Bissau", "GNB"), ("Equatorial Guinea", "GNQ")]),
        ("the Democratic Republic of the Congo", [("Democratic Republic of the Congo", "COD")]),
        ("Melania Trump and President Trump", [("Trump", "USA")]),
        ("Theresa May may; May was cold.", []),
        ("Biden has left office; Trump has not.", [("Trump", "USA")]),
        ("a white house; the White House", [("White House", "USA")]),
        ("polish the Polish silver", [("Polish", "POL")]),
        ("declare war on Rome—be it the EU or the US.", [("EU", "EU"), ("US", "USA")]),
        ("Rome said so.", [("Rome", "ITA")]),
        ("Security Council of Russia against the Security Council", [("Security Council", "UN")]),
        ("White. House", []),
        ("the United\nNations", [("United\nNations", "UN")]),
        ("Ukraine’s #Ukraine, Ukraineland", [("Ukraine", "UKR"), ("Ukraine", "UKR")]),
        ("Запад и Россия: спектакль Запада", [("Запад", "WEST"), ("Россия", "RUS"), ("Запада", "WEST")]),
        ("солнце заходит на запад", []),
        ("Того, кто в Того, не слышно.", [("Того", "TGO")]),
        ("российско-американский саммит", [("российско", "RUS"), ("американский", "USA")]),
        ("В Белом доме ждут Зеленского.", [("Белом доме", "USA"), ("Зеленского", "UKR")]),
        ("белый дом у дороги", []),
        ("Латинскую Америку и Америку", [("Америку", "USA")]),
        ("Совет Безопасности РФ и Совет Безопасности ООН", [("Совет Безопасности", "UN"), ("ООН", "UN")]),
    ],
)
def test_sentences(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_kinds_of_naming() -> None:
    text = "Russia, Moscow, Putin, NATO and the Russians"
    assert [f.how for f in actors.find(text, TODAY)] == ["name", "metonym", "leader", "bloc", "demonym"]


def test_offsets_with_accents_composed_or_not() -> None:
    for text in ("Spoke Orbán to Türkiye", "Spoke Orba\u0301n to Tu\u0308rkiye", "Ki\u0300 Йемен, И\u0306емен"):
        for mention in actors.find(text, TODAY):
            assert text[mention.start : mention.end] == mention.mention
    assert [f.actor for f in actors.find("Orba\u0301n in Tu\u0308rkiye", TODAY)] == ["HUN", "TUR"]
    assert [f.actor for f in actors.find("И\u0306емен", TODAY)] == ["YEM"]


@pytest.mark.parametrize("prefix", ["", "x ", "\U0001f600 ", "İ ß ﬁ ", "строка\n"])
def test_offsets_shift_with_what_stands_before(prefix: str) -> None:
    text = "and Moscow warned Berlin"
    plain = actors.find(text, TODAY)
    shifted = actors.find(prefix + text, TODAY)
    assert [(f.start - len(prefix), f.end - len(prefix), f.actor) for f in shifted] == [
        (f.start, f.end, f.actor) for f in plain
    ]


@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(
                ["US", "the West", "Rome—be it", "Georgia", "U.S.", "Белый", "дом", "Того", "'s", "İ", "\u0301"]
            ),
        ),
        max_size=30,
    ).map(" ".join)
)
def test_any_text_gives_ordered_exact_disjoint_mentions(text: str) -> None:
    end = 0
    for mention in actors.find(text, TODAY):
        assert end <= mention.start < mention.end
        assert text[mention.start : mention.end] == mention.mention
        assert actors.actor(mention.actor) is not None
        end = mention.end


@given(st.text(max_size=40))
def test_any_name_resolves_or_does_not(name: str) -> None:
    actor = actors.resolve(name)
    assert actor is None or actors.actor(actor) is not None


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_is_found_alone_also_resolves(language: str) -> None:
    text = "the US, Moscow and Orbán's EU" if language == "en" else "США, Москву и евросоюз Орбана в НАТО"
    for mention in actors.find(text, TODAY, language):  # type: ignore[arg-type]
        assert actors.resolve(mention.mention, TODAY, language) == mention.actor  # type: ignore[arg-type]


def test_long_text_is_quick() -> None:
    sentence = "Trump told the EU and Kiev that Moscow, or the Russians, would never accept what the West wants. "
    text = sentence * (200_000 // len(sentence))
    actors.find(text[:1000], TODAY)
    start = time.perf_counter()
    mentions = actors.find(text, TODAY)
    assert time.perf_counter() - start < 1
    assert len(mentions) == 6 * (200_000 // len(sentence))


def test_sample() -> None:
    if not SAMPLE.exists():
        pytest.skip("the sample text is not here")
    seen = found(SAMPLE.read_text(encoding="utf-8"), "en")
    assert {actor for _, actor in seen} == {"WEST", "RUS", "USA", "UKR", "EU", "ISR"}
    assert seen.count(("Trump", "USA")) == 6
    assert ("Kiev", "UKR") in seen
    assert ("Kyiv", "UKR") in seen
    assert all(mention != "Rome" for mention, _ in seen)

"""Hand-written pairs of mention and id: the oracle is the meaning of the mention."""

import datetime as dt

import pytest

from kayfabe.actors import load_actors
from kayfabe.errors import UnknownName

actors = load_actors()


@pytest.mark.parametrize(
    ("name", "actor"),
    [
        ("Russia", "RUS"),
        ("russia", "RUS"),
        ("RUSSIA", "RUS"),
        ("Russia's", "RUS"),
        ("Russia’s", "RUS"),
        ("Russia,", "RUS"),
        ("the Russian Federation", "RUS"),
        ("Russians", "RUS"),
        ("Moscow", "RUS"),
        ("the Kremlin", "RUS"),
        ("Kremlin", "RUS"),
        ("RUS", "RUS"),
        ("US", "USA"),
        ("U.S.", "USA"),
        ("the U.S.", "USA"),
        ("the US's", "USA"),
        ("USA", "USA"),
        ("the States", "USA"),
        ("America", "USA"),
        ("Americans'", "USA"),
        ("Washington", "USA"),
        ("Washington, D.C.", "USA"),
        ("the White House", "USA"),
        ("Kiev", "UKR"),
        ("Kyiv", "UKR"),
        ("Ukraine", "UKR"),
        ("Brussels", "EU"),
        ("the EU", "EU"),
        ("European Union", "EU"),
        ("Beijing", "CHN"),
        ("Ankara", "TUR"),
        ("Turkey", "TUR"),
        ("Türkiye", "TUR"),
        ("TURKIYE", "TUR"),
        ("Tel Aviv", "ISR"),
        ("Downing Street", "GBR"),
        ("Britain", "GBR"),
        ("Élysée", "FRA"),
        ("Elysee", "FRA"),
        ("Cote d'Ivoire", "CIV"),
        ("Côte d’Ivoire", "CIV"),
        ("Ivory Coast", "CIV"),
        ("Côte d'Ivoire's", "CIV"),
        ("IRAN (ISLAMIC REPUBLIC OF)", "IRN"),
        ("Korea, Republic of", "KOR"),
        ("LAO PEOPLE'S DEMOCRATIC REPUBLIC", "LAO"),
        ("Niger", "NER"),
        ("Nigeria", "NGA"),
        ("Guinea", "GIN"),
        ("Guinea-Bissau", "GNB"),
        ("Equatorial Guinea", "GNQ"),
        ("Papua New Guinea", "PNG"),
        ("Sudan", "SDN"),
        ("South Sudan", "SSD"),
        ("Dominica", "DMA"),
        ("Dominican Republic", "DOM"),
        ("Georgia", "GEO"),
        ("Chad", "TCD"),
        ("Jordan", "JOR"),
        ("DR Congo", "COD"),
        ("Congo-Brazzaville", "COG"),
        ("Soviet Union", "SUN"),
        ("GDR", "DDR"),
        ("Victoria", "SYC"),
        ("St. George's", "GRD"),
        ("the West", "WEST"),
        ("West", "WEST"),
        ("Western", "WEST"),
        ("NATO", "NATO"),
        ("Nato", "NATO"),
        ("nato", "NATO"),
        ("G7", "G7"),
        ("G-7", "G7"),
        ("the Global South", "GLOBAL-SOUTH"),
        ("Visegrád Four", "V4"),
        ("Orbán", "HUN"),
        ("Orban", "HUN"),
        ("Zelensky", "UKR"),
        ("Zelenskyy", "UKR"),
        ("Poroshenko", "UKR"),
        ("Putin's", "RUS"),
        ("Xi", "CHN"),
        ("Kim Jong-un", "PRK"),
        ("Kim Jong Un", "PRK"),
        ("Theresa May", "GBR"),
        ("Ursula von der Leyen", "EU"),
        ("Erdogan", "TUR"),
        ("Rutte", "NATO"),
    ],
)
def test_english_names(name: str, actor: str) -> None:
    assert actors.resolve(name, language="en") == actor
    assert actors.resolve(name) == actor


@pytest.mark.parametrize(
    "name",
    ["us", "Us", "May", "may", "it", "MAGA", "Susie Wiles", "Congo", "Korea", "Latin America", "", "the", "'s"],
)
def test_what_is_nobody_or_ambiguous(name: str) -> None:
    assert actors.resolve(name) is None


@pytest.mark.parametrize(
    ("name", "on", "actor"),
    [
        ("Trump", "2017-01-19", None),
        ("Trump", "2017-01-20", "USA"),
        ("Trump", "2021-01-20", "USA"),
        ("Trump", "2021-01-21", None),
        ("Trump", "2025-01-19", None),
        ("Trump", "2025-01-20", "USA"),
        ("Biden", "2025-01-20", "USA"),
        ("Biden", "2025-01-21", None),
        ("Bush", "1990-08-02", "USA"),
        ("Bush", "1996-01-01", None),
        ("Bush", "2003-03-20", "USA"),
        ("Tusk", "2012-01-01", "POL"),
        ("Tusk", "2016-01-01", "EU"),
        ("Tusk", "2022-01-01", None),
        ("Tusk", "2024-01-01", "POL"),
        ("Stoltenberg", "2010-01-01", "NOR"),
        ("Stoltenberg", "2022-02-24", "NATO"),
        ("Rutte", "2023-01-01", "NLD"),
        ("Rutte", "2024-10-01", "NATO"),
        ("Kallas", "2023-01-01", "EST"),
        ("Kallas", "2025-01-01", "EU"),
        ("Gorbachev", "1990-06-01", "SUN"),
        ("Putin", "2010-01-01", "RUS"),
        ("Medvedev", "2010-01-01", "RUS"),
        ("Zelensky", "2019-05-19", None),
        ("Zelensky", "2019-05-20", "UKR"),
        ("Assad", "2024-12-08", "SYR"),
        ("Assad", "2024-12-09", None),
        ("Orban", "2026-05-10", None),
        ("Moscow", "1950-01-01", "RUS"),
    ],
)
def test_tenures(name: str, on: str, actor: str | None) -> None:
    assert actors.resolve(name, dt.date.fromisoformat(on)) == actor


def test_without_a_date_the_most_recent_tenure_counts() -> None:
    assert actors.resolve("Tusk") == "POL"
    assert actors.resolve("Juncker") == "EU"
    assert actors.resolve("Biden") == "USA"


def test_language_keeps_to_the_names_of_that_language() -> None:
    assert actors.resolve("Москва", language="ru") == "RUS"
    assert actors.resolve("Москва", language="en") is None
    assert actors.resolve("Moscow", language="ru") is None


def test_identify_takes_an_id_of_the_store_as_it_stands() -> None:
    assert actors.identify("Trump", ["Trump", "USA"]) == "Trump"
    assert actors.identify("us", ["us"]) == "us"


@pytest.mark.parametrize(
    ("name", "actor"), [("us", "USA"), ("eu", "EU"), ("rus", "RUS"), ("russia", "RUS"), ("Китай", "CHN"), ("g7", "G7")]
)
def test_identify_resolves_other_names(name: str, actor: str) -> None:
    assert actors.identify(name, []) == actor


@pytest.mark.parametrize(
    ("name", "near"), [("Rusia", "Russia"), ("Ukrain", "Ukraine"), ("Росия", "Россия"), ("accnt-17", "account-17")]
)
def test_identify_says_what_was_perhaps_meant(name: str, near: str) -> None:
    with pytest.raises(UnknownName, match="Did you mean") as raised:
        actors.identify(name, ["account-17"])
    assert f"'{near}'" in str(raised.value)


def test_labels() -> None:
    assert actors.label("RUS") == "Russia"
    assert actors.label("RUS", "ru") == "Россия"
    assert actors.label("WEST", "ru") == "Запад"
    assert actors.label("account-17") == "account-17"

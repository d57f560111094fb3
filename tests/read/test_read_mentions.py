"""Actors in claims: names, groups, "we" and "the enemy", pronouns; and what deixis proposes."""

import datetime as dt

import pytest

from kayfabe.models import Text
from kayfabe.read import Deixis, deixis, read_claims


def text_of(text, language="en", published=None):
    return Text(text=text, language=language, source="test", sha256="", published=published)


def actors(text, language="en", published=None, **sides):
    return [(m.mention, m.actor) for c in read_claims(text_of(text, language, published), **sides) for m in c.actors]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ankara and Athens quarrel.", [("Ankara", "TUR"), ("Athens", "GRC")]),
        ("The ferry operators obey the trade minister.", [("The ferry operators", None), ("the trade minister", None)]),
        ("Susie Miller obeys MAGA.", [("Susie Miller", None), ("MAGA", None)]),
        ("Ankara was convinced by Susie Miller, its chief PR strategist.",
         [("Ankara", "TUR"), ("Susie Miller", None), ("its chief PR strategist", None)]),
        ("The truce in Ukraine failed.", []),
        ("The treaty was signed in Montreal on Monday.", []),
        ("Russia arrived. It then left.", [("Russia", "RUS"), ("It", "RUS")]),
        ("It is clear that Russia left.", [("Russia", "RUS")]),
        ("Russia and China met. They left.", [("Russia", "RUS"), ("China", "CHN"), ("They", None)]),
    ],
)  # fmt: skip
def test_mentions(text, expected):
    assert actors(text) == expected


def test_leaders_stand_for_the_state_they_lead_on_the_day():
    text = "Trump met the farmers. He promised them a treaty."
    assert actors(text, published=dt.date(2019, 5, 1))[0] == ("Trump", "USA")
    assert ("He", "USA") in actors(text, published=dt.date(2019, 5, 1))


def test_pronouns_do_not_reach_over_paragraphs():
    assert actors("Russia arrived.\n\nIt left.") == [("Russia", "RUS")]


def test_we_and_the_enemy():
    found = actors("We follow our side. The enemy's economy has cracked; its allies left us.", we="POL", enemy="TUR")
    assert found[:3] == [("We", "POL"), ("our side", "POL"), ("The enemy", "TUR")]
    assert ("us", "POL") in found
    assert ("its", "TUR") in found or ("its allies", None) in found
    russian = actors("Мы не верим. Враг никогда не скажет нам правды.", "ru", we="RUS", enemy="UKR")
    assert russian == [("Мы", "RUS"), ("Враг", "UKR"), ("нам", "RUS")]


def test_names_are_accepted_for_we_and_enemy():
    assert actors("We fear the enemy.", we="Poland", enemy="Turkey") == [("We", "POL"), ("the enemy", "TUR")]


def test_groups_of_ours_are_groups():
    assert actors("Our information networks conceal the quotas.", we="POL") == [("Our information networks", None)]
    assert actors("Наши информационные сети умалчивают о квотах.", "ru", we="RUS") == [
        ("Наши информационные сети", None)
    ]


def test_swapping_names_swaps_actors():
    a = actors("Ankara obeys Athens, and it quarrels with Jakarta.")
    b = actors("Athens obeys Ankara, and it quarrels with Jakarta.")
    swap = {"Ankara": "Athens", "Athens": "Ankara", "TUR": "GRC", "GRC": "TUR"}
    assert [(swap.get(m, m), swap.get(i, i)) for m, i in a] == b


def test_deixis_from_one_breath():
    assert deixis(text_of("We are a small but proud Poland. The harbour is ours."))["we"].actor == "POL"
    assert deixis(text_of("Our enemy, Turkey, waits."))["enemy"].actor == "TUR"
    assert deixis(text_of("Мы — великая Россия.", "ru"))["we"].actor == "RUS"
    assert deixis(text_of("Наш враг — Турция.", "ru"))["enemy"].actor == "TUR"


def test_deixis_from_the_paragraph():
    text = "We are still Poland.\n\nIn 2014 Turkey had nothing. We gave the enemy eight years."
    found = deixis(text_of(text))
    assert found["enemy"].actor == "TUR"
    assert "We gave the enemy eight years." in found["enemy"].why
    assert found["we"] == Deixis("POL", "We are still Poland.")
    assert ("the enemy", "TUR") in actors(text)


@pytest.mark.parametrize(
    "text",
    [
        "The king left. He came back.",
        "We are at war with Turkey.",
        "We are not Poland.",
        "We met the delegations of Poland, Turkey, Greece and Kenya.",
    ],
)
def test_deixis_proposes_nothing_without_evidence(text):
    assert "we" not in deixis(text_of(text))


def test_deixis_swaps_with_the_names():
    text = "We are proud {}.\n\nIn 2014 {} had nothing. We gave the enemy eight years."
    for a, b, ids in (("Poland", "Turkey", ("POL", "TUR")), ("Turkey", "Poland", ("TUR", "POL"))):
        found = deixis(text_of(text.format(a, b)))
        assert (found["we"].actor, found["enemy"].actor) == ids

"""A no to the sentence before it denies both; a "without" under a no says who moves whom."""

import pytest

from kayfabe.models import Kind, Text
from kayfabe.read import parsing, read_claims
from kayfabe.read.answers import _LEAD, _SORTS, _patterns
from kayfabe.read.refusals import refused


def denied(text, language):
    return [c.negated for c in read_claims(Text(text=text, language=language, source="test", sha256=""))]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "They say that the brewers bribed the mayor. Nothing of the sort.", [True, True]),
        ("en", "They say that the brewers bribed the mayor. I doubt it.", [True, True]),
        ("en", "Do the brewers run the council? They do not.", [True, True]),
        ("en", "The brewers met the mayor. They did not.", [False, False]),  # nothing was told or asked
        ("en", "The mill burned on Monday. It did not.", [False, False]),
        ("en", "They say that the brewers bribed the mayor. The records show otherwise.", [True, True]),
        ("ru", "Говорят, что пивовары купили мэра. Ничего подобного.", [True, True]),
        ("ru", "Говорят, что пивовары купили мэра. Да бросьте.", [True, True]),
        ("ru", "Пивовары встретили мэра. Не верю.", [False, False]),
    ],
)
def test_a_no_denies_what_was_told_or_asked_before_it(language, text, expected):
    assert denied(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The authority will not move without the ministry."),
        ("ru", "Мэр без звонка пивоваров шагу не ступит."),
    ],
)
def test_who_does_not_move_without_another_is_moved(language, text):
    parse = parsing.parses(language, [text])[0]
    if parse is None:
        pytest.skip("no parser")
    assert not refused(parse, language, Kind.INFLUENCE)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_patterns_read_hostile_text_quickly(language):
    text = ("is not " * 170 + "не это не так, " * 40)[:1200]
    assert len(_patterns(language)) == len(_SORTS)
    assert _LEAD.startswith("^")
    for pattern in _patterns(language):
        pattern.search(text)

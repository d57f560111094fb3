"""Russian word forms from a table of endings: enough that a name in any case is recognised.

The table gives too many forms rather than too few (`Беларусь` also yields the non-word `Беларусем`): it recognises
words and never writes them. What it gets wrong is listed in `data/irregular_ru.csv`.
Reference: Зализняк, Грамматический словарь русского языка (declension types, fleeting vowels).
"""

from __future__ import annotations

from functools import cache

from kayfabe.actors import facts

_ANY_CONSONANT = "*"
_NOT_CONSONANTS = "аеёиоуыэюяйьъ"
_LONGEST = 4


def name_forms(word: str) -> list[str]:
    """The forms of a name in the nominative, itself included; also of an adjective.

    `name_forms("Москва")` holds Москвы, Москве, Москву, Москвой; `name_forms("Порошенко")` holds the word alone.
    """
    return _forms(word, "name")


def people_forms(word: str) -> list[str]:
    """The forms, singular and plural, of a masculine for persons (`американец`); other words as in `name_forms`."""
    return _forms(word, "people") if _ends_in_consonant(word) else _forms(word, "name")


def _forms(word: str, of: str) -> list[str]:
    irregular = _irregular().get(word)
    if irregular:
        return irregular
    table = _endings()
    for length in range(min(_LONGEST, len(word) - 1), 0, -1):
        endings = table.get((of, word[-length:].lower()))
        if endings is not None:
            return [word[:-length] + ending for ending in endings]
    return [word + ending for ending in table[of, _ANY_CONSONANT]] if _ends_in_consonant(word) else [word]


def _ends_in_consonant(word: str) -> bool:
    last = word[-1].lower()
    return last.isalpha() and last not in _NOT_CONSONANTS


@cache
def _endings() -> dict[tuple[str, str], list[str]]:
    return {
        (row["of"], row["ending"]): [form.removeprefix(_ANY_CONSONANT) for form in row["forms"].split()]
        for row in facts.rows("endings_ru")
    }


@cache
def _irregular() -> dict[str, list[str]]:
    return {row["word"]: [row["word"], *row["forms"].split()] for row in facts.rows("irregular_ru")}

"""Russian word forms from ending tables: enough that a name in any case is recognised.

The tables give too many forms rather than too few (`Беларусь` also yields the non-word `Беларусем`): they recognise
words and never write them. What they get wrong is listed in `data/irregular_ru.csv`.
Reference: Зализняк, Грамматический словарь русского языка (declension types 1-8, fleeting vowels).
"""

from __future__ import annotations

VOWELS = "аеёиоуыэюя"

# Nominative ending -> all endings; the longest ending that fits wins. An empty tuple: indeclinable.
ADJECTIVE = "ого ому ым ом ая ой ую ою ое ые ых ыми о".split()
SOFT_ADJECTIVE = "ого ому им ом ая ой ую ою ое ие их ими и о".split()
NOUN: dict[str, list[str]] = {
    "ский": ["ск" + e for e in ["ий", *SOFT_ADJECTIVE]],
    "цкий": ["цк" + e for e in ["ий", *SOFT_ADJECTIVE]],
    "ый": ["ый", *ADJECTIVE],
    "ая": "ая ой ую ою".split(),
    "яя": "яя ей юю ею".split(),
    "ое": "ое ого ому ым им ом".split(),
    "ее": "ее его ему им ем".split(),
    "ые": "ые ых ым ыми".split(),
    "ие": "ие их им ими".split(),
    "ий": "ий ия ию ием ии".split(),
    "й": "й я ю ем ём е".split(),
    "ь": "ь я ю ем ём е и ью".split(),
    "а": "а ы и е у ой ою ей ею".split(),
    "я": "я и е ю ей ею ёй".split(),
    "ы": "ы ов ам ами ах".split(),
}
CONSONANT = ["", "а", "у", "ом", "ем", "е", "ым"]
PEOPLE = ["а", "у", "ом", "ем", "е", "ы", "и", "ов", "ев", "ей", "", "ам", "ами", "ах"]


def forms(word: str, *, people: bool = False) -> list[str]:
    """The forms of a nominative, itself included. `people`: a masculine for persons, whose plural is wanted too.

    `forms("Москва")` holds Москвы, Москве, Москву, Москвой; `forms("Порошенко")` holds the word alone.
    """
    lower = word.lower()
    if lower[-1:] not in VOWELS + "йьъ" and lower[-1:].isalpha():
        return _people(word) if people else [word + ending for ending in CONSONANT]
    for length in (4, 2, 1):
        endings = NOUN.get(lower[-length:])
        if endings is not None and len(word) > length:
            return [word[:-length] + ending for ending in endings]
    return [word]


def _people(word: str) -> list[str]:
    """Forms of a masculine for persons that ends in a consonant, singular and plural."""
    if word.endswith("ец"):
        before = word[-3]
        link = "й" if before in VOWELS else "ь" if before == "л" else ""
        return [word, *(word[:-2] + link + "ц" + ending for ending in PEOPLE if ending)]
    if word.endswith("ок"):
        return [word, *(word[:-2] + "к" + ending for ending in PEOPLE if ending)]
    singular = [word + ending for ending in PEOPLE]
    if word.endswith(("анин", "янин", "арин")):
        return singular + [word[:-2] + ending for ending in ("е", "ы", "", "ам", "ами", "ах")]
    return singular

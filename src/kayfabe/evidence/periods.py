"""How statistics offices write times and numbers, as SQL over text: 2024Q1, 2024-M03, 1 234,5.

A period becomes its first day. Sources: SDMX 2.1 Technical Notes, section 6 (observational time periods); ISO 8601 for weeks.
"""

from __future__ import annotations

import re

from kayfabe.evidence.schema import literal

# beginnings of the months' names in English, German and Russian (twice: май, мая), twelve by twelve
_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    "jän", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez",
    "янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
    "янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
)  # fmt: skip
_NAME = "(" + "|".join(dict.fromkeys(_MONTHS)) + ")[a-zäа-яё]*[.]?"
_YEAR = r"((?:1[5-9]|20|21)\d\d)"
_TWO = r"(\d{1,2})"
# pattern, then year, month and day: a group ("2"), a quarter, half or month's name in one ("2q", "2h", "2m"), or a number ("=1")
_FORMS: tuple[tuple[str, str, str, str], ...] = (
    (_YEAR, "1", "=1", "=1"),
    (_YEAR + "[-: ]?q([1-4])", "1", "2q", "=1"),
    ("q([1-4])[-/: ]?" + _YEAR, "2", "1q", "=1"),
    (_YEAR + "[-: ]?[sh]([12])", "1", "2h", "=1"),
    (_YEAR + "[-: ]?m" + _TWO, "1", "2", "=1"),
    (_YEAR + "[-/.:]" + _TWO, "1", "2", "=1"),
    (_TWO + "[-/.]" + _YEAR, "2", "1", "=1"),
    (_YEAR + "(0[1-9]|1[0-2])", "1", "2", "=1"),
    (_NAME + "[-/ ]" + _YEAR, "2", "1m", "=1"),
    (_YEAR + "[-/ ]" + _NAME, "1", "2m", "=1"),
    (_YEAR + "[-/.]" + _TWO + "[-/.]" + _TWO, "1", "2", "3"),
    (_YEAR + r"(0[1-9]|1[0-2])([0-3]\d)", "1", "2", "3"),
    (_TWO + "[.]" + _TWO + "[.]" + _YEAR, "3", "2", "1"),
    (_TWO + "[- ]" + _NAME + "[- ]" + _YEAR, "3", "2m", "1"),
    (_NAME + " " + _TWO + ", " + _YEAR, "3", "1m", "2"),
)
SLASHED = _TWO + "[/-]" + _TWO + "[/-]" + _YEAR
_WEEK = _YEAR + "[-: ]?w" + _TWO
_MISSING = ("", ":", "..", "...", "-", "–", "—", ".", "n/a", "na", "n.a.", "nan", "null", "none", "x", "#n/a", "(na)", "…", "k. a.", "k.a.", "н/д", "нет данных")
_BLANK = r"[\s\x{A0}\x{2009}\x{202F}'’]"
_SPACED = r"[-+−]?\d{1,3}(" + _BLANK + r"\d{3})+([.,]\d+)?"
_GROUPED = {"point": r"[-+−]?\d{1,3}(,\d{3})+(\.\d+)?", "comma": r"[-+−]?\d{1,3}(\.\d{3})+(,\d+)?"}
_DECIMAL_COMMA = r"[-+−]?\d+,\d+"
_CERTAIN = tuple(
    (
        rf"[-+−]?(\d|{other})*{mark}(\d{{1,2}}|\d{{4,}})",
        rf"[-+−]?0{mark}\d+",
        rf"[-+−]?\d{{1,3}}({other}\d{{3}})+{mark}\d+",
        rf"[-+−]?\d{{1,3}}({other}\d{{3}}){{2,}}",
    )
    for mark, other in ((",", "[.]"), ("[.]", ","))
)
_EITHER = r"[-+−]?\d{1,3},\d{3}"
_NUMBER = r"[-+−]?[\d.,\s\x{A0}\x{2009}\x{202F}'’]*\d"
_FLAGGED = rf"({_NUMBER})(?: [a-z]{{1,3}}| ?\([a-z]{{1,3}}\))"
# footnotes and single status letters; units such as "bn" stay, since they change the number
_NOTES = r"(?:[ \x{A0}]?(?:[¹²³⁰⁴-⁹]+|[*†‡]+|\(\d{1,2}\)|\[\d{1,2}\]|\([a-z]\))|[ \x{A0}]\d{1,2}\)|[ \x{A0}][bcdefinprsu])+"
_NOTED = f"({_NUMBER}){_NOTES}"
_HEADER_NOTE = re.compile(r"\s*(?:\[YR\d{4}\]|[¹²³⁰⁴-⁹*†‡]+|\([a-z\d]{1,2}\)|\[\d{1,2}\]|(?<=\d)\s+[bcdefinprsu])$")


def period_sql(cell: str, day_first: bool | None = None) -> str:
    """SQL for the first day of the period that `cell` names, as text such as 2024-01-01; `cell` itself where it names none.

    `day_first` says how 3/4/2024 is meant; None leaves it as it is.
    """
    text = f"lower(trim({cell}))"
    forms = list(_FORMS)
    if day_first is not None:
        forms.append((SLASHED, "3", *(("2", "1") if day_first else ("1", "2"))))
    cases = [
        f"when {_is(text, pattern)} then " + " || '-' || ".join(_part(text, pattern, which) for which in parts)
        for pattern, *parts in forms
    ]
    week = f"{_part(text, _WEEK, '1')} || '-' || {_part(text, _WEEK, '2')} || '-1'"
    cases.append(f"when {_is(text, _WEEK)} then strftime(try_strptime({week}, '%G-%V-%u'), '%Y-%m-%d')")
    return f"coalesce(strftime(try_cast(case {' '.join(cases)} end as date), '%Y-%m-%d'), {cell})"


_MONTH_WORD = f"{_NAME}|m?(0?[1-9]|1[0-2])[.]?"
_QUARTER_WORD = "quartals?|quarter|vierteljahr|vj[.]?|квартал|кв[.]?|qtr[.]?"
_QUARTER = rf"(?:(?:{_QUARTER_WORD}) ?)?(?:q ?)?([1-4]|iv|i{{1,3}})(?:[.]| ?(?:{_QUARTER_WORD})|[.] ?(?:{_QUARTER_WORD}))?"
_SURE_QUARTER = rf"q ?([1-4])|([1-4]|iv|i{{1,3}})[.]? ?(?:{_QUARTER_WORD})"
_YEAR_CELL = _YEAR + " ?(?:г[.]?|год)?"


def year_cell_sql(cell: str) -> str:
    """SQL for the year alone where `cell` names one ("2023", "2023 г."), else null."""
    text = f"lower(trim({cell}))"
    return f"case when {_is(text, _YEAR_CELL)} then regexp_extract({text}, {literal('^' + _YEAR)}, 1) end"


def sure_part_sql(cell: str) -> str:
    """SQL that is true where `cell` cannot but be a month's name or a quarter ("Januar", "Q1", "I квартал")."""
    text = f"lower(trim({cell}))"
    return f"({_is(text, _NAME)} or {_is(text, _SURE_QUARTER)})"


def year_and_part_sql(year: str, part: str, quarters: bool) -> str:
    """SQL for 2023-M01 or 2023-Q1 out of a year and a month or quarter (`quarters`: bare numbers are quarters); else both as they are."""
    text = f"lower(trim({part}))"
    name = f"regexp_extract({text}, {literal('^' + _NAME + '$')}, 1)"
    month = f"(list_position([{', '.join(map(literal, _MONTHS))}], {name}) - 1) % 12 + 1"
    number = f"regexp_extract({text}, '[0-9]+')"
    quarter = f"regexp_extract({text}, {literal(f'^{_QUARTER}$')}, 1)"
    fourth = f"case {quarter} when 'i' then '1' when 'ii' then '2' when 'iii' then '3' when 'iv' then '4' else {quarter} end"
    cases = [f"when {_is(text, _NAME)} then '-M' || lpad(cast({month} as varchar), 2, '0')"]
    numbered = f"when {_is(text, _MONTH_WORD)} then '-M' || lpad({number}, 2, '0')"
    quartered = f"when {_is(text, _QUARTER if quarters else _SURE_QUARTER)} then '-Q' || {fourth}"
    cases += [quartered] if quarters else [quartered, numbered]
    return f"{year} || case {' '.join(cases)} else ' ' || coalesce(nullif(trim({part}), ''), '(no month)') end"


def _is(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def _part(text: str, pattern: str, which: str) -> str:
    """SQL for one part of a date, two digits at least."""
    if which.startswith("="):
        return literal(which[1:].rjust(2, "0"))
    piece = f"regexp_extract({text}, {literal(f'^{pattern}$')}, {which[0]})"
    number = {
        "q": f"cast(3 * try_cast({piece} as integer) - 2 as varchar)",
        "h": f"cast(6 * try_cast({piece} as integer) - 5 as varchar)",
        "m": f"cast((list_position([{', '.join(map(literal, _MONTHS))}], {piece}) - 1) % 12 + 1 as varchar)",
    }.get(which[1:], piece)
    return f"case when length({number}) = 1 then '0' || {number} else {number} end"


def is_period(text: str) -> bool:
    """Whether a header cell names a period, such as 2010 or 2024Q1."""
    cell = text.strip().lower()
    return any(re.fullmatch(p, cell) for p in (*(f[0] for f in _FORMS), _WEEK))


def unmarked(header: str) -> str:
    """A header cell without a footnote mark, status letter or label behind the period: "2021 p", "2021¹", "2021 [YR2021]"."""
    return _HEADER_NOTE.sub("", header.strip())


def numeric_sql(cell: str) -> str:
    """SQL that is true where `cell` looks like a number, with or without footnotes."""
    return _is(f"trim({cell})", rf"{_NUMBER}([eE][-+]?\d+)?({_NOTES}|[a-z]| ?\([a-z]\))?")


def missing_sql(cell: str) -> str:
    """SQL that is true where a statistics office says that it has no value (":", "..", "n/a", ": c")."""
    return f"({cell} is null or lower(trim({cell})) in ({', '.join(map(literal, _MISSING))}) or {_is(f'trim({cell})', ':[ ]?[a-z]*')})"


def number_sql(cell: str, decimal: str, flags: bool = False, notes: bool = False) -> str:
    """SQL for `cell` as a plain number text (1234.5), whatever groups its thousands; `decimal` is "point" or "comma".

    `flags` takes off the status letters that statistics offices put behind a value ("12.3 bp"), `notes` footnote marks and
    single status letters, which are no units.
    """
    text = f"trim({cell})"
    if notes:
        text = f"case when {_is(text, _NOTED)} then regexp_extract({text}, {literal(f'^{_NOTED}$')}, 1) else {text} end"
    if flags:
        text = f"case when {_is(text, _FLAGGED)} then regexp_extract({text}, {literal(_FLAGGED)}, 1) else {text} end"
    text = f"case when {_is(text, _SPACED)} then regexp_replace({text}, {literal(_BLANK)}, '', 'g') else {text} end"
    group = "," if decimal == "point" else "."
    text = f"case when {_is(text, _GROUPED[decimal])} then replace({text}, '{group}', '') else {text} end"
    if decimal == "comma":
        text = f"case when {_is(text, _DECIMAL_COMMA)} then replace({text}, ',', '.') else {text} end"
    return f"replace({text}, '−', '-')"


def commas_sql(cell: str) -> tuple[str, str, str]:
    """SQL conditions on `cell`: the comma is certainly the decimal mark; the point certainly is; the comma may be either."""
    text = f"regexp_replace(regexp_replace(trim({cell}), {literal(f'{_NOTES}$')}, ''), {literal(_BLANK)}, '', 'g')"
    comma, point = (f"({' or '.join(_is(text, p) for p in patterns)})" for patterns in _CERTAIN)
    return comma, point, _is(text, _EITHER)

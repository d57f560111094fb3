"""Where a text says that it is somebody else's: wire agencies in bylines, datelines and closing lines, English and Russian."""

from __future__ import annotations

import re

AGENCIES: dict[str, str] = {
    "Reuters": r"Reuters|Рейтер(?:с|)",
    "AP": r"Associated Press|AP|Ассошиэйтед Пресс",
    "AFP": r"Agence France-Presse|AFP|Франс Пресс|АФП",
    "Bloomberg": r"Bloomberg|Блумберг",
    "Xinhua": r"Xinhua|Синьхуа",
    "TASS": r"(?:ITAR-)?TASS|(?:ИТАР-)?ТАСС",
    "RIA Novosti": r"RIA(?: Novosti)?|РИА(?: «?Новости»?)",
    "Interfax": r"Interfax(?:-Ukraine)?|INTERFAX(?:\.RU)?|«?Интерфакс»?(?:-Украина)?",
    "Ukrinform": r"Ukrinform|Укринформ\w?",
    "UNIAN": r"UNIAN|УНИАН",
    "dpa": r"dpa|DPA",
    "ANSA": r"ANSA",
    "EFE": r"EFE",
    "Kyodo": r"Kyodo(?: News)?",
    "UPI": r"United Press International|UPI",
    "PA": r"PA Media|Press Association",
    "Anadolu": r"Anadolu(?: Agency)?|АА",
    "BelTA": r"BelTA|БелТА|БЕЛТА",
}
"""Agency: how it is written. To add one, add a line."""

_EDGE = 320
_FORMS = (
    r"[(\[/]\s*(?:{n})\s*[)\]/]",
    r"(?:^|\n)[^\n]{{0,60}}?(?:[—–-]|/)\s*(?:{n})\s*(?:[—–-]|/|\n|$)",
    r"(?:^|\n)\s*(?:{n})\s*(?:[—–:-]|\n|$)",
    r"(?:[—–-]|©)\s*(?:{n})\s*\.?\s*(?:\n|$)",
    r"(?:^|\n)[^\n]{{0,60}}\.\s*(?:{n})\s*[—–-]",
    r"\b(?i:by|source|via|courtesy of|from|credit)\s*:?\s*(?:the )?(?:{n})\b(?!['’])",
    r"\b(?:the )?(?:{n}) (?:contributed|wire|news agency reports?|reports?\b)",
    r"\b(?i:источник|по материалам|по данным|со ссылкой на|сообщает|передает|передаёт|сообщили в)\s*:?\s*(?:агентств\w+ )?(?:{n})",
)
_CREDITS = {
    name: re.compile("|".join(form.format(n=written) for form in _FORMS)) for name, written in AGENCIES.items()
}
_OWN = {name: re.compile(rf"^(?:www\.)?(?:{written})(?:\.\w+)?$", re.IGNORECASE) for name, written in AGENCIES.items()}


def wire_credit(text: str, outlet: str = "") -> str | None:
    """The agency that `text` credits in its first or last lines, or that published it; None where there is none.

    "told Reuters" and agencies named in the middle of a text are no credit.
    """
    for name, own in _OWN.items():
        if own.match(outlet.strip()):
            return name
    edges = (text[:_EDGE], text[-_EDGE:]) if len(text) > 2 * _EDGE else (text,)
    for name, form in _CREDITS.items():
        if any(form.search(edge) for edge in edges):
            return name
    return None


def names_outlet(text: str, start: int, end: int, outlet: str, around: int = 240) -> bool:
    """Whether `outlet` is named in `text` within `around` characters of the passage start : end."""
    near = text[max(0, start - around) : end + around].lower()
    name = re.sub(r"^www\.|\.\w{2,6}$", "", outlet.strip().lower())
    return len(name) > 2 and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", near) is not None

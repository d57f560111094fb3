"""Known actors under invented names: whose names they are decides no kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kayfabe.actors import Found

_MASKS = {
    "en": {"name": ("Alvia", "Borvia", "Corvia", "Dorvia"), "demonym": ("Alvian", "Borvian", "Corvian", "Dorvian")},
    "ru": {"name": ("Алвия", "Борвия", "Корвия", "Дорвия"), "demonym": ("алвийский", "борвийский", "корвийский", "дорвийский")},
}  # fmt: skip
Stretch = tuple[str, int, int]


def masked(text: str, start: int, end: int, named: Sequence[Found], language: Literal["en", "ru"]) -> str:
    """text[start:end] with known actors under invented names, in order of appearance: whose names they are decides no kind."""
    return "".join(said for said, _, _ in stretches(text, start, end, named, language))


def stretches(
    text: str, start: int, end: int, named: Sequence[Found], language: Literal["en", "ru"]
) -> list[Stretch]:
    """What `masked` says, in stretches with the offsets that they stand for in `text`."""
    order: dict[str, int] = {}
    out = []
    at = start
    for found in named:
        if found.start < at or found.end > end:
            continue
        place = order.setdefault(found.actor, len(order))
        names = _MASKS[language]["demonym" if found.how == "demonym" else "name"]
        out += [(text[at : found.start], at, found.start), (names[min(place, len(names) - 1)], found.start, found.end)]
        at = found.end
    return [*out, (text[at:end], at, end)]

"""The door: instruments come in through the entry point group `kayfabe.instruments`, those in the tree too."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from kayfabe.errors import UnknownName
from kayfabe.instruments.declaration import Instrument

GROUP = "kayfabe.instruments"


@cache
def instruments() -> dict[str, Instrument]:
    """Every registered instrument by name, sorted. A plug-in that is not an Instrument is refused."""
    found: dict[str, Instrument] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        instrument = point.load()
        if not isinstance(instrument, Instrument):
            raise UnknownName("instrument", point.value, [], "Its entry point must name an Instrument.")
        found[instrument.name] = instrument
    return found


def instrument(name: str) -> Instrument:
    """The instrument of that name. Raises UnknownName."""
    if name not in instruments():
        raise UnknownName("instrument", name, instruments(), "See: kayfabe instruments")
    return instruments()[name]

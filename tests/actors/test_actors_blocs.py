"""Membership on known days, against the counts and dates that the organisations publish."""

import datetime as dt

import pytest

from kayfabe.actors import Membership, load_actors

actors = load_actors()


def on(day: str, bloc: str) -> tuple[str, ...]:
    return actors.members(bloc, dt.date.fromisoformat(day))


@pytest.mark.parametrize(
    ("bloc", "day", "count"),
    [
        ("EU", "1958-01-01", 6),
        ("EU", "1973-01-01", 9),
        ("EU", "1981-01-01", 10),
        ("EU", "1986-01-01", 12),
        ("EU", "1995-01-01", 15),
        ("EU", "2003-06-01", 15),
        ("EU", "2004-05-01", 25),
        ("EU", "2007-01-01", 27),
        ("EU", "2013-06-30", 27),
        ("EU", "2013-07-01", 28),
        ("EU", "2019-06-01", 28),
        ("EU", "2020-01-31", 28),
        ("EU", "2020-02-01", 27),
        ("EU", "2024-01-01", 27),
        ("NATO", "1949-12-31", 12),
        ("NATO", "1982-12-31", 16),
        ("NATO", "1999-12-31", 19),
        ("NATO", "2004-12-31", 26),
        ("NATO", "2009-12-31", 28),
        ("NATO", "2017-12-31", 29),
        ("NATO", "2022-06-01", 30),
        ("NATO", "2023-04-03", 30),
        ("NATO", "2023-04-04", 31),
        ("NATO", "2024-03-07", 32),
        ("NATO", "2025-01-01", 32),
        ("BRICS", "2010-01-01", 4),
        ("BRICS", "2023-12-31", 5),
        ("BRICS", "2024-01-01", 9),
        ("BRICS", "2025-01-06", 10),
        ("CSTO", "2005-01-01", 6),
        ("CSTO", "2010-01-01", 7),
        ("CSTO", "2020-01-01", 6),
        ("SCO", "2001-06-15", 6),
        ("SCO", "2018-01-01", 8),
        ("SCO", "2025-01-01", 10),
        ("EAEU", "2016-01-01", 5),
        ("G7", "2000-01-01", 8),
        ("G7", "2015-01-01", 7),
        ("G20", "2020-01-01", 19),
        ("P5", "1980-01-01", 5),
        ("P5", "2020-01-01", 5),
        ("ARAB-LEAGUE", "2000-01-01", 22),
        ("ASEAN", "2000-01-01", 10),
        ("ASEAN", "2025-10-26", 11),
        ("OPEC", "2018-12-31", 15),
        ("OPEC", "2024-01-01", 12),
        ("GCC", "2020-01-01", 6),
        ("AU", "2002-07-09", 53),
        ("AU", "2018-01-01", 55),
        ("V4", "2020-01-01", 4),
        ("BALTIC", "2020-01-01", 3),
        ("NORDIC", "1980-01-01", 5),
        ("BENELUX", "2020-01-01", 3),
        ("EFTA", "1960-12-31", 7),
        ("EFTA", "2020-01-01", 4),
        ("AUKUS", "2022-01-01", 3),
        ("MERCOSUR", "2000-01-01", 4),
        ("WARSAW-PACT", "1960-01-01", 8),
        ("EUROPE", "2020-01-01", 0),
        ("GLOBAL-SOUTH", "2020-01-01", 0),
        ("UN", "2020-01-01", 0),
        ("RUS", "2020-01-01", 0),
        ("no such bloc", "2020-01-01", 0),
    ],
)
def test_counts(bloc: str, day: str, count: int) -> None:
    members = on(day, bloc)
    assert len(members) == count
    assert list(members) == sorted(set(members))


def test_seat_of_the_soviet_union() -> None:
    assert "SUN" in on("1991-12-23", "P5")
    assert "RUS" in on("1991-12-25", "P5")


def test_membership_has_the_dates() -> None:
    eu = {m.member: m for m in actors.membership("EU")}
    assert eu["GBR"] == Membership("GBR", dt.date(1973, 1, 1), dt.date(2020, 1, 31))
    assert eu["HRV"] == Membership("HRV", dt.date(2013, 7, 1), None)
    assert [m.since.year for m in actors.membership("OPEC") if m.member == "IDN" and m.since] == [1962, 2016]
    assert actors.membership("GLOBAL-SOUTH") == []


def test_the_west_is_the_union_of_its_parts() -> None:
    for day in ("1950-01-01", "1975-06-01", "1999-01-01", "2019-01-01", "2025-01-01"):
        parts = set(on(day, "EU")) | set(on(day, "NATO")) | {"AUS", "CHE", "JPN", "KOR", "NZL"}
        assert set(on(day, "WEST")) == parts
    stretches = [m for m in actors.membership("WEST") if m.member == "FRA"]
    assert stretches == [Membership("FRA", dt.date(1949, 8, 24), None)]


def test_notes_warn_of_conventions_and_of_missing_members() -> None:
    assert "convention" in (actors.bloc_note("WEST") or "")
    for bloc in ("GLOBAL-SOUTH", "EUROPE", "UN"):
        assert "analyst must supply" in (actors.bloc_note(bloc) or "")
    assert actors.bloc_note("RUS") is None
    assert actors.bloc_note("no such bloc") is None


def test_is_bloc() -> None:
    assert actors.is_bloc("EU")
    assert not actors.is_bloc("RUS")
    assert not actors.is_bloc("no such bloc")

"""The data files as typed rows. Columns and sources: `data/README.md` and `data/sources.csv`."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

How = Literal["name", "metonym", "leader", "bloc", "demonym"]
Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = ("en", "ru")

_NAMES: tuple[tuple[str, How], ...] = (("states", "name"), ("blocs", "bloc"), ("leaders", "leader"))


@dataclass(frozen=True, slots=True)
class Actor:
    """A state (ISO 3166 alpha-3 id) or a bloc. `note` says what a reader of the id must know, if anything."""

    id: str
    name_en: str
    name_ru: str
    kind: Literal["state", "bloc"]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """One stretch of membership, both days included; None: from the beginning, until now."""

    member: str
    since: dt.date | None
    until: dt.date | None

    def holds(self, on: dt.date) -> bool:
        """Whether the stretch covers that day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Tenure:
    """A leader's time in one role for one actor, both days included; `until` None: in office."""

    leader: str
    actor: str
    role: str
    since: dt.date
    until: dt.date | None

    def holds(self, on: dt.date) -> bool:
        """Whether the leader held the role on that day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Naming:
    """One way to name someone: a state, a bloc, or (`how` = "leader") a person whose tenures tell the actor."""

    text: str
    language: Language
    how: How
    target: str


@dataclass(frozen=True, slots=True)
class Caution:
    """A word or phrase that looks like a naming.

    By its rule: `never` is one; `not-first` is none where it opens a sentence; `not-before-name` is none where a
    capitalised word follows; `ask-only` is one only when it is asked for by itself.
    """

    text: str
    language: Language
    rule: Literal["never", "not-first", "not-before-name", "ask-only"]


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of `data/{name}.csv` as dictionaries, surrounding spaces removed."""
    with (files("kayfabe.actors") / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield {key: (value or "").strip() for key, value in row.items()}


def several(cell: str) -> list[str]:
    """The parts of a `;`-separated cell."""
    return [part for part in map(str.strip, cell.split(";")) if part]


def day(cell: str) -> dt.date | None:
    """An ISO date, or None for an empty cell. Raises ValueError for anything else."""
    return dt.date.fromisoformat(cell) if cell else None


@cache
def actors() -> dict[str, Actor]:
    """States and blocs by id."""
    found: dict[str, Actor] = {}
    for row in rows("states"):
        found[row["id"]] = Actor(row["id"], row["name_en"], row["name_ru"], "state", row["note"] or None)
    for row in rows("blocs"):
        found[row["id"]] = Actor(row["id"], row["name_en"], row["name_ru"], "bloc", row["note"] or None)
    return found


def namings() -> Iterator[Naming]:
    """Every way of naming in the data: states and blocs with their adjectives, metonyms, leaders."""
    for file, how in _NAMES:
        for row in rows(file):
            for language in LANGUAGES:
                for text in [row[f"name_{language}"], *several(row[f"aliases_{language}"])]:
                    yield Naming(text, language, how, row["id"])
                for column in (f"people_{language}", f"adjectives_{language}"):
                    for text in several(row.get(column, "")):
                        yield Naming(text, language, "demonym", row["id"])
    for row in rows("metonyms"):
        for language in LANGUAGES:
            for text in several(row[f"names_{language}"]):
                yield Naming(text, language, "metonym", row["actor"])


def tenures() -> list[Tenure]:
    """Every tenure, in the order of the file."""
    found = []
    for row in rows("tenures"):
        since = dt.date.fromisoformat(row["since"])
        found.append(Tenure(row["leader"], row["actor"], row["role"], since, day(row["until"])))
    return found


def memberships() -> dict[str, list[Membership]]:
    """Stretches of membership by bloc, as the file has them: a member may itself be a bloc."""
    found: dict[str, list[Membership]] = {}
    for row in rows("bloc_members"):
        found.setdefault(row["bloc"], []).append(Membership(row["member"], day(row["since"]), day(row["until"])))
    return found


def cautions() -> list[Caution]:
    """Words and phrases that look like namings."""
    return [Caution(row["phrase"], row["language"], row["rule"]) for row in rows("cautions")]  # type: ignore[arg-type]


def sources() -> list[str]:
    """The public sources of the data, one line each."""
    return [f"{row['file']}: {row['source']}" for row in rows("sources")]

"""Public facts that come with kayfabe: recorded UN votes, 1946-2025."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from kayfabe.evidence.engine import Evidence, connect, create_tables, create_views
from kayfabe.evidence.reading import sha256_of
from kayfabe.evidence.schema import TABLES

CREDIT = (
    "Recorded votes: United Nations Digital Library, General Assembly and Security Council, 1946-01-25 to 2025-12-29, adopted "
    "texts only (vetoed and failed drafts are missing, so agreement in the Security Council is inflated); issue labels: Erik "
    "Voeten, Anton Strezhnev and Michael Bailey (CC0) to 2020 where a motion has them, and kayfabe's keyword rules."
)


@dataclass(frozen=True)
class Fact:
    """One bundled table: its name, where it goes, its sha256, whom to credit, and the query that yields its rows."""

    name: str
    table: str
    sha256: str
    credit: str
    sql: str


def folder() -> Path:
    """Where the bundled files are."""
    return Path(str(resources.files("kayfabe.evidence").joinpath("facts")))


def facts() -> list[Fact]:
    """The bundled tables."""
    motions, votes = folder() / "un_motions.parquet", folder() / "un_votes.parquet"
    sql = (
        "select m.motion, cast(m.at as timestamp) as at, m.body, m.title, m.issue, v.actor, v.choice "
        f"from {_file(votes)} v join {_file(motions)} m using (n)"
    )
    both = hashlib.sha256((sha256_of(motions) + sha256_of(votes)).encode()).hexdigest()
    return [Fact("bundled: UN votes 1946-2025", "votes", both, CREDIT, sql)]


def open_bundled() -> Evidence:
    """The bundled facts as evidence, read in place: nothing is written and nothing can be struck."""
    con = connect()
    create_tables(con)
    for fact in facts():
        con.execute(f"create table bundled_{fact.table} as {fact.sql}")
        create_views(con, TABLES[fact.table], f"bundled_{fact.table}")
        con.execute(
            "insert into _files select 1, ?, ?, ?, count(*), 0, 0, ?, null, '' from " + f"bundled_{fact.table}",
            [fact.name, fact.sha256, fact.table, fact.credit],
        )
    return Evidence(con, "bundled", [fact.credit for fact in facts()])


def open_evidence(path: Path | None) -> Evidence:
    """The store at `path`, or the bundled facts."""
    return open_bundled() if path is None else Evidence.open(path)


def _file(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"

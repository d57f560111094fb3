"""Three good rows of every evidence table, and stores read back as plain rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import settings

from kayfabe.evidence import TABLES

Row = Mapping[str, Any]

patient = settings(deadline=None, max_examples=20)
"""For properties whose every example writes a store."""

ROWS: dict[str, list[dict[str, str]]] = {
    "votes": [
        {
            "motion": "A/1",
            "at": "2024-03-27",
            "actor": "USA",
            "choice": "Yes",
            "issue": "arms; trade",
            "title": "Arms, again",
        },
        {"motion": "A/1", "at": "2024-03-27", "actor": "FRA", "choice": "abstain", "issue": "", "title": ""},
        {
            "motion": "A/2",
            "at": "2024-04-01T15:30:00+02:00",
            "actor": "USA",
            "choice": "absent",
            "issue": "",
            "title": "Ё",
        },
    ],
    "events": [
        {"event": "e1", "at": "2024-01-01", "source": "USA", "target": "RUS", "channel": "word", "score": "-10"},
        {"event": "e2", "at": "2024-01-02", "source": "RUS", "target": "USA", "channel": "DEED", "score": "10"},
        {"event": "e3", "at": "2024-01-03", "source": "RUS", "target": "USA", "channel": "deed", "score": "0.5"},
    ],
    "statements": [
        {"statement": "s1", "at": "2024-01-01", "actor": "USA", "issue": "arms", "stance": "-1", "coder": "ann"},
        {"statement": "s1", "at": "2024-01-01", "actor": "USA", "issue": "arms", "stance": "1", "coder": "bob"},
        {"statement": "s2", "at": "2024-01-01", "actor": "USA", "issue": "arms", "stance": "0.25", "coder": ""},
    ],
    "posts": [
        {"post": "p1", "at": "2024-01-01T00:00:01Z", "account": "@ann", "object": "https://x.org/a?b=1"},
        {"post": "p1", "at": "2024-01-01T00:00:01Z", "account": "@ann", "object": "https://x.org/c"},
        {"post": "p2", "at": "2024-01-01T00:00:02Z", "account": "bob", "object": ""},
    ],
    "documents": [
        {"document": "d1", "at": "2024-01-01", "outlet": "Gazette", "text": 'Two lines,\nand a "quote".'},
        {"document": "d2", "at": "2024-01-02", "outlet": "Gazette", "text": ""},
        {"document": "d3", "at": "2024-01-02", "outlet": "Звезда", "text": "=1+1"},
    ],
    "provisions": [
        {"agreement": "Treaty", "provision": "1", "text": "Peace.", "heading": "On peace"},
        {"agreement": "Treaty", "provision": "2", "text": "Ships.", "heading": ""},
        {"agreement": "Pact", "provision": "1", "text": "Grain.", "heading": ""},
    ],
    "indicators": [
        {"series": "ships", "at": "2024-01-01", "value": "1e3", "unit": "per month"},
        {"series": "ships", "at": "2024-02-01T12:00", "value": "-7.25", "unit": ""},
        {"series": "grain", "at": "2024-01-01T00:00:00.250Z", "value": "0", "unit": ""},
    ],
}

IDS = {
    "votes": ["A/1:FRA", "A/1:USA", "A/2:USA"],
    "events": ["e1", "e2", "e3"],
    "statements": ["s1:ann", "s1:bob", "s2"],
    "posts": ["p1:https://x.org/a?b=1", "p1:https://x.org/c", "p2"],
    "documents": ["d1", "d2", "d3"],
    "provisions": ["Pact:1", "Treaty:1", "Treaty:2"],
    "indicators": ["grain:2024-01-01T00:00:00.250000", "ships:2024-01-01", "ships:2024-02-01T12:00:00"],
}


def write_csv(path: Path, rows: Sequence[Row], delimiter: str = ",") -> Path:
    names = list(dict.fromkeys(n for row in rows for n in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_json(path: Path, rows: Sequence[Row], *, lines: bool = False) -> Path:
    text = "\n".join(json.dumps(r) for r in rows) if lines else json.dumps(list(rows), ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def write_parquet(path: Path, rows: Sequence[Row]) -> Path:
    names = list(dict.fromkeys(n for row in rows for n in row))
    with duckdb.connect() as con:
        con.execute(f"create table t ({', '.join(f'{chr(34)}{n}{chr(34)} varchar' for n in names)})")
        con.executemany(
            f"insert into t values ({', '.join('?' * len(names))})", [[r.get(n) for n in names] for r in rows]
        )
        con.execute(f"copy t to '{path}' (format parquet)")
    return path


def vote(
    motion: str = "M1", actor: str = "USA", choice: str = "yes", at: str = "2024-03-27", **more: str
) -> dict[str, str]:
    return {"motion": motion, "at": at, "actor": actor, "choice": choice, **more}


def content(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, and the bookkeeping."""
    with duckdb.connect(str(store), read_only=True) as con:
        names = [f"{t}_all" for t in TABLES] + ["_files", "_strikes", "_meta"]
        return {n: sorted(con.execute(f"select * from {n}").fetchall(), key=repr) for n in names}


def columns(store: Path, table: str, wanted: Iterable[str]) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store), read_only=True) as con:
        cells = ", ".join(f'"{c}"' for c in wanted)
        return con.execute(f"select {cells} from {table} order by row_id").fetchall()

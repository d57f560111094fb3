"""docs/evidence.md against the schema and the shipped files."""

from __future__ import annotations

import re
from pathlib import Path

from kayfabe.evidence import TABLES, open_bundled
from kayfabe.evidence.mapping import read_map

PAGE = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")


def test_the_page_lists_every_table_column_and_key() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| (.*) \|$", PAGE, re.M))
    for table in TABLES.values():
        columns, key = rows[table.name].split(" | ")
        assert [n.strip() for n in re.sub(r"\(.*?\)", "", columns).replace("?", "").split(",")] == list(table.names)
        assert {n.strip() for n in columns.split(",") if n.endswith("?")} == {
            f"{c.name}?" for c in table.columns if not c.required
        }
        assert key.split(", ") == list(table.key)


def test_the_maps_on_the_page_are_maps(tmp_path: Path) -> None:
    maps = []
    for text in re.findall(r"```toml\n(.*?)```", PAGE, re.S):
        (tmp_path / "m.toml").write_text(text)
        maps.append(read_map(tmp_path / "m.toml"))
    events, posts = maps
    assert (events.table, posts.table) == ("events", "posts")
    assert events.values["channel"] == {"Rede": "word", "Tat": "deed"}


def test_the_page_counts_the_bundled_rows() -> None:
    evidence = open_bundled()
    assert f"UN votes 1946-2025: {evidence.count('votes')} rows into votes." in PAGE
    evidence.close()

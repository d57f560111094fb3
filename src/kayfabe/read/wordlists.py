"""Word lists of the reader, out of its data files: closed classes, month names, abbreviations, stopwords."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal


def data_text(name: str) -> str:
    """The bundled data file `name` as text."""
    return files("kayfabe.read").joinpath("data", name).read_text(encoding="utf-8")


@cache
def data_toml(name: str) -> dict[str, Any]:
    """The bundled TOML file `name`, parsed."""
    return tomllib.loads(data_text(name))


@cache
def data_rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of the bundled CSV file `name`. Raises ValueError, naming the row, where a row has too many cells."""
    rows = tuple(csv.DictReader(data_text(name).splitlines()))
    for row in rows:
        if None in row:
            raise ValueError(f"{name}: row {next(iter(row.values()))} has more cells than the header; quote its commas")
    return rows


@cache
def word_table(table: str) -> dict[str, frozenset[str]]:
    """The named lists of `[table]` in words.toml; a list is written as one string of words or as an array."""
    return {key: _words(value) for key, value in data_toml("words.toml")[table].items()}


def small_words(language: Literal["en", "ru"]) -> frozenset[str]:
    """The stopwords of a language."""
    return word_table("stopwords_latin")["English"] if language == "en" else word_table("stopwords_cyrillic")["Russian"]


def _words(value: str | list[str]) -> frozenset[str]:
    return frozenset(value.split() if isinstance(value, str) else value)

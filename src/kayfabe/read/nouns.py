"""Nouns that can act: the lists of data/actor_nouns_*.toml, in English widened by WordNet."""

from __future__ import annotations

from functools import cache

from kayfabe.read.wordlists import data_toml


@cache
def nouns(language: str) -> dict[str, frozenset[str]]:
    """The lists by name; a word of one own list joins no other by WordNet."""
    lists = data_toml(f"actor_nouns_{language}.toml")
    known = {name: frozenset(value.split()) for name, value in lists.items() if isinstance(value, str)}
    if language == "en":
        wider = data_toml("wordnet_nouns.toml")
        own = frozenset().union(*known.values())
        known |= {name: known[name] | frozenset(wider[name].split()) - own for name in ("people", "places")}
    return known

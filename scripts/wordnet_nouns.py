"""Nouns for those who act, from WordNet's noun files: persons, and establishments that can stand for who runs them.

python scripts/wordnet_nouns.py FOLDER > src/kayfabe/read/data/wordnet_nouns.toml    # FOLDER holds data.noun, index.noun and index.sense of WordNet 3.1
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from textwrap import fill

PERSON = 18  # WordNet's lexicographer file
_LEAST_SHARE = {"people": 0.8, "places": 0.5}
_NOT = ("taxonomic_group", "biological_group", "organism_genus", "plant_life", "imaginary_being")
_RUN = ("establishment", "industrial_plant", "place_of_business", "mercantile_establishment", "factory", "financial_institution")


def main(folder: Path) -> None:
    files: dict[str, int] = {}
    above: dict[str, list[str]] = defaultdict(list)
    lemmas: dict[str, list[str]] = {}
    plain: dict[str, set[str]] = {}
    for line in (folder / "data.noun").read_text(encoding="latin-1").splitlines():
        if line.startswith(" "):
            continue
        parts = line.split(" | ")[0].split()
        synset, number = parts[0], int(parts[3], 16)
        files[synset] = int(parts[1])
        words = parts[4 : 4 + 2 * number : 2]
        lemmas[synset] = [w.lower() for w in words]
        plain[synset] = {w for w in words if w.islower()}
        rest = parts[5 + 2 * number :]
        above[synset] = [rest[i + 1] for i in range(0, len(rest) - 3, 4) if rest[i] in ("@", "@i")]
    counts: dict[tuple[str, str], int] = {}
    for line in (folder / "index.sense").read_text(encoding="latin-1").splitlines():
        key, synset, _, count = line.split()
        counts[key.split("%")[0], synset] = int(count)

    def under(synset: str) -> set[str]:
        out: set[str] = set()
        todo = [synset]
        while todo:
            for up in above[todo.pop()]:
                out |= set(lemmas[up])
                todo.append(up)
        return out

    found: dict[str, list[str]] = {"people": [], "places": []}
    for line in (folder / "index.noun").read_text(encoding="latin-1").splitlines():
        if line.startswith(" "):
            continue
        parts = line.split()
        lemma, senses = parts[0], parts[-int(parts[2]) :]
        if "_" in lemma or not lemma.isalpha() or len(lemma) < 3 or lemma.endswith(("ation", "ism", "cracy", "archy")):
            continue
        weights = [counts.get((lemma, s), 0) + 1 / (rank + 1) for rank, s in enumerate(senses)]
        whole = sum(weights)
        share = defaultdict(float)
        for sense, weight in zip(senses, weights, strict=True):
            own = under(sense) | set(lemmas[sense])
            if own & set(_NOT) or lemma not in plain[sense]:
                continue
            if files[sense] == PERSON:
                share["people"] += weight / whole
            elif own & set(_RUN):
                share["places"] += weight / whole
        for name, least in _LEAST_SHARE.items():
            if share[name] >= least:
                found[name].append(lemma)
    print("# From WordNet 3.1, Copyright 2011 by Princeton University (https://wordnet.princeton.edu/license-and-commercial-use; use, copying")
    print("# and change for any purpose are free with this notice). Made by scripts/wordnet_nouns.py: one-word nouns of which four fifths of the senses,")
    print("# weighted by their counts, are persons, or half are establishments.")
    for name, words in found.items():
        print(f'\n{name} = """\n{fill(" ".join(words), 150)}\n"""')


if __name__ == "__main__":
    main(Path(sys.argv[1]))

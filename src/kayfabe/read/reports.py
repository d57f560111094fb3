"""A report: whose assertion a sentence hands on, and which of its words only do the handing on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from kayfabe.models import Attribution
from kayfabe.read.wordlists import data_toml

UNNAMED = "unnamed"


@dataclass(frozen=True)
class Report:
    """`source` as the text writes it, or "unnamed"; `frame`: spans of the words around the claim (who says it, to whom, where), in
    which nobody stands whom the claim is about; `sure`: it stands in a pattern, and not in the syntax alone."""

    source: str
    cue: str
    frame: tuple[tuple[int, int], ...] = ()
    sure: bool = True

    def attribution(self) -> Attribution:
        """The report as the claim's attribution."""
        return Attribution(source=self.source, cue=self.cue)

    def moved(self, by: int) -> Report:
        """The report with its frame at other offsets."""
        return replace(self, frame=tuple((a + by, b + by) for a, b in self.frame))


@cache
def verbs(language: str, sort: str) -> frozenset[str]:
    """A list of data/reporting.toml as lemmas."""
    return frozenset(data_toml("reporting.toml")[language][sort].replace("ё", "е").split())

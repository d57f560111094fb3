"""What a claim alleges: cue patterns add up to a score for each kind, and a softmax turns scores to probabilities.

The cues are rows of data/kinds_en.csv and kinds_ru.csv (id, what they give, pattern, conditions). Every assertion starts
from the priors below: without a cue, a sentence with a verb is a `fact`. Each kind counts its strongest cue in full,
the second by half, the third by a quarter, so that synonyms in one sentence do not pile up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from kayfabe.models import INSTRUMENT_OF, Kind, KindProbability
from kayfabe.read.cues import CueIndex, Hit, cues_of
from kayfabe.read.wordlists import data_rows, data_toml

TEMPERATURE = 0.8  # of the softmax; chosen so that the best kind's mean probability is near its accuracy on tuning
_PRIOR = {Kind.FACT: 1.1, Kind.VALUE: 0.3, Kind.NONE: 0.0}
_OTHER_PRIOR = -0.5
_SHARES = (1.0, 0.5, 0.25)
TESTABLE = 0.45  # chosen by F1 on op-eds of writers that the experts had not seen
STRONG = 1.8  # a kind that reaches this has been alleged in so many words


@dataclass(frozen=True)
class Scores:
    """Scores of all kinds for one stretch of text, and the cues behind them (spans in folded characters). `trained`: the
    scores are TEMPERATURE times the trained model's log probabilities."""

    of: dict[Kind, float]
    hits: tuple[Hit, ...] = ()
    trained: bool = False

    @property
    def best(self) -> Kind:
        """The kind with the highest score; ties go to the order of the codebook. The trained model first asks whether an instrument
        could decide the sentence (TESTABLE and more of the probability), then for the best kind of that side."""
        weight = self._weights() if self.trained else {}
        some = [kind for kind in self.of if kind in INSTRUMENT_OF]
        likely = sum(weight.get(kind, 0.0) for kind in some) > TESTABLE * sum(weight.values())
        return max((k for k in self.of if not self.trained or (k in INSTRUMENT_OF) is likely), key=lambda kind: self.of[kind])

    @property
    def strong(self) -> bool:
        """Whether the best kind rests on cues of its own, or the trained model holds it likelier than not."""
        if self.trained:
            return self.probabilities(1)[0].probability > 0.5
        return self.of[self.best] - _PRIOR.get(self.best, _OTHER_PRIOR) >= STRONG

    def probabilities(self, most: int = 3) -> list[KindProbability]:
        """The `most` likely kinds: `best`, and the others by probability."""
        weight, best = self._weights(), self.best
        total = sum(weight.values())
        ranked = sorted(self.of, key=lambda kind: (kind is not best, -self.of[kind]))[:most]
        return [KindProbability(kind=kind, probability=round(weight[kind] / total, 4)) for kind in ranked]

    def _weights(self) -> dict[Kind, float]:
        top = max(self.of.values())
        return {kind: math.exp((score - top) / TEMPERATURE) for kind, score in self.of.items()}


def score(folded: str, language: str, features: frozenset[str] = frozenset()) -> Scores:
    """Score folded text. `features` name what the words alone do not show: question, heading, note, byline, fragment."""
    hits = kind_index(language).hits(folded, features)
    gathered: dict[Kind, list[float]] = {kind: [] for kind in Kind}
    for hit in hits:
        for name, weight in hit.cue.gives.items():
            gathered[Kind(name)].append(weight)
    scores = {}
    for kind, weights in gathered.items():
        weights.sort(reverse=True)
        scores[kind] = _PRIOR.get(kind, _OTHER_PRIOR) + sum(
            share * weight for share, weight in zip(_SHARES, weights, strict=False)
        )
    return Scores(scores, tuple(hits))


@cache
def kind_index(language: str) -> CueIndex:
    """The cues of `language`, indexed. Raises ValueError naming the row that is wrong."""
    groups = data_toml(f"groups_{language}.toml")["groups"]
    cues = list(cues_of(data_rows(f"kinds_{language}.csv"), groups))
    unknown = {name for cue in cues for name in cue.gives} - {kind.value for kind in Kind}
    if unknown:
        raise ValueError(f"kinds_{language}.csv gives unknown kinds: {', '.join(sorted(unknown))}")
    return CueIndex(cues)

"""A no to the sentence before: what is told, asked or supposed and then denied ("They say he was bought. Nothing of the sort.")."""

from __future__ import annotations

import re
from functools import cache

from kayfabe.models import Claim
from kayfabe.read.folding import fold
from kayfabe.read.parsing import Language
from kayfabe.read.wordlists import data_toml

_LONGEST = 1_200  # characters; what is longer is no sentence
_SORTS = ("opening", "firm", "within", "own")
_LEAD = r"^\W*(?:(?:but|and|yet|oh|well|да|ой|но|а|ну|и),? )*"


def answered(claims: list[Claim], language: Language) -> list[Claim]:
    """The claims, those negated which say no to what the claim before tells of others, asks or supposes, and that claim with them;
    and those which deny their own content in so many words."""
    out = list(claims)
    for i, claim in enumerate(claims):
        opening, firm, within, own = _said(claim.text, language)
        denied = [i] if own else []
        if i and (opening or firm or within):
            before = claims[i - 1]
            end = before.text.rstrip("\"”»') ")[-1:]
            open_ = before.attribution is not None or before.hedged or end == "?"
            denied += [i - 1, i] if open_ or (firm and end == "!") else []
        for k in denied:
            out[k] = out[k].model_copy(update={"negated": True})
    return out


def _said(text: str, language: Language) -> list[bool]:
    """Which sorts of no a sentence has, in the order of `_SORTS`."""
    if len(text) > _LONGEST:
        return [False] * len(_SORTS)
    folded = fold(text).text
    return [pattern.search(folded) is not None for pattern in _patterns(language)]


@cache
def _patterns(language: Language) -> list[re.Pattern[str]]:
    known = data_toml("answers.toml")[language]
    lead = {"opening": _LEAD, "firm": _LEAD}
    return [re.compile(f"{lead.get(sort, '')}(?:{'|'.join(known[sort])})") for sort in _SORTS]

"""Which rule a sentence states: the table that could show it, what is always or never done, and which of the two."""

from __future__ import annotations

import re

from kayfabe.models import Claim

_NO_RULE = re.compile(
    r"\b(?:not|almost|nearly|hardly) always\b|\b(?:if|unless|whether|would|will|won't|nobody|no one|who|anyone) (?:\w+ ){0,4}?(?:always|never|believe\w*)"
    r"|^(?:if|unless|suppose)\b|\b(?:не|почти|едва ли не|вряд ли) всегда\b|\bбуд(?:ет|ут|ем)\b|^если\b|\bесли бы\b|\b(?:никто|кто) не (?:верит|поверит)\b"
)  # denied rules, conditions and forecasts: other questions than whether the rule holds
_VOTING = re.compile(
    r"(?:\b(?:always|never(?: once)?|invariably|unfailingly|not once)(?: \w+ly)? (?:voted?|votes|voting|sided?|sides)"
    r"|\b(?:всегда|неизменно|каждый раз|никогда не|ни разу не)(?: \w+)? голос\w+)"
    r"(?:(?P<against> (?:\w+ ){0,2}?(?:against|no|против)\b)|(?P<with>,? (?:\w+ ){0,2}?(?:with|for|yes|alongside|the same|like|за|вместе|так же|как|заодно)\b))"
)


def table(claim: Claim) -> str:
    return (
        "votes"
        if any(stem in claim.text.lower() for stem in ("vot", "голос", "resolution", "резолюц", "assembly", "ассамбле"))
        else "events"
    )


def sign(claim: Claim) -> str | None:
    """What a claim says is always or never done; None where its words do not say so plainly, so that the analyst does."""
    text = claim.text.lower().replace("ё", "е")
    if _NO_RULE.search(text):
        return None
    if table(claim) == "votes":
        said = _VOTING.search(text)
        return None if said is None else "-" if said.group("against") else "+" if said.group("with") else None
    hostile = ("lie", "deceiv", "threat", "attack", "betray", "hostil", "вражд", "угро", "лж", "обман", "нападал")
    friendly = ("help", "cooperat", "friend", "keep", "support", "помога", "сотруднич", "друж", "поддерж")
    return "-" if any(w in text for w in hostile) else "+" if any(w in text for w in friendly) else None


def quantifier(claim: Claim) -> str | None:
    return {"always": "always", "all": "always", "never": "never", "none": "never"}.get(claim.quantifier or "")

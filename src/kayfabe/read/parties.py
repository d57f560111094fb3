"""Whom a claim is about: its mentions without those who only hand it on."""

from __future__ import annotations

import re

from kayfabe.models import Kind, Mention
from kayfabe.read.reports import Report

_PRONOUNS = re.compile(r"he|she|it|they|him|her|them|он|она|оно|они|ему|ей|им|его|ее|её|их", re.IGNORECASE)


def parties(
    mentions: list[Mention], report: Report | None, kind: Kind, asides: tuple[tuple[int, int], ...] = ()
) -> list[Mention]:
    """The mentions of a claim outside its asides and the frame of its report ("the miller swears that", "told this paper"). A
    source stays where a later pronoun means it too ("the miners say they will not sign"), and where a reversal is alleged of
    nobody else ("he swore to stay, and left")."""
    if report is None:
        return mentions
    rest = [m for m in mentions if not any(a < m.end and m.start < b for a, b in (*report.frame, *asides))]
    alone = kind is Kind.REVERSAL and not rest
    return [m for m in mentions if m in rest or (_is_source(m, report) and (alone or _speaks_of_itself(m, rest)))]


def _is_source(mention: Mention, report: Report) -> bool:
    return mention.mention in report.source or report.source in mention.mention


def _speaks_of_itself(mention: Mention, rest: list[Mention]) -> bool:
    later = [m for m in rest if m.start > mention.end]
    return bool(later) and _PRONOUNS.fullmatch(later[0].mention) is not None and later[0].actor == mention.actor

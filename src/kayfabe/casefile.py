"""case.toml: the claims and their questions in a file that a person can edit between reading and testing."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError

from kayfabe import __version__
from kayfabe.actors import load_actors
from kayfabe.errors import BadCase, did_you_mean, one_line
from kayfabe.models import INSTRUMENT_OF, Case, Claim, Kind, Question, Text, plain

_HEAD = """\
What kayfabe read, and what it will test. Edit it and run: kayfabe examine DIR/case.toml
Nothing is read again: this file decides. In a claim you may change kind, negated, the actor of a mention
(an id such as USA or EU) and the options of its question; take a claim out with test = false; add one with quote and kind.
Wherever an actor stands as "we" or "enemy", it is the actor that [case] names: change it there, once.
A question that lists something under missing is not tested until its options say it and missing is emptied."""

SIDES = ("we", "enemy")
_CLAIM_KEYS = {
    "id", "quote", "start", "end", "kind", "kinds", "test", "negated", "hedged", "quantifier", "source", "cue", "actors", "question",
}  # fmt: skip
_TOP_KEYS = {"case", "text", "evidence", "claim"}


def write(case: Case) -> str:
    """The case as TOML text with comments; reading it back gives the same claims and settings."""
    doc = tomlkit.document()
    for line in _HEAD.splitlines():
        doc.add(tomlkit.comment(line))
    sides = {s: "" for s in SIDES if any(m.points == s for c in case.claims for m in c.actors)}
    doc.add("case", _table({"kayfabe": __version__, **sides, **case.settings}, note=case.settings.get("note")))
    text = case.text
    published = text.published.isoformat() if text.published else ""
    doc.add("text", _table({
        "file": "article.txt", "source": text.source, "title": text.title or "", "language": text.language,
        "published": published, "sha256": text.sha256,
    }))  # fmt: skip
    doc.add(
        "evidence", _table({"store": case.evidence.get("path", "bundled"), "sha256": case.evidence.get("sha256", "")})
    )
    claims = tomlkit.aot()
    for claim in case.claims:
        claims.append(_claim_table(claim, case.settings))
    doc.add("claim", claims)
    return tomlkit.dumps(doc)


def _table(values: dict[str, Any], note: str | None = None) -> Any:
    table = tomlkit.table()
    for name, value in values.items():
        if name != "note" and value is not None:
            table.add(name, plain(value))
    if note:
        table.add(tomlkit.comment(one_line(note, 300)))
    return table


def _claim_table(claim: Claim, settings: dict[str, Any]) -> Any:
    table = tomlkit.table()
    table.add("id", claim.id)
    table.add("quote", claim.text)
    table.add("start", claim.start)
    table.add("end", claim.end)
    table.add("kind", str(claim.kind))
    if claim.kinds:
        best = ", ".join(f"{k.kind} {k.probability:.2f}" for k in claim.kinds)
        table["kind"].comment(best)
    if claim.question is not None:
        table.add("test", True)
    for name, value in (("negated", claim.negated), ("hedged", claim.hedged), ("quantifier", claim.quantifier)):
        if value:
            table.add(name, value)
    if claim.attribution:
        table.add("source", claim.attribution.source)
        table.add("cue", claim.attribution.cue)
    if claim.kinds:
        table.add("kinds", [{"kind": str(k.kind), "probability": plain(k.probability)} for k in claim.kinds])
    if claim.actors:
        mentions = tomlkit.array()
        for m in claim.actors:
            item = tomlkit.inline_table()
            item.update({"mention": m.mention, "start": m.start, "end": m.end, "actor": m.points or m.actor or ""})
            if m.role:
                item["role"] = m.role
            mentions.append(item)
        table.add("actors", mentions.multiline(True))
    if claim.question:
        question = tomlkit.table()
        question.add("instrument", claim.question.instrument)
        question.add("kind", str(claim.kind))
        if claim.question.text:
            question.add("asks", claim.question.text)
        question.add("missing", claim.question.missing)
        options = tomlkit.table()
        pointed = {
            settings[m.points]: m.points
            for m in claim.actors
            if m.points and m.actor and settings.get(m.points) == m.actor
        }
        for name, value in claim.question.options.items():
            options.add(name, plain(_swap(value, pointed)))
        question.add("options", options)
        table.add("question", question)
    return table


def _swap(value: Any, names: Mapping[str, str]) -> Any:
    """An option's value with the names in it replaced."""
    if isinstance(value, (list, tuple)):
        return [names.get(v, v) if isinstance(v, str) else v for v in value]
    return names.get(value, value) if isinstance(value, str) else value


def read(path: Path) -> tuple[Case, frozenset[str]]:
    """The case in `path` with its text from the file beside it, and the ids of claims that are not to be tested.

    A claim whose kind no longer fits its question comes back without one. Raises BadCase naming the claim and what to do.
    """
    data = _parse(path)
    _only(path, "the file", data, _TOP_KEYS)
    settings = {k: v for k, v in _part(path, data, "case").items() if k != "kayfabe" and not (k in SIDES and v == "")}
    settings |= {s: load_actors().resolve(str(settings[s])) or str(settings[s]) for s in SIDES if s in settings}
    evidence = {"path": str(_part(path, data, "evidence").get("store", "bundled"))}
    text = _text(path, _part(path, data, "text"))
    entries = data.get("claim", [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise BadCase(path, "claim is not a list of tables", "Write each claim under [[claim]].")
    claims = [_claim(path, entry, number, text, settings) for number, entry in enumerate(entries, 1)]
    ids = [c.id for c in claims]
    twice = next((i for i in ids if ids.count(i) > 1), None)
    if twice:
        raise BadCase(path, f"two claims have the id {twice}", "Give one of them another id.")
    skipped = frozenset(c.id for c, e in zip(claims, entries, strict=True) if not e.get("test", True))
    return Case(text=text, claims=claims, settings=settings, evidence=evidence), skipped


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadCase(path, f"cannot be read ({error.strerror})", "Check the path.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadCase(path, f"is not valid TOML: {error}", "Correct that line.") from error


def _part(path: Path, data: dict[str, Any], name: str) -> dict[str, Any]:
    part = data.get(name)
    if not isinstance(part, dict):
        raise BadCase(path, f"has no [{name}]", "Make a new case with: kayfabe examine ARTICLE")
    return part


def _only(path: Path, where: str, data: dict[str, Any], known: set[str]) -> None:
    for name in data:
        if name not in known:
            close = did_you_mean(name, known, most=1)
            raise BadCase(
                path,
                f"{where} has an unknown entry '{one_line(name, 40)}'",
                f"Did you mean {close[0]}?" if close else f"Known: {', '.join(sorted(known))}.",
            )


def _text(path: Path, part: dict[str, Any]) -> Text:
    import hashlib

    file = path.parent / str(part.get("file", "article.txt"))
    try:
        content = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadCase(path, f"its text {file.name} cannot be read", "Put the file back, or make a new case.") from error
    digest = hashlib.sha256(content.encode()).hexdigest()
    if digest != part.get("sha256"):
        raise BadCase(
            path, f"{file.name} was changed since it was read", "Make a new case from it: kayfabe examine article.txt"
        )
    published = str(part.get("published") or "")
    try:
        day = dt.date.fromisoformat(published) if published else None
        return Text(
            text=content, title=str(part.get("title") or "") or None, language=part.get("language", "en"),
            source=str(part.get("source", "")), sha256=digest, published=day,
        )  # fmt: skip
    except (ValueError, ValidationError) as error:
        raise BadCase(
            path, "[text] has a wrong published or language", "Write a day such as 2024-03-27, and en or ru."
        ) from error


def _claim(path: Path, entry: dict[str, Any], number: int, text: Text, settings: dict[str, Any]) -> Claim:
    name = str(entry.get("id") or f"added{number}")
    where = f"claim {one_line(name, 40)}"
    _only(path, where, entry, _CLAIM_KEYS)
    kind = str(entry.get("kind", ""))
    if kind not in {str(k) for k in Kind}:
        close = did_you_mean(kind, [str(k) for k in Kind], most=1)
        raise BadCase(
            path,
            f"{where} has the unknown kind '{one_line(kind, 40)}'",
            f"Did you mean {close[0]}?" if close else "See docs/reading.md for the kinds.",
        )
    start, end, quote = _span(path, where, entry, text)
    raw = entry.get("question")
    question = None
    try:
        options = _pointed_to(path, where, raw.get("options", {}), settings) if isinstance(raw, dict) else {}
        if isinstance(raw, dict) and entry.get("test", True) and raw.get("kind", kind) == kind:
            question = Question(
                instrument=str(raw.get("instrument", "")), text=str(raw.get("asks", "")),
                options=options, missing=raw.get("missing", []),
            )  # fmt: skip
        source, cue = entry.get("source"), entry.get("cue", "")
        mentions = [
            {**m, "actor": settings.get(m["actor"]), "points": m["actor"]}
            if m.get("actor") in SIDES else {**m, "actor": m.get("actor") or None}
            for m in entry.get("actors", [])
        ]  # fmt: skip
        return Claim.model_validate({
            "id": name, "start": start, "end": end, "text": quote, "kind": kind, "kinds": entry.get("kinds", []), "actors": mentions,
            "attribution": {"source": source, "cue": cue} if source else None, "hedged": entry.get("hedged", False),
            "quantifier": entry.get("quantifier"), "negated": entry.get("negated", False), "testable": Kind(kind) in INSTRUMENT_OF,
            "instrument": INSTRUMENT_OF.get(Kind(kind)), "question": question,
        })  # fmt: skip
    except (ValidationError, AttributeError, TypeError) as error:
        seen = error.errors()[0] if isinstance(error, ValidationError) else {"loc": ("actors",), "msg": str(error)}
        spot = ".".join(str(p) for p in seen["loc"])
        raise BadCase(path, f"{where}: {spot}: {seen['msg']}", "Correct it.") from error


def _pointed_to(path: Path, where: str, options: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """A question's options with "we" and "enemy" replaced by the actors that [case] names."""
    names = {side: str(settings[side]) for side in SIDES if settings.get(side)}
    for name, value in options.items():
        for said in value if isinstance(value, list) else [value]:
            if said in SIDES and said not in names:
                raise BadCase(path, f"{where}: {name} says '{said}'", f'Say who that is under [case]: {said} = "USA".')
    return {name: _swap(value, names) for name, value in options.items()}


def _span(path: Path, where: str, entry: dict[str, Any], text: Text) -> tuple[int, int, str]:
    quote, start, end = entry.get("quote"), entry.get("start"), entry.get("end")
    if not isinstance(quote, str) or not quote.strip():
        raise BadCase(path, f"{where} has no quote", "Quote the words of the text.")
    if isinstance(start, int) and isinstance(end, int) and text.text[max(start, 0) : end] == quote:
        return start, end, quote
    found = text.text.find(quote)
    if found < 0:
        raise BadCase(
            path, f"{where}: its quote is not in the text: '{one_line(quote, 60)}'", "Quote the words exactly."
        )
    return found, found + len(quote), quote

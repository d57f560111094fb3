"""The page: the case's claims, findings and evidence as one HTML text with everything inside it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from kayfabe.dossier.article import paragraphs
from kayfabe.dossier.cards import Card, cards
from kayfabe.dossier.sources import Label, RowReader, web_link
from kayfabe.dossier.speech import in_place, places_of, speech
from kayfabe.dossier.wording import LIMITS, VERDICT_MEANS, cell, number, plural
from kayfabe.evidence import Evidence
from kayfabe.instruments.declaration import Instrument
from kayfabe.models import Case, Verdict

MOST_NUMBERS = 12
_COMMAND = re.compile(
    r"kayfabe (?:evidence|examine|test|read)"
    r"(?: (?:add|list|strike|export|[A-Z][A-Z/-]*\b|DIR/case\.toml|(?<=--as )[a-z]+|--[a-z]+))+"
)


@dataclass(frozen=True)
class Tile:
    """One verdict in the summary: how many claims have it, and the numbers of the first of them."""

    verdict: Verdict
    count: int
    means: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Method:
    """How one instrument works, from its own declaration."""

    instrument: Instrument
    margin: str
    excludable: str
    sections: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ledger:
    """Every test that was run, as a table; `claim` is the column that names claims, if there is one."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def build(case: Case, instruments: Mapping[str, Instrument], evidence: Evidence | None, label: Label) -> str:
    """The dossier of `case`. Same input, same bytes.

    `instruments` by name; `label` turns an actor's id into a readable name; without `evidence` rows are only counted.
    """
    reader = RowReader(evidence, label, pseudonymise=bool(case.settings.get("pseudonymise")))
    made = cards(case, instruments, reader, label)
    places = places_of(case.rhetoric)
    style, script = _static("dossier.css"), _static("dossier.js")
    page = (
        _environment()
        .get_template("page.html")
        .render(
            case=case,
            title=case.text.title or "Untitled text",
            source=case.text.source,
            source_link=web_link(case.text.source),
            language={"en": "English", "ru": "Russian"}[case.text.language],
            cards=[c for c in made if not c.silent],
            silent=[c for c in made if c.silent],
            by_index=made,
            paragraphs=in_place(paragraphs(case.text.text, case.claims), places),
            speech=speech(case, places),
            tiles=_tiles(made),
            decided=sum(c.decided for c in made),
            examined=_examined(case),
            ledger=_ledger(case.ledger),
            ledger_links={c.claim.id: c.number for c in made},
            methods=_methods(case, instruments),
            credit=list(evidence.credit) if evidence else [],
            provenance=_pairs(case.evidence),
            settings=_pairs(case.settings),
            versions=sorted(_versions(case).items()),
            seeds=sorted({f.seed for f in case.findings.values()}),
            limits=LIMITS,
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
        )
    )
    return page if page.endswith("\n") else page + "\n"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("kayfabe.dossier"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["commands"] = _commands
    environment.filters["breakable"] = _breakable
    environment.filters["opened"] = lambda text: text[:1].upper() + text[1:]
    environment.globals["plural"] = plural
    return environment


def _commands(text: str) -> Markup:
    """`text` with the commands in it set as code."""
    found = Markup()
    done = 0
    for hit in _COMMAND.finditer(text):
        found += escape(text[done : hit.start()]) + Markup("<code>{}</code>").format(hit.group())
        done = hit.end()
    return found + escape(text[done:])


def _breakable(text: str) -> Markup:
    """`text` that may break after slashes, colons, dots and underscores."""
    parts = [escape(part) for part in re.split(r"([/:._@=&?-])", text)]
    return Markup("").join(part + Markup("<wbr>") if k % 2 else part for k, part in enumerate(parts))


def _static(name: str) -> str:
    return resources.files("kayfabe.dossier").joinpath("static", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing is loaded, and nothing runs but this page's own style and script."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _tiles(made: Sequence[Card]) -> list[Tile]:
    found = []
    for verdict, means in VERDICT_MEANS.items():
        numbers = [c.number for c in made if c.verdict is verdict and not c.silent]
        found.append(Tile(verdict, len(numbers), means, tuple(numbers[:MOST_NUMBERS])))
    return found


def _examined(case: Case) -> str:
    """What the text was held against, in a few words."""
    where = str(case.evidence.get("path") or case.evidence.get("source") or "")
    tables = case.evidence.get("tables")
    names: list[str] = []
    if isinstance(tables, Mapping):
        for name, count in tables.items():
            count = count.get("rows") if isinstance(count, Mapping) else count
            if not isinstance(count, int) or count:
                names.append(f"{count:,} {name}" if isinstance(count, int) else str(name))
    elif isinstance(tables, (list, tuple)):
        names = [str(t) for t in tables]
    found = {"": "no evidence", "bundled": "the public facts that come with kayfabe"}.get(where, where)
    return found + (f": {', '.join(names)}" if names else "")


def _ledger(entries: list[dict[str, Any]]) -> Ledger:
    columns = tuple(dict.fromkeys(k for entry in entries for k in entry))
    rows = tuple(tuple(cell(entry.get(c)) for c in columns) for entry in entries)
    return Ledger(columns, rows)


def _methods(case: Case, instruments: Mapping[str, Instrument]) -> list[Method]:
    names = sorted({f.instrument for f in case.findings.values()} & set(instruments))
    return [_method(instruments[name]) for name in names]


def _method(instrument: Instrument) -> Method:
    excludable = instrument.excludable
    return Method(
        instrument,
        margin=number(instrument.margin),
        excludable=number(excludable) if excludable is not None and excludable != instrument.margin else "",
        sections=tuple((name, text) for name, text in instrument.method().items() if text),
        options=tuple((f"--{o.name}", o.help + (" (required)" if o.required else "")) for o in instrument.options),
    )


def _pairs(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested values as (name, text), names joined by a dot; empty ones left out."""
    found: list[tuple[str, str]] = []
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found += _pairs(value, f"{name}.")
        elif value is not None and value != "" and value != []:
            found.append((name.replace("_", " "), cell(value)))
    return found


def _versions(case: Case) -> dict[str, str]:
    found: dict[str, str] = {}
    for finding in case.findings.values():
        found.update(finding.versions)
    return {**found, **case.versions}

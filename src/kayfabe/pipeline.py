"""examine(): text -> claims -> questions -> findings -> dossier."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kayfabe import casefile, dossier, questions
from kayfabe.actors import Actors, load_actors
from kayfabe.errors import BadCase, BadOption, BadStore, KayfabeError, UnknownName
from kayfabe.evidence import TABLES, Evidence, open_evidence
from kayfabe.instruments import Instrument, Test, instruments, judge, run, versions
from kayfabe.models import Case, Claim, Finding, Kind, Text, Verdict, to_json
from kayfabe.progress import SILENT, Progress
from kayfabe.read import ModelReader, deixis, load_text, read_claims, reader_name, rhetoric
from kayfabe.read.across import Across, across

BUNDLED = "bundled"
REPLIES = "reader.json"  # what the model server answered, where one was asked


@dataclass(frozen=True)
class Examined:
    """A finished case and the folder that holds it."""

    case: Case
    folder: Path


def examine(
    source: str,
    *,
    evidence: Path | None = None,
    out: Path | None = None,
    force: bool = False,
    seed: int = 0,
    we: str | None = None,
    enemy: str | None = None,
    pseudonymise: bool = False,
    reader: ModelReader | None = None,
    stdin: bytes | None = None,
    progress: Progress = SILENT,
) -> Examined:
    """Examine an article: read it, build questions, test them, write case.toml, findings.json and dossier.html.

    With a `reader`, a model server reads it; answers kept in the folder's reader.json are used before it is asked.
    Raises KayfabeError with one clear line; then nothing was written.
    """
    actors = load_actors()
    folder = out or default_folder(source)
    if (folder / "case.toml").exists() and not force:
        raise BadCase(
            folder,
            "holds a case already",
            "Run it again with: kayfabe examine DIR/case.toml, or start over with --force.",
        )
    if reader is not None:
        reader.recall(folder / REPLIES)
    with_evidence = open_evidence(evidence)
    try:
        if pseudonymise:
            with_evidence.pseudonymise()
        text, claims, settings = read(
            source, with_evidence, actors, we=we, enemy=enemy, reader=reader, stdin=stdin, progress=progress
        )
        settings |= {"seed": seed, "pseudonymise": pseudonymise}
        case = Case(text=text, claims=claims, settings=settings, evidence=described(with_evidence, evidence))
        case = with_findings(case, with_evidence, actors, progress)
        own = {"case.toml": casefile.write(case), REPLIES: reader.replies() if reader is not None else None}
        write(case, with_evidence, actors, folder, own, progress)
    finally:
        with_evidence.close()
    return Examined(case, folder)


def examine_again(path: Path, *, progress: Progress = SILENT) -> Examined:
    """Run an edited case.toml again. The file itself is left as it is."""
    actors = load_actors()
    case, skipped = casefile.read(path)
    store = str(case.evidence.get("path", BUNDLED))
    with_evidence = open_evidence(None if store == BUNDLED else _store_path(store, path))
    try:
        if case.settings.get("pseudonymise"):
            with_evidence.pseudonymise()
        for side in set(casefile.SIDES) & set(case.settings):
            actors.identify(str(case.settings[side]), with_evidence.actor_names())
        claims = _questions_for_edited(case, skipped, with_evidence, actors)
        described_now = described(with_evidence, None if store == BUNDLED else Path(store))
        case = case.model_copy(update={"claims": claims, "evidence": described_now})
        case = with_findings(case, with_evidence, actors, progress)
        write(case, with_evidence, actors, path.parent, {}, progress)
    finally:
        with_evidence.close()
    return Examined(case, path.parent)


def read(
    source: str,
    evidence: Evidence,
    actors: Actors,
    *,
    we: str | None = None,
    enemy: str | None = None,
    reader: ModelReader | None = None,
    stdin: bytes | None = None,
    progress: Progress = SILENT,
) -> tuple[Text, list[Claim], dict[str, Any]]:
    """(text, claims with their questions, settings: who "we" and "the enemy" are taken to be, and why; the `reader`)."""
    progress.step("reading", 0, None)
    text = _without_accounts(load_text(source, stdin=stdin), evidence)
    given = {"we": we, "enemy": enemy}
    proposed = deixis(text)
    settings: dict[str, Any] = {}
    notes = []
    for name, value in given.items():
        if value is not None:
            settings[name] = actors.identify(value, evidence.actor_names())
        elif name in proposed:
            settings[name] = proposed[name].actor
            notes.append(f"{name} was proposed from the text: {proposed[name].why}")
    by = read_claims if reader is None else reader.read
    claims = by(text, we=settings.get("we"), enemy=settings.get("enemy"), progress=progress)
    settings |= {"reader": reader_name(text.language)} if reader is None else reader.settings
    claims = questions.build(claims, text, instruments(), evidence, actors)
    return text, claims, {**settings, **({"note": " | ".join(notes)} if notes else {})}


def read_only(
    source: str,
    *,
    we: str | None = None,
    enemy: str | None = None,
    reader: ModelReader | None = None,
    stdin: bytes | None = None,
    progress: Progress = SILENT,
) -> tuple[Text, list[Claim]]:
    """The text and its claims with questions, as `kayfabe read` shows them: evidence is not looked at."""
    nothing = Evidence.from_tables({})
    try:
        text, claims, _ = read(
            source, nothing, load_actors(), we=we, enemy=enemy, reader=reader, stdin=stdin, progress=progress
        )
    finally:
        nothing.close()
    return text, claims


def _without_accounts(text: Text, evidence: Evidence) -> Text:
    """The text as it is read under --pseudonymise: without the accounts that it names."""
    hidden = evidence.without_accounts(text.text)
    if hidden == text.text:
        return text
    digest = hashlib.sha256(hidden.encode("utf-8")).hexdigest()
    title = evidence.without_accounts(text.title) if text.title else text.title
    return text.model_copy(update={"text": hidden, "title": title, "sha256": digest})


def beside(
    one: tuple[Text, list[Claim]], two: tuple[Text, list[Claim]], progress: Progress = SILENT
) -> list[tuple[Claim, Claim, Across]]:
    """Each claim of the first text with its nearest of the second, in the first one's order; what alleges nothing is left out.

    Raises KayfabeError where the sentence vectors are not here.
    """
    sides = [[c for c in claims if c.kind is not Kind.NONE] for _, claims in (one, two)]
    found = across([c.text for c in sides[0]], [c.text for c in sides[1]], (one[0].language, two[0].language), progress)
    return [(sides[0][pair.one], sides[1][pair.two], pair) for pair in found]


def described(evidence: Evidence, path: Path | None) -> dict[str, Any]:
    """What a case records of its evidence: store path (or "bundled"), content hash, rows per table, credits."""
    counts = {table: evidence.count(table) for table in TABLES}
    return {
        "path": BUNDLED if path is None else str(path),
        "sha256": evidence.fingerprint(),
        "tables": {t: n for t, n in counts.items() if n},
        "credit": evidence.credit,
    }


def with_findings(case: Case, evidence: Evidence, actors: Actors, progress: Progress) -> Case:
    """The case with a finding for every testable claim, a question asked twice tested once; and how its text speaks."""
    known = instruments()
    seed = int(case.settings.get("seed", 0))
    tests: dict[str, Test] = {}
    key_of: dict[str, str] = {}
    findings: dict[str, Finding] = {}
    for claim in progress.over(case.claims, "testing claims"):
        question = claim.question
        if question is None:
            continue
        if question.missing or question.instrument not in known:
            findings[claim.id] = _untested(claim, known)
            continue
        key = to_json([question.instrument, question.options, claim.negated], indent=None)
        key_of[claim.id] = key
        if key not in tests:
            tests[key] = _test(claim, known[question.instrument], evidence, actors, seed)
    judged = dict(zip(tests, judge(list(tests.values())), strict=True))
    findings |= {claim: judged[key] for claim, key in key_of.items()}
    ledger = [
        {
            "test": number,
            "instrument": f.instrument,
            "question": f.question,
            "claims": [c for c, k in key_of.items() if k == key],
            "verdict": f.verdict,
            "p_value": f.p_value,
            "q_value": f.q_value,
            "p_contradicted": f.p_contradicted,
            "q_contradicted": f.q_contradicted,
            "n": f.n,
        }
        for number, (key, f) in enumerate(judged.items(), 1)
    ]
    ordered = {c.id: findings[c.id] for c in case.claims if c.id in findings}
    told = {"findings": ordered, "ledger": ledger, "rhetoric": rhetoric(case.text), "versions": versions()}
    return case.model_copy(update=told)


def _test(claim: Claim, instrument: Instrument, evidence: Evidence, actors: Actors, seed: int) -> Test:
    assert claim.question is not None
    try:
        return run(instrument, claim.question.options, evidence, actors=actors, seed=seed, negated=claim.negated)
    except (BadOption, UnknownName) as error:
        raise BadCase(f"claim {claim.id}", str(error).rstrip("."), "Correct its options in case.toml.") from error


def _untested(claim: Claim, known: Mapping[str, Instrument]) -> Finding:
    """The finding of a claim that lacks something only the analyst can supply."""
    assert claim.question is not None
    name = claim.question.instrument
    if name not in known:
        reason = f"The instrument that would test this, {name}, is not part of this version."
    else:
        tables = " or ".join(dict.fromkeys(n.table for n in known[name].needs))
        reason = (
            f"Not tested yet. It wants {'; '.join(claim.question.missing)}. Say it in case.toml and run it again; "
            f"the evidence it can use is {tables}."
        )
    return Finding(
        instrument=name,
        question=claim.question.text,
        verdict=Verdict.UNTESTED,
        reason=reason,
        null=known[name].method().get("Null", "") if name in known else "",
        margin=known[name].margin if name in known else None,
        unit=known[name].unit if name in known else "",
        versions=versions(),
    )


def _questions_for_edited(case: Case, skipped: frozenset[str], evidence: Evidence, actors: Actors) -> list[Claim]:
    """Claims of an edited case without those taken out. Those without a question (their kind was changed, or they are new)
    get one; a question that missed something is asked again where less is missing now, say because [case] names "we"."""
    kept = [claim for claim in case.claims if claim.id not in skipped]
    fresh = questions.build(kept, case.text, instruments(), evidence, actors)
    return [
        new if old.question is None or _less_missing(old, new) else questions.reworded(old, instruments(), actors)
        for old, new in zip(kept, fresh, strict=True)
    ]


def _less_missing(old: Claim, new: Claim) -> bool:
    missing = set(old.question.missing) if old.question else set()
    return new.question is not None and set(new.question.missing) < missing


def write(
    case: Case,
    evidence: Evidence,
    actors: Actors,
    folder: Path,
    own: Mapping[str, str | None],
    progress: Progress = SILENT,
) -> None:
    """Write the case's files and its `own` (content by name; None takes one of an earlier case away), all or nothing."""
    progress.step("writing the dossier", 0, 1)
    files = {
        "article.txt": case.text.text,
        "findings.json": to_json(findings_json(case)) + "\n",
        "dossier.html": dossier.build(case, instruments(), evidence, actors.label),
    }
    files |= {name: content for name, content in own.items() if content is not None}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".kayfabe-", dir=folder))
        try:
            for name, content in files.items():
                (part / name).write_bytes(content.encode("utf-8"))
            for name in files:
                os.replace(part / name, folder / name)
            for name in own.keys() - files.keys():
                (folder / name).unlink(missing_ok=True)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise BadStore(folder, f"cannot be written ({error.strerror})", "Choose another folder with --out.") from error
    progress.step("writing the dossier", 1, 1)


def findings_json(case: Case) -> dict[str, Any]:
    """What findings.json holds."""
    return {
        "text": text_json(case.text),
        "evidence": case.evidence,
        "settings": {k: v for k, v in case.settings.items() if k != "note"},
        "claims": case.claims,
        "findings": case.findings,
        "ledger": case.ledger,
        "rhetoric": case.rhetoric,
        "versions": case.versions,
    }


def text_json(text: Text) -> dict[str, Any]:
    """The text as `kayfabe read --json` prints it."""
    return {
        "text": text.text,
        "title": text.title,
        "language": text.language,
        "source": text.source,
        "sha256": text.sha256,
    }


def default_folder(source: str) -> Path:
    """./STEM.kayfabe for a file, a URL or `-`."""
    if source == "-":
        stem = "stdin"
    elif re.match(r"https?://", source):
        parts = urlsplit(source)
        stem = Path(parts.path).stem or parts.hostname or "page"
    else:
        stem = Path(source).stem
    return Path(re.sub(r"[^\w.-]+", "-", stem).strip(".-") or "article").with_suffix(".kayfabe")


def _store_path(store: str, case: Path) -> Path:
    beside = case.parent / store
    return beside if not Path(store).exists() and beside.exists() else Path(store)


__all__ = ["Examined", "KayfabeError", "examine", "examine_again"]

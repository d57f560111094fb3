"""Running one test: options checked against the declaration and the evidence, then measured; never judged here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kayfabe.actors import Actors, load_actors
from kayfabe.errors import BadOption, UnknownName
from kayfabe.evidence import Evidence
from kayfabe.instruments.declaration import Instrument, Measured, Option, Run
from kayfabe.instruments.verdicts import Test
from kayfabe.progress import SILENT, Progress


def run(
    instrument: Instrument,
    options: Mapping[str, Any],
    evidence: Evidence,
    *,
    actors: Actors | None = None,
    seed: int = 0,
    negated: bool = False,
    question: str = "",
    progress: Progress = SILENT,
) -> Test:
    """Check `options` and measure. Raises BadOption or UnknownName for options that cannot be used."""
    actors = actors or load_actors()
    values = check_options(instrument, options, evidence, actors)
    evidence.forget()
    progress.step(f"testing {instrument.name}", 0, 1)
    lacking = lacking_tables(instrument, evidence)
    if lacking:
        measured = Measured(found="", untested=lacking)
    else:
        measured = instrument.measure(Run(evidence, values, actors, seed, progress))
    struck = tuple(evidence.struck())
    progress.step(f"testing {instrument.name}", 1, 1)
    return Test(
        instrument=instrument,
        question=question or instrument.ask(values, actors.label),
        options=values,
        measured=measured,
        seed=seed,
        negated=negated,
        sql=tuple(evidence.log),
        struck=struck,
    )


def lacking_tables(instrument: Instrument, evidence: Evidence) -> str:
    """Why the evidence cannot speak at all, with the command that adds what is missing; empty where it can."""
    tables = list(dict.fromkeys(need.table for need in instrument.needs))
    if any(evidence.count(t) for t in tables):
        return ""
    names = " or ".join(tables)
    return f"The evidence holds no {names}. Add some with: kayfabe evidence add STORE FILE --as {tables[0]}"


def check_options(
    instrument: Instrument, options: Mapping[str, Any], evidence: Evidence, actors: Actors
) -> dict[str, Any]:
    """Typed values for every declared option. Texts are accepted for all types, as the command line gives them."""
    known = {o.name for o in instrument.options}
    for name in options:
        if name not in known:
            raise UnknownName(f"option of {instrument.name}", name, known)
    values: dict[str, Any] = {}
    for option in instrument.options:
        given = options.get(option.name)
        if given is None or given == "" or given == []:
            if option.required:
                raise BadOption(option.name, "nothing", f"{instrument.name} needs it ({option.help})")
            values[option.name] = option.default
        else:
            values[option.name] = _value(option, given, evidence, actors)
    since, until = values.get("since"), values.get("until")
    if isinstance(since, dt.date) and isinstance(until, dt.date) and since > until:
        raise BadOption("since", since, f"wants a day not after --until {until}")
    return values


def _value(option: Option, given: Any, evidence: Evidence, actors: Actors) -> Any:
    if option.type == "actor":
        return _actor(str(given), evidence, actors)
    if option.type == "actors":
        names = [str(g) for g in given] if isinstance(given, (list, tuple)) else [str(given)]
        found = list(dict.fromkeys(_actor(n, evidence, actors) for n in names))
        if len(found) < len(names):
            raise BadOption(option.name, ", ".join(names), "wants different actors")
        if len(found) < option.least or (option.most is not None and len(found) > option.most):
            want = f"exactly {option.least}" if option.least == option.most else f"at least {option.least}"
            raise BadOption(option.name, ", ".join(names), f"wants {want} actors")
        return found
    if option.type == "date":
        return _date(option, given)
    if option.type == "dates":
        parts = given if isinstance(given, (list, tuple)) else str(given).split(",")
        return [_date(option, p) for p in parts]
    if option.type == "choice":
        if str(given) not in option.choices:
            raise BadOption(option.name, given, "wants " + " or ".join(option.choices))
        return str(given)
    if option.type == "number":
        return _number(option, given)
    if option.type == "label":
        return _label(option, str(given), evidence)
    return str(given)


def _actor(name: str, evidence: Evidence, actors: Actors) -> str:
    return actors.identify(name.strip(), evidence.actor_names())


def _date(option: Option, given: Any) -> dt.date:
    if isinstance(given, dt.date):
        return given
    try:
        return dt.date.fromisoformat(str(given).strip())
    except ValueError as error:
        raise BadOption(option.name, given, "wants a day such as 2024-03-27") from error


def _number(option: Option, given: Any) -> float:
    try:
        value = float(given)
    except (TypeError, ValueError) as error:
        raise BadOption(option.name, given, "wants a number") from error
    low, high = option.low, option.high
    if value != value or (low is not None and value < low) or (high is not None and value > high):
        raise BadOption(
            option.name,
            given,
            f"wants a number from {low:g} to {high:g}" if low is not None and high is not None else "wants a number",
        )
    return value


def _label(option: Option, given: str, evidence: Evidence) -> str:
    labels = {label for table in ("votes", "events", "statements") for label in evidence.labels(table)}
    by_lower = {label.lower(): label for label in labels}
    if given.strip().lower() not in by_lower:
        raise UnknownName(option.name, given, sorted(labels), "Issues come from the `issue` column of the evidence.")
    return by_lower[given.strip().lower()]

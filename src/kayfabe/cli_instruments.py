"""kayfabe test INSTRUMENT: one command per instrument, its options drawn from the declaration."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from kayfabe import terminal
from kayfabe.evidence import open_evidence
from kayfabe.instruments import Instrument, Option, instrument, instruments, judge
from kayfabe.instruments import run as run_test
from kayfabe.models import to_json

app = typer.Typer(
    help="Run one instrument on a store and print its finding.", no_args_is_help=True, rich_markup_mode=None
)


def _several(option: Option) -> bool:
    return option.type == "actors"


def spread(arguments: Sequence[str]) -> list[str]:
    """`--actors A B C` as `--actors A --actors B --actors C`: options that take several names, up to the next option."""
    given = list(arguments)
    if given[:1] != ["test"] or len(given) < 2:
        return given
    if given[1] not in instruments() and not given[1].startswith("-"):
        instrument(given[1])
    several = {f"--{o.name}" for i in instruments().values() for o in i.options if _several(o)}
    out: list[str] = []
    current = None
    for token in given:
        if token.startswith("--"):
            current = token if token in several else None
            if current is None:
                out.append(token)
            continue
        out += [current, token] if current else [token]
    return out


def _command(declared: Instrument) -> Any:
    """A function whose signature is the options it declares, for typer."""

    def command(**given: Any) -> None:
        store, seed, negated, json = (given.pop(k) for k in ("evidence", "seed", "negated", "json"))
        hidden = given.pop("pseudonymise")
        options = {o.name: given[f"option_{o.name}"] for o in declared.options}
        evidence = open_evidence(store)
        try:
            if hidden:
                evidence.pseudonymise()
            with terminal.shown_progress(Console(stderr=True)) as progress:
                test = run_test(declared, options, evidence, seed=seed, negated=negated, progress=progress)
        finally:
            evidence.close()
        finding = judge([test])[0]
        if json:
            print(to_json(finding))
            return
        console = Console()
        for line in terminal.finding_lines(finding):
            console.print(line)

    parameters = [_parameter(o) for o in declared.options]
    parameters += [
        _keyword(
            "evidence", Path | None, typer.Option("--evidence", help="A store; without it the bundled facts."), None
        ),
        _keyword(
            "negated",
            bool,
            typer.Option("--negated", help="The claim is negated: swap the two sides of the verdict."),
            False,
        ),
        _keyword("seed", int, typer.Option("--seed", help="Seed of every draw."), 0),
        _keyword("pseudonymise", bool, typer.Option("--pseudonymise", help="Replace account names."), False),
        _keyword("json", bool, typer.Option("--json", help="Print the finding as JSON."), False),
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__ = f"{declared.question} {declared.method()['summary']}"
    return command


def _parameter(option: Option) -> inspect.Parameter:
    note = f" One of: {', '.join(option.choices)}." if option.choices else ""
    default = f" Default: {option.default}." if option.default is not None else ""
    needed = " Needed." if option.required else ""
    declared = typer.Option(
        f"--{option.name}",
        help=f"{option.help[:1].upper()}{option.help[1:]}.{note}{default}{needed}",
        metavar=option.type.upper(),
        show_default=False,
    )
    kind: Any = list[str] | None if _several(option) else str | None
    return _keyword(f"option_{option.name}", kind, declared, None)


def _keyword(name: str, kind: Any, declared: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, declared]
    )


def described() -> Iterator[str]:
    """What each instrument asks, needs and assumes, in lines for a terminal."""
    for one in instruments().values():
        method = one.method()
        yield f"{one.name}: {one.question}"
        yield f"  tests claims of kind {', '.join(one.kinds)}; reads {', '.join(dict.fromkeys(n.table for n in one.needs))}"
        for name in ("Estimand", "Null", "Assumes", "Abstains", "References"):
            yield from textwrap.wrap(
                f"{name}: {method.get(name, '')}", 100, initial_indent="  ", subsequent_indent="    "
            )
        options = " ".join(f"--{o.name}" if o.required else f"[--{o.name}]" for o in one.options)
        yield f"  kayfabe test {one.name} --evidence STORE {options}"
        yield ""


for _one in instruments().values():
    app.command(_one.name)(_command(_one))

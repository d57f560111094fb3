"""The command line: examine | read | evidence | test | network | instruments. Exit codes: 0 done, 2 the user's input, 1 our fault."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from kayfabe import __version__, cli_evidence, cli_instruments, cli_network, terminal
from kayfabe.errors import Cancelled, KayfabeError, one_line
from kayfabe.models import to_json

if TYPE_CHECKING:
    from kayfabe.models import Text
    from kayfabe.read import ModelReader

app = typer.Typer(
    name="kayfabe",
    help="Tests what political texts claim about relations, shows the rows behind each verdict, or abstains.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(cli_evidence.app, name="evidence")
app.add_typer(cli_instruments.app, name="test")


ReaderUrl = Annotated[
    str | None,
    typer.Option("--reader", help="An OpenAI-compatible server that reads, such as http://localhost:8000/v1."),
]
ReaderModel = Annotated[str | None, typer.Option("--model", help="The model that --reader is to use.")]
ReaderTimeout = Annotated[float, typer.Option("--timeout", help="Seconds to wait for each answer of --reader.")]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"kayfabe {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def examine(
    article: Annotated[
        str, typer.Argument(help="A file (txt, md, html, pdf, docx), a URL, -, or a case.toml to run again.")
    ],
    evidence: Annotated[Path | None, typer.Option(help="A store; without it the bundled facts are used.")] = None,
    out: Annotated[Path | None, typer.Option(help="The folder to write; ./STEM.kayfabe without it.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a case that is there.")] = False,
    we: Annotated[str | None, typer.Option(help="Who the text's 'we' is, such as RUS.")] = None,
    enemy: Annotated[str | None, typer.Option(help="Who the text's 'enemy' is.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 0,
    pseudonymise: Annotated[
        bool, typer.Option("--pseudonymise", help="Replace account names in every output.")
    ] = False,
    reader: ReaderUrl = None,
    model: ReaderModel = None,
    timeout: ReaderTimeout = 300.0,
) -> None:
    """Examine an article: read it, test its claims, write case.toml, findings.json and dossier.html."""
    from kayfabe import pipeline

    console = Console()
    by_model = _model_reader(reader, model, timeout)
    with terminal.shown_progress(Console(stderr=True)) as progress:
        if article.endswith(".toml"):
            if any((evidence, out, force, we, enemy, seed, pseudonymise, reader, model)):
                raise KayfabeError("A case.toml carries its own settings: edit them there, and give no options.")
            done = pipeline.examine_again(Path(article), progress=progress)
        else:
            done = pipeline.examine(
                article,
                evidence=evidence,
                out=out,
                force=force,
                seed=seed,
                we=we,
                enemy=enemy,
                pseudonymise=pseudonymise,
                reader=by_model,
                stdin=sys.stdin.buffer.read() if article == "-" else None,
                progress=progress,
            )
    _tell(by_model, None if article.endswith(".toml") else done.case.text)
    console.print(terminal.claims_table(done.case))
    console.print(terminal.safe(terminal.without_test(done.case)))
    console.print(terminal.safe(f"{len(done.case.claims)} claims: {terminal.tally(done.case)}."))
    console.print(terminal.safe(f"Edit {done.folder / 'case.toml'} and run it again to change a question."))
    print(f"Dossier: {done.folder / 'dossier.html'}")


@app.command()
def read(
    article: Annotated[str, typer.Argument(help="A file (txt, md, html, pdf, docx), a URL, or -.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    beside: Annotated[
        str | None, typer.Option(help="Another article, in the same or the other language: which of its claims say the same?")
    ] = None,
    we: Annotated[str | None, typer.Option(help="Who the text's 'we' is.")] = None,
    enemy: Annotated[str | None, typer.Option(help="Who the text's 'enemy' is.")] = None,
    reader: ReaderUrl = None,
    model: ReaderModel = None,
    timeout: ReaderTimeout = 300.0,
) -> None:
    """Read an article: its claims, kinds, actors and questions. Nothing is tested."""
    from kayfabe import pipeline

    by_model = _model_reader(reader, model, timeout)
    stdin = sys.stdin.buffer.read() if article == "-" else None
    with terminal.shown_progress(Console(stderr=True)) as progress:
        text, claims = pipeline.read_only(article, we=we, enemy=enemy, reader=by_model, stdin=stdin, progress=progress)
        pairs = None
        if beside is not None:
            other, theirs = pipeline.read_only(beside, reader=by_model, stdin=stdin, progress=progress)
            pairs = pipeline.beside((text, claims), (other, theirs), progress)
    _tell(by_model, text)
    if pairs is not None:
        if json:
            print(to_json({
                "text": pipeline.text_json(text), "beside": pipeline.text_json(other), "claims": claims, "claims_beside": theirs,
                "pairs": [
                    {"claim": a.id, "beside": b.id, "same": p.same, "margin": p.margin, "cosine": p.cosine, "mutual": p.mutual}
                    for a, b, p in pairs
                ],
            }))  # fmt: skip
            return
        Console().print(terminal.beside_table(pairs))
        return
    if json:
        print(to_json({"text": pipeline.text_json(text), "claims": claims}))
        return
    console = Console()
    console.print(terminal.reading_table(claims))


def _model_reader(url: str | None, model: str | None, timeout: float) -> ModelReader | None:
    if url is None and model is None:
        return None
    if url is None or model is None:
        raise KayfabeError("--reader URL and --model NAME go together: give both.")
    from kayfabe.read import ModelReader, ModelServer

    return ModelReader(ModelServer(url, model, timeout=timeout))


def _tell(reader: ModelReader | None, text: Text | None) -> None:
    """One line on what was dropped of the model's answers, or skipped by it; where rules read `text`, on what is not installed."""
    from kayfabe.read import reader_note
    from kayfabe.read.parsing import lacking

    if reader is None and text is not None:
        for line in (lacking(text.language), reader_note()):
            if line is not None:
                print(f"kayfabe: {one_line(line, 1000)}", file=sys.stderr)
    if reader is not None and reader.note:
        print(f"kayfabe: reading by {reader.settings['model']}: {one_line(reader.note, 1000)}.", file=sys.stderr)


app.command()(cli_network.network)


@app.command("instruments")
def list_instruments() -> None:
    """What each instrument asks, needs and assumes."""
    console = Console()
    for line in cli_instruments.described():
        console.print(terminal.safe(line, 2000))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit code and prints one line to stderr where something was wrong."""
    try:
        code: Any = app(cli_instruments.spread(arguments), standalone_mode=False)
        sys.stdout.flush()
        if code == 130:  # how typer answers Ctrl-C
            return _fail("Stopped. Nothing was half-written.", 130)
        return code if isinstance(code, int) else 0
    except KayfabeError as error:
        return _fail(str(error), 130 if isinstance(error, Cancelled) else 2)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("Stopped. Nothing was half-written.", 130)
    except SystemExit:  # how rich answers a closed pipe
        return 0
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        usage = getattr(error, "format_message", None)
        if usage is not None:
            return _fail(f"{usage()} See: kayfabe --help", 2)
        if os.environ.get("KAYFABE_DEBUG"):
            raise
        return _fail(
            f"kayfabe failed: {type(error).__name__}: {error}. This is our fault; KAYFABE_DEBUG=1 shows where.", 1
        )


def _fail(message: str, code: int) -> int:
    print(f"kayfabe: {one_line(message, 1000)}", file=sys.stderr)
    return code

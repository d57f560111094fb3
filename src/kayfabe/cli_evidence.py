"""kayfabe evidence add | list | strike | export."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from kayfabe import terminal
from kayfabe.errors import BadOption
from kayfabe.evidence import documents, provisions, store
from kayfabe.evidence.export import export as write_tables
from kayfabe.evidence.ingest import Agreements
from kayfabe.evidence.mapping import read_map
from kayfabe.evidence.schema import TABLES
from kayfabe.models import to_json
from kayfabe.read import archive
from kayfabe.read.agreement import agreement_text

app = typer.Typer(
    help="Keep what is known in a store: add, list, strike, export.", no_args_is_help=True, rich_markup_mode=None
)

StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="The store: one DuckDB file.")]


@app.command()
def add(
    store_path: StoreArgument,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="CSV, TSV, Parquet, JSON, JSON lines; agreements and documents also txt, html, pdf, docx; documents also folders, RSS, Atom, Telegram JSON.")
    ] = None,
    table: Annotated[
        str | None, typer.Option("--as", metavar="TABLE", help="One of: " + ", ".join(TABLES) + ".")
    ] = None,
    map_file: Annotated[Path | None, typer.Option("--map", help="A TOML file that maps the file's columns.")] = None,
    reject: Annotated[Path | None, typer.Option(help="Load the good rows and write the bad ones here.")] = None,
    agreement: Annotated[
        str | None, typer.Option(help="The name of the agreement in a text file (default: the file's).")
    ] = None,
    outlet: Annotated[
        str | None, typer.Option(help="The outlet of all documents in folders, feeds and articles (default: the one found).")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show how agreement texts are split, or which dates and outlets documents have, and load nothing.")
    ] = False,
    bundled: Annotated[bool, typer.Option("--bundled", help="Add the public facts that come with kayfabe.")] = False,
) -> None:
    """Load files into a table, all or nothing. A store that does not exist is made."""
    mapping = read_map(map_file) if map_file else None
    table = table or (mapping.table if mapping else None)
    if files and table is None:
        raise BadOption("as", "nothing", "wants the table to load into: " + ", ".join(TABLES))
    if mapping and mapping.table != table:
        raise BadOption("as", table, f"wants the table of the map, {mapping.table}")
    if not files and not bundled:
        raise BadOption("bundled", "nothing", "wants files to add, or --bundled")
    texts = [f for f in files or [] if table == "provisions" and provisions.is_text(f)]
    if agreement is not None and len(texts) != 1:
        raise BadOption("agreement", agreement, "wants one agreement text, loaded --as provisions")
    strict = reject is None and not preview
    found = documents.Archives(archive.is_archive, cache(lambda path: archive.documents(path, outlet, strict=strict)))
    archives = [f for f in files or [] if table == "documents" and found.holds(f)]
    if outlet is not None and not archives:
        raise BadOption("outlet", outlet, "wants folders, feeds or articles, loaded --as documents")
    if preview:
        _preview(texts, archives, found)
        return
    with terminal.shown_progress(Console(stderr=True)) as progress:
        added = store.add(
            store_path, files or [], table, mapping=mapping, reject=reject, with_bundled=bundled,
            agreements=Agreements(agreement_text, agreement), archives=found, progress=progress,
        )  # fmt: skip
    for one in added:
        if one.already:
            _say(f"{one.path}: loaded before, nothing to do.")
            continue
        parts = [f"{_rows(one.rows)} into {one.table}"]
        parts += [f"{_rows(one.repeated, 'identical ')} left out"] if one.repeated else []
        parts += [f"{_rows(one.rejected, 'bad ')} written to {reject}"] if one.rejected else []
        parts += [
            f"{one.incomplete} incomplete statement{'s' * (one.incomplete != 1)} left out (no actor, issue or stance)"
        ] if one.incomplete else []
        parts += [f"{one.missing} cell{'s' * (one.missing != 1)} without a value left out"] if one.missing else []
        parts += [f"decoded from {one.encoding}"] if one.encoding else []
        parts += [f"read as {one.format}"] if one.format != "as it is" else []
        _say(f"{one.path}: " + ", ".join(parts) + ".")
        count, names = one.series
        if names:
            more = f" and {count - len(names)} more" if count > len(names) else ""
            _say(f"series: {'; '.join(names)}{more}")
        if Path(one.path) in archives:
            for line in documents.summary(found.read(Path(one.path))):
                _say(line)
        if Path(one.path) in texts:
            _say(f"agreement: {agreement or Path(one.path).stem}; see the split with --preview")


def _preview(texts: list[Path], archives: list[Path], found: documents.Archives) -> None:
    if not texts and not archives:
        raise BadOption("preview", "a table", "wants agreement texts, with --as provisions, or folders and feeds, with --as documents")
    for path in archives:
        _say(f"{path}:")
        for line in documents.preview(found.read(path)):
            _say(line)
    for path in texts:
        _say(f"{path}:")
        for line in provisions.preview(provisions.split(agreement_text(path))).splitlines():
            _say(line)


@app.command("list")
def list_(
    store_path: StoreArgument,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show tables, ranges, sources, hashes and struck rows."""
    found = store.listing(store_path)
    if json:
        print(to_json(found))
        return
    tables = Table(box=None, pad_edge=False)
    for name in ("table", "rows", "struck", "first", "last"):
        tables.add_column(name, justify="right" if name in ("rows", "struck") else "left")
    for row in found["tables"]:
        if row["rows"] or row["struck"]:
            tables.add_row(
                row["table"],
                str(row["rows"]),
                str(row["struck"]),
                *(str(row[k].date()) if row[k] else "" for k in ("first", "last")),
            )
    Console().print(tables)
    for file in found["files"]:
        source = f"{file['tbl']}: {file['path']}, {_rows(file['row_count'])}, sha256 {file['sha256'][:12]}"
        _say(f"{source}, loaded {file['loaded']} UTC by kayfabe {file['version']}")
        if file["credit"]:
            _say(f"  {file['credit']}")
    for row in found["strikes"]:
        _say(f"struck {row['tbl']}:{row['row_id']}: {row['why']}")


@app.command()
def strike(
    store_path: StoreArgument,
    row: Annotated[str, typer.Argument(metavar="ROW-ID", help="As findings show it, such as votes:A/RES/68/262:USA.")],
    why: Annotated[str | None, typer.Option(help="The reason, shown in every finding that the row touched.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the row back in.")] = False,
) -> None:
    """Exclude a row, reversibly."""
    if not undo and not (why or "").strip():
        raise BadOption("why", "nothing", "wants the reason")
    table, row_id = store.strike(store_path, row, (why or "").strip(), undo=undo)
    _say(f"{'Taken back' if undo else 'Struck'}: {table}:{row_id}")


@app.command()
def export(
    store_path: StoreArgument,
    out: Annotated[Path, typer.Option(help="The folder to write TABLE.csv files into.")] = Path("."),
    table: Annotated[list[str] | None, typer.Option("--table", help="Only this table; may be repeated.")] = None,
    form: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    pseudonymise: Annotated[bool, typer.Option("--pseudonymise", help="Replace account names.")] = False,
) -> None:
    """Write tables to files, struck rows left out; formulas are made harmless."""
    written = write_tables(store_path, out, tables=table or [], form=form, pseudonymise=pseudonymise)
    for path in written:
        _say(path)
    if not written:
        _say("Nothing was written: there are no rows.")


def _rows(n: int, which: str = "") -> str:
    return f"{n} {which}row{'' if n == 1 else 's'}"


def _say(line: object) -> None:
    """One line, however long, of text that may come from outside."""
    Console().print(terminal.safe(line, 2000), soft_wrap=True)

"""kayfabe network STORE --of statements|posts --out FILE."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import numpy as np
import typer
from rich.console import Console

from kayfabe import terminal
from kayfabe.errors import BadOption, KayfabeError
from kayfabe.evidence import Evidence
from kayfabe.evidence.pseudonyms import Pseudonyms
from kayfabe.networks import coding
from kayfabe.networks.definitions import DUPLICATES, KERNELS, NORMALISE, STANCES, WINDOWS, Definition
from kayfabe.networks.discourse import networks
from kayfabe.networks.edge_table import MOST_WITH_STATEMENTS, EdgeTable, Ragged, edge_table, from_columns
from kayfabe.networks.exports import write_edges, write_matrix
from kayfabe.networks.polarisation import over_time
from kayfabe.progress import Progress


def network(
    store: Annotated[Path, typer.Argument(metavar="STORE", help="The store: one DuckDB file.")],
    out: Annotated[Path, typer.Option(help="The file to write: .csv, .parquet, .json, .graphml or .gexf.")],
    of: Annotated[str, typer.Option(help="statements, posts, or texts (posts or documents that say nearly the same).")] = "statements",
    mode: Annotated[
        str, typer.Option(help="one-mode (or its stance: congruence, conflict, ...) or two-mode.")
    ] = "one-mode",
    stance: Annotated[
        str,
        typer.Option(help=f"one-mode: {', '.join(STANCES['one-mode'])}; two-mode: {', '.join(STANCES['two-mode'])}."),
    ] = "",
    normalise: Annotated[
        str,
        typer.Option(
            help=f"one-mode: {', '.join(NORMALISE['one-mode'])}; two-mode: {', '.join(NORMALISE['two-mode'])}."
        ),
    ] = "none",
    duplicates: Annotated[
        str, typer.Option(help="Count repeats once within: " + ", ".join(DUPLICATES) + ".")
    ] = "include",
    nodes: Annotated[str, typer.Option(help="The column that becomes nodes.")] = "actor",
    through: Annotated[str, typer.Option(help="The column that they are tied through.")] = "issue",
    coders: Annotated[str, typer.Option(help="Several coders: agreed, weighted or each.")] = "agreed",
    since: Annotated[str | None, typer.Option(metavar="DATE", help="First day.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Last day.")] = None,
    issue: Annotated[str | None, typer.Option(help="Only this issue.")] = None,
    window: Annotated[
        str | None, typer.Option(help=f"Moving windows of {', '.join(WINDOWS)}; for posts seconds (60).")
    ] = None,
    width: Annotated[int, typer.Option(help="Units in a window.")] = 1,
    kernel: Annotated[str, typer.Option(help="Weights in a window: " + ", ".join(KERNELS) + ".")] = "none",
    min_weight: Annotated[float | None, typer.Option(help="Leave out lighter edges.")] = None,
    backbone: Annotated[
        float | None, typer.Option(metavar="ALPHA", help="Only the disparity backbone, such as 0.05.")
    ] = None,
    communities: Annotated[bool, typer.Option("--communities", help="Louvain communities of the nodes.")] = False,
    polarisation: Annotated[
        bool, typer.Option("--polarisation", help="Print how far the discourse splits in two.")
    ] = False,
    matrix: Annotated[bool, typer.Option("--matrix", help="Write matrices instead of edges (.csv, .parquet).")] = False,
    evidence: Annotated[int, typer.Option(help="Row ids listed with each edge at most; 0 for none.")] = 20,
    min_participation: Annotated[int, typer.Option(help="Posts: co-shares that both accounts need.")] = 2,
    edge_weight: Annotated[float | None, typer.Option(help="Posts: keep edges above this quantile of weights.")] = None,
    across: Annotated[
        bool, typer.Option("--across", help="Texts: pairs that say the same in English and in Russian (extra read).")
    ] = False,
    compat: Annotated[
        str | None, typer.Option(help="Numbers of another tool: dna; for posts coortweet or cnt.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 0,
    pseudonymise: Annotated[
        bool, typer.Option("--pseudonymise", help="Replace the names of nodes; no row ids.")
    ] = False,
) -> None:
    """Write the network of statements (who agrees with whom) or of posts (who shares with whom) to a file."""
    if of not in ("statements", "posts", "texts"):
        raise BadOption("of", of, "wants statements, posts or texts")
    if across and of != "texts":
        raise BadOption("across", across, "goes with --of texts")
    console = Console()
    known = Evidence.open(store)
    try:
        with terminal.shown_progress(Console(stderr=True)) as progress:
            hide = Pseudonyms.of_store(store) if pseudonymise else None
            if of == "posts":
                if pseudonymise:
                    known.pseudonymise()
                table = _posts(known, window, min_participation, edge_weight, compat, evidence, progress)
                _write(table, out, None, console)
                return
            if across:
                _across(known, store, min_weight, out, hide, progress, console)
                return
            if of == "texts":
                _texts(known, store, 0.8 if min_weight is None else min_weight, out, hide, progress, console)
                return
            wanted = Definition(
                mode, stance, normalise, duplicates, window, width, kernel, "none" if compat is None else compat
            )
            days = {"since": _day("since", since), "until": _day("until", until)}
            statements = coding.read_statements(
                known,
                nodes=nodes,
                through=through,
                issue=issue,
                coders=coders,
                **days,
            )
            if not len(statements):
                raise KayfabeError(
                    f"{store} has no statements there. Add some: kayfabe evidence add STORE FILE --as statements"
                )
            _tell_coders(coding.agreement(known, **days), coders, console)
            found = networks(statements, wanted, progress=progress)
            if polarisation:
                for one in over_time(statements, wanted, seed=seed):
                    value = "unknown" if one.value is None else f"{one.value:.3f}"
                    console.print(terminal.safe(f"polarisation {str(one.start)[:10]} to {str(one.stop)[:10]}: {value}"))
            if matrix:
                write_matrix(found, out, hide.account if hide else str)
                console.print(terminal.safe(f"{out}: {len(found)} matrices."))
                return
            table = edge_table(
                found, most=evidence, alpha=backbone, least=min_weight, communities=communities, seed=seed
            )
            if evidence and table.statements is None and len(table) > MOST_WITH_STATEMENTS:
                console.print(
                    terminal.safe(
                        f"More than {MOST_WITH_STATEMENTS} edges: no row ids are listed (--min-weight, --backbone)."
                    )
                )
        _write(table, out, hide, console)
    finally:
        known.close()


def _write(table: EdgeTable, out: Path, hide: Pseudonyms | None, console: Console) -> None:
    write_edges(table.pseudonymised(hide.account) if hide else table, out)
    console.print(terminal.safe(f"{out}: {len(table.names)} nodes, {len(table)} edges."))


def _posts(
    known: Evidence,
    window: str | None,
    min_participation: int,
    edge_weight: float | None,
    compat: str | None,
    most: int,
    progress: Progress,
) -> EdgeTable:
    from kayfabe.networks import posts

    if compat not in (None, "coortweet", "cnt"):
        raise BadOption("compat", compat, "wants coortweet or cnt with --of posts")
    try:
        seconds = 60.0 if window is None else float(window)
    except ValueError as error:
        raise BadOption("window", window, "wants seconds with --of posts") from error
    columns: dict[str, Any] = posts.edges(
        known,
        seconds,
        min_participation,
        edge_weight,
        cast("Literal['coortweet', 'cnt'] | None", compat),
        progress,
    )
    behind = None
    if compat is None and most > 0 and len(columns["from"]) <= MOST_WITH_STATEMENTS:
        behind = Ragged(*posts.listed(known, columns, seconds, most))
    return from_columns(columns, behind, directed=compat == "cnt")


def _text_table(known: Evidence, store: Path, out: Path) -> Literal["posts", "documents"]:
    """The table whose texts are compared. Raises KayfabeError where there is none, BadOption where `out` is no CSV file."""
    if not known.count("posts") and not known.count("documents"):
        raise KayfabeError(f"{store} has no texts. Add some: kayfabe evidence add STORE FILE --as posts")
    if out.suffix.lower() != ".csv":
        raise BadOption("out", out, "wants a .csv file with --of texts")
    return "posts" if known.count("posts") else "documents"


def _without_names(columns: dict[str, Any], hide: Pseudonyms | None) -> dict[str, Any]:
    """`columns` with pseudonyms for accounts (outlets), ids and objects that hold an id ("text:ID")."""
    if hide is None:
        return columns
    made = {"account": hide.account, "object": hide.text, "post": hide.row, "text_a": hide.row, "text_b": hide.row}
    return {n: np.array([made[n](str(x)) for x in v], dtype=object) if n in made else v for n, v in columns.items()}


def _across(
    known: Evidence,
    store: Path,
    least: float | None,
    out: Path,
    hide: Pseudonyms | None,
    progress: Progress,
    console: Console,
) -> None:
    """Pairs of texts in two languages: a CSV file of row ids, cosine and margin."""
    from kayfabe.networks import across_texts, near_texts
    from kayfabe.read.across import LEAST_MARGIN

    table = _text_table(known, store, out)
    found = across_texts.pairs(known, table, least=LEAST_MARGIN if least is None else least, progress=progress)
    near_texts.write(_without_names(found, hide), out)
    console.print(terminal.safe(f"{out}: {len(found['margin'])} pairs of {table} that say the same in two languages."))


def _texts(
    known: Evidence,
    store: Path,
    jaccard: float,
    out: Path,
    hide: Pseudonyms | None,
    progress: Progress,
    console: Console,
) -> None:
    """Near-equal texts, the group as the object: a CSV file that loads as posts, for `coordination`; the pairs beside it."""
    from kayfabe.networks import near_texts

    table = _text_table(known, store, out)
    found = near_texts.near_texts(known, table, jaccard=jaccard, progress=progress)
    rows = near_texts.objects(found, known, table)
    pairs = out.with_suffix(".pairs.csv")
    near_texts.write(_without_names(rows, hide), out)
    near_texts.write(_without_names(found.pairs, hide), pairs)
    groups = len(set(found.rows["group"].tolist()))
    console.print(
        terminal.safe(f"{out}: {len(rows['post'])} {table} in {groups} groups of near-equal texts; {pairs}: {len(found.pairs['jaccard'])} pairs.")
    )


def _tell_coders(agreement: coding.Agreement, rule: str, console: Console) -> None:
    if agreement.statements == 0:
        return
    interval, nominal = ("unknown" if a is None else f"{a:.3f}" for a in (agreement.interval, agreement.nominal))
    console.print(
        terminal.safe(
            f"{agreement.coders} coders, {agreement.statements} statements coded more than once: Krippendorff's alpha "
            f"{interval} (interval), {nominal} (nominal). Value used: {rule}."
        )
    )


def _day(option: str, text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadOption(option, text, "wants a date such as 2024-03-27") from error

"""What the terminal shows: progress while work lasts, tables of claims and findings; all outside text made harmless."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from kayfabe.errors import one_line
from kayfabe.instruments.verdicts import interval_text, number
from kayfabe.models import Case, Claim, Finding, Verdict
from kayfabe.progress import Progress, Step
from kayfabe.read.across import Across

MARK = {
    Verdict.SUPPORTED: ("+", "bold blue"),
    Verdict.CONTRADICTED: ("x", "bold magenta"),
    Verdict.INCONCLUSIVE: ("~", "bold yellow"),
    Verdict.UNTESTED: ("?", "bold"),
    Verdict.UNTESTABLE: ("o", "bold"),
}


def safe(value: object, limit: int = 400) -> Text:
    """Outside text as one line of plain text: no markup, no control characters."""
    return Text(one_line(value, limit))


@contextmanager
def shown_progress(console: Console) -> Iterator[Progress]:
    """Progress on a terminal, from the first second on; silent elsewhere."""
    if not console.is_terminal:
        yield Progress()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Bar(*columns, console=console, transient=True)
    tasks: dict[str, Any] = {}
    begun = time.monotonic()

    def listen(step: Step) -> None:
        if time.monotonic() - begun > 0.5 and not bar.live.is_started:
            bar.start()
        if step.stage not in tasks:
            tasks[step.stage] = bar.add_task(step.stage, total=step.total)
        bar.update(tasks[step.stage], completed=step.done, total=step.total)

    try:
        yield Progress(listen)
    finally:
        if bar.live.is_started:
            bar.stop()


def claims_table(case: Case) -> Table:
    """Claims that have a finding, then a line that counts the others by kind."""
    table = Table(box=None, pad_edge=False, expand=False, show_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("what it says", overflow="fold", ratio=1)
    for claim in case.claims:
        finding = case.findings.get(claim.id)
        if finding is None:
            continue
        mark, style = MARK[finding.verdict]
        table.add_row(
            safe(claim.id), safe(claim.kind), Text(f"{mark} {finding.verdict}", style=style), safe(claim.text, 110)
        )
    return table


def without_test(case: Case) -> str:
    """One line on the claims that no instrument tests, by kind."""
    counts: dict[str, int] = {}
    for claim in case.claims:
        if claim.id not in case.findings:
            counts[str(claim.kind)] = counts.get(str(claim.kind), 0) + 1
    parts = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])))
    return f"No test exists for {sum(counts.values())} more: {parts}." if counts else ""


def tally(case: Case) -> str:
    """How many claims have which verdict."""
    counts = dict.fromkeys(Verdict, 0)
    for claim in case.claims:
        finding = case.findings.get(claim.id)
        counts[finding.verdict if finding else Verdict.UNTESTABLE] += 1
    return ", ".join(f"{n} {v}" for v, n in counts.items())


def finding_lines(finding: Finding) -> Iterator[Text | Table]:
    """One finding as a few lines and its items."""
    mark, style = MARK[finding.verdict]
    yield Text(f"{mark} {finding.verdict}", style=style)
    yield safe(finding.question)
    yield safe(finding.reason, 1000)
    if finding.estimate is not None:
        yield safe(
            f"estimate {number(finding.estimate)} {interval_text(finding.interval)} ({finding.unit}); margin {number(finding.margin)}; "
            f"p {number(finding.p_value)}, against {number(finding.p_contradicted)}; n = {finding.n}"
        )
    if finding.n_needed:
        yield safe(f"n needed to decide: about {finding.n_needed}")
    for caveat in finding.caveats:
        yield safe(f"- {caveat}", 1000)
    if finding.items:
        yield items_table(finding)
    if finding.evidence:
        yield safe(
            f"rows ({finding.evidence_total}): {', '.join(finding.evidence[:5])}{' …' if finding.evidence_total > 5 else ''}",
            600,
        )


def items_table(finding: Finding, most: int = 20) -> Table:
    """The items of a finding, at most `most`."""
    table = Table(box=None, pad_edge=False, title_justify="left")
    keys = list(dict.fromkeys(k for item in finding.items[:most] for k in item.key))
    for key in keys:
        table.add_column(key, overflow="fold")
    for name in ("estimate", "interval", "p", "q"):
        table.add_column(name, no_wrap=True)
    for item in finding.items[:most]:
        interval = interval_text(item.interval) if item.interval else ""
        numbers = [number(v) if v is not None else "" for v in (item.estimate, item.p_value, item.q_value)]
        table.add_row(*(safe(_key_cell(item.key.get(k)), 120) for k in keys), numbers[0], interval, *numbers[1:])
    if len(finding.items) > most:
        table.add_row(f"… {len(finding.items) - most} more")
    return table


def _key_cell(value: object) -> str:
    """Part of an item's key; several names one after the other."""
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else "" if value is None else str(value)


def beside_table(pairs: Sequence[tuple[Claim, Claim, Across]]) -> Table:
    """Claims of one text, each with its nearest of another; "=" where they say the same, "~" where that is not sure."""
    table = Table(box=None, pad_edge=False)
    for name in ("claim", "text", "", "claim", "text", "margin"):
        table.add_column(name, no_wrap=name in ("claim", "", "margin"), overflow="fold", ratio=1 if name == "text" else None)
    for a, b, pair in pairs:
        mark = "=" if pair.same else "~"
        table.add_row(safe(a.id), safe(a.text, 200), mark, safe(b.id), safe(b.text, 200), f"{pair.margin:.2f}")
    return table


def reading_table(claims: Sequence[Claim]) -> Table:
    """Claims as read: kind with its probability, actors, marks, quotation."""
    table = Table(box=None, pad_edge=False)
    for name in ("claim", "kind", "actors", "marks"):
        table.add_column(name, no_wrap=name == "claim", overflow="fold")
    table.add_column("text", overflow="fold", ratio=1)
    for claim in claims:
        sure = f" {claim.kinds[0].probability:.2f}" if claim.kinds else ""
        who = ", ".join(dict.fromkeys(m.actor or m.mention for m in claim.actors))
        marks = [
            w
            for w, on in (
                ("negated", claim.negated),
                ("hedged", claim.hedged),
                (claim.quantifier or "", claim.quantifier),
            )
            if on
        ]
        if claim.attribution:
            marks.append(f"says {claim.attribution.source}")
        table.add_row(
            safe(claim.id),
            safe(f"{claim.kind}{sure}"),
            safe(who, 60),
            safe(", ".join(marks), 60),
            safe(claim.text, 200),
        )
    return table

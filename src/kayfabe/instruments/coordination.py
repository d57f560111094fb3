"""coordination: do accounts share the same objects within a window of each other more often than chance allows?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import networkx as nx
import numpy as np

from kayfabe.errors import BadOption
from kayfabe.instruments import coordination_worlds
from kayfabe.instruments.coordination_charts import charts, drawing
from kayfabe.instruments.coordination_labels import describe
from kayfabe.instruments.coordination_rows import Shown, distinct, read, rows_of, shown
from kayfabe.instruments.declaration import Instrument, Measured, Need, Option, Run
from kayfabe.instruments.window import window_text
from kayfabe.models import Item, Kind
from kayfabe.stats.intervals import poisson_ratio

if TYPE_CHECKING:
    from kayfabe.stats.coshare_analysis import Analysis, Null
    from kayfabe.stats.coshare_groups import Group

Array = np.ndarray[Any, Any]

LEVEL = 0.05
LEAST_PAIRS, LEAST_ACCOUNTS, LEAST_NEIGHBOURS = 20, 30, 500
MOST_ITEMS, ALSO = 500, 20
MOST_EXCHANGED = 1.5e8
ADD = "Add some with: kayfabe evidence add STORE FILE --as posts"


def measure(run: Run) -> Measured:
    """Which accounts share the same objects within a window of each other, pairwise or as a group, beyond a named chance.

    Estimand: observed / expected co-shares: objects that two accounts shared at most --window seconds apart, over those that chance
        promises, given the objects on which they came within 30 windows (J) of each other. 1 is chance.
    Null: local (the default): given that two accounts shared an object within J, their distance follows the rate of other shares
        around them, read from the shoulders (1 to 3 windows away) and never inside the window, pooled with equally busy
        surroundings, at least at the accounts' own speed. Pairs: exact tails of points over the objects on which they came within J,
        2 for a co-share within the window, 3 within its inner third, where level rates put a third of chance. Strict list (q of items): half the error goes to Benjamini-Hochberg over all pairs with two such objects, half to
        Benjamini-Hochberg over the pairs that could stand at all; the discrete list knows which p each pair can attain. A post with
        several objects counts once. Groups: who met around one share meets again on other objects, with the same points; law of summed surprises, discrete step-up over all such stars. The finding's p is twice the smaller of the two families' Simes p. object: accounts are
        exchanged among the shares of an object, which asks "which accounts, given the burst".
    Assumes: rates that change slowly over a window: bursts as fast as the window look like coordination, so prefer windows up to
        120 s. Common scheduling, one owner's pages, wire feeds, automatic cross-posting, a covert ring and a fan club faster than
        the window have the same likelihood: labels tell what a pair looks like, and nothing here shows intent.
    Abstains: fewer than 30 accounts, 20 pairs that came within J on two objects, or 500 shares seen around shares beyond the
        window: then what is usual cannot be learned. Never contradicts: a ring slower than the window leaves no trace.
    References: Gilbert (2005), J. R. Stat. Soc. C 54:143-158; Hong (2013), Comput. Stat. Data Anal. 59:41-51; Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289-300; Heller &
        Gur (2011), arXiv:1112.4627; Righetti & Balluff (2025), Comput. Commun. Res. 7; Pacheco et al. (2021), Proc. ICWSM 15:455-466.
    """
    from kayfabe.stats.coshare_analysis import analyse  # which brings the compiler, wanted nowhere else

    window, null = float(run.options["window"]), cast("Null", run.options["null"])
    posts = read(run)
    if not len(posts.obj):
        return Measured(found="No object was shared by two accounts.", untested=f"There is nothing to compare. {ADD}")
    if null == "object":
        _affordable(posts.obj)
    found = analyse(posts.obj, posts.account, posts.at, posts.accounts, round(window * 1e6), run.progress.step, null)
    pairs = found.pairs
    details: dict[str, Any] = {
        "window": found.surroundings.window / 1e6, "context": 30 * found.surroundings.window / 1e6, "null": null,
        "time_step": found.surroundings.grain / 1e6, "shares": len(found.shares.obj), "accounts": posts.accounts,
        "objects": len(np.unique(found.shares.obj)), "saturated": found.saturated, "pairs_tested": len(pairs.p), "stars_tested": len(found.stars.p),
    }  # fmt: skip
    lacking = _lacking(found, posts.accounts)
    if lacking:
        return Measured(found=_seen(found), untested=lacking, n=len(pairs.p), details=details, n_needed=LEAST_PAIRS)
    listed = _listed(found)
    involved = distinct([pairs.a[listed], pairs.b[listed], *(g.members for g in found.groups)])
    known = shown(run, involved)
    names = known.names
    items = [_pair_item(found, int(k), names, known) for k in listed]
    together = [_group_item(found, g, names, known) for g in found.groups]
    p = _simes(found)
    details |= _summary(found)
    details["pairs"] = [_pair_details(found, int(k), names, known) for k in listed]
    details["groups"] = [
        {"members": i.key["members"], "stars": len(g.stars), "q": g.q}
        for g, i in zip(found.groups, together, strict=True)
    ]
    details["communities"] = _communities(found, names, run.seed)
    details |= drawing(found, names, known.titles, listed)
    rows = list(dict.fromkeys(row for item in together + items for row in item.evidence))
    ratio, interval = _ratio(found)
    return Measured(
        found=_seen(found), estimate=ratio, interval=interval, p_value=p, n=len(pairs.p), items=together + items,
        evidence=rows[:1000], evidence_total=len(rows), details=details, caveats=_caveats(found, window, details),
        cannot_contradict="Slower or hidden coordination leaves no trace in times, so chance is never proved.",
    )  # fmt: skip


def _affordable(obj: Array) -> None:
    """Raises BadOption where exchanging accounts within objects would compare too many pairs of shares."""
    size = np.bincount(obj).astype(float)
    pairs = float((size * (size - 1)).sum() / 2)
    if pairs > MOST_EXCHANGED:
        seen = f"wants fewer shares of one object here ({pairs:.2g} pairs of shares, at most {MOST_EXCHANGED:.2g})"
        raise BadOption("null", "object", f"{seen}: narrow it with --since, --until or --objects")


def _lacking(found: Analysis, accounts: int) -> str:
    for seen, least, what in (
        (accounts, LEAST_ACCOUNTS, "accounts"),
        (len(found.pairs.p), LEAST_PAIRS, "pairs of accounts that came near each other on two objects"),
        (found.neighbours, LEAST_NEIGHBOURS, "shares around shares beyond the window"),
    ):
        if seen < least:
            return f"Only {seen} {what}; {least} are needed to say what is usual. {ADD}"
    return ""


def _seen(found: Analysis) -> str:
    pairs = found.pairs
    strict, loose = int((pairs.q < LEVEL).sum()), int((pairs.q_discrete < LEVEL).sum())
    return (
        f"{int(pairs.close.sum())} co-shares within {found.surroundings.window / 1e6:g} s among {len(pairs.p)} pairs that came near each other, "
        f"where chance promises {pairs.expected.sum():.1f}: that is all pairs together, most of them ordinary, and the verdict rests on those that stand, "
        f"{strict} pairs ({loose} on the discrete list) and {len(found.groups)} groups."
    )


def _listed(found: Analysis) -> Array:
    """Pairs to show: those that stand on either list, and some of the next; best first, equal ones by more co-shares."""
    pairs = found.pairs
    order = np.flatnonzero(pairs.close >= 2)
    order = order[np.lexsort((pairs.b[order], pairs.a[order], -pairs.close[order], pairs.p[order]))]
    stands = int((np.minimum(pairs.q, pairs.q_discrete)[order] < LEVEL).sum())
    return np.asarray(order[: min(stands + ALSO, MOST_ITEMS)])


def _rows_of_pair(found: Analysis, k: int) -> Array:
    """Meetings of pair k within the window."""
    rows = np.arange(found.pairs.first[k], found.pairs.first[k] + found.pairs.met[k])
    return np.asarray(rows[found.met.close[rows]])


def _evidence(found: Analysis, known: Shown, meetings: Array) -> list[str]:
    both = np.stack([found.meetings.one[meetings], found.meetings.two[meetings]], axis=1).ravel()
    shares = found.shares
    return list(dict.fromkeys(rows_of(known, shares.account[both], shares.obj[both], shares.at[both])))


def _pair_item(found: Analysis, k: int, names: Mapping[int, str], known: Shown) -> Item:
    pairs = found.pairs
    a, b = sorted((names[int(pairs.a[k])], names[int(pairs.b[k])]))
    close, expected = int(pairs.close[k]), float(pairs.expected[k])
    return Item(
        key={"a": a, "b": b}, estimate=close / expected, interval=poisson_ratio(close, expected), p_value=float(pairs.p[k]),
        q_value=float(pairs.q[k]), evidence=_evidence(found, known, _rows_of_pair(found, k)[:50]),
    )  # fmt: skip


def _group_item(found: Analysis, group: Group, names: Mapping[int, str], known: Shown) -> Item:
    met = found.met
    rows = met.among(group.members)
    close, expected = int(met.close[rows].sum()), float(met.chance[rows].sum())
    return Item(
        key={"members": sorted(names[int(m)] for m in group.members)}, estimate=close / expected if expected else None,
        p_value=group.p, q_value=group.q, evidence=_evidence(found, known, rows[met.close[rows]])[:200],
    )  # fmt: skip


def _pair_details(found: Analysis, k: int, names: Mapping[int, str], known: Shown) -> dict[str, Any]:
    pairs = found.pairs
    a, b = names[int(pairs.a[k])], names[int(pairs.b[k])]
    return {
        "a": a, "b": b, "met": int(pairs.met[k]), "close": int(pairs.close[k]), "expected": float(pairs.expected[k]), "p": float(pairs.p[k]),
        "q": float(pairs.q[k]), "q_discrete": float(pairs.q_discrete[k]), "p_object": float(pairs.p_other[k]), "q_object": float(pairs.q_other[k]),
        **describe(known, found, k),
    }  # fmt: skip


def _summary(found: Analysis) -> dict[str, Any]:
    pairs = found.pairs
    return {
        "observed": int(pairs.close.sum()), "expected": float(pairs.expected.sum()), "strict": int((pairs.q < LEVEL).sum()), "bh_all": int((pairs.q_all < LEVEL).sum()),
        "discrete": int((pairs.q_discrete < LEVEL).sum()), "object_strict": int((pairs.q_other < LEVEL).sum()),
    }  # fmt: skip


def _simes(found: Analysis) -> float:
    families = [float(q.min()) for q in (found.pairs.q, found.stars.q) if len(q)]
    return min(1.0, len(families) * min(families))


def _ratio(found: Analysis) -> tuple[float, tuple[float, float]]:
    """Observed / expected over all pairs, with an interval that lets objects vary as wholes."""
    obj = found.met.obj
    expected = np.bincount(obj, found.met.chance)
    observed = np.bincount(obj[found.met.close], minlength=len(expected))
    ratio = float(observed.sum() / expected.sum())
    se = float(np.sqrt(((observed - ratio * expected) ** 2).sum()) / expected.sum())
    return ratio, (max(0.0, ratio - 1.96 * se), ratio + 1.96 * se)


def _communities(found: Analysis, names: Mapping[int, str], seed: int) -> list[list[str]]:
    """Louvain communities of the pairs that stand on the discrete list, largest first."""
    pairs = found.pairs
    stands = np.flatnonzero((pairs.q_discrete < LEVEL) & (pairs.close >= 2))
    stands = stands[[int(pairs.a[k]) in names and int(pairs.b[k]) in names for k in stands]] if len(stands) else stands
    graph = nx.Graph()
    graph.add_weighted_edges_from((int(pairs.a[k]), int(pairs.b[k]), int(pairs.close[k])) for k in stands)
    if not graph.number_of_edges():
        return []
    parts = nx.community.louvain_communities(graph, seed=seed)
    return sorted((sorted(names[m] for m in part) for part in parts), key=lambda p: (-len(p), p))


def _caveats(found: Analysis, window: float, details: Mapping[str, Any]) -> list[str]:
    said = [
        "Feeds, schedules, a common owner and fans faster than the window look the same as a ring: read the labels, never infer intent from times."
    ]
    if window > 120:
        said.append("Windows above 120 s are as slow as ordinary bursts: expect chance to be underestimated.")
    if found.surroundings.window > round(window * 1e6):
        said.append(f"Times come in steps of {details['time_step']:g} s, so the window is raised to that.")
    if found.saturated:
        said.append(f"{found.saturated} shares in crowds of more than 50 per window were not paired.")
    if details["null"] == "object":
        said.append(
            "Under this null a burst is given and only who is in it is asked; groups are sought under the local null only."
        )
    labelled = [p for p in details["pairs"] if p["q"] < LEVEL and p["labels"]]
    if labelled:
        said.append(f"{len(labelled)} of the pairs listed that stand look like syndication, schedules or automation.")
    return said


def ask(options: Mapping[str, Any], label: Callable[[str], str]) -> str:
    """The question in plain words."""
    return f"Which accounts share the same things within {float(options.get('window') or 60):g} s of each other beyond chance{window_text(options)}?"


INSTRUMENT = Instrument(
    name="coordination",
    question="Who shares the same things at the same time, beyond a named chance?",
    kinds=(Kind.COORDINATION,),
    needs=(Need("posts", "shares", ("post", "at", "account", "object")),),
    options=(
        Option("window", "number", "seconds within which two shares count as one move", default=60.0, low=1, high=86_400),
        Option("null", "choice", "what chance means: rates around each share, or accounts exchanged within objects", default="local", choices=("local", "object")),
        Option("objects", "text", "only these kinds of objects, such as url or url,repost (see docs/evidence.md)"),
        Option("since", "date", "first day looked at"),
        Option("until", "date", "last day looked at"),
    ),
    unit="observed / expected co-shares",
    margin=1.0,
    searches=True,
    measure=measure,
    ask=ask,
    charts=charts,
    world=coordination_worlds.world,
)  # fmt: skip

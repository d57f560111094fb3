"""deal: which provisions of an agreement do the named actors accept, who blocks which, and what package comes closest?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kayfabe.errors import BadOption
from kayfabe.instruments import deal_worlds
from kayfabe.instruments.deal_charts import charts
from kayfabe.instruments.deal_positions import Positions, read
from kayfabe.instruments.deal_refusal import asserted, refused
from kayfabe.instruments.declaration import Instrument, Measured, Need, Option, Run
from kayfabe.instruments.window import window_text
from kayfabe.models import Item, Kind
from kayfabe.networks.coding import coders_caveat, coders_details
from kayfabe.stats import packages
from kayfabe.stats.multiplicity import benjamini_hochberg, simes

Array = np.ndarray[Any, Any]
ADD = "Add some with: kayfabe evidence add STORE FILE --as"
MARGIN, REJECTS = 2 / 3, 1 / 3
TAIL, ALPHA = 0.025, 0.05
SHOWN = 20


@dataclass(frozen=True)
class Judged:
    """p-values and bounds, each of shape (actors, provisions); `accept_p` (provisions,) is that of the least willing actor."""

    accept: Array
    refuse: Array
    block: Array
    low: Array
    high: Array
    chance: Array
    accept_p: Array
    block_p: Array
    value: tuple[float, float]


def measure(run: Run) -> Measured:
    """Whether there is a provision that every named actor accepts by its own statements and votes; who blocks the others.

    Estimand: for each provision the share of an actor's present occasions (days with a statement or vote on it) that favour it;
        the finding's estimate is the share of the least willing actor on the most acceptable provision. An occasion counts half
        as much for every half-life (--halflife, 365 days) that it lies before the window's end, or the last row; where an actor's
        latest 2 to 20 occasions run against its earlier ones and against the claim (binomial, p < .02), only the latest count. A
        provision on which some actor's last word runs against the claim cannot carry it.
    Null: on every provision at least one named actor favours it on no more than two thirds of its occasions, and rows are
        miscoded in favour with probability e (--error, .05); binomial. The p of a provision is the largest of its actors',
        that of the finding Simes's over provisions. Contradicted: on every provision some actor favours it on fewer than two
        thirds, rows miscoded against with probability e. With --claim unacceptable the sides are turned: some named actor rejects
        no provision on more than two thirds of its occasions; p is the largest of the actors' Simes p over provisions.
    Assumes: a label "agreement:provision" of a statement or vote, or a bare number or heading that no other provision in the
        store has, means this provision; yes accepts it and no rejects it. A neutral stance is an occasion that neither favours
        nor rejects. Rows of one day are one occasion; runs within four weeks lower the count. Words are taken as positions,
        whether sincere or not.
    Abstains: "untested" where no provision has so many occasions of every named actor that even unanimity would pass, and
        not every provision has enough of some actor to block it; where all rows carry the same sign, since then nothing shows
        that the coding can tell acceptance from rejection.
    References: Clopper & Pearson (1934), Biometrika 26:404-413; Berger (1982), Technometrics 24:295-300, for the least willing
        actor; Simes (1986), Biometrika 73:751-754; Agrawal & Srikant (1994), Proc. 20th VLDB, 487-499, for the packages.
    """
    positions = read(run)
    if positions is None:
        return Measured(found="", untested=f"The evidence holds no provisions. {ADD} provisions")
    refuses = run.options["claim"] == "unacceptable"
    if not refuses and len(positions.actors) < 2:
        raise BadOption("actors", positions.actors[0], "wants two or more actors, or --claim unacceptable")
    if not positions.raw.any():
        label = f"{run.options['agreement']}:{positions.provisions[0]}"
        why = f"No statement or vote of the named actors carries a label of this agreement, such as '{label}'. {ADD} statements"
        return Measured(found="", untested=why)
    error = float(run.options["error"])
    judged = _judged(positions, error)
    rows = _rows(positions)
    shared: dict[str, Any] = {
        "n": int(positions.raw.sum()), "items": _items(positions, judged, error, refuses), "evidence": rows[:1000], "evidence_total": len(rows),
        "details": _details(run, positions, judged, error), "caveats": _caveats(run, positions, error),
    }  # fmt: skip
    count = len(positions.provisions)
    enough = packages.unanimous(MARGIN, error, TAIL / count)
    found = _found(positions, judged)
    why = _too_thin(positions, enough, error, refuses)
    if why:
        return Measured(found=found, untested=why, n_needed=enough, **shared)
    if refuses:
        return refused(positions, found, error, MARGIN, shared)
    best = int(np.lexsort((-_share(positions).min(axis=0), judged.accept_p))[0])
    p = simes(judged.accept_p.tolist())
    return Measured(
        found=found,
        estimate=float(_share(positions)[:, best].min()) if positions.raw[:, best].all() else None,
        interval=judged.value,
        p_value=p,
        p_contradicted=float(judged.block_p.max()),
        n_needed=_needed(positions, best, error, count),
        **shared,
    )


def _judged(positions: Positions, error: float) -> Judged:
    n, k, against = positions.n, positions.k, positions.against
    actors = n.shape[0]
    accept = packages.above(k, n, MARGIN, error)
    block = packages.below(k, n, MARGIN, error)
    refuse = packages.above(against, n, 1 - REJECTS, error)
    low, high = packages.bounds(k, n, TAIL, error)
    most = packages.bounds(k, n, TAIL / actors, error)[1].min(axis=0)
    return Judged(
        accept=accept, refuse=refuse, block=block, low=low, high=high, chance=packages.probability(k, n, MARGIN, error),
        accept_p=np.where((positions.last_sign < 0).any(axis=0), 1.0, accept.max(axis=0)), block_p=np.minimum(1.0, actors * block.min(axis=0)),
        value=(packages.largest_share(k, n, TAIL, error), float(most.max())),
    )  # fmt: skip


def _share(positions: Positions) -> Array:
    return np.asarray(positions.k / np.maximum(positions.n, 1e-12))


def _too_thin(positions: Positions, enough: int, error: float, refuses: bool) -> str:
    if not positions.varied:
        return f"All rows carry the same sign: nothing shows that the coding tells acceptance from rejection. {ADD} statements"
    q = MARGIN + error * (1 - MARGIN)
    able = q**positions.n <= TAIL / len(positions.provisions)
    if refuses and able.any(axis=1).all():
        return ""
    blocks = not refuses and len(positions.actors) * (1 - MARGIN * (1 - error)) ** positions.n <= ALPHA
    if not refuses and (able.all(axis=0).any() or np.asarray(blocks).any(axis=0).all()):
        return ""
    if refuses:
        return (
            f"Not every named actor has spoken often enough on any provision: {enough} recent occasions would do, if all were against. "
            f"{ADD} statements"
        )
    return (
        f"On no provision has every named actor spoken often enough: {enough} recent occasions each would do, if all were "
        f"favourable. {ADD} statements"
    )


def _needed(positions: Positions, best: int, error: float, provisions: int) -> int | None:
    """Occasions of the least willing actor on the best provision that would decide, if its share stayed as it is."""
    share = float(_share(positions)[:, best].min())
    q = MARGIN + error * (1 - MARGIN)
    if share <= q + 0.02:
        return None
    sizes = np.arange(1, 2001)
    passing = packages.above(share * sizes, sizes.astype(float), MARGIN, error) <= TAIL / provisions
    return int(sizes[passing][0]) if passing.any() else None


def _verdicts(positions: Positions, judged: Judged) -> list[list[str]]:
    """A word for each actor and provision: accepts, rejects, unclear, silent."""
    return [
        [
            "silent" if not positions.raw[i, j]
            else "accepts" if judged.low[i, j] > MARGIN
            else "rejects" if judged.refuse[i, j] < TAIL
            else "does not accept" if judged.high[i, j] < MARGIN
            else "unclear"
            for j in range(len(positions.provisions))
        ]
        for i in range(len(positions.actors))
    ]  # fmt: skip


def _telling(positions: Positions, actor: int, provision: int) -> list[str]:
    """Rows on one provision, those on the prevailing side first, latest first."""
    rows = positions.rows.get((actor, provision), [])
    side = 1 if positions.k[actor, provision] >= positions.against[actor, provision] else -1
    return [r for r, s in rows if s == side] + [r for r, s in rows if s != side]


def _items(positions: Positions, judged: Judged, error: float, refuses: bool) -> list[Item]:
    """Each actor and provision with what was asked: acceptance, or with `refuses` rejection."""
    cells = [(i, j) for i, j in np.ndindex(positions.n.shape) if positions.raw[i, j]]
    p, low, high, share = judged.accept, judged.low, judged.high, _share(positions)
    if refuses:
        p, share = judged.refuse, np.asarray(positions.against / np.maximum(positions.n, 1e-12))
        low, high = packages.bounds(positions.against, positions.n, TAIL, error)
    q = benjamini_hochberg([float(p[c]) for c in cells])
    items = [
        Item(
            key={"actor": positions.actors[i], "provision": positions.provisions[j]}, estimate=float(share[i, j]),
            interval=(float(low[i, j]), float(high[i, j])), p_value=float(p[i, j]), q_value=value,
            evidence=_telling(positions, i, j)[:SHOWN],
        )
        for (i, j), value in zip(cells, q, strict=True)
    ]  # fmt: skip
    return [items[k] for k in np.argsort([float(p[c]) for c in cells], kind="stable")]


def _rows(positions: Positions) -> list[str]:
    order: dict[str, None] = {}
    for depth in range(max((len(r) for r in positions.rows.values()), default=0)):
        for rows in positions.rows.values():
            if depth < len(rows):
                order[rows[depth][0]] = None
    return list(order)


def _details(run: Run, positions: Positions, judged: Judged, error: float) -> dict[str, Any]:
    words = _verdicts(positions, judged)
    share, joint = _share(positions), judged.chance.prod(axis=0)
    heard = (positions.raw > 0).all(axis=0)
    together = np.where(heard, joint, 0.0)
    found = packages.best_packages(together)
    closest = int(np.argmax(together)) if heard.any() else None
    return {
        "cells": [
            {
                "actor": positions.actors[i], "provision": positions.provisions[j], "heading": positions.headings[j], "verdict": words[i][j],
                "share": float(share[i, j]) if positions.raw[i, j] else None, "interval": [float(judged.low[i, j]), float(judged.high[i, j])],
                "occasions": int(positions.raw[i, j]), "aged_occasions": float(positions.n[i, j]), "last": positions.last[i, j] or None, "turned": positions.turned[i, j] or None,
                "p_accepts": float(judged.accept[i, j]), "p_rejects": float(judged.refuse[i, j]), "probability": float(judged.chance[i, j]),
                "rows": _telling(positions, i, j)[:5],
            }
            for i, j in np.ndindex(positions.n.shape)
        ][:2000],
        "provisions": [_provision(positions, judged, words, j) for j in range(len(positions.provisions))],
        "packages": [
            {"provisions": [positions.provisions[m] for m in p.members], "probability": p.probability, "least": 0.5} for p in found
        ],
        "closest": None if closest is None else {"provision": positions.provisions[closest], "probability": float(together[closest])},
        "concessions": _concessions(positions, judged),
        "coders": coders_details(run.evidence, since=run.options["since"], until=run.options["until"]),
        "half_life_from": positions.reference, "runs": positions.spread, "error": error, "margin": MARGIN,
    }  # fmt: skip


def _provision(positions: Positions, judged: Judged, words: list[list[str]], j: int) -> dict[str, Any]:
    least = int(np.argmin(judged.chance[:, j]))
    blocking = [positions.actors[i] for i in range(len(words)) if words[i][j] in ("rejects", "does not accept")]
    return {
        "provision": positions.provisions[j], "heading": positions.headings[j], "blocked_by": blocking,
        "silent": [positions.actors[i] for i in range(len(words)) if words[i][j] == "silent"],
        "least_willing": positions.actors[least] if positions.raw[:, j].all() else None, "p_all_accept": float(judged.accept_p[j]),
        "accepted_by_all": all(w[j] == "accepts" for w in words), "probability": float(judged.chance[:, j].prod()),
    }  # fmt: skip


def _concessions(positions: Positions, judged: Judged) -> list[dict[str, Any]]:
    """What changes if one actor came to accept one provision: the probability that all accept it, and the largest package."""
    heard = np.asarray((positions.raw > 0).all(axis=0))
    joint = np.where(heard, judged.chance.prod(axis=0), 0.0)
    size = max((len(p.members) for p in packages.best_packages(joint, most=1)), default=0)
    found: list[dict[str, Any]] = []
    for i, j in np.ndindex(judged.chance.shape):
        others = np.delete(judged.chance[:, j], i)
        after = float(others.prod())
        if not heard[j] or after < 0.5 or judged.chance[i, j] >= 0.5:
            continue
        changed = joint.copy()
        changed[j] = after
        grown = max((len(p.members) for p in packages.best_packages(changed, most=1)), default=0)
        found.append(
            {"actor": positions.actors[i], "provision": positions.provisions[j], "before": float(joint[j]), "after": after,
             "package_before": size, "package_after": grown}
        )  # fmt: skip
    return sorted(found, key=lambda c: (-float(c["after"]) + float(c["before"]), str(c["provision"]), str(c["actor"])))[
        :20
    ]


def _found(positions: Positions, judged: Judged) -> str:
    words = _verdicts(positions, judged)
    agreed = [p for j, p in enumerate(positions.provisions) if all(w[j] == "accepts" for w in words)]
    blocked = sum(any(w[j] in ("rejects", "does not accept") for w in words) for j in range(len(positions.provisions)))
    text = (
        f"{len(positions.actors)} actor{'s' * (len(positions.actors) > 1)} on {len(positions.provisions)} provisions; {blocked} {'is' if blocked == 1 else 'are'} blocked by somebody"
    )
    if agreed:
        text += f", all accept {', '.join(agreed[:5])} taken one by one"
    refused = [
        f"{a} rejects {', '.join(some[:5])}"
        for a, row in zip(positions.actors, words, strict=True)
        if (some := [p for p, w in zip(positions.provisions, row, strict=True) if w == "rejects"])
    ]
    return text + (f" ({'; '.join(refused[:4])})." if refused else ".")


def _caveats(run: Run, positions: Positions, error: float) -> list[str]:
    found = [
        f"Occasions lose half their weight every {float(run.options['halflife']):g} days before {positions.reference}.",
        f"Rows are taken as miscoded with probability {error:.2g}, in the direction that hurts the conclusion; change it with --error.",
        "Packages multiply probabilities as if acceptance of one provision told nothing about another; they describe, they do not test.",
    ]
    if positions.spread > 1.05:
        found.append(f"Occasions go in runs: {positions.spread:.1f} of them count as one.")
    turned = [(a, p, str(positions.turned[i, j])) for i, a in enumerate(positions.actors) for j, p in enumerate(positions.provisions) if positions.turned[i, j]]
    if turned:
        shown = "; ".join(f"{a} on {p} since {day}" for a, p, day in turned[:5])
        found.append(f"Latest occasions run against the earlier ones, and only they count: {shown}{f' and {len(turned) - 5} more' if len(turned) > 5 else ''}.")
    if positions.blocs:
        found.append(
            f"{', '.join(positions.blocs)}: the members' rows are taken together; one of them may stand apart."
        )
    if positions.ambiguous:
        shown = ", ".join(positions.ambiguous[:5])
        found.append(
            f"Other agreements have provisions numbered {shown} too; only labels such as '{run.options['agreement']}:{positions.ambiguous[0]}' count for them."
        )
    if any(r.startswith("votes:") for rows in positions.rows.values() for r, _ in rows):
        found.append("A yes on a motion with a provision's label is taken as accepting the provision.")
    found += coders_caveat(coders_details(run.evidence, since=run.options["since"], until=run.options["until"]))
    return found


def ask(options: Mapping[str, Any], label: Callable[[str], str]) -> str:
    """The question in plain words."""
    names = [label(str(a)) for a in options.get("actors") or ["the parties"]]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    if options.get("claim") == "unacceptable":
        each = "" if len(names) == 1 else " each"
        return f"Does {options.get('agreement') or 'the agreement'} hold a provision that {listed}{each} reject{'s' if len(names) == 1 else ''}{window_text(options)}?"
    return f"Is there a provision of {options.get('agreement') or 'the agreement'} that {listed} all accept{window_text(options)}?"


INSTRUMENT = Instrument(
    name="deal",
    question="Which provisions does each actor accept, and is there a zone of agreement?",
    kinds=(Kind.DEAL_TERMS,),
    needs=(
        Need("provisions", "what is on the table", ("agreement", "provision", "heading")),
        Need("statements", "positions", ("statement", "at", "actor", "issue", "stance")),
        Need("votes", "positions", ("motion", "at", "actor", "issue", "choice")),
    ),
    options=(
        Option(
            "agreement", "text", "the agreement, as named in the provisions table", required=True, ask="which agreement"
        ),
        Option(
            "actors",
            "actors",
            "whose acceptance is asked",
            required=True,
            least=1,
            most=None,
            ask="whose acceptance is asked",
        ),
        Option(
            "claim",
            "choice",
            "that a provision is accepted by all, or that each of them rejects one",
            default="acceptable",
            choices=("acceptable", "unacceptable"),
            fill=asserted,
        ),
        Option("since", "date", "first day looked at"),
        Option("until", "date", "last day looked at; ages are counted from it"),
        Option("halflife", "number", "days after which an occasion counts half", default=365.0, low=1, high=36500),
        Option("error", "number", "chance that a row shows the wrong sign", default=0.05, low=0, high=0.3),
    ),
    unit="share of the least willing actor's occasions that favour the most acceptable provision",
    margin=MARGIN,
    measure=measure,
    ask=ask,
    charts=charts,
    world=deal_worlds.world,
)

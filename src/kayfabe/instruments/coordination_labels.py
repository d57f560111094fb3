"""What a pair that stands looks like: syndication, one owner, a schedule. Labels explain; they never excuse or accuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kayfabe.instruments.coordination_rows import Shown

if TYPE_CHECKING:
    from kayfabe.stats.coshare_analysis import Analysis

Array = np.ndarray[Any, Any]


def describe(known: Shown, analysis: Analysis, k: int) -> dict[str, Any]:
    """The features and labels of pair k: overlap coefficient of the objects, share of the commonest domain among the common ones,
    median |delay| and median signed delay in seconds, share of co-shares in the usual order, share of round times."""
    pairs, met = analysis.pairs, analysis.meetings
    mine, theirs = (_slice(known, int(code)) for code in (pairs.a[k], pairs.b[k]))
    objects = [np.unique(known.obj[part]) for part in (mine, theirs)]
    shared = np.intersect1d(objects[0], objects[1])
    overlap = len(shared) / max(1, min(len(o) for o in objects))
    rows = slice(int(pairs.first[k]), int(pairs.first[k] + pairs.met[k]))
    close = analysis.met.close[rows]
    one, two = met.one[rows][close], met.two[rows][close]
    lag = (analysis.shares.at[two] - analysis.shares.at[one]) / 1e6
    domains = [d for d, o in zip(known.domain[mine], known.obj[mine], strict=True) if d and o in set(shared.tolist())]
    domain = max(domains.count(d) for d in set(domains)) / len(domains) if domains else None
    times = np.concatenate([analysis.shares.at[one], analysis.shares.at[two]])
    step = max(analysis.surroundings.grain / 1e6, 1.0)
    found: dict[str, Any] = {
        "overlap": overlap,
        "one_domain": domain,
        "median_delay": float(np.median(np.abs(lag))) if len(lag) else None,
        "median_lag": float(np.median(lag)) if len(lag) else None,
        "same_order": float(max((lag > 0).mean(), (lag < 0).mean())) if len(lag) else None,
        "round_times": float((times % 300_000_000 == 0).mean()) if len(times) else None,
    }
    found["labels"] = _labels(found, lag, step)
    return found


def _labels(found: dict[str, Any], lag: Array, step: float) -> list[str]:
    labels = []
    if found["overlap"] >= 0.5 and found["one_domain"] is None:
        labels.append("mostly the same objects (domains unknown)")
    elif found["overlap"] >= 0.5 and found["one_domain"] >= 0.8:
        labels.append("syndication or a common owner")
    if found["round_times"] is not None and found["round_times"] >= 0.5:
        labels.append("round times (a schedule)")
    if len(lag) >= 3 and abs(found["median_lag"]) > step and np.abs(lag - found["median_lag"]).max() <= 2 * step:
        labels.append("constant lag (automatic)")
    elif len(lag) >= 6 and found["same_order"] == 1:
        labels.append("constant order (one follows the other)")
    return labels


def _slice(known: Shown, account: int) -> slice:
    return slice(
        int(np.searchsorted(known.account, account)), int(np.searchsorted(known.account, account, side="right"))
    )

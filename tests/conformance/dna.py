"""Adapter: a configuration in the argument names of Discourse Network Analyzer, and its results, from kayfabe.

`run(config, statements)` takes the statements as dicts of text (statement_id, date, document_id, section, and the variables)
and returns what the fixture holds under "matrices"; for a bar plot one dict with "values", "counts" and "levels".
"""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import numpy as np

from kayfabe.networks.definitions import Definition
from kayfabe.networks.discourse import Network, networks
from kayfabe.networks.duplicates import first_of_repeats
from kayfabe.networks.statements import Statements, coded

_MODES = {"onemode": "one-mode", "twomode": "two-mode"}
_NORMALISE = {"no": "none"}
_DUPLICATES = {"acrossrange": "range"}
_KNOWN = {"op", "networkType", "variable1", "variable2", "qualifier", "qualifierAggregation", "normalization", "duplicates",
          "startDate", "stopDate", "timeWindow", "windowSize", "kernel", "indentTime", "excludeVariables", "excludeValues",
          "invertValues", "excludeSections", "invertSections", "distance", "normalizeToOne"}  # fmt: skip


def run(config: dict[str, Any], statements: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The results that DNA 3.1.2 would give. Raises NotImplementedError for what kayfabe does not reproduce."""
    unknown = sorted(config.keys() - _KNOWN)
    if config["op"] not in ("network", "timewindow", "barplot") or config.get("timeWindow") == "events" or unknown:
        raise NotImplementedError(unknown or config)
    kept = [s for s in statements if _wanted(s, config)]
    coded_ = _coded(kept, config)
    if config["op"] == "barplot":
        return [_bars(coded_, _DUPLICATES.get(config.get("duplicates"), config.get("duplicates", "include")))]
    wanted = _definition(config)
    found = networks(coded_, wanted, indent=config.get("indentTime"))
    if wanted.window is None:
        middle = _middle(statements, config)
        return [_matrix(n, middle) for n in found]
    results = [_matrix(n, n.middle.astype(dt.datetime), kernel=wanted.kernel != "none") for n in found]
    return [_to_one(r) for r in results] if config.get("normalizeToOne") else results


def polarisation(statements: list[dict[str, str]]) -> tuple[list[int], float]:
    """(division into two camps of even size, score) as DNA gives them for all statements: the division of the largest score.

    Its score is half the distance of both matrices, divided by their joint sum, from perfectly polarised ones, in which
    congruence lies within camps alone and conflict between them alone; so the division that it keeps is the one that fits least.
    """
    sides = [
        np.array(run(_SIDE | {"qualifierAggregation": stance}, statements)[0]["values"])
        for stance in ("congruence", "conflict")
    ]
    n = len(sides[0])
    found = []
    for ones in itertools.combinations(range(n), n // 2):
        camp = np.isin(np.arange(n), ones).astype(int)
        found.append((polarisation_score(*sides, camp), tuple(camp.tolist())))
    score, best = max(found, key=lambda f: (round(f[0], 12), [-c for c in f[1]]))
    return list(best), score


_SIDE = {"op": "network", "networkType": "onemode", "normalization": "average"}


def polarisation_score(congruence: np.ndarray, conflict: np.ndarray, camp: np.ndarray) -> float:
    """DNA's score of one division, of symmetric matrices (n, n) with empty diagonals."""
    joint = congruence.sum() + conflict.sum()
    congruence, conflict = congruence / joint, conflict / joint
    apart = ~np.eye(len(camp), dtype=bool)
    same = (camp[:, None] == camp[None, :]) & apart
    size = np.bincount(camp)
    within, between = float(same.sum()), float((~same & apart).sum())
    share = (size * (size - 1) / within)[camp][:, None] * congruence.sum() / within
    across = (size[camp][:, None] * size[camp][None, :] / between) * conflict.sum() / between
    inside = np.abs(congruence - share) + conflict
    outside = congruence + np.abs(conflict - across)
    return float(0.5 * (inside[same].sum() + outside[~same & apart].sum()))


def _to_one(result: dict[str, Any]) -> dict[str, Any]:
    values = np.array(result["values"])
    return result | {"values": (values / values.sum()).tolist() if values.sum() else result["values"]}


def filtered(config: dict[str, Any], statements: list[dict[str, str]]) -> int:
    """How many statements are left after exclusion and the removal of repeats."""
    kept = [s for s in statements if _wanted(s, config)]
    wanted = _definition(config)
    return sum(len(n.statements) for n in networks(_coded(kept, config), wanted))


def _definition(config: dict[str, Any]) -> Definition:
    unit = config.get("timeWindow", "no")
    kernel = config.get("kernel", "no")
    mode = _MODES[config["networkType"]]
    stance = config.get("qualifierAggregation", "ignore")
    return Definition(
        mode=mode,
        stance="ignore" if config.get("qualifier") == "none" else stance,
        normalise=_NORMALISE.get(config.get("normalization", "no"), config.get("normalization", "no")),
        duplicates=_DUPLICATES.get(config.get("duplicates", "include"), config.get("duplicates", "include")),
        window=None if unit == "no" else unit,
        width=int(config.get("windowSize", 1)),
        kernel="none" if kernel == "no" else kernel,
        compat="dna",
    )


def _day(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%d.%m.%Y")


def _wanted(statement: dict[str, str], config: dict[str, Any]) -> bool:
    at = dt.datetime.fromisoformat(statement["date"])
    if "startDate" in config and at < _day(config["startDate"]):
        return False
    if "stopDate" in config and at >= _day(config["stopDate"]) + dt.timedelta(days=1):
        return False
    if "excludeSections" in config:
        sections = config["excludeSections"]
        named = statement["section"] in ([sections] if isinstance(sections, str) else sections)
        if named != bool(config.get("invertSections")):
            return False
    excluded: dict[str, list[str]] = {}
    for variable, value in zip(config.get("excludeVariables", []), config.get("excludeValues", []), strict=True):
        excluded.setdefault(variable, []).append(value)
    invert = bool(config.get("invertValues"))
    return all((statement[variable] in values) == invert for variable, values in excluded.items())


def _coded(statements: list[dict[str, str]], config: dict[str, Any]) -> Statements:
    qualifier = config.get("qualifier", "agreement")
    levels: list[Any] = ["" if qualifier == "none" else s[qualifier] for s in statements]
    if levels and all(v.lstrip("-").isdigit() for v in levels):
        numbers = [int(v) for v in levels]
        boolean = set(numbers) <= {0, 1}
        levels = [2.0 * v - 1 if boolean else float(v) for v in numbers]
    return coded(
        at=np.array([s["date"] for s in statements], dtype="datetime64[us]"),
        node=[s[config.get("variable1", "organization")] for s in statements],
        through=[s[config.get("variable2", "concept")] for s in statements],
        level=np.array(levels),
        document=[s["document_id"] for s in statements],
        rows=[s["statement_id"].rjust(12, "0") for s in statements],
    )


def _middle(statements: list[dict[str, str]], config: dict[str, Any]) -> dt.datetime:
    times = [dt.datetime.fromisoformat(s["date"]) for s in statements]
    start, stop = min(times), max(times)
    if "startDate" in config:
        start = max(start, _day(config["startDate"]))
    if "stopDate" in config:
        stop = min(stop, _day(config["stopDate"]) + dt.timedelta(seconds=86399))
    return start + dt.timedelta(seconds=int((stop - start).total_seconds()) // 2)


def _matrix(network: Network, middle: dt.datetime, *, kernel: bool = False) -> dict[str, Any]:
    shown = middle.isoformat(timespec="seconds" if middle.second else "minutes")
    n = 0 if kernel else len(network.statements)
    values = network.matrix().tolist()
    if not n and not kernel:
        values = []
    return {"rows": list(network.nodes), "cols": list(network.others), "date": shown, "n": n, "values": values}


def _bars(statements: Statements, duplicates: str) -> dict[str, Any]:
    kept = statements.take(first_of_repeats(statements, duplicates, by=("node", "level"), dna=True))
    cells = kept.cells().toarray().reshape(len(kept.nodes), len(kept.throughs), -1).sum(axis=1)
    levels = [int(v) for v in kept.levels]
    if set(levels) <= {-1, 1}:
        levels = [int(v > 0) for v in levels]
    return {"values": list(kept.nodes), "counts": cells.astype(int).tolist(), "levels": levels}

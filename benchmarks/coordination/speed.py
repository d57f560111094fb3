"""Time and memory of the coordination instrument beside coordination-network-toolkit.

    python benchmarks/coordination/speed.py [--rows 1000000 ...] [--bursty] [--what pairs network instrument] [--peer PYTHON]

Each measurement runs in a process of its own; wall and CPU seconds and peak memory are of the work after the rows are in place
(kayfabe: a store in memory; the peer: its own load into SQLite and compute, from the same CSV). `--peer` names a Python that has the toolkit,
which is then measured in the same run. Prints one line of a table for each.
The ordinary world: 1 account per 8 rows, 30 communities, 60 days, a quarter of the objects bursting with medians of 2 to 8 minutes
(see kayfabe.instruments.coordination_worlds.Platform); the bursty world: nine in ten, medians of 2 to 4 minutes.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import run
from kayfabe.instruments.coordination import INSTRUMENT
from kayfabe.instruments.coordination_worlds import Platform, Ring, Simulated, simulate
from kayfabe.networks import posts
from kayfabe.stats.coshare_analysis import analyse

PEER = """
import json, resource, sqlite3, sys, time
from coordination_network_toolkit import preprocess
start = time.time()
preprocess.preprocess_csv_files(sys.argv[2], [sys.argv[1]])
loaded = time.time()
from coordination_network_toolkit import compute_networks as c
c.compute_co_link_network(sys.argv[2], time_window=60, n_threads=2)
done = time.time()
use = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
edges = sqlite3.connect(sys.argv[2]).execute("select count(*) from co_link_network").fetchone()[0]
print(json.dumps({"edges": edges, "wall": done - start, "load": loaded - start, "cpu": sum(u.ru_utime + u.ru_stime for u in use), "MB": max(u.ru_maxrss for u in use) / 1024}))
"""


def world(rows: int, bursty: bool) -> Simulated:
    platform = Platform(
        accounts=rows // 8, rows=rows, communities=30, days=60, clubs=rows // 5000, again=0.15,
        bursting=0.9 if bursty else 0.25, burst=(120.0, 240.0) if bursty else (120.0, 480.0),
    )  # fmt: skip
    return simulate(np.random.default_rng(1), platform, (Ring(),) * 20)


def measured(rows: int, bursty: bool, what: str) -> dict[str, object]:
    made = world(rows, bursty)
    stages: list[tuple[str, float]] = []
    if what == "pairs":
        at = np.round(made.at * 1e6).astype(np.int64)

        def work() -> dict[str, object]:
            done = analyse(
                made.obj, made.account, at, len(made.ring), 60_000_000, lambda s, d, n: stages.append((s, time.time()))
            )
            return {
                "pairs": len(done.pairs.p),
                "meetings": len(done.met.obj),
                "stars": len(done.stars.p),
                "strict": int((done.pairs.q < 0.05).sum()),
                "groups": len(done.groups),
            }
    else:
        evidence = Evidence.from_tables({"posts": made.table()})

        def work() -> dict[str, object]:
            if what == "network":
                return {"edges": len(posts.edges(evidence, window=60)["from"])}
            found = run(INSTRUMENT, {}, evidence).measured
            return {
                "pairs": found.n,
                "strict": found.details.get("strict"),
                "groups": len(found.details.get("groups", [])),
                "untested": found.untested,
            }

    before, started = resource.getrusage(resource.RUSAGE_SELF), time.time()
    result = work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    spent: dict[str, float] = {}
    for (stage, begin), (_, end) in zip(stages, [*stages, ("", time.time())][1:], strict=True):
        spent[stage] = round(spent.get(stage, 0) + end - begin, 2)
    return {
        "rows": len(made.obj), "what": what, "wall": round(time.time() - started, 2), "cpu": round(cpu, 2),
        "MB at start": before.ru_maxrss // 1024, "MB peak": after.ru_maxrss // 1024, **result, "stages": spent,
    }  # fmt: skip


def peer(python: str, rows: int, bursty: bool) -> dict[str, object]:
    made = world(rows, bursty)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "posts.csv"
        with path.open("w", newline="", encoding="utf-8") as out:
            rows_out = csv.writer(out)
            rows_out.writerow(
                ["message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp", "urls"]
            )
            for k, (a, o, t) in enumerate(zip(made.account.tolist(), made.obj.tolist(), made.at.tolist(), strict=True)):
                rows_out.writerow([f"p{k}", f"u{a}", f"u{a}", "", "", "", int(t), f"http://x.org/{o}"])
        got = subprocess.run(
            [python, "-c", PEER, str(path), str(Path(folder) / "db.sqlite")], capture_output=True, text=True, check=True
        )
    return {"rows": len(made.obj), "what": "coordination-network-toolkit", **json.loads(got.stdout.splitlines()[-1])}


def line(found: dict[str, object]) -> str:
    """A row of the table: what, rows, result, wall s, CPU s, peak MB."""
    result = found.get("pairs", found.get("edges", ""))
    peak = found.get("MB peak", found.get("MB", 0))
    cells = [found["what"], f"{found['rows']:,}", f"{result:,}", found["wall"], found["cpu"], peak]
    return "| " + " | ".join(f"{c:,.1f}" if isinstance(c, float) else str(c) for c in cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--bursty", action="store_true")
    parser.add_argument("--what", nargs="*", choices=["pairs", "network", "instrument"], default=["instrument"])
    parser.add_argument("--peer", default="")
    parser.add_argument("--one", action="store_true", help="measure in this process and print JSON")
    asked = parser.parse_args()
    if asked.one:
        json.dump(measured(asked.rows[0], asked.bursty, asked.what[0]), sys.stdout)
        print()
        return
    print("| what | posts | pairs or edges | wall s | CPU s | peak MB |\n|---|---|---|---|---|---|", flush=True)
    for rows in asked.rows:
        for what in asked.what:
            command = [sys.executable, __file__, "--one", "--rows", str(rows), "--what", what]
            command += ["--bursty"] if asked.bursty else []
            got = subprocess.run(command, capture_output=True, text=True, check=True)
            print(line(json.loads(got.stdout)), flush=True)
        if asked.peer:
            print(line(peer(asked.peer, rows, asked.bursty)), flush=True)


if __name__ == "__main__":
    main()

"""Time and memory of the coordination instrument beside coordination-network-toolkit, and how they grow.

    python benchmarks/coordination/speed.py [--rows 1000000 ...] [--bursty] [--what pairs network instrument] [--peer PYTHON]
    python benchmarks/coordination/speed.py --draw benchmarks/coordination/measured.jsonl

Each measurement runs in a process of its own; wall and CPU seconds are of the work after the rows are in place (kayfabe: a store on disk,
or arrays for `pairs`; the peer: its own load into SQLite and compute, from the same rows as CSV), peak memory is the process's. `--peer`
names a Python that has the toolkit, which is then measured in the same run. Prints one line of a table for each; `--keep FILE` also
appends them to a file, from which `--draw` makes growth.svg beside it.
The ordinary world: 1 account per 8 rows, 30 communities, 60 days, a quarter of the objects bursting with medians of 2 to 8 minutes
(see kayfabe.instruments.coordination_worlds.Platform); the bursty world: nine in ten, medians of 2 to 4 minutes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import vl_convert

from kayfabe.evidence import Evidence
from kayfabe.evidence.engine import connect, create_tables
from kayfabe.instruments import run
from kayfabe.instruments.coordination import INSTRUMENT
from kayfabe.instruments.coordination_worlds import Platform, Ring, Simulated, simulate
from kayfabe.networks import posts
from kayfabe.progress import Progress
from kayfabe.stats.coshare_analysis import analyse

TOOLKIT = "coordination-network-toolkit"
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


def place(made: Simulated, path: Path) -> None:
    """A store of these posts."""
    con = connect(path)
    create_tables(con)
    con.register("given", {"a": made.account, "o": made.obj, "t": np.round(made.at * 1e6).astype(np.int64)})
    con.execute(
        "insert into posts_all (post, \"at\", account, object) select 'p' || row_number() over (), make_timestamp(t + 1709251200000000), "
        "'u' || a, 'o' || o from given"
    )
    con.close()


def measured(rows: int, bursty: bool, what: str, folder: Path) -> dict[str, object]:
    stages: list[tuple[str, float]] = []

    def step(stage: str, done: int, total: int | None) -> None:
        stages.append((stage, time.time()))

    if what == "pairs":
        with np.load(folder / "world.npz") as kept:
            obj, account, at, accounts = (kept[name] for name in ("obj", "account", "at", "accounts"))

        def work() -> dict[str, object]:
            done = analyse(obj, account, at, int(accounts), 60_000_000, step)
            return {
                "pairs": len(done.pairs.p),
                "meetings": len(done.met.obj),
                "stars": len(done.stars.p),
                "strict": int((done.pairs.q < 0.05).sum()),
                "groups": len(done.groups),
            }
    else:
        evidence = Evidence.open(folder / "store.duckdb")
        progress = Progress(lambda s: step(s.stage, s.done, s.total))

        def work() -> dict[str, object]:
            if what == "network":
                return {"edges": len(posts.edges(evidence, window=60, progress=progress)["from"])}
            found = run(INSTRUMENT, {}, evidence, progress=progress).measured
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
        "what": what, "wall": round(time.time() - started, 2), "cpu": round(cpu, 2),
        "MB at start": before.ru_maxrss // 1024, "MB peak": after.ru_maxrss // 1024, **result, "stages": spent,
    }  # fmt: skip


def peer(python: str, folder: Path) -> dict[str, object]:
    command = [python, "-c", PEER, str(folder / "posts.csv"), str(folder / "db.sqlite")]
    got = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"what": TOOLKIT, **json.loads(got.stdout.splitlines()[-1])}


def written(rows: int, bursty: bool, folder: Path, csv_too: bool) -> int:
    """The world as arrays, as a store and, for the peer, as CSV; the number of its posts."""
    made = world(rows, bursty)
    np.savez(
        folder / "world.npz", obj=made.obj.astype(np.int32), account=made.account.astype(np.int32),
        at=np.round(made.at * 1e6).astype(np.int64), accounts=len(made.ring),
    )  # fmt: skip
    place(made, folder / "store.duckdb")
    if csv_too:
        con = duckdb.connect(str(folder / "store.duckdb"), read_only=True)
        con.execute(
            "copy (select post as message_id, account as user_id, account as username, '' as repost_id, '' as reply_id, '' as message, "
            f"epoch_us(\"at\") // 1000000 as timestamp, 'http://x.org/' || object as urls from posts_all) to '{folder / 'posts.csv'}' (header)"
        )
        con.close()
    return len(made.obj)


def line(found: dict[str, object]) -> str:
    """A row of the table: what, rows, result, wall s, CPU s, peak MB."""
    result = found.get("pairs", found.get("edges", ""))
    peak = found.get("MB peak", found.get("MB", 0))
    cells = [found["what"], f"{found['rows']:,}", f"{result:,}", found["wall"], found["cpu"], peak]
    return "| " + " | ".join(f"{c:,.1f}" if isinstance(c, float) else str(c) for c in cells) + " |"


def draw(path: Path) -> None:
    """growth.svg beside `path`: CPU seconds and peak memory against posts, one line for each measurement, both axes logarithmic."""
    rows = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    values = [
        {"posts": r["rows"], "what": str(r["what"]) + (", bursty" if r["bursty"] else ""), "CPU seconds": r["cpu"], "peak MB": r.get("MB peak", r.get("MB"))}
        for r in rows
    ]  # fmt: skip
    across = {"field": "posts", "type": "quantitative", "scale": {"type": "log"}, "axis": {"format": "~s"}}
    panels = [
        {
            "width": 320, "height": 260, "mark": {"type": "line", "point": True},
            "encoding": {
                "x": across, "y": {"field": field, "type": "quantitative", "scale": {"type": "log"}},
                "color": {"field": "what", "type": "nominal", "title": None}, "strokeDash": {"field": "what", "type": "nominal", "title": None},
            },
        }
        for field in ("CPU seconds", "peak MB")
    ]  # fmt: skip
    spec = {"data": {"values": values}, "hconcat": panels, "config": {"background": "white"}}
    path.with_name("growth.svg").write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--bursty", action="store_true")
    parser.add_argument("--what", nargs="*", choices=["pairs", "network", "instrument"], default=["instrument"])
    parser.add_argument("--peer", default="")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--draw", type=Path)
    parser.add_argument("--one", type=Path, help="measure the world in this folder, in this process, and print JSON")
    asked = parser.parse_args()
    if asked.draw:
        draw(asked.draw)
        return
    if asked.one:
        json.dump(measured(asked.rows[0], asked.bursty, asked.what[0], asked.one), sys.stdout)
        print()
        return
    print("| what | posts | pairs or edges | wall s | CPU s | peak MB |\n|---|---|---|---|---|---|", flush=True)
    for rows in asked.rows:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            # In a process of its own, so that the memory of making a world counts nowhere.
            with ProcessPoolExecutor(1) as making:
                posts_made = making.submit(written, rows, asked.bursty, folder, bool(asked.peer)).result()
            for what in [*asked.what, *([TOOLKIT] if asked.peer else [])]:
                if what == TOOLKIT:
                    found = peer(asked.peer, folder)
                else:
                    command = [sys.executable, __file__, "--one", name, "--rows", str(rows), "--what", what]
                    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                found = {"rows": posts_made, "bursty": asked.bursty, **found}
                print(line(found), flush=True)
                if asked.keep:
                    with asked.keep.open("a", encoding="utf-8") as out:
                        out.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()

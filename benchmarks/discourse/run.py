"""Time and memory of discourse networks on generated statements; writes README.md and growth.svg beside itself.

Run: python benchmarks/discourse/run.py [--quick]. Every measurement is a process of its own, from opening the store to the
file on disk or the finding (imports left out). Actors and issues are drawn from Zipf-like weights, stances are -1, 0 or 1, over ten years.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import vl_convert

from kayfabe.evidence import Evidence, store
from kayfabe.instruments import instruments, judge, run
from kayfabe.networks import Definition, networks, read_statements
from kayfabe.networks.edge_table import edge_table
from kayfabe.networks.exports import write_edges

HERE = Path(__file__).parent
ONE_MODE = {"one-mode congruence": {}, "one-mode average": {"normalise": "average"}}
KERNELS = {f"monthly windows, {k}": {"window": "months", "width": 6, "kernel": k} for k in ("epanechnikov", "gaussian")}
SIZES = (
    (10_000, 1_000, 100),
    (30_000, 1_500, 200),
    (100_000, 2_500, 300),
    (300_000, 4_000, 500),
    (1_000_000, 5_000, 1_000),
)
WINDOWED = ((10_000, 200, 50), (10_000, 1_000, 100), (30_000, 1_500, 200))
TWO = ["actor 0", "actor 1"]
TESTS: dict[str, tuple[str, dict[str, object]]] = {
    "test reversal": ("reversal", {"actor": "actor 0"}),
    "test influence, acts": ("influence", {"actors": TWO, "by": "acts"}),
    "test influence, positions": ("influence", {"actors": TWO, "by": "positions"}),
    "test accord, words only": ("accord", {"actors": TWO}),
}
TESTED = (SIZES[0], SIZES[2], SIZES[4])


def generate(path: Path, n: int, actors: int, issues: int) -> None:
    """A store of `n` statements."""
    rng = np.random.default_rng(n)
    weights = [1 / (np.arange(k) + 10.0) for k in (actors, issues)]
    who, what = (rng.choice(len(w), n, p=w / w.sum()) for w in weights)
    given = {"s": np.arange(n), "a": who, "i": what, "v": rng.choice([-1.0, 0.0, 1.0], n, p=[0.4, 0.1, 0.5]),
             "t": np.datetime64("2015-01-01", "us") + rng.integers(0, 3650 * 86_400, n) * 1_000_000, "d": rng.integers(0, n // 3, n)}  # fmt: skip
    con = duckdb.connect()
    con.register("given", given)
    file = path.with_suffix(".parquet")
    con.execute(f"""copy (select 's' || s as statement, t as "at", 'actor ' || a as actor, 'issue ' || i as issue,
        v as stance, 'd' || d as document from given) to '{file}' (format parquet)""")
    store.add(path, [file], "statements")
    file.unlink()


def measure(path: str, definition: str, out: str) -> None:
    """One network, from store to file; prints seconds, peak memory and edges as JSON."""
    begun = time.perf_counter()
    known = Evidence.open(Path(path))
    statements = read_statements(known)
    read = time.perf_counter()
    found = networks(statements, Definition(**json.loads(definition)))
    computed = time.perf_counter()
    table = edge_table(found, most=0)
    write_edges(table, Path(out))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"read": read - begun, "compute": computed - read, "write": time.perf_counter() - computed,
                      "seconds": time.perf_counter() - begun, "mb": peak, "edges": len(table)}))  # fmt: skip


def measure_test(path: str, name: str, options: str) -> None:
    """One test, from opening the store to the finding; prints seconds, peak memory and the verdict as JSON."""
    instrument = instruments()[name]
    begun = time.perf_counter()
    known = Evidence.open(Path(path))
    read = time.perf_counter()
    found = judge([run(instrument, json.loads(options), known)])[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"read": read - begun, "compute": time.perf_counter() - read, "write": 0.0,
                      "seconds": time.perf_counter() - begun, "mb": peak, "edges": 0, "verdict": str(found.verdict)}))  # fmt: skip


def main(quick: bool) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        plan: list[tuple[tuple[int, int, int], dict[str, Any]]] = [
            (s, ONE_MODE) for s in (SIZES[:2] if quick else SIZES)
        ]
        plan += [(s, KERNELS) for s in (WINDOWED[:2] if quick else WINDOWED)]
        plan += [(s, TESTS) for s in (TESTED[:1] if quick else TESTED)]
        for (n, actors, issues), definitions in plan:
            path = Path(folder) / f"{n}-{actors}.duckdb"
            if not path.exists():
                subprocess.run(
                    [sys.executable, __file__, "--make", str(path), str(n), str(actors), str(issues)], check=True
                )
            for name, definition in definitions.items():
                out = Path(folder) / "edges.csv"
                one = ["--one", str(path), json.dumps(definition), str(out)]
                if name in TESTS:
                    one = ["--test", str(path), definition[0], json.dumps(definition[1])]
                done = subprocess.run([sys.executable, __file__, *one], capture_output=True, text=True, check=True)
                rows.append(
                    {"network": name, "statements": n, "actors": actors, "issues": issues, **json.loads(done.stdout)}
                )
                print(rows[-1], flush=True)
    if not quick:
        (HERE / "README.md").write_text(_report(rows), encoding="utf-8")
        (HERE / "growth.svg").write_text(_chart(rows), encoding="utf-8")


def _report(rows: list[dict[str, object]]) -> str:
    head = (
        "| network | statements | actors | issues | edges | read s | compute s | write s | total s | peak MB |\n|"
        + "---|" * 10
    )
    body = [
        f"| {r['network']} | {r['statements']:,} | {r['actors']:,} | {r['issues']:,} | {r['edges']:,} | {r['read']:.2f} | "
        f"{r['compute']:.2f} | {r['write']:.2f} | {r['seconds']:.2f} | {r['mb']:,.0f} |"
        for r in rows
    ]
    return f"# Discourse networks: time and memory\n\n{__doc__}\nEdges are written as CSV. Two cores, shared with other work.\n\n{head}\n" + "\n".join(body) + "\n\n![growth](growth.svg)\n"  # fmt: skip


def _chart(rows: list[dict[str, object]]) -> str:
    sizes = {
        name: len({r["statements"] for r in rows if r["network"] == name}) for name in {r["network"] for r in rows}
    }
    values = [r for r in rows if sizes[r["network"]] > 1 and r["actors"] != WINDOWED[0][1]]
    axis = {"type": "quantitative", "scale": {"type": "log"}}
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "width": 420, "height": 260, "data": {"values": values},
            "mark": {"type": "line", "point": True},
            "encoding": {"x": {"field": "statements", **axis}, "y": {"field": "seconds", "title": "seconds, store to CSV or finding", **axis},
                         "color": {"field": "network", "type": "nominal"}, "shape": {"field": "network", "type": "nominal"}}}  # fmt: skip
    return str(vl_convert.vegalite_to_svg(json.dumps(spec)))


if __name__ == "__main__":
    if "--one" in sys.argv:
        measure(*sys.argv[2:5])
    elif "--test" in sys.argv:
        measure_test(*sys.argv[2:5])
    elif "--make" in sys.argv:
        generate(Path(sys.argv[2]), *map(int, sys.argv[3:6]))
    else:
        main("--quick" in sys.argv)

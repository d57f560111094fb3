"""The common-stock rule in a large store: python benchmarks/calibration/provenance_store.py FILE.parquet [--plants 100]

FILE holds real texts (columns iso3, year, text: the UN General Debate). Passages of three amounts are taken from one speech and put, edited, into a
later one of another state, at the end of a sentence. The instrument is run with rare runs of 2 to 5 words, held by 3, 5 or 10 documents at most; for each
choice: how many planted pairs stand, and how many others. What the others are only a reader can say: see the notes beside the table.
"""

import argparse
import datetime as dt
import functools
import time

import duckdb
import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, provenance_pairs, run
from kayfabe.instruments.provenance import INSTRUMENT
from kayfabe.instruments.provenance_worlds import AMOUNTS
from kayfabe.stats.chains import MOST, chains, rare_order
from kayfabe.stats.intervals import clopper_pearson

SEED = 20261123


def planted(path, plants):
    """Columns of documents with passages planted, and {amount: pairs of ids}."""
    rng = np.random.default_rng(SEED)
    rows = duckdb.execute(f"select iso3, year, text from '{path}' order by year, iso3").fetchall()
    texts = [" ".join(r[2].split()) for r in rows]
    pool = [w for i in rng.choice(len(texts), 40, replace=False) for w in texts[i].split()]
    truth = {name: set() for name in AMOUNTS}
    for name, (size, rate) in AMOUNTS.items():
        while len(truth[name]) < plants:
            a, b = sorted(rng.choice(len(rows), 2, replace=False).tolist())
            words = texts[a].split()
            if rows[a][0] == rows[b][0] or rows[a][1] >= rows[b][1] or len(words) < 400:
                continue
            at = int(rng.integers(100, len(words) - 100 - size))
            taken = []
            for w in words[at : at + size]:
                kind = rng.random() / rate
                other = pool[int(rng.integers(len(pool)))]
                taken += [w] if kind >= 1 else [other] if kind < 0.6 else [] if kind < 0.8 else [w, other]
            stops = [i + 2 for i in range(len(texts[b]) // 5, 4 * len(texts[b]) // 5) if texts[b].startswith(". ", i)]
            if not stops:
                continue
            to = stops[int(rng.integers(len(stops)))]
            texts[b] = texts[b][:to] + " ".join(taken).rstrip(".") + ". " + texts[b][to:]
            truth[name].add((f"{rows[a][0]}:{rows[a][1]}", f"{rows[b][0]}:{rows[b][1]}"))
    table = {
        "document": [f"{r[0]}:{r[1]}" for r in rows], "at": [dt.datetime(r[1], 9, 20) for r in rows], "outlet": [r[0] for r in rows], "text": texts,
    }  # fmt: skip
    return table, truth


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--plants", type=int, default=100)
    parser.add_argument("--rules", default="2:5,3:5,4:5,5:5,3:3,3:10")
    given = parser.parse_args()
    table, truth = planted(given.path, given.plants)
    print("| run | held by at most | " + " | ".join(f"{n}: {a[0]} words, {a[1]:.0%} changed" for n, a in AMOUNTS.items()) + " | other pairs that stand | seconds |")
    print("|---|---|---|---|---|---|---|")
    for rule in given.rules.split(","):
        order, most = (int(x) for x in rule.split(":"))
        provenance_pairs.rare_order = lambda words, order=order: order
        provenance_pairs.chains = functools.partial(chains, most=most)
        began = time.perf_counter()
        evidence = Evidence.from_tables({"documents": table})
        found = judge([run(INSTRUMENT, {}, evidence)])[0]
        evidence.close()
        stand = {(i.key["from"], i.key["to"]) for i in found.items if i.q_value < 0.05}
        cells = []
        for pairs in truth.values():
            low, high = clopper_pearson(len(pairs & stand), len(pairs))
            cells.append(f"{len(pairs & stand) / len(pairs):.2f} [{low:.2f}, {high:.2f}]")
        rest = stand - set().union(*truth.values())
        chosen = " (chosen)" if order == rare_order_of(table) and most == MOST else ""
        print(f"| {order}{chosen} | {most} | {' | '.join(cells)} | {len(rest)} | {time.perf_counter() - began:.0f} |", flush=True)


@functools.cache
def _order(texts):
    from kayfabe.stats.words import read_words

    return rare_order(read_words(texts))


def rare_order_of(table):
    return _order(tuple(table["text"]))


if __name__ == "__main__":
    main()

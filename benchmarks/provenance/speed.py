"""Time and memory of shared passages over whole archives, beside datasketch: python benchmarks/provenance/speed.py 10000 [--peer]

Articles of 500 words with the word frequencies of prose (Zipf, 200,000 words), stock sentences that many share, a footer of each of 40
outlets, and passages of 12 to 200 words that one article in five took from an earlier one. The truth is known, so recall is measured.
The peer is datasketch (MinHashLSH, 128 permutations) on five-word shingles: it finds whole texts that are alike, not passages, so its recall
is counted on the same planted pairs and on those of 200 words alone.
"""

import resource
import sys
import time

import numpy as np

from kayfabe.stats.chains import chains, rare_order
from kayfabe.stats.passages import copies, shared_runs
from kayfabe.stats.words import Reader

LENGTH, VOCABULARY, LEAST = 500, 200_000, 12


def archive(articles, seed=0):
    """Texts one by one, and {(earlier, later): words taken}."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, VOCABULARY + 1) ** 1.05
    cumulative = np.cumsum(weights / weights.sum())
    stock = [np.searchsorted(cumulative, rng.random(int(n))) for n in rng.integers(6, 16, 400)]
    footers = [np.searchsorted(cumulative, rng.random(25)) for _ in range(40)]
    kept = np.empty((articles, LENGTH), dtype=np.int32)
    taken = {}
    for d in range(articles):
        words = np.searchsorted(cumulative, rng.random(LENGTH)).astype(np.int32)
        for s in rng.integers(0, len(stock), 3):
            at = int(rng.integers(0, LENGTH - 50))
            words[at : at + len(stock[s])] = stock[s]
        if d and rng.random() < 0.2:
            source, size = int(rng.integers(0, d)), int(rng.choice([12, 25, 60, 200]))
            at, to = rng.integers(0, LENGTH - 30 - size, 2)
            words[to : to + size] = kept[source, at : at + size]
            taken[(source, d)] = size
        words[-25:] = footers[d % len(footers)]
        kept[d] = words
    return kept, taken


def texts(kept, rows):
    names = np.array([f"w{k}" for k in range(VOCABULARY + 1)], dtype=object)
    return (" ".join(names[row]) for row in kept[rows])


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main():
    articles = int(sys.argv[1])
    kept, taken = archive(articles)
    print(f"{articles:,} articles, {len(taken):,} passages taken; {peak():.2f} GB before reading")
    began = time.perf_counter()
    reader = Reader()
    reader.read(texts(kept, slice(None)))
    words = reader.words()
    del reader
    read = time.perf_counter() - began
    runs = shared_runs(words, LEAST)
    found = time.perf_counter() - began - read
    pairs = set(zip(runs.one.tolist(), runs.two.tolist(), strict=True))
    recall = sum(p in pairs for p in taken) / len(taken)
    print(f"reading {read:.1f} s, all pairs sharing {LEAST} words {found:.1f} s ({len(pairs):,} pairs, recall {recall:.4f}), peak {peak():.2f} GB")
    began = time.perf_counter()
    order = rare_order(words)
    unit = copies(words)
    linked = chains(words, order, unit)
    wide = set(zip(linked.one[linked.words >= 16].tolist(), linked.two[linked.words >= 16].tolist(), strict=True))
    for size in (25, 60, 200):
        mine = [p for p, n in taken.items() if n == size]
        print(f"chains of order {order}: recall at {size} words {sum(p in wide for p in mine) / max(1, len(mine)):.3f}")
    print(f"chains {time.perf_counter() - began:.1f} s, {len(linked.one):,} pairs, {len(wide):,} of 16 words or more, peak {peak():.2f} GB")
    if "--peer" in sys.argv:
        peer(kept, taken)


def peer(kept, taken):
    from datasketch import MinHash, MinHashLSH

    for threshold in (0.05, 0.3):
        began = time.perf_counter()
        index, found = MinHashLSH(threshold=threshold, num_perm=128), set()
        for d, text in enumerate(texts(kept, slice(None))):
            parts = text.split()
            sketch = MinHash(num_perm=128)
            sketch.update_batch([" ".join(parts[i : i + 5]).encode() for i in range(len(parts) - 4)])
            found |= {(other, d) for other in index.query(sketch)}
            index.insert(d, sketch)
        spent = time.perf_counter() - began
        long = [p for p, n in taken.items() if n == 200]
        recall = sum(p in found for p in taken) / len(taken), sum(p in found for p in long) / max(1, len(long))
        print(f"datasketch at Jaccard {threshold}: {spent:.1f} s, {len(found):,} pairs, recall {recall[0]:.3f} (200 words: {recall[1]:.3f}), peak {peak():.2f} GB")


if __name__ == "__main__":
    main()

"""Near-equal short posts: time, memory and recall beside datasketch: python benchmarks/provenance/near_texts.py 50000 [--peer]

Posts of 15 to 40 words with the word frequencies of prose; one in ten is a copy of another with one word changed. Truth is the exact Jaccard index of
three-word shingles of every planted pair. The database may use 1,600 MB and two threads; what does not fit is spilled to disk.
"""

import resource
import sys
import tempfile
import time

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.networks.near_texts import near_texts


def posts(n, seed=0):
    rng = np.random.default_rng(seed)
    vocabulary = np.array([f"w{k}" for k in range(50_000)], dtype=object)
    weights = 1 / np.arange(1, len(vocabulary) + 1)
    length = rng.integers(15, 41, n)
    words = vocabulary[rng.choice(len(vocabulary), length.sum(), p=weights / weights.sum())]
    texts = [" ".join(w) for w in np.split(words, np.cumsum(length)[:-1])]
    for i in range(n // 10):
        copy = texts[i].split()
        copy[int(rng.integers(len(copy)))] = f"changed{i}"
        texts[n - 1 - i] = " ".join(copy)
    return texts


def shingles(text):
    words = text.split()
    return {" ".join(words[i : i + 3]) for i in range(len(words) - 2)}


def jaccard(one, two):
    a, b = shingles(one), shingles(two)
    return len(a & b) / len(a | b)


def main():
    n = int(sys.argv[1])
    texts = posts(n)
    truth = {(f"p{i:07d}", f"p{n - 1 - i:07d}") for i in range(n // 10) if jaccard(texts[i], texts[n - 1 - i]) >= 0.8}
    names = [f"p{k:07d}" for k in range(n)]
    at = np.datetime64("2024-01-01", "us") + np.arange(n) * np.timedelta64(1, "s")
    evidence = Evidence.from_tables({"posts": {"post": names, "at": at, "account": ["a"] * n, "object": [None] * n, "text": texts}})
    if "--peer" not in sys.argv:
        del texts
    with tempfile.TemporaryDirectory() as spill:
        for setting in ("threads = 2", "memory_limit = '1600MB'", f"temp_directory = '{spill}'"):
            evidence._con.execute(f"set {setting}")
        began = time.perf_counter()
        found = near_texts(evidence, jaccard=0.8).pairs
        spent = time.perf_counter() - began
    pairs = set(zip(found["text_a"], found["text_b"], strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{n:,} posts: {spent:.1f} s, {len(pairs):,} pairs, recall {len(pairs & truth) / len(truth):.4f} of {len(truth):,}, peak {peak:.2f} GB")
    if "--peer" not in sys.argv:
        return
    from datasketch import MinHash, MinHashLSH

    began, index, theirs = time.perf_counter(), MinHashLSH(threshold=0.8, num_perm=128), set()
    for name, text in zip(names, texts, strict=True):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([s.encode() for s in shingles(text)])
        theirs |= {(other, name) for other in index.query(sketch)}
        index.insert(name, sketch)
    spent = time.perf_counter() - began
    print(f"datasketch (128 permutations): {spent:.1f} s, {len(theirs):,} candidates, recall {len(theirs & truth) / len(truth):.4f}")


if __name__ == "__main__":
    main()

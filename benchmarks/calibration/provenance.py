"""Size, FDR and power of `provenance`: python benchmarks/calibration/provenance.py [--worlds 100] [--prose FILE.parquet]

Worlds of generated prose (kayfabe.instruments.provenance_worlds), or of the sentences of real texts given with --prose (a Parquet file with a
column `text`; sentences are drawn without replacement, so that what two documents share is what real prose shares).
"""

import argparse
import re

import numpy as np

from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, provenance_worlds, run
from kayfabe.instruments.provenance import INSTRUMENT
from kayfabe.instruments.provenance_worlds import AMOUNTS, NULLS, Prose, newsroom, paraphrased
from kayfabe.models import Verdict
from kayfabe.stats.intervals import clopper_pearson
from kayfabe.stats.passages import shared_runs
from kayfabe.stats.words import read_words

SEED = 20261124
NOTICE = re.compile("record contains the text|Corrections should be submitted|Verbatim Reporting|consolidated corrigendum|incorporated in a copy of the record")


class RealProse(Prose):
    """Sentences of real texts, each used once in a world."""

    sentences: tuple = ()

    def __init__(self, rng):
        super().__init__(rng)
        self.order, self.used = rng.permutation(len(self.sentences))[:6000], 0
        self.pool = [w for i in self.order[:300] for w in self.sentences[i]]

    def sentence(self, subject):
        self.used += 1
        return list(self.sentences[self.order[self.used % len(self.order)]])

    def word(self, subject):
        return self.pool[int(self.rng.integers(len(self.pool)))]


def real_sentences(path):
    """Sentences of 8 to 40 words. Where the file says whose they are (a column `iso3`), a speaker's repeats of itself are taken out (eight words in a
    row): in a world they would come to stand under other outlets, as reuse that is true. So is the record's own notice."""
    import duckdb

    whose = "iso3" in duckdb.execute(f"describe select * from '{path}'").fetchnumpy()["column_name"].tolist()
    rows = duckdb.execute(f"select {'iso3' if whose else 'null'} as whose, text from '{path}'").fetchall()
    found = [(w, s) for w, t in rows for s in re.split(r"(?<=[.!?])\s+", " ".join(t.split())) if 8 <= len(s.split()) <= 40]
    found = [(w, s) for w, s in found if not NOTICE.search(s)]
    if whose:
        runs = shared_runs(read_words(s for _, s in found), 8)
        names = np.unique([w for w, _ in found], return_inverse=True)[1]
        again = set(runs.two[names[runs.one] == names[runs.two]].tolist())
        found = [x for i, x in enumerate(found) if i not in again]
    return tuple((*s.rstrip(".!?").split(), ".") for _, s in found)


def tested(made, **options):
    evidence = Evidence.from_tables(made.world().tables)
    found = judge([run(INSTRUMENT, options, evidence)])[0]
    evidence.close()
    stand = {(int(i.key["from"][1:]), int(i.key["to"][1:])) for i in found.items if i.q_value is not None and i.q_value < 0.05}
    return found, stand


def share(k, n):
    low, high = clopper_pearson(k, n)
    return f"{k}/{n} = {k / max(1, n):.3f} [{low:.3f}, {high:.3f}]"


def nulls(worlds, kinds):
    print("| null worlds | supported |\n|---|---|")
    total = 0
    for kind in kinds:
        hits = 0
        for seed in range(worlds):
            rng = np.random.default_rng([SEED, 1, sum(map(ord, kind)), seed])
            found, _ = tested(newsroom(rng, () if kind == "plain" else tuple(kind.split("+"))))
            hits += found.verdict is Verdict.SUPPORTED
        total += hits
        print(f"| {kind} | {share(hits, worlds)} |", flush=True)
    print(f"| all | {share(total, worlds * len(kinds))} |")


def planted(worlds, beside):
    print("| reuse | beside | supported | pairs found | false items | direction of standing pairs |\n|---|---|---|---|---|---|")
    for name, amount in AMOUNTS.items():
        hits = found_pairs = true_pairs = false = items = wrong = 0
        for seed in range(worlds):
            rng = np.random.default_rng([SEED, 2, amount[0], seed])
            made = newsroom(rng, beside, amount, clock=3600 if "clocks" in name else 60)
            found, stand = tested(made)
            hits += found.verdict is Verdict.SUPPORTED
            truth = {tuple(sorted(p)) for p in made.reused}
            got = {tuple(sorted(p)) for p in stand}
            found_pairs, true_pairs = found_pairs + len(got & truth), true_pairs + len(truth)
            false, items = false + len(got - truth), items + len(got)
            wrong += len({p for p in stand if p not in made.reused and p[::-1] in made.reused})
        print(
            f"| {name} ({amount[0]} words, {amount[1]:.0%} changed) | {'+'.join(beside) or 'nothing'} | {share(hits, worlds)} | {share(found_pairs, true_pairs)} | "
            f"{share(false, items)} | {wrong} wrong |", flush=True,
        )  # fmt: skip


def rounded_clocks(worlds):
    """Whole hours: copies follow within the hour half of the time; no direction may be asserted there."""
    asserted = right = open_ = 0
    for seed in range(worlds):
        rng = np.random.default_rng([SEED, 3, seed])
        made = newsroom(rng, (), AMOUNTS["medium"])
        real = made.at.copy()
        for a, b in sorted(made.reused, key=lambda p: real[p[0]]):
            if rng.random() < 0.5:
                real[b] = max(real[b] * 0, real[a] + rng.uniform(60, 3000))
        made.at = np.floor(real / 3600) * 3600
        found, _ = tested(made)
        for row in found.details["passages"]:
            a, b = (int(row[s]["document"][1:]) for s in ("from", "to"))
            if row["q"] >= 0.05:
                continue
            if row["direction"] == "known":
                asserted += 1
                right += real[a] <= real[b]
            else:
                open_ += 1
    print(f"hourly clocks: direction asserted for {asserted} pairs, right in {share(right, asserted)}; left open for {open_}")


def machine_paraphrase(worlds):
    hits = found_pairs = true = 0
    for seed in range(worlds):
        rng = np.random.default_rng([SEED, 4, seed])
        prose = Prose(rng)
        made = newsroom(rng)
        pairs = set()
        for _ in range(4):
            a, b = sorted(rng.choice(60, 2, replace=False).tolist())
            passage = prose.passage(0, 110)
            made.texts[a][-1:] = [".", *passage, "."]
            made.texts[b][-1:] = [".", *paraphrased(prose, passage), "."]
            pairs.add((a, b))
        found, stand = tested(made)
        hits += found.verdict is Verdict.SUPPORTED
        found_pairs, true = found_pairs + len(stand & pairs), true + len(pairs)
    print(f"machine paraphrase (110 words, 60 % replaced, clauses shuffled): supported {share(hits, worlds)}, pairs found {share(found_pairs, true)}")


def denial(worlds):
    """--document on a document that reuses nothing, and on one that reuses a passage (which must not be cleared)."""
    for name, amount in {"nothing": None, **AMOUNTS}.items():
        cleared = supported = n = 0
        for seed in range(worlds):
            rng = np.random.default_rng([SEED, 5, 0 if amount is None else amount[0], seed])
            made = newsroom(rng, (), amount, documents=40)
            for text in made.texts:
                text += Prose(rng).text(0, 8) if len(text) < 220 else []
            chosen = sorted(made.reused)[0][1] if made.reused else int(rng.integers(40))
            found, _ = tested(made, document=f"d{chosen:04d}")
            cleared += found.verdict is Verdict.CONTRADICTED
            supported += found.verdict is Verdict.SUPPORTED
            n += 1
        print(f"--document reusing {name}: contradicted {share(cleared, n)}, supported {share(supported, n)}", flush=True)


def whose_words(worlds):
    """A late document of another outlet, with 0 to 15 turns of phrase (four words) that one outlet uses time and again; and, as a null that bites, an
    outlet that writes on one subject and a late document of another outlet on the same subject."""
    for turns in ("subject", 0, 5, 10, 15):
        right = wrong = 0
        for seed in range(worlds):
            rng = np.random.default_rng([SEED, 6, 99 if turns == "subject" else turns, seed])
            made, prose = newsroom(rng, documents=150), Prose(rng)
            mine = np.flatnonzero(made.outlet[:140] == 2)
            if turns == "subject":
                for d in mine:
                    made.texts[d] = prose.text(3, len(made.texts[d]) // 18 + 1)
                made.texts[145] = prose.text(3, 10)
            else:
                phrases = [prose.passage(0, 4) for _ in range(40)]
                for d in mine if turns else ():
                    for k in rng.choice(40, 3, replace=False):
                        made.texts[d] += [*phrases[k], ".", *prose.text(0, 1)]
                for k in range(turns):
                    made.texts[145] += [*phrases[k], "and", *prose.text(1, 1)]
            made.outlet[145] = 0
            found, _ = tested(made, document="d0145")
            named = {r["outlet"] for r in found.details["whose_words"] if r["q"] < 0.05}
            right += "outlet 2" in named
            wrong += bool(named - {"outlet 2"})
        what = "the outlet's subject, none of its words" if turns == "subject" else f"{turns} turns of phrase of the outlet"
        print(f"--document with {what}: the outlet named in {share(right, worlds)}, another in {share(wrong, worlds)}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--prose")
    parser.add_argument("--only", default="nulls,planted,clocks,paraphrase,denial,whose")
    given = parser.parse_args()
    if given.prose:
        RealProse.sentences = real_sentences(given.prose)
        provenance_worlds.Prose = RealProse
        print(f"sentences of {given.prose.rpartition('/')[2]}: {len(RealProse.sentences):,}")
    parts = given.only.split(",")
    if "nulls" in parts:
        nulls(given.worlds, [*NULLS, "formulae+quotations+footers", "facts+wire"])
    if "planted" in parts:
        planted(given.worlds // 3, ())
        planted(given.worlds // 3, ("footers", "formulae", "quotations"))
    if "clocks" in parts:
        rounded_clocks(given.worlds // 3)
    if "paraphrase" in parts:
        machine_paraphrase(given.worlds // 3)
    if "denial" in parts:
        denial(given.worlds // 5)
    if "whose" in parts:
        whose_words(given.worlds // 2)


if __name__ == "__main__":
    main()

"""Actors, sources and denials: what the reader finds against what was written by hand, and against two outside sets.

python benchmarks/reading/actors.py                               # tests/read/mentions_*.csv, by split
python benchmarks/reading/actors.py --polnear FILE --ruopinion FILE   # measure only; never tuned on
python benchmarks/reading/actors.py --rules                       # without parsers
python benchmarks/reading/actors.py --errors tuning               # list the wrong rows of that split
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kayfabe.models import Text
from kayfabe.read import claims, parsing, read_claims

ROWS = Path(__file__).parents[2] / "tests" / "read"
PRONOUNS = frozenset(
    re.findall(
        r"\w+",
        """i we us our ours he him his she her hers it its they them their theirs you your himself herself itself themselves
        ourselves я мы нас нам нами наш наша наше наши он его него ему нему им ним нем она ее её нее неё ей ней они их них ими
        ними свой вы вас вам""",
    )
)
HEARSAY = frozenset(
    ["rumour", "rumours", "rumor", "word", "talk", "story", "gossip", "saying", "opinion", "view", "theory", "reports", "слух", "слухи", "молва", "мнение", "разговоры", "версия", "толки"]
)
Span = tuple[int, int]
Batch = Literal["first", "second"]
"""Of hand-written rows: in the first a source counted as an actor too, so there sources are left out of both sides."""


@dataclass
class Counts:
    """Right, found and true, and what follows from them."""

    right: int = 0
    found: int = 0
    true: int = 0

    @property
    def scores(self) -> tuple[float, float, float]:
        p = self.right / self.found if self.found else 0.0
        r = self.right / self.true if self.true else 0.0
        return p, r, 2 * p * r / (p + r) if p + r else 0.0


def bare(name: str) -> str:
    """A name in lower case without its article."""
    return name.lower().removeprefix("the ").strip()


def same(one: str, other: str, part: float = 0.5) -> bool:
    """Whether one name holds the other, which is at least `part` as long."""
    short, long_ = sorted((one, other), key=len)
    return bool(short) and short in long_ and len(short) >= part * len(long_)


def half(a: Span, b: Span) -> bool:
    """Whether the overlap is at least half of the longer one."""
    return 2 * (min(a[1], b[1]) - max(a[0], b[0])) >= max(a[1] - a[0], b[1] - b[0])


def spans_of(text: str, names: str) -> list[Span]:
    """The first free place of each of `names` (parted by " | ") in `text`."""
    out: list[Span] = []
    for name in (n.strip() for n in names.split("|") if n.strip()):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            if all(match.end() <= a or match.start() >= b for a, b in out):
                out.append(match.span())
                break
        else:
            raise ValueError(f"{name!r} is not in {text!r}")
    return out


def matched(found: list[Span], true: list[Span]) -> int:
    left = list(true)
    hits = 0
    for span in found:
        hit = next((t for t in left if half(span, t)), None)
        if hit is not None:
            left.remove(hit)
            hits += 1
    return hits


def rows_of(language: Literal["en", "ru"], split: str, batch: Batch = "first") -> list[dict[str, str]]:
    name = f"mentions_{language}.csv" if batch == "first" else f"mentions_second_{language}.csv"
    with (ROWS / name).open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["split"] == split]


def measure(
    language: Literal["en", "ru"], split: str, *, batch: Batch = "first", errors: bool = False
) -> dict[str, Counts]:
    """Actors, attribution (one or none), source (the right one, or rightly none) and negation on hand-written rows."""
    out = {name: Counts() for name in ("actors", "attribution", "source", "negated")}
    for row in rows_of(language, split, batch):
        text = row["text"]
        claims = read_claims(Text(text=text, language=language, source="rows", sha256=""))
        found = [(m.start, m.end) for c in claims for m in c.actors if m.mention.lower() not in PRONOUNS]
        true = spans_of(text, row["actors"])
        if batch == "first" and row["source"] not in ("", "unnamed"):
            (own,) = spans_of(text, row["source"])
            found = [s for s in found if not half(s, own)]
            true = [s for s in true if not half(s, own)]
        count = out["actors"]
        hits = matched(found, true)
        count.right, count.found, count.true = count.right + hits, count.found + len(found), count.true + len(true)
        said = next((c.attribution for c in claims if c.attribution is not None), None)
        count = out["attribution"]
        count.right += bool(said and row["source"])
        count.found += said is not None
        count.true += bool(row["source"])
        count = out["source"]
        count.right += bool(said and row["source"] and same_source(said.source, row["source"]))
        count.found += said is not None
        count.true += bool(row["source"])
        denied = any(c.negated for c in claims)
        count = out["negated"]
        count.right += denied and row["negated"] == "1"
        count.found += denied
        count.true += row["negated"] == "1"
        if errors:
            wrong = []
            if hits < max(len(found), len(true)):
                wrong.append(f"actors {[text[a:b] for a, b in found]} for {row['actors']}")
            if (said is None) != (not row["source"]) or (said and not same_source(said.source, row["source"])):
                wrong.append(f"source {said} for {row['source']!r}")
            if denied != (row["negated"] == "1"):
                wrong.append(f"negated {denied}")
            if wrong:
                print(f"{row['id']} {text}\n    " + "\n    ".join(wrong))
    return out


def same_source(found: str, true: str) -> bool:
    """Whether the two name the same source: a word of three letters or more in common, or both nobody (hearsay is nobody)."""
    nobody = [w == "unnamed" or bool(HEARSAY & set(re.findall(r"\w+", w.lower()))) for w in (found, true)]
    if all(nobody):
        return True
    if true == "unnamed":
        return len(found.split()) <= 2
    shared = set(re.findall(r"\w{3,}", found.lower())) & set(re.findall(r"\w{3,}", true.lower()))
    return bool(shared - {"the", "that", "and"}) or found.lower() == true.lower()


def polnear(path: Path, half: int) -> dict[str, Counts]:
    """PolNeAR, every second article from `half` (0: looked at, 1: never looked at): a claim is attributed where an attribution's content covers at least half of it ("touched": any of it)."""
    out = {"attribution": Counts(), "touched": Counts(), "source": Counts()}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in list(file)[half::2]:
            row = json.loads(line)
            contents = [(_spans(a, "Content"), _spans(a, "Source")) for a in row["attributions"]]
            for claim in read_claims(Text(text=row["text"], language="en", source="polnear", sha256="")):
                best, source = 0, []
                for spans, who in contents:
                    covered = sum(max(0, min(b, claim.end) - max(a, claim.start)) for a, b in spans)
                    if covered > best:
                        best, source = covered, who
                true = 2 * best >= claim.end - claim.start
                said = claim.attribution
                count = out["attribution"]
                count.right += bool(true and said)
                count.found += said is not None
                count.true += true
                count = out["touched"]
                count.right += bool(best and said)
                count.found += said is not None
                count.true += best > 0
                if best and source:
                    words = " ".join(row["text"][a:b] for a, b in source)
                    out["source"].right += bool(said and same_source(said.source, words))
                    out["source"].found += said is not None
                    out["source"].true += true
    return out


def _spans(attribution: dict[str, Any], part: str) -> list[Span]:
    return [(a, b) for group in attribution.get(part) or [] for a, b in group or []]


def ruopinion(path: Path) -> dict[str, Counts]:
    """RuOpinionNE: recall of holders and targets among the actors found (it lists no actors without an opinion, so
    precision has no meaning), and of sources where an attribution was found."""
    out = {"holder": Counts(), "target": Counts()}
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if not row["opinions"]:
                continue
            claims = read_claims(Text(text=row["text"], language="ru", source="ruopinion", sha256=""))
            found = [(m.start, m.end) for c in claims for m in c.actors]
            for name, key in (("holder", "Source"), ("target", "Target")):
                true = {s for o in row["opinions"] for s in _ranges(o[key]) if s[1] > s[0]}
                out[name].true += len(true)
                out[name].right += sum(any(_touch(f, t) for f in found) for t in true)
                out[name].found += len(true)
    return out


def _ranges(value: list[Any]) -> Iterable[Span]:
    for part in value[1]:
        a, _, b = str(part).partition(":")
        if a.isdigit() and b.isdigit():
            yield int(a), int(b)


def _touch(a: Span, b: Span) -> bool:
    return 2 * (min(a[1], b[1]) - max(a[0], b[0])) >= min(a[1] - a[0], b[1] - b[0]) > 0


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--polnear", type=Path)
    ask.add_argument("--ruopinion", type=Path)
    ask.add_argument("--errors", choices=("tuning", "held-out"))
    ask.add_argument("--rules", action="store_true")
    ask.add_argument("--plain", action="store_true", help="without the kinds model, which takes most of the time")
    ask.add_argument("--outside", action="store_true", help="only the outside sets")
    given = ask.parse_args()
    if given.rules:
        parsing.without_parsers()
    if given.plain:
        claims.kinds_model = lambda: None
    print("set                   what          right  found   true  precision  recall     F1")
    for batch, language in () if given.outside else (("first", "en"), ("first", "ru"), ("second", "en"), ("second", "ru")):
        for split in ("tuning", "held-out"):
            started = time.perf_counter()
            found = measure(language, split, batch=batch, errors=given.errors == split)
            seconds = time.perf_counter() - started
            _show(f"{batch} {language} {split}", found)
            print(f"{len(rows_of(language, split, batch)) / seconds:.0f} sentences/s with the first load")
    for half, name in enumerate(("looked at", "unseen")):
        if given.polnear:
            _show(f"polnear {name}", polnear(given.polnear, half))
    if given.ruopinion:
        _show("ruopinionne val", ruopinion(given.ruopinion))


def _show(name: str, found: dict[str, Counts]) -> None:
    for what, count in found.items():
        p, r, f1 = count.scores
        print(
            f"{name:20}  {what:12} {count.right:6} {count.found:6} {count.true:6}       {p:.2f}     {r:.2f}   {f1:.2f}"
        )


if __name__ == "__main__":
    main()

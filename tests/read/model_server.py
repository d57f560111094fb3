"""A chat server on this machine for tests: answers as its `script` says and remembers what it was asked. And a text for it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

from kayfabe.models import Text
from kayfabe.read import ModelReader, ModelServer
from kayfabe.read.sentences import sentences

ARTICLE = (
    "Macron and Scholz only pretend to quarrel. They say that France never votes against Germany, and its economy is "
    "sinking. “Nothing of the sort”, answers the\nferry operators’ union. Our side will not yield to the enemy. Amen."
)


def text_of(text=ARTICLE, language="en"):
    return Text(text=text, language=language, source="test", sha256=hashlib.sha256(text.encode()).hexdigest(),
                published=dt.date(2023, 5, 1))  # fmt: skip


class Asked:
    """One request: path, headers, body as JSON, and the material in it (what the model is shown of the text)."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body
        self.material = json.loads(body["messages"][-1]["content"])


def completion(content, finish="stop"):
    """A chat completion that says `content`, as bytes."""
    said = content if isinstance(content, str) or content is None else json.dumps(content)
    return json.dumps({"choices": [{"message": {"content": said}, "finish_reason": finish}]}).encode()


def entry(sentence, quote, *kinds, **more):
    """One claim as a model gives it; kinds are names or (name, probability)."""
    named = [k if isinstance(k, tuple) else (k, 0.8) for k in kinds]
    return {
        "sentence": sentence, "quote": quote, "kinds": [{"kind": k, "probability": p} for k, p in named], "actors": [],
        "source": "", "cue": "", "hedged": False, "quantifier": "", "negated": False, **more,
    }  # fmt: skip


def actor(mention, stands_for="", points=""):
    return {"mention": mention, "stands_for": stands_for, "points": points}


def whole_sentences(asked, kind="value"):
    """The plain good answer: each sentence quoted whole."""
    return {"claims": [entry(s["n"], s["text"], kind) for s in asked.material["sentences"]]}


@contextmanager
def serving(script):
    """A server whose `script` takes an Asked and returns content (str or JSON), or (status, headers, bytes), or is left to
    write to the handler itself: a function of (handler). Gives (url, list of what was asked)."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(Asked(self.path, dict(self.headers), json.loads(raw)))
            answer = script(asked[-1])
            if callable(answer):
                answer(self)
                return
            status, headers, body = answer if isinstance(answer, tuple) else (200, {}, completion(answer))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            asked.append(None)
            self.send_error(404)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()


def reader_at(url, **more):
    return ModelReader(ModelServer(url, "small", **{"pause": 0.01, "timeout": 20.0, **more}))


def read(script, text=None, **more):
    """(claims, reader, what was asked) of a text read by a server with that script."""
    with serving(script) as (url, asked):
        reader = reader_at(url)
        return reader.read(text or text_of(), **more), reader, asked


def check_spans(text, claims):
    for claim in claims:
        assert text.text[claim.start : claim.end] == claim.text
        assert claim.text.strip() == claim.text != ""
        for mention in claim.actors:
            assert claim.start <= mention.start < mention.end <= claim.end
            assert text.text[mention.start : mention.end] == mention.mention
        for one, other in pairwise(claim.actors):
            assert one.end <= other.start
    for one, other in pairwise(claims):
        assert one.end <= other.start
    for part in sentences(text.text, text.language):
        assert any(c.start < part.end and part.start < c.end for c in claims)
    assert [c.id for c in claims] == [f"c{n}" for n in range(1, len(claims) + 1)]


BAD = {
    "no json": ("I am sorry, I cannot help with that.", "its answer is not JSON (3 tries)"),
    "empty": ("", "its answer is empty"),
    "null": ((200, {}, completion(None)), "its answer has no text"),
    "half": ('{"claims": [{"sentence": 1, "quote": "Macron', "its answer is not JSON"),
    "a list": ("[1, 2]", "does not fit the schema"),
    "no claims": ('{"answer": 42}', "does not fit the schema (claims: Field required)"),
    "wrong type": ({"claims": [{**entry(1, "Amen.", "fact"), "hedged": "yes"}]}, "claims.0.hedged"),
    "quote is a number": ({"claims": [{**entry(1, "Amen.", "fact"), "quote": 7}]}, "claims.0.quote"),
    "nan": ('{"claims": [{"quote": "Amen.", "kinds": [{"kind": "fact", "probability": NaN}]}]}', "its answer is not JSON"),
    "deep": ("[" * 100_000, "its answer is not JSON"),
    "html": ((200, {}, b"<html>It works!</html>"), "what came is no chat completion: '<html>It works!</html>'"),
    "no bytes": ((200, {}, b""), "no chat completion"),
    "escape codes": ((200, {}, b"\x1b[31m\x07evil\r\nsecond line"), "no chat completion"),
    "500": ((500, {}, b"CUDA out of memory"), "it answered 500: 'CUDA out of memory' (3 tries)"),
    "429": ((429, {"Retry-After": "0"}, b"slow down"), "it answered 429"),
    "404": ((404, {}, b"model small not found"), "--model"),
    "401": ((401, {}, b"no key"), "KAYFABE_API_KEY"),
    "400": ((400, {}, b"bad request"), "it answered 400"),
    "huge": ((200, {}, b" " * 1_100_000), "more than 1,000,000 bytes"),
    "nothing": ({"claims": []}, "it gave no claims"),
    "all invented": ({"claims": [entry(1, "The moon is made of cheese.", "fact")]}, "nothing it gave can be used: dropped 1 quotation"),
    "too many": ({"claims": [entry(1, "Amen.", "fact")] * 1_001}, "does not fit the schema"),
}  # fmt: skip

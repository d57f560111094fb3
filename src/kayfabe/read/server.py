"""One conversation with an OpenAI-compatible model server: only the host that was named, bounded in time and size.

The standard library's http.client does all of it and does nothing unasked: it follows no redirect, takes no proxy and
no password from the environment, and leaves the socket to us, so that a deadline holds for the whole exchange.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from kayfabe.errors import BadOption, ModelServerFailed, one_line
from kayfabe.read.reply import strict_json

T = TypeVar("T")

KEY_VARIABLE = "KAYFABE_API_KEY"
RETRIES = 2
MOST_BYTES = 1_000_000  # of one answer; a dozen sentences need about 10,000
CONNECT_SECONDS = 10.0
_LONGEST_WAIT = 30.0
_ENDPOINT = "/chat/completions"
_SCHEMA_REFUSED = (400, 415, 422, 501)


class CutOff(Exception):
    """The model ran out of room before its answer was whole."""


class _Again(Exception):
    """This try failed in a way that another may not. `wait`: seconds that the server asked for."""

    def __init__(self, seen: str, wait: float | None = None) -> None:
        super().__init__(seen)
        self.wait = wait


class ModelServer:
    """A server at `url` (such as http://localhost:8000/v1) that answers with `model`.

    `timeout` is in seconds, for one whole answer; `pause` is the wait before the first retry, doubled before the next.
    The key is taken from KAYFABE_API_KEY, sent to this server alone, and written nowhere.
    """

    def __init__(self, url: str, model: str, *, timeout: float = 300.0, pause: float = 1.0) -> None:
        parts = _address(url)
        self.url = url.strip().rstrip("/").removesuffix(_ENDPOINT)
        self.path = parts.path.rstrip("/").removesuffix(_ENDPOINT)
        self.model = one_line(model, 200)
        if not self.model or self.model != model:
            raise BadOption("model", model, "give the name by which the server knows the model")
        if not 0 < timeout <= 86_400:
            raise BadOption("timeout", timeout, "give seconds, up to 86400")
        self.timeout = timeout
        self.pause = pause
        self._parts = parts
        self._schema_taken = True
        self._key = os.environ.get(KEY_VARIABLE, "").strip()
        if not all("!" <= c <= "~" for c in self._key):
            raise ModelServerFailed(url, f"the key in {KEY_VARIABLE} has characters that no key has", "Set it again.")

    def ask(self, messages: Sequence[dict[str, str]], schema: dict[str, Any], parse: Callable[[str], T]) -> T:
        """The model's answer to `messages` as `parse` (which raises ValueError) makes it out, after at most 2 retries.

        Raises CutOff where the answer is not whole, and ModelServerFailed, in one line, for whatever else goes wrong.
        """
        for attempt in range(RETRIES + 1):
            try:
                content = self._content(messages, schema)
                try:
                    return parse(content)
                except ValueError as wrong:
                    raise _Again(str(wrong)) from None
            except _Again as failed:
                if attempt == RETRIES:
                    seen = f"{failed} ({RETRIES + 1} tries)"
                    todo = "Check the address, the model and the server's log, then run it again."
                    raise ModelServerFailed(self.url, seen, todo) from None
                wait = self.pause * 2**attempt if failed.wait is None else failed.wait
                time.sleep(min(wait, _LONGEST_WAIT))
        raise AssertionError("unreachable")

    def _content(self, messages: Sequence[dict[str, str]], schema: dict[str, Any]) -> str:
        body: dict[str, Any] = {"model": self.model, "messages": list(messages), "temperature": 0, "seed": 0}
        if self._schema_taken:
            named = {"name": "claims", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        status, headers, raw = self._exchange(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
        if status in _SCHEMA_REFUSED and self._schema_taken:  # it may not know schemas; the prompt describes one too
            self._schema_taken = False
            return self._content(messages, schema)
        if status != 200:
            self._refuse(status, headers, raw)
        try:
            answer = strict_json(raw)
            choice = answer["choices"][0]
            content = choice["message"]["content"]
            ended = choice.get("finish_reason")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            raise _Again(f"what came is no chat completion: '{self._shown(raw)}'") from None
        if ended == "length":
            raise CutOff
        if not isinstance(content, str):
            raise _Again("its answer has no text")
        return self._without_key(content.encode("utf-8", "replace").decode("utf-8"))

    def _refuse(self, status: int, headers: http.client.HTTPMessage, raw: bytes) -> None:
        """Raise what an answer with another status than 200 means."""
        seen = f"it answered {status}: '{self._shown(raw)}'"
        if 300 <= status < 400:
            to = one_line(self._without_key(headers.get("Location", "nowhere")), 100)
            raise ModelServerFailed(
                self.url,
                f"it redirects to {to}, and redirects are not followed",
                "Give the address of the server itself.",
            )
        if status in (401, 403):
            raise ModelServerFailed(self.url, seen, f"Set the environment variable {KEY_VARIABLE} to its key.")
        if status in (408, 409, 429) or status >= 500:
            after = headers.get("Retry-After", "")
            raise _Again(seen, float(after) if after.isascii() and after.isdecimal() else None)
        known = "Check the address (it mostly ends in /v1) and --model." if status in (404, 405) else "Check --model."
        raise ModelServerFailed(self.url, seen, known)

    def _exchange(self, body: bytes) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of one POST. A watchdog shuts the socket when the time is up, so that a server that
        sends a byte now and then cannot hold us for ever."""
        connection = self._connection()
        sockets: list[socket.socket] = []
        expired = threading.Event()

        def stop() -> None:
            expired.set()
            for opened in sockets or [connection.sock]:
                with suppress(OSError, AttributeError):
                    socket.socket.shutdown(opened, socket.SHUT_RDWR)

        watchdog = threading.Timer(self.timeout, stop)
        watchdog.daemon = True
        watchdog.start()
        try:
            connection.connect()
            sockets.append(connection.sock)
            connection.sock.settimeout(self.timeout)
            connection.request("POST", f"{self.path}{_ENDPOINT}", body=body, headers=self._headers())
            answer = connection.getresponse()
            raw = self._body(answer)
            whole = not answer.length
        except ssl.SSLCertVerificationError as error:
            todo = "Set SSL_CERT_FILE to the certificates of your network, or use another server."
            raise ModelServerFailed(
                self.url, f"its certificate is not trusted ({error.verify_message})", todo
            ) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            if expired.is_set() or (isinstance(error, TimeoutError) and sockets):
                raise self._too_slow() from error
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise _Again(f"the connection failed: {one_line(self._without_key(why), 120)}") from error
        finally:
            watchdog.cancel()
            connection.close()
        if expired.is_set():
            raise self._too_slow()
        if not whole:
            raise _Again("the connection ended before the answer was whole")
        return answer.status, answer.headers, raw

    def _body(self, answer: http.client.HTTPResponse) -> bytes:
        raw = bytearray()
        while piece := answer.read(65_536):
            raw += piece
            if len(raw) > MOST_BYTES:
                raise ModelServerFailed(
                    self.url,
                    f"its answer has more than {MOST_BYTES:,} bytes",
                    "Check that a chat model stands behind it.",
                )
        return bytes(raw)

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme.lower() == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=context)
        return http.client.HTTPConnection(host, port, timeout=CONNECT_SECONDS)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        return headers | ({"Authorization": f"Bearer {self._key}"} if self._key else {})

    def _too_slow(self) -> ModelServerFailed:
        seen = f"no whole answer came within {self.timeout:g} seconds"
        return ModelServerFailed(self.url, seen, "Give it longer with --timeout, or use a faster model.")

    def _shown(self, raw: bytes) -> str:
        return one_line(self._without_key(raw[:2_000].decode("utf-8", "replace")), 120)

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "[key]") if self._key else text


def _address(url: str) -> SplitResult:
    """The parts of a server's address. Raises BadOption for anything but plain http(s)://HOST[:PORT]/PATH."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise BadOption("reader", url, "give an address such as http://localhost:8000/v1") from None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or port == 0:
        raise BadOption("reader", url, "give an http or https address such as http://localhost:8000/v1")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        seen = f"{parts.scheme}://{parts.hostname}/…"
        want = f"give the address without name, password or query (a key belongs in the variable {KEY_VARIABLE})"
        raise BadOption("reader", seen, want)
    if not all("!" <= c <= "~" for c in url.strip()):
        raise BadOption("reader", url, "write the address in ASCII, without blanks")
    return parts

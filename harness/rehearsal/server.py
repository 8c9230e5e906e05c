"""The HTTP server: threading, on loopback, with the part of the Messages API that the CLI uses.

One thread per connection (the CLI keeps a few); `close` ends them all, also those that hang.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import TracebackType
from typing import Any, Self

from . import stream
from .dialogue import Dialogue, read_dialogue
from .matcher import ScriptMatcher, is_probe
from .script import Rule, ScriptStep

Watcher = Callable[[Dialogue, ScriptStep], None]
"""Receives every request with the step that answers it, in the thread of the connection."""

MAX_REQUESTS = 500


class Rehearsal:
    """A running rehearsal model. Use as a context manager, or `start` and `close`."""

    def __init__(self, rules: list[Rule], *, port: int = 0, watch: Watcher | None = None) -> None:
        self._matcher = ScriptMatcher(rules)
        self.requests: deque[tuple[Dialogue, ScriptStep]] = deque(maxlen=MAX_REQUESTS)
        self.closing = threading.Event()
        self._numbers = count(1)
        self._watch = watch
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.rehearsal = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="rehearsal", daemon=True)

    @property
    def url(self) -> str:
        """Where `ANTHROPIC_BASE_URL` has to point."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self._thread.start()
        return self

    def close(self) -> None:
        """End every connection, also those that hang. Returns when the threads have ended."""
        self.closing.set()
        self._http.shutdown()
        self._http.end_connections()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def answer(self, dialogue: Dialogue) -> tuple[ScriptStep, int]:
        """The step for one request and the request's number."""
        step = self._matcher.answer(dialogue)
        if is_probe(dialogue):
            return step, next(self._numbers)
        self.requests.append((dialogue, step))
        if self._watch is not None:
            self._watch(dialogue, step)
        return step, next(self._numbers)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    rehearsal: Rehearsal

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """Idle connections would keep their threads until the client ends."""
        for request in list(self._open):
            try:
                request.shutdown(2)
            except OSError:
                self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a cancelled turn closes its connection in the middle of an answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — the base class names it so
        """Nothing: stdout carries the URL, and `watch` sees the requests."""

    def do_HEAD(self) -> None:
        self._plain(200, {}, b"")

    def do_GET(self) -> None:
        self._plain(200, {}, b"{}")

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            request = json.loads(raw)
        except ValueError:
            self._plain(400, {}, b'{"type":"error","error":{"type":"invalid_request_error","message":"no JSON"}}')
            return
        path = self.path.partition("?")[0]
        if path == "/v1/messages/count_tokens":
            tokens = len(raw) // stream.CHARACTERS_PER_TOKEN
            self._plain(200, {}, json.dumps({"input_tokens": tokens}).encode())
        elif path == "/v1/messages":
            self._answer(read_dialogue(request, len(raw)), streamed=bool(request.get("stream")))
        else:
            self._plain(404, {}, b'{"type":"error","error":{"type":"not_found_error","message":"not scripted"}}')

    def _answer(self, dialogue: Dialogue, *, streamed: bool) -> None:
        step, number = self.server.rehearsal.answer(dialogue)
        self._pause(step.hang_seconds)
        if step.fail is not None:
            status, headers, body = stream.failure(step, time.time())
            self._plain(status, headers, json.dumps(body).encode())
        elif streamed:
            self._stream(step, dialogue, number)
        else:
            self._plain(200, {}, json.dumps(_whole(list(stream.events(step, dialogue, number)))).encode())

    def _stream(self, step: ScriptStep, dialogue: Dialogue, number: int) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in stream.events(step, dialogue, number):
            if event.get("delta", {}).get("type") == "text_delta":
                self._pause(step.slow_seconds)
            text = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.wfile.write(b"0\r\n\r\n")

    def _pause(self, seconds: float) -> None:
        if seconds:
            self.server.rehearsal.closing.wait(seconds)

    def _plain(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _whole(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer as one JSON object, for a request without `stream`."""
    message: dict[str, Any] = parts[0]["message"]
    for part in parts:
        if part["type"] == "content_block_start":
            message["content"].append(dict(part["content_block"]))
        elif part["type"] == "content_block_delta":
            block = message["content"][-1]
            if part["delta"]["type"] == "text_delta":
                block["text"] += part["delta"]["text"]
            else:
                block["input"] = json.loads(part["delta"]["partial_json"])
        elif part["type"] == "message_delta":
            message |= part["delta"]
            message["usage"] |= part["usage"]
    return message

"""A daemon made of threads and a table of replies: what the CLI sends to it is checked by the real wire."""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.wire.errors import HiveError
from harness.wire.framing import LineReader, decode, encode
from harness.wire.model import Done, Reply
from harness.wire.operator_api import HOST_VERBS, EventsReply
from harness.wire.parse import parse_request

Answer = Reply | HiveError | Callable[[dict[str, Any]], Any]


class FakeDaemon:
    """Serves `host.sock` in `run_dir`. `answers` maps a verb to its reply; without one it is `Done`."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.answers: dict[str, Answer] = {"events": EventsReply(seq=0, epoch="fake")}
        self.requests: list[dict[str, Any]] = []
        self.subscribed = threading.Semaphore(0)
        """Released once per stream that was opened."""
        self._lock = threading.RLock()
        self._streams: list[socket.socket] = []
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(run_dir / "host.sock"))
        self._listening.listen(16)
        self._spawn(self._accept)

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        """One line to every open event stream."""
        self.write({"seq": 1, "at": "2026-01-02T03:04:05.000Z", "kind": kind, "data": data})

    def write(self, frame: dict[str, Any]) -> None:
        """One frame to every open stream."""
        with self._lock:
            for stream in self._streams:
                stream.sendall(encode(frame))

    def hang_up(self) -> None:
        """Close every connection, as a daemon that dies does."""
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)
        (self.run_dir / "host.sock").unlink()

    def _spawn(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._connections.append(connection)
            self._spawn(self._converse, connection)

    def _converse(self, connection: socket.socket) -> None:
        reader = LineReader()
        with connection:
            while True:
                try:
                    data = connection.recv(65536)
                except OSError:
                    return
                if not data:
                    return
                for line in reader.feed(data):
                    self._answer(connection, decode(line))

    def _answer(self, connection: socket.socket, frame: dict[str, Any]) -> None:
        self.requests.append(frame)
        streams = frame["cmd"] in {"events", "subscribe_agent_status"} or bool(frame.get("follow"))
        # A client that has the first line of its stream gets every later one.
        with self._lock, contextlib.suppress(BrokenPipeError):
            connection.sendall(encode(self._reply(frame)))
            if streams:
                self._streams.append(connection)
        if streams:
            self.subscribed.release()

    def _reply(self, frame: dict[str, Any]) -> dict[str, Any]:
        try:
            parse_request(frame, HOST_VERBS)
        except HiveError as refusal:
            return refusal.as_reply()
        answer = self.answers.get(frame["cmd"], Done())
        if callable(answer):
            answer = answer(frame)
        assert isinstance(answer, HOST_VERBS[frame["cmd"]].reply | HiveError), f"{frame['cmd']} is never answered so"
        return answer.as_reply()

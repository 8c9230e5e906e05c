"""Whether the dashboard answers: one request to it, whose answer is waited for without polling.

Owns the connection of that request. The port is held by the daemon, so a connection says nothing: the answer does, and
it comes as soon as a web process serves the port, however often one has to be started for that.
"""

import socket
from collections.abc import Callable
from typing import Any

from gevent import get_hub

from actors.dashboard.messages import PORT, Answered, GetHeld, Held
from actors.supervision import Actor, Clock, Directory, Exit

ASK_SECONDS = 5.0
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200"
CONNECT_SECONDS = 0.5
AGAIN_SECONDS = 1.0
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 — how a port of every address is reached
_READ = 1


class PageActor(Actor):
    """`web/page`. `on_answer` is called when the page answers for the first time in the life of this actor."""

    def __init__(self, *, on_answer: Callable[[], object], directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._on_answer = on_answer
        self._directory = directory
        self._held: Held | None = None
        self._sock: socket.socket | None = None
        self._watcher: Any = None
        self._answers = False

    def on_start(self) -> None:
        self._held = self._directory.ask(PORT, GetHeld(), timeout=ASK_SECONDS)
        self._request()

    def state_word(self) -> str:
        if self._held is None:
            return "waits for the port"
        return "answers" if self._answers else "does not answer yet"

    def handle(self, message: object) -> None:
        match message:
            case Held():
                self._held = message
                self._request()
            case Answered():
                self._read()

    def on_stop(self) -> None:
        self._hang_up()

    def on_crash(self, exit_reason: Exit) -> None:  # noqa: ARG002
        self._hang_up()

    def _request(self) -> None:
        """Send the request; the kernel keeps it until a web process takes it."""
        if self._held is None or self._answers:
            return
        self._hang_up()
        with socket.socket(fileno=socket.dup(self._held.descriptors[0])) as listening:
            host, port = listening.getsockname()[:2]
            family = listening.family
        self._sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._sock.settimeout(CONNECT_SECONDS)  # the kernel connects it, whatever the web process does
            self._sock.connect((LOOPBACK.get(host, host), port))
            self._sock.sendall(REQUEST)
            self._sock.setblocking(False)
        except OSError:
            self._hang_up()
            self.tell_after(AGAIN_SECONDS, self._held)
            return
        self._watcher = get_hub().loop.io(self._sock.fileno(), _READ)
        self._watcher.start(self.tell_self, Answered())

    def _read(self) -> None:
        assert self._sock is not None
        try:
            answer = self._sock.recv(len(OK))
        except BlockingIOError:
            return
        except OSError:
            answer = b""
        self._hang_up()
        if answer == OK:
            self._answers = True
            self._on_answer()
        else:  # a web process that ends with the request in its hands
            self.tell_after(AGAIN_SECONDS, self._held)

    def _hang_up(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
        if self._sock is not None:
            self._sock.close()
            self._sock = None

"""The dashboard's port.

Owns the listening sockets. Promises: while the web process restarts the port stays held, and clients wait; a port that
another program has is said in the log and in the tree, by its number, and taken as soon as it is free; it never ends
the hive, because then an agent that takes the port could.
"""

import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

from actors.dashboard.addresses import listen, to_hold
from actors.dashboard.messages import PAGE, PROCESS, GetHeld, Held, TryAgain
from actors.events import emit
from actors.sessions import api as sessions
from actors.supervision import Actor, Clock, Directory, Exit

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0


class PortActor(Actor):
    """`web/port`. `on_refusal` is told once of each reason for which the port is not held."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        directory: Directory,
        clock: Clock,
        on_refusal: Callable[[str], object] = lambda _reason: None,
    ) -> None:
        super().__init__(clock=clock)
        self._addresses = to_hold(host)
        self._port = port
        self._on_refusal = on_refusal
        self._directory = directory
        self._sockets: list[socket.socket] = []
        self._held: Held | None = None
        self._refusal = ""

    def on_start(self) -> None:
        self._try()

    def state_word(self) -> str:
        return self._refusal or f"holds {self._port}"

    def handle(self, message: object) -> Any:
        match message:
            case GetHeld():
                return self._held
            case TryAgain():
                self._try()
                if self._held is not None:
                    self._directory.tell(PROCESS, self._held)
                    self._directory.tell(PAGE, self._held)
        return None

    def on_stop(self) -> None:
        self._close()

    def on_crash(self, exit_reason: Exit) -> None:  # noqa: ARG002
        self._close()

    def _try(self) -> None:
        try:
            self._sockets = listen(self._addresses, self._port)
        except OSError as error:
            self._refused(f"{error.filename} is taken: {error.strerror}")
            return
        name = sessions.port_held(self._directory, since_before=False)
        self._held = Held(tuple(sock.fileno() for sock in self._sockets), name)
        self._refusal = ""
        log.info("dashboard port held addresses=%s port=%s", ",".join(self._addresses), self._port)

    def _refused(self, reason: str) -> None:
        if reason != self._refusal:
            self._refusal = reason
            text = (
                f"the dashboard waits for web_port {self._port}: {reason}; stop the program that has it, or set another"
                " web_port"
            )
            log.error("%s", text)
            emit(self._directory, "notice", {"level": "error", "text": text})
            self._on_refusal(text)
        self.tell_after(RETRY_SECONDS, TryAgain())

    def _close(self) -> None:
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.close()
        self._sockets.clear()

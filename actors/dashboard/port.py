"""The dashboard's port.

Owns the listening sockets. Promises: while the web process restarts the port stays held, and clients wait; a port that
another program has is said in the log and in the tree, by its number, and taken as soon as it is free; it never ends
the hive, because then an agent that takes the port could. Where the service manager keeps open files, the port stays
held while the daemon restarts, and sessions go on.
"""

import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

from actors.dashboard.addresses import adopt, listen, to_hold
from actors.dashboard.messages import PAGE, PROCESS, GetHeld, Held, TryAgain
from actors.events import emit
from actors.service.descriptor_store import DescriptorStore
from actors.sessions import api as sessions
from actors.supervision import Actor, Clock, Directory, Exit

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0


class PortActor(Actor):
    """`web/port`. `on_refusal` is told once of each reason for which the port is not held.

    `store` keeps the sockets under `key` over a restart of this actor and of the daemon, where a service manager does.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        directory: Directory,
        clock: Clock,
        on_refusal: Callable[[str], object] = lambda _reason: None,
        store: DescriptorStore | None = None,
        key: str = "hive-web",
    ) -> None:
        super().__init__(clock=clock)
        self._addresses = to_hold(host)
        self._port = port
        self._on_refusal = on_refusal
        self._directory = directory
        self._store = store or DescriptorStore()
        self._key = key
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
        kept, left = adopt(self._store.take(self._key), self._addresses, self._port)
        if not kept:
            self._store.forget(self._key)
        try:
            fresh = listen(left, self._port, first=len(kept))
        except OSError as error:
            for sock in kept:
                sock.close()
            self._refused(f"{error.filename} is taken: {error.strerror}")
            return
        self._sockets = kept + fresh
        # Not when one of them is new: another program may have had its address meanwhile.
        name = sessions.port_held(self._directory, since_before=bool(kept) and not fresh)
        self._store.keep(self._key, [sock.fileno() for sock in self._sockets])
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

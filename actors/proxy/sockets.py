"""The actor that owns the agents' proxy sockets.

Owns the listening sockets, the settings that the proxy serves them with, and the record of hosts. The proxy process
holds copies of the descriptors: when it ends, connections wait in the kernel until the next one has been told of the
sockets. Promises: a socket takes connections from `OpenSocket` to `CloseSocket`, whether a process runs or not.
"""

import contextlib
import logging
import os
from array import array
from pathlib import Path

from gevent.socket import AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET, socket

from actors.proxy.hosts import HostTable
from actors.proxy.messages import CloseSocket, ForgetHosts, GetHosts, HostReported, OpenSocket, ProcessStarted
from actors.supervision import Actor, Clock
from harness.wire.proxy import Close, HostReport, Serve

log = logging.getLogger(__name__)

BACKLOG = 128
SEND_SECONDS = 5.0


class Sockets:
    """What outlives the actor: its next life serves the same agents, after a crash on the same sockets."""

    def __init__(self) -> None:
        self.opened: dict[str, OpenSocket] = {}
        self.listening: dict[str, socket] = {}
        self.hosts = HostTable()


class ProxySocketsActor(Actor):
    """Sends each order to the proxy process that runs now, and all of them to a new one."""

    def __init__(self, sockets: Sockets, *, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._sockets = sockets
        self._orders: socket | None = None

    def state_word(self) -> str:
        return f"{len(self._sockets.listening)} sockets"

    def handle(self, message: object) -> list[HostReport] | None:
        match message:
            case OpenSocket():
                self._open(message)
            case CloseSocket(agent):
                self._close(agent)
            case ProcessStarted(orders):
                self._take_process(orders)
            case HostReported(report):
                self._sockets.hosts.add(report)
            case ForgetHosts(agent):
                self._sockets.hosts.forget(agent)
            case GetHosts(agent):
                return self._sockets.hosts.of(agent)
        return None

    def on_start(self) -> None:
        for agent, order in self._sockets.opened.items():
            if agent not in self._sockets.listening:
                self._sockets.listening[agent] = listen(order.path, order.owner)

    def on_stop(self) -> None:
        self._drop_process()
        while self._sockets.listening:
            self._sockets.listening.popitem()[1].close()

    def on_crash(self, exit_reason: object) -> None:  # noqa: ARG002
        self._drop_process()

    def _open(self, order: OpenSocket) -> None:
        known = self._sockets.opened.get(order.agent)
        if known is None or (known.path, known.owner) != (order.path, order.owner) or not order.path.exists():
            self._stop_listening(order.agent)
            self._sockets.listening[order.agent] = listen(order.path, order.owner)
        self._sockets.opened[order.agent] = order
        self._send(order)

    def _close(self, agent: str) -> None:
        order = self._sockets.opened.pop(agent, None)
        if order is not None:
            self._stop_listening(agent)
            order.path.unlink(missing_ok=True)
            self._tell(Close(agent=agent), ())

    def _stop_listening(self, agent: str) -> None:
        listening = self._sockets.listening.pop(agent, None)
        if listening is not None:
            listening.close()

    def _take_process(self, orders: socket) -> None:
        self._drop_process()
        orders.settimeout(SEND_SECONDS)
        self._orders = orders
        for order in list(self._sockets.opened.values()):
            self._send(order)

    def _send(self, order: OpenSocket) -> None:
        serve = Serve(agent=order.agent, network=order.network, upstream=order.upstream)
        self._tell(serve, (self._sockets.listening[order.agent].fileno(),))

    def _tell(self, order: Serve | Close, descriptors: tuple[int, ...]) -> None:
        """A process that does not take it is about to end, and the next one is told everything."""
        if self._orders is None:
            return
        passed = [(SOL_SOCKET, SCM_RIGHTS, array("i", descriptors))] if descriptors else []
        try:
            self._orders.sendmsg([order.model_dump_json().encode()], passed)
        except OSError as error:
            log.warning("the proxy takes no orders error=%s", error)
            self._drop_process()

    def _drop_process(self) -> None:
        if self._orders is not None:
            self._orders.close()
            self._orders = None


def listen(path: Path, owner: int) -> socket:
    """A socket at `path` that this user and the daemon's can connect to; whatever was there is replaced."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    listening = socket(AF_UNIX, SOCK_STREAM)
    try:
        before = os.umask(0o177)
        try:
            listening.bind(str(path))
        finally:
            os.umask(before)
        if owner != os.geteuid():
            os.chown(path, owner, owner)
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening

"""The actor that owns the agents' proxy sockets.

Owns the listening sockets, the settings that the proxy serves them with, and the record of hosts. The proxy holds
copies of the descriptors, which outlive this daemon: the next one takes them from there. When the proxy ends,
connections wait in the kernel until the next one has been told of the sockets. Promises: a socket takes connections
from `OpenSocket` to `CloseSocket`, whether a process runs or not.
"""

import contextlib
import logging
import os
from array import array
from dataclasses import replace
from pathlib import Path

from gevent.socket import AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET, socket

from actors.proxy.hosts import HostTable
from actors.proxy.messages import (
    CloseSocket,
    ForgetHosts,
    GetHosts,
    HostReported,
    OpenSocket,
    ProcessStarted,
    SetUpstream,
)
from actors.supervision import Actor, Clock
from harness.wire.proxy import Close, HostReport, Serve, Upstream

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
        self._told: set[str] = set()
        """The agents whose present socket the process has."""

    def state_word(self) -> str:
        return f"{len(self._sockets.listening)} sockets"

    def handle(self, message: object) -> list[HostReport] | None:
        match message:
            case OpenSocket():
                self._open(message)
            case SetUpstream(upstream):
                self._set_upstream(upstream)
            case CloseSocket(agent):
                self._close(agent)
            case ProcessStarted(orders, held):
                self._take_process(orders, held)
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
        if not self._is_listening(order):
            self._stop_listening(order.agent)
            self._sockets.listening[order.agent] = listen(order.path, order.owner)
        self._sockets.opened[order.agent] = order
        self._send(order)
        self._set_upstream(order.upstream)

    def _set_upstream(self, upstream: Upstream) -> None:
        for other in list(self._sockets.opened.values()):
            if other.upstream != upstream:
                changed = self._sockets.opened[other.agent] = replace(other, upstream=upstream)
                self._send(changed)

    def _is_listening(self, order: OpenSocket) -> bool:
        """Whether the socket at this path is the one that is served, by this daemon or since an earlier one."""
        listening = self._sockets.listening.get(order.agent)
        try:
            return (
                listening is not None
                and listening.getsockname() == str(order.path)
                and order.path.stat().st_uid == order.owner
            )
        except FileNotFoundError:
            return False

    def _close(self, agent: str) -> None:
        self._sockets.opened.pop(agent, None)
        listening = self._sockets.listening.get(agent)
        if listening is not None:
            Path(listening.getsockname()).unlink(missing_ok=True)
            self._stop_listening(agent)
            self._tell(Close(agent=agent), ())

    def _stop_listening(self, agent: str) -> None:
        self._told.discard(agent)
        listening = self._sockets.listening.pop(agent, None)
        if listening is not None:
            listening.close()

    def _take_process(self, orders: socket | None, held: dict[str, socket]) -> None:
        served = {self._keep(agent, listening) for agent, listening in held.items()}
        if orders is None:
            return
        self._drop_process()
        orders.settimeout(SEND_SECONDS)
        self._orders, self._told = orders, {agent for agent in served if agent is not None}
        for agent in held.keys() - self._told:
            if agent not in self._sockets.opened:
                self._tell(Close(agent=agent), ())
        for order in list(self._sockets.opened.values()):
            self._send(order)

    def _keep(self, agent: str, listening: socket) -> str | None:
        """Keep the socket that a proxy holds, unless there is another one by now; the agent if the proxy's is it."""
        ours = self._sockets.listening.setdefault(agent, listening)
        if ours is listening:
            return agent
        is_it = os.fstat(ours.fileno()).st_ino == os.fstat(listening.fileno()).st_ino
        listening.close()
        return agent if is_it else None

    def _send(self, order: OpenSocket) -> None:
        serve = Serve(agent=order.agent, network=order.network, upstream=order.upstream)
        is_new = order.agent not in self._told
        self._tell(serve, (self._sockets.listening[order.agent].fileno(),) if is_new else ())
        if self._orders is not None:
            self._told.add(order.agent)

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
        self._told.clear()


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

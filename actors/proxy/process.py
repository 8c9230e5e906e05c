"""The `hive-proxy` process as an actor. The process outlives the actor and the daemon, as containers do.

Owns the connection to the proxy that serves. Promises: a proxy of this revision that runs is adopted; one of another
revision hands its sockets to a new one, lets its streams come to their end and ends; one that has died is followed by
a new one; at an orderly end of the daemon the proxy ends when no container needs it any more.
"""

import contextlib
import logging
import os
from typing import Any

from gevent import get_hub
from pydantic import ValidationError

from actors.proxy import control
from actors.proxy.control import Link, ProxyProgram
from actors.proxy.messages import SOCKETS, HostReported, ProcessStarted
from actors.proxy.sockets import Sockets
from actors.supervision import Actor, Clock, Directory, Exit
from harness.wire.proxy import ORDER_BYTES, REPORTS, Drain, Reached

log = logging.getLogger(__name__)

_READ = 1


class _Connect:
    """To itself: start a proxy, as none of this revision runs."""


class _Ended:
    """To itself: the proxy has ended, or takes no orders any more."""


class ProxyProcess(Actor):
    """`sockets`: whether any agent needs the proxy."""

    kind = "process"

    def __init__(self, program: ProxyProgram, sockets: Sockets, *, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._program, self._sockets, self._directory = program, sockets, directory
        self._link: Link | None = None
        self._old: list[Link] = []
        """Proxies of other revisions, until a new one has taken over."""
        self._watchers: list[Any] = []

    def on_start(self) -> None:
        """Adopts before it returns: a socket that is opened next is one that the proxy has already."""
        for link in control.running(self._program.folder):
            if link.hello.draining:
                link.close()
            elif link.hello.revision == self._program.revision and self._link is None:
                self._serve_through(link)
            else:
                self._old.append(link)
        if self._link is None:
            for link in self._old:
                self._hand_over(link)
            self.tell_self(_Connect())
        else:
            self._drain_old()

    def handle(self, message: object) -> None:
        match message:
            case _Connect():
                self._serve_through(control.start(self._program))
                self._drain_old()
            case _Ended():
                self.exit(Exit.failed("the proxy has ended"))

    def on_stop(self) -> None:
        link = self._let_go()
        if link is None:
            return
        if self._sockets.opened:
            link.close()
            return
        link.end()
        for other in control.running(self._program.folder):
            other.end()

    def on_crash(self, exit_reason: Exit) -> None:  # noqa: ARG002
        link = self._let_go()
        if link is not None:
            link.close()

    def _serve_through(self, link: Link) -> None:
        self._link, self.pid = link, link.pid
        loop = get_hub().loop
        for descriptor, react in ((link.sock.fileno(), self._readable), (link.pidfd, self._ended)):
            watcher = loop.io(descriptor, _READ)
            watcher.start(react)
            self._watchers.append(watcher)
        self._hand_over(link)

    def _hand_over(self, link: Link) -> None:
        """The sockets that a proxy holds go to their actor; if it serves from now on, its orders come from there."""
        serves = link is self._link
        held, link.held = link.held, {}
        orders = link.sock.dup() if serves else None
        if not self._directory.tell(SOCKETS, ProcessStarted(orders, held)):
            for one in (*held.values(), *([] if orders is None else [orders])):
                one.close()

    def _drain_old(self) -> None:
        """Between this order and those to the new one, connections wait at the sockets that this daemon has."""
        while self._old:
            link = self._old.pop()
            with contextlib.suppress(OSError):
                link.send(Drain())
            link.close()

    def _readable(self) -> None:
        """In the hub."""
        assert self._link is not None
        try:
            data = os.read(self._link.sock.fileno(), ORDER_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._ended()
            return
        try:
            report = REPORTS.validate_json(data)
        except ValidationError:
            log.warning("the proxy said what is no report message=%r", data[:200])
            return
        if isinstance(report, Reached):
            self._directory.tell(SOCKETS, HostReported(report.report))

    def _ended(self) -> None:
        """In the hub."""
        self._stop_watching()
        self.tell_self(_Ended())

    def _stop_watching(self) -> None:
        while self._watchers:
            watcher = self._watchers.pop()
            watcher.stop()
            watcher.close()

    def _let_go(self) -> Link | None:
        self._stop_watching()
        for old in self._old:
            old.close()
        self._old.clear()
        link, self._link, self.pid = self._link, None, None
        return link

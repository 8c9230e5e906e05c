"""The part of `hive-proxy` that outlives: holds the listening sockets and the settings, and keeps a worker running.

Owns the control socket, the agents' listening sockets and the last order of each agent, the key to the model included,
in memory that no process of its user may read. Promises: a worker that ended is followed by another one, with a daemon
or without, and connections wait in the kernel meanwhile; a daemon that connects is told what is held, with the
descriptors; `Drain` ends the keeper when the worker has no connection left; `End`, and the removal of the control
socket, end both at once. One thread: a worker is a fork of it.
"""

import contextlib
import logging
import os
import selectors
import signal
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable
from typing import NoReturn

from pydantic import ValidationError

from harness.proxy import worker
from harness.wire.proxy import ORDER_BYTES, ORDERS, Close, Drain, End, Held, Hello, Serve

log = logging.getLogger("hive-proxy")

TELL_SECONDS = 5.0
PAUSE_SECONDS = (0.0, 0.1, 1.0, 10.0)
"""Before the next worker, by how many have ended early one after the other."""
EARLY_SECONDS = 30.0


class Keeper:
    """`daemon_uid`: the user whose connections to `control` count.

    `removed` says whether the file of the control socket is gone; `removal` is readable when it may be.
    """

    def __init__(
        self,
        control: socket.socket,
        *,
        removed: Callable[[], bool],
        removal: int,
        daemon_uid: int,
        revision: str | None,
        kept: int | None = None,
    ) -> None:
        """`kept` is an open file that the worker keeps too: that of the log's older half."""
        self._kept = kept
        self._control, self._daemon_uid, self._revision = control, daemon_uid, revision
        self._removed = removed
        self._tls = ssl.create_default_context()
        self._orders: dict[str, bytes] = {}
        self._listening: dict[str, socket.socket] = {}
        self._daemon: socket.socket | None = None
        self._worker: socket.socket | None = None
        self._pid = 0
        self._started, self._early = 0.0, 0
        self._next_start: float | None = None
        self._draining = False
        self._ready = selectors.DefaultSelector()
        self._ready.register(control, selectors.EVENT_READ, self._accept)
        self._ready.register(removal, selectors.EVENT_READ, self._look_for_removal)
        self._woken = _signals()
        self._ready.register(self._woken, selectors.EVENT_READ, self._signalled)

    def run(self) -> NoReturn:
        """Serve until drained or ended."""
        self._start_worker()
        while True:
            wait = None if self._next_start is None else max(0.0, self._next_start - time.monotonic())
            for key, _ in self._ready.select(wait):
                if self._ready.get_map().get(key.fd) is key:  # not what one before it in this round has closed
                    key.data()
            if self._next_start is not None and time.monotonic() >= self._next_start:
                self._start_worker()

    # ---- the daemon ---------------------------------------------------------------------------------

    def _accept(self) -> None:
        daemon, _ = self._control.accept()
        daemon.settimeout(TELL_SECONDS)
        if _uid(daemon) not in {self._daemon_uid, 0}:
            daemon.close()
            return
        self._drop_daemon()
        hello = Hello(revision=self._revision, draining=self._draining, held=len(self._listening))
        try:
            daemon.sendall(hello.model_dump_json().encode())
            for agent, listening in self._listening.items():
                socket.send_fds(daemon, [Held(agent=agent).model_dump_json().encode()], [listening.fileno()])
        except OSError as error:
            log.warning("the daemon does not listen error=%s", error)
            daemon.close()
            return
        self._daemon = daemon
        self._ready.register(daemon, selectors.EVENT_READ, self._take)
        self._watch_reports()

    def _drop_daemon(self) -> None:
        if self._daemon is not None:
            self._ready.unregister(self._daemon)
            self._daemon.close()
            self._daemon = None
            self._watch_reports()

    def _take(self) -> None:
        assert self._daemon is not None
        try:
            data, descriptors, _, _ = socket.recv_fds(self._daemon, ORDER_BYTES, 4)
        except OSError:
            data, descriptors = b"", []
        sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
        if not data:
            self._drop_daemon()
            return
        try:
            order = ORDERS.validate_json(data)
        except ValidationError:
            log.exception("that is no order")
            return
        match order, sockets:
            case Serve(agent=agent), [listening]:
                if agent in self._listening:
                    self._listening[agent].close()
                self._orders[agent], self._listening[agent] = data, listening
                self._pass_on(data, [listening.fileno()])
            case Serve(agent=agent), [] if agent in self._listening:
                self._orders[agent] = data
                self._pass_on(data, [])
            case Close(agent=agent), [] if agent in self._listening:
                self._orders.pop(agent)
                self._listening.pop(agent).close()
                self._pass_on(data, [])
            case Drain(), []:
                self._drain(data)
            case End(), []:
                self._end()
            case _:
                log.error("an order that does not fit kind=%s", order.kind)

    def _drain(self, order: bytes) -> None:
        self._draining = True
        self._pass_on(order, [])
        for listening in self._listening.values():
            listening.close()
        self._orders.clear()
        self._listening.clear()
        if self._worker is None:
            self._end()

    # ---- the worker ---------------------------------------------------------------------------------

    def _start_worker(self) -> None:
        self._next_start = None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            ours.detach()
            self._become_worker(theirs)
        theirs.close()
        ours.settimeout(TELL_SECONDS)
        self._pid, self._worker, self._started = pid, ours, time.monotonic()
        for agent, order in self._orders.items():
            self._pass_on(order, [self._listening[agent].fileno()])
        self._watch_reports()

    def _become_worker(self, orders: socket.socket) -> NoReturn:
        """In the fork: let go of everything that is the keeper's, and serve."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            self._ready.close()
            kept = os.dup2(orders.detach(), 3)
            for one in (self._control, self._daemon, *self._listening.values()):
                if one is not None:
                    one.detach()
            after = 4 if self._kept is None else self._kept + 1
            os.closerange(4, after - 1)
            os.closerange(after, 1 << 20)
            worker.serve(socket.socket(fileno=kept), self._tls)
            status = 0
        except BaseException:
            log.exception("the worker failed")
        finally:
            os._exit(status)

    def _watch_reports(self) -> None:
        """Reports are read while a daemon is there to take them; until then the worker adds them up."""
        if self._worker is None:
            return
        watched = self._worker.fileno() in self._ready.get_map()
        if self._daemon is not None and not watched:
            self._ready.register(self._worker, selectors.EVENT_READ, self._relay)
        elif self._daemon is None and watched:
            self._ready.unregister(self._worker)

    def _pass_on(self, order: bytes, descriptors: list[int]) -> None:
        if self._worker is None:
            return
        try:
            socket.send_fds(self._worker, [order], descriptors)
        except OSError as error:
            log.warning("the worker takes no orders and is ended error=%s", error)
            os.kill(self._pid, signal.SIGKILL)

    def _relay(self) -> None:
        assert self._worker is not None
        try:
            data = self._worker.recv(ORDER_BYTES)
        except OSError:
            data = b""
        if not data:
            self._ready.unregister(self._worker)  # its end comes as a signal
            return
        if self._daemon is None:
            return
        try:
            self._daemon.sendall(data)
        except OSError as error:
            log.warning("the daemon takes no reports error=%s", error)
            self._drop_daemon()

    def _signalled(self) -> None:
        asked = os.read(self._woken, 512)
        if signal.SIGTERM in asked or signal.SIGINT in asked:
            self._end()
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._pid:
                self._worker_ended(os.waitstatus_to_exitcode(status))

    def _worker_ended(self, status: int) -> None:
        assert self._worker is not None
        with contextlib.suppress(KeyError):
            self._ready.unregister(self._worker)
        self._worker.close()
        self._worker, self._pid = None, 0
        if self._draining:
            self._end()
        now = time.monotonic()
        self._early = self._early + 1 if now - self._started < EARLY_SECONDS else 0
        pause = PAUSE_SECONDS[min(self._early, len(PAUSE_SECONDS) - 1)]
        log.warning("the worker ended status=%s next_in=%ss", status, pause)
        self._next_start = now + pause

    # ---- the end ------------------------------------------------------------------------------------

    def _look_for_removal(self) -> None:
        if self._removed():
            log.info("the control socket was removed")
            self._end()

    def _end(self) -> NoReturn:
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
        sys.exit(0)


def _signals() -> int:
    """Readable when one of them came."""
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return woken


def _uid(peer: socket.socket) -> int:
    return int(struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1])

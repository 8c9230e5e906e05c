"""One client of one of the daemon's unix sockets, as a handler sees it."""

import contextlib
import errno
import select
import socket as std
import struct
from collections.abc import Callable
from typing import Any

from gevent import get_hub
from gevent.lock import Semaphore
from gevent.socket import socket

from actors import frames
from harness.wire.errors import HiveError

REPLY_SECONDS = 60.0
"""How long a client may take to read a reply; one that does not is gone."""

LOOK_SECONDS = 1.0
"""How often a client is looked at that has sent its next request already while the first one waits."""

_READ = 1
_PEERCRED = struct.Struct("3i")


def is_of_client(error: BaseException, connection: "Connection") -> bool:
    """Whether an error of a handler means that its client is gone, and not that something else failed."""
    return isinstance(error, ConnectionError) or (isinstance(error, OSError) and connection.gone)


class Connection:
    """A client's socket, and the client's pid, uid and gid as the kernel reports them.

    Owns the socket's watcher while a handler waits. Lives in one greenlet; callbacks of `on_gone` run in
    the hub and must not block.
    """

    def __init__(self, sock: socket) -> None:
        self._sock = sock
        self._gone_callbacks: list[Callable[[], None]] = []
        self._unwritten_callbacks: list[Callable[[], None]] = []
        self._watcher: Any = None
        self._place: Semaphore | None = None
        self.gone = False
        self.busy = False
        self.request_bytes = 0
        credentials = sock.getsockopt(std.SOL_SOCKET, std.SO_PEERCRED, _PEERCRED.size)
        self.pid, self.uid, self.gid = _PEERCRED.unpack(credentials)

    @property
    def waiting(self) -> bool:
        """Whether the handler waits for something that may never come: a long poll or a stream."""
        return self._watcher is not None

    def on_gone(self, callback: Callable[[], None]) -> None:
        """Call back as soon as the client hangs up (or closes its sending side) while its request is handled.

        The request waits for something that may never come: it leaves its place to another one.
        """
        self._leave_place()
        self._gone_callbacks.append(callback)
        if self.gone:
            callback()
        elif self._watcher is None:
            self._watcher = get_hub().loop.io(self._sock.fileno(), _READ)
            self._watcher.start(self._readable)

    def if_unwritten(self, callback: Callable[[], None]) -> None:
        """Call back when the reply to the present request cannot be written to the client."""
        self._unwritten_callbacks.append(callback)

    def send(self, frame: dict[str, Any]) -> None:
        """Write one line; raises OSError when the client is gone."""
        line = frames.encode(frame)
        try:
            sent = self._sock._sock.send(line)  # noqa: SLF001 — nearly every line goes out at once, without a wait
        except BlockingIOError:
            sent = 0
        if sent < len(line):
            self._send_rest(memoryview(line)[sent:])

    def _send_rest(self, rest: memoryview) -> None:
        self._sock.settimeout(REPLY_SECONDS)
        try:
            self._sock.sendall(rest)
        finally:
            self._sock.settimeout(None)

    def begin(self, size: int) -> None:
        """A request of `size` bytes has come."""
        self.busy = True
        self.request_bytes = size

    def take_place(self, places: Semaphore) -> None:
        """Wait until the request may be worked on; the place is left when it is finished, or when it only waits."""
        places.acquire()
        self._place = places

    def _leave_place(self) -> None:
        if self._place is not None:
            self._place.release()
            self._place = None

    def finish(self, reply: dict[str, Any] | None) -> bool:
        """Write the reply, run its callbacks, forget the request. False when the client is gone."""
        self._unwatch()
        written = alive = True
        try:
            if reply is not None:
                self.send(reply)
        except HiveError as too_large:
            written = False
            self._send_refusal(too_large)
        except OSError:
            written = alive = False
        finally:
            self._leave_place()
        if self._unwritten_callbacks:
            if not written or self.gone:
                # The client did not get the reply, because it hung up or because the reply was too large.
                for callback in self._unwritten_callbacks:
                    callback()
            self._unwritten_callbacks.clear()
        self._gone_callbacks.clear()
        self.busy = False
        return alive and not self.gone

    def _send_refusal(self, refusal: HiveError) -> None:
        with contextlib.suppress(OSError):
            self.send(refusal.as_reply())

    def hang_up(self) -> None:
        """Shut the connection down from outside its greenlet, which then closes the socket itself."""
        self.gone = True
        for callback in self._gone_callbacks:
            callback()
        with contextlib.suppress(OSError):
            self._sock.shutdown(std.SHUT_RDWR)

    def close(self) -> None:
        """Release the socket."""
        self._unwatch()
        self._leave_place()
        self._sock.close()

    def _unwatch(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None

    def _readable(self) -> None:
        try:
            ahead = self._sock._sock.recv(1, std.MSG_PEEK | std.MSG_DONTWAIT)  # noqa: SLF001 — the hub must not wait
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.EINTR}:
                return
            ahead = b""
        self._unwatch()
        if ahead:
            # The next request is already here, and the socket stays readable: ask now and then for the end alone.
            self._watcher = get_hub().loop.timer(LOOK_SECONDS, LOOK_SECONDS)
            self._watcher.start(self._look)
        else:
            self._notice_end()

    def _look(self) -> None:
        end = select.poll()
        end.register(self._sock.fileno(), select.POLLRDHUP)
        if end.poll(0):
            self._unwatch()
            self._notice_end()

    def _notice_end(self) -> None:
        self.gone = True
        for callback in self._gone_callbacks:
            callback()

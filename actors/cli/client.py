"""The blocking client of `host.sock`, the daemon's socket: one request and its reply, or a stream of frames.

Frames are plain dicts, not models: the daemon checks every name and argument anyway, and a command that needs no
pydantic starts 70 ms sooner. Every expected failure is a HiveError, an absent daemon included.
"""

import contextlib
import select
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import click

from harness.wire.errors import ErrorCode, HiveError, unavailable
from harness.wire.framing import LineReader, decode, encode
from harness.wire.limits import MAX_ROWS

REPLY_SECONDS = 120.0
"""How long a reply may take: a request that starts or stops a container waits for it."""


class ConnectionClosedError(HiveError):
    """The daemon hung up before it answered: the request may or may not have been carried out."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            ErrorCode.UNAVAILABLE, f"the daemon at {path} closed the connection", "it may be restarting: try again"
        )


class DaemonClient:
    """A connection to the daemon. Replies come in the order of requests; a stream keeps the connection to itself."""

    def __init__(self, path: Path, *, reply_seconds: float = REPLY_SECONDS) -> None:
        self._path = path
        self._reply_seconds = reply_seconds
        self._reader = LineReader()
        self._lines: list[bytes] = []
        self._socket = _connect(path)

    def request(self, cmd: str, **arguments: Any) -> dict[str, Any]:
        """The reply to one request, or the first frame of a streaming verb; a refusal is raised as HiveError."""
        self.send(cmd, **arguments)
        reply = self._frame(time.monotonic() + self._reply_seconds)
        if omitted := reply.get("omitted"):
            click.echo(f"{omitted} more rows do not fit into one reply and are not shown", err=True)
        return reply

    def newest(self, cmd: str, key: str, count: int, **arguments: Any) -> list[dict[str, Any]]:
        """The newest `count` rows below `key` of a verb that pages with `before`, oldest first; all if there are fewer.

        One reply holds what fits into a frame, which with long rows is less than was asked for: the rest is asked for
        until there is no more.
        """
        found: list[dict[str, Any]] = []
        while len(found) < count:
            before = found[0]["id"] if found else None
            rows = self.request(cmd, limit=min(count - len(found), MAX_ROWS), before=before, **arguments)[key]
            page = [row for row in rows if before is None or row["id"] < before]
            if not page:
                break
            found = page + found
        return found

    def another(self) -> "DaemonClient":
        """A second connection, for what is asked while this one waits."""
        return DaemonClient(self._path, reply_seconds=self._reply_seconds)

    def send(self, cmd: str, **arguments: Any) -> None:
        """Write one request; arguments that are None are left out."""
        frame = {"cmd": cmd} | {key: value for key, value in arguments.items() if value is not None}
        try:
            self._socket.sendall(encode(frame))
        except OSError:
            raise ConnectionClosedError(self._path) from None

    def frames(self) -> Iterator[dict[str, Any]]:
        """The frames of a stream as they come; raises `unavailable` when the daemon hangs up.

        Ends when nobody reads what this program prints: `… --follow | head -1` must not wait for another line.
        """
        while self._lines or self._is_read():
            yield self._frame(None)

    def _is_read(self) -> bool:
        """Wait for the daemon; False when the reader of the standard output has gone first."""
        waited = select.poll()
        waited.register(self._socket, select.POLLIN)
        with contextlib.suppress(OSError, ValueError):  # the output is no file of the system
            waited.register(sys.stdout.fileno(), 0)
        return any(number == self._socket.fileno() for number, _ in waited.poll())

    def waiting(self, seconds: float | None = None) -> dict[str, Any] | None:
        """The next frame of a stream, None if none came in time; without `seconds` only one that is there already."""
        try:
            return self._frame(time.monotonic() + (seconds or 0.0))
        except HiveError as error:
            if error.code is ErrorCode.TIMEOUT:
                return None
            raise

    def fileno(self) -> int:
        """The socket's descriptor, so that `select` takes a client."""
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _frame(self, deadline: float | None) -> dict[str, Any]:
        while not self._lines:
            # A deadline that has passed still takes what is in the buffer: 0 would mean "do not block" to the OS.
            self._socket.settimeout(None if deadline is None else max(deadline - time.monotonic(), 0.000_001))
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                raise self._late() from None
            except OSError:
                raise ConnectionClosedError(self._path) from None
            if not data:
                raise ConnectionClosedError(self._path)
            self._lines += self._reader.feed(data)
        frame = decode(self._lines.pop(0))
        if frame.get("ok") is False:
            raise HiveError.from_reply(frame)
        return frame

    def _late(self) -> HiveError:
        return HiveError(
            ErrorCode.TIMEOUT,
            f"the daemon at {self._path} did not answer in {self._reply_seconds:g} s",
            "`hive actors` shows which actor is stuck",
        )


def _connect(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connection.connect(str(path))
    except OSError as error:
        connection.close()
        raise _unreachable(path, error) from None
    return connection


def _unreachable(path: Path, error: OSError) -> HiveError:
    if isinstance(error, PermissionError):
        return HiveError(
            ErrorCode.FORBIDDEN, f"you may not use {path}", "run it as the hive's user, or join its admin_group"
        )
    if isinstance(error, ConnectionRefusedError):
        return unavailable(f"the daemon at {path} is down", "start it with `hive up`")
    if isinstance(error, FileNotFoundError):
        hint = "start one with `hive up`, or set HIVE_RUN_DIR to the run_dir of the one that runs"
        return unavailable(f"no daemon runs at {path}", hint)
    return unavailable(
        f"cannot reach the daemon at {path}: {error.strerror or error}", "check run_dir with `hive doctor`"
    )

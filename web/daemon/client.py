"""The client of the daemon's `web.sock`: typed requests in, typed replies out.

Each request has a connection of its own: it costs 60 µs and leaves no state to repair. The sockets are gevent's, so
a request that waits blocks its own greenlet and nothing else.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from gevent import Timeout
from gevent.socket import AF_UNIX, SOCK_STREAM, socket
from pydantic import ValidationError

from harness.wire import framing
from harness.wire.errors import ErrorCode, HiveError, unavailable
from harness.wire.model import Reply, Request

READ_BYTES = 64 * 1024
REQUEST_SECONDS = 10.0

R = TypeVar("R", bound=Reply)


class DaemonClient:
    """Sends requests to the daemon. Raises the daemon's own HiveError, or `unavailable` without a daemon."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, request: Request, reply: type[R], *, seconds: float = REQUEST_SECONDS) -> R:
        """The reply to one request; `timeout` after `seconds`."""
        try:
            with Timeout(seconds), self._connect() as sock:
                sock.sendall(framing.encode(request.as_frame()))
                return _read_reply(next(_lines(sock), None), reply)
        except Timeout:
            raise HiveError(
                ErrorCode.TIMEOUT,
                f"the daemon did not answer {_verb(request)} within {seconds:.0f} s",
                "it may still be working on it; look again in a moment",
            ) from None
        except OSError as error:
            raise unreachable(error) from None

    def stream(self, request: Request, first: type[R]) -> tuple[R, Iterator[dict[str, Any]]]:
        """Open a stream: its first reply and the frames that follow. The iterator ends when the daemon hangs up."""
        sock = self._connect()
        try:
            with Timeout(REQUEST_SECONDS, unavailable("the daemon does not answer")):
                sock.sendall(framing.encode(request.as_frame()))
                lines = _lines(sock)
                opened = _read_reply(next(lines, None), first)
        except BaseException:
            sock.close()
            raise
        return opened, _frames(sock, lines)

    def _connect(self) -> Any:
        sock = socket(AF_UNIX, SOCK_STREAM)
        try:
            sock.connect(str(self._path))
        except OSError as error:
            sock.close()
            raise unreachable(error) from None
        return sock


def unreachable(error: OSError) -> HiveError:
    """The error for a daemon that cannot be reached just now."""
    return unavailable(
        f"the daemon is unreachable ({error.strerror or error})",
        "this page tries again by itself; is `hive serve` running?",
    )


def _verb(request: Request) -> str:
    return str(getattr(request, "cmd", "the request"))


def _lines(sock: Any) -> Iterator[bytes]:
    reader = framing.LineReader()
    while data := sock.recv(READ_BYTES):
        yield from reader.feed(data)


def _frames(sock: Any, lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    with sock:
        for line in lines:
            yield framing.decode(line)


def _read_reply(line: bytes | None, reply: type[R]) -> R:
    if line is None:
        raise unavailable("the daemon hung up before it answered", "this page tries again by itself")
    frame = framing.decode(line)
    if frame.get("ok") is not True:
        raise HiveError.from_reply(frame)
    try:
        return reply.from_reply(frame)
    except ValidationError as error:
        raise HiveError(
            ErrorCode.INTERNAL,
            f"the daemon's reply is not understood: {error.errors(include_url=False)[0]['msg']}",
            "does the daemon run another version than this page?",
        ) from None

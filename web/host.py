"""The client of the daemon's `web.sock`: typed requests in, typed replies out.

One connection per request: they cost 60 µs and keep nothing to repair. Uses gevent's own socket, so a
waiting request blocks its greenlet and nothing else.
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
STOP_SECONDS = 60.0
"""How long verbs that wait for a container may take."""
REBUILD_SECONDS = 100.0
"""Those that wait for its end and for its start."""

R = TypeVar("R", bound=Reply)


class Host:
    """Asks the daemon. Fails with the daemon's own HiveError, or `unavailable` when it is away."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, request: Request, reply: type[R], *, seconds: float = REQUEST_SECONDS) -> R:
        """The answer to one request; `timeout` after `seconds`."""
        try:
            with Timeout(seconds), self._connect() as sock:
                sock.sendall(framing.encode(request.as_frame()))
                return _read_reply(next(_lines(sock), None), reply)
        except Timeout:
            raise HiveError(
                ErrorCode.TIMEOUT,
                f"the hive did not answer {_verb(request)} within {seconds:.0f} s",
                "it may still be at it; look again in a moment",
            ) from None
        except OSError as error:
            raise away(error) from None

    def stream(self, request: Request, first: type[R]) -> tuple[R, Iterator[dict[str, Any]]]:
        """Open a stream: its first reply and the lines that follow. The iterator ends when the daemon hangs up."""
        sock = self._connect()
        try:
            with Timeout(REQUEST_SECONDS, unavailable("the hive does not answer")):
                sock.sendall(framing.encode(request.as_frame()))
                lines = _lines(sock)
                opened = _read_reply(next(lines, None), first)
        except BaseException:
            sock.close()
            raise
        return opened, _following(sock, lines)

    def _connect(self) -> Any:
        sock = socket(AF_UNIX, SOCK_STREAM)
        try:
            sock.connect(str(self._path))
        except OSError as error:
            sock.close()
            raise away(error) from None
        return sock


def away(error: OSError) -> HiveError:
    """The daemon can not be reached just now."""
    return unavailable(
        f"the hive is away ({error.strerror or error})", "it is looked for again by itself; is `hive serve` running?"
    )


def _verb(request: Request) -> str:
    return str(getattr(request, "cmd", "the request"))


def _lines(sock: Any) -> Iterator[bytes]:
    reader = framing.LineReader()
    while data := sock.recv(READ_BYTES):
        yield from reader.feed(data)


def _following(sock: Any, lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    with sock:
        for line in lines:
            yield framing.decode(line)


def _read_reply(line: bytes | None, reply: type[R]) -> R:
    if line is None:
        raise unavailable("the hive hung up before it answered", "it is looked for again by itself")
    frame = framing.decode(line)
    if frame.get("ok") is not True:
        raise HiveError.from_reply(frame)
    try:
        return reply.from_reply(frame)
    except ValidationError as error:
        raise HiveError(
            ErrorCode.INTERNAL,
            f"the hive's answer is not understood: {error.errors(include_url=False)[0]['msg']}",
            "is the daemon of another version than this page?",
        ) from None

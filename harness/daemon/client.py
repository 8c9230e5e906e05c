"""The client of the daemon: one connection that is made again whenever it breaks; replies come in order.

Use one client per purpose: a `recv` that waits must not hold up a `send`. The client does not poll; while the daemon is
away the next request waits, with a capped backoff between the attempts to connect.
"""

import asyncio
import contextlib
from typing import TypeVar

from harness.daemon.line import Line, LineClosed, Where
from harness.daemon.reconnect import reconnect_delay
from harness.wire.agent_api import ALL_VERBS
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.framing import MAX_FRAME_BYTES, decode, encode
from harness.wire.model import Reply, Request

R = TypeVar("R", bound=Reply)

_TRANSIENT = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.INTERNAL, ErrorCode.RATE_LIMITED})


class ConnectionLost(HiveError):  # noqa: N818 — it is what happened, and it is caught by that name
    """The connection broke after the request was sent: the daemon may or may not have carried it out."""

    def __init__(self) -> None:
        super().__init__(
            ErrorCode.UNAVAILABLE,
            "the connection to the hive broke before the reply came; the request may have been carried out",
            "check with recent or status before you repeat it",
        )


class DaemonClient:
    """One connection to the daemon. Several tasks may share it; their requests are sent one after the other."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._lock = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.connections = 0
        """How many connections were made; a change means that the daemon may have restarted."""

    async def call(self, request: Request, reply: type[R], *, connect_timeout_seconds: float | None = None) -> R:
        """Send the request once. Waits `connect_timeout_seconds` for a daemon that is away; None waits for ever.

        Raises the HiveError that the daemon replies, `unavailable` when the wait is over, and ConnectionLost when the
        reply was lost on its way.
        """
        line = encode(request.as_frame())
        async with self._lock:
            reader, writer = await self._connected(connect_timeout_seconds)
            try:
                writer.write(line)
                await writer.drain()
                frame = decode(await reader.readuntil(b"\n"))
            except (OSError, ValueError, HiveError, EOFError, asyncio.LimitOverrunError):
                self._drop()
                raise ConnectionLost from None
            except BaseException:
                self._drop()  # the next request must not read the reply of a cancelled one
                raise
        if not frame.get("ok"):
            raise HiveError.from_reply(frame)
        return reply.from_reply(frame)

    async def call_until_answered(self, request: Request, reply: type[R]) -> R:
        """Repeat the request through lost connections and transient errors; only for requests that may be repeated."""
        attempt = 0
        while True:
            try:
                return await self.call(request, reply)
            except HiveError as error:
                if error.code not in _TRANSIENT:
                    raise
                delay = error.retry_after_seconds or reconnect_delay(attempt)
            await asyncio.sleep(delay)
            attempt += 1

    async def close(self) -> None:
        """Close the connection. A later request connects again."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()

    def _drop(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()

    async def _connected(self, timeout_seconds: float | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        streams = self._streams
        if streams is not None and not streams[0].at_eof():
            return streams
        self._drop()
        try:
            async with asyncio.timeout(timeout_seconds):
                self._streams = await self._connect()
        except TimeoutError:
            raise HiveError(ErrorCode.UNAVAILABLE, "the hive is away just now", "try again in a minute") from None
        return self._streams

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        attempt = 0
        while True:
            try:
                streams = await _open(self._where)
            except LineClosed:
                raise
            except OSError:
                await asyncio.sleep(reconnect_delay(attempt))
                attempt += 1
            else:
                self.connections += 1
                return streams


async def _open(where: Where) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    limit = MAX_FRAME_BYTES + 2
    if isinstance(where, Line):
        return await asyncio.open_unix_connection(sock=where.connect(), limit=limit)
    return await asyncio.open_unix_connection(str(where), limit=limit)


async def call_once(where: Where, request: Request, *, connect_timeout_seconds: float) -> Reply:
    """One request on a connection of its own, so that a long request holds up no other."""
    client = DaemonClient(where)
    try:
        return await client.call(request, _reply_type(request), connect_timeout_seconds=connect_timeout_seconds)
    finally:
        await client.close()


def _reply_type(request: Request) -> type[Reply]:
    """The reply to a request, by the table of the widest surface."""
    cmd: str = request.model_dump()["cmd"]
    reply: type[Reply] = ALL_VERBS[cmd].reply
    return reply

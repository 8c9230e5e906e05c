"""The agent's side of hive.sock: one connection, requests answered in order, made again for ever.

Use one client per purpose: a parked `recv` must not hold up a `send`. Nothing here polls; while the host is away
the next request waits in a capped back-off.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import TypeVar

from harness.turn import reconnect_pause
from harness.wire.agent_api import MANAGER_VERBS
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.framing import MAX_FRAME_BYTES, decode, encode
from harness.wire.model import Reply, Request

R = TypeVar("R", bound=Reply)

_PASSING = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.INTERNAL, ErrorCode.RATE_LIMITED})


class ConnectionLost(HiveError):  # noqa: N818 — it is what happened, and it is caught by that name
    """The connection broke after the request was sent: it may or may not have been carried out."""

    def __init__(self) -> None:
        super().__init__(
            ErrorCode.UNAVAILABLE,
            "the connection to the hive broke before the answer came; the request may have been carried out",
            "look (recent, status) before you do it again",
        )


class HiveClient:
    """One connection to the host. Safe for several tasks; their requests are sent one after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.connections = 0
        """How often a connection was made; a change means that the host may have forgotten something."""

    async def call(self, request: Request, reply: type[R], *, patience: float | None = None) -> R:
        """Ask once. Waits for the host while it is away, `patience` seconds at most; None waits for ever.

        Raises HiveError as the host answers it, `unavailable` when patience ends, ConnectionLost when the answer
        got lost on the way.
        """
        line = encode(request.as_frame())
        async with self._lock:
            reader, writer = await self._connected(patience)
            try:
                writer.write(line)
                await writer.drain()
                frame = decode(await reader.readuntil(b"\n"))
            except (OSError, ValueError, HiveError, EOFError, asyncio.LimitOverrunError):
                self._drop()
                raise ConnectionLost from None
            except BaseException:
                self._drop()  # an answer nobody waits for any more would be taken for the next one
                raise
        if not frame.get("ok"):
            raise HiveError.from_reply(frame)
        return reply.from_reply(frame)

    async def insist(self, request: Request, reply: type[R]) -> R:
        """Ask until the host answers, through lost connections and passing trouble; only for repeatable requests."""
        attempt = 0
        while True:
            try:
                return await self.call(request, reply)
            except HiveError as error:
                if error.code not in _PASSING:
                    raise
                pause = error.retry_after_seconds or reconnect_pause(attempt)
            await asyncio.sleep(pause)
            attempt += 1

    async def close(self) -> None:
        """Hang up. A later call connects again."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()

    def _drop(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()

    async def _connected(self, patience: float | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        streams = self._streams
        if streams is not None and not streams[0].at_eof():
            return streams
        self._drop()
        try:
            async with asyncio.timeout(patience):
                self._streams = await self._connect()
        except TimeoutError:
            raise HiveError(ErrorCode.UNAVAILABLE, "the hive is away just now", "try again in a minute") from None
        return self._streams

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        attempt = 0
        while True:
            try:
                streams = await asyncio.open_unix_connection(str(self._path), limit=MAX_FRAME_BYTES + 2)
            except OSError:
                await asyncio.sleep(reconnect_pause(attempt))
                attempt += 1
            else:
                self.connections += 1
                return streams


async def call_once(path: Path, request: Request, *, patience: float) -> Reply:
    """One request on a connection of its own, so that a long one holds up nothing else."""
    client = HiveClient(path)
    try:
        return await client.call(request, reply_type(request), patience=patience)
    finally:
        await client.close()


def reply_type(request: Request) -> type[Reply]:
    """The good reply of a request, by the table of the widest surface."""
    cmd: str = request.model_dump()["cmd"]
    reply: type[Reply] = MANAGER_VERBS[cmd].reply
    return reply

"""A connection with what was read ahead of it, and the copying between two of them.

asyncio's own streams keep what they have read to themselves and copy every byte twice; here a connection that was
read as HTTP or SOCKS becomes a plain pipe without losing a byte.
"""

import asyncio
import contextlib
import socket

from harness.proxy.errors import BadRequestError

COPY_BYTES = 256 * 1024
"""Read at once; what one direction of one connection holds."""


class Stream:
    """What HTTP and SOCKS read from: bytes with a memory. One task may read and one may write at the same time."""

    def __init__(self) -> None:
        self._ahead = b""

    async def receive(self, most: int) -> bytes:
        """What the connection delivers next; b"" at its end."""
        raise NotImplementedError

    async def write(self, data: bytes) -> None:
        """Returns when the connection has taken all of it, and everybody else has had a turn.

        Where one side always has data and the other always takes it, neither call waits: without the turn a copy
        between them would keep the process to itself.
        """
        raise NotImplementedError

    def close(self) -> None:
        """End both directions at once."""
        raise NotImplementedError

    @property
    def is_idle(self) -> bool:
        """Whether the connection is open and has nothing to deliver."""
        raise NotImplementedError

    async def read(self, most: int = COPY_BYTES) -> bytes:
        """Some bytes; b"" at the end."""
        if self._ahead:
            piece, self._ahead = self._ahead[:most], self._ahead[most:]
            return piece
        return await self.receive(most)

    def unread(self, data: bytes) -> None:
        """Give back what was read too far."""
        self._ahead = data + self._ahead

    async def read_exactly(self, count: int) -> bytes:
        """Exactly so many bytes. BadRequestError when the connection ends before."""
        found = b""
        while len(found) < count:
            piece = await self.read(count - len(found))
            if not piece:
                raise BadRequestError("the connection ended early")
            found += piece
        return found

    async def read_until(self, mark: bytes, limit: int) -> bytes:
        """Up to and with `mark`; b"" when the connection ends before the first byte."""
        found = bytearray()
        while True:
            piece = await self.read()
            searched = max(0, len(found) - len(mark) + 1)
            found += piece
            end = found.find(mark, searched)
            if end >= 0 and end + len(mark) <= limit:
                end += len(mark)
                self.unread(bytes(found[end:]))
                return bytes(found[:end])
            if end >= 0 or len(found) > limit:
                raise BadRequestError("that head is too long")
            if not piece:
                if not found:
                    return b""
                raise BadRequestError("the connection ended early")


class SocketStream(Stream):
    """Owns the socket."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        sock.setblocking(False)
        self._sock = sock
        self._loop = asyncio.get_running_loop()

    async def receive(self, most: int) -> bytes:
        return await self._loop.sock_recv(self._sock, most)

    async def write(self, data: bytes) -> None:
        await self._loop.sock_sendall(self._sock, data)
        await asyncio.sleep(0)

    @property
    def is_idle(self) -> bool:
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return not self._ahead
        except OSError:
            return False
        return False

    async def ended(self) -> bool:
        """Waits until the other side has ended, or sends again (False). Takes no byte, so it can be cancelled."""
        if self._ahead:
            return False
        readable = asyncio.Event()
        self._loop.add_reader(self._sock, readable.set)
        try:
            await readable.wait()
        finally:
            self._loop.remove_reader(self._sock)
        try:
            return not self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def end_writing(self) -> None:
        """Tell the other side that nothing more comes."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._sock.close()


class TlsStream(Stream):
    """A connection that asyncio encrypts."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__()
        self._reader = reader
        self._writer = writer

    async def receive(self, most: int) -> bytes:
        return await self._reader.read(most)

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
        await asyncio.sleep(0)

    @property
    def is_idle(self) -> bool:
        return not self._ahead and not self._reader.at_eof() and not self._writer.is_closing()

    def close(self) -> None:
        self._writer.close()


async def splice(one: SocketStream, other: SocketStream) -> None:
    """Copy both ways until both have ended. A side that ends its writing may go on to read."""
    copies = [asyncio.create_task(_copy(one, other)), asyncio.create_task(_copy(other, one))]
    try:
        await asyncio.gather(*copies)
    finally:
        for copy in copies:
            copy.cancel()
        await asyncio.gather(*copies, return_exceptions=True)


async def _copy(source: SocketStream, target: SocketStream) -> None:
    while piece := await source.read():
        await target.write(piece)
    target.end_writing()

"""The body of an HTTP message, copied as it comes: by its length, by its chunks, or to the end of the connection."""

from harness.proxy.errors import BadRequestError
from harness.proxy.heads import Head
from harness.proxy.stream import COPY_BYTES, Stream

CHUNK_LINE_BYTES = 256
_HEXADECIMAL = frozenset(b"0123456789abcdefABCDEF")


async def copy_request_body(head: Head, source: Stream, target: Stream) -> None:
    """Without a length and without chunks a request has no body."""
    if head.is_chunked:
        await _copy_chunked(source, target)
    else:
        await _copy_length(head.length or 0, source, target)


async def copy_answer_body(head: Head, source: Stream, target: Stream) -> bool:
    """Whether the connection to `source` can carry another answer."""
    if head.is_chunked:
        await _copy_chunked(source, target)
        return True
    if head.length is not None:
        await _copy_length(head.length, source, target)
        return True
    while piece := await source.read():
        await target.write(piece)
    return False


async def _copy_length(left: int, source: Stream, target: Stream) -> None:
    while left:
        piece = await source.read(min(left, COPY_BYTES))
        if not piece:
            raise BadRequestError("the connection ended early")
        await target.write(piece)
        left -= len(piece)


async def _copy_chunked(source: Stream, target: Stream) -> None:
    chunks = Chunks()
    while not chunks.done:
        piece = await source.read()
        if not piece:
            raise BadRequestError("the connection ended early")
        used = chunks.feed(piece)
        source.unread(piece[used:])
        await target.write(piece[:used])


class Chunks:
    """Finds the end of a chunked body without changing a byte of it."""

    def __init__(self) -> None:
        self.done = False
        self._data = 0
        """Bytes that remain of the current chunk, its line end included."""
        self._line = bytearray()
        self._last = False
        """The chunk of size zero was seen: only trailers follow."""

    def feed(self, piece: bytes) -> int:
        """How many bytes of `piece` belong to the body. BadRequestError when they are no chunks."""
        at = 0
        while at < len(piece) and not self.done:
            if self._data:
                step = min(self._data, len(piece) - at)
                self._data -= step
                at += step
                continue
            end = piece.find(b"\n", at)
            stop = len(piece) if end < 0 else end + 1
            self._line += piece[at:stop]
            at = stop
            if len(self._line) > CHUNK_LINE_BYTES:
                raise BadRequestError("that is no chunk")
            if end >= 0:
                self._take_line()
        return at

    def _take_line(self) -> None:
        if not self._line.endswith(b"\r\n"):
            raise BadRequestError("that is no chunk")
        line = bytes(self._line[:-2])
        self._line.clear()
        if self._last:
            self.done = not line
            return
        size = line.partition(b";")[0].strip()
        if not size or len(size) > 15 or not _HEXADECIMAL.issuperset(size):
            raise BadRequestError("that is no chunk")
        length = int(size, 16)
        self._last = length == 0
        self._data = length + 2 if length else 0

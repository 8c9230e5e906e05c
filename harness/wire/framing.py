"""Frames: one UTF-8 JSON object a line, at most 1 MiB, newline excluded.

Without I/O: bytes in, lines out, so that the gevent daemon, the asyncio harness and the blocking CLI
share one reader.
"""

import json
from typing import Any

from .boundary.frame import shown
from .errors import ErrorCode, HiveError, bad_request

MAX_FRAME_BYTES = 1024 * 1024
VERSION = 1

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def encode(frame: dict[str, Any]) -> bytes:
    """One line, newline included. Raises `too_large` when the peer would have to refuse it.

    What is no JSON, such as NaN or half a surrogate pair in a row of an older version, is shown as well as can be: it
    never takes the rest of the frame with it.
    """
    try:
        line = _ENCODER.encode(frame).encode() + b"\n"
    except (ValueError, RecursionError):
        line = _ENCODER.encode(shown(frame)).encode() + b"\n"
    if len(line) > MAX_FRAME_BYTES + 1:
        raise _too_large()
    return line


def decode(line: bytes) -> dict[str, Any]:
    """The object in one line; `bad_request` when it is no UTF-8, no JSON or no object."""
    try:
        frame = _DECODER.decode(line.decode())
    except (ValueError, RecursionError) as error:
        raise bad_request(f"the line is no JSON: {error}") from None
    if not isinstance(frame, dict):
        raise bad_request("the line is JSON but no object", 'send {"cmd": "…"}')
    return frame


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def _too_large() -> HiveError:
    return HiveError(
        ErrorCode.TOO_LARGE,
        f"a frame is at most {MAX_FRAME_BYTES} bytes",
        "write a file under /shared or state/ and send its path",
    )


class LineReader:
    """Cuts a byte stream into lines. Holds at most one frame and one read of unfinished input."""

    def __init__(self) -> None:
        self._rest = bytearray()
        """One buffer, however small the pieces are that come."""

    @property
    def held(self) -> int:
        """Bytes of the line that has not ended yet."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes, newline cut off. Raises `too_large` on a line over the limit."""
        end = data.find(b"\n")
        if end < 0:
            self._hold(data)
            return []
        if end == len(data) - 1 and not self._rest and 0 < end <= MAX_FRAME_BYTES:
            return [data[:end]] if data.strip() else []  # one whole line, as nearly every read is
        if self._rest:
            data = bytes(self._rest + data)
            self._rest = bytearray()
        *lines, rest = data.split(b"\n")
        if any(len(line) > MAX_FRAME_BYTES for line in lines):
            raise _too_large()
        self._hold(rest)
        return [line for line in lines if line.strip()]

    def _hold(self, data: bytes) -> None:
        self._rest += data
        if len(self._rest) > MAX_FRAME_BYTES:
            raise _too_large()

"""A standard error that never fails: what can not be written, because the log's disk is full, is lost and nothing else.

gevent writes what it catches there before it tells whoever waits: when the write raises, nobody is told, and a greenlet
that waits for a call in a native thread waits for ever.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO


class NeverFailing:
    """Stands in front of a text stream; all but a failed write is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        try:
            return self._stream.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """What could not be flushed may go with the next write."""
        try:
            self._stream.flush()
        except OSError:
            return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def never_failing() -> Iterator[None]:
    """The process's standard error, for as long as the block lasts."""
    before = sys.stderr
    sys.stderr = NeverFailing(before)
    try:
        yield
    finally:
        sys.stderr = before

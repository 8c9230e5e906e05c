"""A standard error that never fails: text that cannot be written, because the log's disk is full, is lost, no more.

gevent writes the exceptions that it catches there before it wakes the waiting greenlet: if the write raises, a greenlet
that waits for a call in a native thread waits for ever.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO


class NeverFailing:
    """Wraps a text stream and passes everything on but the error of a failed write."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text; text that cannot be written is lost."""
        try:
            return self._stream.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Flush the stream; text that cannot be flushed may go with the next write."""
        try:
            self._stream.flush()
        except OSError:
            return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def never_failing() -> Iterator[None]:
    """Make the process's standard error never fail, for as long as the block lasts."""
    before = sys.stderr
    sys.stderr = NeverFailing(before)
    try:
        yield
    finally:
        sys.stderr = before

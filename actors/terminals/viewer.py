"""What one viewer of a terminal is still to be shown: a bounded queue of output.

A viewer that reads too slowly is cut off and attaches again at its offset: the shell never waits for a viewer.
"""

from dataclasses import dataclass

from gevent.queue import Queue

QUEUE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes of the terminal, the first of which is number `offset` since it was opened."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """The terminal has ended; nothing follows. `exit_status` as a shell tells it, None where nobody saw it."""

    exit_status: int | None
    reason: str


Frame = Output | Ended


class Viewer:
    """Iterating yields the frames, and ends after `Ended`, when the viewer is cut off, and when it is closed."""

    def __init__(self) -> None:
        self._queue: Queue[Frame | None] = Queue()
        self._bytes = 0
        self.closed = False

    def offer(self, frame: Frame) -> None:
        """Append a frame; a viewer that is too far behind is cut off."""
        if self.closed:
            return
        if isinstance(frame, Output):
            self._bytes += len(frame.data)
        if self._bytes > QUEUE_BYTES:
            self.close()
            return
        self._queue.put_nowait(frame)
        if isinstance(frame, Ended):
            self.close()

    def close(self) -> None:
        """End the iteration after what is queued; safe to call from the hub."""
        if not self.closed:
            self.closed = True
            self._queue.put_nowait(None)

    def __iter__(self) -> "Viewer":
        return self

    def __next__(self) -> Frame:
        frame: Frame | None = self._queue.get()
        if frame is None:
            raise StopIteration
        if isinstance(frame, Output):
            self._bytes -= len(frame.data)
        return frame

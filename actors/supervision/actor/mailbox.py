"""An actor's mailbox: two lanes, one reader. System messages overtake ordinary ones.

Owns the envelopes of one actor. Promises that each lane keeps its order, and that an envelope put while
the reader waits wakes it. Runs on the loop's thread only.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from gevent import get_hub
from gevent.hub import Waiter
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.supervision.actor.messages import SystemMessage

SYSTEM_LANE = (SystemMessage, _ActorStop)


class Mailbox:
    """pykka's inbox protocol (put, get, empty) on two deques. `monotonic` is the clock that ages envelopes."""

    __slots__ = ("_hub", "_monotonic", "_ordinary", "_reader", "_system")

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._system: deque[tuple[float, Envelope[Any]]] = deque()
        self._ordinary: deque[tuple[float, Envelope[Any]]] = deque()
        self._hub = get_hub()
        self._monotonic = monotonic
        self._reader: Waiter | None = None

    def put(self, envelope: Envelope[Any], /) -> None:
        """Add an envelope at the end of its lane; never blocks."""
        lane = self._system if isinstance(envelope.message, SYSTEM_LANE) else self._ordinary
        lane.append((self._monotonic(), envelope))
        reader = self._reader
        if reader is not None:
            self._reader = None
            self._hub.loop.run_callback(reader.switch, None)

    def get(self) -> Envelope[Any]:
        """The next envelope; the calling greenlet waits for it."""
        self.wait()
        return (self._system or self._ordinary).popleft()[1]

    def wait(self) -> None:
        """Wait in the calling greenlet until an envelope is there."""
        while not (self._system or self._ordinary):
            self._reader = reader = Waiter(self._hub)
            reader.get()

    def empty(self) -> bool:
        return not (self._system or self._ordinary)

    def __len__(self) -> int:
        return len(self._system) + len(self._ordinary)

    def drain(self) -> Iterator[Envelope[Any]]:
        """Take every envelope that still waits, system messages first."""
        while not self.empty():
            yield self.get()

    def oldest_seconds(self) -> float | None:
        """How long the longest waiting envelope has been here; None when the mailbox is empty."""
        heads = [lane[0][0] for lane in (self._system, self._ordinary) if lane]
        return max(0.0, self._monotonic() - min(heads)) if heads else None

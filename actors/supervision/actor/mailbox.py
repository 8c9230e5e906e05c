"""An actor's mailbox: two lanes, one reader. System messages overtake ordinary ones.

Owns the envelopes of one actor. Promises that each lane keeps its order, that an ordinary envelope keeps the origin
under which it was put, and that an envelope put while the reader waits wakes it. Runs on the loop's thread only.
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
from actors.supervision.origin import ORIGIN, Origin

SYSTEM_LANE = (SystemMessage, _ActorStop)

_Entry = tuple[float, Envelope[Any], Origin | None]
_origin = ORIGIN.get


class Mailbox:
    """pykka's inbox protocol (put, get, empty) on two deques. `monotonic` is the clock that ages envelopes."""

    __slots__ = ("_hub", "_monotonic", "_ordinary", "_reader", "_system", "origin")

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._system: deque[_Entry] = deque()
        self._ordinary: deque[_Entry] = deque()
        self._hub = get_hub()
        self._monotonic = monotonic
        self._reader: Waiter | None = None
        self.origin: Origin | None = None
        """Whose envelope was taken last."""

    def put(self, envelope: Envelope[Any], /) -> None:
        """Add an envelope at the end of its lane; never blocks."""
        if isinstance(envelope.message, SYSTEM_LANE):
            self._system.append((self._monotonic(), envelope, None))
        else:
            self._ordinary.append((self._monotonic(), envelope, _origin()))
        reader = self._reader
        if reader is not None:
            self._reader = None
            self._hub.loop.run_callback(reader.switch, None)

    def get(self) -> Envelope[Any]:
        """The next envelope; the calling greenlet waits for it."""
        if not (self._system or self._ordinary):
            self.wait()
        _put_at, envelope, self.origin = (self._system or self._ordinary).popleft()
        return envelope

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

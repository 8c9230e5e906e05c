"""The operator's event stream: numbered, resumable, bounded.

Owns the last events and the list of who listens. Promises: `seq` grows by one and never repeats within an
`epoch`; a listener gets every event from its first line on, in order, or is cut off and told to start from
a fresh snapshot. Emits nothing itself.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any

from gevent.queue import Queue

from actors.events import STREAM, Emit
from actors.supervision import Actor, Clock, Directory
from harness.wire import times
from harness.wire.boundary.frame import weight
from harness.wire.operator_rows import OperatorEventKind

RING_EVENTS = 5_000
RING_BYTES = 16 * 1024 * 1024
"""In memory. Most events are small; the ring forgets earlier when agents write or report much."""

QUEUE_EVENTS = RING_EVENTS + 2_000
QUEUE_BYTES = 2 * RING_BYTES
MESSAGE_BYTES = 512
ASK_SECONDS = 5.0

Line = dict[str, Any]

Sized = tuple[Line, int]
"""A line, and about how many bytes it takes in memory: weighed once, counted by the ring and by every listener."""


class Subscription:
    """One listener's queue. Iterating ends when it is closed, cut off for being slow, or the stream ends."""

    def __init__(self, seq: int, epoch: str, backlog: list[Sized]) -> None:
        self.seq = seq
        """The last event before the first one delivered."""
        self.epoch = epoch
        self._queue: Queue[Sized | None] = Queue()
        self._bytes = 0
        self.closed = False
        for sized in backlog:
            self.offer(sized)

    def offer(self, sized: Sized) -> None:
        """Append a line; a listener that is too far behind is cut off."""
        if self.closed:
            return
        self._bytes += sized[1]
        if self._queue.qsize() >= QUEUE_EVENTS or self._bytes > QUEUE_BYTES:
            self.close()
        else:
            self._queue.put_nowait(sized)

    def close(self) -> None:
        """End the iteration after what is queued; safe to call from a watcher."""
        if not self.closed:
            self.closed = True
            self._queue.put_nowait(None)

    def __iter__(self) -> "Subscription":
        return self

    def __next__(self) -> Line:
        sized: Sized | None = self._queue.get()
        if sized is None:
            raise StopIteration
        self._bytes -= sized[1]
        return sized[0]


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Listen from `since_seq` on if those events are still here and of this epoch, else from now."""

    since_seq: int | None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """The listener has gone."""

    subscription: Subscription


class StreamActor(Actor):
    """Numbers events and hands them to every listener."""

    def __init__(self, *, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._epoch = f"{clock.now_ms():x}"
        self._seq = 0
        self._ring: deque[Sized] = deque()
        self._ring_bytes = 0
        self._listeners: dict[Subscription, None] = {}

    def on_stop(self) -> None:
        self._end()

    def on_crash(self, exit_: Any) -> None:  # noqa: ARG002
        self._end()

    def state_word(self) -> str:
        return f"{len(self._listeners)} listening"

    def handle(self, message: object) -> Subscription | None:
        match message:
            case Emit(events):
                self._append(events)
            case Subscribe(since_seq):
                return self._subscribe(since_seq)
            case Unsubscribe(subscription):
                self._listeners.pop(subscription, None)
                subscription.close()
        return None

    def _append(self, events: tuple[tuple[str, dict[str, Any]], ...]) -> None:
        at = times.from_ms(self.clock.now_ms())
        for kind, data in events:
            self._seq += 1
            sized = ({"seq": self._seq, "at": at, "kind": kind, "data": data}, _size(kind, data))
            self._keep(sized)
            for listener in self._listeners:
                listener.offer(sized)
        for listener in [one for one in self._listeners if one.closed]:
            del self._listeners[listener]

    def _keep(self, sized: Sized) -> None:
        self._ring.append(sized)
        self._ring_bytes += sized[1]
        while len(self._ring) > RING_EVENTS or self._ring_bytes > RING_BYTES:
            self._ring_bytes -= self._ring.popleft()[1]

    def _subscribe(self, since_seq: int | None) -> Subscription:
        first = self._seq - len(self._ring)
        resumable = since_seq is not None and first <= since_seq <= self._seq
        backlog = [sized for sized in self._ring if sized[0]["seq"] > since_seq] if resumable else []
        subscription = Subscription(
            since_seq if resumable and since_seq is not None else self._seq, self._epoch, backlog
        )
        self._listeners[subscription] = None
        return subscription

    def _end(self) -> None:
        for listener in self._listeners:
            listener.close()


def _size(kind: str, data: dict[str, Any]) -> int:
    """About how many bytes a line takes. Mail is the most frequent by far, and of its parts only the body is long."""
    return MESSAGE_BYTES + len(data.get("body") or "") if kind == OperatorEventKind.MESSAGE.value else weight(data)


def subscribe(directory: Directory, since_seq: int | None) -> Subscription:
    """A subscription to the operator's events; close it with `unsubscribe`."""
    subscription = directory.ask(STREAM, Subscribe(since_seq), timeout=ASK_SECONDS)
    assert isinstance(subscription, Subscription)
    return subscription


def unsubscribe(directory: Directory, subscription: Subscription) -> None:
    """End a subscription from the listener's side."""
    if not directory.tell(STREAM, Unsubscribe(subscription)):
        subscription.close()

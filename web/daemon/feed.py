"""One subscription to the daemon's event stream, shared by every open page.

Owns the connection, the last events and the list of listeners. Promises: listeners get the events in order; when
events may be missing (the daemon restarted, or was unreachable for too long) they get one `gap` instead and read
everything afresh. Runs in one greenlet, which reconnects for ever, with a pause of up to BACKOFF_CAP_SECONDS.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import gevent
from gevent.event import Event
from pydantic import ValidationError

from harness.wire import names
from harness.wire.boundary.frame import weight
from harness.wire.errors import HiveError
from harness.wire.operator_api import Events, EventsReply
from harness.wire.operator_rows import OperatorEvent
from web.daemon.client import DaemonClient, unreachable

logger = logging.getLogger(__name__)

RING_EVENTS = 2_000
RING_BYTES = 16 * 1024 * 1024
"""In memory: with long events the ring reaches back less far."""

BACKOFF_FIRST_SECONDS = 0.1
BACKOFF_CAP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """The position of the feed. `away_since` (ms UTC) is set while the daemon is unreachable."""

    epoch: str | None
    seq: int
    away_since: int | None
    error: str | None


class FeedListener(Protocol):
    """A receiver of events. The feed calls it in its own greenlet, so it must not block."""

    def event(self, event: OperatorEvent) -> None: ...

    def gap(self, status: FeedStatus) -> None: ...

    def link(self, status: FeedStatus) -> None: ...


class EventFeed:
    """The hive's events as this process knows them."""

    def __init__(self, daemon: DaemonClient, now_ms: Callable[[], int]) -> None:
        self._daemon = daemon
        self._now_ms = now_ms
        self._ring: deque[OperatorEvent] = deque()
        self._ring_bytes = 0
        self._listeners: dict[FeedListener, None] = {}
        self._ending = Event()
        self._greenlet: gevent.Greenlet | None = None
        self.status = FeedStatus(epoch=None, seq=0, away_since=now_ms(), error="not connected yet")

    @property
    def connected(self) -> bool:
        """Whether the stream of the daemon is open."""
        return self.status.away_since is None

    def start(self) -> None:
        """Connect to the daemon, in a greenlet of the feed."""
        self._greenlet = gevent.spawn(self._run)

    def stop(self) -> None:
        """Close the stream; returns when the greenlet has ended."""
        self._ending.set()
        if self._greenlet is not None:
            self._greenlet.kill()

    def add(self, listener: FeedListener) -> None:
        self._listeners[listener] = None

    def remove(self, listener: FeedListener) -> None:
        self._listeners.pop(listener, None)

    def since(self, seq: int, epoch: str | None = None) -> list[OperatorEvent] | None:
        """The events after `seq`, or None when not all of them are known here: the caller has to start afresh."""
        if (epoch is not None and epoch != self.status.epoch) or seq > self.status.seq:
            return None
        if seq < self.status.seq - len(self._ring):
            return None
        return [event for event in self._ring if event.seq > seq]

    def live_since(self, agent: str, after: int) -> list[dict[str, Any]] | None:
        """The live rows of `agent` with an id above `after`, or None when the ring does not reach back that far."""
        agent = names.container_name(agent)
        rows: list[dict[str, Any]] = []
        for event in reversed(self._ring):
            if event.kind != "live" or names.container_name(str(event.data.get("agent"))) != agent:
                continue
            if int(event.data.get("id") or 0) <= after:
                return rows[::-1]
            rows.append(event.data)
        return None

    def _run(self) -> None:
        pause = BACKOFF_FIRST_SECONDS
        while not self._ending.is_set():
            try:
                opened, lines = self._daemon.stream(self._request(), EventsReply)
                pause = BACKOFF_FIRST_SECONDS
                self._on_open(opened)
                self._read(lines)
                reason = "the daemon ended the stream"
            except HiveError as error:
                reason = error.message
            except OSError as error:
                reason = unreachable(error).message
            except Exception as error:  # a feed that has ended would show old rows as if they were new
                logger.exception("the feed stumbled; it reads on behind the event")
                reason = f"an event could not be read: {error}"
            self._on_loss(reason)
            self._ending.wait(pause)
            pause = min(pause * 2, BACKOFF_CAP_SECONDS)

    def _request(self) -> Events:
        return Events(since_seq=self.status.seq if self.status.epoch is not None else None)

    def _on_open(self, opened: EventsReply) -> None:
        before = self.status
        self.status = FeedStatus(epoch=opened.epoch, seq=opened.seq, away_since=None, error=None)
        if opened.epoch != before.epoch or opened.seq != before.seq:
            self._gap()
        for listener in list(self._listeners):
            listener.link(self.status)

    def _read(self, lines: Iterator[dict[str, Any]]) -> None:
        for line in lines:
            try:
                event = OperatorEvent.model_validate(line)
            except ValidationError:
                logger.warning("a line of the event stream is not an event; it is skipped")
                continue
            if event.seq <= self.status.seq:
                continue
            contiguous = event.seq == self.status.seq + 1
            self.status = FeedStatus(epoch=self.status.epoch, seq=event.seq, away_since=None, error=None)
            if not contiguous:
                self._gap()
                continue
            self._keep(event)
            for listener in list(self._listeners):
                listener.event(event)

    def _keep(self, event: OperatorEvent) -> None:
        self._ring.append(event)
        self._ring_bytes += weight(event.data)
        while len(self._ring) > RING_EVENTS or self._ring_bytes > RING_BYTES:
            self._ring_bytes -= weight(self._ring.popleft().data)

    def _gap(self) -> None:
        self._ring.clear()
        self._ring_bytes = 0
        for listener in list(self._listeners):
            listener.gap(self.status)

    def _on_loss(self, reason: str) -> None:
        before = self.status
        self.status = FeedStatus(before.epoch, before.seq, before.away_since or self._now_ms(), reason)
        if before.away_since is None:
            for listener in list(self._listeners):
                listener.link(self.status)

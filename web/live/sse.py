"""The live stream to browsers and programs: server-sent events whose id is the event's `seq`, so that they resume.

The stream has two shapes. A page gets `notice` events with the topics that changed; they are merged while the page
does not read, so its queue cannot grow. A program gets every event whole, from a bounded queue. When that queue
overflows, or when a client comes back too late, it gets one `snapshot` event: read everything afresh and go on from
this id.
"""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gevent
from gevent.event import Event

from harness.wire import times
from harness.wire.operator_rows import OperatorEvent
from web.daemon import topics
from web.daemon.feed import EventFeed, FeedStatus

HEARTBEAT_SECONDS = 15.0
QUEUE_EVENTS = 500
RETRY_MS = 1000
MERGE_SECONDS = 0.03
"""How long a `notice` waits for further topics: the events of a turn come in bursts."""


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """The position from which a client resumes, and the shape of the stream that it wants."""

    since: int | None = None
    epoch: str | None = None
    topics_only: bool = False
    """Whether the client is a page: it wants the topics that changed, not the events."""
    agents: frozenset[str] = frozenset()
    """The agents whose turn logs the pages of the client show; it gets no topics of other agents' turn logs."""
    session: int | None = None
    """The session that the stream ends with; None for a program with a bearer token."""


def frame(event: str, data: dict[str, Any], seq: int | None = None) -> bytes:
    """The bytes of one event. JSON keeps newlines out of its data."""
    head = f"id: {seq}\n" if seq is not None else ""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{head}event: {event}\ndata: {text}\n\n".encode(errors="replace")


def link_frame(status: FeedStatus) -> bytes:
    """The `link` event: whether the daemon is reachable, and since when it is not."""
    since = None if status.away_since is None else times.from_ms(status.away_since)
    return frame("link", {"away_since": since, "error": status.error})


class StreamClient:
    """One open connection as a listener of the feed: it collects events between two writes."""

    def __init__(self, wanted: StreamRequest) -> None:
        self._wanted = wanted
        self._ready = Event()
        self._events: deque[OperatorEvent] = deque()
        self._topics: set[str] = set()
        self._snapshot = False
        self._link: FeedStatus | None = None
        self._seq = 0
        self.session = wanted.session
        self.ending = False

    def event(self, event: OperatorEvent) -> None:
        """Keep `event`, or the topics that it changed, for the next write."""
        self._seq = event.seq
        if self._wanted.topics_only:
            changed = self._relevant(event)
            if changed:
                self._topics |= changed
                self._ready.set()
            return
        self._events.append(event)
        if len(self._events) > QUEUE_EVENTS:
            self._events.clear()
            self._snapshot = True
        self._ready.set()

    def gap(self, status: FeedStatus) -> None:
        """Replace everything that is due by a `snapshot`."""
        self._seq = status.seq
        self._events.clear()
        self._topics.clear()
        self._snapshot = True
        self._ready.set()

    def link(self, status: FeedStatus) -> None:
        """Tell the client that the daemon came or went."""
        self._link = status
        self._ready.set()

    def resume(self, feed: EventFeed) -> None:
        """Collect what the client missed, from the position it resumes at to the position of the feed."""
        self._seq = feed.status.seq
        if self._wanted.since is None:
            return
        missed = feed.since(self._wanted.since, self._wanted.epoch)
        if missed is None:
            self.gap(feed.status)
            return
        for event in missed:
            self.event(event)

    def wait(self, seconds: float) -> bool:
        """Whether a frame is due within `seconds`."""
        return bool(self._ready.wait(seconds))

    def drain(self) -> Iterator[bytes]:
        """The frames that are due, merged."""
        self._ready.clear()
        if self._link is not None:
            status, self._link = self._link, None
            yield link_frame(status)
        if self._snapshot:
            # A client that reads everything afresh sees these events too.
            self._snapshot = False
            self._events.clear()
            self._topics.clear()
            yield frame("snapshot", {"seq": self._seq}, self._seq)
        if self._topics:
            changed, self._topics = sorted(self._topics), set()
            yield frame("notice", {"topics": changed}, self._seq)
        while self._events:
            event = self._events.popleft()
            yield frame(event.kind, event.as_frame(), event.seq)

    def _relevant(self, event: OperatorEvent) -> frozenset[str]:
        changed = topics.changed_by(event)
        if event.kind == "live" and changed.isdisjoint(map(topics.log_of, self._wanted.agents)):
            return frozenset()
        return changed


class LiveStreams:
    """Serves live streams from one feed. Owns the open ones; `close` ends them all."""

    def __init__(self, feed: EventFeed) -> None:
        self._feed = feed
        self._ending = False
        self._open: dict[StreamClient, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def close(self) -> None:
        """End every stream as soon as it wakes up."""
        self._ending = True
        for client in list(self._open):
            client.link(self._feed.status)

    def end_session(self, session: int) -> None:
        """End the streams of one session as soon as they wake up."""
        for client in list(self._open):
            if client.session == session:
                client.ending = True
                client.link(self._feed.status)

    def stream(self, wanted: StreamRequest, heartbeat: float = HEARTBEAT_SECONDS) -> Iterator[bytes]:
        """The bytes of one client's stream, until the client hangs up."""
        client = StreamClient(wanted)
        client.resume(self._feed)
        self._feed.add(client)
        self._open[client] = None
        try:
            status = self._feed.status
            yield f"retry: {RETRY_MS}\n".encode()
            yield frame(
                "hello", {"epoch": status.epoch, "seq": status.seq}, status.seq if wanted.since is None else None
            )
            yield link_frame(status)
            while not (self._ending or client.ending):
                if not client.wait(heartbeat):
                    yield b": still here\n\n"
                    continue
                if wanted.topics_only:
                    gevent.sleep(MERGE_SECONDS)
                if client.ending:
                    return
                yield from client.drain()
        finally:
            self._open.pop(client, None)
            self._feed.remove(client)

"""The live stream to browsers and programs: server-sent events, ids = seq, resumable.

Two shapes of the same stream. A page gets *notices*: which topics changed, merged while it does not read, so
its queue can not grow. A program gets every event whole, from a bounded queue; when that runs over, or when
it comes back after too long, it gets one `snapshot` event: read everything afresh and go on from this id.
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
from web import topics
from web.feed import Feed, Status

HEARTBEAT_SECONDS = 15.0
QUEUE_EVENTS = 500
RETRY_MS = 1000
GATHER_SECONDS = 0.03
"""How long a notice waits for more of its kind: a turn's events come in bursts."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Where a client left off and what it wants."""

    since: int | None = None
    epoch: str | None = None
    notices: bool = False
    agent: str | None = None
    """The agent whose turn log the page shows; other agents' live events are left out of its notices."""


def frame(event: str, data: dict[str, Any], seq: int | None = None) -> bytes:
    """One event as it goes over the line. JSON keeps newlines out of it."""
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def link_frame(status: Status) -> bytes:
    """Whether the daemon is heard, and since when not."""
    since = None if status.away_since is None else times.from_ms(status.away_since)
    return frame("link", {"away_since": since, "error": status.error})


class Client:
    """One open connection's side of the feed: collects between two writes."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._ready = Event()
        self._events: deque[OperatorEvent] = deque()
        self._topics: set[str] = set()
        self._snapshot = False
        self._link: Status | None = None
        self._seq = 0

    def event(self, event: OperatorEvent) -> None:
        """The feed heard `event`."""
        self._seq = event.seq
        if self._wish.notices:
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

    def gap(self, status: Status) -> None:
        """Everything known is out of date."""
        self._seq = status.seq
        self._events.clear()
        self._topics.clear()
        self._snapshot = True
        self._ready.set()

    def link(self, status: Status) -> None:
        """The daemon came or went."""
        self._link = status
        self._ready.set()

    def resume(self, feed: Feed) -> None:
        """Bring the client from where it left off to where the feed is now."""
        self._seq = feed.status.seq
        if self._wish.since is None:
            return
        missed = feed.since(self._wish.since, self._wish.epoch)
        if missed is None:
            self.gap(feed.status)
            return
        for event in missed:
            self.event(event)

    def wait(self, seconds: float) -> bool:
        """Whether there is something to write."""
        return bool(self._ready.wait(seconds))

    def drain(self) -> Iterator[bytes]:
        """The frames that are due, merged."""
        self._ready.clear()
        if self._link is not None:
            status, self._link = self._link, None
            yield link_frame(status)
        if self._snapshot:
            # Whoever reads everything now has these too.
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
        if event.kind == "live" and topics.log_of(self._wish.agent or "") not in changed:
            return frozenset()
        return changed


class Live:
    """Serves streams from one feed. Owns the count of open ones; `close` ends them all."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._ending = False
        self._open: dict[Client, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def close(self) -> None:
        """End every stream at its next turn."""
        self._ending = True
        for client in list(self._open):
            client.link(self._feed.status)

    def stream(self, wish: Wish, heartbeat: float = HEARTBEAT_SECONDS) -> Iterator[bytes]:
        """The bytes of one client's stream, until it hangs up."""
        client = Client(wish)
        client.resume(self._feed)
        self._feed.add(client)
        self._open[client] = None
        try:
            status = self._feed.status
            yield f"retry: {RETRY_MS}\n".encode()
            yield frame("hello", {"epoch": status.epoch, "seq": status.seq}, status.seq if wish.since is None else None)
            yield link_frame(status)
            while not self._ending:
                if not client.wait(heartbeat):
                    yield b": still here\n\n"
                    continue
                if wish.notices:
                    gevent.sleep(GATHER_SECONDS)
                yield from client.drain()
        finally:
            self._open.pop(client, None)
            self._feed.remove(client)

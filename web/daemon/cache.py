"""The daemon's replies that still hold: one request serves many pages.

A reply is kept until an event touches one of its topics. While the daemon is unreachable the last reply is given out,
marked as stale, so that pages stay readable. Without an open event stream every other read asks the daemon, because
nothing would say that a reply has become outdated.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gevent.lock import BoundedSemaphore

from harness.wire.errors import ErrorCode, HiveError
from harness.wire.operator_rows import OperatorEvent
from web.daemon import topics as topic
from web.daemon.feed import EventFeed, FeedStatus
from web.daemon.listed import omitted

T = TypeVar("T")
MAX_ENTRIES = 256
NO_ANSWER = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT})
"""The errors that say nothing about the rows: the last ones that are known are shown, as such."""


@dataclass(frozen=True, slots=True)
class Cached(Generic[T]):
    """A reply and the moment of its read. `stale` says that the daemon could not be asked whether it still holds."""

    value: T
    as_of_ms: int
    stale: bool = False

    @property
    def omitted(self) -> int:
        """How many rows the daemon left out of the reply."""
        return omitted(self.value)

    @property
    def stale_as_of_ms(self) -> int | None:
        """The moment that a page names beside outdated rows; None when the rows are current."""
        return self.as_of_ms if self.stale else None


@dataclass(slots=True)
class _Entry:
    cached: Cached[Any]
    versions: tuple[int, ...]


class ReplyCache:
    """A bounded store of replies; the feed says which of them have become outdated."""

    def __init__(self, feed: EventFeed, now_ms: Callable[[], int]) -> None:
        self._feed = feed
        self._now_ms = now_ms
        self._versions: dict[str, int] = {}
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._locks: dict[str, BoundedSemaphore] = {}
        self._others: list[Callable[[], None]] = []
        feed.add(self)

    def read(
        self, key: str, topics: Iterable[str], fetch: Callable[[], T], *, whole: Callable[[T], bool] | None = None
    ) -> Cached[T]:
        """The reply under `key`. One that is outdated or was not `whole` calls `fetch`; raises what `fetch` raises."""
        wanted = (topic.EVERYTHING, *topics)
        with self._locks.setdefault(key, BoundedSemaphore(1)):
            entry = self._entries.get(key)
            versions = tuple(self._versions.get(name, 0) for name in wanted)
            if entry is not None and self._feed.connected and entry.versions == versions:
                return entry.cached
            try:
                value = fetch()
            except HiveError as error:
                if entry is None or error.code not in NO_ANSWER:
                    raise
                return Cached(entry.cached.value, entry.cached.as_of_ms, stale=True)
            cached = Cached(value, self._now_ms())
            # One that is not whole is kept for the time when the daemon is away, under versions that never hold.
            self._store(key, _Entry(cached, versions if whole is None or whole(value) else ()))
            return cached

    def also(self, invalidate: Callable[[], None]) -> None:
        """Have `invalidate` called with this cache's own."""
        self._others.append(invalidate)

    def invalidate(self) -> None:
        """Mark everything as outdated: this process itself has just changed something."""
        self._touch((topic.EVERYTHING,))
        for invalidate in self._others:
            invalidate()

    def event(self, event: OperatorEvent) -> None:
        """Mark as outdated what `event` changed."""
        self._touch(topic.changed_by(event))

    def gap(self, status: FeedStatus) -> None:  # noqa: ARG002
        """Mark everything as outdated: the feed missed events."""
        self._touch((topic.EVERYTHING,))

    def link(self, status: FeedStatus) -> None:  # noqa: ARG002
        """Mark everything as outdated: events may have passed before the stream was open."""
        self._touch((topic.EVERYTHING,))

    def _touch(self, topics: Iterable[str]) -> None:
        for name in topics:
            self._versions[name] = self._versions.get(name, 0) + 1

    def _store(self, key: str, entry: _Entry) -> None:
        self._entries[key] = entry
        self._entries.move_to_end(key)
        while len(self._entries) > MAX_ENTRIES:
            oldest, _ = self._entries.popitem(last=False)
            self._locks.pop(oldest, None)

"""What was read from the daemon and still holds: many pages, one question.

An answer is kept until an event touches one of its topics. While the daemon is away the last answer is
given on, marked stale, so that the page stays readable. Everything else is asked afresh: without a live
stream nobody could say that an answer still holds.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gevent.lock import BoundedSemaphore

from harness.wire.errors import ErrorCode, HiveError
from harness.wire.operator_rows import OperatorEvent
from web import topics as topic
from web.feed import Feed, Status

T = TypeVar("T")
KEEP_ANSWERS = 256


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """An answer and since when it is known. `stale` says that it could not be checked."""

    value: T
    as_of_ms: int
    stale: bool = False


@dataclass(slots=True)
class _Entry:
    known: Known[Any]
    stamp: tuple[int, ...]


class Memo:
    """A bounded store of answers, told by the feed what changed."""

    def __init__(self, feed: Feed, now_ms: Callable[[], int]) -> None:
        self._feed = feed
        self._now_ms = now_ms
        self._versions: dict[str, int] = {}
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._asking: dict[str, BoundedSemaphore] = {}
        feed.add(self)

    def read(self, key: str, topics: Iterable[str], fetch: Callable[[], T]) -> Known[T]:
        """The answer under `key`; `fetch` is called only when what is known no longer holds. Raises what it raises."""
        wanted = (topic.EVERYTHING, *topics)
        with self._asking.setdefault(key, BoundedSemaphore(1)):
            entry = self._entries.get(key)
            stamp = self._stamp(wanted)
            if entry is not None and self._feed.connected and entry.stamp == stamp:
                return entry.known
            try:
                value = fetch()
            except HiveError as error:
                if entry is None or error.code is not ErrorCode.UNAVAILABLE:
                    raise
                return Known(entry.known.value, entry.known.as_of_ms, stale=True)
            known = Known(value, self._now_ms())
            self._keep(key, _Entry(known, stamp))
            return known

    def forget(self) -> None:
        """Nothing that is known holds any more: this process itself has just changed something."""
        self._touch((topic.EVERYTHING,))

    def event(self, event: OperatorEvent) -> None:
        """The feed heard `event`."""
        self._touch(topic.changed_by(event))

    def gap(self, status: Status) -> None:  # noqa: ARG002
        """The feed missed something."""
        self._touch((topic.EVERYTHING,))

    def link(self, status: Status) -> None:  # noqa: ARG002
        """The daemon came or went; events may have been missed before the stream was open."""
        self._touch((topic.EVERYTHING,))

    def _touch(self, topics: Iterable[str]) -> None:
        for one in topics:
            self._versions[one] = self._versions.get(one, 0) + 1

    def _stamp(self, topics: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(self._versions.get(one, 0) for one in topics)

    def _keep(self, key: str, entry: _Entry) -> None:
        self._entries[key] = entry
        self._entries.move_to_end(key)
        while len(self._entries) > KEEP_ANSWERS:
            gone, _ = self._entries.popitem(last=False)
            self._asking.pop(gone, None)

"""One recipient's unacknowledged mail, as numbers. Pure: no bodies, no clock, no database.

Until it is acknowledged a message is in exactly one of three collections: `fresh` (never leased), `returned` (leased
once, offered again) and `leased`. A returned message was leased before any message that is still fresh, so
"redelivered first" and "by id" are one order.
"""

from array import array
from bisect import insort
from collections.abc import Collection, Container, Iterable
from typing import NamedTuple

COMPACT_AT = 1_024


class Entry(NamedTuple):
    """A message without its body: `sent_at` in milliseconds UTC, `size` in bytes on the wire."""

    id: int
    sent_at: int
    size: int


class Backlog:
    """A queue of entries at 20 bytes each: a hundred thousand for an absent agent are 2 MB."""

    def __init__(self) -> None:
        self._ids = array("q")
        self._sent = array("q")
        self._sizes = array("i")
        self._head = 0

    def __len__(self) -> int:
        return len(self._ids) - self._head

    def append(self, entry: Entry) -> None:
        """Add the newest."""
        self._ids.append(entry.id)
        self._sent.append(entry.sent_at)
        self._sizes.append(entry.size)

    def first(self) -> Entry | None:
        """The oldest."""
        at = self._head
        return Entry(self._ids[at], self._sent[at], self._sizes[at]) if len(self) else None

    def pop(self) -> None:
        """Drop the oldest."""
        self._head += 1
        if self._head >= COMPACT_AT and self._head * 2 >= len(self._ids):
            for column in (self._ids, self._sent, self._sizes):
                del column[: self._head]
            self._head = 0


class Inbox:
    """The state of one recipient. Every method returns the ids it moved."""

    def __init__(self) -> None:
        self.fresh = Backlog()
        self.returned: list[Entry] = []
        self.leased: dict[int, Entry] = {}
        self.leased_at: int | None = None
        """When a message was leased last, in milliseconds UTC."""

    @property
    def pending(self) -> int:
        """How many messages can be leased."""
        return len(self.fresh) + len(self.returned)

    @property
    def is_unacknowledged(self) -> bool:
        """Whether there is mail of which it is not known that it was done."""
        return bool(self.leased or self.pending)

    def oldest_sent_at(self) -> int | None:
        """When the oldest unacknowledged message was sent, in milliseconds UTC."""
        heads = (next(iter(self.leased.values()), None), self._first())
        return min((entry.sent_at for entry in heads if entry is not None), default=None)

    def offer(self, entry: Entry) -> None:
        """Add a new message; ids only grow."""
        self.fresh.append(entry)

    def lease(self, count: int, max_bytes: int, now_ms: int, alone: Container[int] = ()) -> list[int]:
        """Hand out up to `count`, oldest first, as many as fit into `max_bytes` but at least one.

        A message in `alone` shares no turn: if it fails again, no other message is blamed for it.
        """
        taken: list[int] = []
        left = max_bytes
        while len(taken) < count and (entry := self._first()) is not None:
            left -= entry.size
            if taken and (left < 0 or entry.id in alone):
                break
            self._pop()
            self.leased[entry.id] = entry
            taken.append(entry.id)
            self.leased_at = now_ms
            if entry.id in alone:
                break
        return taken

    def acknowledge(self) -> list[int]:
        """Drop all that is leased: it is done."""
        done = list(self.leased)
        self.leased.clear()
        return done

    def set_aside(self, ids: Iterable[int]) -> dict[int, Entry]:
        """Drop these leased messages: they are dead letters."""
        return {id_: self.leased.pop(id_) for id_ in ids if id_ in self.leased}

    def revive(self, entry: Entry) -> None:
        """Offer a dead letter again."""
        insort(self.returned, entry)

    def take_back(self, ids: Iterable[int]) -> list[int]:
        """Offer these messages again, as far as they are leased."""
        back = [id_ for id_ in ids if id_ in self.leased]
        for id_ in back:
            insort(self.returned, self.leased.pop(id_))
        return back

    def take_back_all(self, keep: Collection[int] = ()) -> list[int]:
        """Offer again all that is leased, except `keep`."""
        return self.take_back([id_ for id_ in self.leased if id_ not in keep])

    def _first(self) -> Entry | None:
        return self.returned[0] if self.returned else self.fresh.first()

    def _pop(self) -> None:
        if self.returned:
            del self.returned[0]
        else:
            self.fresh.pop()

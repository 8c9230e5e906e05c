"""One recipient's unacknowledged mail, as numbers. Pure: no bodies, no clock, no database.

Three places, and a message is in exactly one of them until it is acknowledged: `fresh` (never leased),
`returned` (leased once, offered again) and `leased`. What is returned was leased before anything that is
still fresh, so "redelivered first" and "by id" are the same order.
"""

from array import array
from bisect import insort
from collections.abc import Collection, Iterable, Iterator

COMPACT_AT = 1_024


class Backlog:
    """A queue of (id, sent_at) at 16 bytes each: a hundred thousand for an absent agent are 1.6 MB."""

    def __init__(self) -> None:
        self._ids = array("q")
        self._sent = array("q")
        self._head = 0

    def __len__(self) -> int:
        return len(self._ids) - self._head

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids[self._head :])

    def append(self, id_: int, sent_at: int) -> None:
        self._ids.append(id_)
        self._sent.append(sent_at)

    def first_sent_at(self) -> int | None:
        """When the oldest was sent, in milliseconds UTC."""
        return self._sent[self._head] if len(self) else None

    def take(self, count: int) -> list[tuple[int, int]]:
        """The oldest `count`, removed."""
        end = min(self._head + count, len(self._ids))
        taken = list(zip(self._ids[self._head : end], self._sent[self._head : end], strict=True))
        self._head = end
        if self._head >= COMPACT_AT and self._head * 2 >= len(self._ids):
            del self._ids[: self._head], self._sent[: self._head]
            self._head = 0
        return taken


class Inbox:
    """The state of one recipient. Every method returns the ids it moved."""

    def __init__(self) -> None:
        self.fresh = Backlog()
        self.returned: list[tuple[int, int]] = []
        self.leased: dict[int, int] = {}

    @property
    def pending(self) -> int:
        """What can be leased."""
        return len(self.fresh) + len(self.returned)

    def oldest_sent_at(self) -> int | None:
        """When the oldest unacknowledged message was sent, in milliseconds UTC."""
        heads = [*list(self.leased.values())[:1], *(sent for _, sent in self.returned[:1])]
        fresh = self.fresh.first_sent_at()
        return min([*heads, fresh] if fresh is not None else heads, default=None)

    def offer(self, id_: int, sent_at: int) -> None:
        """A new message; ids only grow."""
        self.fresh.append(id_, sent_at)

    def lease(self, count: int) -> list[int]:
        """Hand out up to `count`, oldest first."""
        taken = self.returned[:count]
        del self.returned[:count]
        taken += self.fresh.take(count - len(taken))
        self.leased.update(taken)
        return [id_ for id_, _ in taken]

    def acknowledge(self) -> list[int]:
        """All that is leased is done."""
        done = list(self.leased)
        self.leased.clear()
        return done

    def take_back(self, ids: Iterable[int]) -> list[int]:
        """Offer these again, as far as they are leased."""
        back = [id_ for id_ in ids if id_ in self.leased]
        for id_ in back:
            insort(self.returned, (id_, self.leased.pop(id_)))
        return back

    def take_back_all(self, keep: Collection[int] = ()) -> list[int]:
        """Offer again all that is leased, but for `keep`."""
        return self.take_back([id_ for id_ in self.leased if id_ not in keep])

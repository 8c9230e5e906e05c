"""The pending reminders in the order in which they are due: two heaps with lazy removal, one for each clock. Pure.

A reminder for a moment goes by the wall clock, one after a duration by running time. `now_ms` and `running_ms` are the
two of one moment.
"""

import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterable

from actors.scheduler.queries import Pending

Heap = list[tuple[int, int, int, Pending]]
"""Moment, id, number of the entry, and the reminder: two entries never compare their reminders."""


class DueQueue:
    """Pending reminders, first due first. A removed or moved one is skipped when it comes up."""

    def __init__(self, pending: Iterable[Pending] = ()) -> None:
        self._live: dict[int, Pending] = {}
        self._by_clock: Heap = []
        self._by_running: Heap = []
        self._per_agent: defaultdict[str, dict[int, Pending]] = defaultdict(dict)
        self._numbers = itertools.count()
        for one in pending:
            self.add(one)

    def __len__(self) -> int:
        return len(self._live)

    def add(self, one: Pending) -> None:
        """Add a reminder, or move it to another moment."""
        self.remove(one.id)
        self._live[one.id] = one
        self._per_agent[one.agent][one.id] = one
        running_ms = one.deadline.running_ms
        heap, moment = (self._by_clock, one.deadline.at_ms) if running_ms is None else (self._by_running, running_ms)
        heapq.heappush(heap, (moment, one.id, next(self._numbers), one))

    def remove(self, reminder_id: int) -> Pending | None:
        """Forget a reminder; None when it is not pending."""
        one = self._live.pop(reminder_id, None)
        if one is not None:
            del self._per_agent[one.agent][one.id]
        return one

    def of(self, agent: str) -> list[Pending]:
        """The pending reminders of one agent."""
        return list(self._per_agent[agent].values())

    def durations(self) -> list[Pending]:
        """Those that go by running time."""
        return [one for one in self._live.values() if one.deadline.is_duration]

    def counts(self) -> dict[str, int]:
        """How many are pending, by agent; an agent without any is not in it."""
        return {agent: len(waiting) for agent, waiting in self._per_agent.items() if waiting}

    def left_ms(self, now_ms: int, running_ms: int) -> int | None:
        """Until the first one is due, 0 or less when it is; None when there is none."""
        found = self._next(now_ms, running_ms)
        return None if found is None else found[0]

    def take(self, now_ms: int, running_ms: int, most: int) -> list[Pending]:
        """Remove and return the reminders that are due, the longest overdue first, at most `most`."""
        taken: list[Pending] = []
        while len(taken) < most and (found := self._next(now_ms, running_ms)) is not None and found[0] <= 0:
            one = heapq.heappop(found[1])[3]
            self.remove(one.id)
            taken.append(one)
        return taken

    def _next(self, now_ms: int, running_ms: int) -> tuple[int, Heap] | None:
        """How long until the first reminder of both heaps, and its heap."""
        found: tuple[int, Heap] | None = None
        for heap, now in ((self._by_clock, now_ms), (self._by_running, running_ms)):
            while heap and self._live.get(heap[0][1]) is not heap[0][3]:
                heapq.heappop(heap)
            if heap and (found is None or heap[0][0] - now < found[0]):
                found = (heap[0][0] - now, heap)
        return found

"""The pending reminders in the order in which they are due: a heap with lazy removal. Pure."""

import heapq
from collections import defaultdict
from collections.abc import Iterable

from actors.scheduler.queries import Due


class DueQueue:
    """Pending reminders, first due first. A removed or moved one is skipped when it comes up."""

    def __init__(self, pending: Iterable[Due] = ()) -> None:
        self._live: dict[int, Due] = {}
        self._heap: list[Due] = []
        self._per_agent: defaultdict[str, dict[int, Due]] = defaultdict(dict)
        for due in pending:
            self.add(due)

    def __len__(self) -> int:
        return len(self._live)

    def add(self, due: Due) -> None:
        """Add a reminder, or move it to another moment."""
        self.remove(due.id)
        self._live[due.id] = due
        self._per_agent[due.agent][due.id] = due
        heapq.heappush(self._heap, due)

    def remove(self, reminder_id: int) -> Due | None:
        """Forget a reminder; None when it is not pending."""
        due = self._live.pop(reminder_id, None)
        if due is not None:
            del self._per_agent[due.agent][due.id]
        return due

    def of(self, agent: str) -> list[Due]:
        """The pending reminders of one agent."""
        return list(self._per_agent[agent].values())

    def counts(self) -> dict[str, int]:
        """How many are pending, by agent; an agent without any is not in it."""
        return {agent: len(waiting) for agent, waiting in self._per_agent.items() if waiting}

    def first_at(self) -> int | None:
        """When the first one is due, milliseconds UTC."""
        self._skip()
        return self._heap[0].due_at if self._heap else None

    def take(self, now_ms: int, most: int) -> list[Due]:
        """Remove and return the reminders that are due, in order, at most `most`."""
        taken: list[Due] = []
        while len(taken) < most and (first := self.first_at()) is not None and first <= now_ms:
            due = heapq.heappop(self._heap)
            self.remove(due.id)
            taken.append(due)
        return taken

    def _skip(self) -> None:
        while self._heap and self._live.get(self._heap[0].id) is not self._heap[0]:
            heapq.heappop(self._heap)

"""The rows of all agents, of which an event makes few outdated: those are read again one by one, the others are kept.

A hive of a thousand agents has a megabyte of rows, and a busy one changes some of them many times a second.
"""

from collections.abc import Callable

from gevent.lock import BoundedSemaphore

from harness.wire import names
from harness.wire.errors import HiveError
from harness.wire.operator_api import AgentStatus, AgentStatusReply
from harness.wire.operator_rows import AgentRow, OperatorEvent
from web.daemon import topics
from web.daemon.cache import NO_ANSWER, Cached
from web.daemon.client import DaemonClient
from web.daemon.feed import EventFeed, FeedStatus
from web.daemon.listed import Listed

MOST_BY_NAME = 100
"""Outdated rows that are read by their names; with more of them, all rows are read."""


class AgentRows:
    """Every agent and peer as of the last event. A failed read raises HiveError or says that the rows are stale."""

    def __init__(self, daemon: DaemonClient, feed: EventFeed, now_ms: Callable[[], int]) -> None:
        self._daemon = daemon
        self._feed = feed
        self._now_ms = now_ms
        self._lock = BoundedSemaphore(1)
        self._known: dict[str, AgentRow] | None = None
        self._outdated: set[str] = set()
        self._all_outdated = True
        self._cached: Cached[list[AgentRow]] | None = None
        feed.add(self)

    def read(self) -> Cached[list[AgentRow]]:
        """The rows, the manager first, then by name."""
        with self._lock:
            cached = self._cached
            current = self._feed.connected and not self._all_outdated and not self._outdated
            if cached is not None and current:
                return cached
            try:
                rows = self._read_again()
            except HiveError as error:
                if cached is None or error.code not in NO_ANSWER:
                    raise
                return Cached(cached.value, cached.as_of_ms, stale=True)
            self._known = {row.name: row for row in rows}
            ordered = Listed(sorted(self._known.values(), key=lambda row: (row.role != "manager", row.name)))
            ordered.omitted = rows.omitted
            self._cached = Cached(ordered, self._now_ms())
            return self._cached

    def invalidate(self) -> None:
        """Every row is outdated: this process itself has just changed something."""
        self._all_outdated = True

    def event(self, event: OperatorEvent) -> None:
        """What `event` touched is outdated."""
        changed = topics.changed_by(event)
        if not changed.isdisjoint((topics.ALL_AGENTS, topics.EVERYTHING)):
            self._all_outdated = True
        for name in topics.agents_in(changed):
            try:
                self._outdated.add(names.broker_name(names.check_agent_name(name)))
            except ValueError:  # the daemon is not asked for such a name
                self._all_outdated = True

    def gap(self, status: FeedStatus) -> None:  # noqa: ARG002
        self._all_outdated = True

    def link(self, status: FeedStatus) -> None:  # noqa: ARG002
        self._all_outdated = True

    def _read_again(self) -> Listed[AgentRow]:
        """All rows as they are now. An event that comes meanwhile makes its row outdated again."""
        outdated, self._outdated = self._outdated, set()
        everything, self._all_outdated = self._all_outdated, False
        try:
            if everything or self._known is None or not self._feed.connected or len(outdated) > MOST_BY_NAME:
                return self._all()
            return self._with(outdated, self._known)
        except BaseException:
            self._outdated |= outdated
            self._all_outdated |= everything
            raise

    def _with(self, outdated: set[str], known: dict[str, AgentRow]) -> Listed[AgentRow]:
        reply = self._daemon.ask(AgentStatus(agents=sorted(outdated)), AgentStatusReply)
        kept = [row for name, row in known.items() if name not in outdated]
        rows = Listed([*kept, *reply.agent_statuses])
        rows.omitted = self._cached.omitted if self._cached else 0
        return rows

    def _all(self) -> Listed[AgentRow]:
        """All of them, in as many replies as they need."""
        rows: Listed[AgentRow] = Listed()
        while True:
            reply = self._daemon.ask(AgentStatus(skip=len(rows)), AgentStatusReply)
            rows += reply.agent_statuses
            if not reply.omitted or not reply.agent_statuses:
                rows.omitted = reply.omitted
                return rows

"""The sessions of the dashboard as this process knows them: the hive keeps them, this process asks.

A session that was found is remembered for KNOWN_MS, and dropped at once by the event that it has ended. While the
daemon is unreachable a known session stays valid, so that pages stay readable; after that the daemon is asked again.
"""

import contextlib
from collections import OrderedDict
from collections.abc import Callable

import gevent

from harness.wire.errors import ErrorCode, HiveError
from harness.wire.model import Done
from harness.wire.operator_api import ById, CheckSession, OpenSession, Plain, SessionReply, SessionsReply
from harness.wire.operator_api.access.sessions import MAX_ADDRESS, MAX_USER_AGENT
from harness.wire.operator_rows import OperatorEvent, SessionRow
from harness.wire.times import to_ms
from web.daemon.client import DaemonClient
from web.daemon.feed import EventFeed, FeedStatus
from web.daemon.listed import Listed, listed

KNOWN_MS = 30_000
MAX_KNOWN = 1_000


class Sessions:
    """Finds, opens and ends sessions. `on_end` is called with the number of a session that has ended."""

    def __init__(
        self,
        daemon: DaemonClient,
        feed: EventFeed,
        now_ms: Callable[[], int],
        on_end: Callable[[int], None],
    ) -> None:
        self._daemon = daemon
        self._feed = feed
        self._now_ms = now_ms
        self._on_end = on_end
        self._known: OrderedDict[str, tuple[SessionRow, int]] = OrderedDict()
        feed.add(self)

    def find(self, key: str) -> SessionRow | None:
        """The open session of the cookie with the digest `key`; None when it has ended."""
        now = self._now_ms()
        row, asked = self._known.get(key, (None, 0))
        if row is None or not 0 <= now - asked < KNOWN_MS:  # less than 0: the clock was set back
            row = self._ask(key, row)
        if row is None or to_ms(row.ends_at) <= now:
            self._known.pop(key, None)
            return None
        return row

    def open(self, key: str, address: str, user_agent: str) -> None:
        """A new session, for the cookie with the digest `key`."""
        request = OpenSession(
            digest=key, address=address[:MAX_ADDRESS], user_agent=_printable(user_agent)[:MAX_USER_AGENT]
        )
        self._remember(key, self._daemon.ask(request, SessionReply).session)

    def end(self, session_id: int) -> None:
        """End a session; its cookie opens nothing from here on."""
        self._forget(session_id)
        try:
            self._daemon.ask(ById(cmd="end_session", id=session_id), Done)
        finally:
            self._forget(session_id)

    def rows(self) -> Listed[SessionRow]:
        """Every open session, the last opened first."""
        reply = self._daemon.ask(Plain(cmd="sessions"), SessionsReply)
        return listed(reply, reply.sessions)

    def event(self, event: OperatorEvent) -> None:
        """A session that has ended is forgotten."""
        if event.kind == "session_ended":
            self._forget(int(event.data.get("id") or 0))

    def gap(self, status: FeedStatus) -> None:  # noqa: ARG002
        """Events may be missing: every session is asked for again, also for the streams that are open."""
        self._known = OrderedDict((key, (row, 0)) for key, (row, _) in self._known.items())
        gevent.spawn(self._ask_again)

    def link(self, status: FeedStatus) -> None:
        """Nothing: a known session stays known while the daemon is away."""

    def _ask_again(self) -> None:
        for key, (row, _) in list(self._known.items()):
            with contextlib.suppress(HiveError):  # the next request asks again
                self._ask(key, row)

    def _ask(self, key: str, known: SessionRow | None) -> SessionRow | None:
        try:
            row = self._daemon.ask(CheckSession(digest=key), SessionReply).session
        except HiveError as error:
            if error.code is ErrorCode.NOT_FOUND:
                if known is not None:
                    self._forget(known.id)
                return None
            if known is not None and not self._feed.connected:
                return known
            raise
        self._remember(key, row)
        return row

    def _remember(self, key: str, row: SessionRow) -> None:
        self._known.pop(key, None)
        self._known[key] = (row, self._now_ms())
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)

    def _forget(self, session_id: int) -> None:
        for key in [key for key, (row, _) in self._known.items() if row.id == session_id]:
            del self._known[key]
        self._on_end(session_id)


def _printable(text: str) -> str:
    """A header without the characters that no terminal should get."""
    return "".join(character for character in text if character.isprintable() and character.isascii())

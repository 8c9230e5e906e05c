"""The sessions of the dashboard.

Owns the tables `sessions` and `site_name`. Promises: an answered request is on disk; a session that was ended, or that
has reached its end, is never valid again; at most MAX_SESSIONS are open. Emits `session` and `session_ended`.
"""

import base64
import logging
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from actors.events import emit
from actors.sessions import queries
from actors.sessions.messages import CheckSession, EndSession, ListSessions, OpenSession, PortHeld, Tick
from actors.sessions.queries import Session
from actors.store import api as store
from actors.supervision import Actor, Clock, Directory, Timer
from harness.wire.errors import conflict, not_found
from harness.wire.operator_rows import SessionRow
from harness.wire.times import from_ms

log = logging.getLogger(__name__)

MAX_SESSIONS = 100
"""A further login ends the session that was not seen for the longest time."""
SEEN_MS = 60_000
"""How exact `seen_at` is."""
MAX_TIMER_SECONDS = 60.0
"""Timers run on the monotonic clock; a jump of the wall clock or a suspend is noticed within this time."""
NAME_BYTES = 20
WRITE_SECONDS = 30.0


def new_name() -> str:
    """A host name that nobody guesses. Browsers resolve every name below `localhost` to this machine."""
    return "hive-" + base64.b32encode(secrets.token_bytes(NAME_BYTES)).decode().lower() + ".localhost"


class SessionsActor(Actor):
    """Messages are in `messages.py`."""

    def __init__(self, *, seconds: float, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._lifetime_ms = round(seconds * 1000)
        self._directory = directory
        self._open: dict[str, Session] = {}
        """By digest, in the order of the logins."""
        self._timer: Timer | None = None

    def on_start(self) -> None:
        self._open = {one.digest: one for one in store.read(self._directory, queries.all_sessions)}
        self._end_overdue()

    def state_word(self) -> str:
        return f"{len(self._open)} open"

    def handle(self, message: object) -> Any:
        match message:
            case CheckSession(digest):
                return self._check(digest)
            case OpenSession():
                return self._open_session(message)
            case EndSession(session_id):
                self._end_one(session_id)
            case ListSessions():
                self._end_overdue()
                return [_row(one) for one in reversed(self._open.values())]
            case PortHeld(since_before):
                return self._site_name(since_before=since_before)
            case Tick():
                self._end_overdue()
        return None

    def _check(self, digest: str) -> SessionRow:
        found, now = self._open.get(digest), self.clock.now_ms()
        if found is None or now >= found.ends_ms:
            raise not_found("such session", "log in again")
        if now - found.seen_ms >= SEEN_MS:
            found = replace(found, seen_ms=now)
            # Not waited for: a lost minute of `seen_at` is no harm.
            store.write(self._directory, queries.set_seen(found.id, now))
            self._open[digest] = found
        return _row(found)

    def _open_session(self, wanted: OpenSession) -> SessionRow:
        if wanted.digest in self._open:
            raise conflict("this session is open already")
        self._end_overdue()
        if len(self._open) >= MAX_SESSIONS:
            self._end([min(self._open.values(), key=lambda one: one.seen_ms)])
        now = self.clock.now_ms()
        ends = now + self._lifetime_ms
        insert = queries.insert(wanted.digest, now, ends, wanted.address, wanted.user_agent)
        number = store.write(self._directory, insert).get(timeout=WRITE_SECONDS)
        session = Session(number, wanted.digest, now, now, ends, wanted.address, wanted.user_agent)
        self._open[session.digest] = session
        self._arm()
        log.info("session opened id=%s address=%s", number, wanted.address)
        emit(self._directory, "session", _row(session).as_frame())
        return _row(session)

    def _end_one(self, session_id: int) -> None:
        found = [one for one in self._open.values() if one.id == session_id]
        if not found:
            raise not_found(f"session {session_id}", "`hive sessions` lists the open ones")
        self._end(found)

    def _end_overdue(self) -> None:
        now = self.clock.now_ms()
        overdue = [one for one in self._open.values() if one.ends_ms <= now]
        if overdue:
            self._end(overdue)
        self._arm()

    def _end(self, ended: Iterable[Session]) -> None:
        """The row first: a crash must not bring a session back."""
        ended = list(ended)
        ids = [one.id for one in ended]
        store.write(self._directory, queries.delete(ids)).get(timeout=WRITE_SECONDS)
        for one in ended:
            del self._open[one.digest]
        self._tell_ended(ids)

    def _site_name(self, *, since_before: bool) -> str:
        name = store.read(self._directory, queries.site_name)
        if since_before and name is not None:
            return name
        name = new_name()
        ids = [one.id for one in self._open.values()]
        store.write(self._directory, queries.start_afresh(name)).get(timeout=WRITE_SECONDS)
        self._open.clear()
        self._tell_ended(ids)
        return name

    def _tell_ended(self, ids: list[int]) -> None:
        for session_id in ids:
            log.info("session ended id=%s", session_id)
            emit(self._directory, "session_ended", {"id": session_id})

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._open:
            ends = min(one.ends_ms for one in self._open.values())
            seconds = max(0.0, (ends - self.clock.now_ms()) / 1000)
            self._timer = self.tell_after(min(seconds, MAX_TIMER_SECONDS), Tick())


def _row(session: Session) -> SessionRow:
    return SessionRow(
        id=session.id,
        opened_at=from_ms(session.opened_ms),
        seen_at=from_ms(session.seen_ms),
        ends_at=from_ms(session.ends_ms),
        address=session.address,
        user_agent=session.user_agent,
    )

"""The interface of the dashboard's sessions: one typed function per request. Every one may raise HiveError."""

from actors.sessions import queries
from actors.sessions.messages import SESSIONS, CheckSession, EndSession, ListSessions, OpenSession, PortHeld
from actors.store import api as store
from actors.store.stored_table import Unreadable
from actors.supervision import Directory
from harness.wire.operator_rows import SessionRow
from harness.wire.times import from_ms

ASK_SECONDS = 5.0
WRITE_SECONDS = 30.0


def port_held(directory: Directory, *, since_before: bool) -> str:
    """The host name under which the dashboard accepts sessions, now that its port is held; see `PortHeld`."""
    name: str = directory.ask(SESSIONS, PortHeld(since_before), timeout=WRITE_SECONDS)
    return name


def open_session(directory: Directory, *, digest: str, address: str, user_agent: str) -> SessionRow:
    """A new session for the cookie with this SHA-256."""
    row: SessionRow = directory.ask(SESSIONS, OpenSession(digest, address, user_agent), timeout=WRITE_SECONDS)
    return row


def check(directory: Directory, digest: str) -> SessionRow:
    """The open session of a cookie; `not_found` when it has ended."""
    row: SessionRow = directory.ask(SESSIONS, CheckSession(digest), timeout=ASK_SECONDS)
    return row


def sessions(directory: Directory) -> list[SessionRow]:
    """Every open session, the last opened first."""
    rows: list[SessionRow] = directory.ask(SESSIONS, ListSessions(), timeout=ASK_SECONDS)
    return store.read(directory, lambda connection: queries.SESSIONS.error_rows(connection, _unreadable)) + rows


def end(directory: Directory, session_id: int) -> None:
    """End a session. When this returns, its cookie opens nothing any more."""
    directory.ask(SESSIONS, EndSession(session_id), timeout=WRITE_SECONDS)


def _unreadable(row: Unreadable) -> SessionRow:
    never = from_ms(0)
    return SessionRow(id=row.number, opened_at=never, seen_at=never, ends_at=never, address="", user_agent=row.sentence)

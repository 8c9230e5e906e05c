"""The messages of the sessions' owner."""

from dataclasses import dataclass

SESSIONS = "sessions"


@dataclass(frozen=True, slots=True)
class PortHeld:
    """The dashboard's port is held. → the host name of the dashboard.

    `since_before`: it was held without a gap since the last such message, by this daemon or the one before. After a
    gap every session ends and the name is a new one: another program may have had the port, and with it both.
    """

    since_before: bool


@dataclass(frozen=True, slots=True)
class OpenSession:
    """→ the SessionRow of a new session."""

    digest: str
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class CheckSession:
    """→ the SessionRow of an open session; HiveError `not_found` otherwise."""

    digest: str


@dataclass(frozen=True, slots=True)
class ListSessions:
    """→ list of SessionRow, the last opened first."""


@dataclass(frozen=True, slots=True)
class EndSession:
    """End one session; HiveError `not_found` when there is none of that number."""

    id: int


@dataclass(frozen=True, slots=True)
class Tick:
    """To itself: a session may have reached its end."""

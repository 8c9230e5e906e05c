"""Sessions of the dashboard: one for each login in a browser.

The hive never has the cookie of a session, only its digest.
"""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.boundary.listing import ListReply
from harness.wire.model import Done, Reply, Request
from harness.wire.operator_api.requests import ById, Plain
from harness.wire.operator_rows import SessionRow
from harness.wire.verb import OPERATORS, Rows, Verb

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a session's cookie, in hex."""

MAX_ADDRESS = 64
MAX_USER_AGENT = 300


class OpenSession(Request):
    """A browser has shown the operator's token. `address` and `user_agent` are for the operator to recognize it."""

    cmd: Literal["open_session"] = "open_session"
    digest: Digest
    address: Annotated[str, Field(max_length=MAX_ADDRESS)]
    user_agent: Annotated[str, Field(max_length=MAX_USER_AGENT)]


class CheckSession(Request):
    """`not_found` when the session has ended or was never opened."""

    cmd: Literal["check_session"] = "check_session"
    digest: Digest


class SessionReply(Reply):
    session: SessionRow


class SessionsReply(ListReply):
    sessions: list[SessionRow]


OPEN_SESSION = Verb("open_session", OpenSession, SessionReply, OPERATORS)
CHECK_SESSION = Verb("check_session", CheckSession, SessionReply, OPERATORS)
SESSIONS = Verb("sessions", Plain, SessionsReply, OPERATORS)
END_SESSION = Verb("end_session", ById, Done, OPERATORS)

VERBS: Rows = (OPEN_SESSION, CHECK_SESSION, SESSIONS, END_SESSION)

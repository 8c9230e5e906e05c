"""An agent about itself: who it is, and the line it shows the operator."""

from typing import Annotated, Any, Literal

from pydantic import Field

from harness.wire.limits import MAX_STATUS_CHARACTERS
from harness.wire.model import Done, Reply, Request
from harness.wire.verb import EVERYONE, Rows, ToolText, Verb


class Whoami(Request):
    cmd: Literal["whoami"] = "whoami"


class WhoamiReply(Reply):
    """Who the socket says you are, and the limits and policy in force."""

    name: str
    role: Literal["manager", "agent", "peer"]
    model: str | None = None
    revision: str | None = None
    limits: dict[str, Any] = {}
    policy: dict[str, Any] = {}
    paused: bool = False
    verbs: list[str] | None = None
    """What this daemon serves here; a client offers no more. Null: the daemon does not say."""


WHOAMI = Verb(
    "whoami",
    Whoami,
    WhoamiReply,
    EVERYONE,
    ToolText(text="Your name, role, model, and the limits and policy in force for you."),
)


class SetStatus(Request):
    cmd: Literal["set_status"] = "set_status"
    text: Annotated[
        str,
        Field(
            max_length=MAX_STATUS_CHARACTERS,
            description=f"At most {MAX_STATUS_CHARACTERS} characters; empty clears it.",
        ),
    ]


SET_STATUS = Verb(
    "set_status",
    SetStatus,
    Done,
    EVERYONE,
    ToolText(text="Show the operator one line about what you are doing."),
)

VERBS: Rows = (WHOAMI, SET_STATUS)

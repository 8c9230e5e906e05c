"""What only a harness asks: it reports events and turns, and listens for the operator's commands."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from harness.wire.boundary.values import Seconds
from harness.wire.events import TurnStats, agreed
from harness.wire.limits import MAX_EVENTS
from harness.wire.model import Done, Record, Reply, Request
from harness.wire.names import Id
from harness.wire.verb import HARNESS_ONLY, Rows, Verb


class Publish(Request):
    """LiveEvents, in order. Of one that is as agreed only the agreed fields are kept; others are kept as they came."""

    cmd: Literal["publish"] = "publish"
    events: Annotated[list[Annotated[dict[str, Any], AfterValidator(agreed)]], Field(max_length=MAX_EVENTS)]


class PublishReply(Reply):
    stored: int


PUBLISH = Verb("publish", Publish, PublishReply, HARNESS_ONLY)


class BeginTurn(Request):
    """A turn begins with these leased messages. It is over when the leases are settled."""

    cmd: Literal["begin_turn"] = "begin_turn"
    message_ids: Annotated[list[Id], Field(max_length=MAX_EVENTS)]


class BeginTurnReply(Reply):
    """The number of the turn, which no other turn of this agent has or will have."""

    turn: int


BEGIN_TURN = Verb("begin_turn", BeginTurn, BeginTurnReply, HARNESS_ONLY)


class TurnEnded(Request):
    cmd: Literal["turn_ended"] = "turn_ended"
    stats: TurnStats


TURN_ENDED = Verb("turn_ended", TurnEnded, Done, HARNESS_ONLY)


class Control(Request):
    """The harness's poll for commands of the operator: a long poll like `recv`."""

    cmd: Literal["control"] = "control"
    wait_seconds: Seconds | None = None


class Command(Record):
    """One thing the operator wants of the harness.

    Actions: cancel, compact, new_session, model, login_start, login_code, login_cancel, pause, resume; `value` is the
    model's name or the login code.
    """

    action: str
    value: str | None = None


class ControlReply(Reply):
    """`paused` is the daemon's word and outlives both programs."""

    commands: list[Command]
    paused: bool


CONTROL = Verb("control", Control, ControlReply, HARNESS_ONLY)

VERBS: Rows = (PUBLISH, BEGIN_TURN, TURN_ENDED, CONTROL)

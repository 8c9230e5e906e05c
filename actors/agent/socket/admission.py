"""What stands before every function of an agent's or a peer's socket: suspension, pause, rates; then whose work it is.

A crash of any actor over the request, however far away, and one of the function itself are reported to `admission`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from actors.admission import api as admission
from actors.admission import rates
from actors.admission.clients import Client
from actors.admission.messages import RequestCrashed
from actors.admission.rates import Rates
from actors.agent.socket.context import RequestContext
from actors.connection import Connection, is_of_client
from actors.listener import Handler
from actors.supervision import ORIGIN, Directory, SupervisionError, acting_for, is_of_the_machine
from harness.wire import agent_api as wire
from harness.wire.errors import HiveError, conflict, unavailable
from harness.wire.model import Reply, Request

MAX_KEPT = 8 * 1024
"""Characters that are kept of a request over which something crashed."""
RATES_SECONDS = 5.0
"""How long the rates of a configuration are remembered: a restart of the container may bring others."""

PROPOSAL_COST = 10
"""In questions: git works on each, and its rows stay."""

LIFECYCLE = frozenset({"start", "kill", "restart", "update"})
"""The manager's orders about others: a container that does not start then fails for reasons of its own."""
NOT_WHILE_PAUSED = LIFECYCLE | {
    "send", "wake", "ask", "answer", "remind",
    "request_spawn", "request_spawn_draft", "request_spawn_commit", "request_apply_commit",
}  # fmt: skip
"""What reaches others, or wakes the agent itself. What a turn needs to end, and looking, stay."""


@dataclass(slots=True, eq=False)
class RequestOrigin:
    """A request, as the origin of what is done for it."""

    name: str
    client: Client
    request: Request
    directory: Directory
    reported: bool = False
    """Several actors may crash over one request; that counts once."""

    def crashed(self, actor: str, reason: str, *, machine: bool) -> None:
        """Report a crash over this request."""
        text = json.dumps(self.request.as_frame())
        crash = RequestCrashed(
            self.name, actor, reason, self.request.cmd, text[:MAX_KEPT], len(text), self.client,
            again=self.reported, machine=machine,
        )  # fmt: skip
        self.reported = True
        with acting_for(None):  # the report is the hive's own: its reader must not be blamed on the client
            admission.crashed(self.directory, crash)


def admitted(answer: Handler, context: RequestContext, limits: Callable[[], Rates]) -> Handler:
    """`answer` for those requests that are admitted. `limits` reads what holds for this client."""
    client = context.client
    read_at = float("-inf")

    def check(request: Request, connection: Connection) -> None:
        nonlocal read_at
        if client.suspended is not None:
            raise unavailable(
                f"{context.name} is suspended: {client.suspended}",
                "the operator can look at the requests and lift it: `hive suspensions`",
            )
        if client.paused and request.cmd in NOT_WHILE_PAUSED:
            raise paused(context.name)
        now = context.clock.monotonic()
        if now - read_at > RATES_SECONDS:
            client.rates, read_at = limits(), now
        client.buckets = rates.take(client.buckets, _costs(request, connection.request_bytes), client.rates, now)

    def handle(request: Request, connection: Connection) -> Reply | None:
        check(request, connection)
        origin = RequestOrigin(context.name, client, request, context.directory)
        ORIGIN.set(None if request.cmd in LIFECYCLE else origin)
        try:
            reply = answer(request, connection)
        except (HiveError, SupervisionError):
            raise
        except Exception as error:
            if not is_of_client(error, connection):
                origin.crashed("socket", f"{type(error).__name__}: {error}", machine=is_of_the_machine(error))
            raise
        _charge_broadcast(client, reply, context)
        return reply

    return handle


def paused(name: str) -> HiveError:
    """The refusal of what a paused client may not do."""
    return conflict(f"{name} is paused", "end the turn; the operator resumes it with `hive resume`")


def _costs(request: Request, size: int) -> dict[str, int]:
    """What the request costs, by the name of the rate."""
    costs = {"bytes_per_minute": size}
    match request:
        case wire.Send() | wire.Wake():
            costs["messages_per_minute"] = 1
        case wire.Ask():
            costs["questions_per_minute"] = 1
        case wire.RequestSpawn() | wire.RequestSpawnDraft() | wire.RequestSpawnCommit() | wire.RequestApplyCommit():
            costs["questions_per_minute"] = PROPOSAL_COST
        case wire.Remind():
            costs["reminders_per_minute"] = 1
        case wire.Publish(events=events):
            costs["events_per_minute"] = len(events)
        case wire.BeginTurn() | wire.TurnEnded():
            costs["events_per_minute"] = 1
    return costs


def _charge_broadcast(client: Client, reply: Reply | None, context: RequestContext) -> None:
    """Each copy is a message; how many there are is known afterwards."""
    if isinstance(reply, wire.SendReply) and reply.ids and len(reply.ids) > 1:
        more, now = len(reply.ids) - 1, context.clock.monotonic()
        client.buckets = rates.charge(client.buckets, "messages_per_minute", more, client.rates, now)

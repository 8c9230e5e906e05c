"""Reminders of an agent, and what of its own is still open."""

from actors.agent.socket import turn
from actors.agent.socket.context import RequestContext
from actors.approvals import api as approvals
from actors.connection import Connection
from actors.questions import api as questions
from actors.routes import Route, route
from actors.scheduler import api as scheduler
from harness.wire import times
from harness.wire.agent_api import reminders as wire
from harness.wire.model import Done
from harness.wire.verb import Caller


def remind(context: RequestContext, request: wire.Remind, _connection: Connection) -> wire.RemindReply:
    who, what, cause = context.name, request.message, turn.cause_of(context)
    if request.at is not None:
        at = times.to_ms(request.at)
        reminder = scheduler.remind_at(context.directory, agent=who, message=what, due_at_ms=at, cause=cause)
    else:
        delay = request.delay_seconds or 0.0
        reminder = scheduler.remind_after(context.directory, agent=who, message=what, delay_seconds=delay, cause=cause)
    return wire.RemindReply(id=reminder.id, due_at=reminder.due_at)


def loose_ends(context: RequestContext, _request: wire.LooseEnds, _connection: Connection) -> wire.LooseEndsReply:
    """The agent's own; the manager sees the whole hive's."""
    if context.caller is Caller.MANAGER:
        return wire.LooseEndsReply(
            questions=questions.pending(context.directory),
            reminders=scheduler.pending(context.directory),
            approvals=[row.as_frame() for row in approvals.pending(context.directory)],
        )
    return wire.LooseEndsReply(
        questions=questions.of(context.directory, context.name),
        reminders=scheduler.of(context.directory, context.name),
    )


def cancel(context: RequestContext, request: wire.Cancel, _connection: Connection) -> Done:
    if request.kind == "question":
        questions.cancel(context.directory, question_id=request.id, by=context.name)
    else:
        scheduler.cancel(context.directory, request.id, owner=context.name)
    return Done()


ROUTES: tuple[Route[RequestContext], ...] = (
    route(wire.REMIND, remind),
    route(wire.LOOSE_ENDS, loose_ends),
    route(wire.CANCEL, cancel),
)

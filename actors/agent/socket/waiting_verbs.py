"""An agent's verbs on what waits: its questions, those it was asked, and its reminders."""

from actors.agent.socket.context import Desk, Verb
from actors.approvals import api as approvals
from actors.connection import Connection
from actors.questions import api as questions
from actors.scheduler import api as scheduler
from actors.supervision import SYSTEM_CLOCK
from harness.wire import agent_api, times
from harness.wire.model import Done, Reply, Request


def ask(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.Ask)
    question_id = questions.ask(
        desk.directory,
        asker=desk.name,
        target=request.to,
        question=request.question,
        options=request.options,
        multi=request.multi,
        ttl_seconds=request.ttl_seconds,
    )
    return agent_api.IdReply(id=question_id)


def answer(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.Answer)
    questions.answer(desk.directory, question_id=request.id, answer=request.answer, answerer=desk.name)
    return Done()


def remind(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.Remind)
    if request.at is not None:
        due_at_ms = times.to_ms(request.at)
    else:
        due_at_ms = SYSTEM_CLOCK.now_ms() + round((request.delay_seconds or 0.0) * 1000)
    reminder = scheduler.remind(desk.directory, agent=desk.name, message=request.message, due_at_ms=due_at_ms)
    return agent_api.RemindReply(id=reminder.id, due_at=reminder.due_at)


def loose_ends(desk: Desk, _request: Request, _connection: Connection) -> Reply:
    """The agent's own; the manager sees the whole hive's."""
    if desk.role == "manager":
        return agent_api.LooseEndsReply(
            questions=questions.pending(desk.directory),
            reminders=scheduler.pending(desk.directory),
            approvals=[row.as_frame() for row in approvals.pending(desk.directory)],
        )
    return agent_api.LooseEndsReply(
        questions=questions.of(desk.directory, desk.name), reminders=scheduler.of(desk.directory, desk.name)
    )


def cancel(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.Cancel)
    if request.kind == "question":
        questions.cancel(desk.directory, question_id=request.id, by=desk.name)
    else:
        scheduler.cancel(desk.directory, request.id, owner=desk.name)
    return Done()


VERBS: dict[str, Verb] = {"ask": ask, "answer": answer, "remind": remind, "loose_ends": loose_ends, "cancel": cancel}

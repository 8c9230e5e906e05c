"""Verbs on what waits: questions for an answer, reminders for their moment."""

from actors.connection import Connection
from actors.gateway.services import Services, Verb
from actors.questions import api as questions
from actors.scheduler import api as scheduler
from harness.wire import agent_api, names, operator_api
from harness.wire.model import Done, Reply, Request
from harness.wire.operator_rows import Delivered

DAY_MS = 24 * 3_600_000


def listing(services: Services, _request: Request, _connection: Connection) -> Reply:
    return operator_api.QuestionsReply(questions=questions.recent(services.directory))


def answer(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.Answer)
    questions.answer(services.directory, question_id=request.id, answer=request.answer, answerer=names.OPERATOR)
    return Done()


def cancel(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ById)
    questions.cancel(services.directory, question_id=request.id)
    return Done()


def reminders(services: Services, _request: Request, _connection: Connection) -> Reply:
    since_ms = services.clock.now_ms() - DAY_MS
    delivered = {
        agent: Delivered(count=count, attempts=attempts)
        for agent, (count, attempts) in scheduler.delivered_since(services.directory, since_ms).items()
    }
    return operator_api.RemindersReply(reminders=scheduler.pending(services.directory), delivered=delivered)


def cancel_reminder(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ById)
    scheduler.cancel(services.directory, request.id)
    return Done()


def retry_reminder(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ById)
    scheduler.retry(services.directory, request.id)
    return Done()


VERBS: dict[str, Verb] = {
    "questions": listing,
    "answer_question": answer,
    "cancel_question": cancel,
    "reminders": reminders,
    "cancel_reminder": cancel_reminder,
    "retry_reminder": retry_reminder,
}

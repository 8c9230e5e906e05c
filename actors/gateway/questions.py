"""Verbs on questions: which are open, answering and cancelling one."""

from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.questions import api as questions
from actors.routes import Route, route
from harness.wire import names
from harness.wire.model import Done
from harness.wire.operator_api import questions as wire
from harness.wire.operator_api.requests import ById, Plain


def listing(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.QuestionsReply:
    return wire.QuestionsReply(questions=questions.recent(context.directory))


def answer(context: OperatorContext, request: wire.AnswerQuestion, _connection: Connection) -> Done:
    questions.answer(context.directory, question_id=request.id, answer=request.answer, answerer=names.OPERATOR)
    return Done()


def cancel(context: OperatorContext, request: ById, _connection: Connection) -> Done:
    questions.cancel(context.directory, question_id=request.id)
    return Done()


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.QUESTIONS, listing),
    route(wire.ANSWER_QUESTION, answer),
    route(wire.CANCEL_QUESTION, cancel),
)

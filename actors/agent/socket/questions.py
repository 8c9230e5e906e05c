"""Questions an agent asks, and those it is asked."""

from actors.agent.socket import turn
from actors.agent.socket.context import RequestContext
from actors.connection import Connection
from actors.questions import api as questions
from actors.routes import Route, route
from harness.wire.agent_api import questions as wire
from harness.wire.agent_api.mail import IdReply
from harness.wire.model import Done


def ask(context: RequestContext, request: wire.Ask, _connection: Connection) -> IdReply:
    question_id = questions.ask(
        context.directory,
        asker=context.name,
        target=request.to,
        question=request.question,
        options=request.options,
        multi=request.multi,
        free_text=request.free_text,
        ttl_seconds=request.ttl_seconds,
        cause=turn.cause_of(context),
    )
    return IdReply(id=question_id)


def answer(context: RequestContext, request: wire.Answer, _connection: Connection) -> Done:
    questions.answer(context.directory, question_id=request.id, answer=request.answer, answerer=context.name)
    return Done()


ROUTES: tuple[Route[RequestContext], ...] = (
    route(wire.ASK, ask),
    route(wire.ANSWER, answer),
)

"""The verb `needs`: rows of every component that may need the operator. One that cannot be read spares the others."""

from collections.abc import Callable
from typing import TypeVar

from actors.approvals import api as approvals
from actors.broker import api as broker
from actors.connection import Connection
from actors.gateway import agents
from actors.gateway.context import OperatorContext
from actors.gateway.mail import unread_mail
from actors.gateway.needs.ranking import ranked
from actors.quarantine import api as quarantine
from actors.questions import api as questions
from actors.routes import Route, route
from actors.supervision import SupervisionError
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.needs import UnreadRows
from harness.wire.operator_api import needs as wire
from harness.wire.operator_api.agents import AgentStatus
from harness.wire.operator_api.requests import Plain

T = TypeVar("T")
DEAD_LETTERS = 500
"""How many dead letters are items, the newest; the reply says how many more there are."""


def needs(context: OperatorContext, request: Plain, connection: Connection) -> wire.NeedsReply:
    failed: list[UnreadRows] = []

    def rows(name: str, read: Callable[[], list[T]]) -> list[T]:
        try:
            return read()
        except HiveError as error:
            failed.append(UnreadRows(name=name, error=error.message, code=error.code, hint=error.hint))
        except SupervisionError as error:
            failed.append(UnreadRows(name=name, error=str(error), code=ErrorCode.UNAVAILABLE))
        return []

    statuses = rows("agents", lambda: agents.agent_status(context, AgentStatus(), connection).agent_statuses)
    dead = rows("dead letters", lambda: broker.dead_letters(context.directory, limit=DEAD_LETTERS))
    found = ranked(
        agents=statuses,
        unread=rows("mail", lambda: unread_mail(context, request, connection).senders),
        approvals=rows("approvals", lambda: approvals.pending(context.directory)),
        questions=rows("questions", lambda: questions.pending(context.directory)),
        dead_letters=dead,
        unreadable=rows("unreadable rows", lambda: quarantine.rows(context.directory)),
        now_ms=context.clock.now_ms(),
    )
    more = max(0, sum(row.dead_letters or 0 for row in statuses) - len(dead)) if len(dead) == DEAD_LETTERS else 0
    return wire.NeedsReply(needs=found, failed=failed, omitted=more)


ROUTES: tuple[Route[OperatorContext], ...] = (route(wire.NEEDS, needs),)

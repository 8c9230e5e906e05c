"""The verb `needs`: rows of every component that may need the operator. One that cannot be read spares the others."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from actors.approvals import api as approvals
from actors.broker import api as broker
from actors.connection import Connection
from actors.gateway import agents
from actors.gateway.context import OperatorContext
from actors.gateway.mail import unread_rows
from actors.gateway.needs.ranking import ranked
from actors.gateway.needs.snoozing import divided
from actors.quarantine import api as quarantine
from actors.questions import api as questions
from actors.routes import Route, route
from actors.supervision import SupervisionError
from actors.triage import api as triage
from actors.triage.latency import WINDOW_DAYS
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.needs import LatencyRow, Need, UnreadRows
from harness.wire.operator_api import needs as wire
from harness.wire.operator_api.requests import Plain

log = logging.getLogger(__name__)

T = TypeVar("T")
DEAD_LETTERS = 500
"""How many dead letters are items, the newest; the reply says how many more there are."""


@dataclass(slots=True)
class Found:
    """Every item, put off or not; `failed` names the rows that could not be read, `omitted` counts those left out."""

    items: list[Need] = field(default_factory=list)
    failed: list[UnreadRows] = field(default_factory=list)
    omitted: int = 0


def items(context: OperatorContext) -> list[Need]:
    """Every item, put off or not, of what can be read."""
    return read(context).items


def read(context: OperatorContext) -> Found:
    """Every item, put off or not. Never raises: what cannot be read is named."""
    found = Found()

    def rows(name: str, get: Callable[[], list[T]]) -> list[T]:
        try:
            return get()
        except HiveError as error:
            found.failed.append(UnreadRows(name=name, error=error.message, code=error.code, hint=error.hint))
        except SupervisionError as error:
            found.failed.append(UnreadRows(name=name, error=str(error), code=ErrorCode.UNAVAILABLE))
        return []

    statuses = rows("agents", lambda: agents.agent_statuses(context))
    dead = rows("dead letters", lambda: broker.dead_letters(context.directory, limit=DEAD_LETTERS))
    found.items = ranked(
        agents=statuses,
        unread=rows("mail", lambda: unread_rows(context)),
        approvals=rows("approvals", lambda: approvals.pending(context.directory)),
        questions=rows("questions", lambda: questions.pending(context.directory)),
        dead_letters=dead,
        unreadable=rows("unreadable rows", lambda: quarantine.rows(context.directory)),
        now_ms=context.clock.now_ms(),
    )
    if len(dead) == DEAD_LETTERS:
        found.omitted = max(0, sum(row.dead_letters or 0 for row in statuses) - len(dead))
    return found


def needs(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.NeedsReply:
    """Without an answer of the triage everything is shown, and the failure named: nothing is put off by mistake."""
    found, snoozes = read(context), dict[str, triage.Snooze]()
    try:
        snoozes = triage.snoozes(context.directory)
    except (HiveError, SupervisionError) as error:
        found.failed.append(UnreadRows(name="what is put off", error=str(error), code=ErrorCode.UNAVAILABLE))
    shown, put_off = divided(found.items, snoozes)
    return wire.NeedsReply(
        needs=shown, snoozed=put_off, failed=found.failed, omitted=found.omitted, latency=_latency(context)
    )


def _latency(context: OperatorContext) -> LatencyRow | None:
    try:
        found = triage.latency(context.directory, context.clock.now_ms())
    except (HiveError, SupervisionError) as error:
        log.warning("latency not read reason=%s", error)
        return None
    return LatencyRow(days=WINDOW_DAYS, count=found.count, median_ms=found.median_ms, p90_ms=found.p90_ms)


ROUTES: tuple[Route[OperatorContext], ...] = (route(wire.NEEDS, needs),)

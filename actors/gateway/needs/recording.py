"""Notes how long an item was waited for, when a verb of the operator has decided it."""

import logging
from collections.abc import Iterable

from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.gateway.needs.reading import items
from actors.gateway.needs.settling import settles
from actors.routes import Route
from actors.supervision import SupervisionError
from actors.triage import api as triage
from actors.triage.api import AnsweredNeed
from harness.wire.errors import HiveError
from harness.wire.model import Reply, Request
from harness.wire.needs import Need
from harness.wire.times import to_ms

log = logging.getLogger(__name__)


def recorded(routes: Iterable[Route[OperatorContext]]) -> tuple[Route[OperatorContext], ...]:
    """The routes; each counts what it decides. What cannot be counted is decided all the same."""
    return tuple(map(_recorded, routes))


def _recorded(route: Route[OperatorContext]) -> Route[OperatorContext]:
    def answer(context: OperatorContext, request: Request, connection: Connection) -> Reply | None:
        decided = _decided(context, request)
        reply = route.function(context, request, connection)
        now_ms = context.clock.now_ms()
        triage.answered(
            context.directory,
            [
                AnsweredNeed(one.key, one.kind.value, one.agent, request.cmd, to_ms(one.since), now_ms)
                for one in decided
                if one.since is not None
            ],
        )
        return reply

    return Route(route.verb, answer)


def _decided(context: OperatorContext, request: Request) -> list[Need]:
    """Looked at before the verb is carried out: afterwards the item is gone."""
    decides = settles(request)
    if decides is None:
        return []
    try:
        return [need for need in items(context) if decides(need)]
    except (HiveError, SupervisionError) as error:
        log.warning("latency not known verb=%s reason=%s", request.cmd, error)
        return []

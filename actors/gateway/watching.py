"""Verbs that only look: the event stream, live history, turns and figures, an agent's files."""

from actors.agent.registry import api as agents
from actors.connection import Connection
from actors.gateway import stream
from actors.gateway.context import OperatorContext
from actors.gateway.known import check_agent
from actors.routes import Route, route, stream_route
from actors.telemetry import api as telemetry
from actors.telemetry.rollup import DAY_MS
from harness.wire import times
from harness.wire.errors import HiveError
from harness.wire.limits import COST_DAYS, TOP_TOOLS
from harness.wire.live.facets import Facet
from harness.wire.operator_api import watching as wire
from harness.wire.operator_api.replies import TextReply
from harness.wire.operator_rows import OperatorEventKind


def events(context: OperatorContext, request: wire.Events, connection: Connection) -> None:
    """The first line carries `seq` and `epoch`, then one OperatorEvent a line; ends when the client is too slow."""
    subscription = stream.subscribe(context.directory, request.since_seq)
    connection.on_gone(subscription.close)
    try:
        connection.send(wire.EventsReply(seq=subscription.seq, epoch=subscription.epoch).as_reply())
        for line in subscription:
            try:
                connection.send(line)
            except HiveError as too_large:
                connection.send(_instead(line, too_large))
    finally:
        stream.unsubscribe(context.directory, subscription)


def _instead(line: stream.Line, error: HiveError) -> stream.Line:
    """What stands for an event that no frame can carry: the numbers go on, and the operator is told."""
    text = f"an event of the kind {line['kind']} cannot be shown: {error.message}"
    return line | {"kind": OperatorEventKind.NOTICE.value, "data": {"level": "error", "text": text}}


def turns(context: OperatorContext, request: wire.Turns, _connection: Connection) -> wire.TurnsReply:
    found = telemetry.turns(context.directory, agent=request.agent, limit=request.limit)
    if not found:
        check_agent(context, request.agent)
    return wire.TurnsReply(turns=found, since_boot=_totals(context, request.agent) if request.totals else None)


def _totals(context: OperatorContext, agent: str) -> wire.Totals:
    sums = telemetry.since_boot(context.directory, agent)
    return wire.Totals(
        since=None if sums.since_ms is None else times.from_ms(sums.since_ms),
        turns=sums.turns,
        cost_usd=sums.cost_usd,
        tokens=sums.tokens,
        tools=dict(list(sums.tools.items())[:TOP_TOOLS]),
    )


def stats(context: OperatorContext, request: wire.Stats, _connection: Connection) -> wire.SeriesReply:
    directory, agent = context.directory, request.agent
    series = telemetry.stats(directory, since_ms=times.to_ms(request.since), agent=agent)
    first_day = context.clock.now_ms() - (COST_DAYS - 1) * DAY_MS
    return wire.SeriesReply(series=series, costs=telemetry.costs(directory, since_ms=first_day, agent=agent))


def live_history(context: OperatorContext, request: wire.LiveHistory, _connection: Connection) -> wire.LogReply:
    page = telemetry.log(
        context.directory,
        agent=request.agent,
        limit=request.limit,
        before=request.before,
        after=request.after,
        at_ms=None if request.at is None else times.to_ms(request.at),
        only=None if request.only is None else Facet(request.only),
    )
    if not page.rows and not page.turns:
        check_agent(context, request.agent)
    return wire.LogReply(rows=page.rows, turns=page.turns, older=page.older, newer=page.newer)


def state_file(context: OperatorContext, request: wire.StateFile, _connection: Connection) -> TextReply:
    """A file an agent left in its `state/` for everybody to read; no link is followed to it."""
    return TextReply(text=agents.state_file(context.directory, request.agent, request.rel_path))


ROUTES: tuple[Route[OperatorContext], ...] = (
    stream_route(wire.EVENTS, events),
    route(wire.TURNS, turns),
    route(wire.STATS, stats),
    route(wire.LIVE_HISTORY, live_history),
    route(wire.STATE_FILE, state_file),
)

"""Verbs that only look: the tree, the event stream, live history, turns and figures, an agent's files."""

from actors import supervision
from actors.agent.registry import api as agents
from actors.connection import Connection
from actors.gateway import stream
from actors.gateway.services import Services, Verb
from actors.telemetry import api as telemetry
from harness.wire import operator_api, times
from harness.wire.model import Reply, Request
from harness.wire.operator_rows import TreeNode


def actors(services: Services, _request: Request, _connection: Connection) -> Reply:
    return operator_api.TreeReply(tree=TreeNode.model_validate(supervision.tree(services.directory, "hive")))


def events(services: Services, request: Request, connection: Connection) -> None:
    """The first line carries `seq` and `epoch`, then one OperatorEvent a line; ends when the client is too slow."""
    assert isinstance(request, operator_api.Events)
    subscription = stream.subscribe(services.directory, request.since_seq)
    connection.on_gone(subscription.close)
    try:
        connection.send(operator_api.EventsReply(seq=subscription.seq, epoch=subscription.epoch).as_reply())
        for line in subscription:
            connection.send(line)
    finally:
        stream.unsubscribe(services.directory, subscription)


def turns(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.Turns)
    return operator_api.TurnsReply(turns=telemetry.turns(services.directory, agent=request.agent, limit=request.limit))


def stats(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.Stats)
    since = times.to_ms(request.since)
    return operator_api.SeriesReply(series=telemetry.stats(services.directory, since_ms=since, agent=request.agent))


def live_history(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.LiveHistory)
    rows = telemetry.live_history(services.directory, agent=request.agent, limit=request.limit, before=request.before)
    return operator_api.RowsReply(rows=rows)


def state_file(services: Services, request: Request, _connection: Connection) -> Reply:
    """A file an agent left in its `state/` for everybody to read; no link is followed to it."""
    assert isinstance(request, operator_api.StateFile)
    return operator_api.TextReply(text=agents.state_file(services.directory, request.agent, request.rel_path))


VERBS: dict[str, Verb] = {
    "actors": actors,
    "events": events,
    "turns": turns,
    "stats": stats,
    "live_history": live_history,
    "state_file": state_file,
}

"""Verbs on agents: which there are, and what the operator does with them."""

from collections.abc import Callable, Collection

from actors.admission import api as admission
from actors.agent.registry import api as agents
from actors.agent.registry.orders.ordered import Ordered
from actors.connection import Connection
from actors.gateway import stream
from actors.gateway.context import OperatorContext
from actors.peers import api as peers
from actors.peers.api import explained
from actors.proxy import api as proxy
from actors.routes import Route, route, stream_route
from actors.supervision import NoAnswer
from harness.wire.agent_api import LinesReply
from harness.wire.boundary.near import did_you_mean
from harness.wire.errors import HiveError, not_found
from harness.wire.model import Done
from harness.wire.names import broker_name
from harness.wire.operator_api import agents as wire
from harness.wire.operator_api.requests import ByName, Plain
from harness.wire.operator_rows import AgentRow

# ---- reading ---------------------------------------------------------------------------------------


def listing(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.NamesReply:
    return wire.NamesReply(agents=agents.names(context.directory))


def agent_status(context: OperatorContext, request: wire.AgentStatus, _connection: Connection) -> wire.AgentStatusReply:
    wanted = None if request.agents is None else {broker_name(name) for name in request.agents}
    return wire.AgentStatusReply(agent_statuses=agent_statuses(context, wanted)[request.skip :])


def agent_statuses(context: OperatorContext, wanted: Collection[str] | None = None) -> list[AgentRow]:
    """The agents, and after them the peers, whose lives are not the hive's; all, or those of `wanted`."""
    outside = [row for row in peers.rows(context.directory) if wanted is None or row.name in wanted]
    if outside:
        suspended = {row.name: row.reason for row in admission.suspensions(context.directory)}
        outside = [row.model_copy(update={"suspended": suspended.get(row.name)}) for row in outside]
    return [*agents.rows(context.directory, wanted), *outside]


def subscribe_agent_status(context: OperatorContext, _request: Plain, connection: Connection) -> None:
    """One ok line, then a single-row line per change, until the client hangs up."""
    subscription = stream.subscribe(context.directory, None)
    connection.on_gone(subscription.close)
    try:
        connection.send(Done().as_reply())
        for line in subscription:
            if line["kind"] == "agent":
                connection.send({"version": 1, "ok": True, "agent_statuses": [line["data"]]})
    finally:
        stream.unsubscribe(context.directory, subscription)


def urls(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.UrlsReply:
    config = context.config
    home = f"http://{config.web_host}:{config.web_port}/" if config.web_port else None
    return wire.UrlsReply(urls={"domain": None, "home": home, "forge": None})


def journal(context: OperatorContext, request: wire.Journal, connection: Connection) -> LinesReply | None:
    if not request.follow:
        return LinesReply(lines=agents.journal(context.directory, request.name, request.lines))
    followed = agents.follow_journal(context.directory, request.name, request.lines)
    connection.on_gone(followed.close)
    try:
        for lines in followed:
            connection.send(LinesReply(lines=lines).as_reply())
    finally:
        followed.close()
    return None


def hosts(context: OperatorContext, request: ByName, _connection: Connection) -> wire.HostsReply:
    agents.row(context.directory, request.name)  # an unknown name is an error, not an empty list
    return wire.HostsReply(hosts=proxy.hosts(context.directory, request.name))


def tombstones(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.TombstonesReply:
    return wire.TombstonesReply(tombstones=agents.tombstones(context.directory))


# ---- starting and stopping -------------------------------------------------------------------------


def start(context: OperatorContext, request: wire.Start, _connection: Connection) -> Done:
    _each(context, request.scope, lambda name: agents.start_later(context.directory, name), "started")
    return Done()


def stop(context: OperatorContext, request: wire.Stop, _connection: Connection) -> Done:
    """No agent waits for the turn of another: all orders are given before the first is waited for."""
    how = {"graceful": request.graceful, "now": request.now, "wait": request.wait}
    _each(context, request.scope, lambda name: agents.stop_later(context.directory, name, **how), "stopped")
    return Done()


def _each(context: OperatorContext, scope: wire.Scope, order: Callable[[str], Ordered], word: str) -> None:
    """Give the order for every agent of the scope, or for none where one of them does not exist.

    A refusal by one agent does not keep the others from it; the error says which were and which were not.
    """
    existing = agents.names(context.directory)
    wanted = list(dict.fromkeys(broker_name(name) for name in scope.agent_names))
    unknown = [name for name in wanted if name not in existing]
    if unknown:
        shown = ", ".join(repr(name) for name in unknown)
        hint = did_you_mean(unknown[0], existing) or "`hive agents` lists them"
        raise explained(context.directory, unknown[0], not_found(f"agent {shown}", f"nothing was {word}: {hint}"))
    refusals: list[tuple[str, HiveError]] = []
    for name, ordered in [(name, order(name)) for name in wanted]:
        try:
            ordered.wait()
        except HiveError as refusal:
            refusals.append((name, refusal))
        except NoAnswer as silence:  # it may come true all the same; the others are asked
            refusals.append((name, HiveError(silence.code, f"not known: {silence}", "look at `hive agents`")))
    if not refusals:
        return
    if len(wanted) == 1:
        raise refusals[0][1]
    refused = {name for name, _ in refusals}
    done = ", ".join(name for name in wanted if name not in refused) or "none"
    reasons = "; ".join(f"not {name}: {refusal.message}" for name, refusal in refusals)
    raise HiveError(refusals[0][1].code, f"{word}: {done}; {reasons}", refusals[0][1].hint)


def restart(context: OperatorContext, request: wire.Restart, _connection: Connection) -> Done:
    agents.restart(context.directory, request.name, now=request.now, wait=request.wait)
    return Done()


def kill(context: OperatorContext, request: ByName, _connection: Connection) -> Done:
    agents.kill(context.directory, request.name)
    return Done()


def kick(context: OperatorContext, request: ByName, _connection: Connection) -> Done:
    agents.kick(context.directory, request.name)
    return Done()


def rebuild(context: OperatorContext, request: wire.Rebuild, _connection: Connection) -> Done:
    agents.rebuild(context.directory, request.name, now=request.now, wait=request.wait)
    return Done()


def rebuild_all(context: OperatorContext, request: wire.RebuildAll, _connection: Connection) -> wire.PlannedReply:
    planned = agents.rebuild_all(context.directory, reason="the operator asked for it", now=request.now)
    return wire.PlannedReply(planned=planned)


def set_paused(context: OperatorContext, request: wire.SetPaused, _connection: Connection) -> Done:
    agents.set_paused(context.directory, request.name, paused=request.paused)
    return Done()


def agent_control(context: OperatorContext, request: wire.AgentControl, _connection: Connection) -> Done:
    agents.control(context.directory, request.name, request.action, request.value)
    return Done()


# ---- existence -------------------------------------------------------------------------------------


def spawn(context: OperatorContext, request: wire.Spawn, _connection: Connection) -> Done:
    agents.spawn(context.directory, request.name)
    return Done()


def destroy(context: OperatorContext, request: wire.Destroy, _connection: Connection) -> Done:
    agents.destroy(context.directory, request.name, purge=request.purge, now=request.now)
    return Done()


def purge_tombstone(context: OperatorContext, request: ByName, _connection: Connection) -> Done:
    agents.purge(context.directory, request.name)
    return Done()


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.LIST, listing),
    route(wire.AGENT_STATUS, agent_status),
    stream_route(wire.SUBSCRIBE_AGENT_STATUS, subscribe_agent_status),
    route(wire.URLS, urls),
    stream_route(wire.JOURNAL, journal),
    route(wire.HOSTS, hosts),
    route(wire.TOMBSTONES, tombstones),
    route(wire.START, start),
    route(wire.STOP, stop),
    route(wire.RESTART, restart),
    route(wire.KILL, kill),
    route(wire.KICK, kick),
    route(wire.REBUILD, rebuild),
    route(wire.REBUILD_ALL, rebuild_all),
    route(wire.SET_PAUSED, set_paused),
    route(wire.AGENT_CONTROL, agent_control),
    route(wire.SPAWN, spawn),
    route(wire.DESTROY, destroy),
    route(wire.PURGE_TOMBSTONE, purge_tombstone),
)

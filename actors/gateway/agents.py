"""Verbs on agents: who is there, and what the operator does with them."""

from actors.agent.registry import api as agents
from actors.connection import Connection
from actors.gateway import stream
from actors.gateway.services import Services, Verb
from actors.peers import api as peers
from harness.wire import agent_api, operator_api
from harness.wire.model import Done, Reply, Request


def listing(services: Services, _request: Request, _connection: Connection) -> Reply:
    return operator_api.NamesReply(agents=agents.names(services.directory))


def agent_status(services: Services, _request: Request, _connection: Connection) -> Reply:
    """The agents, and after them the peers, whose lives are not the hive's."""
    rows = [*agents.rows(services.directory), *peers.rows(services.directory)]
    return operator_api.AgentStatusReply(agent_statuses=rows)


def subscribe_agent_status(services: Services, _request: Request, connection: Connection) -> None:
    """One ok line, then a single-row line per change, until the client hangs up."""
    subscription = stream.subscribe(services.directory, None)
    connection.on_gone(subscription.close)
    try:
        connection.send(Done().as_reply())
        for line in subscription:
            if line["kind"] == "agent":
                connection.send({"version": 1, "ok": True, "agent_statuses": [line["data"]]})
    finally:
        stream.unsubscribe(services.directory, subscription)


def urls(services: Services, _request: Request, _connection: Connection) -> Reply:
    config = services.config
    home = f"http://{config.web_host}:{config.web_port}/" if config.web_port else None
    return operator_api.UrlsReply(urls={"domain": None, "home": home, "forge": None})


def set_paused(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.SetPaused)
    agents.set_paused(services.directory, request.name, paused=request.paused)
    return Done()


def start(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.Start)
    for name in request.scope.agent_names:
        agents.start(services.directory, name)
    return Done()


def stop(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.Stop)
    for name in request.scope.agent_names:
        agents.stop(services.directory, name, graceful=request.graceful)
    return Done()


def restart(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ByName)
    agents.restart(services.directory, request.name)
    return Done()


def rebuild(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ByName)
    agents.rebuild(services.directory, request.name)
    return Done()


def rebuild_all(services: Services, _request: Request, _connection: Connection) -> Reply:
    planned = agents.rebuild_all(services.directory, reason="the operator asked for it")
    return operator_api.PlannedReply(planned=planned)


def tombstones(services: Services, _request: Request, _connection: Connection) -> Reply:
    return operator_api.TombstonesReply(tombstones=agents.tombstones(services.directory))


def purge_tombstone(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ByName)
    agents.purge(services.directory, request.name)
    return Done()


def kill(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ByName)
    agents.kill(services.directory, request.name)
    return Done()


def kick(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ByName)
    agents.kick(services.directory, request.name)
    return Done()


def spawn(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.Spawn)
    agents.spawn(services.directory, request.name)
    return Done()


def destroy(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.Destroy)
    agents.destroy(services.directory, request.name, purge=request.purge)
    return Done()


def journal(services: Services, request: Request, connection: Connection) -> Reply | None:
    assert isinstance(request, operator_api.Journal)
    if not request.follow:
        return agent_api.LinesReply(lines=agents.journal(services.directory, request.name, request.lines))
    followed = agents.follow_journal(services.directory, request.name, request.lines)
    connection.on_gone(followed.close)
    try:
        for lines in followed:
            connection.send(agent_api.LinesReply(lines=lines).as_reply())
    finally:
        followed.close()
    return None


def agent_control(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.AgentControl)
    agents.control(services.directory, request.name, request.action, request.value)
    return Done()


VERBS: dict[str, Verb] = {
    "list": listing,
    "agent_status": agent_status,
    "subscribe_agent_status": subscribe_agent_status,
    "urls": urls,
    "set_paused": set_paused,
    "start": start,
    "stop": stop,
    "restart": restart,
    "rebuild": rebuild,
    "rebuild_all": rebuild_all,
    "tombstones": tombstones,
    "purge_tombstone": purge_tombstone,
    "kill": kill,
    "kick": kick,
    "spawn": spawn,
    "destroy": destroy,
    "journal": journal,
    "agent_control": agent_control,
}

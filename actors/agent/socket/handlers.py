"""What an agent's requests do. Who asks is known from the socket, never from the request."""

from actors.agent.addresses import container_actor
from actors.agent.container.messages import Disconnected, GetConfig, HarnessEvents, Poll
from actors.agent.registry import api as agents
from actors.agent.socket import manager_verbs, waiting_verbs
from actors.agent.socket.context import Desk, Verb
from actors.agent.socket.surface import surface
from actors.broker import api as broker
from actors.connection import Connection
from actors.listener import Handler
from actors.telemetry import api as telemetry
from harness.wire import agent_api, names
from harness.wire.agent_config import AgentConfig
from harness.wire.errors import forbidden
from harness.wire.model import Done, Reply, Request

ASK_SECONDS = 5.0
PARK_EXTRA_SECONDS = 30.0


def handler(desk: Desk) -> Handler:
    """The function that the agent's listener calls for each request."""

    def answer(request: Request, connection: Connection) -> Reply:
        return VERBS[request.cmd](desk, request, connection)

    return answer


# ---- mail ------------------------------------------------------------------------------------------


def send(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.Send)
    return broker.send(
        desk.directory, sender=desk.name, to=request.to, body=request.body, in_reply_to=request.in_reply_to
    )


def recv(desk: Desk, request: Request, connection: Connection) -> Reply:
    """Parks when asked to wait. A client that goes meanwhile consumes nothing; an unwritten reply is given back."""
    assert isinstance(request, agent_api.Recv)
    if request.wait_seconds:
        waiter = broker.long_poll(desk.directory, name=desk.name, wait_seconds=request.wait_seconds, max=request.max)
        connection.on_gone(waiter.cancel)
        reply = waiter.wait()
    else:
        reply = broker.recv(desk.directory, name=desk.name, max=request.max)
    ids = [message.id for message in reply.messages]
    if ids:
        connection.if_unwritten(lambda: broker.give_back(desk.directory, desk.name, ids))
    return reply


def ack_turn(desk: Desk, _request: Request, _connection: Connection) -> Reply:
    return agent_api.AckReply(acked=broker.ack_turn(desk.directory, desk.name))


def requeue_inflight(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.RequeueInflight)
    return agent_api.RequeueReply(requeued=broker.requeue_inflight(desk.directory, desk.name, request.keep))


def status(desk: Desk, _request: Request, _connection: Connection) -> Reply:
    return broker.status(desk.directory, desk.name)


def recent(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.Recent)
    return agent_api.MessagesReply(messages=broker.recent(desk.directory, desk.name, request.limit))


def wake(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.Wake)
    return agent_api.IdReply(id=broker.wake(desk.directory, name=desk.name, from_=request.from_, body=request.body))


# ---- itself ----------------------------------------------------------------------------------------


def whoami(desk: Desk, _request: Request, _connection: Connection) -> Reply:
    row = agents.row(desk.directory, desk.container)
    config: AgentConfig | None = desk.directory.ask(container_actor(desk.container), GetConfig(), timeout=ASK_SECONDS)
    config = config or AgentConfig()
    return agent_api.WhoamiReply(
        name=desk.name,
        role="manager" if desk.role == "manager" else "agent",
        model=row.active_model or config.model,
        revision=row.deployed_sha,
        limits=config.limits.model_dump(mode="json")
        | {
            "body_bytes": agent_api.MAX_BODY_BYTES,
            "wait_seconds": agent_api.MAX_WAIT_SECONDS,
            "batch": agent_api.MAX_BATCH,
            "notes_bytes": config.notes_limit_bytes,
        },
        policy={
            "allowedRecipients": config.allowedRecipients,
            "allowedBashPatterns": config.allowedBashPatterns,
            "allowedTools": config.allowedTools,
        },
        paused=row.paused,
        verbs=sorted(surface(desk.container)),
    )


def set_status(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.SetStatus)
    agents.set_status(desk.directory, desk.container, request.text)
    return Done()


def publish(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.Publish)
    desk.directory.tell(container_actor(desk.container), HarnessEvents(tuple(request.events)))
    return agent_api.PublishReply(stored=telemetry.publish(desk.directory, desk.name, request.events))


def turn_ended(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.TurnEnded)
    telemetry.turn_ended(desk.directory, desk.name, request.stats)
    return Done()


def control(desk: Desk, request: Request, connection: Connection) -> Reply:
    """The harness's ear. What was handed over and could not be written is offered to the next one."""
    assert isinstance(request, agent_api.Control)
    actor, key = container_actor(desk.container), object()
    wait_seconds = min(request.wait_seconds or 0.0, agent_api.MAX_WAIT_SECONDS)
    promise = desk.directory.ask_later(actor, Poll(key, wait_seconds))
    connection.on_gone(lambda: _deaf(desk, key, ()))
    reply: agent_api.ControlReply = promise.get(timeout=wait_seconds + PARK_EXTRA_SECONDS)
    commands = tuple(reply.commands)
    connection.if_unwritten(lambda: _deaf(desk, key, commands))
    return reply


def _deaf(desk: Desk, key: object, commands: tuple[agent_api.Command, ...]) -> None:
    desk.directory.tell(container_actor(desk.container), Disconnected(key, commands))


# ---- the manager's -----------------------------------------------------------------------------------


def start(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.ManagerStart)
    agents.start(desk.directory, _other(request.name))
    return Done()


def kill(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.ManagerKill)
    agents.kill(desk.directory, _other(request.name))
    return Done()


def restart(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.ManagerRestart)
    agents.restart(desk.directory, _other(request.name))
    return Done()


def update(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.ManagerUpdate)
    agents.rebuild(desk.directory, _other(request.name))
    return Done()


def get_logs(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.GetLogs)
    return agent_api.LinesReply(lines=agents.journal(desk.directory, request.agent, request.lines))


def _other(name: str) -> str:
    """The agent the manager wants something done to; never itself, it would cut its own turn."""
    if names.container_name(name) == names.MANAGER_CONTAINER:
        raise forbidden("the manager can not do this to itself", "ask the operator")
    return name


VERBS: dict[str, Verb] = (
    {
        "send": send,
        "recv": recv,
        "ack_turn": ack_turn,
        "requeue_inflight": requeue_inflight,
        "status": status,
        "recent": recent,
        "whoami": whoami,
        "set_status": set_status,
        "wake": wake,
        "publish": publish,
        "turn_ended": turn_ended,
        "control": control,
        "start": start,
        "kill": kill,
        "restart": restart,
        "update": update,
        "get_logs": get_logs,
    }
    | waiting_verbs.VERBS
    | manager_verbs.VERBS
)

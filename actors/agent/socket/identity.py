"""What an agent asks about itself: who it is, what holds for it, the line it shows the operator."""

from actors.admission import rates
from actors.agent.addresses import container_actor
from actors.agent.container.messages import GetConfig
from actors.agent.registry import api as agents
from actors.agent.socket.context import RequestContext
from actors.connection import Connection
from actors.routes import Route, route
from harness.wire import limits
from harness.wire.agent_api import ROWS
from harness.wire.agent_api import identity as wire
from harness.wire.agent_config import AgentConfig
from harness.wire.model import Done
from harness.wire.verb import Caller, verbs_for

ASK_SECONDS = 5.0


def whoami(context: RequestContext, _request: wire.Whoami, _connection: Connection) -> wire.WhoamiReply:
    row = agents.row(context.directory, context.container)
    asked = context.directory.ask(container_actor(context.container), GetConfig(), timeout=ASK_SECONDS)
    config: AgentConfig = asked or AgentConfig()
    return wire.WhoamiReply(
        name=context.name,
        role="manager" if context.caller is Caller.MANAGER else "agent",
        model=row.active_model or config.model,
        revision=row.deployed_sha,
        limits=config.limits.model_dump(mode="json")
        | {
            "body_bytes": limits.MAX_BODY_BYTES,
            "wait_seconds": limits.MAX_WAIT_SECONDS,
            "batch": limits.MAX_BATCH,
            "notes_bytes": config.notes_limit_bytes,
        }
        | rates.as_frame(context.client.rates),
        policy={
            "allowedRecipients": config.allowedRecipients,
            "allowedBashPatterns": config.allowedBashPatterns,
            "allowedTools": config.allowedTools,
        },
        paused=row.paused,
        verbs=sorted(verbs_for(context.caller, ROWS)),
    )


def set_status(context: RequestContext, request: wire.SetStatus, _connection: Connection) -> Done:
    agents.set_status(context.directory, context.container, request.text)
    return Done()


ROUTES: tuple[Route[RequestContext], ...] = (
    route(wire.WHOAMI, whoami),
    route(wire.SET_STATUS, set_status),
)

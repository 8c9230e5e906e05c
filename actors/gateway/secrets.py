"""Verbs on secrets: storing one, listing them without their values, deleting one that nothing refers to."""

from actors.agent import config as agent_config
from actors.agent.credentials import checked_token
from actors.agent.registry import api as agents
from actors.agent.workspace.paths import Workspace
from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.in_thread import in_thread
from actors.routes import Route, route
from actors.secrets.store import SecretStore
from actors.secrets.users import users
from harness.wire import times
from harness.wire.agent_config import AgentConfig
from harness.wire.constants import OAUTH_TOKEN
from harness.wire.errors import HiveError, conflict
from harness.wire.model import Done
from harness.wire.operator_api.access import secrets as wire
from harness.wire.operator_api.requests import Plain

EVERY_AGENT = "every agent"
"""Uses the token of the hive, whose name no configuration mentions."""


def set_secret(context: OperatorContext, request: wire.SetSecret, _connection: Connection) -> wire.SetSecretReply:
    value = checked_token(request.value) if request.name == OAUTH_TOKEN else request.value
    in_thread(_store(context).put, request.name, value)
    _use(context, request.name)
    return wire.SetSecretReply(used_by=_users(context).get(request.name, []))


def listing(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.SecretsReply:
    used = _users(context)
    entries = _store(context).entries()
    rows = [
        wire.SecretRow(
            name=one.name, size=one.size, updated_at=times.from_ms(one.updated_ms), used_by=used.get(one.name, [])
        )
        for one in entries
    ]
    known = {one.name for one in entries}
    return wire.SecretsReply(secrets=rows, missing={name: who for name, who in used.items() if name not in known})


def delete(context: OperatorContext, request: wire.DeleteSecret, _connection: Connection) -> Done:
    used = _users(context).get(request.name, [])
    if used and not request.force:
        raise conflict(
            f"secret {request.name!r} is used by {', '.join(used)}, which would not start without it",
            f"change the configuration first, or `hive secret delete {request.name} --force`",
        )
    in_thread(_store(context).delete, request.name)
    _use(context, request.name)
    return Done()


def _use(context: OperatorContext, name: str) -> None:
    """The token of the hive is no matter of the next start alone."""
    if name == OAUTH_TOKEN:
        agents.use_credentials(context.directory)


def _store(context: OperatorContext) -> SecretStore:
    return SecretStore(context.config.state_dir)


def _users(context: OperatorContext) -> dict[str, list[str]]:
    workspace = Workspace(context.config.state_dir, context.config.run_dir)
    found: dict[str, AgentConfig] = {}
    for name in agents.names(context.directory):
        try:
            found[name] = agent_config.in_force(
                workspace.of(name).applied_config, default_model=context.config.default_model
            )
        except HiveError:
            continue  # a configuration that cannot be read starts nothing, whatever it refers to
    used = users(found, context.config.agent_env)
    if context.config.claude_api_key_file is None and _store(context).has(OAUTH_TOKEN):
        used[OAUTH_TOKEN] = [EVERY_AGENT]
    return used


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.SET_SECRET, set_secret),
    route(wire.SECRETS, listing),
    route(wire.DELETE_SECRET, delete),
)

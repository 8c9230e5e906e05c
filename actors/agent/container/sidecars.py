"""The MCP servers of one agent that are given secrets, with the values in place of the references."""

from collections.abc import Mapping

from actors.agent.context import AgentContext
from actors.agent.sidecar import Sidecar
from actors.secrets.redaction import forms_of
from actors.secrets.references import of_table, resolved
from harness.wire.agent_config import AgentConfig

_NOT_FOR_SERVERS = ("ANTHROPIC_", "CLAUDE", "HIVE_HARNESS_LINE")
"""The login and the key are Claude's, the line is the harness's."""


def sidecars(context: AgentContext, config: AgentConfig, environment: Mapping[str, str]) -> tuple[Sidecar, ...]:
    """In the order of the configuration. `environment` is the harness's. HiveError for a secret that does not exist."""
    common = {name: value for name, value in environment.items() if not name.startswith(_NOT_FOR_SERVERS)}
    found = []
    for key, socket in config.sidecars().items():
        server, place = config.extraMcpServers[key], f"extraMcpServers.{key}.env"
        own = resolved(server.env, place, context.secrets.value)
        values = {name: own[where.removeprefix(f"{place}.")] for where, name in of_table(server.env, place)}
        found.append(Sidecar(socket, server.command, tuple(server.args), common | own, dict(forms_of(values))))
    return tuple(found)

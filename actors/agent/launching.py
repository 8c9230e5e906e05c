"""What a container is started with: the launch, and the configuration it is shown."""

import json
import logging

from actors.agent.environment import harness_environment
from actors.agent.host import AgentHost
from actors.agent.runtime import Launch
from actors.agent.runtime.roots import program_roots
from actors.agent.workspace import AgentPaths
from harness.wire import names
from harness.wire.agent_config import AgentConfig

log = logging.getLogger(__name__)


def launch_of(host: AgentHost, agent: str, config: AgentConfig) -> Launch:
    """The launch of this agent's container with this configuration. HiveError when the API key can not be read."""
    paths = host.workspace.of(agent)
    view = host.runtime.view(host.workspace, paths)
    return Launch(
        paths=paths,
        argv=host.harness_argv,
        env=harness_environment(host, view, agent, api_key=host.api_key(), extra=config.env),
        manager=agent == names.MANAGER_CONTAINER,
        binds=tuple(config.binds),
        limits=config.limits,
        packages=tuple(config.packages),
        programs=program_roots(host.claude_cli),
    )


def published_config(paths: AgentPaths) -> AgentConfig | None:
    """The configuration that a running container was started with; None, and a warning, when it can not be read."""
    try:
        return AgentConfig.model_validate_json(paths.config_json.read_bytes())
    except (OSError, ValueError) as error:
        log.warning("its configuration can not be read agent=%s error=%s", paths.name, error)
        return None


def publish_config(paths: AgentPaths, config: AgentConfig) -> None:
    """Put the configuration in force where the container reads it; as a whole or not at all."""
    part = paths.config_json.with_suffix(".part")
    part.write_text(json.dumps(config.model_dump(mode="json")))
    part.replace(paths.config_json)

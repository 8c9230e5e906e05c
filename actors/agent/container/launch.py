"""The launch of a container, and the configuration that is shown in it."""

import json
import logging
from contextlib import nullcontext
from dataclasses import replace

from actors.agent import config as agent_config
from actors.agent.container.environment import harness_environment
from actors.agent.container.network import open_way_out
from actors.agent.container.sidecars import sidecars
from actors.agent.context import AgentContext
from actors.agent.installation.roots import program_roots
from actors.agent.runtime import Container, Launch
from actors.agent.snapshot import AgentRecord
from actors.agent.workspace.paths import AgentPaths
from actors.broker import api as broker
from actors.secrets.references import resolved
from actors.supervision import Directory
from harness.wire import names
from harness.wire.agent_config import AgentConfig

log = logging.getLogger(__name__)


def prepare_launch(context: AgentContext, directory: Directory, record: AgentRecord) -> tuple[Launch, AgentConfig]:
    """The launch with the configuration in force, which is published and registered with the broker before.

    A configuration that was never seen to work is checked by the harness before it takes mail.
    """
    agent = record.name
    paths = context.workspace.of(agent)
    config = agent_config.in_force(
        paths.applied_config, default_model=context.default_model, default_limits=context.default_limits
    )
    launch = launch_of(context, agent, config, with_secrets=True)
    if record.unchecked_sha is not None:
        launch = replace(launch, env={**launch.env, "HIVE_CHECK": record.unchecked_sha})
    publish_config(paths, config)
    open_way_out(context, directory, paths, config.network)
    broker.register(
        directory,
        name=agent,
        role="manager" if launch.manager else "agent",
        allowed_recipients=config.allowedRecipients,
    )
    return launch, config


def launch_of(context: AgentContext, agent: str, config: AgentConfig, *, with_secrets: bool) -> Launch:
    """The launch of this agent's container with this configuration.

    Without secrets it has the references in their place, and cannot be started. HiveError when the API key cannot be
    read, or when a secret does not exist.
    """
    extra = {**context.agent_env, **config.env}
    if with_secrets:
        value = context.secrets.value
        extra = resolved(context.agent_env, "agent_env in hive.toml", value) | resolved(config.env, "env", value)
    paths = context.workspace.of(agent)
    view = context.runtime.view(context.workspace, paths)
    credential = context.credentials.read()
    environment = harness_environment(context, view, agent, credential=credential, extra=extra, network=config.network)
    held = not (context.runtime.isolates_network and config.network.isolated)
    return Launch(
        paths=paths,
        argv=context.harness_argv,
        env=environment,
        credential=context.credentials.marker(credential, held=held),
        manager=agent == names.MANAGER_CONTAINER,
        binds=tuple(config.binds),
        kept=context.kept,
        limits=config.limits,
        network=config.network,
        packages=tuple(config.packages),
        programs=program_roots(context.claude_cli),
        sidecars=sidecars(context, config, environment) if with_secrets else (),
    )


def start(context: AgentContext, launch: Launch) -> Container:
    """Start a container; many at once take turns, and the manager waits for nobody."""
    context.runtime.create(launch)
    with nullcontext() if launch.manager else context.slots:
        return context.runtime.start(launch)


def published_config(paths: AgentPaths) -> AgentConfig | None:
    """The configuration that a running container was started with; None, and a warning, when it cannot be read."""
    try:
        return AgentConfig.model_validate_json(paths.config_json.read_bytes())
    except (OSError, ValueError) as error:
        log.warning("its configuration cannot be read agent=%s error=%s", paths.name, error)
        return None


def publish_config(paths: AgentPaths, config: AgentConfig) -> None:
    """Put the configuration in force where the container reads it; as a whole or not at all."""
    part = paths.config_json.with_suffix(".part")
    part.write_text(json.dumps(config.model_dump(mode="json")))
    part.replace(paths.config_json)

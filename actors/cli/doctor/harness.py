"""One real sandbox of the chosen runtime, with the real harness in it, which runs Claude Code for its version."""

import json
from pathlib import Path
from typing import Any

from actors.cli.doctor.finding import Finding, Level
from actors.cli.doctor.links import trouble_on_the_way
from actors.daemon_settings import DaemonSettings
from harness.wire.errors import HiveError
from harness.wire.interpreter import interpreter

NAME = "probe"
START_SECONDS = 90.0


def harness(config: DaemonSettings) -> Finding:
    from actors.agent.runtime.selection import select

    try:
        runtime = select(config.runtime).runtime
    except HiveError as error:
        return Finding("harness", Level.BAD, f"not started, for want of a sandbox: {error.message}", error.hint)
    try:
        found = check_in_sandbox(config, runtime)
    except HiveError as error:
        return _broken(config, error.message, error.hint)
    except OSError as error:
        return _broken(config, str(error))
    if "error" in found:
        return _broken(config, found["error"])
    text = f"{found['version']} at {found['claude']}, run by the harness in a container of {runtime.name}"
    return Finding("harness", Level.OK, text)


def check_in_sandbox(config: DaemonSettings, runtime: Any) -> dict[str, str]:
    """What `hive-harness --check` says in a container launched as an agent's is. OSError when it says nothing."""
    from dataclasses import replace

    from actors.agent.container.launch import launch_of, publish_config
    from actors.agent.context import AgentContext
    from actors.cli.boundary.container import output_of, own_workspace
    from harness.wire.agent_config import AgentConfig

    with own_workspace(config, runtime) as workspace:
        paths = workspace.prepare(NAME)
        settings = AgentContext.of(config, runtime)
        context = replace(settings, workspace=workspace)
        wanted = AgentConfig(model=config.default_model, limits=context.default_limits)
        # Without the values of secrets: the harness does not need them to say what it is to say.
        launch = launch_of(context, NAME, wanted, with_secrets=False)
        publish_config(paths, wanted)
        with output_of(runtime, replace(launch, argv=(*launch.argv, "--check")), START_SECONDS) as lines:
            try:
                found: dict[str, str] = json.loads(lines[-1])
            except (IndexError, ValueError):
                said = " ".join(lines)[-300:] or "nothing"
                raise OSError(f"the harness does not start in its sandbox; it said: {said}") from None
            return found


def _broken(config: DaemonSettings, text: str, hint: str | None = None) -> Finding:
    """The trouble, and the link behind it where one is."""
    from actors.agent.installation.roots import program_roots

    programs = [Path(interpreter()), *([] if config.claude_cli is None else [config.claude_cli])]
    shown = program_roots(config.claude_cli)
    links = [trouble for one in programs if (trouble := trouble_on_the_way(one, shown)) is not None]
    if links:
        remedy = "install hive with the python itself, or name the program that the link leads to"
        return Finding("harness", Level.BAD, f"{text}: {'; '.join(links)}", remedy)
    return Finding("harness", Level.BAD, text, hint or "install hive's packages again, or set claude_cli")

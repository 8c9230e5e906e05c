"""What `hive up` says to an operator whose hive has no way to the model yet: the command to type next."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from actors.agent.credentials import HiveCredentials
from actors.agent.workspace.paths import Workspace
from actors.daemon_settings import DaemonSettings, load
from actors.secrets.store import SecretStore
from harness.wire import names
from harness.wire.constants import OAUTH_TOKEN
from harness.wire.errors import HiveError

CREDENTIALS = ".credentials.json"


def advice(config: DaemonSettings) -> str | None:
    """The way to a login; None where the manager has one, or gets one from the settings."""
    if OAUTH_TOKEN in config.agent_env or _has_login(config):
        return None
    try:
        known = HiveCredentials(config.claude_api_key_file, SecretStore(config.state_dir), config.token_file).read()
    except HiveError as error:
        return f"{error.message}: no agent starts. {error.hint or ''}".rstrip()
    if known is not None:
        return None
    return (
        "Claude Code is not logged in yet. In another terminal, for all agents, with your Claude subscription:\n"
        f"    {command(config)} login --all\n"
        "With an API key: docs/howto/log-in.md"
    )


def command(config: DaemonSettings) -> str:
    """How to call `hive` for this daemon from another terminal in the same folder."""
    program = Path(sys.argv[0])
    found = shutil.which("hive")
    words = ["hive"] if found is not None and Path(found).resolve() == program.resolve() else [str(program)]
    if load({}, os.environ, None).run_dir != config.run_dir:
        words = ["env", f"HIVE_RUN_DIR={config.run_dir}", *words]
    return shlex.join(words)


def _has_login(config: DaemonSettings) -> bool:
    workspace = Workspace(config.state_dir, config.run_dir)
    return (workspace.of(names.MANAGER_CONTAINER).claude / CREDENTIALS).is_file()

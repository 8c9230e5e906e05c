"""The settings of the harness, read from its environment and checked once at the start.

The daemon starts `hive-harness` without arguments and with a scrubbed environment; docs/harness.md lists the variables.
"""

import importlib.util
import json
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from harness.wire.agent_config import AgentConfig


class SettingsError(ValueError):
    """A variable is missing or wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One harness: its name and role, its paths, its durations (in seconds)."""

    name: str
    role: str
    socket: Path
    state_dir: Path
    line: int
    """The descriptor of the line to the shim."""
    config_dir: Path
    agents_dir: Path | None
    shared_dir: Path
    claude_dir: Path
    config: AgentConfig
    claude_cli: Path
    login_command: tuple[str, ...]
    has_key: bool
    """Claude has its key from the environment and needs no login."""
    proxy_socket: Path | None = None
    """The socket of `hive-proxy`; None where the network is the host's."""
    proxy_port: int = 0
    """Where programs inside find it on the loopback of the container."""
    check_sha: str | None = None
    """The commit of the configuration, where it was never seen to work: Claude is opened once before the first mail."""
    sidecar_dir: Path | None = None
    """Where the sockets of the MCP servers are that run beside the container; None: beside `hive.sock`."""
    default_limit_wait_seconds: float = 300.0
    """How long to wait for a rate limit whose end is not known."""
    max_limit_wait_seconds: float = 600.0
    """The longest rate limit that the harness waits for; at a longer one it exits."""
    first_retry_seconds: float = 2.0
    """The pause after the first failed turn; later pauses grow from it."""
    tool_connect_timeout_seconds: float = 30.0
    """How long a tool call waits for a daemon that is away."""

    @property
    def is_manager(self) -> bool:
        """Whether the agent is the manager."""
        return self.role == "manager"

    @property
    def notes(self) -> Path:
        """The agent's own notes."""
        return self.state_dir / "notes.md"


LINE = "HIVE_HARNESS_LINE"
"""The variable with the descriptor. Claude's processes are not told."""

_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN")


def from_environment(env: Mapping[str, str]) -> Settings:
    """The settings in `env`. Raises SettingsError."""
    claude_cli = find_claude(env.get("HIVE_CLAUDE_CLI"))
    agents_dir = env.get("HIVE_AGENTS_DIR")
    return Settings(
        name=_text(env, "HIVE_NAME"),
        role=env.get("HIVE_ROLE", "agent"),
        socket=_path(env, "HIVE_SOCKET"),
        state_dir=_path(env, "HIVE_STATE_DIR"),
        line=_number(env, LINE),
        config_dir=_path(env, "HIVE_CONFIG_DIR"),
        agents_dir=Path(agents_dir) if agents_dir else None,
        shared_dir=_path(env, "HIVE_SHARED_DIR"),
        claude_dir=_path(env, "CLAUDE_CONFIG_DIR"),
        config=_agent_config(_path(env, "HIVE_AGENT_CONFIG")),
        claude_cli=claude_cli,
        login_command=tuple(shlex.split(env.get("HIVE_LOGIN_CMD", ""))) or (str(claude_cli), "auth", "login"),
        has_key=any(env.get(key) for key in _KEYS),
        proxy_socket=Path(proxy_socket) if (proxy_socket := env.get("HIVE_PROXY_SOCKET")) else None,
        proxy_port=int(env.get("HIVE_PROXY_PORT") or 0),
        check_sha=env.get("HIVE_CHECK") or None,
        sidecar_dir=Path(sidecar_dir) if (sidecar_dir := env.get("HIVE_SIDECAR_DIR")) else None,
        default_limit_wait_seconds=_seconds(env, "HIVE_RATE_LIMIT_SECONDS", 300.0),
        max_limit_wait_seconds=_seconds(env, "HIVE_LIMIT_PATIENCE_SECONDS", 600.0),
        first_retry_seconds=_seconds(env, "HIVE_RETRY_SECONDS", 2.0),
        tool_connect_timeout_seconds=_seconds(env, "HIVE_AWAY_SECONDS", 30.0),
    )


def find_claude(configured: str | None) -> Path:
    """The CLI: the configured one, else that in the wheel of claude-agent-sdk, else that on the PATH.

    The wheel is found without importing it: the import takes 23 MB, and the first turn makes it.
    """
    if configured:
        return Path(configured)
    spec = importlib.util.find_spec("claude_agent_sdk")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "_bundled" / "claude"
        if bundled.is_file():
            return bundled
    found = shutil.which("claude")
    if found is None:
        raise SettingsError("no claude was found: set HIVE_CLAUDE_CLI to the path of the program")
    return Path(found)


def _agent_config(path: Path) -> AgentConfig:
    try:
        return AgentConfig.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise SettingsError(f"HIVE_AGENT_CONFIG={path}: {error}") from error


def _text(env: Mapping[str, str], key: str) -> str:
    value = env.get(key)
    if not value:
        raise SettingsError(f"{key} is not set")
    return value


def _path(env: Mapping[str, str], key: str) -> Path:
    return Path(_text(env, key))


def _number(env: Mapping[str, str], key: str) -> int:
    try:
        return int(_text(env, key))
    except ValueError:
        raise SettingsError(f"{key}={env[key]!r} is not a number") from None


def _seconds(env: Mapping[str, str], key: str, default: float) -> float:
    try:
        return float(env.get(key) or default)
    except ValueError:
        raise SettingsError(f"{key}={env[key]!r} is not a number of seconds") from None

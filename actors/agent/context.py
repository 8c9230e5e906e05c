"""What all agents of this hive have in common."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gevent.lock import BoundedSemaphore

from actors.admission.clients import Clients
from actors.admission.rates import Rates
from actors.agent.config import NO_LIMITS
from actors.agent.credentials import HiveCredentials
from actors.agent.default_limits import default_limits
from actors.agent.installation.roots import harness_command, installation
from actors.agent.runtime import Runtime
from actors.agent.workspace.paths import Workspace
from actors.daemon_settings import DaemonSettings
from actors.secrets.file_value import FileValue
from actors.secrets.redaction import Redactor
from actors.secrets.store import SecretStore
from harness.wire.agent_config import Limits
from harness.wire.names import MANAGER, container_name

KEY_WORD = "claude_api_key"
SHORTEST_KEY = 20
"""Characters; with a gateway the key can be any word, which is no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentContext:
    """Passed to the registry and to every container actor. Built once, at the start of the daemon."""

    workspace: Workspace
    runtime: Runtime
    warning: str | None = None
    """What the operator must be told about the runtime."""
    harness_argv: tuple[str, ...]
    claude_base_url: str | None = None
    claude_api_key_file: Path | None = None
    claude_cli: Path | None = None
    agent_env: Mapping[str, str] = field(default_factory=dict)
    """Variables of every agent, as the settings have them; a value may refer to a secret."""
    default_model: str = "haiku"
    default_limits: Limits = NO_LIMITS
    """Of an agent whose configuration sets none."""
    stop_seconds: float = 10.0
    """How long a harness may take to end its claude politely before it is killed."""
    grace_seconds: float = 20.0
    """How long a running turn may go on when the daemon stops and takes its agents along."""
    revision: str | None = None
    """The revision of this hive as far as containers are concerned; None where it is not known."""
    rates: Rates = field(default_factory=Rates)
    """What a minute allows a client whose configuration says nothing else."""
    clients: Clients = field(default_factory=Clients)
    """What is known of each agent and peer when a request comes."""
    slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2 * (os.cpu_count() or 1)))
    """For what takes a processor for a moment, of which a hundred at once only make each other slow."""
    credentials: HiveCredentials = field(init=False)
    """The hive's own way to the model."""

    def __post_init__(self) -> None:
        salt = self.workspace.state_dir / "operator.token"
        found = HiveCredentials(self.claude_api_key_file, self.secrets, salt)
        object.__setattr__(self, "credentials", found)

    @classmethod
    def of(
        cls, config: DaemonSettings, runtime: Runtime, warning: str | None = None, revision: str | None = None
    ) -> "AgentContext":
        """As the settings say."""
        return cls(
            workspace=Workspace(config.state_dir, config.run_dir),
            runtime=runtime,
            warning=warning,
            harness_argv=harness_command(),
            claude_base_url=config.claude_base_url,
            claude_api_key_file=config.claude_api_key_file,
            claude_cli=config.claude_cli,
            agent_env=config.agent_env,
            default_model=config.default_model,
            default_limits=default_limits(config),
            grace_seconds=config.grace_seconds,
            revision=revision,
            rates=Rates(
                events_per_minute=config.events_per_minute,
                messages_per_minute=config.messages_per_minute,
                questions_per_minute=config.questions_per_minute,
                reminders_per_minute=config.reminders_per_minute,
                bytes_per_minute=config.bytes_per_minute,
            ),
        )

    def applied_remote(self, name: str) -> str:
        """Where the manager finds the applied repository of an agent."""
        seen_at = self.runtime.view(self.workspace, self.workspace.of(MANAGER)).agents
        return str(seen_at.parent / "applied" / container_name(name) / "repo.git")

    @property
    def kept(self) -> tuple[Path, ...]:
        """The hive's own files and folders: no bind may show them to an agent."""
        key = [] if self.claude_api_key_file is None else [self.claude_api_key_file]
        return (self.workspace.state_dir, self.workspace.run_dir, *key, *installation(self.claude_cli))

    @property
    def secrets(self) -> SecretStore:
        """The secret store of this hive."""
        return SecretStore(self.workspace.state_dir)

    def redactor(self) -> Redactor:
        """Takes the values of all secrets, and the API key, out of texts. To be kept by its user: it remembers."""
        store, key_file = self.secrets, self.claude_api_key_file
        if key_file is None:
            return Redactor(store.values)
        read = FileValue(key_file)

        def values() -> Mapping[str, str]:
            key = read() or ""
            return {**store.values(), KEY_WORD: key} if len(key) >= SHORTEST_KEY else store.values()

        return Redactor(values)

"""What the approvals know of this hive. Built once, at the start of the daemon."""

import os
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from actors.agent import config as agent_config
from actors.agent.container.launch import launch_of
from actors.agent.context import AgentContext
from actors.agent.registry.name_check import check_new, check_word
from actors.agent.repos import CONFIG_FILE, Repositories
from actors.agent.workspace.paths import AgentPaths
from actors.approvals.checks import check_config
from actors.daemon_settings import DaemonSettings
from harness.wire.agent_config import AgentConfig, Limits
from harness.wire.names import MANAGER

READY_SECONDS = 90.0
"""How long a rebuilt agent may take to ask for mail before its change is rolled back."""

DryRun = Callable[[str, Path, AgentConfig], None]
"""Agent, folder with the files of the proposal, its configuration. HiveError when the runtime could not build it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalContext:
    """A value: paths, limits and pure functions."""

    repositories: Repositories
    default_model: str
    default_limits: Limits = agent_config.NO_LIMITS
    kept: tuple[Path, ...] = ()
    """The hive's own folders: no bind may show them to an agent."""
    agents_seen_at: Path | None = None
    """Where the manager sees the proposed repositories; None: at their place on the host."""
    remote: Callable[[str], str | None] = lambda _name: None
    """Where the manager finds an agent's applied repository; None: at its place on the host."""
    hand_over: Callable[[AgentPaths], None] = lambda _paths: None
    """Gives the folders that the daemon has made to their owner inside the container; the runtime's."""
    check_name: Callable[[str], None] = check_word
    """Raises HiveError for a name that no new agent can have here."""
    dry_run: DryRun | None = None
    build: Callable[[str, AgentConfig], None] | None = None
    """Agent, its configuration. Makes what takes long before anything changes; the runtime's."""
    describe_limits: Callable[[Limits], Mapping[str, str]] = lambda _limits: {}
    """How each limit that is set is enforced here, or why it is not; the runtime's."""
    known_secrets: Callable[[], AbstractSet[str]] = frozenset
    """The names of the secrets that exist."""
    isolates_network: bool = True
    """Whether agents can have a network of their own here; the runtime's."""
    ready_seconds: float = READY_SECONDS

    @classmethod
    def of(cls, config: DaemonSettings, agents: AgentContext) -> "ApprovalContext":
        """From the settings and the runtime."""
        workspace = agents.workspace
        return cls(
            repositories=Repositories(workspace),
            default_model=config.default_model,
            default_limits=agents.default_limits,
            kept=agents.kept,
            agents_seen_at=agents.runtime.view(workspace, workspace.of(MANAGER)).agents,
            remote=agents.applied_remote,
            hand_over=agents.runtime.hand_over,
            isolates_network=agents.runtime.isolates_network,
            check_name=lambda name: check_new(name, agents.runtime, workspace),
            dry_run=_runtime_check(agents),
            describe_limits=agents.runtime.limits,
            build=lambda agent, config: agents.runtime.build(launch_of(agents, agent, config, with_secrets=True)),
            known_secrets=lambda: {one.name for one in agents.secrets.entries()},
        )

    def first_files(self) -> dict[str, str]:
        """What a new agent's repository starts with."""
        return {CONFIG_FILE: agent_config.template(self.default_model)}

    def check(self, text: str) -> AgentConfig:
        """The configuration in `text`. Raises HiveError with what is wrong with it."""
        return check_config(text, parse=self.parse, kept=self.kept)

    def parse(self, text: str) -> AgentConfig:
        """The configuration in `text`, of any age: what was approved once is read, though it would be refused today."""
        return agent_config.parse(text, default_model=self.default_model, default_limits=self.default_limits)

    def has_left_state(self, container: str) -> bool:
        """Whether a destroyed agent of this name has left files in its state."""
        try:
            with os.scandir(self.repositories.workspace.of(container).state) as entries:
                return any(entries)
        except OSError:
            return False

    def config_path(self, container: str) -> Path:
        """Where the manager finds an agent's proposed repository."""
        return self._agents / container / "config"

    def state_path(self, container: str) -> Path:
        """Where the manager puts the files that a new agent finds in its state folder."""
        return self._agents / container / "state"

    @property
    def _agents(self) -> Path:
        return self.agents_seen_at or self.repositories.workspace.proposed


def _runtime_check(agents: AgentContext) -> DryRun:
    def check(agent: str, _tree: Path, config: AgentConfig) -> None:
        agents.runtime.check(launch_of(agents, agent, config, with_secrets=False))

    return check

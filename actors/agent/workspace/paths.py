"""Every path of every agent, on the host. No other module joins a name to a path.

Owns the layout below the state dir (durable) and the run dir (gone with the machine). The picture is in
docs/agents.md.
"""

from dataclasses import dataclass
from pathlib import Path

from actors.agent.workspace import folders
from actors.agent.workspace.remove_tree import remove_tree
from harness.wire import names
from harness.wire.errors import bad_request, conflict

OWN_FOLDERS = ("state", "harness", "claude", "home")
"""What lies in `agents/<n>/`: the agent's own, and what is kept for its harness."""
SHOWN_FOLDERS = ("state", "claude", "home")
"""Those of them that its container shows."""
CONFIG = "config"
ASIDE = ".purged-"
"""How the folder of an agent whose purge has begun is called before its name. No agent can be called so."""


@dataclass(frozen=True, slots=True)
class AgentPaths:
    """Where the files of one agent are. `name` is the container's (`hm1nd`)."""

    name: str
    root: Path
    """`agents/<n>`: what is kept of a destroyed agent, beside its configuration."""
    proposal: Path
    """`proposed/<n>`: apart from its own folders, because the manager may write there and nowhere else."""
    config: Path
    """In it: the proposed repository."""
    state: Path
    harness: Path
    """Host only: what the shim keeps for the harness."""
    claude: Path
    home: Path
    applied: Path
    """Host only: the configuration in force."""
    log: Path
    """Host only: what the container wrote to stdout and stderr."""
    run: Path
    """Host only: the runtime's record of the container."""
    socket_dir: Path
    """Shown to the container as `/run/hive`, read-only: the socket and the configuration in force."""

    @property
    def state_dir(self) -> Path:
        """The hive's."""
        return self.root.parent.parent

    @property
    def staged(self) -> Path:
        """What the manager lays out for its `state` while it is a draft."""
        return self.proposal / self.state.name

    @property
    def socket(self) -> Path:
        return self.socket_dir / "hive.sock"

    @property
    def harness_socket(self) -> Path:
        """Host only: where the shim connects for the harness."""
        return self.run.parent.parent / "harness" / f"{self.name}.sock"

    @property
    def proxy_socket(self) -> Path:
        """Where its container reaches `hive-proxy`."""
        return self.socket_dir / "net.sock"

    @property
    def config_json(self) -> Path:
        """The configuration in force as the harness reads it."""
        return self.socket_dir / "agent.json"

    @property
    def applied_config(self) -> Path:
        """The configuration in force as it was approved."""
        return self.applied / "agent.toml"


class Workspace:
    """The state dir and the run dir as far as agents are concerned."""

    def __init__(self, state_dir: Path, run_dir: Path) -> None:
        self.state_dir = state_dir
        self.run_dir = run_dir

    @property
    def agents(self) -> Path:
        return self.state_dir / "agents"

    @property
    def proposed(self) -> Path:
        return self.state_dir / "proposed"

    @property
    def applied(self) -> Path:
        return self.state_dir / "applied"

    @property
    def shared(self) -> Path:
        return self.state_dir / "shared"

    def of(self, name: str) -> AgentPaths:
        """The paths of an agent, by either spelling; `bad_request` for anything that is no name."""
        try:
            container = names.container_name(names.check_agent_name(name))
        except ValueError as error:
            raise bad_request(str(error)) from None
        root = self.agents / container
        run = self.run_dir / "agents" / container
        state, harness, claude, home = (root / folder for folder in OWN_FOLDERS)
        proposal = self.proposed / container
        return AgentPaths(
            name=container,
            root=root,
            proposal=proposal,
            config=proposal / CONFIG,
            state=state,
            harness=harness,
            claude=claude,
            home=home,
            applied=self.applied / container,
            log=self.state_dir / "logs" / f"{container}.log",
            run=run,
            socket_dir=self.run_dir / "manager" if container == names.MANAGER_CONTAINER else run,
        )

    def prepare(self, name: str) -> AgentPaths:
        """Create what is missing of an agent's folders; what is there is kept, so a tombstone is taken up again."""
        paths = self.of(name)
        self.adopt(name)
        own = [paths.root / folder for folder in OWN_FOLDERS]
        # In the manager's container its own folders lie among the proposed ones: here are the places to mount them at.
        places = [paths.proposal / folder for folder in SHOWN_FOLDERS] if paths.name == names.MANAGER_CONTAINER else []
        for folder in (*own, *places, paths.config, paths.applied, paths.log.parent, self.shared):
            folders.make(self.state_dir, *folder.relative_to(self.state_dir).parts)
        for folder in (paths.run, paths.socket_dir, paths.harness_socket.parent):
            folders.make(self.run_dir, *folder.relative_to(self.run_dir).parts)
        return paths

    def stage(self, name: str) -> None:
        """Have the folder in which the manager lays out what an agent to be shall find in its `state`."""
        folders.make(self.state_dir, *self.of(name).staged.relative_to(self.state_dir).parts)

    def take_staged(self, name: str) -> None:
        """Make what was laid out the new agent's own. What a tombstone has left in its `state` goes first."""
        paths = self.of(name)
        if paths.name == names.MANAGER_CONTAINER:
            return  # in that place its own state is mounted
        there, here = (path.relative_to(self.state_dir).parts for path in (paths.staged, paths.state))
        if not folders.drop_empty(self.state_dir, *there):
            folders.move(self.state_dir, there, here)

    def adopt(self, name: str) -> None:
        """Move its proposed repository to where it belongs, from `agents/<n>/config` where an older hive had it."""
        container = self.of(name).name
        folders.move(self.state_dir, (self.agents.name, container, CONFIG), (self.proposed.name, container, CONFIG))

    def clear_run(self, name: str) -> None:
        """Delete what lies in the run dir of an agent that is no more."""
        _remove_tree(self.of(name).run, self.run_dir / "agents")

    def set_aside(self, name: str) -> None:
        """Begin a purge: in one step its folder is no agent's any more. What is left of an earlier one is deleted."""
        aside = self._aside(name)
        _remove_tree(aside, self.agents)
        try:
            self.of(name).root.rename(aside)
        except FileNotFoundError:
            aside.mkdir()  # it marks that the purge has begun

    def set_aside_names(self) -> list[str]:
        """The agents whose purge has begun and not ended."""
        return sorted(path.name.removeprefix(ASIDE) for path in self.agents.glob(f"{ASIDE}*"))

    def purge(self, name: str) -> None:
        """Delete everything an agent wrote and everything kept of it. Never leaves the state dir, whatever it wrote."""
        paths = self.of(name)
        _remove_tree(paths.root, self.agents)
        _remove_tree(paths.proposal, self.proposed)
        _remove_tree(paths.applied, self.applied)
        for log in (paths.log, paths.log.with_suffix(".log.1")):
            log.unlink(missing_ok=True)
        self.clear_aside(name)

    def discard(self, name: str) -> None:
        """Delete what is laid out for an agent to be: its proposed repository and its notes."""
        _remove_tree(self.of(name).proposal, self.proposed)

    def clear_aside(self, name: str) -> None:
        """Delete what was set aside of an agent: its purge has ended."""
        _remove_tree(self._aside(name), self.agents)

    def _aside(self, name: str) -> Path:
        return self.agents / f"{ASIDE}{self.of(name).name}"


def _remove_tree(folder: Path, below: Path) -> None:
    if folder.parent != below or folder.name in {"", ".", ".."}:
        raise conflict(f"{folder} is not an agent's folder")
    try:
        remove_tree(folder)
    except OSError as error:
        raise conflict(f"{folder} cannot be removed: {error.strerror}", "look at what is left of it") from None

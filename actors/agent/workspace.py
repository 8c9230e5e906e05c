"""Every path of every agent, on the host. Nobody else joins a name to a path.

Owns the layout below the state dir (durable) and the run dir (gone with the machine). The picture is in
docs/agents.md.
"""

from dataclasses import dataclass
from pathlib import Path

from actors.agent.removal import remove_tree
from harness.wire import names
from harness.wire.errors import bad_request, conflict

OWN_FOLDERS = ("config", "state", "harness", "claude", "home")
"""What lies in `agents/<n>/`; the agent may write to all but config, which is its proposal."""


@dataclass(frozen=True, slots=True)
class AgentPaths:
    """Where the files of one agent are. `name` is the container's (`hm1nd`)."""

    name: str
    root: Path
    """`agents/<n>`: everything that is kept of a destroyed agent."""
    config: Path
    state: Path
    harness: Path
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
    def socket(self) -> Path:
        return self.socket_dir / "hive.sock"

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
        config, state, harness, claude, home = (root / folder for folder in OWN_FOLDERS)
        return AgentPaths(
            name=container,
            root=root,
            config=config,
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
        for folder in (self.agents, paths.root, self.applied, paths.applied, paths.log.parent, self.shared):
            _folder(folder)
        for own in OWN_FOLDERS:
            _folder(paths.root / own)
        for folder in (paths.run, paths.socket_dir):
            _folder(folder)
        return paths

    def clear_run(self, name: str) -> None:
        """Delete what lies in the run dir of an agent that is no more."""
        _remove_tree(self.of(name).run, self.run_dir / "agents")

    def purge(self, name: str) -> None:
        """Delete everything an agent wrote and everything kept of it. Never leaves the state dir, whatever it wrote."""
        paths = self.of(name)
        for folder, below in ((paths.root, self.agents), (paths.applied, self.applied)):
            _remove_tree(folder, below)
        for log in (paths.log, paths.log.with_suffix(".log.1")):
            log.unlink(missing_ok=True)


def _folder(path: Path) -> None:
    """A real directory at `path`, made if missing, for its owner only."""
    try:
        path.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        # An agent may have put a link in place of a folder of its own; binding it would bind what it points to.
        if path.is_symlink() or not path.is_dir():
            raise conflict(f"{path} is in the way: it is no folder", "look at it and move it away") from None


def _remove_tree(folder: Path, below: Path) -> None:
    if folder.parent != below or folder.name in {"", ".", ".."}:
        raise conflict(f"{folder} is not an agent's folder")
    try:
        remove_tree(folder)
    except OSError as error:
        raise conflict(f"{folder} can not be removed: {error.strerror}", "look at what is left of it") from None

"""What an agent runs in, behind one contract.

General layout: this file is the contract; `detached` is what `process` and `bwrap` share (a container is a process
tree below `shim.py`, which outlives the daemon); `selection` picks one. Another kind of container is a file beside
them that keeps the same promises, checked by the same contract test.

The promises:
- a container outlives the daemon and is found again by `find`, with certainty: pid and start time, never pid alone;
- its end is noticed, whoever started it, and everything it started is gone by then;
- there is never a second container of one agent;
- the program inherits its line to the shim.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from actors.agent.sidecar import Sidecar
from actors.agent.workspace.paths import AgentPaths, Workspace
from harness.wire.agent_config import Bind, Limits
from harness.wire.network import Network

LINE = 3
"""The descriptor by which a harness inherits its line to the shim. systemd-nspawn passes on the first ones only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where the program inside sees its folders."""

    state: Path
    config: Path
    claude: Path
    home: Path
    shared: Path
    socket: Path
    config_json: Path
    agents: Path
    proxy_socket: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What is to run, as which agent, with what."""

    paths: AgentPaths
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    """The whole environment of the program; nothing is added from the daemon's."""
    credential: str = ""
    """The mark of the hive's credential that it is started with, see `HiveCredentials`."""
    manager: bool = False
    binds: tuple[Bind, ...] = ()
    kept: tuple[Path, ...] = ()
    """The hive's own files and folders: a start whose binds hold one of them is refused."""
    limits: Limits = field(default_factory=Limits)
    network: Network = field(default_factory=Network)
    packages: tuple[str, ...] = ()
    """Installed in its system beside the usual ones."""
    programs: tuple[Path, ...] = ()
    """Host paths the program needs to run at all: shown read-only at their own place."""
    sidecars: tuple[Sidecar, ...] = ()
    """MCP servers that run beside the container."""
    beside: bool = False
    """Whether this is the sandbox of such a server: without Claude's and the harness's folders, with an empty home."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container that was started: its first process and when that began (clock ticks since boot)."""

    name: str
    id: str
    """Drawn at each start; also in the environment of everything inside, as HIVE_CONTAINER_ID."""
    runtime: str
    pid: int
    start_time: int
    harness_apart: bool = True
    """Whether its harness has a line of its own; False where an older hive started it, whose harness has only the
    agent's socket."""


@dataclass(frozen=True, slots=True)
class Status:
    """`exit_status` as a shell tells it: 0-255, 128 + signal; None while it runs and where nobody saw it end.

    `out_of_memory`: the kernel killed something inside because the agent's memory limit was reached.
    """

    running: bool
    exit_status: int | None = None
    out_of_memory: bool = False


class Watch(Protocol):
    """A pending notice of an end."""

    def cancel(self) -> None: ...


class Runtime(Protocol):
    """One kind of container. All calls may block the calling greenlet briefly, none blocks the loop."""

    name: str
    isolation: str
    """What keeps an agent from the rest, in a sentence for the operator."""
    one_at_a_time: bool
    """Whether it cannot build two agents at the same time."""

    isolates_network: bool
    """Whether a container can have a network of its own and reach the rest through `hive-proxy`."""

    longest_name: int
    """Characters an agent's name can have here."""

    def owner(self, paths: AgentPaths) -> int:
        """The host uid that the program inside has: who owns its socket, and who alone may speak there."""
        ...

    def view(self, workspace: Workspace, paths: AgentPaths) -> View:
        """Where the program inside will see its folders."""
        ...

    def hand_over(self, paths: AgentPaths) -> None:
        """Give the agent's folders to whoever they belong to inside.

        Each start does; to be called when the host has made something there that a running manager is to work on.
        """
        ...

    def check(self, launch: Launch) -> None:
        """HiveError when this launch cannot work here. Only looks: it is asked before the operator is."""
        ...

    def build(self, launch: Launch) -> None:
        """Have what the container of this launch stands on and what takes long, if it is not there yet.

        Touches nothing that runs. May take minutes, the calling greenlet's. HiveError when it cannot be had.
        """
        ...

    def create(self, launch: Launch) -> None:
        """Prepare and check what a start needs. Idempotent. HiveError when it cannot be run here."""
        ...

    def start(self, launch: Launch) -> Container:
        """Start it, or return the one that already runs. HiveError when it could not be started."""
        ...

    def stop(self, container: Container) -> None:
        """Ask the program inside to end (SIGTERM). Returns at once."""
        ...

    def kill(self, container: Container) -> None:
        """End everything inside, now. Returns when it is done."""
        ...

    def destroy(self, paths: AgentPaths) -> None:
        """Remove what the runtime keeps of an agent that does not run."""
        ...

    def find(self, paths: AgentPaths) -> Container | None:
        """The container that runs for this agent, whoever started it."""
        ...

    def running(self, workspace: Workspace) -> list[Container]:
        """All containers that run below this run dir."""
        ...

    def status(self, paths: AgentPaths, container: Container) -> Status:
        """Whether it runs, and the exit status where it has ended."""
        ...

    def watch(self, container: Container, on_end: Callable[[], None]) -> Watch:
        """Call back once, in the hub, when it has ended; `on_end` must not block."""
        ...

    def logs(self, paths: AgentPaths, lines: int) -> list[str]:
        """The last lines of its log, those of earlier containers and the boundaries between them included."""
        ...

    def exec_argv(self, container: Container, argv: Sequence[str]) -> list[str]:
        """The command to run on the host so that `argv` runs inside."""
        ...

    def joins(self, paths: AgentPaths) -> list[Path]:
        """The files by which a process on the host joins the control groups of the agent, where it has any.

        A program that `exec_argv` runs inside is not in them by itself.
        """
        ...

    def limits(self, limits: Limits) -> dict[str, str]:
        """For each limit that is set: how it is enforced here, or that it is not."""
        ...

"""What an agent in a sandbox sees of the hive, the same in every runtime that has a file system of its own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from actors.agent.runtime import Container, Launch, View
from actors.agent.workspace.bind_source import check_source
from actors.agent.workspace.paths import AgentPaths
from harness.wire.errors import conflict

RESERVED = ("/agents", "/applied", "/bin", "/dev", "/etc", "/lib", "/proc", "/run", "/sbin", "/shared", "/usr")
"""Places that are the sandbox's own; no configured bind may take them."""

TMP = ("/tmp", "/dev/shm")  # noqa: S108 — its own
TMP_BYTES = 2 * 1024**3
"""Of /tmp and of /dev/shm, each: memory of the host, and counted in the agent's."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A path of the host and where it is inside."""

    source: Path
    target: str
    writable: bool = False
    approved: bool = False
    """Whether the path comes from a configuration, and may therefore go through no link."""


def view(paths: AgentPaths) -> View:
    """Where the program inside will see its folders."""
    root = Path("/agents") / paths.name
    return View(
        state=root / "state",
        config=root / "config",
        claude=root / "claude",
        home=root / "home",
        shared=Path("/shared"),
        socket=Path("/run/hive/hive.sock"),
        config_json=Path("/run/hive/agent.json"),
        agents=Path("/agents"),
        proxy_socket=Path("/run/hive/net.sock"),
    )


def folders(launch: Launch) -> Iterator[Shown]:
    """The hive's own folders that this agent sees, outer ones first."""
    paths = launch.paths
    if launch.manager:
        # Everybody's proposed configuration, of agents that come later too; nothing else of them.
        yield Shown(paths.proposal.parent, "/agents", writable=True)
        yield Shown(paths.applied.parent, "/applied")
    else:
        yield Shown(paths.config, f"/agents/{paths.name}/config")
    for folder in (paths.state,) if launch.beside else (paths.state, paths.claude, paths.home):
        yield Shown(folder, f"/agents/{paths.name}/{folder.name}", writable=True)
    yield Shown(paths.root.parent.parent / "shared", "/shared", writable=True)
    yield Shown(paths.socket_dir, "/run/hive")


def binds(launch: Launch) -> Iterator[Shown]:
    """What the approved configuration shows it beyond that."""
    for bind in launch.binds:
        yield Shown(Path(bind.source), bind.target, writable=bind.writable, approved=True)


def check_binds(launch: Launch) -> None:
    """HiveError for a configured bind whose source cannot be shown or whose target is not the agent's to take."""
    for bind in launch.binds:
        check_source(bind.source, launch.kept)
        target = os.path.normpath(bind.target)
        if target == "/" or not target.startswith("/") or any(is_at(target, place) for place in RESERVED):
            raise conflict(f"{launch.paths.name} cannot have {bind.source} at {bind.target}")


def is_at(path: str, place: str) -> bool:
    """Whether `path` is `place` or below it."""
    return path == place or path.startswith(place.rstrip("/") + "/")


def init_of(container: Container) -> int:
    """The sandbox's pid 1, as the host numbers it: the grandchild of the shim. `conflict` when it does not run."""
    pid = container.pid
    for _ in range(2):
        try:
            below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except FileNotFoundError:
            below = []
        if not below:
            raise conflict(f"{container.name} does not run")
        pid = int(below[0])
    return pid


def network_space(container_init: int) -> list[str]:
    """The option with which nsenter joins the network of a container, where it is not the host's."""
    own, its = (Path(f"/proc/{pid}/ns/net").stat().st_ino for pid in ("self", container_init))
    return [] if own == its else ["--net"]

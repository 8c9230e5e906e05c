"""The runtime `bwrap`: own mount, pid, ipc, uts and user namespaces by bubblewrap. Needs no root.

Inside there is a read-only system, the program's own environment, the agent's folders and nothing else of the host.
The network is the host's.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from actors.agent.runtime import Container, Launch, View
from actors.agent.runtime.detached import DetachedRuntime
from actors.agent.workspace import AgentPaths, Workspace
from harness.wire.errors import conflict

UID = 1000
"""Whom the agent is inside; outside it stays the daemon's user without any capability."""

TMP_BYTES = 2 * 1024**3
PROBE_SECONDS = 10.0

NAMESPACES = (
    "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
    "--uid", str(UID), "--gid", str(UID), "--cap-drop", "ALL", "--die-with-parent",
)  # fmt: skip

SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Links into /usr on a merged system, folders elsewhere."""

ETC = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "host.conf", "hosts", "ld.so.cache", "ld.so.conf",
    "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf", "pki", "protocols", "resolv.conf", "services", "ssl",
    "timezone",
)  # fmt: skip
"""What programs need of /etc to resolve names, check certificates and find libraries."""

RESERVED = ("/agents", "/applied", "/bin", "/dev", "/etc", "/lib", "/proc", "/run", "/sbin", "/shared", "/usr")


class BwrapRuntime(DetachedRuntime):
    """Paths inside: /agents/<n>/{state,harness,config,claude,home}, /shared, /run/hive."""

    name = "bwrap"
    isolation = (
        "own mount, pid, ipc and user namespaces; the system is read-only, of the host's files only its own folders "
        "are there; the network is the host's"
    )
    depth = 2  # bwrap's monitor → its init → the program

    def view(self, workspace: Workspace, paths: AgentPaths) -> View:
        del workspace
        root = Path("/agents") / paths.name
        return View(
            state=root / "state",
            harness=root / "harness",
            config=root / "config",
            claude=root / "claude",
            home=root / "home",
            shared=Path("/shared"),
            socket=Path("/run/hive/hive.sock"),
            config_json=Path("/run/hive/agent.json"),
            agents=Path("/agents"),
        )

    def check(self, launch: Launch) -> None:
        for bind in launch.binds:
            if not Path(bind.source).exists():
                raise conflict(f"{launch.paths.name} wants {bind.source}, which is not there")
            target = os.path.normpath(bind.target)
            if target == "/" or not target.startswith("/") or any(_is_at(target, place) for place in RESERVED):
                raise conflict(f"{launch.paths.name} can not have {bind.source} at {bind.target}")

    def command(self, launch: Launch) -> list[str]:
        paths = launch.paths
        _write_accounts(paths)
        view = Path("/agents") / paths.name
        return [
            "bwrap", *NAMESPACES, "--hostname", paths.name,
            *_system(), *_etc(paths),
            "--proc", "/proc", "--dev", "/dev", "--size", str(TMP_BYTES), "--tmpfs", "/tmp",  # noqa: S108 — its own
            "--symlink", "/tmp", "/var/tmp",  # noqa: S108 — as above
            *_programs(launch.programs),
            *_folders(launch),
            *(word for bind in launch.binds for word in _bind(bind.source, bind.target, writable=bind.writable)),
            "--ro-bind", str(paths.socket_dir), "/run/hive",
            "--remount-ro", "/",
            "--chdir", str(view / "state"),
            "--", *launch.argv,
        ]  # fmt: skip

    def directory(self, launch: Launch) -> Path:
        return launch.paths.run

    def exec_argv(self, container: Container, argv: Sequence[str]) -> list[str]:
        inside = _init_of(container)
        spaces = ("--user", "--mount", "--pid", "--ipc", "--uts")
        return ["nsenter", "--target", str(inside), "--preserve-credentials", *spaces, "--wd", "--", *argv]


def probe_argv() -> list[str]:
    """The smallest sandbox with everything an agent's has."""
    return ["bwrap", *NAMESPACES, *_system(), "--proc", "/proc", "--dev", "/dev", "--", "true"]


def probe() -> str | None:
    """None when sandboxes work here, else why not; found out by starting one."""
    try:
        subprocess.run(probe_argv(), capture_output=True, timeout=PROBE_SECONDS, check=True)
    except FileNotFoundError:
        return "bubblewrap is not installed"
    except subprocess.CalledProcessError as error:
        return f"bwrap does not work here: {error.stderr.decode(errors='replace').strip()[-200:]}"
    except (OSError, subprocess.SubprocessError) as error:
        return f"bwrap does not work here: {error}"
    return None


def _system() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for place in map(Path, SYSTEM):
        if place.is_symlink():
            yield from ("--symlink", str(place.readlink()), str(place))
        elif place.is_dir():
            yield from ("--ro-bind", str(place), str(place))


def _etc(paths: AgentPaths) -> Iterator[str]:
    for name in ETC:
        # The real file: /etc/resolv.conf is often a link into /run, which is not there inside.
        yield from ("--ro-bind-try", os.path.realpath(f"/etc/{name}"), f"/etc/{name}")
    for name in ("passwd", "group"):
        yield from ("--ro-bind", str(paths.run / name), f"/etc/{name}")


def _programs(programs: Sequence[Path]) -> Iterator[str]:
    for program in programs:
        if not _is_at(str(program), "/usr"):
            yield from ("--ro-bind", str(program), str(program))


def _folders(launch: Launch) -> Iterator[str]:
    paths = launch.paths
    if launch.manager:
        yield from ("--bind", str(paths.root.parent), "/agents")
        yield from ("--ro-bind", str(paths.applied.parent), "/applied")
    else:
        for folder in (paths.state, paths.harness, paths.claude, paths.home):
            yield from ("--bind", str(folder), f"/agents/{paths.name}/{folder.name}")
        yield from ("--ro-bind", str(paths.config), f"/agents/{paths.name}/config")
    yield from ("--bind", str(paths.root.parent.parent / "shared"), "/shared")


def _bind(source: str, target: str, *, writable: bool) -> tuple[str, str, str]:
    return ("--bind" if writable else "--ro-bind", source, target)


def _is_at(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


def _write_accounts(paths: AgentPaths) -> None:
    """Who the agent is inside, for programs that look it up (git, ssh, bash)."""
    home = f"/agents/{paths.name}/home"
    (paths.run / "passwd").write_text(
        f"{paths.name}:x:{UID}:{UID}:{paths.name}:{home}:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"
    )
    (paths.run / "group").write_text(f"{paths.name}:x:{UID}:\nnogroup:x:65534:\n")


def _init_of(container: Container) -> int:
    """The sandbox's pid 1, as the host numbers it: the grandchild of the shim."""
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

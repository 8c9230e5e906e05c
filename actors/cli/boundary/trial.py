"""Tries the boundary of an agent on this machine: one real container of the chosen runtime, with a probe inside.

Nothing of a running hive is touched: the container has a state dir and a run dir of its own, which go with it.
"""

import contextlib
import json
import os
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actors.agent.installation.roots import program_roots
from actors.agent.runtime import Launch, Runtime, inside
from actors.agent.runtime.selection import select
from actors.agent.runtime.userns import FIRST
from actors.agent.workspace.paths import Workspace
from actors.agent.workspace.walk_tree import walk_tree
from actors.cli.boundary.container import output_of, own_workspace
from actors.cli.boundary.promises import PROMISES, Promise
from actors.daemon_settings import DaemonSettings
from harness.wire.agent_config import Limits
from harness.wire.errors import HiveError
from harness.wire.interpreter import interpreter
from harness.wire.network import Network, NetworkMode

PROBE = Path(__file__).with_name("probe.py")
PROBE_SECONDS = 30.0
MEMORY, CPU, PIDS = 256 * 1024**2, 0.5, 64
"""The limits of the probe."""
CPU_TOLERANCE = 1.5
NAME, PROBE_FILE = "probe", "setuid"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`held` is None where a promise could not be tried; `promised` is the word of the table for this kind."""

    promise: Promise
    promised: str
    held: bool | None
    detail: str = ""


def try_boundary(config: DaemonSettings) -> tuple[str, list[Outcome]]:
    """The kind of container that was tried, and what came of each promise. Takes a second or two."""
    kind = config.runtime
    try:
        runtime = select(config.runtime).runtime
        kind = kind_of(runtime)
        with _trial(config, runtime) as (seen, workspace):
            return kind, outcomes(kind, seen, workspace)
    except (HiveError, OSError) as error:
        known = kind if any(hasattr(one, kind) for one in PROMISES) else "process"
        return kind, [Outcome(one, one.of(known), None, str(error)) for one in PROMISES]


def kind_of(runtime: Runtime) -> str:
    """One of `KINDS`."""
    if runtime.name != "bwrap":
        return runtime.name
    return "bwrap_root" if os.geteuid() == 0 else "bwrap_user"


def outcomes(kind: str, seen: dict[str, Any], workspace: Workspace) -> list[Outcome]:
    """What the probe has seen, and what was seen of it from outside, promise by promise."""
    uid: int = seen["uid"]
    total = sum(size > inside.TMP_BYTES for size in seen["tmp"])
    found: dict[str, tuple[bool, str]] = {
        "files": (not seen["files"], f"read {seen['files']}" if seen["files"] else ""),
        "operator socket": (not seen["socket"], ""),
        "processes": (not seen["same_processes"], ""),
        "own uid": (uid >= FIRST, f"uid {uid} on the host"),
        "kernel root": (uid != 0, f"uid {uid} on the host"),
        "capabilities": (seen["capabilities"] == 0, f"{seen['capabilities']:#x}"),
        "user namespaces": (not seen["user_namespace"], ""),
        "system calls": (seen["seccomp"] == 2, ""),
        "setuid files": (
            not _setuid_files_of_the_host(workspace),
            f"made, as uid {uid}" if seen["setuid"] else "refused",
        ),
        "loopback": (not seen["loopback"], ""),
        "memory": (seen["memory"] < 2, f"two processes wanted {MEMORY * 5 // 4 // 1024**2} MiB of {MEMORY // 1024**2}"),
        "cpu": (seen["cpu"] <= CPU * CPU_TOLERANCE, f"got {seen['cpu']:.1f} cores of {CPU}"),
        "pids": (seen["pids"] < PIDS, f"got {seen['pids']} processes of {PIDS}"),
        "tmp": (total == 0, ", ".join(f"{size / 1024**3:.1f} GiB" for size in seen["tmp"])),
    }
    for name in seen["loose"]:
        found[name] = (False, found[name][1])
    return [Outcome(one, one.of(kind), *found[one.key]) for one in PROMISES]


def _setuid_files_of_the_host(workspace: Workspace) -> bool:
    """Whether a file with the bit belongs to a user that is not of the agents' ranges."""
    return any(
        stat.S_ISREG(status.st_mode) and status.st_mode & (stat.S_ISUID | stat.S_ISGID) and status.st_uid < FIRST
        for _, _, status in walk_tree(workspace.of(NAME).state)
    )


@contextlib.contextmanager
def _listening(path: Path) -> Iterator[int]:
    """A socket at this path, and one on a port of the loopback, which is yielded; both accept who asks."""
    with socket.socket(socket.AF_UNIX) as unix, socket.socket() as tcp:
        unix.bind(str(path))
        path.chmod(0o600)
        unix.listen(1)
        tcp.bind(("127.0.0.1", 0))
        tcp.listen(1)
        yield tcp.getsockname()[1]


@contextlib.contextmanager
def _trial(config: DaemonSettings, runtime: Runtime) -> Iterator[tuple[dict[str, Any], Workspace]]:
    """Run the probe once: what it saw, and the folders as it left them."""
    with own_workspace(config, runtime) as workspace:
        paths = workspace.prepare(NAME)
        neighbour = workspace.prepare("neighbour").state / "secret"
        token = workspace.state_dir / "operator.token"
        for secret in (neighbour, token):
            secret.write_text("secret")
        socket_path = workspace.run_dir / "host.sock"
        with _listening(socket_path) as port:
            view = runtime.view(workspace, paths)
            orders = {
                "files": [str(neighbour), str(token), "/agents/neighbour/state/secret"],
                "socket": str(socket_path), "port": port, "pid_namespace": str(Path("/proc/self/ns/pid").readlink()),
                "own": str(view.state), "memory": MEMORY, "pids": PIDS,
            }  # fmt: skip
            limits = Limits(memory=MEMORY, cpu=CPU, pids=PIDS)
            launch = Launch(
                paths=paths,
                argv=(interpreter(), "-I", "-c", PROBE.read_text(), json.dumps(orders)),
                env={"PATH": "/usr/bin:/bin"},
                limits=limits,
                network=Network(mode=NetworkMode.PROXIED if runtime.isolates_network else NetworkMode.HOST),
                programs=program_roots(None),
            )
            seen = _run(runtime, launch)
            seen["loose"] = [name for name, words in runtime.limits(limits).items() if words.startswith("not enforced")]
            yield seen, workspace


def _run(runtime: Runtime, launch: Launch) -> dict[str, Any]:
    with output_of(runtime, launch, PROBE_SECONDS) as lines:
        try:
            seen: dict[str, Any] = json.loads(lines[-1])
        except (IndexError, ValueError):
            raise OSError(f"the probe did not answer: {' '.join(lines)[-300:]}") from None
        # Whom the probe's file belongs to on the host is whom the kernel takes the probe for.
        return {**seen, "uid": (launch.paths.state / PROBE_FILE).lstat().st_uid}

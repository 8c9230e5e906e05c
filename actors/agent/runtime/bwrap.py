"""The runtime `bwrap`: own mount, pid, ipc, uts and user namespaces by bubblewrap. Needs no root.

Inside there is a read-only system, the program's own environment, the agent's folders and nothing else of the host.
The network is its own with a loopback only, or, when its configuration says so, the host's. There is one user namespace
and none below it, so nobody inside gains a capability.

Under an ordinary daemon the agent is the daemon's user. Under a root daemon each agent is a uid of its own, nobody on
the host: from the shim down, `layer.py` mounts what the agent is shown, becomes that uid and then bwrap. Nothing inside
is ever root for the kernel.
"""

import functools
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from actors.agent.runtime import Container, Launch, View, inside, packages, rootfs, seccomp
from actors.agent.runtime.belongings import Belongings
from actors.agent.runtime.detached import DetachedRuntime
from actors.agent.runtime.userns import FIRST
from actors.agent.workspace.bind_source import open_source
from actors.agent.workspace.paths import AgentPaths, Workspace
from actors.in_thread import in_thread
from harness.wire.agent_config import Limits
from harness.wire.errors import HiveError
from harness.wire.network import Network

log = logging.getLogger(__name__)

UID = 1000
"""Whom the agent is inside."""

HOME_BYTES = 256 * 1024**2
"""Of the home of an MCP server beside the container."""
PROBE_SECONDS = 10.0

NAMESPACES = (
    "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
    "--uid", str(UID), "--gid", str(UID), "--cap-drop", "ALL", "--die-with-parent",
)  # fmt: skip

SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Links into /usr on a merged system, folders elsewhere."""

ETC = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "host.conf", "hosts", "ld.so.cache", "ld.so.conf",
    "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf", "pki/ca-trust", "pki/tls/cert.pem", "pki/tls/certs",
    "pki/tls/openssl.cnf", "protocols", "resolv.conf", "services", "ssl/cert.pem", "ssl/certs", "ssl/openssl.cnf",
    "timezone",
)  # fmt: skip
"""What programs need of /etc to resolve names, check certificates and find libraries. Not where private keys lie."""

# A second fence: the first is that nobody inside is root for the kernel.
READ_ONLY_PROC = ("bus", "driver", "fs", "irq", "mtrr", "pressure", "sys", "sysrq-trigger")
"""Settings of the kernel; bwrap covers a folder only when the folder itself can be written to."""
HIDDEN_PROC = (
    "acpi", "asound", "dynamic_debug", "kcore", "keys", "kmsg", "kpagecgroup", "kpagecount", "kpageflags",
    "latency_stats", "pagetypeinfo", "sched_debug", "scsi", "slabinfo", "timer_list", "timer_stats", "vmallocinfo",
)  # fmt: skip
"""What tells of others, or of the machine."""


COUNTS_SANDBOXES = (5, 14)
"""The first Linux that counts processes and threads in each user namespace, and so RLIMIT_NPROC in each sandbox."""
SET_PIDS = 'ulimit -u "$0" 2>/dev/null || ulimit -p "$0" || exit; exec "$@"'
"""bash has -u, dash has -p."""

ACCOUNTS = ("passwd", "group", "gitconfig")
"""Files of /etc that are made for the agent."""

ENTER = Path(__file__).with_name("enter.py")


class BwrapRuntime(DetachedRuntime):
    """Paths inside: /agents/<n>/{state,harness,config,claude,home}, /shared, /run/hive."""

    name = "bwrap"
    isolation = (
        "own mount, pid, ipc and user namespaces; the system is read-only, of the host's files only its own folders "
        "are there; its network is its own unless it is configured to be the host's"
    )
    isolates_network = True
    depth = 2  # bwrap's monitor → its init → the program

    def view(self, workspace: Workspace, paths: AgentPaths) -> View:
        del workspace
        return inside.view(paths)

    def owner(self, paths: AgentPaths) -> int:
        """Under a root daemon the agent's own uid; otherwise the daemon's."""
        return _belongings(paths).base if os.geteuid() == 0 else os.geteuid()

    def hand_over(self, paths: AgentPaths) -> None:
        if os.geteuid() == 0:
            in_thread(_belongings(paths).give)

    def check(self, launch: Launch) -> None:
        packages.check_none(launch, self.name)
        inside.check_binds(launch)

    def find(self, paths: AgentPaths) -> Container | None:
        """The container that runs; one of an older hive, which ran its agents as root, is ended first."""
        container = super().find(paths)
        if container is None or os.geteuid() != 0 or self.recorded_owner(paths) == self.owner(paths):
            return container
        log.warning("ended, because it runs as root for the kernel agent=%s pid=%s", paths.name, container.pid)
        self.kill(container)
        return None

    def start(self, launch: Launch) -> Container:
        running = self.find(launch.paths)
        if running is None and os.geteuid() == 0:
            in_thread(_belongings(launch.paths).give)
        return running or super().start(launch)

    def handles(self, launch: Launch) -> list[int]:
        """The system call filter where there is one, then the configured binds; `layer.py` opens those for root."""
        handles = [] if (calls := seccomp.handle()) is None else [calls]
        if os.geteuid() == 0:
            return handles
        try:
            for bind in launch.binds:
                handles.append(open_source(bind.source, launch.kept))  # noqa: PERF401 — the ones before are closed
        except HiveError:
            for handle in handles:
                os.close(handle)
            raise
        return handles

    def limits(self, limits: Limits) -> dict[str, str]:
        said = super().limits(limits)
        if said.get("pids", "").startswith("not enforced") and counts_each_sandbox(os.uname().release):
            said["pids"] = "for everything it runs together (rlimit of its user namespace)"
        return said

    def command(self, launch: Launch, handles: Sequence[int]) -> list[str]:
        paths = launch.paths
        _write_accounts(paths)
        shown = list(_shown(launch))
        count = len(handles) - (0 if os.geteuid() == 0 else len(launch.binds))
        calls, opened = [word for one in handles[:count] for word in ("--seccomp", str(one))], handles[count:]
        if os.geteuid() != 0:
            binds = [word for one in shown for word in _bind(one)]
            for one, handle in zip(inside.binds(launch), opened, strict=True):
                binds += ["--bind-fd" if one.writable else "--ro-bind-fd", str(handle), one.target]
            return _bwrap(launch, [*calls, *binds])
        base = self.owner(paths)
        staged = [
            (one, f"{rootfs.MOUNTED}/binds/{number}") for number, one in enumerate((*shown, *inside.binds(launch)))
        ]
        orders = {
            "base": base,
            "owner": base,
            "user": base,
            "binds": [(str(one.source), place, _is_mapped(one, launch), one.approved) for one, place in staged],
            "argv": _bwrap(
                launch, [*calls, *(word for one, place in staged for word in _bind(replace(one, source=Path(place))))]
            ),
        }
        return [sys.executable, "-I", "-S", str(rootfs.LAYER), json.dumps(orders)]

    def directory(self, launch: Launch) -> Path:
        return launch.paths.run

    def exec_argv(self, container: Container, argv: Sequence[str]) -> list[str]:
        init = str(inside.init_of(container))
        return [sys.executable, "-I", "-S", str(ENTER), init, seccomp.of_this_machine().hex(), *argv]


def _bwrap(launch: Launch, binds: Sequence[str]) -> list[str]:
    home = f"/agents/{launch.paths.name}/home"
    return [
        "bwrap", *NAMESPACES, *_no_nested(), *_network(launch.network), "--hostname", launch.paths.name,
        *_system(), *_etc(launch.network),
        *_kernel(), *_devices(),
        "--size", str(inside.TMP_BYTES), "--tmpfs", "/tmp",  # noqa: S108 — its own
        "--symlink", "/tmp", "/var/tmp",  # noqa: S108 — as above
        *binds, *(("--size", str(HOME_BYTES), "--tmpfs", home) if launch.beside else ()),
        "--remount-ro", "/",
        "--chdir", home if launch.beside else f"/agents/{launch.paths.name}/state",
        "--", *_within(launch.limits.pids, launch.argv),
    ]  # fmt: skip


def _within(pids: int | None, argv: Sequence[str]) -> list[str]:
    """The first command of the sandbox, so that `argv` runs within this limit; nothing inside can raise it."""
    return list(argv) if pids is None else ["/bin/sh", "-c", SET_PIDS, str(pids), *argv]


def counts_each_sandbox(release: str) -> bool:
    """Whether this kernel, as `uname -r` names it, counts the processes of each user namespace."""
    numbers = re.match(r"(\d+)\.(\d+)", release)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= COUNTS_SANDBOXES


def _shown(launch: Launch) -> Iterator[inside.Shown]:
    """What the agent is shown of the host beside the system and its configured binds."""
    for name in ACCOUNTS:
        yield inside.Shown(launch.paths.run / name, f"/etc/{name}")
    yield from (inside.Shown(path, str(path)) for path in launch.programs if not inside.is_at(str(path), "/usr"))
    yield from inside.folders(launch)


def _is_mapped(one: inside.Shown, launch: Launch) -> bool:
    """What belongs to others and is shown as the agent's: programs, what is applied, configured binds."""
    return one.approved or one.source in {*launch.programs, launch.paths.applied.parent}


def _belongings(paths: AgentPaths) -> Belongings:
    return Belongings(paths)


_SWITCHES = (
    ("user.max_user_namespaces", "0"),
    ("kernel.unprivileged_userns_clone", "0"),
    ("kernel.apparmor_restrict_unprivileged_userns", "1"),
)
"""Of the kernel, of Debian's and of Ubuntu's: each with the value at which it refuses."""


def probe_argv() -> list[str]:
    """The smallest sandbox with everything an agent's has."""
    return ["bwrap", *NAMESPACES, *_no_nested(), *_system(), *_kernel(), *_devices(), "--", "true"]


def probe() -> str | None:
    """None when sandboxes work here, else why not; found out by starting one, as the uid that an agent would have."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    uid = FIRST if os.geteuid() == 0 else None
    groups = None if uid is None else ()
    try:
        subprocess.run(
            probe_argv(), capture_output=True, timeout=PROBE_SECONDS, check=True, cwd="/",
            user=uid, group=uid, extra_groups=groups,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()[-200:]
        return f"bwrap does not work here: {said}{''.join(f'; {why}' for why in namespaces_off())}"
    except (OSError, subprocess.SubprocessError) as error:
        return f"bwrap does not work here: {error}"
    return None


def namespaces_off() -> list[str]:
    """The switches of the kernel by which this machine refuses user namespaces to ordinary users."""
    return [f"user namespaces are off: {name} is {value}" for name, value in _SWITCHES if _read_switch(name) == value]


def _read_switch(name: str) -> str | None:
    try:
        return Path("/proc/sys", *name.split(".")).read_text().strip()
    except OSError:
        return None  # this kernel has no such switch


def _network(network: Network) -> tuple[str, ...]:
    return ("--unshare-net",) if network.isolated else ()  # bwrap brings its loopback up


def nested_trouble() -> str | None:
    """None when agents cannot make user namespaces of their own here, else why they can."""
    return None if _no_nested() else "this bubblewrap is older than 0.8 and cannot turn nested user namespaces off"


@functools.cache
def _no_nested() -> tuple[str, ...]:
    """The option that keeps programs inside from making user namespaces; none where bwrap is too old for it."""
    try:
        told = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return ()
    option = "--disable-userns"
    return (option,) if option in told.stdout + told.stderr else ()


def _system() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for place in map(Path, SYSTEM):
        if place.is_symlink():
            yield from ("--symlink", str(place.readlink()), str(place))
        elif place.is_dir():
            yield from ("--ro-bind", str(place), str(place))


def _kernel() -> Iterator[str]:
    yield from ("--proc", "/proc")
    for name in READ_ONLY_PROC:
        yield from ("--ro-bind-try", f"/proc/{name}", f"/proc/{name}")
    for place in (Path("/proc") / name for name in HIDDEN_PROC):
        if place.is_dir():
            yield from ("--tmpfs", str(place), "--remount-ro", str(place))
        elif place.exists():
            yield from ("--ro-bind", "/dev/null", str(place))


def _devices() -> Iterator[str]:
    yield from ("--dev", "/dev")
    yield from ("--size", str(inside.TMP_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev")  # noqa: S108 — its own


def _etc(network: Network) -> Iterator[str]:
    for name in ETC:
        if name == "resolv.conf" and network.isolated:
            continue  # no name server can be reached: a program that asks for one learns it at once
        # The real file: /etc/resolv.conf is often a link into /run, which is not there inside.
        yield from ("--ro-bind-try", os.path.realpath(f"/etc/{name}"), f"/etc/{name}")


def _bind(one: inside.Shown) -> tuple[str, str, str]:
    return ("--bind" if one.writable else "--ro-bind", str(one.source), one.target)


def _write_accounts(paths: AgentPaths) -> None:
    """Who the agent is inside, for programs that look it up (git, ssh, bash)."""
    home = f"/agents/{paths.name}/home"
    (paths.run / "passwd").write_text(
        f"{paths.name}:x:{UID}:{UID}:{paths.name}:{home}:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"
    )
    (paths.run / "group").write_text(f"{paths.name}:x:{UID}:\nnogroup:x:65534:\n")
    # The repositories that it sees belong to others on purpose.
    (paths.run / "gitconfig").write_text("[safe]\n\tdirectory = *\n")
    for name in ACCOUNTS:
        (paths.run / name).chmod(0o644)

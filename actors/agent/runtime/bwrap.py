"""The runtime `bwrap`: own mount, pid, ipc, uts and user namespaces by bubblewrap. Needs no root.

Inside there is a read-only system, the program's own environment, the agent's folders and nothing else of the host.
The network is its own and has a loopback only, unless the configuration says that it is the host's.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from actors.agent.runtime import Container, Launch, View, inside, packages
from actors.agent.runtime.detached import DetachedRuntime
from actors.agent.workspace.paths import AgentPaths, Workspace
from harness.wire.network import Network, NetworkMode

UID = 1000
"""Whom the agent is inside; outside it stays the daemon's user without any capability."""

TMP_BYTES = 2 * 1024**3
"""Of /tmp and of /dev/shm, each: memory of the host."""
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

# A daemon that is root makes its agents root of the host in the eyes of /proc and /dev, which look at the uid alone.
READ_ONLY_PROC = ("bus", "driver", "fs", "irq", "mtrr", "pressure", "sys", "sysrq-trigger")
"""Settings of the kernel; bwrap covers a folder only when the folder itself can be written to."""
HIDDEN_PROC = (
    "acpi", "asound", "dynamic_debug", "kcore", "keys", "kmsg", "kpagecgroup", "kpagecount", "kpageflags",
    "latency_stats", "pagetypeinfo", "sched_debug", "scsi", "slabinfo", "timer_list", "timer_stats", "vmallocinfo",
)  # fmt: skip
"""What tells of others, or of the machine."""
DEVICES = ("/dev/full", "/dev/null", "/dev/random", "/dev/tty", "/dev/urandom", "/dev/zero")
"""The nodes are the host's own: nobody may change their modes. Writing to them takes no writable mount."""


class BwrapRuntime(DetachedRuntime):
    """Paths inside: /agents/<n>/{state,harness,config,claude,home}, /shared, /run/hive."""

    name = "bwrap"
    isolation = (
        "own mount, pid, ipc and user namespaces; the system is read-only, of the host's files only its own folders "
        "are there; the network is its own, the way out is hive-proxy"
    )
    isolates_network = True
    read_only = DEVICES
    depth = 2  # bwrap's monitor → its init → the program

    def view(self, workspace: Workspace, paths: AgentPaths) -> View:
        del workspace
        return inside.view(paths)

    def check(self, launch: Launch) -> None:
        packages.check_none(launch, self.name)
        inside.check_binds(launch)

    def command(self, launch: Launch) -> list[str]:
        paths = launch.paths
        _write_accounts(paths)
        view = Path("/agents") / paths.name
        return [
            "bwrap", *NAMESPACES, *_network(launch.network), "--hostname", paths.name,
            *_system(), *_etc(paths, launch.network),
            *_kernel(), *_devices(),
            "--size", str(TMP_BYTES), "--tmpfs", "/tmp",  # noqa: S108 — its own
            "--symlink", "/tmp", "/var/tmp",  # noqa: S108 — as above
            *_programs(launch.programs),
            *(word for one in (*inside.folders(launch), *inside.binds(launch)) for word in _bind(one)),
            "--remount-ro", "/",
            "--chdir", str(view / "state"),
            "--", *launch.argv,
        ]  # fmt: skip

    def directory(self, launch: Launch) -> Path:
        return launch.paths.run

    def exec_argv(self, container: Container, argv: Sequence[str]) -> list[str]:
        target = inside.init_of(container)
        spaces = ("--user", "--mount", "--pid", "--ipc", "--uts", *inside.network_space(target))
        return ["nsenter", "--target", str(target), "--preserve-credentials", *spaces, "--wd", "--", *argv]


def probe_argv() -> list[str]:
    """The smallest sandbox with everything an agent's has."""
    return ["bwrap", *NAMESPACES, *_network(Network()), *_system(), *_kernel(), *_devices(), "--", "true"]


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


def _network(network: Network) -> Iterator[str]:
    if network.mode is not NetworkMode.HOST:
        yield "--unshare-net"  # bwrap brings its loopback up


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
    yield from ("--size", str(TMP_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev")  # noqa: S108 — its own


def _etc(paths: AgentPaths, network: Network) -> Iterator[str]:
    for name in ETC:
        if name == "resolv.conf" and network.mode is not NetworkMode.HOST:
            continue  # no name server can be reached: a program that asks for one learns it at once
        # The real file: /etc/resolv.conf is often a link into /run, which is not there inside.
        yield from ("--ro-bind-try", os.path.realpath(f"/etc/{name}"), f"/etc/{name}")
    for name in ("passwd", "group"):
        yield from ("--ro-bind", str(paths.run / name), f"/etc/{name}")


def _programs(programs: Sequence[Path]) -> Iterator[str]:
    for program in programs:
        if not inside.is_at(str(program), "/usr"):
            yield from ("--ro-bind", str(program), str(program))


def _bind(one: inside.Shown) -> tuple[str, str, str]:
    return ("--bind" if one.writable else "--ro-bind", str(one.source), one.target)


def _write_accounts(paths: AgentPaths) -> None:
    """Who the agent is inside, for programs that look it up (git, ssh, bash)."""
    home = f"/agents/{paths.name}/home"
    (paths.run / "passwd").write_text(
        f"{paths.name}:x:{UID}:{UID}:{paths.name}:{home}:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"
    )
    (paths.run / "group").write_text(f"{paths.name}:x:{UID}:\nnogroup:x:65534:\n")

"""A container as a process tree below a shim: what `process` and `bwrap` have in common.

Owns the files in `run_dir/agents/<n>/`: container.json (who runs), exit.json (how the last one ended), the lock.
"""

import fcntl
import json
import os
import resource
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gevent.event import Event

from actors.agent.config import memory_bytes
from actors.agent.container import logs
from actors.agent.runtime import LINE, Container, Launch, Status, Watch, lock_holder, pidfd, sweep
from actors.agent.runtime.cgroup import CONTROLLERS, Cgroups
from actors.agent.sidecar.orders import inside_argv
from actors.agent.sidecar.orders import orders as sidecar_orders
from actors.agent.workspace.paths import AgentPaths, Workspace
from actors.in_thread import in_thread
from actors.put_aside import put_aside
from harness.wire.agent_config import Limits
from harness.wire.errors import HiveError, unavailable

SHIM = Path(__file__).with_name("shim.py")
START_SECONDS = 20.0
KILL_SECONDS = 3.0

RECORD = "container.json"
EXIT = "exit.json"
LOCK = "container.lock"


class DetachedRuntime:
    """Starts, finds, watches and ends containers; a subclass says what command a container is."""

    name: str
    one_at_a_time = False
    isolates_network = False
    longest_name = 64
    """What Linux and systemd take for the name of a machine."""
    no_new_privileges = False
    """Whether the shim takes the effect of setuid programs away; a sandbox does so itself."""
    announces_line = False
    """Whether what the shim starts passes descriptors on only in the way of LISTEN_FDS."""
    depth: int
    """Processes of the sandbox between the shim's child and the program."""

    def handles(self, launch: Launch) -> list[int]:
        """Descriptors that `command` refers to by number; the caller closes them."""
        del launch
        return []

    def command(self, launch: Launch, handles: Sequence[int]) -> list[str]:
        """What the shim starts on the host; the limits of this launch are those that no control group holds."""
        raise NotImplementedError

    def directory(self, launch: Launch) -> Path:
        """Where on the host the command starts."""
        raise NotImplementedError

    def check(self, launch: Launch) -> None:
        """HiveError when this launch cannot work here."""

    def build(self, launch: Launch) -> None:
        """Nothing to do: the programs inside are the host's."""

    def groups(self, launch: Launch) -> tuple[list[Path], Limits]:
        """The control groups to start in, made afresh, and the limits they do not hold. In a native thread."""
        return ([], launch.limits) if launch.limits == Limits() else self.fresh_groups(launch)

    def fresh_groups(self, launch: Launch) -> tuple[list[Path], Limits]:
        """The same, whether there is a limit or not."""
        cgroups = Cgroups(launch.paths.run.parent.parent)
        joins = cgroups.make(launch.paths.name, launch.limits)
        held = {name: None for name in CONTROLLERS if cgroups.enforces(name)}
        return joins, launch.limits.model_copy(update=held)

    # ---- the contract -------------------------------------------------------------------------------

    def owner(self, paths: AgentPaths) -> int:
        del paths  # every agent runs as the daemon's user
        return os.geteuid()

    def hand_over(self, paths: AgentPaths) -> None:
        """Nothing to do: every agent runs as the daemon's user."""

    def create(self, launch: Launch) -> None:
        self.check(launch)
        logs.rotate(launch.paths.log)

    def start(self, launch: Launch) -> Container:
        running = self.find(launch.paths)
        if running is not None:
            return running  # its control groups must not be made afresh
        self._sweep_dead(launch.paths)
        identity = secrets.token_hex(8)
        answer = in_thread(self._start_shim, launch, identity)
        # After `ok` it counts as started even if it has ended again by now: whoever watches it hears of that at once.
        container = _container(_read(launch.paths.run / RECORD)) if answer == "ok" else self.find(launch.paths)
        if container is not None:
            return container
        if answer == "held":
            raise unavailable(f"a container of {launch.paths.name} is just being started", "try again in a moment")
        raise unavailable(f"{launch.paths.name} could not be started: {answer}")

    def stop(self, container: Container) -> None:
        pidfd.send(container.pid, container.start_time, signal.SIGTERM)

    def kill(self, container: Container) -> None:
        ended = Event()
        watch = self.watch(container, ended.set)
        try:
            pidfd.send(container.pid, container.start_time, signal.SIGUSR1)
            if ended.wait(KILL_SECONDS):
                return
            pidfd.send(container.pid, container.start_time, signal.SIGKILL)
            ended.wait(KILL_SECONDS)
        finally:
            watch.cancel()
        sweep.end_all(container.id)

    def destroy(self, paths: AgentPaths) -> None:
        in_thread(Cgroups(paths.run.parent.parent).remove, paths.name)
        for name in (RECORD, EXIT, LOCK):
            (paths.run / name).unlink(missing_ok=True)

    def find(self, paths: AgentPaths) -> Container | None:
        container = _container(_read(paths.run / RECORD))
        if container is None or pidfd.start_time(container.pid) != container.start_time:
            return None
        return container

    def recorded_owner(self, paths: AgentPaths) -> int | None:
        """The uid of the agent in its last container; None where an older hive started it and did not say."""
        owner = (_read(paths.run / RECORD) or {}).get("owner")
        return owner if isinstance(owner, int) else None

    def running(self, workspace: Workspace) -> list[Container]:
        records = sorted((workspace.run_dir / "agents").glob(f"*/{RECORD}"))
        found = (self.find(workspace.of(record.parent.name)) for record in records)
        return [container for container in found if container is not None]

    def status(self, paths: AgentPaths, container: Container) -> Status:
        if pidfd.start_time(container.pid) == container.start_time:
            return Status(running=True)
        ended = _read(paths.run / EXIT)
        if ended is None or ended.get("id") != container.id or not isinstance(ended.get("exit_status"), int):
            return self._unseen_end(paths, container)
        return Status(
            running=False, exit_status=ended.get("exit_status"), out_of_memory=ended.get("out_of_memory") is True
        )

    def watch(self, container: Container, on_end: Callable[[], None]) -> Watch:
        return pidfd.EndWatch(container.pid, container.start_time, on_end)

    def logs(self, paths: AgentPaths, lines: int) -> list[str]:
        return logs.tail(paths.log, lines)

    def exec_argv(self, container: Container, argv: Sequence[str]) -> list[str]:
        raise NotImplementedError

    def joins(self, paths: AgentPaths) -> list[Path]:
        return [join for join in Cgroups(paths.run.parent.parent).joins(paths.name) if join.exists()]

    def limits(self, limits: Limits) -> dict[str, str]:
        cgroups = Cgroups(Path("/"))
        said = cgroups.describe(limits)
        if limits.memory is not None and not cgroups.enforces("memory"):
            said["memory"] = "not enforced for all it runs together, only for each process (rlimit)"
        return said

    # ---- the shim -----------------------------------------------------------------------------------

    def _start_shim(self, launch: Launch, identity: str) -> str:
        """Runs in a native thread: starting a program takes tens of milliseconds which the loop does not have."""
        try:
            handles = [_above_line(handle) for handle in self.handles(launch)]
        except HiveError as error:
            return f"error: {error.message}"
        try:
            return self._ask_shim(launch, identity, handles)
        finally:
            for handle in handles:
                os.close(handle)

    def _ask_shim(self, launch: Launch, identity: str, handles: Sequence[int]) -> str:
        joins, left = self.groups(launch)
        memory = memory_bytes(left.memory)
        common = {
            "cwd": str(self.directory(launch)),
            "groups": [str(join) for join in joins],
            # Not RLIMIT_AS: claude reserves far more address space than it ever uses and would not start.
            "rlimits": {} if memory is None else {"RLIMIT_DATA": min(memory, _hard_limit())},
            "owner": self.owner(launch.paths),
            "handles": handles,
            "no_new_privileges": self.no_new_privileges,
        }
        orders = common | {
            "argv": self.command(replace(launch, limits=left), handles),
            "log": str(launch.paths.log),
            "dir": str(launch.paths.run),
            "id": identity,
            "name": launch.paths.name,
            "runtime": self.name,
            "depth": self.depth,
            "beside": self._beside(launch, handles, common),
            "line": {"number": LINE, "daemon": str(launch.paths.harness_socket), "folder": str(launch.paths.harness)},
            "announced": self.announces_line,
        }
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", str(SHIM)],
                input=json.dumps(orders).encode(),
                capture_output=True,
                env={**launch.env, "HIVE_CONTAINER_ID": identity},
                timeout=START_SECONDS,
                pass_fds=handles,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            return f"error: {error}"
        return done.stdout.decode(errors="replace").strip() or done.stderr.decode(errors="replace").strip()[-500:]

    def _beside(self, launch: Launch, handles: Sequence[int], common: dict[str, Any]) -> dict[str, Any] | None:
        """How MCP servers are started beside the container; None when there are none."""
        if not launch.sidecars:
            return None
        argv = self.command(replace(launch, argv=inside_argv(), beside=True), handles)
        return sidecar_orders(launch.sidecars, launch.paths.socket_dir, argv, common)

    def _unseen_end(self, paths: AgentPaths, container: Container) -> Status:
        """The shim itself was killed: it could neither take along what it looked after nor say how it ended."""
        sweep.end_all(container.id)
        cgroups = Cgroups(paths.run.parent.parent)
        starved = cgroups.oom_kills(paths.name) > 0
        if self.find(paths) is None:
            # Whatever could hide from a walk over environments and parents is still in its groups.
            in_thread(cgroups.remove, paths.name)
        return Status(running=False, out_of_memory=starved)

    def _sweep_dead(self, paths: AgentPaths) -> None:
        """End what a container that was killed together with its shim may have left running."""
        container = _container(_read(paths.run / RECORD))
        if container is not None:
            self.status(paths, container)
        elif (paths.run / RECORD).exists():
            self._end_unknown(paths)

    def _end_unknown(self, paths: AgentPaths) -> None:
        """The record is damaged: the shim that may still run is the one that holds the container's lock."""
        put_aside(paths.run / RECORD, "it is no record of a container", time.time_ns() // 1_000_000)
        holder = in_thread(lock_holder.find, paths.run / LOCK, b"HIVE_CONTAINER_ID=")
        if holder is not None:
            self.kill(Container(paths.name, holder.mark, self.name, holder.pid, holder.start_time))


def _above_line(handle: int) -> int:
    """The descriptor under another number, which the line does not take."""
    moved = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, LINE + 1)
    os.close(handle)
    return moved


def _hard_limit() -> int:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    return 2**63 - 1 if hard == resource.RLIM_INFINITY else hard


def _read(path: Path) -> dict[str, Any] | None:
    """The object in a file that is only ever replaced as a whole; None where there is none."""
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _container(record: dict[str, Any] | None) -> Container | None:
    match record:
        case {
            "name": str(name),
            "id": str(id_),
            "runtime": str(runtime),
            "pid": int(pid),
            "start_time": int(started),
            **more,
        }:
            return Container(name, id_, runtime, pid, started, more.get("harness_apart") is True)
    return None

"""What a turn leaves running: found after each turn, reported until it ends, and ended where the configuration says so.

Every command of Claude's Bash has a session of its own, so neither the end of the turn nor that of Claude ends what a
command has put into the background (`nohup server &`). Only the end of the container does. Found is each process of the
container that is in the session of neither the harness nor Claude, whose MCP servers share its session.

In a sandbox with processes of its own that is all of /proc. Without one (runtime `process`) it is what has the
container's id in its environment, which a program can drop.
"""

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from harness.clock import Clock
from harness.daemon.report import Report
from harness.wire.limits import MAX_COMMAND_CHARACTERS, MAX_LEFT_PROCESSES
from harness.wire.live.left_running import LeftProcess, LeftRunning
from harness.wire.times import from_ms

TERM_SECONDS = 2.0
"""How long what is ended may take after SIGTERM."""
ROUNDS = 5
"""How often it is looked for what was started meanwhile."""
TICKS = os.sysconf("SC_CLK_TCK")
CONTAINER_ID = "HIVE_CONTAINER_ID"


@dataclass(frozen=True, slots=True)
class Found:
    """A process. `started` is in seconds since the boot."""

    pid: int
    session: int
    started: float
    command: str


def is_alone() -> bool:
    """Whether this container has processes of its own: then the harness is the child of the init inside."""
    return os.getppid() == 1


def processes(proc: Path = Path("/proc")) -> list[Found]:
    """Every process that can be read, the oldest first; no zombies."""
    found = []
    for folder in proc.iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = (folder / "stat").read_bytes()
                fields = stat.rpartition(b")")[2].split()  # the name in the brackets may contain anything
                if fields[0] not in {b"Z", b"X"}:
                    words = (
                        (folder / "cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
                    )
                    name = stat[stat.index(b"(") : stat.rindex(b")") + 1].decode(errors="replace")
                    command = (words or name)[:MAX_COMMAND_CHARACTERS]
                    found.append(Found(int(folder.name), int(fields[3]), int(fields[19]) / TICKS, command))
    return sorted(found, key=lambda one: (one.started, one.pid))


def of_container(pid: int, container_id: str, proc: Path = Path("/proc")) -> bool:
    """Whether a process has the container's id in its environment."""
    try:
        return f"{CONTAINER_ID}={container_id}".encode() in (proc / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


@dataclass(slots=True)
class Leftovers:
    """Owned by the turn loop. `ends`: what a turn leaves running is ended with it."""

    report: Report
    now_ms: Clock
    ends: bool
    alone: bool = field(default_factory=is_alone)
    _watched: dict[int, int] = field(default_factory=dict)
    """pidfds by pid, of the processes that were reported."""
    _left: dict[int, Found] = field(default_factory=dict)

    async def after_turn(self, claude: int | None) -> None:
        """Look, end what is to be ended, and report what is left. `claude` is the pid of the CLI that stays warm."""
        found = self._find(claude)
        if self.ends and found:
            named = ", ".join(one.command for one in found[:MAX_LEFT_PROCESSES])
            for _ in range(ROUNDS):
                await _end(found)
                if not (found := self._find(claude)):
                    break
            self.report.note(f"ended what the turn had left running: {named}")
        self._left = {one.pid: one for one in found}
        self._watch()
        self._say()

    def close(self) -> None:
        """Watch nothing any more."""
        for pid in list(self._watched):
            self._unwatch(pid)

    def _find(self, claude: int | None) -> list[Found]:
        own = {os.getsid(0), claude}
        container_id = os.environ.get(CONTAINER_ID, "")
        return [
            one
            for one in processes()
            if one.pid not in {1, os.getpid(), claude}
            and one.session not in own
            and (self.alone or of_container(one.pid, container_id))
        ]

    def _watch(self) -> None:
        named = list(self._left)[:MAX_LEFT_PROCESSES]
        for pid in [pid for pid in self._watched if pid not in named]:
            self._unwatch(pid)
        for pid in named:
            if pid not in self._watched:
                with contextlib.suppress(OSError):
                    self._watched[pid] = os.pidfd_open(pid)
                    asyncio.get_running_loop().add_reader(self._watched[pid], self._ended, pid)

    def _unwatch(self, pid: int) -> None:
        handle = self._watched.pop(pid)
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)

    def _ended(self, pid: int) -> None:
        self._unwatch(pid)
        self._left.pop(pid, None)
        self._watch()
        self._say()

    def _say(self) -> None:
        now, boot = self.now_ms(), _seconds_since_boot()
        named = [
            LeftProcess(command=one.command, started_at=from_ms(now - int((boot - one.started) * 1000)))
            for one in list(self._left.values())[:MAX_LEFT_PROCESSES]
        ]
        self.report.left_running(LeftRunning(count=len(self._left), processes=named))


async def _end(found: list[Found]) -> None:
    """SIGTERM, a wait, SIGKILL; each through a handle of exactly this process."""
    handles = {}
    for one in found:
        with contextlib.suppress(OSError):
            handles[one.pid] = os.pidfd_open(one.pid)
    try:
        for number in (signal.SIGTERM, signal.SIGKILL):
            ended = [asyncio.Event() for _ in handles]
            for handle, event in zip(handles.values(), ended, strict=True):
                asyncio.get_running_loop().add_reader(handle, event.set)
                with contextlib.suppress(OSError):
                    signal.pidfd_send_signal(handle, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(*(event.wait() for event in ended)), TERM_SECONDS)
                return
    finally:
        for handle in handles.values():
            asyncio.get_running_loop().remove_reader(handle)
            os.close(handle)


def _seconds_since_boot() -> float:
    return float(Path("/proc/uptime").read_text().split()[0])

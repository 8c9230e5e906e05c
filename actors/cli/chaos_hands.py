"""The hands of chaos: finding the processes of a hive on this machine, and hurting them. From outside, as fate does.

The daemon knows nothing of it: there is no hook in it that an attacker could find. Its disk is made unwritable by
its own limit on the size of files, set to nothing for a moment: every write to a file then fails, of whatever part.
"""

import contextlib
import json
import os
import resource
import signal
import threading
from pathlib import Path

from harness.wire.errors import HiveError, unavailable

HARNESS, CLAUDE = "hive-harness", "claude"


def kill(pid: int) -> bool:
    """SIGKILL; False when it was gone already."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    except ProcessLookupError:
        return False
    finally:
        os.close(pidfd)
    return True


def inside(shim: int, word: str) -> int | None:
    """The process below a container's first one whose program is `word`; None when there is none."""
    return next((pid for pid in below(shim) if _is_program(pid, word)), None)


def below(pid: int) -> list[int]:
    """Every descendant, parents first."""
    found: list[int] = []
    for child in _children(pid):
        found += [child, *below(child)]
    return found


def zombies(pid: int) -> list[int]:
    """Children that have ended and that nobody has taken note of."""
    return [child for child in _children(pid) if _stat(child)[:1] == ["Z"]]


def files(pid: int) -> int:
    """How many files a process has open."""
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError as error:
        raise _not_ours(pid, error) from None


class Disk:
    """The disk as one process sees it: taken away, it can write to no file.

    A thread gives it back: whoever takes it may be waiting for an answer when the time is over.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self.timer: threading.Timer | None = None

    def take(self, seconds: float | None = None) -> None:
        """For so long every write fails; None: until it is given back."""
        self.give_back()
        try:
            self._before = resource.prlimit(self._pid, resource.RLIMIT_FSIZE)
            resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (0, self._before[1]))
        except (PermissionError, ProcessLookupError) as error:
            raise _not_ours(self._pid, error) from None
        if seconds is not None:
            self.timer = threading.Timer(seconds, self.give_back)
            self.timer.start()

    def give_back(self) -> None:
        """As it was; nothing when it was not taken."""
        if self.timer is not None:
            self.timer.cancel()
        with self._lock:
            self._give_back()

    def _give_back(self) -> None:
        before, self._before = self._before, None
        if before is None:
            return
        # Whoever was started meanwhile has inherited it.
        for one in (self._pid, *below(self._pid)):
            with contextlib.suppress(ProcessLookupError):
                if resource.prlimit(one, resource.RLIMIT_FSIZE)[0] == 0:
                    resource.prlimit(one, resource.RLIMIT_FSIZE, before)


class Containers:
    """The containers that were ever seen, by the mark that everything inside carries."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._seen: set[str] = set()

    def look(self) -> set[str]:
        """The ids of those there are now; remembered."""
        now: set[str] = set()
        for record in self._run_dir.glob("agents/*/container.json"):
            with contextlib.suppress(OSError, ValueError, KeyError):
                now.add(json.loads(record.read_text())["id"])
        self._seen |= now
        return now

    def orphans(self) -> list[str]:
        """Processes of containers that are no more."""
        marks = {f"HIVE_CONTAINER_ID={one}" for one in self._seen - self.look()}
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with contextlib.suppress(OSError):
                    if marks & set((folder / "environ").read_text(errors="replace").split("\0")):
                        found.append(f"{folder.name} {' '.join(_argv(int(folder.name)))[:80]}")
        return found


def _is_program(pid: int, word: str) -> bool:
    """Whether one of the first two words of its command line is the program: scripts have their interpreter first."""
    return any(Path(part).name == word for part in _argv(pid)[:2])


def _argv(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _not_ours(pid: int, error: OSError) -> HiveError:
    return unavailable(
        f"can not reach process {pid} of the hive: {error.strerror}", "run it on the hive's machine, as the hive's user"
    )

"""The faults: killing a process, and taking the disk away from the daemon. From outside, as real faults come.

The daemon has no hook for them that an attacker could find. Its disk is made unwritable by its own limit on the size
of files: at 0, every write to a file fails, in whatever part of the daemon.
"""

import contextlib
import os
import resource
import signal
import threading

from actors.cli.processes import descendants
from harness.wire.errors import HiveError, unavailable


def kill(pid: int) -> bool:
    """SIGKILL; False when the process was gone already."""
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


class Disk:
    """The disk as one process sees it: while it is taken away, the process can write to no file.

    A thread gives it back: the caller may be waiting for an answer when the time is over.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self.timer: threading.Timer | None = None

    def take_away(self, seconds: float | None = None) -> None:
        """Every write fails for `seconds`; without them, until `give_back`."""
        self.give_back()
        try:
            self._before = resource.prlimit(self._pid, resource.RLIMIT_FSIZE)
            resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (0, self._before[1]))
        except (PermissionError, ProcessLookupError) as error:
            raise not_reachable(self._pid, error) from None
        if seconds is not None:
            self.timer = threading.Timer(seconds, self.give_back)
            self.timer.start()

    def give_back(self) -> None:
        """Restore the limit; does nothing when the disk is not taken away."""
        if self.timer is not None:
            self.timer.cancel()
        with self._lock:
            self._give_back()

    def _give_back(self) -> None:
        before, self._before = self._before, None
        if before is None:
            return
        # A process that was started meanwhile has inherited the limit.
        for one in (self._pid, *descendants(self._pid)):
            with contextlib.suppress(ProcessLookupError, PermissionError):  # one of another user was started before
                if resource.prlimit(one, resource.RLIMIT_FSIZE)[0] == 0:
                    resource.prlimit(one, resource.RLIMIT_FSIZE, before)


def not_reachable(pid: int, error: OSError) -> HiveError:
    """The refusal for a process that is gone or belongs to another user."""
    return unavailable(
        f"cannot reach process {pid} of the hive: {error.strerror}", "run it on the hive's machine, as the hive's user"
    )

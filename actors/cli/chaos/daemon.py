"""The daemon as a target: killed like by the kernel, and started again as it was started before."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from actors.cli import processes
from actors.cli.chaos import faults
from harness.wire.errors import HiveError, unavailable

BACK_SECONDS = 60.0
_LOOK_SECONDS = 0.2
SERVICE = "INVOCATION_ID"
"""The variable of a process that systemd has started, and that systemd starts again."""


class DaemonProcess:
    """One daemon. It ends with SIGKILL, and its successor has the same command, environment, folder and log."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._argv = processes.command(pid)
        self._env = processes.environment(pid)
        try:
            self._folder = Path(f"/proc/{pid}/cwd").readlink()
            self._log = Path(f"/proc/{pid}/fd/2").readlink()
        except OSError as error:
            raise faults.not_reachable(pid, error) from None

    def kill(self, about: Callable[[], dict[str, object]]) -> int:
        """Kill it and return the pid of the next one, when that answers `about`."""
        faults.kill(self.pid)
        if SERVICE not in self._env:
            self._start()
        deadline = time.monotonic() + BACK_SECONDS
        while time.monotonic() < deadline:
            try:
                pid = about()["pid"]
            except HiveError:
                pid = self.pid
            if isinstance(pid, int) and pid != self.pid:
                return pid
            time.sleep(_LOOK_SECONDS)
        raise unavailable(f"the daemon has not come back in {BACK_SECONDS:g} s", "its log says why")

    def _start(self) -> None:
        log = self._log if self._log.is_file() else Path(os.devnull)
        with log.open("ab") as output:
            subprocess.Popen(
                self._argv,
                env=self._env,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

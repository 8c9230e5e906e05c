"""One OS process in a session of its own, from its start until it is reaped.

Owns the process, its pidfd, its output and the processes below it. Promises: its end is noticed at once
(no polling, no SIGCHLD); when it has ended no process below it lives on; it is always reaped, also when
the actor that started it is gone.
"""

import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gevent import get_hub

from actors.supervision.processes.descendants import MARK, ProcessRow, belonging, kill_belonging, read_row, send
from actors.supervision.processes.output import Output, Sink
from actors.supervision.promise import Promise

LAUNCHER = Path(__file__).with_name("die_with_parent.py")
UNKNOWN_STATUS = -1000
"""Another part of the program reaped the process: how it ended is lost."""

_READ = 1


class OsProcess:
    """Started by its constructor. Raises `OSError` when there is no such program or directory."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str,
        stdout: Output,
        stderr: Output,
        stdin: int | None = None,
        descriptors: Sequence[int] = (),
    ) -> None:
        self._mark = uuid.uuid4().hex
        self.ended: Promise[int] = Promise()
        """The exit status: 0 to 255, or the negative number of the signal that ended it."""
        self._sinks: list[Sink] = []
        try:
            out = self._open(stdout)
            err = out if stderr is stdout else self._open(stderr)
            self._popen = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), _program(argv[0], env), *argv],
                env={**env, MARK: self._mark},
                cwd=cwd,
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=out.writer,
                stderr=err.writer,
                start_new_session=True,
                pass_fds=descriptors,
            )
        except OSError:
            self._hand_over()
            self._close_output()
            raise
        self._hand_over()
        self.pid = self._popen.pid
        # Not reaped yet, so the pid is still this process, even if it has ended already.
        self._pidfd = os.pidfd_open(self.pid)
        row = read_row(self.pid)
        assert row is not None, "a child that is not reaped has a line in the process table"
        self._row = row
        self._known: list[ProcessRow] = []
        self._watcher: Any = get_hub().loop.io(self._pidfd, _READ)
        self._watcher.start(self._has_ended)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone; nothing when it has ended."""
        if not self.ended.done:
            # Once it has ended, its children may not be recognizable as such.
            self._known = belonging(self._row, self._mark, self._known)
            send([self._row], number)

    def kill(self) -> None:
        """Send SIGKILL to the process and all below it; nothing when it has ended."""
        if not self.ended.done:
            kill_belonging(self._row, self._mark, self._known)

    def _has_ended(self) -> None:
        self._watcher.stop()
        self._watcher.close()
        # It is a zombie until it is reaped: no other process can have its pid or its session.
        kill_belonging(self._row, self._mark, self._known)
        status = self._reap()
        # Popen must neither reap the process itself nor warn that it was not reaped.
        self._popen.returncode = status
        os.close(self._pidfd)
        self._close_output()
        self.ended.set(status)

    def _reap(self) -> int:
        try:
            result = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED | os.WNOHANG)
        except ChildProcessError:
            return UNKNOWN_STATUS
        if result is None:
            return UNKNOWN_STATUS
        return result.si_status if result.si_code == os.CLD_EXITED else -result.si_status

    def _open(self, output: Output) -> Sink:
        sink = Sink(output)
        self._sinks.append(sink)
        return sink

    def _hand_over(self) -> None:
        for sink in self._sinks:
            sink.handed_over()

    def _close_output(self) -> None:
        for sink in self._sinks:
            sink.close()


def _program(name: str, env: Mapping[str, str]) -> str:
    """The file of a program, searched in the new process's own PATH."""
    path = shutil.which(name, path=env.get("PATH", os.defpath))
    if path is None:
        raise FileNotFoundError(f"no program {name} in {env.get('PATH', os.defpath)}")
    return path


def describe(status: int) -> str:
    """An exit status in words."""
    if status == UNKNOWN_STATUS:
        return "ended in an unknown way"
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"ended by signal {-status}"

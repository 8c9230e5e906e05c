"""An OS process as a child: the actor is up while the process runs, and ends as the process ends.

Owns one process and every process below it. Promises: the end of the process ends the actor at once, with
the exit status in the reason (0 is normal, anything else an error); a stop is a signal to the process and,
after `stop_seconds`, SIGKILL to it and every process below it; none of them outlives this actor, and the
process does not outlive this program.
"""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from actors.supervision.actor.actor import Actor
from actors.supervision.actor.messages import SystemMessage
from actors.supervision.clock import SYSTEM_CLOCK, Clock
from actors.supervision.exits import Exit
from actors.supervision.processes.os_process import OsProcess, describe
from actors.supervision.processes.output import Output

STOP_SECONDS = 4.0
"""Less than the default shutdown timeout, so that the actor sends the SIGKILL itself and ends in order."""


@dataclass(frozen=True, slots=True)
class ProcessEnded(SystemMessage):
    """To itself: the process has ended and is reaped."""

    status: int


class ProcessActor(Actor):
    """Runs `argv` in a session of its own, with PATH, LANG and `env` as its whole environment.

    `stdout` and `stderr` go to a file, to a callback per line, or nowhere; `stderr` follows `stdout`
    unless it is given. `stop_signal` goes to the process alone, which ends the processes below it
    itself, unless it is late. `descriptors` are open files of this program that the process gets under the
    numbers they have here, such as a socket it listens on; they stay the caller's.
    """

    kind: ClassVar[str] = "process"

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] = "/",
        stdout: Output = None,
        stderr: Output = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_seconds: float = STOP_SECONDS,
        descriptors: Sequence[int] = (),
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(clock=clock)
        self._argv = tuple(argv)
        self._env = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | dict(env or {})
        self._cwd = os.fspath(cwd)
        self._stdout = stdout
        self._stderr = stdout if stderr is None else stderr
        self._stop_signal = stop_signal
        self._stop_seconds = stop_seconds
        self._descriptors = tuple(descriptors)
        self.stdin: int | None = None
        """A descriptor that becomes the standard input of the next process; None for nothing to read."""
        self._process: OsProcess | None = None

    def on_start(self) -> None:
        """The process runs when this has returned. A program that does not exist is a failed start."""
        process = OsProcess(
            self._argv,
            env=self._env,
            cwd=self._cwd,
            stdout=self._stdout,
            stderr=self._stderr,
            stdin=self.stdin,
            descriptors=self._descriptors,
        )
        self._process = process
        self.pid = process.pid
        process.ended.then(lambda ended: self.tell(ProcessEnded(ended.get())))

    def handle(self, message: Any) -> Any:
        match message:
            case ProcessEnded():
                self._process_ended(message)
            case _:
                super().handle(message)

    def on_stop(self) -> None:
        process = self._process
        if process is None or process.ended.done:
            return
        process.signal(self._stop_signal)
        deadline = self.clock.call_later(self._stop_seconds, process.kill)
        try:
            process.ended.get()
        finally:
            deadline.cancel()

    def on_crash(self, exit_reason: Exit) -> None:  # noqa: ARG002 - the process is killed whatever the reason
        if self._process is not None:
            self._process.kill()

    def _process_ended(self, message: ProcessEnded) -> None:
        detail = describe(message.status)
        self.exit(Exit.normal(detail) if message.status == 0 else Exit.failed(detail, status=message.status))

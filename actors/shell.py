"""Runs a program to its end: the only user of `sh`.

`sh` forks with hooks of its own and waits in real threads: in a gevent process it works in a native thread and nowhere
else. Called like this the loop keeps running and several programs run side by side.
"""

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gevent
import sh

from harness.wire.errors import ErrorCode, HiveError, unavailable

SECONDS = 60.0
TAIL_CHARACTERS = 2000
EVERY_CODE = tuple(range(-64, 256))
"""A signal is a negative code."""

SCRUBBED = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
"""The environment of each program, to which `run` may add: nothing of the daemon's own."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a program ended and what it printed."""

    exit_code: int
    stdout: str
    stderr: str


def run(
    *argv: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    input: str | bytes | None = None,  # noqa: A002 — the word of subprocess
    timeout: float = SECONDS,
    ok_codes: Collection[int] | None = (0,),
) -> Result:
    """Run `argv` and wait for its end in the calling greenlet; other greenlets keep running.

    `env` is added to the scrubbed environment. Fails with HiveError: `unavailable` when there is no such program,
    `timeout` after `timeout` seconds (the program is killed), `internal` with the end of stderr for a status that is
    not in `ok_codes` (None: every status is accepted).
    """
    program = _Program(argv, cwd, SCRUBBED | dict(env or {}), input, ok_codes)
    running = gevent.get_hub().threadpool.spawn(program.run)
    running.wait(timeout)
    if not running.ready():
        # Not the `_timeout` of sh, whose watching thread adds 0.1 s to every call.
        program.kill()
        running.wait()
        raise HiveError(ErrorCode.TIMEOUT, f"{argv[0]} took longer than {timeout:g} s")
    outcome: Result | HiveError = running.get()
    # Raised here, not in the thread: gevent would print the traceback of an expected failure.
    if isinstance(outcome, HiveError):
        raise outcome
    return outcome


class _Program:
    """One run of one program. `run` belongs to a native thread, `kill` to the loop's."""

    def __init__(
        self,
        argv: tuple[str, ...],
        cwd: Path | None,
        env: dict[str, str],
        text: str | bytes | None,
        ok_codes: Collection[int] | None,
    ) -> None:
        self._argv = argv
        self._cwd = cwd
        self._env = env
        self._text = text
        self._ok_codes = EVERY_CODE if ok_codes is None else tuple(ok_codes)
        self._command: Any = None
        self._expired = False

    def run(self) -> Result | HiveError:
        name = self._argv[0]
        try:
            done = self._start()
            done.wait()
        except sh.CommandNotFound:
            return unavailable(f"{name} is not installed")
        except sh.ErrorReturnCode as error:
            tail = error.stderr.decode(errors="replace").strip()[-TAIL_CHARACTERS:]
            return HiveError(ErrorCode.INTERNAL, f"{name} ended with {error.exit_code}: {tail or 'no output'}")
        except (sh.ForkException, OSError) as error:
            return unavailable(f"{name} could not be started: {error}")
        return Result(done.exit_code, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def kill(self) -> None:
        """Kill every process in the program's process group."""
        self._expired = True
        if self._command is not None:
            with contextlib.suppress(ProcessLookupError):
                self._command.kill_group()

    def _start(self) -> Any:
        command = sh.Command(self._argv[0], search_paths=self._env["PATH"].split(":"))
        self._command = command(
            *self._argv[1:],
            _cwd=None if self._cwd is None else str(self._cwd),
            _env=self._env,
            # Never left open: a program that reads its input would wait for ever.
            _in=self._text if self._text is not None else b"",
            _ok_code=self._ok_codes,
            _bg=True,
            _bg_exc=False,
            _tty_out=False,
            _new_session=True,
        )
        if self._expired:
            self.kill()
        return self._command

"""The program of a terminal: a shell in a container on a pseudo-terminal, whose other end this object owns."""

import contextlib
import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gevent import get_hub

from actors.agent.runtime import pidfd
from actors.in_thread import in_thread
from actors.terminals.messages import Size
from harness.wire.errors import conflict, unavailable

PROGRAM = Path(__file__).with_name("pty_program.py")
READ_BYTES = 64 * 1024
PENDING_BYTES = 64 * 1024
"""How much typed text may wait for a program that takes none."""
_READ, _WRITE = 1, 2

Callback = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What to run on the host so that a shell runs inside."""

    argv: Sequence[str]
    groups: Sequence[Path]
    """The files by which the program joins the control groups of the container."""
    cwd: Path
    env: Mapping[str, str] = field(repr=False)


class Shell:
    """A running shell. Owns the descriptor, two watchers and the child process; `end` releases them all."""

    def __init__(self, order: Order, size: Size, *, on_readable: Callback, on_end: Callback) -> None:
        self._handle, terminal = os.openpty()
        try:
            os.set_blocking(self._handle, False)
            self.resize(size)
            self._process = in_thread(_start, order, terminal)
        except BaseException:
            os.close(self._handle)
            raise
        finally:
            os.close(terminal)
        self.pid = self._process.pid
        self._on_readable = on_readable
        self._pending = bytearray()
        self._watcher: Any = get_hub().loop.io(self._handle, _READ)
        self._writable: Any = get_hub().loop.io(self._handle, _WRITE)
        self.await_output()
        self._end = pidfd.EndWatch(self.pid, pidfd.start_time(self.pid) or 0, on_end)

    def await_output(self) -> None:
        """Call back once when there is more to read."""
        self._watcher.start(self._readable)

    def read(self) -> bytes:
        """What there is, READ_BYTES at most; empty when there is nothing, or nothing any more."""
        try:
            return os.read(self._handle, READ_BYTES)
        except OSError:  # nothing yet, or (EIO) nobody has the other end any more
            return b""

    def write(self, data: bytes) -> None:
        """Type `data`; what is not taken yet waits, and the output goes on. `conflict` for too much."""
        if len(self._pending) + len(data) > PENDING_BYTES:
            raise conflict("the program in this terminal takes no input", "wait, or close the terminal")
        self._pending += data
        self._flush()

    def resize(self, size: Size) -> None:
        """The program is told by the kernel (SIGWINCH)."""
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))

    def exit_status(self) -> int | None:
        """As a shell tells it; None while it runs."""
        code = self._process.poll()
        return code if code is None or code >= 0 else 128 - code

    def hang_up(self) -> None:
        """SIGHUP to what runs in the foreground and to the shell, as when a terminal's line is cut."""
        foreground = struct.unpack("i", fcntl.ioctl(self._handle, termios.TIOCGPGRP, bytes(4)))[0]
        for group in {foreground, self.pid}:
            # The kernel says 0 when nothing is in the foreground; as a group that would be our own.
            if group > 1:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGHUP)

    def end(self) -> None:
        """End it now, if it has not, and release everything."""
        self._end.cancel()
        for watcher in (self._watcher, self._writable):
            watcher.stop()
            watcher.close()
        os.close(self._handle)
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            in_thread(self._process.wait)

    def _flush(self) -> None:
        self._writable.stop()
        try:
            while self._pending:
                del self._pending[: os.write(self._handle, self._pending)]
        except BlockingIOError:
            self._writable.start(self._flush)
        except OSError:  # nobody has the other end any more: the end of the shell follows
            self._pending.clear()

    def _readable(self) -> None:
        self._watcher.stop()
        self._on_readable()


def _start(order: Order, terminal: int) -> "subprocess.Popen[bytes]":
    """Runs in a native thread: starting a program takes milliseconds which the loop does not have."""
    orders = json.dumps({"argv": list(order.argv), "groups": [str(one) for one in order.groups]})
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM), orders],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            cwd=order.cwd,
            env=order.env,
            start_new_session=True,
        )
    except OSError as error:
        raise unavailable(f"the terminal cannot be opened: {error.strerror}") from None

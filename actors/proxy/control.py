"""The control sockets of `hive-proxy` processes: finding those that run, starting one, and a connection to one.

A running proxy is a socket in a folder of the hive's that takes a connection. There can be several: one that serves,
and older ones that drain.
"""

import os
import secrets
import signal
import socket as native
import struct
import subprocess
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gevent.socket import AF_UNIX, SCM_RIGHTS, SOCK_SEQPACKET, SOL_SOCKET, socket, wait_read
from pydantic import ValidationError

from actors.in_thread import in_thread
from harness.wire.errors import unavailable
from harness.wire.interpreter import module_argv
from harness.wire.proxy import ORDER_BYTES, REPORTS, End, Held, Hello, Order

START_SECONDS = 20.0
ANSWER_SECONDS = 5.0
END_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class ProxyProgram:
    """How a proxy is started. `uid` is the user it becomes when the daemon is root; `revision` that of this hive."""

    folder: Path
    """Of its control socket. Removing it ends the proxy."""
    log_file: Path
    uid: int | None
    revision: str | None


@dataclass(slots=True)
class Link:
    """A connection to a running proxy, and what it has said of itself. Owns `held` until they are taken."""

    sock: socket
    pid: int
    pidfd: int
    hello: Hello
    held: dict[str, socket]

    def send(self, order: Order, descriptors: Sequence[int] = ()) -> None:
        """OSError when the proxy does not take it."""
        passed = [(SOL_SOCKET, SCM_RIGHTS, array("i", descriptors))] if descriptors else []
        self.sock.sendmsg([order.model_dump_json().encode()], passed)

    def end(self) -> None:
        """End the proxy, and return when it has ended."""
        try:
            self.send(End())
            wait_read(self.pidfd, timeout=END_SECONDS)
        except OSError:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        finally:
            self.close()

    def close(self) -> None:
        """Leave the proxy to itself."""
        while self.held:
            self.held.popitem()[1].close()
        self.sock.close()
        os.close(self.pidfd)


def running(folder: Path) -> list[Link]:
    """A connection to every proxy that runs. Sockets that nobody listens on any more are removed."""
    found = []
    for path in sorted(folder.glob("*.sock")):
        link = connect(path)
        if link is None:
            path.unlink(missing_ok=True)
        else:
            found.append(link)
    return found


def start(program: ProxyProgram) -> Link:
    """A new proxy. HiveError when it does not come up."""
    program.folder.mkdir(mode=0o700, exist_ok=True)
    path = program.folder / f"{secrets.token_hex(4)}.sock"
    words = in_thread(_start, program, path)
    link = connect(path)
    if link is None:
        raise unavailable(f"hive-proxy does not come up: {words}", f"see {program.log_file}")
    return link


def _start(program: ProxyProgram, path: Path) -> str:
    """In a native thread: a start takes a quarter of a second. What the program said when it failed."""
    argv = [*module_argv("harness.proxy.main"), "--control", str(path)]
    argv += ["--daemon-uid", str(os.geteuid()), "--log", str(program.log_file)]
    argv += [] if program.revision is None else ["--revision", program.revision]
    argv += [] if program.uid is None else ["--uid", str(program.uid)]
    env = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, env=env, cwd="/", timeout=START_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return done.stderr.decode(errors="replace").strip()[-500:]


def connect(path: Path) -> Link | None:
    """The proxy that listens at `path`; None when there is none."""
    sock = socket(AF_UNIX, SOCK_SEQPACKET)
    sock.settimeout(ANSWER_SECONDS)
    held: dict[str, socket] = {}
    try:
        sock.connect(str(path))
        pid = _pid(sock)
        pidfd = os.pidfd_open(pid)
    except OSError:
        sock.close()
        return None
    try:
        hello, _ = _receive(sock)
        for _ in range(hello.held if isinstance(hello, Hello) else 0):
            report, listening = _receive(sock)
            if isinstance(report, Held) and listening is not None:
                held[report.agent] = listening
    except (OSError, ValidationError):
        hello = None
    if not isinstance(hello, Hello):
        # It runs and does not answer: better none than one that nobody can command.
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        wait_read(pidfd)
        os.close(pidfd)
        sock.close()
        return None
    return Link(sock, pid, pidfd, hello, held)


def _receive(sock: socket) -> tuple[object, socket | None]:
    data, ancillary, _, _ = sock.recvmsg(ORDER_BYTES, native.CMSG_SPACE(4))
    listening = None
    for level, kind, content in ancillary:
        if (level, kind) == (SOL_SOCKET, SCM_RIGHTS):
            listening = socket(fileno=struct.unpack("i", content[:4])[0])
    return REPORTS.validate_json(data), listening


def _pid(sock: socket) -> int:
    return int(struct.unpack("3i", sock.getsockopt(SOL_SOCKET, native.SO_PEERCRED, 12))[0])

"""The process that starts MCP servers beside a container.

A program of its own, standard library only, run with `-I -S`. The shim starts it and ends it. It listens on one socket
per server, and starts the server's sandbox for each connection. The connection is the server's standard output. What
comes over it is passed on to the server's standard input, after one line of JSON with the server's command and
environment, which `harness/sidecar/server.py` reads inside: so the secrets are in no file, in no command line, and in
the environment of the server alone.

Reads its orders as JSON from standard input: `servers` (each `socket`, a path; `argv` of the sandbox; `hello`, the
line; `hidden`: texts → what replaces them in the log), `owner`: the uid that may connect, `cwd`, `groups`, `rlimits`,
`handles`, `no_new_privileges`: as for the shim.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
MAX_CONNECTIONS = 4
"""Of one server. Claude needs one; a second one overlaps with it when Claude is started again."""
PAUSE_SECONDS = 0.05
"""Between two starts: whoever connects again and again costs the host little."""
CHUNK_BYTES = 64 * 1024
PENDING_BYTES = 1024 * 1024
"""What waits for a server that does not read; then nothing more is taken."""
END_SECONDS = 5.0
"""How long a server may take to end when its client is gone."""
LOG_BYTES = 64 * 1024
"""What one start of a server may write into the log."""

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    orders = json.load(sys.stdin)
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    listening = {_listen(server["socket"], orders["owner"]): server for server in orders["servers"]}
    running: dict[int, str] = {}
    signal.signal(signal.SIGCHLD, lambda *_: _reap(running))
    while True:
        ready, _, _ = select.select(list(listening), [], [])
        for one in ready:
            _accept(one, listening[one], orders, running)
        time.sleep(PAUSE_SECONDS)


def _listen(path: str, owner: int) -> socket.socket:
    with contextlib.suppress(FileNotFoundError):
        Path(path).unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    listening.bind(path)
    os.umask(before)
    if owner != os.geteuid():
        os.chown(path, owner, owner)
    listening.listen(MAX_CONNECTIONS)
    listening.setblocking(False)
    return listening


def _accept(
    listening: socket.socket, server: "dict[str, Any]", orders: "dict[str, Any]", running: "dict[int, str]"
) -> None:
    try:
        connection, _ = listening.accept()
    except OSError:
        return
    with connection:
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        try:
            if sum(path == server["socket"] for path in running.values()) >= MAX_CONNECTIONS:
                return
            pid = os.fork()
            if pid:
                running[pid] = server["socket"]
                return
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        try:
            _die_with(os.getppid())
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listening.close()
            Bridge(connection, server, orders).run()
        finally:
            os._exit(0)


class Bridge:
    """One connection and the server that was started for it. A process of its own, which ends with either."""

    def __init__(self, connection: socket.socket, server: "dict[str, Any]", orders: "dict[str, Any]") -> None:
        self._connection = connection
        self._server = server
        self._orders = orders
        self._pending = (json.dumps(server["hello"]) + "\n").encode()
        self._input = self._errors = -1
        self._client_gone = False
        self._log_left = LOG_BYTES
        self._rest = b""

    def run(self) -> None:
        """Until the server has ended; a server whose client is gone has `END_SECONDS` to do so."""
        input_read, self._input = os.pipe()
        self._errors, errors_write = os.pipe()
        child = os.fork()
        if child == 0:
            self._become_server(input_read, errors_write)
        for end in (input_read, errors_write):
            os.close(end)
        for end in (self._input, self._errors):
            os.set_blocking(end, False)
        ended = os.pidfd_open(child)
        while self._step(ended):
            pass
        self._drain_errors()
        self._log(self._rest)

    def _step(self, ended: int) -> bool:
        reading: list[Any] = [ended] if self._errors < 0 else [ended, self._errors]
        if not self._client_gone and len(self._pending) < PENDING_BYTES:
            reading.append(self._connection)
        writing = [self._input] if self._pending and self._input >= 0 else []
        ready, writable, _ = select.select(reading, writing, [], END_SECONDS if self._client_gone else None)
        if self._errors in ready:
            self._drain_errors()
        if self._connection in ready:
            self._take()
        if writable:
            self._pass_on()
        if self._client_gone and not self._pending:
            self._close_input()  # which tells the server to end
        return ended not in ready and bool(ready or writable)

    def _take(self) -> None:
        try:
            data = self._connection.recv(CHUNK_BYTES)
        except OSError:
            data = b""
        self._pending += data
        self._client_gone = not data

    def _pass_on(self) -> None:
        try:
            self._pending = self._pending[os.write(self._input, self._pending) :]
        except BlockingIOError:
            return
        except OSError:
            self._pending = b""
            self._close_input()

    def _close_input(self) -> None:
        if self._input >= 0:
            os.close(self._input)
        self._input = -1

    def _drain_errors(self) -> None:
        try:
            data = os.read(self._errors, CHUNK_BYTES) if self._errors >= 0 else b""
        except BlockingIOError:
            return
        if not data and self._errors >= 0:
            os.close(self._errors)
            self._errors = -1
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._log(line)
        if len(self._rest) > CHUNK_BYTES:
            self._rest = b""  # a line without an end cannot be searched for secrets

    def _log(self, line: bytes) -> None:
        text = line.decode(errors="replace")
        for hidden, word in self._server["hidden"].items():
            text = text.replace(hidden, word)
        told = f"{Path(self._server['socket']).name}: {text}\n".encode()
        if text.strip() and len(told) <= self._log_left:
            self._log_left -= len(told)
            with contextlib.suppress(OSError):  # a full disk loses lines and stops nobody
                os.write(2, told)

    def _become_server(self, input_read: int, errors_write: int) -> None:
        orders = self._orders
        try:
            _die_with(os.getppid())
            for handle in orders["handles"]:
                _reopen(handle)
            for group in orders["groups"]:
                Path(group).write_text("0")
            for limit, value in orders["rlimits"].items():
                resource.setrlimit(getattr(resource, limit), (value, value))
            if orders["no_new_privileges"]:
                _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            for source, target in ((input_read, 0), (self._connection.fileno(), 1), (errors_write, 2)):
                os.dup2(source, target)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.chdir(orders["cwd"])
            environment = {"PATH": os.environ["PATH"], "HIVE_CONTAINER_ID": os.environ["HIVE_CONTAINER_ID"]}
            os.execvpe(self._server["argv"][0], self._server["argv"], environment)  # noqa: S606 — as it was ordered
        except BaseException as error:
            os.write(2, f"cannot be started: {error}\n".encode())
        os._exit(127)


def _reopen(handle: int) -> None:
    """Open anew what is read to its end: another sandbox has read it already. A handle on a path stays as it is."""
    if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_PATH:
        return
    fresh = os.open(f"/proc/self/fd/{handle}", os.O_RDONLY)
    os.dup2(fresh, handle)
    os.close(fresh)


def _die_with(parent: int) -> None:
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _reap(running: "dict[int, str]") -> None:
    for pid in list(running):
        try:
            done, _ = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            done = pid
        if done:
            running.pop(pid, None)


if __name__ == "__main__":
    main()

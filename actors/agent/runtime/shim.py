"""The process between the daemon and a container. A program of its own, standard library only, run with `-I -S`.

It detaches from the daemon, so the daemon may die. It is the subreaper of everything below, so nothing that runs
inside can slip away from it by forking or `setsid`. It holds a lock for its life, so there is never a second one.
It notes who it is before it starts anything, and how it ended after everything below is gone.

Reads its orders as JSON from stdin and answers one line on stdout: `ok`, `held` (another one runs) or `error: …`.
SIGTERM asks the program inside to end; SIGUSR1 ends everything at once.

Output of the container comes through a pipe, which this process drains into the log: no file of the host is ever open
inside, and the log grows no faster and no larger than the constants below allow. What is above the rate waits.

Orders: `argv`, `cwd`, `log`, `dir` (where lock, container.json and exit.json are), `id`, `name`, `runtime`, `groups`
(files by which to join control groups), `rlimits` {name: value}, `depth`: how many processes of the sandbox stand
between this one's child and the program, `owner`: the uid that may open the pipe anew (`/dev/stderr`), `handles`: open
descriptors that the child inherits, `no_new_privileges`: whether setuid programs lose their effect inside, `line`: the
descriptor by which the program finds `line/server.py`, the daemon's socket and the folder behind it; `announced`:
whether descriptors are passed on in the way of LISTEN_FDS; `beside`: None, or `argv` and `orders` of the process that
starts MCP servers beside the container (`actors/agent/sidecar/`).
"""

import contextlib
import ctypes
import fcntl
import importlib.util
import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
WATCHED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD}
NOT_FOUND = 127
KEYCTL = {"x86_64": 250, "aarch64": 219, "riscv64": 219, "ppc64le": 271, "s390x": 280}
KEYCTL_JOIN_SESSION_KEYRING = 1

LOG_BYTES = 4 * 1024 * 1024
"""A log that reaches this becomes `.log.1`; one generation is kept, so an agent has twice this on the disk."""
OUTPUT_BYTES_PER_SECOND = 1024 * 1024
OUTPUT_BURST_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
PIPE_MAX_BYTES = 1024 * 1024
"""What a pipe can hold at most: the rest that is read when the container has ended."""

_answered: "set[int]" = set()
_libc = ctypes.CDLL(None, use_errno=True)


BOUNDARY = "----"
"""Begins the lines between two lives of a container in its log."""


def main() -> None:
    orders = json.load(sys.stdin)
    told, tell = os.pipe()
    if os.fork():
        os.close(tell)
        # The parent ends as soon as the container is up: whoever called gets an answer and no child.
        answer = b"".join(iter(lambda: os.read(told, 4096), b""))
        os.write(1, answer or b"error: the shim died before it could start anything\n")
        os._exit(0)
    os.close(told)
    try:
        status = supervise(orders, tell)
    except Exception as error:
        _answer(tell, f"error: {type(error).__name__}: {error}")
        raise
    os._exit(0 if status is not None else 1)


def supervise(orders: dict[str, Any], tell: int) -> "int | None":
    """Start the container and stay until everything of it is gone. None when another one runs."""
    os.setsid()
    folder = os.open(orders["dir"], os.O_RDONLY | os.O_DIRECTORY)
    lock = os.open("container.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600, dir_fd=folder)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _answer(tell, "held")
        return None
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    output = Output(orders["log"], orders["owner"])
    output.mark(f"container {orders['id']} starts")
    line = _line_server(orders["line"])
    _write(folder, "exit.json", None)
    _write(folder, "container.json", _record(orders))
    child = _start(orders, output, line)
    if orders["beside"] is not None:
        _start_beside(orders["beside"])
    for handle in orders["handles"]:
        os.close(handle)
    _answer(tell, "ok")
    status = _stay(child, orders["depth"], output, line)
    _end_all()
    output.finish()
    output.mark(f"container {orders['id']} has ended, status {status}")
    starved = _leave([Path(group).parent for group in orders["groups"]])
    with contextlib.suppress(OSError):  # on a full disk nobody has seen how it ended
        _write(folder, "exit.json", {"id": orders["id"], "exit_status": status, "out_of_memory": starved})
    return status


class Output:
    """The pipe that the container writes to, and the log into which it is drained."""

    def __init__(self, log: str, owner: int) -> None:
        self._folder = os.open(Path(log).parent, os.O_RDONLY | os.O_DIRECTORY)
        self._name = Path(log).name
        self._size = 0
        self._open()
        self.end, self.inner = os.pipe()
        os.set_blocking(self.end, False)
        os.fchown(self.inner, owner, -1)
        self.closed = False
        self._allowance = float(OUTPUT_BURST_BYTES)
        self._counted = time.monotonic()

    def give(self) -> None:
        """In the child: make the pipe its standard output and standard error."""
        for target in (1, 2):
            os.dup2(self.inner, target)

    def pause(self) -> float:
        """Seconds until the next read is allowed."""
        now = time.monotonic()
        self._allowance += (now - self._counted) * OUTPUT_BYTES_PER_SECOND
        self._allowance = min(self._allowance, OUTPUT_BURST_BYTES)
        self._counted = now
        return max(0.0, (CHUNK_BYTES - self._allowance) / OUTPUT_BYTES_PER_SECOND)

    def drain(self) -> bool:
        """Move one chunk into the log; False when nothing waits or the container has closed its end."""
        try:
            chunk = os.read(self.end, CHUNK_BYTES)
        except BlockingIOError:
            return False
        self._allowance -= len(chunk)
        self.closed = not chunk
        if self._size + len(chunk) > LOG_BYTES:
            self._rotate()
        with contextlib.suppress(OSError):  # a full disk loses lines and stops nobody
            self._size += os.write(1, chunk)
        return not self.closed

    def finish(self) -> None:
        """Move the rest into the log, when nothing is left that could write more."""
        for _ in range(PIPE_MAX_BYTES // CHUNK_BYTES + 1):
            if not self.drain():
                return

    def mark(self, what: str) -> None:
        """Write a line that no part of a container's life has written, on a line of its own."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        with contextlib.suppress(OSError):  # as in `drain`; opened anew, as what others inherit can only be written to
            log = os.open(self._name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._folder)
            broken = self._size > 0 and os.pread(log, 1, self._size - 1) != b"\n"
            os.close(log)
            self._size += os.write(1, f"{chr(10) * broken}{BOUNDARY} {moment} UTC {what}\n".encode())

    def _rotate(self) -> None:
        with contextlib.suppress(OSError):
            os.rename(self._name, f"{self._name}.1", src_dir_fd=self._folder, dst_dir_fd=self._folder)
            self._open()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        log = os.open(self._name, flags, 0o600, dir_fd=self._folder)
        self._size = os.fstat(log).st_size
        for target in (1, 2):
            os.dup2(log, target)
        os.close(log)


def _record(orders: dict[str, Any]) -> dict[str, Any]:
    started = int(Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()[19])
    return {
        "name": orders["name"],
        "id": orders["id"],
        "runtime": orders["runtime"],
        "pid": os.getpid(),
        "start_time": started,
        "owner": orders["owner"],
        "harness_apart": True,
    }


def _line_server(orders: dict[str, Any]) -> Any:
    """The end of the line to the harness, out of the file beside this one."""
    spec = importlib.util.spec_from_file_location("line", Path(__file__).with_name("line") / "server.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.LineServer(orders["daemon"], orders["folder"])


def _start(orders: dict[str, Any], output: Output, line: Any) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        os.close(output.inner)
        line.keep_own_end()
        return child
    try:
        output.give()
        # Whatever kills this shim takes the container along: relative to the shim, never to the daemon.
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        os.setsid()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and an exec would pass that on
            signal.signal(number, signal.SIG_DFL)
        _own_keyring()
        if orders["no_new_privileges"]:
            _prctl(PR_SET_NO_NEW_PRIVS, 1)
        for group in orders["groups"]:
            Path(group).write_text("0")
        for limit, value in orders["rlimits"].items():
            resource.setrlimit(getattr(resource, limit), (value, value))
        os.chdir(orders["cwd"])
        line.give(orders["line"]["number"])
        if orders["announced"]:
            os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
        os.execvpe(orders["argv"][0], orders["argv"], os.environ)  # noqa: S606 — the program as it was ordered, no shell wanted
    except BaseException as error:
        os.write(2, f"hive: cannot start {orders['argv'][0]}: {error}\n".encode())
    os._exit(NOT_FOUND)


def _start_beside(beside: "dict[str, Any]") -> None:
    """Its orders hold secrets: they are in memory only. It ends with the container."""
    memory = os.memfd_create("orders", os.MFD_CLOEXEC)
    with os.fdopen(memory, "wb", closefd=False) as stream:
        stream.write(json.dumps(beside["orders"]).encode())
    os.lseek(memory, 0, os.SEEK_SET)
    parent = os.getpid()
    if os.fork() == 0:
        try:
            _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() == parent:
                os.setsid()
                signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
                _own_keyring()
                os.dup2(memory, 0)
                program, *_ = beside["argv"]
                os.execve(program, beside["argv"], os.environ)  # noqa: S606
        finally:
            os._exit(NOT_FOUND)
    os.close(memory)


def _own_keyring() -> None:
    """A fresh session keyring, where there are any: the one there is may hold keys of whoever started the daemon."""
    number = KEYCTL.get(os.uname().machine)
    if number is not None:
        _libc.syscall(number, KEYCTL_JOIN_SESSION_KEYRING, None)


def _stay(child: int, depth: int, output: Output, line: Any) -> int:
    """Wait for the child, drain its output, serve its line, pass on orders; its exit status as a shell tells it."""
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in WATCHED:
        signal.signal(number, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
    try:
        while True:
            pause = output.pause()
            ends = [woken, *([] if pause or output.closed else [output.end]), *([] if line.closed else [line])]
            ready, _, _ = select.select(ends, [], [], None if output.closed else pause or None)
            if output.end in ready:
                output.drain()
            if line in ready:
                line.serve()
            if woken in ready and (status := _obey(os.read(woken, 512), child, depth)) is not None:
                return status
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)


def _obey(asked: bytes, child: int, depth: int) -> "int | None":
    """Do what these signals ask for; the child's exit status when it has ended."""
    if signal.SIGUSR1 in asked:
        os.kill(child, signal.SIGKILL)
    elif set(asked) - {signal.SIGCHLD}:
        _ask(child, depth)
    return _reap(child) if signal.SIGCHLD in asked else None


def _ask(child: int, depth: int) -> None:
    """SIGTERM to the program itself: a sandbox in between would not pass it on, but die of it."""
    target = child
    for _ in range(depth):
        below = _children(target)
        if not below:
            os.kill(child, signal.SIGKILL)  # it is still being set up: there is nobody to ask yet
            return
        target = below[0]
    with contextlib.suppress(ProcessLookupError):
        os.kill(target, signal.SIGTERM)


def _reap(child: int) -> "int | None":
    ended = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            ended = code if code >= 0 else 128 - code


def _end_all() -> None:
    """Kill what is left below, again and again: what a killed one leaves behind becomes our child."""
    while True:
        for pid in _children(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            # Not a plain wait: the list of children may have missed one that was just left to us.
            signal.sigtimedwait(WATCHED, 0.02)


def _children(pid: int) -> "list[int]":
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _leave(groups: "list[Path]") -> bool:
    """Remove the control groups, now empty; whether the kernel killed anything in them for lack of memory."""
    starved = False
    for group in groups:
        for counts in ("memory.oom_control", "memory.events"):
            with contextlib.suppress(OSError):
                words = dict(line.split() for line in (group / counts).read_text().splitlines())
                starved |= int(words.get("oom_kill", 0)) > 0
        # The groups that were made inside first, the hive's own folder with the last of its agents.
        inner = [Path(found) for found, _, _ in os.walk(group, topdown=False)]
        for place in (*inner, group.parent):
            with contextlib.suppress(OSError):
                place.rmdir()
    return starved


def _write(folder: int, name: str, content: "dict[str, Any] | None") -> None:
    """Replace a file as a whole, or remove it."""
    if content is None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
        return
    part = f".{name}.part"
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600, dir_fd=folder)
    with os.fdopen(file, "w") as stream:
        json.dump(content, stream)
    os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)


def _answer(tell: int, line: str) -> None:
    """Tell the caller how the start went, once; the end of the pipe lets the first process go."""
    if tell in _answered:
        return
    _answered.add(tell)
    os.write(tell, line.encode() + b"\n")
    os.close(tell)


def _prctl(option: int, value: int) -> None:
    _checked(_libc.prctl(option, value, 0, 0, 0), f"prctl({option})")


def _checked(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


if __name__ == "__main__":
    main()

"""The process between the daemon and a container. A program of its own, standard library only, run with `-I -S`.

It detaches from the daemon, so the daemon may die. It is the subreaper of everything below, so nothing that runs
inside can slip away from it by forking or `setsid`. It holds a lock for its life, so there is never a second one.
It notes who it is before it starts anything, and how it ended after everything below is gone.

Reads its orders as JSON from stdin and answers one line on stdout: `ok`, `held` (another one runs) or `error: …`.
SIGTERM asks the program inside to end; SIGUSR1 ends everything at once.

Orders: `argv`, `cwd`, `log`, `dir` (where lock, container.json and exit.json are), `id`, `name`, `runtime`, `groups`
(files by which to join control groups), `rlimits` {name: value}, `depth`: how many processes of the sandbox stand
between this one's child and the program, `read_only`: places below which nobody changes owner or mode.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
WATCHED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD}
NOT_FOUND = 127
CLONE_NEWNS = 0x20000
MS_RDONLY, MS_NOSUID, MS_REMOUNT, MS_BIND, MS_REC, MS_SLAVE = 0x1, 0x2, 0x20, 0x1000, 0x4000, 0x80000
KEYCTL = {"x86_64": 250, "aarch64": 219, "riscv64": 219, "ppc64le": 271, "s390x": 280}
KEYCTL_JOIN_SESSION_KEYRING = 1

_answered: "set[int]" = set()
_libc = ctypes.CDLL(None, use_errno=True)


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
    log = os.open(orders["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    _write(folder, "exit.json", None)
    _write(folder, "container.json", _record(orders))
    child = _start(orders)
    _answer(tell, "ok")
    status = _stay(child, orders["depth"])
    _end_all()
    starved = _leave([Path(group).parent for group in orders["groups"]])
    _write(folder, "exit.json", {"id": orders["id"], "exit_status": status, "out_of_memory": starved})
    return status


def _record(orders: dict[str, Any]) -> dict[str, Any]:
    started = int(Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()[19])
    return {
        "name": orders["name"],
        "id": orders["id"],
        "runtime": orders["runtime"],
        "pid": os.getpid(),
        "start_time": started,
    }


def _start(orders: dict[str, Any]) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        # Whatever kills this shim takes the container along: relative to the shim, never to the daemon.
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        os.setsid()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and an exec would pass that on
            signal.signal(number, signal.SIG_DFL)
        _own_keyring()
        _shield(orders["read_only"])
        for group in orders["groups"]:
            Path(group).write_text("0")
        for limit, value in orders["rlimits"].items():
            resource.setrlimit(getattr(resource, limit), (value, value))
        os.chdir(orders["cwd"])
        os.execvpe(orders["argv"][0], orders["argv"], os.environ)  # noqa: S606 — the program as it was ordered, no shell wanted
    except BaseException as error:
        os.write(2, f"hive: cannot start {orders['argv'][0]}: {error}\n".encode())
    os._exit(NOT_FOUND)


def _own_keyring() -> None:
    """A fresh session keyring, where there are any: the one there is may hold keys of whoever started the daemon."""
    number = KEYCTL.get(os.uname().machine)
    if number is not None:
        _libc.syscall(number, KEYCTL_JOIN_SESSION_KEYRING, None)


def _shield(places: "list[str]") -> None:
    """Show these read-only from here on down, in a mount namespace of our own. Takes root that may mount."""
    if not places:
        return
    try:
        _checked(_libc.unshare(CLONE_NEWNS), "unshare")
        _mount(None, "/", MS_REC | MS_SLAVE)
        for place in filter(os.path.exists, places):
            _mount(place, place, MS_BIND)
            _mount(None, place, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID)
    except OSError as error:
        os.write(2, f"hive: modes of the host's devices can be changed from here: {error}\n".encode())


def _mount(source: "str | None", target: str, flags: int) -> None:
    word = None if source is None else source.encode()
    _checked(_libc.mount(word, target.encode(), None, ctypes.c_ulong(flags), None), f"mount {target}")


def _stay(child: int, depth: int) -> int:
    """Wait for the child, passing on what is asked; its exit status as a shell tells it."""
    while True:
        asked = signal.sigwait(WATCHED)
        if asked == signal.SIGCHLD:
            status = _reap(child)
            if status is not None:
                return status
        elif asked == signal.SIGUSR1:
            os.kill(child, signal.SIGKILL)
        else:
            _ask(child, depth)


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

"""Runs a program inside a bwrap container. A program of its own, standard library only, run with `-I -S`.

Arguments: the pid of the container's init on the host, then the program and its arguments. Root becomes the agent's uid
before it goes in, so nothing inside is ever root for the kernel. `nsenter` cannot do this: where nested user namespaces
are off, bwrap leaves the program in a user namespace below the one that owns the others.
"""

import ctypes
import fcntl
import os
import sys
from pathlib import Path

NS_GET_PARENT = 0xB701
SPACES = ("mnt", "pid", "ipc", "uts", "net", "cgroup")
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    init, argv = sys.argv[1], sys.argv[2:]
    folder = os.open(f"/proc/{init}/cwd", os.O_PATH)
    user = os.open(f"/proc/{init}/ns/user", os.O_RDONLY)
    spaces = [os.open(f"/proc/{init}/ns/{name}", os.O_RDONLY) for name in SPACES]
    spaces = [space for name, space in zip(SPACES, spaces, strict=True) if not _is_ours(name, space)]
    if os.geteuid() == 0:
        owner = Path(f"/proc/{init}").stat().st_uid
        os.setgroups([])
        os.setresgid(owner, owner, owner)
        os.setresuid(owner, owner, owner)
    parent = fcntl.ioctl(user, NS_GET_PARENT)
    if not _is_ours("user", parent):
        _join(parent)
        for space in spaces:
            _join(space)
        _join(user)
    else:
        for space in (user, *spaces):
            _join(space)
    os.fchdir(folder)
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        os._exit(code if code >= 0 else 128 - code)
    os.closerange(3, 64)
    os.execvp(argv[0], argv)  # noqa: S606 — the program as it was ordered, no shell wanted


def _is_ours(name: str, space: int) -> bool:
    return os.path.samestat(os.fstat(space), Path(f"/proc/self/ns/{name}").stat())


def _join(space: int) -> None:
    if _libc.setns(space, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"the container cannot be entered: {os.strerror(number)}")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"hive: {error}")

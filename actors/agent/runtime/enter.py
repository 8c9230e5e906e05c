"""Runs a program inside a bwrap container. A program of its own, standard library only, run with `-I -S`.

Arguments: the pid of the container's init on the host, the system call filter of its programs in hex, then the program
and its arguments. Root becomes the agent's uid before it goes in, so nothing inside is ever root for the kernel. The
program has no more rights than those inside: what an agent leaves for the operator to run gains nothing by that.

`nsenter` cannot do this: where nested user namespaces are off, bwrap leaves the program in a user namespace below the
one that owns the others.
"""

import ctypes
import fcntl
import os
import sys
from pathlib import Path

NS_GET_PARENT = 0xB701
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
STEP_BYTES = 8
"""Of a struct sock_filter."""
SPACES = ("mnt", "pid", "ipc", "uts", "net", "cgroup")
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    init, filter_, argv = sys.argv[1], bytes.fromhex(sys.argv[2]), sys.argv[3:]
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
    _confine(filter_)
    os.execvp(argv[0], argv)  # noqa: S606 — the program as it was ordered, no shell wanted


class _Filter(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def _confine(filter_: bytes) -> None:
    """As bwrap does for what it starts: no new privileges, and the system call filter."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if filter_:
        program = _Filter(len(filter_) // STEP_BYTES, filter_)
        _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program))


def _prctl(option: int, *arguments: object) -> None:
    padded = (*arguments, *(0,) * (4 - len(arguments)))
    if _libc.prctl(option, *(ctypes.c_ulong(one) if isinstance(one, int) else one for one in padded)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"the program cannot be confined: {os.strerror(number)}")


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

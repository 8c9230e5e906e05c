"""What the process gives up before it serves anybody: its user, its rights, the readability of its memory."""

import contextlib
import ctypes
import os
import resource

PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38


def raise_file_limit() -> None:
    """Every connection is two files; the soft limit of a login shell is too low for a swarm."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def give_up_rights(uid: int | None) -> None:
    """Become another user for good, gain no rights by exec, and keep the memory from processes of the same user."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((PR_SET_NO_NEW_PRIVS, 1), (PR_SET_DUMPABLE, 0)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), f"prctl({option})")

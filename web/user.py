"""The user that the web process becomes when root has started it."""

import ctypes
import grp
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager

PR_SET_PDEATHSIG, PR_GET_PDEATHSIG = 1, 2


def become_nobody(uid: int) -> None:
    """Become the user with this number for good, in no group that anybody else is in."""
    with _still_ending_with_the_parent():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def become(user: str) -> None:
    """Become `user`, with the groups of that user and no others."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise SystemExit(f"Error: there is no user {user!r}\nTry: web_user in the settings") from None
    if os.geteuid() != 0:
        if entry.pw_uid == os.geteuid():
            return
        raise SystemExit(f"Error: only root can become {user!r}\nTry: leave out --user")
    with _still_ending_with_the_parent():
        os.setgroups([group.gr_gid for group in grp.getgrall() if user in group.gr_mem])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)


@contextmanager
def _still_ending_with_the_parent() -> Iterator[None]:
    """The kernel forgets the signal for the parent's death when a process becomes another user: set it again.

    A process that stayed behind would keep the port of the dashboard from the next daemon.
    """
    prctl, number, parent = ctypes.CDLL(None).prctl, ctypes.c_int(), os.getppid()
    prctl(PR_GET_PDEATHSIG, ctypes.byref(number), 0, 0, 0)
    yield
    if number.value:
        prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it has ended meanwhile; then no signal would ever come
            raise SystemExit("Error: the daemon has ended\nTry: start the hive again")

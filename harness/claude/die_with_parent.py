"""The end of a child of the harness with the harness: a turn that no harness follows must not go on working."""

import ctypes
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def end_with_parent() -> None:
    """Have the kernel end this process when its parent ends; called in the child before it becomes another program.

    One system call, its library loaded before the fork.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

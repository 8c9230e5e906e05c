"""What keeps the harness apart from the processes of its Claude, which have the same user.

A process that is not dumpable cannot be read, traced or robbed of its descriptors by another process of its user
without capabilities, and there are none in a container. The mark is lost by exec: so the harness sets it first of all,
before another process exists in its container, and what the harness starts is not marked.
"""

import ctypes
import os

PR_SET_DUMPABLE = 4


def raise_shield() -> None:
    """Make this process undumpable. OSError when the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl(PR_SET_DUMPABLE): {os.strerror(number)}")

"""The end of this process with the daemon's, however that ends, also when it has become another user."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_SET_PDEATHSIG, _GET_PDEATHSIG = 1, 2


@contextmanager
def parents_signal_kept() -> Iterator[None]:
    """Within the block the process may become another user.

    The kernel then forgets the signal that it was to get at the end of its parent; without it this process would hold
    the port for ever after the daemon was killed. SystemExit when the parent has ended meanwhile.
    """
    libc, parent = ctypes.CDLL(None, use_errno=True), os.getppid()
    number = ctypes.c_int()
    libc.prctl(_GET_PDEATHSIG, ctypes.byref(number), 0, 0, 0)
    yield
    if number.value:
        libc.prctl(_SET_PDEATHSIG, number.value, 0, 0, 0)
        if os.getppid() != parent:
            raise SystemExit("Error: the daemon has ended")

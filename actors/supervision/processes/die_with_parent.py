"""Becomes another program that is killed when its parent ends, however that ends.

A program of its own, standard library only: `python -I -S die_with_parent.py PARENT_PID PROGRAM ARGV...`.
The process stays the same, so PROGRAM has its pid and session. A `preexec_fn` would do this without
a second exec, but runs Python between fork and exec, which can deadlock once the parent has native threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CANNOT_RUN = 127


def main() -> int:
    parent, program, *argv = sys.argv[1:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.stderr.write("prctl(PR_SET_PDEATHSIG) failed\n")
        return CANNOT_RUN
    # The parent may have ended before the line above; then no signal would ever come.
    if os.getppid() != int(parent):
        return CANNOT_RUN
    try:
        os.execv(program, argv)  # noqa: S606 - replacing this process is the point
    except OSError as error:
        sys.stderr.write(f"{program}: {error.strerror}\n")
    return CANNOT_RUN


if __name__ == "__main__":
    sys.exit(main())

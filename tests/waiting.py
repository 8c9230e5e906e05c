"""How tests wait: for the event itself, never for a time. Every wait has a bound, and its failure says what did not come."""

import ctypes
import os
import time
from contextlib import suppress

import gevent
import psutil
from gevent.event import Event
from gevent.socket import wait_read

SECONDS = 60.0
"""Far more than any event takes on a busy machine: reaching it means that the event never comes."""
MOMENT = 0.05


def until(holds, what="", seconds=SECONDS):
    """Wait until `holds()` is true; returns its value.

    Only a turn of the loop changes anything in this process. So `holds` is asked when no greenlet can run any more;
    then the loop sleeps in the kernel until a thread, a process, a file or a timer wakes it. A condition that asks
    actors turns the loop itself, which hides a wakeup at just that moment: it is asked again after `MOMENT` in any case.
    """
    turned = Event()
    turns = gevent.get_hub().loop.check()
    turns.start(turned.set)
    try:
        with gevent.Timeout(seconds, AssertionError(f"after {seconds:g} s still not: {what or 'what is waited for'}")):
            while True:
                gevent.idle()
                turned.clear()
                if found := holds():
                    return found
                asked = turned.is_set()
                turned.clear()
                turned.wait(MOMENT if asked else None)
    finally:
        turns.stop()
        turns.close()


def readable(file, what="something to read", seconds=SECONDS):
    """Wait until `file` (or its number) has something to read, or has ended."""
    fd = file if isinstance(file, int) else file.fileno()
    wait_read(fd, seconds, AssertionError(f"after {seconds:g} s still not: {what}"))


def survivors(processes, seconds=SECONDS):
    """Wait until these processes have ended; returns those that live on. A zombie has ended: its parent has to reap it."""
    deadline = time.monotonic() + seconds
    return [one for one in processes if not _ends(one, deadline)]


def _ends(process, deadline):
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        pidfd = os.pidfd_open(process.pid)
        try:
            # Another process may have got the number before; from now on none can.
            if process.is_running():
                wait_read(pidfd, max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            return False
        finally:
            os.close(pidfd)
    return True


class Changes:
    """The changes of the files of a folder, as the kernel reports them."""

    _WRITTEN_MOVED_OR_MADE = 0x002 | 0x080 | 0x100

    def __init__(self, folder):
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if libc.inotify_add_watch(self._fd, os.fsencode(folder), self._WRITTEN_MOVED_OR_MADE) < 0:
            error = OSError(ctypes.get_errno(), f"cannot watch {folder}")
            os.close(self._fd)
            raise error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._fd)

    def until(self, holds, what="", seconds=SECONDS):
        """Wait until `holds()` is true of the files; returns its value."""
        deadline = time.monotonic() + seconds
        while not (found := holds()):
            readable(self._fd, what, max(0.0, deadline - time.monotonic()))
            os.read(self._fd, 65536)
        return found

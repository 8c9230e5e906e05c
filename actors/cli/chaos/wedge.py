"""A process that hangs: stopped by SIGSTOP for a while, then continued. Whoever waits for it must not wait for ever."""

import contextlib
import os
import signal
import threading


class Wedge:
    """The processes that are stopped at the moment. A thread continues each: the caller may wait for one of them."""

    def __init__(self) -> None:
        self._stopped: dict[int, threading.Timer] = {}
        """By the process's descriptor, which no later process of the same number can have."""
        self._lock = threading.Lock()

    def stop(self, pid: int, seconds: float) -> bool:
        """Stop a process for `seconds`; False when it was gone already."""
        try:
            pidfd = os.pidfd_open(pid)
        except ProcessLookupError:
            return False
        timer = threading.Timer(seconds, self._resume, (pidfd,))
        with self._lock:
            self._stopped[pidfd] = timer
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGSTOP)
        timer.start()
        return True

    def resume_all(self) -> None:
        """Continue every process that is still stopped."""
        for pidfd in list(self._stopped):
            self._resume(pidfd)

    def join(self) -> None:
        """Wait until each process goes on by itself."""
        for timer in list(self._stopped.values()):
            timer.join()

    def _resume(self, pidfd: int) -> None:
        with self._lock:
            timer = self._stopped.pop(pidfd, None)
        if timer is None:
            return
        timer.cancel()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGCONT)
        os.close(pidfd)

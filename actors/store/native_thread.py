"""A native thread for blocking work, and the way back into the event loop.

The thread takes jobs from a queue and posts their outcomes; the posts run as callbacks of the loop, so
that no code outside this file runs in two threads.
"""

import threading
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from gevent import get_hub

from actors.supervision import Promise

Job = Any
Post = Callable[[Callable[[Any], object], Any], None]
"""`post(callback, value)`: call back with the value on the loop. Called in the thread."""


class NativeThread:
    """One named native thread with a queue. `body(take, post)` is its whole life; it ends when `take` returns None.

    `on_end(reason)` is called on the loop when the body has returned (None) or raised (the exception).
    """

    def __init__(
        self, name: str, body: Callable[["Inlet", Post], None], on_end: Callable[[BaseException | None], object]
    ) -> None:
        self.name = name
        self.ended: Promise[None] = Promise()
        self._body = body
        self._on_end = on_end
        self._inlet = Inlet()
        self._done: deque[tuple[Callable[[Any], object], Any]] = deque()
        self._watcher: Any = None
        # A daemon thread ends with the process: what it had not committed was not acknowledged either.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._watcher = get_hub().loop.async_()
        self._watcher.start(self._drain)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job; never blocks."""
        self._inlet.jobs.put(job)

    def finish(self) -> None:
        """Let the thread end after the jobs queued before. Never blocks; `ended` is kept when it has ended."""
        if self._watcher is None:
            self.ended.set(None)  # it was never started
        self._inlet.jobs.put(None)

    def _run(self) -> None:
        reason: BaseException | None = None
        try:
            self._body(self._inlet, self._post)
        except BaseException as error:  # passed on, not swallowed: `on_end` decides
            reason = error
        self._post(self._close, reason)

    def _post(self, callback: Callable[[Any], object], value: Any) -> None:
        self._done.append((callback, value))
        self._watcher.send()

    def _drain(self) -> None:
        while self._done:
            callback, value = self._done.popleft()
            callback(value)

    def _close(self, reason: BaseException | None) -> None:
        self._thread.join()  # it only has to return
        self._watcher.stop()
        self._watcher.close()
        self.ended.set(None)
        self._on_end(reason)


class Inlet:
    """The thread's end of its queue."""

    def __init__(self) -> None:
        self.jobs: SimpleQueue[Job] = SimpleQueue()
        self._ending = False

    def take(self, limit: int, timeout: float | None = None) -> list[Job] | None:
        """Wait for jobs: all that wait, at most `limit`; [] after `timeout` seconds; None at the end."""
        if self._ending:
            return None
        try:
            job = self.jobs.get(timeout=timeout)
        except Empty:
            return []
        jobs: list[Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == limit or self.jobs.empty():
                return jobs
            job = self.jobs.get_nowait()
        self._ending = True
        return jobs or None

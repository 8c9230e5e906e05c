"""A native thread with one connection to the index: one writes, one reads."""

import sqlite3
from collections.abc import Callable
from typing import Any

from actors.store.messages import Outcome
from actors.store.native_thread import Inlet, NativeThread, Post
from actors.supervision import Promise

Work = Callable[[sqlite3.Connection], Any]


class IndexThread:
    """Takes work on the loop and calls back on the loop, in its order. The first work opens the connection."""

    def __init__(
        self, name: str, connect: Callable[[], sqlite3.Connection], on_end: Callable[[BaseException | None], object]
    ) -> None:
        self._connect = connect
        self._thread = NativeThread(name, self._body, on_end)
        self._thread.start()

    def submit(self, work: Work, done: Callable[[Outcome], object]) -> None:
        """Queue work; never blocks."""
        self._thread.submit((work, done))

    def finish(self) -> Promise[None]:
        """End after the queued work; the promise is kept when the connection is closed."""
        self._thread.finish()
        return self._thread.ended

    def _body(self, inlet: Inlet, post: Post) -> None:
        connection: sqlite3.Connection | None = None
        try:
            while (jobs := inlet.take(1)) is not None:
                for work, done in jobs:
                    try:
                        connection = connection or self._connect()
                        outcome = Outcome(work(connection))
                    except Exception as error:
                        outcome = Outcome(error=error)
                    post(done, outcome)
        finally:
            if connection is not None:
                connection.close()

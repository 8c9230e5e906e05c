"""How much of the daemon the clients of one socket may take together: of its loop, its memory and its workers.

All sockets are served on one loop, and a client that sends without end and reads every reply never makes its greenlet
wait. So the clients of one socket take turns among themselves, and all of them together leave the loop after a slice.
"""

from dataclasses import dataclass
from time import monotonic

import gevent
from gevent.lock import Semaphore

from harness.wire.errors import ErrorCode, HiveError
from harness.wire.framing import MAX_FRAME_BYTES

SLICE_SECONDS = 0.002
"""How long requests of one socket are read before everybody else has a turn."""


@dataclass(frozen=True, slots=True)
class Share:
    """`in_hand`: requests that are worked on at a time, those that wait for something to happen not counted.

    `unfinished_bytes`: of requests whose end has not come yet, of all connections together.
    """

    connections: int
    in_hand: int
    unfinished_bytes: int


TRUSTED = Share(connections=1024, in_hand=1024, unfinished_bytes=1024 * MAX_FRAME_BYTES)
"""Of the operator's sockets."""

GUARDED = Share(connections=128, in_hand=8, unfinished_bytes=16 * MAX_FRAME_BYTES)
"""Of the socket of one agent, harness or peer."""


class FairShare:
    """The account of one socket. Lives on the loop's thread."""

    def __init__(self, share: Share) -> None:
        self.share = share
        self.in_hand = Semaphore(share.in_hand)
        self._loop = gevent.get_hub().loop
        self._began = self._spent = 0.0
        self._is_over = False
        self._unfinished = 0

    def begin_reading(self) -> None:
        """What follows until `end_reading` does not wait."""
        self._began = monotonic()

    def end_reading(self) -> None:
        """When the slice of this socket is over, everybody else comes first: at once for each of its clients.

        The next turn of the loop begins a new slice, before any of those that wait here goes on.
        """
        self._spent += monotonic() - self._began
        if self._spent > SLICE_SECONDS:
            if not self._is_over:
                self._is_over = True
                self._loop.run_callback(self._begin_slice)
            gevent.sleep(0)

    def _begin_slice(self) -> None:
        self._spent, self._is_over = 0.0, False

    def hold(self, size: int) -> None:
        """So many bytes more (or, below 0, fewer) of unfinished requests are held. `too_large`: too many."""
        self._unfinished += size
        if size > 0 and self._unfinished > self.share.unfinished_bytes:
            raise HiveError(
                ErrorCode.TOO_LARGE,
                f"the clients of this socket have more than {self.share.unfinished_bytes} bytes of unfinished requests",
                "send fewer large requests at the same time",
            )

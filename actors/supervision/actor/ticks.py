"""The timers of one actor: each puts one message into its mailbox, and all of them end with the actor."""

from typing import Any

from pykka._envelope import Envelope

from actors.supervision.actor.mailbox import Mailbox
from actors.supervision.clock import Clock, Timer


class Ticks:
    """The pending timers of one actor."""

    __slots__ = ("_clock", "_inbox", "_pending")

    def __init__(self, clock: Clock, inbox: Mailbox) -> None:
        self._clock = clock
        self._inbox = inbox
        self._pending: dict[_Tick, None] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def tell_after(self, seconds: float, message: Any) -> Timer:
        """Put the message into the mailbox after a time by the clock."""
        tick = _Tick(self, message)
        self._pending[tick] = None
        tick.timer = self._clock.call_later(seconds, tick.fire)
        return tick

    def cancel_all(self) -> None:
        for tick in list(self._pending):
            tick.cancel()

    def forget(self, tick: "_Tick") -> None:
        self._pending.pop(tick, None)

    def deliver(self, message: Any) -> None:
        self._inbox.put(Envelope(message))


class _Tick:
    """One timer. Its owner forgets it when it fires and when it is cancelled."""

    __slots__ = ("_message", "_owner", "timer")

    def __init__(self, owner: Ticks, message: Any) -> None:
        self._owner = owner
        self._message = message
        self.timer: Timer | None = None

    def fire(self) -> None:
        self._owner.forget(self)
        self._owner.deliver(self._message)

    def cancel(self) -> None:
        self._owner.forget(self)
        if self.timer is not None:
            self.timer.cancel()

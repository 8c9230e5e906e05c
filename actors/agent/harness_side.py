"""What an agent's host knows of the harness in its container and has to say to it: its live word, its ear, its orders.

Part of the container's actor and run in it. Promises: a command is taken in its time or withdrawn; what was for a
harness that has ended is for no other one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from actors.agent.control import ControlDesk, Order
from actors.agent.hearing import Heard, hear, is_held
from actors.agent.messages import Deaf, EarOver, OrderOver
from actors.crashwatch.stuck import Signs
from actors.supervision import Actor, Promise
from harness.wire.agent_api import Command
from harness.wire.errors import unavailable

TAKE_SECONDS = 5.0
"""How long an operator command waits for the harness to take it."""


class HarnessSide:
    """`actor` is the container's, whose timers and promises it uses; `agent` its container name."""

    def __init__(self, actor: Actor, agent: str) -> None:
        self._actor = actor
        self._agent = agent
        self._desk = ControlDesk()
        self.heard = Heard()
        """Its last word; of one that is not there, what the row shows in its place."""
        self._alive_at_ms = actor.clock.now_ms()

    def lives(self) -> None:
        """A sign of life, or a reason to wait for the next one from now on."""
        self._alive_at_ms = self._actor.clock.now_ms()

    def pause(self, *, paused: bool) -> None:
        """The host's word on pausing."""
        self._desk.set_paused(paused=paused)

    def said(self, events: Iterable[Mapping[str, Any]]) -> bool:
        """Take its live events; whether the row changes."""
        before, self.heard = self.heard, hear(self.heard, events)
        return self.heard != before

    def signs(self, *, running: bool) -> Signs:
        """The life inside, for the crash watch."""
        held = is_held(self.heard, paused=self._desk.paused, now_ms=self._actor.clock.now_ms())
        return Signs(running, held, self._alive_at_ms)

    def ended(self) -> str | None:
        """It is gone with its container; until when it was rate limited by its last word."""
        self._desk.clear(unavailable(f"the container of {self._agent} has ended"))
        before, self.heard = self.heard, Heard()
        return before.rate_limited_until

    def order(self, command: Command) -> Promise[None]:
        """Kept when it has taken this."""
        taken: Promise[None] = self._actor.promise()
        order = Order(command, taken)
        self._desk.order(order)
        if not taken.done:
            self._actor.tell_after(TAKE_SECONDS, OrderOver(order))
        return taken

    def listen(self, key: object, wait_seconds: float) -> Promise[object]:
        """Its ear: kept with a `ControlReply` when there is something to do, or when the time is over."""
        ear = self._actor.promise()
        self._desk.listen(key, ear)
        if not ear.done:
            self._actor.tell_after(wait_seconds, EarOver(key))
        return ear

    def handle(self, message: EarOver | Deaf | OrderOver) -> None:
        """The ends of what was begun above."""
        match message:
            case OrderOver(order):
                self._desk.withdraw(order, unavailable(f"{self._agent} does not listen", f"`hive logs {self._agent}`"))
            case EarOver(key):
                self._desk.over(key)
            case Deaf(key, commands):
                self._desk.deaf(key, commands)

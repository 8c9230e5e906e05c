"""Operator commands on their way to a harness: what waits, and who listens. Pure; the actor owns the clock.

A command is taken when it has been handed to a listening harness. One that nobody took in its time is withdrawn,
so that an operator who was told "unavailable" does not see it happen later.
"""

from collections import deque
from dataclasses import dataclass, field

from actors.supervision import Promise
from harness.wire.agent_api import Command, ControlReply


@dataclass(slots=True, eq=False)
class Order:
    """One command; `taken` is kept when the harness has it. Pause and resume have nobody waiting."""

    command: Command
    taken: Promise[None] | None = None


@dataclass(slots=True)
class ControlDesk:
    """Orders that wait, ears that listen, and what the harness knows of the pause."""

    paused: bool = False
    told_paused: bool | None = None
    """None: the harness may not know yet, so that its next question is answered at once."""
    orders: deque[Order] = field(default_factory=deque)
    ears: dict[object, Promise[ControlReply]] = field(default_factory=dict)

    def listen(self, key: object, ear: Promise[ControlReply]) -> None:
        """A harness listens; answered at once when there is something to tell."""
        self.ears[key] = ear
        if self.orders or self.told_paused is not self.paused:
            self._hand_over()

    def order(self, order: Order) -> None:
        """Something to do; handed over at once when somebody listens."""
        self.orders.append(order)
        if self.ears:
            self._hand_over()

    def withdraw(self, order: Order, error: Exception) -> bool:
        """Nobody took it in its time, and whoever gave it is told; False when somebody has."""
        if order not in self.orders:
            return False
        self.orders.remove(order)
        if order.taken is not None:
            order.taken.fail(error)
        return True

    def set_paused(self, *, paused: bool) -> None:
        """The host's word has changed."""
        if paused is self.paused:
            return
        self.paused = paused
        if self.ears:
            self.order(Order(Command(action="pause" if paused else "resume")))

    def over(self, key: object) -> None:
        """The time of this ear is over: it is told that there is nothing."""
        ear = self.ears.pop(key, None)
        if ear is not None:
            ear.set(ControlReply(commands=[], paused=self.paused))

    def deaf(self, key: object, commands: tuple[Command, ...]) -> None:
        """The client behind this ear is gone; what was handed to it is offered again."""
        self.ears.pop(key, None)
        self.told_paused = None
        self.orders.extendleft(Order(command) for command in reversed(commands))

    def clear(self, error: Exception) -> None:
        """The harness has ended: nothing of this is for the next one."""
        self.told_paused = None
        orders, self.orders = self.orders, deque()
        for order in orders:
            if order.taken is not None:
                order.taken.fail(error)
        for key in list(self.ears):
            self.over(key)

    def _hand_over(self) -> None:
        ear = self.ears.pop(next(iter(self.ears)))
        orders, self.orders = self.orders, deque()
        self.told_paused = self.paused
        ear.set(ControlReply(commands=[order.command for order in orders], paused=self.paused))
        for order in orders:
            if order.taken is not None:
                order.taken.set(None)

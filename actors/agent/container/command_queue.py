"""Operator commands on their way to a harness: what waits, and which polls are open. Pure; the actor owns the clock.

A command is taken when it has been handed to a polling harness. A command that was not taken in its time is withdrawn,
so that an operator who was told "unavailable" does not see it happen later.
"""

from collections import deque
from dataclasses import dataclass, field

from actors.supervision import Promise
from harness.wire.agent_api import Command, ControlReply


@dataclass(slots=True, eq=False)
class QueuedCommand:
    """One command; `taken` is kept when the harness has it. No one waits for pause and resume."""

    command: Command
    taken: Promise[None] | None = None


@dataclass(slots=True)
class CommandQueue:
    """Commands that wait, polls that are open, and what the harness knows of the pause."""

    paused: bool = False
    told_paused: bool | None = None
    """None: the harness may not know yet, so that its next poll is answered at once."""
    commands: deque[QueuedCommand] = field(default_factory=deque)
    polls: dict[object, Promise[ControlReply]] = field(default_factory=dict)

    def poll(self, key: object, reply: Promise[ControlReply]) -> None:
        """Open a poll; it is answered at once when there is something to tell."""
        self.polls[key] = reply
        if self.commands or self.told_paused is not self.paused:
            self._hand_over()

    def put(self, command: QueuedCommand) -> None:
        """Queue a command; it is handed over at once when a poll is open."""
        self.commands.append(command)
        if self.polls:
            self._hand_over()

    def withdraw(self, command: QueuedCommand, error: Exception) -> bool:
        """Fail a command that was not taken in its time; False when it has been taken."""
        if command not in self.commands:
            return False
        self.commands.remove(command)
        if command.taken is not None:
            command.taken.fail(error)
        return True

    def set_paused(self, *, paused: bool) -> None:
        """Take the operator's decision to pause or to resume, and hand it on."""
        if paused is self.paused:
            return
        self.paused = paused
        if self.polls:
            self.put(QueuedCommand(Command(action="pause" if paused else "resume")))

    def time_out(self, key: object) -> None:
        """Answer a poll whose time is over: there is nothing to do."""
        reply = self.polls.pop(key, None)
        if reply is not None:
            reply.set(ControlReply(commands=[], paused=self.paused))

    def disconnected(self, key: object, commands: tuple[Command, ...]) -> None:
        """Forget a poll whose client is gone, and queue again what was handed to it."""
        self.time_out(key)  # its greenlet waits for the reply, though there is no reader for it
        self.told_paused = None
        self.commands.extendleft(QueuedCommand(command) for command in reversed(commands))

    def clear(self, error: Exception) -> None:
        """Fail everything: the harness has ended, and nothing of this is for the next one."""
        self.told_paused = None
        commands, self.commands = self.commands, deque()
        for command in commands:
            if command.taken is not None:
                command.taken.fail(error)
        for key in list(self.polls):
            self.time_out(key)

    def _hand_over(self) -> None:
        reply = self.polls.pop(next(iter(self.polls)))
        commands, self.commands = self.commands, deque()
        self.told_paused = self.paused
        reply.set(ControlReply(commands=[command.command for command in commands], paused=self.paused))
        for command in commands:
            if command.taken is not None:
                command.taken.set(None)

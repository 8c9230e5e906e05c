"""The link of a container actor to the harness inside: its last status, its polls, and the commands for it.

Part of the container actor and run in it. Promises: a command is taken in its time or withdrawn; what was meant for a
harness that has ended reaches no other one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from actors.agent.container.command_queue import CommandQueue, QueuedCommand
from actors.agent.container.harness_status import HarnessStatus, is_held, updated
from actors.agent.container.liveness import Liveness
from actors.agent.container.messages import CommandTimeout, Disconnected, PollTimeout
from actors.supervision import Actor, Promise
from harness.wire.agent_api import Command
from harness.wire.errors import unavailable
from harness.wire.times import from_ms

TAKE_SECONDS = 5.0
"""How long an operator command waits for the harness to take it."""


class HarnessLink:
    """`actor` is the container's, whose timers and promises are used; `agent` its container name."""

    def __init__(self, actor: Actor, agent: str) -> None:
        self._actor = actor
        self._agent = agent
        self._queue = CommandQueue()
        self.status = HarnessStatus()
        """Its last report; without a harness, what the row shows in its place."""
        self._alive_at_ms = actor.clock.running_ms()

    def note_alive(self) -> None:
        """Take a sign of life, or another reason to expect the next one from now on."""
        self._alive_at_ms = self._actor.clock.running_ms()

    def pause(self, *, paused: bool) -> None:
        """Take the operator's decision to pause or to resume."""
        self._queue.set_paused(paused=paused)

    def take_events(self, events: Iterable[Mapping[str, Any]]) -> bool:
        """Take live events of the harness; whether the row changes."""
        at = from_ms(self._actor.clock.now_ms())
        before, self.status = self.status, updated(self.status, events, at=at)
        return self.status != before

    def liveness(self, *, running: bool) -> Liveness:
        """The signs of life, for the crash watch."""
        held = is_held(self.status, paused=self._queue.paused, now_ms=self._actor.clock.now_ms())
        return Liveness(running, held, self._alive_at_ms)

    def ended(self) -> str | None:
        """Forget the harness, which has ended with its container; returns until when it was rate limited."""
        self._queue.clear(unavailable(f"the container of {self._agent} has ended"))
        before, self.status = self.status, HarnessStatus()
        return before.rate_limited_until

    def command(self, command: Command) -> Promise[None]:
        """Queue a command; the promise is kept when the harness has taken it."""
        taken: Promise[None] = self._actor.promise()
        queued = QueuedCommand(command, taken)
        self._queue.put(queued)
        if not taken.done:
            self._actor.tell_after(TAKE_SECONDS, CommandTimeout(queued))
        return taken

    def poll(self, key: object, wait_seconds: float) -> Promise[object]:
        """Open a poll: kept with a `ControlReply` when there is something to do, or when the time is over."""
        reply = self._actor.promise()
        self._queue.poll(key, reply)
        if not reply.done:
            self._actor.tell_after(wait_seconds, PollTimeout(key))
        return reply

    def handle(self, message: PollTimeout | Disconnected | CommandTimeout) -> None:
        """End what `command` and `poll` have begun."""
        match message:
            case CommandTimeout(queued):
                refusal = unavailable(f"{self._agent} does not listen", f"`hive logs {self._agent}`")
                self._queue.withdraw(queued, refusal)
            case PollTimeout(key):
                self._queue.time_out(key)
            case Disconnected(key, commands):
                self._queue.disconnected(key, commands)

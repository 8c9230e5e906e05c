"""A container that ends lets its running turn end first: no new turn begins, and there is a deadline.

Part of the container actor and run in it. Promises: from `begin` on the agent is handed no mail, so a turn that is over
stays the last one; the turn counts as over when the broker has its acknowledgement, not before, so that no message of a
finished turn is offered again. What the turn itself does (sending, asking, reminders) goes on as ever.
"""

from dataclasses import replace

from actors.admission.clients import Client
from actors.agent.container.ending import cut
from actors.agent.container.ending.pending_end import Draining
from actors.agent.container.harness_status import HarnessStatus
from actors.agent.container.messages import DrainTimeout, TurnSettled
from actors.agent.container.state import AgentState
from actors.broker import api as broker
from actors.supervision import Actor, Directory, Promise, Timer
from harness.wire.events import HarnessState

BUSY = frozenset({HarnessState.THINKING, HarnessState.COMPACTING})

AGAIN_SECONDS = 1.0
"""Pause before a broker that was away is asked again."""


class Drain:
    """`actor` is the container's, whose timers are used; `client` is the agent as its sockets know it."""

    def __init__(self, actor: Actor, agent: str, *, client: Client, directory: Directory) -> None:
        self._actor = actor
        self._agent = agent
        self._client = client
        self._directory = directory
        self._settled = False
        self._since = 0.0
        self._waits = 0
        """How many there were: an answer to an earlier one says nothing."""
        self._timer: Timer | None = None
        self.pending: Draining | None = None
        """None: no end waits for a turn."""

    @property
    def work(self) -> AgentState | None:
        """The state that follows the turn; None when no end waits."""
        return None if self.pending is None else self.pending.work

    @property
    def words(self) -> str | None:
        """The state in words, for the tree; None when no end waits."""
        return None if self.pending is None else self.pending.words

    def begin(self, work: AgentState, status: HarnessStatus, *, seconds: float) -> bool:
        """Have no new turn begin; whether a turn runs that has to end first, which may take `seconds`.

        An order that comes while another one waits changes what follows; the deadline stays. Without time the turn is
        cut, and that is told.
        """
        self._client.set_draining(draining=True)
        if self.pending is not None and seconds > 0:
            self.pending = replace(self.pending, work=work)
            return True
        if not self._in_turn(status):
            self.finish()
            return False
        if seconds <= 0:
            waited = 0.0 if self.finish() is None else self._actor.clock.monotonic() - self._since
            cut.tell(self._directory, self._agent, work, waited_seconds=round(waited))
            return False
        self._settled, self._since = False, self._actor.clock.monotonic()
        self._waits += 1
        self.pending = Draining(work, self._actor.clock.now_ms() + int(seconds * 1000))
        self._timer = self._actor.tell_after(seconds, DrainTimeout(self.pending.until_ms))
        self._await_settled()
        return True

    def _in_turn(self, status: HarnessStatus) -> bool:
        """Whether a turn runs: its messages are not settled, or its harness is at work. Asks the broker."""
        if status.between_tries or self._client.suspended is not None:
            return False
        return status.activity in BUSY or broker.holds_leases(self._directory, self._agent)

    def taken_if_over(self, status: HarnessStatus) -> Draining | None:
        """`finish`, if the turn that was waited for is over."""
        over = status.between_tries or (self._settled and status.activity not in BUSY)
        return self.finish() if over else None

    def settled(self, message: TurnSettled) -> None:
        """Take the broker's answer; without one it is asked again."""
        if self.pending is None or message.wait != self._waits:
            return
        if message.known is None:
            self._await_settled()
        elif message.known:
            self._settled = True
        else:
            self._actor.tell_after(AGAIN_SECONDS, TurnSettled(message.wait))

    def finish(self) -> Draining | None:
        """End the wait; no new turn begins all the same. What was waited for, if anything."""
        pending, self.pending = self.pending, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return pending

    def release(self) -> Draining | None:
        """End the wait and let turns begin: the container has ended, or the order was withdrawn."""
        self._client.set_draining(draining=False)
        return self.finish()

    def _await_settled(self) -> None:
        wait = self._waits
        settled: Promise[None] = broker.turn_settled(self._directory, self._agent)
        settled.then(lambda done: self._actor.tell_self(TurnSettled(wait, known=done.error is None)))

"""That every agent has its actors, and its container is as it is wanted: the roster's steady hand.

Part of the roster and run in it. Owns which agents exist in the supervisor `agents`. Promises: an agent that is wanted
has its actors, or its supervisor is about to start them, or it is looked at again after a pause, or its row has the
reason why it stays down. Nothing is kept track of but what has to be looked at again: whenever there may be something
to do, `tend` compares what is wanted with what is there. It is called when the roster starts, when actors have ended
that nobody here has ended, and when a pause after a failure is over; a look that fails is a failure.
"""

import logging
from collections.abc import Callable, Sequence

from actors.agent import floor, table
from actors.agent.boot_order import boot_order
from actors.agent.endings import passes
from actors.agent.host import AgentHost
from actors.agent.ledger import Ledger
from actors.agent.messages import AGENTS, Halt, Report, Run, StartAll, Tend, container_actor
from actors.agent.retries import Retries
from actors.agent.specs import agent_spec
from actors.agent.standing import Desired, Record, Seen
from actors.agent.state import RUNS, TRANSIENT, AgentState
from actors.agent.tending import NOT_STARTED, PARKED, Step, is_off, is_over, step
from actors.crashwatch import api as crashwatch
from actors.store import api as store
from actors.supervision import Actor, ChildSpec, ChildState, Directory, Exit, StartFailed, StayedDown, SupervisionError
from harness.wire.errors import HiveError, not_found, unavailable

log = logging.getLogger(__name__)


class Upkeep:
    """`roster` is the actor whose mailbox and timers it uses; `failed` is told of each start that failed, and why."""

    def __init__(
        self,
        roster: Actor,
        *,
        host: AgentHost,
        ledger: Ledger,
        directory: Directory,
        failed: Callable[[str, str], None],
    ) -> None:
        self._roster = roster
        self._host = host
        self._ledger = ledger
        self._directory = directory
        self._told = failed
        self._retries = Retries()
        self._hopeless: set[str] = set()
        """Whose supervisor gave up, or whose last start failed for a reason that another try does not mend."""

    def __contains__(self, name: str) -> bool:
        """Whether it is looked at again when a pause is over."""
        return name in self._retries

    def begin(self) -> None:
        """The roster has started: those to be started the manager first, all others at once."""
        self._directory.monitor(AGENTS, self._roster.name)
        running = {container.name for container in self._host.runtime.running(self._host.workspace)}
        records = [one.record for one in self._ledger.standings()]
        order = boot_order(records, running, self._roster.clock.now_ms())
        self._roster.tell_self(Tend(tuple(order.at_once)))
        self._roster.tell_self(StartAll(tuple(order.leader_first)))

    # ---- looking --------------------------------------------------------------------------------------

    def tend(self, names: Sequence[str]) -> None:
        """Do what is missing."""
        for name in names:
            self._retries.taken(name)
        known = [name for name in names if name in self._ledger]
        try:
            children = floor.states(self._directory)
        except SupervisionError as error:
            for name in known:
                self.look_later(name, error)
            return
        for name in known:
            self._do(name, self._step(name, children.get(name)))

    def look_later(self, name: str, why: object) -> None:
        """It is not as it is wanted, and nobody else may be at work on it."""
        pause = self._retries.next_pause(name)
        if pause is not None:
            log.warning("agent is looked at again agent=%s seconds=%s reason=%s", name, pause, why)
            self._retries.armed(name, self._roster.tell_after(pause, Tend((name,))))

    def _step(self, name: str, child: ChildState | None) -> Step:
        standing = self._ledger.known(name)
        runs = self._host.runtime.find(self._host.workspace.of(name)) is not None
        return step(standing.record, standing.seen, child, hopeless=name in self._hopeless, runs=runs)

    def _do(self, name: str, found: Step) -> None:
        match found:
            case Step.WATCH:
                self._watch(name, Report())
            case Step.RUN if not self._watch(name, Run()):
                self.look_later(name, "its actor is away")
            case Step.HALT if not self._watch(name, Halt()):
                self.look_later(name, "its actor is away")
            case Step.PARK:
                self._ledger.saw(name, AgentState.PARKED)
            case Step.BRING_UP:
                try:
                    self.bring_up(name)
                except HiveError as error:
                    log.error("agent is down agent=%s reason=%s", name, error)  # noqa: TRY400 — a reason, not a traceback

    def _watch(self, name: str, order: object) -> bool:
        """Be told of the end of its actors; whether its container's actor has got the order."""
        self._directory.monitor(f"{AGENTS}/{name}", self._roster.name)
        return self._directory.tell(container_actor(name), order)

    # ---- starting -------------------------------------------------------------------------------------

    def bring_up(self, name: str) -> None:
        """Start its actors, which start its container if it is wanted. A failure is noted in its row and raised."""
        self._hopeless.discard(name)
        try:
            floor.bring_up(self._directory, self.spec(name))
        except SupervisionError as error:
            cause = floor.cause(error)
            if self._directory.whereis(AGENTS) is None:
                self.look_later(name, cause)  # it is not about this agent
                raise unavailable(f"{name}: {cause}", "it is tried again in a moment") from None
            reason = self._failed(name, cause)
            raise unavailable(f"{name}: {reason}", f"`hive logs {name}`, then `hive start {name}`") from None
        self._directory.monitor(f"{AGENTS}/{name}", self._roster.name)

    def spec(self, name: str) -> ChildSpec:
        """The child of the supervisor `agents` for it."""
        return agent_spec(
            name,
            host=self._host,
            record=lambda: self._stored(name),
            directory=self._directory,
            clock=self._roster.clock,
        )

    def _stored(self, name: str) -> Record:
        """Runs in the container actor: it reads what is on disk, not what this actor remembers."""
        record = store.read(self._directory, table.one_record(name))
        if record is None:
            raise not_found(f"agent {name!r}")
        return record

    def _failed(self, name: str, cause: BaseException) -> str:
        """Its actors did not start. Whatever it was: "spawning" or "starting" must not stay on the screen."""
        reason = f"{NOT_STARTED} {cause}"
        self._ledger.note(name, reason)
        self._ledger.saw(name, AgentState.FAILED, note=reason)
        self._told(name, reason)
        if passes(cause):
            self.look_later(name, cause)
        else:
            self._hopeless.add(name)
        return reason

    # ---- what happens ---------------------------------------------------------------------------------

    def is_late(self, name: str, seen: Seen) -> bool:
        """Whether this is the word of an actor whose end is known already: ends overtake words."""
        if self._is_there(name):
            return False
        return name in self._hopeless or (name in self and seen.state in TRANSIENT | RUNS)

    def _is_there(self, name: str) -> bool:
        return self._directory.whereis(f"{AGENTS}/{name}") is not None

    def observed(self, name: str, seen: Seen) -> None:
        """A container actor's word."""
        if self._is_there(name):
            self._directory.monitor(f"{AGENTS}/{name}", self._roster.name)
        record = self._ledger.known(name).record
        if is_off(record, seen):
            self.look_later(name, f"it is {seen.state.value}")
        elif seen.state in RUNS:
            self._retries.forget(name)
            self._hopeless.discard(name)
        if is_over(record, seen):
            self._ledger.note(name, None)

    def down(self, actor: str, exit_reason: Exit) -> None:
        """Its actors have ended."""
        name = actor.removeprefix(f"{AGENTS}/")
        if name not in self._ledger:
            return
        if self._is_there(name):
            self._directory.monitor(actor, self._roster.name)
        elif exit_reason.orderly and exit_reason.detail:
            self._given_up(name, exit_reason)
        elif not exit_reason.orderly:
            # As a rule its supervisor starts it again. Not one whose start had been asked for by a roster that is gone.
            self.look_later(name, exit_reason)

    def stayed_down(self, told: StayedDown) -> None:
        """It failed to start in a rollout, and its supervisor leaves it at that."""
        name, failure = told.child_id, told.exit
        if name in self._ledger and not self._is_there(name):
            self._failed(name, floor.cause(StartFailed(name, failure)))

    def _given_up(self, name: str, exit_reason: Exit) -> None:
        """Its supervisor has given up: parked, unless it was the host's trouble at last."""
        standing = self._ledger.known(name)
        if standing.record.desired is Desired.STOPPED:
            self._ledger.saw(name, AgentState.STOPPED)
            return
        last = standing.seen.note if standing.seen is not None else None
        cause = None if exit_reason.error is None else floor.cause(exit_reason.error)
        # The supervisor's own word first: it overtakes the actor's, which may even have been told to nobody.
        if passes(cause) if cause is not None else standing.seen is not None and standing.seen.passing:
            self.look_later(name, exit_reason)
            return
        reason = last or str(cause or exit_reason)
        log.error("parked agent=%s reason=%s", name, reason)
        self._hopeless.add(name)
        self._ledger.saw(name, AgentState.PARKED, note=last)
        self._ledger.note(name, f"{PARKED} {reason}")
        crashwatch.gave_up(self._directory, name, reason)

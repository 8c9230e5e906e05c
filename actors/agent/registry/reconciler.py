"""The reconciler: every agent has its actors, and its container is as it is desired.

Part of the registry and run in it. Owns which agents exist in the supervisor `agents`. Promises: an agent that is
desired has its actors, or its supervisor is about to start them, or it is looked at again after a pause, or its row has
the reason why it stays down. Nothing is remembered but what has to be looked at again: whenever there may be something
to do, `reconcile` compares what is desired with what is there. It is called when the registry starts, when actors have
ended without an order of the registry, and when a pause after a failure is over; a look that fails is a failure.
"""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from actors.agent.addresses import AGENTS, agent_supervisor, container_actor
from actors.agent.container import watcher
from actors.agent.container.failures import is_transient
from actors.agent.container.messages import Halt, ReportStatus, Run
from actors.agent.container.state import RUNS, TRANSIENT, AgentState
from actors.agent.container.wakeup import wake_with
from actors.agent.container.watcher import AgentGivenUp
from actors.agent.context import AgentContext
from actors.agent.registry import children
from actors.agent.registry.messages import BroughtUp, Reconcile, StartAll
from actors.agent.registry.orders.rebuilds import Rebuilds
from actors.agent.registry.outbox import Outbox
from actors.agent.registry.reconcile import Action, boot_order, clears_failure, is_off, plan
from actors.agent.registry.retries import Retries
from actors.agent.registry.store import AgentStore
from actors.agent.snapshot import Desired, ObservedStatus, Parked
from actors.supervision import (
    Actor,
    ChildSpec,
    ChildState,
    Directory,
    Exit,
    Promise,
    StartFailed,
    StayedDown,
    SupervisionError,
)
from harness.wire.errors import unavailable

log = logging.getLogger(__name__)

SLICE_SECONDS = 0.05
"""With a thousand agents a start takes many seconds, in which the first page and the scan for updates ask for them."""


@dataclass(slots=True)
class _Start:
    """A start under way: who waits for its end, and what the agent is told when it is up."""

    over: Promise[None]
    wakeup: str | None = None


class Reconciler:
    """`registry` is the actor whose mailbox and timers are used; `spec` makes the child of an agent by its name."""

    def __init__(
        self,
        registry: Actor,
        *,
        context: AgentContext,
        store: AgentStore,
        rebuilds: Rebuilds,
        outbox: Outbox,
        spec: Callable[[str], ChildSpec],
        directory: Directory,
    ) -> None:
        self._registry = registry
        self._context = context
        self._store = store
        self._rebuilds = rebuilds
        self._outbox = outbox
        self._directory = directory
        self._retries = Retries()
        self._starting: dict[str, _Start] = {}
        self._adopted: Promise[None] = registry.promise()
        self._start_all = StartAll(())
        self.spec = spec

    def is_due(self, name: str) -> bool:
        """Whether the agent is looked at again when a pause is over."""
        return name in self._retries

    def begin(self) -> None:
        """Bring all agents up: those whose containers are to be started the manager first, all others at once."""
        self._directory.monitor(AGENTS, self._registry.name)
        running = {container.name for container in self._context.runtime.running(self._context.workspace)}
        records = [one.record for one in self._store.snapshots()]
        order = boot_order(records, running, self._registry.clock.now_ms())
        self._start_all = StartAll(tuple(order.leader_first))
        self._registry.tell_self(Reconcile(tuple(order.at_once), at_start=True))

    def adopted(self) -> Promise[None]:
        """Kept when all agents were looked at after the start."""
        return self._adopted

    # ---- comparing ------------------------------------------------------------------------------------

    def reconcile_in_slices(self, order: Reconcile) -> None:
        """Do what is missing, for as many agents as fit into a slice; the others come behind what waits by now."""
        left = self.reconcile(order.names, seconds=SLICE_SECONDS)
        if left:
            self._registry.tell_self(Reconcile(tuple(left), order.at_start))
        elif order.at_start:
            self._adopted.set(None)
            self._registry.tell_self(self._start_all)

    def reconcile(self, names: Sequence[str], *, seconds: float = math.inf) -> Sequence[str]:
        """Do what is missing; the agents that no time was left for. One is always looked at."""
        began = self._registry.clock.monotonic()
        try:
            child_states = children.states(self._directory)
        except SupervisionError as error:
            for name in names:
                self._retries.taken(name)
                if name in self._store:
                    self.retry_later(name, error)
            return ()
        for number, name in enumerate(names):
            if number and self._registry.clock.monotonic() - began > seconds:
                return names[number:]
            self._retries.taken(name)
            if name in self._store:
                self._act(name, self._plan(name, child_states.get(name)))
        return ()

    def retry_later(self, name: str, why: object, *, ordinary: bool = False) -> None:
        """Look at the agent after a pause: it is not as it is desired, and nothing else may be at work on it.

        What happens in every restart is `ordinary`: only that it happens again before the agent is up is a warning.
        """
        pause = self._retries.next_pause(name)
        if pause is not None:
            level = logging.INFO if ordinary and self._retries.is_first(name) else logging.WARNING
            log.log(level, "agent is looked at again agent=%s seconds=%s reason=%s", name, pause, why)
            self._retries.armed(name, self._registry.tell_after(pause, Reconcile((name,))))

    def _plan(self, name: str, child: ChildState | None) -> Action:
        agent = self._store.get(name)
        container_runs = self._context.runtime.find(self._context.workspace.of(name)) is not None
        return plan(agent.record, agent.observed, child, container_runs=container_runs)

    def _act(self, name: str, action: Action) -> None:
        match action:
            case Action.WATCH:
                self._watch(name, ReportStatus())
            case Action.RUN if not self._watch(name, Run()):
                self.retry_later(name, "its actor is away")
            case Action.HALT if not self._watch(name, Halt()):
                self.retry_later(name, "its actor is away")
            case Action.SHOW_PARKED:
                self._store.observe_end(name, AgentState.PARKED)
            case Action.BRING_UP:
                self.bring_up(name).then(partial(_log_failure, name))
            case Action.LEAVE if self._is_up(name):
                self._monitor(name)  # an earlier registry has asked for its start, which may fail

    def _watch(self, name: str, order: object) -> bool:
        """Monitor the agent's actors; whether its container actor has got the order."""
        self._monitor(name)
        return self._directory.tell(container_actor(name), order)

    def _monitor(self, name: str) -> None:
        self._directory.monitor(agent_supervisor(name), self._registry.name)

    def _is_up(self, name: str) -> bool:
        return self._directory.whereis(agent_supervisor(name)) is not None

    # ---- starting -------------------------------------------------------------------------------------

    def starting(self, name: str) -> Promise[None] | None:
        """The start of the agent's actors that is under way."""
        return self._starting[name].over if name in self._starting else None

    def bring_up(self, name: str, *, wakeup: str | None = None) -> Promise[None]:
        """Start the agent's actors, which start its container if it is desired, beside the starts of others.

        Kept when they are up, and the agent is told why it was woken; a failure is noted.
        """
        start = self._starting.get(name)
        if start is None:
            self._store.recoverable(name)
            start = self._starting[name] = _Start(self._registry.promise())
            started = children.bring_up(self._directory, self.spec(name))
            started.then(lambda done: self._registry.tell_self(BroughtUp(name, done)))
        start.wakeup = wakeup or start.wakeup
        return start.over

    def brought_up(self, name: str, started: Promise[str]) -> None:
        """Take the end of a start."""
        start = self._starting.pop(name)
        error = started.error
        if error is None:
            self._monitor(name)
            wake_with(self._directory, name, start.wakeup)
            start.over.set(None)
            return
        cause = children.first_cause(error)
        if self._directory.whereis(AGENTS) is None:
            self.retry_later(name, cause)  # it is not about this agent
            start.over.fail(unavailable(f"{name}: {cause}", "it is tried again in a moment"))
            return
        reason = self._failed(name, cause)
        start.over.fail(unavailable(f"{name}: {reason}", f"`hive logs {name}`, then `hive start {name}`"))

    def start_failed(self, name: str, reason: str) -> None:
        """Tell of a failed start, if that was the end of a rebuild."""
        self._outbox.post(self._rebuilds.over(self._store.get(name).record, failure=reason))

    def _failed(self, name: str, cause: BaseException) -> str:
        """Note that the agent's actors did not start: "spawning" or "starting" must not stay on the screen."""
        reason = f"did not start: {cause}"
        transient = is_transient(cause)
        self._store.note(name, start_error=reason)
        self._store.observe_end(name, AgentState.FAILED, note=reason, unrecoverable=not transient)
        self.start_failed(name, reason)
        if transient:
            self.retry_later(name, cause)
        return reason

    # ---- reports --------------------------------------------------------------------------------------

    def is_late(self, name: str, status: ObservedStatus) -> bool:
        """Whether this is the report of an actor whose end is known already: ends overtake reports."""
        if self._is_up(name):
            return False
        observed = self._store.get(name).observed
        down = observed is not None and observed.unrecoverable
        return down or (self.is_due(name) and status.state in TRANSIENT | RUNS)

    def observed(self, name: str, status: ObservedStatus) -> None:
        """Take the report of a container actor."""
        if self._is_up(name):
            self._monitor(name)
        record = self._store.get(name).record
        if is_off(record, status) and name not in self._starting:  # the end of a start says what comes next
            self.retry_later(name, f"it is {status.state.value}", ordinary=status.state is AgentState.STOPPED)
        elif status.state in RUNS:
            self._retries.forget(name)
        if clears_failure(record, status):
            self._store.note(name, start_error=None)

    def down(self, actor: str, exit_reason: Exit) -> None:
        """Take the end of an agent's actors."""
        name = actor.removeprefix(f"{AGENTS}/")
        if name not in self._store or name in self._starting:
            return
        if self._is_up(name):
            self._directory.monitor(actor, self._registry.name)
        elif exit_reason.orderly and exit_reason.detail:
            self._given_up(name, exit_reason)
        elif not exit_reason.orderly:
            # As a rule its supervisor starts it again. Not when its start was asked for by a registry that is gone.
            self.retry_later(name, exit_reason)

    def stayed_down(self, report: StayedDown) -> None:
        """Take the report of an agent that failed to start in a rollout and that its supervisor leaves down."""
        name, failure = report.child_id, report.exit
        if name in self._store and not self._is_up(name):
            self._failed(name, children.first_cause(StartFailed(name, failure)))

    def _given_up(self, name: str, exit_reason: Exit) -> None:
        """Park an agent that its supervisor has given up, unless the last trouble was the host's."""
        agent = self._store.get(name)
        if agent.record.desired is Desired.STOPPED:
            self._store.observe_end(name, AgentState.STOPPED)
            return
        last = agent.observed.note if agent.observed is not None else None
        cause = None if exit_reason.error is None else children.first_cause(exit_reason.error)
        # The supervisor's report first: it overtakes the actor's, which may even be lost.
        if is_transient(cause) if cause is not None else agent.observed is not None and agent.observed.transient:
            self.retry_later(name, exit_reason)
            return
        reason = last or str(cause or exit_reason)
        log.error("parked agent=%s reason=%s", name, reason)
        self._store.observe_end(name, AgentState.PARKED, note=last, unrecoverable=True)
        self._store.note(name, parked=Parked(reason, self._registry.clock.now_ms()))
        watcher.tell(self._directory, AgentGivenUp(name, reason))


def _log_failure(name: str, brought_up: Promise[None]) -> None:
    if brought_up.error is not None:
        log.error("agent is down agent=%s reason=%s", name, brought_up.error)

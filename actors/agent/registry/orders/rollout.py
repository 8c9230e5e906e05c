"""Rollouts: many agents at once, the manager first, at the start of the daemon and when all are rebuilt.

Part of the registry and run in it: this module decides who takes part, and the supervisor `agents` carries it out with
the strategy `leader_first`. Promises:
the manager has one `restart_planned` in its inbox before the others start; a rebuild that ended is told once, in the
transaction that notes with which revision the container was started.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from actors.agent.addresses import AGENTS, container_actor
from actors.agent.container.ending.drain import BUSY
from actors.agent.container.ending.pending_end import EndOrder, PendingEnd
from actors.agent.container.messages import AwaitTurn, EndOnStop, Run
from actors.agent.container.network import upstream
from actors.agent.container.state import RUNS, AgentState
from actors.agent.context import AgentContext
from actors.agent.registry import children, table
from actors.agent.registry.messages import (
    CredentialsChanged,
    LeaderAsked,
    NotRebuilt,
    RebuildAll,
    Reconcile,
    Start,
    StartAll,
    TellStale,
)
from actors.agent.registry.orders.rebuilds import ASKED_FOR, DAEMON_START, Rebuilds, needs_update
from actors.agent.registry.outbox import NO_CHANGES, Outbox
from actors.agent.registry.reconciler import Reconciler
from actors.agent.registry.store import AgentStore
from actors.agent.snapshot import (
    AgentRecord,
    AgentSnapshot,
    Desired,
    ObservedStatus,
    credential_mark,
    revision_marker,
)
from actors.broker import api as broker
from actors.broker.messages import PostAll
from actors.events import emit
from actors.proxy import api as proxy
from actors.service.messages import StopPolicy
from actors.supervision import Actor, Directory, Promise, RestartPlanned, SupervisionError, leader_ready
from harness.wire import names
from harness.wire.errors import HiveError
from harness.wire.events import HarnessState

log = logging.getLogger(__name__)

CREDENTIALS = "the hive has another key or token for the model"

ASK_AGAIN_SECONDS = 1.0
"""Pause before a broker that was away is asked again."""


class Rollouts:
    """`registry` is the actor whose mailbox and timers are used; `reconciler` decides on each single agent."""

    def __init__(
        self,
        registry: Actor,
        *,
        context: AgentContext,
        store: AgentStore,
        rebuilds: Rebuilds,
        outbox: Outbox,
        reconciler: Reconciler,
        directory: Directory,
    ) -> None:
        self._registry = registry
        self._context = context
        self._store = store
        self._rebuilds = rebuilds
        self._outbox = outbox
        self._reconciler = reconciler
        self._directory = directory
        self._begun: Promise[None] | None = None
        """The rollout that was ordered last; kept when its leader is up."""
        self._later: tuple[str, ...] = ()
        """Those that are rebuilt with it, but each by itself, when its turn is over."""

    def handle(self, message: object) -> object:
        """Take the registry's messages that are about many agents."""
        match message:
            case StartAll(wanted):
                self._start_all(wanted)
            case RebuildAll():
                return self._rebuild_all(message)
            case RestartPlanned():
                return self._planned(message)
            case LeaderAsked():
                self._leader_asked(message)
            case TellStale(left_alone):
                self._tell_stale(left_alone)
            case CredentialsChanged():
                self._use_credentials()
        return None

    def container_runs(self, before: AgentSnapshot, status: ObservedStatus) -> None:
        """Take the report of a container actor whose container runs; `before` is what was known until now."""
        record = before.record
        if status.started_ms is None:
            if record.name in self._rebuilds and status.draining is None:
                # Its actor was being restarted when it was told to end the container with itself.
                self._directory.tell(container_actor(record.name), Run(again=True, rebuild=True))
        elif before.observed is None or before.observed.started_ms != status.started_ms:
            self._started(record, status.started_ms, status.credential or "")
        if record.name == names.MANAGER_CONTAINER and status.activity == HarnessState.NEEDS_LOGIN:
            # The manager asks for no mail until a person logs it in: the others do not wait for that.
            leader_ready(self._directory, AGENTS, record.name)

    # ---- who, and why ---------------------------------------------------------------------------------

    def _start_all(self, wanted: Sequence[str]) -> None:
        """Start those whose containers do not run. An agent that its supervisor has already is left to it."""
        try:
            known = children.states(self._directory).keys()
            self._registry.tell_self(Reconcile(tuple(name for name in wanted if name in known)))
            self._rebuilds.reason = DAEMON_START
            self._roll_out([name for name in wanted if name not in known and name in self._store])
        except SupervisionError as error:
            # The supervisor is busy with an order of an earlier registry: what it leaves out is found one by one.
            for name in wanted:
                self._reconciler.retry_later(name, error)

    def carry_on(self) -> None:
        """Take up the orders to rebuild that the last daemon did not live to carry out."""
        pending = {one.record.name: one.record.ending.order for one in self._store.snapshots() if one.record.ending}
        for name, order in pending.items():
            if order in {EndOrder.REBUILD, EndOrder.DEPLOY}:
                self._rebuilds.begin([name], ASKED_FOR, silent=order is EndOrder.DEPLOY)
        together = tuple(name for name, order in pending.items() if order is EndOrder.ROLLOUT)
        if together:
            self._registry.tell_self(RebuildAll(together, ASKED_FOR))

    def _rebuild_all(self, order: RebuildAll) -> list[str]:
        """End their containers with their actors, then bring all back. Of running turns the manager's ends first."""
        wanted = [
            one.record.name
            for one in self._store.snapshots()
            if one.record.desired is Desired.RUNNING
            and (order.names is None or one.record.name in order.names)
            # A rate-limited agent takes the newest revision with its next start, and must not lead.
            and not (one.observed is not None and one.observed.state is AgentState.RATE_LIMITED)
        ]
        again = replace(order, names=tuple(wanted))
        if self._begun is not None and not self._begun.done:
            # The supervisor still stops and starts for the last rollout: its fresh actors must hear of this one.
            self._begun.then(lambda _done: self._registry.tell_self(again))
        elif order.now or order.leads or names.MANAGER_CONTAINER not in wanted:
            self._rebuild_now(wanted, order)
        else:
            self._note(wanted, EndOrder.ROLLOUT)
            led = self._directory.ask_later(container_actor(names.MANAGER_CONTAINER), AwaitTurn())
            led.then(lambda _done: self._registry.tell_self(replace(again, leads=True)))
        return wanted

    def _rebuild_now(self, wanted: list[str], order: RebuildAll) -> None:
        """Rebuild those that are in no turn together, and each of the others as soon as its turn is over."""
        busy = [] if order.now else self._in_turn(wanted, led=order.leads)
        if not self._supervisor_answers():
            busy = wanted  # none may be held without an end; the container's actors need no supervisor for it
        together = [name for name in wanted if name not in busy]
        waited = self._context.grace_seconds if order.leads else 0.0
        for name in together:
            self._directory.tell(
                container_actor(name), EndOnStop(StopPolicy(ends=True, rebuild=True, waited_seconds=waited))
            )
        self._rebuilds.begin(wanted, order.reason)
        followers = [name for name in together if name != names.MANAGER_CONTAINER]
        later = tuple(name for name in busy if name != names.MANAGER_CONTAINER)
        self._later = later if followers else ()
        if later and not followers:  # the supervisor plans nothing that it would tell of
            self._outbox.post((self._rebuilds.planned(later),))
        self._note(busy, EndOrder.REBUILD)
        self._roll_out(together)
        if self._begun is not None and names.MANAGER_CONTAINER in together:
            self._begun.then(lambda _leader: self._rebuild_each(busy))  # the manager is ready before any other starts
        else:
            self._rebuild_each(busy)

    def _rebuild_each(self, busy: Sequence[str]) -> None:
        """Each by itself, as soon as its turn is over."""
        for name in busy:
            rebuilt = self._directory.ask_later(container_actor(name), Run(again=True, rebuild=True))
            rebuilt.then(partial(self._rebuilt, name))

    def _supervisor_answers(self) -> bool:
        try:
            children.states(self._directory)
        except SupervisionError as error:
            log.warning("agents are rebuilt one by one reason=%s", error)
            return False
        return True

    def _rebuilt(self, name: str, done: Promise[Any]) -> None:
        self._registry.tell_self(NotRebuilt(name, done))

    def _in_turn(self, wanted: list[str], *, led: bool) -> list[str]:
        """Those that are in a turn. No new one begins in any of them: they are held before the broker is asked."""
        followers = [name for name in wanted if not (led and name == names.MANAGER_CONTAINER)]
        for name in followers:
            self._context.clients.of(name).set_draining(draining=True)
        holders = broker.lease_holders(self._directory)
        return [
            name
            for name in followers
            if (observed := self._store.get(name).observed) is not None
            and observed.state in RUNS
            and (observed.activity in BUSY or holders is None or names.broker_name(name) in holders)
        ]

    def _note(self, wanted: Sequence[str], order: EndOrder) -> None:
        """Have the order outlive this daemon."""
        if not wanted:
            return
        now_ms = self._registry.clock.now_ms()
        changes = {name: {"ending": PendingEnd(order, now_ms)} for name in wanted}
        for name, columns in changes.items():
            self._store.remember(name, **columns)
        try:
            self._store.write(table.updates(now_ms, changes))
        except (HiveError, SupervisionError) as error:  # it is carried out all the same
            log.warning("rebuild not stored agents=%s error=%s", len(changes), error)

    def _use_credentials(self) -> None:
        """Give the hive's credential to everything that uses another one, and to agents that were refused with it."""
        try:
            way = upstream(self._context)
        except HiveError as error:
            log.warning("the credential of the hive stays as it was error=%s", error)
            emit(self._directory, "notice", {"level": "warning", "text": f"{error}: agents go on with the one before"})
            return
        proxy.set_upstream(self._directory, way)
        agents = [one for one in self._store.snapshots() if one.record.desired is Desired.RUNNING]
        for one in agents:
            if one.record.needs_login and one.observed is not None and one.observed.state is AgentState.PARKED:
                self._registry.tell_self(Start(one.record.name))
        old = [
            one.record.name
            for one in agents
            if one.stale and one.record.name not in self._rebuilds and not self._has_current(one.record)
        ]
        header = None if way.credential is None else way.credential[0]
        log.info("credential of the hive header=%s restarts=%s", header, ",".join(old) or "none")
        if old:
            self._rebuild_all(RebuildAll(tuple(old), CREDENTIALS))

    def _has_current(self, record: AgentRecord) -> bool:
        """Whether its container was started with the hive's credential as it is now.

        Earlier versions took no note of it: what they started has it unless it lacks a login.
        """
        mark = credential_mark(record.revision)
        if not mark and not (record.revision or "").startswith(f"{self._context.revision}/"):
            return not record.needs_login
        return self._context.credentials.is_current(mark)

    def _roll_out(self, wanted: list[str]) -> None:
        if wanted:
            log.info("leader first agents=%s reason=%s", len(wanted), self._rebuilds.reason)
            self._begun = children.roll_out(self._directory, [self._reconciler.spec(name) for name in wanted])

    def _planned(self, plan: RestartPlanned) -> Promise[Any] | None:
        """Post the summary. The supervisor waits for the reply, so the manager has it before the others start."""
        if not plan.leader_ready:
            text = f"the manager is not ready: {len(plan.child_ids)} agents start without it"
            log.warning("%s", text)
            emit(self._directory, "notice", {"level": "warning", "text": text})
        later, self._later = self._later, ()
        return self._directory.ask_later(broker.BROKER, PostAll((self._rebuilds.planned((*plan.child_ids, *later)),)))

    # ---- what came of it ------------------------------------------------------------------------------

    def _started(self, record: AgentRecord, started_ms: int, credential: str) -> None:
        noted = revision_marker(self._context.revision, record.deployed_sha, credential)
        changes = {record.name: {"revision": noted}} if noted != record.revision else NO_CHANGES
        # At once: a container that has just been started is not stale until that is on disk.
        self._store.remember(record.name, revision=noted)
        self._outbox.post(self._rebuilds.over(record), changes)
        if not self._context.credentials.is_current(credential):  # it has changed since the start was prepared
            self._registry.tell_self(CredentialsChanged())
        if record.name == names.MANAGER_CONTAINER:
            self._ask_leader(started_ms)

    def _ask_leader(self, started_ms: int) -> None:
        """The manager leads as soon as its harness asks for mail. A paused one does not ask."""
        if self._store.get(names.MANAGER_CONTAINER).record.paused:
            leader_ready(self._directory, AGENTS, names.MANAGER_CONTAINER)
            return
        asked = broker.asked_for_mail(self._directory, names.MANAGER, started_ms)
        asked.then(lambda done: self._registry.tell_self(LeaderAsked(started_ms, told=done.error is None)))

    def _leader_asked(self, message: LeaderAsked) -> None:
        observed = self._store.get(names.MANAGER_CONTAINER).observed
        if observed is None or observed.started_ms != message.started_ms:
            return
        if message.told:
            leader_ready(self._directory, AGENTS, names.MANAGER_CONTAINER)
        elif message.again:
            self._ask_leader(message.started_ms)
        else:
            again = LeaderAsked(message.started_ms, told=False, again=True)
            self._registry.tell_after(ASK_AGAIN_SECONDS, again)

    def _tell_stale(self, left_alone: Iterable[str]) -> None:
        current = {
            one.record.name: (
                one.record.told_revision,
                revision_marker(self._context.revision, one.record.deployed_sha),
            )
            for one in self._store.snapshots()
            if one.stale and one.record.name in left_alone
        }
        stale = {name: {"told_revision": new} for name, (told, new) in current.items() if told != new}
        self._outbox.post(needs_update(stale), stale)

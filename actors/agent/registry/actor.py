"""The registry: which agents exist, and what is desired of them.

Owns the table `agents`, which no other actor writes, and the children of the supervisor `agents`. Promises: what was
answered is on disk; an agent that is desired has its actors, also after a restart of this actor, of the supervisor or
of the daemon; an agent that its supervisor gave up is parked with the reason, and stays so until a person starts it.
Emits operator events: `agent` with the whole row on every change, `agent_removed`, `tombstones`, `notice`.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from actors.agent.addresses import AGENTS, agent_supervisor, container_actor
from actors.agent.container.messages import Pause, StatusReport
from actors.agent.container.state import RUNS
from actors.agent.container.wakeup import wake
from actors.agent.context import AgentContext
from actors.agent.registry import children, generations, helper_events, rows
from actors.agent.registry.messages import (
    AbandonSpawn,
    AgentsChanged,
    AwaitAdopted,
    BeginSpawn,
    BroughtUp,
    ConfigurationChecked,
    CredentialsChanged,
    Destroy,
    DiskMeasured,
    Flush,
    Forget,
    GetGrace,
    GetPaths,
    GetWorkspace,
    Kick,
    LeaderAsked,
    ListAgents,
    Load,
    LoginNeeded,
    NotRebuilt,
    PostAgain,
    Postponed,
    PostResult,
    Purge,
    Rebuild,
    RebuildAll,
    Reconcile,
    Reload,
    Restart,
    SetDeployed,
    SetPaused,
    SetStatus,
    Spawn,
    Start,
    StartAll,
    Stop,
    TellStale,
)
from actors.agent.registry.orders.rebuilds import Rebuilds
from actors.agent.registry.orders.rollout import Rollouts
from actors.agent.registry.orders.single import Orders
from actors.agent.registry.orders.spawn import NameCheck, Spawns
from actors.agent.registry.outbox import Outbox
from actors.agent.registry.reconciler import Reconciler
from actors.agent.registry.store import AgentStore, stored_record
from actors.agent.registry.supervisor import Sockets, agent_spec
from actors.agent.snapshot import Desired, ObservedStatus
from actors.broker import api as broker
from actors.events import emit, emit_all
from actors.service import api as service
from actors.supervision import (
    Actor,
    Clock,
    Directory,
    Down,
    Exit,
    RestartPlanned,
    StayedDown,
    SupervisionError,
)
from harness.wire import names
from harness.wire.errors import HiveError, conflict, not_found, unavailable
from harness.wire.events import HarnessState

log = logging.getLogger(__name__)

RELOAD_SECONDS = 0.5
"""Pause before a table that could not be read is read again."""


class RegistryActor(Actor):
    """The front for everything that is done to an agent as a whole.

    `sockets` are an agent's listeners. `name_check` raises `conflict` before a spawn that no approval carries out.
    `subscribers` are told `AgentsChanged`, `ConfigurationChecked` and `LoginNeeded`.
    """

    def __init__(
        self,
        *,
        context: AgentContext,
        sockets: Sockets,
        directory: Directory,
        clock: Clock,
        name_check: NameCheck = lambda _connection, _name: None,
        subscribers: Sequence[str] = (),
    ) -> None:
        super().__init__(clock=clock)
        self._context = context
        self._directory = directory
        self._sockets = sockets
        self._subscribers = subscribers
        self._ready = False
        self._store = AgentStore(context, directory, clock, tell_owner=self.tell_self)
        self._rebuilds = Rebuilds()
        self._outbox = Outbox(self, store=self._store, directory=directory)
        self._reconciler = Reconciler(
            self,
            context=context,
            store=self._store,
            rebuilds=self._rebuilds,
            outbox=self._outbox,
            spec=self._spec,
            directory=directory,
        )
        self._orders = Orders(
            self,
            context=context,
            store=self._store,
            rebuilds=self._rebuilds,
            reconciler=self._reconciler,
            directory=directory,
        )
        self._spawns = Spawns(
            self,
            context=context,
            agents=self._store,
            reconciler=self._reconciler,
            directory=directory,
            name_check=name_check,
            added=lambda: self._publish(AgentsChanged()),
        )
        self._rollouts = Rollouts(
            self,
            context=context,
            store=self._store,
            rebuilds=self._rebuilds,
            outbox=self._outbox,
            reconciler=self._reconciler,
            directory=directory,
        )

    def on_start(self) -> None:
        if self._context.warning is not None:
            log.warning("%s", self._context.warning)
            emit(self._directory, "notice", {"level": "warning", "text": self._context.warning})
        self._load()

    def _load(self) -> None:
        """Read the table; until then every request is refused. A store that is away fails no other actor."""
        try:
            self._store.load()
        except (HiveError, SupervisionError) as error:
            log.warning("agents not read error=%s", error)
            self.tell_after(RELOAD_SECONDS, Load())
            return
        self._ready = True
        if names.MANAGER_CONTAINER not in self._store.taken():
            self._spawns.add(names.MANAGER_CONTAINER, "manager", silent=True)
        generations.resume(self._directory, self._context.workspace, self._context.clients, self._store.taken())
        self._reconciler.begin()
        self._rollouts.carry_on()
        self._orders.carry_on()

    def state_word(self) -> str:
        return f"{len(self._store)} agents"

    def handle(self, message: object) -> object:
        match message:
            case Load():
                self._load()
            case _ if not self._ready:
                raise unavailable("the agents are not known yet: their table cannot be read", "try again in a moment")
            case ListAgents():
                return [replace(one, due=self._reconciler.is_due(one.record.name)) for one in self._store.snapshots()]
            case GetPaths(name):
                return self._context.workspace.of(self._store.get(name).record.name)
            case GetWorkspace():
                return self._context.workspace, self._store.taken()
            case StatusReport(name, status):
                self._status_reported(name, status)
            case Flush():
                self._flush()
            case Reconcile():
                self._reconciler.reconcile_in_slices(message)
            case AwaitAdopted():
                return self._reconciler.adopted()
            case Down(name) if name == AGENTS:
                # Its children are gone with it and only this actor knows them: begin again, as after a restart.
                self.exit(Exit.failed("the supervisor of the agents has ended"))
            case Down(name, exit_reason):
                self._reconciler.down(name, exit_reason)
            case BroughtUp(name, started):
                self._reconciler.brought_up(name, started)
            case Postponed():
                self._orders.postponed(message)
            case StayedDown():
                self._reconciler.stayed_down(message)
            case Reload():
                self._reload()
            case NotRebuilt(name, done) if isinstance(done.error, HiveError) and name in self._store:
                self._reconciler.start_failed(name, str(done.error))
            case RebuildAll() | StartAll() | RestartPlanned() | LeaderAsked() | TellStale() | CredentialsChanged():
                return self._rollouts.handle(message)
            case PostResult() | PostAgain():
                self._outbox.handle(message)
            case _:
                return self._order(message)
        return None

    def _order(self, message: object) -> object:
        """Carry out what the operator, the manager or an agent asks for."""
        match message:
            case BeginSpawn() | Spawn() | AbandonSpawn():
                return self._spawns.handle(message)
            case Start() | Restart() | Rebuild() | Stop() | Destroy():
                return self._orders.handle(message)
            case GetGrace():
                return self._context.grace_seconds
            case Forget():
                self._forget(message)
            case Purge(name):
                self._purge(name)
            case Kick(name, body):
                return wake(self._directory, self._store.get(name).record.name, body)
            case SetPaused(name, paused, reason):
                self._store.set_paused(name, paused=paused, reason=reason)
                self._directory.tell(container_actor(name), Pause(paused))
            case DiskMeasured(name, disk_bytes):
                self._store.measured(name, disk_bytes)
            case SetDeployed(name, sha):
                self._store.get(name)
                self._store.change(name, deployed_sha=sha)
            case SetStatus(name, text):
                self._store.get(name)
                self._store.change(name, status_text=text or None, status_set_ms=self.clock.now_ms())
        return None

    # ---- orders ---------------------------------------------------------------------------------------

    def _forget(self, message: Forget) -> None:
        """Carry out the second half of a destroy. One that fails is on disk: the next daemon takes it up."""
        order = message.order
        try:
            self._remove(order.name, purge=order.purge, silent=order.silent)
        except (HiveError, SupervisionError) as error:
            message.carried.fail(message.ended.error or error)
        else:
            message.carried.set(None)

    def _remove(self, name: str, *, purge: bool, silent: bool) -> None:
        agent = self._store.get(name)
        paths = self._context.workspace.of(name)
        if agent.record.desired is Desired.RUNNING or self._context.runtime.find(paths) is not None:
            raise conflict(f"{name!r} is in use", f"`hive stop {name}` stops it")
        self._directory.demonitor(agent_supervisor(name), self.name)
        children.take_down(self._directory, name)
        broker.unregister(self._directory, name)
        self._store.drop(name, () if silent else helper_events.destroyed(name))
        generations.abandon(self._directory, name)
        self._publish(AgentsChanged())
        self._rebuilds.forget(name)
        self._context.runtime.destroy(paths)
        self._context.workspace.clear_run(name)
        if purge:
            generations.purge(self._directory, self._context.workspace, self._context.clients, name)
        log.info("destroyed agent=%s purge=%s", name, purge)
        emit_all(self._directory, [("agent_removed", {"name": names.broker_name(name)}), ("tombstones", {})])

    def _purge(self, name: str) -> None:
        """Delete the kept files in this actor, so that the name cannot be taken meanwhile."""
        paths = self._context.workspace.of(name)
        self._spawns.check_kept(name)
        if name in self._store.taken():
            raise conflict(f"there is an agent {name!r}", f"`hive destroy {name} --purge` ends and purges it")
        if not (paths.root.exists() or paths.root.is_symlink() or paths.applied.exists()):
            raise not_found(f"kept state of {name!r}", "`hive tombstones` lists what is kept")
        self._context.runtime.destroy(paths)
        generations.purge(self._directory, self._context.workspace, self._context.clients, name)
        log.info("purged agent=%s", name)
        self._publish(AgentsChanged())
        emit(self._directory, "tombstones", {})

    def _spec(self, name: str) -> Any:
        return agent_spec(
            name,
            context=self._context,
            sockets=self._sockets,
            record=partial(stored_record, self._directory, name),
            directory=self._directory,
            clock=self.clock,
        )

    # ---- what happens ---------------------------------------------------------------------------------

    def _status_reported(self, name: str, status: ObservedStatus) -> None:
        if name not in self._store or self._reconciler.is_late(name, status):
            return
        before = self._store.get(name)
        self._store.observe(name, status)
        if status.activity == HarnessState.NEEDS_LOGIN and (
            before.observed is None or before.observed.activity != status.activity
        ):
            self._publish(LoginNeeded(name))
        if status.checked is not None and (before.observed is None or before.observed.checked != status.checked):
            self._publish(ConfigurationChecked(name))
        self._reconciler.observed(name, status)
        if status.state in RUNS:
            self._rollouts.container_runs(before, status)
        # Last, because the disk may refuse it; then the next report of this agent brings it again.
        self._store.keep(name, status)

    def _reload(self) -> None:
        """Go by what is on disk: a write may have got lost or not."""
        try:
            changed = self._store.reload()
        except (HiveError, SupervisionError) as error:
            log.warning("agents not read error=%s", error)
            self.tell_after(RELOAD_SECONDS, Reload())
            return
        if names.MANAGER_CONTAINER not in self._store.taken():  # the operator has deleted its unreadable row
            self._spawns.add(names.MANAGER_CONTAINER, "manager", silent=True)
            changed.append(names.MANAGER_CONTAINER)
        self._reconciler.reconcile(changed)

    def _flush(self) -> None:
        changed = rows.merged(self._directory, self._store.take_changed())
        emit_all(self._directory, [("agent", row.as_frame()) for row in changed])
        agents = self._store.snapshots()
        running = sum(one.observed is not None and one.observed.state in RUNS for one in agents)
        service.tally(self._directory, len(agents), running)

    def _publish(self, event: AgentsChanged | ConfigurationChecked | LoginNeeded) -> None:
        for subscriber in self._subscribers:
            self._directory.tell(subscriber, event)

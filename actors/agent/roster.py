"""Who the agents are and what is wanted of them.

Owns the table `agents`, of which it is the only writer, and the children of the supervisor `agents`. Promises: what
was answered is on disk; an agent that is wanted has its actors, also after a restart of this actor, of the supervisor
or of the daemon; one that its supervisor gave up on is parked with the reason, and stays so until somebody starts it.
Emits operator events: `agent` with the whole row on every change, `agent_removed`, `notice`.
"""

import logging
from dataclasses import replace
from typing import Any

import gevent

from actors.agent import farewell, floor, helper_events, kicks, rows, table
from actors.agent.host import AgentHost
from actors.agent.ledger import Ledger
from actors.agent.messages import (
    AGENTS,
    Begin,
    Destroy,
    Flush,
    Forget,
    Halt,
    Homes,
    Kick,
    LeaderAsked,
    ListAgents,
    NotRebuilt,
    Observed,
    Pause,
    Purge,
    Rebuild,
    RebuildAll,
    Reload,
    Restart,
    Run,
    SetDeployed,
    SetPaused,
    SetStatus,
    Spawn,
    Start,
    StartAll,
    Stop,
    Tell,
    TellStale,
    Tend,
    Told,
    Where,
    container_actor,
)
from actors.agent.naming import check_new
from actors.agent.seed import seed
from actors.agent.standing import Desired, Record, Seen
from actors.agent.state import RUNS, AgentState
from actors.agent.swarm import Swarm
from actors.agent.upkeep import Upkeep
from actors.approvals import api as approvals
from actors.broker import api as broker
from actors.events import emit, emit_all
from actors.service import api as service
from actors.store import api as store
from actors.supervision import (
    Actor,
    Clock,
    Directory,
    Down,
    Exit,
    Promise,
    RestartPlanned,
    StayedDown,
    SupervisionError,
)
from harness.wire import names
from harness.wire.errors import HiveError, conflict, forbidden, not_found, unavailable

log = logging.getLogger(__name__)

RELOAD_SECONDS = 0.5
"""Pause before a table that could not be read is read again."""


class RosterActor(Actor):
    """The front for everything that is done to an agent as a whole."""

    def __init__(self, *, host: AgentHost, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._host = host
        self._directory = directory
        self._ready = False
        self._ledger = Ledger(
            host, directory, clock, touched=lambda: self.tell_self(Flush()), doubted=lambda: self.tell_self(Reload())
        )
        self._upkeep = Upkeep(self, host=host, ledger=self._ledger, directory=directory, failed=self._not_started)
        self._swarm = Swarm(self, host=host, ledger=self._ledger, directory=directory, upkeep=self._upkeep)

    def on_start(self) -> None:
        if self._host.warning is not None:
            log.warning("%s", self._host.warning)
            emit(self._directory, "notice", {"level": "warning", "text": self._host.warning})
        self._begin()

    def _begin(self) -> None:
        """Read the table; while that can not be, every request is refused. A store that is away fails nobody else."""
        try:
            self._ledger.load()
        except (HiveError, SupervisionError) as error:
            log.warning("agents not read error=%s", error)
            self.tell_after(RELOAD_SECONDS, Begin())
            return
        self._ready = True
        if names.MANAGER_CONTAINER not in self._ledger:
            self._add(names.MANAGER_CONTAINER, "manager", silent=True)
        self._upkeep.begin()

    def state_word(self) -> str:
        return f"{len(self._ledger)} agents"

    def handle(self, message: object) -> object:
        match message:
            case Begin():
                self._begin()
            case _ if not self._ready:
                raise unavailable("the agents are not known yet: their table can not be read", "try again in a moment")
            case ListAgents():
                return [replace(one, due=one.record.name in self._upkeep) for one in self._ledger.standings()]
            case Where(name):
                return self._host.workspace.of(self._ledger.known(name).record.name)
            case Observed(name, seen):
                self._observed(name, seen)
            case Flush():
                self._flush()
            case Tend(chosen):
                self._upkeep.tend(chosen)
            case Down(name) if name == AGENTS:
                # Its children are gone with it and only this actor knows them: begin again, as after a restart.
                self.exit(Exit.failed("the supervisor of the agents has ended"))
            case Down(name, exit_reason):
                self._upkeep.down(name, exit_reason)
            case StayedDown():
                self._upkeep.stayed_down(message)
            case Reload():
                self._reload()
            case Spawn(name, silent):
                self._spawn(name, silent=silent)
            case Start(name):
                return self._start(name)
            case Restart(name):
                return self._restart(name)
            case Rebuild(name, silent):
                return self._rebuild(name, silent=silent)
            case NotRebuilt(name, done) if isinstance(done.error, HiveError) and name in self._ledger:
                self._swarm.failed(name, str(done.error))
            case RebuildAll() | StartAll() | RestartPlanned() | LeaderAsked() | TellStale() | Tell() | Told():
                return self._swarm.handle(message)
            case Homes():
                return self._host.workspace, frozenset(self._ledger.names())
            case Purge(name):
                self._purge(name)
            case Stop(name, graceful):
                return self._halt(name, graceful=graceful)
            case Destroy(name):
                return self._destroy(name)
            case Forget(name, purge, silent):
                self._forget(name, purge=purge, silent=silent)
            case Kick(name, body):
                return kicks.kick(self._directory, self._ledger.known(name).record.name, body)
            case SetPaused(name, paused):
                self._set_paused(name, paused=paused)
            case SetDeployed(name, sha):
                self._ledger.known(name)
                self._ledger.change(name, deployed_sha=sha)
            case SetStatus(name, text):
                self._ledger.known(name)
                self._ledger.change(name, status_text=text or None, status_set_at=self.clock.now_ms())
        return None

    # ---- what the operator wants ----------------------------------------------------------------------

    def _spawn(self, name: str, *, silent: bool) -> None:
        check_new(name, self._host.runtime, self._host.workspace)
        if name in self._ledger:
            raise conflict(f"there is an agent {name!r} already", f"`hive start {name}` starts it")
        store.read(self._directory, table.check_free(name, approved=silent))
        self._add(name, "agent", silent=silent)
        approvals.agents_changed(self._directory)
        self._upkeep.bring_up(name)

    def _start(self, name: str) -> Promise[Any] | None:
        """Wanted from now on. Where its actors are up they do it; a parked or failed one gets fresh ones."""
        self._ledger.known(name)
        self._ledger.change(name, desired=Desired.RUNNING, note=None)
        if self._directory.whereis(container_actor(name)) is not None:
            return self._directory.ask_later(container_actor(name), Run(kick=kicks.STARTED))
        self._upkeep.bring_up(name)
        kicks.kick(self._directory, name, kicks.STARTED)
        return None

    def _restart(self, name: str) -> Promise[Any] | None:
        if self._directory.whereis(container_actor(name)) is None:
            return self._start(name)
        self._ledger.known(name)
        self._ledger.change(name, desired=Desired.RUNNING, note=None)
        return self._directory.ask_later(container_actor(name), Run(again=True, kick=kicks.RESTARTED))

    def _rebuild(self, name: str, *, silent: bool) -> Promise[Any] | None:
        """The kick and the manager's event follow when it is up, see `_started`."""
        self._ledger.known(name)
        self._ledger.change(name, desired=Desired.RUNNING, note=None)
        self._swarm.rebuilds.begin([name], "it was asked for", silent=silent)
        if self._directory.whereis(container_actor(name)) is None:
            self._upkeep.bring_up(name)
            return None
        rebuilt = self._directory.ask_later(container_actor(name), Run(again=True, rebuild=True))
        rebuilt.then(lambda done: self.tell_self(NotRebuilt(name, done)))
        return rebuilt

    def _purge(self, name: str) -> None:
        """In this actor, so that nobody takes the name meanwhile."""
        paths = self._host.workspace.of(name)
        if name in self._ledger:
            raise conflict(f"there is an agent {name!r}", f"`hive destroy {name} --purge` ends and purges it")
        if not (paths.root.exists() or paths.root.is_symlink() or paths.applied.exists()):
            raise not_found(f"kept state of {name!r}", "`hive tombstones` lists what is kept")
        self._host.runtime.destroy(paths)
        gevent.get_hub().threadpool.apply(self._host.workspace.purge, (name,))
        log.info("purged agent=%s", name)
        farewell.tell_purged(self._directory)

    def _halt(self, name: str, *, graceful: bool) -> Promise[Any] | None:
        self._ledger.unwant(name)
        if self._directory.whereis(container_actor(name)) is None:
            # Parked, or its actor is away for a moment; a container that has none left to end it gets one.
            self._ledger.saw(name, AgentState.STOPPED)
            self.tell_self(Tend((name,)))
            return None
        return self._directory.ask_later(container_actor(name), Halt(graceful=graceful))

    def _destroy(self, name: str) -> Promise[Any] | None:
        if name == names.MANAGER_CONTAINER:
            raise forbidden("the manager can not be destroyed", "`hive stop manager` stops it")
        self._ledger.known(name)
        self._ledger.change(name, desired=Desired.STOPPED, note=None)
        if self._directory.whereis(container_actor(name)) is None:
            return None
        return self._directory.ask_later(container_actor(name), Halt(forever=True))

    def _forget(self, name: str, *, purge: bool, silent: bool) -> None:
        standing = self._ledger.known(name)
        paths = self._host.workspace.of(name)
        if standing.record.desired is Desired.RUNNING or self._host.runtime.find(paths) is not None:
            raise conflict(f"{name!r} is in use", f"`hive stop {name}` stops it")
        self._directory.demonitor(f"{AGENTS}/{name}", self.name)
        floor.take_down(self._directory, name)
        broker.unregister(self._directory, name)
        self._ledger.drop(name, () if silent else helper_events.destroyed(name))
        farewell.tell_rooms(self._directory, name)
        self._swarm.rebuilds.forget(name)
        self._host.runtime.destroy(paths)
        self._host.workspace.clear_run(name)
        if purge:
            gevent.get_hub().threadpool.apply(self._host.workspace.purge, (name,))
        log.info("destroyed agent=%s purge=%s", name, purge)
        emit_all(self._directory, [("agent_removed", {"name": names.broker_name(name)}), ("tombstones", {})])

    def _set_paused(self, name: str, *, paused: bool) -> None:
        if self._ledger.known(name).record.paused is not paused:
            self._ledger.change(name, paused=paused)
        self._directory.tell(container_actor(name), Pause(paused))

    # ---- a new one -----------------------------------------------------------------------------------

    def _add(self, name: str, role: str, *, silent: bool) -> None:
        """A new row, with its folders and its first configuration. Files first: a row promises that they are there."""
        now = self.clock.now_ms()
        self._host.workspace.prepare(name)
        self._host.workspace.take_staged(name)
        sha = seed(self._host.workspace, name, default_model=self._host.default_model, at_ms=now)
        record = Record(name=name, role=role, desired=Desired.RUNNING, created_ms=now, deployed_sha=sha)
        self._ledger.add(record, () if silent else helper_events.spawned(name, sha))
        self._ledger.saw(name, AgentState.SPAWNING)
        log.info("added agent=%s role=%s", name, role)

    # ---- what happens ---------------------------------------------------------------------------------

    def _observed(self, name: str, seen: Seen) -> None:
        if name not in self._ledger or self._upkeep.is_late(name, seen):
            return
        before = self._ledger.known(name)
        self._ledger.observed(name, seen)
        self._upkeep.observed(name, seen)
        if seen.state in RUNS:
            self._swarm.runs(before, seen)
        # Last, because the disk may refuse it; then the next word of this agent brings it again.
        self._ledger.heard(name, seen)

    def _not_started(self, name: str, reason: str) -> None:
        self._swarm.failed(name, reason)

    def _reload(self) -> None:
        """A write may have got lost or not: go by what is on disk."""
        try:
            changed = self._ledger.reload()
        except (HiveError, SupervisionError) as error:
            log.warning("agents not read error=%s", error)
            self.tell_after(RELOAD_SECONDS, Reload())
            return
        if changed:
            self._upkeep.tend(changed)

    def _flush(self) -> None:
        told = rows.merged(self._directory, self._ledger.take_changed())
        emit_all(self._directory, [("agent", row.as_frame()) for row in told])
        standings = self._ledger.standings()
        running = sum(one.seen is not None and one.seen.state in RUNS for one in standings)
        service.tally(self._directory, len(standings), running)

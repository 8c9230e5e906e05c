"""Who the agents are and what is wanted of them.

Owns the table `agents`, of which it is the only writer, and the children of the supervisor `agents`. Promises: what
was answered is on disk; an agent that is wanted has its actors, also after a restart of this actor, of the supervisor
or of the daemon; one that its supervisor gave up on is parked with the reason, and stays so until somebody starts it.
Emits operator events: `agent` with the whole row on every change, `agent_removed`, `notice`.
"""

import logging
from typing import Any

import gevent

from actors.agent import farewell, floor, helper_events, kicks, rows, table
from actors.agent.boot_order import boot_order
from actors.agent.endings import passes
from actors.agent.host import AgentHost
from actors.agent.ledger import Ledger
from actors.agent.messages import (
    AGENTS,
    Boot,
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
    Report,
    Restart,
    Retry,
    Run,
    SetDeployed,
    SetNote,
    SetPaused,
    SetStatus,
    Spawn,
    Start,
    StartAll,
    Stop,
    Tell,
    TellStale,
    Told,
    Where,
    container_actor,
)
from actors.agent.retries import Retries
from actors.agent.seed import seed
from actors.agent.specs import agent_spec
from actors.agent.standing import Desired, Record, Seen
from actors.agent.state import AgentState
from actors.agent.swarm import Swarm
from actors.approvals import api as approvals
from actors.broker import api as broker
from actors.crashwatch import api as crashwatch
from actors.gateway.events import emit, emit_all
from actors.service import api as service
from actors.store import api as store
from actors.supervision import (
    Actor,
    ChildSpec,
    ChildState,
    Clock,
    Directory,
    Down,
    Exit,
    ExitKind,
    Promise,
    RestartPlanned,
    StayedDown,
    SupervisionError,
)
from harness.wire import names
from harness.wire.errors import HiveError, bad_request, conflict, forbidden, not_found, unavailable

log = logging.getLogger(__name__)

PARKED = "parked:"
"""How the note of one begins that its supervisor has given up on."""


class RosterActor(Actor):
    """The front for everything that is done to an agent as a whole."""

    def __init__(self, *, host: AgentHost, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._host = host
        self._directory = directory
        self._ledger = Ledger(host, directory, clock, lambda: self.tell_self(Flush()))
        self._retries = Retries()
        self._swarm = Swarm(self, host=host, ledger=self._ledger, directory=directory, spec_of=self._spec)

    def on_start(self) -> None:
        if self._host.warning is not None:
            log.warning("%s", self._host.warning)
            emit(self._directory, "notice", {"level": "warning", "text": self._host.warning})
        self._ledger.load()
        if names.MANAGER_CONTAINER not in self._ledger:
            self._add(names.MANAGER_CONTAINER, "manager", silent=True)
        self._directory.monitor(AGENTS, self.name)
        running = {container.name for container in self._host.runtime.running(self._host.workspace)}
        order = boot_order([one.record for one in self._ledger.standings()], running, self.clock.now_ms())
        for name in order.at_once:
            self.tell_self(Boot(name))
        self.tell_self(StartAll(tuple(order.leader_first)))

    def state_word(self) -> str:
        return f"{len(self._ledger)} agents"

    def handle(self, message: object) -> object:
        match message:
            case ListAgents():
                return self._ledger.standings()
            case Where(name):
                return self._host.workspace.of(self._ledger.known(name).record.name)
            case Observed(name, seen):
                self._observed(name, seen)
            case Flush():
                self._flush()
            case Boot(name):
                self._boot(name)
            case Retry(name):
                self._retry(name)
            case Down(name, exit_reason):
                self._down(name, exit_reason)
            case Spawn(name, silent):
                self._spawn(name, silent=silent)
            case Start(name):
                return self._start(name)
            case Restart(name):
                return self._restart(name)
            case Rebuild(name, silent):
                return self._rebuild(name, silent=silent)
            case StayedDown(_, name, exit_reason) if name in self._ledger:
                self._failed(name, floor.cause(exit_reason.error or RuntimeError(str(exit_reason))))
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
            case SetNote(name, text):
                self._ledger.note(name, text)
            case SetStatus(name, text):
                self._ledger.known(name)
                self._ledger.change(name, status_text=text or None, status_set_at=self.clock.now_ms())
        return None

    # ---- what the operator wants ----------------------------------------------------------------------

    def _spawn(self, name: str, *, silent: bool) -> None:
        try:
            names.check_new_name(name)
        except ValueError as error:
            raise bad_request(str(error)) from None
        if name in self._ledger:
            raise conflict(f"there is an agent {name!r} already", f"`hive start {name}` starts it")
        store.read(self._directory, table.check_free(name, approved=silent))
        self._add(name, "agent", silent=silent)
        approvals.agents_changed(self._directory)
        self._bring_up(name)

    def _start(self, name: str) -> Promise[Any] | None:
        """Wanted from now on. Where its actors are up they do it; a parked or failed one gets fresh ones."""
        self._ledger.known(name)
        self._ledger.change(name, desired=Desired.RUNNING, note=None)
        if self._directory.whereis(container_actor(name)) is not None:
            return self._directory.ask_later(container_actor(name), Run(kick=kicks.STARTED))
        self._bring_up(name)
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
            self._bring_up(name)
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
            # Parked, or waiting for its next try, which will find that it is not wanted.
            self._ledger.saw(name, AgentState.STOPPED)
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

    # ---- the actors of an agent -----------------------------------------------------------------------

    def _add(self, name: str, role: str, *, silent: bool) -> None:
        """A new row, with its folders and its first configuration. Files first: a row promises that they are there."""
        now = self.clock.now_ms()
        self._host.workspace.prepare(name)
        sha = seed(self._host.workspace, name, default_model=self._host.default_model, at_ms=now)
        record = Record(name=name, role=role, desired=Desired.RUNNING, created_ms=now, deployed_sha=sha)
        self._ledger.add(record, () if silent else helper_events.spawned(name, sha))
        self._ledger.saw(name, AgentState.SPAWNING)
        log.info("added agent=%s role=%s", name, role)

    def _boot(self, name: str) -> None:
        """Its actors, if they are not there: this actor may be the one that was restarted."""
        if name not in self._ledger:
            return
        if self._directory.whereis(f"{AGENTS}/{name}") is not None:
            self._directory.monitor(f"{AGENTS}/{name}", self.name)
            self._directory.tell(container_actor(name), Report())
            return
        state, record = floor.state_of(self._directory, name), self._ledger.known(name).record
        if state is ChildState.RESTARTING:
            return  # its supervisor is at it, or has it wait for the manager
        if state is ChildState.DOWN and record.desired is Desired.RUNNING and (record.note or "").startswith(PARKED):
            # Its supervisor has given up on it in this life of the daemon: a new roster is no reason to try again.
            self._ledger.saw(name, AgentState.PARKED)
            return
        self._try(name)

    def _try(self, name: str) -> None:
        try:
            self._bring_up(name)
        except (HiveError, SupervisionError) as error:
            log.error("agent is down agent=%s reason=%s", name, error)  # noqa: TRY400 — a reason, not a traceback

    def _retry(self, name: str) -> None:
        """Try again what failed for a passing reason, unless somebody else is at it or it is no longer wanted."""
        self._retries.fired(name)
        if name not in self._ledger or self._ledger.known(name).record.desired is not Desired.RUNNING:
            self._retries.forget(name)
        elif self._directory.whereis(container_actor(name)) is not None:
            self._directory.tell(container_actor(name), Run())
        elif self._directory.whereis(f"{AGENTS}/{name}") is None:
            self._try(name)

    def _try_later(self, name: str) -> None:
        pause = self._retries.next_pause(name)
        if pause is not None:
            log.warning("agent is tried again agent=%s seconds=%s", name, pause)
            self._retries.armed(name, self.tell_after(pause, Retry(name)))

    def _bring_up(self, name: str) -> None:
        """Start its actors, which start its container if it is wanted. A failure is noted in its row and raised."""
        try:
            floor.bring_up(self._directory, self._spec(name))
        except SupervisionError as error:
            reason = self._failed(name, floor.cause(error))
            raise unavailable(f"{name}: {reason}", f"`hive logs {name}`, then `hive start {name}`") from None
        self._directory.monitor(f"{AGENTS}/{name}", self.name)

    def _spec(self, name: str) -> ChildSpec:
        return agent_spec(
            name,
            host=self._host,
            record=lambda: self._stored(name),
            directory=self._directory,
            clock=self.clock,
        )

    def _failed(self, name: str, cause: BaseException) -> str:
        """Its actors did not start. Whatever it was: "spawning" or "starting" must not stay on the screen."""
        reason = f"did not start: {cause}"
        self._ledger.note(name, reason)
        self._ledger.saw(name, AgentState.FAILED, note=reason)
        self._swarm.failed(name, reason)
        if passes(cause):
            self._try_later(name)
        return reason

    def _stored(self, name: str) -> Record:
        """Runs in the container actor: it reads what is on disk, not what this actor remembers."""
        record = store.read(self._directory, table.one_record(name))
        if record is None:
            raise not_found(f"agent {name!r}")
        return record

    # ---- what happens ---------------------------------------------------------------------------------

    def _observed(self, name: str, seen: Seen) -> None:
        if name not in self._ledger:
            return
        standing = self._ledger.known(name)
        self._ledger.observed(name, seen)
        self._ledger.heard(name, seen.activity)
        if self._directory.whereis(f"{AGENTS}/{name}") is not None:
            self._directory.monitor(f"{AGENTS}/{name}", self.name)
        if seen.state is AgentState.RUNNING:
            self._retries.forget(name)
            self._swarm.runs(standing, seen)
        elif seen.state is AgentState.FAILED and seen.passing and standing.record.desired is Desired.RUNNING:
            self._try_later(name)
        if seen.active_model is not None and seen.active_model != standing.record.model:
            self._ledger.change(name, model=seen.active_model)

    def _down(self, name: str, exit_reason: Exit) -> None:
        if name == AGENTS:
            # Its children are gone with it and only this actor knows them: begin again, as after a restart.
            self.exit(Exit.failed("the supervisor of the agents has ended"))
            return
        agent = name.removeprefix(f"{AGENTS}/")
        if agent not in self._ledger or self._directory.whereis(name) is not None:
            return
        if exit_reason.kind is not ExitKind.NOT_RUNNING and not (exit_reason.orderly and exit_reason.detail):
            # Stopped by request, or a failure: then its supervisor starts it again, or says `StayedDown`.
            return
        standing = self._ledger.known(agent)
        last = standing.seen.note if standing.seen is not None else None
        if standing.record.desired is Desired.STOPPED:
            self._ledger.saw(agent, AgentState.STOPPED)
            return
        if standing.seen is not None and standing.seen.passing:
            self._try_later(agent)
            return
        reason = last or str(exit_reason)
        log.error("parked agent=%s reason=%s", agent, reason)
        self._ledger.saw(agent, AgentState.PARKED, note=last)
        self._ledger.note(agent, f"{PARKED} {reason}")
        crashwatch.gave_up(self._directory, agent, reason)

    def _flush(self) -> None:
        told = rows.merged(self._directory, self._ledger.take_changed())
        emit_all(self._directory, [("agent", row.as_frame()) for row in told])
        standings = self._ledger.standings()
        running = sum(one.seen is not None and one.seen.state is AgentState.RUNNING for one in standings)
        service.tally(self._directory, len(standings), running)

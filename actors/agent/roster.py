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

from actors.agent import floor, kicks, rows, table
from actors.agent.endings import passes
from actors.agent.host import AgentHost
from actors.agent.messages import (
    AGENTS,
    Boot,
    Destroy,
    Flush,
    Forget,
    Halt,
    Kick,
    ListAgents,
    Observed,
    Pause,
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
    Stop,
    Where,
    container_actor,
)
from actors.agent.retries import Retries
from actors.agent.seed import seed
from actors.agent.specs import agent_spec
from actors.agent.standing import Desired, Record, Seen, Standing
from actors.agent.state import AgentState
from actors.broker import api as broker
from actors.crashwatch import api as crashwatch
from actors.gateway.events import emit, emit_all
from actors.store import api as store
from actors.supervision import (
    Actor,
    Clock,
    Directory,
    Down,
    Exit,
    Promise,
    SupervisionError,
)
from harness.wire import names
from harness.wire.errors import HiveError, bad_request, conflict, forbidden, not_found, unavailable

log = logging.getLogger(__name__)

WRITE_SECONDS = 30.0


class RosterActor(Actor):
    """The front for everything that is done to an agent as a whole."""

    def __init__(self, *, host: AgentHost, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._host = host
        self._directory = directory
        self._agents: dict[str, Standing] = {}
        self._changed: set[str] = set()
        self._retries = Retries()

    def on_start(self) -> None:
        if self._host.warning is not None:
            log.warning("%s", self._host.warning)
            emit(self._directory, "notice", {"level": "warning", "text": self._host.warning})
        self._agents = {one.name: Standing(one) for one in store.read(self._directory, table.all_records)}
        if names.MANAGER_CONTAINER not in self._agents:
            self._add(names.MANAGER_CONTAINER, "manager")
        self._directory.monitor(AGENTS, self.name)
        for name in self._in_order():
            self.tell_self(Boot(name))

    def state_word(self) -> str:
        return f"{len(self._agents)} agents"

    def handle(self, message: object) -> object:
        match message:
            case ListAgents():
                return [self._agents[name] for name in self._in_order()]
            case Where(name):
                return self._host.workspace.of(self._known(name).record.name)
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
            case Spawn(name):
                self._spawn(name)
            case Start(name):
                return self._start(name)
            case Restart(name):
                return self._restart(name)
            case Stop(name, graceful):
                return self._halt(name, graceful=graceful)
            case Destroy(name):
                return self._destroy(name)
            case Forget(name, purge):
                self._forget(name, purge=purge)
            case Kick(name, body):
                return kicks.kick(self._directory, self._known(name).record.name, body)
            case SetPaused(name, paused):
                self._set_paused(name, paused=paused)
            case SetDeployed(name, sha):
                self._known(name)
                self._change(name, deployed_sha=sha)
            case SetNote(name, text):
                self._note(name, text)
            case SetStatus(name, text):
                self._known(name)
                self._change(name, status_text=text or None, status_set_at=self.clock.now_ms())
        return None

    # ---- what the operator wants ----------------------------------------------------------------------

    def _spawn(self, name: str) -> None:
        try:
            names.check_new_name(name)
        except ValueError as error:
            raise bad_request(str(error)) from None
        if name in self._agents:
            raise conflict(f"there is an agent {name!r} already", f"`hive start {name}` starts it")
        self._add(name, "agent")
        self._bring_up(name)

    def _start(self, name: str) -> Promise[Any] | None:
        """Wanted from now on. Where its actors are up they do it; a parked or failed one gets fresh ones."""
        self._known(name)
        self._change(name, desired=Desired.RUNNING, note=None)
        if self._directory.whereis(container_actor(name)) is not None:
            return self._directory.ask_later(container_actor(name), Run(kick=kicks.STARTED))
        self._bring_up(name)
        kicks.kick(self._directory, name, kicks.STARTED)
        return None

    def _restart(self, name: str) -> Promise[Any] | None:
        if self._directory.whereis(container_actor(name)) is None:
            return self._start(name)
        self._known(name)
        self._change(name, desired=Desired.RUNNING, note=None)
        return self._directory.ask_later(container_actor(name), Run(again=True, kick=kicks.RESTARTED))

    def _halt(self, name: str, *, graceful: bool) -> Promise[Any] | None:
        self._known(name)
        self._change(name, desired=Desired.STOPPED, note=None)
        if self._directory.whereis(container_actor(name)) is None:
            # Parked, or waiting for its next try, which will find that it is not wanted.
            self._saw(name, AgentState.STOPPED)
            return None
        return self._directory.ask_later(container_actor(name), Halt(graceful=graceful))

    def _destroy(self, name: str) -> Promise[Any] | None:
        if name == names.MANAGER_CONTAINER:
            raise forbidden("the manager can not be destroyed", "`hive stop manager` stops it")
        self._known(name)
        self._change(name, desired=Desired.STOPPED, note=None)
        if self._directory.whereis(container_actor(name)) is None:
            return None
        return self._directory.ask_later(container_actor(name), Halt(forever=True))

    def _forget(self, name: str, *, purge: bool) -> None:
        standing = self._known(name)
        paths = self._host.workspace.of(name)
        if standing.record.desired is Desired.RUNNING or self._host.runtime.find(paths) is not None:
            raise conflict(f"{name!r} is in use", f"`hive stop {name}` stops it")
        self._directory.demonitor(f"{AGENTS}/{name}", self.name)
        floor.take_down(self._directory, name)
        broker.unregister(self._directory, name)
        self._write(table.delete(name))
        del self._agents[name]
        self._changed.discard(name)
        self._host.runtime.destroy(paths)
        self._host.workspace.clear_run(name)
        if purge:
            gevent.get_hub().threadpool.apply(self._host.workspace.purge, (name,))
        log.info("destroyed agent=%s purge=%s", name, purge)
        emit_all(self._directory, [("agent_removed", {"name": names.broker_name(name)}), ("tombstones", {})])

    def _set_paused(self, name: str, *, paused: bool) -> None:
        if self._known(name).record.paused is not paused:
            self._change(name, paused=paused)
        self._directory.tell(container_actor(name), Pause(paused))

    # ---- the actors of an agent -----------------------------------------------------------------------

    def _add(self, name: str, role: str) -> None:
        """A new row, with its folders and its first configuration. Files first: a row promises that they are there."""
        now = self.clock.now_ms()
        self._host.workspace.prepare(name)
        sha = seed(self._host.workspace, name, default_model=self._host.default_model, at_ms=now)
        record = Record(name=name, role=role, desired=Desired.RUNNING, created_ms=now, deployed_sha=sha)
        self._write(table.insert(record))
        self._agents[name] = Standing(record)
        self._saw(name, AgentState.SPAWNING)
        log.info("added agent=%s role=%s", name, role)

    def _boot(self, name: str) -> None:
        """Its actors, if they are not there: this actor may be the one that was restarted."""
        if name not in self._agents:
            return
        if self._directory.whereis(f"{AGENTS}/{name}") is not None:
            self._directory.monitor(f"{AGENTS}/{name}", self.name)
            self._directory.tell(container_actor(name), Report())
            return
        if floor.is_present(self._directory, name) and self._agents[name].record.desired is Desired.RUNNING:
            # Its supervisor has given up on it in this life of the daemon: a new roster is no reason to try again.
            self._saw(name, AgentState.PARKED)
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
        if name not in self._agents or self._agents[name].record.desired is not Desired.RUNNING:
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
        spec = agent_spec(
            name,
            host=self._host,
            record=lambda: self._stored(name),
            directory=self._directory,
            clock=self.clock,
        )
        try:
            floor.bring_up(self._directory, spec)
        except SupervisionError as error:
            # Whatever it was: "spawning" or "starting" must not stay on the screen.
            cause = floor.cause(error)
            reason = f"did not start: {cause}"
            self._note(name, reason)
            self._saw(name, AgentState.FAILED, note=reason)
            if passes(cause):
                self._try_later(name)
            raise unavailable(f"{name}: {reason}", f"`hive logs {name}`, then `hive start {name}`") from None
        self._directory.monitor(f"{AGENTS}/{name}", self.name)

    def _stored(self, name: str) -> Record:
        """Runs in the container actor: it reads what is on disk, not what this actor remembers."""
        record = store.read(self._directory, table.one_record(name))
        if record is None:
            raise not_found(f"agent {name!r}")
        return record

    # ---- what happens ---------------------------------------------------------------------------------

    def _observed(self, name: str, seen: Seen) -> None:
        standing = self._agents.get(name)
        if standing is None:
            return
        self._agents[name] = replace(standing, seen=seen)
        self._touch(name)
        if seen.state is AgentState.RUNNING:
            self._retries.forget(name)
        elif seen.state is AgentState.FAILED and seen.passing and standing.record.desired is Desired.RUNNING:
            self._try_later(name)
        if seen.active_model is not None and seen.active_model != standing.record.model:
            self._change(name, model=seen.active_model)

    def _down(self, name: str, exit_reason: Exit) -> None:
        if name == AGENTS:
            # Its children are gone with it and only this actor knows them: begin again, as after a restart.
            self.exit(Exit.failed("the supervisor of the agents has ended"))
            return
        agent = name.removeprefix(f"{AGENTS}/")
        standing = self._agents.get(agent)
        if standing is None or self._directory.whereis(name) is not None:
            return
        last = standing.seen.note if standing.seen is not None else None
        if standing.record.desired is Desired.STOPPED:
            self._saw(agent, AgentState.STOPPED)
            return
        if standing.seen is not None and standing.seen.passing:
            self._try_later(agent)
            return
        reason = last or str(exit_reason)
        log.error("parked agent=%s reason=%s", agent, reason)
        self._saw(agent, AgentState.PARKED, note=last)
        self._note(agent, f"parked: {reason}")
        crashwatch.gave_up(self._directory, agent, reason)

    def _note(self, name: str, text: str | None) -> None:
        """Put a note into its row; while the disk does not take it, only where it can be seen."""
        if name not in self._agents:
            return
        try:
            self._change(name, note=text)
        except (HiveError, SupervisionError) as error:
            log.warning("note not stored agent=%s note=%s error=%s", name, text, error)
            standing = self._agents[name]
            self._agents[name] = replace(standing, record=replace(standing.record, note=text))
            self._touch(name)

    def _saw(self, name: str, state: AgentState, note: str | None = None) -> None:
        """What there is to see of an agent whose actors are away."""
        seen = Seen(state=state, since_ms=self.clock.now_ms(), note=note, runtime=self._host.runtime.name)
        self._agents[name] = replace(self._agents[name], seen=seen)
        self._touch(name)

    def _touch(self, name: str) -> None:
        """Its row has changed; changes that come together are told together."""
        if not self._changed:
            self.tell_self(Flush())
        self._changed.add(name)

    def _flush(self) -> None:
        changed = [self._agents[name] for name in self._in_order() if name in self._changed]
        self._changed.clear()
        told = rows.merged(self._directory, changed)
        emit_all(self._directory, [("agent", row.as_frame()) for row in told])

    # ---- the table ------------------------------------------------------------------------------------

    def _known(self, name: str) -> Standing:
        standing = self._agents.get(name)
        if standing is None:
            raise not_found(f"agent {name!r}", "`hive agents` lists them")
        return standing

    def _in_order(self) -> list[str]:
        return sorted(self._agents, key=lambda name: (name != names.MANAGER_CONTAINER, name))

    def _change(self, name: str, **changes: Any) -> None:
        """Change an agent's row, on disk first."""
        self._write(table.update(name, self.clock.now_ms(), **changes))
        standing = self._agents[name]
        self._agents[name] = replace(standing, record=table.changed(standing.record, changes))
        self._touch(name)

    def _write(self, unit: table.Unit) -> None:
        store.write(self._directory, unit).get(timeout=WRITE_SECONDS)

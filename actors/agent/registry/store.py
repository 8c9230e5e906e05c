"""The agents as the daemon knows them: their records, and what was last observed of each.

Owned by the registry. Promises: memory follows the disk, and a change is on disk when the call returns. Tells its owner
`Flush` when there is something to show after a time when there was not, and `Reload` when a write has failed of which
it is not known whether it is on disk all the same.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from actors.agent.container.ending.pending_end import PendingEnd
from actors.agent.container.state import RUNS, AgentState
from actors.agent.context import AgentContext
from actors.agent.credentials import CredentialKind
from actors.agent.registry import helper_events, table
from actors.agent.registry.helper_events import Posts
from actors.agent.registry.messages import Flush, Reload
from actors.agent.snapshot import (
    AgentRecord,
    AgentSnapshot,
    Desired,
    ObservedStatus,
    Parked,
    credential_mark,
    is_carried_out,
    is_stale,
)
from actors.broker import api as broker
from actors.store import api as store
from actors.store.stored_table import LISTED, Unreadable
from actors.supervision import Clock, Directory, SupervisionError
from harness.wire import names
from harness.wire.boundary.near import did_you_mean
from harness.wire.errors import HiveError, conflict, not_found
from harness.wire.times import to_ms

log = logging.getLogger(__name__)

WRITE_SECONDS = 30.0

_UNCLEAR = frozenset({"unavailable", "timeout", "internal"})
"""The errors after which a write may have been made: an actor ended with it, or has not answered yet."""

NO_FAILURE: dict[str, Any] = {"parked": None, "start_error": None}
"""The fields of a record that tells of no failure."""


class AgentStore:
    """The table `agents` with what is known beside it. Names are container names; `tell_owner` tells the registry."""

    def __init__(
        self, context: AgentContext, directory: Directory, clock: Clock, *, tell_owner: Callable[[object], None]
    ) -> None:
        self._context = context
        self._directory = directory
        self._clock = clock
        self._tell_owner = tell_owner
        self._agents: dict[str, AgentSnapshot] = {}
        self._changed: set[str] = set()
        self.unreadable: dict[str, Unreadable] = {}
        """The rows that cannot be read, by name: nothing is done about these agents, and their names are taken."""

    def load(self) -> None:
        """Read the table."""
        self._read_unreadable()
        self._agents = {one.name: AgentSnapshot(one) for one in store.read(self._directory, table.all_records)}
        for name in self._agents:
            self._show_pause(name)

    def reload(self) -> list[str]:
        """Read the table again; returns the agents whose desired record differs. What was observed is kept."""
        store.wait_for_writes(self._directory)
        self._read_unreadable()
        stored = {one.name: one for one in store.read(self._directory, table.all_records)}
        differ = [
            name for name in {*stored, *self._agents} if _essence(stored.get(name)) != _essence(self._record(name))
        ]
        for name in differ:
            if name in stored:
                self._agents[name] = replace(self._agents.get(name, AgentSnapshot(stored[name])), record=stored[name])
                self._touch(name)
            else:
                self._forget(name)
                self._changed.discard(name)
        return differ

    def __contains__(self, name: str) -> bool:
        return name in self._agents

    def __len__(self) -> int:
        return len(self._agents)

    def names(self) -> list[str]:
        """The manager first, then by name."""
        return sorted(self._agents, key=lambda name: (name != names.MANAGER_CONTAINER, name))

    def snapshots(self) -> list[AgentSnapshot]:
        """All agents, in that order."""
        return [self.get(name) for name in self.names()]

    def get(self, name: str) -> AgentSnapshot:
        """One agent, or `not_found`."""
        agent = self._agents.get(name)
        if name in self.unreadable:
            raise conflict(f"agent {name!r}: {self.unreadable[name].sentence}", "`hive quarantine` lists such rows")
        if agent is None:
            raise not_found(f"agent {name!r}", did_you_mean(name, self._agents) or "`hive agents` lists them")
        uses_token = credential_mark(agent.record.revision).startswith(CredentialKind.TOKEN)
        return replace(
            agent,
            stale=self._is_stale(agent),
            suspended=self._context.clients.of(name).suspended,
            token_ends_ms=self._context.credentials.token_ends_ms if uses_token else None,
        )

    def check_free(self, name: str) -> None:
        """Refuse a name that an agent has, `conflict`; also one whose row cannot be read."""
        if name in self.unreadable:
            self.get(name)
        if name in self._agents:
            raise conflict(f"there is an agent {name!r} already", f"`hive start {name}` starts it")

    def taken(self) -> frozenset[str]:
        """Every name that an agent has."""
        return frozenset({*self._agents, *self.unreadable})

    def take_changed(self) -> list[AgentSnapshot]:
        """The agents whose rows have changed since the last call."""
        changed = [self.get(name) for name in self.names() if name in self._changed]
        self._changed.clear()
        return changed

    # ---- the disk -----------------------------------------------------------------------------------

    def add(self, record: AgentRecord, posts: Posts = ()) -> None:
        """Add an agent; `posts` tell of it."""
        self.write(table.insert(record), posts)
        self._agents[record.name] = AgentSnapshot(record)
        self._show_pause(record.name)

    def drop(self, name: str, posts: Posts = ()) -> None:
        """Forget an agent; `posts` tell of it."""
        self.write(table.delete(name), posts)
        self._forget(name)
        self._changed.discard(name)

    def change(self, name: str, posts: Posts = (), **changes: Any) -> None:
        """Change fields of one record, on disk first; `posts` tell of it. Changing `desired` ends a rate-limit wait."""
        if "desired" in changes:
            changes["rate_limited_until_ms"] = None
        self.write(table.update(name, self._clock.now_ms(), **changes), posts)
        self.remember(name, **changes)

    def set_paused(self, name: str, *, paused: bool, reason: str | None) -> None:
        """Note that the agent is paused or not. A pause that a person asked for is kept when the hive has a reason."""
        record, why = self.get(name).record, reason if paused else None
        persons = record.paused and record.pause_reason is None
        if (record.paused, record.pause_reason) != (paused, why) and not (persons and why is not None):
            self.change(name, paused=paused, pause_reason=why)

    def stop_wanting(self, name: str, ending: PendingEnd) -> None:
        """Note that the agent is stopped by an order; the manager is told if it was desired."""
        wanted = self.get(name).record.desired is Desired.RUNNING
        self.change(
            name, helper_events.killed(name) if wanted else (), desired=Desired.STOPPED, ending=ending, **NO_FAILURE
        )

    def keep(self, name: str, status: ObservedStatus) -> None:
        """Keep on disk what has to outlive the daemon; the manager is told when the login changes."""
        record, changes = self.get(name).record, dict[str, Any]()
        posts: Posts = ()
        until = status.rate_limited_until if status.state is AgentState.RATE_LIMITED else None
        until_ms = None if until is None else to_ms(until)
        if until_ms != record.rate_limited_until_ms and status.state in {AgentState.RATE_LIMITED, *RUNS}:
            changes["rate_limited_until_ms"] = until_ms
        if status.active_model not in {None, record.model}:
            changes["model"] = status.active_model
        if status.checked is not None and status.checked.reason is None and status.checked.sha != record.checked_sha:
            changes["checked_sha"] = status.checked.sha
        now = helper_events.needs_login(status.activity)
        if now is not None and now is not record.needs_login:
            changes["needs_login"] = now
            posts = helper_events.login(name, before=record.needs_login, now=now)
        if is_carried_out(record.ending, status):
            changes["ending"] = None
        if changes:
            self.change(name, posts, **changes)

    def remember(self, name: str, **changes: Any) -> None:
        """Change fields in memory alone: they are written with something else, in one transaction."""
        if name in self._agents:
            agent = self._agents[name]
            self._agents[name] = replace(agent, record=replace(agent.record, **changes))
            self._touch(name)

    def note(self, name: str, *, parked: Parked | None = None, start_error: str | None = None) -> None:
        """Note why the agent is down, or that it is not; in memory alone while the disk does not take it."""
        if name not in self._agents:
            return
        try:
            self.change(name, parked=parked, start_error=start_error)
        except (HiveError, SupervisionError) as error:
            reason = parked.reason if parked is not None else start_error
            log.warning("failure not stored agent=%s reason=%s error=%s", name, reason, error)
            self.remember(name, parked=parked, start_error=start_error)

    def write(self, unit: table.Unit, posts: Posts = ()) -> None:
        """Write `unit` and `posts` in one transaction; returns when they are on disk."""
        try:
            if posts:
                broker.post(self._directory, posts, extra_write=unit)
            else:
                store.write(self._directory, unit).get(timeout=WRITE_SECONDS)
        except (HiveError, SupervisionError) as error:
            if error.code in _UNCLEAR:
                self._tell_owner(Reload())
            raise

    # ---- what is observed ---------------------------------------------------------------------------

    def observe(self, name: str, status: ObservedStatus) -> None:
        """Take a status as the last one."""
        self._agents[name] = replace(self._agents[name], observed=status)
        self._touch(name)

    def measured(self, name: str, disk_bytes: int) -> None:
        """Take what the agent has on the disk; in memory alone, it is measured again after the next start."""
        if name in self._agents and self._agents[name].disk_bytes != disk_bytes:
            self._agents[name] = replace(self._agents[name], disk_bytes=disk_bytes)
            self._touch(name)

    def observe_end(
        self, name: str, state: AgentState, *, note: str | None = None, unrecoverable: bool = False
    ) -> None:
        """Take the status of an agent whose actors are away."""
        before = self._agents[name].observed
        status = ObservedStatus(
            state=state,
            since_ms=self._clock.now_ms(),
            note=note,
            unrecoverable=unrecoverable or (before is not None and before.unrecoverable),
            runtime=self._context.runtime.name,
        )
        self.observe(name, status)

    def recoverable(self, name: str) -> None:
        """Forget that another try was of no use: one is made now."""
        agent = self._agents.get(name)
        if agent is not None and agent.observed is not None and agent.observed.unrecoverable:
            self._agents[name] = replace(agent, observed=replace(agent.observed, unrecoverable=False))

    def _read_unreadable(self) -> None:
        rows = store.read(self._directory, table.AGENTS.unreadable(LISTED))
        self.unreadable = {row.key: row for row in rows}

    def _touch(self, name: str) -> None:
        self._show_pause(name)
        if not self._changed:
            self._tell_owner(Flush())
        self._changed.add(name)

    def _forget(self, name: str) -> None:
        """The next one of this name, agent or peer, is not paused."""
        self._context.clients.of(name).set_paused(paused=False)
        del self._agents[name]

    def _show_pause(self, name: str) -> None:
        """A paused agent is handed no mail and may not send: its socket sees to that."""
        self._context.clients.of(name).set_paused(paused=self._agents[name].record.paused)

    def _is_stale(self, agent: AgentSnapshot) -> bool | None:
        """An agent without a container takes the newest revision with its next start."""
        if agent.observed is None or agent.observed.state not in RUNS:
            return None
        record, credentials = agent.record, self._context.credentials
        return is_stale(record.revision, self._context.revision, record.deployed_sha, credentials.is_current)

    def _record(self, name: str) -> AgentRecord | None:
        return self._agents[name].record if name in self._agents else None


def stored_record(directory: Directory, name: str) -> AgentRecord:
    """The record on disk. Runs in the container actor, so it does not read what the registry remembers."""
    record = store.read(directory, table.one_record(name))
    if record is None:
        raise not_found(f"agent {name!r}")
    return record


def _essence(record: AgentRecord | None) -> tuple[object, ...] | None:
    """The fields that decide what is to be done about an agent."""
    if record is None:
        return None
    return record.desired, record.paused, record.deployed_sha, record.rate_limited_until_ms

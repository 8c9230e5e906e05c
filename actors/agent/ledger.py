"""The agents as the host knows them: their rows, and what was last seen of each.

Owned by the roster, which alone writes the table `agents`. Promises: memory follows the disk, a change is on disk
when the call returns; `touched` is called when there is something to tell after a time when there was not, `doubted`
when a write has failed of which nobody can say whether it is on disk all the same.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from actors.agent import helper_events, table
from actors.agent.helper_events import Posts
from actors.agent.host import AgentHost
from actors.agent.revision import is_stale
from actors.agent.standing import Desired, Record, Seen, Standing
from actors.agent.state import RUNS, AgentState
from actors.approvals import api as approvals
from actors.broker import api as broker
from actors.store import api as store
from actors.supervision import Clock, Directory, SupervisionError
from harness.wire import names
from harness.wire.errors import HiveError, not_found
from harness.wire.events import HarnessState
from harness.wire.times import to_ms

log = logging.getLogger(__name__)

WRITE_SECONDS = 30.0

_UNCLEAR = frozenset({"unavailable", "timeout", "internal"})
"""The errors after which a write may have been made: a room of the daemon ended with it, or has not answered yet."""


class Ledger:
    """The table `agents` with what is known beside it. Names are container names."""

    def __init__(
        self,
        host: AgentHost,
        directory: Directory,
        clock: Clock,
        *,
        touched: Callable[[], None],
        doubted: Callable[[], None],
    ) -> None:
        self._host = host
        self._directory = directory
        self._clock = clock
        self._touched = touched
        self._doubted = doubted
        self._agents: dict[str, Standing] = {}
        self._changed: set[str] = set()

    def load(self) -> None:
        """Read the table."""
        self._agents = {one.name: Standing(one) for one in store.read(self._directory, table.all_records)}

    def reload(self) -> list[str]:
        """Read the table again; of whom something else is wanted than was remembered. What was seen is kept."""
        store.decided(self._directory)
        stored = {one.name: one for one in store.read(self._directory, table.all_records)}
        differ = [name for name in {*stored, *self._agents} if _wishes(stored.get(name)) != self._wishes(name)]
        for name in differ:
            if name in stored:
                self._agents[name] = replace(self._agents.get(name, Standing(stored[name])), record=stored[name])
                self._touch(name)
            else:
                del self._agents[name]
                self._changed.discard(name)
        return differ

    def __contains__(self, name: str) -> bool:
        return name in self._agents

    def __len__(self) -> int:
        return len(self._agents)

    def names(self) -> list[str]:
        """The manager first, then by name."""
        return sorted(self._agents, key=lambda name: (name != names.MANAGER_CONTAINER, name))

    def standings(self) -> list[Standing]:
        """All of them, in that order."""
        return [self.known(name) for name in self.names()]

    def known(self, name: str) -> Standing:
        """One of them, or `not_found`."""
        standing = self._agents.get(name)
        if standing is None:
            raise not_found(f"agent {name!r}", "`hive agents` lists them")
        return replace(standing, stale=self._is_stale(standing))

    def take_changed(self) -> list[Standing]:
        """Those whose rows have changed since the last call."""
        changed = [self.known(name) for name in self.names() if name in self._changed]
        self._changed.clear()
        return changed

    # ---- the disk -----------------------------------------------------------------------------------

    def add(self, record: Record, posts: Posts = ()) -> None:
        """A new row; `posts` tell of it."""
        self.write(table.insert(record), posts)
        self._agents[record.name] = Standing(record)

    def drop(self, name: str, posts: Posts = ()) -> None:
        """Forget one; `posts` tell of it."""
        self.write(table.delete(name), posts)
        del self._agents[name]
        self._changed.discard(name)

    def change(self, name: str, posts: Posts = (), **changes: Any) -> None:
        """Change columns of one row, on disk first; `posts` tell of it. Whoever says what is wanted ends a rest."""
        if "desired" in changes:
            changes["rests_until"] = None
        self.write(table.update(name, self._clock.now_ms(), **changes), posts)
        self.remember(name, **changes)

    def unwant(self, name: str) -> None:
        """Somebody stops it: the manager is told, if it was wanted."""
        wanted = self.known(name).record.desired is Desired.RUNNING
        self.change(name, helper_events.killed(name) if wanted else (), desired=Desired.STOPPED, note=None)

    def heard(self, name: str, seen: Seen) -> None:
        """What of a container actor's word has to outlive the host; the manager is told when the login changes."""
        record, changes = self.known(name).record, dict[str, Any]()
        posts: Posts = ()
        until = seen.rate_limited_until if seen.state is AgentState.RESTING else None
        rests_until = None if until is None else to_ms(until)
        if rests_until != record.rests_until_ms and seen.state in {AgentState.RESTING, *RUNS}:
            changes["rests_until"] = rests_until
        if seen.active_model not in {None, record.model}:
            changes["model"] = seen.active_model
        now = helper_events.needs_login(seen.activity)
        if now is not None and now is not record.needs_login:
            changes["needs_login"] = now
            posts = helper_events.login(name, before=record.needs_login, now=now)
        if changes:
            self.change(name, posts, **changes)

    def remember(self, name: str, **changes: Any) -> None:
        """The same in memory alone: the row is written with something else, in one transaction."""
        if name in self._agents:
            standing = self._agents[name]
            self._agents[name] = replace(standing, record=table.changed(standing.record, changes))
            self._touch(name)

    def note(self, name: str, text: str | None) -> None:
        """Put a note into a row; while the disk does not take it, only where it can be seen."""
        if name not in self._agents:
            return
        try:
            self.change(name, note=text)
        except (HiveError, SupervisionError) as error:
            log.warning("note not stored agent=%s note=%s error=%s", name, text, error)
            self.remember(name, note=text)

    def write(self, unit: table.Unit, posts: Posts = ()) -> None:
        """Back when it is on disk, and `posts` with it, in one transaction."""
        try:
            if posts:
                broker.post(self._directory, posts, extra_write=unit)
            else:
                store.write(self._directory, unit).get(timeout=WRITE_SECONDS)
        except (HiveError, SupervisionError) as error:
            if error.code in _UNCLEAR:
                self._doubted()
            raise

    # ---- what is seen -------------------------------------------------------------------------------

    def observed(self, name: str, seen: Seen) -> None:
        """A container actor's word."""
        before = self._agents[name].seen
        self._agents[name] = replace(self._agents[name], seen=seen)
        if seen.activity == HarnessState.NEEDS_LOGIN and (before is None or before.activity != seen.activity):
            approvals.login_needed(self._directory, name)
        self._touch(name)

    def saw(self, name: str, state: AgentState, note: str | None = None) -> None:
        """What there is to see of an agent whose actors are away."""
        self.observed(
            name, Seen(state=state, since_ms=self._clock.now_ms(), note=note, runtime=self._host.runtime.name)
        )

    def _touch(self, name: str) -> None:
        if not self._changed:
            self._touched()
        self._changed.add(name)

    def _is_stale(self, standing: Standing) -> bool | None:
        """What does not run takes the newest revision with its next start."""
        if standing.seen is None or standing.seen.state not in RUNS:
            return None
        record = standing.record
        return is_stale(record.revision, self._host.revision, record.deployed_sha)

    def _wishes(self, name: str) -> tuple[object, ...] | None:
        return _wishes(self._agents[name].record if name in self._agents else None)


def _wishes(record: Record | None) -> tuple[object, ...] | None:
    return None if record is None else (record.desired, record.paused, record.deployed_sha, record.rests_until_ms)

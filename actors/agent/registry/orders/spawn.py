"""The order to create an agent, in two steps: its name is kept, its files are laid out by the sender, then it exists.

Part of the registry and run in it. Promises: nobody else gets the name in between; a row promises that its files are
there; many agents are laid out at the same time, and the registry answers meanwhile.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from actors.agent.container.state import AgentState
from actors.agent.container.wakeup import REVIVED
from actors.agent.context import AgentContext
from actors.agent.registry import generations, helper_events
from actors.agent.registry.first_configuration import first_configuration
from actors.agent.registry.messages import AbandonSpawn, BeginSpawn, Spawn
from actors.agent.registry.name_check import check_new
from actors.agent.registry.reconciler import Reconciler
from actors.agent.registry.store import AgentStore
from actors.agent.snapshot import AgentRecord, Desired
from actors.peers.queries import check_no_peer
from actors.store import api as store
from actors.supervision import Actor, Directory, Promise
from harness.wire.errors import conflict

NameCheck = Callable[[sqlite3.Connection, str], None]
"""Raises `conflict` before a spawn that no approval carries out."""


class Spawns:
    """`registry` is the actor whose clock is used; `added` is called when there is an agent more."""

    def __init__(
        self,
        registry: Actor,
        *,
        context: AgentContext,
        agents: AgentStore,
        reconciler: Reconciler,
        directory: Directory,
        name_check: NameCheck,
        added: Callable[[], None],
    ) -> None:
        self._registry = registry
        self._context = context
        self._agents = agents
        self._reconciler = reconciler
        self._directory = directory
        self._name_check = name_check
        self._added = added
        self._kept: dict[str, object] = {}
        """The names of spawns that have begun, with the token of each."""

    def handle(self, message: BeginSpawn | Spawn | AbandonSpawn) -> Callable[[], str] | Promise[Any] | None:
        """Take a step of a spawn."""
        match message:
            case BeginSpawn():
                return self._begin(message)
            case Spawn():
                return self._spawn(message)
            case AbandonSpawn(name, token) if self._kept.get(name) is token:
                del self._kept[name]
        return None

    def check_kept(self, name: str) -> None:
        """Refuse a name whose spawn has begun."""
        if name in self._kept:
            raise conflict(f"{name!r} is being spawned", "try again in a moment")

    def add(self, name: str, role: str, *, silent: bool, sha: str | None = None) -> None:
        """Add a row; files first, which are laid out now unless the `sha` of their commit is given."""
        if sha is None:
            sha = self._lay_out(name, silent=silent)
        record = AgentRecord(
            name=name,
            role=role,
            desired=Desired.RUNNING,
            created_ms=self._registry.clock.now_ms(),
            deployed_sha=sha,
            checked_sha=None if silent and role == "agent" else sha,  # the template is no change that is waited for
        )
        self._agents.add(record, () if silent else helper_events.spawned(name, sha))
        self._agents.observe_end(name, AgentState.SPAWNING)

    def _begin(self, order: BeginSpawn) -> Callable[[], str]:
        name = order.name
        check_new(name, self._context.runtime, self._context.workspace)
        self._agents.check_free(name)
        self.check_kept(name)
        store.read(self._directory, lambda connection: check_no_peer(connection, name))
        if not order.silent:
            store.read(self._directory, lambda connection: self._name_check(connection, name))
        self._kept[name] = order.token
        return partial(self._prepare, name, silent=order.silent)

    def _spawn(self, order: Spawn) -> Promise[Any]:
        name = order.name
        if self._kept.get(name) is not order.token:
            raise conflict(f"the spawn of {name!r} was interrupted", "try again")
        has_run_before = self._context.workspace.of(name).log.exists()
        self.add(name, "agent", silent=order.silent, sha=order.sha)
        del self._kept[name]
        self._added()
        return self._reconciler.bring_up(name, wakeup=REVIVED if has_run_before else None)

    def _prepare(self, name: str, *, silent: bool) -> str:
        """Runs in the greenlet of the sender, who alone has the name: nothing of the registry is touched."""
        generations.begin(self._directory, self._context.workspace, self._context.clients, name)
        return self._lay_out(name, silent=silent)

    def _lay_out(self, name: str, *, silent: bool) -> str:
        """The folders and the configuration of a new agent."""
        workspace = self._context.workspace
        workspace.prepare(name)
        if not silent:  # an approval has laid out the notes that the operator was shown
            workspace.take_staged(name)
        with self._context.slots:
            return first_configuration(
                workspace,
                name,
                default_model=self._context.default_model,
                remote=self._context.applied_remote(name),
                at_ms=self._registry.clock.now_ms(),
            )

"""The orders to start and to end one agent: what is desired is written first, then its container's actor is told.

Part of the registry and run in it. Promises: an order that waits for a running turn is on disk, and the next daemon
carries it out; the promise of an order is kept when it was carried out. Waiting is the container's: nothing waits here.
"""

from typing import Any

from actors.agent.addresses import container_actor
from actors.agent.container.ending.pending_end import FOR_GOOD, EndOrder, PendingEnd
from actors.agent.container.messages import Halt, Run
from actors.agent.container.state import AgentState
from actors.agent.container.wakeup import RESTARTED, STARTED
from actors.agent.context import AgentContext
from actors.agent.registry.messages import (
    Destroy,
    Forget,
    NotRebuilt,
    Postponed,
    Rebuild,
    Reconcile,
    Restart,
    Start,
    Stop,
)
from actors.agent.registry.orders.rebuilds import ASKED_FOR, Rebuilds
from actors.agent.registry.reconciler import Reconciler
from actors.agent.registry.store import NO_FAILURE, AgentStore
from actors.agent.snapshot import Desired
from actors.supervision import Actor, Directory, Promise, SupervisionError, resolved
from harness.wire import names
from harness.wire.errors import HiveError, forbidden

FOR_GOOD_BY = {
    (False, False): EndOrder.DESTROY,
    (True, False): EndOrder.PURGE,
    (False, True): EndOrder.REMOVE,
}
"""The order to destroy, by `purge` and `silent`, as it outlives the daemon."""

Carried = Promise[Any] | None
"""Kept when the order was carried out; None: it is."""


class Orders:
    """`registry` is the actor whose mailbox is used."""

    def __init__(
        self,
        registry: Actor,
        *,
        context: AgentContext,
        store: AgentStore,
        rebuilds: Rebuilds,
        reconciler: Reconciler,
        directory: Directory,
    ) -> None:
        self._registry = registry
        self._context = context
        self._store = store
        self._rebuilds = rebuilds
        self._reconciler = reconciler
        self._directory = directory

    def handle(self, order: Start | Restart | Rebuild | Stop | Destroy) -> Carried:
        """Give the order; the promise of one that is not waited for is dropped."""
        if not isinstance(order, Start) and (starting := self._reconciler.starting(order.name)) is not None:
            return self._after(starting, order)
        match order:
            case Start(name):
                return self._start(name)
            case Restart():
                carried = self._restart(order)
            case Rebuild():
                carried = self._rebuild(order)
            case Stop():
                carried = self._stop(order)
            case Destroy():
                return self._destroy(order)
        return carried if order.wait else None

    def _after(self, starting: Promise[None], order: object) -> Carried:
        """Give the order when the start of the agent is over, however it ends."""
        carried = self._registry.promise()
        starting.then(lambda _over: self._registry.tell_self(Postponed(order, carried)))
        return carried

    def postponed(self, postponed: Postponed) -> None:
        """Give an order that had to wait for a start."""
        try:
            carried = self.handle(postponed.order)
        except (HiveError, SupervisionError) as refusal:
            postponed.carried.fail(refusal)
            return
        if carried is None:
            postponed.carried.set(None)
        else:
            carried.forward(postponed.carried)

    def _start(self, name: str) -> Carried:
        """The agent is desired from now on. Its actors start it where they are up; otherwise it gets fresh ones."""
        self._want(name, None)
        if self._is_up(name) and self._reconciler.starting(name) is None:
            return self._directory.ask_later(container_actor(name), Run(wakeup=STARTED))
        return self._reconciler.bring_up(name, wakeup=STARTED)

    def _restart(self, order: Restart) -> Carried:
        name = order.name
        if not self._is_up(name):
            return self._start(name)
        self._want(name, self._pending(EndOrder.RESTART, now=order.now))
        return self._directory.ask_later(container_actor(name), Run(again=True, wakeup=RESTARTED, now=order.now))

    def _rebuild(self, order: Rebuild) -> Carried:
        """The wakeup and the manager's event follow when it is up, see `Rollouts`."""
        name = order.name
        self._want(name, self._pending(EndOrder.DEPLOY if order.silent else EndOrder.REBUILD, now=order.now))
        self._rebuilds.begin([name], ASKED_FOR, silent=order.silent)
        if not self._is_up(name):
            return self._reconciler.bring_up(name)
        rebuilt = self._directory.ask_later(container_actor(name), Run(again=True, rebuild=True, now=order.now))
        rebuilt.then(lambda done: self._registry.tell_self(NotRebuilt(name, done)))
        return rebuilt

    def _stop(self, order: Stop) -> Carried:
        name = order.name
        self._store.stop_wanting(name, self._pending(EndOrder.STOP, now=order.now))
        if not self._is_up(name):
            # Parked, or its actor is away for a moment; a container without an actor gets one that ends it.
            self._store.observe_end(name, AgentState.STOPPED)
            self._registry.tell_self(Reconcile((name,)))
            return None
        return self._directory.ask_later(container_actor(name), Halt(graceful=order.graceful, now=order.now))

    def _destroy(self, order: Destroy) -> Carried:
        name = order.name
        if name == names.MANAGER_CONTAINER:
            raise forbidden("the manager cannot be destroyed", "`hive stop manager` stops it")
        known = self._store.get(name).record.ending
        ending = self._pending(FOR_GOOD_BY[order.purge, order.silent], now=order.now)
        if known is not None and known.order is ending.order and not order.now:
            ending = known  # of the daemon before: the grace goes on where it was
        self._store.change(name, desired=Desired.STOPPED, ending=ending, **NO_FAILURE)
        if self._is_up(name):
            ended = self._directory.ask_later(container_actor(name), Halt(forever=True, now=order.now))
        elif self._context.runtime.find(self._context.workspace.of(name)) is not None:
            return self._after(self._reconciler.bring_up(name), order)  # it is adopted, and then ended
        else:
            ended = resolved(None)
        carried = self._registry.promise()
        ended.then(lambda done: self._registry.tell_self(Forget(order, done, carried)))
        return carried

    def carry_on(self) -> None:
        """Take up the orders to destroy that the last daemon did not live to carry out."""
        for one in self._store.snapshots():
            if one.record.ending is not None and one.record.ending.order in FOR_GOOD:
                purge, silent = next(how for how, order in FOR_GOOD_BY.items() if order is one.record.ending.order)
                self._registry.tell_self(Destroy(one.record.name, purge=purge, silent=silent))

    def _want(self, name: str, ending: PendingEnd | None) -> None:
        self._store.get(name)
        self._store.change(name, desired=Desired.RUNNING, ending=ending, **NO_FAILURE)

    def _pending(self, order: EndOrder, *, now: bool) -> PendingEnd:
        """The order as the next daemon reads it; of one that is for now, the grace is over."""
        used_ms = int(self._context.grace_seconds * 1000) if now else 0
        return PendingEnd(order, self._registry.clock.now_ms() - used_ms)

    def _is_up(self, name: str) -> bool:
        return self._directory.whereis(container_actor(name)) is not None

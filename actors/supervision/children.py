"""A supervisor's children: the ordered table, and the two things done to one of them, start and stop.

Owned by one supervisor and touched by its greenlet only; the tree reads it.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from actors.supervision.actor import Actor
from actors.supervision.backoff import Fatigue
from actors.supervision.clock import Clock, Timer
from actors.supervision.directory import Directory
from actors.supervision.exits import Exit
from actors.supervision.messages import ChildEnded, Stop
from actors.supervision.spec import ChildSpec, Restart, Shutdown
from actors.supervision.strategy import ChildState, ChildView

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Child:
    """One child over all its incarnations."""

    spec: ChildSpec
    actor: Actor | None = None
    """The incarnation that runs, starts or stops; None when nobody does."""
    state: ChildState = ChildState.DOWN
    restarts: int = 0
    last_error: str | None = None
    fatigue: Fatigue = field(default_factory=Fatigue)
    retry: Timer | None = None
    """The end of the pause before its next start."""

    def view(self) -> ChildView:
        return ChildView(self.spec.id, self.spec.restart, self.spec.significant, self.state)

    def set_down(self) -> None:
        """Nobody runs and nobody is going to."""
        self.actor = None
        self.state = ChildState.DOWN
        self.cancel_retry()

    def cancel_retry(self) -> None:
        if self.retry is not None:
            self.retry.cancel()
            self.retry = None


class Children:
    """The children in the order of their start."""

    def __init__(self, specs: Sequence[ChildSpec] = ()) -> None:
        self._by_id = {spec.id: Child(spec) for spec in specs}

    def __iter__(self) -> Iterator[Child]:
        return iter(list(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, child_id: str) -> Child | None:
        return self._by_id.get(child_id)

    def running(self, actor: Actor) -> Child | None:
        """Whose incarnation this is; None for one that was given up or replaced."""
        child = self._by_id.get(actor.name.rpartition("/")[2])
        return child if child is not None and child.actor is actor else None

    def add(self, child: Child) -> None:
        """At the end of the order."""
        self._by_id[child.spec.id] = child

    def remove(self, child_id: str) -> None:
        del self._by_id[child_id]

    def ended(self, child: Child) -> None:
        """It stays down; a temporary one is forgotten."""
        child.set_down()
        if child.spec.restart is Restart.TEMPORARY:
            self.remove(child.spec.id)

    def views(self) -> list[ChildView]:
        return [child.view() for child in self._by_id.values()]


def begin(child: Child, name: str, directory: Directory) -> Exit | None:
    """Build and launch a fresh incarnation; the failure when it did not get that far."""
    try:
        actor = child.spec.start()
        directory.launch(actor, name)
    except Exception as error:
        logger.exception("start failed name=%s", name)
        child.last_error = str(Exit.failed(error).detail)
        error.__traceback__ = None
        return Exit.failed(error)
    child.actor = actor
    return None


def await_start(child: Child, supervisor: Actor) -> Exit | None:
    """Wait until a launched child is up; the failure when it is not."""
    actor = child.actor
    assert actor is not None, "awaited before it was launched"
    actor.started.wait()
    if actor.started.error is not None:
        failure = actor.ended.get()
        child.last_error = str(failure)
        child.actor = None
        return failure
    child.state = ChildState.UP
    actor.ended.then(lambda ended: supervisor.tell(ChildEnded(actor, ended.get())))
    return None


def request_stop(child: Child, clock: Clock) -> Timer | None:
    """Ask a child to stop, or kill it where its specification says so; the timer is its deadline."""
    actor, patience = child.actor, child.spec.patience
    if actor is None:
        return None
    if patience is Shutdown.KILL:
        actor.kill("its specification says so")
        return None
    actor.tell(Stop(Exit.shutdown()))
    if isinstance(patience, Shutdown):
        return None
    return clock.call_later(patience, lambda: actor.kill(f"did not stop within {patience:g} s"))


def await_stop(child: Child, deadline: Timer | None) -> None:
    """Wait for the end of a child that was asked to stop."""
    actor = child.actor
    try:
        if actor is not None:
            exit_reason = actor.ended.get()
            if not exit_reason.orderly and child.spec.shutdown is not Shutdown.KILL:
                child.last_error = str(exit_reason)
                logger.warning("stopped badly name=%s exit=%s", actor.name, exit_reason)
    finally:
        if deadline is not None:
            deadline.cancel()
    child.set_down()

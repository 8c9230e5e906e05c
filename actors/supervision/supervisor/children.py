"""A supervisor's children: the ordered table.

Owned by one supervisor and changed in its greenlet only; the tree reads it.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from actors.supervision.actor.actor import Actor
from actors.supervision.clock import Timer
from actors.supervision.exits import Exit
from actors.supervision.promise import Promise
from actors.supervision.supervisor.backoff import BackoffState
from actors.supervision.supervisor.requests import ChildCount, ChildRow
from actors.supervision.supervisor.spec import ChildSpec, ChildType, Restart
from actors.supervision.supervisor.strategy import ChildState, ChildView

KEPT_REASONS = 8


@dataclass(slots=True, eq=False)
class Child:
    """One child over all its incarnations."""

    spec: ChildSpec
    actor: Actor | None = None
    """The incarnation that runs, starts or stops; None when there is none."""
    state: ChildState = ChildState.DOWN
    restarts: int = 0
    done: bool = False
    """The child is down because its work is over: it ended by itself, with `normal`."""
    last_failure: Exit | None = None
    """How the child last ended badly, or why it did not start."""
    reasons: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT_REASONS))
    """When (milliseconds UTC) and why the child was restarted, oldest first."""
    backoff: BackoffState = field(default_factory=BackoffState)
    retry: Timer | None = None
    """The end of the pause before the next start."""
    launch: Promise[str] | None = None
    """The start under way that this supervisor does not wait for."""

    def view(self) -> ChildView:
        return ChildView(self.spec.id, self.spec.restart, self.spec.significant, self.state)

    @property
    def last_error(self) -> str | None:
        """`last_failure` in words."""
        return None if self.last_failure is None else str(self.last_failure)

    def set_down(self) -> None:
        """No incarnation runs and none is going to."""
        self.actor = None
        self.launch = None
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
        """The child whose incarnation this actor is; None for an actor that was abandoned or replaced."""
        child = self._by_id.get(actor.name.rpartition("/")[2])
        return child if child is not None and child.actor is actor else None

    def add(self, child: Child) -> None:
        """Add a child at the end of the order."""
        self._by_id[child.spec.id] = child

    def remove(self, child_id: str) -> None:
        del self._by_id[child_id]

    def ended(self, child: Child) -> None:
        """The child stays down; a temporary one is forgotten."""
        child.set_down()
        if child.spec.restart is Restart.TEMPORARY:
            self.remove(child.spec.id)

    def rows(self, name_of: Callable[[str], str]) -> list[ChildRow]:
        """The children as `which_children` shows them."""
        return [
            ChildRow(
                id=child.spec.id,
                name=name_of(child.spec.id) if child.state is ChildState.UP else None,
                state=child.state,
                type=child.spec.type,
                restart=child.spec.restart,
            )
            for child in self
        ]

    def count(self) -> ChildCount:
        """OTP's four numbers."""
        children = list(self)
        supervisors = sum(child.spec.type is ChildType.SUPERVISOR for child in children)
        return ChildCount(
            specs=len(children),
            active=sum(child.state is ChildState.UP for child in children),
            supervisors=supervisors,
            workers=len(children) - supervisors,
        )

    def views(self) -> list[ChildView]:
        return [child.view() for child in self._by_id.values()]

"""The container in hand: its end is noticed, and when it was asked to end, it is killed at the deadline.

Part of the container actor and run in it. Owns the watch and the deadline, not the container.
"""

import logging
from typing import Any

from actors.agent.container.messages import ContainerEnded, StopTimeout
from actors.agent.runtime import Container, Runtime, Watch
from actors.supervision import Actor, Timer

log = logging.getLogger(__name__)


class InHand:
    """`actor` is the container's; `stop_seconds` is the time that a container has to end when it is asked to."""

    def __init__(self, actor: Actor, runtime: Runtime, *, stop_seconds: float) -> None:
        self._actor = actor
        self._runtime = runtime
        self._stop_seconds = stop_seconds
        self._watch: Watch | None = None
        self._stop_timer: Timer | None = None
        self.container: Container | None = None
        """None: there is none, as far as is known."""
        self._started_ms: int | None = None
        self._credential: str | None = None

    def take(self, container: Container, *, started_ms: int | None, credential: str | None) -> None:
        """Watch this container from now on. `credential` is the mark of the hive's that it was started with."""
        self.container, self._started_ms, self._credential = container, started_ms, credential
        self._watch = self._runtime.watch(container, lambda: self._actor.tell_self(ContainerEnded(container.id)))

    def holds(self, container_id: str) -> bool:
        """Whether a message about this id is about the present container."""
        return self.container is not None and self.container.id == container_id

    def end(self, *, graceful: bool) -> None:
        """Ask the container to end, or kill it."""
        assert self.container is not None
        if not graceful:
            self._runtime.kill(self.container)
        elif self._stop_timer is None:
            self._runtime.stop(self.container)
            self._stop_timer = self._actor.tell_after(self._stop_seconds, StopTimeout(self.container.id))

    def late(self, container_id: str) -> None:
        """Kill the container of this id, which has had its time to end."""
        if self.container is not None and self.holds(container_id):
            log.warning("did not stop in its time agent=%s seconds=%s", self.container.name, self._stop_seconds)
            self._runtime.kill(self.container)

    def let_go(self) -> None:
        """Stop watching the container, which may run on."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._stop_timer is not None:
            self._stop_timer.cancel()
            self._stop_timer = None

    def ended(self) -> Container:
        """Note that there is no container any more; returns the one that there was."""
        assert self.container is not None
        self.let_go()
        container, self.container, self._started_ms, self._credential = self.container, None, None, None
        return container

    def observed(self) -> dict[str, Any]:
        """The fields of an `ObservedStatus` that tell of its start; None for a container that was adopted."""
        return {"started_ms": self._started_ms, "credential": self._credential}

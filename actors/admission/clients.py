"""What is known of each agent and peer when a request comes: suspended, paused, ending, how much it did. In memory.

Written by the component that owns each fact (`admission`, `registry`, a container's actor), read by the sockets with
every request. It outlives every actor, so that no restart readmits a client; the facts themselves are on disk, with
their owners.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from actors.admission.rates import Bucket, Rates
from harness.wire.names import broker_name


@dataclass(slots=True, eq=False)
class Client:
    """One agent or peer."""

    suspended: str | None = None
    """Why it is suspended, in a sentence."""
    rates: Rates = field(default_factory=Rates)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    turn: str | None = None
    """The turn that its harness has begun and not settled, by its name (`harness.wire.boundary.causes`)."""
    turn_is_known: bool = False
    """Whether `turn` is known since this daemon started."""
    _paused: bool = False
    _draining: bool = False
    _on_change: dict[object, Callable[[], None]] = field(default_factory=dict)

    @property
    def paused(self) -> bool:
        """Whether the operator has paused it."""
        return self._paused

    @property
    def barred(self) -> bool:
        """Whether it is handed no mail."""
        return self._paused or self._draining or self.suspended is not None

    def set_paused(self, *, paused: bool) -> None:
        """Pause or resume; what waits is called back."""
        if paused is not self._paused:
            self._paused = paused
            self._changed()

    def set_draining(self, *, draining: bool) -> None:
        """Have no new turn begin, because its container is about to end; what waits is called back."""
        if draining is not self._draining:
            self._draining = draining
            self._changed()

    def set_suspended(self, reason: str | None) -> None:
        """Suspend or, with None, readmit; what waits is called back."""
        self.suspended = reason
        self._changed()

    def set_turn(self, turn: str | None) -> None:
        """The harness has begun a turn, or settled the one it was in."""
        self.turn, self.turn_is_known = turn, True

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back, without blocking, at each change of these; returns what ends that."""
        key = object()
        self._on_change[key] = callback
        return lambda: self._on_change.pop(key, None) and None

    def _changed(self) -> None:
        for callback in list(self._on_change.values()):
            callback()


class Clients:
    """Every agent and peer, by name in either spelling: the present owner of each name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Client] = {}

    def of(self, name: str) -> Client:
        """The client of this name; one that nothing is known of is free."""
        return self._by_name.setdefault(broker_name(name), Client())

    def renew(self, name: str) -> None:
        """The owner of the name has ended; of the next one nothing is known."""
        self._by_name.pop(broker_name(name), None)

"""An order to the registry that was given and may take a while: a running turn may end before it is carried out."""

from actors.agent.addresses import REGISTRY
from actors.agent.registry.messages import GetGrace
from actors.peers.api import explained
from actors.supervision import SYSTEM_CLOCK, AskTimeout, Directory
from harness.wire.errors import HiveError


class Ordered:
    """One order. `seconds` is what it takes beside the grace of a turn.

    The time runs from `wait` on: of many orders each has its own, after those that were given before it.
    """

    def __init__(self, directory: Directory, name: str, order: object, *, seconds: float) -> None:
        self._directory = directory
        self._name = name
        self._seconds = seconds
        # Before the order: the answer would else wait for every order that is given after this one.
        self._grace = directory.ask_later(REGISTRY, GetGrace())
        self._carried_out = directory.ask_later(REGISTRY, order)

    def wait(self) -> None:
        """Return when it was carried out; raises what it was refused with."""
        began = SYSTEM_CLOCK.monotonic()
        try:
            if not self._grace.wait(self._seconds):
                raise AskTimeout(REGISTRY, self._seconds)
            grace_seconds: float = self._grace.get()
            seconds = self._seconds + grace_seconds
            if not self._carried_out.wait(max(0.0, began + seconds - SYSTEM_CLOCK.monotonic())):
                raise AskTimeout(REGISTRY, seconds)
            self._carried_out.get()
        except HiveError as refusal:
            raise explained(self._directory, self._name, refusal) from None

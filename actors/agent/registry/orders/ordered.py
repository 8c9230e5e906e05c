"""An order to the registry that was given and may take a while: a running turn may end before it is carried out."""

from actors.agent.addresses import REGISTRY
from actors.agent.registry.messages import GetGrace
from actors.peers.api import explained
from actors.supervision import SYSTEM_CLOCK, AskTimeout, Directory
from harness.wire.errors import HiveError

ASK_SECONDS = 5.0


class Ordered:
    """One order. `seconds` is what it takes beside the grace of a turn."""

    def __init__(self, directory: Directory, name: str, order: object, *, seconds: float) -> None:
        self._directory = directory
        self._name = name
        self._seconds = seconds
        self._given_at = SYSTEM_CLOCK.monotonic()
        self._carried_out = directory.ask_later(REGISTRY, order)

    def wait(self) -> None:
        """Return when it was carried out; raises what it was refused with."""
        try:
            grace_seconds: float = self._directory.ask(REGISTRY, GetGrace(), timeout=ASK_SECONDS)
            seconds = self._seconds + grace_seconds
            if not self._carried_out.wait(max(0.0, self._given_at + seconds - SYSTEM_CLOCK.monotonic())):
                raise AskTimeout(REGISTRY, seconds)
            self._carried_out.get()
        except HiveError as refusal:
            raise explained(self._directory, self._name, refusal) from None

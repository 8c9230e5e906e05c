"""How many bytes of mail each agent has sent that the hive still keeps: they are on the disk because of it.

Owns a count per name. New mail is added when it is asked for; what retention has dropped is found by counting anew.
"""

from actors.broker import api as broker
from actors.supervision import Clock, Directory
from harness.wire.names import broker_name

RECOUNT_SECONDS = 3600.0


class SentMail:
    """Mail to itself counts, and each copy of a broadcast."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory, self._clock = directory, clock
        self._bytes: dict[str, int] = {}
        self._last = 0
        self._counted_at = float("-inf")

    def of(self, name: str) -> int:
        """Of this agent, its container's name or the broker's. Raises HiveError while the database cannot be read."""
        now = self._clock.monotonic()
        if now - self._counted_at > RECOUNT_SECONDS:
            self._bytes, self._last = broker.sent_bytes(self._directory, 0)
            self._counted_at = now
        else:
            new, self._last = broker.sent_bytes(self._directory, self._last)
            for owner, size in new.items():
                self._bytes[owner] = self._bytes.get(owner, 0) + size
        return self._bytes.get(broker_name(name), 0)

    def forget(self) -> None:
        """Count anew next time: a name has another owner."""
        self._counted_at = float("-inf")

"""What agents have tried to reach since the last report. Bounded: an agent cannot fill the memory with names."""

from harness.wire.proxy import MAX_HOSTS, HostReport

OTHERS = "(others)"
"""Stands for the hosts that were too many to be told apart."""


class Hosts:
    """The counts of one agent between two reports."""

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._rows: dict[tuple[str, int], HostReport] = {}

    def note(self, host: str, port: int, *, reason: str | None, now_ms: int) -> None:
        """Count one attempt; `reason` says why it was refused or failed, None that it was connected."""
        key = (host, port)
        if key not in self._rows and len(self._rows) >= MAX_HOSTS:
            key = (OTHERS, 0)
        row = self._rows.get(key) or HostReport(agent=self._agent, host=key[0], port=key[1], last_ms=now_ms)
        count = {"connected": row.connected + 1} if reason is None else {"refused": row.refused + 1}
        self._rows[key] = row.model_copy(update={**count, "reason": reason, "last_ms": now_ms})

    def take(self) -> HostReport | None:
        """The next row to report, which is then no longer here."""
        key = next(iter(self._rows), None)
        return None if key is None else self._rows.pop(key)

    def give_back(self, row: HostReport) -> None:
        """A row that could not be reported now: it waits, and its counts grow."""
        self._rows[row.host, row.port] = row

"""The record of the hosts that agents tried to reach, since the daemon started. Bounded per agent."""

from collections import OrderedDict

from harness.wire.proxy import MAX_HOSTS, HostReport


class HostTable:
    """Counts by agent, host and port. The host that was not tried for the longest time makes room."""

    def __init__(self) -> None:
        self._agents: dict[str, OrderedDict[tuple[str, int], HostReport]] = {}

    def add(self, report: HostReport) -> None:
        """Add the counts of a report to those of its host."""
        rows = self._agents.setdefault(report.agent, OrderedDict())
        known = rows.pop((report.host, report.port), None)
        if known is not None:
            report = report.model_copy(
                update={
                    "connected": known.connected + report.connected,
                    "refused": known.refused + report.refused,
                }
            )
        elif len(rows) >= MAX_HOSTS:
            rows.popitem(last=False)
        rows[report.host, report.port] = report

    def forget(self, agent: str) -> None:
        """Drop the rows of an agent: its name has a new owner."""
        self._agents.pop(agent, None)

    def of(self, agent: str) -> list[HostReport]:
        """The rows of one agent, the latest first."""
        return list(reversed(self._agents.get(agent, {}).values()))

"""What is fixed about one terminal when it is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.agent.runtime import Watch
from actors.terminals.messages import Size
from actors.terminals.shell import Order
from harness.wire.names import broker_name
from harness.wire.operator_api.terminals import TerminalRow
from harness.wire.times import from_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A terminal of the operator in the container of `agent`."""

    id: str
    agent: str
    opened_ms: int
    opened_by: str
    size: Size
    recording: Path
    order: Order
    watch_container: Callable[[Callable[[], None]], Watch]
    """Has its argument called once, in the hub, when the container has ended."""

    def row(self, *, open: bool, viewers: int, size: Size) -> TerminalRow:  # noqa: A002 — the word of the wire
        """As operators see it."""
        return TerminalRow(
            id=self.id,
            agent=broker_name(self.agent),
            opened_at=from_ms(self.opened_ms),
            opened_by=self.opened_by,
            columns=size.columns,
            rows=size.rows,
            open=open,
            viewers=viewers,
        )

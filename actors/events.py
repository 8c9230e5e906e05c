"""How any actor tells the operator's event stream what happened.

Emitting never blocks and never fails: facts live in the database, the stream only says that it is
worth looking. While the gateway is away events are dropped; its clients start from a fresh snapshot.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from actors.supervision import Directory

STREAM = "gateway/stream"


@dataclass(frozen=True, slots=True)
class Emit:
    """Events to append, in order: (kind, data), kinds as in `harness.wire.operator_rows.OperatorEvent`."""

    events: tuple[tuple[str, dict[str, Any]], ...]


def emit(directory: Directory, kind: str, data: dict[str, Any]) -> None:
    """Append one event to the operator's stream."""
    directory.tell(STREAM, Emit(((kind, data),)))


def emit_all(directory: Directory, events: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Append several events in one message; for a component that reports a whole commit."""
    batch = tuple(events)
    if batch:
        directory.tell(STREAM, Emit(batch))

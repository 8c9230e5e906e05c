"""The turn log by turns: the rows of each turn below its head, which says who woke it, what it took and cost. Pure.

A turn that has ended is known from its figures; one that runs, from the event with which it began.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.wire import times
from harness.wire.live.facets import Facet
from harness.wire.operator_rows import TurnRow
from web.presentation import formats, turn_log
from web.presentation.turn_log import LogRow

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a turn; None where it is not. `outcome` is None while it runs."""

    woken_by: str
    started_at: str | None
    ended_at: str | None = None
    duration_ms: float | None = None
    tokens: int | None = None
    token_kinds: str = ""
    cost_usd: float | None = None
    outcome: str | None = None
    cold: bool = False
    tools: int | None = None
    error: str | None = None
    """Why the figures cannot be shown."""
    number: int | None = None
    """The number that the hive gave the turn, by which rows name it as their cause."""

    @property
    def tone(self) -> str:
        """The tone of the outcome."""
        if self.error:
            return "attention"
        return {None: "busy", "ok": "ok"}.get(self.outcome, "bad")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together: those of one turn, or between two turns (`turn` is None).

    `turn` is the id of its first event. `head` is None in the middle of a turn of which this page does not know more.
    """

    turn: int | None = None
    head: Head | None = None
    rows: list[LogRow] = field(default_factory=list)
    running: bool = False
    gone: bool = False
    """Its events are not kept any more."""


def groups(
    records: Sequence[Record], turns: Iterable[TurnRow], *, only: Facet | None = None, running: int | None = None
) -> list[Group]:
    """The groups of a page of events and turns, oldest first. `running`: the turn that was under way before it."""
    ended = sorted({one.first_event: one for one in turns}.values(), key=lambda one: one.first_event)
    took = durations(records)
    found: list[Group] = []
    for record in records:
        number = int(record["id"])
        while ended and ended[0].last_event < number:
            _add(found, ended.pop(0), gone=True)
        if ended and ended[0].first_event <= number:
            running = None
            group = _add(found, ended[0])
        else:
            group, running = _under_way(found, record, running)
        group.rows.extend(_timed(row, took) for row in turn_log.rows([record], only))
    for one in ended:
        _add(found, one, gone=True)
    return [group for group in found if group.rows or group.head]


def _under_way(found: list[Group], record: Record, running: int | None) -> tuple[Group, int | None]:
    """The group of an event that no turn with figures has, and the turn that runs after it."""
    event = _mapping(record.get("event"))
    kind = event.get("kind")
    if kind == "turn_start":
        running = int(record["id"])
        begun = Head(str(event.get("from", "?")), str(record.get("at", "")), number=_number(event.get("turn")))
        found.append(Group(running, begun, running=True))
    elif not found or found[-1].turn != running:
        found.append(Group(running, running=running is not None))
    return found[-1], None if kind == "turn_end" else running


def _add(found: list[Group], turn: TurnRow, *, gone: bool = False) -> Group:
    if not found or found[-1].turn != turn.first_event:
        found.append(Group(turn.first_event, head(turn), gone=gone))
    return found[-1]


def head(turn: TurnRow) -> Head:
    """The head of a turn that has ended. Its figures are the agent's own report: any of them may be of another kind."""
    stats = turn.stats
    tokens = {str(kind): count for kind, count in _mapping(stats.get("tokens")).items() if isinstance(count, int)}
    tools = [count for count in _mapping(stats.get("tools")).values() if isinstance(count, int)]
    return Head(
        woken_by=str(stats.get("wake_from") or "?"),
        started_at=stats.get("started_at"),
        ended_at=stats.get("ended_at"),
        duration_ms=stats.get("duration_ms"),
        tokens=sum(tokens.values()) if tokens else None,
        token_kinds=", ".join(f"{kind.replace('_', ' ')} {formats.tokens(count)}" for kind, count in tokens.items()),
        cost_usd=stats.get("cost_usd"),
        outcome=str(stats.get("outcome", "")).replace("_", " "),
        cold=bool(stats.get("cold")),
        tools=sum(tools) if stats else None,
        error=turn.error,
        number=_number(stats.get("turn")),
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def durations(records: Iterable[Record]) -> dict[str, float]:
    """How long each tool took, in milliseconds, by the id of its call: from the call to its result."""
    called: dict[str, int] = {}
    took: dict[str, float] = {}
    for record in records:
        for kind, call in turn_log.calls(record):
            at = _ms(record)
            if kind == "tool_use" and at is not None:
                called[call] = at
            elif kind == "tool_result" and at is not None and call in called:
                took[call] = max(0, at - called[call])
    return took


def _timed(row: LogRow, took: Mapping[str, float]) -> LogRow:
    return replace(row, took_ms=took[row.call]) if row.call in took else row


def _ms(record: Record) -> int | None:
    try:
        return times.to_ms(str(record.get("at")))
    except ValueError:
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

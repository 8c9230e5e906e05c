"""The turn log of one agent by pages: its live events, and the turns they belong to. Runs in a reading thread.

Events are kept for a week, turns for ninety days. Both have their place in one order, that of the ids of events: a turn
stands at `first_event`. So one cursor pages through all that is kept, and a turn whose events are gone is read alone.
"""

import heapq
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from actors.store.readable import readable
from actors.store.stored_table import Unreadable
from actors.telemetry import histories
from actors.telemetry.queries import EVENTS, TURNS, EventRow, error_event, figures, live_row
from harness.wire.framing import MAX_FRAME_BYTES
from harness.wire.live import facets
from harness.wire.live.facets import Facet
from harness.wire.operator_rows import TurnRow

BITS: Final = {Facet.ERRORS: 1, Facet.TOOLS: 2, Facet.MAIL: 4}
"""How the facets of an event are stored: their sum."""
TURN_BYTES: Final = 128 * 1024
EVENT_BYTES: Final = MAX_FRAME_BYTES - 64 * 1024 - TURN_BYTES
"""A page fits into one frame: with large events it has fewer rows than the limit."""
_END: Final = 2**63 - 1

_BY_AGENT = "events INDEXED BY events_agent"
_OWN_EVENTS = f"agent = ? AND {histories.own('events')}"
_OWN_TURNS = f"agent = ? AND {histories.own('turns')}"
_COLUMNS = "id, agent, at, kind, known, payload"
_TURN_COLUMNS = "id, first_event, last_event, agent, stats"
_TURN_FACET = {
    None: "1",
    Facet.ERRORS: "outcome <> 'ok'",
    Facet.TOOLS: "json_extract(stats, '$.tools') <> '{}'",
    Facet.MAIL: "1",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the log, oldest first. `older` is the `before` of the page before it, `newer` the `after` of the next.

    None: there is nothing further. `turns` are those of the events, and those of this stretch whose events are gone.
    """

    rows: list[dict[str, Any]]
    turns: list[TurnRow]
    older: int | None = None
    newer: int | None = None


def bits(event: Mapping[str, Any], *, known: bool) -> int:
    """The facets of an event as they are stored."""
    return sum(BITS[one] for one in facets.of_event(event, known=known))


def page(
    agent: str,
    limit: int,
    *,
    before: int | None = None,
    after: int | None = None,
    at_ms: int | None = None,
    only: Facet | None = None,
) -> Callable[[sqlite3.Connection], Page]:
    """The newest rows below `before`, or the oldest above `after` or from the moment `at_ms` on; without any, the last.

    `only` leaves out events and turns without that facet.
    """

    def run(connection: sqlite3.Connection) -> Page:
        log = _Log(connection, agent, limit, only)
        if at_ms is not None:
            return log.forward(log.place(at_ms))
        if after is not None:
            return log.forward(after)
        return log.backward(_END if before is None else before)

    return run


class _Log:
    """The log of one agent in one read."""

    def __init__(self, connection: sqlite3.Connection, agent: str, limit: int, only: Facet | None) -> None:
        self._connection, self._agent, self._limit, self._only = connection, agent, limit, only
        first = f"SELECT id FROM {_BY_AGENT} WHERE {_OWN_EVENTS} ORDER BY id LIMIT 1"  # noqa: S608 — our own SQL, as below
        row = connection.execute(first, (agent,)).fetchone()
        self._first_kept: int = _END if row is None else row[0]
        """Turns that ended before this event have none any more."""

    def backward(self, before: int) -> Page:
        events, more = self._events("id < ?", before, "DESC")
        events.reverse()
        turns = self._turns_of(events, events[0][0] if more else self._first_kept, before - 1)
        older: int | None = events[0][0] if more else None
        rows = self._rows(events, events[0][0] if more else 0, before - 1)
        if not more:
            gone, rest = self._gone("first_event < ?", min(before, self._first_kept), "DESC")
            turns = gone[::-1] + turns
            older = gone[-1].first_event if rest else None
        return Page(rows, turns, older, None if before == _END else before - 1)

    def forward(self, after: int) -> Page:
        gone, rest = self._gone("first_event > ?", after, "ASC")
        events: list[EventRow] = []
        newer: int | None = gone[-1].first_event if rest else None
        if not rest:
            events, more = self._events("id > ?", max(after, self._first_kept - 1), "ASC")
            newer = events[-1][0] if more else None
        turns = gone if rest else gone + self._turns_of(events, after + 1, newer or _END)
        lowest = min([*(one.first_event for one in gone), *(row[0] for row in events[:1]), after + 1])
        further = _Log(self._connection, self._agent, 1, self._only).backward(lowest)
        rows = [] if rest else self._rows(events, after + 1, newer or _END)
        return Page(rows, turns, lowest if further.rows or further.turns else None, newer)

    def place(self, at_ms: int) -> int:
        """The id after which the log goes on from this moment: times grow with the ids, while no clock is set back."""
        newest = self._connection.execute(
            f"SELECT id FROM {_BY_AGENT} WHERE {_OWN_EVENTS} ORDER BY id DESC LIMIT 1",  # noqa: S608
            (self._agent,),
        ).fetchone()
        probe = f"SELECT id, at FROM {_BY_AGENT} WHERE agent = ? AND id >= ? ORDER BY id LIMIT 1"  # noqa: S608
        if newest is not None and not self._reached(probe, self._first_kept, at_ms):
            return self._search(probe, self._first_kept, newest[0], at_ms)
        probe = (
            f"SELECT first_event, ended_at FROM turns WHERE {_OWN_TURNS} AND first_event >= ?"  # noqa: S608
            " ORDER BY first_event LIMIT 1"
        )
        first = self._connection.execute(probe, (self._agent, 0)).fetchone()
        return -1 if first is None else self._search(probe, first[0], self._first_kept - 1, at_ms)

    def _search(self, probe: str, low: int, high: int, at_ms: int) -> int:
        while low <= high:
            middle = (low + high) // 2
            if self._reached(probe, middle, at_ms):
                high = middle - 1
            else:
                low = middle + 1
        return low - 1

    def _reached(self, probe: str, place: int, at_ms: int) -> bool:
        """Whether the first row at this place or behind it is of the moment or later."""
        row = self._connection.execute(probe, (self._agent, place)).fetchone()
        return row is None or (isinstance(row[1], int) and row[1] >= at_ms)

    def _events(self, where: str, bound: int, order: str) -> tuple[list[EventRow], bool]:
        """The events on one side of an id, the nearest first, as many as fit, and whether there are more."""
        if self._only is None:
            found = self._select("events_agent", "1", where, bound, order)
        else:
            index, facet = f"events_of_{self._only.value}", f"facets & {BITS[self._only]}"
            stored = self._select(index, facet, where, bound, order)
            unsorted = self._select("events_without_facets", "facets IS NULL", where, bound, order)
            older = (row for row in unsorted if self._has_facet(row))
            found = _merged(stored, older, descending=order == "DESC")
        return _fitting(found, self._limit, EVENT_BYTES)

    def _rows(self, events: list[EventRow], low: int, high: int) -> list[dict[str, Any]]:
        """The events as rows, and among them those of this stretch that are quarantined; a filter leaves these out."""
        found = readable(events, live_row, error_event)
        if self._only is not None:
            return found
        where = "agent = ? AND events.id BETWEEN ? AND ?"
        values = (self._agent, max(low, self._first_kept), high)
        damaged = EVENTS.error_rows(self._connection, self._error_row, where, values)
        return sorted([*damaged, *found], key=lambda row: row["id"]) if damaged else found

    def _error_row(self, row: Unreadable) -> dict[str, Any]:
        return error_event((row.number, self._agent, 0, "", 0, ""), row.sentence)

    def _select(self, index: str, facet: str, where: str, bound: int, order: str) -> Iterator[EventRow]:
        # Upwards the bound is not before the first own event: of two lower bounds SQLite would take the wrong one.
        own = _OWN_EVENTS if order == "DESC" else "agent = ?"
        # The index by name: without statistics SQLite takes any of them, and reads every event of the agent.
        text = (
            f"SELECT {_COLUMNS} FROM events INDEXED BY {index} WHERE {own} AND {where} AND {facet}"  # noqa: S608
            f" AND {EVENTS.readable} ORDER BY id {order}"
        )
        return iter(self._connection.execute(text, (self._agent, bound)))

    def _has_facet(self, row: EventRow) -> bool:
        """Of an event that an older version stored."""
        event = json.loads(row[5])
        return self._only in facets.of_event(event, known=bool(row[4])) if isinstance(event, dict) else False

    def _turns_of(self, events: list[EventRow], low: int, high: int) -> list[TurnRow]:
        """The turns in this stretch that have events, oldest first; turns do not overlap."""
        low = max(low, self._first_kept)
        if low > high:
            return []
        text = (
            f"SELECT {_TURN_COLUMNS} FROM turns WHERE {_OWN_TURNS} AND first_event <= ?"  # noqa: S608
            f" AND {TURNS.readable} ORDER BY first_event DESC"
        )
        found: list[tuple[Any, ...]] = []
        if self._only is not None:
            for number, *_ in reversed(events):
                if not found or number < found[-1][1]:
                    row = self._connection.execute(f"{text} LIMIT 1", (self._agent, number)).fetchone()
                    found += [row] if row is not None and row[2] >= number else []
        else:
            for row in self._connection.execute(text, (self._agent, high)):
                if row[2] < low:
                    break
                found.append(row)
        return _turn_rows(_fitting(found, self._limit, TURN_BYTES)[0][::-1])

    def _gone(self, where: str, bound: int, order: str) -> tuple[list[TurnRow], bool]:
        """The turns on one side of a place whose events are gone, the nearest first, and whether there are more."""
        text = (
            f"SELECT {_TURN_COLUMNS} FROM turns WHERE {_OWN_TURNS} AND {where} AND first_event < ?"  # noqa: S608
            f" AND last_event < ? AND {_TURN_FACET[self._only]} AND {TURNS.readable} ORDER BY first_event {order}"
        )
        rows = self._connection.execute(text, (self._agent, bound, self._first_kept, self._first_kept))
        found, more = _fitting(rows, self._limit, TURN_BYTES)
        return _turn_rows(found), more


def _fitting(rows: Iterable[tuple[Any, ...]], limit: int, most: int) -> tuple[list[tuple[Any, ...]], bool]:
    """The first rows, at least one, as many as the limit and the bytes allow, and whether one was left out."""
    found: list[tuple[Any, ...]] = []
    left = most
    for row in rows:
        left -= len(row[-1]) + 256
        if len(found) == limit or (found and left < 0):
            return found, True
        found.append(row)
    return found, False


def _merged(one: Iterable[EventRow], other: Iterable[EventRow], *, descending: bool) -> Iterator[EventRow]:
    return heapq.merge(one, other, key=lambda row: row[0], reverse=descending)


def _turn_rows(rows: list[tuple[Any, ...]]) -> list[TurnRow]:
    def row(one: tuple[Any, ...]) -> TurnRow:
        return TurnRow(id=one[0], agent=one[3], stats=figures(one[4]), first_event=one[1], last_event=one[2])

    def error_row(one: tuple[Any, ...], reason: str) -> TurnRow:
        return TurnRow(id=one[0], agent=one[3], stats={}, error=reason, first_event=one[1], last_event=one[2])

    return readable(rows, row, error_row)

"""Where each turn stands among the events of its agent, and which filters of the turn log show an event."""
# ruff: noqa: N999 — the number orders the scripts

from collections import defaultdict
from typing import Any

_COLUMNS = (
    "ALTER TABLE events ADD COLUMN facets INTEGER",
    "ALTER TABLE turns ADD COLUMN first_event INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE turns ADD COLUMN last_event INTEGER NOT NULL DEFAULT 0",
)
_INDEXES = (
    "CREATE INDEX turns_in_log ON turns (agent, first_event)",
    "CREATE INDEX events_without_facets ON events (agent) WHERE facets IS NULL",
    "CREATE INDEX events_of_errors ON events (agent) WHERE facets & 1",
    "CREATE INDEX events_of_tools ON events (agent) WHERE facets & 2",
    "CREATE INDEX events_of_mail ON events (agent) WHERE facets & 4",
)


def up(_migrator: Any, db: Any) -> None:
    """Add the columns; the events of older versions get their facets when they are read."""
    for statement in _COLUMNS:
        db.execute_sql(statement)
    _place(db)
    for statement in _INDEXES:
        db.execute_sql(statement)


def _place(db: Any) -> None:
    """The turns of each agent, the newest first, are those whose ends the events tell, the newest first.

    A turn whose events are gone stands before every event that is kept: events never share an id, so there is room.
    """
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    begun: dict[str, int] = {}
    kinds = "SELECT id, agent, kind FROM events WHERE kind IN ('turn_start', 'turn_end') ORDER BY id"
    for number, agent, kind in db.execute_sql(kinds):
        if kind == "turn_start":
            begun[agent] = number
        else:
            spans[agent].append((begun.pop(agent, number), number))
    (first_kept,) = db.execute_sql("SELECT min(id) FROM events").fetchone()
    if first_kept is None:
        sequence = db.execute_sql("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
        first_kept = sequence[0] + 1 if sequence else 0
    before: dict[str, int] = {}
    for number, agent in db.execute_sql("SELECT id, agent FROM turns ORDER BY id DESC").fetchall():
        if spans[agent]:
            first, last = spans[agent].pop()
        else:
            first = last = max(before.get(agent, first_kept) - 1, 0)
        before[agent] = min(first, first_kept)
        db.execute_sql("UPDATE turns SET first_event = ?, last_event = ? WHERE id = ?", (first, last, number))


def down(_migrator: Any, db: Any) -> None:
    """Take the columns away."""
    for statement in _INDEXES:
        db.execute_sql(f"DROP INDEX {statement.split()[2]}")
    for table, column in (("events", "facets"), ("turns", "first_event"), ("turns", "last_event")):
        db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column}")

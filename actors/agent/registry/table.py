"""The SQL of the table `agents`. The registry alone writes it; container actors read their own row."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from actors.agent.container.ending.pending_end import EndOrder, PendingEnd
from actors.agent.snapshot import AgentRecord, Desired, Parked
from actors.peers.queries import check_no_peer
from actors.store.stored_table import FLAG, NAME, TEXT, TIME, StoredTable, one_of, optional
from harness.wire.errors import conflict

_COLUMNS = (
    "name, role, desired, created_at, paused, deployed_sha, parked_reason, parked_at, start_error, model,"
    " status_text, status_set_at, revision, told_revision, needs_login, rate_limited_until, pause_reason, checked_sha,"
    " ending, ending_since"
)

AGENTS = StoredTable(
    "agents",
    ("name",),
    {
        "name": NAME, "role": one_of(("manager", "agent")), "desired": one_of(Desired), "paused": FLAG,
        "deployed_sha": optional(TEXT), "parked_reason": optional(TEXT), "parked_at": optional(TIME),
        "start_error": optional(TEXT), "model": optional(TEXT), "status_text": optional(TEXT),
        "status_set_at": optional(TIME), "created_at": TIME, "changed_at": TIME, "needs_login": optional(FLAG),
        "revision": optional(TEXT), "told_revision": optional(TEXT), "rate_limited_until": optional(TIME),
        "pause_reason": optional(TEXT), "checked_sha": optional(TEXT), "ending": optional(one_of(EndOrder)),
        "ending_since": optional(TIME),
    },
)  # fmt: skip

_COLUMN_OF = {
    "desired": "desired",
    "paused": "paused",
    "pause_reason": "pause_reason",
    "deployed_sha": "deployed_sha",
    "checked_sha": "checked_sha",
    "start_error": "start_error",
    "model": "model",
    "status_text": "status_text",
    "status_set_ms": "status_set_at",
    "revision": "revision",
    "told_revision": "told_revision",
    "needs_login": "needs_login",
    "rate_limited_until_ms": "rate_limited_until",
}
"""The fields of a record that may change. `parked` and `ending` beside them are two columns each."""

Unit = Callable[[sqlite3.Connection], None]


def all_records(connection: sqlite3.Connection) -> list[AgentRecord]:
    """Every agent whose row can be read, the manager first, then by age."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM agents WHERE {AGENTS.readable}"  # noqa: S608 — our own column names
        " ORDER BY role = 'manager' DESC, created_at, name"
    )
    return [_record(row) for row in rows]


def one_record(name: str) -> Callable[[sqlite3.Connection], AgentRecord | None]:
    """The row of one container name, or None where there is none that can be read."""

    def query(connection: sqlite3.Connection) -> AgentRecord | None:
        text = f"SELECT {_COLUMNS} FROM agents WHERE name = ? AND {AGENTS.readable}"  # noqa: S608 — as above
        row = connection.execute(text, (name,)).fetchone()
        return None if row is None else _record(row)

    return query


def insert(record: AgentRecord) -> Unit:
    """Add a new agent; `conflict` when the name is taken, be it by a row that cannot be read."""

    def unit(connection: sqlite3.Connection) -> None:
        check_no_peer(connection, record.name)
        check_no_agent(connection, record.name)
        connection.execute(
            "INSERT INTO agents (name, role, desired, paused, deployed_sha, checked_sha, created_at, changed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.name,
                record.role,
                record.desired.value,
                int(record.paused),
                record.deployed_sha,
                record.checked_sha,
                record.created_ms,
                record.created_ms,
            ),
        )

    return unit


def update(name: str, now_ms: int, **changes: Any) -> Unit:
    """Change fields of one record."""
    columns = dict(_columns(changes))

    def unit(connection: sqlite3.Connection) -> None:
        assignments = ", ".join(f"{column} = ?" for column in columns)
        connection.execute(
            f"UPDATE agents SET {assignments}, changed_at = ? WHERE name = ?",  # noqa: S608 — our own column names
            (*columns.values(), now_ms, name),
        )

    return unit


def _columns(changes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The columns and values of changed fields; KeyError for a field that does not change."""
    for field, value in changes.items():
        if field == "parked":
            yield "parked_reason", None if value is None else value.reason
            yield "parked_at", None if value is None else value.at_ms
        elif field == "ending":
            yield "ending", None if value is None else value.order.value
            yield "ending_since", None if value is None else value.since_ms
        else:
            yield _COLUMN_OF[field], value


def updates(now_ms: int, changes: Mapping[str, Mapping[str, Any]]) -> Unit:
    """Change fields of several records, by name."""
    units = [update(name, now_ms, **columns) for name, columns in changes.items()]

    def unit(connection: sqlite3.Connection) -> None:
        for one in units:
            one(connection)

    return unit


def check_no_agent(connection: sqlite3.Connection, name: str) -> None:
    """Refuse a new agent or peer the name of an agent. Runs in the transaction that makes it."""
    if connection.execute("SELECT 1 FROM agents WHERE name = ?", (name,)).fetchone() is not None:
        raise conflict(f"there is an agent {name!r}", "take another name; `hive agents` lists them")


def delete(name: str) -> Unit:
    """Forget an agent; its files are its tombstone."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM agents WHERE name = ?", (name,))

    return unit


def _record(row: tuple[Any, ...]) -> AgentRecord:
    (name, role, desired, created_at, paused, sha, parked_reason, parked_at, start_error, model, text, text_at,
     revision, told, login, limited_until, pause_reason, checked_sha, ending, ending_since) = row  # fmt: skip
    return AgentRecord(
        name=name,
        role=role,
        desired=Desired(desired),
        created_ms=created_at,
        paused=bool(paused),
        pause_reason=pause_reason,
        deployed_sha=sha,
        checked_sha=checked_sha,
        parked=None if parked_at is None else Parked(parked_reason or "no reason is known", parked_at),
        start_error=start_error,
        model=model,
        status_text=text,
        status_set_ms=text_at,
        revision=revision,
        told_revision=told,
        needs_login=None if login is None else bool(login),
        rate_limited_until_ms=limited_until,
        ending=None if ending is None else PendingEnd(EndOrder(ending), ending_since),
    )

"""The table `agents`. Written by the roster alone; container actors read their own row."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from actors.agent.standing import Desired, Record
from actors.approvals.queries import check_not_being_spawned
from actors.peers.queries import check_no_peer
from harness.wire.errors import conflict

_COLUMNS = (
    "name, role, desired, created_at, paused, deployed_sha, note, model, status_text, status_set_at,"
    " revision, told_revision, needs_login, rests_until"
)

_CHANGEABLE = frozenset({
    "desired", "paused", "deployed_sha", "note", "model", "status_text", "status_set_at", "revision", "told_revision",
    "needs_login", "rests_until",
})  # fmt: skip

_FIELDS = {"status_set_at": "status_set_ms", "rests_until": "rests_until_ms"}

Unit = Callable[[sqlite3.Connection], None]


def all_records(connection: sqlite3.Connection) -> list[Record]:
    """Every agent, the manager first, then by age."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM agents ORDER BY role = 'manager' DESC, created_at, name")  # noqa: S608 — our own column names
    return [_record(row) for row in rows]


def one_record(name: str) -> Callable[[sqlite3.Connection], Record | None]:
    """The row of one container name, or None."""

    def query(connection: sqlite3.Connection) -> Record | None:
        row = connection.execute(f"SELECT {_COLUMNS} FROM agents WHERE name = ?", (name,)).fetchone()  # noqa: S608 — as above
        return None if row is None else _record(row)

    return query


def check_free(name: str, *, approved: bool) -> Unit:
    """`conflict` when a peer has that name, or an approval is just spawning it and this is not that (`approved`)."""

    def unit(connection: sqlite3.Connection) -> None:
        check_no_peer(connection, name)
        if not approved:
            check_not_being_spawned(connection, name)

    return unit


def check_no_agent(connection: sqlite3.Connection, name: str) -> None:
    """Refuse a new peer the name of an agent. Runs in the transaction that makes the peer."""
    if connection.execute("SELECT 1 FROM agents WHERE name = ?", (name,)).fetchone() is not None:
        raise conflict(f"there is an agent {name!r}", "give the peer another name")


def insert(record: Record) -> Unit:
    """A new agent; `conflict` when a peer has come to that name meanwhile."""

    def unit(connection: sqlite3.Connection) -> None:
        check_no_peer(connection, record.name)
        connection.execute(
            "INSERT INTO agents (name, role, desired, paused, deployed_sha, created_at, changed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                record.name,
                record.role,
                record.desired.value,
                int(record.paused),
                record.deployed_sha,
                record.created_ms,
                record.created_ms,
            ),
        )

    return unit


def update(name: str, now_ms: int, **changes: Any) -> Unit:
    """Change columns of one agent."""
    if not changes.keys() <= _CHANGEABLE:
        raise ValueError(f"not columns of agents: {sorted(changes.keys() - _CHANGEABLE)}")

    def unit(connection: sqlite3.Connection) -> None:
        assignments = ", ".join(f"{column} = ?" for column in changes)
        connection.execute(
            f"UPDATE agents SET {assignments}, changed_at = ? WHERE name = ?",  # noqa: S608 — checked just above
            (*changes.values(), now_ms, name),
        )

    return unit


def updates(now_ms: int, changes: Mapping[str, Mapping[str, Any]]) -> Unit:
    """Change columns of several agents, by name."""
    units = [update(name, now_ms, **columns) for name, columns in changes.items()]

    def unit(connection: sqlite3.Connection) -> None:
        for one in units:
            one(connection)

    return unit


def changed(record: Record, changes: Mapping[str, Any]) -> Record:
    """`record` after an update with these columns."""
    return replace(record, **{_FIELDS.get(column, column): value for column, value in changes.items()})


def delete(name: str) -> Unit:
    """Forget an agent; its files are its tombstone."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM agents WHERE name = ?", (name,))

    return unit


def _record(row: tuple[Any, ...]) -> Record:
    name, role, desired, created_at, paused, sha, note, model, text, text_at, revision, told, login, rests = row
    return Record(
        name=name,
        role=role,
        desired=Desired(desired),
        created_ms=created_at,
        paused=bool(paused),
        deployed_sha=sha,
        note=note,
        model=model,
        status_text=text,
        status_set_ms=text_at,
        revision=revision,
        told_revision=told,
        needs_login=None if login is None else bool(login),
        rests_until_ms=rests,
    )

"""The SQL of the approvals and of the decision log: columns by name, so that a row of any age shows."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from actors.approvals.approval import Approval
from actors.approvals.chain import FIRST, TERMINAL, Decision, Link, Verdict, link
from actors.approvals.states import ApprovalKind, ApprovalStatus, advance
from actors.approvals.steps import ENDS, ApprovalStep
from actors.store.readable import readable
from actors.store.stored_table import (
    COUNT,
    FLAG,
    ID,
    LISTED,
    NAME,
    TEXT,
    TIME,
    StoredTable,
    Unreadable,
    one_of,
    optional,
)
from harness.wire.errors import conflict, not_found
from harness.wire.operator_rows import ApprovalRow
from harness.wire.times import from_ms

Unit = Callable[[sqlite3.Connection], None]

_COLUMNS: Final = (
    "id", "agent", "kind", "status", "step", "requested_at", "requested_by", "commit_ref", "sha", "description",
    "resolved_at", "note", "tag", "tries", "base_sha", "existed", "notes_sha", "cause",
)  # fmt: skip
APPROVALS: Final = StoredTable(
    "approvals",
    ("id",),
    {
        "id": ID, "agent": NAME, "kind": one_of(ApprovalKind), "status": one_of(ApprovalStatus),
        "step": one_of(ApprovalStep), "requested_at": TIME, "requested_by": TEXT, "commit_ref": TEXT, "sha": TEXT,
        "description": optional(TEXT), "resolved_at": optional(TIME), "note": optional(TEXT), "tag": optional(TEXT),
        "tries": COUNT, "base_sha": optional(TEXT), "existed": optional(FLAG), "notes_sha": optional(TEXT),
        "cause": optional(TEXT),
    },
)  # fmt: skip
DECISIONS: Final = StoredTable(
    "decisions",
    ("id",),
    {
        "id": ID, "at": TIME, "approval_id": ID, "agent": NAME, "kind": one_of((*ApprovalKind, TERMINAL)),
        "verdict": one_of(Verdict), "sha": optional(TEXT), "decided_by": TEXT, "note": optional(TEXT),
        "previous": TEXT, "hash": TEXT,
    },
    never_deleted="the log of decisions keeps it: a gap would look like a forgery",
)  # fmt: skip
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM approvals "  # noqa: S608 — names of columns, not words of a client
_CHANGEABLE: Final = frozenset({"status", "step", "resolved_at", "note", "tag", "tries", "base_sha", "existed"})
_DECISION: Final = ("id", "at", "approval_id", "agent", "kind", "verdict", "sha", "decided_by", "note")
_IS_OPEN: Final = f"step NOT IN ({', '.join(repr(step.value) for step in ENDS)})"
RECENT: Final = 100
_NEXT_ID: Final = f"SELECT COALESCE(MAX(id), 0) + 1 FROM approvals WHERE {ID.holds('id')}"  # noqa: S608 — as above
_LAST: Final = f"SELECT id, hash FROM decisions WHERE {ID.holds('id')} ORDER BY id DESC LIMIT 1"  # noqa: S608 — as above


def file(approval: Approval) -> Callable[[sqlite3.Connection], int]:
    """Store a new approval; its id is drawn here and never used again, whatever `approval` says."""

    def unit(connection: sqlite3.Connection) -> int:
        (approval_id,) = connection.execute(_NEXT_ID).fetchone()
        values = (approval_id, *_values(approval)[1:])
        marks = ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO approvals ({', '.join(_COLUMNS)}) VALUES ({marks})", values)  # noqa: S608 — as above
        return int(approval_id)

    return unit


def change(approval_id: int, **changes: Any) -> Unit:
    """Change columns of one approval."""
    if not changes.keys() <= _CHANGEABLE:
        raise ValueError(f"not columns of approvals: {sorted(changes.keys() - _CHANGEABLE)}")

    def unit(connection: sqlite3.Connection) -> None:
        assignments = ", ".join(f"{column} = ?" for column in changes)
        connection.execute(
            f"UPDATE approvals SET {assignments} WHERE id = ?",  # noqa: S608 — checked just above
            (*changes.values(), approval_id),
        )

    return unit


def close(ended: Approval, before: ApprovalStep, entry: Decision | None = None) -> Unit:
    """Close a row that stands at `before`. Raises `conflict` when it does not, so that no event is posted twice.

    `entry`: the decision that closes it, for the log.
    """

    def unit(connection: sqlite3.Connection) -> None:
        now = _known(connection, ended.id)
        if now.step is not before:
            raise conflict(f"approval {ended.id} stands at {now.step.value}, not at {before.value}")
        if ended.status is not now.status:
            advance(ended.id, now.status, ended.status)
        _settle(connection, ended)
        if entry is not None:
            log_entry(entry)(connection)

    return unit


def decide(decided: Approval, decision: Decision, comments: Unit) -> Unit:
    """A decision of the operator and its row in the log, which gives it its id, in one transaction.

    `comments` writes what is written of the comments that go with it. `conflict` when the approval was decided already.
    """

    def unit(connection: sqlite3.Connection) -> None:
        advance(decided.id, _known(connection, decided.id).status, decided.status)
        _settle(connection, decided)
        comments(connection)
        log_entry(decision)(connection)

    return unit


def log_entry(decision: Decision) -> Unit:
    """A further row of the log, which gives it its id and its link to the row before."""

    def unit(connection: sqlite3.Connection) -> None:
        last = connection.execute(_LAST).fetchone()
        number, previous = (last[0] + 1, last[1]) if last is not None else (1, FIRST)
        one = link(replace(decision, id=number), previous)
        values = (*_decision_values(one.decision), one.previous, one.hash)
        connection.execute(
            f"INSERT INTO decisions ({', '.join(_DECISION)}, previous, hash) "  # noqa: S608 — names of columns
            f"VALUES ({', '.join('?' * len(values))})",
            values,
        )

    return unit


def _settle(connection: sqlite3.Connection, one: Approval) -> None:
    change(
        one.id,
        status=one.status.value,
        step=one.step.value,
        tries=0,
        resolved_at=one.resolved_ms,
        note=one.note,
        tag=one.tag,
    )(connection)


def one(approval_id: int) -> Callable[[sqlite3.Connection], Approval]:
    """That approval. Raises `not_found`."""
    return lambda connection: _known(connection, approval_id)


def recent(connection: sqlite3.Connection) -> list[ApprovalRow]:
    """Every open approval and the latest of the others, oldest first, after those that cannot be read."""
    latest = f"SELECT id FROM approvals WHERE {APPROVALS.readable} ORDER BY id DESC LIMIT ?"  # noqa: S608 — no word of a client
    rows = _dicts(connection, f"({_IS_OPEN} OR id IN ({latest})) ORDER BY id", (RECENT,))
    shown = readable(rows, lambda row: _approval(row).row(), _error_row)
    return APPROVALS.error_rows(connection, _unreadable) + shown


def _error_row(row: dict[str, Any], reason: str) -> ApprovalRow:
    return ApprovalRow(
        id=row["id"],
        agent=row["agent"],
        kind=row["kind"],
        status=row["status"],
        requested_at=from_ms(row["requested_at"]),
        note=reason,
    )


def _unreadable(row: Unreadable) -> ApprovalRow:
    return ApprovalRow(
        id=row.number, agent="", kind="", status="unreadable", requested_at=from_ms(0), note=row.sentence
    )


def open_ones(connection: sqlite3.Connection) -> list[Approval]:
    """Every approval that is pending or under way, oldest first."""
    return _rows(connection, f"{_IS_OPEN} ORDER BY id", ())


def of_agent(agent: str, limit: int = 1000) -> Callable[[sqlite3.Connection], list[Approval]]:
    """The latest approvals of one container name, newest first."""
    return lambda connection: _rows(connection, "agent = ? ORDER BY id DESC LIMIT ?", (agent, limit))


def check_not_being_spawned(connection: sqlite3.Connection, agent: str) -> None:
    """Raise `conflict` while an approved spawn of this container name is being carried out."""
    where = f"agent = ? AND kind = ? AND step <> ? AND {_IS_OPEN} LIMIT 1"
    for one in _rows(connection, where, (agent, ApprovalKind.SPAWN.value, ApprovalStep.FILED.value)):
        raise conflict(f"approval {one.id} to spawn {agent!r} is being carried out", "wait for its end")


def decisions(connection: sqlite3.Connection) -> list[Link]:
    """The whole decision log, oldest first, but for rows that cannot be read."""
    columns = f"{', '.join(_DECISION)}, previous, hash"
    rows = connection.execute(f"SELECT {columns} FROM decisions WHERE {DECISIONS.readable} ORDER BY id")  # noqa: S608
    return [Link(Decision(*values), previous, digest) for *values, previous, digest in rows]


def decision_on(approval_id: int) -> Callable[[sqlite3.Connection], Decision | None]:
    """The last decision on an approval; None before there is one, and for a row that cannot be read."""
    where = f"{DECISIONS.readable} AND approval_id = ? ORDER BY id DESC LIMIT 1"
    text = f"SELECT {', '.join(_DECISION)} FROM decisions WHERE {where}"  # noqa: S608 — as above

    def read(connection: sqlite3.Connection) -> Decision | None:
        row = connection.execute(text, (approval_id,)).fetchone()
        return None if row is None else Decision(*row)

    return read


def decisions_about(agent: str) -> Callable[[sqlite3.Connection], list[tuple[Decision, str, bool]]]:
    """The decisions about this container name, oldest first, each with the outcome and whether it can be undone."""
    columns = ", ".join(f"decisions.{name}" for name in _DECISION)
    undoable = "approvals.kind = ? AND approvals.step = ? AND approvals.base_sha NOT NULL"
    readable = f"{DECISIONS.readable} AND {APPROVALS.readable}"
    text = (
        f"SELECT {columns}, approvals.status, {undoable} "  # noqa: S608 — as above
        "FROM decisions JOIN approvals ON approvals.id = decisions.approval_id "
        f"WHERE {readable} AND decisions.agent = ? ORDER BY decisions.id"
    )
    values = (ApprovalKind.APPLY_COMMIT.value, ApprovalStep.FINALIZED.value, agent)

    def read(connection: sqlite3.Connection) -> list[tuple[Decision, str, bool]]:
        return [(Decision(*row[:-2]), row[-2], bool(row[-1])) for row in connection.execute(text, values)]

    return read


def _known(connection: sqlite3.Connection, approval_id: int) -> Approval:
    found = _rows(connection, "id = ?", (approval_id,))
    for row in [] if found else APPROVALS.unreadable(LISTED)(connection):
        if row.number == approval_id:
            raise conflict(f"approval {approval_id}: {row.reason}", row.way_out)
    if not found:
        raise not_found(f"approval {approval_id}", "`hive pending --all` lists them")
    return found[0]


def _rows(connection: sqlite3.Connection, where: str, values: Iterable[Any]) -> list[Approval]:
    return [_approval(row) for row in _dicts(connection, where, values)]


def _dicts(connection: sqlite3.Connection, where: str, values: Iterable[Any]) -> list[dict[str, Any]]:
    found = connection.execute(f"{_SELECT} WHERE {APPROVALS.readable} AND {where}", tuple(values))
    return [dict(zip(_COLUMNS, row, strict=True)) for row in found]


def _approval(row: dict[str, Any]) -> Approval:
    return Approval(
        id=row["id"],
        agent=row["agent"],
        kind=ApprovalKind(row["kind"]),
        status=ApprovalStatus(row["status"]),
        step=ApprovalStep(row["step"]),
        requested_ms=row["requested_at"],
        requested_by=row["requested_by"],
        commit_ref=row["commit_ref"],
        sha=row["sha"],
        description=row["description"],
        resolved_ms=row["resolved_at"],
        note=row["note"],
        tag=row["tag"],
        tries=row["tries"],
        base_sha=row["base_sha"],
        existed=None if row["existed"] is None else bool(row["existed"]),
        notes_sha=row["notes_sha"],
        cause=row["cause"],
    )


def _values(one: Approval) -> tuple[Any, ...]:
    existed = None if one.existed is None else int(one.existed)
    return (
        one.id, one.agent, one.kind.value, one.status.value, one.step.value, one.requested_ms, one.requested_by,
        one.commit_ref, one.sha, one.description, one.resolved_ms, one.note, one.tag, one.tries, one.base_sha, existed,
        one.notes_sha, one.cause,
    )  # fmt: skip


def _decision_values(one: Decision) -> tuple[Any, ...]:
    return (
        one.id, one.at_ms, one.approval_id, one.agent, one.kind, one.verdict, one.sha, one.decided_by, one.note,
    )  # fmt: skip

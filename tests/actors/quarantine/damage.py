"""Rows of every table, and every kind of damage that a column of it can have; made from the schema."""

import contextlib
import json
import re
import sqlite3
import time

AT = time.time_ns() // 1_000_000 - 600_000
"""Young: what is old is swept."""
LATER = "of a later version"
BROKEN_JSON = '{"broken": '
NO_UTF8 = b"\xff\xfeA"
BLOB = b"\x00\xff"
HUGE = 2**62

OF_TYPE = {
    "TEXT": (LATER, BROKEN_JSON, "", NO_UTF8.decode("latin-1"), BLOB, None),
    "INTEGER": ("damaged", -1, HUGE, BLOB, None),
    "REAL": ("damaged", float("inf"), BLOB, None),
}
"""The values that a column of a declared type is damaged with."""

WORDS = {
    ("agents", "name"), ("agents", "role"), ("agents", "desired"), ("agents", "ending"), ("peers", "name"), ("addressees", "name"),
    ("addressees", "role"), ("addressees", "allowed_recipients"), ("generations", "name"), ("questions", "options"),
    ("questions", "status"), ("approvals", "agent"), ("approvals", "kind"), ("approvals", "status"),
    ("approvals", "step"), ("decisions", "agent"), ("decisions", "kind"), ("decisions", "verdict"),
    ("suspensions", "name"), ("kept_requests", "name"), ("site_name", "name"), ("turns", "stats"), ("agent_turns", "agent"),
    ("turn_messages", "agent"),
    ("events", "payload"), ("review_comments", "state"), ("review_comments", "source"), ("review_comments", "side"),
}  # fmt: skip
"""The columns of text that hold words of a closed set, names or JSON; every other one holds any text."""

ANY_INTEGER = {("reminders", "due_at")}
"""An earlier version took every moment."""


def is_damaged(table, column, value, *, nullable):
    """Whether a row with this value cannot be read."""
    if value is None:
        return not nullable
    if isinstance(value, bytes) or value == "damaged":
        return True
    if isinstance(value, str):
        return (table, column) in WORDS
    return (table, column) not in ANY_INTEGER


def row(table, number):
    """The values of a good row: names end with the number, ids are the number."""
    name, at = f"{table[0]}-{number}", AT + number
    return {
        "agents": {"name": name, "role": "agent", "desired": "stopped", "created_at": at, "changed_at": at},
        "peers": {"name": name, "created_at": at},
        "addressees": {"name": name, "role": "agent", "registered_at": at},
        "generations": {"name": name, "number": 1, "first_message_id": 0, "began_at": at},
        "agent_turns": {"agent": name, "number": 1, "began_at": at},
        "turn_messages": {"agent": name, "number": 1, "message_id": number},
        "messages": {
            "id": number, "sender": "operator", "recipient": "alice", "size": 5, "body": "hello", "kind": "message",
            "sent_at": at,
        },
        "failed_messages": {
            "id": number, "attempts": 6, "outages": 0, "reason": "it failed", "failing_since": at, "failed_at": at,
            "set_aside_at": at,
        },
        "questions": {
            "id": number, "asker": "visitor", "target": "operator", "question": "why?", "options": "[]", "asked_at": at,
            "status": "pending",
        },
        "reminders": {
            "id": number, "agent": "alice", "message": "look", "due_at": AT * 2, "created_at": at, "attempts": 0,
        },
        "approvals": {
            "id": number, "agent": "alice", "kind": "apply_commit", "status": "denied", "step": "closed",
            "requested_at": at, "requested_by": "manager", "commit_ref": "f" * 40, "sha": "f" * 40,
        },
        "review_comments": {
            "id": number, "approval_id": number, "state": "draft", "source": "config", "path": "agent.toml", "side": "new",
            "line": 1, "quoted": "x", "text": "why?", "sha": "f" * 40, "written_by": "operator", "written_at": at,
        },
        "viewed_files": {"approval_id": number, "content": f"{number:040}", "viewed_at": at},
        "decisions": {
            "id": number, "at": at, "approval_id": number, "agent": "alice", "kind": "apply_commit",
            "verdict": "denied", "decided_by": "operator", "previous": "", "hash": "",
        },
        "suspensions": {"name": name, "at": at, "reason": "two crashes"},
        "kept_requests": {
            "id": number, "name": "alice", "at": at, "actor": "broker", "reason": "a crash", "cmd": "send",
            "request": "{}", "size": 2,
        },
        "sessions": {
            "id": number, "digest": f"digest {number}", "opened_at": at, "seen_at": at, "ends_at": AT * 2,
            "address": "127.0.0.1", "user_agent": "a browser",
        },
        "site_name": {"name": f"hive-{number}.localhost"},
        "snoozes": {"key": f"stuck-{number}", "mark": "m", "at": at, "until_at": AT * 2},
        "answered_needs": {
            "id": number, "key": "approval-1", "kind": "approval", "agent": "alice", "verb": "approve", "needed_at": at,
            "decided_at": at,
        },
        "events": {
            "id": number, "agent": "alice", "at": at, "kind": "note", "known": 1,
            "payload": '{"kind": "note", "text": "hello"}',
        },
        "turns": {
            "id": number, "agent": "alice", "ended_at": at, "duration_ms": 5, "outcome": "ok", "cost_usd": 0.5,
            "stats": json.dumps({
                "started_at": "2026-01-01T00:00:00Z", "ended_at": "2026-01-01T00:00:01Z", "duration_ms": 5,
                "outcome": "ok", "cold": False,
            }),
        },
        "stats": {"agent": "alice", "ts": at, "key": "turns", "value": 1.0},
        "histories": {"agent": name, "first_event": 0, "first_turn": 0},
    }[table]  # fmt: skip


def columns(connection, table):
    """Name, declared type, whether NULL is allowed, whether it is the rowid."""
    rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
    keys = sum(bool(one[5]) for one in rows)
    for _, name, declared, not_null, _, key in rows:
        yield name, declared, not not_null, bool(key) and keys == 1 and declared == "INTEGER"


def insert(connection, table, values):
    marks = ", ".join(
        f"CAST(x'{NO_UTF8.hex()}' AS TEXT)" if one == NO_UTF8.decode("latin-1") else "?" for one in values.values()
    )
    given = [one for one in values.values() if one != NO_UTF8.decode("latin-1")]
    connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", given)


@contextlib.contextmanager
def without_types(path):
    """A connection to the file that takes values of any type, as a damaged disk does."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        written = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
        _rewrite(connection, {name: _loose(sql) for name, sql in written if sql})
    with contextlib.closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()
        _rewrite(connection, dict(written))


def _loose(sql):
    return re.sub(r"\) STRICT(, )?", ") ", sql).replace("NOT NULL", "")


def _rewrite(connection, texts):
    connection.execute("PRAGMA writable_schema = ON")
    for name, sql in texts.items():
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ? AND type = 'table'", (sql, name))
    connection.commit()


def damage_all(path, first_number=1000):
    """Add a row for every column of every table and every damage; (table, column, value, key or None) of each."""
    made, number = [], first_number
    with without_types(path) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        ]
        nullable = _nullable(path)
        for table in tables:
            if table.startswith("sqlite_") or table == "schema_migration":
                continue
            for column, declared, _, is_rowid in columns(connection, table):
                for value in OF_TYPE[declared]:
                    number += 1
                    values = row(table, number)
                    if is_rowid and not isinstance(value, int):
                        continue  # SQLite takes nothing else there, STRICT or not
                    with contextlib.suppress(sqlite3.IntegrityError):  # a key that is taken, or NULL in one
                        key = _key(table, values)
                        insert(connection, table, values | {column: value})
                        can_be_null = nullable[table, column]
                        if is_damaged(table, column, value, nullable=can_be_null):
                            made.append((table, column, value, None if column in _keys(table) else key))
    return made


def _nullable(path):
    found = {}
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for table, sql in connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"):
            for column, *_ in columns(connection, table):
                found[table, column] = not re.search(rf"\b{column} \w+ NOT NULL", ORIGINAL.get(table, sql or ""))
    return found


ORIGINAL: dict[str, str] = {}
"""The schema before `without_types`; filled by `remember`."""


def remember(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        ORIGINAL.update(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall())


SEVERAL = {
    "generations": ("name", "number"),
    "snoozes": ("key",),
    "stats": ("agent", "key", "ts"),
    "agent_turns": ("agent", "number"),
    "turn_messages": ("agent", "number", "message_id"),
    "viewed_files": ("approval_id", "content"),
}
"""The keys that have more than one column, or an unusual one."""


def _keys(table):
    return SEVERAL.get(table, ("agent",) if table == "histories" else ("name", "id"))


def _key(table, values):
    found = _keys(table)
    if table in SEVERAL:
        return "/".join(str(values[one]) for one in found)
    return str(values.get("id", values.get("agent" if table == "histories" else "name")))

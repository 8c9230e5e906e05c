"""The SQL of the tables `agent_turns` and `turn_messages`. Runs in the store's native threads."""

import json
import sqlite3
from collections.abc import Callable, Sequence

from actors.broker.tables import TURN_MESSAGES, TURNS
from actors.store.stored_table import ID

_LAST = f"SELECT max(number) FROM agent_turns WHERE agent = ?1 AND {ID.holds('number')}"  # noqa: S608 — our own SQL
_BEGIN = f"""
    INSERT INTO agent_turns (agent, number, began_at) VALUES (?1, COALESCE(({_LAST}), 0) + 1, ?2) RETURNING number
"""  # noqa: S608 — as above
_SETTLE = "UPDATE agent_turns SET settled_at = ? WHERE agent = ? AND settled_at IS NULL"
_PRESENT = """
    INSERT OR IGNORE INTO turn_messages (agent, number, message_id)
    SELECT ?1, ?2, id FROM messages
    WHERE id IN (SELECT value FROM json_each(?3)) AND recipient = ?1 AND leased_at IS NOT NULL
"""
_CURRENT = f"""
    SELECT number FROM agent_turns WHERE agent = ? AND settled_at IS NULL AND {TURNS.readable}
    ORDER BY number DESC LIMIT 1
"""  # noqa: S608 — our own SQL
_GIVEN = f"SELECT message_id FROM turn_messages WHERE agent = ? AND number = ? AND {TURN_MESSAGES.readable}"  # noqa: S608 — as above
_GIVEN_TO = f"SELECT agent, number FROM turn_messages WHERE message_id = ? AND {TURN_MESSAGES.readable}"  # noqa: S608 — as above
_OLD = f"SELECT agent, number FROM agent_turns WHERE began_at < ? AND {TURNS.readable} ORDER BY began_at LIMIT ?"  # noqa: S608 — as above


def begin(agent: str, message_ids: Sequence[int], now_ms: int) -> Callable[[sqlite3.Connection], int]:
    """A new turn with these messages, of which those count that are leased to the agent; its number."""

    def unit(connection: sqlite3.Connection) -> int:
        connection.execute(_SETTLE, (now_ms, agent))
        (number,) = connection.execute(_BEGIN, (agent, now_ms)).fetchone()
        present(agent, number, message_ids)(connection)
        return int(number)

    return unit


def present(agent: str, number: int, message_ids: Sequence[int]) -> Callable[[sqlite3.Connection], None]:
    """The turn is given these messages too."""
    values = (agent, number, json.dumps(list(message_ids)))

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute(_PRESENT, values)

    return unit


def settle(agent: str, now_ms: int) -> Callable[[sqlite3.Connection], None]:
    """The agent is in no turn any more."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute(_SETTLE, (now_ms, agent))

    return unit


def current(agent: str) -> Callable[[sqlite3.Connection], int | None]:
    """The number of the turn that the agent is in; None between turns."""

    def query(connection: sqlite3.Connection) -> int | None:
        row = connection.execute(_CURRENT, (agent,)).fetchone()
        return None if row is None else int(row[0])

    return query


def given(connection: sqlite3.Connection, agent: str, number: int) -> list[int]:
    """The messages that a turn was given, in order."""
    return sorted(id_ for (id_,) in connection.execute(_GIVEN, (agent, number)))


def given_to(connection: sqlite3.Connection, message_id: int) -> list[tuple[str, int]]:
    """The turns that were given a message: (agent, number), the first try first."""
    return sorted(connection.execute(_GIVEN_TO, (message_id,)).fetchall())


def sweep(connection: sqlite3.Connection, cutoff_ms: int, batch: int) -> None:
    """Drop a batch of the turns that began before then."""
    old = connection.execute(_OLD, (cutoff_ms, batch)).fetchall()
    connection.executemany("DELETE FROM turn_messages WHERE agent = ? AND number = ?", old)
    connection.executemany("DELETE FROM agent_turns WHERE agent = ? AND number = ?", old)

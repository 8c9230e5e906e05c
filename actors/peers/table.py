"""The table `peers`, written by the registry alone, and what the broker keeps about the same names."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from actors.store import api as store
from actors.supervision import Directory
from harness.wire.errors import ErrorCode, HiveError, conflict, forbidden

Unit = Callable[[sqlite3.Connection], None]

_COLUMNS = "peers.name, peers.created_at, peers.uid, peers.status_text, peers.status_set_at"
_ALL = f"""
    SELECT {_COLUMNS}, addressees.name IS NOT NULL, addressees.allowed_recipients
    FROM peers LEFT JOIN addressees ON addressees.name = peers.name ORDER BY peers.name
"""  # noqa: S608 — our own column names


@dataclass(frozen=True, slots=True)
class Peer:
    """One row. `uid` None: the socket belongs to whoever the hive runs as."""

    name: str
    created_ms: int
    uid: int | None = None
    status_text: str | None = None
    status_set_ms: int | None = None
    registered: bool = True
    """Whether the broker knows it, which a daemon that was killed at the wrong moment may have missed."""
    allowed_recipients: tuple[str, ...] | None = None


def all_peers(connection: sqlite3.Connection) -> list[Peer]:
    """Every peer, by name."""
    rows = connection.execute(_ALL).fetchall()
    return [
        Peer(name, created, uid, text, at, bool(known), None if allowed is None else tuple(json.loads(allowed)))
        for name, created, uid, text, at, known, allowed in rows
    ]


def left_over(connection: sqlite3.Connection) -> list[str]:
    """Names that the broker still has as peers and that are none."""
    query = "SELECT name FROM addressees WHERE role = 'peer' AND name NOT IN (SELECT name FROM peers)"
    return [name for (name,) in connection.execute(query)]


def insert(peer: Peer) -> Unit:
    """A new peer; `conflict` when an agent has come to that name meanwhile."""

    def unit(connection: sqlite3.Connection) -> None:
        if connection.execute("SELECT 1 FROM agents WHERE name = ?", (peer.name,)).fetchone() is not None:
            raise conflict(f"there is an agent {peer.name!r}", "give the peer another name")
        connection.execute(
            "INSERT INTO peers (name, created_at, uid) VALUES (?, ?, ?)", (peer.name, peer.created_ms, peer.uid)
        )

    return unit


def delete(name: str) -> Unit:
    """It is no peer any more."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM peers WHERE name = ?", (name,))

    return unit


def set_status(name: str, text: str | None, now_ms: int) -> Unit:
    """The line it shows about itself; None takes it back."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE peers SET status_text = ?, status_set_at = ? WHERE name = ?", (text, now_ms, name))

    return unit


# ---- for the rooms that deal with agents -------------------------------------------------------------


def check_no_peer(connection: sqlite3.Connection, name: str) -> None:
    """Refuse a new agent the name of a peer. Inside the transaction that makes the agent, so that nobody slips by."""
    if _is_peer(connection, name):
        raise conflict(f"there is a peer {name!r}", f"`hive peer remove {name}` frees the name")


def is_peer(directory: Directory, name: str) -> bool:
    """Whether a peer has this name."""
    return store.read(directory, lambda connection: _is_peer(connection, name))


def explained(directory: Directory, name: object, refusal: HiveError) -> HiveError:
    """What somebody is told who wants an agent's verb done to `name`: that it is a peer, where it is one."""
    if refusal.code is not ErrorCode.NOT_FOUND or not isinstance(name, str) or not is_peer(directory, name):
        return refusal
    return forbidden(
        f"{name} is a peer: its life and its files are its owner's, not the hive's",
        f"`hive peer remove {name}` takes its socket back",
    )


def _is_peer(connection: sqlite3.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM peers WHERE name = ?", (name,)).fetchone() is not None

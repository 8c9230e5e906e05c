"""The SQL of the table `peers`. The broker's queries add the policy for each name."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from actors.broker import queries as broker_queries
from actors.broker.messages import Role
from actors.broker.tables import ADDRESSEES
from actors.store.stored_table import ID, LISTED, NAME, TEXT, TIME, StoredTable, optional
from harness.wire.errors import conflict

Unit = Callable[[sqlite3.Connection], None]


PEERS = StoredTable(
    "peers",
    ("name",),
    {
        "name": NAME, "created_at": TIME, "uid": optional(ID), "status_text": optional(TEXT),
        "status_set_at": optional(TIME),
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Peer:
    """One row, with the broker's policy for its name. `uid` None: the socket belongs to the user of the daemon."""

    name: str
    created_ms: int
    uid: int | None = None
    status_text: str | None = None
    status_set_ms: int | None = None
    registered: bool = True
    """Whether the broker knows the name: a daemon that was killed in the middle of `add` may have missed that."""
    allowed_recipients: tuple[str, ...] | None = None
    unreadable: str | None = None
    """Why the broker's row of the name cannot be read: whom the peer may write to is not known."""


def all_peers(connection: sqlite3.Connection) -> list[Peer]:
    """Every peer whose row can be read, by name."""
    addressees = broker_queries.addressees(connection)
    damaged = {row.key: row.sentence for row in ADDRESSEES.unreadable(LISTED)(connection)}
    rows = connection.execute(
        "SELECT name, created_at, uid, status_text, status_set_at FROM peers"  # noqa: S608 — our own SQL
        f" WHERE {PEERS.readable} ORDER BY name"
    )
    found = []
    for name, created, uid, text, at in rows:
        addressee = addressees.get(name)
        allowed = None if addressee is None or addressee.allowed is None else tuple(sorted(addressee.allowed))
        found.append(Peer(name, created, uid, text, at, addressee is not None, allowed, damaged.get(name)))
    return found


def left_over(connection: sqlite3.Connection) -> list[str]:
    """Names that the broker has as peers and that are none."""
    peers = {name for (name,) in connection.execute("SELECT name FROM peers")}
    addressees = broker_queries.addressees(connection).values()
    return [one.name for one in addressees if one.role is Role.PEER and one.name not in peers]


def insert(peer: Peer, check_no_agent: Callable[[sqlite3.Connection, str], None]) -> Unit:
    """Store a new peer. `check_no_agent` refuses a name that an agent has come to meanwhile."""

    def unit(connection: sqlite3.Connection) -> None:
        check_no_agent(connection, peer.name)
        check_no_peer(connection, peer.name)
        connection.execute(
            "INSERT INTO peers (name, created_at, uid) VALUES (?, ?, ?)", (peer.name, peer.created_ms, peer.uid)
        )

    return unit


def delete(name: str) -> Unit:
    """Forget a peer."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM peers WHERE name = ?", (name,))

    return unit


def set_status(name: str, text: str | None, now_ms: int) -> Unit:
    """Set the line that a peer shows about itself; None takes it back."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE peers SET status_text = ?, status_set_at = ? WHERE name = ?", (text, now_ms, name))

    return unit


def is_peer(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a peer has this name."""
    return connection.execute("SELECT 1 FROM peers WHERE name = ?", (name,)).fetchone() is not None


def check_no_peer(connection: sqlite3.Connection, name: str) -> None:
    """Refuse a new agent the name of a peer. Runs in the transaction that makes the agent, so that no peer slips by."""
    if is_peer(connection, name):
        raise conflict(f"there is a peer {name!r}", f"`hive peer remove {name}` frees the name")

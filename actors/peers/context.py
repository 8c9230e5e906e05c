"""What the peers need of the components above them. `actors/tree.py` fills it in, so that peers import none of them."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.peers.queries import Peer
from actors.supervision import ChildSpec, Clock, Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class PeersContext:
    """A value: a path and functions."""

    run_dir: Path
    was_agent: Callable[[str], bool]
    """Whether an agent has or had this name: its mail and its reminders are filed under it."""
    check_no_agent: Callable[[sqlite3.Connection, str], None]
    """Raises `conflict` when an agent has this name. Runs in the transaction that stores the peer."""
    forget_client: Callable[[str], None]
    """The owner of the name has ended: what is known of a client of that name holds no more."""
    listener: Callable[[Peer, Path, Directory, Clock], ChildSpec]
    """The child that serves a peer's socket at this path."""

"""Notifying the manager of a fact, once.

A post whose answer got lost (the broker ended meanwhile) may have been stored. The next try looks first, in the same
transaction: events carry the moment of their fact, so an equal body is the same fact.
"""

import sqlite3
from collections.abc import Callable

from actors.broker import queries
from actors.broker.api import BROKER
from actors.broker.manager_events import to_manager
from actors.broker.messages import Post, PostAll
from actors.supervision import Directory, Promise
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.events import HelperEvent


class AlreadyNotified(HiveError):  # noqa: N818 — it is what happened, and no failure
    """The manager has this very event."""

    def __init__(self) -> None:
        super().__init__(ErrorCode.CONFLICT, "the manager has this event already")


def notify(directory: Directory, event: HelperEvent, *, again: bool) -> Promise[object]:
    """Post an event to the manager; kept when it is on disk, fails with `AlreadyNotified` where it was before."""
    post = to_manager(event)
    return directory.ask_later(BROKER, PostAll((post,), _unless_stored(post) if again else None))


def _unless_stored(post: Post) -> Callable[[sqlite3.Connection], None]:
    def unit(connection: sqlite3.Connection) -> None:
        if queries.is_filed(connection, post):
            raise AlreadyNotified

    return unit

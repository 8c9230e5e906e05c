"""Group commit: many units, one transaction, one fsync. Runs in the writing thread.

Promises that a unit that fails fails alone, and that no unit is reported as done before COMMIT has
returned. When the disk fails, all units of the group fail with `unavailable`.
"""

import sqlite3
from collections.abc import Sequence

from actors.store.messages import Outcome, Unit
from actors.store.opening import reads_any_text
from harness.wire.errors import HiveError, unavailable

_ENVIRONMENT = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the database is read-only",
    sqlite3.SQLITE_IOERR: "the disk cannot be written or read",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_BUSY: "another program holds the database",
    sqlite3.SQLITE_LOCKED: "another program holds the database",
    sqlite3.SQLITE_NOMEM: "there is no memory for the database",
    sqlite3.SQLITE_PERM: "the database may not be accessed",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not a database",
}
"""Primary result codes that are the machine's doing, and what each means."""

_NO_SPACE = (_ENVIRONMENT[sqlite3.SQLITE_FULL], _ENVIRONMENT[sqlite3.SQLITE_IOERR])
_PRIMARY_CODE = 0xFF
HINT = "nothing was stored; free disk space or repair the disk (`hive doctor`) and try again"


def environment_error(error: BaseException) -> HiveError | None:
    """`unavailable` when the machine caused `error`, None when the unit did."""
    if not isinstance(error, sqlite3.Error):
        return None
    sentence = _ENVIRONMENT.get(_primary(error))
    return None if sentence is None else unavailable(f"{sentence} ({error.sqlite_errorname})", HINT)


def is_damage(error: BaseException) -> bool:
    """Whether the file is no database, or a damaged one; also within an error of the migrations."""
    causes = (error, error.__cause__, error.__context__)
    return any(
        isinstance(one, sqlite3.Error) and _primary(one) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
        for one in causes
    )


def lacks_space(outcomes: Sequence[Outcome]) -> bool:
    """Whether a full disk may be why these units failed; memory that readers share grows by an i/o error then."""
    return any(isinstance(one.error, HiveError) and one.error.message.startswith(_NO_SPACE) for one in outcomes)


def _primary(error: sqlite3.Error) -> int:
    """The primary result code; 0, which no error has, for errors that the module raises by itself."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE


def commit_group(connection: sqlite3.Connection, units: Sequence[Unit]) -> list[Outcome]:
    """Run `units` in one transaction and commit it; one outcome each, in their order.

    Raises sqlite3.Error when the connection is to be closed: it cannot be rolled back, or it was opened while the
    database could only be read, and stays read-only.
    """
    outcomes: list[Outcome] = []
    try:
        connection.execute("BEGIN IMMEDIATE")
        for unit in units:
            outcomes.append(_run(connection, unit))  # noqa: PERF401 — what ran before a failure must be in the list
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if _primary(error) == sqlite3.SQLITE_READONLY:
            raise
        failed = Outcome(error=environment_error(error) or error)
        return [one if one.error is not None else failed for one in outcomes] + [failed] * (len(units) - len(outcomes))
    return outcomes


def _run(connection: sqlite3.Connection, unit: Unit) -> Outcome:
    """Run one unit in its savepoint. Raises when the disk failed, which concerns the whole group."""
    connection.execute("SAVEPOINT unit")
    try:
        value = unit(connection)
    except Exception as error:
        # On some failures SQLite rolls the whole transaction back by itself: then no unit of it is stored.
        if environment_error(error) is not None or not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO unit")
        connection.execute("RELEASE unit")
        return _run(connection, unit) if reads_any_text(connection, error) else Outcome(error=error)
    connection.execute("RELEASE unit")
    return Outcome(value)

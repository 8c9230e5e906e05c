"""Opening a database file: the lock, the migrations, and the two kinds of connection.

One connection writes and checkpoints, the others only read, none uses mmap: SQLite up to 3.51.2 can damage a
WAL that two connections write or checkpoint at once. The lock keeps a second daemon, and a predecessor's
thread that has not ended yet, away from the file.
"""

import fcntl
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from peewee import SqliteDatabase
from playhouse.migrations import Runner

from actors.store.messages import Database
from harness.wire.errors import unavailable

log = logging.getLogger(__name__)

MIGRATIONS: Final = Path(__file__).parent / "migrations"
SYNCHRONOUS: Final = {Database.HIVE: "FULL", Database.TELEMETRY: "NORMAL"}
"""FULL fsyncs the WAL with every commit. NORMAL may lose the last ones with the power, never with our own crash."""

CHECKPOINT_PAGES: Final = 4_000
"""16 MiB of WAL before a commit pays for a checkpoint; an idle writer does it earlier, when no commit waits."""

JOURNAL_LIMIT_BYTES: Final = 64 * 1024 * 1024
STATEMENTS: Final = 256
"""Prepared statements that a connection keeps."""

LOCK_SECONDS: Final = 2.0
LOCK_PAUSE_SECONDS: Final = 0.01


def lock(
    path: Path, *, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Take the exclusive lock beside `path`; the descriptor holds it until it is closed. Raises `unavailable`.

    Blocks its native thread for up to `LOCK_SECONDS`: the thread of a predecessor that was killed ends its commit
    before it releases the lock, and a store that is restarted must not fail for that.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        hint = "free disk space or repair the disk (`hive doctor`)"
        raise unavailable(f"cannot open {error.filename}: {error.strerror}", hint) from None
    deadline = monotonic() + LOCK_SECONDS
    while not _taken(descriptor):
        if monotonic() > deadline:
            os.close(descriptor)
            raise unavailable(f"{path.name} is in use", "is another hive running on this state dir?")
        sleep(LOCK_PAUSE_SECONDS)
    return descriptor


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def migrate(path: Path, database: Database) -> list[str]:
    """Migrate the file to the newest schema; the names of the steps taken. Each step is one transaction."""
    logging.getLogger("peewee.migrations").setLevel(logging.WARNING)  # a new database takes them all: one line says so
    peewee_database = SqliteDatabase(str(path), pragmas={"journal_mode": "wal", "synchronous": "full"})
    with peewee_database.connection_context():
        steps = list(Runner(peewee_database, str(MIGRATIONS / database)).up())
    if steps:
        log.info("migrated database=%s steps=%s newest=%s", path.name, len(steps), steps[-1])
    return steps


def connect_writer(path: Path, database: Database) -> sqlite3.Connection:
    """The one connection that writes. The caller begins and ends transactions."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {SYNCHRONOUS[database]}")
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_LIMIT_BYTES}")
    return connection


def reads_any_text(connection: sqlite3.Connection, error: BaseException) -> bool:
    """Whether `error` tells of text that is no UTF-8. From now on the connection marks what it cannot decode.

    Not from the beginning: it makes every row more expensive.
    """
    if not isinstance(error, sqlite3.OperationalError) or not str(error).startswith("Could not decode to UTF-8"):
        return False
    if connection.text_factory is not str:
        return False
    connection.text_factory = _marked
    return True


def _marked(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that can only read."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute("PRAGMA query_only = 1")
    return connection

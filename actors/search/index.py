"""The index: a file of its own, `db/search.sqlite`, with an FTS5 table. Runs in the native threads of the actor.

Owns that file. Promises that what was read of a table and the documents of it are one transaction: after a kill at any
moment the index holds exactly the rows up to its cursors. All of it can be made again from the tables, so an index of
another version, or a damaged one, is deleted.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actors.search.documents import Document
from actors.search.query import SearchQuery
from actors.store.group_commit import environment_error, is_damage
from harness.wire.errors import unavailable

VERSION = 2
COUNTED = 1_000
"""Hits that are counted; more are `more than` so many."""
SNIPPET_WORDS = 24
SEARCH_SECONDS = 5.0
STEPS = 20_000
SLOT_BITS = 15
"""An id is the time in milliseconds and a place within it: the newest document has the highest id."""
BEGIN, END = "\x02", "\x03"

_SCHEMA = f"""
    CREATE TABLE documents (
        id INTEGER NOT NULL PRIMARY KEY,
        source TEXT NOT NULL,
        key INTEGER NOT NULL,
        part INTEGER NOT NULL,
        ref INTEGER NOT NULL,
        kind TEXT NOT NULL,
        at INTEGER NOT NULL,
        sender TEXT NOT NULL,
        recipient TEXT NOT NULL,
        agent TEXT NOT NULL,
        unresolved INTEGER NOT NULL,
        tags TEXT NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX documents_key ON documents (source, key, part);
    CREATE INDEX documents_unresolved ON documents (source, key) WHERE unresolved = 1;
    CREATE TABLE cursors (source TEXT NOT NULL PRIMARY KEY, id INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
    CREATE VIRTUAL TABLE words USING fts5(
        text, tags, content='documents', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='2 3'
    );
    PRAGMA user_version = {VERSION};
"""
_SLOT = "SELECT COALESCE(max(id) + 1, ?1) FROM documents WHERE id >= ?1 AND id < ?1 + 32768"
_ADD = "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FORGET = "INSERT INTO words (words, rowid, text, tags) SELECT 'delete', id, text, tags FROM documents WHERE "
_FIND = f"""
    SELECT d.id, d.source, d.key, d.ref, d.kind, d.at, d.sender, d.recipient, d.agent,
        snippet(words, 0, '{BEGIN}', '{END}', '…', {SNIPPET_WORDS})
    FROM words JOIN documents AS d ON d.id = words.rowid
    WHERE words MATCH ? AND words.rowid >= ? AND words.rowid < ? ORDER BY words.rowid DESC LIMIT ?
"""  # noqa: S608 — our own numbers
_COUNT = """
    SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? AND rowid >= ? AND rowid < ? LIMIT ?)
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far each source was read: the last id and its row's time; and the rows that are to be read again."""

    cursors: dict[str, tuple[int, int]] = field(default_factory=dict)
    unresolved: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """One document that was found."""

    id: int
    source: str
    key: int
    ref: int
    kind: str
    at: int
    sender: str
    recipient: str
    agent: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits, the newest first; `count` is at most `COUNTED + 1`, which stands for more."""

    hits: list[Hit]
    count: int
    more: bool


def open_writer(path: Path) -> sqlite3.Connection:
    """The connection that writes, of an index of this version. Another one is deleted and begun anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _opened(path)
    except (sqlite3.DatabaseError, _OtherVersionError) as error:
        if environment_error(error) is not None and not is_damage(error):
            raise  # a full disk is no reason to throw the index away
        delete(path)
        return _opened(path)


class _OtherVersionError(Exception):
    """The file is the index of another version."""


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        elif version != VERSION:
            raise _OtherVersionError  # noqa: TRY301 — the connection is closed below
        connection.execute("SELECT rowid FROM words WHERE words MATCH 'x' LIMIT 1").fetchall()
        progress(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA mmap_size = 0")
    return connection


def delete(path: Path) -> None:
    """Remove the file and what SQLite keeps beside it; no connection may be open."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


def progress(connection: sqlite3.Connection) -> Progress:
    """How far the index is."""
    unresolved: dict[str, list[int]] = {}
    for source, key in connection.execute("SELECT DISTINCT source, key FROM documents WHERE unresolved = 1"):
        unresolved.setdefault(source, []).append(key)
    cursors = {source: (id_, at) for source, id_, at in connection.execute("SELECT source, id, at FROM cursors")}
    return Progress(cursors, unresolved)


def add(
    connection: sqlite3.Connection, source: str, documents: Iterable[Document], last: tuple[int, int] | None
) -> Progress:
    """Add the documents, in place of former ones of the same rows, and move the cursor; in one transaction."""
    # Ascending: FTS5 writes out what it holds whenever an id is below the one before.
    ordered = sorted(documents, key=lambda one: one.at)
    with _transaction(connection):
        known = connection.execute("SELECT id FROM cursors WHERE source = ?", (source,)).fetchone() or (0,)
        _remove(connection, source, {one.key for one in ordered if one.key <= known[0]})
        for one in ordered:
            (id_,) = connection.execute(_SLOT, (one.at << SLOT_BITS,)).fetchone()
            text, tags = one.clean, one.tags
            values = (source, one.key, one.part, one.ref, one.kind, one.at, one.sender, one.recipient, one.agent)
            connection.execute(_ADD, (id_, *values, int(one.unresolved), tags, text))
            connection.execute("INSERT INTO words (rowid, text, tags) VALUES (?, ?, ?)", (id_, text, tags))
        if last is not None:
            connection.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)", (source, *last))
    return progress(connection)


def keys(connection: sqlite3.Connection, source: str, after: int, limit: int) -> list[int]:
    """The rows of a source that have documents, above the id `after`."""
    text = "SELECT DISTINCT key FROM documents WHERE source = ? AND key > ? ORDER BY key LIMIT ?"
    return [key for (key,) in connection.execute(text, (source, after, limit))]


def remove(connection: sqlite3.Connection, source: str, gone: Iterable[int]) -> None:
    """Remove the documents of these rows."""
    with _transaction(connection):
        _remove(connection, source, gone)


def _remove(connection: sqlite3.Connection, source: str, gone: Iterable[int]) -> None:
    for key in sorted(gone):
        connection.execute(f"{_FORGET} source = ? AND key = ?", (source, key))
        connection.execute("DELETE FROM documents WHERE source = ? AND key = ?", (source, key))


def find(connection: sqlite3.Connection, query: SearchQuery, limit: int, before: int | None) -> Found:
    """A page of hits below the id `before`. Raises `unavailable` when it takes more than SEARCH_SECONDS."""
    since, until = query.since_ms << SLOT_BITS, query.until_ms << SLOT_BITS
    below = until if before is None else min(before, until)
    deadline = time.monotonic() + SEARCH_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    try:
        rows = connection.execute(_FIND, (query.match, since, below, limit + 1)).fetchall()
        (count,) = connection.execute(_COUNT, (query.match, since, until, COUNTED + 1)).fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        hint = "add a word or a filter such as after:7d"
        raise unavailable(f"the search took more than {SEARCH_SECONDS:.0f} seconds", hint) from None
    finally:
        connection.set_progress_handler(None, 0)
    return Found([Hit(*row) for row in rows[:limit]], count, len(rows) > limit)


def parts(snippet: str) -> Sequence[tuple[str, bool]]:
    """A snippet as pieces of text, and whether each is a hit."""
    found: list[tuple[str, bool]] = []
    for number, piece in enumerate(snippet.split(BEGIN)):
        hit, _, rest = piece.partition(END) if number else ("", "", piece)
        found += [(text, marked) for text, marked in ((hit, True), (rest, False)) if text]
    return found


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Any:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise

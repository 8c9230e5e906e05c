"""Every older file is migrated to the newest schema, and the models are that schema."""

import sqlite3
from pathlib import Path

import pytest
from peewee import SqliteDatabase

from actors.store import models, opening
from actors.store.messages import Database

FIXTURES = sorted((Path(__file__).parent / "schemas").glob("*.sql"))
"""`<database>-<number>.sql`: a dump with rows, as the schema was after that migration."""


def columns(connection):
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {
        table: {
            (name, kind, notnull, pk)
            for _, name, kind, notnull, _, pk in connection.execute(f"PRAGMA table_info({table})")
        }
        for (table,) in tables.fetchall()
        if table != "schema_migration"
    }


def migrated(path, database):
    opening.migrate(path, database)
    connection = sqlite3.connect(path)
    try:
        return columns(connection)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("database", "tables"), [(Database.HIVE, models.HIVE_TABLES), (Database.TELEMETRY, models.TELEMETRY_TABLES)]
)
def test_the_migrations_lead_to_what_the_models_say(tmp_path, database, tables):
    found = migrated(tmp_path / "migrated.sqlite", database)
    fresh = SqliteDatabase(str(tmp_path / "models.sqlite"))
    with fresh.bind_ctx(tables), fresh.connection_context():
        fresh.create_tables(tables)
        wanted = columns(fresh.connection())
    assert {table: found[table] for table in wanted} == wanted


@pytest.mark.parametrize("database", list(Database))
def test_migrating_again_does_nothing(tmp_path, database):
    assert opening.migrate(tmp_path / "one.sqlite", database)
    assert opening.migrate(tmp_path / "one.sqlite", database) == []


@pytest.mark.parametrize("dump", FIXTURES, ids=lambda dump: dump.stem)
def test_a_file_of_an_older_version_opens_with_every_row(tmp_path, dump):
    database = Database(dump.stem.split("-")[0])
    path = tmp_path / "old.sqlite"
    old = sqlite3.connect(path)
    old.executescript(dump.read_text())
    rows = {table: old.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in columns(old)}
    old.close()
    assert rows
    assert all(rows.values()), f"every table of the fixture has a row: {rows}"
    found = migrated(path, database)
    assert found == migrated(tmp_path / "new.sqlite", database)
    new = sqlite3.connect(path)
    assert {table: new.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in rows} == rows
    assert new.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    new.close()


def test_every_migration_has_its_fixture():
    steps = {f"{path.parent.name}-{path.name[:4]}" for path in opening.MIGRATIONS.glob("*/[0-9]*.py")}
    assert steps == {dump.stem for dump in FIXTURES}


def test_the_threads_of_older_replies_are_their_roots(tmp_path):
    path = tmp_path / "old.sqlite"
    old = sqlite3.connect(path)
    old.executescript((FIXTURES[0].parent / "hive-0025.sql").read_text())
    old.execute("DELETE FROM messages")
    replies = {1: None, 2: 1, 3: 2, 4: 3, 5: None, 6: 5, 7: 99, 8: 8}
    old.executemany(
        "INSERT INTO messages (id, sender, recipient, size, body, kind, sent_at, in_reply_to)"
        " VALUES (?, 'a', 'b', 1, 'x', 'message', 1, ?)",
        replies.items(),
    )
    old.commit()
    old.close()
    opening.migrate(path, Database.HIVE)
    new = sqlite3.connect(path)
    threads = dict(new.execute("SELECT id, thread FROM messages"))
    new.close()
    assert threads == {1: None, 2: 1, 3: 1, 4: 1, 5: None, 6: 5, 7: None, 8: None}

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

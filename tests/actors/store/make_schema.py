"""Writes the fixture of each migration that has none yet: `python -m tests.actors.store.make_schema`.

Run it once when a migration is new, look at the file, and never change it again.
"""

import sqlite3
import tempfile
from pathlib import Path

from peewee import SqliteDatabase
from playhouse.migrations import Runner

from actors.store import opening
from actors.store.messages import Database

FOLDER = Path(__file__).parent / "schemas"
VALUES = {"INTEGER": 7, "TEXT": "x", "REAL": 1.5}
MEANT = {
    "kind": "message",
    "role": "agent",
    "status": "pending",
    "options": "[]",
    "allowed_recipients": '["x"]',
    "stats": "{}",
    "payload": "{}",
}
"""Values of columns that hold words or JSON."""


def dump(database, migration):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.sqlite"
        peewee_database = SqliteDatabase(str(path))
        with peewee_database.connection_context():
            Runner(peewee_database, str(opening.MIGRATIONS / database)).up(migration)
        connection = sqlite3.connect(path)
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if not table.startswith("sqlite_") and table != "schema_migration":
                fill(connection, table)
        text = "\n".join(connection.iterdump()) + "\n"
        connection.close()
        return text


def fill(connection, table):
    """A row with every column set, and one with those that must be."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    sparse = [column for column in columns if column[3] or column[5]]
    for number, chosen in enumerate((columns, sparse)):
        row = {name: MEANT.get(name, VALUES[kind]) for _, name, kind, *_ in chosen}
        for key in {name for _, name, _, _, _, key in columns if key} | unique(connection, table):
            row[key] = row[key] + number if isinstance(row[key], int) else row[key] + "xy"[number]
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    connection.commit()


def unique(connection, table):
    """The columns that no two rows may share."""
    indexes = [index for _, index, is_unique, *_ in connection.execute(f"PRAGMA index_list({table})") if is_unique]
    return {name for index in indexes for _, _, name in connection.execute(f"PRAGMA index_info({index})")}


if __name__ == "__main__":
    for name in Database:
        for script in sorted((opening.MIGRATIONS / name).glob("[0-9]*.py")):
            target = FOLDER / f"{name}-{script.name[:4]}.sql"
            if not target.exists():
                target.write_text(dump(name, script.stem))
                print(target)

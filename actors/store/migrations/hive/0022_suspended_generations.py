"""Which owner of a name is suspended, and whose requests are kept."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

TABLES = ("suspensions", "kept_requests")


def up(_migrator: Any, db: Any) -> None:
    """Add the column: what there is belongs to the present owners, or to the last ones."""
    for table in TABLES:
        db.execute_sql(f"ALTER TABLE {table} ADD COLUMN generation INTEGER NOT NULL DEFAULT 0")
        db.execute_sql(
            f"UPDATE {table} SET generation ="  # noqa: S608 — our own SQL
            f" COALESCE((SELECT max(number) FROM generations WHERE generations.name = {table}.name), 0)"
        )


def down(_migrator: Any, db: Any) -> None:
    """Drop it."""
    for table in TABLES:
        db.execute_sql(f"ALTER TABLE {table} DROP COLUMN generation")

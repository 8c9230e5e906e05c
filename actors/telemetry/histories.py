"""Which rows of telemetry belong to the present owner of a name. SQL only."""

from actors.store.stored_table import ID, TEXT, StoredTable

FORMER = "#"
"""In the name under which the points of a former owner are kept."""

_FIRST = {"events": "first_event", "turns": "first_turn"}
"""The column with the first id of the present owner's rows."""


HISTORIES = StoredTable("histories", ("agent",), {"agent": TEXT, "first_event": ID, "first_turn": ID})
_NONE = 2**63 - 1


def own(table: str, alias: str | None = None) -> str:
    """SQL condition on a row of the table: it is of the present owner of its name.

    No row is while it cannot be read where the history of that owner begins.
    """
    row = alias or table
    first = f"CASE WHEN {HISTORIES.readable} THEN {_FIRST[table]} ELSE {_NONE} END"
    begins = f"SELECT {first} FROM histories WHERE histories.agent = {row}.agent"  # noqa: S608 — our own names
    return f"{row}.id >= COALESCE(({begins}), 0)"

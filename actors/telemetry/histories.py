"""Which rows of telemetry belong to the present owner of a name. SQL only."""

FORMER = "#"
"""In the name under which the points of a former owner are kept."""

_FIRST = {"events": "first_event", "turns": "first_turn"}
"""The column with the first id of the present owner's rows."""


def own(table: str, alias: str | None = None) -> str:
    """SQL condition on a row of the table: it is of the present owner of its name."""
    row = alias or table
    begins = f"SELECT {_FIRST[table]} FROM histories WHERE histories.agent = {row}.agent"  # noqa: S608 — our own names
    return f"{row}.id >= COALESCE(({begins}), 0)"

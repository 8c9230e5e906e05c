"""docs/persistence.md lists every table with its owner and its keep-window."""

import re
import sqlite3
from pathlib import Path

import pytest

from actors.broker import retention
from actors.store import opening
from actors.store.messages import Database
from actors.telemetry.actor import KEEP_DAYS
from actors.triage import queries

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/persistence.md").read_text()
ROWS = {
    cells[0].strip("`"): cells[1:]
    for line in PAGE.splitlines()
    if (cells := [cell.strip() for cell in line.strip("|").split("|")]) and len(cells) == 5 and cells[0].startswith("`")
}


@pytest.mark.parametrize("database", list(Database))
def test_every_table_is_listed_with_its_file(tmp_path, database):
    opening.migrate(tmp_path / "one.sqlite", database)
    connection = sqlite3.connect(tmp_path / "one.sqlite")
    tables = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    }
    connection.close()
    assert tables == {table for table, (file, *_) in ROWS.items() if file in {database, "both"}}


def test_every_owner_is_a_component_and_every_row_has_its_meaning():
    for table, (_file, owner, kept, meaning) in ROWS.items():
        assert (ROOT / "actors" / owner).is_dir(), f"{table}: no component {owner}"
        assert kept
        assert meaning


def test_the_windows_are_those_of_the_code():
    windows = {table: int(days) for table, row in ROWS.items() for days in re.findall(r"(\d+) days", row[2])}
    assert windows == {
        "messages": retention.KEEP_DAYS,
        **dict.fromkeys(("agent_turns", "turn_messages"), retention.KEEP_TURNS_DAYS),
        **KEEP_DAYS,
        **dict.fromkeys(("snoozes", "answered_needs"), queries.KEEP_DAYS),
    }

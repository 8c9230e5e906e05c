"""Rows that cannot be read, in a terminal: listed with their reason and the way out, and deleted."""

import json

from harness.wire.errors import not_found
from harness.wire.model import Done
from harness.wire.operator_api import QuarantineReply
from harness.wire.operator_rows import QuarantineRow

ROW = QuarantineRow(
    table="agents",
    key="alice",
    reason="desired is '\x1b[31masleep', not one of running, stopped",
    way_out="`hive quarantine drop agents alice` deletes it",
)


def test_they_are_listed_with_the_reason_and_the_way_out(daemon, hive):
    daemon.answers["quarantine"] = QuarantineReply(rows=[ROW])
    shown = hive("quarantine").stdout
    for words in ("agents", "alice", "not one of running, stopped", "hive quarantine drop agents alice"):
        assert words in shown
    assert "\x1b[31m" not in shown
    assert json.loads(hive("quarantine", "--json").stdout)[0]["key"] == "alice"
    daemon.answers["quarantine"] = QuarantineReply(rows=[])
    assert hive("quarantine").stdout == "Every row can be read.\n"


def test_one_is_deleted_by_its_table_and_its_key(daemon, hive):
    daemon.answers["drop_quarantined"] = Done()
    assert hive("quarantine", "drop", "agents", "alice").stdout == "agents alice is deleted\n"
    daemon.answers["drop_quarantined"] = not_found("unreadable row 'bob' in agents", "`hive quarantine` lists them")
    result = hive("quarantine", "drop", "agents", "bob")
    assert result.exit_code == 1
    assert "there is no unreadable row 'bob' in agents" in result.stderr

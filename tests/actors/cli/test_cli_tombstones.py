"""Tombstones, and the rebuild of all agents, on the command line."""

import json

from harness.wire.operator_api import PlannedReply, TombstonesReply
from harness.wire.operator_rows import Tombstone

KEPT = Tombstone(name="alice", size_bytes=3 * 1024 * 1024, changed_at="2026-01-02T03:04:05.000Z", credentials=True)


def test_tombstones_tell_size_age_and_login_and_what_is_not_known(daemon, hive):
    daemon.answers["tombstones"] = TombstonesReply(tombstones=[KEPT, Tombstone(name="bob")])
    rows = [line.split() for line in hive("tombstones").stdout.splitlines()]
    assert rows == [
        ["AGENT", "SIZE", "LAST", "CHANGE", "LOGIN"],
        ["alice", "3", "MiB", "2026-01-02T03:04:05.000Z", "kept"],
        ["bob", "?", "-", "?"],
    ]
    assert json.loads(hive("tombstones", "--json").stdout)[0]["size_bytes"] == 3 * 1024 * 1024


def test_no_tombstones_are_reported_as_a_sentence(daemon, hive):
    daemon.answers["tombstones"] = TombstonesReply(tombstones=[])
    assert hive("tombstones").stdout == "No destroyed agent is kept.\n"


def test_a_purge_asks_for_the_name_and_does_nothing_when_it_differs(daemon, hive):
    daemon.answers["tombstones"] = TombstonesReply(tombstones=[Tombstone(name="alice")])
    refused = hive("purge", "alice", stdin="bob\n")
    assert refused.exit_code == 2
    assert "nothing was deleted" in refused.stderr
    assert [one["cmd"] for one in daemon.requests] == ["tombstones"]
    assert hive("purge", "alice", stdin="alice\n").exit_code == 0
    assert daemon.requests[-1] == {"cmd": "purge_tombstone", "name": "alice"}


def test_a_rebuild_of_all_names_them_in_order(daemon, hive):
    daemon.answers["rebuild_all"] = PlannedReply(planned=["manager", "alice"])
    assert hive("rebuild-all").stdout == "rebuilding manager, alice\n"
    daemon.answers["rebuild_all"] = PlannedReply(planned=[])
    assert hive("rebuild-all").stdout == "no agent is meant to run\n"

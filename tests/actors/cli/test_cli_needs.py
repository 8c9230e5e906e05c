"""`hive needs`: the list, its commands and its exit code."""

import json

from harness.wire.needs import Need, NeedKind, UnreadRows
from harness.wire.operator_api.needs import NeedsReply

PARKED = Need(
    kind=NeedKind.FAILED, key="failed-bob", agent="bob", sentence="four ends in a minute\x1b[2J", word="parked",
    since="2026-01-02T03:04:05.000Z", command="hive start bob",
)  # fmt: skip
BROKEN = UnreadRows(name="approvals", error="a row is not understood", code="internal", hint="hive doctor")


def test_each_need_is_a_line_with_the_command_that_settles_it(daemon, hive):
    daemon.answers["needs"] = NeedsReply(needs=[PARKED])
    result = hive("needs")
    head, line = result.stdout.splitlines()
    assert head.split() == ["WHY", "WHO", "SINCE", "COMMAND", "KEY", "ABOUT"]
    assert line.startswith("parked")
    assert "hive start bob" in line
    assert "\x1b" not in line
    assert result.exit_code == 1


def test_nothing_that_needs_the_operator_is_a_sentence_and_exit_0(daemon, hive):
    daemon.answers["needs"] = NeedsReply(needs=[])
    result = hive("needs")
    assert (result.stdout, result.exit_code) == ("Nothing needs you.\n", 0)


def test_a_part_that_could_not_be_read_is_never_nothing(daemon, hive):
    daemon.answers["needs"] = NeedsReply(needs=[], failed=[BROKEN])
    result = hive("needs")
    assert result.exit_code == 1
    assert "Nothing" not in result.stdout
    assert "approvals could not be read: a row is not understood (hive doctor)" in result.stderr


def test_needs_as_json_has_the_rows_and_what_could_not_be_read(daemon, hive):
    daemon.answers["needs"] = NeedsReply(needs=[PARKED], failed=[BROKEN])
    result = hive("needs", "--json")
    shown = json.loads(result.stdout)
    assert [one["command"] for one in shown["needs"]] == ["hive start bob"]
    assert [one["name"] for one in shown["failed"]] == ["approvals"]
    assert result.exit_code == 1

"""Suspended agents in a terminal: listed, looked into, served again."""

import json

from harness.wire.operator_api import KeptRequestsReply, SuspensionsReply
from harness.wire.operator_rows import KeptRequest, SuspensionRow

AT = "2026-01-02T03:04:05.000Z"


def test_suspended_agents_are_listed(daemon, hive):
    row = SuspensionRow(name="mallory", at=AT, reason="its requests have \x1b[31mcrashed the hive")
    daemon.answers["suspensions"] = SuspensionsReply(suspensions=[row])
    shown = hive("suspensions").stdout
    assert "mallory" in shown
    assert "\x1b[31m" not in shown
    assert json.loads(hive("suspensions", "--json").stdout)[0]["name"] == "mallory"
    daemon.answers["suspensions"] = SuspensionsReply(suspensions=[])
    assert hive("suspensions").stdout == "No agent is suspended.\n"


def test_the_kept_requests_are_shown_and_what_is_cut_is_said(daemon, hive):
    kept = KeptRequest(id=1, at=AT, actor="broker", reason="error", cmd="send", request='{"cmd": "\x1b[31m', size=1000)
    daemon.answers["kept_requests"] = KeptRequestsReply(requests=[kept])
    shown = hive("suspensions", "show", "mallory").stdout
    assert "send crashed broker: error" in shown
    assert "more characters were not kept" in shown
    assert "\x1b[31m" not in shown
    assert json.loads(hive("suspensions", "show", "mallory", "--json").stdout)[0]["id"] == 1
    daemon.answers["kept_requests"] = KeptRequestsReply(requests=[])
    assert hive("suspensions", "show", "mallory").stdout == "No request of mallory is kept.\n"


def test_a_suspension_is_lifted_by_name(daemon, hive):
    assert hive("suspensions", "lift", "mallory").stdout == "mallory is served again\n"
    assert daemon.requests[-1] == {"cmd": "lift_suspension", "name": "mallory"}

"""The logins of the dashboard in a terminal: listed and ended."""

import json

from harness.wire.operator_api import SessionsReply
from harness.wire.operator_rows import SessionRow

AT = "2026-01-02T03:04:05.000Z"


def row(number, user_agent="Firefox"):
    return SessionRow(id=number, opened_at=AT, seen_at=AT, ends_at=AT, address="127.0.0.1", user_agent=user_agent)


def test_sessions_are_listed(daemon, hive):
    daemon.answers["sessions"] = SessionsReply(sessions=[row(7, "Fire\x1b[31mfox")])
    shown = hive("sessions").stdout
    assert "127.0.0.1" in shown
    assert "\x1b[31m" not in shown
    assert json.loads(hive("sessions", "--json").stdout)[0]["id"] == 7
    daemon.answers["sessions"] = SessionsReply(sessions=[])
    assert hive("sessions").stdout == "No browser is logged in.\n"


def test_sessions_are_ended_by_number_or_all_at_once(daemon, hive):
    daemon.answers["sessions"] = SessionsReply(sessions=[row(7), row(8)])
    assert hive("sessions", "revoke", "7").stdout == "ended session 7\n"
    assert daemon.requests[-1] == {"cmd": "end_session", "id": 7}
    assert hive("sessions", "revoke", "--all").stdout == "ended session 7\nended session 8\n"
    refused = hive("sessions", "revoke")
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (1, "Try: `hive sessions` lists them")


def test_one_unknown_session_keeps_the_command_from_every_one(daemon, hive):
    daemon.answers["sessions"] = SessionsReply(sessions=[row(7), row(8)])
    refused = hive("sessions", "revoke", "7", "99", "98")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: there is no session 99, 98\nTry: nothing was ended")
    assert [frame["cmd"] for frame in daemon.requests] == ["sessions"]
    assert hive("sessions", "revoke", "7", "7").stdout == "ended session 7\n"

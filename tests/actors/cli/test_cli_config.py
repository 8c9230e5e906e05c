"""`hive config`: without a name the settings, with a name that agent's configuration; and the operator's proposals."""

import json

from harness.wire.agent_api import ApprovalReply
from harness.wire.errors import not_found
from harness.wire.operator_api import RowsReply, TextReply

SHA = "ab" * 20


def test_show_without_a_name_shows_the_settings_and_needs_no_daemon(hive):
    shown = json.loads(hive("config", "show", "--json").stdout)
    assert shown["runtime"] == {"value": "auto", "source": "default"}


def test_show_with_a_name_is_what_is_in_force_for_that_agent(daemon, hive):
    daemon.answers["agent_config"] = TextReply(text='model = "opus"\n# \x1b[2J\n')
    shown = hive("config", "show", "alice").stdout
    assert shown.startswith('model = "opus"\n')
    assert "\x1b" not in shown
    assert json.loads(hive("config", "show", "alice", "--json").stdout)["text"].startswith("model")
    assert daemon.requests == [{"cmd": "agent_config", "name": "alice"}] * 2


def test_an_unknown_agent_is_refused(daemon, hive):
    daemon.answers["agent_config"] = not_found("configuration repository of 'eve'")
    result = hive("config", "show", "eve")
    assert (result.exit_code, result.stdout) == (1, "")


def test_a_file_and_the_log_are_read_at_any_commit(daemon, hive):
    daemon.answers["config_file"] = TextReply(text="role\n")
    daemon.answers["config_log"] = RowsReply(rows=[{"sha": SHA, "author": "hm1nd", "at": None, "subject": "a change"}])
    assert hive("config", "file", "alice", "role.md", "--ref", "deployed/0").stdout == "role\n"
    assert "a change" in hive("config", "log", "alice", "-n", "3").stdout
    assert daemon.requests == [
        {"cmd": "config_file", "name": "alice", "path": "role.md", "ref": "deployed/0"},
        {"cmd": "config_log", "name": "alice", "limit": 3},
    ]


def test_the_operator_can_propose_an_agent(daemon, hive):
    daemon.answers["request_spawn"] = daemon.answers["revive"] = ApprovalReply(approval_id=9, sha=SHA)
    for words in (["request-spawn", "bob", "--description", "a scout"], ["revive", "bob"]):
        assert hive(*words).stdout == "waits as #9: `hive approve 9`\n"
    assert daemon.requests == [
        {"cmd": "request_spawn", "name": "bob", "description": "a scout"},
        {"cmd": "revive", "name": "bob"},
    ]

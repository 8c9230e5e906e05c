"""`hive secret`: a value goes to the daemon and nowhere else."""

import json

from harness.wire.model import Done
from harness.wire.operator_api import SecretRow, SecretsReply, SetSecretReply

AT = "2026-01-02T03:04:05.000Z"
VALUE = "s3cr3t-value"


def test_a_value_is_read_from_the_standard_input_and_never_printed(daemon, hive):
    daemon.answers["set_secret"] = SetSecretReply(used_by=["alice"])
    done = hive("secret", "set", "TOKEN", stdin=f"{VALUE}\n")
    assert daemon.requests[-1] == {"cmd": "set_secret", "name": "TOKEN", "value": VALUE}
    assert "stored secret TOKEN" in done.stdout
    assert "alice" in done.stdout
    assert VALUE not in done.output


def test_one_line_break_is_cut_and_the_rest_stays(daemon, hive):
    daemon.answers["set_secret"] = SetSecretReply(used_by=[])
    for given, sent in (("a\nb\n\n", "a\nb\n"), ("abcdef\r\n", "abcdef"), (" abc ", " abc ")):
        hive("secret", "set", "TOKEN", stdin=given)
        assert daemon.requests[-1]["value"] == sent


def test_nothing_is_stored_without_a_value_and_a_short_one_is_warned_of(daemon, hive):
    daemon.answers["set_secret"] = SetSecretReply(used_by=[])
    refused = hive("secret", "set", "TOKEN", stdin="\n")
    assert (refused.exit_code, daemon.requests) == (1, [])
    assert "fewer than 6 characters" in hive("secret", "set", "TOKEN", stdin="abc").stderr


def test_secrets_are_listed_with_their_users_and_what_is_missing(daemon, hive):
    row = SecretRow(name="TOKEN", size=12, updated_at=AT, used_by=["alice", "bob"])
    daemon.answers["secrets"] = SecretsReply(secrets=[row], missing={"GONE": ["carol"]})
    shown = hive("secret", "list")
    assert "TOKEN" in shown.stdout
    assert "alice, bob" in shown.stdout
    assert "Missing: GONE, used by carol" in shown.stderr
    assert json.loads(hive("secret", "list", "--json").stdout)["secrets"][0]["name"] == "TOKEN"
    daemon.answers["secrets"] = SecretsReply(secrets=[])
    assert hive("secret", "list").stdout == "There are no secrets.\n"


def test_a_secret_is_deleted_and_force_is_passed_on(daemon, hive):
    daemon.answers["delete_secret"] = Done()
    assert hive("secret", "delete", "TOKEN", "--force").stdout == "deleted secret TOKEN\n"
    assert daemon.requests[-1] == {"cmd": "delete_secret", "name": "TOKEN", "force": True}


def test_the_token_of_the_hive_is_used_at_once_and_the_command_says_so(daemon, hive):
    daemon.answers["set_secret"] = SetSecretReply(used_by=["every agent"])
    done = hive("secret", "set", "CLAUDE_CODE_OAUTH_TOKEN", stdin="sk-ant-oat01-token\n")
    assert "used by every agent from now on" in done.stdout
    assert "restart" not in done.stdout

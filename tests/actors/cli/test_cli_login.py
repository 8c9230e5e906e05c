"""`hive login` against a daemon that plays an agent's login."""

import pytest

from harness.wire.boundary.account_page import is_account_page
from harness.wire.model import Done
from harness.wire.operator_api import AgentStatusReply
from tests.actors.cli import rows

URL = "https://claude.com/cai/oauth/authorize?code=true"
OLD = {
    "state": "waiting_for_code",
    "begun_at": "2026-01-02T03:04:05.000Z",
    "since": "2026-01-02T03:04:05.000Z",
    "url": URL,
}


class Agent:
    """What the harness would report after each command of the operator; the first row shows an earlier login."""

    def __init__(self, daemon, *, after_start, after_codes):
        self.daemon, self.after_start, self.after_codes = daemon, after_start, list(after_codes)
        self.second = 6
        daemon.answers["agent_status"] = AgentStatusReply(agent_statuses=[self.row(OLD)])
        daemon.answers["subscribe_agent_status"] = AgentStatusReply(agent_statuses=[])
        daemon.answers["agent_control"] = self.control

    def row(self, login):
        return rows.agent("manager", container="hm1nd", running=True, needs_login=True, login=login)

    def control(self, frame):
        match frame["action"]:
            case "login_start":
                self.report({**OLD, "state": "cancelled"})
                self.report(*self.after_start)
            case "login_code":
                self.report(self.of("checking"), self.after_codes.pop(0))
            case "login_cancel":
                self.report(self.of("cancelled"))
        return Done()

    def report(self, *logins):
        for login in logins:
            at = f"2026-01-02T03:04:{self.second:02d}.000Z"
            self.second += 1
            frame = AgentStatusReply(agent_statuses=[self.row({**login, "since": at})]).as_reply()
            self.daemon.write(frame)

    @staticmethod
    def of(state, **more):
        return {"state": state, "begun_at": "2026-01-02T03:04:06.000Z", "since": OLD["since"], **more}


STARTED = Agent.of("started")
WAITS = Agent.of("waiting_for_code", url=URL)


def orders(daemon):
    return [(one["action"], one.get("value")) for one in daemon.requests if one["cmd"] == "agent_control"]


def test_the_manager_is_logged_in_with_the_code_from_the_address(daemon, hive):
    wrong = Agent.of("waiting_for_code", url=URL, reason="That doesn't look like the full code.")
    Agent(daemon, after_start=[STARTED, WAITS], after_codes=[wrong, Agent.of("done")])
    result = hive("login", stdin="abc\nabc#def\n")
    assert result.exit_code == 0, result.output
    assert f"\n  {URL}\n" in result.stdout
    assert "That doesn't look like the full code." in result.stdout
    assert result.stdout.endswith("manager is logged in\n")
    assert orders(daemon) == [("login_start", None), ("login_code", "abc"), ("login_code", "abc#def")]
    assert "Warning" not in result.stderr


def test_a_refused_code_is_an_error_with_the_words_of_claude(daemon, hive):
    Agent(
        daemon,
        after_start=[STARTED, WAITS],
        after_codes=[Agent.of("failed", reason="That code \x1b[31mwasn't accepted")],
    )
    result = hive("login", "hm1nd", stdin="abc\n")
    assert result.exit_code == 1
    assert "Error: the login of hm1nd failed: That code wasn't accepted" in result.stderr
    assert "Try: `hive login hm1nd` tries again" in result.stderr


def test_an_agent_that_would_not_use_a_login_says_so(daemon, hive):
    Agent(daemon, after_start=[STARTED, Agent.of("failed", reason="it has the key of the hive")], after_codes=[])
    result = hive("login")
    assert "failed: it has the key of the hive" in result.stderr
    assert "open this address" not in result.stdout


def test_the_end_of_the_input_cancels_the_login(daemon, hive):
    Agent(daemon, after_start=[STARTED, WAITS], after_codes=[])
    result = hive("login", stdin="")
    assert result.exit_code == 1
    assert orders(daemon)[-1] == ("login_cancel", None)


def test_an_address_that_is_not_the_accounts_is_warned_of(daemon, hive):
    strange = Agent.of("waiting_for_code", url="https://claude.com.example.org/\x1b]0;oauth\x07")
    Agent(daemon, after_start=[STARTED, strange], after_codes=[Agent.of("done")])
    result = hive("login", stdin="abc\n")
    assert "Warning: this is no address of a Claude account" in result.stderr
    assert "\x1b" not in result.stdout


def test_an_unknown_agent_is_an_error_before_anything_is_started(daemon, hive):
    daemon.answers |= dict.fromkeys(("agent_status", "subscribe_agent_status"), AgentStatusReply(agent_statuses=[]))
    result = hive("login", "nosuch")
    assert "there is no agent 'nosuch'" in result.stderr
    assert orders(daemon) == []


@pytest.mark.parametrize(
    ("url", "known"),
    [
        (URL, True),
        ("https://platform.claude.com/oauth", True),
        ("https://console.anthropic.com:443/", True),
        ("http://claude.com/", False),
        ("https://claude.com.example.org/", False),
        ("https://notclaude.com/", False),
        ("https://claude.com@example.org/", False),
        ("https://me@claude.com/", False),
        ("https://claude.com:8443/", False),
        ("https://example.org\\@claude.com/", False),
        ("https://[claude.com/", False),
    ],
)
def test_pages_of_the_account_are_told_from_others(url, known):
    assert is_account_page(url) is known

"""Login without a terminal, with a program that behaves like Claude's."""

import json
import re
import sys
import time

import pytest

from harness.control.credentials import expiry_ms
from harness.wire.times import to_ms
from tests.account_server import CODE, AccountServer
from tests.harness.rig import Rig, rules

pytestmark = pytest.mark.slow

FAKE = """
import os, sys
print("Opening a browser…\\nIf it does not open: https://example.invalid/login?code=true&state=abc\\n", flush=True)
code = sys.stdin.readline().strip()
if code != "right":
    print("Invalid code"); sys.exit(1)
path = os.path.join(os.environ["CLAUDE_CONFIG_DIR"], ".credentials.json")
open(path, "w").write("{}")
"""


LASTING = {
    "claudeAiOauth": {
        "accessToken": "sk-ant-oat01-" + "a" * 40, "refreshToken": "sk-ant-ort01-" + "r" * 40,
        "expiresAt": 4_000_000_000_000, "refreshTokenExpiresAt": 4_000_000_000_000, "scopes": ["user:inference"],
    }
}  # fmt: skip


def logins(daemon):
    """The login as the harness reported it, in order."""
    return [event for event in daemon.events if event["kind"] == "login"]


def test_an_agent_without_credentials_waits_for_the_operator_to_log_in(tmp_path):
    (tmp_path / "login.py").write_text(FAKE)
    env = {"ANTHROPIC_API_KEY": "", "HIVE_LOGIN_CMD": f"{sys.executable} {tmp_path / 'login.py'}"}
    with Rig(tmp_path, rules(), env=env) as rig:
        number = rig.daemon.deliver("are you there?")
        rig.start()
        rig.daemon.wait_state("needs_login")
        assert "recv" not in rig.daemon.cmds(), "its mail stays in the inbox"

        rig.daemon.command("login_start")
        rig.daemon.wait(lambda daemon: any("https://example.invalid/login" in note for note in daemon.notes()))
        (started, shown) = logins(rig.daemon)
        assert (started["state"], shown["state"]) == ("started", "waiting_for_code")
        assert shown["url"] == "https://example.invalid/login?code=true&state=abc"
        assert shown["begun_at"] == started["begun_at"]
        rig.daemon.command("login_code", "wrong")
        rig.daemon.wait(lambda daemon: any("Invalid code" in note for note in daemon.notes()))
        assert rig.daemon.state == "needs_login"
        rig.daemon.wait(lambda daemon: logins(daemon)[-1]["state"] == "failed")
        assert logins(rig.daemon)[-1]["reason"] == "Invalid code"

        rig.daemon.command("login_start")
        rig.daemon.wait(lambda daemon: len([one for one in logins(daemon) if one.get("url")]) == 2)
        rig.daemon.command("login_code", "right")
        # The credentials are empty, so Claude refuses them: a login is needed again, and the mail waits.
        assert rig.daemon.wait_turns(1)["outcome"] == "failed"
        rig.daemon.wait(lambda daemon: daemon.state == "needs_login" and "logged in" in daemon.notes())
        assert number not in rig.daemon.acked
        assert rig.daemon.failures() == [], "no message is at fault"


def test_a_login_can_be_cancelled_and_a_paused_agent_takes_no_mail(tmp_path):
    (tmp_path / "login.py").write_text(FAKE)
    env = {"ANTHROPIC_API_KEY": "", "HIVE_LOGIN_CMD": f"{sys.executable} {tmp_path / 'login.py'}"}
    (tmp_path / "claude").mkdir()
    (tmp_path / "claude" / ".credentials.json").write_text(json.dumps(LASTING))
    with Rig(tmp_path, rules(), env=env) as rig:
        rig.daemon.paused = True
        number = rig.daemon.deliver("work")
        rig.start()
        rig.daemon.wait_state("paused")
        rig.daemon.command("login_start")
        rig.daemon.wait(lambda daemon: any("open https" in note for note in daemon.notes()))
        rig.daemon.command("login_cancel")
        rig.daemon.wait(lambda daemon: logins(daemon)[-1]["state"] == "cancelled")
        rig.daemon.command("login_code", "too late")  # nothing waits for it
        rig.daemon.wait(lambda daemon: "no login is waiting for a code" in daemon.notes())
        assert "recv" not in rig.daemon.cmds()
        rig.daemon.pause(False)
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        rig.daemon.pause(True)
        rig.daemon.wait_state("paused")
        later = rig.daemon.deliver("later")
        rig.daemon.command("cancel")
        rig.daemon.wait(lambda daemon: "there is no turn to cancel" in daemon.notes())
        assert later not in rig.daemon.acked


def test_the_real_login_takes_a_code_from_the_accounts_server_and_the_agent_works(tmp_path):
    with (
        AccountServer(tmp_path) as account,
        Rig(tmp_path, rules(), env={"ANTHROPIC_API_KEY": "", **account.env}) as rig,
    ):
        number = rig.daemon.deliver("are you there?")
        rig.start()
        rig.daemon.wait_state("needs_login")
        rig.daemon.command("login_start")
        rig.daemon.wait(lambda daemon: logins(daemon)[-1:] and logins(daemon)[-1]["state"] == "waiting_for_code")
        url = logins(rig.daemon)[-1]["url"]
        assert url.startswith("https://claude.com/")
        assert account.requests == []

        rig.daemon.command("login_code", "half-of-it")  # the program says so, and waits for another one
        rig.daemon.wait(lambda daemon: logins(daemon)[-1].get("reason"))
        again = logins(rig.daemon)[-1]
        assert (again["state"], again["url"]) == ("waiting_for_code", url)
        assert "full code" in again["reason"]

        state = re.search(r"state=([^&]+)", url).group(1)
        rig.daemon.command("login_code", f" {CODE}#\n{state} ")  # as it is pasted from a narrow window
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        assert logins(rig.daemon)[-1]["state"] == "done"
        known = [event for event in rig.daemon.events if event["kind"] == "credentials"]
        assert [event["source"] for event in known] == ["none", "login"]
        days = (to_ms(known[-1]["expires_at"]) - time.time() * 1000) / 86_400_000
        assert account.login_days - 1 < days < account.login_days + 1


def test_an_agent_with_a_key_of_the_hive_refuses_a_login(tmp_path):
    with Rig(tmp_path, rules()) as rig:
        rig.start()
        rig.daemon.wait_state("idle")
        rig.daemon.command("login_start")
        rig.daemon.wait(lambda daemon: logins(daemon)[-1:] and logins(daemon)[-1]["state"] == "failed")
        assert "the key or the token of the hive" in logins(rig.daemon)[-1]["reason"]


@pytest.mark.parametrize(
    ("login", "ends"),
    [
        ({"refreshToken": "r", "expiresAt": 1, "refreshTokenExpiresAt": 2}, 2),
        ({"refreshToken": "r", "expiresAt": 1}, None),
        ({"accessToken": "a", "expiresAt": 1}, 1),
        ({"refreshToken": "r", "refreshTokenExpiresAt": True}, None),
        ({"refreshToken": "r", "refreshTokenExpiresAt": 10**40}, None),
        ("a word", None),
    ],
)
def test_a_login_ends_with_the_token_that_renews_it(login, ends):
    assert expiry_ms({"claudeAiOauth": login}) == ends

"""Login without a terminal, with a program that behaves like Claude's."""

import sys

import pytest

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


def test_an_agent_without_credentials_waits_for_the_operator_to_log_in(tmp_path):
    (tmp_path / "login.py").write_text(FAKE)
    env = {"ANTHROPIC_API_KEY": "", "HIVE_LOGIN_CMD": f"{sys.executable} {tmp_path / 'login.py'}"}
    with Rig(tmp_path, rules(), env=env) as rig:
        number = rig.host.deliver("are you there?")
        rig.start()
        rig.host.wait_state("needs_login")
        assert "recv" not in rig.host.cmds(), "mail waits where everybody sees it"

        rig.host.command("login_start")
        rig.host.wait(lambda host: any("https://example.invalid/login" in note for note in host.notes()))
        shown = next(
            e["data"]["login"] for e in rig.host.events if e["kind"] == "terminal" and e["data"]["login"]["url"]
        )
        assert shown == {"state": "waiting_for_code", "url": "https://example.invalid/login?code=true&state=abc"}
        rig.host.command("login_code", "wrong")
        rig.host.wait(lambda host: any("Invalid code" in note for note in host.notes()))
        assert rig.host.state == "needs_login"

        rig.host.command("login_start")
        rig.host.wait(lambda host: len([e for e in host.events if e.get("data", {}).get("login", {}).get("url")]) == 2)
        rig.host.command("login_code", "right")
        # The credentials are empty, so Claude finds itself logged out: the login is lost, and the mail waits again.
        assert rig.host.wait_turns(1)["outcome"] == "failed"
        rig.host.wait(lambda host: host.state == "needs_login" and "logged in" in host.notes())
        assert number not in rig.host.acked
        assert any("/login" in sent["body"] for sent in rig.host.sent if sent["to"] == "manager")


def test_a_login_can_be_cancelled_and_a_paused_agent_takes_no_mail(tmp_path):
    (tmp_path / "login.py").write_text(FAKE)
    env = {"HIVE_LOGIN_CMD": f"{sys.executable} {tmp_path / 'login.py'}"}
    with Rig(tmp_path, rules(), env=env) as rig:
        rig.host.paused = True
        number = rig.host.deliver("work")
        rig.start()
        rig.host.wait_state("paused")
        rig.host.command("login_start")
        rig.host.wait(lambda host: any("open https" in note for note in host.notes()))
        rig.host.command("login_cancel")
        rig.host.wait(
            lambda host: any(
                e["kind"] == "terminal" and e["data"]["login"]["state"] == "cancelled" for e in host.events
            )
        )
        rig.host.command("login_code", "too late")  # nothing waits for it
        rig.host.wait(lambda host: "no login is waiting for a code" in host.notes())
        assert "recv" not in rig.host.cmds()
        rig.host.pause(False)
        rig.host.wait(lambda host: number in host.acked)
        rig.host.pause(True)
        rig.host.wait_state("paused")
        later = rig.host.deliver("later")
        rig.host.command("cancel")
        rig.host.wait(lambda host: "there is no turn to cancel" in host.notes())
        assert later not in rig.host.acked

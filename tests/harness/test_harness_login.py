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
        number = rig.daemon.deliver("are you there?")
        rig.start()
        rig.daemon.wait_state("needs_login")
        assert "recv" not in rig.daemon.cmds(), "its mail stays in the inbox"

        rig.daemon.command("login_start")
        rig.daemon.wait(lambda daemon: any("https://example.invalid/login" in note for note in daemon.notes()))
        shown = next(
            e["data"]["login"] for e in rig.daemon.events if e["kind"] == "terminal" and e["data"]["login"]["url"]
        )
        assert shown == {"state": "waiting_for_code", "url": "https://example.invalid/login?code=true&state=abc"}
        rig.daemon.command("login_code", "wrong")
        rig.daemon.wait(lambda daemon: any("Invalid code" in note for note in daemon.notes()))
        assert rig.daemon.state == "needs_login"

        rig.daemon.command("login_start")
        rig.daemon.wait(
            lambda daemon: len([e for e in daemon.events if e.get("data", {}).get("login", {}).get("url")]) == 2
        )
        rig.daemon.command("login_code", "right")
        # The credentials are empty, so Claude refuses them: a login is needed again, and the mail waits.
        assert rig.daemon.wait_turns(1)["outcome"] == "failed"
        rig.daemon.wait(lambda daemon: daemon.state == "needs_login" and "logged in" in daemon.notes())
        assert number not in rig.daemon.acked
        assert rig.daemon.failures() == [], "no message is at fault"


def test_a_login_can_be_cancelled_and_a_paused_agent_takes_no_mail(tmp_path):
    (tmp_path / "login.py").write_text(FAKE)
    env = {"HIVE_LOGIN_CMD": f"{sys.executable} {tmp_path / 'login.py'}"}
    with Rig(tmp_path, rules(), env=env) as rig:
        rig.daemon.paused = True
        number = rig.daemon.deliver("work")
        rig.start()
        rig.daemon.wait_state("paused")
        rig.daemon.command("login_start")
        rig.daemon.wait(lambda daemon: any("open https" in note for note in daemon.notes()))
        rig.daemon.command("login_cancel")
        rig.daemon.wait(
            lambda daemon: any(
                e["kind"] == "terminal" and e["data"]["login"]["state"] == "cancelled" for e in daemon.events
            )
        )
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

"""Ends that are no crashes, in a whole hive: real daemon, real containers, the real Claude CLI, a model that refuses."""

import time

import pytest

from harness.wire.times import to_ms
from tests.campaigns.real_hive import RealHive
from tests.needs import needs

pytestmark = pytest.mark.slow

TOKEN = '[env]\nCLAUDE_CODE_OAUTH_TOKEN = "rehearsal"\n'
"""Only subscribers are told when a limit ends."""


def events(hive, name):
    return [one["event"] for one in hive.mail_of_manager() if one["agent"] == name]


@needs("bwrap")
def test_a_used_up_limit_frees_the_container_survives_the_daemon_and_costs_no_message():
    limited = {"when": "spend", "times": 1, "steps": [{"fail": "rate_limit", "reset_seconds": 3600}]}
    with RealHive(limited, claude_api_key_file="") as hive:
        hive.ask("spawn", name="alice")
        (hive.state / "applied/alice/agent.toml").write_text(TOKEN)
        hive.ask("restart", name="alice")
        hive.until(lambda: hive.row("alice")["state"] == "idle")
        hive.container("alice")
        mail = hive.send("alice", "spend")
        hive.until(lambda: hive.row("alice")["state"] == "rate_limited" and not hive.row("alice")["running"])
        row = hive.row("alice")
        assert not row["failed"]
        assert 3500 < to_ms(row["rate_limited_until"]) / 1000 - time.time() < 3700
        assert not hive.leftovers(), "nothing waits with 250 MB"
        assert (row["pending"], row["leased"]) == (1, 0)

        hive.kill()
        hive.start()
        again = hive.row("alice")
        assert (again["state"], again["rate_limited_until"]) == ("rate_limited", row["rate_limited_until"])

        hive.ask("start", scope={"agent_names": ["alice"]})
        hive.done(mail)
        assert 'redelivered="true"' in hive.openings("spend")[-1]
        assert hive.row("alice")["rate_limited_until"] is None
        assert "container_crash" not in events(hive, "alice")


@needs("bwrap")
def test_a_refused_key_parks_with_a_hint_and_a_good_one_is_used_at_once():
    with RealHive({"when": "spend", "times": 3, "steps": [{"fail": "unauthorized"}]}) as hive:
        hive.spawn("alice")
        mail = hive.send("alice", "spend")
        hive.until(lambda: hive.row("alice")["state"] == "parked")
        row = hive.row("alice")
        assert (row["failed"], row["needs_login"], row["leased"]) == (True, True, 0)
        assert "the agent starts by itself" in row["note"]
        hive.until(lambda: "needs_login" in events(hive, "alice"))
        (hive.folder / "api-key").write_text("a-good-one\n")
        hive.done(mail)
        hive.until(lambda: "logged_in" in events(hive, "alice"))
        assert "container_crash" not in events(hive, "alice")

"""What a turn does is done once: a command that runs while its agent is stopped, restarted, rebuilt, changed or updated.

The real daemon, bubblewrap and the real Claude CLI. The command leaves a line when it starts and another when it ends.
"""

import contextlib
import sqlite3
import threading

import pytest

from harness.wire.errors import HiveError
from tests.campaigns.real_hive import RealHive
from tests.needs import needs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

COMMAND = "echo start >> effects; sleep 1.2; echo end >> effects"
WORK = {
    "when": "take your time",
    "steps": [{"call": "Bash", "input": {"command": COMMAND, "description": "work"}}, {"say": "Done."}],
}
LEAVE = "nohup sleep 100000 >/dev/null 2>&1 & echo left"
LEAVES = {
    "when": "leave something",
    "steps": [{"call": "Bash", "input": {"command": LEAVE, "description": "serve"}}, {"say": "Done."}],
}
HOLD = {"when": "for ever", "times": 1, "steps": [{"say": "Too late.", "hang_seconds": 600}]}


@pytest.fixture(scope="module")
def hive():
    with RealHive(WORK, LEAVES, HOLD, grace_seconds=60) as hive:
        hive.spawn("alice")
        yield hive


class AtWork:
    """Alice in the middle of the command."""

    def __init__(self, hive):
        self.hive = hive
        self.effects = hive.state / "agents/alice/state/effects"
        self.effects.unlink(missing_ok=True)
        self.message = hive.send("alice", "Please take your time.")
        hive.until(lambda: self.lines() == ["start"])
        self.container = hive.container("alice").pid

    def lines(self):
        return self.effects.read_text().split() if self.effects.exists() else []

    def waits(self):
        return self.hive.row("alice")["waits_until"]

    def check(self):
        """The command ran once, from its start to its end, and its message is done and was never offered again."""
        self.hive.done(self.message)
        assert self.lines() == ["start", "end"]
        assert not self.hive.message(self.message)["redelivered"]
        assert [one for one in self.hive.mail_of_manager() if one["event"] == "turn_cut"] == []
        self.hive.until(lambda: self.hive.row("alice")["state"] == "idle")
        assert self.hive.container("alice").pid != self.container


def stop(hive):
    hive.ask("stop", scope={"agent_names": ["alice"]})
    assert hive.row("alice")["state"] == "stopped"
    hive.ask("start", scope={"agent_names": ["alice"]})


def restart(hive):
    hive.ask("restart", name="alice")


def rebuild(hive):
    hive.ask("rebuild", name="alice")


def rebuild_all(hive):
    before = hive.container("alice").pid
    hive.ask("rebuild_all")
    hive.until(lambda: hive.row("alice")["running"] and hive.container("alice").pid != before)


def approve(hive):
    sha = hive.ask("config_source", name="alice", path="agent.toml")["sha"]
    number = hive.ask("request_edit", name="alice", base_sha=sha, files={"agent.toml": 'prompt = "Be brief."\n'})
    hive.ask("approve", id=number["approval_id"])
    hive.until(lambda: hive.query("SELECT tag FROM approvals WHERE id = ?", number["approval_id"])[0]["tag"])


def update(hive):
    """The daemon is replaced by one of another revision, while the agents run on."""
    before = hive.container("alice").pid
    hive.stop()
    with contextlib.closing(sqlite3.connect(hive.state / "db/hive.sqlite")) as connection, connection:
        connection.execute("UPDATE agents SET revision = 'older'")
    hive.start()
    hive.until(lambda: hive.row("alice")["running"] and hive.container("alice").pid != before)


@needs("bwrap")
@pytest.mark.parametrize("order", [stop, restart, rebuild, rebuild_all, approve, update])
def test_a_command_of_a_running_turn_has_one_start_and_one_end(hive, order):
    work = AtWork(hive)
    order(hive)
    work.check()


@needs("bwrap")
def test_a_stop_that_waits_outlives_the_daemon_and_its_kill(hive):
    work = AtWork(hive)
    stopping = threading.Thread(target=lambda: stop_until_killed(hive))
    stopping.start()
    hive.until(work.waits)
    hive.kill()
    stopping.join()
    assert work.lines() == ["start"]
    hive.start()
    hive.done(work.message)
    hive.until(lambda: hive.row("alice")["state"] == "stopped")
    assert work.lines() == ["start", "end"]
    assert not hive.message(work.message)["redelivered"]
    hive.ask("start", scope={"agent_names": ["alice"]})
    hive.until(lambda: hive.row("alice")["state"] == "idle")


def stop_until_killed(hive):
    with contextlib.suppress(HiveError):
        hive.ask("stop", scope={"agent_names": ["alice"]})


@needs("bwrap")
def test_now_cuts_a_turn_that_would_not_end_and_says_so(hive):
    message = hive.send("alice", "Work for ever.")
    hive.until_asked("for ever")
    hive.ask("restart", name="alice", wait=False)
    hive.until(lambda: hive.row("alice")["waits_until"])
    assert hive.row("alice")["transient"] == "restarting"
    hive.ask("restart", name="alice", now=True)
    hive.done(message)
    assert hive.message(message)["redelivered"]
    cut = [one for one in hive.mail_of_manager() if one["event"] == "turn_cut"]
    assert [one["reason"] for one in cut] == ["it was restarted at once, in the middle of a turn"]


@needs("bwrap")
def test_what_a_turn_leaves_running_is_on_the_row_and_in_the_tree_and_ends_with_a_restart(hive):
    hive.done(hive.send("alice", "Please leave something."))
    left = hive.until(lambda: hive.row("alice")["left_running"])
    assert (left["count"], [one["command"] for one in left["processes"]]) == (1, ["sleep 100000"])
    assert ", leaves 1 running: sleep 100000 (" in hive.node("agents/alice/container")["state"]
    server = hive.below("alice", "100000")
    assert server.is_running()
    hive.ask("restart", name="alice")
    assert not server.is_running()
    hive.until(lambda: hive.row("alice")["state"] == "idle")
    assert hive.row("alice")["left_running"] is None

"""The gate before deployed: Claude was opened once with the new configuration, and all of it worked."""

import pytest

from actors.agent.registry import api as agents
from actors.store import api as store
from tests.actors.approvals.live_hive import Hive
from tests.waiting import until

pytestmark = pytest.mark.slow  # git runs dozens of times in most of them


@pytest.fixture
def hive():
    hive = Hive()
    agents.spawn(hive.directory, "alice")
    yield hive
    hive.remove()


def checks(hive):
    """The commit that each launch was asked to check."""
    return [launch.env.get("HIVE_CHECK") for launch in hive.runtime.launches if launch.paths.name == "alice"]


def served(hive, number, name="alice"):
    """Approve and ask for mail; the row at the end."""
    hive.clock.advance(1)
    started = len(hive.runtime.launches)
    hive.verb("approve", id=number)
    hive.launched(started + 1)
    with hive.harness(name) as harness:
        harness.send("recv", wait_seconds=60)
        row = hive.ended(number)
        assert harness.reply()["ok"]
        assert harness.ask("ack_turn")["ok"]
        return row


def test_a_change_that_claude_cannot_be_opened_with_is_taken_back_with_the_reason_before_any_mail_is_taken(hive):
    before = hive.repositories.applied("alice").in_force()
    hive.troubles["alice"] = "the MCP server db is not connected (failed): ENOENT"
    number, sha = hive.propose("alice", "opus")
    hive.verb("approve", id=number)
    row = hive.ended(number)
    assert (row.status, row.note) == ("failed", "not healthy: the MCP server db is not connected (failed): ENOENT")
    hive.agree("alice", before)
    assert checks(hive) == [None, sha, None], "what was in force before has worked"
    assert [one["ok"] for one in hive.resolved() if one["event"] == "rebuilt"] == [False]


def test_a_change_is_deployed_when_its_check_has_come_and_is_checked_once(hive):
    number, sha = hive.propose("alice", "opus")
    assert served(hive, number).status == "approved"
    hive.agree("alice", sha)
    agents.restart(hive.directory, "alice")
    assert checks(hive) == [None, sha, None]


def test_a_harness_that_takes_mail_and_never_says_that_claude_works_is_taken_back(hive):
    hive.troubles["alice"] = None
    number, _sha = hive.propose("alice", "opus")
    started = len(hive.runtime.launches)
    hive.verb("approve", id=number)
    hive.launched(started + 1)
    with hive.harness("alice") as harness:
        hive.until_waiting(number)
        assert harness.ask("recv")["ok"]
        assert harness.ask("requeue_inflight")["ok"]  # no turn
        hive.clock.advance(91)
        row = hive.ended(number)
    assert (row.status, row.note) == ("failed", "not healthy: its harness did not open Claude within 90 s")


def test_a_newcomer_that_does_not_work_is_gone_again(hive):
    hive.troubles["bob"] = "the model 'opus' is refused: no such model"
    number, _sha = hive.propose_spawn("bob", "opus")
    hive.verb("approve", id=number)
    row = hive.ended(number)
    assert row.status == "failed"
    assert "the model 'opus' is refused" in row.note
    assert [one.name for one in agents.rows(hive.directory)] == ["manager", "alice"]


def test_a_stopped_agent_checks_what_was_approved_at_its_next_start_and_shows_what_fails(hive):
    agents.stop(hive.directory, "alice")
    hive.troubles["alice"] = "the MCP server db lists no tools"
    number, sha = hive.propose("alice", "opus")
    hive.verb("approve", id=number)
    assert hive.ended(number).status == "approved"
    agents.start(hive.directory, "alice")
    until(lambda: hive.row("alice").note == "its configuration does not work: the MCP server db lists no tools")
    assert checks(hive)[-1] == sha
    del hive.troubles["alice"]
    agents.restart(hive.directory, "alice")
    until(lambda: hive.row("alice").note is None)
    agents.restart(hive.directory, "alice")
    assert checks(hive)[-1] is None


def test_the_check_survives_the_daemon(hive):
    number, sha = hive.propose("alice", "opus")
    assert served(hive, number).status == "approved"
    (found,) = store.read(
        hive.directory,
        lambda connection: connection.execute("SELECT checked_sha FROM agents WHERE name = 'alice'").fetchone(),
    )
    assert found == sha

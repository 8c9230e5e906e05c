"""An approved change waits for the running turn of its agent, and something happens meanwhile."""

import pytest

from actors.agent.registry import api as agents
from tests.actors.approvals.live_hive import Hive
from tests.waiting import until

pytestmark = pytest.mark.slow  # git runs dozens of times


@pytest.fixture
def hive():
    hive = Hive()
    agents.spawn(hive.directory, "alice")
    yield hive
    hive.remove()


def in_a_turn(hive):
    """A harness that has taken mail and not acknowledged it."""
    hive.verb("send", to="alice", body="work")
    harness = hive.harness("alice").__enter__()
    assert harness.ask("recv", max=32)["messages"]
    return harness


def approve(hive):
    number, sha = hive.propose("alice", "opus")
    hive.verb("approve", id=number)
    until(lambda: hive.row("alice").waits_until is not None)
    return number, sha


def test_the_deployer_waits_by_message_and_ends_at_once(hive):
    harness = in_a_turn(hive)
    number, _sha = approve(hive)
    deployer = hive.directory.actor(f"approvals/deployers/{number}")
    assert deployer.state_word() == "waiting for the restart"
    assert deployer.vitals().current is None
    hive.stop("approvals")
    assert deployer.exit_reason.orderly
    assert deployer.exit_reason.detail != "did not stop in time"
    hive.open_approvals()
    assert harness.ask("recv")["messages"] == []
    assert harness.ask("ack_turn")["ok"]
    harness.close()
    assert hive.ended(number).tag == f"deployed/{number}"


def test_a_restart_of_the_daemon_in_the_wait_ends_in_one_start_with_the_change_and_one_event(hive):
    harness, started = in_a_turn(hive), len(hive.runtime.launches)
    number, sha = approve(hive)
    harness.close()
    folder, runtime = hive.place, hive.runtime
    hive.close()
    again = Hive(runtime=runtime, folder=folder)
    again.clock.advance((hive.clock.now_ms() - again.clock.now_ms()) / 1000)
    hive.names.clear()
    try:
        until(lambda: again.row("alice").waits_until is not None)
        with again.harness("alice") as harness:
            assert harness.ask("recv")["messages"] == []
            assert harness.ask("ack_turn")["ok"]
        assert again.ended(number).tag == f"deployed/{number}"
        assert len(runtime.launches) == started + 1
        again.agree("alice", sha)
        assert [event["event"] for event in again.resolved() if event["event"] == "rebuilt"] == ["rebuilt"]
    finally:
        again.close()

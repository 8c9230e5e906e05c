"""Two things at once: a decision meets a change of the proposal, a rebuild of all, a stop, a destroy, another spawn.

There is one clear outcome each time, and everything says it.
"""

import shutil

import gevent
import pytest

from actors.agent.addresses import AGENTS
from actors.agent.registry import api as agents
from actors.approvals import api as approvals
from actors.approvals.containers import LiveContainers
from actors.broker import api as broker
from actors.supervision import settle
from harness.wire.errors import HiveError
from tests.actors.approvals.live_hive import Hive
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
def hive():
    hive = Hive()
    agents.spawn(hive.directory, "alice")
    hive.since = len(hive.resolved())
    hive.before = hive.repositories.applied("alice").in_force()
    yield hive
    hive.remove()


def asks_for_mail(hive, name="alice"):
    broker.long_poll(hive.directory, name=name, wait_seconds=60).cancel()


def told(hive):
    return [(event["event"], event.get("status"), event.get("ok")) for event in hive.resolved()]


DEPLOYED = [("approval_resolved", "approved", None), ("rebuilt", None, True)]
FAILED = [("approval_resolved", "failed", None), ("rebuilt", None, False)]


# ---- one approval ------------------------------------------------------------------------------------


def test_a_rebuild_of_an_approval_is_shown_as_one_and_told_once(hive):
    number, sha = hive.propose("alice", "opus")
    hive.runtime.obeys = False
    hive.verb("approve", id=number)
    until(lambda: hive.state("alice") == "rebuilding")
    hive.runtime.end("alice", 0)
    hive.until_waiting(number)
    asks_for_mail(hive)
    assert hive.ended(number).tag == f"deployed/{number}"
    hive.agree("alice", sha)
    assert told(hive) == DEPLOYED
    (kick,) = hive.wakeups("alice")
    assert kick.body.startswith("You were rebuilt")


def test_a_paused_agent_runs_what_was_approved_and_is_not_waited_for(hive):
    agents.set_paused(hive.directory, "alice", paused=True)
    number, sha = hive.propose("alice", "opus")
    hive.verb("approve", id=number)
    assert hive.ended(number).tag == f"deployed/{number}"
    hive.agree("alice", sha)
    assert hive.row("alice").paused


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_an_agent_that_needs_a_login_is_up_and_is_not_waited_for(hive, name):
    number, sha = hive.propose(name, "opus") if name == "alice" else hive.propose_spawn(name, "opus")
    hive.verb("approve", id=number)
    hive.until_waiting(number)
    with hive.harness(name) as harness:
        harness.ask("requeue_inflight")
        said = {"kind": "state", "state": "needs_login", "since": "2026-01-01T00:00:00.000Z"}
        assert harness.ask("publish", events=[said])["ok"]
        assert hive.ended(number).tag == f"deployed/{number}"
    hive.agree(name, sha)


# ---- the proposer ------------------------------------------------------------------------------------


def test_amending_and_deleting_the_proposal_in_the_middle_changes_nothing(hive):
    number, sha = hive.propose("alice", "opus")
    author = hive.author("alice")
    author.write("agent.toml", 'model = "evil"\n')
    author.git("commit", "--quiet", "--all", "--amend", "-m", "nothing to see")
    hive.verb("approve", id=number)
    author.git("update-ref", "-d", "refs/heads/main")
    shutil.rmtree(author.folder)
    hive.until_waiting(number)
    asks_for_mail(hive)
    assert hive.ended(number).status == "approved"
    hive.agree("alice", sha)


# ---- the same agent is rebuilt, stopped or destroyed meanwhile ---------------------------------------------


def test_an_approval_while_all_are_being_rebuilt_is_carried_out(hive):
    number, sha = hive.propose("alice", "opus")
    hive.runtime.obeys = False
    agents.rebuild_all(hive.directory, reason="an update", now=True)
    until(lambda: hive.runtime.alive["alice"].id in hive.runtime.asked)  # she is just ending, the manager is last
    hive.verb("approve", id=number)
    container = hive.directory.actor("agents/alice/container")
    until(lambda: container.vitals().mailbox, "she is to be rebuilt while she ends")
    hive.runtime.obeys = True
    hive.runtime.end("alice", 0)
    until(lambda: hive.stored(number).tries == 1, "her actor has ended over it, which is no refusal")
    hive.clock.advance(1)
    hive.until_waiting(number)
    asks_for_mail(hive)
    assert hive.ended(number).tag == f"deployed/{number}"
    hive.agree("alice", sha)
    assert [one for one in told(hive) if one[0] == "approval_resolved"] == DEPLOYED[:1]


def test_a_rebuild_of_all_while_an_approval_waits_for_the_harness_does_not_take_it_back(hive):
    number, sha = hive.propose("alice", "opus")
    hive.verb("approve", id=number)
    hive.until_waiting(number)
    before = dict(hive.runtime.alive)
    agents.rebuild_all(hive.directory, reason="an update", now=True)
    for name in ("hm1nd", "alice"):
        until(lambda name=name: hive.runtime.alive.get(name) not in (None, before[name]), f"{name} is up again")
        hive.clock.advance(1)
        asks_for_mail(hive, name)
    assert hive.ended(number).tag == f"deployed/{number}"
    hive.agree("alice", sha)


@pytest.mark.parametrize("verb", [agents.stop, lambda *args: agents.set_paused(*args, paused=True)])
def test_an_agent_stopped_or_paused_while_its_approval_waits_is_not_waited_for(hive, verb):
    number, sha = hive.propose("alice", "opus")
    hive.verb("approve", id=number)
    hive.until_waiting(number)
    verb(hive.directory, "alice")
    hive.clock.advance(91)
    assert hive.ended(number).tag == f"deployed/{number}"
    assert hive.repositories.meta.deployed()["alice"]["sha"] == sha


@pytest.mark.parametrize("purge", [False, True])
def test_a_destroy_while_the_approval_waits_for_the_harness_wins(hive, purge):
    number, _sha = hive.propose("alice", "opus")
    waiting, _ = hive.propose("alice", "sonnet")
    hive.verb("approve", id=number)
    hive.until_waiting(number)
    agents.destroy(hive.directory, "alice", purge=purge)
    transient(hive, number)
    row = hive.ended(number)
    assert (row.status, "there is no agent 'alice'" in row.note) == ("failed", True)
    assert hive.ended(waiting).status == "cancelled"
    until(lambda: "alice" not in hive.repositories.meta.deployed())
    assert "alice" not in hive.runtime.alive
    if not purge:
        assert hive.repositories.applied("alice").in_force() == hive.before
    assert sorted(told(hive)) == sorted([
        *FAILED,
        ("approval_resolved", "cancelled", None),
        ("destroyed", None, None),
    ])  # fmt: skip


def test_a_destroy_while_the_container_is_being_rebuilt_wins(hive):
    number, _sha = hive.propose("alice", "opus")
    hive.runtime.obeys = False
    hive.verb("approve", id=number)
    until(lambda: hive.state("alice") == "rebuilding")
    destroying = gevent.spawn(agents.destroy, hive.directory, "alice")
    until(lambda: hive.state("alice") == "destroying")
    hive.runtime.end("alice", 0)
    destroying.get()
    transient(hive, number)
    assert hive.ended(number).status == "failed"
    until(lambda: "alice" not in hive.repositories.meta.deployed())
    assert "alice" not in hive.runtime.alive
    assert hive.repositories.applied("alice").in_force() == hive.before
    assert sorted(told(hive)) == sorted([*FAILED, ("destroyed", None, None)])


def transient(hive, number):
    """Time goes on until it has ended."""

    def over():
        settle()
        hive.clock.advance(1)
        return hive.ended_already(number)

    until(over)


# ---- a newcomer --------------------------------------------------------------------------------------------


def test_nobody_spawns_by_hand_what_an_approval_is_just_spawning(hive, monkeypatch):
    number, sha = hive.propose_spawn("bob", "opus")
    asked, spawn = [], LiveContainers.spawn

    def somebody_is_faster(containers, name):
        with pytest.raises(HiveError) as refused:
            agents.spawn(hive.directory, name)
        asked.append(refused.value)
        spawn(containers, name)

    monkeypatch.setattr(LiveContainers, "spawn", somebody_is_faster)
    hive.verb("approve", id=number)
    hive.until_waiting(number)
    asks_for_mail(hive, "bob")
    assert hive.ended(number).tag == f"deployed/{number}"
    hive.agree("bob", sha)
    assert [(one.code, f"approval {number} to spawn 'bob'" in one.message) for one in asked] == [("conflict", True)]
    agents.destroy(hive.directory, "bob")
    agents.spawn(hive.directory, "bob")


def test_a_newcomer_that_is_destroyed_while_it_is_waited_for_stays_gone(hive):
    number, _sha = hive.propose_spawn("bob", "opus")
    hive.verb("approve", id=number)
    hive.until_waiting(number)
    agents.destroy(hive.directory, "bob")
    transient(hive, number)
    assert hive.ended(number).status == "failed"
    assert "bob" not in agents.names(hive.directory)
    assert "bob" not in hive.repositories.meta.deployed()
    assert hive.directory.whereis(f"{AGENTS}/bob") is None


# ---- agents come and go ------------------------------------------------------------------------------------


def test_destroying_an_agent_cancels_its_proposals_at_once(hive):
    number, _sha = hive.propose("alice", "opus")
    agents.destroy(hive.directory, "alice")
    row = hive.ended(number)
    assert (row.status, row.note) == ("cancelled", "alice was destroyed")
    until(lambda: "alice" not in hive.repositories.meta.deployed())
    assert sorted(told(hive)) == [("approval_resolved", "cancelled", None), ("destroyed", None, None)]


def test_purging_an_agent_cancels_its_revival(hive):
    agents.destroy(hive.directory, "alice")
    number = hive.verb("revive", name="alice").approval_id
    agents.purge(hive.directory, "alice")
    row = hive.ended(number)
    assert (row.status, row.note) == ("cancelled", "what was proposed was purged")


def test_a_spawn_takes_the_name_off_the_list_of_drafts(hive):
    approvals.submission(hive.directory, by="operator", clock=hive.clock).draft("bob")
    settle()
    seen = len(hive.emitted("drafts"))
    agents.spawn(hive.directory, "bob")
    assert approvals.drafts(hive.directory) == []
    until(lambda: len(hive.emitted("drafts")) > seen)


def test_a_proposal_whose_repository_is_gone_does_not_keep_the_queue_from_starting(hive):
    agents.destroy(hive.directory, "alice")
    number = hive.verb("revive", name="alice").approval_id
    hive.stop("approvals")
    shutil.rmtree(hive.repositories.applied("alice").folder)
    hive.open_approvals()
    assert hive.ended(number).status == "cancelled"

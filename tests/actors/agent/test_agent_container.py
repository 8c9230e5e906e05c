"""A container's end, expected or not, and an actor's end, which is not its container's."""

from dataclasses import replace

import pytest

from actors.agent.addresses import AGENTS, REGISTRY, container_actor
from actors.agent.container.failures import ContainerCrashed
from actors.agent.registry import api
from actors.agent.registry.supervisor import AGENT_FLAGS
from actors.agent.runtime import Status
from actors.broker import api as broker
from actors.supervision import settle, tree
from harness.wire.errors import ErrorCode, HiveError
from tests.actors.agent.hive_parts import AgentHive
from tests.waiting import SECONDS, until

ALICE = container_actor("alice")


@pytest.fixture
def hive():
    hive = AgentHive()
    api.spawn(hive.directory, "alice")
    yield hive
    hive.remove()


def crash(hive, status=1, name="alice"):
    """The container ends by itself; returns when its actor has ended over it."""
    actor = hive.directory.actor(container_actor(name))
    hive.runtime.end(name, status)
    return actor.ended.get(timeout=SECONDS)


def settled(hive, name="alice"):
    """Wait until its supervisor has started it again or has given up; the start waits for the real database."""
    until(lambda: name in hive.runtime.alive or hive.directory.whereis(f"{AGENTS}/{name}") is None)


def back_up(hive, name="alice"):
    hive.clock.advance(0)
    settled(hive, name)
    hive.directory.actor(container_actor(name)).started.get(timeout=SECONDS)
    return hive.row(name)


def test_an_end_nobody_asked_for_crashes_the_actor_with_status_and_last_words(hive):
    end = crash(hive, 3)
    assert isinstance(end.error, ContainerCrashed)
    assert (end.error.exit_status, end.error.log_tail) == (3, ["first words", "last words"])
    assert "ended with status 3: last words" in end.detail


def test_a_container_that_ended_with_status_0_has_crashed_too(hive):
    assert isinstance(crash(hive, 0).error, ContainerCrashed)


def test_a_crashed_container_is_started_again_without_a_kick(hive):
    crash(hive)
    assert back_up(hive).running
    assert len([launch for launch in hive.runtime.launches if launch.paths.name == "alice"]) == 2
    assert hive.wakeups("alice") == []


def test_what_a_crashed_container_had_leased_is_offered_again_marked(hive):
    broker.send(hive.directory, sender="operator", to="alice", body="do it")
    assert [message.redelivered for message in hive.mail("alice")] == [False]
    crash(hive)
    back_up(hive)
    assert [(message.body, message.redelivered) for message in hive.mail("alice")] == [("do it", True)]


def test_a_turn_that_runs_out_of_memory_is_a_failed_try_of_its_messages(hive):
    broker.send(hive.directory, sender="operator", to="alice", body="do it")
    hive.mail("alice")
    hive.runtime.status = lambda _paths, _container: Status(running=False, exit_status=137, out_of_memory=True)
    crash(hive, 137)
    del hive.runtime.status
    failing = until(lambda: broker.counts(hive.directory)["alice"].failing)
    assert failing.attempts == 1
    assert "memory" in failing.reason
    back_up(hive)


def test_what_a_stopped_container_had_leased_is_offered_again(hive):
    broker.send(hive.directory, sender="operator", to="alice", body="do it")
    hive.mail("alice")
    api.stop(hive.directory, "alice", now=True)
    until(lambda: broker.status(hive.directory, "alice").leased == 0, "its lease is given back")


def test_a_container_that_keeps_dying_is_parked_with_the_reason_and_start_revives_it(hive):
    for _ in range(AGENT_FLAGS.intensity + 1):
        crash(hive)
        hive.clock.advance(7)  # longer than the longest pause of these, shorter in all than the supervisor's window
        settled(hive)
    row = hive.row("alice")
    assert (row.state, row.failed, row.running) == ("parked", True, False)
    assert row.note == "parked: the container of alice ended with status 1: last words"
    assert hive.row("manager").running
    api.start(hive.directory, "alice")
    row = hive.row("alice")
    assert (row.running, row.failed, row.note) == (True, False, None)


def test_the_death_of_the_actor_is_not_that_of_its_container(hive):
    container = hive.runtime.alive["alice"]
    hive.directory.actor(ALICE).kill("a bug")
    hive.directory.wait(ALICE, 5)
    row = back_up(hive)
    assert row.running
    assert hive.runtime.alive["alice"] == container


def test_a_container_of_an_older_hive_is_ended_in_order_and_started_again_with_a_line_to_its_harness(hive):
    old = replace(hive.runtime.alive["alice"], harness_apart=False)
    hive.runtime.alive["alice"] = old
    hive.close()
    again = AgentHive(hive.runtime, folder=hive.place)
    try:
        until(lambda: hive.runtime.alive.get("alice") not in (None, old) and again.row("alice").running)
        assert (hive.runtime.asked, hive.runtime.killed) == ([old.id], [])
        assert again.row("alice").note is None
        assert again.wakeups("alice") == []
    finally:
        again.close()
        hive.names.clear()


def test_the_end_of_the_daemon_leaves_containers_running_and_the_next_one_adopts_them(hive):
    containers = dict(hive.runtime.alive)
    broker.send(hive.directory, sender="operator", to="alice", body="do it")
    hive.mail("alice")
    hive.close()
    assert hive.runtime.alive == containers
    again = AgentHive(hive.runtime, folder=hive.place)
    try:
        assert again.row("alice").running
        assert hive.runtime.alive == containers
        # The turn goes on in there, so its messages are still its own.
        assert broker.status(again.directory, "alice").leased == 1
        api.stop(again.directory, "alice", now=True)
        assert "alice" not in hive.runtime.alive
    finally:
        again.close()
        hive.names.clear()


def test_a_container_that_ended_while_nobody_looked_is_started_and_its_leases_are_released(hive):
    broker.send(hive.directory, sender="operator", to="alice", body="do it")
    hive.mail("alice")
    hive.close()
    hive.runtime.end("alice", 1)
    again = AgentHive(hive.runtime, folder=hive.place)
    try:
        again.until_running("alice")
        assert [message.redelivered for message in again.mail("alice")] == [True]
    finally:
        again.close()
        hive.names.clear()


def test_a_stop_that_the_daemon_did_not_live_to_finish_is_finished_by_the_next_one(hive):
    hive.runtime.obeys = False
    hive.directory.ask_later(REGISTRY, api.messages.Stop("alice"))
    api.snapshots(hive.directory)
    hive.close()
    assert "alice" in hive.runtime.alive
    hive.runtime.obeys = True
    again = AgentHive(hive.runtime, folder=hive.place)
    try:
        again.row("alice")
        assert again.state("alice") == "stopped"
        assert "alice" not in hive.runtime.alive
    finally:
        again.close()
        hive.names.clear()


def test_a_start_during_a_stop_waits_for_the_end_and_then_starts(hive):
    hive.runtime.obeys = False
    first = hive.runtime.alive["alice"]
    stopping = hive.directory.ask_later(REGISTRY, api.messages.Stop("alice"))
    starting = hive.directory.ask_later(REGISTRY, api.messages.Start("alice"))
    api.snapshots(hive.directory)
    hive.runtime.end("alice", 0)
    stopping.get(timeout=SECONDS)
    starting.get(timeout=SECONDS)
    assert hive.row("alice").running
    assert hive.runtime.alive["alice"] != first


def test_a_stop_overtakes_a_restart(hive):
    hive.runtime.obeys = False
    restarting = hive.directory.ask_later(REGISTRY, api.messages.Restart("alice"))
    stopping = hive.directory.ask_later(REGISTRY, api.messages.Stop("alice"))
    api.snapshots(hive.directory)
    hive.runtime.end("alice", 0)
    stopping.get(timeout=SECONDS)
    with pytest.raises(HiveError) as refused:
        restarting.get(timeout=SECONDS)
    assert refused.value.code is ErrorCode.CONFLICT
    assert hive.state("alice") == "stopped"


def test_a_kill_overtakes_a_stop_that_takes_its_time(hive):
    hive.runtime.obeys = False
    stopping = hive.directory.ask_later(REGISTRY, api.messages.Stop("alice"))
    api.kill(hive.directory, "alice")
    stopping.get(timeout=SECONDS)
    assert hive.state("alice") == "stopped"


def test_an_agent_that_waits_for_its_next_try_can_be_stopped_and_started(hive):
    crash(hive)
    back_up(hive)
    crash(hive)  # the second in a row has to wait
    settle()
    assert hive.directory.whereis(ALICE) is None
    api.stop(hive.directory, "alice")
    assert hive.state("alice") == "stopped"
    api.start(hive.directory, "alice")
    assert hive.row("alice").running


def test_the_tree_shows_each_agent_with_its_socket_and_its_container(hive):
    def names(node, depth=0):
        return [(depth, node["name"].rpartition("/")[2], node["state"])] + [
            line for child in node["children"] for line in names(child, depth + 1)
        ]

    shown = names(tree(hive.directory, AGENTS))
    assert (2, "container", "running") in shown
    assert [name for depth, name, _ in shown if depth == 1] == ["hm1nd", "alice"]

"""An agent that is wanted has its actors, or somebody is about to start them, whatever ended in the middle of what."""

import pytest
from gevent.event import Event

from actors.agent.addresses import AGENTS, REGISTRY
from actors.agent.container.messages import StatusReport
from actors.agent.container.state import AgentState
from actors.agent.registry import api, children, table
from actors.agent.registry import store as agent_store
from actors.agent.registry.reconcile import Action, clears_failure, is_off, plan
from actors.agent.snapshot import AgentRecord, Desired, ObservedStatus, Parked
from actors.store import api as store
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import AskTimeout, ChildState, Down, Exit, NotRunning, delete_child, settle, terminate_child
from harness.wire.errors import HiveError, bad_request, unavailable
from tests.actors.agent.hive_parts import AgentHive
from tests.waiting import SECONDS, until

UP, DOWN, COMING, NOBODY = ChildState.UP, ChildState.DOWN, ChildState.RESTARTING, None


@pytest.fixture
def hive():
    hive = AgentHive()
    hive.settle_in(["alice"])
    yield hive
    hive.remove()


def record(desired="running", **failure):
    return AgentRecord("alice", "agent", Desired(desired), 0, **failure)


def seen(state, **more):
    return ObservedStatus(AgentState(state), 0, **more)


@pytest.mark.parametrize(
    ("wanted", "saw", "child", "more", "expected"),
    [
        (record(), None, NOBODY, {}, Action.BRING_UP),
        (record(), None, DOWN, {}, Action.BRING_UP),
        (record(), seen("running"), NOBODY, {}, Action.BRING_UP),
        (record(), seen("failed"), NOBODY, {}, Action.BRING_UP),
        (record(), seen("failed", unrecoverable=True), NOBODY, {}, Action.LEAVE),
        (record(parked=Parked("it crashed", 1)), None, DOWN, {}, Action.SHOW_PARKED),
        (record(parked=Parked("it crashed", 1)), None, NOBODY, {}, Action.BRING_UP),
        (record(), None, COMING, {}, Action.LEAVE),
        (record(), None, UP, {}, Action.WATCH),
        (record(), seen("running"), UP, {}, Action.WATCH),
        (record(), seen("stopped"), UP, {}, Action.RUN),
        (record(), seen("failed", transient=True), UP, {}, Action.RUN),
        (record(), seen("failed"), UP, {}, Action.WATCH),
        (record(), seen("parked"), UP, {}, Action.WATCH),
        (record(), seen("rate_limited"), UP, {}, Action.WATCH),
        (record("stopped"), seen("running"), UP, {}, Action.HALT),
        (record("stopped"), seen("stopping"), UP, {}, Action.WATCH),
        (record("stopped"), None, NOBODY, {}, Action.BRING_UP),
        (record("stopped"), seen("stopped"), NOBODY, {}, Action.LEAVE),
        (record("stopped"), seen("stopped"), NOBODY, {"container_runs": True}, Action.BRING_UP),
    ],
)
def test_what_is_done_follows_from_what_is_wanted_and_what_is_there(wanted, saw, child, more, expected):
    assert plan(wanted, saw, child, **more) is expected


def test_only_what_nobody_works_on_is_off():
    assert [state for state in AgentState if is_off(record(), seen(state))] == [AgentState.STOPPED]
    assert [state for state in AgentState if is_off(record("stopped"), seen(state))] == [
        AgentState.RUNNING,
        AgentState.STUCK,
    ]
    assert not is_off(record(), None)


def test_the_note_on_a_failure_is_over_when_the_container_runs():
    assert clears_failure(record(start_error="did not start: no room"), seen("running"))
    assert clears_failure(record(parked=Parked("it crashed", 1)), seen("running"))
    assert not clears_failure(record(parked=Parked("it crashed", 1)), seen("failed"))
    assert not clears_failure(record(), seen("running"))


# ---- what can get lost ---------------------------------------------------------------------------------


def crash_registry(hive):
    """It ends in the middle of whatever it does, and its timers with it."""
    hive.directory.actor(REGISTRY).kill("by a test")
    hive.directory.wait(REGISTRY)
    hive.names.remove(REGISTRY)


def test_a_start_that_fails_after_the_roster_that_asked_for_it_is_made_up_for(hive):
    """Its supervisor is there when the next roster looks, and never comes up; nobody but the dead one is told."""
    begun, gate, owner = Event(), Event(), hive.runtime.owner

    def no_owner(paths):
        begun.set()
        gate.wait()
        raise OSError("the socket cannot be had")

    terminate_child(hive.directory, AGENTS, "alice")
    delete_child(hive.directory, AGENTS, "alice")
    crash_registry(hive)
    hive.runtime.owner = no_owner
    hive.names.append(REGISTRY)
    hive.directory.launch(registry(hive), REGISTRY)
    assert begun.wait(SECONDS)
    crash_registry(hive)
    hive.names.append(REGISTRY)
    hive.directory.launch(registry(hive), REGISTRY).get()
    settle()
    assert hive.directory.whereis(f"{AGENTS}/alice") is not None, "it is being started, for nobody"
    hive.runtime.owner = owner
    gate.set()
    until(lambda: next(one for one in api.snapshots(hive.directory) if one.record.name == "alice").due)
    hive.clock.advance(1)
    hive.until_running("alice")


def registry(hive):
    return hive.registry_actor()


def test_a_look_that_is_not_answered_is_repeated(hive, monkeypatch):
    """The supervisor may be busy for longer than anybody waits."""
    terminate_child(hive.directory, AGENTS, "alice")
    delete_child(hive.directory, AGENTS, "alice")
    crash_registry(hive)
    asked = []

    def busy(directory, supervisor):
        asked.append(supervisor)
        raise AskTimeout(supervisor, 5.0)

    with monkeypatch.context() as patched:
        patched.setattr(children, "which_children", busy)
        hive.names.append(REGISTRY)
        hive.directory.boot(registry(hive), REGISTRY)
        assert all(one.due for one in api.snapshots(hive.directory))
        hive.clock.advance(5)
        assert len(asked) > 4
    hive.clock.advance(300)
    hive.until_running("alice")
    assert not any(one.due for one in api.snapshots(hive.directory))


def test_one_that_is_killed_while_it_starts_is_tried_again(hive):
    api.stop(hive.directory, "alice")
    terminate_child(hive.directory, AGENTS, "alice")
    begun, gate, create = Event(), Event(), hive.runtime.create

    def slow(launch):
        begun.set()
        gate.wait()

    hive.runtime.create = slow
    starting = hive.directory.ask_later(REGISTRY, api.messages.Start("alice"))
    assert begun.wait(SECONDS)
    hive.runtime.create = create
    hive.directory.actor(f"{AGENTS}/alice/container").kill("by a test")
    assert starting.wait(SECONDS)
    assert starting.error is not None
    row = hive.row("alice")
    assert (row.state, "did not start" in row.note) == ("failed", True)
    hive.clock.advance(1)
    hive.until_running("alice")
    assert hive.row("alice").note is None


def test_actors_that_were_ended_behind_everybodys_back_are_brought_up_again(hive):
    hive.directory.monitor(f"{AGENTS}/alice", REGISTRY)
    hive.directory.actor(f"{AGENTS}/alice").kill("by a test")
    terminate_child(hive.directory, AGENTS, "alice")
    hive.clock.advance(1)
    hive.until_running("alice")


def test_a_supervisor_that_gave_up_while_there_was_no_roster_is_no_reason_to_stay_down(hive):
    crash_registry(hive)
    terminate_child(hive.directory, AGENTS, "alice")
    hive.boot_registry()
    hive.until_running("alice")


@pytest.mark.parametrize(
    ("cause", "state"), [(OSError("no room"), "running"), (RuntimeError("a bug"), "parked"), (None, "parked")]
)
def test_why_a_supervisor_gave_up_it_says_itself_for_its_end_overtakes_the_last_word_of_the_actor(hive, cause, state):
    terminate_child(hive.directory, AGENTS, "alice")
    hive.directory.tell(REGISTRY, Down(f"{AGENTS}/alice", Exit.shutdown("gave up", cause)))
    hive.clock.advance(1)
    assert hive.state("alice") == state


def test_a_start_or_a_stop_that_was_noted_and_not_carried_out_is_carried_out_by_the_next_registry(hive):
    for desired, runs in ((Desired.STOPPED, False), (Desired.RUNNING, True)):
        crash_registry(hive)
        store.write(hive.directory, table.update("alice", 0, desired=desired)).get(timeout=SECONDS)
        hive.boot_registry()
        assert hive.row("alice").running is not runs
        hive.clock.advance(1)
        until(lambda runs=runs: hive.row("alice").running is runs)


def test_a_write_that_was_made_though_it_failed_is_found_out(hive, monkeypatch):
    """The broker ends with the transaction on disk and the answer in its hand."""
    post = agent_store.broker.post

    def cut(*arguments, **more):
        post(*arguments, **more)
        raise NotRunning("broker")

    with monkeypatch.context() as patched:
        patched.setattr(agent_store.broker, "post", cut)
        with pytest.raises(NotRunning):
            api.stop(hive.directory, "alice")
    until(lambda: api.snapshots(hive.directory)[1].record.desired is Desired.STOPPED)
    hive.clock.advance(1)
    until(lambda: hive.state("alice") == "stopped")
    assert "alice" not in hive.runtime.alive


def test_a_container_that_runs_on_without_an_actor_is_ended_when_it_is_not_wanted(hive):
    hive.directory.demonitor(f"{AGENTS}/alice", REGISTRY)
    terminate_child(hive.directory, AGENTS, "alice")
    assert "alice" in hive.runtime.alive
    api.stop(hive.directory, "alice")
    until(lambda: "alice" not in hive.runtime.alive)
    assert hive.state("alice") == "stopped"


def test_a_failure_that_another_try_does_not_mend_is_not_tried_again(hive):
    api.stop(hive.directory, "alice")
    hive.runtime.fails = bad_request("that cannot be")
    terminate_child(hive.directory, AGENTS, "alice")
    with pytest.raises(type(unavailable(""))):
        api.start(hive.directory, "alice")
    launches = len(hive.runtime.launches)
    hive.runtime.fails = None
    hive.clock.advance(400)
    assert (hive.state("alice"), len(hive.runtime.launches)) == ("failed", launches)
    api.start(hive.directory, "alice")
    assert hive.row("alice").running


def test_a_roster_that_can_not_read_its_table_waits_for_the_store_and_says_so(hive):
    crash_registry(hive)
    hive.directory.actor("store").kill("by a test")
    hive.directory.wait("store")
    hive.names.remove("store")
    hive.names.append(REGISTRY)
    hive.directory.boot(registry(hive), REGISTRY)
    with pytest.raises(HiveError, match="not known yet"):
        api.snapshots(hive.directory)
    hive.boot("store", StoreActor(paths={kind: hive.folder / f"{kind}.sqlite" for kind in Database}))
    hive.clock.advance(0.5)
    hive.until_running("alice")


def test_a_restart_that_a_room_which_is_away_makes_fail_is_answered_and_made_up_for(hive):
    hive.runtime.fails = NotRunning("broker")
    with pytest.raises(NotRunning):
        api.restart(hive.directory, "alice")
    hive.runtime.fails = None
    hive.clock.advance(1)
    hive.until_running("alice")


def test_the_last_word_of_one_that_was_given_up_on_comes_after_its_end_and_changes_nothing(hive):
    terminate_child(hive.directory, AGENTS, "alice")
    hive.directory.tell(REGISTRY, StatusReport("alice", seen("failed")))
    hive.directory.tell(REGISTRY, Down(f"{AGENTS}/alice", Exit.shutdown("gave up", RuntimeError("a bug"))))
    assert hive.state("alice") == "parked"
    api.start(hive.directory, "alice")
    assert hive.row("alice").running

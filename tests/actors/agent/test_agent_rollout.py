"""Everybody at once, the manager first: the start of the host, rebuilds, and what is told of them."""

import json

import pytest

from actors.agent.addresses import AGENTS, REGISTRY
from actors.agent.container.messages import HarnessEvents
from actors.agent.registry import api
from actors.agent.registry.reconcile import boot_order
from actors.agent.snapshot import AgentRecord, Desired
from actors.broker import api as broker
from actors.supervision import settle, which_children
from harness.wire import times
from harness.wire.errors import unavailable
from tests.actors.agent.hive_parts import AgentHive
from tests.waiting import SECONDS, until

NAMES = ["alice", "bob", "carol", "dave", "erin"]


@pytest.fixture
def hive():
    hive = AgentHive()
    hive.settle_in(NAMES)
    hive.since_id = max(one.id for one in broker.recent(hive.directory, "manager"))
    yield hive
    hive.remove()


def reopened(hive, **more):
    """The next host on the same folder; its containers are those that still run."""
    hive.close()
    hive.names.clear()
    again = AgentHive(hive.runtime, folder=hive.place, **more)
    hive.__dict__.update(again.__dict__)


def launched(hive, since):
    return [launch.paths.name for launch in hive.runtime.launches[since:]]


def events(hive, kind):
    mail = [one for one in broker.recent(hive.directory, "manager", 200) if one.id > hive.since_id]
    bodies = [json.loads(one.body) for one in mail if one.kind == "event"]
    return [body for body in bodies if body["event"] == kind]


def manager_asks(hive):
    broker.long_poll(hive.directory, name="manager", wait_seconds=60).cancel()


def record(name, desired="running"):
    return AgentRecord(name=name, role="agent", desired=Desired(desired), created_ms=0)


def test_what_runs_or_rests_is_taken_up_at_once_and_only_the_others_wait_for_the_manager():
    records = [record("hm1nd"), record("alice"), record("bob"), record("carol", "stopped")]
    assert boot_order(records, {"alice"}, 0) == (["alice", "carol"], ["hm1nd", "bob"])
    assert boot_order(records, {"hm1nd", "alice", "bob"}, 0) == (["hm1nd", "alice", "bob", "carol"], [])


def test_after_a_machine_was_down_the_manager_is_up_ready_and_told_before_anybody_else_starts(hive):
    hive.close()
    hive.runtime.alive.clear()
    before = len(hive.runtime.launches)
    reopened_hive(hive)
    hive.until_running("manager")
    settle()
    assert launched(hive, before) == ["hm1nd"]
    manager_asks(hive)
    hive.until_running("erin")
    assert launched(hive, before)[0] == "hm1nd"
    assert sorted(launched(hive, before)) == ["alice", "bob", "carol", "dave", "erin", "hm1nd"]
    assert events(hive, "restart_planned") == [
        {"event": "restart_planned", "version": 1, "agents": NAMES, "reason": "the host has started"}
    ]


def reopened_hive(hive):
    hive.names.clear()
    again = AgentHive(hive.runtime, folder=hive.place)
    hive.__dict__.update(again.__dict__)


@pytest.mark.slow
def test_agents_that_run_on_are_taken_over_and_nobody_is_restarted_or_told_of_it(hive):
    before = dict(hive.runtime.alive)
    reopened(hive)
    for name in ("manager", *NAMES):
        assert hive.row(name).running
    assert hive.runtime.alive == before
    assert events(hive, "restart_planned") == []


@pytest.mark.parametrize("in_a_turn", [False, True])
def test_a_manager_that_was_taken_over_leads_at_once_whatever_it_does(hive, in_a_turn):
    if in_a_turn:
        broker.send(hive.directory, sender="operator", to="manager", body="this takes a while")
        assert hive.mail("manager")
    hive.close()
    hive.runtime.alive.pop("bob")
    before = len(hive.runtime.launches)
    reopened_hive(hive)
    hive.until_running("bob")
    assert launched(hive, before) == ["bob"]
    assert [event["agents"] for event in events(hive, "restart_planned")] == [["bob"]]
    assert hive.emitted("notice") == [], "nobody waited for the manager"


def test_a_manager_that_never_asks_for_mail_does_not_hold_the_swarm_for_ever_and_that_is_said(hive, caplog):
    hive.close()
    hive.runtime.alive.clear()
    reopened_hive(hive)
    hive.until_running("manager")
    hive.clock.advance(60)
    hive.until_running("erin")
    (notice,) = hive.emitted("notice")
    assert notice["text"] == "the manager is not ready: 5 agents start without it"
    assert notice["text"] in caplog.text


@pytest.mark.parametrize("how", ["stopped", "paused"])
def test_a_manager_that_will_not_ask_is_not_waited_for(hive, how):
    if how == "stopped":
        api.stop(hive.directory, "manager")
    else:
        api.set_paused(hive.directory, "manager", paused=True)
    hive.close()
    hive.runtime.alive.clear()
    reopened_hive(hive)
    hive.until_running("erin")
    assert hive.row("manager").running is (how == "paused")


def test_a_manager_that_has_no_login_is_not_waited_for(hive):
    hive.close()
    hive.runtime.alive.clear()
    reopened_hive(hive)
    hive.until_running("manager")
    state = {"kind": "state", "state": "needs_login", "since": times.from_ms(hive.clock.now_ms())}
    hive.directory.tell("agents/hm1nd/container", HarnessEvents((state,)))
    hive.until_running("erin")
    assert hive.emitted("notice") == [], "nobody waited until the time was over"


def test_an_agent_that_does_not_start_is_left_with_its_reason_and_the_others_go_on(hive):
    hive.close()
    hive.runtime.alive.clear()
    hive.workspace.of("bob").applied_config.write_text("modle = 1")
    reopened_hive(hive)
    hive.until_running("manager")
    manager_asks(hive)
    hive.until_running("erin")
    row = hive.row("bob")
    assert (row.state, row.failed, row.transient) == ("failed", True, None)
    assert "there is no key 'modle'" in row.note
    assert hive.directory.actor(AGENTS).ended.done is False


# ---- rebuilds ----------------------------------------------------------------------------------------


def test_rebuild_all_ends_everybody_the_manager_last_and_brings_them_back_the_manager_first(hive):
    api.stop(hive.directory, "carol")
    before, asked = len(hive.runtime.launches), len(hive.runtime.asked)
    names = {container.id: container.name for container in hive.runtime.alive.values()}
    planned = api.rebuild_all(hive.directory, reason="a test")
    assert planned == ["manager", "alice", "bob", "dave", "erin"]
    until(lambda: launched(hive, before))
    which_children(hive.directory, AGENTS)
    assert names[hive.runtime.asked[-1]] == "hm1nd"
    assert len(hive.runtime.asked) - asked == 5
    assert launched(hive, before) == ["hm1nd"]
    assert (hive.state("bob"), hive.row("bob").transient) == ("rebuilding", "rebuilding")
    manager_asks(hive)
    until(lambda: len(events(hive, "rebuilt")) == 4)
    assert sorted(launched(hive, before)[1:]) == ["alice", "bob", "dave", "erin"]
    assert events(hive, "restart_planned")[0]["agents"] == ["alice", "bob", "dave", "erin"]
    assert {(event["agent"], event["ok"], event["note"]) for event in events(hive, "rebuilt")} == {
        (name, True, "a test") for name in ("alice", "bob", "dave", "erin")
    }
    for name in ("manager", "alice", "erin"):
        assert len(hive.wakeups(name)) == 1
    assert hive.state("carol") == "stopped"


def test_the_summary_is_in_the_managers_inbox_before_the_first_of_the_others_starts(hive):
    seen = []
    start = hive.runtime.start

    def watched(launch):
        if launch.paths.name != "hm1nd":
            seen.append(len(events(hive, "restart_planned")))
        return start(launch)

    hive.runtime.start = watched
    api.rebuild_all(hive.directory, reason="a test")
    hive.until_running("manager")
    manager_asks(hive)
    hive.until_running("erin")
    assert seen == [1] * 5


def test_a_turn_that_a_rebuild_cuts_is_offered_again(hive):
    broker.send(hive.directory, sender="operator", to="alice", body="do it")
    assert [one.redelivered for one in hive.mail("alice")] == [False]
    api.rebuild_all(hive.directory, reason="a test", now=True)
    manager_asks(hive)
    hive.until_running("alice")
    until(lambda: broker.status(hive.directory, "alice").leased == 0)
    assert [(one.body, one.redelivered) for one in hive.mail("alice") if one.kind == "message"] == [("do it", True)]


def test_an_agent_that_can_not_be_rebuilt_is_told_of_and_kept_down(hive):
    hive.workspace.of("bob").applied_config.write_text("modle = 1")
    api.rebuild_all(hive.directory, reason="a test")
    hive.until_running("manager")
    manager_asks(hive)
    until(lambda: len(events(hive, "rebuilt")) == 5)
    (bad,) = [event for event in events(hive, "rebuilt") if not event["ok"]]
    assert bad["agent"] == "bob"
    assert "there is no key 'modle'" in bad["note"]
    assert hive.wakeups("bob") == []


def test_a_second_rebuild_takes_over_from_one_under_way(hive):
    api.rebuild_all(hive.directory, reason="the first")
    api.rebuild_all(hive.directory, reason="the second")
    until(lambda: manager_asks(hive) or len(events(hive, "rebuilt")) == 5)
    assert {event["note"] for event in events(hive, "rebuilt")} == {"the second"}


def test_one_agent_is_rebuilt_through_its_own_state_and_both_are_told(hive):
    hive.runtime.obeys = False
    rebuilding = hive.directory.ask_later(REGISTRY, api.messages.Rebuild("alice"))
    until(lambda: hive.state("alice") == "rebuilding")
    first = hive.runtime.alive["alice"]
    hive.runtime.end("alice", 0)
    rebuilding.get(timeout=SECONDS)
    until(lambda: events(hive, "rebuilt"))
    assert hive.runtime.alive["alice"] != first
    assert [(event["agent"], event["ok"]) for event in events(hive, "rebuilt")] == [("alice", True)]
    assert len(hive.wakeups("alice")) == 1
    hive.runtime.obeys = True


def test_a_rebuild_that_fails_says_so_to_the_operator_and_to_the_manager(hive):
    hive.runtime.fails = unavailable("no sandbox today")
    with pytest.raises(type(hive.runtime.fails)):
        api.rebuild(hive.directory, "alice")
    until(lambda: events(hive, "rebuilt"))
    assert [(event["agent"], event["ok"]) for event in events(hive, "rebuilt")] == [("alice", False)]
    hive.runtime.fails = None


def test_a_stopped_agent_can_be_destroyed_while_it_is_being_rebuilt(hive):
    hive.runtime.obeys = False
    hive.directory.ask_later(REGISTRY, api.messages.Rebuild("alice"))
    until(lambda: hive.state("alice") == "rebuilding")
    hive.runtime.obeys = True
    destroying = hive.directory.ask_later(REGISTRY, api.messages.Destroy("alice"))
    until(lambda: hive.state("alice") == "destroying")
    hive.runtime.end("alice", 0)
    destroying.get(timeout=SECONDS)
    assert "alice" not in api.names(hive.directory)

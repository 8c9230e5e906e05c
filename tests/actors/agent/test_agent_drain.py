"""No turn is cut without need: what ends a container waits for its turn, in sight, for so long and no longer."""

import json

import pytest

from actors.agent.addresses import REGISTRY, container_actor
from actors.agent.container.ending.cut import reason
from actors.agent.container.ending.pending_end import EndOrder, PendingEnd, left_over
from actors.agent.container.state import AgentState
from actors.agent.registry import api
from actors.agent.registry.messages import Destroy, Rebuild, Restart, Start, Stop
from actors.broker import api as broker
from actors.store import api as store
from actors.supervision import settle, tree
from harness.wire.errors import HiveError
from harness.wire.times import from_ms
from tests.actors.agent.hive_parts import AgentHive
from tests.waiting import SECONDS, until

NOW = "2030-01-01T00:00:00.000Z"
GRACE = 20


@pytest.fixture
def hive():
    hive = AgentHive()
    hive.turns = []
    api.spawn(hive.directory, "alice")
    yield hive
    for turn in hive.turns:
        turn.harness.close()
    hive.remove()


class Turn:
    """A turn of an agent, as its harness goes through it."""

    def __init__(self, hive, name="alice", body="do it"):
        self.harness = hive.harness(name)
        hive.turns.append(self)
        self.directory, self.name = hive.directory, name
        broker.send(hive.directory, sender="operator", to=name, body=body)
        (self.message,) = self.harness.ask("recv")["messages"]
        self.says({"kind": "turn_start", "from": "operator", "body": body, "unread": 0, "message_ids": []})
        self.says({"kind": "state", "state": "thinking", "since": NOW})

    def says(self, *events):
        assert self.harness.ask("publish", events=list(events))["ok"]

    def end(self):
        """Acknowledged first, then reported, as a harness does."""
        self.says({"kind": "turn_end", "ok": True, "outcome": "ok"})
        assert self.harness.ask("ack_turn")["acked"]
        self.says({"kind": "state", "state": "idle", "since": NOW})

    def fail(self):
        self.says({"kind": "turn_end", "ok": False, "outcome": "failed"})
        self.says({"kind": "state", "state": "idle", "since": NOW, "until": "2031-01-01T00:00:00.000Z"})


def order(hive, message):
    """Give an order; returns its promise when the row shows what it waits for, or when it was carried out."""
    ordered = hive.directory.ask_later(REGISTRY, message)
    until(lambda: ordered.done or hive.row(message.name).waits_until is not None)
    return ordered


def told(hive, event):
    mail = [json.loads(one.body) for one in broker.recent(hive.directory, "manager") if one.kind == "event"]
    return [one for one in mail if one["event"] == event]


@pytest.mark.parametrize(
    ("message", "work"),
    [
        (Stop("alice"), "stopping"),
        (Restart("alice"), "restarting"),
        (Rebuild("alice"), "rebuilding"),
        (Destroy("alice"), "destroying"),
    ],
    ids=["stop", "restart", "rebuild", "destroy"],
)
def test_what_ends_a_container_waits_for_its_turn_in_sight_of_the_operator_and_begins_no_other(hive, message, work):
    turn, container = Turn(hive), hive.runtime.alive["alice"]
    ordered = order(hive, message)
    row = hive.row("alice")
    assert (row.running, row.transient) == (True, work)
    assert row.waits_until == from_ms(hive.clock.now_ms() + GRACE * 1000)
    assert tree(hive.directory, container_actor("alice"))["state"] == f"{work}, waits for its turn"
    broker.send(hive.directory, sender="operator", to="alice", body="and this")
    with hive.client("alice") as tool:
        assert tool.ask("recv")["messages"] == [], "nothing is handed out, not even to the running turn"
        assert tool.ask("send", to="operator", body="half done")["ok"], "the turn itself goes on as ever"
    assert not ordered.done
    assert hive.runtime.alive["alice"] == container
    turn.end()
    ordered.get(timeout=SECONDS)
    assert (hive.runtime.killed, told(hive, "turn_cut")) == ([], [])
    assert hive.runtime.asked == [container.id]
    counts = broker.status(hive.directory, "alice")
    assert (counts.leased, broker.recent(hive.directory, "alice")[0].redelivered) == (0, False)
    assert hive.runtime.alive.get("alice") != container


def test_without_a_turn_nothing_is_waited_for(hive):
    api.stop(hive.directory, "alice")
    assert hive.state("alice") == "stopped"


def test_a_turn_is_over_when_it_is_acknowledged_not_when_it_asks_for_more_mail(hive):
    turn = Turn(hive)
    ordered = order(hive, Stop("alice"))
    turn.harness.ask("recv")
    turn.says({"kind": "turn_end", "ok": True, "outcome": "ok"})
    assert not ordered.done
    turn.end()
    ordered.get(timeout=SECONDS)


def test_a_turn_that_outlasts_the_grace_is_cut_and_the_manager_is_told_why(hive):
    turn = Turn(hive)
    ordered = order(hive, Restart("alice"))
    hive.clock.advance(GRACE - 1)
    settle()
    assert not ordered.done
    hive.clock.advance(1)
    ordered.get(timeout=SECONDS)
    until(lambda: told(hive, "turn_cut"))
    assert told(hive, "turn_cut")[0]["reason"] == "it was restarted after its turn had 20 s to end"
    until(lambda: broker.status(hive.directory, "alice").leased == 0)
    assert [(one.id, one.redelivered) for one in hive.mail("alice") if one.body == "do it"] == [
        (turn.message["id"], True)
    ]
    assert hive.row("alice").waits_until is None


def test_now_ends_the_wait_of_an_earlier_order(hive):
    Turn(hive)
    first = order(hive, Stop("alice"))
    api.stop(hive.directory, "alice", now=True)
    first.get(timeout=SECONDS)
    assert hive.state("alice") == "stopped"
    until(lambda: told(hive, "turn_cut"))


def test_a_second_order_joins_the_wait_and_does_not_lengthen_it(hive):
    Turn(hive)
    first = order(hive, Stop("alice"))
    until_at = hive.row("alice").waits_until
    hive.clock.advance(GRACE / 2)
    second = hive.directory.ask_later(REGISTRY, Stop("alice"))
    settle()
    assert hive.row("alice").waits_until == until_at
    hive.clock.advance(GRACE / 2)
    first.get(timeout=SECONDS)
    second.get(timeout=SECONDS)


def test_a_start_withdraws_a_stop_that_waits_and_the_agent_is_handed_mail_again(hive):
    turn, container = Turn(hive), hive.runtime.alive["alice"]
    stopping = order(hive, Stop("alice"))
    hive.directory.ask(REGISTRY, Start("alice"), timeout=SECONDS)
    with pytest.raises(HiveError, match="was started meanwhile"):
        stopping.get(timeout=SECONDS)
    turn.end()
    broker.send(hive.directory, sender="operator", to="alice", body="and this")
    assert [one["body"] for one in turn.harness.ask("recv")["messages"]] == ["and this"]
    assert hive.runtime.alive["alice"] == container


def test_a_stop_takes_the_place_of_a_restart_that_waits(hive):
    turn = Turn(hive)
    restarting = order(hive, Restart("alice"))
    stopping = hive.directory.ask_later(REGISTRY, Stop("alice"))
    until(lambda: hive.row("alice").transient == "stopping")
    with pytest.raises(HiveError, match="was stopped meanwhile"):
        restarting.get(timeout=SECONDS)
    turn.end()
    stopping.get(timeout=SECONDS)
    assert hive.state("alice") == "stopped"


def test_the_pause_before_the_next_try_is_no_turn(hive):
    turn = Turn(hive)
    turn.fail()
    until(lambda: hive.row("alice").rate_limited_until)
    hive.directory.ask(REGISTRY, Stop("alice"), timeout=SECONDS)
    assert told(hive, "turn_cut") == []


def test_a_container_that_dies_while_its_turn_is_waited_for_has_carried_the_order_out(hive):
    Turn(hive)
    ordered = order(hive, Restart("alice"))
    hive.runtime.end("alice", 137)
    ordered.get(timeout=SECONDS)
    assert hive.row("alice").running


def test_nobody_else_waits_for_the_turn_of_an_agent(hive):
    api.spawn(hive.directory, "bob")
    Turn(hive)
    order(hive, Stop("alice"))
    api.restart(hive.directory, "bob")
    api.stop(hive.directory, "bob")
    assert (hive.state("bob"), hive.row("alice").transient) == ("stopped", "stopping")


@pytest.mark.parametrize(
    ("message", "state", "wakeups"), [(Stop("alice"), "stopped", 0), (Restart("alice"), "running", 1)], ids=["stop", "restart"]
)  # fmt: skip
def test_the_next_daemon_waits_on_for_what_is_left_of_the_grace_and_carries_the_order_out(
    hive, message, state, wakeups
):
    turn, container = Turn(hive), hive.runtime.alive["alice"]
    order(hive, message)
    hive.clock.advance(GRACE / 2)
    turn.harness.close()
    hive.close()
    assert hive.runtime.alive["alice"] == container
    again = AgentHive(hive.runtime, folder=hive.place)
    try:
        again.clock.advance((hive.clock.now_ms() - again.clock.now_ms()) / 1000)
        until(lambda: again.row("alice").waits_until is not None)
        with again.harness("alice") as harness:
            assert harness.ask("recv")["messages"] == []
            assert harness.ask("ack_turn")["acked"] == 1
        until(lambda: hive.runtime.alive.get("alice") != container)
        until(lambda: again.state("alice") == state)
        until(lambda: store.read(again.directory, lambda db: db.execute(PENDING).fetchone()) is None)
        assert len(again.wakeups("alice")) == wakeups
    finally:
        again.close()
        hive.names.clear()


@pytest.mark.parametrize("purge", [False, True])
def test_a_destroy_that_waits_for_a_turn_is_completed_by_the_next_daemon(hive, purge):
    turn = Turn(hive)
    order(hive, Destroy("alice", purge=purge))
    turn.harness.close()
    hive.close()
    assert "alice" in hive.runtime.alive
    again = AgentHive(hive.runtime, folder=hive.place)
    try:
        until(lambda: again.row("alice").waits_until is not None)
        assert again.row("alice").transient == "destroying"
        with again.harness("alice") as harness:
            assert harness.ask("recv")["messages"] == []
            assert harness.ask("ack_turn")["acked"] == 1
        until(lambda: "alice" not in api.names(again.directory))
        assert "alice" not in again.runtime.alive
        assert again.workspace.of("alice").state.exists() is not purge
        assert len(told(again, "destroyed")) == 1
    finally:
        again.close()
        hive.names.clear()


def test_a_destroy_whose_container_ended_while_no_daemon_ran_is_completed(hive):
    turn = Turn(hive)
    order(hive, Destroy("alice"))
    turn.harness.close()
    hive.close()
    hive.runtime.end("alice", 0)
    again = AgentHive(hive.runtime, folder=hive.place)
    try:
        until(lambda: "alice" not in api.names(again.directory))
        assert len(told(again, "destroyed")) == 1
    finally:
        again.close()
        hive.names.clear()


PENDING = "SELECT ending FROM agents WHERE name = 'alice' AND ending IS NOT NULL"


# ---- many at once ------------------------------------------------------------------------------------


def test_a_rebuild_of_all_lets_every_running_turn_end_and_leaves_idle_agents_no_time_to_wait(hive):
    api.spawn(hive.directory, "bob")
    turn, before = Turn(hive), dict(hive.runtime.alive)
    api.rebuild_all(hive.directory, reason="a test")
    until(lambda: hive.runtime.alive.get("hm1nd") not in (None, before["hm1nd"]))
    hive.until_running("manager")
    until(lambda: hive.mail("manager") and False or told(hive, "restart_planned"))
    assert sorted(told(hive, "restart_planned")[0]["agents"]) == ["alice", "bob"]
    until(lambda: hive.runtime.alive.get("bob") not in (None, before["bob"]))
    assert hive.runtime.alive["alice"] == before["alice"]
    assert hive.row("alice").transient == "rebuilding"
    turn.end()
    until(lambda: hive.runtime.alive.get("alice") not in (None, before["alice"]))
    until(lambda: len(told(hive, "rebuilt")) == 2)
    assert told(hive, "turn_cut") == []


def test_a_rebuild_of_all_in_which_every_agent_is_in_a_turn_is_told_of_too(hive):
    turn = Turn(hive)
    api.rebuild_all(hive.directory, reason="a test")
    until(lambda: told(hive, "restart_planned"))
    assert [one["agents"] for one in told(hive, "restart_planned")] == [["alice"]]
    turn.end()
    until(lambda: told(hive, "rebuilt"))
    assert [(one["agent"], one["ok"], one["note"]) for one in told(hive, "rebuilt")] == [("alice", True, "a test")]


def test_a_rebuild_of_all_waits_for_the_managers_turn_and_holds_nobody_else_meanwhile(hive):
    turn, before = Turn(hive, "hm1nd"), dict(hive.runtime.alive)
    api.rebuild_all(hive.directory, reason="a test")
    until(lambda: hive.row("manager").waits_until is not None)
    other = Turn(hive)  # alice may begin a turn: nothing has begun for her
    other.end()
    assert hive.runtime.alive == before
    turn.end()
    until(lambda: hive.runtime.alive.get("hm1nd") not in (None, before["hm1nd"]))
    hive.until_running("manager")
    until(lambda: hive.mail("manager") and False or hive.runtime.alive.get("alice") not in (None, before["alice"]))


# ---- decisions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pending", "wanted", "found"),
    [
        (None, True, None),
        (None, False, (AgentState.STOPPING, 20.0)),
        (PendingEnd(EndOrder.STOP, 0), False, (AgentState.STOPPING, 15.0)),
        (PendingEnd(EndOrder.STOP, 0), True, None),
        (PendingEnd(EndOrder.PURGE, 0), False, (AgentState.DESTROYING, 15.0)),
        (PendingEnd(EndOrder.RESTART, -60_000), True, (AgentState.RESTARTING, 0.0)),
        (PendingEnd(EndOrder.REBUILD, 9_000_000), True, (AgentState.REBUILDING, 20.0)),
        (PendingEnd(EndOrder.ROLLOUT, 0), True, None),
    ],
)
def test_what_the_next_daemon_does_about_an_order_even_with_a_clock_that_jumped(pending, wanted, found):
    assert left_over(pending, wanted=wanted, grace_seconds=20.0, now_ms=5_000) == found


def test_the_reason_for_a_cut_says_what_was_done_and_how_long_was_waited():
    assert reason(AgentState.STOPPING, 0.0) == "it was stopped at once, in the middle of a turn"
    assert reason(AgentState.REBUILDING, 2.5) == "it was rebuilt after its turn had 2.5 s to end"

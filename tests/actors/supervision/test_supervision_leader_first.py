"""leader_first: the leader up and ready, that announced, then the others in waves."""

from dataclasses import replace

import pytest
from gevent.event import Event

from actors.supervision import (
    ChildRefused,
    ChildSpec,
    Exit,
    InvalidSpec,
    Leader,
    Restart,
    RestartPlanned,
    StartFailed,
    Stop,
    Strategy,
    add_children,
    leader_ready,
    restart_all,
    restart_child,
    settle,
    start_child,
    terminate_child,
    which_children,
)
from actors.supervision.supervisor.requests import WhichChildren
from actors.supervision.supervisor.strategy import ChildrenPlan, ChildState, ChildView, plan_leader_first
from tests.actors.supervision.parts import Flaky, Worker, boot, spec
from tests.waiting import SECONDS

LEADER = Leader("boss", ready_seconds=30, width=2, notify="notified")


@pytest.fixture
def trace():
    return []


@pytest.fixture
def notified(directory):
    actor = Worker()
    directory.boot(actor, "notified")
    actor.trace.clear()
    return actor


@pytest.fixture
def kit(directory, trace, notified, clock):
    children = [spec(trace, label) for label in ("a", "b", "boss", "c")]
    return boot(directory, children, strategy=Strategy.LEADER_FIRST, leader=LEADER, clock=clock)


def states(directory):
    return {row.id: row.state.value for row in which_children(directory, "hive")}


def views(*words):
    return [ChildView(word.rstrip("!-"), *_fields(word)) for word in words]


def _fields(word):
    restart = Restart.TEMPORARY if "!" in word else Restart.PERMANENT
    return restart, False, ChildState.DOWN if word.endswith("-") else ChildState.UP


@pytest.mark.parametrize(
    ("children", "plan"),
    [
        (["a-", "l-", "b-", "c-"], ChildrenPlan(start=(("l",), ("a", "b"), ("c",)))),
        (["a", "l", "b", "c-"], ChildrenPlan(stop=(("b", "a"), ("l",)), start=(("l",), ("a", "b"), ("c",)))),
        (["a!", "l", "b!-"], ChildrenPlan((("a",), ("l",)), frozenset({"a"}), (("l",), ("b",)))),
        (["l-"], ChildrenPlan(start=(("l",),))),
        (["a", "b-"], ChildrenPlan(stop=(("a",),), start=(("a", "b"),))),
    ],
    ids=["a first start", "a restart", "temporary children", "only a leader", "without the leader"],
)
def test_the_plan_has_the_leader_first_and_last(children, plan):
    assert plan_leader_first(views(*children), "l", width=2) == plan


def test_no_other_child_starts_before_the_leader_is_ready(directory, trace, kit, clock):
    assert (trace, states(directory)) == (
        ["+boss"],
        {"a": "restarting", "b": "restarting", "boss": "up", "c": "restarting"},
    )
    clock.advance(29)
    leader_ready(directory, "hive", "a")
    settle()
    assert trace == ["+boss"], "only the leader's readiness counts"
    leader_ready(directory, "hive", "boss")
    settle()
    assert trace == ["+boss", "+a", "+b", "+c"]
    assert clock.pending == 0


def test_the_rollout_is_announced_before_the_others_start(directory, kit, notified):
    leader_ready(directory, "hive", "boss")
    settle()
    assert notified.trace == [RestartPlanned("hive", "boss", leader_ready=True, child_ids=("a", "b", "c"))]


def test_a_leader_that_does_not_become_ready_does_not_hold_the_others_for_ever(trace, kit, notified, clock, caplog):
    clock.advance(30)
    assert trace == ["+boss", "+a", "+b", "+c"]
    assert notified.trace[0].leader_ready is False
    assert "leader not ready, starting the others supervisor=hive leader=boss" in caplog.text


def test_readiness_that_comes_late_or_twice_starts_nothing_again(directory, trace, kit, clock):
    clock.advance(30)
    leader_ready(directory, "hive", "boss")
    leader_ready(directory, "hive", "boss")
    settle()
    assert trace == ["+boss", "+a", "+b", "+c"]


def test_no_wave_is_wider_than_it_may_be(directory, clock):
    gates = {label: Event() for label in "abc"}
    starting = []

    class Slow(Worker):
        def on_start(self):
            starting.append(self.name)
            gates[self.name].wait()

    children = [spec([], "boss"), *(spec([], label, Slow) for label in "abc")]
    boot(directory, children, strategy=Strategy.LEADER_FIRST, leader=LEADER, clock=clock)
    leader_ready(directory, "hive", "boss")
    settle()
    assert starting == ["a", "b"]
    gates["b"].set()
    settle()
    assert starting == ["a", "b"]
    gates["a"].set()
    settle()
    assert starting == ["a", "b", "c"]
    gates["c"].set()


def test_restart_all_stops_the_others_at_once_and_the_leader_last(directory, trace, kit):
    leader_ready(directory, "hive", "boss")
    settle()
    trace.clear()
    restart_all(directory, "hive")
    assert trace == ["-c", "-b", "-a", "-boss", "+boss"]
    leader_ready(directory, "hive", "boss")
    settle()
    assert trace[5:] == ["+a", "+b", "+c"]


def test_restart_all_again_while_the_leader_is_awaited_begins_anew(directory, trace, kit, clock):
    restart_all(directory, "hive")
    assert (trace, clock.pending) == (["+boss", "-boss", "+boss"], 1)
    leader_ready(directory, "hive", "boss")
    settle()
    assert trace[3:] == ["+a", "+b", "+c"]


def test_stopping_gives_each_its_own_deadline_at_the_same_time(directory, trace, clock):
    gate = Event()
    children = [spec(trace, "boss"), spec(trace, "a", shutdown=5.0), spec(trace, "b", shutdown=5.0)]
    root = boot(directory, children, strategy=Strategy.LEADER_FIRST, leader=LEADER, clock=clock)
    leader_ready(directory, "hive", "boss")
    settle()
    for label in "ab":
        directory.tell(label, ("block", gate))
    settle()
    directory.tell("hive", Stop(Exit.shutdown()))
    clock.advance(5)
    root.ended.get(timeout=SECONDS)
    assert trace[3:] == ["xb", "xa", "-boss"] or trace[3:] == ["xa", "xb", "-boss"]


def test_one_child_that_crashes_is_restarted_alone_and_at_once(directory, trace, kit):
    leader_ready(directory, "hive", "boss")
    settle()
    trace.clear()
    for name in ("a", "boss"):
        directory.tell(name, ValueError("boom"))
        settle()
    assert trace == ["!a", "+a", "!boss", "+boss"]


def test_a_child_that_is_terminated_while_it_waits_is_left_alone(directory, trace, kit):
    terminate_child(directory, "hive", "b")
    terminate_child(directory, "hive", "c")
    restart_child(directory, "hive", "c")
    leader_ready(directory, "hive", "boss")
    settle()
    assert trace == ["+boss", "+c", "+a"]
    assert states(directory)["b"] == "down"


def test_a_follower_that_fails_to_start_is_tried_again_without_holding_up_the_others(directory, trace, clock):
    children = [spec(trace, "boss"), ChildSpec("a", Flaky(trace, "a", {1})), *(spec(trace, label) for label in "bc")]
    boot(directory, children, strategy=Strategy.LEADER_FIRST, leader=LEADER, clock=clock)
    leader_ready(directory, "hive", "boss")
    settle()
    assert states(directory) == dict.fromkeys(("boss", "a", "b", "c"), "up")


def test_a_leader_that_fails_to_start_fails_the_first_start_and_is_tried_again_later(directory, trace, clock):
    with pytest.raises(StartFailed):
        boot(
            directory,
            [ChildSpec("boss", Flaky(trace, "boss", {1})), spec(trace, "a")],
            strategy=Strategy.LEADER_FIRST,
            leader=LEADER,
            clock=clock,
        )
    assert clock.pending == 0
    trace.clear()
    children = [ChildSpec("boss", Flaky(trace, "boss", {2})), spec(trace, "a")]
    boot(directory, children, strategy=Strategy.LEADER_FIRST, leader=LEADER, clock=clock)
    restart_all(directory, "hive")
    settle()
    assert trace == ["+boss", "-boss", "!boss", "+boss"]


def test_only_those_who_are_named_are_restarted_and_a_leader_that_is_up_leads_them(directory, trace, kit, notified):
    leader_ready(directory, "hive", "boss")
    settle()
    for log in (trace, notified.trace):
        log.clear()
    restart_all(directory, "hive", ["a", "c"])
    settle()
    assert trace == ["-c", "-a", "+a", "+c"]
    assert notified.trace == [RestartPlanned("hive", "boss", leader_ready=True, child_ids=("a", "c"))]


def test_a_second_rollout_takes_over_those_who_still_waited_for_the_first(directory, trace, kit):
    restart_all(directory, "hive", ["boss", "a"])
    leader_ready(directory, "hive", "boss")
    settle()
    assert trace == ["+boss", "-boss", "+boss", "+a", "+b", "+c"]


def test_children_can_be_added_first_and_started_together(directory, trace, notified, clock):
    boot(directory, [], strategy=Strategy.LEADER_FIRST, leader=LEADER, clock=clock)
    add_children(directory, "hive", [spec(trace, label) for label in ("a", "boss")])
    assert (trace, states(directory)) == ([], {"a": "down", "boss": "down"})
    with pytest.raises(ChildRefused):
        add_children(directory, "hive", [spec(trace, "b"), spec(trace, "a")])
    restart_all(directory, "hive", ["a", "boss"])
    assert (trace, states(directory)) == (["+boss"], {"a": "restarting", "boss": "up"})
    leader_ready(directory, "hive", "boss")
    settle()
    assert trace == ["+boss", "+a"]


def test_the_others_wait_for_the_reply_to_the_announcement_but_not_for_ever(directory, trace, kit, notified, clock):
    gate, other = Event(), Event()
    directory.tell("notified", ("block", gate))
    leader_ready(directory, "hive", "boss")
    settle()
    assert trace == ["+boss"]
    gate.set()
    settle()
    assert trace == ["+boss", "+a", "+b", "+c"]
    trace.clear()
    restart_all(directory, "hive")
    directory.tell("notified", ("block", other))
    leader_ready(directory, "hive", "boss")
    clock.advance(5)
    settle()
    assert trace[-4:] == ["+boss", "+a", "+b", "+c"]
    other.set()
    settle()
    assert len(trace) == 8


def test_without_retry_a_child_that_fails_in_a_rollout_stays_down_and_is_reported(
    directory, trace, notified, clock, caplog
):
    leader = replace(LEADER, retry=False)
    children = [spec(trace, "boss"), ChildSpec("a", Flaky(trace, "a", {1, 2})), spec(trace, "b")]
    boot(directory, children, strategy=Strategy.LEADER_FIRST, leader=leader, clock=clock)
    leader_ready(directory, "hive", "boss")
    settle()
    assert states(directory) == {"boss": "up", "a": "down", "b": "up"}
    down = notified.trace[1]
    assert (down.supervisor, down.child_id, down.exit.kind.value) == ("hive", "a", "error")
    line = next(record for record in caplog.records if "child start failed" in record.getMessage())
    assert (line.levelname, line.getMessage().rpartition(" restarts=")[2]) == ("ERROR", '0 next="stays down"')


def test_without_retry_a_leader_that_fails_does_not_hold_the_others_at_all(directory, trace, notified, clock):
    leader = replace(LEADER, retry=False)
    boot(directory, [], strategy=Strategy.LEADER_FIRST, leader=leader, clock=clock)
    add_children(directory, "hive", [ChildSpec("boss", Flaky(trace, "boss", {1})), spec(trace, "a")])
    restart_all(directory, "hive")
    settle()
    assert states(directory) == {"boss": "down", "a": "up"}
    assert notified.trace[1] == RestartPlanned("hive", "boss", leader_ready=False, child_ids=("a",))


def test_a_leader_may_come_later_and_lead_the_next_time(directory, trace, clock):
    boot(directory, [], strategy=Strategy.LEADER_FIRST, leader=LEADER, clock=clock)
    for label in ("a", "boss"):
        start_child(directory, "hive", spec(trace, label))
    restart_all(directory, "hive")
    leader_ready(directory, "hive", "boss")
    settle()
    assert trace == ["+a", "+boss", "-a", "-boss", "+boss", "+a"]


@pytest.mark.parametrize(
    "flags",
    [
        {"strategy": Strategy.LEADER_FIRST},
        {"leader": LEADER},
        {"strategy": Strategy.LEADER_FIRST, "leader": Leader("l", width=0)},
        {"strategy": Strategy.LEADER_FIRST, "leader": Leader("l", ready_seconds=-1)},
    ],
    ids=["no leader", "a leader without its strategy", "no width", "a negative deadline"],
)
def test_a_leader_that_makes_no_sense_fails_the_start(directory, flags):
    with pytest.raises(StartFailed, match="InvalidSpec"):
        boot(directory, [], **flags)


def test_without_a_leader_there_is_no_restart_of_all(directory):
    boot(directory, [])
    with pytest.raises(InvalidSpec):
        restart_all(directory, "hive")


def test_the_supervisor_answers_between_two_waves(directory, clock):
    gate, order = Event(), []

    def starts(label):
        class Slow(Worker):
            def on_start(self):
                order.append(label)
                gate.wait()

        return ChildSpec(label, lambda: Slow())

    leader = replace(LEADER, width=1, notify=None)
    boot(directory, [ChildSpec("boss", Worker), *map(starts, "abc")], strategy=Strategy.LEADER_FIRST, leader=leader)
    leader_ready(directory, "hive", "boss")
    settle()
    asked = directory.ask_later("hive", WhichChildren())
    asked.then(lambda _reply: order.append("answer"))
    gate.set()
    settle()
    assert order == ["a", "answer", "b", "c"]

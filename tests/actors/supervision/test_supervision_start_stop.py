"""A supervisor's start and stop: order, failures, deadlines."""

import pytest
from gevent.event import Event

from actors.supervision import (
    ChildSpec,
    ChildType,
    Exit,
    ExitKind,
    InvalidSpec,
    Shutdown,
    StartFailed,
    Stop,
    Supervisor,
    living,
    settle,
    start_child,
    which_children,
)
from tests.actors.supervision.parts import Flaky, IgnoresStop, Worker, boot, spec
from tests.waiting import SECONDS


@pytest.fixture
def trace():
    return []


def nested(trace, directory, label, *children, **fields):
    def build():
        return Supervisor(children=children, directory=directory)

    return ChildSpec(label, build, type=ChildType.SUPERVISOR, shutdown=Shutdown.INFINITY, **fields)


def test_children_start_in_order_and_stop_in_reverse_order(directory, trace):
    boot(
        directory,
        [spec(trace, "a"), nested(trace, directory, "s", spec(trace, "b"), spec(trace, "c")), spec(trace, "d")],
    )
    assert directory.names() == ["hive", "a", "s", "s/b", "s/c", "d"]
    directory.stop("hive")
    assert trace == ["+a", "+b", "+c", "+d", "-d", "-c", "-b", "-a"]


def test_the_next_child_starts_when_the_one_before_is_up(directory, trace):
    gate = Event()

    class Slow(Worker):
        def on_start(self):
            gate.wait()
            super().on_start()

    supervisor = Supervisor(children=[spec(trace, "slow", Slow), spec(trace, "next")], directory=directory)
    started = directory.launch(supervisor, "hive")
    settle()
    assert (trace, started.done) == ([], False)
    gate.set()
    started.get(timeout=SECONDS)
    assert trace == ["+slow", "+next"]


def test_a_failing_start_undoes_the_ones_before_and_fails_the_supervisor(directory, trace):
    children = [spec(trace, "a"), spec(trace, "b"), ChildSpec("c", Flaky(trace, "c", {1})), spec(trace, "d")]
    with pytest.raises(StartFailed, match="hive did not start: StartFailed: c did not start: .*start 1 fails"):
        boot(directory, children)
    assert trace == ["+a", "+b", "!c", "-b", "-a"]
    assert directory.names() == []


def test_a_failing_start_deep_below_undoes_everything(directory, trace):
    inner = nested(trace, directory, "s", spec(trace, "b"), ChildSpec("c", Flaky(trace, "c", {1})))
    with pytest.raises(StartFailed):
        boot(directory, [spec(trace, "a"), inner])
    assert trace == ["+a", "+b", "!c", "-b", "-a"]


def test_a_factory_that_raises_is_a_failed_start(directory, trace):
    def broken():
        raise LookupError("no such part")

    with pytest.raises(StartFailed, match="LookupError: no such part"):
        boot(directory, [spec(trace, "a"), ChildSpec("b", broken)])
    assert trace == ["+a", "-a"]


def test_a_supervisor_without_children_is_up(directory):
    boot(directory, [])
    assert which_children(directory, "hive") == []


@pytest.mark.parametrize(
    "children",
    [[spec([], "a"), spec([], "a")], [spec([], "")], [spec([], "a/b")], [spec([], "a", shutdown=-1.0)]],
    ids=["twice the same id", "no id", "a slash in the id", "a negative deadline"],
)
def test_specifications_that_make_no_sense_fail_the_start(directory, children):
    with pytest.raises(StartFailed, match="InvalidSpec"):
        boot(directory, children)


@pytest.mark.parametrize("flags", [{"intensity": -1}, {"period": 0}], ids=repr)
def test_flags_that_make_no_sense_fail_the_start(directory, flags):
    with pytest.raises(StartFailed, match="InvalidSpec"):
        boot(directory, [], **flags)


def test_an_invalid_specification_is_an_expected_error_of_start_child(directory):
    boot(directory, [])
    with pytest.raises(InvalidSpec) as caught:
        start_child(directory, "hive", spec([], "a/b"))
    assert (caught.value.expected, caught.value.code) == (True, "bad_request")


def test_a_child_that_ignores_a_stop_is_killed_at_its_own_timeout(directory, trace, clock):
    children = [spec(trace, "a"), spec(trace, "stubborn", IgnoresStop, shutdown=3.0), spec(trace, "c")]
    root = boot(directory, children, clock=clock)
    directory.tell("stubborn", "sleep")
    settle()
    directory.tell("hive", Stop(Exit.shutdown()))
    clock.advance(2.9)
    assert trace == ["+a", "+stubborn", "+c", "-c"]
    clock.advance(0.1)
    assert root.ended.get(timeout=SECONDS).kind is ExitKind.SHUTDOWN
    assert trace == ["+a", "+stubborn", "+c", "-c", "xstubborn", "-a"]


def test_a_child_that_stops_in_time_is_not_killed_and_its_deadline_is_cancelled(directory, trace, clock):
    boot(directory, [spec(trace, "a", shutdown=3.0)], clock=clock)
    directory.stop("hive")
    assert (trace, clock.pending) == (["+a", "-a"], 0)


@pytest.mark.parametrize(
    ("type_", "given", "timeout"),
    [
        (ChildType.WORKER, Shutdown.BY_TYPE, 5.0),
        (ChildType.SUPERVISOR, Shutdown.BY_TYPE, Shutdown.INFINITY),
        (ChildType.SUPERVISOR, 2.0, 2.0),
        (ChildType.WORKER, Shutdown.KILL, Shutdown.KILL),
    ],
)
def test_a_worker_has_five_seconds_and_a_supervisor_as_long_as_it_takes(type_, given, timeout):
    assert ChildSpec("a", Worker, type=type_, shutdown=given).shutdown_timeout == timeout


def test_shutdown_kill_does_not_ask(directory, trace):
    boot(directory, [spec(trace, "a", shutdown=Shutdown.KILL)])
    directory.stop("hive")
    assert trace == ["+a", "xa"]


def test_shutdown_infinity_waits_however_long_it_takes(directory, trace, clock):
    gate = Event()
    root = boot(directory, [spec(trace, "a", shutdown=Shutdown.INFINITY)], clock=clock)
    directory.tell("a", ("block", gate))
    settle()
    directory.tell("hive", Stop(Exit.shutdown()))
    clock.advance(1e6)
    assert not root.ended.done
    gate.set()
    root.ended.get(timeout=SECONDS)
    assert trace == ["+a", "-a"]


def test_a_killed_supervisor_takes_its_children_along(directory, trace):
    root = boot(directory, [spec(trace, "a"), nested(trace, directory, "s", spec(trace, "b"))])
    root.kill("enough")
    assert root.ended.get(timeout=SECONDS).kind is ExitKind.KILLED
    settle()
    assert sorted(trace) == ["+a", "+b", "xa", "xb"]
    assert (directory.names(), living()) == ([], frozenset())


def test_a_supervisor_killed_while_a_child_starts_takes_that_one_along(directory, trace):
    class Stuck(Worker):
        def on_start(self):
            Event().wait()

    supervisor = Supervisor(children=[spec(trace, "a"), spec(trace, "stuck", Stuck)], directory=directory)
    directory.launch(supervisor, "hive")
    settle()
    supervisor.kill()
    settle()
    assert trace == ["+a", "xstuck", "xa"]
    assert living() == frozenset()


def test_a_supervisor_past_its_deadline_is_killed_with_everything_below(directory, trace, clock):
    inner = ChildSpec(
        "s",
        lambda: Supervisor(
            children=[spec(trace, "stubborn", IgnoresStop, shutdown=Shutdown.INFINITY)], directory=directory
        ),
        type=ChildType.SUPERVISOR,
        shutdown=2.0,
    )
    root = boot(directory, [inner], clock=clock)
    directory.tell("s/stubborn", "sleep")
    settle()
    directory.tell("hive", Stop(Exit.shutdown()))
    clock.advance(2.0)
    root.ended.get(timeout=SECONDS)
    settle()
    assert trace == ["+stubborn", "xstubborn"]
    assert directory.names() == []


def test_children_of_a_killed_supervisor_are_gone_before_their_successors_start(directory, trace):
    class Slow(Worker):
        def on_crash(self, exit_reason):
            gate.wait()
            super().on_crash(exit_reason)

    gate = Event()
    inner = nested(trace, directory, "s", spec(trace, "slow", Slow))
    boot(directory, [inner])
    directory.actor("s").kill("by hand")
    settle()
    assert trace == ["+slow"]
    gate.set()
    settle()
    assert trace == ["+slow", "xslow", "+slow"]


def test_an_actor_that_drains_handles_what_came_before_its_stop(directory):
    drained, plain = [], []
    boot(directory, [spec(drained, "drained", drain=True), spec(plain, "plain")])
    gates = {name: Event() for name in ("drained", "plain")}
    for name, gate in gates.items():
        for message in (("block", gate), "first", "second"):
            directory.tell(name, message)
    settle()
    directory.tell("hive", Stop(Exit.shutdown()))
    settle()
    for gate in gates.values():
        gate.set()
    settle()
    assert (drained, plain) == (["+drained", "first", "second", "-drained"], ["+plain", "-plain"])

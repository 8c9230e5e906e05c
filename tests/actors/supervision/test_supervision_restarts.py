"""What a supervisor does when a child ends by itself: restart values, strategies, intensity, pauses, escalation."""

import pytest

from actors.supervision import (
    Backoff,
    ChildSpec,
    ChildState,
    ChildType,
    Exit,
    ExitKind,
    Restart,
    Shutdown,
    Strategy,
    Supervisor,
    SupervisorFlags,
    delete_child,
    restart_child,
    settle,
    start_child,
    terminate_child,
    which_children,
)
from tests.actors.supervision.parts import Flaky, boot, spec
from tests.waiting import SECONDS

BOOM = ValueError("boom")


@pytest.fixture
def trace():
    return []


def end(directory, name, how):
    directory.tell(name, how)
    settle()


def states(directory, supervisor="hive"):
    return {row.id: row.state.value for row in which_children(directory, supervisor)}


@pytest.mark.parametrize(
    ("restart", "how", "after"),
    [
        (Restart.PERMANENT, Exit.normal(), {"a": "up"}),
        (Restart.PERMANENT, Exit.shutdown(), {"a": "up"}),
        (Restart.PERMANENT, BOOM, {"a": "up"}),
        (Restart.TRANSIENT, Exit.normal(), {"a": "down"}),
        (Restart.TRANSIENT, Exit.shutdown(), {"a": "down"}),
        (Restart.TRANSIENT, BOOM, {"a": "up"}),
        (Restart.TEMPORARY, Exit.normal(), {}),
        (Restart.TEMPORARY, BOOM, {}),
    ],
)
def test_what_becomes_of_a_child_that_ended(directory, trace, restart, how, after):
    boot(directory, [spec(trace, "a", restart=restart)])
    end(directory, "a", how)
    assert states(directory) == after
    assert trace.count("+a") == (2 if after == {"a": "up"} else 1)


def test_a_killed_child_counts_as_failed(directory, trace):
    boot(directory, [spec(trace, "a", restart=Restart.TRANSIENT)])
    directory.actor("a").kill("by hand")
    settle()
    assert trace == ["+a", "xa", "+a"]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Strategy.ONE_FOR_ONE, ["!b", "+b"]),
        (Strategy.ONE_FOR_ALL, ["!b", "-c", "-a", "+a", "+b", "+c"]),
        (Strategy.REST_FOR_ONE, ["!b", "-c", "+b", "+c"]),
    ],
)
def test_a_strategy_says_which_siblings_are_restarted_too(directory, trace, strategy, expected):
    boot(directory, [spec(trace, label) for label in "abc"], strategy=strategy)
    trace.clear()
    end(directory, "b", BOOM)
    assert trace == expected


def test_temporary_siblings_go_with_a_failed_child_and_do_not_come_back(directory, trace):
    boot(directory, [spec(trace, "a"), spec(trace, "t", restart=Restart.TEMPORARY)], strategy=Strategy.ONE_FOR_ALL)
    end(directory, "a", BOOM)
    assert states(directory) == {"a": "up"}
    assert trace == ["+a", "+t", "!a", "-t", "+a"]


def test_one_for_all_also_starts_siblings_that_were_terminated(directory, trace):
    boot(directory, [spec(trace, "a"), spec(trace, "b")], strategy=Strategy.ONE_FOR_ALL)
    terminate_child(directory, "hive", "b")
    end(directory, "a", BOOM)
    assert states(directory) == {"a": "up", "b": "up"}


def test_a_start_that_fails_during_a_restart_is_tried_again_and_counts(directory, trace):
    boot(directory, [ChildSpec("a", Flaky(trace, "a", {2, 3}))], intensity=3)
    end(directory, "a", BOOM)
    assert trace == ["+a", "!a", "!a", "!a", "+a"]
    assert states(directory) == {"a": "up"}


def test_too_many_restarts_make_the_supervisor_give_up_in_order(directory, trace, caplog):
    root = boot(directory, [spec(trace, "a"), spec(trace, "b")], intensity=2, period=10)
    for _ in range(3):
        end(directory, "b", BOOM)
    gave_up = root.ended.get(timeout=SECONDS)
    assert gave_up.kind is ExitKind.SHUTDOWN
    assert "more than 2 restarts within 10 s, the last one of b: error (ValueError: boom)" in gave_up.detail
    assert isinstance(gave_up.error, ValueError)
    assert trace[-2:] == ["!b", "-a"]
    assert "gave up" in caplog.text


def test_restarts_of_all_children_count_together(directory, trace):
    root = boot(directory, [spec(trace, "a"), spec(trace, "b")], intensity=1)
    end(directory, "a", BOOM)
    end(directory, "b", BOOM)
    assert root.ended.done


def test_restarts_older_than_the_period_do_not_count(directory, trace, clock):
    root = boot(directory, [spec(trace, "a")], intensity=1, period=10, clock=clock)
    for _ in range(5):
        end(directory, "a", BOOM)
        clock.advance(10.1)
    assert not root.ended.done
    assert states(directory) == {"a": "up"}


def test_a_supervisor_that_gave_up_is_restarted_by_its_own(directory, trace):
    inner = ChildSpec(
        "s",
        lambda: Supervisor(SupervisorFlags(intensity=0), [spec(trace, "a"), spec(trace, "b")], directory=directory),
        type=ChildType.SUPERVISOR,
        shutdown=Shutdown.INFINITY,
    )
    boot(directory, [inner], intensity=1)
    trace.clear()
    end(directory, "s/a", BOOM)
    assert trace == ["!a", "-b", "+a", "+b"]
    end(directory, "s/b", BOOM)
    assert directory.names() == [], "the second time the root gives up as well"


def test_a_transient_supervisor_that_gave_up_stays_down(directory, trace):
    inner = ChildSpec(
        "s",
        lambda: Supervisor(SupervisorFlags(intensity=0), [spec(trace, "a")], directory=directory),
        restart=Restart.TRANSIENT,
        type=ChildType.SUPERVISOR,
    )
    boot(directory, [inner])
    end(directory, "s/a", BOOM)
    assert states(directory) == {"s": "down"}
    assert restart_child(directory, "hive", "s") == "s"
    assert directory.names() == ["hive", "s", "s/a"]


BACKOFF = Backoff(first=1.0, factor=2.0, cap=3.0, decay=100.0)


def test_the_pause_before_a_restart_grows_and_decays(directory, trace, clock):
    boot(directory, [spec(trace, "a")], intensity=100, backoff=BACKOFF, clock=clock)
    for pause in (0, 1, 2, 3, 3):
        end(directory, "a", BOOM)
        if pause:
            clock.advance(pause - 0.001)
            assert states(directory) == {"a": "restarting"}
            clock.advance(0.001)
        assert states(directory) == {"a": "up"}
    clock.advance(500)
    end(directory, "a", BOOM)
    assert states(directory) == {"a": "up"}


def test_a_supervisor_answers_during_a_pause(directory, trace, clock):
    boot(directory, [spec(trace, "a"), spec(trace, "b")], intensity=100, backoff=BACKOFF, clock=clock)
    end(directory, "a", BOOM)
    end(directory, "a", BOOM)
    assert states(directory) == {"a": "restarting", "b": "up"}
    start_child(directory, "hive", spec(trace, "c"))
    assert directory.ask("c", "hello") == "hello"


def test_siblings_of_a_pausing_child_are_down_and_come_up_with_it(directory, trace, clock):
    children = [spec(trace, "a"), spec(trace, "b")]
    boot(directory, children, strategy=Strategy.ONE_FOR_ALL, intensity=100, backoff=BACKOFF, clock=clock)
    end(directory, "a", BOOM)
    trace.clear()
    end(directory, "a", BOOM)
    assert (trace, states(directory)) == (["!a", "-b"], {"a": "restarting", "b": "down"})
    clock.advance(1)
    assert trace == ["!a", "-b", "+a", "+b"]


def test_a_pause_ends_when_the_child_is_terminated(directory, trace, clock):
    boot(directory, [spec(trace, "a")], intensity=100, backoff=BACKOFF, clock=clock)
    end(directory, "a", BOOM)
    end(directory, "a", BOOM)
    terminate_child(directory, "hive", "a")
    clock.advance(10)
    assert states(directory) == {"a": "down"}
    delete_child(directory, "hive", "a")
    assert (states(directory), clock.pending) == ({}, 0)


def test_a_pause_ends_when_a_sibling_restarts_all_children(directory, trace, clock):
    children = [spec(trace, "a"), spec(trace, "b")]
    boot(directory, children, strategy=Strategy.REST_FOR_ONE, intensity=100, backoff=BACKOFF, clock=clock)
    end(directory, "b", BOOM)
    end(directory, "b", BOOM)
    assert states(directory) == {"a": "up", "b": "restarting"}
    end(directory, "a", BOOM)
    assert states(directory) == {"a": "up", "b": "up"}
    trace.clear()
    clock.advance(10)
    assert (trace, clock.pending) == ([], 0)


def test_a_supervisor_stops_in_the_middle_of_a_pause(directory, trace, clock):
    boot(directory, [spec(trace, "a")], intensity=100, backoff=BACKOFF, clock=clock)
    end(directory, "a", BOOM)
    end(directory, "a", BOOM)
    directory.stop("hive")
    assert (directory.names(), clock.pending) == ([], 0)


def test_a_start_that_keeps_failing_pauses_between_its_tries(directory, trace, clock):
    flaky = Flaky(trace, "a", {2, 3, 4})
    boot(directory, [ChildSpec("a", flaky)], intensity=100, backoff=BACKOFF, clock=clock)
    end(directory, "a", BOOM)
    assert (flaky.starts, states(directory)) == (2, {"a": "restarting"})
    clock.advance(1)
    assert flaky.starts == 3
    clock.advance(2)
    assert flaky.starts == 4
    clock.advance(3)
    assert (flaky.starts, states(directory)) == (5, {"a": ChildState.UP})


@pytest.mark.parametrize("jump", [8 * 3600, -8 * 3600])
def test_a_clock_that_is_set_changes_neither_a_pause_nor_what_counts_as_often(directory, trace, clock, jump):
    root = boot(directory, [spec(trace, "a")], intensity=2, period=10, backoff=Backoff(first=4.0), clock=clock)
    end(directory, "a", BOOM)
    assert states(directory) == {"a": "up"}, "the first restart has no pause"
    end(directory, "a", BOOM)
    clock.step_wall(jump)
    clock.advance(3.9)
    assert states(directory) == {"a": "restarting"}
    clock.advance(0.2)
    assert states(directory) == {"a": "up"}
    end(directory, "a", BOOM)
    assert root.ended.done, "the third within ten seconds"

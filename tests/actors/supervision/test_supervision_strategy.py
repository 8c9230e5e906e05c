"""The decisions, as tables: no actor, no clock."""

import pytest

from actors.supervision.exits import ExitKind
from actors.supervision.supervisor.backoff import Backoff, BackoffState
from actors.supervision.supervisor.intensity import add_restart, too_many
from actors.supervision.supervisor.spec import AutoShutdown, Restart, Strategy
from actors.supervision.supervisor.strategy import (
    ChildrenPlan,
    ChildState,
    ChildView,
    ends_supervisor,
    is_restarted,
    plan_restart,
    plan_start,
    plan_stop,
)

UP, DOWN, RESTARTING = ChildState.UP, ChildState.DOWN, ChildState.RESTARTING


def children(*words):
    """`a`, `a:down`, `a:restarting`, `a!` (temporary)."""
    views = []
    for word in words:
        name, _, state = word.partition(":")
        restart = Restart.TEMPORARY if name.endswith("!") else Restart.PERMANENT
        views.append(ChildView(name.rstrip("!"), restart, False, ChildState(state or "up")))
    return views


def waves(words):
    return tuple((word,) for word in words.split())


@pytest.mark.parametrize(
    ("restart", "kinds"),
    [
        (Restart.PERMANENT, {"normal", "shutdown", "error", "killed"}),
        (Restart.TRANSIENT, {"error", "killed"}),
        (Restart.TEMPORARY, set()),
    ],
)
def test_which_ends_a_restart_value_answers_with_a_restart(restart, kinds):
    ends = [ExitKind.NORMAL, ExitKind.SHUTDOWN, ExitKind.ERROR, ExitKind.KILLED]
    assert {kind.value for kind in ends if is_restarted(restart, kind)} == kinds


@pytest.mark.parametrize(
    ("strategy", "before", "failed", "plan"),
    [
        (Strategy.ONE_FOR_ONE, ["a", "b", "c"], "b", ("", "", "b")),
        (Strategy.ONE_FOR_ALL, ["a", "b", "c"], "b", ("c a", "", "a b c")),
        (Strategy.REST_FOR_ONE, ["a", "b", "c"], "b", ("c", "", "b c")),
        (Strategy.REST_FOR_ONE, ["a", "b", "c"], "a", ("c b", "", "a b c")),
        (Strategy.REST_FOR_ONE, ["a", "b", "c"], "c", ("", "", "c")),
        (Strategy.ONE_FOR_ALL, ["a", "b!", "c"], "c", ("b a", "b", "a c")),
        (Strategy.REST_FOR_ONE, ["a!", "b", "c!"], "b", ("c", "c", "b")),
        (Strategy.ONE_FOR_ONE, ["a!", "b", "c!"], "b", ("", "", "b")),
        (Strategy.ONE_FOR_ALL, ["a", "b:down", "c:restarting"], "c", ("a", "", "a b c")),
        (Strategy.ONE_FOR_ALL, ["a:restarting", "b", "c"], "b", ("c a", "", "a b c")),
    ],
)
def test_who_goes_down_and_who_comes_up_with_a_failed_child(strategy, before, failed, plan):
    stop, forget, start = plan
    expected = ChildrenPlan(waves(stop), frozenset(forget.split()), waves(start))
    assert plan_restart(strategy, children(*before), failed) == expected


def test_a_start_is_in_order_and_a_stop_in_reverse_of_those_that_run():
    listed = children("a", "b:down", "c", "d:restarting")
    assert plan_start(listed).start == waves("a b c d")
    assert plan_stop(listed).stop == waves("d c a")


def significant(name, state=UP):
    return ChildView(name, Restart.TRANSIENT, True, state)


@pytest.mark.parametrize(
    ("mode", "ended", "remaining", "ends"),
    [
        (AutoShutdown.NEVER, significant("a"), [], False),
        (AutoShutdown.ANY_SIGNIFICANT, significant("a"), [significant("b")], True),
        (AutoShutdown.ANY_SIGNIFICANT, ChildView("a"), [], False),
        (AutoShutdown.ALL_SIGNIFICANT, significant("a"), [significant("a", DOWN), significant("b")], False),
        (AutoShutdown.ALL_SIGNIFICANT, significant("a"), [significant("b", RESTARTING)], False),
        (AutoShutdown.ALL_SIGNIFICANT, significant("a"), [significant("a", DOWN), significant("b", DOWN)], True),
        (AutoShutdown.ALL_SIGNIFICANT, significant("a"), [ChildView("b")], True),
        (AutoShutdown.ALL_SIGNIFICANT, ChildView("a"), [significant("b", DOWN)], False),
    ],
)
def test_when_a_significant_child_takes_its_supervisor_with_it(mode, ended, remaining, ends):
    assert ends_supervisor(mode, ended, remaining) is ends


def test_restarts_count_while_they_are_within_the_period():
    restarts = ()
    for now in (0.0, 1.0, 5.0, 6.5):
        restarts = add_restart(restarts, now, period=5.0)
    assert restarts == (6.5, 5.0)
    assert add_restart((5.0,), 10.0, period=5.0) == (10.0, 5.0)


@pytest.mark.parametrize(("intensity", "allowed"), [(0, 0), (1, 1), (3, 3)])
def test_more_restarts_than_the_intensity_are_too_many(intensity, allowed):
    assert not too_many([0.0] * allowed, intensity)
    assert too_many([0.0] * (allowed + 1), intensity)


def test_the_pause_grows_by_its_factor_up_to_its_cap():
    backoff = Backoff(first=0.5, factor=2, cap=3)
    assert [backoff.pause(level) for level in (0, 1, 2, 3, 4, 10_000)] == [0, 0.5, 1, 2, 3, 3]


def test_the_pause_decays_one_step_for_each_quiet_time():
    backoff = Backoff(decay=60)
    raised = BackoffState().restarted(0).restarted(1).restarted(2)
    assert [raised.decayed(now, backoff).level for now in (2, 61, 62, 121, 122, 182, 1e9)] == [3, 3, 2, 2, 1, 0, 0]


def test_decaying_in_two_steps_equals_one():
    backoff = Backoff(decay=10)
    raised = BackoffState(5, 0.0)
    assert raised.decayed(15, backoff).decayed(25, backoff) == raised.decayed(25, backoff)


@pytest.mark.parametrize("wrong", [{"first": -1}, {"factor": 0.5}, {"first": 5, "cap": 1}, {"decay": 0}], ids=repr)
def test_a_pause_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="a pause neither shrinks"):
        Backoff(**wrong)

"""Children that come and go: start, terminate, restart, delete, and what is refused."""

import pytest

from actors.supervision import (
    AutoShutdown,
    Backoff,
    ChildCount,
    ChildRefused,
    ChildRow,
    ChildSpec,
    ChildState,
    ChildType,
    Exit,
    ExitKind,
    NotRunning,
    Refusal,
    Restart,
    Shutdown,
    StartFailed,
    Supervisor,
    count_children,
    delete_child,
    restart_child,
    settle,
    start_child,
    terminate_child,
    which_children,
)
from tests.actors.supervision.parts import Flaky, boot, spec

BOOM = ValueError("boom")


@pytest.fixture
def trace():
    return []


def ids(directory):
    return [row.id for row in which_children(directory, "hive")]


def refusal(call, *arguments):
    with pytest.raises(ChildRefused) as caught:
        call(*arguments)
    assert caught.value.expected
    return caught.value.reason


def test_a_started_child_is_the_last_of_the_order_and_supervised(directory, trace):
    boot(directory, [spec(trace, "a")])
    assert start_child(directory, "hive", spec(trace, "b")) == "b"
    assert ids(directory) == ["a", "b"]
    directory.tell("b", BOOM)
    settle()
    directory.stop("hive")
    assert trace == ["+a", "+b", "!b", "+b", "-b", "-a"]


def test_a_child_that_fails_to_start_is_not_kept(directory, trace):
    boot(directory, [])
    with pytest.raises(StartFailed, match="a did not start: RuntimeError: start 1 fails"):
        start_child(directory, "hive", ChildSpec("a", Flaky(trace, "a", {1})))
    assert ids(directory) == []


def test_a_terminated_child_stays_down_until_it_is_restarted(directory, trace):
    boot(directory, [spec(trace, "a")])
    terminate_child(directory, "hive", "a")
    assert which_children(directory, "hive")[0].state is ChildState.DOWN
    assert restart_child(directory, "hive", "a") == "a"
    assert trace == ["+a", "-a", "+a"]


def test_terminating_twice_is_no_error(directory, trace):
    boot(directory, [spec(trace, "a")])
    terminate_child(directory, "hive", "a")
    terminate_child(directory, "hive", "a")


def test_a_terminated_temporary_child_is_forgotten(directory, trace):
    boot(directory, [spec(trace, "a", restart=Restart.TEMPORARY)])
    terminate_child(directory, "hive", "a")
    assert ids(directory) == []


def test_terminating_does_not_count_as_a_restart_nor_as_the_end_of_a_significant_child(directory, trace):
    child = spec(trace, "a", restart=Restart.TRANSIENT, significant=True)
    root = boot(directory, [child], auto_shutdown=AutoShutdown.ANY_SIGNIFICANT, intensity=0)
    terminate_child(directory, "hive", "a")
    settle()
    assert not root.ended.done


def test_a_restart_by_hand_that_fails_leaves_the_child_down(directory, trace):
    boot(directory, [ChildSpec("a", Flaky(trace, "a", {2}))])
    terminate_child(directory, "hive", "a")
    with pytest.raises(StartFailed):
        restart_child(directory, "hive", "a")
    assert which_children(directory, "hive")[0].state is ChildState.DOWN
    restart_child(directory, "hive", "a")


def test_a_deleted_child_is_forgotten_and_its_id_free(directory, trace):
    boot(directory, [spec(trace, "a")])
    terminate_child(directory, "hive", "a")
    delete_child(directory, "hive", "a")
    assert ids(directory) == []
    start_child(directory, "hive", spec(trace, "a"))


def test_what_a_running_child_does_not_allow_is_refused(directory, trace):
    boot(directory, [spec(trace, "a")])
    assert refusal(start_child, directory, "hive", spec(trace, "a")) is Refusal.ALREADY_STARTED
    assert refusal(restart_child, directory, "hive", "a") is Refusal.RUNNING
    assert refusal(delete_child, directory, "hive", "a") is Refusal.RUNNING


def test_a_child_that_is_down_is_already_present(directory, trace):
    boot(directory, [spec(trace, "a")])
    terminate_child(directory, "hive", "a")
    assert refusal(start_child, directory, "hive", spec(trace, "a")) is Refusal.ALREADY_PRESENT


def test_what_a_restarting_child_does_not_allow_is_refused(directory, trace, clock):
    boot(directory, [spec(trace, "a")], backoff=Backoff(first=1), clock=clock)
    for _ in range(2):
        directory.tell("a", BOOM)
        settle()
    assert refusal(start_child, directory, "hive", spec(trace, "a")) is Refusal.ALREADY_PRESENT
    assert refusal(restart_child, directory, "hive", "a") is Refusal.RESTARTING
    assert refusal(delete_child, directory, "hive", "a") is Refusal.RESTARTING
    assert which_children(directory, "hive")[0].name is None


@pytest.mark.parametrize("call", [terminate_child, restart_child, delete_child])
def test_an_unknown_child_is_not_found(directory, call):
    boot(directory, [])
    assert refusal(call, directory, "hive", "nobody") is Refusal.NOT_FOUND


def test_a_supervisor_that_is_not_there_is_not_running(directory):
    with pytest.raises(NotRunning):
        which_children(directory, "nobody")


def test_children_are_shown_and_counted(directory, trace):
    def build():
        return Supervisor(children=[spec(trace, "c")], directory=directory)

    inner = ChildSpec("s", build, type=ChildType.SUPERVISOR, shutdown=Shutdown.INFINITY)
    boot(directory, [spec(trace, "a", restart=Restart.TRANSIENT), spec(trace, "b"), inner])
    directory.tell("a", Exit.normal())
    settle()
    assert which_children(directory, "hive") == [
        ChildRow("a", None, ChildState.DOWN, ChildType.WORKER, Restart.TRANSIENT),
        ChildRow("b", "b", ChildState.UP, ChildType.WORKER, Restart.PERMANENT),
        ChildRow("s", "s", ChildState.UP, ChildType.SUPERVISOR, Restart.PERMANENT),
    ]
    assert count_children(directory, "hive") == ChildCount(specs=3, active=2, supervisors=1, workers=2)


@pytest.mark.parametrize(
    ("mode", "deaths", "ends"),
    [
        (AutoShutdown.ANY_SIGNIFICANT, ["a"], True),
        (AutoShutdown.ANY_SIGNIFICANT, ["c"], False),
        (AutoShutdown.ALL_SIGNIFICANT, ["a"], False),
        (AutoShutdown.ALL_SIGNIFICANT, ["a", "b"], True),
    ],
)
def test_a_supervisor_ends_with_its_significant_children(directory, trace, mode, deaths, ends):
    children = [
        spec(trace, "a", restart=Restart.TRANSIENT, significant=True),
        spec(trace, "b", restart=Restart.TEMPORARY, significant=True),
        spec(trace, "c", restart=Restart.TRANSIENT),
        spec(trace, "d"),
    ]
    root = boot(directory, children, auto_shutdown=mode)
    for name in deaths:
        directory.tell(name, Exit.normal())
        settle()
    assert root.ended.done is ends
    if ends:
        assert root.ended.get().kind is ExitKind.SHUTDOWN
        assert trace[-2:] == ["-d", "-c"] or trace[-3:] == ["-d", "-c", "-b"]


@pytest.mark.parametrize(
    ("mode", "restart"),
    [(AutoShutdown.NEVER, Restart.TRANSIENT), (AutoShutdown.ANY_SIGNIFICANT, Restart.PERMANENT)],
)
def test_significance_that_could_never_matter_is_refused(directory, trace, mode, restart):
    with pytest.raises(StartFailed, match="InvalidSpec: child a is significant"):
        boot(directory, [spec(trace, "a", restart=restart, significant=True)], auto_shutdown=mode)


def test_a_significant_child_that_is_restarted_ends_nothing(directory, trace):
    child = spec(trace, "a", restart=Restart.TRANSIENT, significant=True)
    root = boot(directory, [child], auto_shutdown=AutoShutdown.ANY_SIGNIFICANT)
    directory.tell("a", BOOM)
    settle()
    assert not root.ended.done
    assert trace == ["+a", "!a", "+a"]

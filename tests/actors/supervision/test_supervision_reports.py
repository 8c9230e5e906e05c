"""Supervisor reports: which child of which supervisor, why, how often restarted, and what happens next."""

import shlex

import pytest

from actors.supervision import (
    AutoShutdown,
    Backoff,
    ChildSpec,
    ChildType,
    Exit,
    Restart,
    StartFailed,
    Supervisor,
    restart_child,
    settle,
    start_child,
    terminate_child,
)
from actors.supervision.supervisor.requests import TerminateChild
from tests.actors.supervision.parts import Flaky, IgnoresStop, Worker, boot, spec

BOOM = ValueError("boom")


@pytest.fixture
def trace():
    return []


@pytest.fixture
def reports(caplog):
    """The reports so far: (level, context, fields)."""

    def read():
        found = []
        for record in caplog.records:
            if record.name.endswith(".reports"):
                words = shlex.split(record.getMessage())
                fields = dict(word.split("=", 1) for word in words if "=" in word)
                context = " ".join(word for word in words if "=" not in word)
                found.append((record.levelname, context, fields))
        return found

    return read


def report(context, child, reason, restarts, next_step):
    """A report of a child of the root, whose name is its id."""
    fields = {"supervisor": "hive", "child": child, "actor": child, "reason": reason, "restarts": str(restarts)}
    return ("WARNING", context, fields | {"next": next_step})


CRASHED = "error (ValueError: boom)"


def test_a_crash_is_reported_with_the_restart_and_its_pause(directory, trace, clock, reports):
    backoff = Backoff(first=0.5, factor=4)
    boot(directory, [spec(trace, "a")], intensity=9, clock=clock, backoff=backoff)
    for _ in range(3):
        directory.tell("a", BOOM)
        settle()
        clock.advance(2)
    assert reports() == [
        report("child ended", "a", CRASHED, 1, "restart now"),
        report("child ended", "a", CRASHED, 2, "restart after 0.5 s"),
        report("child ended", "a", CRASHED, 3, "restart after 2 s"),
    ]


def test_a_permanent_child_that_ends_normally_is_reported_as_well(directory, trace, reports):
    boot(directory, [spec(trace, "a")])
    directory.tell("a", Exit.normal())
    settle()
    assert reports() == [report("child ended", "a", "normal", 1, "restart now")]


def test_one_restart_too_many_is_reported_with_its_consequence(directory, trace, reports):
    boot(directory, [spec(trace, "a")], intensity=1)
    for _ in range(2):
        directory.tell("a", BOOM)
        settle()
    assert reports()[1:] == [report("child ended", "a", CRASHED, 1, "supervisor gives up")]


@pytest.mark.parametrize(
    ("restart", "how", "following"),
    [
        (Restart.TEMPORARY, BOOM, ["specification dropped"]),
        (Restart.TRANSIENT, Exit.normal(), []),
        (Restart.TEMPORARY, Exit.shutdown(), []),
    ],
)
def test_a_child_that_is_not_restarted_is_reported_only_after_a_failure(directory, reports, restart, how, following):
    boot(directory, [spec([], "a", restart=restart)])
    directory.tell("a", how)
    settle()
    assert [fields["next"] for _level, _context, fields in reports()] == following


class Embodied(Worker):
    """Stands for an OS process."""

    pid = 4711


def test_a_report_has_the_path_of_the_child_and_the_pid_of_its_process(directory, trace, reports):
    inner = ChildSpec(
        "s",
        lambda: Supervisor(children=[spec(trace, "body", Embodied)], directory=directory),
        type=ChildType.SUPERVISOR,
    )
    boot(directory, [inner])
    directory.tell("s/body", BOOM)
    settle()
    (_level, _context, fields) = reports()[0]
    assert (fields["supervisor"], fields["child"], fields["actor"], fields["pid"]) == ("s", "body", "s/body", "4711")


def test_a_significant_child_that_ends_its_supervisor_is_reported_so(directory, trace, reports):
    child = spec(trace, "a", restart=Restart.TEMPORARY, significant=True)
    boot(directory, [child], auto_shutdown=AutoShutdown.ANY_SIGNIFICANT)
    directory.tell("a", BOOM)
    settle()
    assert reports() == [report("child ended", "a", CRASHED, 0, "supervisor ends")]


def test_a_start_that_fails_is_reported_with_what_becomes_of_the_child(directory, trace, reports):
    boot(directory, [ChildSpec("a", Flaky(trace, "a", {2}))])
    with pytest.raises(StartFailed):
        start_child(directory, "hive", ChildSpec("b", Flaky(trace, "b", {1})))
    terminate_child(directory, "hive", "a")
    with pytest.raises(StartFailed):
        restart_child(directory, "hive", "a")
    assert reports() == [
        report("child start failed", "b", "error (RuntimeError: start 1 fails)", 0, "specification dropped"),
        report("child start failed", "a", "error (RuntimeError: start 2 fails)", 0, "stays down"),
    ]


def test_a_start_that_fails_during_a_restart_is_reported_with_the_next_try(directory, trace, reports):
    boot(directory, [ChildSpec("a", Flaky(trace, "a", {2}))])
    directory.tell("a", BOOM)
    settle()
    assert reports() == [
        report("child ended", "a", CRASHED, 1, "restart now"),
        report("child start failed", "a", "error (RuntimeError: start 2 fails)", 2, "restart now"),
    ]


def test_a_supervisor_that_cannot_start_names_the_child_at_fault(directory, trace, reports):
    with pytest.raises(StartFailed):
        boot(directory, [spec(trace, "a"), ChildSpec("b", Flaky(trace, "b", {1}))])
    assert reports() == [
        report("child start failed", "b", "error (RuntimeError: start 1 fails)", 0, "supervisor does not start")
    ]


def test_a_child_that_does_not_stop_in_time_is_reported(directory, trace, clock, reports):
    boot(directory, [spec(trace, "a", IgnoresStop, shutdown=3.0)], clock=clock)
    directory.tell("a", "ignore stops")
    settle()
    directory.tell("hive", TerminateChild("a"))
    clock.advance(3.0)
    assert reports() == [report("child stop failed", "a", "killed (did not stop within 3 s)", 0, "counts as stopped")]


def test_a_reason_stays_on_its_line(directory, trace, reports, caplog):
    boot(directory, [spec(trace, "a")])
    directory.tell("a", ValueError('two\nlines and a "quote"'))
    settle()
    (line,) = [record.getMessage() for record in caplog.records if record.name.endswith(".reports")]
    assert 'reason="error (ValueError: two\\nlines and a \\"quote\\")" restarts=1 next="restart now"' in line

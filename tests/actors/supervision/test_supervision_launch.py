"""Starts that a supervisor does not wait for."""

import pytest
from gevent.event import Event

from actors.supervision import (
    ChildSpec,
    ChildState,
    Directory,
    NotRunning,
    StartFailed,
    Strategy,
    Supervisor,
    SupervisorFlags,
    launch_child,
    settle,
    which_children,
)
from actors.supervision.actor.actor import Actor
from actors.supervision.supervisor.requests import TerminateChild
from tests.waiting import SECONDS, until


class Slow(Actor):
    """Comes up when its gate opens; fails if it was told to."""

    def __init__(self, gate, begun, fails):
        super().__init__()
        self.gate, self.begun, self.fails = gate, begun, fails

    def on_start(self):
        self.begun.append(self.name)
        self.gate.wait()
        if self.fails:
            raise RuntimeError("no")


class Place:
    def __init__(self):
        self.directory, self.gate, self.begun, self.fails = Directory(), Event(), [], False
        self.directory.boot(Supervisor(SupervisorFlags(Strategy.ONE_FOR_ONE), directory=self.directory), "top")

    def spec(self, id_):
        return ChildSpec(id_, lambda: Slow(self.gate, self.begun, self.fails))

    def launch(self, id_):
        return launch_child(self.directory, "top", self.spec(id_))

    def states(self):
        return {one.id: one.state for one in which_children(self.directory, "top")}


@pytest.fixture
def place():
    made = Place()
    yield made
    made.gate.set()
    made.directory.stop("top", SECONDS)


def test_many_children_start_at_the_same_time_and_the_supervisor_answers_meanwhile(place):
    started = [place.launch(id_) for id_ in ("a", "b", "c")]
    until(lambda: len(place.begun) == 3)
    assert set(place.states().values()) == {ChildState.RESTARTING}
    assert not any(one.done for one in started)
    place.gate.set()
    assert [one.get(timeout=SECONDS) for one in started] == ["top/a", "top/b", "top/c"]
    assert set(place.states().values()) == {ChildState.UP}


def test_a_launch_under_way_is_not_doubled(place):
    first, second = place.launch("a"), place.launch("a")
    until(lambda: place.begun)
    place.gate.set()
    assert first.get(timeout=SECONDS) == second.get(timeout=SECONDS)
    assert place.begun == ["top/a"]


def test_a_failed_launch_says_why_and_leaves_what_was_known_before(place):
    place.gate.set()
    place.launch("known").get(timeout=SECONDS)
    place.fails = True
    for id_ in ("new", "known"):
        with pytest.raises(StartFailed, match="no"):
            place.launch(id_).get(timeout=SECONDS)
    assert place.states() == {"known": ChildState.DOWN}


def test_a_child_that_runs_is_replaced(place):
    place.gate.set()
    place.launch("a").get(timeout=SECONDS)
    before = place.directory.actor("top/a")
    place.launch("a").get(timeout=SECONDS)
    assert place.directory.actor("top/a") is not before
    assert before.ended.done


def test_a_child_that_is_terminated_while_it_starts_answers_its_launch_with_a_failure(place):
    launched = place.launch("a")
    until(lambda: place.begun)
    ended = place.directory.ask_later("top", TerminateChild("a"))
    settle()
    place.gate.set()
    ended.get(timeout=SECONDS)
    with pytest.raises(StartFailed):
        launched.get(timeout=SECONDS)
    assert place.states() == {"a": ChildState.DOWN}
    assert place.directory.whereis("top/a") is None


def test_a_launched_child_that_crashes_is_restarted_like_any_other(place):
    place.gate.set()
    place.launch("a").get(timeout=SECONDS)
    place.directory.actor("top/a").kill("by a test")
    until(lambda: len(place.begun) == 2)
    until(lambda: place.states() == {"a": ChildState.UP})


def test_a_supervisor_that_ends_takes_a_starting_child_along(place):
    launched = place.launch("a")
    until(lambda: place.begun)
    place.directory.actor("top").kill("by a test")
    with pytest.raises(NotRunning):
        launched.get(timeout=SECONDS)
    until(lambda: place.directory.whereis("top/a") is None)
    place.directory.boot(Supervisor(directory=place.directory), "top")

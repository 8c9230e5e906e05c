"""Names instead of references."""

import pykka
import pytest
from gevent.event import Event

from actors.supervision import AskTimeout, Down, Exit, ExitKind, NotRunning, settle
from tests.actors.supervision.parts import Expected, Worker, boot, spec
from tests.waiting import SECONDS


@pytest.fixture
def worker(directory):
    actor = Worker([], "w")
    directory.boot(actor, "w")
    return actor


def test_an_unknown_name_is_an_expected_error(directory):
    with pytest.raises(NotRunning, match="nobody is not running") as caught:
        directory.ask("nobody", 1)
    assert (caught.value.expected, caught.value.code) == (True, "unavailable")
    assert directory.tell("nobody", 1) is False
    assert isinstance(directory.ask_later("nobody", 1).error, NotRunning)
    assert directory.whereis("nobody") is None


def test_an_ask_that_takes_too_long_is_an_expected_error(directory, worker):
    gate = Event()
    with pytest.raises(AskTimeout, match="w did not answer within 0.001 s") as caught:
        directory.ask("w", ("block", gate), timeout=0.001)
    assert (caught.value.expected, caught.value.code) == (True, "timeout")
    gate.set()


def test_ask_later_does_not_wait(directory, worker):
    replies = [directory.ask_later("w", number) for number in range(3)]
    assert not replies[0].done
    assert [reply.get(timeout=SECONDS) for reply in replies] == [0, 1, 2]


def test_names_are_in_the_order_of_their_starts_and_go_with_their_actors(directory, worker):
    directory.boot(Worker(), "a")
    assert directory.names() == ["w", "a"]
    directory.stop("w")
    assert directory.names() == ["a"]


def test_whereis_gives_pykkas_reference_for_a_look(directory, worker):
    ref = directory.whereis("w")
    assert isinstance(ref, pykka.ActorRef)
    assert ref.is_alive()


def test_a_name_is_taken_once(directory, worker):
    with pytest.raises(ValueError, match="the name w is taken"):
        directory.boot(Worker(), "w")


def test_children_of_the_root_have_no_prefix_and_deeper_ones_their_path(directory):
    assert directory.child_name("hive", "broker") == "broker"
    assert directory.child_name("agents", "alice") == "agents/alice"
    assert directory.child_name("agents/alice", "container") == "agents/alice/container"


def test_a_watcher_gets_one_down_when_the_watched_actor_ends(directory, worker):
    watcher = Worker()
    directory.boot(watcher, "watcher")
    directory.monitor("w", "watcher")
    directory.monitor("w", "watcher")
    directory.stop("w")
    settle()
    assert watcher.trace == ["+", Down("w", Exit.shutdown("stopped by name"))]


def test_a_watch_on_an_unknown_name_is_answered_at_once(directory, worker):
    directory.monitor("nobody", "w")
    settle()
    assert worker.trace == ["+w", Down("nobody", Exit(ExitKind.NOT_RUNNING))]


def test_a_watch_that_is_withdrawn_tells_nothing(directory, worker):
    watcher = Worker()
    directory.boot(watcher, "watcher")
    directory.monitor("w", "watcher")
    directory.demonitor("w", "watcher")
    directory.demonitor("nobody", "watcher")
    directory.stop("w")
    settle()
    assert watcher.trace == ["+"]


def test_a_restarted_child_is_found_under_its_old_name(directory):
    boot(directory, [spec([], "child")])
    before = directory.actor("child")
    directory.tell("child", ValueError("boom"))
    settle()
    assert directory.actor("child") is not before
    assert directory.ask("child", "hello") == "hello"


def test_stop_waits_for_the_end_and_kills_at_its_deadline(directory, worker):
    directory.tell("w", ("block", Event()))
    settle()
    assert directory.stop("w", 0.001).kind is ExitKind.KILLED


def test_wait_gives_the_end_or_gives_up(directory, worker):
    with pytest.raises(AskTimeout):
        directory.wait("w", 0.001)
    directory.tell("w", Exit.normal("done"))
    assert directory.wait("w", 1) == Exit.normal("done")
    with pytest.raises(NotRunning):
        directory.wait("w")


def test_an_expected_error_crosses_the_directory_unchanged(directory, worker):
    error = Expected("as it was")
    with pytest.raises(Expected) as caught:
        directory.ask("w", error)
    assert caught.value is error

"""One actor on its own: replies, errors, ends."""

import gevent
import pykka
import pytest
from gevent.event import Event

from actors.supervision import (
    Actor,
    ActorCrashed,
    Down,
    Exit,
    ExitKind,
    NotRunning,
    Phase,
    StartFailed,
    Stop,
    living,
    settle,
)
from actors.supervision.actor.phase import TRANSITIONS, IllegalTransition, advance
from tests.actors.supervision.parts import Expected, IgnoresStop, Worker
from tests.waiting import SECONDS


@pytest.fixture
def worker(directory):
    actor = Worker([], "w")
    directory.boot(actor, "w")
    return actor


def test_the_value_of_a_handler_is_the_reply(directory, worker):
    assert directory.ask("w", "hello") == "hello"


def test_an_actor_knows_its_name_and_only_once_it_is_started(directory):
    worker = Worker()
    assert worker.name == ""
    directory.boot(worker, "somebody")
    assert directory.ask("somebody", "name") == "somebody"


def test_it_is_up_when_on_start_has_returned(directory):
    gate = Event()

    class Slow(Actor):
        def on_start(self):
            gate.wait()

    slow = Slow()
    started = directory.launch(slow, "slow")
    settle()
    assert (slow.phase, started.done) == (Phase.STARTING, False)
    gate.set()
    started.get(timeout=SECONDS)
    assert slow.phase is Phase.RUNNING


def test_messages_that_come_during_the_start_are_handled_after_it(directory):
    worker = Worker([], "w")
    directory.launch(worker, "w")
    assert directory.ask("w", "early") == "early"
    assert worker.trace == ["+w", "early"]


def test_a_start_that_raises_fails_with_the_reason_and_leaves_nothing(directory):
    worker = Worker([], "w", start_error=ValueError("no disk"))
    with pytest.raises(StartFailed, match="w did not start: ValueError: no disk") as caught:
        directory.boot(worker, "w")
    assert caught.value.exit.kind is ExitKind.ERROR
    assert worker.trace == ["!w"]
    assert directory.names() == []


def test_an_expected_error_goes_to_the_asker_and_the_actor_lives(directory, worker):
    with pytest.raises(Expected, match="not today"):
        directory.ask("w", Expected("not today"))
    assert directory.ask("w", 1) == 1


def test_an_expected_error_over_a_tell_is_logged_and_the_actor_lives(directory, worker, caplog):
    directory.tell("w", Expected("not today"))
    assert directory.ask("w", 1) == 1
    assert "refused name=w message=Expected error=not today" in caplog.text


@pytest.mark.parametrize(
    "error",
    [ValueError("boom"), SystemExit(3), KeyboardInterrupt(), gevent.Timeout(1), BaseException("odd")],
    ids=lambda error: type(error).__name__,
)
def test_any_other_exception_ends_this_actor_and_no_other(directory, worker, error):
    bystander = Worker([], "b")
    directory.boot(bystander, "b")
    with pytest.raises(ActorCrashed, match="w crashed"):
        directory.ask("w", error)
    assert worker.ended.get(timeout=SECONDS).kind is ExitKind.ERROR
    assert worker.trace == ["+w", "!w"]
    assert directory.ask("b", "still here") == "still here"


def test_a_greenlet_exit_in_a_handler_is_a_kill(directory, worker):
    with pytest.raises(ActorCrashed):
        directory.ask("w", gevent.GreenletExit())
    assert worker.ended.get(timeout=SECONDS).kind is ExitKind.KILLED


def test_a_crash_is_logged_with_name_message_and_traceback(directory, worker, caplog):
    directory.tell("w", ValueError("boom"))
    worker.ended.get(timeout=SECONDS)
    assert "crashed name=w phase=running message=ValueError exit=error (ValueError: boom)" in caplog.text
    assert "Traceback" in caplog.text


def test_an_end_that_is_a_fact_about_something_outside_is_left_to_the_report_of_the_supervisor(
    directory, worker, caplog
):
    caplog.set_level("DEBUG")
    fact = ValueError("the container has ended")
    fact.outside = True
    directory.tell("w", fact)
    assert worker.ended.get(timeout=SECONDS).kind is ExitKind.ERROR
    (record,) = [one for one in caplog.records if "ended name=w" in one.message or "crashed name=w" in one.message]
    assert (record.levelname, record.exc_info) == ("DEBUG", None)
    assert record.message.startswith("ended name=w phase=running message=ValueError exit=error")


def test_an_end_keeps_no_frames_alive(directory, worker):
    directory.tell("w", ValueError("boom"))
    assert worker.ended.get(timeout=SECONDS).error.__traceback__ is None


def test_an_orderly_end_runs_on_stop_after_the_reply(directory, worker):
    reply = directory.ask_later("w", Exit.normal("done"))
    assert worker.ended.get(timeout=SECONDS) == Exit.normal("done")
    assert reply.get() is None
    assert worker.trace == ["+w", "-w"]


def test_an_on_stop_that_raises_is_a_crash(directory):
    class Sore(Worker):
        def on_stop(self):
            raise RuntimeError("cannot release it")

    sore = Sore([], "s")
    directory.boot(sore, "s")
    assert directory.stop("s").detail == "RuntimeError: cannot release it"
    assert sore.trace == ["+s", "!s"]


def test_an_on_crash_that_raises_does_not_hide_the_end(directory, caplog):
    class Sore(Worker):
        def on_crash(self, exit_reason):
            raise RuntimeError("again")

    sore = Sore()
    directory.boot(sore, "s")
    directory.tell("s", ValueError("first"))
    assert sore.ended.get(timeout=SECONDS).detail == "ValueError: first"
    assert "on_crash failed name=s" in caplog.text


def test_a_stop_overtakes_what_waits_and_the_rest_is_refused(directory, worker):
    gate = Event()
    directory.tell("w", ("block", gate))
    settle()
    waiting = directory.ask_later("w", "later")
    directory.tell("w", Stop(Exit.shutdown()))
    gate.set()
    with pytest.raises(NotRunning):
        waiting.get(timeout=SECONDS)
    assert worker.trace == ["+w", "-w"]


def test_system_messages_overtake_ordinary_ones_and_keep_their_order(directory, worker):
    gate = Event()
    directory.tell("w", ("block", gate))
    settle()
    news = [Down("a", Exit.normal()), Down("b", Exit.normal())]
    for message in ("one", news[0], "two", news[1]):
        directory.tell("w", message)
    gate.set()
    settle()
    assert worker.trace == ["+w", *news, "one", "two"]


def test_a_killed_actor_ends_in_the_middle_of_its_handler(directory, worker):
    reply = directory.ask_later("w", ("block", Event()))
    settle()
    worker.kill("enough")
    assert worker.ended.get(timeout=SECONDS) == Exit.killed("enough")
    with pytest.raises(ActorCrashed):
        reply.get()
    assert worker.trace == ["+w", "xw"]


def test_an_actor_killed_before_its_first_turn_has_an_end_too(directory):
    worker = Worker([], "w")
    started = directory.launch(worker, "w")
    worker.kill("at once")
    assert worker.ended.get(timeout=SECONDS).kind is ExitKind.KILLED
    with pytest.raises(StartFailed):
        started.get()
    assert directory.names() == []


def test_a_greenlet_that_swallows_some_kills_is_killed_again_and_leaves_no_timer(directory, clock):
    stubborn = IgnoresStop([], "d", lives=1, clock=clock)
    directory.boot(stubborn, "d")
    directory.tell("d", "sleep")
    settle()
    stubborn.kill()
    settle()
    assert not stubborn.ended.done
    clock.advance(0.25)
    assert stubborn.ended.get(timeout=SECONDS).kind is ExitKind.KILLED
    assert clock.pending == 0


def test_a_greenlet_that_swallows_every_kill_is_abandoned_and_logged(directory, clock, caplog):
    stubborn = IgnoresStop([], "d", lives=4, clock=clock)
    directory.boot(stubborn, "d")
    directory.tell("d", "sleep")
    settle()
    stubborn.kill()
    clock.advance(1)
    assert stubborn.ended.get(timeout=SECONDS).detail == "abandoned: its greenlet swallows every kill"
    assert "abandoned name=d" in caplog.text
    assert directory.names() == []
    stubborn._greenlet.kill()
    assert stubborn.trace == ["+d"], "an actor that was declared ended does not clean up any more"


def test_unkept_promises_fail_when_the_actor_ends(directory):
    class Later(Worker):
        def handle(self, message):
            return self.promise() if message == "later" else super().handle(message)

    directory.boot(Later(), "l")
    reply = directory.ask_later("l", "later")
    settle()
    assert not reply.done
    directory.stop("l")
    with pytest.raises(NotRunning, match="l is not running"):
        reply.get()


def test_a_deferred_reply_arrives_when_it_is_given_and_others_are_served_meanwhile(directory):
    class Clerk(Worker):
        def handle(self, message):
            if message == "later":
                self.owed = self.promise()
                return self.owed
            self.owed.set(message)
            return None

    directory.boot(Clerk(), "c")
    reply = directory.ask_later("c", "later")
    directory.ask("c", "now")
    assert reply.get(timeout=SECONDS) == "now"


def test_timers_tell_the_actor_by_its_own_clock(directory, clock):
    class Ticking(Worker):
        def on_start(self):
            self.first = self.tell_after(10, "ten")
            self.tell_after(20, "twenty")

    actor = Ticking([], clock=clock)
    directory.boot(actor, "t")
    clock.advance(10)
    assert actor.trace == ["ten"]
    actor.first.cancel()
    clock.advance(10)
    assert actor.trace == ["ten", "twenty"]


def test_a_cancelled_timer_tells_nothing_and_all_end_with_the_actor(directory, clock):
    class Ticking(Worker):
        def on_start(self):
            self.tell_after(10, "ten").cancel()
            self.tell_after(20, "twenty")

    actor = Ticking([], clock=clock)
    directory.boot(actor, "t")
    clock.advance(10)
    assert (actor.trace, clock.pending) == ([], 1)
    directory.stop("t")
    assert clock.pending == 0


def test_an_actor_that_tells_itself_for_ever_does_not_starve_the_others(directory):
    class Busy(Worker):
        def handle(self, message):
            self.tell_self(message)

    directory.boot(Busy(), "busy")
    directory.boot(Worker(), "w")
    directory.tell("busy", "round and round")
    assert directory.ask("w", "hello", timeout=1) == "hello"
    assert directory.stop("busy").kind is ExitKind.SHUTDOWN


def test_an_onlooker_sees_what_a_stuck_actor_does_by_the_actors_clock(directory, clock):
    gate, worker = Event(), Worker(clock=clock)
    directory.boot(worker, "w")
    clock.advance(1)
    directory.ask("w", "one")
    directory.tell("w", ("block", gate))
    clock.advance(2)
    directory.tell("w", "waits")
    clock.advance(4)
    vitals = worker.vitals()
    assert (vitals.state, vitals.current, vitals.handled, vitals.mailbox) == ("running", "tuple", 1, 1)
    assert (vitals.busy_seconds, vitals.oldest_seconds, vitals.uptime_seconds) == (6, 4, 7)
    gate.set()
    settle()
    idle = worker.vitals()
    assert (idle.current, idle.busy_seconds, idle.oldest_seconds, idle.mailbox) == (None, None, None, 0)


def test_pykkas_own_start_and_stop_work():
    ref = Worker.start([], "w")
    assert ref.ask("hello") == "hello"
    with pytest.raises(pykka.Timeout):
        ref.ask(("block", Event()), timeout=0.01)
    ref._actor_weakref().kill()
    settle()
    assert not ref.is_alive()
    other = Worker.start([], "w")
    assert other.stop() is True
    assert other.stop() is False
    assert pykka.ActorRegistry.get_all() == []


def test_an_actor_that_handles_nothing_says_so(directory, caplog):
    directory.boot(Actor(), "a")
    assert directory.ask("a", "what?") is None
    assert "unexpected message name=a message=str" in caplog.text


def test_every_actor_is_listed_as_living_until_its_end(directory, worker):
    assert worker in living()
    directory.stop("w")
    assert worker not in living()


@pytest.mark.parametrize("old", Phase)
@pytest.mark.parametrize("new", Phase)
def test_a_phase_follows_only_as_the_table_says(old, new):
    if new in TRANSITIONS[old]:
        assert advance(old, new) is new
    else:
        with pytest.raises(IllegalTransition, match=f"{new} cannot follow {old}"):
            advance(old, new)

"""Promises: resolved once, waited for by many."""

import gevent
import pykka
import pytest
from gevent.event import Event

from actors.supervision import Promise, resolved, settle
from tests.waiting import SECONDS


def test_every_waiting_greenlet_gets_the_value():
    promise = Promise()
    waiting = [gevent.spawn(promise.get) for _ in range(3)]
    settle()
    promise.set(7)
    gevent.joinall(waiting, timeout=SECONDS)
    assert [one.value for one in waiting] == [7, 7, 7]


def test_an_error_is_raised_by_get():
    promise = Promise()
    promise.fail(KeyError("gone"))
    with pytest.raises(KeyError):
        promise.get()
    assert isinstance(promise.error, KeyError)


def test_the_first_word_counts():
    promise = Promise()
    promise.set(1)
    promise.set(2)
    promise.fail(ValueError())
    assert (promise.get(), promise.error, promise.done) == (1, None, True)


def test_get_gives_up_after_its_timeout_and_the_promise_can_still_be_kept():
    promise = Promise()
    with pytest.raises(pykka.Timeout):
        promise.get(timeout=0.001)
    promise.set("late")
    assert promise.get(timeout=0) == "late"


def test_wait_says_whether_it_was_resolved():
    promise = Promise()
    assert promise.wait(0) is False
    promise.fail(ValueError())
    assert promise.wait(0) is True


def test_a_waiter_that_is_killed_is_forgotten():
    promise = Promise()
    waiting = gevent.spawn(promise.get)
    settle()
    waiting.kill()
    assert promise._waiters == []


def test_callbacks_come_in_order_and_at_once_when_it_is_late_for_them():
    promise, seen = Promise(), []
    promise.then(lambda kept: seen.append(("first", kept.get())))
    promise.then(lambda _kept: seen.append("second"))
    promise.set(1)
    promise.then(lambda _kept: seen.append("third"))
    assert seen == [("first", 1), "second", "third"]


def test_map_passes_the_value_through_a_function_and_errors_past_it():
    good, bad, odd = Promise(), Promise(), Promise()
    doubled = [promise.map(lambda value: 10 // value) for promise in (good, bad, odd)]
    good.set(5)
    bad.fail(KeyError("gone"))
    odd.set(0)
    assert doubled[0].get() == 2
    assert isinstance(doubled[1].error, KeyError)
    assert isinstance(doubled[2].error, ZeroDivisionError)


def test_forward_hands_the_outcome_to_another_one():
    sources, targets = [Promise(), Promise()], [Promise(), Promise()]
    for source, target in zip(sources, targets, strict=True):
        source.forward(target)
    sources[0].set(1)
    sources[1].fail(KeyError("gone"))
    assert targets[0].get() == 1
    assert isinstance(targets[1].error, KeyError)


def test_a_native_thread_resolves_through_the_loop():
    promise = Promise()
    loop = gevent.get_hub().loop
    pool = gevent.get_hub().threadpool
    pool.apply(lambda: loop.run_callback_threadsafe(promise.set, "from a thread"))
    assert promise.get(timeout=SECONDS) == "from a thread"


def test_set_exception_is_pykkas_word_for_fail():
    given, bare = Promise(), Promise()
    given.set_exception((KeyError, KeyError("gone"), None))
    bare.set_exception()
    assert isinstance(given.error, KeyError)
    assert isinstance(bare.error, RuntimeError)


def test_its_state_is_in_its_repr():
    waiting, failed = Promise(), Promise()
    failed.fail(ValueError())
    assert [repr(one) for one in (waiting, failed, resolved(1))] == [
        "<Promise waiting>",
        "<Promise failed>",
        "<Promise set>",
    ]


def test_a_waiter_woken_at_its_deadline_does_not_disturb_the_next_wait():
    promise, gate = Promise(), Event()

    def wait_twice():
        promise.wait(0)
        return gate.wait(timeout=SECONDS)

    waiting = gevent.spawn(wait_twice)
    settle()
    promise.set(1)
    gate.set()
    assert waiting.get(timeout=SECONDS) is True

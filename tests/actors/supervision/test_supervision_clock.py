"""Clocks: the machine's and the one that is moved by hand."""

import time
from pathlib import Path

import gevent
import pytest
from gevent.event import Event

from actors.supervision import FakeClock, SystemClock
from tests.waiting import SECONDS


def later(seconds):
    """When a timer set after all the others has fired, which is due after them as well."""
    fired = Event()
    SystemClock().call_later(seconds, fired.set)
    assert fired.wait(timeout=SECONDS)


def test_the_system_clock_tells_utc_milliseconds_and_growing_seconds():
    clock = SystemClock()
    assert abs(clock.now_ms() - time.time() * 1000) < 1000
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.parametrize("seconds", [0, -1, 0.002])
def test_a_system_timer_fires_once(seconds):
    fired, seen = Event(), []

    def fire():
        seen.append(1)
        fired.set()

    SystemClock().call_later(seconds, fire)
    assert fired.wait(timeout=SECONDS)
    later(0.005)
    assert seen == [1]


def test_a_system_timer_does_not_fire_early_after_a_long_computation():
    clock, fired, at = SystemClock(), Event(), []
    gevent.sleep(0)
    busy_until = time.monotonic() + 0.03
    while time.monotonic() < busy_until:
        pass
    began = time.monotonic()
    clock.call_later(0.02, lambda: (at.append(time.monotonic()), fired.set()))
    assert fired.wait(timeout=SECONDS)
    assert at[0] - began >= 0.015


def test_a_cancelled_system_timer_does_not_fire_and_may_be_cancelled_again():
    seen = []
    timer = SystemClock().call_later(0.001, lambda: seen.append(1))
    timer.cancel()
    timer.cancel()
    later(0.005)
    assert seen == []


def test_time_stands_still_until_it_is_moved():
    clock = FakeClock(start_ms=5_000)
    assert (clock.now_ms(), clock.monotonic()) == (5_000, 0.0)
    clock.advance(1.5)
    assert (clock.now_ms(), clock.monotonic()) == (6_500, 1.5)


def test_timers_fire_in_the_order_in_which_they_fall_due_each_at_its_moment():
    clock, seen = FakeClock(), []
    for seconds, label in [(3, "c"), (1, "a"), (3, "d"), (2, "b"), (9, "never")]:
        clock.call_later(seconds, lambda label=label: seen.append((label, clock.monotonic())))
    clock.advance(5)
    assert seen == [("a", 1), ("b", 2), ("c", 3), ("d", 3)]
    assert (clock.pending, clock.next_due()) == (1, 4)


def test_a_timer_set_by_a_timer_fires_in_the_same_move_when_it_is_due():
    clock, seen = FakeClock(), []

    def again():
        seen.append(clock.monotonic())
        if len(seen) < 10:
            clock.call_later(1, again)

    clock.call_later(1, again)
    clock.advance(3)
    assert seen == [1, 2, 3]


def test_a_cancelled_timer_is_gone():
    clock, seen = FakeClock(), []
    clock.call_later(1, lambda: seen.append(1)).cancel()
    assert (clock.pending, clock.next_due()) == (0, None)
    clock.advance(2)
    assert seen == []


def test_the_wall_clock_can_jump_without_intervals_noticing():
    clock = FakeClock()
    clock.advance(10)
    clock.set_wall(1_000)
    clock.advance(1)
    assert (clock.now_ms(), clock.monotonic()) == (2_000, 11)


def test_the_machines_clocks_are_the_kernels_which_every_daemon_of_a_boot_reads_alike():
    one, other = SystemClock(), SystemClock()
    assert one.boot() == other.boot() == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    assert before * 1000 - 1 <= one.running_ms() <= other.running_ms()
    assert one.elapsed() >= before


def test_a_sleep_moves_the_wall_clock_and_elapsed_time_and_no_timer():
    clock, fired = FakeClock(), []
    clock.call_later(10, lambda: fired.append(clock.monotonic()))
    began, running = clock.now_ms(), clock.running_ms()
    clock.suspend(3600)
    assert (clock.now_ms() - began, clock.elapsed(), clock.running_ms() - running) == (3_600_000, 3600.0, 0)
    clock.advance(9)
    assert fired == []
    clock.advance(1)
    assert fired == [10.0]

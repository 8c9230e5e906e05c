"""The pause of a harness, by a clock that a test moves."""

import asyncio

from harness.clock import elapsed_ms, now_ms, running_ms
from harness.turns.pause import wait_elapsed

HOUR_MS = 3_600_000


def test_a_pause_of_an_hour_ends_when_the_machine_wakes_after_eight():
    readings = iter([0, 1, 8 * HOUR_MS])
    asyncio.run(wait_elapsed(asyncio.Event(), 3600.0, lambda: next(readings), look=0.001))
    assert list(readings) == []


def test_a_pause_ends_with_its_event_and_goes_on_until_its_time():
    async def play():
        event = asyncio.Event()
        looks = []

        def clock():
            looks.append(len(looks))
            if len(looks) == 5:
                event.set()
            return 0

        await wait_elapsed(event, 3600.0, clock, look=0.001)
        return looks

    assert len(asyncio.run(play())) == 5


def test_elapsed_time_is_running_time_and_what_the_machine_slept():
    assert elapsed_ms() >= running_ms() - 1
    assert now_ms() > 1_700_000_000_000

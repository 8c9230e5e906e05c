"""A pause that ends in time also when the machine sleeps meanwhile: what it waits for goes on elsewhere."""

import asyncio
import contextlib

from harness.clock import Clock

LOOK_SECONDS = 30.0
"""asyncio's timers stand still while the machine sleeps; the clock is looked at again after so much running time."""


async def wait_elapsed(event: asyncio.Event, seconds: float, elapsed_ms: Clock, *, look: float = LOOK_SECONDS) -> None:
    """Wait for the event, for so much elapsed time at most."""
    end_ms = elapsed_ms() + seconds * 1000
    while not event.is_set() and (left_ms := end_ms - elapsed_ms()) > 0:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), min(left_ms / 1000, look))

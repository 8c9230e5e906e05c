"""What the supervision tests share: a directory, empty again after each test."""

import gevent
import pytest

from actors.supervision import Directory, FakeClock, living
from tests.waiting import SECONDS


@pytest.fixture
def directory():
    """Names of one test; actors that still run at its end are killed."""
    made = Directory()
    yield made
    # The root last: a supervisor would start its children again.
    for name in sorted(made.names(), key=lambda name: name != made.root):
        actor = made.actor(name)
        if actor is not None:
            actor.kill("the test is over")
            actor.ended.get(timeout=SECONDS)
    with gevent.Timeout(SECONDS):
        while living():
            gevent.sleep(0)


@pytest.fixture
def clock():
    return FakeClock()
